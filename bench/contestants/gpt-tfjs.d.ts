// What the bench uses of gpt-tfjs, which brings no types.
declare module 'gpt-tfjs' {
  import type { Tensor } from '@tensorflow/tfjs-core';

  export interface Pair {
    readonly x: Tensor; // [B, T] ids
    readonly y: Tensor; // [B, T, V] one-hot
  }
  export interface Batches {
    shuffle(): Batches;
    batch(): Batches;
    iterator(): Promise<{ next(): Promise<{ done: false; value: Pair }> }>;
  }
  interface TrainOptions {
    readonly batchSize: number;
    readonly lr: number;
    readonly shuffle: boolean;
    readonly callbacks: readonly ((model: unknown, loss: number, iteration: number) => Promise<void>)[];
  }
  interface Gpt {
    train(batches: Batches, options: TrainOptions): Promise<void>;
  }
  const library: { readonly model: { GPTLMHeadModel(config: Readonly<Record<string, number | boolean>>): Gpt } };
  export default library;
}
