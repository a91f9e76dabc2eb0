// Subscription schedules, through the official SDK.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { has, ids, invalid, missing } from './lib/sandbox-assert.mjs';
import { advance, customerWithCard, monthLater, monthly, subscriber } from './lib/sandbox-scenes.mjs';
import { sandboxSuite } from './lib/sandbox-suite.mjs';

const OBJECTS = ['subscription_schedule', 'subscription', 'list', 'event'];
const START = Date.UTC(2026, 2, 10) / 1000;
const MONTH = { interval: 'month', interval_count: 1 };

sandboxSuite('subscription schedules', OBJECTS, (world) => {
  test('a schedule that starts now has its subscription at once', async () => {
    const { stripe } = await world.account();
    const { customer, price } = await buyer(stripe);
    const schedule = await stripe.subscriptionSchedules.create({
      customer, start_date: 'now', metadata: { a: '1' }, expand: ['subscription'], ...twoPhases(price),
    });
    has(schedule, { object: 'subscription_schedule', status: 'active', customer, end_behavior: 'release' });
    has(schedule.subscription, { status: 'active', schedule: schedule.id });
    const [first, second] = schedule.phases;
    assert.equal(schedule.phases.length, 2);
    assert.deepEqual({ ...schedule.current_phase }, { start_date: first.start_date, end_date: first.end_date });
    assert.equal(first.end_date, monthLater(first.start_date));
    assert.equal(second.start_date, first.end_date);
    assert.deepEqual([first.items[0].quantity, second.items[0].quantity], [1, 2]);
    has(await stripe.subscriptionSchedules.retrieve(schedule.id), { subscription: schedule.subscription.id });
    const { metadata } = await stripe.subscriptionSchedules.update(schedule.id, {
      metadata: { b: '2' }, end_behavior: 'cancel',
    });
    assert.deepEqual(metadata, { a: '1', b: '2' });
    assert.deepEqual(ids(await stripe.subscriptionSchedules.list({ customer })), [schedule.id]);
  });

  test('one that starts later waits without a subscription', async () => {
    const { stripe, webhooks } = await world.account();
    const { customer, price } = await buyer(stripe);
    const later = Math.floor(Date.now() / 1000) + 86_400;
    const schedule = await stripe.subscriptionSchedules.create({ customer, start_date: later, ...twoPhases(price) });
    has(schedule, { status: 'not_started', subscription: null, current_phase: null });
    assert.deepEqual(ids(await stripe.subscriptionSchedules.list({ scheduled: true })), [schedule.id]);
    has(await stripe.subscriptionSchedules.cancel(schedule.id), { status: 'canceled', subscription: null });
    await webhooks.arrived('subscription_schedule.canceled');
    await invalid(stripe.subscriptionSchedules.cancel(schedule.id));
    assert.deepEqual(ids(await stripe.subscriptions.list({ status: 'all' })), []);
  });

  test('releasing keeps the subscription, canceling ends it', async () => {
    const { stripe, webhooks } = await world.account();
    const { subscription } = await subscriber(stripe);
    const schedule = await stripe.subscriptionSchedules.create({ from_subscription: subscription.id });
    has(schedule, { status: 'active', subscription: subscription.id });
    assert.equal(schedule.phases.length, 1);
    has(await stripe.subscriptions.retrieve(subscription.id), { schedule: schedule.id });
    await invalid(stripe.subscriptionSchedules.create({ from_subscription: subscription.id }));
    has(await stripe.subscriptionSchedules.release(schedule.id), {
      status: 'released', released_subscription: subscription.id, subscription: null,
    });
    has(await stripe.subscriptions.retrieve(subscription.id), { status: 'active', schedule: null });
    await webhooks.arrived('subscription_schedule.released');
    const again = await stripe.subscriptionSchedules.create({ from_subscription: subscription.id });
    has(await stripe.subscriptionSchedules.cancel(again.id), { status: 'canceled' });
    has(await stripe.subscriptions.retrieve(subscription.id), { status: 'canceled' });
  });

  test('phases follow one another by the clock', async () => {
    const account = await world.account();
    const { stripe, webhooks } = account;
    const clock = await stripe.testHelpers.testClocks.create({ frozen_time: START });
    const { customer, price } = await buyer(stripe, { test_clock: clock.id });
    const schedule = await stripe.subscriptionSchedules.create({ customer, start_date: START, ...twoPhases(price) });
    await advance(account, clock, monthLater(START) + 7200);
    const running = await stripe.subscriptions.retrieve(schedule.subscription, { expand: ['latest_invoice'] });
    assert.equal(running.items.data[0].quantity, 2);
    has(running.latest_invoice, { total: 3000, status: 'paid' });
    await advance(account, clock, monthLater(START, 2) + 7200);
    has(await stripe.subscriptionSchedules.retrieve(schedule.id), { status: 'released', subscription: null });
    has(await stripe.subscriptions.retrieve(schedule.subscription), { status: 'active', schedule: null });
    await webhooks.arrived('subscription_schedule.updated');
  });

  test('one that ends by canceling takes its subscription along', async () => {
    const account = await world.account();
    const { stripe, webhooks } = account;
    const clock = await stripe.testHelpers.testClocks.create({ frozen_time: START });
    const { customer, price } = await buyer(stripe, { test_clock: clock.id });
    const phases = [{ items: [{ price, quantity: 1 }], duration: MONTH }];
    const { id, subscription } = await stripe.subscriptionSchedules.create({
      customer, start_date: START, end_behavior: 'cancel', phases,
    });
    await advance(account, clock, monthLater(START) + 7200);
    has(await stripe.subscriptionSchedules.retrieve(id), { status: 'completed' });
    has(await stripe.subscriptions.retrieve(subscription), { status: 'canceled' });
    await webhooks.arrived('subscription_schedule.completed');
  });

  test('a schedule of nothing is refused', async () => {
    const { stripe } = await world.account();
    const { customer, price } = await buyer(stripe);
    const create = (params) => stripe.subscriptionSchedules.create({ customer, start_date: 'now', ...params });
    await invalid(create({ phases: [{ items: [] }] }));
    await missing(create({ phases: [{ items: [{ price: 'price_none' }] }] }));
    await missing(stripe.subscriptionSchedules.create({ from_subscription: 'sub_none' }));
    await invalid(create({ ...twoPhases(price), end_behavior: 'explode' }), { param: 'end_behavior' });
    await missing(stripe.subscriptionSchedules.retrieve('sub_sched_none'));
  });

  async function buyer(stripe, more) {
    return { customer: (await customerWithCard(stripe, 'pm_card_visa', more)).id, price: (await monthly(stripe)).id };
  }

  function twoPhases(price) {
    return { phases: [1, 2].map((quantity) => ({ items: [{ price, quantity }], duration: MONTH })) };
  }
});
