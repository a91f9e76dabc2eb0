// What all kinds of objects have in common, for each of them that can be made again and again: pages, filters by time,
// expansion, idempotency, and that they stay in their account. What comes of others (accounts, charges, disputes, events,
// payments of invoices) is cut by time at the end of this file, and else in `sandbox-sdk-payments`,
// `sandbox-sdk-connect`, `sandbox-sdk-webhooks` and `sandbox-sdk-invoices`; what only its customer has, in
// `sandbox-sdk-customers` and `sandbox-sdk-credit-notes`; sessions of the portal, which are not listed, in
// `sandbox-sdk-portal`.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ids, invalid, missing, refused } from './lib/sandbox-assert.mjs';
import { customerWithCard, monthly } from './lib/sandbox-scenes.mjs';
import { sandboxSuite } from './lib/sandbox-suite.mjs';

const HOUR = 3600;
const OBJECTS = [
  'account', 'billing_portal.configuration', 'charge', 'checkout.session', 'coupon', 'credit_note', 'customer',
  'dispute', 'invoice', 'invoice_payment', 'invoiceitem', 'list', 'payment_intent', 'payment_method', 'plan', 'price',
  'product', 'promotion_code', 'refund', 'setup_intent', 'subscription', 'subscription_schedule',
  'test_helpers.test_clock', 'webhook_endpoint',
];

/**
 * `create` are parameters that may be sent again and again; `expand` is a path and what stands at its end. What cannot be
 * cut by time in Stripe either is `undated`.
 */
const KINDS = {
  customers: { create: () => ({ name: 'N' }), expand: ['subscriptions', 'list'] },
  products: { create: () => ({ name: 'N' }) },
  prices: { create: ({ product }) => ({ product, currency: 'usd', unit_amount: 100 }), expand: ['product', 'product'] },
  plans: {
    create: ({ product }) => ({ product, currency: 'usd', amount: 100, interval: 'year' }),
    expand: ['product', 'product'],
  },
  coupons: { create: () => ({ percent_off: 10 }) },
  promotionCodes: {
    create: ({ coupon }) => ({ promotion: { type: 'coupon', coupon } }), expand: ['promotion.coupon', 'coupon'],
  },
  paymentMethods: { create: () => ({ type: 'card', card: { token: 'tok_visa' } }), undated: true },
  paymentIntents: {
    create: ({ customer }) => ({ amount: 100, currency: 'usd', customer }),
    expand: ['customer.invoice_settings.default_payment_method', 'payment_method'],
  },
  setupIntents: { create: ({ customer }) => ({ customer }), expand: ['customer', 'customer'] },
  refunds: {
    create: ({ payment }) => ({ payment_intent: payment, amount: 100 }), expand: ['payment_intent.customer', 'customer'],
  },
  invoiceItems: {
    create: ({ customer }) => ({ customer, amount: 100, currency: 'usd' }), expand: ['customer', 'customer'],
  },
  invoices: { create: ({ customer }) => ({ customer, auto_advance: false }), expand: ['customer', 'customer'] },
  subscriptions: {
    create: ({ customer, price }) => ({ customer, items: [{ price }] }),
    expand: ['latest_invoice.payments', 'list'],
  },
  subscriptionSchedules: {
    create: ({ customer, price }) => ({ customer, start_date: 'now', phases: [{ items: [{ price }] }] }),
    expand: ['subscription.latest_invoice', 'invoice'],
  },
  creditNotes: { create: ({ invoice }) => ({ invoice, amount: 100 }), expand: ['invoice', 'invoice'] },
  'checkout.sessions': {
    create: ({ price }) => ({
      mode: 'subscription', success_url: 'https://example.com', line_items: [{ price, quantity: 1 }],
    }),
    expand: ['line_items', 'list'],
  },
  'billingPortal.configurations': {
    create: () => ({ features: { invoice_history: { enabled: true } } }), undated: true,
  },
  webhookEndpoints: {
    create: () => ({ url: 'https://example.com/hook', enabled_events: ['invoice.paid'] }), undated: true,
  },
  'testHelpers.testClocks': { create: () => ({ frozen_time: 1_800_000_000 }), other: { name: 'other' }, undated: true },
};

sandboxSuite('what all kinds have in common', OBJECTS, (world) => {
  for (const [kind, { create, expand, other = { metadata: { other: '1' } }, undated }] of Object.entries(KINDS)) {
    test(`${kind} are listed from the newest, in pages, and cut by time`, async () => {
      const { stripe } = await world.account();
      const { resource, made } = await three(stripe, kind, create);
      const all = await resource.list({ limit: 2 }).autoPagingToArray({ limit: 100 });
      assert.deepEqual(all.slice(0, 3).map(({ id }) => id), made.toReversed());
      assert.equal(new Set(all.map(({ id }) => id)).size, all.length, 'each comes once');
      const before = await resource.list({ ending_before: made[0], limit: 1 });
      assert.deepEqual([ids(before), before.has_more], [[made[1]], true]);
      await missing(resource.list({ starting_after: 'none' }), 'starting_after');
      await invalid(resource.list({ favourite: 'blue' }), { code: 'parameter_unknown', param: 'favourite' });
      if (undated) return;
      const { created, date = created } = await resource.retrieve(made[0]);
      const within = async (range) => ids(await resource.list({ created: range, limit: 100 }));
      assert.deepEqual((await within({ gte: date })).slice(0, 3), made.toReversed());
      assert.deepEqual(await within({ gt: date + HOUR }), []);
      assert.deepEqual(await within({ lt: date - HOUR }), []);
    });

    test(`${kind} are made once under a key, and in one account`, async () => {
      const { stripe, key } = await world.account();
      const { id: stripeAccount } = await stripe.accounts.create({ type: 'standard' });
      const { resource, made, scene } = await three(world.client(key, { stripeAccount }), kind, create);
      const once = (more) => resource.create({ ...create(scene), ...more }, { idempotencyKey: 'once' });
      const [first, second] = [await once(), await once()];
      assert.deepEqual(JSON.parse(JSON.stringify(second)), JSON.parse(JSON.stringify(first)));
      assert.equal(second.lastResponse.headers['idempotent-replayed'], 'true');
      await refused(once(other), { type: 'StripeIdempotencyError', statusCode: 400 });
      assert.deepEqual(ids(await resource.list()).slice(0, 4), [first.id, ...made.toReversed()]);
      const own = of(stripe, kind);
      await missing(own.retrieve(made[0]));
      assert.equal(ids(await own.list({ limit: 100 })).some((id) => [...made, first.id].includes(id)), false);
    });

    if (!expand) continue;
    test(`${kind} are expanded where they are made, read and listed`, async () => {
      const { stripe } = await world.account();
      const [path, object] = expand;
      const scene = await prepared(stripe);
      const resource = of(stripe, kind);
      const made = await resource.create({ ...create(scene), expand: [path] });
      const read = await resource.retrieve(made.id, { expand: [path] });
      const [listed] = (await resource.list({ limit: 1, expand: [`data.${path}`] })).data;
      for (const answer of [made, read, listed]) assert.equal(end(answer, path).object, object);
      await invalid(resource.retrieve(made.id, { expand: ['nothing_like_it'] }), { param: 'expand' });
    });
  }

  test('connected accounts, charges, disputes, events and payments of invoices are cut by time too', async () => {
    const { stripe } = await world.account();
    const made = [];
    for (const _ of [1, 2, 3]) made.push((await stripe.accounts.create({ type: 'standard' })).id);
    const accounts = await stripe.accounts.list({ limit: 2 }).autoPagingToArray({ limit: 10 });
    assert.deepEqual(accounts.map(({ id }) => id), made.toReversed());
    const { customer, price } = await prepared(stripe);
    await stripe.subscriptions.create({ customer, items: [{ price }] });
    await stripe.paymentIntents.create({
      amount: 1000, currency: 'usd', confirm: true, payment_method: 'pm_card_createDispute',
      payment_method_types: ['card'],
    });
    const { data: [charge] } = await stripe.charges.list({ limit: 1 });
    for (const resource of [stripe.accounts, stripe.disputes, stripe.events, stripe.invoicePayments, stripe.charges]) {
      const count = async (created) => (await resource.list({ created })).data.length;
      assert.notEqual(await count({ gte: charge.created - HOUR }), 0);
      assert.equal(await count({ gt: charge.created + HOUR }), 0);
    }
    assert.equal((await stripe.subscriptions.list({ plan: price })).data.length, 1);
    assert.equal((await stripe.subscriptions.list({ plan: 'price_none' })).data.length, 0);
  });

  async function three(stripe, kind, create) {
    const scene = await prepared(stripe);
    const resource = of(stripe, kind);
    const made = [];
    for (const _ of [1, 2, 3]) made.push((await resource.create(create(scene))).id);
    return { scene, resource, made };
  }

  /** What the parameters of others name. */
  async function prepared(stripe) {
    const customer = (await customerWithCard(stripe)).id;
    const { id: price, product } = await monthly(stripe);
    const coupon = (await stripe.coupons.create({ percent_off: 20 })).id;
    const payment = await stripe.paymentIntents.create({
      amount: 1000, currency: 'usd', confirm: true, customer, payment_method: 'pm_card_visa',
      payment_method_types: ['card'],
    });
    const { id: invoice } = await stripe.invoices.create({ customer, auto_advance: false });
    await stripe.invoiceItems.create({ customer, invoice, amount: 5000, currency: 'usd' });
    await stripe.invoices.finalizeInvoice(invoice, { auto_advance: false });
    return { customer, price, product, coupon, invoice, payment: payment.id };
  }

  function of(stripe, kind) {
    return kind.split('.').reduce((within, name) => within[name], stripe);
  }

  /** What stands at the end of a path. */
  function end(object, path) {
    return path.split('.').reduce((within, name) => within[name], object);
  }
});
