// Starts the engine and wires its events to the stores: the only place that knows both.
import { maxVio, layerRow, meanBiasChangedShare } from '../analysis/load';
import { startEngine, type Connection } from '../client/engineClient';
import type { BackendChoice } from '../protocol/commands';
import type { StepRouting } from '../protocol/events';
import { receiveBatch } from './batch';
import { useConfig } from './config';
import { loadCorpus } from './corpus';
import { currentConnection, request, setConnection, useEngine } from './engine';
import { plantFault } from './fault';
import { loadKept, receiveKeeping, receiveLetGo, useKept } from './kept';
import { usePreferences } from './preferences';
import { receiveRouting } from './routing';
import { loseRun, receivePhase, receiveStep, runInfo, useRun } from './run';
import { receiveSamples, repeatSamplePrompt } from './samples';
import { receiveStepTraces, repeatStepTracing } from './stepTraces';
import { receiveSnapshots, repeatSnapshotSettings } from './timeline';
import { receiveScalars, type RoutingScalars } from './scalars';
import { receiveBaselines, receiveValidation } from './validation';

/** An engine that dies again within this time, ms, is started anew only when somebody says so: it would die again and again. */
export const PATIENCE_MS = 60_000;
let restartedAt = -Infinity;

let boot: { readonly controller: AbortController; readonly done: Promise<void> } | null = null;

/** Stops whatever runs and starts an engine on `choice`. Resolves when it is ready, has failed or was cancelled: see the store. */
export function bootEngine(choice: BackendChoice = useEngine.getState().choice): Promise<void> {
  const controller = new AbortController();
  const done = start(choice, controller);
  boot = { controller, done };
  return done;
}

/** A ready engine: the one there is, or the start under way, or a new one. False where it failed or was cancelled. */
export async function ensureEngine(): Promise<boolean> {
  const phase = () => useEngine.getState().engine.phase;
  if (phase() !== 'ready' && phase() !== 'booting') void bootEngine();
  // A start that ends without one is ready has given way to a newer one.
  while (phase() === 'booting' && boot) await boot.done;
  return phase() === 'ready';
}

async function start(choice: BackendChoice, controller: AbortController): Promise<void> {
  stopEngine();
  useEngine.setState({ choice, engine: { phase: 'booting', progress: null }, warming: null });
  const connection = startEngine((error) => {
    const wasReady = useEngine.getState().engine.phase === 'ready';
    setConnection(null);
    useEngine.setState({ engine: { phase: 'failed', error } });
    loseRun(error);
    // With a run it is up to stores/recovery.ts.
    if (useRun.getState().run.phase !== 'none' || !wasReady || performance.now() - restartedAt < PATIENCE_MS) return;
    restartedAt = performance.now();
    void bootEngine();
  });
  setConnection(connection);
  // Beside the backend's start, which leaves the network idle.
  const text = loadCorpus();
  const reply = await request(
    { kind: 'boot', backend: choice },
    {
      signal: controller.signal,
      onProgress: (progress) =>
        currentConnection() === connection && useEngine.setState({ engine: { phase: 'booting', progress } }),
    },
  );
  if (currentConnection() !== connection) return;
  if (!reply.ok) {
    setConnection(null);
    connection.stop();
    useEngine.setState({ engine: reply.error.code === 'cancelled' ? { phase: 'off' } : { phase: 'failed', error: reply.error } });
    return;
  }
  useEngine.setState({ engine: { phase: 'ready', info: reply.value } });
  listen();
  void plantFault();
  void request({ kind: 'workers', count: usePreferences.getState().workers });
  void repeatSamplePrompt();
  void repeatStepTracing();
  void repeatSnapshotSettings();
  void loadKept();
  await text;
  void warmUp(connection);
}

/** While a person looks around: what the first step would otherwise wait for. */
async function warmUp(connection: Connection): Promise<void> {
  const { draft, errors } = useConfig.getState();
  if (currentConnection() !== connection || errors.length > 0 || useRun.getState().run.phase !== 'none') return;
  // The engine would take it for a newer wish, and give up the run that is being brought back.
  if (useKept.getState().isBusy) return;
  // Nothing depends on it: a fault it meets comes back, and is told, when a run is made.
  const isCurrent = (): boolean => currentConnection() === connection;
  await request({ kind: 'warmUp', config: draft }, { onProgress: (warming) => isCurrent() && useEngine.setState({ warming }) });
  if (isCurrent()) useEngine.setState({ warming: null });
}

/** Gives up a start under way, at once: the worker is ended, whatever it is doing. */
export function cancelBoot(): void {
  if (useEngine.getState().engine.phase !== 'booting') return;
  boot?.controller.abort();
  stopEngine();
}

/** Ends the engine; a run in it is lost. */
export function stopEngine(): void {
  const connection = currentConnection();
  if (!connection) return;
  setConnection(null);
  connection.stop();
  useEngine.setState({ engine: { phase: 'off' } });
  loseRun();
}

const NO_ROUTING: RoutingScalars = { maxVio: NaN, biasChangedShare: NaN };

function routingScalars({ layers, experts, load, biasChangedShare }: StepRouting): RoutingScalars {
  let total = 0;
  for (let layer = 0; layer < layers; layer++) total += maxVio(layerRow(load, layer, experts));
  return { maxVio: total / layers, biasChangedShare: meanBiasChangedShare(biasChangedShare) };
}

function listen(): void {
  const client = currentConnection()?.client;
  if (!client) return;
  const isOurs = (runId: string): boolean => runInfo(useRun.getState().run)?.runId === runId;
  // A turn later, so that curves are not drawn in one long task with the heatmaps; and one after the other, as they came.
  const withCurves = (runId: string, receive: () => void) => setTimeout(() => isOurs(runId) && receive());
  client.subscribe('phase', receivePhase);
  client.subscribe('steps', ({ runId, scalars, routing }) => {
    if (!isOurs(runId)) return;
    receiveStep(scalars.at(-1)?.step ?? 0);
    const byStep = new Map(routing.filter(({ layers }) => layers > 0).map((step) => [step.step, routingScalars(step)]));
    receiveRouting(routing.filter(({ layers }) => layers > 0));
    withCurves(runId, () => receiveScalars(scalars, (step) => byStep.get(step) ?? NO_ROUTING));
  });
  // It tells of a run that is brought back before the page has it.
  client.subscribe('keeping', receiveKeeping);
  client.subscribe('letGo', receiveLetGo);
  client.subscribe('snapshots', receiveSnapshots);
  client.subscribe('batch', ({ runId, window }) => isOurs(runId) && receiveBatch(window));
  client.subscribe('validation', ({ runId, results }) => withCurves(runId, () => receiveValidation(results)));
  client.subscribe('baselines', ({ runId, baselines }) => isOurs(runId) && receiveBaselines(baselines));
  client.subscribe('samples', ({ runId, results }) => isOurs(runId) && receiveSamples(results));
  client.subscribe('stepTraces', (told) => isOurs(told.runId) && receiveStepTraces(told));
}
