// Every page of the sandbox: how it is come by. A new page is a new entry here.

import { CARDS, checkout, typeCard } from './sandbox-people.mjs';
import { customerWithCard, monthly } from './sandbox-scenes.mjs';

/** What the pages are about: one subscriber, with an invoice to pay and one that is paid. */
export async function buildSandboxWorld(stage) {
  const stripe = stage.account();
  await stripe.webhookEndpoints.create({ url: `${stage.shop.url}/hook`, enabled_events: ['*'] });
  const price = await monthly(stripe, 2000, { product_data: { name: 'Pro' } });
  const max = await monthly(stripe, 8000, { product_data: { name: 'Max' } });
  const mini = await monthly(stripe, 500, { product_data: { name: 'Mini' } });
  const customer = await customerWithCard(stripe, 'pm_card_visa', { name: 'Jenny Rosen' });
  const subscription = await stripe.subscriptions.create({
    customer: customer.id, items: [{ price: price.id }], expand: ['latest_invoice'],
  });
  const draft = await stripe.invoices.create({
    customer: customer.id, collection_method: 'send_invoice', days_until_due: 30,
  });
  await stripe.invoiceItems.create({ customer: customer.id, invoice: draft.id, amount: 4200, currency: 'usd' });
  const open = await stripe.invoices.finalizeInvoice(draft.id);
  const lost = await stripe.invoices.create({ customer: customer.id, auto_advance: false });
  await stripe.invoiceItems.create({ customer: customer.id, invoice: lost.id, amount: 1900, currency: 'usd' });
  await stripe.invoices.finalizeInvoice(lost.id);
  const uncollectible = await stripe.invoices.markUncollectible(lost.id);
  const configuration = await stripe.billingPortal.configurations.create({ features: everything([price, max, mini]) });
  const portal = await stripe.billingPortal.sessions.create({
    customer: customer.id, configuration: configuration.id, return_url: `${stage.shop.url}/account`,
  });
  await stage.sandbox.control('POST', '/faults', { fault: 'rate_limit', path: '/v1/never', times: 2 });
  return { stage, stripe, price, max, customer, subscription, open, uncollectible, portal };
}

function everything(prices) {
  return {
    customer_update: { enabled: true, allowed_updates: ['name', 'email', 'phone', 'address'] },
    invoice_history: { enabled: true },
    payment_method_update: { enabled: true },
    subscription_cancel: {
      enabled: true, mode: 'at_period_end',
      cancellation_reason: { enabled: true, options: ['too_expensive', 'missing_features', 'unused', 'other'] },
    },
    subscription_update: {
      enabled: true, default_allowed_updates: ['price'],
      products: prices.map(({ id, product }) => ({ product, prices: [id] })),
      schedule_at_period_end: { conditions: [{ type: 'decreasing_item_amount' }] },
    },
  };
}

/** Each opens its page in front of this person. */
export const SANDBOX_PAGES = {
  home: (world, { visitor }) => visitor.opens('/'),
  'home-refused': async (world, { visitor, person }) => {
    await visitor.opens('/');
    await person.type('Seconds', 'soon');
    await person.press('Move forward');
  },
  objects: (world, { visitor }) => visitor.opens('/_sandbox/objects'),
  'objects-of-a-type': (world, { visitor }) => visitor.opens('/_sandbox/objects?type=customer'),
  object: async ({ customer }, { visitor, person }) => {
    await visitor.opens('/_sandbox/objects?type=customer');
    await person.follow(customer.id);
  },
  events: (world, { visitor }) => visitor.opens('/_sandbox/objects?type=event'),
  event: async (world, { visitor, person }) => {
    await visitor.opens('/_sandbox/objects?type=event');
    await person.link(/^evt_/).first().click();
    await visitor.page.waitForLoadState();
  },
  reset: (world, { visitor }) => visitor.opens('/_sandbox/reset'),
  'not-found': (world, { visitor }) => visitor.opens('/c/pay/cs_test_none'),
  checkout: (world, before) => atCheckout(world, before),
  'checkout-refused': async (world, before) => {
    await atCheckout(world, before);
    await before.person.type('Email', 'jenny');
    await before.person.type('Card number', '4242 4242');
    await before.person.press('Subscribe');
  },
  'checkout-declined': async (world, before) => {
    await atCheckout(world, before);
    await pays(before, CARDS.declined);
  },
  'checkout-trial': (world, before) => atCheckout(world, before, {
    customer: world.customer.id, allow_promotion_codes: true, subscription_data: { trial_period_days: 14 },
  }),
  'checkout-complete': async (world, before) => {
    const path = await atCheckout(world, before);
    await pays(before, CARDS.good);
    await before.visitor.opens(path);
  },
  'checkout-expired': async (world, before) => {
    const session = await checkout(world.stage, world.stripe, { price: world.price.id });
    await world.stripe.checkout.sessions.expire(session.id);
    await before.visitor.opens(new URL(session.url).pathname);
  },
  '3d-secure': async (world, before) => {
    await atCheckout(world, before);
    await pays(before, CARDS.authenticates);
  },
  portal: (world, before) => atPortal(world, before),
  'portal-cancel': async (world, before) => {
    await atPortal(world, before);
    await before.person.follow('Cancel Pro');
  },
  'portal-cancel-refused': async (world, before) => {
    await SANDBOX_PAGES['portal-cancel'](world, before);
    await before.person.type('What could be better? (optional)', 'Everything. '.repeat(100));
    await before.person.press('Cancel the subscription');
  },
  'portal-customer': async (world, before) => {
    await atPortal(world, before);
    await before.person.follow('Update information');
  },
  'portal-customer-refused': async (world, before) => {
    await SANDBOX_PAGES['portal-customer'](world, before);
    for (const [field, text] of [['Email', 'jenny'], ['Phone number', 'call me'], ['City', 'Berlin'], ['Country', '1']]) {
      await before.person.type(field, text);
    }
    await before.person.press('Save');
  },
  'portal-change': async (world, before) => {
    await atPortal(world, before);
    await before.person.follow('Change plan of Pro');
  },
  'portal-change-confirm': async (world, before) => {
    await SANDBOX_PAGES['portal-change'](world, before);
    await before.person.pick(/^Max\b/);
    await before.person.press('Continue');
  },
  'portal-change-confirm-later': async (world, before) => {
    await SANDBOX_PAGES['portal-change'](world, before);
    await before.person.pick(/^Mini\b/);
    await before.person.press('Continue');
  },
  'portal-change-ahead': async (world, before) => {
    await SANDBOX_PAGES['portal-change-confirm-later'](world, before);
    await before.person.press('Confirm');
  },
  'portal-card': async (world, before) => {
    await atPortal(world, before);
    await before.person.follow('Replace card');
  },
  'portal-card-declined': async (world, before) => {
    await SANDBOX_PAGES['portal-card'](world, before);
    await typeCard(before.person, CARDS.declined);
    await before.person.press('Save card');
  },
  'invoice-open': ({ open }, { visitor }) => visitor.opens(pathOf(open)),
  'invoice-declined': async ({ open }, { visitor, person }) => {
    await visitor.opens(pathOf(open));
    await typeCard(person, CARDS.declined);
    await person.press('Pay $42.00');
  },
  'invoice-paid': ({ subscription }, { visitor }) => visitor.opens(pathOf(subscription.latest_invoice)),
  'invoice-uncollectible': ({ uncollectible }, { visitor }) => visitor.opens(pathOf(uncollectible)),
  consent: ({ stage }, { visitor }) => visitor.opens(`/oauth/authorize?${new URLSearchParams({
    response_type: 'code', client_id: 'ca_shop', scope: 'read_write', state: 'xyz',
    redirect_uri: `${stage.shop.url}/back`,
  })}`),
  'consent-refused': (world, { visitor }) => visitor.opens('/oauth/authorize?response_type=code&client_id=nobody'),
};

async function atCheckout(world, { visitor }, more = {}) {
  const session = await checkout(world.stage, world.stripe, { price: world.price.id, ...more });
  const { pathname } = new URL(session.url);
  await visitor.opens(pathname);
  return pathname;
}

async function pays({ person }, card) {
  await person.type('Email', 'jenny@example.com');
  await typeCard(person, card);
  await person.press('Subscribe');
}

async function atPortal({ portal }, { visitor }) {
  await visitor.opens(new URL(portal.url).pathname);
}

function pathOf(invoice) {
  return new URL(invoice.hosted_invoice_url).pathname;
}
