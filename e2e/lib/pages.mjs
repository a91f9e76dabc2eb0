// What is read on a page, and waited for until it is there.

import assert from 'node:assert/strict';

export const EMPTY_STATE =
  'Start earning revenue with Billing. Create plans and turn your users into paid subscribers. '
  + 'Add features to your plans to easily gate functionality in your app.';

export const BILLING = '/app/app_demo/billing';
export const PLANS = `${BILLING}/plans`;
export const NEW_PLAN = `${BILLING}/plans/new`;
export const FEATURES = `${BILLING}/features`;
export const SUBSCRIPTIONS = `${BILLING}/subscriptions`;
export const INVOICES = `${BILLING}/invoices`;
export const LINKS = `${BILLING}/checkout-links`;
/** On a plan's page: the fields of a feature that is not there yet. */
export const NEW_FEATURE_PANEL = '?panel=new-feature';
export const NEW_FEATURE = `${BILLING}/new-feature`;

/** The one heading of the page. */
export async function heading(page) {
  return oneLine(await page.locator('h1').innerText());
}

export async function assertHeading(page, expected) {
  assert.equal(await heading(page), expected, `the heading of ${page.url()}`);
}

/** What is said after something was done. */
export async function assertSaid(page, expected) {
  const said = page.locator('.notice[role=status] [data-said]', { hasText: expected });
  await said.waitFor().catch(() => assert.fail(`“${expected}” is not said on ${page.url()}`));
}

/** The text of the content, each run of blanks as one. */
export async function content(page) {
  return oneLine(await page.locator('main').innerText());
}

export async function assertReads(page, ...expected) {
  const text = await content(page);
  for (const part of expected) assert.ok(text.includes(part), `“${part}” is not on ${page.url()}:\n${text}`);
}

/** The rows of a table or list, each as one line. */
export async function rows(locator) {
  return (await locator.allInnerTexts()).map(oneLine);
}

/** What stands behind a term of a description list. */
export async function detail(page, term) {
  const row = page.locator('dl > div', { has: page.locator('dt', { hasText: new RegExp(`^${term}$`) }) });
  return oneLine(await row.locator('dd').innerText());
}

/** The status beside the heading. */
export async function statusOf(page) {
  return oneLine(await page.locator('.head .badge.status').innerText());
}

export function oneLine(text) {
  return text.replace(/\s+/g, ' ').trim();
}
