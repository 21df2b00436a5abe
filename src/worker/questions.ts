// Questions wait here for a moment when the training loop leaves the device to them: at a pause within a shard, between two shards, or at once
// while nothing trains.

/** `patient` ones take long or come in long rows: between two shards only, so that training goes on beside them. */
type Haste = 'soon' | 'patient';

export class Questions {
  private readonly waiting: Record<Haste, (() => Promise<void>)[]> = { soon: [], patient: [] };
  private answering: Promise<void> | null = null;
  private isIdle = false;
  private readonly isBusy: () => boolean;

  /** @param isBusy whether a training loop is running; it then calls `answer` between its shards */
  constructor(isBusy: () => boolean) {
    this.isBusy = isBusy;
  }

  /** Resolves with the answer once its turn has come; rejects with what `question` throws. */
  ask<T>(question: () => Promise<T>, haste: Haste = 'soon'): Promise<T> {
    const answer = new Promise<T>((resolve, reject) => {
      this.waiting[haste].push(() => question().then(resolve, reject));
    });
    if (this.isIdle || !this.isBusy()) void this.answer();
    return answer;
  }

  /** Answers everything that waits, one after the other. Resolves when none is left, the one under way included. */
  answer(): Promise<void> {
    const { soon, patient } = this.waiting;
    if (!this.answering && soon.length + patient.length === 0) return Promise.resolve();
    return (this.answering ??= this.answerAll(() => soon.shift() ?? patient.shift()));
  }

  /** Answers what is asked in haste. @returns whether anything was */
  async answerSoon(): Promise<boolean> {
    const { soon } = this.waiting;
    if (!this.answering && soon.length === 0) return false;
    await (this.answering ??= this.answerAll(() => soon.shift()));
    return true;
  }

  /** The training loop has nothing to do until `event`: whatever is asked is answered at once. Resolves when none is under way. */
  async during<T>(event: Promise<T>): Promise<T> {
    this.isIdle = true;
    void this.answer();
    try {
      return await event;
    } finally {
      this.isIdle = false;
      await this.answering;
    }
  }

  private async answerAll(next: () => (() => Promise<void>) | undefined): Promise<void> {
    for (let question = next(); question; question = next()) await question();
    // In the very turn that found nothing waiting: whoever asks in the next one has to begin anew.
    this.answering = null;
  }
}
