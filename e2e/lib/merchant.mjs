// What payers and the merchant do at Stripe past the service, through Stripe's API.

import assert from 'node:assert/strict';

import Stripe from 'stripe';

export class Merchant {
  #key;
  #origin;

  /** The merchant with this key at the sandbox that serves this page. */
  constructor(key, page) {
    const { origin, hostname, port } = new URL(page);
    this.#key = key;
    this.#origin = origin;
    this.stripe = new Stripe(key, { host: hostname, port: Number(port), protocol: 'http', maxNetworkRetries: 0 });
  }

  /** A payer pays the session of a checkout link with a good card. Gives the session. */
  async pays(link) {
    const [session] = /cs_\w+/.exec(link.url);
    const headers = { authorization: `Bearer ${this.#key}` };
    const body = new URLSearchParams({ payment_method: 'pm_card_visa' });
    const answer = await fetch(`${this.#origin}/v1/payment_pages/${session}/confirm`, { method: 'POST', headers, body });
    assert.equal(answer.status, 200, await answer.text());
    return this.stripe.checkout.sessions.retrieve(session);
  }

  /** Subscribes the customer of a paid session a second time. */
  async sellsTwice({ customer, subscription }) {
    const { items } = await this.stripe.subscriptions.retrieve(subscription);
    const card = await this.stripe.paymentMethods.attach('pm_card_visa', { customer });
    return this.stripe.subscriptions.create({
      customer, default_payment_method: card.id, items: [{ price: items.data[0].price.id }],
    });
  }

  /** Invoices a customer for so many items. */
  async invoices(customer, count) {
    const item = { customer, currency: 'usd', amount: 100 };
    for (let made = 0; made < count; made += 1) await this.stripe.invoiceItems.create(item);
    return this.stripe.invoices.create({ customer, pending_invoice_items_behavior: 'include' });
  }

  /** Sends the customer of a subscription an invoice of $15, which is not charged. Gives its id. */
  async bills(subscription) {
    const { customer } = await this.stripe.subscriptions.retrieve(subscription);
    await this.stripe.invoiceItems.create({ customer, currency: 'usd', amount: 1500 });
    const { id } = await this.stripe.invoices.create({
      customer, currency: 'usd', collection_method: 'send_invoice', days_until_due: 30,
      pending_invoice_items_behavior: 'include',
    });
    await this.stripe.invoices.finalizeInvoice(id);
    return id;
  }

  async makesCustomers(count) {
    await Promise.all(Array.from({ length: count }, () => this.stripe.customers.create({})));
  }
}
