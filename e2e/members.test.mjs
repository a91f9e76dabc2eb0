// Members look at everything and change nothing.

import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';

import { price } from './lib/api.mjs';
import { CHANGES } from './lib/changes.mjs';
import { ENABLE_FORM, formCatalog } from './lib/form-catalog.mjs';
import { filledForm, openForm } from './lib/forms.mjs';
import { assertReads, BILLING, FEATURES, INVOICES, LINKS, NEW_FEATURE, NEW_PLAN, SUBSCRIPTIONS } from './lib/pages.mjs';
import { createLink, invoices, linkOf, sell, subscriptions } from './lib/sales.mjs';
import { suite } from './lib/suite.mjs';
import { typeInto } from './lib/typed-form.mjs';

const NOTICE = 'You can look at everything here. '
  + 'Only an owner or admin of the workspace can change it; your role is member.';

suite('a member', (stage) => {
  let service, api, owner, member, plan;
  before(async () => {
    service = await stage.onSqlite();
    api = await service.api();
    await api.enable();
    plan = await api.createPlan({ key: 'pro', name: 'Pro', prices: [price(1250)] });
    await api.attach(plan.id, { key: 'known_feature', name: 'Known' });
    await api.createFeature({ key: 'unused', name: 'Unused' });
    owner = await stage.signedIn(service);
    member = await stage.signedIn(service, { person: { role: 'member' } });
  });

  /** Pages, by what is on them; with the text of what a member comes to see there. */
  const pages = () => [
    ['/app', 'Demo app'],
    ['/app/new'],
    ['/app/app_demo', 'http://localhost:3000'],
    [BILLING, '$12.50 / month'],
    [`${BILLING}?archived=true`, 'No archived plans.'],
    [NEW_PLAN],
    [`${BILLING}/plans/${plan.id}`, '$12.50'],
    [`${BILLING}/plans/${plan.id}/edit`],
    [`${BILLING}/plans/${plan.id}/archive`],
    [`${BILLING}/plans/${plan.id}/prices/${plan.prices[0].id}/archive`],
    [`${BILLING}/plans/${plan.id}/features/known_feature/detach`],
    [FEATURES, 'known_feature'],
    [NEW_FEATURE],
    [`${FEATURES}/known_feature`, 'Known'],
    [`${FEATURES}/unused/delete`],
    [`${BILLING}/plans/${plan.id}/checkout-link`],
    ['/settings/billing', 'Shared test Stripe'],
    ['/settings/billing/gateway'],
    ['/settings/billing/disable'],
  ];

  it('sees every page, is told who can change it, and finds nothing to change it with', async () => {
    for (const [path, text = ''] of pages()) {
      assert.equal(await member.opens(path), 200, path);
      await assertReads(member.page, NOTICE, text);
      assert.deepEqual(await waysToChange(member.page), [], path);
    }
    member.assertNothingOdd();
  });

  it('sees the audit log, which nobody can change', async () => {
    assert.equal(await member.opens('/settings/audit-log'), 200);
    await assertReads(member.page, 'Pro: plan created');
    assert.deepEqual(await waysToChange(member.page), []);
  });

  it('sees the empty state and a button that does nothing, while billing is off', async () => {
    const off = await stage.onSqlite();
    const visitor = await stage.signedIn(off, { person: { role: 'member' } });
    await visitor.opens(BILLING);
    await assertReads(visitor.page, NOTICE, 'Start earning revenue with Billing.');
    const button = visitor.page.getByRole('link', { name: 'Enable Billing' });
    assert.equal(await button.getAttribute('aria-disabled'), 'true');
    assert.equal(await button.getAttribute('href'), null);
    await visitor.opens(ENABLE_FORM.page);
    await assertReads(visitor.page, NOTICE);
    assert.deepEqual(await waysToChange(visitor.page), []);
  });

  describe('who sends a form all the same is refused, and nothing changes:', () => {
    for (const { title } of formCatalog('')) {
      it(title, async () => {
        const form = formCatalog(plan.id, plan.prices[0].id).find((known) => known.title === title);
        await refuses(form, form.button, form.good);
      });
    }

    for (const change of CHANGES) {
      it(change.button, async () => {
        const { values, ...form } = await change.prepare(api, 'member');
        await refuses(form, change.button, values);
      });
    }

    it('detach and delete feature, archive price', async () => {
      await api.enable();
      await refuses({ page: `${BILLING}/plans/${plan.id}/features/known_feature/detach` }, 'Detach feature', {});
      await refuses({ page: `${FEATURES}/unused/delete` }, 'Delete feature', {});
      await refuses({ page: `${BILLING}/plans/${plan.id}/prices/${plan.prices[0].id}/archive` }, 'Archive price', {});
    });
  });

  describe('of a workspace with sales', () => {
    let shop, shopApi, seller, onlooker, sold, link;
    before(async () => {
      shop = await stage.onSqlite();
      shopApi = await shop.api();
      await shopApi.enable();
      await shopApi.createPlan({ key: 'pro', name: 'Pro', prices: [price(1250)] });
      sold = await sell(stage, shop, 'pro', 'user_who_pays');
      link = await createLink(shopApi, 'pro', 'user_who_may');
      seller = await stage.signedIn(shop);
      onlooker = await stage.signedIn(shop, { person: { role: 'member' } });
    });

    const onLink = (rest = '') => `${LINKS}/${link.id}${rest}`;
    const onSubscription = (rest = '') => `${SUBSCRIPTIONS}/${sold.subscription.id}${rest}`;

    it('sees links, subscriptions and invoices, and finds nothing to change them with', async () => {
      for (const [path, text] of [
        [onLink(), 'user_who_may'], [onLink('/end'), 'End the checkout link of user_who_may?'],
        [SUBSCRIPTIONS, 'user_who_pays'], [onSubscription(), sold.invoice.number],
        [onSubscription('/cancel'), 'at the end of the period?'], [onSubscription('/cancel-now'), 'now?'],
        [INVOICES, sold.invoice.number], [`${INVOICES}/${sold.invoice.id}`, 'user_who_pays'],
        [`${INVOICES}/${sold.invoice.id}/refund`, 'is left to refund'],
      ]) {
        assert.equal(await onlooker.opens(path), 200, path);
        await assertReads(onlooker.page, text);
        assert.deepEqual(await waysToChange(onlooker.page), [], path);
      }
      await onlooker.opens('/settings/billing/disable');
      await assertReads(onlooker.page, 'user_who_pays', 'Renews');
      const table = onlooker.page.getByRole('table');
      assert.equal(await table.getByRole('link', { name: /Cancel now|End link/ }).count(), 0);
      onlooker.assertNothingOdd();
    });

    for (const [button, page] of [
      ['End link', () => onLink('/end')],
      ['Cancel at period end', () => onSubscription('/cancel')],
      ['Cancel now', () => onSubscription('/cancel-now')],
      ['Refund', () => `${INVOICES}/${sold.invoice.id}/refund`],
    ]) {
      it(`is refused “${button}”, and nothing changes`, async () => {
        await openForm(seller, { page: page() });
        const filled = await filledForm(seller.page, button);
        const state = () => Promise.all([subscriptions(shopApi), invoices(shopApi), linkOf(shopApi, link.id)]);
        const stored = await state();
        await refusesAsMember(filled, onlooker);
        assert.deepEqual(await state(), stored);
      });
    }
  });

  /** An owner fills the form in, and the member sends it from their own browser with a token of their own. */
  async function refuses(form, button, values) {
    await openForm(owner, form);
    await typeInto(owner.page, button, values);
    const filled = await filledForm(owner.page, button);

    const stored = await api.state();
    await refusesAsMember(filled, member);
    assert.deepEqual(await api.state(), stored);
  }
});

async function refusesAsMember(filled, visitor) {
  await visitor.opens('/app');
  const csrf = await visitor.page.locator('.sign-out [name=csrf]').inputValue();
  const { status, html } = await filled.with({ csrf }).send(visitor);
  assert.equal(status, 403);
  assert.match(html, /Only an owner or admin/);
}

/** Whatever in the content could be pressed to change something. */
function waysToChange(page) {
  return page.locator('main').evaluate((main) => {
    const isFilter = (element) => (element.form ?? element).method === 'get';
    const controls = [...main.querySelectorAll('button, input:not([type=hidden], [readonly]), select, textarea')]
      .filter((element) => !isFilter(element));
    const links = [...main.querySelectorAll('a[href]')];
    const catalog = /\/(new|new-feature|edit|enable|archive|detach|delete|gateway|disable)$/;
    const sales = new RegExp(
      '/(checkout-link|end|cancel|cancel-now|resume|change-plan|trial|end-trial|payment-method-link'
      + '|refund|void|mark-uncollectible|send)$',
    );
    const leadsToForm = (link) => catalog.test(link.pathname) || sales.test(link.pathname);
    return [...controls, ...links.filter(leadsToForm)].map((element) => element.outerHTML.slice(0, 120));
  });
}
