// What a person sees of an invoice: its page and its PDF, through the official SDK.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { customerWithCard } from './lib/sandbox-scenes.mjs';
import { sandboxSuite } from './lib/sandbox-suite.mjs';

const OBJECTS = ['invoice'];

sandboxSuite('pages of an invoice', OBJECTS, (world) => {
  test('the PDF is a PDF and the hosted page is a page', async () => {
    const { stripe } = await world.account();
    const { invoice } = await draft(stripe, [2000]);
    const { hosted_invoice_url: page, invoice_pdf: pdf, number } = await stripe.invoices.finalizeInvoice(invoice.id);
    const file = await fetch(atSandbox(pdf));
    assert.equal(file.status, 200);
    assert.match(file.headers.get('content-type'), /application\/pdf/);
    assert.equal(Buffer.from(await file.arrayBuffer()).subarray(0, 5).toString(), '%PDF-');
    const html = await fetch(atSandbox(page));
    assert.match(html.headers.get('content-type'), /text\/html/);
    assert.ok((await html.text()).includes(number));
  });

  function atSandbox(url) {
    const { pathname, search } = new URL(url);
    return `${world.sandbox.url}${pathname}${search}`;
  }

  async function draft(stripe, amounts, more, customer) {
    customer ??= await customerWithCard(stripe);
    for (const amount of amounts) await stripe.invoiceItems.create({ customer: customer.id, amount, currency: 'usd' });
    const params = { customer: customer.id, pending_invoice_items_behavior: 'include', auto_advance: false, ...more };
    return { customer, invoice: await stripe.invoices.create(params) };
  }
});
