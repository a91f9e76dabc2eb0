// A sale through the JSON API and Stripe's page, and what must be true soon after it.

import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';

import { WithMouse } from './people.mjs';
import { CARDS, subscribes } from './sandbox-people.mjs';

const SALES = '/apps/app_demo/billing';
/** How long a change at Stripe may take to be seen, in milliseconds. */
const SOON = 5_000;
const BETWEEN_LOOKS = 50;

/** Sells a plan to a user, who pays at once; gives the subscription and its invoice. */
export async function sell(stage, service, plan, user, card = CARDS.good) {
  const api = await service.api();
  const link = await createLink(api, plan, user);
  await pay(await payer(stage, service, link.url), link.url, card);
  return soon(async () => {
    const subscription = (await subscriptions(api)).find(({ checkoutLinkId }) => checkoutLinkId === link.id);
    assert.ok(subscription, `there is no subscription of ${user}`);
    const invoice = (await invoices(api)).find(({ subscriptionId }) => subscriptionId === subscription.id);
    assert.equal(invoice?.status, 'paid', `the invoice of ${user}`);
    return { subscription, invoice };
  });
}

/** A checkout link for a user, at the monthly price in dollars. */
export function createLink(api, plan, user) {
  const payer = { kind: 'user', id: user };
  return api.post(`${SALES}/checkout-links`, { payer, plan, interval: 'month', currency: 'USD' });
}

export function subscriptions(api) {
  return api.list(`${SALES}/subscriptions`);
}

export function invoices(api) {
  return api.list(`${SALES}/invoices`);
}

/** The checkout link as it is now. */
export function linkOf(api, id) {
  return api.get(`${SALES}/checkout-links/${id}`);
}

export function endLink(api, id) {
  return api.delete(`${SALES}/checkout-links/${id}`);
}

/** Gives back a part of an invoice. */
export function refund(api, id, amount) {
  return api.post(`${SALES}/invoices/${id}/refund`, { amount });
}

/** Ends a subscription with its period. */
export function cancel(api, id) {
  return api.post(`${SALES}/subscriptions/${id}/cancel`, { atPeriodEnd: true });
}

/** Somebody who is not signed in, and may go to Stripe's page. */
export async function payer(stage, service, url) {
  service.neighbours = [new URL(url).origin];
  return new WithMouse((await stage.visitor(service)).page);
}

export async function pay(person, url, card = CARDS.good) {
  await person.page.goto(url);
  await subscribes(person, card, /^(Subscribe|Start trial)$/);
}

/** Looks again until it holds, and fails with what it failed with last. */
export async function soon(look) {
  const latest = performance.now() + SOON;
  for (;;) {
    try {
      return await look();
    } catch (error) {
      if (performance.now() > latest) throw error;
    }
    await pause(BETWEEN_LOOKS);
  }
}
