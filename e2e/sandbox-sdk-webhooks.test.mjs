// Webhook endpoints and events, through the official SDK, and deliveries to a server of our own.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import Stripe from 'stripe';

import { has, ids, invalid, missing } from './lib/sandbox-assert.mjs';
import { sandboxSuite } from './lib/sandbox-suite.mjs';

const OBJECTS = ['webhook_endpoint', 'event', 'customer', 'list'];
const DEADLINE = 15_000;
const URL_OF_ONE = 'https://example.com/hook';

sandboxSuite('webhook endpoints and events', OBJECTS, (world) => {
  test('an endpoint tells its secret once, is changed, switched off and deleted', async () => {
    const { stripe, webhooks } = await world.account();
    const made = await stripe.webhookEndpoints.create({
      url: URL_OF_ONE, enabled_events: ['customer.created', 'invoice.paid'], description: 'ours', metadata: { a: '1' },
      api_version: '2026-09-30.endive',
    });
    assert.match(made.id, /^we_/);
    assert.match(made.secret, /^whsec_/);
    has(made, { object: 'webhook_endpoint', status: 'enabled', url: URL_OF_ONE, api_version: '2026-09-30.endive' });
    has(made, { application: null, enabled_events: ['customer.created', 'invoice.paid'] });
    assert.equal((await stripe.webhookEndpoints.retrieve(made.id)).secret, undefined);
    assert.deepEqual(ids(await stripe.webhookEndpoints.list()), [made.id, webhooks.id]);
    const off = await stripe.webhookEndpoints.update(made.id, {
      disabled: true, enabled_events: ['*'], metadata: { b: '2' },
    });
    has(off, { status: 'disabled', enabled_events: ['*'], metadata: { a: '1', b: '2' }, description: 'ours' });
    has(await stripe.webhookEndpoints.update(made.id, { disabled: false }), { status: 'enabled' });
    const gone = await stripe.webhookEndpoints.del(made.id);
    assert.deepEqual({ ...gone }, { id: made.id, object: 'webhook_endpoint', deleted: true });
    await missing(stripe.webhookEndpoints.retrieve(made.id));
  });

  test('an endpoint nobody can call, or for nothing, is refused', async () => {
    const { stripe } = await world.account();
    const create = (params) => stripe.webhookEndpoints.create({ url: URL_OF_ONE, enabled_events: ['*'], ...params });
    await invalid(create({ url: 'not a url' }), { param: 'url' });
    await invalid(create({ enabled_events: ['customer.exploded'] }), { param: 'enabled_events[0]' });
    await invalid(create({ api_version: 'yesterday' }), { param: 'api_version' });
    await invalid(stripe.webhookEndpoints.create({ enabled_events: ['*'] }), {
      code: 'parameter_missing', param: 'url',
    });
    await invalid(stripe.webhookEndpoints.create({ url: URL_OF_ONE }), {
      code: 'parameter_missing', param: 'enabled_events',
    });
  });

  test('an event says what happened, through which request, and what was before', async () => {
    const { stripe, webhooks } = await world.account();
    const customer = await stripe.customers.create({ name: 'A', metadata: { a: '1' } }, { idempotencyKey: 'mine' });
    await stripe.customers.update(customer.id, { name: 'B', metadata: { b: '2' } });
    const created = await webhooks.arrived('customer.created');
    has(created, { object: 'event', livemode: false, type: 'customer.created' });
    assert.deepEqual({ ...created.request }, { id: customer.lastResponse.requestId, idempotency_key: 'mine' });
    has(created.data.object, { id: customer.id, name: 'A', metadata: { a: '1' } });
    assert.equal(created.data.previous_attributes, undefined);
    const { data } = await webhooks.arrived('customer.updated');
    has(data.object, { name: 'B', metadata: { a: '1', b: '2' } });
    assert.deepEqual(data.previous_attributes, { name: 'A', metadata: { b: null } });
    const read = await stripe.events.retrieve(created.id);
    assert.deepEqual(read.data, created.data);
    await missing(stripe.events.retrieve('evt_none'));
  });

  test('events are listed by type and time, the newest first', async () => {
    const { stripe } = await world.account();
    const { id } = await stripe.customers.create();
    await stripe.customers.update(id, { name: 'B' });
    await stripe.products.create({ name: 'P' });
    const types = async (filter) => (await stripe.events.list(filter)).data.map(({ type }) => type);
    assert.deepEqual(await types({}), ['product.created', 'customer.updated', 'customer.created']);
    assert.deepEqual(await types({ type: 'customer.created' }), ['customer.created']);
    assert.deepEqual(await types({ type: 'customer.*' }), ['customer.updated', 'customer.created']);
    const two = ['product.created', 'customer.created'];
    assert.deepEqual(await types({ types: two }), two);
    assert.deepEqual(await types({ created: { gt: Math.floor(Date.now() / 1000) + 60 } }), []);
    const each = [];
    await stripe.events.list({ limit: 1 }).autoPagingEach(({ type }) => void each.push(type));
    assert.equal(each.length, 3);
  });

  test('an endpoint hears what it asked for, and nothing while it is off', async () => {
    const { stripe, webhooks } = await world.account();
    const few = await world.inbox.endpoint(stripe, { enabled_events: ['product.created'] });
    await stripe.customers.create();
    await stripe.webhookEndpoints.update(few.id, { disabled: true });
    await stripe.products.create({ name: 'Unheard' });
    await webhooks.arrived('product.created');
    await stripe.webhookEndpoints.update(few.id, { disabled: false });
    await stripe.products.create({ name: 'Heard' });
    await few.arrived('product.created', (event) => event.data.object.name === 'Heard');
    assert.deepEqual(few.events.map((event) => event.data.object.name), ['Heard']);
    assert.equal((await webhooks.count(3)).length, 3);
  });

  test('what is not accepted is sent again, as the same event', async () => {
    const { stripe } = await world.account();
    let tries = 0;
    const params = { enabled_events: ['customer.created'] };
    const flaky = await world.inbox.endpoint(stripe, params, () => (++tries === 1 ? 500 : 200));
    const { id } = await stripe.customers.create();
    await flaky.count(1);
    await pending(stripe, 'customer.created', 1);
    await world.sandbox.control('POST', '/clock', { advanceSeconds: 6 * 3600 });
    const [first, second] = await flaky.count(2);
    assert.equal(first.id, second.id);
    await pending(stripe, 'customer.created', 0);
    assert.equal(second.data.object.id, id);
  });

  test('two endpoints have two secrets, and neither signs for the other', async () => {
    const { stripe } = await world.account();
    const [one, two] = [await world.inbox.endpoint(stripe), await world.inbox.endpoint(stripe)];
    assert.notEqual(one.secret, two.secret);
    one.secret = two.secret;
    await stripe.customers.create();
    await assert.rejects(one.arrived('customer.created'), Stripe.errors.StripeSignatureVerificationError);
    await two.arrived('customer.created');
  });

  /** Waits until so many endpoints are left to tell: what one answered is noted a moment later. */
  async function pending(stripe, type, number) {
    const left = async () => (await stripe.events.list({ type })).data[0].pending_webhooks;
    const until = Date.now() + DEADLINE;
    for (let found; (found = await left()) !== number; ) {
      assert.ok(Date.now() < until, `${found} endpoints are left to tell of ${type}, and not ${number}`);
    }
  }
});
