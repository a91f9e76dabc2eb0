// Credit notes and the customer's balance, through the official SDK.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { has, ids, invalid, missing } from './lib/sandbox-assert.mjs';
import { customerWithCard } from './lib/sandbox-scenes.mjs';
import { sandboxSuite } from './lib/sandbox-suite.mjs';

const OBJECTS = [
  'credit_note', 'credit_note_line_item', 'customer_balance_transaction', 'invoice', 'refund', 'list', 'event',
];

sandboxSuite('credit notes', OBJECTS, (world) => {
  test('a credit note takes its amount off an open invoice, until it is voided', async () => {
    const { stripe, webhooks } = await world.account();
    const invoice = await opened(stripe);
    const note = await stripe.creditNotes.create({
      invoice: invoice.id, amount: 700, reason: 'order_change', memo: 'one less', metadata: { a: '1' },
    });
    has(note, {
      status: 'issued', type: 'pre_payment', amount: 700, pre_payment_amount: 700, post_payment_amount: 0,
      invoice: invoice.id, customer: invoice.customer, reason: 'order_change', memo: 'one less',
    });
    has(await stripe.invoices.retrieve(invoice.id), {
      amount_due: 1300, amount_remaining: 1300, pre_payment_credit_notes_amount: 700,
    });
    await webhooks.arrived('credit_note.created');
    const changed = await stripe.creditNotes.update(note.id, { memo: 'two less', metadata: { b: '2' } });
    assert.deepEqual([changed.memo, changed.metadata], ['two less', { a: '1', b: '2' }]);
    await webhooks.arrived('credit_note.updated');
    assert.deepEqual(ids(await stripe.creditNotes.list({ invoice: invoice.id })), [note.id]);
    await missing(stripe.creditNotes.list({ customer: 'cus_none' }), 'customer');
    const voided = await stripe.creditNotes.voidCreditNote(note.id, { expand: ['invoice'] });
    has(voided, { status: 'void' });
    has(voided.invoice, { status: 'open', amount_remaining: 2000, pre_payment_credit_notes_amount: 0 });
    await webhooks.arrived('credit_note.voided');
    await invalid(stripe.creditNotes.voidCreditNote(note.id));
  });

  test('an invoice that is credited in full is paid', async () => {
    const { stripe, webhooks } = await world.account();
    const invoice = await opened(stripe);
    await stripe.creditNotes.create({ invoice: invoice.id, amount: 2000 });
    has(await stripe.invoices.retrieve(invoice.id), { status: 'paid', amount_paid: 0, amount_remaining: 0 });
    await webhooks.arrived('invoice.paid');
  });

  test('what was paid goes back to the card, to the balance and out of band', async () => {
    const { stripe } = await world.account();
    const { id, customer } = await paid(stripe);
    const note = await stripe.creditNotes.create({
      invoice: id, amount: 1000, refund_amount: 500, credit_amount: 300, out_of_band_amount: 200,
      expand: ['refunds.refund', 'customer_balance_transaction'],
    });
    has(note, { type: 'post_payment', pre_payment_amount: 0, post_payment_amount: 1000, out_of_band_amount: 200 });
    has(note.refunds[0].refund, { object: 'refund', amount: 500 });
    has(note.customer_balance_transaction, { type: 'credit_note', amount: -300, credit_note: note.id });
    has(await stripe.invoices.retrieve(id), { amount_paid: 2000, post_payment_credit_notes_amount: 1000 });
    has(await stripe.customers.retrieve(customer), { balance: -300 });
    await invalid(stripe.creditNotes.create({ invoice: id, amount: 500, refund_amount: 400 }), { param: 'refund_amount' });
    await invalid(stripe.creditNotes.create({ invoice: id, amount: 1001, credit_amount: 1001 }), { param: 'amount' });
  });

  test('lines of the invoice and others are credited, and can be looked at before', async () => {
    const { stripe } = await world.account();
    const invoice = await paid(stripe);
    const params = {
      invoice: invoice.id,
      lines: [
        { type: 'invoice_line_item', invoice_line_item: invoice.lines.data[0].id, amount: 400 },
        { type: 'custom_line_item', description: 'For the trouble', unit_amount: 50, quantity: 2 },
      ],
      credit_amount: 500,
    };
    has(await stripe.creditNotes.preview(params), { total: 500, subtotal: 500, discount_amount: 0 });
    const previewed = await stripe.creditNotes.listPreviewLineItems(params);
    assert.deepEqual(previewed.data.map((line) => line.amount), [400, 100]);
    assert.deepEqual(ids(await stripe.creditNotes.list()), []);
    const note = await stripe.creditNotes.create(params);
    const [first, second] = (await stripe.creditNotes.listLineItems(note.id)).data;
    has(first, { type: 'invoice_line_item', amount: 400, invoice_line_item: invoice.lines.data[0].id });
    has(second, { type: 'custom_line_item', amount: 100, quantity: 2, unit_amount: 50, description: 'For the trouble' });
  });

  test('the balance of a customer is changed by transactions', async () => {
    const { stripe } = await world.account();
    const { id } = await customerWithCard(stripe);
    const booked = await stripe.customers.createBalanceTransaction(id, {
      amount: -500, currency: 'usd', description: 'Welcome', metadata: { a: '1' },
    });
    has(booked, { type: 'adjustment', amount: -500, ending_balance: -500, customer: id });
    has(await stripe.customers.retrieve(id), { balance: -500, currency: 'usd' });
    has(await stripe.customers.updateBalanceTransaction(id, booked.id, { description: 'Hello' }), { description: 'Hello' });
    has(await stripe.customers.retrieveBalanceTransaction(id, booked.id), { description: 'Hello' });
    assert.deepEqual(ids(await stripe.customers.listBalanceTransactions(id)), [booked.id]);
    await missing(stripe.customers.retrieveBalanceTransaction(id, 'cbtxn_none'));
  });

  test('a credit note of nothing is refused', async () => {
    const { stripe } = await world.account();
    await missing(stripe.creditNotes.create({ invoice: 'in_none', amount: 1 }), 'invoice');
    await missing(stripe.creditNotes.retrieve('cn_none'));
    const draft = await stripe.invoices.create({ customer: (await customerWithCard(stripe)).id });
    await invalid(stripe.creditNotes.create({ invoice: draft.id, amount: 1 }), { param: 'invoice' });
  });

  /** An invoice over 20.00 USD that waits to be paid. */
  async function opened(stripe) {
    const customer = (await customerWithCard(stripe)).id;
    const { id } = await stripe.invoices.create({ customer, currency: 'usd' });
    await stripe.invoiceItems.create({ customer, invoice: id, amount: 2000, currency: 'usd' });
    return stripe.invoices.finalizeInvoice(id);
  }

  async function paid(stripe) {
    return stripe.invoices.pay((await opened(stripe)).id);
  }
});
