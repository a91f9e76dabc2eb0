// Connected accounts and Connect OAuth, through the official SDK.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { has, ids, invalid, missing, refused } from './lib/sandbox-assert.mjs';
import { clientId, consent } from './lib/sandbox-consent.mjs';
import { subscriber } from './lib/sandbox-scenes.mjs';
import { sandboxSuite } from './lib/sandbox-suite.mjs';

const OBJECTS = ['account', 'application', 'customer', 'list', 'event'];
const BACK = 'https://example.com/connected';

sandboxSuite('connect', OBJECTS, (world) => {
  test('an account is created, changed, listed and deleted', async () => {
    const { stripe } = await world.account();
    const connect = await world.inbox.endpoint(stripe, { connect: true });
    const made = await stripe.accounts.create({
      type: 'standard', country: 'DE', email: 'shop@example.com', business_profile: { name: 'Shop' }, metadata: {
        a: '1',
      },
    });
    assert.match(made.id, /^acct_/);
    has(made, { object: 'account', type: 'standard', country: 'DE', email: 'shop@example.com', metadata: { a: '1' } });
    has(await stripe.accounts.update(made.id, { metadata: { b: '2' } }), { metadata: { a: '1', b: '2' } });
    const updated = await connect.arrived('account.updated', (event) => event.data.object.metadata.b);
    assert.deepEqual([updated.account, updated.data.object.id], [made.id, made.id]);
    has(await stripe.accounts.retrieve(made.id), { metadata: { a: '1', b: '2' } });
    assert.deepEqual(ids(await stripe.accounts.list()), [made.id]);
    assert.deepEqual({ ...(await stripe.accounts.del(made.id)) }, { id: made.id, object: 'account', deleted: true });
    assert.equal((await connect.arrived('account.application.deauthorized')).account, made.id);
    await refused(stripe.accounts.retrieve(made.id), {
      type: 'StripePermissionError', code: 'account_invalid', statusCode: 403,
    });
  });

  test('an account knows itself', async () => {
    const { stripe } = await world.account();
    const own = await stripe.accounts.retrieveCurrent();
    has(own, { object: 'account', charges_enabled: true, details_submitted: true, payouts_enabled: true });
    assert.equal((await stripe.accounts.retrieveCurrent()).id, own.id, 'the same key is the same account');
    const other = await world.account();
    assert.notEqual((await other.stripe.accounts.retrieveCurrent()).id, own.id);
  });

  test('what is done for a connected account is done in it, and its events name it', async () => {
    const { stripe, key, webhooks } = await world.account();
    const connect = await world.inbox.endpoint(stripe, { connect: true });
    const { id: stripeAccount } = await stripe.accounts.create({ type: 'standard' });
    const theirs = world.client(key, { stripeAccount });
    const { customer, subscription } = await subscriber(theirs);
    await missing(stripe.customers.retrieve(customer.id));
    assert.deepEqual(ids(await stripe.subscriptions.list()), []);
    assert.deepEqual(ids(await stripe.subscriptions.list({}, { stripeAccount })), [subscription.id]);
    has(await stripe.customers.retrieve(customer.id, {}, { stripeAccount }), { id: customer.id });
    const event = await connect.arrived('customer.subscription.created');
    assert.equal(event.account, stripeAccount);
    assert.equal(event.data.object.id, subscription.id);
    assert.equal(webhooks.events.some(({ type }) => type === 'customer.subscription.created'), false);
    assert.equal(connect.events.every(({ account }) => account === stripeAccount), true);
    has(await theirs.accounts.retrieveCurrent(), { id: stripeAccount });
  });

  test('an account that is not connected is not acted for', async () => {
    const { stripe } = await world.account();
    const other = await world.account();
    const { id: stranger } = await other.stripe.accounts.create({ type: 'standard' });
    for (const stripeAccount of ['acct_none', stranger]) {
      await refused(stripe.customers.list({}, { stripeAccount }), {
        type: 'StripePermissionError', code: 'account_invalid', statusCode: 403,
      });
    }
  });

  test('a person connects their account, the code is good once, and the account can be acted for', async () => {
    const { stripe } = await world.account();
    const back = await consent(world.sandbox.url, await authorize(stripe), /connect|authorize|allow/i);
    assert.equal(`${back.origin}${back.pathname}`, BACK);
    assert.equal(back.searchParams.get('state'), 's & t');
    assert.equal(back.searchParams.get('scope'), 'read_write');
    const code = back.searchParams.get('code');
    assert.match(code, /^ac_/);
    const token = await stripe.oauth.token({ grant_type: 'authorization_code', code });
    has(token, { scope: 'read_write', livemode: false, token_type: 'bearer' });
    assert.match(token.stripe_user_id, /^acct_/);
    assert.match(token.access_token, /^sk_test_/);
    assert.match(token.stripe_publishable_key, /^pk_test_/);
    const stripeAccount = token.stripe_user_id;
    const made = await stripe.customers.create({ name: 'Theirs' }, { stripeAccount });
    has(await world.client(token.access_token).customers.retrieve(made.id), { name: 'Theirs' });
    await refused(stripe.oauth.token({ grant_type: 'authorization_code', code }), { type: 'StripeInvalidGrantError' });
    await refused(stripe.oauth.token({ grant_type: 'authorization_code', code: 'ac_none' }), {
      type: 'StripeInvalidGrantError',
    });
    await refused(stripe.oauth.token({ grant_type: 'party' }), { type: 'StripeUnsupportedGrantTypeError' });
  });

  test('a code is no good to a platform that the person was not asked for', async () => {
    const { stripe } = await world.account();
    const back = await consent(world.sandbox.url, await authorize(stripe), /connect|authorize|allow/i);
    const asked = { grant_type: 'authorization_code', code: back.searchParams.get('code') };
    const other = await world.account();
    await refused(other.stripe.oauth.token(asked), { type: 'StripeInvalidGrantError' });
    assert.match((await stripe.oauth.token(asked)).stripe_user_id, /^acct_/);
  });

  test('a connection is given up once, and then the account is out of reach', async () => {
    const { stripe } = await world.account();
    const connect = await world.inbox.endpoint(stripe, { connect: true });
    const client_id = await clientId(stripe);
    const back = await consent(world.sandbox.url, await authorize(stripe), /connect|authorize|allow/i);
    const code = back.searchParams.get('code');
    const { stripe_user_id } = await stripe.oauth.token({ grant_type: 'authorization_code', code });
    const gone = await stripe.oauth.deauthorize({ client_id, stripe_user_id });
    assert.deepEqual({ ...gone }, { stripe_user_id });
    const event = await connect.arrived('account.application.deauthorized');
    assert.equal(event.account, stripe_user_id);
    has(event.data.object, { object: 'application', id: client_id });
    await refused(stripe.customers.list({}, { stripeAccount: stripe_user_id }), {
      type: 'StripePermissionError', code: 'account_invalid',
    });
    await refused(stripe.oauth.deauthorize({ client_id, stripe_user_id }), { type: 'StripeInvalidClientError' });
  });

  test('a person who says no is sent back with that', async () => {
    const { stripe } = await world.account();
    const back = await consent(world.sandbox.url, await authorize(stripe), /cancel|deny|decline/i);
    assert.equal(back.searchParams.get('error'), 'access_denied');
    assert.equal(back.searchParams.get('state'), 's & t');
    assert.equal(back.searchParams.get('code'), null);
    assert.ok(back.searchParams.get('error_description'));
  });

  test('an account of no known type is refused', async () => {
    const { stripe } = await world.account();
    await invalid(stripe.accounts.create({ type: 'huge' }), { param: 'type' });
  });

  async function authorize(stripe) {
    const client_id = await clientId(stripe);
    return stripe.oauth.authorizeUrl({ client_id, state: 's & t', redirect_uri: BACK, scope: 'read_write' });
  }
});
