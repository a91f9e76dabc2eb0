// What a machine can check of a page, in both themes and at three widths; a picture of each look is for people.

import assert from 'node:assert/strict';

import { violations } from './axe.mjs';
import { clearScreenshots, inEveryLook } from './screenshots.mjs';

const MOST_BYTES = 60_000;

/** The pages of one gallery, whose pictures lie in a folder of that name. */
export class Gallery {
  #name;
  #seen = [];
  #links = new Set();
  #forms = new Set();

  constructor(name) {
    this.#name = name;
    clearScreenshots(name);
  }

  /** It can be read by everyone, fits the screen, is light, and does nothing odd. */
  async check(context, name, visitor, mostBytes = MOST_BYTES) {
    const { page } = visitor;
    const problems = [];
    const facts = await page.evaluate(readFacts);
    if (!facts.isAnswerToForm) this.#seen.push({ name, path: facts.path, title: facts.title });
    for (const path of facts.links) this.#links.add(withoutIds(path));
    if (!facts.isAnswerToForm) for (const button of facts.forms) this.#forms.add(formOf(facts.path, button));
    if (facts.headings !== 1) problems.push(`${facts.headings} h1 headings`);
    const bytes = facts.bytes + (await sizeOf(page, facts.iconToLoad));
    if (bytes >= mostBytes) problems.push(`${bytes} bytes`);
    await inEveryLook(page, `${this.#name}/${name}`, async (look) => {
      const { content, screen } = await page.evaluate(readWidths);
      if (content > screen) problems.push(`${look}: ${content} px wide on a screen of ${screen}`);
      for (const violation of await violations(page)) problems.push(`${look}: ${violation}`);
    });
    assert.deepEqual([...problems, ...visitor.problems.splice(0)], []);
    context.diagnostic(`${bytes} bytes in all`);
  }

  /**
   * Whatever a page links to is one of them, or the API reference, which has a test of its own; and whatever can be
   * filled in on one is among these forms.
   */
  assertNoneMissing(forms) {
    const pages = new Set(this.#seen.map(({ path }) => withoutIds(path)));
    const known = new Set(forms.map(({ page, button }) => formOf(page.split('?')[0], button)));
    assert.deepEqual([...this.#links].filter((path) => !pages.has(path)), [], 'not looked at');
    assert.deepEqual([...this.#forms].filter((form) => !known.has(form)), [], 'in no list of forms');
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
    links: [...document.links].filter(isPageOfOurs).map((link) => link.pathname),
    forms: [...document.forms].filter(canBeFilledIn).map((form) => form.querySelector('button').textContent.trim()),
    iconToLoad: loaded.some(({ name }) => name === icon) ? undefined : icon,
  };

  function isPageOfOurs(link) {
    const leadsAway = link.pathname !== location.pathname;
    const isPage = link.origin === location.origin && !/\.(csv|md|json)$/.test(link.pathname);
    return leadsAway && isPage && link.pathname !== '/docs/api/';
  }

  function canBeFilledIn(form) {
    return form.method === 'post' && [...form.elements].some(({ localName, type }) => localName !== 'button' && type !== 'hidden');
  }
}

/** An address as the addresses of all things of its kind. */
export function withoutIds(path) {
  return path.replace(/\/(app|plan|price|sub|inv|intent)_\w+/g, '/{}').replace(/\/features\/\w+/, '/features/{}')
    .replace(/\/payers\/\w+\/[\w-]+/, '/payers/{}');
}

/** A form by its page and button, at whatever amount. */
function formOf(path, button) {
  return `${withoutIds(path)} ${button.replace(/\d[\d.,]*/, '…')}`;
}

/** What the browser has not loaded by itself; not from within the page, whose policy may forbid it. */
async function sizeOf(page, url) {
  return url ? (await (await page.request.get(url)).body()).length : 0;
}

function readWidths() {
  return { content: document.scrollingElement.scrollWidth, screen: innerWidth };
}
