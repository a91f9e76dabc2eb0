// How pages look and lead on: centred when they stand alone, a way back when nested, danger that is quiet, names in place
// of ids, and nothing cut off on a phone.

import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';

import { PAGES } from './lib/page-catalog.mjs';
import { buildWorld } from './lib/page-world.mjs';
import {
  assertHeading, BILLING, FEATURES, INVOICES, LINKS, NEW_FEATURE, NEW_PLAN, rows, SUBSCRIPTIONS,
} from './lib/pages.mjs';
import { WithMouse } from './lib/people.mjs';
import { suite } from './lib/suite.mjs';

const WIDE = { width: 1440, height: 900 };
const PHONE = { width: 360, height: 740 };

suite('the look of a page', (stage) => {
  let world, visitor, person;
  before(async () => {
    world = await buildWorld(stage);
    visitor = world.owner.full;
    person = new WithMouse(visitor.page);
  });

  for (const name of ['sign-in', 'not-found', 'session-expired']) {
    it(`is centred where it stands alone: ${name}`, async () => {
      const { page } = await PAGES[name](world);
      await page.setViewportSize(WIDE);
      const { x, width } = await page.locator('main > *').first().boundingBox();
      assert.ok(Math.abs(x + width / 2 - WIDE.width / 2) <= 8, `from ${x} to ${x + width} of ${WIDE.width}`);
      assert.ok(width < WIDE.width / 2);
    });
  }

  it('says what is not found', async () => {
    await visitor.opens('/app/app_that_is_not_there');
    await assertHeading(visitor.page, 'Page not found');
    await person.follow('Go to your apps');
    await assertHeading(visitor.page, 'Apps');
  });

  it('leads back from where it is nested', async () => {
    const plan = world.plan('pro');
    for (const [path, label, target] of [
      [NEW_PLAN, 'Plans', BILLING],
      [plan, 'Plans', BILLING],
      [`${plan}/edit`, 'Pro', plan],
      [`${plan}/archive`, 'Pro', plan],
      [NEW_FEATURE, 'Features', FEATURES],
      [`${FEATURES}/late`, 'Features', FEATURES],
      [`${FEATURES}/late/delete`, 'Late', `${FEATURES}/late`],
      ['/app/new', 'Apps', '/app'],
      ['/app/app_demo', 'Apps', '/app'],
      ['/settings/billing/gateway', 'Billing settings', '/settings/billing'],
      ['/settings/billing/disable', 'Billing settings', '/settings/billing'],
    ]) {
      await visitor.opens(path);
      const back = visitor.page.locator('.back a');
      assert.deepEqual(await rows(back), [`← ${label}`], path);
      assert.equal(await back.getAttribute('href'), target, path);
    }
  });

  it('leads back from the pages of a sale', async () => {
    const { plan, paying, open } = world.sales;
    const { page } = world.owner.sold;
    const [subscription, link] = [`${SUBSCRIPTIONS}/${paying.subscription.id}`, `${LINKS}/${open.id}`];
    const planPage = `${BILLING}/plans/${plan}`;
    for (const [path, label, target] of [
      [`${planPage}/checkout-link`, 'Pro', planPage],
      [link, 'Pro', planPage],
      [`${link}/end`, 'Checkout link', link],
      [subscription, 'Subscriptions', SUBSCRIPTIONS],
      [`${subscription}/cancel`, 'Team', subscription],
      [`${subscription}/cancel-now`, 'Team', subscription],
      [`${INVOICES}/${paying.invoice.id}`, 'Invoices', INVOICES],
      [`${INVOICES}/${paying.invoice.id}/refund`, 'Invoice', `${INVOICES}/${paying.invoice.id}`],
    ]) {
      await world.owner.sold.opens(path);
      const back = page.locator('.back a');
      assert.deepEqual(await rows(back), [`← ${label}`], path);
      assert.equal(await back.getAttribute('href'), target, path);
    }
  });

  it('keeps danger quiet until the button that does it', async () => {
    for (const [path, name] of [
      ['/settings/billing', 'Disable billing'],
      [world.plan('pro'), 'Archive plan'],
      [`${FEATURES}/late`, 'Delete feature'],
    ]) {
      await visitor.opens(path);
      const ground = (control) => control.evaluate((element) => getComputedStyle(element).backgroundColor);
      const link = person.link(name);
      const section = visitor.page.locator('main section, main .split').last();
      assert.equal(await section.getByRole('heading', { name: 'Danger zone' }).count(), 1, `${path}: danger is last`);
      assert.equal(await section.getByRole('link', { name }).count(), 1);
      const quiet = await ground(link);
      await person.follow(name);
      assert.notEqual(await ground(person.button(name)), quiet);
    }
  });

  it('names the settings by what they are of', async () => {
    await visitor.opens('/settings/billing');
    await assertHeading(visitor.page, 'Billing settings');
    assert.equal(await person.link('Billing settings', 'Main').getAttribute('aria-current'), 'page');
  });

  it('shows names where it would have shown ids', async () => {
    const newcomer = await stage.visitor(visitor.service);
    await newcomer.opens('/app/app_demo');
    await new WithMouse(newcomer.page).press('Sign in as the demo owner');
    const nav = newcomer.page.getByRole('navigation', { name: 'Main' });
    const titles = await rows(nav.locator('.nav-title'));
    assert.deepEqual(titles, ['Demo app App', 'Demo workspace Workspace', 'Help']);
    assert.deepEqual(await rows(nav.locator('.who p')), ['Demo owner Owner']);
    await newcomer.opens('/app/new');
    const named = new WithMouse(newcomer.page);
    await named.type('Name', 'Named app');
    await named.press('Create app');
    await newcomer.opens('/settings/audit-log');
    const who = (entry) => rows(newcomer.page.locator('.log > li', { hasText: entry }).locator('.hint').last());
    assert.deepEqual(await who('Named app: app created'), ['Demo owner demo_owner · Named app']);
    assert.deepEqual(await who('Unused: feature created'), ['demo_owner · Demo app'], 'its token had no name');
  });

  it('leads to the sandbox from the gateway that is one', async () => {
    for (const [owner, path] of [[world.owner.off, `${BILLING}/enable`], [visitor, '/settings/billing']]) {
      await owner.opens(path);
      const sandbox = await new WithMouse(owner.page).link('Open sandbox').getAttribute('href');
      owner.service.neighbours = [new URL(sandbox).origin];
      await new WithMouse(owner.page).follow('Open sandbox');
      assert.equal(new URL(owner.page.url()).origin, new URL(sandbox).origin);
      await assertHeading(owner.page, 'Stripe sandbox');
    }
  });

  it('shows Before in the audit log only where something was before', async () => {
    const columns = async (entry) => {
      const item = visitor.page.locator('.log > li').filter({ hasText: entry }).first();
      await item.locator('summary').click();
      return rows(item.locator('thead th'));
    };
    await world.api.editFeature('feature_30', { name: 'Thirty' });
    await visitor.opens('/settings/audit-log');
    assert.deepEqual(await columns('Thirty: feature changed'), ['Field', 'Before', 'After']);
    assert.deepEqual(await columns('Unused: feature created'), ['Field', 'Value']);
  });

  describe('on a phone has nothing cut off:', () => {
    for (const name of [
      'apps', 'plans-full', 'new-plan-errors', 'plan', 'plan-long', 'features-full', 'settings-on', 'audit-log',
      'audit-log-long', 'enable', 'docs', 'subscriptions-full', 'subscription', 'invoices-full', 'invoice',
      'new-checkout-link', 'checkout-link', 'disable-refused', 'audit-log-of-sales',
    ]) {
      it(name, async () => {
        const { page } = await PAGES[name](world);
        await page.setViewportSize(PHONE);
        assert.deepEqual(await page.evaluate(whatIsCutOff), []);
      });
    }
  });

  it('has its navigation behind Menu on a phone, which Escape closes', async () => {
    const { page } = visitor;
    await page.setViewportSize(PHONE);
    await visitor.opens(BILLING);
    const nav = page.locator('#nav');
    assert.equal(await nav.isVisible(), false);
    await person.open(person.button('Menu'));
    assert.equal(await nav.isVisible(), true);
    await page.keyboard.press('Escape');
    assert.equal(await nav.isVisible(), false);
    assert.equal(await person.button('Menu').evaluate((button) => button === document.activeElement), true);
  });
});

/** Whatever has text that reaches out of the screen or of what clips it, unless that scrolls outside the audit log. */
function whatIsCutOff() {
  const texts = [];
  const walker = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) if (walker.currentNode.data.trim()) texts.push(walker.currentNode);
  return texts.filter(isCutOff).map((text) => `${text.data.trim().slice(0, 60)} in ${text.parentElement.localName}`);

  function isCutOff(text) {
    const { parentElement } = text;
    if (!parentElement.checkVisibility() || parentElement.closest('.hidden, option, thead')) return false;
    const range = document.createRange();
    range.selectNode(text);
    const { left, right } = range.getBoundingClientRect();
    let [from, to] = [0, innerWidth];
    for (let around = parentElement; around; around = around.parentElement) {
      const { overflowX } = getComputedStyle(around);
      const scrolls = overflowX === 'auto' || overflowX === 'scroll';
      if (scrolls && !around.closest('.log')) return false;
      if (overflowX === 'visible') continue;
      const box = around.getBoundingClientRect();
      [from, to] = [Math.max(from, box.left), Math.min(to, box.right)];
    }
    return left < from - 1 || right > to + 1;
  }
}
