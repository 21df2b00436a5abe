// The commands of a shell. Exit codes: 0 done, 1 failed, 2 an argument is wrong, 130 stopped by Ctrl-C (a run is saved then).
import {
  parseEvaluateArguments,
  parseExportArguments,
  parseGenerateArguments,
  parseJudgeArguments,
  parseSnapshotArguments,
  parseTrainArguments,
} from './arguments';
import { evaluate, evaluationTable } from './evaluate';
import { exportRun } from './export';
import { generateText } from './generate';
import { judge } from './judge';
import { nodePlatform, type Places } from './nodePlatform';
import { shelve } from './shelve';
import { trainCommand, type Console } from './train';
import { troubleOf } from './trouble';

const STOPPED = 130;

type Command = (argv: readonly string[], places: Places) => Promise<number>;

const COMMANDS: Readonly<Record<string, Command>> = {
  train: async (argv, places) => {
    const options = parseTrainArguments(argv);
    let stopped = false;
    const stop = (): void => {
      stopped = true;
      process.stderr.write('\nStopping after this step; once more to stop at once, without saving.\n');
    };
    process.once('SIGINT', stop).once('SIGTERM', stop);
    try {
      const isDone = await trainCommand(options, nodePlatform(places), terminal(), () => stopped);
      return isDone ? 0 : STOPPED;
    } finally {
      process.off('SIGINT', stop).off('SIGTERM', stop);
    }
  },
  evaluate: async (argv, places) => {
    const options = parseEvaluateArguments(argv);
    const evaluation = await evaluate(options, nodePlatform(places));
    process.stdout.write(`${options.json ? JSON.stringify(evaluation) : evaluationTable(evaluation)}\n`);
    return 0;
  },
  judge: async (argv, places) => {
    const judgement = await judge(parseJudgeArguments(argv), nodePlatform(places));
    process.stdout.write(`${JSON.stringify(judgement, null, 2)}\n`);
    return 0;
  },
  snapshot: async (argv, places) => {
    const options = parseSnapshotArguments(argv);
    const { step, nats, bytes } = await shelve(options, nodePlatform(places));
    process.stderr.write(`step ${step}, ${nats.toFixed(3)} nats a token: ${(bytes / 1e6).toFixed(1)} MB in ${options.into}\n`);
    return 0;
  },
  export: async (argv, places) => {
    const options = parseExportArguments(argv);
    const { name, step, bytes, nonFinite } = await exportRun(options, nodePlatform(places));
    const warning = nonFinite > 0 ? `; ${nonFinite} weights are no finite numbers` : '';
    process.stderr.write(
      `${name}, step ${step}: ${(bytes / 1e6).toFixed(1)} MB as ${options.dtype} in ${options.out}${warning}\n`,
    );
    return 0;
  },
  generate: async (argv, places) => {
    const options = parseGenerateArguments(argv);
    for await (const piece of generateText(options, nodePlatform(places))) process.stdout.write(piece);
    process.stdout.write('\n');
    return 0;
  },
};

/** Runs `command` and says what went wrong. @returns the exit code */
export async function main(command: string, argv: readonly string[], places: Places): Promise<number> {
  try {
    return await COMMANDS[command]!(argv, places);
  } catch (thrown) {
    const trouble = troubleOf(thrown);
    if (!trouble) throw thrown;
    process.stderr.write(`${trouble.message}\n`);
    return trouble.exitCode;
  }
}

/** On a terminal the newest progress stands in one line that is written over; elsewhere only lines that stay are written. */
function terminal(): Console {
  const { stderr } = process;
  const clear = stderr.isTTY ? '\r\x1b[K' : '';
  return {
    say: (line) => void stderr.write(`${clear}${line}\n`),
    show: (line) => void (stderr.isTTY && stderr.write(`${clear}${line}`)),
  };
}
