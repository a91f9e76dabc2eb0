// A change of plan, interval and seats in a browser: what is charged is what was shown, in each currency.

import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';

import { price } from './lib/api.mjs';
import { assertReads, assertSaid, SUBSCRIPTIONS } from './lib/pages.mjs';
import { WithMouse } from './lib/people.mjs';
import { invoices, pay, payer, soon, subscriptions } from './lib/sales.mjs';
import { DAY } from './lib/sandbox-scenes.mjs';
import { onEachDatabase, stepByStep, suite } from './lib/suite.mjs';

/** Amounts a month of the small and the large plan, and a year of the small one, in minor units. */
const CURRENCIES = {
  USD: [1_999, 7_301, 19_990], JPY: [1_999, 7_301, 19_990], HUF: [199_900, 730_100, 1_999_000],
  KWD: [1_990, 7_310, 19_900],
};

suite('a change of plan', (stage) => {
  onEachDatabase(stage, (start) => {
    describe('with the money shown first', () => {
      let service, visitor, person, api, sandbox;
      const sold = {};
      const inOrder = stepByStep();
      const step = (title, act) => it(title, inOrder(async () => {
        await act();
        visitor.assertNothingOdd();
      }));
      before(async () => {
        service = await start();
        api = await service.api();
        await api.enable();
        const prices = (of) => Object.entries(CURRENCIES).flatMap(([currency, amounts]) => of(currency, amounts));
        await api.createPlan({ key: 'small', name: 'Small', prices: prices((currency, [month, , year]) => [
          price(month, currency), price(year, currency, 'year'),
        ]) });
        await api.createPlan({
          key: 'large', name: 'Large', prices: prices((currency, [, month]) => [price(month, currency)]),
        });
        visitor = await stage.signedIn(service);
        person = new WithMouse(visitor.page);
      });

      step('begins with five seats of a plan in each currency', async () => {
        for (const currency of Object.keys(CURRENCIES)) {
          const user = { kind: 'user', id: `user_${currency}` };
          const link = await api.post('/apps/app_demo/billing/checkout-links', {
            payer: user, plan: 'small', interval: 'month', currency, quantity: 5,
          });
          await pay(await payer(stage, service, link.url), link.url);
          sandbox = new URL(link.url).origin;
          sold[currency] = await soon(async () => {
            const found = (await subscriptions(api)).find(({ checkoutLinkId }) => checkoutLinkId === link.id);
            assert.equal(found?.status, 'active');
            return found;
          });
        }
        await moveClock(11 * DAY + 4_321);
      });

      for (const currency of Object.keys(CURRENCIES)) {
        step(`is an upgrade in mid-period that costs what was shown, in ${currency}`, async () => {
          const [charged] = await changes(currency, { 'New plan': 'Large' });
          assert.ok(charged > 0);
        });

        step(`is three seats more and five seats less, in ${currency}`, async () => {
          const [more] = await changes(currency, { Seats: '8' });
          assert.ok(more > 0);
          const [charged, total] = await changes(currency, { Seats: '3' });
          assert.ok(charged === 0 && total < 0, `${charged}, ${total}`);
        });
      }

      step('begins a new period with another interval', async () => {
        const [charged] = await changes('USD', { 'New plan': 'Small', Billed: 'Yearly' });
        assert.ok(charged > 0);
        const { currentPeriodStart, currentPeriodEnd } = await subscription('USD');
        assert.equal((Date.parse(currentPeriodEnd) - Date.parse(currentPeriodStart)) / (DAY * 1_000), 365);
      });

      step('is shown anew when it does not cost what was shown any more', async () => {
        await opensForm('JPY');
        await person.type('Seats', '9');
        await person.press('Preview the change');
        await person.type('Seats', '10');
        await person.page.getByRole('button', { name: /^Change plan and charge/ }).click();
        await assertReads(person.page, 'The preview does not hold any more');
        assert.equal((await subscription('JPY')).quantity, 3);
        await confirms();
        assert.equal((await subscription('JPY')).quantity, 10);
      });

      step('is not offered to do what changes nothing', async () => {
        await opensForm('KWD');
        await person.press('Preview the change');
        await assertReads(person.page, 'The subscription has this plan, interval and number of seats already.');
      });

      for (const currency of ['HUF', 'KWD']) {
        step(`is a downgrade at the end of the period, which can be undone until then, in ${currency}`, async () => {
          await schedules(currency);
          await person.follow('Undo the change');
          await person.press('Undo the change');
          await assertSaid(person.page, 'The scheduled change was undone.');
          assert.equal((await subscription(currency)).scheduledChange, null);
          await schedules(currency);
          const { scheduledChange, currentPeriodEnd } = await subscription(currency);
          assert.deepEqual([scheduledChange.at, scheduledChange.quantity], [currentPeriodEnd, 2]);
        });
      }

      step('is charged from the next period on', async () => {
        await moveClock(31 * DAY);
        for (const currency of ['HUF', 'KWD']) {
          await soon(async () => {
            const { quantity, priceId, scheduledChange } = await subscription(currency);
            assert.deepEqual([quantity, scheduledChange], [2, null]);
            assert.equal(priceId, sold[currency].priceId);
            const [invoice] = await invoicesOf(currency);
            assert.deepEqual([invoice.status, invoice.total.minorUnits], ['paid', 2 * CURRENCIES[currency][0]]);
          });
        }
      });

      async function schedules(currency) {
        const before = await invoicesOf(currency);
        await opensForm(currency);
        await person.choose('New plan', 'Small');
        await person.type('Seats', '2');
        await person.field('From').selectOption('period_end');
        await person.press('Preview the change');
        await person.press('Schedule the change');
        await assertSaid(person.page, 'The change is scheduled for the end of the period.');
        await assertReads(person.page, 'Changes to Small');
        assert.equal((await invoicesOf(currency)).length, before.length);
      }

      /** Previews and makes a change; gives what was charged, and the total. */
      async function changes(currency, values) {
        const before = await invoicesOf(currency);
        await opensForm(currency);
        for (const [label, value] of Object.entries(values)) {
          if (label === 'Seats') await person.type(label, value);
          else await person.choose(label, value);
        }
        await person.press('Preview the change');
        const rows = await person.page.locator('table.sum tr').allInnerTexts();
        const shown = rows.filter((row) => !row.startsWith('Customer’s balance')).map((row) => row.split('\t').at(-1));
        await confirms();
        const [invoice] = await soon(async () => {
          const after = await invoicesOf(currency);
          assert.equal(after.length, before.length + 1);
          assert.equal(after[0].status, 'paid');
          return after;
        });
        const { lines } = await api.get(`/apps/app_demo/billing/invoices/${invoice.id}`);
        const written = [...lines.map(({ amount }) => amount), invoice.amountDue].map(({ minorUnits }) => minorUnits);
        assert.deepEqual(shown.map(minorUnits), written);
        return [invoice.amountDue.minorUnits, invoice.total.minorUnits];
      }

      async function confirms() {
        await person.page.getByRole('button', { name: /^Change plan( and charge|, charge nothing)/ }).click();
        await assertSaid(person.page, 'The plan of the subscription was changed.');
      }

      async function opensForm(currency) {
        await visitor.opens(`${SUBSCRIPTIONS}/${sold[currency].id}`);
        await person.follow('Change plan');
      }

      async function invoicesOf(currency) {
        return (await invoices(api)).filter(({ subscriptionId }) => subscriptionId === sold[currency].id);
      }

      function subscription(currency) {
        return api.get(`/apps/app_demo/billing/subscriptions/${sold[currency].id}`);
      }

      async function moveClock(advanceSeconds) {
        const headers = { 'content-type': 'application/json' };
        const body = JSON.stringify({ advanceSeconds });
        const answer = await fetch(`${sandbox}/_sandbox/clock`, { method: 'POST', headers, body });
        assert.equal(answer.status, 200, await answer.text());
      }
    });
  });
});

/** The minor units of an amount as a page writes it, with the currency's decimals and a minus before a credit. */
function minorUnits(written) {
  const digits = Number(written.replace(/\D/g, ''));
  return written.includes('−') ? -digits : digits;
}
