// What most scenarios begin with.

export const DAY = 86_400;

/** A customer who pays with that test card by default. */
export async function customerWithCard(stripe, card = 'pm_card_visa', more = {}) {
  return stripe.customers.create({
    email: 'jenny@example.com',
    payment_method: card,
    invoice_settings: { default_payment_method: card },
    ...more,
  });
}

/** A monthly price of a product of its own, 15.00 USD unless it is told. */
export function monthly(stripe, unit_amount = 1500, more = {}) {
  return stripe.prices.create({
    unit_amount,
    currency: 'usd',
    recurring: { interval: 'month' },
    product_data: { name: `Plan for ${unit_amount}` },
    ...more,
  });
}

/** A customer, a price and the subscription of one to the other. */
export async function subscriber(stripe, more = {}) {
  const customer = await customerWithCard(stripe);
  const price = await monthly(stripe);
  const subscription = await stripe.subscriptions.create({
    customer: customer.id,
    items: [{ price: price.id }],
    ...more,
  });
  return { customer, price, subscription };
}

/** The same moment a month later, as billing counts it: the last day of a shorter month. */
export function monthLater(seconds, months = 1) {
  const date = new Date(seconds * 1000);
  const day = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + months);
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  date.setUTCDate(Math.min(day, last));
  return date.getTime() / 1000;
}

/** Moves a test clock and waits until the sandbox says that it is there. */
export async function advance({ stripe, webhooks }, clock, to) {
  await stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: to });
  await webhooks.arrived(
    'test_helpers.test_clock.ready',
    (event) => event.data.object.id === clock.id && event.data.object.frozen_time === to,
  );
}
