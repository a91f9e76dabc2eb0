// Every kind of change a form makes, each time with something of its own, so that it can be made again and again.

import { price } from './api.mjs';
import { unfold } from './forms.mjs';
import { BILLING, NEW_FEATURE_PANEL, NEW_PLAN } from './pages.mjs';
import { PRO_PRICES } from './story.mjs';

/** `prepare` makes what is needed and tells the page, what to press and type, and how to see whether it was done. */
export const CHANGES = [
  { button: 'Enable Billing', prepare: enableBilling },
  { button: 'Create plan', prepare: createPlan },
  { button: 'Add price', prepare: addPrice },
  { button: 'Attach feature', prepare: attachFeature },
  { button: 'Create and attach feature', prepare: createFeature },
  { button: 'Archive plan', prepare: archivePlan },
  { button: 'Disable billing', prepare: disableBilling },
];

async function enableBilling(api) {
  await api.post('/billing/disable');
  return { page: `${BILLING}/enable`, values: {}, isDone: (state) => state.status.billingEnabled };
}

async function disableBilling(api) {
  await api.enable();
  return { page: '/settings/billing/disable', values: {}, isDone: (state) => !state.status.billingEnabled };
}

async function createPlan(api, turn) {
  await api.enable();
  const key = `made_${turn}`;
  const values = {
    name: 'Made', key, trial_days: '14',
    price_amount_1: '12.50', price_currency_1: 'USD', price_interval_1: 'month',
    price_amount_2: '1200', price_currency_2: 'JPY', price_interval_2: 'month',
    price_amount_3: '4.500', price_currency_3: 'KWD', price_interval_3: 'year',
  };
  const presses = ['Add another price', 'Add another price'];
  return { page: NEW_PLAN, presses, values, isDone: (state) => state.plans.some((plan) => plan.key === key) };
}

/** A price that takes the place of another: one is archived and one is made. */
async function addPrice(api, turn) {
  const plan = await newPlan(api, `priced_${turn}`);
  const values = { amount: '99.00', currency: 'USD' };
  const isNew = ({ amount }) => amount.minorUnits === 9900;
  return { page: plan.page, values, isDone: (state) => plan.of(state).prices.some(isNew) };
}

async function attachFeature(api, turn) {
  const plan = await newPlan(api, `open_${turn}`);
  await api.createFeature({ key: `known_${turn}`, name: 'Known' });
  const values = { feature: `known_${turn}` };
  return { page: plan.page, values, isDone: (state) => plan.of(state).features.length === 1 };
}

/** A feature that is made and attached at once. */
async function createFeature(api, turn) {
  const plan = await newPlan(api, `gated_${turn}`);
  const values = { key: `export_${turn}`, name: 'Export' };
  return { page: plan.page + NEW_FEATURE_PANEL, values, isDone: (state) => plan.of(state).features.length === 1 };
}

async function archivePlan(api, turn) {
  const plan = await newPlan(api, `old_${turn}`);
  return { page: `${plan.page}/archive`, values: {}, isDone: (state) => plan.of(state).archivedAt !== null };
}

async function newPlan(api, key) {
  await api.enable();
  const { id } = await api.createPlan({ key, name: 'Pro', trialDays: 14, prices: [...PRO_PRICES, price(1, 'EUR')] });
  const of = (state) => [...state.plans, ...state.archived].find((plan) => plan.id === id);
  return { page: `${BILLING}/plans/${id}`, of };
}

/** Types values into the form with this button. */
export async function fill(page, buttonName, values) {
  await unfold(page);
  const button = page.getByRole('button', { name: buttonName, exact: true });
  const form = page.locator('main form').filter({ has: button });
  for (const [name, value] of Object.entries(values)) {
    const field = form.locator(`[name="${name}"]`);
    const isSelect = await field.evaluate((element) => element.localName === 'select');
    await (isSelect ? field.selectOption(value) : field.fill(value));
  }
  return form.getByRole('button', { name: buttonName, exact: true });
}
