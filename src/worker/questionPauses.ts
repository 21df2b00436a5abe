// The pauses of a step, in which the page's questions are answered.
import type { Pauses } from '../training/pauses';
import type { Platform } from './platform';
import type { Questions } from './questions';

/** Milliseconds of a step between two looks at what has come in: a look takes a tenth of one. */
const STRETCH_MS = 8;

export function questionPauses(questions: Questions, { clock, breathe }: Pick<Platform, 'clock' | 'breathe'>): Pauses {
  let last = clock();
  const look = async (): Promise<boolean> => {
    await breathe();
    const hasAnswered = await questions.answerSoon();
    last = clock();
    return hasAnswered;
  };
  return {
    pause: () => (clock() - last < STRETCH_MS ? null : look()),
    during: (event) => questions.during(event),
  };
}
