// What people do on the sandbox's pages.

import assert from 'node:assert/strict';

import { monthly } from './sandbox-scenes.mjs';

/** Stripe's numbers for cards that behave in a certain way. */
export const CARDS = {
  good: '4242 4242 4242 4242',
  declined: '4000 0000 0000 0002',
  authenticates: '4000 0000 0000 3220',
  failsLater: '4000 0000 0000 0341',
};

/** A checkout session for a monthly plan of 20.00 USD. */
export async function checkout(stage, stripe, more = {}) {
  const price = more.price ?? (await monthly(stripe, 2000, { product_data: { name: 'Pro' } })).id;
  const { price: _, ...params } = more;
  return stripe.checkout.sessions.create({
    mode: 'subscription',
    line_items: [{ price, quantity: 1 }],
    success_url: `${stage.shop.url}/welcome?session={CHECKOUT_SESSION_ID}`,
    cancel_url: `${stage.shop.url}/pricing`,
    ...params,
  });
}

export async function typeCard(person, number) {
  await person.type('Card number', number);
  await person.type('Expiry (MM / YY)', '12 / 34');
  await person.type('CVC', '123');
  await person.type('Name on card', 'Jenny Rosen');
}

/** Fills in the page of a checkout and sends it. */
export async function subscribes(person, card, button = 'Subscribe') {
  // Who has typed it once is known.
  if (await person.field('Email').count()) await person.type('Email', 'jenny@example.com');
  await typeCard(person, card);
  await person.press(button);
}

/** Where the browser is. */
export function assertAt(visitor, url) {
  assert.equal(visitor.page.url(), url);
}

/** The page says so, in text that a person reads. */
export async function assertSays(visitor, ...texts) {
  const said = await visitor.page.locator('main').innerText();
  for (const text of texts) assert.ok(said.includes(text), `“${text}” is not in:\n${said}`);
}

export async function assertHeading(visitor, text) {
  assert.equal(await visitor.page.locator('h1').innerText(), text);
}
