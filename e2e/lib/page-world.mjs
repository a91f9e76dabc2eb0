// The workspaces the pages are looked at in: one with nothing, one with billing just on, one with much to sell, one where
// somebody rewrites a plan again and again, one with sales.

import assert from 'node:assert/strict';

import { price } from './api.mjs';
import { BILLING } from './pages.mjs';
import { Merchant } from './merchant.mjs';
import { cancel, createLink, endLink, invoices, refund, sell, soon } from './sales.mjs';
import { CARDS } from './sandbox-people.mjs';
import { PRO_PRICES } from './story.mjs';

const MANAGED = 'sk_test_kolaylogin_managed';
const LONG = 'A plan for large organizations with a name that somebody thought about for a long time, and then some';

export async function buildWorld(stage) {
  const [off, empty, full, busy, sold] = await Promise.all(Array.from({ length: 5 }, () => stage.onSqlite()));
  await (await empty.api()).enable();
  await rewriteOften(await busy.api());
  const plans = await offerALot(await full.api());
  const sales = await makeSales(stage, sold);
  return {
    plans,
    sales,
    plan: (name) => `${BILLING}/plans/${plans[name].id}`,
    owner: {
      off: await stage.signedIn(off),
      empty: await stage.signedIn(empty),
      full: await stage.signedIn(full),
      busy: await stage.signedIn(busy),
      sold: await stage.signedIn(sold),
    },
    member: {
      off: await stage.signedIn(off, { person: { role: 'member' } }),
      full: await stage.signedIn(full, { person: { role: 'member' } }),
      sold: await stage.signedIn(sold, { person: { role: 'member' } }),
    },
    api: await full.api(),
    somebody: () => stage.visitor(full),
    expired: () => stage.signedIn(full, { person: { seconds: -60 } }),
    signedIn: () => stage.signedIn(full),
  };
}

/** A page of the audit log with the longest descriptions there are. */
async function rewriteOften(api) {
  await api.enable();
  const { id } = await api.createPlan({ key: 'pro', name: 'Pro' });
  for (let edit = 10; edit < 40; edit += 1) {
    await api.editPlan(id, { description: `${edit} words to describe it`.padEnd(500, ' and more') });
  }
}

/** One who tries a plan, one who pays for it, one who leaves it, and one who has not opened the link yet. */
async function makeSales(stage, service) {
  const api = await service.api();
  await api.enable();
  const pro = await api.createPlan({ key: 'pro', name: 'Pro', trialDays: 14, prices: [price(1500)] });
  await api.createPlan({ key: 'team', name: 'Team', prices: [price(4900)] });
  const trying = await sell(stage, service, 'pro', 'user_who_tries');
  const owing = await sell(stage, service, 'pro', 'user_who_owes', CARDS.failsLater);
  await api.post(`/apps/app_demo/billing/subscriptions/${owing.subscription.id}/trial`, { endsNow: true });
  const paying = await sell(stage, service, 'team', 'user_who_pays');
  const leaving = await sell(stage, service, 'team', 'user_who_leaves');
  await cancel(api, leaving.subscription.id);
  const ended = await createLink(api, 'pro', 'user_who_may_not');
  await endLink(api, ended.id);
  const open = await createLink(api, 'pro', 'user_who_may');
  await refund(api, leaving.invoice.id, 1000);
  const stripeId = await new Merchant(MANAGED, open.url).bills(leaving.subscription.stripeId);
  const billed = await soon(async () => {
    const found = (await invoices(api)).find((invoice) => invoice.stripeId === stripeId && invoice.status === 'open');
    assert.ok(found, 'the invoice is not there');
    return found;
  });
  return { plan: pro.id, trying, owing, paying, leaving, ended, open, billed };
}

async function offerALot(api) {
  await api.enable();
  for (const name of ['Mobile app', 'Internal tools']) await api.post('/apps', { name });
  for (let number = 1; number <= 30; number += 1) {
    const description = `What feature ${number} is for.`;
    await api.createFeature({ key: `feature_${number}`, name: `Feature ${number}`, description });
    await api.createPlan({ key: `plan_${number}`, name: `Plan ${number}`, prices: [price(100 * number)] });
  }
  const free = await api.createPlan({ key: 'free', name: 'Free', isDefault: true });
  const long = await api.createPlan({
    key: 'enterprise_for_large_organizations_with_many_people_2026', name: LONG.slice(0, 100), payerKind: 'organization',
    visibility: 'hidden', prices: [...PRO_PRICES, price(999_999_999_999, 'IDR')],
  });
  const description = 'For people who sell.\nWith everything in Free, and more.';
  const pro = await api.createPlan({ key: 'pro', name: 'Pro', description, trialDays: 14, prices: PRO_PRICES });
  await api.addPrice(pro.id, 1500, 'USD', 'month');
  await api.addPrice(pro.id, 15000, 'USD', 'year');
  for (const number of [1, 2, 3]) await api.attach(pro.id, { key: `feature_${number}` });
  await api.attach(pro.id, { key: 'pro_export', name: 'Export', description: 'Everything as a file.' });
  const legacy = await api.createPlan({ key: 'legacy', name: 'Legacy', prices: [price(900)] });
  await api.attach(legacy.id, { key: 'feature_4' });
  await api.archivePlan(legacy.id);
  await api.createFeature({ key: 'late', name: 'Late' });
  await api.createFeature({ key: 'unused', name: 'Unused', description: 'Nobody has it.' });
  await api.patch('/apps/app_demo', { allowedRedirectOrigins: ['https://shop.example', 'http://localhost:3000'] });
  return { free, long, pro, legacy };
}
