// Invoices, invoice items and previews, through the official SDK.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { has, ids, invalid, missing, refused } from './lib/sandbox-assert.mjs';
import { customerWithCard, DAY, monthly, subscriber } from './lib/sandbox-scenes.mjs';
import { sandboxSuite } from './lib/sandbox-suite.mjs';

const OBJECTS = ['invoice', 'invoiceitem', 'line_item', 'invoice_payment', 'list', 'event'];

sandboxSuite('invoices', OBJECTS, (world) => {
  test('an invoice is drafted, finalized, paid and then for ever', async () => {
    const { stripe, webhooks } = await world.account();
    const { customer, invoice } = await draft(stripe, [2000, 500]);
    has(invoice, { object: 'invoice', status: 'draft', number: null, amount_due: 2500, subtotal: 2500, total: 2500 });
    has(invoice, {
      billing_reason: 'manual', attempted: false, attempt_count: 0, auto_advance: false, currency: 'usd',
    });
    assert.equal(invoice.hosted_invoice_url ?? null, null);
    const open = await stripe.invoices.finalizeInvoice(invoice.id);
    has(open, { status: 'open', amount_remaining: 2500, amount_paid: 0, attempted: false });
    assert.match(open.number, /^[A-Z0-9]{8}-0001$/);
    assert.match(open.hosted_invoice_url, /^http/);
    assert.ok(open.status_transitions.finalized_at);
    const paid = await stripe.invoices.pay(invoice.id, { expand: ['payments'] });
    has(paid, { status: 'paid', amount_paid: 2500, amount_remaining: 0, attempted: true, attempt_count: 1 });
    assert.equal(paid.payments.data[0].status, 'paid');
    assert.ok(paid.status_transitions.paid_at);
    for (const call of ['pay', 'voidInvoice', 'finalizeInvoice', 'del']) {
      await invalid(stripe.invoices[call](invoice.id));
    }
    for (const type of ['invoice.created', 'invoice.finalized', 'invoice.paid', 'invoice.payment_succeeded']) {
      assert.equal((await webhooks.arrived(type)).data.object.id, invoice.id);
    }
    assert.equal((await webhooks.arrived('invoice_payment.paid')).data.object.invoice, invoice.id);
    const next = await stripe.invoices.create({ customer: customer.id });
    assert.match((await stripe.invoices.finalizeInvoice(next.id)).number, /-0002$/);
    has(await stripe.invoices.retrieve(next.id), { status: 'paid', total: 0 });
  });

  test('an open invoice is voided, or given up and still paid', async () => {
    const { stripe, webhooks } = await world.account();
    const one = await open(stripe, [100]);
    has(await stripe.invoices.voidInvoice(one.id), { status: 'void', amount_remaining: 100 });
    await invalid(stripe.invoices.pay(one.id));
    const two = await open(stripe, [200]);
    has(await stripe.invoices.markUncollectible(two.id), { status: 'uncollectible' });
    has(await stripe.invoices.pay(two.id, { paid_out_of_band: true }), { status: 'paid', amount_remaining: 0 });
    await webhooks.arrived('invoice.voided');
    await webhooks.arrived('invoice.marked_uncollectible');
    const { invoice } = await draft(stripe, [300]);
    await invalid(stripe.invoices.voidInvoice(invoice.id));
    assert.deepEqual({ ...(await stripe.invoices.del(invoice.id)) }, {
      id: invoice.id, object: 'invoice', deleted: true,
    });
    await missing(stripe.invoices.retrieve(invoice.id));
    await webhooks.arrived('invoice.deleted');
  });

  test('an invoice that is sent is due in so many days', async () => {
    const { stripe, webhooks } = await world.account();
    const { invoice } = await draft(stripe, [100], { collection_method: 'send_invoice', days_until_due: 7 });
    const sent = await stripe.invoices.sendInvoice(invoice.id);
    has(sent, { status: 'open', collection_method: 'send_invoice', attempt_count: 0 });
    assert.ok(Math.abs(sent.due_date - (Date.now() / 1000 + 7 * DAY)) < 60);
    await webhooks.arrived('invoice.sent');
    const customer = (await stripe.customers.create()).id;
    await invalid(stripe.invoices.create({ customer, collection_method: 'send_invoice' }));
  });

  test('a card that is declined leaves the invoice open', async () => {
    const { stripe, webhooks } = await world.account();
    const customer = await customerWithCard(stripe, 'pm_card_chargeCustomerFail');
    const invoice = await open(stripe, [900], {}, customer);
    await refused(stripe.invoices.pay(invoice.id), { type: 'StripeCardError', code: 'card_declined' });
    has(await stripe.invoices.retrieve(invoice.id), { status: 'open', attempted: true, attempt_count: 1 });
    has((await webhooks.arrived('invoice.payment_failed')).data.object, { id: invoice.id, attempt_count: 1 });
    const nobody = await open(stripe, [900], {}, await stripe.customers.create());
    await invalid(stripe.invoices.pay(nobody.id));
  });

  test('an invoice item waits for an invoice, and is its line then', async () => {
    const { stripe, webhooks } = await world.account();
    const customer = (await customerWithCard(stripe)).id;
    const item = await stripe.invoiceItems.create({
      customer, amount: 700, currency: 'usd', description: 'Setup', metadata: { a: '1' },
    });
    has(item, { object: 'invoiceitem', amount: 700, quantity: 1, invoice: null, proration: false, discountable: true });
    has(await stripe.invoiceItems.update(item.id, { amount: 800, metadata: { b: '2' } }), {
      amount: 800, metadata: { a: '1', b: '2' },
    });
    assert.deepEqual(ids(await stripe.invoiceItems.list({ customer, pending: true })), [item.id]);
    const left_out = await stripe.invoices.create({ customer });
    assert.equal(left_out.total, 0, 'pending items are left out unless they are asked for');
    const invoice = await stripe.invoices.create({ customer, pending_invoice_items_behavior: 'include' });
    has(invoice.lines.data[0], { object: 'line_item', amount: 800, description: 'Setup', invoice: invoice.id });
    assert.equal(invoice.lines.data[0].parent.invoice_item_details.invoice_item, item.id);
    has(await stripe.invoiceItems.retrieve(item.id, { expand: ['customer'] }), { invoice: invoice.id });
    assert.deepEqual(ids(await stripe.invoiceItems.list({ customer, pending: true })), []);
    assert.deepEqual(ids(await stripe.invoiceItems.list({ invoice: invoice.id })), [item.id]);
    await stripe.invoices.finalizeInvoice(invoice.id);
    await invalid(stripe.invoiceItems.del(item.id));
    await invalid(stripe.invoiceItems.update(item.id, { amount: 1 }));
    const other = await stripe.invoiceItems.create({ customer, amount: -50, currency: 'usd', invoice: left_out.id });
    assert.equal((await stripe.invoices.retrieve(left_out.id)).total, -50);
    has(await stripe.invoiceItems.update(other.id, { amount: -60 }), { amount: -60, invoice: left_out.id });
    assert.equal((await stripe.invoices.retrieve(left_out.id)).total, -60);
    assert.deepEqual({ ...(await stripe.invoiceItems.del(other.id)) }, {
      id: other.id, object: 'invoiceitem', deleted: true,
    });
    assert.equal((await stripe.invoices.retrieve(left_out.id)).total, 0);
    await webhooks.arrived('invoiceitem.created');
    await webhooks.arrived('invoiceitem.deleted');
  });

  test('an item takes its amount from a price and a quantity', async () => {
    const { stripe } = await world.account();
    const customer = (await stripe.customers.create()).id;
    const product = (await stripe.products.create({ name: 'Hat' })).id;
    const price = (await stripe.prices.create({ product, currency: 'usd', unit_amount: 250 })).id;
    const item = await stripe.invoiceItems.create({ customer, pricing: { price }, quantity: 4 });
    has(item, { amount: 1000, quantity: 4, currency: 'usd' });
    assert.equal(item.pricing.price_details.price, price);
    await missing(stripe.invoiceItems.create({ customer: 'cus_none', amount: 1, currency: 'usd' }), 'customer');
    await missing(stripe.invoiceItems.retrieve('ii_none'));
  });

  test('invoices are listed by what they are of and where they stand; lines are paged', async () => {
    const { stripe } = await world.account();
    const { invoice, customer } = await draft(stripe, [1, 2, 3].map((amount) => amount * 100));
    const { subscription } = await subscriber(stripe);
    const list = async (filter) => ids(await stripe.invoices.list(filter));
    assert.deepEqual(await list({ customer: customer.id }), [invoice.id]);
    assert.deepEqual(await list({ status: 'draft' }), [invoice.id]);
    assert.deepEqual(await list({ status: 'paid' }), [subscription.latest_invoice]);
    assert.deepEqual(await list({ subscription: subscription.id }), [subscription.latest_invoice]);
    assert.deepEqual(await list({ collection_method: 'send_invoice' }), []);
    const lines = await stripe.invoices.listLineItems(invoice.id, { limit: 2 });
    assert.deepEqual([lines.data.length, lines.has_more], [2, true]);
    const all = await stripe.invoices.listLineItems(invoice.id, { limit: 1 }).autoPagingToArray({ limit: 10 });
    assert.deepEqual(all.map((line) => line.amount).toSorted(), [100, 200, 300]);
    has(await stripe.invoices.update(invoice.id, { description: 'Thanks', footer: 'f', metadata: { a: '1' } }), {
      description: 'Thanks', footer: 'f', metadata: { a: '1' },
    });
    await missing(stripe.invoices.create({ customer: 'cus_none' }), 'customer');
    await invalid(stripe.invoices.create({}));
    const paid = await stripe.invoicePayments.list({ invoice: subscription.latest_invoice });
    has(paid.data[0], { object: 'invoice_payment', status: 'paid', amount_paid: 1500 });
  });

  test('a preview is what would be billed, and nothing is', async () => {
    const { stripe } = await world.account();
    const { customer, price, subscription } = await subscriber(stripe);
    const coupon = (await stripe.coupons.create({ percent_off: 10, duration: 'forever' })).id;
    const fresh = await stripe.invoices.createPreview({
      customer: customer.id, discounts: [{ coupon }], subscription_details: {
        items: [{ price: price.id, quantity: 2 }],
      },
    });
    has(fresh, { object: 'invoice', subtotal: 3000, total: 2700, amount_due: 2700, status: 'draft' });
    const renewal = await stripe.invoices.createPreview({ subscription: subscription.id });
    has(renewal, { total: 1500, billing_reason: 'upcoming' });
    assert.equal(renewal.period_end, subscription.items.data[0].current_period_end);
    const [{ id }] = subscription.items.data;
    const change = await stripe.invoices.createPreview({
      subscription: subscription.id,
      subscription_details: { items: [{ id, quantity: 3 }], proration_behavior: 'always_invoice' },
    });
    assert.ok(change.total > 2990 && change.total <= 3000, `two more seats for a month, and not ${change.total}`);
    assert.equal((await stripe.subscriptions.retrieve(subscription.id)).items.data[0].quantity, 1);
    assert.equal((await stripe.invoices.list({ customer: customer.id })).data.length, 1);
    assert.deepEqual((await stripe.invoiceItems.list({ customer: customer.id })).data, []);
  });

  test('an invoice of a subscription is billed in its currency, without decimals where there are none', async () => {
    const { stripe } = await world.account();
    const customer = (await customerWithCard(stripe)).id;
    const price = (await monthly(stripe, 1500, { currency: 'jpy' })).id;
    const { latest_invoice: invoice } = await stripe.subscriptions.create({
      customer, items: [{ price }], expand: ['latest_invoice'],
    });
    has(invoice, { currency: 'jpy', total: 1500, status: 'paid' });
    await invalid(stripe.invoices.create({ customer, currency: 'zzz' }), { param: 'currency' });
  });

  async function draft(stripe, amounts, more, customer) {
    customer ??= await customerWithCard(stripe);
    for (const amount of amounts) await stripe.invoiceItems.create({ customer: customer.id, amount, currency: 'usd' });
    const params = { customer: customer.id, pending_invoice_items_behavior: 'include', auto_advance: false, ...more };
    return { customer, invoice: await stripe.invoices.create(params) };
  }

  async function open(stripe, amounts, more, customer) {
    const { invoice } = await draft(stripe, amounts, more, customer);
    return stripe.invoices.finalizeInvoice(invoice.id);
  }
});
