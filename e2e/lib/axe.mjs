// What axe-core finds wrong with a page for people who do not see it, or do not use a mouse.

import axe from 'axe-core';

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** Each violation with the elements it was found on, as a line. */
export async function violations(page) {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axe.source);
  const found = await page.evaluate(async (values) => {
    const options = { runOnly: { type: 'tag', values }, resultTypes: ['violations'], preload: false };
    const { violations: list } = await globalThis.axe.run(document, options);
    return list.map(({ id, help, nodes }) => ({ id, help, where: nodes.map((node) => node.html.slice(0, 160)) }));
  }, TAGS);
  return found.map(({ id, help, where }) => `${id} (${help}): ${where.join(' | ')}`);
}
