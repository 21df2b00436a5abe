// What only the built page can show: what its open views cost the training, and how long a cold page takes to its first step.
import { chromium } from '@playwright/test';
import { join } from 'node:path';
import { ensureChromium } from '../scripts/lib/chromium.mjs';
import { QUIET_SWITCHES } from '../scripts/lib/chromiumSwitches.mjs';
import { root, Trouble } from '../scripts/lib/run.mjs';
import { serve } from '../scripts/lib/server.mjs';
import { processorMeter } from './processorTime.mjs';

/** Nothing but steps: measuring and writing samples would fall into one stretch and not into the other. */
const QUIET_RUN = 'default~validationEvery_0~sampleEvery_0~stableSteps_100000';
const WARM_STEPS = 20;
/** After a change of view, before a stretch begins: what opening it takes is no part of what it takes open. */
const SETTLING_MS = 1500;
const STRETCH_MS = 8000;
const COLD_TRIES = 5;

const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

/** In the page: notes when the step in the header changes. */
function watchSteps() {
  const noted = [];
  const read = () => Number(/step ([\d,]+)/.exec(document.querySelector('header').textContent)?.[1].replaceAll(',', '') ?? 0);
  const note = () => {
    const step = read();
    if (step > (noted.at(-1)?.step ?? 0)) noted.push({ step, at: performance.now() });
  };
  new MutationObserver(note).observe(document.querySelector('header'), { subtree: true, childList: true, characterData: true });
  window.notedSteps = noted;
}

/** ms a step, by least squares: a page may show several steps at once, and then no single one is seen when it ends. */
function msAStep(noted) {
  const mean = (of) => noted.reduce((sum, one) => sum + of(one), 0) / noted.length;
  const [step, at] = [mean((one) => one.step), mean((one) => one.at)];
  return mean((one) => (one.step - step) * (one.at - at)) / mean((one) => (one.step - step) ** 2);
}

/** ms a step, how often a second the page showed another one, and what all but the training workers took of the processor: ms a step, and of one core; null where that is not known. */
async function stretch(page, ms) {
  await page.waitForTimeout(SETTLING_MS);
  const from = await page.evaluate(() => window.notedSteps.length);
  const began = performance.now();
  const meter = processorMeter();
  await page.waitForTimeout(ms);
  const othersMs = meter()?.othersMs ?? null;
  const lasted = performance.now() - began;
  const noted = await page.evaluate((start) => window.notedSteps.slice(start), from);
  if (noted.length < 3) throw new Trouble(`${noted.length} steps seen in ${ms} ms: too few to tell how long one takes`);
  const stepMs = msAStep(noted);
  const drawings = (noted.length * 1000) / lasted;
  return { stepMs, drawings, pageMs: othersMs && (othersMs / lasted) * stepMs, pageShare: othersMs && othersMs / lasted };
}

async function chooseWorkers(page, count) {
  await page.getByRole('button', { name: /Workers/ }).click();
  await page.getByRole('option', { name: String(count), exact: true }).click();
}

/** Speed with the views open over that with none open, stretch beside stretch. A page that is driven never counts as hidden, so About stands for it: nothing there is live. */
async function measureViews(browser, url, workers, rounds) {
  // High enough that no panel lies below the fold.
  const context = await browser.newContext({ viewport: { width: 1440, height: 2400 }, locale: 'en-GB' });
  try {
    const page = await context.newPage();
    await page.goto(`${url}#1~train~${QUIET_RUN}`);
    await page.getByRole('button', { name: /WASM/ }).waitFor();
    await chooseWorkers(page, workers);
    await page.keyboard.press('Escape');
    await page.evaluate(watchSteps);
    await page.getByRole('button', { name: 'Play' }).first().click();
    await page.waitForFunction((wanted) => (window.notedSteps.at(-1)?.step ?? 0) >= wanted, WARM_STEPS, { timeout: 120_000 });
    const show = async (isOpen) => {
      await page.getByRole('link', { name: isOpen ? 'Train' : 'About' }).click();
      await page
        .getByRole('link', { name: isOpen ? 'Train' : 'About', exact: true })
        .and(page.locator('[aria-current=page]'))
        .waitFor();
    };
    const pairs = [];
    for (let round = 0; round < rounds; round++) {
      const pair = {};
      for (const side of round % 2 === 0 ? ['open', 'closed'] : ['closed', 'open']) {
        await show(side === 'open');
        pair[side] = await stretch(page, STRETCH_MS);
      }
      pairs.push(pair);
    }
    const ratios = pairs.map(({ open, closed }) => closed.stepMs / open.stepMs);
    const middle = (side, name) => {
      const values = pairs.map((pair) => pair[side][name]);
      return values.includes(null) ? null : median(values);
    };
    const sideOf = (side) => ({
      stepMs: middle(side, 'stepMs'),
      drawings: middle(side, 'drawings'),
      pageMs: middle(side, 'pageMs'),
      pageShare: middle(side, 'pageShare'),
    });
    return {
      workers,
      open: sideOf('open'),
      closed: sideOf('closed'),
      ratio: median(ratios),
      ratios,
      rounds,
    };
  } finally {
    await context.close();
  }
}

/** Play as soon as it can be pressed on a page nobody has opened before. */
async function measureCold(browser, url) {
  const tries = [];
  for (let done = 0; done < COLD_TRIES; done++) {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-GB' });
    try {
      const page = await context.newPage();
      await page.goto(`${url}#1~train~default`);
      const play = page.getByRole('button', { name: 'Play' }).first();
      await play.waitFor();
      await page.evaluate(watchSteps);
      const pressed = await page.evaluate(() => performance.now());
      await play.click();
      await page.waitForFunction(() => window.notedSteps.length > 0, undefined, { timeout: 120_000 });
      const first = await page.evaluate(() => window.notedSteps[0].at);
      tries.push({ fromPlayMs: first - pressed, fromOpeningMs: first });
    } finally {
      await context.close();
    }
  }
  const of = (name) => {
    const values = tries.map((one) => one[name]);
    return { medianMs: median(values), range: [Math.min(...values), Math.max(...values)] };
  };
  return { tries: COLD_TRIES, fromPlay: of('fromPlayMs'), fromOpening: of('fromOpeningMs') };
}

/**
 * Measures the built page in headless Chromium on WASM. @param workers numbers of workers to try @param rounds pairs of stretches each
 * @returns the figures, and the browser's name and version
 */
export async function measurePage({ workers, rounds, say }) {
  const executablePath = await ensureChromium();
  if (!executablePath) throw new Trouble('The bench of the page needs Chromium.');
  const server = await serve(join(root, 'dist'), { host: 'localhost', port: 0, strict: true });
  const browser = await chromium.launch({ executablePath, args: QUIET_SWITCHES });
  try {
    const url = `http://localhost:${server.address().port}/`;
    const cold = await measureCold(browser, url);
    say(
      `first step of a cold page: ${cold.fromPlay.medianMs.toFixed(0)} ms after Play, ${cold.fromOpening.medianMs.toFixed(0)} ms after opening`,
    );
    const views = [];
    for (const count of workers) {
      const result = await measureViews(browser, url, count, rounds);
      say(
        `${count} workers: views open ${result.open.stepMs.toFixed(0)} ms a step, closed ${result.closed.stepMs.toFixed(0)} ms, ratio ${result.ratio.toFixed(3)}`,
      );
      views.push(result);
    }
    return { runtime: `Chromium ${browser.version()}`, cold, views };
  } finally {
    await browser.close();
    server.close();
  }
}

const whole = (value) => Math.round(value).toLocaleString('en');

const processor = ({ pageMs, pageShare }) => (pageMs === null ? 'not known' : `${whole(pageMs)}, ${whole(pageShare * 100)} %`);

/** The same as a page of Markdown. */
export function pageMarkdown({ machine, cold, views }) {
  const { processor: chip, cores, memoryGiB, runtime, commit, date, loadBefore } = machine;
  const coldLine = ({ medianMs, range }) => `${whole(medianMs)} (${range.map(whole).join('–')})`;
  return [
    '# The page',
    '',
    `${date}, commit ${commit}. ${chip}, ${cores} cores, ${memoryGiB.toFixed(1)} GiB, ${runtime}, WASM; load before ${loadBefore.toFixed(2)}. Made by \`npm run bench -- --page\`.`,
    '',
    `The preset \`default\`, every live panel of the Train view in sight, against the same page with none of its live views open (About); stretches of ${STRETCH_MS / 1000} s take turns within one run, ${views[0].rounds} of each. Ratio of the speeds: median of each pair's own (its range; all of them). Processor: what every process of the browser takes beside the threads of the training workers, so also collecting their garbage.`,
    '',
    '| workers | views open, ms a step | drawn, times a second | closed, ms a step | ratio | processor beside the workers, open: ms a step, of a core | closed |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...views.map(
      ({ workers, open, closed, ratio, ratios }) =>
        `| ${workers} | ${whole(open.stepMs)} | ${open.drawings.toFixed(1)} | ${whole(closed.stepMs)} | **${ratio.toFixed(3)}** (${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)}; ${ratios.map((one) => one.toFixed(2)).join(', ')}) | ${processor(open)} | ${processor(closed)} |`,
    ),
    '',
    `First step of a page nobody has opened before, Play pressed as soon as it can be, ms, median of ${cold.tries} (and range): ${coldLine(cold.fromPlay)} after Play, ${coldLine(cold.fromOpening)} after the page was asked for.`,
    '',
  ].join('\n');
}
