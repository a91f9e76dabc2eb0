// The picture in the README is what the plans of an app look like. KL_E2E_UPDATE=1 takes it anew.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';

import pixelmatch from 'pixelmatch';
import { PNG } from 'pngjs';

import { price } from './lib/api.mjs';
import { BILLING } from './lib/pages.mjs';
import { WithMouse } from './lib/people.mjs';
import { suite } from './lib/suite.mjs';

const PICTURE = fileURLToPath(new URL('../docs/dashboard.png', import.meta.url));
const SIZE = { width: 1280, height: 800 };
const MOST_BYTES = 150_000;
/** Fonts differ between machines. */
const MOST_DIFFERENT = 0.02;

const FEATURES = ['export', 'reports', 'api_access', 'sso', 'audit_log', 'priority_support'];
/** The oldest first; the list begins with the newest. */
const PLANS = [
  { key: 'enterprise', name: 'Enterprise', payerKind: 'organization', features: FEATURES },
  {
    key: 'founders_2026', name: 'Founders', visibility: 'hidden',
    prices: [price(9900, 'USD', 'year')], features: FEATURES.slice(0, 3),
  },
  { key: 'free', name: 'Free', isDefault: true, features: FEATURES.slice(0, 1) },
  { key: 'starter', name: 'Starter', prices: [price(500), price(1200, 'JPY')], features: FEATURES.slice(0, 1) },
  {
    key: 'team', name: 'Team', payerKind: 'organization',
    prices: [price(1200), price(140_000, 'USD', 'year')], features: FEATURES.slice(0, 5),
  },
  {
    key: 'pro', name: 'Pro', trialDays: 14, features: FEATURES.slice(0, 3),
    prices: [price(1500), price(15_000, 'USD', 'year'), price(1380, 'EUR'), price(4500, 'KWD', 'year')],
  },
];

suite('the README', (stage) => {
  it('shows the plans as they look', async (context) => {
    const service = await stage.onSqlite();
    await build(await service.api());
    const visitor = await stage.visitor(service, { viewport: SIZE, colorScheme: 'light' });
    await visitor.opens(BILLING);
    await new WithMouse(visitor.page).press('Sign in as the demo owner');
    await visitor.page.locator('time').evaluateAll((all) => all.forEach((time) => time.replaceChildren('29 Nov 2026')));
    const taken = await visitor.page.screenshot();
    if (process.env.KL_E2E_UPDATE === '1') writeFileSync(PICTURE, taken);
    const stored = readFileSync(PICTURE);
    const different = differenceOf(PNG.sync.read(taken), PNG.sync.read(stored));
    context.diagnostic(`${(100 * different).toFixed(2)} % of the pixels differ, ${stored.length} bytes`);
    assert.ok(different <= MOST_DIFFERENT, 'docs/dashboard.png is out of date: run this with KL_E2E_UPDATE=1');
    assert.ok(stored.length < MOST_BYTES, `${stored.length} bytes`);
  });
});

async function build(api) {
  await api.enable();
  for (const key of FEATURES) await api.createFeature({ key, name: key });
  for (const plan of PLANS) await api.createPlan(plan);
}

/** The part of the pixels that differ. */
function differenceOf(one, other) {
  const { width, height } = one;
  assert.deepEqual([width, height], [other.width, other.height], 'the size of the picture');
  return pixelmatch(one.data, other.data, null, width, height, { threshold: 0.1 }) / (width * height);
}
