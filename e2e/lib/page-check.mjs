// What a machine can check of a page, in both themes and at three widths; a picture of each look is for people.

import assert from 'node:assert/strict';

import { violations } from './axe.mjs';
import { clearScreenshots, inEveryLook } from './screenshots.mjs';

const MOST_BYTES = 60_000;

/** The pages of one gallery, whose pictures lie in a folder of that name. */
export class Gallery {
  #name;
  #seen = [];

  constructor(name) {
    this.#name = name;
    clearScreenshots(name);
  }

  /** It can be read by everyone, fits the screen, is light, and does nothing odd. */
  async check(context, name, visitor) {
    const { page } = visitor;
    const problems = [];
    const facts = await page.evaluate(readFacts);
    if (!facts.isAnswerToForm) this.#seen.push({ name, path: facts.path, title: facts.title });
    if (facts.headings !== 1) problems.push(`${facts.headings} h1 headings`);
    const bytes = facts.bytes + (await sizeOf(page, facts.iconToLoad));
    if (bytes >= MOST_BYTES) problems.push(`${bytes} bytes`);
    await inEveryLook(page, `${this.#name}/${name}`, async (look) => {
      const { content, screen } = await page.evaluate(readWidths);
      if (content > screen) problems.push(`${look}: ${content} px wide on a screen of ${screen}`);
      for (const violation of await violations(page)) problems.push(`${look}: ${violation}`);
    });
    assert.deepEqual([...problems, ...visitor.problems.splice(0)], []);
    context.diagnostic(`${bytes} bytes in all`);
  }

  /** No two of them have one title. */
  assertTitlesDiffer() {
    const byTitle = new Map();
    for (const page of this.#seen) {
      const title = page.title.toLowerCase();
      byTitle.set(title, [...(byTitle.get(title) ?? []), page]);
    }
    const shared = [...byTitle.values()].filter((pages) => new Set(pages.map(({ path }) => path)).size > 1);
    assert.deepEqual(shared, []);
  }
}

/** Bytes are counted as they are read, not as they were packed: the page, what it loads, and its icon. */
function readFacts() {
  const [page] = performance.getEntriesByType('navigation');
  const loaded = [page, ...performance.getEntriesByType('resource')];
  const icon = document.querySelector('link[rel=icon]').href;
  return {
    path: location.pathname,
    title: document.title,
    isAnswerToForm: [400, 409, 422].includes(page.responseStatus),
    headings: document.querySelectorAll('h1').length,
    bytes: loaded.reduce((sum, { decodedBodySize }) => sum + decodedBodySize, 0),
    iconToLoad: loaded.some(({ name }) => name === icon) ? undefined : icon,
  };
}

/** What the browser has not loaded by itself; not from within the page, whose policy may forbid it. */
async function sizeOf(page, url) {
  return url ? (await (await page.request.get(url)).body()).length : 0;
}

function readWidths() {
  return { content: document.scrollingElement.scrollWidth, screen: innerWidth };
}
