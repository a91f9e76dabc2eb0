// Every page, in both themes and at three widths: a picture for people, and what a machine can check.

import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';

import { violations } from './lib/axe.mjs';
import { PAGES } from './lib/page-catalog.mjs';
import { buildWorld } from './lib/page-world.mjs';
import { clearScreenshots, inEveryLook } from './lib/screenshots.mjs';
import { onPostgres, suite } from './lib/suite.mjs';

const MOST_BYTES = 60_000;

suite('every page', (stage) => {
  let world;
  const seen = [];
  before(async () => {
    clearScreenshots();
    world = await buildWorld(stage);
  });

  for (const [name, open] of Object.entries(PAGES)) {
    it(`${name} can be read by everyone, fits the screen, and is light`, async (context) => {
      await check(context, name, await open(world));
    });
  }

  describe('of a workspace whose users can still be charged', () => {
    onPostgres(stage, (start) => {
      it('disable-blocked can be read by everyone, fits the screen, and is light', async (context) => {
        const service = await start();
        await (await service.api()).enable();
        service.sql(LIVE_SUBSCRIPTIONS);
        const visitor = await stage.signedIn(service);
        await visitor.opens('/settings/billing/disable');
        await check(context, 'disable-blocked', visitor);
      });
    });
  });

  it('has a title of its own, whichever way it is written', () => {
    const byTitle = grouped(seen);
    const shared = [...byTitle.values()].filter((pages) => new Set(pages.map(({ path }) => path)).size > 1);
    assert.deepEqual(shared, []);
  });

  async function check(context, name, visitor) {
    const { page } = visitor;
    const problems = [];
    const facts = await page.evaluate(readFacts);
    if (!facts.isAnswerToForm) seen.push({ name, path: facts.path, title: facts.title });
    if (facts.headings !== 1) problems.push(`${facts.headings} h1 headings`);
    if (facts.bytes >= MOST_BYTES) problems.push(`${facts.bytes} bytes`);
    await inEveryLook(page, name, async (look) => {
      const { content, screen } = await page.evaluate(readWidths);
      if (content > screen) problems.push(`${look}: ${content} px wide on a screen of ${screen}`);
      for (const violation of await violations(page)) problems.push(`${look}: ${violation}`);
    });
    assert.deepEqual([...problems, ...visitor.problems.splice(0)], []);
    context.diagnostic(`${facts.bytes} bytes in all`);
  }
});

const LIVE_SUBSCRIPTIONS = `
  INSERT INTO subscriptions (workspace_id, subscription_id, app_id, environment_id, payer_kind, payer_id,
    gateway_account_id, stripe_subscription_id, status)
  SELECT 'ws_demo', 'sub_01kapzv5e8f6ws8j4kq1bdx0' || n, 'app_demo', 'env_demo_production',
    CASE WHEN n % 2 = 0 THEN 'user' ELSE 'organization' END, 'payer_' || n, 'managed', 'sub_1Stripe' || n,
    CASE WHEN n % 3 = 0 THEN 'past_due' ELSE 'active' END
  FROM generate_series(10, 99) AS n`;

/** Bytes are counted as they are read, not as they were packed: the page, what it loads, and its icon. */
async function readFacts() {
  const [page] = performance.getEntriesByType('navigation');
  const loaded = [page, ...performance.getEntriesByType('resource')];
  const icon = document.querySelector('link[rel=icon]').href;
  const ofIcon = loaded.some(({ name }) => name === icon) ? 0 : (await (await fetch(icon)).text()).length;
  return {
    path: location.pathname,
    title: document.title,
    isAnswerToForm: [400, 409].includes(page.responseStatus),
    headings: document.querySelectorAll('h1').length,
    bytes: loaded.reduce((sum, { decodedBodySize }) => sum + decodedBodySize, ofIcon),
  };
}

function readWidths() {
  return { content: document.scrollingElement.scrollWidth, screen: innerWidth };
}

function grouped(pages) {
  const byTitle = new Map();
  for (const page of pages) {
    const title = page.title.toLowerCase();
    byTitle.set(title, [...(byTitle.get(title) ?? []), page]);
  }
  return byTitle;
}
