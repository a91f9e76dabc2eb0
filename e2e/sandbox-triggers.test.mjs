// Every `stripe trigger` that billing cares about, run with Stripe's own command line; the events it promises arrive,
// signed, at the endpoint they are meant for.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { skipWithoutCli, trigger } from './lib/sandbox-cli.mjs';
import { freshKey, sandboxSuite } from './lib/sandbox-suite.mjs';

const PAID = ['invoice.created', 'invoice.finalized', 'invoice.paid', 'invoice.payment_succeeded'];
const STARTED = ['customer.subscription.created', ...PAID];

/** Events of the account itself, for its own endpoint. */
const OWN = {
  'billing_portal.configuration.created': [],
  'billing_portal.session.created': ['customer.created'],
  'charge.dispute.created': ['charge.succeeded', 'payment_intent.succeeded'],
  'charge.refunded': ['charge.succeeded', 'payment_intent.succeeded', 'refund.created'],
  'checkout.session.async_payment_failed': ['checkout.session.completed', 'payment_intent.payment_failed'],
  'checkout.session.completed': ['payment_intent.succeeded', 'charge.succeeded'],
  'checkout.session.expired': ['price.created'],
  'customer.created': [],
  'customer.deleted': ['customer.created'],
  'customer.subscription.created': STARTED,
  'customer.subscription.updated': STARTED,
  'customer.subscription.deleted': STARTED,
  'customer.subscription.paused': ['customer.subscription.created', 'customer.subscription.updated'],
  'customer.subscription.trial_will_end': ['customer.subscription.created'],
  'invoice.created': ['invoiceitem.created'],
  'invoice.finalized': ['invoice.created', 'payment_intent.created'],
  'invoice.paid': ['invoice.finalized', 'invoice.payment_succeeded', 'charge.succeeded', 'payment_method.attached'],
  'invoice.payment_action_required': ['invoice.finalized', 'payment_intent.requires_action'],
  'invoice.payment_failed': ['invoice.finalized', 'charge.failed', 'payment_intent.payment_failed'],
  'invoice.voided': ['invoice.finalized'],
  'payment_intent.succeeded': ['payment_intent.created', 'charge.succeeded'],
  'payment_method.attached': ['customer.created'],
  'plan.created': ['product.created'],
  'price.created': ['product.created'],
  'product.created': [],
  'promotion_code.created': ['coupon.created'],
  'setup_intent.succeeded': ['setup_intent.created'],
  'subscription.payment_failed': ['invoice.payment_failed', 'customer.subscription.created', 'charge.failed'],
  'subscription.payment_succeeded': ['invoice.payment_succeeded', 'invoice.paid', 'customer.subscription.created'],
  'subscription_schedule.created': ['customer.subscription.created'],
  'test_helpers.test_clock.ready': ['test_helpers.test_clock.created', 'test_helpers.test_clock.advancing'],
};

/** Events of connected accounts, for the endpoint with `connect`, and naming the account. */
const CONNECTED = ['account.application.deauthorized', 'account.updated'];

/** Names of fixtures, not of events. */
const NOT_EVENTS = new Set(['subscription.payment_failed', 'subscription.payment_succeeded']);

/** What the one object says after its trigger, beside the event having come. */
const SAYS = {
  'charge.dispute.created': { amount: 100, currency: 'usd' },
  'charge.refunded': { refunded: true, amount_refunded: 100 },
  'checkout.session.async_payment_failed': { status: 'complete', payment_status: 'unpaid' },
  'checkout.session.completed': { status: 'complete', payment_status: 'paid', amount_total: 3000 },
  'checkout.session.expired': { status: 'expired', url: null },
  'customer.deleted': { description: '(created by Stripe CLI)' },
  'customer.subscription.deleted': { status: 'canceled' },
  'customer.subscription.paused': { status: 'paused' },
  'customer.subscription.trial_will_end': { status: 'trialing' },
  'invoice.created': { status: 'draft', amount_due: 2000 },
  'invoice.finalized': { status: 'open', amount_remaining: 2000 },
  'invoice.paid': { status: 'paid', amount_paid: 2000, amount_remaining: 0 },
  'invoice.payment_action_required': { status: 'open', attempted: true },
  'invoice.payment_failed': { status: 'open', attempted: true, attempt_count: 1 },
  'invoice.voided': { status: 'void' },
  'payment_intent.succeeded': { amount_received: 2000 },
  'plan.created': { amount: 2000, interval: 'month' },
  'price.created': { unit_amount: 1500, type: 'recurring' },
  'setup_intent.succeeded': { status: 'succeeded' },
  'test_helpers.test_clock.ready': { status: 'ready', frozen_time: 1580515200 },
};

const OBJECTS = [
 'account', 'billing_portal.configuration', 'billing_portal.session', 'charge', 'checkout.session', 'coupon',
 'customer', 'dispute', 'event', 'invoice', 'invoiceitem', 'payment_intent', 'payment_method', 'plan', 'price',
 'product', 'promotion_code', 'refund', 'setup_intent', 'subscription', 'subscription_schedule',
 'test_helpers.test_clock',
];

sandboxSuite('stripe trigger', OBJECTS, (world) => {
  for (const [name, others] of Object.entries(OWN)) {
    const promised = NOT_EVENTS.has(name) ? others : [...new Set([name, ...others])];
    test(`${name} sends ${promised.join(', ')}`, async () => {
      const { own, connect } = await run(name);
      for (const type of promised) {
        const event = await own.arrived(type);
        assert.equal(event.account, undefined, 'an event of our own account names no account');
      }
      for (const [field, value] of Object.entries(SAYS[name] ?? {})) {
        const { object } = (await own.arrived(promised[0])).data;
        assert.deepEqual(object[field], value, `${name}: ${field}`);
      }
      assert.deepEqual(connect.events, [], 'the endpoint of connected accounts hears nothing');
    });
  }

  for (const name of CONNECTED) {
    test(`${name} is sent to the endpoint of connected accounts`, async () => {
      const { connect } = await run(name);
      const event = await connect.arrived(name);
      assert.match(event.account ?? '', /^acct_/);
      const { object } = event.data;
      if (name === 'account.updated') assert.deepEqual([object.id, object.metadata.foo], [event.account, 'bar']);
      else assert.equal(object.object, 'application');
    });
  }

  async function run(name) {
    const key = freshKey();
    const stripe = world.client(key);
    const own = await world.inbox.endpoint(stripe);
    const connect = await world.inbox.endpoint(stripe, { connect: true });
    await trigger(name, key, world.recorder.url);
    return { own, connect };
  }
}, skipWithoutCli());
