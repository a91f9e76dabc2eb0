// Credit notes, through the official SDK.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { has, ids, invalid } from './lib/sandbox-assert.mjs';
import { customerWithCard } from './lib/sandbox-scenes.mjs';
import { sandboxSuite } from './lib/sandbox-suite.mjs';

const OBJECTS = ['credit_note', 'credit_note_line_item', 'invoice', 'list', 'event'];

sandboxSuite('credit notes', OBJECTS, (world) => {
  test('a credit note takes from what is owed, and can be taken back', async () => {
    const { stripe, webhooks } = await world.account();
    const invoice = await open(stripe, [1000, 500]);
    const lines = [{ type: 'custom_line_item', description: 'Sorry', quantity: 1, unit_amount: 400 }];
    const previewed = await stripe.creditNotes.preview({ invoice: invoice.id, lines });
    has(previewed, { object: 'credit_note', amount: 400 });
    const note = await stripe.creditNotes.create({
      invoice: invoice.id, lines, reason: 'order_change', metadata: { a: '1' },
    });
    has(note, {
      amount: 400, total: 400, status: 'issued', type: 'pre_payment', invoice: invoice.id, reason: 'order_change',
    });
    assert.match(note.number, /-CN-01$/);
    has(await stripe.invoices.retrieve(invoice.id), { amount_remaining: 1100, pre_payment_credit_notes_amount: 400 });
    const { data } = await stripe.creditNotes.listLineItems(note.id);
    has(data[0], { object: 'credit_note_line_item', amount: 400, type: 'custom_line_item', description: 'Sorry' });
    has(await stripe.creditNotes.update(note.id, { memo: 'm', metadata: { b: '2' } }), {
      memo: 'm', metadata: { a: '1', b: '2' },
    });
    assert.deepEqual(ids(await stripe.creditNotes.list({ invoice: invoice.id })), [note.id]);
    await invalid(stripe.creditNotes.create({ invoice: invoice.id, amount: 1101 }));
    has(await stripe.creditNotes.voidCreditNote(note.id), { status: 'void' });
    has(await stripe.invoices.retrieve(invoice.id), { amount_remaining: 1500, pre_payment_credit_notes_amount: 0 });
    await webhooks.arrived('credit_note.created');
    await webhooks.arrived('credit_note.voided');
    const unsent = await draft(stripe, [100]);
    await invalid(stripe.creditNotes.create({ invoice: unsent.invoice.id, amount: 100 }));
  });

  test('a credit note for what was paid gives it back', async () => {
    const { stripe } = await world.account();
    const invoice = await open(stripe, [1000]);
    await stripe.invoices.pay(invoice.id);
    const note = await stripe.creditNotes.create({ invoice: invoice.id, amount: 300, refund_amount: 300 });
    has(note, { type: 'post_payment', amount: 300 });
    has(await stripe.refunds.retrieve(note.refunds[0].refund), { amount: 300, status: 'succeeded' });
    has(await stripe.invoices.retrieve(invoice.id), { status: 'paid', post_payment_credit_notes_amount: 300 });
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
