// Every request that the service can send to Stripe, held against the typed parameters of Stripe's Python library.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

import { price } from './lib/api.mjs';
import { requireService } from './lib/environment.mjs';
import { Merchant } from './lib/merchant.mjs';
import { cancel, createLink, endLink, invoices, soon, subscriptions } from './lib/sales.mjs';
import { Service } from './lib/service.mjs';
import { assertAccepted, eventTypes, judged, skipWithoutStripeParams } from './lib/stripe-params.mjs';

const DAY = 24 * 60 * 60 * 1000;
const MANAGED = 'sk_test_managed';
const PLATFORM = 'sk_test_platform';
const SETTINGS = { KL_STRIPE_MANAGED_SECRET_KEY: MANAGED, KL_STRIPE_SECRET_KEY: PLATFORM };

/** The request of each command of the gateway. */
const COMMANDS = {
  CreateCustomer: 'POST /v1/customers',
  CreateProduct: 'POST /v1/products',
  UpdateProduct: 'POST /v1/products/{id}',
  CreatePrice: 'POST /v1/prices',
  ArchivePrice: 'POST /v1/prices/{id}',
  CreateCheckoutSession: 'POST /v1/checkout/sessions',
  ExpireCheckoutSession: 'POST /v1/checkout/sessions/{id}/expire',
  CancelSubscription: 'DELETE /v1/subscriptions/{id}',
  CancelAtPeriodEnd: 'POST /v1/subscriptions/{id}',
  ResumeSubscription: 'POST /v1/subscriptions/{id}',
  SetTrialEnd: 'POST /v1/subscriptions/{id}',
  CreatePortalSession: 'POST /v1/billing_portal/sessions',
  ChangePlan: 'POST /v1/subscriptions/{id}',
  Refund: 'POST /v1/refunds',
  RefundPart: 'POST /v1/refunds',
  VoidInvoice: 'POST /v1/invoices/{id}/void',
  MarkInvoiceUncollectible: 'POST /v1/invoices/{id}/mark_uncollectible',
  SendInvoice: 'POST /v1/invoices/{id}/send',
};
const OTHERS = [
  'GET /v1/account',
  'GET /v1/webhook_endpoints',
  'POST /v1/webhook_endpoints',
  'DELETE /v1/webhook_endpoints/{id}',
  'GET /v1/customers',
  'GET /v1/products',
  'GET /v1/prices',
  'GET /v1/checkout/sessions',
  'GET /v1/checkout/sessions/{id}',
  'GET /v1/subscriptions',
  'GET /v1/subscriptions/{id}',
  'GET /v1/subscription_schedules',
  'GET /v1/invoices',
  'GET /v1/invoices/{id}',
  'GET /v1/invoices/{id}/lines',
  'POST /v1/invoices/create_preview',
  'GET /v1/invoice_payments',
  'GET /v1/invoiceitems',
  'GET /v1/refunds',
];

/** What the service does, and whether it has asked Stripe so. */
describe('the requests of the service to Stripe', { skip: skipWithoutStripeParams() }, () => {
  let service;
  before(async () => {
    requireService();
    service = await Service.start(undefined, SETTINGS);
    await everything(service);
  });
  after(() => service?.stop());

  it('are all that it can send', () => {
    const routes = judged(service.outgoing.requests).map(({ route }) => route);
    assert.deepEqual([...new Set(routes)].toSorted(), [...new Set([...Object.values(COMMANDS), ...OTHERS])].toSorted());
  });

  it('have pages, filters, trials and expansions', () => {
    const queries = service.outgoing.requests.map(({ query, body }) => query + body).join('\n');
    for (const parameter of [
      'starting_after=', 'created%5Bgte%5D=', 'customer=cus_', 'status=all', 'status=draft', 'pending=true',
      'scheduled=true', 'expand%5B%5D=', 'trial_period_days', 'active=false', 'cancel_at_period_end=true',
      'cancel_at_period_end=false', 'connect=true', 'proration_date', 'proration_behavior=none', 'billing_cycle_anchor',
      'trial_end=now', 'proration_behavior=create_prorations',
    ]) assert.ok(queries.includes(parameter), `no request has ${parameter}`);
  });

  it('are accepted', () => assertAccepted(service.outgoing.requests));
});

describe('the check of requests', { skip: skipWithoutStripeParams() }, () => {
  const post = (path, body) => ({ method: 'POST', path, query: '', body });
  const get = (path, query) => ({ method: 'GET', path, query, body: '' });
  const session = 'success_url=a&mode=subscription&line_items[0][price]=p&line_items[0][quantity]=1';
  const WRONG = [
    ['a parameter that is not there', post('/v1/customers', 'nickname=a'), 'nickname is not a parameter'],
    ['a nested one', post('/v1/checkout/sessions', `${session}&subscription_data[trial_days]=7`),
      'subscription_data[trial_days] is not a parameter'],
    ['one of an item', post('/v1/checkout/sessions', `${session}&line_items[1][prize]=p`),
      'line_items[1][prize] is not a parameter'],
    ['a value that is none of its', post('/v1/checkout/sessions', session.replace('subscription', 'subscribe')),
      "mode is 'subscribe', which is none of its values"],
    ['a type of event that is none', post('/v1/webhook_endpoints', 'url=a&enabled_events[]=invoice.payed'),
      "enabled_events[0] is 'invoice.payed', which is none of its values"],
    ['a version of the API that is none', post('/v1/webhook_endpoints', 'url=a&enabled_events[]=*&api_version=2026'),
      "api_version is '2026', which is none of its values"],
    ['a number that is none', get('/v1/customers', 'limit=ten'), "limit is 'ten', which is not a int"],
    ['a nested number that is none', get('/v1/customers', 'created[gte]=now'), "created[gte] is 'now', which is not a int"],
    ['a flag that is none', post('/v1/products/prod_1', 'active=1'), "active is '1', which is not a bool"],
    ['a required parameter that is missing', post('/v1/prices', 'unit_amount=1'), 'currency is missing'],
    ['a nested one that is missing', post('/v1/prices', 'currency=usd&recurring[interval_count]=1'),
      'recurring[interval] is missing'],
    ['a text where an object is', post('/v1/customers', 'metadata=a'), 'metadata is not an object'],
    ['an object where a text is', post('/v1/customers', 'description[a]=b'), 'description is not a str'],
    ['a text where a list is', get('/v1/subscriptions/sub_1', 'expand=a'), 'expand is not a list'],
    ['a list with a gap', post('/v1/checkout/sessions', session.replaceAll('[0]', '[1]')), 'line_items is not a list'],
    ['an empty text', post('/v1/products', 'name='), 'name is empty'],
    ['a parameter that is given twice', get('/v1/customers', 'limit=1&limit=2'), 'limit is given twice'],
    ['parameters of a change in its query', { ...get('/v1/refunds', 'charge=ch_1'), method: 'POST' },
      'a POST has its parameters in its body, and others in their query'],
    ['a request that is not there', post('/v1/customers/cus_1/expire', ''), 'the library has no such request'],
    ['a method that is not there', { ...post('/v1/refunds', ''), method: 'DELETE' }, 'the library has no such request'],
  ];

  it('refuses what is wrong, and says it', () => {
    const verdicts = judged(WRONG.map(([, request]) => request));
    for (const [place, [title, , complaint]] of WRONG.entries()) {
      assert.deepEqual(verdicts[place].complaints, [complaint], title);
    }
  });

  it('takes what is right', () => {
    assertAccepted([
      post('/v1/checkout/sessions', session), post('/v1/customers', 'metadata[a]=&balance=-5&address='),
      get('/v1/customers', 'created=17&limit=3'), get('/v1/account', ''),
    ]);
  });

  it('is of every command of the gateway, and of every address in its adapter', () => {
    const domain = sources('billing-domain/src').join('\n');
    const [, commands] = /pub enum GatewayCommand \{\n(.*?)\n\}/s.exec(domain);
    const named = [...commands.matchAll(/^ {4}(\w+)/gm)].map(([, name]) => name);
    assert.deepEqual(named.toSorted(), Object.keys(COMMANDS).toSorted());
    const paths = new Set([...Object.values(COMMANDS), ...OTHERS].map((route) => route.split(' ')[1]));
    const addresses = sources('billing-stripe/src').flatMap((text) => text.match(/(?<=")\/v1\/[^"]*(?=")/g) ?? []);
    assert.ok(addresses.length > 10);
    assert.deepEqual(addresses.filter((address) => !paths.has(address)), []);
  });
});

describe('the types of event', { skip: skipWithoutStripeParams() }, () => {
  it('are those that the sandbox lists, by which the service handles or ignores each', () => {
    const file = new URL('../crates/stripe-sandbox/src/webhooks/event_names.txt', import.meta.url);
    const names = readFileSync(file, 'utf8').trimEnd().split('\n');
    const types = eventTypes();
    assert.ok(types.length > 250, `the library lists ${types.length} only`);
    assert.deepEqual(names.toSorted(), types.toSorted());
  });
});

/** Lets the service do everything that asks something of Stripe. */
async function everything(service) {
  await service.restart();
  const api = await service.api();
  await api.enable();
  const plan = await api.createPlan({ key: 'team', name: 'Team', prices: [price(1250), price(12000, 'USD', 'year')] });
  await api.createPlan({ key: 'trial', name: 'Trial', trialDays: 7, prices: [price(900)] });
  const first = await createLink(api, 'trial', 'user_of_a_trial');
  const merchant = new Merchant(MANAGED, first.url);
  await merchant.pays(first);

  // The answers are lost, and what was made is found in lists, of which one has two pages.
  await merchant.makesCustomers(101);
  for (const kind of ['customers', 'products', 'prices', 'checkout/sessions', 'refunds']) {
    service.outgoing.spoil('POST', `/v1/${kind}`);
  }
  const session = await merchant.pays(await createLink(api, 'team', 'user_who_pays'));
  const sold = await subscribed(api, 'user_who_pays');
  await merchant.sellsTwice(session);
  await soon(() => assertSent(service, 'GET', '/v1/refunds', 'limit=100&created'));

  await merchant.invoices(session.customer, 11);
  await soon(async () => assert.ok((await invoices(api)).some(({ subscriptionId }) => !subscriptionId)));
  await endLink(api, (await createLink(api, 'team', 'user_who_leaves')).id);
  await cancel(api, sold.id);
  await api.post(`/apps/app_demo/billing/subscriptions/${sold.id}/resume`);
  await changePlan(api, sold.id, { plan: 'team', interval: 'year', quantity: 2 });
  const paid = (await invoices(api)).find(({ subscriptionId }) => subscriptionId === sold.id);
  await api.post(`/apps/app_demo/billing/invoices/${paid.id}/refund`, { amount: 500, reason: 'duplicate' });
  await soon(() => assertSent(service, 'GET', '/v1/invoice_payments'));
  const billed = await merchant.bills(sold.stripeId);
  const open = await soon(async () => {
    const found = (await invoices(api)).find(({ stripeId }) => stripeId === billed);
    assert.equal(found?.status, 'open');
    return found;
  });
  for (const action of ['send', 'mark-uncollectible', 'void']) {
    await api.post(`/apps/app_demo/billing/invoices/${open.id}/${action}`);
  }
  const { id } = await subscribed(api, 'user_of_a_trial');
  await changePlan(api, id, { plan: 'team', interval: 'month' });
  const trial = `/apps/app_demo/billing/subscriptions/${id}/trial`;
  await api.post(trial, { endsAt: new Date(Date.now() + 30 * DAY).toISOString() });
  await api.post(trial, { endsNow: true });
  await api.post(`/apps/app_demo/billing/subscriptions/${id}/payment-method-link`);
  await api.post(`/apps/app_demo/billing/subscriptions/${id}/cancel`, { atPeriodEnd: false });
  await api.get('/billing/disable/preflight');

  // An account that serves one workspace is listed as a whole.
  await api.enable('stripe_platform');
  await new Merchant(PLATFORM, first.url).pays(await createLink(api, 'team', 'user_of_the_platform'));
  await subscribed(api, 'user_of_the_platform');
  await api.get('/billing/disable/preflight');
  await api.delete(`/apps/app_demo/billing/plans/${plan.id}/prices/${plan.prices[0].id}`);
  await soon(() => assertSent(service, 'POST', '/v1/prices/'));
  await api.archivePlan(plan.id);
  await soon(() => assertSent(service, 'POST', '/v1/products/'));
  await service.restart();
  await soon(() => assertSent(service, 'GET', '/v1/subscriptions', 'limit=100&status=all'));
}

/** Makes a change of plan as it is previewed. */
async function changePlan(api, subscription, change) {
  const path = `/apps/app_demo/billing/subscriptions/${subscription}/change-plan`;
  const { proof } = await api.post(`${path}/preview`, change);
  await api.post(path, { ...change, proof });
}

function subscribed(api, user) {
  return soon(async () => {
    const found = (await subscriptions(api)).find(({ payer }) => payer.id === user);
    assert.ok(found, `there is no subscription of ${user}`);
    return found;
  });
}

function assertSent(service, method, path, query = '') {
  const isIt = (request) => request.method === method && request.path.startsWith(path) && request.query.startsWith(query);
  assert.ok(service.outgoing.requests.some(isIt), `${method} ${path} was not sent`);
}

/** The text of each source without its tests. */
function sources(folder) {
  const root = fileURLToPath(new URL(`../crates/${folder}`, import.meta.url));
  const files = readdirSync(root, { recursive: true }).filter((file) => file.endsWith('.rs') && !/tests/.test(file));
  return files.map((file) => readFileSync(`${root}/${file}`, 'utf8').split('#[cfg(test)]')[0]);
}
