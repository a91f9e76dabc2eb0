// Two people editing the same thing: the second is told, sees both values, and loses nothing.

import assert from 'node:assert/strict';
import { before, it } from 'node:test';

import { fill } from './lib/changes.mjs';
import { assertReads, assertSaid, BILLING, FEATURES, NEW_FEATURE_PANEL } from './lib/pages.mjs';
import { suite } from './lib/suite.mjs';
import { submitTyped } from './lib/typed-form.mjs';

suite('two people at once', (stage) => {
  let service, api, ada, bob;
  before(async () => {
    service = await stage.onSqlite();
    api = await service.api();
    await api.enable();
    ada = await stage.signedIn(service, { person: { user: 'ada' } });
    bob = await stage.signedIn(service, { person: { user: 'bob', role: 'admin' } });
  });

  it('editing a plan: the second sees both values and can save again', async () => {
    const { id } = await api.createPlan({ key: 'pro', name: 'Pro', trialDays: 14, description: 'As it was' });
    await secondIsTold({
      what: 'plan',
      page: `${BILLING}/plans/${id}/edit`,
      first: { name: 'Ada Pro', description: 'By Ada', trial_days: '30' },
      second: { name: 'Bob Pro', description: 'By Bob', trial_days: '7' },
      beside: { name: 'Ada Pro', description: 'By Ada', trial_days: '30 days' },
      stored: async () => {
        const { name, description, trialDays } = await api.get(`/apps/app_demo/billing/plans/${id}`);
        return { name, description, trial_days: String(trialDays) };
      },
    });
  });

  it('editing a feature: the second sees both values and can save again', async () => {
    await api.createFeature({ key: 'export', name: 'Export' });
    await secondIsTold({
      what: 'feature',
      page: `${FEATURES}/export`,
      first: { name: 'Ada export', description: 'By Ada' },
      second: { name: 'Bob export', description: '' },
      beside: { name: 'Ada export', description: 'By Ada' },
      stored: async () => {
        const { name, description } = await api.get('/apps/app_demo/billing/features/export');
        return { name, description: description ?? '' };
      },
    });
  });

  it('editing an app: the second sees both values and can save again', async () => {
    await secondIsTold({
      what: 'app',
      page: '/app/app_demo',
      first: { name: 'Ada app', origins: 'https://ada.example' },
      second: { name: 'Bob app', origins: 'https://bob.example' },
      beside: { name: 'Ada app', origins: 'https://ada.example' },
      stored: async () => {
        const { name, allowedRedirectOrigins } = await api.get('/apps/app_demo');
        return { name, origins: allowedRedirectOrigins.join('\n') };
      },
    });
  });

  it('adding a price: the second is told that the plan has changed, and can send it again', async () => {
    const { id } = await api.createPlan({ key: 'prices', name: 'Prices' });
    const page = `${BILLING}/plans/${id}`;
    await ada.opens(page);
    await bob.opens(page);
    assert.equal(await submitTyped(ada.page, 'Add price', { amount: '10.00', currency: 'USD' }), 303);
    assert.equal(await submitTyped(bob.page, 'Add price', { amount: '20.00', currency: 'USD' }), 409);
    await assertReads(bob.page, 'Nothing was saved.', '$10.00');
    assert.equal(await bob.page.locator('[name=amount]').inputValue(), '20.00');
    const { prices } = await api.get(`/apps/app_demo/billing/plans/${id}`);
    assert.deepEqual(prices.map(({ amount }) => amount.minorUnits), [1000]);

    assert.equal(await submitTyped(bob.page, 'Add price', {}), 303);
    await assertReads(bob.page, '$20.00', 'Archived prices 1');
  });

  it('attaching features: both get theirs, since neither changes what the other did', async () => {
    const { id } = await api.createPlan({ key: 'features', name: 'Features' });
    const page = `${BILLING}/plans/${id}${NEW_FEATURE_PANEL}`;
    await ada.opens(page);
    await bob.opens(page);
    const button = 'Create and attach feature';
    assert.equal(await submitTyped(ada.page, button, { key: 'by_ada', name: 'Ada' }), 303);
    assert.equal(await submitTyped(bob.page, button, { key: 'by_bob', name: 'Bob' }), 303);
    await assertReads(bob.page, 'by_ada', 'by_bob');
  });

  it('a plan that was archived meanwhile is not changed, and the second is told', async () => {
    const { id } = await api.createPlan({ key: 'gone', name: 'Gone' });
    await ada.opens(`${BILLING}/plans/${id}/edit`);
    await api.archivePlan(id);
    const status = await submitTyped(ada.page, 'Save changes', { name: 'Back' });
    assert.equal(status, 409);
    assert.equal(await ada.page.locator('main [role=alert]').count(), 1);
    assert.equal((await api.get(`/apps/app_demo/billing/plans/${id}`)).name, 'Gone');
  });

  it('a form from before the feature was deleted finds nothing, and says so', async () => {
    await api.createFeature({ key: 'short_lived', name: 'Short' });
    await ada.opens(`${FEATURES}/short_lived`);
    await api.delete('/apps/app_demo/billing/features/short_lived');
    assert.equal(await submitTyped(ada.page, 'Save changes', {}), 404);
    await assertReads(ada.page, 'Page not found', 'There is no such feature in this app.');
  });

  /** `first` and `second` are typed into the same form, opened by both before either saved. */
  async function secondIsTold({ what, page, first, second, beside, stored }) {
    await ada.opens(page);
    await bob.opens(page);
    await fill(ada.page, 'Save changes', first);
    await fill(bob.page, 'Save changes', second);

    assert.equal(await submitTyped(ada.page, 'Save changes', {}), 303);
    await assertSaid(ada.page, `The ${what} was saved.`);
    assert.equal(await submitTyped(bob.page, 'Save changes', {}), 409);

    assert.deepEqual(await stored(), first, 'what the first one saved is there');
    await assertReads(bob.page, `This ${what} has changed while you were editing`);
    for (const [name, value] of Object.entries(second)) {
      assert.equal(await bob.page.locator(`main [name=${name}]`).inputValue(), value, `${name} as typed`);
      assert.equal(await bob.page.locator(`#${name}-saved`).innerText(), `Saved now: ${beside[name]}`);
    }

    assert.equal(await submitTyped(bob.page, 'Save changes', {}), 303);
    assert.deepEqual(await stored(), second, 'saved again, the second one has what they typed');
    bob.assertNothingOdd();
  }
});

