// A trial in a browser: extended, ended and charged in vain; what needs attention, the timeline, and another card.

import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';

import { price } from './lib/api.mjs';
import { Merchant } from './lib/merchant.mjs';
import { assertHeading, assertReads, assertSaid, BILLING, oneLine, rows, statusOf, SUBSCRIPTIONS } from './lib/pages.mjs';
import { WithMouse } from './lib/people.mjs';
import { createLink, payer, soon, subscriptions } from './lib/sales.mjs';
import { CARDS, subscribes, typeCard } from './lib/sandbox-people.mjs';
import { onEachDatabase, stepByStep, suite } from './lib/suite.mjs';

const MANAGED = 'sk_test_kolaylogin_managed';
const DAY = 24 * 60 * 60 * 1000;

suite('a trial', (stage) => {
  onEachDatabase(stage, (start) => {
    describe('from its extension to the payment after it', () => {
      let service, visitor, person, api, buyer, merchant, link, sold;
      const inOrder = stepByStep();
      const step = (title, act) => it(title, inOrder(async () => {
        await act();
        visitor.assertNothingOdd();
      }));
      const opens = (rest = '') => visitor.opens(`${SUBSCRIPTIONS}/${sold.id}${rest}`);
      const seen = async () => (await subscriptions(api)).find(({ id }) => id === sold.id);
      before(async () => {
        service = await start();
        api = await service.api();
        visitor = await stage.signedIn(service);
        person = new WithMouse(visitor.page);
        await api.enable();
        await api.createPlan({ key: 'pro', name: 'Pro', trialDays: 14, prices: [price(1500)] });
        link = await createLink(api, 'pro', 'user_anna');
        buyer = await payer(stage, service, link.url);
        merchant = new Merchant(MANAGED, link.url);
        await buyer.page.goto(link.url);
        await subscribes(buyer, CARDS.failsLater, 'Start trial');
        sold = await soon(async () => {
          const [subscription] = await subscriptions(api);
          assert.equal(subscription?.status, 'trialing');
          return subscription;
        });
      });

      step('is told with its first charge', async () => {
        await opens();
        assert.equal(await statusOf(person.page), 'Trialing');
        const [next] = await timeline(person.page);
        assert.match(next, /^The trial ends, first charge of \$15\.00 .*, expected$/);
      });

      step('is not made to end in the past', async () => {
        await person.follow('Change trial');
        await person.type('New end, in UTC', '2020-01-01T00:00');
        await person.press('Change trial');
        await assertReads(person.page, 'A trial can only be made to end in the future.');
      });

      step('is extended', async () => {
        const end = new Date(Date.now() + 40 * DAY).toISOString().slice(0, 16);
        await person.type('New end, in UTC', end);
        await person.press('Change trial');
        await assertSaid(person.page, 'The end of the trial was changed.');
        const { status, trialEnd } = await seen();
        assert.deepEqual([status, trialEnd], ['trialing', `${end}:00.000Z`]);
      });

      step('is ended and charged, and the card is declined', async () => {
        await opens('/trial');
        await person.follow('End trial now');
        await person.press('End trial and charge');
        await assertSaid(person.page, 'The trial was ended. The first period has begun.');
        await soon(async () => assert.equal((await seen()).status, 'past_due'));
        const again = api.post(`/apps/app_demo/billing/subscriptions/${sold.id}/trial`, { endsNow: true });
        await assert.rejects(again, /409 .*subscription_not_trialing/);
      });

      step('needs attention then', async () => {
        const item = await soon(async () => {
          const [first] = (await api.get('/apps/app_demo/billing/attention')).items;
          assert.equal(first?.unpaidInvoices.length, 1);
          assert.ok(first.nextAttemptAt);
          return first;
        });
        assert.deepEqual(item.due, { minorUnits: 1500, currency: 'USD' });
        assert.equal(new Date(item.graceEndsAt) - new Date(item.since), 7 * DAY);
        await visitor.opens(SUBSCRIPTIONS);
        await person.follow('Needs attention');
        const [row, ...more] = await rows(person.page.locator('main table tbody tr'));
        assert.deepEqual(more, []);
        for (const part of ['user_anna', 'Pro', 'Past due', '$15.00']) assert.ok(row.includes(part), `${part} in ${row}`);
        await person.follow('user_anna');
        await assertReads(person.page, '$15.00 is due', 'Stripe tries again on', 'Access is kept until');
      });

      step('has all of it in its timeline', async () => {
        const told = await timeline(person.page);
        const order = [
          /^Renews for \$15\.00 .*expected$/, /^Access ends, unless it is paid before .*expected$/,
          /^Stripe tries again to charge \$15\.00 .*expected$/, /^Trialing → past due .* · Stripe$/,
          /^End trial requested .* · demo_owner$/, /^Trial until .* · Stripe$/,
          /^Change trial requested .* · demo_owner$/, /^Created, trialing .* · Stripe$/,
        ];
        const places = order.map((entry) => told.findIndex((line) => entry.test(line)));
        assert.ok(!places.includes(-1), `${places}\n${told.join('\n')}`);
        assert.deepEqual(places, places.toSorted((a, b) => a - b), told.join('\n'));
        const invoice = person.page.locator('.timeline li:not(.next) a').first();
        assert.match(await invoice.getAttribute('href'), /\/invoices\/inv_/);
      });

      step('is paid with another card, which its payer enters at a link', async () => {
        await person.follow('Create a payment-method link');
        await person.press('Create link');
        const url = await person.field('Give it to the payer now').inputValue();
        await buyer.page.goto(url);
        await typeCard(buyer, CARDS.good);
        await buyer.press('Save card');
        const log = (await api.get('/billing/audit-log')).items;
        assert.ok(log.some(({ event }) => event === 'payment_method_link_requested'));
        assert.ok(!JSON.stringify(log).includes(url), 'the link is in the audit log');
        const { customer } = await merchant.stripe.subscriptions.retrieve(sold.stripeId);
        const { invoice_settings: kept } = await merchant.stripe.customers.retrieve(customer);
        const card = await merchant.stripe.paymentMethods.retrieve(kept.default_payment_method);
        assert.equal(card.card.last4, '4242');
        const [{ id }] = (await merchant.stripe.invoices.list({ subscription: sold.stripeId, status: 'open' })).data;
        await merchant.stripe.invoices.pay(id, { payment_method: card.id });
        await soon(async () => assert.equal((await seen()).status, 'active'));
        await visitor.opens(`${BILLING}/attention`);
        await assertHeading(person.page, 'Billing');
        await assertReads(person.page, 'Nothing needs attention.');
      });
    });
  });
});

/** The lines of the timeline, the latest first. */
async function timeline(page) {
  return (await page.locator('.timeline li').allInnerTexts()).map(oneLine);
}
