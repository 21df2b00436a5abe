// The bench: measures the rows asked for, one after the other, and says what came out.
import { measureGeneration, measureRow, measureScaling, type Amount } from './measure';
import type { Host } from './hosts/nodeHost';
import { markdown, type Results } from './report';
import { reaches, ROWS } from './rows';
import { AXES, type Axis } from './workloads';

export { asked } from './hosts/asked';
export { nodeHost } from './hosts/nodeHost';
export { markdown };

export interface Wish {
  /** Rows and axes by id (axes as `scaling-width` …); empty means all that this host can run. */
  readonly ids: readonly string[];
  readonly where: 'node' | 'browser';
  readonly amount: Amount;
  readonly say: (line: string) => void;
}

/** How loosely a guard holds the rows to what is asked of them. */
const GUARD_SLACK = 2;
/** Rows of the guard, each with steps enough to be steady and few enough to be quick. */
const GUARD_ROWS = ['dense', 'small', 'experts', 'wide'];

const axisId = (axis: Axis): string => `scaling-${axis}`;
const GENERATION = 'generation';
export const ALL_IDS: readonly string[] = [...ROWS.map(({ id }) => id), GENERATION, ...AXES.map(axisId)];

/** Measures; throws if an id is unknown or a contestant fails. */
export async function bench(
  host: Host,
  { ids, where, amount, say }: Wish,
): Promise<Pick<Results, 'rows' | 'generation' | 'scaling'>> {
  const unknown = ids.find((id) => !ALL_IDS.includes(id));
  if (unknown) throw new Error(`no row ${unknown}; there are ${ALL_IDS.join(', ')}`);
  const wanted = (id: string) => ids.length === 0 || ids.includes(id);
  const rows = [];
  const scaling = [];
  for (const row of ROWS.filter(({ id, needs }) => wanted(id) && (needs === 'either' || needs === where))) {
    say(`${row.id}: ${row.title}`);
    const result = await measureRow(row, host, amount);
    const { left, right, ratio, reached, faults } = result;
    say(
      `  ${left.name} ${left.medianMs.toFixed(1)} ms, ${right.name} ${right.medianMs.toFixed(1)} ms, ratio ${ratio.toFixed(2)}: ${reached ? 'reached' : 'not reached'}`,
    );
    for (const fault of faults) say(`  ${fault}`);
    rows.push(result);
  }
  let generation = null;
  if (wanted(GENERATION)) {
    say('generation: preset default, WASM');
    generation = await measureGeneration(host, amount);
    const { tokensPerSecond, lateRatio, reached } = generation;
    say(
      `  ${tokensPerSecond.toFixed(0)} tokens/s, p95 last quarter / first ${lateRatio.toFixed(2)}: ${reached ? 'reached' : 'not reached'}`,
    );
  }
  for (const axis of AXES.filter((name) => wanted(axisId(name)))) {
    say(`${axisId(axis)}: tokens/s as ${axis} grows`);
    const result = await measureScaling(axis, host, amount);
    say(`  exponent ${result.exponent.toFixed(2)}, of the arithmetic ${result.arithmeticExponent.toFixed(2)}`);
    scaling.push(result);
  }
  return { rows, generation, scaling };
}

/** What is wrong with `results` even when half of each ratio is enough. */
export function guardFaults({ rows }: Pick<Results, 'rows'>): string[] {
  return rows.flatMap(({ id, ratio, faults }) => {
    const row = ROWS.find((one) => one.id === id)!;
    const late = reaches(row, ratio, GUARD_SLACK)
      ? []
      : [`the ratio is ${ratio.toFixed(2)}, which is not even half of what is asked`];
    return [...late, ...faults].map((fault) => `${id}: ${fault}`);
  });
}

/**
 * Measures the rows of the guard; those that fall short are measured once more with twice the rounds, for something else may have run.
 * @returns what is wrong with them even when half of each ratio is enough
 */
export async function guard(host: Host, wish: Omit<Wish, 'ids'>): Promise<string[]> {
  const { rows } = await bench(host, { ...wish, ids: GUARD_ROWS });
  const short = rows.filter((row) => guardFaults({ rows: [row] }).length > 0).map(({ id }) => id);
  if (short.length === 0) return [];
  wish.say(`once more, for twice as long: ${short.join(', ')}`);
  const amount = { ...wish.amount, rounds: 2 * wish.amount.rounds };
  return guardFaults(await bench(host, { ...wish, ids: short, amount }));
}
