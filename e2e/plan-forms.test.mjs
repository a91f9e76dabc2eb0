// The form of a new plan and the panels of a plan's page: short at first, longer when asked.

import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';

import { filledForm, openForm } from './lib/forms.mjs';
import { assertReads, assertSaid, BILLING, NEW_FEATURE_PANEL, NEW_PLAN } from './lib/pages.mjs';
import { WithKeyboard, WithMouse } from './lib/people.mjs';
import { suite } from './lib/suite.mjs';
import { submitTyped, whatIsSaid } from './lib/typed-form.mjs';

suite('the forms of plans', (stage) => {
  let service, api, visitor, person;
  before(async () => {
    service = await stage.onSqlite();
    api = await service.api();
    await api.enable();
    for (const key of ['export', 'sso']) await api.createFeature({ key, name: key.toUpperCase() });
    visitor = await stage.signedIn(service);
    person = new WithMouse(visitor.page);
  });

  const amounts = () => visitor.page.getByLabel(/^Amount/).count();
  const isOpen = (name) => person.summary(name).evaluate(({ parentElement }) => parentElement.open);
  const plan = async (key) => (await api.state()).plans.find((one) => one.key === key);

  describe('New plan', () => {
    it('has one row of price, and what is seldom needed is folded', async () => {
      await visitor.opens(NEW_PLAN);
      assert.equal(await amounts(), 1);
      assert.equal(await isOpen('Advanced'), false);
      const shown = () => Promise.all(['Users', 'Hidden', 'Default plan'].map((label) => person.field(label).isVisible()));
      assert.deepEqual(await shown(), [false, false, false]);
      await person.unfold('Advanced');
      assert.deepEqual(await shown(), [true, true, true]);
    });

    it('gets another row with nothing lost and nothing made', async () => {
      const stored = await api.state();
      await visitor.opens(NEW_PLAN);
      await person.type('Name', 'Rows');
      await person.type('Amount of price 1', '12.50');
      await visitor.page.getByLabel('EXPORT').check();
      await person.press('Add another price');
      assert.equal(await amounts(), 2);
      assert.equal(await person.field('Name').inputValue(), 'Rows');
      assert.equal(await person.field('Amount of price 1').inputValue(), '12.50');
      assert.ok(await visitor.page.getByLabel('EXPORT').isChecked());
      assert.equal(await isOpen('Advanced'), false);
      assert.equal(await visitor.page.locator('main [role=alert]').count(), 0);
      assert.deepEqual(await api.state(), stored);
    });

    for (const label of ['Name', 'Amount of price 1', 'Length']) {
      it(`is sent by Enter in “${label}”, which adds no row`, async () => {
        const key = `enter_${label.split(' ')[0].toLowerCase()}`;
        await visitor.opens(NEW_PLAN);
        const typist = new WithKeyboard(visitor.page);
        await typist.type('Name', 'Entered');
        await typist.type('Key', key);
        await typist.type('Amount of price 1', '9.00');
        await typist.type('Length', '7');
        await typist.field(label).focus();
        await Promise.all([visitor.page.waitForEvent('load'), visitor.page.keyboard.press('Enter')]);
        await assertSaid(visitor.page, 'The plan was created.');
        const { trialDays, prices } = await plan(key);
        assert.deepEqual([trialDays, prices.length], [7, 1]);
      });
    }

    it('attaches the features that are ticked', async () => {
      await visitor.opens(NEW_PLAN);
      await person.type('Name', 'Gated');
      await person.type('Key', 'gated');
      await visitor.page.getByLabel('SSO').check();
      await person.press('Create plan');
      assert.deepEqual((await plan('gated')).features.map(({ key }) => key), ['sso']);
    });

    it('says all that is wrong at once: a wrong currency does not hide a wrong amount', async () => {
      const typed = { name: '', key: 'wrong', price_amount_1: '12,50', price_currency_1: 'ZZZ' };
      await visitor.opens(NEW_PLAN);
      assert.equal(await submitTyped(visitor.page, 'Create plan', typed), 400);
      await assertReads(visitor.page, 'Nothing was saved. Correct 3 fields');
      assert.match(await visitor.page.title(), /^Error: New plan/);
      const links = await visitor.page.locator('.problems a').evaluateAll((all) => all.map((link) => link.hash));
      assert.deepEqual(links.toSorted(), ['#name', '#price_amount_1', '#price_currency_1']);
      for (const [field, says] of Object.entries({
        name: /^Enter a name\.$/, price_amount_1: /^Write the amount with a point/, price_currency_1: /^Enter a currency/,
      })) {
        assert.match((await whatIsSaid(visitor.page, 'Create plan', field, typed)).beside, says);
      }
      assert.equal(await isOpen('Advanced'), false);
    });

    it('leads from a problem to its field, also where that was folded', async () => {
      await openForm(visitor, { page: NEW_PLAN });
      await visitor.page.getByLabel('Default plan').check();
      await submitTyped(visitor.page, 'Create plan', { name: 'Base', key: 'base', trial_days: '3' });
      assert.equal(await isOpen('Advanced'), true);
      await visitor.page.locator('.problems a').first().click();
      assert.equal(await visitor.page.evaluate(() => document.activeElement.id), 'is_default');
    });
  });

  describe('a plan’s page', () => {
    let page;
    before(async () => {
      const { id } = await api.createPlan({ key: 'panels', name: 'Panels' });
      page = `${BILLING}/plans/${id}`;
    });

    it('adds a price and a feature only when asked', async () => {
      await visitor.opens(page);
      assert.deepEqual([await isOpen('Add a price'), await isOpen('Attach a feature')], [false, false]);
      await submitTyped(visitor.page, 'Add price', { amount: '' });
      assert.deepEqual([await isOpen('Add a price'), await isOpen('Attach a feature')], [true, false]);
      assert.match(await visitor.page.title(), /^Error: Panels/);
    });

    it('attaches a feature that is there, and offers only others', async () => {
      await visitor.opens(page);
      await person.unfold('Attach a feature');
      await person.choose('Feature', 'EXPORT (export)');
      await person.press('Attach feature');
      await assertSaid(visitor.page, 'The feature was attached.');
      await person.unfold('Attach a feature');
      const options = await person.field('Feature').locator('option').allTextContents();
      assert.deepEqual(options, ['SSO (sso)', 'Create new…']);
    });

    it('leads from the last choice to a feature that is created and attached at once', async () => {
      const typist = new WithKeyboard(visitor.page);
      await visitor.opens(page);
      await typist.unfold('Attach a feature');
      await typist.choose('Feature', 'Create new…');
      await typist.press('Attach feature');
      assert.equal(new URL(visitor.page.url()).search, NEW_FEATURE_PANEL);
      await typist.type('Name', 'Reports');
      await typist.press('Create and attach feature');
      await assertSaid(visitor.page, 'The feature was attached.');
      const { key, name } = (await plan('panels')).features.find((feature) => feature.key === 'reports');
      assert.deepEqual({ key, name }, { key: 'reports', name: 'Reports' });
    });

    it('says beside the name that a feature that is not there needs one', async () => {
      await openForm(visitor, { page });
      const form = await filledForm(visitor.page, 'Attach feature');
      const { status, html } = await form.with({ feature: 'not_there' }).send(visitor);
      assert.equal(status, 400);
      assert.match(html, /There is no feature with the key “not_there” yet\. Give it a name to create it\./);
      visitor.assertNothingOdd();
    });
  });
});
