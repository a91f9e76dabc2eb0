// Refusals by class, faults on demand, and idempotency, as the official SDK sees them.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { has, ids, invalid, missing, refused } from './lib/sandbox-assert.mjs';
import { freshKey, sandboxSuite } from './lib/sandbox-suite.mjs';

const OBJECTS = ['customer', 'list'];
const replayed = (answer) => answer.lastResponse.headers['idempotent-replayed'];

sandboxSuite('errors and idempotency', OBJECTS, (world) => {
  test('keys that open nothing are authentication errors', async () => {
    for (const key of ['sk_live_123456789012', 'nonsense', 'pk_test_123456789012', 'rk_live_123456789012']) {
      await refused(world.client(key).customers.list(), { type: 'StripeAuthenticationError', statusCode: 401 });
    }
    const nobody = await fetch(`${world.sandbox.url}/v1/customers`);
    assert.equal(nobody.status, 401);
    assert.equal((await nobody.json()).error.type, 'invalid_request_error');
    const basic = Buffer.from(`${freshKey()}:`).toString('base64');
    const known = await fetch(`${world.sandbox.url}/v1/customers`, { headers: { authorization: `Basic ${basic}` } });
    assert.equal(known.status, 200);
  });

  test('a path that is none is not found', async () => {
    const { stripe } = await world.account();
    await invalid(stripe.rawRequest('GET', '/v1/nothing_here'), { statusCode: 404 });
    await missing(stripe.customers.retrieve('cus_none'), 'id');
  });

  test('parameters are refused by what is wrong with them', async () => {
    const { stripe } = await world.account();
    await invalid(stripe.customers.create({ favourite: 'blue' }), { code: 'parameter_unknown', param: 'favourite' });
    await invalid(stripe.customers.create({ address: { planet: 'Mars' } }), {
      code: 'parameter_unknown', param: 'address[planet]',
    });
    await invalid(stripe.customers.create({ address: 'Mars' }), { param: 'address' });
    await invalid(stripe.customers.create({ balance: 'much' }), {
      code: 'parameter_invalid_integer', param: 'balance',
    });
    await invalid(stripe.products.create({}), { code: 'parameter_missing', param: 'name' });
    await invalid(stripe.products.create({ name: '' }), { code: 'parameter_invalid_empty', param: 'name' });
    await invalid(stripe.products.create({ name: 'P', active: 'perhaps' }), { param: 'active' });
    await invalid(stripe.paymentMethods.list({ type: 'shell' }), { param: 'type' });
    const error = await missing(stripe.customers.retrieve('cus_none'));
    assert.equal(error.statusCode, 404);
    assert.match(error.message, /^No such customer: 'cus_none'/);
    assert.match(error.raw.doc_url ?? '', /error-codes\/resource-missing/);
  });

  test('an answer names its request and speaks the version it was asked for', async () => {
    const { stripe, key } = await world.account();
    const { lastResponse } = await stripe.customers.create();
    assert.match(lastResponse.requestId, /^req_/);
    assert.equal(lastResponse.apiVersion, '2026-10-28.endive');
    const older = await world.client(key, { apiVersion: '2026-09-30.endive' }).customers.list();
    assert.equal(older.lastResponse.apiVersion, '2026-09-30.endive');
    await invalid(world.client(key, { apiVersion: 'yesterday' }).customers.list());
  });

  test('the same request under the same key is done once and answered alike', async () => {
    const { stripe, webhooks } = await world.account();
    const create = () => stripe.customers.create({ name: 'Once' }, { idempotencyKey: 'k1' });
    const [first, second] = [await create(), await create()];
    assert.deepEqual({ ...second }, { ...first });
    assert.deepEqual([replayed(first), replayed(second)], [undefined, 'true']);
    assert.equal(second.lastResponse.idempotencyKey, 'k1');
    await stripe.customers.update(first.id, { name: 'Changed' });
    assert.equal((await create()).name, 'Once', 'the answer is the one of then');
    assert.deepEqual(ids(await stripe.customers.list()), [first.id]);
    await webhooks.arrived('customer.updated');
    assert.equal(webhooks.events.filter(({ type }) => type === 'customer.created').length, 1);
  });

  test('another request under the same key is an error, whatever differs', async () => {
    const { stripe } = await world.account();
    await stripe.customers.create({ name: 'Once' }, { idempotencyKey: 'k2' });
    const wanted = { type: 'StripeIdempotencyError', statusCode: 400 };
    await refused(stripe.customers.create({ name: 'Twice' }, { idempotencyKey: 'k2' }), wanted);
    await refused(stripe.products.create({ name: 'Once' }, { idempotencyKey: 'k2' }), wanted);
    const { stripe: other } = await world.account();
    has(await other.customers.create({ name: 'Twice' }, { idempotencyKey: 'k2' }), { name: 'Twice' });
  });

  test('what was refused before it began is not kept, what a bank declined is', async () => {
    const { stripe } = await world.account();
    const options = { idempotencyKey: 'k3' };
    await invalid(stripe.customers.create({ favourite: 'blue' }, options));
    assert.equal(replayed(await stripe.customers.create({ name: 'Now' }, options)), undefined);
    const pay = () =>
      stripe.paymentIntents.create(
        {
          amount: 100, currency: 'usd', confirm: true, payment_method: 'pm_card_visa_chargeDeclined',
          payment_method_types: ['card'],
        },
        { idempotencyKey: 'k4' },
      );
    const card = { type: 'StripeCardError', code: 'card_declined' };
    const [first, second] = [await refused(pay(), card), await refused(pay(), card)];
    assert.equal(second.payment_intent.id, first.payment_intent.id);
    assert.equal(second.headers['idempotent-replayed'], 'true');
    await invalid(stripe.customers.create({}, { idempotencyKey: 'k'.repeat(256) }));
    has(await stripe.customers.create({}, { idempotencyKey: 'k'.repeat(255) }), { object: 'customer' });
  });

  test('too many requests are a rate limit, and leave nothing behind', async () => {
    const { stripe, key } = await world.account();
    await fault('rate_limit');
    await refused(stripe.customers.create({}, { idempotencyKey: 'k5' }), {
      type: 'StripeRateLimitError', statusCode: 429, code: 'rate_limit',
    });
    assert.equal(replayed(await stripe.customers.create({}, { idempotencyKey: 'k5' })), undefined);
    await fault('lock_timeout');
    await refused(stripe.customers.create(), { type: 'StripeRateLimitError', statusCode: 429, code: 'lock_timeout' });
    assert.equal((await world.client(key).customers.list()).data.length, 1);
  });

  test('an error of the server is kept under its key, whether it was done or not', async () => {
    const { stripe } = await world.account();
    const create = (idempotencyKey) => stripe.customers.create({ name: idempotencyKey }, { idempotencyKey });
    const broken = { type: 'StripeAPIError', statusCode: 500 };
    await fault('error_500');
    await refused(create('k6'), broken);
    const again = await refused(create('k6'), broken);
    assert.equal(again.headers['idempotent-replayed'], 'true');
    assert.deepEqual(ids(await stripe.customers.list()), [], 'it was not done');
    await fault('error_500_executed');
    await refused(create('k7'), broken);
    await refused(create('k7'), broken);
    assert.deepEqual((await stripe.customers.list()).data.map(({ name }) => name), ['k7'], 'it was done');
  });

  test('a key that is being used is a conflict, and free afterwards', async () => {
    const { stripe } = await world.account();
    await fault('conflict');
    const error = await stripe.customers.create({}, { idempotencyKey: 'k8' }).catch((reason) => reason);
    assert.deepEqual([error.statusCode, error.code], [409, 'idempotency_key_in_use'], error.message);
    assert.equal(replayed(await stripe.customers.create({}, { idempotencyKey: 'k8' })), undefined);
  });

  test('a connection that breaks may have done it: the key tells', async () => {
    const key = freshKey();
    const stripe = world.unrecorded(key);
    const connection = { type: 'StripeConnectionError' };
    await fault('reset');
    await broken(stripe.customers.create({ name: 'R' }, { idempotencyKey: 'k9' }), connection);
    const after = await stripe.customers.create({ name: 'R' }, { idempotencyKey: 'k9' });
    assert.equal(replayed(after), 'true', 'the answer was cut off, the work was not');
    const hasty = world.unrecorded(key, { timeout: 300 });
    await fault('timeout_before', { holdMs: 600 });
    await broken(hasty.customers.create({ name: 'B' }, { idempotencyKey: 'k10' }), connection);
    assert.equal((await stripe.customers.list()).data.some(({ name }) => name === 'B'), false);
    await fault('timeout_after', { holdMs: 600 });
    await broken(hasty.customers.create({ name: 'A' }, { idempotencyKey: 'k11' }), connection);
    assert.equal((await stripe.customers.list()).data.some(({ name }) => name === 'A'), true);
    // The key is in use until the answer is no longer held.
    const repeat = () => stripe.customers.create({ name: 'A' }, { idempotencyKey: 'k11' }).catch(inUse);
    const inUse = (error) => (error.code === 'idempotency_key_in_use' ? repeat() : Promise.reject(error));
    assert.equal(replayed(await repeat()), 'true');
  });

  test('values and fields of tomorrow arrive, and the SDK lets them', async () => {
    const stripe = world.unrecorded();
    const known = Object.keys(await stripe.customers.create());
    await fault('unknown_field');
    const fields = Object.keys(await stripe.customers.create());
    assert.ok(fields.some((field) => !known.includes(field)), 'there is a field that nobody knows');
    const clock = await stripe.testHelpers.testClocks.create({ frozen_time: 1_700_000_000 });
    await fault('unknown_enum', { method: 'GET' });
    const odd = await stripe.testHelpers.testClocks.retrieve(clock.id);
    assert.notEqual(odd.status, 'ready');
    has(await stripe.testHelpers.testClocks.retrieve(clock.id), { status: 'ready' });
  });

  test('a fault strikes what it names, as often as it says', async () => {
    const { stripe } = await world.account();
    await fault('error_500', { path: '/v1/products', method: 'POST', times: 2 });
    await stripe.customers.create();
    await stripe.products.list();
    for (const _ of [1, 2]) await refused(stripe.products.create({ name: 'P' }), { type: 'StripeAPIError' });
    has(await stripe.products.create({ name: 'P' }), { name: 'P' });
    await fault('error_500', { times: 5 });
    await world.sandbox.control('DELETE', '/faults');
    await stripe.customers.create();
  });

  function fault(name, more) {
    return world.sandbox.control('POST', '/faults', { fault: name, ...more });
  }

  /** Nothing came back, so there is no request to name. */
  async function broken(call, wanted) {
    const error = await call.then(() => assert.fail('answered'), (reason) => reason);
    assert.equal(error.type, wanted.type, error.message);
  }
});
