// What cannot be undone is asked once, what may not be done is refused with the reason, and default plans keep their
// rules.

import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';

import { price } from './lib/api.mjs';
import { openForm } from './lib/forms.mjs';
import { assertHeading, assertReads, assertSaid, BILLING, FEATURES, NEW_PLAN } from './lib/pages.mjs';
import { WithMouse } from './lib/people.mjs';
import { suite } from './lib/suite.mjs';
import { submitTyped, whatIsSaid } from './lib/typed-form.mjs';

suite('with care', (stage) => {
  let service, api, visitor, person, plan, planPage;
  before(async () => {
    service = await stage.onSqlite();
    api = await service.api();
    await api.enable();
    visitor = await stage.signedIn(service);
    person = new WithMouse(visitor.page);
    plan = await api.createPlan({ key: 'pro', name: 'Pro', prices: [price(1250), price(12000, 'USD', 'year')] });
    await api.attach(plan.id, { key: 'export', name: 'Export' });
    planPage = `${BILLING}/plans/${plan.id}`;
  });

  describe('what cannot be undone is asked once', () => {
    it('archiving a price', async () => {
      await asksOnce({
        page: planPage, link: 'Archive $12.50 / month', heading: 'Archive the price $12.50 / month?',
        text: 'Nobody new can subscribe at it. Whoever did keeps it. This cannot be undone.',
        button: 'Archive price', said: 'The price was archived.',
      });
      await assertReads(visitor.page, 'Archived prices 1');
    });

    it('detaching a feature', async () => {
      await asksOnce({
        page: planPage, link: 'Detach Export', heading: 'Detach Export from Pro?',
        text: 'Everyone who has this plan loses the feature at once.',
        button: 'Detach feature', said: 'The feature was detached.',
      });
    });

    it('deleting a feature that is attached is refused with the name of the plan', async () => {
      await api.attach(plan.id, { key: 'export' });
      const stored = await api.state();
      await visitor.opens(`${FEATURES}/export`);
      await person.follow('Delete feature');
      await assertReads(visitor.page, '“Pro”', 'Detach it first');
      assert.equal(await visitor.page.getByRole('button', { name: 'Delete feature' }).count(), 0);
      assert.equal(await visitor.page.getByRole('link', { name: 'Pro', exact: true }).getAttribute('href'), planPage);
      assert.deepEqual(await api.state(), stored);
    });

    it('deleting a feature that was attached while one was asked is refused too', async () => {
      await api.createFeature({ key: 'late', name: 'Late' });
      await visitor.opens(`${FEATURES}/late/delete`);
      await api.attach(plan.id, { key: 'late' });
      const stored = await api.state();
      assert.equal(await submitTyped(visitor.page, 'Delete feature', {}), 409);
      await assertReads(visitor.page, '“Pro”');
      assert.deepEqual(await api.state(), stored);
    });

    it('deleting a feature', async () => {
      await api.createFeature({ key: 'unused', name: 'Unused' });
      await asksOnce({
        page: `${FEATURES}/unused`, link: 'Delete feature', heading: 'Delete Unused?',
        text: 'It is attached to no plan, so nobody loses anything. '
          + 'Code that asks for unused will be told that nobody has it.',
        button: 'Delete feature', said: 'The feature was deleted.',
      });
    });

    it('archiving a plan', async () => {
      await asksOnce({
        page: planPage, link: 'Archive plan', heading: 'Archive Pro?',
        text: 'Nobody new can subscribe to it. Whoever subscribed keeps the plan, its price and its features. '
          + 'This cannot be undone.',
        button: 'Archive plan', said: 'The plan was archived.',
      });
      await visitor.opens(planPage);
      await assertReads(visitor.page, 'Archived on', 'Nobody new can subscribe');
      for (const gone of ['Add a price', 'Add price', 'Edit plan', 'Archive plan']) {
        assert.equal(await visitor.page.getByText(gone, { exact: true }).count(), 0, gone);
      }
      await person.unfold('Attach a feature');
      assert.equal(await visitor.page.getByRole('button', { name: 'Attach feature' }).count(), 1);
    });

    it('disabling billing', async () => {
      await asksOnce({
        page: '/settings/billing', link: 'Disable billing', heading: 'Disable billing?',
        text: 'Open checkouts are ended. Plans, prices and features stay as they are, and you can enable billing again.',
        button: 'Disable billing', said: 'Billing is off.',
      });
      await visitor.opens('/settings/billing/disable');
      assert.equal(new URL(visitor.page.url()).pathname, '/settings/billing', 'nothing is asked while it is off');
      await api.enable();
    });
  });

  describe('the rules of default plans are said beside the field', () => {
    it('a default plan has no prices', () => refusesDefault({ price_amount_1: '12.50' }, /^A default plan is free: leave its prices/));

    it('a default plan has no trial', () => refusesDefault({ trial_days: '14' }, /^A default plan is free: leave/));

    it('there is one default plan for users', async () => {
      await api.createPlan({ key: 'free', name: 'Free', isDefault: true });
      await refusesDefault({}, /“Free” is the default plan for this kind of subscriber/);
    });

    it('a plan with a price cannot become the default plan', async () => {
      const { id } = await api.createPlan({ key: 'sold', name: 'Sold', payerKind: 'organization', prices: [price(1)] });
      await refusesDefault({}, /^The default plan is free: archive its prices/, `${BILLING}/plans/${id}/edit`, 'Save changes');
    });

    async function refusesDefault(values, says, page = NEW_PLAN, button = 'Create plan') {
      const stored = await api.state();
      await openForm(visitor, { page });
      await visitor.page.getByLabel('Default plan').check();
      const typed = page === NEW_PLAN ? { name: 'Base', key: 'base', ...values } : values;
      const status = await submitTyped(visitor.page, button, typed);
      assert.ok([400, 409].includes(status), `answered ${status}`);
      const { beside, isInvalid, isDescribed, changed } = await whatIsSaid(visitor.page, button, 'is_default', typed);
      assert.match(beside, says);
      assert.ok(isInvalid && isDescribed);
      assert.deepEqual(changed, []);
      assert.ok(await visitor.page.getByLabel('Default plan').isChecked(), 'the box is still ticked');
      assert.deepEqual(await api.state(), stored);
    }
  });

  it('two prices of one currency and interval are refused, and nothing typed is lost', async () => {
    const stored = await api.state();
    const typed = { name: 'Twice', key: 'twice', price_amount_1: '1.00', price_amount_2: '2.00' };
    await openForm(visitor, { page: NEW_PLAN, presses: ['Add another price'] });
    assert.equal(await submitTyped(visitor.page, 'Create plan', typed), 400);
    await assertReads(visitor.page, 'A plan has one price per currency and interval.');
    assert.deepEqual((await whatIsSaid(visitor.page, 'Create plan', 'name', typed)).changed, []);
    assert.deepEqual(await api.state(), stored);
  });

  /** Opens the question, cancels it, opens it again and says yes. Nothing changes before that. */
  async function asksOnce({ page, link, heading, text, button, said }) {
    const stored = await api.state();
    await visitor.opens(page);
    await person.follow(link);
    await assertHeading(visitor.page, heading);
    await assertReads(visitor.page, text);
    await person.follow('Cancel');
    assert.equal(new URL(visitor.page.url()).pathname, page);
    assert.deepEqual(await api.state(), stored);
    await person.follow(link);
    await person.press(button);
    await assertSaid(visitor.page, said);
    assert.notDeepEqual((await api.state()).log, stored.log);
    visitor.assertNothingOdd();
  }
});
