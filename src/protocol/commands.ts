// What the page may ask of the engine, and what comes back. Request and reply carry one id; progress may come between.
import type { RunParent } from '../checkpoint/runState';
import type { ShelfManifest } from '../checkpoint/shelf';
import type { FaultPlan } from '../config/fault';
import type { SnapshotSettings } from '../config/snapshotSettings';
import type { FieldChange } from '../config/fieldChange';
import type { LiveChange, LoggedChange, RunConfig } from '../config/trainConfig';
import type { CorpusInfo } from '../data/corpus';
import type { ModelSize } from '../analysis/modelSize';
import type { Baselines, Topic, ValidationResult } from './events';
import type { ExportAnswer, ExportRequest, ImportedModel, NamedFile } from './exchange';
import type { KeptRuns, ResumedRun } from './kept';
import type {
  GeneratedToken,
  GenerationAnswer,
  GenerationRequest,
  PromptQuestion,
  RoutesAnswer,
  RoutesRequest,
  SweepAnswer,
  SweepRequest,
  TraceAnswer,
} from './lab';
import type { DriftAnswer, DriftRequest, MomentRoutes, MomentRoutesRequest } from './lookBack';
import type { ModelRef, RunMoment } from './modelRef';
import type { RunSnapshots, StorageRoom } from './snapshots';

/** `webgpu` means a hardware adapter; `webgpu-software` the processor pretending to be one. */
export type BackendName = 'webgpu' | 'webgpu-software' | 'wasm' | 'cpu';
export type BackendChoice = 'auto' | BackendName;

/** `quick` never waits for the device; `exact` waits after every phase where the device works on its own time, which slows the step. */
export type StepTracing = 'off' | 'quick' | 'exact';

export interface BackendFailure {
  readonly backend: BackendName;
  /** What the backend itself said. */
  readonly detail: string;
}

export interface EngineInfo {
  readonly backend: BackendName;
  /** Why this one: `chosen` by the person, the `hardware-adapter` found, `no-hardware-adapter` found, or `fallback` after failures. */
  readonly reason: 'chosen' | 'hardware-adapter' | 'no-hardware-adapter' | 'fallback';
  /** E.g. the adapter's own description; '' where there is none. */
  readonly device: string;
  readonly failures: readonly BackendFailure[];
  /** Backends that could be chosen here. */
  readonly available: readonly BackendName[];
}

export interface RunInfo {
  readonly runId: string;
  /** Two words a person can remember, derived from the run id. */
  readonly name: string;
  readonly config: RunConfig;
  readonly size: ModelSize;
  /** Training tokens in the text this run draws from: one epoch. */
  readonly epochTokens: number;
  readonly domains: readonly string[];
  /** Left out: it began at its seed. */
  readonly parent?: RunOrigin;
}

/** The step of another run that a branch began at, and that run's name. */
export type RunOrigin = RunParent & { readonly name: string };

/** A run as the record it can be repeated from; a branch with the record of the run it came from. */
export interface RunLog {
  readonly version: 1;
  /** As it stood where the run began. */
  readonly config: RunConfig;
  readonly parent?: RunOrigin;
  readonly changes: readonly LoggedChange[];
  readonly steps: number;
  readonly identity: {
    readonly backend: BackendName;
    readonly kernels: string;
    readonly build: string;
    readonly corpus: string;
    readonly tokenizer: string;
  };
}

export interface SampleRequest {
  readonly model: ModelRef;
  readonly prompt: string;
  readonly tokens: number;
  readonly temperature: number;
  readonly seed: number;
}

export type Command =
  | { readonly kind: 'boot'; readonly backend: BackendChoice }
  | { readonly kind: 'corpus' }
  /** How many workers compute the shards of a step, at most one a shard; 0: as suits the machine. Changes no number, only the speed. */
  | { readonly kind: 'workers'; readonly count: number }
  /** Does once, for a run nobody keeps, what the first step of a run of `config` would wait for: pages of memory, compiled kernels. */
  | { readonly kind: 'warmUp'; readonly config: RunConfig }
  | { readonly kind: 'createRun'; readonly config: RunConfig; readonly replay?: readonly LoggedChange[] }
  | { readonly kind: 'play' }
  | { readonly kind: 'pause' }
  /** Trains `count` steps, then pauses. */
  | { readonly kind: 'step'; readonly count: number }
  | { readonly kind: 'change'; readonly change: LiveChange }
  | { readonly kind: 'samplePrompt'; readonly prompt: string }
  | { readonly kind: 'sample'; readonly request: SampleRequest }
  /** The model that comes with the page: what it is, and the snapshots there are of it. */
  | { readonly kind: 'shelf' }
  | { readonly kind: 'runLog' }
  /** Has a fault strike on purpose, once; answered when it has. */
  | { readonly kind: 'plantFault'; readonly plan: FaultPlan }
  /** Tells where the time of each step goes, from the next one on, on topic 'stepTraces'. */
  | { readonly kind: 'traceSteps'; readonly mode: StepTracing }
  /** Everything that happens to the tokens of a prompt; with interventions, both without and with them. @param lens also what each layer would say, with the changes where there are some */
  | { readonly kind: 'trace'; readonly question: PromptQuestion; readonly lens: boolean }
  /** Where each head of one layer looks; dense layers count too. */
  | { readonly kind: 'attention'; readonly question: PromptQuestion; readonly layer: number }
  /** Which experts some texts use: all of them read by the weights as they are when it begins. */
  | { readonly kind: 'routes'; readonly request: RoutesRequest }
  /** Continues a prompt; each token comes as progress. */
  | { readonly kind: 'generate'; readonly request: GenerationRequest }
  /** Measures many changed models on held-out text, with the weights as they are when it begins. */
  | { readonly kind: 'sweep'; readonly request: SweepRequest }
  /** The runs this browser keeps, the one under way included. */
  | { readonly kind: 'keptRuns' }
  /** Goes on with a kept run, paused where it was saved. @param takeOver also where another tab has it open */
  | { readonly kind: 'resumeRun'; readonly runId: string; readonly takeOver: boolean }
  | { readonly kind: 'discardRun'; readonly runId: string }
  /** A pinned run never gives way to another. */
  | { readonly kind: 'pinRun'; readonly runId: string; readonly isPinned: boolean }
  /** The run's whole state as a file that other browsers and a shell go on with. */
  | { readonly kind: 'exportRun' }
  /** Goes on with the run of such a file, paused where it was saved. */
  | { readonly kind: 'importRun'; readonly file: Blob }
  /** How often moments of a run are kept, and in how much room, from now on. */
  | { readonly kind: 'keepSnapshots'; readonly settings: SnapshotSettings }
  /** Keeps the moment at hand, to look at and to go on from. */
  | { readonly kind: 'takeSnapshot' }
  /** The moments kept of a run. */
  | { readonly kind: 'runSnapshots'; readonly runId: string }
  | { readonly kind: 'storageRoom' }
  /** Where a kept moment sends held-out tokens; one moment is on the device at a time. */
  | { readonly kind: 'momentRoutes'; readonly request: MomentRoutesRequest }
  /** How far the numbers of one kept moment lie from those of another. */
  | { readonly kind: 'drift'; readonly request: DriftRequest }
  /** Has a run stand after an earlier step, as it did then; what came later is let go of. */
  | { readonly kind: 'stepBack'; readonly runId: string; readonly step: number }
  /** The settings as they stood at a kept moment of a run, after the live changes until then. */
  | { readonly kind: 'momentConfig'; readonly moment: RunMoment }
  /** A new run that goes on from a step of another, with the settings of then but for those that are changed; no change may touch the shape of a tensor. */
  | { readonly kind: 'branchRun'; readonly runId: string; readonly step: number; readonly changed: readonly FieldChange[] }
  /** A model as files that Hugging Face's tools load. */
  | { readonly kind: 'exportModel'; readonly request: ExportRequest }
  /** Takes a model in from such files, or from a zip of them; it stays until another one comes. */
  | { readonly kind: 'importModel'; readonly files: readonly NamedFile[] }
  /** What a model makes of held-out text of all domains; one with another tokenizer cannot read it. */
  | { readonly kind: 'measureModel'; readonly model: ModelRef }
  | { readonly kind: 'subscribe'; readonly topic: Topic }
  | { readonly kind: 'unsubscribe'; readonly topic: Topic };

export type CommandKind = Command['kind'];

export interface Replies {
  boot: EngineInfo;
  corpus: CorpusInfo;
  workers: null;
  warmUp: null;
  createRun: RunInfo;
  play: null;
  pause: null;
  step: null;
  change: LoggedChange;
  samplePrompt: null;
  sample: { readonly text: string; readonly model: ModelRef };
  shelf: ShelfManifest;
  runLog: RunLog;
  plantFault: null;
  traceSteps: null;
  trace: TraceAnswer;
  /** [H, T, T], the end token first; row t: how much token t looks at each. */
  attention: { readonly heads: number; readonly tokens: number; readonly maps: Float32Array };
  routes: RoutesAnswer;
  generate: GenerationAnswer;
  sweep: SweepAnswer;
  keptRuns: KeptRuns;
  resumeRun: ResumedRun;
  discardRun: null;
  pinRun: null;
  exportRun: { readonly step: number; readonly file: Blob };
  importRun: ResumedRun;
  keepSnapshots: null;
  takeSnapshot: null;
  runSnapshots: RunSnapshots;
  storageRoom: StorageRoom;
  momentRoutes: MomentRoutes;
  drift: DriftAnswer;
  stepBack: ResumedRun;
  momentConfig: RunConfig;
  branchRun: ResumedRun;
  exportModel: ExportAnswer;
  importModel: ImportedModel;
  measureModel: {
    readonly result: ValidationResult;
    readonly baselines: Baselines;
    /** What was added to the scores for choosing, [L, E]; all zero where nothing balances. */
    readonly biases: Float32Array;
  };
  subscribe: null;
  unsubscribe: null;
}

/** How far a long request is. `done` and `total` in the unit of the stage (bytes, tokens, kernels, steps, measurements); total 0: unknown. */
export interface Progress {
  readonly stage:
    | 'loading-backend'
    | 'loading-corpus'
    | 'tokenizing'
    | 'allocating'
    | 'compiling'
    | 'first-step'
    | 'generating'
    | 'sweeping'
    | 'replaying'
    | 'importing'
    | 'exporting';
  readonly done: number;
  readonly total: number;
  /** While generating: the token that was made. */
  readonly made?: GeneratedToken;
}
