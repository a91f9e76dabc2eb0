// The same form twice, the same key twice, and a form sent again with other values.

import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';

import { price } from './lib/api.mjs';
import { fill } from './lib/changes.mjs';
import { filledForm, openForm } from './lib/forms.mjs';
import { assertReads, assertSaid, BILLING, NEW_FEATURE, NEW_FEATURE_PANEL, NEW_PLAN } from './lib/pages.mjs';
import { onEachDatabase, suite } from './lib/suite.mjs';
import { submitTyped, whatIsSaid } from './lib/typed-form.mjs';
import { assertWhole } from './lib/whole.mjs';

const SENT_BEFORE = 'This form was sent before, with other values. Send it again to add another one.';

/** Forms that make something: what they make, named so that each test makes its own. */
const MAKERS = [
  {
    what: 'app', page: '/app/new', button: 'Create app', values: (name) => ({ name }),
    made: (state, name) => state.apps.filter((app) => app.name === name),
  },
  {
    what: 'plan', page: NEW_PLAN, presses: ['Add another price'], button: 'Create plan',
    values: (name) => ({ name, key: name, price_amount_1: '12.50' }),
    more: { price_amount_2: '1200', price_currency_2: 'JPY' },
    made: (state, name) => state.plans.filter((plan) => plan.name === name),
  },
  {
    what: 'feature', page: NEW_FEATURE, button: 'Create feature', values: (name) => ({ name, key: name }),
    made: (state, name) => state.features.filter((feature) => feature.name === name),
  },
];

suite('a form that is sent twice', (stage) => {
  onEachDatabase(stage, (start) => {
    let service, api;
    before(async () => {
      service = await start();
      api = await service.api();
      await api.enable();
    });

    for (const { what, button, values, more, made, ...form } of MAKERS) {
      for (const javaScriptEnabled of [true, false]) {
        const how = javaScriptEnabled ? 'with' : 'without';
        it(`by a double click makes one ${what}, ${how} JavaScript`, async (context) => {
          const visitor = await stage.signedIn(service, { javaScriptEnabled });
          const name = `double_${what}_${how}`;
          await openForm(visitor, form);
          const posted = () => visitor.requests.filter((request) => request.method() === 'POST').length;
          const before = posted();
          await (await fill(visitor.page, button, { ...values(name), ...more })).dblclick();
          await assertSaid(visitor.page, `The ${what} was created.`);
          const state = await api.state();
          assert.equal(made(state, name).length, 1);
          assertWhole(state);
          const sent = posted() - before;
          context.diagnostic(`the browser sent it ${sent} times`);
          if (javaScriptEnabled) assert.equal(sent, 1, 'with JavaScript the second click sends nothing');
          await visitor.leave();
        });
      }

      it(`eight times at once makes one ${what}, and all eight are told of it`, async () => {
        const visitor = await stage.signedIn(service);
        const name = `eight_${what}`;
        await openForm(visitor, form);
        await fill(visitor.page, button, { ...values(name), ...more });
        const filled = await filledForm(visitor.page, button);
        const answers = await Promise.all(Array.from({ length: 8 }, () => filled.send(visitor)));
        const state = await api.state();
        assert.equal(made(state, name).length, 1);
        assertWhole(state);
        const told = answers.map(({ status, location }) => `${status} ${location}`);
        assert.deepEqual(new Set(told), new Set([`303 ${answers[0].location}`]));
        await visitor.leave();
      });
    }

    it('eight times at once attaches one feature', async () => {
      const visitor = await stage.signedIn(service);
      const { id } = await api.createPlan({ key: 'attached', name: 'Attached' });
      await visitor.opens(`${BILLING}/plans/${id}${NEW_FEATURE_PANEL}`);
      await fill(visitor.page, 'Create and attach feature', { key: 'once_only', name: 'Once' });
      const form = await filledForm(visitor.page, 'Create and attach feature');
      const answers = await Promise.all(Array.from({ length: 8 }, () => form.send(visitor)));
      const state = await api.state();
      assert.equal(state.features.filter((feature) => feature.key === 'once_only').length, 1);
      assertWhole(state);
      assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([303]));
      await visitor.leave();
    });

    it('eight times at once adds one price', async () => {
      const visitor = await stage.signedIn(service);
      const { id } = await api.createPlan({ key: 'priced', name: 'Priced' });
      await visitor.opens(`${BILLING}/plans/${id}`);
      await fill(visitor.page, 'Add price', { amount: '7.00', currency: 'USD' });
      const form = await filledForm(visitor.page, 'Add price');
      const answers = await Promise.all(Array.from({ length: 8 }, () => form.send(visitor)));
      const state = await api.state();
      assert.equal(state.plans.find((plan) => plan.id === id).prices.length, 1);
      assertWhole(state);
      assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([303]));
      await visitor.leave();
    });

    it('eight times at once makes one checkout link, and all eight are led to it', async () => {
      const visitor = await stage.signedIn(service);
      const { id } = await api.createPlan({ key: 'sold', name: 'Sold', prices: [price(700)] });
      await visitor.opens(`${BILLING}/plans/${id}/checkout-link`);
      await fill(visitor.page, 'Create checkout link', { payer: 'user_anna' });
      const form = await filledForm(visitor.page, 'Create checkout link');
      const answers = await Promise.all(Array.from({ length: 8 }, () => form.send(visitor)));
      const told = answers.map(({ status, location }) => `${status} ${location}`);
      assert.deepEqual(new Set(told), new Set([`303 ${answers[0].location}`]));
      const made = (await api.list('/billing/audit-log')).filter(isLinkMade);
      assert.equal(made.length, 1);
      await visitor.leave();
    });
  });

  describe('with something else in between', () => {
    let service, visitor, api;
    before(async () => {
      service = await stage.onSqlite();
      visitor = await stage.signedIn(service);
      api = await service.api();
      await api.enable();
    });

    it('a key that another plan has is refused beside the field, and nothing typed is lost', async () => {
      await api.createPlan({ key: 'taken', name: 'First' });
      await refusesKey({ page: NEW_PLAN, button: 'Create plan', says: /Another plan of this app has the key .taken./ });
    });

    it('a key that another feature has is refused beside the field, and nothing typed is lost', async () => {
      await api.createFeature({ key: 'taken', name: 'First' });
      const says = /has a feature with the key .taken. already/;
      await refusesKey({ page: NEW_FEATURE, button: 'Create feature', says });
    });

    async function refusesKey({ page, button, says }) {
      const stored = await api.state();
      const typed = { name: 'Second', key: 'taken', description: 'Mine' };
      await visitor.opens(page);
      assert.equal(await submitTyped(visitor.page, button, typed), 409);
      const said = await whatIsSaid(visitor.page, button, 'key', typed);
      assert.match(said.beside, says);
      assert.deepEqual(said.changed, []);
      assert.deepEqual(await api.state(), stored);

      assert.equal(await submitTyped(visitor.page, button, { ...typed, key: 'not_taken' }), 303);
      await assertSaid(visitor.page, 'was created.');
    }

    for (const { what, page, button, values, made } of MAKERS) {
      it(`the form of a new ${what} with other values says so, and makes a second one only when sent again`, async () => {
        const [first, second] = [`one_${what}`, `two_${what}`];
        await visitor.opens(page);
        const button1 = await fill(visitor.page, button, values(first));
        const token = await visitor.page.locator('main [name=submission]').first().inputValue();
        await Promise.all([visitor.page.waitForEvent('load'), button1.click()]);
        const stored = await api.state();

        await visitor.opens(page);
        await fill(visitor.page, button, values(second));
        const hidden = visitor.page.locator('main [name=submission]').first();
        await hidden.evaluate((field, old) => { field.value = old; }, token);
        assert.equal(await submitTyped(visitor.page, button, {}), 409);
        await assertReads(visitor.page, SENT_BEFORE);
        assert.deepEqual(await api.state(), stored);

        assert.equal(await submitTyped(visitor.page, button, {}), 303);
        const state = await api.state();
        assert.equal(made(state, first).length, 1);
        assert.equal(made(state, second).length, 1);
      });

      it(`going back after a new ${what} and sending other values never changes the first one`, async (context) => {
        const [first, second] = [`back_${what}`, `forth_${what}`];
        await visitor.opens(page);
        const send = await fill(visitor.page, button, values(first));
        await Promise.all([visitor.page.waitForEvent('load'), send.click()]);
        const [made1] = made(await api.state(), first);
        await visitor.page.goBack();
        await fill(visitor.page, button, values(second));
        const status = await submitTyped(visitor.page, button, {});
        context.diagnostic(`answered ${status}`);
        if (status === 409) {
          await assertReads(visitor.page, SENT_BEFORE);
          assert.equal(await submitTyped(visitor.page, button, {}), 303);
        }
        const state = await api.state();
        assert.deepEqual(made(state, first), [made1]);
        assert.equal(made(state, second).length, 1);
      });
    }
  });
});

function isLinkMade({ subject, event }) {
  return subject === 'checkout' && event === 'created';
}
