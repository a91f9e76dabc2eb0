// The life of a sale in a browser and over HTTP: enabled, sold, paid, refused to be disabled, ended, disabled.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { before, describe, it } from 'node:test';

import { price } from './lib/api.mjs';
import { Merchant } from './lib/merchant.mjs';
import {
  assertHeading, assertReads, assertSaid, BILLING, detail, INVOICES, NEW_PLAN, rows, statusOf, SUBSCRIPTIONS,
} from './lib/pages.mjs';
import { WithMouse } from './lib/people.mjs';
import { createLink, invoices, linkOf, pay, payer, sell, soon, subscriptions } from './lib/sales.mjs';
import { assertHeading as assertAtStripe, CARDS, subscribes } from './lib/sandbox-people.mjs';
import { DAY } from './lib/sandbox-scenes.mjs';
import { onEachDatabase, stepByStep, suite } from './lib/suite.mjs';

const DISABLE = '/settings/billing/disable';
const MANAGED = 'sk_test_kolaylogin_managed';
const FEATURES = [{ name: 'Export', key: 'export' }, { name: 'Reports', key: 'reports' }];

suite('a sale', (stage) => {
  onEachDatabase(stage, (start) => {
    describe('from billing that is off to billing that is off', () => {
      let service, visitor, person, api, plan, buyer, sold, spare;
      const inOrder = stepByStep();
      const step = (title, act) => it(title, inOrder(async () => {
        await act();
        visitor.assertNothingOdd();
      }));
      before(async () => {
        service = await start();
        api = await service.api();
        visitor = await stage.signedIn(service);
        person = new WithMouse(visitor.page);
      });

      step('begins when billing is enabled', async () => {
        await visitor.opens(`${BILLING}/enable`);
        await person.press('Enable Billing');
        await assertSaid(person.page, 'Billing is on.');
      });

      step('needs a plan, here with two features, a price a month and a price a year', async () => {
        plan = await createPlan(visitor, person, api);
        const prices = plan.prices.map(({ amount, interval }) => `${amount.minorUnits} ${amount.currency} ${interval}`);
        assert.deepEqual(prices.toSorted(), ['12000 USD year', '1250 USD month']);
        assert.deepEqual(plan.features.map(({ key }) => key).toSorted(), ['export', 'reports']);
      });

      step('needs a checkout link for a user', async () => {
        await person.follow('Create checkout link');
        await person.type('User id', 'user_anna');
        await person.press('Create checkout link');
        await assertSaid(person.page, 'The checkout link is ready.');
        assert.equal(await statusOf(person.page), 'Open');
        assert.equal(await detail(person.page, 'Price'), '$12.50 / month');
        const id = await detail(person.page, 'Link id');
        const url = await person.field('Send it to the payer').inputValue();
        assert.equal((await linkOf(api, id)).url, url);
        buyer = await payer(stage, service, url);
        sold = { id, url };
        spare = await createLink(api, 'team', 'user_ben');
      });

      step('is paid on Stripe’s page, which leads back to a page that says thank you', async () => {
        await pay(buyer, sold.url);
        await buyer.page.waitForURL(`${service.url}/checkout/thanks`);
        await assertHeading(buyer.page, 'Thank you');
      });

      step('is an active subscription and a paid invoice within five seconds', () => soon(async () => {
        const [subscription, ...others] = await subscriptions(api);
        const [invoice, ...more] = await invoices(api);
        assert.deepEqual([others, more], [[], []]);
        assert.equal(subscription?.status, 'active');
        assert.deepEqual([subscription.payer, subscription.planId], [{ kind: 'user', id: 'user_anna' }, plan.id]);
        assert.equal(subscription.checkoutLinkId, sold.id);
        assert.deepEqual([invoice?.status, invoice?.subscriptionId], ['paid', subscription.id]);
        assert.deepEqual(invoice.amountPaid, { minorUnits: 1250, currency: 'USD' });
        sold = { ...sold, subscription, invoice };
      }));

      step('is shown on the pages of subscriptions and invoices', async () => {
        await visitor.opens(SUBSCRIPTIONS);
        await assertRow(person.page, 'user_anna', 'Active', 'Team', '$12.50', 'Renews');
        await person.follow('user_anna');
        assert.equal(await statusOf(person.page), 'Active');
        await assertReads(person.page, sold.invoice.number, 'Paid');
        await visitor.opens(INVOICES);
        await assertRow(person.page, sold.invoice.number, 'Paid', 'user_anna', '$12.50');
        await person.follow(sold.invoice.number);
        assert.equal(await statusOf(person.page), 'Paid');
      });

      step('is counted, found and exported by the lists, and shown on the page of its payer', async () => {
        await visitor.opens(`${SUBSCRIPTIONS}?payer=user_an`);
        await assertRow(person.page, 'user_anna', 'Active');
        await visitor.opens(SUBSCRIPTIONS);
        await person.follow('Ending 0');
        await assertReads(person.page, 'Nothing matches these filters.');
        await person.follow('Active 1');
        const [download] = await Promise.all([
          person.page.waitForEvent('download'), person.page.getByRole('link', { name: 'Export CSV' }).click(),
        ]);
        assert.equal(download.suggestedFilename(), 'subscriptions.csv');
        const [columns, row] = (await readFile(await download.path(), 'utf8')).split('\r\n');
        assert.match(columns, /^id,status,payer_kind,payer_id,/);
        assert.ok(row.startsWith(`${sold.subscription.id},active,user,user_anna,${plan.id},`), row);
        await person.follow('User user_anna');
        await assertHeading(person.page, 'user_anna');
        await assertReads(person.page, 'By a subscription that is paid.', 'Team', '$12.50', sold.invoice.number);
      });

      step('keeps billing on while it renews itself', async () => {
        await refusesToDisable('Active', 'Renews');
      });

      step('is canceled at the end of its period, and keeps billing on until then', async () => {
        await visitor.opens(`${SUBSCRIPTIONS}/${sold.subscription.id}`);
        await person.follow('Cancel at period end');
        await person.press('Cancel at period end');
        await assertSaid(person.page, 'The subscription ends with its paid period.');
        assert.equal(await statusOf(person.page), 'Ending');
        const [{ status, cancelAt, currentPeriodEnd }] = await subscriptions(api);
        assert.deepEqual([status, cancelAt], ['active', currentPeriodEnd]);
        await refusesToDisable('Ending', 'Ends');
      });

      step('goes on when it is resumed, and can be canceled again', async () => {
        await visitor.opens(`${SUBSCRIPTIONS}/${sold.subscription.id}`);
        await person.follow('Resume');
        await person.press('Resume subscription');
        await assertSaid(person.page, 'The subscription goes on. It renews itself again.');
        assert.equal(await statusOf(person.page), 'Active');
        assert.equal((await subscriptions(api))[0].cancelAt, null);
        const cancel = `/apps/app_demo/billing/subscriptions/${sold.subscription.id}/cancel`;
        await api.post(cancel, { atPeriodEnd: true });
        const requested = (await api.get('/billing/audit-log')).items.filter(({ event }) => event.endsWith('_requested'));
        assert.deepEqual(requested.map(({ event, actor }) => [event, actor.kind]), [
          ['cancel_at_period_end_requested', 'dashboard_user'], ['resume_requested', 'dashboard_user'],
          ['cancel_at_period_end_requested', 'dashboard_user'],
        ]);
      });

      step('is refunded in parts, and never beyond what was paid', async () => {
        const invoice = `${INVOICES}/${sold.invoice.id}`;
        for (const [amount, status, left] of [['5.00', 'Partly refunded', '$7.50'], ['4.00', 'Partly refunded', '$3.50']]) {
          await visitor.opens(invoice);
          await person.follow('Refund');
          await person.type('Amount, in USD', amount);
          await person.press('Refund');
          await assertSaid(person.page, 'The refund was made.');
          assert.equal(await statusOf(person.page), status);
          await visitor.opens(`${invoice}/refund`);
          await assertReads(person.page, `${left} is left to refund.`);
        }
        await person.type('Amount, in USD', '3.51');
        await person.press('Refund');
        await assertReads(person.page, '$3.51 was asked for, and $3.50 is left to refund: $12.50 was paid, $9.00 was refunded.');
        await person.type('Amount, in USD', '3.50');
        await person.press('Refund');
        await assertSaid(person.page, 'The refund was made.');
        assert.equal(await statusOf(person.page), 'Refunded');
        await visitor.opens(INVOICES);
        await assertRow(person.page, sold.invoice.number, 'Refunded', 'user_anna', '$12.50');
        const merchant = new Merchant(MANAGED, sold.url);
        const { data } = await merchant.stripe.refunds.list({ limit: 100 });
        assert.deepEqual(data.map(({ amount }) => amount), [350, 400, 500]);
      });

      step('ends with its period', async () => {
        await moveClock(new URL(sold.url).origin, 32 * DAY);
        await soon(async () => assert.equal((await subscriptions(api))[0].status, 'canceled'));
        await visitor.opens(`${SUBSCRIPTIONS}/${sold.subscription.id}`);
        assert.equal(await statusOf(person.page), 'Canceled');
      });

      step('does not keep billing on any longer', async () => {
        await visitor.opens(DISABLE);
        await person.press('Disable billing');
        await assertSaid(person.page, 'Billing is off.');
        assert.equal((await api.get('/billing/status')).billingEnabled, false);
      });

      step('cannot be made with a link from before', async () => {
        await buyer.page.goto(spare.url);
        await assertAtStripe(buyer, 'This checkout has expired');
      });

      /** The page and the API name the subscription and nothing else. */
      async function refusesToDisable(status, next) {
        const { id, stripeId, gatewayAccountId } = sold.subscription;
        const blocker = {
          kind: 'subscription', id, stripeId, appId: 'app_demo', payer: { kind: 'user', id: 'user_anna' },
          status: 'active',
        };
        await assert.rejects(api.post('/billing/disable'), (error) => {
          assert.match(error.message, /^POST \/billing\/disable: 400 /);
          const { details } = JSON.parse(error.message.slice(error.message.indexOf('{')));
          assert.deepEqual(details, { blockers: [blocker], total: 1 });
          return true;
        });
        const preflight = await api.get('/billing/disable/preflight');
        assert.deepEqual(preflight, { canDisable: false, blockers: [blocker], total: 1 });
        await visitor.opens(DISABLE);
        await assertReads(person.page, 'Billing stays on: 1 thing can still be charged');
        await assertReads(person.page, 'Asked Stripe at');
        await assertRow(
          person.page, 'Subscription', next, id, status, 'user_anna', 'Demo app', gatewayAccountId, 'Cancel now',
        );
        assert.equal((await api.get('/billing/status')).billingEnabled, true);
      }
    });

    it('is in the way of disabling with all that follows from it, each with a page and an action', async () => {
      const service = await start();
      const api = await service.api();
      await api.enable();
      await api.createPlan({ key: 'team', name: 'Team', prices: [price(1250)] });
      const { subscription } = await sell(stage, service, 'team', 'user_anna');
      const { url } = await createLink(api, 'team', 'user_ben');
      const merchant = new Merchant(MANAGED, url);
      const { customer } = await merchant.stripe.subscriptions.retrieve(subscription.stripeId);
      await merchant.invoices(customer, 1);
      const visitor = await stage.signedIn(service);
      await visitor.opens(DISABLE);
      const links = visitor.page.locator('main tbody a');
      assert.deepEqual((await links.allInnerTexts()).map((text) => text.split('\n')[0]), [
        'Checkout link', 'End link', 'Subscription', 'Cancel now', 'Invoice at Stripe', 'Open at Stripe',
      ]);
      for (const link of await links.all()) {
        const address = new URL(await link.getAttribute('href'), service.url).href;
        assert.equal((await visitor.page.request.get(address)).status(), 200, address);
      }
    });

    it('cannot be made once billing was disabled, even on a page that was opened before', async () => {
      const service = await start();
      const api = await service.api();
      await api.enable();
      await api.createPlan({ key: 'team', name: 'Team', prices: [price(1250)] });
      const visitor = await stage.signedIn(service);
      await visitor.opens(DISABLE);
      const link = await createLink(api, 'team', 'user_anna');
      const buyer = await payer(stage, service, link.url);
      await buyer.page.goto(link.url);
      await new WithMouse(visitor.page).press('Disable billing');
      await assertSaid(visitor.page, 'Billing is off.');
      await subscribes(buyer, CARDS.good);
      await assertAtStripe(buyer, 'This checkout has expired');
      await api.enable();
      assert.deepEqual(await subscriptions(api), []);
      assert.equal((await linkOf(api, link.id)).status, 'expired');
    });
  });
});

async function createPlan(visitor, person, api) {
  await visitor.opens(NEW_PLAN);
  await person.type('Name', 'Team');
  await person.type('Key', 'team');
  await person.type('Amount of price 1', '12.50');
  await person.press('Add another price');
  await person.type('Amount of price 2', '120');
  await person.choose('Billed of price 2', 'Yearly');
  await person.press('Create plan');
  await assertSaid(person.page, 'The plan was created.');
  for (const { name, key } of FEATURES) {
    await person.unfold('Attach a feature');
    await person.type('Name', name);
    await person.type('Key', key);
    await person.press('Create and attach feature');
    await assertSaid(person.page, 'The feature was attached.');
  }
  const [plan] = (await api.state()).plans;
  return plan;
}

/** The table has one row, which reads so. */
async function assertRow(page, ...parts) {
  const [row, ...more] = await rows(page.locator('main table tbody tr'));
  assert.deepEqual(more, []);
  for (const part of parts) assert.ok(row.includes(part), `${part} in ${row}`);
}

/** Moves the clock of the sandbox there. */
async function moveClock(sandbox, advanceSeconds) {
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ advanceSeconds });
  const answer = await fetch(`${sandbox}/_sandbox/clock`, { method: 'POST', headers, body });
  assert.equal(answer.status, 200, await answer.text());
}
