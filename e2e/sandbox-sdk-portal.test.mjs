// The billing portal's configurations and sessions, through the official SDK.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { has, ids, invalid, missing } from './lib/sandbox-assert.mjs';
import { subscriber } from './lib/sandbox-scenes.mjs';
import { sandboxSuite } from './lib/sandbox-suite.mjs';

const OBJECTS = ['billing_portal.configuration', 'billing_portal.session', 'list', 'event'];

sandboxSuite('billing portal', OBJECTS, (world) => {
  test('a configuration says what a customer may do', async () => {
    const { stripe, webhooks } = await world.account();
    const made = await stripe.billingPortal.configurations.create({
      business_profile: { headline: 'Kolay' },
      default_return_url: 'https://example.com/back',
      metadata: { a: '1' },
      features: {
        subscription_cancel: { enabled: true, mode: 'at_period_end' },
        invoice_history: { enabled: true },
        customer_update: { enabled: true, allowed_updates: ['email', 'address'] },
      },
    });
    has(made, { object: 'billing_portal.configuration', active: true, is_default: false, livemode: false });
    has(made, { default_return_url: 'https://example.com/back', metadata: { a: '1' } });
    has(made.features.subscription_cancel, { enabled: true, mode: 'at_period_end', proration_behavior: 'none' });
    assert.deepEqual(made.features.customer_update.allowed_updates, ['email', 'address']);
    assert.equal(made.features.payment_method_update.enabled, false);
    const changed = await stripe.billingPortal.configurations.update(made.id, {
      active: false, features: { payment_method_update: { enabled: true } }, metadata: { b: '2' },
    });
    has(changed, { active: false, metadata: { a: '1', b: '2' } });
    assert.equal(changed.features.payment_method_update.enabled, true);
    assert.equal(changed.features.subscription_cancel.enabled, true, 'what is not named stays');
    has(await stripe.billingPortal.configurations.retrieve(made.id), { active: false });
    assert.deepEqual(ids(await stripe.billingPortal.configurations.list({ active: false })), [made.id]);
    await webhooks.arrived('billing_portal.configuration.created');
    await webhooks.arrived('billing_portal.configuration.updated');
    await missing(stripe.billingPortal.configurations.retrieve('bpc_none'));
  });

  test('plans that may be switched to are named with their prices', async () => {
    const { stripe } = await world.account();
    const { price } = await subscriber(stripe);
    const { features } = await stripe.billingPortal.configurations.create({
      features: {
        subscription_update: {
          enabled: true, default_allowed_updates: ['price', 'quantity'], proration_behavior: 'always_invoice',
          products: [{ product: price.product, prices: [price.id] }],
        },
      },
    });
    has(features.subscription_update, { enabled: true, proration_behavior: 'always_invoice' });
    assert.deepEqual(features.subscription_update.default_allowed_updates, ['price', 'quantity']);
    await missing(
      stripe.billingPortal.configurations.create({
        features: {
          subscription_update: {
            enabled: true, default_allowed_updates: ['price'], products: [{ product: 'prod_none', prices: [price.id] }],
          },
        },
      }),
    );
  });

  test('reasons to cancel and changes that wait are kept as they are asked for', async () => {
    const { stripe } = await world.account();
    const { price } = await subscriber(stripe);
    const made = await stripe.billingPortal.configurations.create({
      features: {
        subscription_cancel: {
          enabled: true, cancellation_reason: { enabled: true, options: ['unused', 'other'] },
        },
        subscription_update: {
          enabled: true, default_allowed_updates: ['price'],
          products: [{ product: price.product, prices: [price.id] }],
          schedule_at_period_end: { conditions: [{ type: 'shortening_interval' }] },
        },
      },
    });
    const { subscription_cancel, subscription_update } = made.features;
    has(subscription_cancel.cancellation_reason, { enabled: true });
    assert.deepEqual(subscription_cancel.cancellation_reason.options, ['unused', 'other']);
    assert.deepEqual(subscription_update.schedule_at_period_end.conditions, [{ type: 'shortening_interval' }]);
  });

  test('a session is a link for one customer', async () => {
    const { stripe, webhooks } = await world.account();
    const { customer, subscription } = await subscriber(stripe);
    const session = await stripe.billingPortal.sessions.create({
      customer: customer.id, return_url: 'https://example.com/back', expand: ['configuration'],
    });
    has(session, {
      object: 'billing_portal.session', customer: customer.id, return_url: 'https://example.com/back', flow: null,
    });
    assert.match(session.id, /^bps_/);
    assert.match(session.url, /^http/);
    has(session.configuration, { object: 'billing_portal.configuration', is_default: true, active: true });
    const defaults = await stripe.billingPortal.configurations.list({ is_default: true });
    assert.deepEqual(ids(defaults), [session.configuration.id]);
    await webhooks.arrived('billing_portal.session.created');
    const known = await stripe.billingPortal.sessions.create({
      customer: customer.id, flow_data: { type: 'customer_update' },
    });
    has(known.flow, { type: 'customer_update', subscription_cancel: null });
    const { flow } = await stripe.billingPortal.sessions.create({
      customer: customer.id,
      flow_data: {
        type: 'subscription_cancel',
        subscription_cancel: { subscription: subscription.id },
        after_completion: { type: 'redirect', redirect: { return_url: 'https://example.com/canceled' } },
      },
    });
    assert.equal(flow.type, 'subscription_cancel');
    assert.equal(flow.subscription_cancel.subscription, subscription.id);
    assert.equal(flow.after_completion.redirect.return_url, 'https://example.com/canceled');
  });

  test('a session for nobody, or with what is not in use, is refused', async () => {
    const { stripe } = await world.account();
    const { customer, subscription } = await subscriber(stripe);
    const create = (params) => stripe.billingPortal.sessions.create(params);
    await missing(create({ customer: 'cus_none' }), 'customer');
    await missing(create({ customer: customer.id, configuration: 'bpc_none' }), 'configuration');
    const off = await stripe.billingPortal.configurations.create({ features: { invoice_history: { enabled: true } } });
    await stripe.billingPortal.configurations.update(off.id, { active: false });
    await invalid(create({ customer: customer.id, configuration: off.id }));
    const other = await subscriber(stripe);
    await invalid(
      create({
        customer: other.customer.id,
        flow_data: { type: 'subscription_cancel', subscription_cancel: { subscription: subscription.id } },
      }),
    );
  });
});
