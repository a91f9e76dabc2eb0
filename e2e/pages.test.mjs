// Every page, in both themes and at three widths: a picture for people, and what a machine can check.

import { before, describe, it } from 'node:test';

import { price } from './lib/api.mjs';
import {
  attachForm, changePlanForms, ENABLE_FORM, formCatalog, refundForm, trialForm,
} from './lib/form-catalog.mjs';
import { PAGES } from './lib/page-catalog.mjs';
import { Gallery } from './lib/page-check.mjs';
import { buildWorld } from './lib/page-world.mjs';
import { sell } from './lib/sales.mjs';
import { onPostgres, suite } from './lib/suite.mjs';

suite('every page', (stage) => {
  let world, gallery;
  before(async () => {
    gallery = new Gallery('billing');
    world = await buildWorld(stage);
  });

  for (const [name, open] of Object.entries(PAGES)) {
    it(`${name} can be read by everyone, fits the screen, and is light`, async (context) => {
      await gallery.check(context, name, await open(world));
    });
  }

  describe('of a workspace whose users can still be charged', () => {
    onPostgres(stage, (start) => {
      it('disable-blocked can be read by everyone, fits the screen, and is light', async (context) => {
        const service = await start();
        const api = await service.api();
        await api.enable();
        await api.createPlan({ key: 'team', name: 'Team', prices: [price(4900)] });
        await sell(stage, service, 'team', 'user_who_pays');
        service.sql(LIVE_SUBSCRIPTIONS);
        const visitor = await stage.signedIn(service);
        await visitor.opens('/settings/billing/disable');
        await gallery.check(context, 'disable-blocked', visitor);
      });
    });
  });

  it('is listed in the page catalog, and its forms are in the form catalog', () => {
    const { plans, sales } = world;
    const ofSales = [
      ...changePlanForms(sales.paying.subscription.id), trialForm(sales.trying.subscription.id),
      refundForm(sales.leaving.invoice.id),
    ];
    const other = [attachForm(plans.pro.id), ...ofSales, ENABLE_FORM];
    gallery.assertNoneMissing([...formCatalog(plans.pro.id, ''), ...other]);
  });

  it('has a title of its own, whichever way it is written', () => {
    gallery.assertTitlesDiffer();
  });
});

/** The one that was sold, 90 times over. */
const LIVE_SUBSCRIPTIONS = `
  INSERT INTO subscriptions (workspace_id, subscription_id, app_id, environment_id, payer_kind, payer_id,
    gateway_account_id, stripe_subscription_id, customer, status, quantity, times, synced_at)
  SELECT workspace_id, 'sub_01kapzv5e8f6ws8j4kq1bdx0' || n, app_id, environment_id,
    CASE WHEN n % 2 = 0 THEN 'user' ELSE 'organization' END, 'payer_' || n, gateway_account_id, 'sub_1Stripe' || n,
    customer, CASE WHEN n % 3 = 0 THEN 'past_due' ELSE 'active' END, quantity, times, synced_at
  FROM subscriptions, generate_series(10, 99) AS n`;
