// A step lets others use the device without waiting for it to end. Whoever comes finds the weights of the last finished step, and leaves them.

export interface Pauses {
  /** Between two operations. What to wait for, and whether it took time; null: nothing. It runs no operation before its first wait. */
  pause(): Promise<boolean> | null;
  /** The trainer has nothing to do until `event`. Resolves with it once the device is the trainer's again. */
  during<T>(event: Promise<T>): Promise<T>;
}
