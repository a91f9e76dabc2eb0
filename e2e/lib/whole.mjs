// What may never be seen: half of something.

import assert from 'node:assert/strict';

/** The state is one that whole changes lead to: everything in it has its audit entry, and every entry its effect. */
export function assertWhole(state) {
  const log = state.log.toReversed();
  const switches = log.filter((entry) => entry.subject === 'billing_switch');
  const last = switches.at(-1)?.after.state ?? 'disabled';
  assert.equal(last === 'enabled', state.status.billingEnabled, `the log ends with ${last}`);
  assert.equal(state.status.billingEnabled, state.status.billingGateway !== null);
  assert.equal(state.status.billingEnabled, state.status.billingEnabledAt !== null);
  for (const [before, after] of pairs(switches)) assert.notEqual(before.after.state, after.after.state);
  if (!state.plans) return;

  const making = ['created', 'replaced'];
  const made = (subject) => log.filter((entry) => entry.subject === subject && making.includes(entry.event));
  const plans = [...state.plans, ...state.archived];
  assertSame(plans.map(({ id }) => id), made('plan').map(({ after }) => after.id), 'plans');
  const prices = plans.flatMap((plan) => plan.prices.map(({ id }) => id));
  assertSame(prices, made('price').map(({ after }) => after.id), 'prices');
  assertSame(state.features.map(({ key }) => key), made('feature').map(({ after }) => after.key), 'features');
  const attached = log.filter(({ subject, event }) => subject === 'plan_feature' && event === 'attached');
  const links = plans.flatMap((plan) => plan.features.map(({ key }) => `${plan.id} ${key}`));
  assertSame(links, attached.map(({ after }) => `${after.planId} ${after.featureKey}`), 'attached features');
}

function assertSame(stored, logged, what) {
  assert.deepEqual(stored.toSorted(), logged.toSorted(), `${what} stored, and ${what} in the audit log`);
}

function pairs(list) {
  return list.slice(1).map((item, index) => [list[index], item]);
}
