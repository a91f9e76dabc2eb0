// Customers, their payment methods, and setup intents, through the official SDK.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { has, ids, invalid, missing, refused } from './lib/sandbox-assert.mjs';
import { customerWithCard, monthly, subscriber } from './lib/sandbox-scenes.mjs';
import { sandboxSuite } from './lib/sandbox-suite.mjs';

const OBJECTS = ['customer', 'card', 'payment_method', 'setup_intent', 'list', 'event'];

sandboxSuite('customers, payment methods and setup intents', OBJECTS, (world) => {
  test('a customer is created, read and changed field by field', async () => {
    const { stripe, webhooks } = await world.account();
    const address = {
      line1: '510 Townsend St', city: 'San Francisco', postal_code: '94103', state: 'CA', country: 'US',
    };
    const made = await stripe.customers.create({
      name: 'Jenny Rosen', email: 'jenny@example.com', phone: '+1555', description: 'first', address,
      metadata: { ref: '7' },
    });
    assert.match(made.id, /^cus_/);
    has(made, {
      object: 'customer', balance: 0, delinquent: false, livemode: false, name: 'Jenny Rosen', currency: null,
    });
    has(made, { address: { ...address, line2: null }, preferred_locales: [], tax_exempt: 'none', shipping: null });
    assert.equal(made.subscriptions, undefined, 'subscriptions come only when they are asked for');
    assert.equal(made.sources, undefined);
    has(await stripe.customers.update(made.id, { email: '', name: 'J', address: { city: 'Oakland' } }), {
      email: null, name: 'J', phone: '+1555', description: 'first',
    });
    const { data } = await webhooks.arrived('customer.updated');
    assert.equal(data.previous_attributes.email, 'jenny@example.com');
    assert.equal(data.previous_attributes.name, 'Jenny Rosen');
    assert.equal('phone' in data.previous_attributes, false, 'what stays is not among what was');
    const read = await stripe.customers.retrieve(made.id, { expand: ['subscriptions', 'sources'] });
    assert.deepEqual([read.subscriptions.data, read.sources.data], [[], []]);
  });

  test('a customer has languages, in their order', async () => {
    const { stripe } = await world.account();
    const { id } = await stripe.customers.create({ preferred_locales: ['de', 'en'] });
    assert.deepEqual((await stripe.customers.retrieve(id)).preferred_locales, ['de', 'en']);
  });

  test('customers are found by e-mail as it is written', async () => {
    const { stripe } = await world.account();
    const { id } = await stripe.customers.create({ email: 'a+b@example.com' });
    await stripe.customers.create({ email: 'other@example.com' });
    assert.deepEqual(ids(await stripe.customers.list({ email: 'a+b@example.com' })), [id]);
    assert.deepEqual(ids(await stripe.customers.list({ email: 'A+B@example.com' })), []);
    await invalid(stripe.customers.create({ email: 'no address' }), { code: 'email_invalid', param: 'email' });
  });

  test('a deleted customer is only an id, and what they had is canceled', async () => {
    const { stripe, webhooks } = await world.account();
    const { customer, subscription } = await subscriber(stripe);
    const { id } = customer;
    assert.deepEqual({ ...(await stripe.customers.del(id)) }, { id, object: 'customer', deleted: true });
    assert.deepEqual({ ...(await stripe.customers.retrieve(id)) }, { id, object: 'customer', deleted: true });
    assert.deepEqual(ids(await stripe.customers.list()), []);
    await missing(stripe.customers.update(id, { name: 'X' }));
    await missing(stripe.invoiceItems.create({ customer: id, amount: 1, currency: 'usd' }), 'customer');
    has((await webhooks.arrived('customer.deleted')).data.object, { id, email: 'jenny@example.com' });
    await webhooks.arrived('customer.subscription.deleted');
    has(await stripe.subscriptions.retrieve(subscription.id), { status: 'canceled' });
  });

  test('a test card becomes a payment method of its own when it is attached', async () => {
    const { stripe, webhooks } = await world.account();
    const customer = (await stripe.customers.create()).id;
    const visa = await stripe.paymentMethods.attach('pm_card_visa', { customer });
    const again = await stripe.paymentMethods.attach('pm_card_mastercard', { customer });
    assert.notEqual(visa.id, 'pm_card_visa');
    has(visa, { object: 'payment_method', type: 'card', customer, allow_redisplay: 'unspecified' });
    has(visa.card, { brand: 'visa', last4: '4242', funding: 'credit', country: 'US' });
    has(again.card, { brand: 'mastercard', last4: '4444' });
    assert.deepEqual(ids(await stripe.paymentMethods.list({ customer, type: 'card' })), [again.id, visa.id]);
    assert.deepEqual(ids(await stripe.customers.listPaymentMethods(customer)), [again.id, visa.id]);
    has(await stripe.customers.retrievePaymentMethod(customer, visa.id), { id: visa.id });
    const billing_details = { name: 'Jenny', address: { country: 'DE' } };
    const changed = await stripe.paymentMethods.update(visa.id, { billing_details, metadata: { a: '1' } });
    has(changed.billing_details, { name: 'Jenny', email: null, phone: null });
    assert.equal(changed.billing_details.address.country, 'DE');
    has((await webhooks.arrived('payment_method.attached')).data.object, { id: visa.id, customer });
  });

  test('a payment method of a token is attached once and, detached, never again', async () => {
    const { stripe, webhooks } = await world.account();
    const customer = (await stripe.customers.create()).id;
    const { id } = await stripe.paymentMethods.create({ type: 'card', card: { token: 'tok_visa' } });
    has(await stripe.paymentMethods.retrieve(id), { customer: null });
    await stripe.paymentMethods.attach(id, { customer });
    await invalid(stripe.paymentMethods.attach(id, { customer: (await stripe.customers.create()).id }));
    has(await stripe.paymentMethods.detach(id), { id, customer: null });
    has((await webhooks.arrived('payment_method.detached')).data, { previous_attributes: { customer } });
    await invalid(stripe.paymentMethods.attach(id, { customer }));
    assert.deepEqual(ids(await stripe.paymentMethods.list({ customer })), []);
    await missing(stripe.paymentMethods.attach('pm_card_nobank', { customer }));
    await missing(stripe.paymentMethods.retrieve('pm_none'));
  });

  test('a card that its bank refuses is not attached', async () => {
    const { stripe } = await world.account();
    const customer = (await stripe.customers.create()).id;
    const wanted = { type: 'StripeCardError', code: 'card_declined', decline_code: 'generic_decline', statusCode: 402 };
    await refused(stripe.paymentMethods.attach('pm_card_chargeDeclined', { customer }), wanted);
    await refused(stripe.paymentMethods.attach('pm_card_chargeDeclinedExpiredCard', { customer }), {
      type: 'StripeCardError', code: 'expired_card',
    });
    has(await stripe.paymentMethods.attach('pm_card_chargeCustomerFail', { customer }), { customer });
  });

  test('the default of a customer is a payment method of theirs', async () => {
    const { stripe } = await world.account();
    const customer = await customerWithCard(stripe);
    const { default_payment_method: card } = customer.invoice_settings;
    assert.match(card, /^pm_/);
    assert.notEqual(card, 'pm_card_visa');
    const loose = await stripe.paymentMethods.create({ type: 'card', card: { token: 'tok_visa' } });
    await invalid(
      stripe.customers.update(customer.id, { invoice_settings: { default_payment_method: loose.id } }),
    );
    await stripe.paymentMethods.detach(card);
    assert.equal((await stripe.customers.retrieve(customer.id)).invoice_settings.default_payment_method, null);
  });

  test('a legacy source is a card of the customer and their default', async () => {
    const { stripe } = await world.account();
    const customer = await stripe.customers.create({ source: 'tok_visa' });
    assert.match(customer.default_source, /^card_/);
    const { default_source: card } = await stripe.customers.retrieve(customer.id, { expand: ['default_source'] });
    has(card, { object: 'card', brand: 'Visa', last4: '4242', customer: customer.id });
    const { sources } = await stripe.customers.retrieve(customer.id, { expand: ['sources'] });
    assert.deepEqual(ids(sources), [card.id]);
    has(await stripe.paymentMethods.retrieve(card.id), { object: 'payment_method', customer: customer.id });
    const price = (await monthly(stripe)).id;
    const paid = await stripe.subscriptions.create({ customer: customer.id, items: [{ price }] });
    has(paid, { status: 'active', default_source: null, default_payment_method: null });
  });

  test('sources are added, changed, listed and deleted, and one of them is the default', async () => {
    const { stripe, webhooks } = await world.account();
    const { id } = await stripe.customers.create();
    const first = await stripe.customers.createSource(id, { source: 'tok_visa', metadata: { a: '1' } });
    const second = await stripe.customers.createSource(id, { source: 'tok_mastercard' });
    has(second, { object: 'card', brand: 'MasterCard', last4: '4444' });
    assert.deepEqual(ids(await stripe.customers.listSources(id, { object: 'card' })), [second.id, first.id]);
    assert.deepEqual(ids(await stripe.customers.listSources(id, { limit: 1 })), [second.id]);
    assert.equal((await stripe.customers.retrieve(id)).default_source, first.id);
    has(await stripe.customers.updateSource(id, first.id, { name: 'Jenny', exp_year: '2040', metadata: { b: '2' } }), {
      name: 'Jenny', exp_year: 2040, metadata: { a: '1', b: '2' },
    });
    has(await stripe.customers.update(id, { default_source: second.id }), { default_source: second.id });
    assert.deepEqual({ ...(await stripe.customers.deleteSource(id, second.id)) }, {
      id: second.id, object: 'card', deleted: true,
    });
    assert.equal((await stripe.customers.retrieve(id)).default_source, first.id);
    const { default_source } = await stripe.customers.update(id, { source: 'tok_amex' });
    has(await stripe.customers.retrieveSource(id, default_source), { brand: 'American Express' });
    assert.deepEqual(ids(await stripe.customers.listSources(id)), [default_source], 'it took the place of the default');
    for (const type of ['created', 'updated', 'deleted']) await webhooks.arrived(`customer.source.${type}`);
    await missing(stripe.customers.retrieveSource(id, first.id));
    await missing(stripe.customers.createSource(id, { source: 'tok_none' }), 'source');
    await invalid(stripe.customers.update(id, { default_source: 'card_none' }), { param: 'default_source' });
    await refused(stripe.customers.createSource(id, { source: 'tok_chargeDeclined' }), {
      type: 'StripeCardError', code: 'card_declined',
    });
  });

  test('a setup intent collects a card for later', async () => {
    const { stripe, webhooks } = await world.account();
    const customer = (await stripe.customers.create()).id;
    const made = await stripe.setupIntents.create({ customer, payment_method_types: ['card'], metadata: { a: '1' } });
    has(made, {
      object: 'setup_intent', status: 'requires_payment_method', usage: 'off_session', customer, next_action: null,
    });
    assert.ok(made.client_secret.startsWith(`${made.id}_secret_`));
    const done = await stripe.setupIntents.confirm(made.id, { payment_method: 'pm_card_visa' });
    has(done, { status: 'succeeded', last_setup_error: null });
    has(await stripe.paymentMethods.retrieve(done.payment_method), { customer });
    has((await webhooks.arrived('setup_intent.succeeded')).data.object, { id: made.id, status: 'succeeded' });
    await invalid(stripe.setupIntents.confirm(made.id), { code: 'setup_intent_unexpected_state' });
    await invalid(stripe.setupIntents.cancel(made.id), { code: 'setup_intent_unexpected_state' });
    assert.deepEqual(ids(await stripe.setupIntents.list({ customer })), [made.id]);
    const read = await stripe.setupIntents.retrieve(made.id, {
      expand: ['payment_method', 'customer', 'latest_attempt'],
    });
    assert.equal(read.payment_method.card.last4, '4242');
    assert.equal(read.latest_attempt.status, 'succeeded');
  });

  test('a setup intent is canceled, needs the customer, or is declined', async () => {
    const { stripe, webhooks } = await world.account();
    const one = await stripe.setupIntents.create();
    has(await stripe.setupIntents.update(one.id, { description: 'later', metadata: { b: '2' } }), {
      description: 'later',
    });
    has(await stripe.setupIntents.cancel(one.id, { cancellation_reason: 'abandoned' }), {
      status: 'canceled', cancellation_reason: 'abandoned',
    });
    const asks = await stripe.setupIntents.create({
      confirm: true, payment_method: 'pm_card_authenticationRequired', payment_method_types: ['card'],
    });
    assert.equal(asks.status, 'requires_action');
    assert.ok(asks.next_action, 'says what is to be done');
    const declined = await refused(
      stripe.setupIntents.create({
        confirm: true, payment_method: 'pm_card_chargeDeclined', payment_method_types: ['card'],
      }),
      { type: 'StripeCardError', code: 'card_declined', decline_code: 'generic_decline' },
    );
    has(declined.setup_intent, { object: 'setup_intent', status: 'requires_payment_method' });
    assert.equal(declined.setup_intent.last_setup_error.code, 'card_declined');
    await webhooks.arrived('setup_intent.setup_failed');
    await webhooks.arrived('setup_intent.requires_action');
    await webhooks.arrived('setup_intent.canceled');
  });
});
