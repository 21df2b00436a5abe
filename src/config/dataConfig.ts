// Which text a run learns from.

export interface DataConfig {
  /** Domains to draw from (see data/corpus); empty means all that are there. */
  readonly domains: readonly string[];
  /** Share of training tokens drawn from Chinese documents, 0 to 1; the rest is English. dots.llm1: 0.5. */
  readonly chineseShare: number;
}
