// What only the built page can show: what its open views cost the training, and how long a cold page takes to its first step.
import { chromium } from '@playwright/test';
import { join } from 'node:path';
import { ensureChromium } from '../scripts/lib/chromium.mjs';
import { QUIET_SWITCHES } from '../scripts/lib/chromiumSwitches.mjs';
import { root, Trouble } from '../scripts/lib/run.mjs';
import { serve } from '../scripts/lib/server.mjs';

/** Nothing but steps: measuring and writing samples would fall into one stretch and not into the other. */
const QUIET_RUN = 'default~validationEvery_0~sampleEvery_0~stableSteps_100000';
const WARM_STEPS = 20;
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

/** ms a step between the first and the last step noted in a stretch. */
async function stretch(page, ms) {
  await page.waitForTimeout(500);
  const from = await page.evaluate(() => window.notedSteps.length);
  await page.waitForTimeout(ms);
  const noted = await page.evaluate((start) => window.notedSteps.slice(start), from);
  const [first, last] = [noted[0], noted.at(-1)];
  if (!first || last.step === first.step) throw new Trouble(`no two steps in ${ms} ms`);
  return (last.at - first.at) / (last.step - first.step);
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
    const ratios = [];
    const times = { open: [], closed: [] };
    for (let round = 0; round < rounds; round++) {
      for (const isOpen of round % 2 === 0 ? [true, false] : [false, true]) {
        await show(isOpen);
        times[isOpen ? 'open' : 'closed'].push(await stretch(page, STRETCH_MS));
      }
      ratios.push(times.closed.at(-1) / times.open.at(-1));
    }
    return {
      workers,
      openMs: median(times.open),
      closedMs: median(times.closed),
      ratio: median(ratios),
      ratioRange: [Math.min(...ratios), Math.max(...ratios)],
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
        `${count} workers: views open ${result.openMs.toFixed(0)} ms a step, closed ${result.closedMs.toFixed(0)} ms, ratio ${result.ratio.toFixed(3)}`,
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

/** The same as a page of Markdown. */
export function pageMarkdown({ machine, cold, views }) {
  const { processor, cores, memoryGiB, runtime, commit, date, loadBefore } = machine;
  const coldLine = ({ medianMs, range }) => `${whole(medianMs)} (${range.map(whole).join('–')})`;
  return [
    '# The page',
    '',
    `${date}, commit ${commit}. ${processor}, ${cores} cores, ${memoryGiB.toFixed(1)} GiB, ${runtime}, WASM; load before ${loadBefore.toFixed(2)}. Made by \`npm run bench -- --page\`.`,
    '',
    `The preset \`default\`, every live panel of the Train view in sight, against the same page with none of its live views open (About); stretches of ${STRETCH_MS / 1000} s take turns. Ratio of the speeds: median of each pair's own (and its range).`,
    '',
    '| workers | views open, ms a step | closed, ms a step | ratio |',
    '| --- | --- | --- | --- |',
    ...views.map(
      ({ workers, openMs, closedMs, ratio, ratioRange }) =>
        `| ${workers} | ${whole(openMs)} | ${whole(closedMs)} | **${ratio.toFixed(3)}** (${ratioRange.map((one) => one.toFixed(3)).join('–')}) |`,
    ),
    '',
    `First step of a page nobody has opened before, Play pressed as soon as it can be, ms, median of ${cold.tries} (and range): ${coldLine(cold.fromPlay)} after Play, ${coldLine(cold.fromOpening)} after the page was asked for.`,
    '',
  ].join('\n');
}
