// Checkout sessions, through the official SDK; a person in a browser does the rest elsewhere.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { has, ids, invalid, missing } from './lib/sandbox-assert.mjs';
import { customerWithCard, DAY, monthly } from './lib/sandbox-scenes.mjs';
import { sandboxSuite } from './lib/sandbox-suite.mjs';

const OBJECTS = ['checkout.session', 'item', 'subscription', 'customer', 'list', 'event'];
const URLS = { success_url: 'https://example.com/done?id={CHECKOUT_SESSION_ID}', cancel_url: 'https://example.com/no' };
const now = () => Math.floor(Date.now() / 1000);

sandboxSuite('checkout sessions', OBJECTS, (world) => {
  test('a session for a subscription is open for a day', async () => {
    const { stripe } = await world.account();
    const price = await monthly(stripe);
    const session = await stripe.checkout.sessions.create({
      ...URLS, mode: 'subscription', line_items: [{ price: price.id, quantity: 2 }], client_reference_id: 'ws_1',
      customer_email: 'jenny@example.com', metadata: { a: '1' }, subscription_data: { metadata: { plan: 'pro' } },
    });
    assert.match(session.id, /^cs_test_/);
    has(session, { object: 'checkout.session', mode: 'subscription', status: 'open', payment_status: 'unpaid' });
    has(session, {
      client_reference_id: 'ws_1', customer: null, customer_email: 'jenny@example.com', subscription: null,
    });
    has(session, {
      amount_subtotal: 3000, amount_total: 3000, currency: 'usd', metadata: { a: '1' }, ui_mode: 'hosted_page',
    });
    has(session.total_details, { amount_discount: 0, amount_shipping: 0, amount_tax: 0 });
    assert.ok(Math.abs(session.expires_at - session.created - DAY) <= 1);
    assert.match(session.url, /^http/);
    assert.equal(session.line_items, undefined, 'line items come only when they are asked for');
    const lines = await stripe.checkout.sessions.listLineItems(session.id);
    has(lines.data[0], {
      object: 'item', quantity: 2, amount_total: 3000, currency: 'usd', description: 'Plan for 1500',
    });
    assert.equal(lines.data[0].price.id, price.id);
    const read = await stripe.checkout.sessions.retrieve(session.id, { expand: ['line_items.data.price.product'] });
    assert.equal(read.line_items.data[0].price.product.name, 'Plan for 1500');
    has(await stripe.checkout.sessions.update(session.id, { metadata: { b: '2' } }), { metadata: { a: '1', b: '2' } });
  });

  test('paying makes the customer, the subscription and the event that says both', async () => {
    const account = await world.account();
    const { stripe, webhooks } = account;
    const session = await subscribe(stripe, { client_reference_id: 'ws_2', customer_email: 'jenny@example.com' });
    await pay(account, session, 1500);
    const done = await stripe.checkout.sessions.retrieve(session.id, {
      expand: ['subscription.latest_invoice', 'customer'],
    });
    has(done, { status: 'complete', payment_status: 'paid', url: null, client_reference_id: 'ws_2' });
    has(done.subscription, { status: 'active', customer: done.customer.id });
    assert.equal(done.customer.email, 'jenny@example.com');
    assert.equal(done.customer_details.email, 'jenny@example.com');
    assert.equal(done.invoice, done.subscription.latest_invoice.id);
    has((await webhooks.arrived('checkout.session.completed')).data.object, {
      id: session.id, subscription: done.subscription.id, customer: done.customer.id, client_reference_id: 'ws_2',
    });
    await invalid(stripe.checkout.sessions.expire(session.id));
    assert.deepEqual(ids(await stripe.checkout.sessions.list({ customer: done.customer.id })), [session.id]);
    assert.deepEqual(ids(await stripe.checkout.sessions.list({ subscription: done.subscription.id })), [session.id]);
    assert.deepEqual(ids(await stripe.checkout.sessions.list({ status: 'open' })), []);
    assert.deepEqual(ids(await stripe.checkout.sessions.list({ status: 'complete' })), [session.id]);
  });

  test('a trial is free until it ends, and keeps the card', async () => {
    const account = await world.account();
    const { stripe } = account;
    const customer = (await stripe.customers.create({ email: 'jenny@example.com' })).id;
    const session = await subscribe(stripe, {
      customer, subscription_data: { trial_period_days: 7, metadata: { plan: 'pro' } },
    });
    has(session, { amount_total: 0, customer });
    await pay(account, session, 0);
    const done = await stripe.checkout.sessions.retrieve(session.id, {
      expand: ['subscription.default_payment_method'],
    });
    has(done, { status: 'complete', payment_status: 'no_payment_required', customer });
    has(done.subscription, { status: 'trialing', metadata: { plan: 'pro' } });
    assert.equal(done.subscription.default_payment_method.card.last4, '4242');
  });

  test('a discount is given by the session, or its code may be typed, and never both', async () => {
    const { stripe } = await world.account();
    const coupon = (await stripe.coupons.create({ percent_off: 20, duration: 'forever' })).id;
    const code = await stripe.promotionCodes.create({ promotion: { type: 'coupon', coupon } });
    const session = await subscribe(stripe, { discounts: [{ promotion_code: code.id }] });
    has(session, { amount_subtotal: 1500, amount_total: 1200, allow_promotion_codes: null });
    assert.equal(session.total_details.amount_discount, 300);
    assert.equal(session.discounts[0].promotion_code, code.id);
    has(await subscribe(stripe, { allow_promotion_codes: true }), { allow_promotion_codes: true, amount_total: 1500 });
    await invalid(subscribe(stripe, { allow_promotion_codes: true, discounts: [{ coupon }] }));
  });

  test('only an open session expires, by hand or by its time', async () => {
    const { stripe, webhooks } = await world.account();
    const session = await subscribe(stripe, { expires_at: now() + 1860 });
    has(await stripe.checkout.sessions.expire(session.id), { status: 'expired', url: null });
    await invalid(stripe.checkout.sessions.expire(session.id));
    has((await webhooks.arrived('checkout.session.expired')).data.object, { id: session.id, status: 'expired' });
    await invalid(subscribe(stripe, { expires_at: now() + 60 }), { param: 'expires_at' });
    await invalid(subscribe(stripe, { expires_at: now() + DAY + 600 }), { param: 'expires_at' });
    await missing(stripe.checkout.sessions.retrieve('cs_test_none'));
  });

  test('a session can take one payment, or only a card', async () => {
    const account = await world.account();
    const { stripe } = account;
    const product = (await stripe.products.create({ name: 'Hat' })).id;
    const price = (await stripe.prices.create({ product, currency: 'usd', unit_amount: 2500 })).id;
    const hat = await stripe.checkout.sessions.create({
      ...URLS, mode: 'payment', line_items: [{ price, quantity: 1 }],
    });
    has(hat, { mode: 'payment', amount_total: 2500, customer_creation: 'if_required' });
    await pay(account, hat, 2500);
    const paid = await stripe.checkout.sessions.retrieve(hat.id, { expand: ['payment_intent'] });
    has(paid.payment_intent, { status: 'succeeded', amount: 2500 });
    const customer = (await stripe.customers.create()).id;
    const card = await stripe.checkout.sessions.create({ ...URLS, mode: 'setup', customer, currency: 'usd' });
    has(card, { mode: 'setup', payment_status: 'no_payment_required', amount_total: null, customer });
    assert.match(card.setup_intent, /^seti_/);
  });

  test('a session that makes no sense is refused by name', async () => {
    const { stripe } = await world.account();
    const price = (await monthly(stripe)).id;
    const line_items = [{ price, quantity: 1 }];
    const create = (params) => stripe.checkout.sessions.create({ ...URLS, ...params });
    await invalid(create({ mode: 'subscription' }), { param: 'line_items' });
    await invalid(create({ mode: 'party', line_items }), { param: 'mode' });
    await invalid(create({ mode: 'payment', line_items }), { param: 'mode' });
    const unknown = [{ price: 'price_none', quantity: 1 }];
    await missing(create({ mode: 'subscription', line_items: unknown }), 'line_items[0][price]');
    await missing(create({ mode: 'subscription', line_items, customer: 'cus_none' }), 'customer');
    const { id: customer } = await customerWithCard(stripe);
    await invalid(create({ mode: 'subscription', line_items, customer, customer_email: 'a@example.com' }));
    await invalid(stripe.checkout.sessions.create({ mode: 'subscription', line_items }), { param: 'success_url' });
    await invalid(create({ mode: 'subscription', line_items: [{ price }] }));
  });

  async function subscribe(stripe, more) {
    const { id: price } = await monthly(stripe);
    return stripe.checkout.sessions.create({
      ...URLS, mode: 'subscription', line_items: [{ price, quantity: 1 }], ...more,
    });
  }

  /** As Stripe's command line pays: by the calls that the hosted page makes. */
  async function pay({ stripe }, session, expected_amount) {
    const billing_details = {
      email: 'jenny@example.com', name: 'Jenny Rosen', address: { country: 'US', postal_code: '94103' },
    };
    const method = await stripe.paymentMethods.create({ type: 'card', card: { token: 'tok_visa' }, billing_details });
    await stripe.rawRequest('POST', `/v1/payment_pages/${session.id}/confirm`, {
      payment_method: method.id, expected_amount,
    });
  }
});
