// Every page, and how to get to see it. Each entry opens it and tells whose browser shows it.

import { openForm } from './forms.mjs';
import { WithMouse } from './people.mjs';
import {
  BILLING, FEATURES, INVOICES, LINKS, NEW_FEATURE, NEW_FEATURE_PANEL, NEW_PLAN, SUBSCRIPTIONS,
} from './pages.mjs';
import { submitTyped } from './typed-form.mjs';

/** A page that is there at an address. */
const at = (who, path) => async (world) => {
  const visitor = who(world);
  await visitor.opens(typeof path === 'function' ? path(world) : path);
  return visitor;
};

/** A page that is the answer to a form. */
const answering = (path, button, values, meanwhile, presses, who = full) => async (world) => {
  const visitor = who(world);
  await openForm(visitor, { page: typeof path === 'function' ? path(world) : path, presses });
  await meanwhile?.(world);
  await submitTyped(visitor.page, button, values);
  return visitor;
};

/** A page with everything on it unfolded. */
const unfolded = (open) => async (world) => {
  const visitor = await open(world);
  await visitor.page.locator('details').evaluateAll((all) => all.slice(0, 3).forEach((one) => { one.open = true; }));
  return visitor;
};

const full = (world) => world.owner.full;
const empty = (world) => world.owner.empty;
const off = (world) => world.owner.off;
const sold = (world) => world.owner.sold;
const memberOff = (world) => world.member.off;
const memberFull = (world) => world.member.full;
const memberSold = (world) => world.member.sold;
const onPlan = (name, rest = '') => (world) => `${world.plan(name)}${rest}`;
const onSubscription = (sale, rest = '') => ({ sales }) => `${SUBSCRIPTIONS}/${sales[sale].subscription.id}${rest}`;
const onInvoice = ({ sales }) => `${INVOICES}/${sales.paying.invoice.id}`;
const onBilled = (rest = '') => ({ sales }) => `${INVOICES}/${sales.billed.id}${rest}`;
const onRefund = (world) => `${onInvoice(world)}/refund`;
const onLink = (link, rest = '') => ({ sales }) => `${LINKS}/${sales[link].id}${rest}`;
const newLink = ({ sales }) => `${BILLING}/plans/${sales.plan}/checkout-link`;

export const PAGES = {
  'sign-in': async (world) => {
    const visitor = await world.somebody();
    await visitor.opens('/sign-in');
    return visitor;
  },
  'sign-in-expired': async (world) => {
    const visitor = await world.expired();
    await visitor.opens('/app');
    return visitor;
  },
  apps: at(full, '/app'),
  'apps-member': at(memberFull, '/app'),
  'new-app': at(full, '/app/new'),
  'new-app-errors': answering('/app/new', 'Create app', { name: '', origins: 'example.com' }),
  app: at(full, '/app/app_demo'),
  'app-member': at(memberFull, '/app/app_demo'),
  'billing-off': at(off, BILLING),
  'billing-off-member': at(memberOff, BILLING),
  enable: at(off, `${BILLING}/enable`),
  'overview-empty': at(empty, `${BILLING}/overview`),
  'overview-sold': unfolded(at(sold, `${BILLING}/overview`)),
  'overview-member': at(memberSold, `${BILLING}/overview`),
  'background-work': at(full, '/settings/billing/work'),
  'plans-empty': at(empty, BILLING),
  'plans-full': at(full, BILLING),
  'plans-full-member': at(memberFull, BILLING),
  'plans-next': async (world) => {
    const visitor = world.owner.full;
    await visitor.opens(BILLING);
    await new WithMouse(visitor.page).follow('Next');
    return visitor;
  },
  'plans-found': at(full, `${BILLING}?q=plan_1&for=user`),
  'plans-not-found': at(full, `${BILLING}?q=nothing+like+it`),
  'plans-archived': at(full, `${BILLING}?archived=true`),
  'plans-archived-empty': at(empty, `${BILLING}?archived=true`),
  'new-plan': at(full, NEW_PLAN),
  'new-plan-errors': answering(NEW_PLAN, 'Create plan', {
    name: '', key: 'Pro Plan!', trial_days: '9999', price_amount_1: '12,50', price_amount_2: '5', price_currency_2: 'ZZZ',
  }, undefined, ['Add another price']),
  'new-plan-prices': unfolded(async (world) => {
    const presses = Array.from({ length: 11 }, () => 'Add another price');
    await openForm(world.owner.full, { page: NEW_PLAN, presses });
    return world.owner.full;
  }),
  plan: unfolded(at(full, onPlan('pro'))),
  'plan-errors': answering(onPlan('pro', NEW_FEATURE_PANEL), 'Create and attach feature', { key: 'not_there_yet', name: '' }),
  'plan-new-feature': at(full, onPlan('pro', NEW_FEATURE_PANEL)),
  'plan-price-errors': answering(onPlan('pro'), 'Add price', { amount: '1,5', currency: 'ZZZ' }),
  'plan-long': at(full, onPlan('long')),
  'plan-default': at(full, onPlan('free')),
  'plan-archived': unfolded(at(full, onPlan('legacy'))),
  'plan-member': at(memberFull, onPlan('pro')),
  'edit-plan': at(full, onPlan('pro', '/edit')),
  'edit-plan-conflict': answering(
    onPlan('pro', '/edit'), 'Save changes', { name: 'Pro plus', trial_days: '30' },
    (world) => world.api.editPlan(world.plans.pro.id, { description: 'For people who sell.' }),
  ),
  'archive-plan': at(full, onPlan('pro', '/archive')),
  'archive-price': at(full, (world) => `${world.plan('pro')}/prices/${world.plans.pro.prices[1].id}/archive`),
  'detach-feature': at(full, onPlan('pro', '/features/pro_export/detach')),
  'delete-feature': at(full, `${FEATURES}/unused/delete`),
  'delete-feature-refused': answering(`${FEATURES}/late/delete`, 'Delete feature', {}, (world) =>
    world.api.attach(world.plans.pro.id, { key: 'late' })),
  'features-empty': at(empty, FEATURES),
  'features-full': at(full, FEATURES),
  'new-feature': at(full, NEW_FEATURE),
  'new-feature-errors': answering(NEW_FEATURE, 'Create feature', { name: '', key: 'Not a key' }),
  feature: at(full, `${FEATURES}/pro_export`),
  'feature-conflict': answering(`${FEATURES}/pro_export`, 'Save changes', { name: 'Download' }, (world) =>
    world.api.editFeature('pro_export', { name: 'Export as file' })),
  'subscriptions-empty': at(empty, SUBSCRIPTIONS),
  'subscriptions-full': at(sold, SUBSCRIPTIONS),
  'subscriptions-full-member': at(memberSold, SUBSCRIPTIONS),
  'subscriptions-not-found': at(sold, `${SUBSCRIPTIONS}?payer=nobody`),
  'subscriptions-ending': at(sold, `${SUBSCRIPTIONS}?status=ending`),
  'subscriptions-of-payer': at(sold, `${SUBSCRIPTIONS}?payerId=user_who_pays&payerKind=user`),
  payer: at(sold, `${BILLING}/payers/user/user_who_pays`),
  'payer-member': at(memberSold, `${BILLING}/payers/user/user_who_pays`),
  subscription: at(sold, onSubscription('paying')),
  'subscription-member': at(memberSold, onSubscription('paying')),
  'subscription-ending': at(sold, onSubscription('leaving')),
  'change-plan': at(sold, onSubscription('paying', '/change-plan')),
  'change-plan-preview': answering(
    onSubscription('paying', '/change-plan'), 'Preview the change', { quantity: '3' }, undefined, undefined, sold,
  ),
  'change-plan-errors': answering(
    onSubscription('paying', '/change-plan'), 'Preview the change', { quantity: 'many' }, undefined, undefined, sold,
  ),
  'cancel-at-period-end': at(sold, onSubscription('paying', '/cancel')),
  'cancel-now': at(sold, onSubscription('paying', '/cancel-now')),
  'resume-subscription': at(sold, onSubscription('leaving', '/resume')),
  'subscription-past-due': at(sold, onSubscription('owing')),
  'change-trial': at(sold, onSubscription('trying', '/trial')),
  'change-trial-errors': answering(onSubscription('trying', '/trial'), 'Change trial', { ends_at: '' }, undefined, undefined, sold),
  'end-trial': at(sold, onSubscription('trying', '/end-trial')),
  timeline: at(sold, onSubscription('owing', '/timeline')),
  'payment-method-link': at(sold, onSubscription('owing', '/payment-method-link')),
  'payment-method-link-made': answering(
    onSubscription('owing', '/payment-method-link'), 'Create link', {}, undefined, undefined, sold,
  ),
  attention: at(sold, `${BILLING}/attention`),
  'attention-empty': at(empty, `${BILLING}/attention`),
  'invoices-empty': at(empty, INVOICES),
  'invoices-full': at(sold, INVOICES),
  'invoices-not-found': at(sold, `${INVOICES}?payer=nobody`),
  'invoices-of-subscription': at(sold, ({ sales }) => `${INVOICES}?subscription=${sales.paying.subscription.id}`),
  invoice: at(sold, onInvoice),
  'invoice-member': at(memberSold, onInvoice),
  'invoice-refunded': at(sold, ({ sales }) => `${INVOICES}/${sales.leaving.invoice.id}`),
  'invoice-open': at(sold, onBilled()),
  'void-invoice': at(sold, onBilled('/void')),
  'mark-invoice-uncollectible': at(sold, onBilled('/mark-uncollectible')),
  'send-invoice': at(sold, onBilled('/send')),
  'refund-invoice': at(sold, onRefund),
  'refund-invoice-member': at(memberSold, onRefund),
  'refund-invoice-errors': answering(onRefund, 'Refund', { amount: '99999.00' }, undefined, undefined, sold),
  'new-checkout-link': unfolded(at(sold, newLink)),
  'new-checkout-link-errors': answering(newLink, 'Create checkout link', {
    payer: '', quantity: 'many', success_url: 'example.com', cancel_url: 'https://evil.example/pricing',
  }, undefined, undefined, sold),
  'new-checkout-link-subscribed': answering(
    newLink, 'Create checkout link', { payer: 'user_who_pays' }, undefined, undefined, sold,
  ),
  'checkout-link': at(sold, onLink('open')),
  'checkout-link-member': at(memberSold, onLink('open')),
  'checkout-link-ended': at(sold, onLink('ended')),
  'end-checkout-link': at(sold, onLink('open', '/end')),
  'checkout-thanks': async (world) => {
    const visitor = await world.somebody();
    await visitor.opens('/checkout/thanks');
    return visitor;
  },
  'checkout-canceled': async (world) => {
    const visitor = await world.somebody();
    await visitor.opens('/checkout/canceled');
    return visitor;
  },
  'settings-on': at(full, '/settings/billing'),
  'settings-on-member': at(memberFull, '/settings/billing'),
  'settings-off': at(off, '/settings/billing'),
  gateway: at(full, '/settings/billing/gateway'),
  disable: at(full, '/settings/billing/disable'),
  'disable-refused': at(sold, '/settings/billing/disable'),
  'audit-log': unfolded(at(full, '/settings/audit-log')),
  'audit-log-found': at(full, '/settings/audit-log?app=app_demo&person=demo_owner'),
  'audit-log-long': at((world) => world.owner.busy, '/settings/audit-log'),
  'audit-log-of-sales': unfolded(at(sold, '/settings/audit-log')),
  'audit-log-empty': at(off, '/settings/audit-log'),
  docs: at(full, '/docs/enable-billing'),
  'docs-errors': at(full, '/docs/errors'),
  'docs-signed-out': async (world) => {
    const visitor = await world.somebody();
    await visitor.opens('/docs/enable-billing');
    return visitor;
  },
  'not-found': at(full, '/app/app_that_is_not_there'),
  'session-expired': async (world) => {
    const visitor = await world.signedIn();
    await visitor.opens('/app/new');
    await visitor.signsOutBehindTheBack();
    await submitTyped(visitor.page, 'Create app', { name: 'Typed before' });
    return visitor;
  },
};
