// Test clocks, and what time does to subscriptions.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { has, ids, invalid, missing } from './lib/sandbox-assert.mjs';
import { advance, customerWithCard, DAY, monthLater, monthly } from './lib/sandbox-scenes.mjs';
import { sandboxSuite } from './lib/sandbox-suite.mjs';

const OBJECTS = ['test_helpers.test_clock', 'customer', 'subscription', 'invoice', 'list', 'event'];
const START = Date.UTC(2026, 0, 31, 12) / 1000;
const HOUR = 3600;

sandboxSuite('test clocks', OBJECTS, (world) => {
  test('a clock is created, moved forward only, listed and deleted with all it had', async () => {
    const account = await world.account();
    const { stripe, webhooks } = account;
    const clock = await stripe.testHelpers.testClocks.create({ frozen_time: START, name: 'year' });
    has(clock, {
      object: 'test_helpers.test_clock', frozen_time: START, name: 'year', status: 'ready', livemode: false,
    });
    const customer = await stripe.customers.create({ test_clock: clock.id });
    has(customer, { test_clock: clock.id, created: START });
    assert.deepEqual(ids(await stripe.customers.list()), [], 'customers of a clock are listed by their clock');
    assert.deepEqual(ids(await stripe.customers.list({ test_clock: clock.id })), [customer.id]);
    await invalid(stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: START - 1 }));
    await advance(account, clock, START + DAY);
    has(await stripe.testHelpers.testClocks.retrieve(clock.id), { frozen_time: START + DAY, status: 'ready' });
    assert.deepEqual(ids(await stripe.testHelpers.testClocks.list()), [clock.id]);
    await stripe.testHelpers.testClocks.del(clock.id);
    await webhooks.arrived('test_helpers.test_clock.deleted');
    await missing(stripe.testHelpers.testClocks.retrieve(clock.id));
    const gone = await stripe.customers.retrieve(customer.id).catch((error) => error);
    assert.ok(gone.deleted || gone.code === 'resource_missing', 'the customer went with the clock');
  });

  test('a month later the next month is billed, first as a draft, an hour later for money', async () => {
    const { stripe, webhooks, clock, subscription, ...rest } = await timed();
    const [item] = subscription.items.data;
    const end = monthLater(START);
    has(item, { current_period_start: START, current_period_end: end });
    assert.equal(new Date(end * 1000).toISOString(), '2026-02-28T12:00:00.000Z');
    await advance({ stripe, webhooks }, clock, end + 60);
    const drafted = await stripe.subscriptions.retrieve(subscription.id, { expand: ['latest_invoice'] });
    has(drafted.latest_invoice, { status: 'draft', billing_reason: 'subscription_cycle', total: 1500, created: end });
    has(drafted.latest_invoice, { period_start: START, period_end: end });
    has(drafted.latest_invoice.lines.data[0].period, { start: end, end: monthLater(START, 2) });
    has(drafted.items.data[0], { current_period_start: end, current_period_end: monthLater(START, 2) });
    assert.equal(
      new Date(drafted.items.data[0].current_period_end * 1000).toISOString(),
      '2026-03-31T12:00:00.000Z',
      'the anchor is the 31st, also after a shorter month',
    );
    await advance({ stripe, webhooks }, clock, end + 2 * HOUR);
    has(await stripe.invoices.retrieve(drafted.latest_invoice.id), {
      status: 'paid', amount_paid: 1500, attempt_count: 1,
    });
    const paid = await webhooks.arrived('invoice.paid', (event) => event.data.object.id === drafted.latest_invoice.id);
    assert.equal(paid.data.object.status_transitions.paid_at, end + HOUR);
    const told = await webhooks.arrived('invoice.upcoming');
    assert.equal(told.created, end - 7 * DAY);
    has(told.data.object, { billing_reason: 'upcoming', total: 1500, status: 'draft' });
    assert.equal('id' in told.data.object, false);
    assert.equal(rest.customer.test_clock, clock.id);
  });

  test('a renewal that fails is past due, tried again, and recovers', async () => {
    const { stripe, webhooks, clock, customer, subscription } = await timed();
    const bad = await stripe.paymentMethods.attach('pm_card_chargeCustomerFail', { customer: customer.id });
    await stripe.customers.update(customer.id, { invoice_settings: { default_payment_method: bad.id } });
    await advance({ stripe, webhooks }, clock, monthLater(START) + 2 * HOUR);
    const owed = await stripe.subscriptions.retrieve(subscription.id, { expand: ['latest_invoice'] });
    assert.equal(owed.status, 'past_due');
    has(owed.latest_invoice, { status: 'open', attempt_count: 1, attempted: true, amount_remaining: 1500 });
    assert.ok(owed.latest_invoice.next_payment_attempt > monthLater(START) + 2 * HOUR);
    has((await webhooks.arrived('invoice.payment_failed')).data.object, { id: owed.latest_invoice.id, status: 'open' });
    await webhooks.arrived('customer.subscription.updated', ({ data }) => data.previous_attributes.status === 'active');
    const retried = owed.latest_invoice.next_payment_attempt + HOUR;
    await advance({ stripe, webhooks }, clock, retried);
    has(await stripe.invoices.retrieve(owed.latest_invoice.id), { status: 'open', attempt_count: 2 });
    const good = await stripe.paymentMethods.attach('pm_card_visa', { customer: customer.id });
    has(await stripe.invoices.pay(owed.latest_invoice.id, { payment_method: good.id }), {
      status: 'paid', next_payment_attempt: null,
    });
    has(await stripe.subscriptions.retrieve(subscription.id), { status: 'active' });
  });

  test('when every try has failed the subscription ends', async () => {
    const { stripe, webhooks, clock, customer, subscription } = await timed();
    const bad = await stripe.paymentMethods.attach('pm_card_chargeCustomerFail', { customer: customer.id });
    await stripe.customers.update(customer.id, { invoice_settings: { default_payment_method: bad.id } });
    await advance({ stripe, webhooks }, clock, monthLater(START) + 27 * DAY);
    const ended = await stripe.subscriptions.retrieve(subscription.id, { expand: ['latest_invoice'] });
    assert.equal(ended.status, 'canceled');
    assert.equal(ended.cancellation_details.reason, 'payment_failed');
    has(ended.latest_invoice, { status: 'open', next_payment_attempt: null });
    has((await webhooks.arrived('customer.subscription.deleted')).data.object, { id: subscription.id });
  });

  test('a trial is announced three days before its end, and then paid for', async () => {
    const { stripe, webhooks, clock, subscription } = await timed({ trial_period_days: 10 });
    const end = START + 10 * DAY;
    has(subscription, { status: 'trialing', trial_end: end });
    await advance({ stripe, webhooks }, clock, end - 3 * DAY + HOUR);
    const notice = await webhooks.arrived('customer.subscription.trial_will_end');
    has(notice.data.object, { id: subscription.id, trial_end: end });
    await advance({ stripe, webhooks }, clock, end + 2 * HOUR);
    const active = await stripe.subscriptions.retrieve(subscription.id, { expand: ['latest_invoice'] });
    assert.equal(active.status, 'active');
    has(active.latest_invoice, { status: 'paid', amount_paid: 1500, billing_reason: 'subscription_cycle' });
    has(active.items.data[0], { current_period_start: end, current_period_end: monthLater(end) });
  });

  test('a first payment has 23 hours', async () => {
    const { stripe, webhooks, clock, subscription } = await timed({ payment_behavior: 'default_incomplete' });
    assert.equal(subscription.status, 'incomplete');
    await advance({ stripe, webhooks }, clock, START + 22 * HOUR);
    has(await stripe.subscriptions.retrieve(subscription.id), { status: 'incomplete' });
    await advance({ stripe, webhooks }, clock, START + 24 * HOUR);
    const late = await stripe.subscriptions.retrieve(subscription.id, { expand: ['latest_invoice'] });
    assert.equal(late.status, 'incomplete_expired');
    assert.equal(late.latest_invoice.status, 'void');
    await invalid(stripe.invoices.pay(late.latest_invoice.id));
  });

  test('one that ends with its period is gone then, and billed no more', async () => {
    const { stripe, webhooks, clock, subscription } = await timed();
    await stripe.subscriptions.update(subscription.id, { cancel_at_period_end: true });
    const end = monthLater(START);
    await advance({ stripe, webhooks }, clock, end + 2 * HOUR);
    has(await stripe.subscriptions.retrieve(subscription.id), {
      status: 'canceled', ended_at: end, latest_invoice: subscription.latest_invoice,
    });
    await webhooks.arrived('customer.subscription.deleted');
    const { data } = await stripe.invoices.list({ subscription: subscription.id });
    assert.equal(data.length, 1);
  });

  test('prorations wait for the renewal, and are right to the cent', async () => {
    const { stripe, webhooks, clock, subscription } = await timed();
    const half = START + 14 * DAY;
    await advance({ stripe, webhooks }, clock, half);
    const [{ id }] = subscription.items.data;
    await stripe.subscriptions.update(subscription.id, { items: [{ id, quantity: 3 }] });
    await advance({ stripe, webhooks }, clock, monthLater(START) + 2 * HOUR);
    const { latest_invoice: invoice } = await stripe.subscriptions.retrieve(subscription.id, {
      expand: ['latest_invoice'],
    });
    const amounts = invoice.lines.data.map((line) => line.amount).toSorted((a, b) => a - b);
    assert.deepEqual(amounts, [-750, 2250, 4500], 'half of one seat back, half of three, and three for the next month');
    has(invoice, { total: 6000, status: 'paid' });
  });

  async function timed(more) {
    const { stripe, webhooks } = await world.account();
    const clock = await stripe.testHelpers.testClocks.create({ frozen_time: START });
    const customer = await customerWithCard(stripe, 'pm_card_visa', { test_clock: clock.id });
    const price = await monthly(stripe);
    const subscription = await stripe.subscriptions.create({
      customer: customer.id, items: [{ price: price.id }], ...more,
    });
    return { stripe, webhooks, clock, customer, subscription };
  }
});
