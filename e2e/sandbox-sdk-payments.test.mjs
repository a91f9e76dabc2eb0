// Payment intents, charges, refunds and disputes, through the official SDK.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { has, ids, invalid, missing, refused } from './lib/sandbox-assert.mjs';
import { customerWithCard } from './lib/sandbox-scenes.mjs';
import { sandboxSuite } from './lib/sandbox-suite.mjs';

const OBJECTS = ['payment_intent', 'charge', 'refund', 'dispute', 'list', 'event'];
const CARD = { currency: 'usd', payment_method_types: ['card'] };

const DECLINES = [
  ['pm_card_visa_chargeDeclined', 'card_declined', 'generic_decline'],
  ['pm_card_visa_chargeDeclinedInsufficientFunds', 'card_declined', 'insufficient_funds'],
  ['pm_card_visa_chargeDeclinedLostCard', 'card_declined', 'lost_card'],
  ['pm_card_visa_chargeDeclinedStolenCard', 'card_declined', 'stolen_card'],
  ['pm_card_chargeDeclinedExpiredCard', 'expired_card', undefined],
  ['pm_card_chargeDeclinedIncorrectCvc', 'incorrect_cvc', undefined],
  ['pm_card_chargeDeclinedProcessingError', 'processing_error', undefined],
];

sandboxSuite('payments', OBJECTS, (world) => {
  test('a payment goes from wanted to paid, and its charge says so', async () => {
    const { stripe, webhooks } = await world.account();
    const made = await stripe.paymentIntents.create({ ...CARD, amount: 2000, metadata: { order: '1' } });
    has(made, { object: 'payment_intent', status: 'requires_payment_method', amount: 2000, amount_received: 0 });
    has(made, { capture_method: 'automatic_async', confirmation_method: 'automatic', latest_charge: null });
    assert.ok(made.client_secret.startsWith(`${made.id}_secret_`));
    has(await stripe.paymentIntents.update(made.id, { amount: 2500, description: 'more' }), { amount: 2500 });
    const paid = await stripe.paymentIntents.confirm(made.id, {
      payment_method: 'pm_card_visa', expand: ['latest_charge'],
    });
    has(paid, { status: 'succeeded', amount_received: 2500, amount_capturable: 0, next_action: null });
    const charge = paid.latest_charge;
    has(charge, { object: 'charge', amount: 2500, captured: true, paid: true, refunded: false, status: 'succeeded' });
    has(charge, { payment_intent: made.id, description: 'more', disputed: false, failure_code: null });
    has(charge.payment_method_details, { type: 'card' });
    has(charge.payment_method_details.card, { brand: 'visa', last4: '4242' });
    for (const type of ['payment_intent.created', 'payment_intent.succeeded', 'charge.succeeded']) {
      await webhooks.arrived(type);
    }
    await invalid(stripe.paymentIntents.confirm(made.id), { code: 'payment_intent_unexpected_state' });
    await invalid(stripe.paymentIntents.cancel(made.id), { code: 'payment_intent_unexpected_state' });
    await invalid(stripe.paymentIntents.update(made.id, { amount: 1 }), { code: 'payment_intent_unexpected_state' });
  });

  test('money that is only held is captured, in part, or let go', async () => {
    const { stripe, webhooks } = await world.account();
    const hold = () =>
      stripe.paymentIntents.create({
        ...CARD, amount: 1000, capture_method: 'manual', confirm: true, payment_method: 'pm_card_visa',
      });
    const held = await hold();
    has(held, { status: 'requires_capture', amount_capturable: 1000, amount_received: 0 });
    await invalid(stripe.paymentIntents.capture(held.id, { amount_to_capture: 1001 }));
    has(await stripe.paymentIntents.capture(held.id, { amount_to_capture: 600 }), {
      status: 'succeeded', amount_received: 600, amount_capturable: 0,
    });
    await webhooks.arrived('payment_intent.amount_capturable_updated');
    await webhooks.arrived('charge.captured');
    const let_go = await hold();
    has(await stripe.paymentIntents.cancel(let_go.id, { cancellation_reason: 'abandoned' }), {
      status: 'canceled', amount_capturable: 0, cancellation_reason: 'abandoned',
    });
    await webhooks.arrived('payment_intent.canceled');
    has(await stripe.charges.retrieve(let_go.latest_charge), { captured: false, refunded: true });
  });

  for (const [card, code, decline] of DECLINES) {
    test(`${card} is declined with ${decline ?? code}`, async () => {
      const { stripe } = await world.account();
      const error = await refused(
        stripe.paymentIntents.create({ ...CARD, amount: 100, confirm: true, payment_method: card }),
        { type: 'StripeCardError', statusCode: 402, code },
      );
      if (decline) assert.equal(error.decline_code, decline);
      assert.match(error.charge, /^ch_/);
      has(error.payment_intent, { status: 'requires_payment_method', payment_method: null, amount_received: 0 });
      assert.equal(error.payment_intent.last_payment_error.code, code);
      has(await stripe.charges.retrieve(error.charge), { status: 'failed', paid: false, failure_code: code });
      const again = await stripe.paymentIntents.confirm(error.payment_intent.id, { payment_method: 'pm_card_visa' });
      has(again, { status: 'succeeded', last_payment_error: null });
    });
  }

  test('a card that asks the customer waits for them, and off session it fails', async () => {
    const { stripe, webhooks } = await world.account();
    const asks = { ...CARD, amount: 100, confirm: true, payment_method: 'pm_card_authenticationRequired' };
    const waiting = await stripe.paymentIntents.create(asks);
    assert.equal(waiting.status, 'requires_action');
    assert.ok(['use_stripe_sdk', 'redirect_to_url'].includes(waiting.next_action.type));
    await webhooks.arrived('payment_intent.requires_action');
    const customer = (await stripe.customers.create()).id;
    const card = (await stripe.paymentMethods.attach('pm_card_authenticationRequired', { customer })).id;
    const unattended = { ...asks, customer, payment_method: card, off_session: true };
    await refused(stripe.paymentIntents.create(unattended), {
      type: 'StripeCardError', code: 'authentication_required', decline_code: 'authentication_required',
    });
    has(await stripe.paymentIntents.cancel(waiting.id), { status: 'canceled', next_action: null });
  });

  test('an amount or a currency that cannot be charged is refused by name', async () => {
    const { stripe } = await world.account();
    const pay = (params) => stripe.paymentIntents.create({ ...CARD, ...params });
    await invalid(pay({ amount: 10 }), { code: 'amount_too_small' });
    await invalid(pay({ amount: 100_000_000 }), { code: 'amount_too_large' });
    await invalid(pay({ amount: 'ten' }), { code: 'parameter_invalid_integer', param: 'amount' });
    await invalid(pay({ amount: 0 }), { code: 'parameter_invalid_integer', param: 'amount' });
    await invalid(pay({}), { code: 'parameter_missing', param: 'amount' });
    await invalid(pay({ amount: 100, currency: 'zzz' }), { param: 'currency' });
    await missing(pay({ amount: 100, customer: 'cus_none' }), 'customer');
    await missing(stripe.paymentIntents.retrieve('pi_none'), 'intent');
  });

  test('payments and charges are listed by customer and by one another', async () => {
    const { stripe } = await world.account();
    const customer = await customerWithCard(stripe);
    const payment_method = customer.invoice_settings.default_payment_method;
    const pay = () =>
      stripe.paymentIntents.create({ ...CARD, amount: 700, customer: customer.id, payment_method, confirm: true });
    const [one, two] = [await pay(), await pay()];
    await stripe.paymentIntents.create({ ...CARD, amount: 900, confirm: true, payment_method: 'pm_card_visa' });
    assert.deepEqual(ids(await stripe.paymentIntents.list({ customer: customer.id })), [two.id, one.id]);
    assert.deepEqual(ids(await stripe.charges.list({ customer: customer.id })), [two.latest_charge, one.latest_charge]);
    const { data } = await stripe.charges.list({ payment_intent: one.id, expand: ['data.payment_intent'] });
    assert.deepEqual([data.length, data[0].payment_intent.id], [1, one.id]);
    has(await stripe.charges.update(one.latest_charge, { description: 'lunch', metadata: { a: '1' } }), {
      description: 'lunch', metadata: { a: '1' },
    });
    await missing(stripe.charges.retrieve('ch_none'));
  });

  test('a payment is given back in parts, and never more than was paid', async () => {
    const { stripe, webhooks } = await world.account();
    const pi = await stripe.paymentIntents.create({
      ...CARD, amount: 1000, confirm: true, payment_method: 'pm_card_visa',
    });
    const charge = pi.latest_charge;
    const part = await stripe.refunds.create({ payment_intent: pi.id, amount: 400, reason: 'requested_by_customer' });
    has(part, { object: 'refund', amount: 400, status: 'succeeded', charge, payment_intent: pi.id, currency: 'usd' });
    has(await stripe.charges.retrieve(charge), { amount_refunded: 400, refunded: false });
    await invalid(stripe.refunds.create({ charge, amount: 601 }));
    const rest = await stripe.refunds.create({ charge, expand: ['charge'] });
    assert.equal(rest.amount, 600);
    has(rest.charge, { amount_refunded: 1000, refunded: true });
    await invalid(stripe.refunds.create({ charge }), { code: 'charge_already_refunded' });
    assert.deepEqual(ids(await stripe.refunds.list({ charge })), [rest.id, part.id]);
    assert.deepEqual(ids(await stripe.refunds.list({ payment_intent: pi.id, limit: 1 })), [rest.id]);
    has(await stripe.refunds.update(part.id, { metadata: { why: 'x' } }), { metadata: { why: 'x' } });
    has(await stripe.refunds.retrieve(part.id), { metadata: { why: 'x' } });
    await webhooks.arrived('charge.refunded', (event) => event.data.object.refunded);
    await webhooks.arrived('refund.created');
    await missing(stripe.refunds.create({ charge: 'ch_none' }));
    await invalid(stripe.refunds.create({}));
  });

  test('a disputed payment is a dispute that can be answered or given up', async () => {
    const { stripe, webhooks } = await world.account();
    const pi = await stripe.paymentIntents.create({
      ...CARD, amount: 1000, confirm: true, payment_method: 'pm_card_createDispute',
    });
    const { id } = (await webhooks.arrived('charge.dispute.created')).data.object;
    const dispute = await stripe.disputes.retrieve(id, { expand: ['charge'] });
    has(dispute, { object: 'dispute', amount: 1000, currency: 'usd', status: 'needs_response', reason: 'fraudulent' });
    has(dispute, { payment_intent: pi.id, is_charge_refundable: false });
    assert.equal(dispute.charge.disputed, true);
    assert.deepEqual(ids(await stripe.disputes.list({ payment_intent: pi.id })), [id]);
    const answered = await stripe.disputes.update(id, {
      evidence: { product_description: 'a hat' }, metadata: { a: '1' },
    });
    assert.equal(answered.evidence.product_description, 'a hat');
    has(await stripe.disputes.close(id), { status: 'lost' });
    has((await webhooks.arrived('charge.dispute.closed')).data.object, { id, status: 'lost' });
    await invalid(stripe.refunds.create({ payment_intent: pi.id }), { code: 'charge_disputed' });
  });
});
