// What the documentation page walks through, click by click, and what must be stored after each click.

import assert from 'node:assert/strict';

import {
  assertHeading, assertReads, assertSaid, detail, EMPTY_STATE, oneLine, rows, statusOf,
} from './pages.mjs';

const PRICES = ['$12.50 / month', '¥1,200 / month', 'KWD 4.500 / year'];
export const PRO_PRICES = [
  { amount: { minorUnits: 1250, currency: 'USD' }, interval: 'month' },
  { amount: { minorUnits: 1200, currency: 'JPY' }, interval: 'month' },
  { amount: { minorUnits: 4500, currency: 'KWD' }, interval: 'year' },
];

const OFF = { billing: false };
const ON = { billing: true, plans: 0, features: 0 };
const WITH_PLAN = { billing: true, plans: 1, features: 0 };
const WITH_FEATURE = { billing: true, plans: 1, features: 1 };

/** Each step is one click, with the typing before it, and says what is stored afterwards. */
export const STORY = [
  { title: 'signs in as the demo owner', stored: OFF, act: signIn },
  { title: 'opens the app', stored: OFF, act: openApp },
  { title: 'opens Billing, which is empty', stored: OFF, act: openEmptyBilling },
  { title: 'asks to enable Billing', stored: OFF, act: askToEnable },
  { title: 'enables Billing with the gateway that is preselected', stored: ON, act: enable },
  { title: 'asks for a new plan', stored: ON, act: askForPlan },
  { title: 'asks for a second row of price', stored: ON, act: askForSecondPrice },
  { title: 'asks for a third row of price', stored: ON, act: askForThirdPrice },
  { title: 'creates the plan Pro with three prices and a trial', stored: WITH_PLAN, act: createPlan },
  { title: 'creates pro_export and attaches it', stored: WITH_FEATURE, act: attachFeature },
  { title: 'sees the plan in the list', stored: WITH_FEATURE, act: seePlans },
  { title: 'sees the feature in the list', stored: WITH_FEATURE, act: seeFeatures },
  { title: 'opens the settings', stored: WITH_FEATURE, act: openSettings },
  { title: 'asks to disable billing', stored: WITH_FEATURE, act: askToDisable },
  { title: 'disables billing', stored: OFF, act: disable },
  { title: 'goes back to the apps', stored: OFF, act: backToApps },
  { title: 'opens the app again', stored: OFF, act: openApp },
  { title: 'finds Billing as empty as at first', stored: OFF, act: openEmptyBilling },
];

async function signIn(person) {
  await assertHeading(person.page, 'Sign in');
  await person.press('Sign in as the demo owner');
  await assertHeading(person.page, 'Apps');
  await assertReads(person.page, 'Demo app');
}

async function openApp(person) {
  await person.follow('Demo app');
  await assertHeading(person.page, 'Demo app');
}

async function openEmptyBilling(person) {
  await person.navigate('Billing');
  await assertHeading(person.page, 'Billing');
  assert.equal(oneLine(await person.page.locator('.empty p').first().innerText()), EMPTY_STATE);
  assert.equal(await person.page.getByRole('navigation', { name: 'Billing' }).count(), 0, 'no tabs while off');
}

async function askToEnable(person) {
  await person.follow('Enable Billing');
  await assertHeading(person.page, 'Enable Billing');
  assert.ok(await person.page.getByRole('radio', { name: 'Shared test Stripe' }).isChecked(), 'managed is chosen');
  assert.ok(await person.page.getByRole('radio', { name: 'This deployment’s Stripe key' }).isDisabled());
}

async function enable(person) {
  await person.press('Enable Billing');
  await assertSaid(person.page, 'Billing is on.');
  await assertReads(person.page, 'No plans yet.');
  const tabs = person.page.getByRole('navigation', { name: 'Billing', exact: true }).getByRole('link');
  assert.deepEqual(await rows(tabs), ['Plans', 'Features', 'Subscriptions', 'Invoices']);
}

async function askForPlan(person) {
  await person.follow('New plan');
  await assertHeading(person.page, 'New plan');
}

async function askForSecondPrice(person) {
  await person.type('Name', 'Pro');
  await person.type('Key', 'pro');
  await person.type('Amount of price 1', '12.50');
  await person.type('Currency of price 1', 'USD');
  await person.press('Add another price');
}

async function askForThirdPrice(person) {
  await person.type('Amount of price 2', '1200');
  await person.type('Currency of price 2', 'JPY');
  await person.press('Add another price');
}

async function createPlan(person) {
  await person.type('Amount of price 3', '4.500');
  await person.type('Currency of price 3', 'KWD');
  await person.choose('Billed of price 3', 'Yearly');
  await person.type('Length', '14');
  await person.press('Create plan');
  await assertSaid(person.page, 'The plan was created.');
  await assertHeading(person.page, 'Pro');
}

async function attachFeature(person) {
  await person.unfold('Attach a feature');
  await person.type('Name', 'Export');
  await person.type('Key', 'pro_export');
  await person.press('Create and attach feature');
  await assertSaid(person.page, 'The feature was attached.');
  const { page } = person;
  assert.equal(await detail(page, 'Key'), 'pro');
  assert.equal(await detail(page, 'Who subscribes'), 'Users');
  assert.equal(await detail(page, 'Free trial'), '14 days');
  const prices = await rows(page.getByRole('table', { name: 'Prices' }).getByRole('rowheader'));
  assert.deepEqual(prices.toSorted(), PRICES.toSorted());
  await assertReads(page, 'Export pro_export');
}

async function seePlans(person) {
  await person.follow('Plans');
  const [row, ...more] = await rows(person.page.locator('table tbody tr'));
  assert.deepEqual(more, []);
  for (const part of ['Pro', 'pro', 'On sale', ...PRICES]) assert.ok(row.includes(part), `${part} in ${row}`);
}

async function seeFeatures(person) {
  await person.follow('Features', 'Billing');
  const [row, ...more] = await rows(person.page.locator('table tbody tr'));
  assert.deepEqual(more, []);
  for (const part of ['Export', 'pro_export']) assert.ok(row.includes(part), `${part} in ${row}`);
}

async function openSettings(person) {
  await person.navigate('Billing settings');
  await assertHeading(person.page, 'Billing settings');
  assert.equal(await statusOf(person.page), 'On');
  await assertReads(person.page, 'Gateway', 'Shared test Stripe');
}

async function askToDisable(person) {
  await person.follow('Disable billing');
  await assertHeading(person.page, 'Disable billing?');
}

async function disable(person) {
  await person.press('Disable billing');
  await assertSaid(person.page, 'Billing is off.');
  assert.equal(await statusOf(person.page), 'Off');
}

async function backToApps(person) {
  await person.navigate('Apps');
  await assertHeading(person.page, 'Apps');
}

/** The page the story begins on: the address of the service and nothing more. */
export async function begin(visitor) {
  await visitor.opens('/');
  assert.equal(new URL(visitor.page.url()).pathname, '/sign-in');
}

/** What is stored is what the step says, whole, and the audit log says the same. */
export function assertStored(state, step) {
  const { billing, plans, features } = step.stored;
  assert.equal(state.status.billingEnabled, billing, `billing after “${step.title}”`);
  if (!billing) return;
  assert.equal(state.plans.length, plans, `plans after “${step.title}”`);
  assert.equal(state.features.length, features, `features after “${step.title}”`);
}
