// Lists: how many there are and which are shown, back as well as next, filters, and rows as targets.

import assert from 'node:assert/strict';
import { before, it } from 'node:test';

import { price } from './lib/api.mjs';
import { assertHeading, assertReads, BILLING, FEATURES, rows } from './lib/pages.mjs';
import { WithKeyboard, WithMouse } from './lib/people.mjs';
import { suite } from './lib/suite.mjs';

const AUDIT_LOG = '/settings/audit-log';

suite('a list', (stage) => {
  let service, api;
  before(async () => {
    service = await stage.onSqlite();
    api = await service.api();
    await api.enable();
    for (let number = 1; number <= 31; number += 1) {
      const payerKind = number > 28 ? 'organization' : 'user';
      await api.createPlan({ key: `plan_${number}`, name: `Plan ${number}`, payerKind, prices: [price(100 * number)] });
    }
    for (const name of ['Export', 'Import']) await api.createFeature({ key: name.toLowerCase(), name });
  });

  const count = async ({ page }) => (await rows(page.locator('.list-foot p')))[0];
  const names = ({ page }) => rows(page.getByRole('rowheader').getByRole('link'));
  const plans = (...numbers) => numbers.map((number) => `Plan ${number}`);

  for (const javaScriptEnabled of [true, false]) {
    const how = javaScriptEnabled ? 'with' : 'without';
    it(`says how many there are, and leads on and back, ${how} JavaScript`, async () => {
      const visitor = await stage.signedIn(service, { javaScriptEnabled });
      const person = new WithMouse(visitor.page);
      await visitor.opens(BILLING);
      assert.equal(await count(visitor), '1–25 of 31 plans');
      const first = await names(visitor);
      assert.equal(await person.link('Previous').getAttribute('aria-disabled'), 'true');
      await person.follow('Next');
      assert.equal(await count(visitor), '26–31 of 31 plans');
      assert.deepEqual(await names(visitor), plans(6, 5, 4, 3, 2, 1));
      assert.equal(await person.link('Next').getAttribute('href'), null);
      await person.follow('Previous');
      assert.equal(await count(visitor), '1–25 of 31 plans');
      assert.deepEqual(await names(visitor), first);
      visitor.assertNothingOdd();
    });
  }

  it('is filtered by name or key and by who subscribes, until the filters are cleared', async () => {
    const visitor = await stage.signedIn(service);
    const person = new WithKeyboard(visitor.page);
    await visitor.opens(BILLING);
    await person.type('Find by name or key', 'PLAN 3');
    await person.press('Apply');
    assert.deepEqual(await names(visitor), plans(31, 30, 3));
    assert.equal(await count(visitor), '1–3 of 3 plans');
    await person.choose('Who subscribes', 'Organizations');
    await person.press('Apply');
    assert.deepEqual(await names(visitor), plans(31, 30));
    assert.equal(await person.field('Find by name or key').inputValue(), 'PLAN 3');
    await person.type('Find by name or key', 'nothing like it');
    await person.press('Apply');
    await assertReads(visitor.page, 'Nothing matches these filters.');
    await person.follow('Clear filters');
    assert.equal(await count(visitor), '1–25 of 31 plans');
    visitor.assertNothingOdd();
  });

  it('keeps its filters on the next page', async () => {
    const visitor = await stage.signedIn(service);
    await visitor.opens(`${BILLING}?for=user`);
    assert.equal(await count(visitor), '1–25 of 28 plans');
    await new WithMouse(visitor.page).follow('Next');
    assert.equal(await count(visitor), '26–28 of 28 plans');
  });

  it('has rows that lead to what they show, wherever they are clicked', async () => {
    const visitor = await stage.signedIn(service);
    const { page } = visitor;
    for (const [path, heading] of [[BILLING, 'Plan 31'], [FEATURES, 'Import'], ['/app', 'Demo app']]) {
      for (const at of [0.02, 0.5, 0.98]) {
        await visitor.opens(path);
        const { x, y, width, height } = await page.locator('tbody tr').first().boundingBox();
        await Promise.all([page.waitForEvent('load'), page.mouse.click(x + at * width, y + height / 2)]);
        await assertHeading(page, heading);
      }
    }
  });

  it('of changes is filtered by app and by person', async () => {
    const bob = await service.api({ user: 'bob', role: 'admin' });
    await bob.editFeature('export', { name: 'Export as file' });
    const visitor = await stage.signedIn(service);
    const person = new WithMouse(visitor.page);
    const entries = () => rows(visitor.page.locator('.log > li > p:first-child'));
    await visitor.opens(AUDIT_LOG);
    await person.type('Find by a person’s id', 'bob');
    await person.press('Apply');
    assert.deepEqual(await entries(), ['Export as file: feature changed']);
    await person.follow('Clear');
    await person.choose('App', 'Demo app');
    await person.press('Apply');
    const found = new URL(visitor.page.url()).searchParams;
    assert.equal(found.get('app'), 'app_demo');
    assert.ok(!(await entries()).some((entry) => entry.startsWith('Billing:')), 'no changes of the workspace');
    assert.equal(await count(visitor), '1–25 of 65 changes', '31 plans, 31 prices, 2 features, and what Bob did');
  });
});
