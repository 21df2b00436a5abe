// How often live figures are drawn. The next ones are asked for only when the last are on the screen and the page has rested: a page that draws
// every step as it comes takes from the workers, where they fill every core, more than it shows.

/** Of a core, what drawing live figures may take. */
const SHARE = 0.05;
/** Figures that come faster are drawn about twice a second at least, ms. */
const LONGEST_REST_MS = 450;
/** The topics of one step come one after the other: so long they wait for each other, to share a frame, ms. */
const GATHERING_MS = 8;

/** What the pace needs of a page. */
export interface PaceParts {
  /** ms, rising. */
  readonly now: () => number;
  /** Calls back when the next frame begins, and again when the page is done with it. */
  readonly frame: (began: () => void, drawn: () => void) => void;
  /** Calls back after `ms`. */
  readonly later: (callback: () => void, ms: number) => void;
}

export interface Pace {
  /** Has `show`, which changes what live views draw, run with others of its step. @param rested called once that is drawn and the page has rested */
  draw(show: () => void, rested: () => void): void;
  /** Shows what has come, and ends the rest: what is still to come is of interest now. */
  hurry(): void;
  /** Forgets what has come: nobody wants it any more. */
  stop(): void;
}

/** The pace of one page. It rests after a drawing until all drawing takes `SHARE` of the time, but no longer than `LONGEST_REST_MS`. */
export function createPace({ now, frame, later }: PaceParts): Pace {
  const shows: (() => void)[] = [];
  let waiting: (() => void)[] = [];
  /** ms of the main thread since the last rest. */
  let spent = 0;
  let isDrawing = false;
  let isHurried = false;
  /** The rest under way, a new object each. */
  let rest: object | null = null;

  const endRest = (): void => {
    const rested = waiting;
    waiting = [];
    [rest, spent, isHurried] = [null, 0, false];
    for (const callback of rested) callback();
  };
  const startRest = (): void => {
    const mine = {};
    rest = mine;
    later(() => rest === mine && endRest(), isHurried ? 0 : Math.min(LONGEST_REST_MS, spent / SHARE));
  };
  const takeFrame = (): void => {
    isDrawing = true;
    let began = now();
    frame(
      () => (began = now()),
      () => {
        isDrawing = false;
        spent += now() - began;
        startRest();
      },
    );
  };
  const showNext = (): void => {
    const show = shows.shift();
    if (!show) return;
    const began = now();
    try {
      show();
    } finally {
      // React renders in a microtask that was asked for before this one; what it puts off until later is not counted.
      queueMicrotask(() => (spent += now() - began));
      if (!isDrawing && !rest) takeFrame();
      // Each in a task of its own: the first showing makes every figure.
      if (shows.length > 0) later(showNext, 0);
    }
  };
  return {
    draw(show, rested) {
      waiting.push(rested);
      shows.push(show);
      if (shows.length === 1) later(showNext, GATHERING_MS);
    },
    hurry() {
      while (shows.length > 0) showNext();
      isHurried = isDrawing;
      if (rest) endRest();
    },
    stop() {
      shows.length = 0;
      waiting = [];
    },
  };
}
