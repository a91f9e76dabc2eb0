// Subscriptions and their items, in the present: what is asked of them and what they answer at once.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { has, ids, invalid, missing, refused } from './lib/sandbox-assert.mjs';
import { customerWithCard, DAY, monthLater, monthly, subscriber } from './lib/sandbox-scenes.mjs';
import { sandboxSuite } from './lib/sandbox-suite.mjs';

const OBJECTS = [
  'subscription', 'subscription_item', 'invoice', 'line_item', 'invoice_payment', 'discount', 'list', 'event',
];

sandboxSuite('subscriptions', OBJECTS, (world) => {
  test('a subscription that is paid at once is active for a month', async () => {
    const { stripe, webhooks } = await world.account();
    const { customer, price, subscription } = await subscriber(stripe, {
      metadata: { plan: 'pro' }, expand: ['latest_invoice.payments'],
    });
    has(subscription, { object: 'subscription', status: 'active', customer: customer.id, currency: 'usd' });
    has(subscription, {
      cancel_at_period_end: false, canceled_at: null, ended_at: null, trial_end: null, schedule: null,
    });
    has(subscription, { collection_method: 'charge_automatically', metadata: { plan: 'pro' }, pending_update: null });
    const [item] = subscription.items.data;
    has(item, { object: 'subscription_item', quantity: 1, subscription: subscription.id });
    assert.equal(item.price.id, price.id);
    assert.equal(item.current_period_start, subscription.start_date);
    assert.equal(item.current_period_end, monthLater(item.current_period_start));
    const invoice = subscription.latest_invoice;
    has(invoice, {
      status: 'paid', amount_due: 1500, amount_paid: 1500, total: 1500, billing_reason: 'subscription_create',
    });
    assert.equal(invoice.parent.subscription_details.subscription, subscription.id);
    assert.deepEqual(invoice.parent.subscription_details.metadata, { plan: 'pro' });
    has(invoice.lines.data[0], { amount: 1500, quantity: 1 });
    assert.equal(invoice.lines.data[0].pricing.price_details.price, price.id);
    has(invoice.lines.data[0].period, { start: item.current_period_start, end: item.current_period_end });
    const [payment] = invoice.payments.data;
    has(payment, { object: 'invoice_payment', status: 'paid', amount_paid: 1500, is_default: true });
    has(await stripe.paymentIntents.retrieve(payment.payment.payment_intent), {
      status: 'succeeded', customer: customer.id,
    });
    await webhooks.arrived('customer.subscription.created');
    await webhooks.arrived('invoice.paid');
    await webhooks.arrived('invoice.payment_succeeded');
    await webhooks.arrived('charge.succeeded');
  });

  // Stripe's default since API version 2025-09-30.clover, and the only one here.
  test('billing is flexible, and classic billing is refused by name', async () => {
    const { stripe } = await world.account();
    const { customer, price, subscription } = await subscriber(stripe);
    assert.equal(subscription.billing_mode.type, 'flexible');
    const items = [{ price: price.id }];
    await invalid(stripe.subscriptions.create({ customer: customer.id, items, billing_mode: { type: 'classic' } }), {
      param: 'billing_mode[type]',
    });
    const twice = await stripe.subscriptions.create({ customer: customer.id, items: [...items, ...items] });
    assert.equal(twice.items.data.length, 2);
  });

  test('without a way to pay there is no subscription, unless it may wait for one', async () => {
    const { stripe, webhooks } = await world.account();
    const customer = (await stripe.customers.create()).id;
    const items = [{ price: (await monthly(stripe)).id }];
    await missing(stripe.subscriptions.create({ customer, items }));
    const waiting = await stripe.subscriptions.create({
      customer, items, payment_behavior: 'default_incomplete', expand: ['latest_invoice.confirmation_secret'],
      payment_settings: { save_default_payment_method: 'on_subscription' },
    });
    assert.equal(waiting.status, 'incomplete');
    has(waiting.latest_invoice, { status: 'open', amount_remaining: 1500, attempt_count: 0 });
    const secret = waiting.latest_invoice.confirmation_secret.client_secret;
    assert.match(secret, /^pi_\w+_secret_/);
    await stripe.paymentIntents.confirm(secret.split('_secret_')[0], { payment_method: 'pm_card_visa' });
    const paid = await stripe.subscriptions.retrieve(waiting.id);
    assert.equal(paid.status, 'active');
    assert.match(paid.default_payment_method, /^pm_/, 'the card that paid is kept, as was asked');
    const paidFor = ({ data }) => data.previous_attributes.status === 'incomplete';
    await webhooks.arrived('customer.subscription.updated', paidFor);
  });

  test('a first payment that is declined leaves it incomplete, or nothing at all', async () => {
    const { stripe, webhooks } = await world.account();
    const customer = await customerWithCard(stripe, 'pm_card_chargeCustomerFail');
    const items = [{ price: (await monthly(stripe)).id }];
    await refused(stripe.subscriptions.create({
      customer: customer.id, items, payment_behavior: 'error_if_incomplete',
    }), {
      type: 'StripeCardError', code: 'card_declined', statusCode: 402,
    });
    assert.deepEqual(ids(await stripe.subscriptions.list({ status: 'all' })), []);
    const { id, latest_invoice: invoice, status } = await stripe.subscriptions.create({ customer: customer.id, items });
    assert.equal(status, 'incomplete');
    has((await webhooks.arrived('invoice.payment_failed')).data.object, {
      id: invoice, status: 'open', attempted: true,
    });
    const card = await stripe.paymentMethods.attach('pm_card_visa', { customer: customer.id });
    has(await stripe.invoices.pay(invoice, { payment_method: card.id }), { status: 'paid' });
    has(await stripe.subscriptions.retrieve(id), { status: 'active' });
  });

  test('a trial costs nothing and says when it ends', async () => {
    const { stripe } = await world.account();
    const { subscription } = await subscriber(stripe, { trial_period_days: 14, expand: ['latest_invoice'] });
    has(subscription, { status: 'trialing', trial_start: subscription.start_date });
    assert.equal(subscription.trial_end, subscription.start_date + 14 * DAY);
    assert.equal(subscription.items.data[0].current_period_end, subscription.trial_end);
    assert.equal(subscription.latest_invoice?.amount_due ?? 0, 0);
    const ended = await stripe.subscriptions.update(subscription.id, { trial_end: 'now', expand: ['latest_invoice'] });
    assert.equal(ended.status, 'active');
    has(ended.latest_invoice, { status: 'paid', amount_paid: 1500 });
  });

  test('a trial without a card is paused at its end, and goes on with one', async () => {
    const { stripe, webhooks } = await world.account();
    const customer = (await stripe.customers.create()).id;
    const { id } = await stripe.subscriptions.create({
      customer, items: [{ price: (await monthly(stripe)).id }], trial_period_days: 7,
      trial_settings: { end_behavior: { missing_payment_method: 'pause' } },
    });
    has(await stripe.subscriptions.update(id, { trial_end: 'now' }), { status: 'paused' });
    await webhooks.arrived('customer.subscription.paused');
    const card = await stripe.paymentMethods.attach('pm_card_visa', { customer });
    await stripe.customers.update(customer, { invoice_settings: { default_payment_method: card.id } });
    has(await stripe.subscriptions.resume(id), { status: 'active' });
    await webhooks.arrived('customer.subscription.resumed');
    await invalid(stripe.subscriptions.resume(id));
  });

  test('a larger quantity is billed for the rest of the period: later, now, or never', async () => {
    const { stripe } = await world.account();
    const seats = async (proration_behavior) => {
      const { subscription } = await subscriber(stripe);
      const [{ id }] = subscription.items.data;
      const items = [{ id, quantity: 3 }];
      const changed = await stripe.subscriptions.update(subscription.id, { items, proration_behavior });
      assert.equal(changed.items.data[0].quantity, 3);
      assert.equal(changed.items.data[0].id, id);
      const pending = await stripe.invoiceItems.list({ customer: subscription.customer, pending: true });
      return { first: subscription.latest_invoice, changed, pending: pending.data };
    };
    const later = await seats('create_prorations');
    assert.equal(later.changed.latest_invoice, later.first);
    assert.ok(later.pending.every((item) => item.proration));
    assert.equal(later.pending.length, 2);
    const due = later.pending.reduce((sum, item) => sum + item.amount, 0);
    assert.ok(due > 2990 && due <= 3000, `nearly a whole month of two more seats, and not ${due}`);
    const now = await seats('always_invoice');
    assert.notEqual(now.changed.latest_invoice, now.first);
    const invoice = await stripe.invoices.retrieve(now.changed.latest_invoice);
    has(invoice, { status: 'paid', billing_reason: 'subscription_update' });
    assert.ok(invoice.total > 2990 && invoice.total <= 3000);
    assert.deepEqual(now.pending, []);
    const never = await seats('none');
    assert.deepEqual([never.pending, never.changed.latest_invoice], [[], never.first]);
  });

  test('items are added, changed, listed and taken away', async () => {
    const { stripe } = await world.account();
    const { subscription } = await subscriber(stripe);
    const addon = await monthly(stripe, 300);
    const added = await stripe.subscriptionItems.create({
      subscription: subscription.id, price: addon.id, quantity: 2, proration_behavior: 'none', metadata: { a: '1' },
    });
    has(added, { object: 'subscription_item', quantity: 2, subscription: subscription.id, metadata: { a: '1' } });
    const list = await stripe.subscriptionItems.list({ subscription: subscription.id });
    assert.deepEqual(ids(list).toSorted(), [subscription.items.data[0].id, added.id].toSorted());
    has(await stripe.subscriptionItems.update(added.id, { quantity: 5, proration_behavior: 'none' }), { quantity: 5 });
    has(await stripe.subscriptionItems.retrieve(added.id), { quantity: 5 });
    const gone = await stripe.subscriptionItems.del(added.id, { proration_behavior: 'none' });
    assert.deepEqual({ ...gone }, { id: added.id, object: 'subscription_item', deleted: true });
    await missing(stripe.subscriptionItems.retrieve(added.id));
    await invalid(stripe.subscriptionItems.del(subscription.items.data[0].id));
  });

  test('it is canceled at the end of the period, which can be taken back, or now, which cannot', async () => {
    const { stripe, webhooks } = await world.account();
    const { customer, subscription } = await subscriber(stripe);
    const { id } = subscription;
    const ending = await stripe.subscriptions.update(id, { cancel_at_period_end: true });
    has(ending, { status: 'active', cancel_at_period_end: true, ended_at: null });
    assert.equal(ending.cancel_at, ending.items.data[0].current_period_end);
    assert.equal(ending.cancellation_details.reason, 'cancellation_requested');
    has(await stripe.subscriptions.update(id, { cancel_at_period_end: false }), {
      cancel_at_period_end: false, cancel_at: null, canceled_at: null,
    });
    const canceled = await stripe.subscriptions.cancel(id, { cancellation_details: { feedback: 'too_expensive' } });
    assert.equal(canceled.status, 'canceled');
    assert.ok(canceled.ended_at && canceled.canceled_at);
    has(canceled.cancellation_details, { feedback: 'too_expensive', reason: 'cancellation_requested' });
    has((await webhooks.arrived('customer.subscription.deleted')).data.object, { id, status: 'canceled' });
    await missing(stripe.subscriptions.cancel(id));
    await invalid(stripe.subscriptions.update(id, { cancel_at_period_end: true }));
    assert.deepEqual(ids(await stripe.subscriptions.list({ customer: customer.id })), []);
    assert.deepEqual(ids(await stripe.subscriptions.list({ status: 'canceled' })), [id]);
    assert.deepEqual(ids(await stripe.subscriptions.list({ status: 'all' })), [id]);
    assert.deepEqual(ids(await stripe.subscriptions.list({ status: 'ended' })), [id]);
  });

  test('discounts lower what is paid, by coupon or by promotion code', async () => {
    const { stripe, webhooks } = await world.account();
    const coupon = (await stripe.coupons.create({ percent_off: 20, duration: 'forever' })).id;
    const code = await stripe.promotionCodes.create({ promotion: { type: 'coupon', coupon }, max_redemptions: 1 });
    const expand = ['discounts', 'latest_invoice.total_discount_amounts.discount'];
    const { subscription } = await subscriber(stripe, { discounts: [{ coupon }], expand });
    has(subscription.latest_invoice, { subtotal: 1500, total: 1200, amount_paid: 1200 });
    assert.equal(subscription.latest_invoice.total_discount_amounts[0].amount, 300);
    has(subscription.discounts[0], {
      object: 'discount', subscription: subscription.id, promotion_code: null, end: null,
    });
    assert.deepEqual({ ...subscription.discounts[0].source }, { coupon, type: 'coupon' });
    await webhooks.arrived('customer.discount.created');
    const gone = await stripe.subscriptions.deleteDiscount(subscription.id);
    has(gone, { object: 'discount', deleted: true });
    assert.deepEqual((await stripe.subscriptions.retrieve(subscription.id)).discounts, []);
    const { subscription: other } = await subscriber(stripe, { discounts: [{ promotion_code: code.id }], expand });
    assert.equal(other.discounts[0].promotion_code, code.id);
    has(await stripe.promotionCodes.retrieve(code.id), { times_redeemed: 1, active: false });
    has(await stripe.coupons.retrieve(coupon), { times_redeemed: 2 });
    await invalid(subscriber(stripe, { discounts: [{ promotion_code: code.id }] }));
    await missing(subscriber(stripe, { discounts: [{ coupon: 'none' }] }));
  });

  test('collection is paused without the subscription being so', async () => {
    const { stripe } = await world.account();
    const { subscription } = await subscriber(stripe);
    const paused = await stripe.subscriptions.update(subscription.id, { pause_collection: { behavior: 'void' } });
    assert.equal(paused.status, 'active');
    assert.deepEqual({ ...paused.pause_collection }, { behavior: 'void', resumes_at: null });
    has(await stripe.subscriptions.update(subscription.id, { pause_collection: '' }), { pause_collection: null });
  });

  test('what cannot be subscribed to is refused by name', async () => {
    const { stripe } = await world.account();
    const customer = (await customerWithCard(stripe)).id;
    const price = (await monthly(stripe)).id;
    const product = (await stripe.products.create({ name: 'Once' })).id;
    const once = (await stripe.prices.create({ product, currency: 'usd', unit_amount: 100 })).id;
    const euro = (await monthly(stripe, 100, { currency: 'eur' })).id;
    const create = (items, more) => stripe.subscriptions.create({ customer, items, ...more });
    await missing(create([{ price: 'price_none' }]), 'items[0][price]');
    await missing(stripe.subscriptions.create({ customer: 'cus_none', items: [{ price }] }), 'customer');
    await invalid(create([{ price: once }]));
    await invalid(create([{ price }, { price: euro }]));
    await invalid(create([{ price, quantity: -1 }]), { param: 'items[0][quantity]' });
    await invalid(create([{ price }], { trial_period_days: 800 }));
    await invalid(create([{ price }], { colour: 'red' }), { code: 'parameter_unknown', param: 'colour' });
    await invalid(stripe.subscriptions.create({ items: [{ price }] }), {
      code: 'parameter_missing', param: 'customer',
    });
    await missing(stripe.subscriptions.retrieve('sub_none'), 'id');
    const archived = await stripe.prices.update(price, { active: false });
    await invalid(create([{ price: archived.id }]));
  });

  test('subscriptions are listed by customer, price and status', async () => {
    const { stripe } = await world.account();
    const one = await subscriber(stripe);
    const two = await subscriber(stripe, { trial_period_days: 3 });
    const list = async (filter) => ids(await stripe.subscriptions.list(filter));
    assert.deepEqual(await list({}), [two.subscription.id, one.subscription.id]);
    assert.deepEqual(await list({ customer: one.customer.id }), [one.subscription.id]);
    assert.deepEqual(await list({ price: two.price.id }), [two.subscription.id]);
    assert.deepEqual(await list({ status: 'trialing' }), [two.subscription.id]);
    assert.deepEqual(await list({ status: 'past_due' }), []);
    await invalid(stripe.subscriptions.list({ status: 'happy' }), { param: 'status' });
    const { customer } = one;
    const read = await stripe.customers.retrieve(customer.id, { expand: ['subscriptions'] });
    assert.deepEqual(ids(read.subscriptions), [one.subscription.id]);
  });
});
