// A worker with a tensor library of its own that computes shards for the engine. It keeps nothing but the run it is open for.
import { moeLayerCount, type ModelConfig } from '../config/modelConfig';
import type { RunConfig } from '../config/trainConfig';
import { Laps } from '../core/stepTrace';
import { startBackend } from '../kernels/backends';
import { dispose, floatTensor, peek, type Tensor } from '../kernels/tensor';
import { elementsOf, parameterSpecs } from '../model/parameters';
import { plainRouterInputs } from '../model/routing';
import type { Positions } from '../model/selfAttention';
import { positionsFor } from '../model/transformer';
import { runShard } from '../training/shard';
import { packShard } from '../training/shardRecord';
import { rehearse } from './rehearse';
import type { FromHelper, ToHelper } from './shardMessages';

export interface HelperSide {
  post(message: FromHelper, transfer: ArrayBuffer[]): void;
  readonly wasmPath: string | undefined;
  /** The clock of `Platform`. */
  clock(): number;
}

type StepMessage = Extract<ToHelper, { type: 'step' }>;

/** What comes next waits for its turn in any case. */
const NEVER = new AbortController().signal;

interface OpenRun {
  readonly config: RunConfig;
  readonly parameters: readonly Tensor[];
  readonly positions: Positions;
}

/** @returns what takes the engine's messages, one after the other */
export function createShardHelper({ post, wasmPath, clock }: HelperSide): (message: ToHelper) => void {
  let open: OpenRun | null = null;
  let turn: Promise<void> = Promise.resolve();

  const handle = async (message: ToHelper): Promise<void> => {
    if (message.type === 'open') {
      if (!open) await startWasm(wasmPath);
      else closeRun(open);
      open = null;
      await rehearse(message.config, { signal: NEVER, breathe: () => Promise.resolve() });
      open = openRun(message.config);
      post({ type: 'open', run: message.run }, []);
    } else if (open) {
      computeShards(open, message, post, message.isTraced ? new Laps(clock) : undefined);
      const { step, parameters } = message;
      post({ type: 'done', step, parameters }, [parameters.buffer as ArrayBuffer]);
    }
  };
  return (message) => {
    turn = turn
      .then(() => handle(message))
      .catch((thrown: unknown) =>
        post({ type: 'failed', detail: thrown instanceof Error ? thrown.message : String(thrown) }, []),
      );
  };
}

async function startWasm(wasmPath: string | undefined): Promise<void> {
  const started = await startBackend('wasm', { wasmPath });
  if (!started.ok || started.value.backend !== 'wasm') throw new Error(`no WASM backend: ${JSON.stringify(started)}`);
}

function openRun(config: RunConfig): OpenRun {
  const { model, train } = config;
  return {
    config,
    parameters: parameterSpecs(model).map(({ shape }) => floatTensor(new Float32Array(elementsOf(shape)), [...shape])),
    positions: positionsFor(model, train.batchSize / train.shards, train.sequenceLength),
  };
}

function closeRun({ parameters, positions }: OpenRun): void {
  dispose([...parameters, positions.cos, positions.sin, positions.unitHead]);
}

function computeShards(
  { config, parameters, positions }: OpenRun,
  message: StepMessage,
  post: HelperSide['post'],
  laps: Laps | undefined,
): void {
  const { model, train } = config;
  let at = 0;
  for (const tensor of parameters) peek(tensor).set(message.parameters.subarray(at, (at += tensor.size)));
  const given = routersOf(model, message.choiceOffsets);
  laps?.end('copy');
  try {
    for (const { shard, ids, record } of message.tasks) {
      const task = {
        ids,
        sequences: train.batchSize / train.shards,
        length: train.sequenceLength,
        portion: 1 / train.shards,
        sequenceLossWeight: message.sequenceLossWeight,
      };
      const work = [task, parameters, given.routers, positions, model] as const;
      packShard(runShard(work, laps && { of: laps, shard }), record);
      laps?.end('copy', shard);
      const { step } = message;
      post({ type: 'shard', step, shard, record, laps: laps?.take() ?? [] }, [record.buffer as ArrayBuffer]);
    }
  } finally {
    dispose(given.tensors);
  }
}

function routersOf(model: ModelConfig, offsets: Float32Array) {
  const E = model.nRoutedExperts;
  const choiceOffsets = Array.from({ length: moeLayerCount(model) }, (_, layer) =>
    floatTensor(offsets.slice(layer * E, (layer + 1) * E), [1, E]),
  );
  const routers = plainRouterInputs(model, choiceOffsets);
  const shared = routers[0] ? [routers[0].contribution, routers[0].given] : [];
  return { routers, tensors: [...choiceOffsets, ...shared] };
}
