// Every form of the dashboard: where it is, its button, values that would do, and the kinds of its fields.

import {
  AMOUNT, CHOICE, CURRENCY, DESCRIPTION, FEATURE_KEY, GATEWAY, NAME, OFFERED_PRICE, OPTIONAL_AMOUNT, OPTIONAL_NAME,
  OPTIONAL_PAGE, ORIGINS, PLAN_KEY, SEATS, TRIAL_DAYS, USER_ID,
} from './bad-values.mjs';
import { BILLING, FEATURES, NEW_FEATURE, NEW_FEATURE_PANEL, NEW_PLAN } from './pages.mjs';

const APP = { name: 'Shop', origins: 'https://shop.example' };
const APP_FIELDS = { name: NAME, origins: ORIGINS };
const DETAILS = { name: 'Team', description: 'For teams', trial_days: '7', visibility: 'public' };
const DETAILS_FIELDS = { name: NAME, description: DESCRIPTION, trial_days: TRIAL_DAYS, visibility: CHOICE };

/** `plan` is the id of a plan there is, and `price` of its price; a feature `known_feature` is there too. */
export function formCatalog(plan, price) {
  return [
    { title: 'new app', page: '/app/new', button: 'Create app', good: APP, fields: APP_FIELDS },
    { title: 'edit app', page: '/app/app_demo', button: 'Save changes', good: APP, fields: APP_FIELDS },
    {
      title: 'switch gateway', page: '/settings/billing/gateway', button: 'Switch gateway',
      good: { gateway: 'managed' }, fields: { gateway: GATEWAY },
    },
    {
      title: 'new plan', page: NEW_PLAN, presses: ['Add another price'], button: 'Create plan',
      good: {
        ...DETAILS, key: 'team', payer_kind: 'user',
        price_amount_1: '12.50', price_currency_1: 'USD', price_interval_1: 'month',
        price_amount_2: '1200', price_currency_2: 'JPY', price_interval_2: 'year',
      },
      fields: {
        ...DETAILS_FIELDS, key: PLAN_KEY, payer_kind: CHOICE,
        price_amount_1: OPTIONAL_AMOUNT, price_currency_1: CURRENCY, price_interval_1: CHOICE,
        price_amount_2: OPTIONAL_AMOUNT, price_currency_2: CURRENCY, price_interval_2: CHOICE,
      },
    },
    {
      title: 'edit plan', page: `${BILLING}/plans/${plan}/edit`, button: 'Save changes',
      good: DETAILS, fields: DETAILS_FIELDS,
    },
    {
      title: 'add price', page: `${BILLING}/plans/${plan}`, button: 'Add price',
      good: { amount: '9.00', currency: 'EUR', interval: 'year' },
      fields: { amount: AMOUNT, currency: CURRENCY, interval: CHOICE },
    },
    {
      title: 'create checkout link', page: `${BILLING}/plans/${plan}/checkout-link`, button: 'Create checkout link',
      good: { payer: 'user_anna', price, quantity: '1', success_url: '', cancel_url: '' },
      fields: {
        payer: USER_ID, price: OFFERED_PRICE, quantity: SEATS, success_url: OPTIONAL_PAGE, cancel_url: OPTIONAL_PAGE,
      },
    },
    {
      title: 'create and attach feature', page: `${BILLING}/plans/${plan}${NEW_FEATURE_PANEL}`,
      button: 'Create and attach feature',
      good: { key: 'sso', name: 'Single sign-on', description: 'By SAML' },
      fields: { key: FEATURE_KEY, name: OPTIONAL_NAME, description: DESCRIPTION },
    },
    {
      title: 'new feature', page: NEW_FEATURE, button: 'Create feature',
      good: { key: 'sso', name: 'Single sign-on', description: 'By SAML' },
      fields: { key: FEATURE_KEY, name: NAME, description: DESCRIPTION },
    },
    {
      title: 'edit feature', page: `${FEATURES}/known_feature`, button: 'Save changes',
      good: { name: 'Known', description: 'As before' }, fields: { name: NAME, description: DESCRIPTION },
    },
  ];
}

/** A choice of features: what is refused of it is shown in the form of a new one. */
export const attachForm = (plan) => ({ page: `${BILLING}/plans/${plan}`, button: 'Attach feature' });

/** The change of a plan, before and after its preview, at whatever amount. `change-plan.test.mjs` fills it in. */
export const changePlanForms = (subscription) =>
  ['Preview the change', 'Change plan and charge $97.99'].map((button) => ({
    page: `${BILLING}/subscriptions/${subscription}/change-plan`, button,
  }));

/** The end of a trial. `trial.test.mjs` fills it in. */
export const trialForm = (subscription) => ({
  page: `${BILLING}/subscriptions/${subscription}/trial`, button: 'Change trial',
});

/** A refund. `sale.test.mjs` fills it in. */
export const refundForm = (invoice) => ({ page: `${BILLING}/invoices/${invoice}/refund`, button: 'Refund' });

/** The only form there is while billing is off. */
export const ENABLE_FORM = {
  title: 'enable Billing', page: `${BILLING}/enable`, button: 'Enable Billing',
  good: { gateway: 'managed' }, fields: { gateway: GATEWAY },
};
