// The table a person reads, in Markdown; the same results are written as JSON beside it.
import type { GenerationResult, RowResult, ScalingResult, Times } from './measure';

export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGiB: number;
  /** E.g. `Node 20.20.2`, or the browser's name and version. */
  readonly runtime: string;
  readonly commit: string;
  readonly date: string;
  /** Load average over the minute before the first row: above the number of idle cores, the times below are upper bounds. */
  readonly loadBefore: number;
}

export interface Results {
  readonly machine: Machine;
  readonly peers: Readonly<Record<string, string>>;
  readonly rows: readonly RowResult[];
  readonly generation: GenerationResult | null;
  readonly scaling: readonly ScalingResult[];
}

/** Three figures that count. */
function figures(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en');
  return String(Number(value.toPrecision(3)));
}

const reachWords = (reach: RowResult['reach']): string => ('atLeast' in reach ? `≥ ${reach.atLeast}` : `≤ ${reach.atMost}`);

function timesCell({ name, firstStepMs, minMs, medianMs, parts, tokensPerSecond }: Times): string {
  const told = parts
    ? `, forward ${figures(parts.forward)}, backward ${figures(parts.backward)}, optimizer ${figures(parts.optimizer)}`
    : '';
  return `${name}: ${figures(minMs)} / ${figures(medianMs)} ms (${figures(tokensPerSecond)} tokens/s, first ${figures(firstStepMs)}${told})`;
}

const table = (head: readonly string[], lines: readonly (readonly string[])[]): string[] =>
  [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`);

function rowLine({ title, left, right, ratio, ratioRange, reach, reached, lossGap }: RowResult): string[] {
  const [least, most] = ratioRange;
  return [
    title,
    timesCell(left),
    timesCell(right),
    `**${figures(ratio)}** (${figures(least)}–${figures(most)})`,
    reachWords(reach),
    reached ? 'yes' : 'no',
    lossGap === null ? '–' : lossGap.toExponential(1),
  ];
}

function generationLines({
  backend,
  tokensPerSecond,
  quarters,
  lateRatio,
  lateRatioRange,
  reached,
  texts,
}: GenerationResult): string[] {
  const cells = quarters.map(({ medianMs, p95Ms }) => `${figures(medianMs)} / ${figures(p95Ms)}`);
  const [least, most] = lateRatioRange;
  return table(
    [
      'ms a token, median / p95, preset `default`',
      ...quarters.map((_, i) => `quarter ${i + 1} of the context`),
      'tokens/s',
      'p95 last / first',
      'reached',
    ],
    [
      [
        `${backend}, ${texts} texts`,
        ...cells,
        figures(tokensPerSecond),
        `**${figures(lateRatio)}** (${figures(least)}–${figures(most)})`,
        reached ? 'yes' : 'no',
      ],
    ],
  );
}

/** The results as a Markdown page. */
export function markdown({ machine, peers, rows, generation, scaling }: Results): string {
  const { processor, cores, memoryGiB, runtime, commit, date, loadBefore } = machine;
  const lines = [
    '# Bench',
    '',
    `${date}, commit ${commit}. ${processor}, ${cores} cores, ${figures(memoryGiB)} GiB, ${runtime}; load before ${figures(loadBefore)}. ` +
      `Peers: ${Object.entries(peers)
        .map(([name, version]) => `${name} ${version}`)
        .join(', ')}.`,
    '',
    `Contestants take turns; times are minimum / median over rounds in ms, with the very first step and, where they can be told, the medians of the phases (all workers together), ratios the median of each round's own (and its range). Made by \`npm run bench\`.`,
  ];
  if (rows.length > 0) {
    const head = ['what', 'left', 'right', 'ratio', 'reach', 'reached', 'largest gap of the first losses'];
    lines.push('', ...table(head, rows.map(rowLine)));
  }
  const faults = rows.flatMap(({ id, faults: found }) => found.map((fault) => `- ${id}: ${fault}`));
  if (faults.length > 0) lines.push('', 'Faults:', '', ...faults);
  if (generation) lines.push('', ...generationLines(generation));
  if (scaling.length > 0) {
    const head = ['tokens/s as it grows', '×1', '×2', '×4', '×8', 'exponent', 'without the optimizer', 'of the arithmetic'];
    const cells = scaling.map(({ axis, sizes, tokensPerSecond, exponent, passesExponent, arithmeticExponent }) => [
      `${axis} (${sizes.join(', ')})`,
      ...tokensPerSecond.map(figures),
      exponent.toFixed(2),
      passesExponent.toFixed(2),
      arithmeticExponent.toFixed(2),
    ]);
    lines.push('', ...table(head, cells));
  }
  return `${lines.join('\n')}\n`;
}
