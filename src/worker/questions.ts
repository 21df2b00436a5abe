// Questions wait here for a moment when no step is under way on the device: between two shards, or at once while nothing trains.

export class Questions {
  private readonly waiting: (() => Promise<void>)[] = [];
  private answering: Promise<void> | null = null;
  private readonly isBusy: () => boolean;

  /** @param isBusy whether a training loop is running; it then calls `answer` between its shards */
  constructor(isBusy: () => boolean) {
    this.isBusy = isBusy;
  }

  /** Resolves with the answer once its turn has come; rejects with what `question` throws. */
  ask<T>(question: () => Promise<T>): Promise<T> {
    const answer = new Promise<T>((resolve, reject) => {
      this.waiting.push(() => question().then(resolve, reject));
    });
    if (!this.isBusy()) void this.answer();
    return answer;
  }

  /** Answers everything that waits, one after the other. Resolves when none is left, the one under way included. */
  answer(): Promise<void> {
    if (!this.answering && this.waiting.length === 0) return Promise.resolve();
    return (this.answering ??= this.answerAll());
  }

  private async answerAll(): Promise<void> {
    for (let next = this.waiting.shift(); next; next = this.waiting.shift()) await next();
    // In the very turn that found nothing waiting: whoever asks in the next one has to begin anew.
    this.answering = null;
  }
}
