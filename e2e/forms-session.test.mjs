// Sessions that end while a form is open, and forms that did not come from us.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { SESSION_COOKIE } from './lib/browser.mjs';
import { CHANGES, fill } from './lib/changes.mjs';
import { startForeignSite } from './lib/foreign-site.mjs';
import { filledForm, openForm } from './lib/forms.mjs';
import { assertHeading, assertReads, assertSaid, BILLING, NEW_PLAN } from './lib/pages.mjs';
import { WithMouse } from './lib/people.mjs';
import { suite } from './lib/suite.mjs';
import { submitTyped } from './lib/typed-form.mjs';

suite('sessions', (stage) => {
  let service, api;
  before(async () => {
    service = await stage.onSqlite();
    api = await service.api();
    await api.enable();
  });

  describe('that end while a form is open', () => {
    for (const javaScriptEnabled of [true, false]) {
      const how = javaScriptEnabled ? 'with' : 'without';
      it(`lose nothing typed: after signing in in another tab it can be sent again, ${how} JavaScript`, async () => {
        const visitor = await stage.signedIn(service, { javaScriptEnabled });
        const { page } = visitor;
        const key = `kept_${how}`;
        const typed = { name: 'Kept “as typed” <b>', key, description: 'Two\nlines & more', trial_days: '3' };
        await visitor.opens(NEW_PLAN);
        await fill(page, 'Create plan', typed);
        await page.getByLabel('Hidden', { exact: true }).check();
        await visitor.signsOutBehindTheBack();
        const stored = await api.state();
        const [response] = await Promise.all([
          page.waitForResponse((answer) => answer.request().method() === 'POST'),
          page.waitForEvent('load'),
          page.getByRole('button', { name: 'Create plan' }).click(),
        ]);
        assert.equal(response.status(), 401);
        await assertHeading(page, 'Your session has expired');
        assert.deepEqual(await api.state(), stored);

        const [tab] = await Promise.all([
          visitor.context.waitForEvent('page'),
          page.getByRole('link', { name: 'Sign in' }).click(),
        ]);
        await new WithMouse(tab).press('Sign in as the demo owner');
        await assertHeading(tab, 'Apps');
        await tab.close();

        await new WithMouse(page).press('Send again');
        await assertSaid(page, 'The plan was created.');
        const { name, description, trialDays, visibility } = (await api.state()).plans.find((plan) => plan.key === key);
        const made = { name, description, trialDays, visibility };
        assert.deepEqual(made, { name: typed.name, description: typed.description, trialDays: 3, visibility: 'hidden' });
        visitor.assertNothingOdd();
      });
    }

    it('are told at the next sign-in, which leads back to where one was', async () => {
      const visitor = await stage.signedIn(service, { person: { seconds: -60 } });
      await visitor.opens(`${BILLING}?archived=true`);
      assert.equal(new URL(visitor.page.url()).pathname, '/sign-in');
      await assertReads(visitor.page, 'Your session has expired.');
      await new WithMouse(visitor.page).press('Sign in as the demo owner');
      assert.equal(visitor.page.url(), `${service.url}${BILLING}?archived=true`);
    });
  });

  describe('that were never there', () => {
    it('lead to the sign-in and back to where one was', async () => {
      for (const path of ['/app', '/app/new', BILLING, NEW_PLAN, '/settings/billing', '/settings/audit-log?x=%22']) {
        const visitor = await stage.visitor(service);
        await visitor.opens(path);
        assert.equal(await visitor.page.getByText('Your session has expired').count(), 0);
        await new WithMouse(visitor.page).press('Sign in as the demo owner');
        assert.equal(visitor.page.url(), `${service.url}${path}`);
        await visitor.leave();
      }
    });

    it('never lead to another site after signing in', async () => {
      for (const elsewhere of [
        '//evil.example', 'https://evil.example', '/\\evil.example', '\\\\evil.example', 'javascript:alert(1)',
        '/%09/evil.example', '/\t/evil.example',
      ]) {
        const visitor = await stage.visitor(service);
        await visitor.opens(`/sign-in?returnTo=${encodeURIComponent(elsewhere)}`);
        await new WithMouse(visitor.page).press('Sign in as the demo owner');
        assert.equal(new URL(visitor.page.url()).origin, service.url, elsewhere);
        visitor.assertNothingOdd();
        await visitor.leave();
      }
    });

    it('are ended by signing out, and what was open is out of reach', async () => {
      const visitor = await stage.signedIn(service);
      await visitor.opens(BILLING);
      await new WithMouse(visitor.page).press('Sign out');
      await assertSaid(visitor.page, 'You are signed out.');
      const cookies = await visitor.context.cookies();
      assert.equal(cookies.find(({ name }) => name === SESSION_COOKIE), undefined);
      await visitor.opens(BILLING);
      await assertHeading(visitor.page, 'Sign in');
    });
  });

  describe('are guarded, so that of each form', () => {
    const forged = [
      ['the token is missing', { csrf: undefined }, {}],
      ['the token is empty', { csrf: '' }, {}],
      ['the token is another one', { csrf: '0'.repeat(32) }, {}],
      ['another site sends it', {}, { 'sec-fetch-site': 'cross-site' }],
      ['a neighbouring site sends it', {}, { 'sec-fetch-site': 'same-site' }],
      ['an address bar sends it', {}, { 'sec-fetch-site': 'none' }],
      ['another origin sends it', {}, { origin: 'https://evil.example' }],
      ['no origin sends it', {}, { origin: 'null' }],
      ['another port sends it', {}, { origin: 'http://127.0.0.1:1' }],
    ];
    let visitor;
    before(async () => { visitor = await stage.signedIn(service); });

    for (const change of CHANGES) {
      it(`“${change.button}” changes nothing when it was forged`, async () => {
        const { values, isDone, ...form } = await change.prepare(api, 'forged');
        await openForm(visitor, form);
        await fill(visitor.page, change.button, values);
        const filled = await filledForm(visitor.page, change.button);
        const stored = await api.state();
        for (const [how, fields, headers] of forged) {
          const { status, html } = await filled.with(fields).send(visitor, headers);
          assert.equal(status, 403, `${how}: answered ${status}`);
          assert.match(html, /This form did not come from this site/, how);
        }
        assert.deepEqual(await api.state(), stored);
        assert.equal((await filled.send(visitor)).status, 303, 'unforged it is taken');
        assert.ok(isDone(await api.state()));
      });
    }

    it('one without its hidden token is refused in the browser too', async () => {
      await visitor.opens('/app/new');
      const stored = await api.state();
      await visitor.page.locator('main [name=csrf]').evaluate((field) => field.remove());
      assert.equal(await submitTyped(visitor.page, 'Create app', { name: 'Forged' }), 403);
      assert.deepEqual(await api.state(), stored);
    });

    describe('one on a page of another site', () => {
      let foreign;
      after(() => foreign?.stop());

      it('is refused, although the browser is signed in here', async () => {
        await visitor.opens('/app/new');
        await fill(visitor.page, 'Create app', { name: 'Stolen' });
        const form = await filledForm(visitor.page, 'Create app');
        const stored = await api.state();
        foreign = await startForeignSite(form.action, form.fields);
        const tab = await visitor.context.newPage();
        await tab.goto(foreign.url);
        const [response] = await Promise.all([
          tab.waitForResponse((answer) => answer.request().method() === 'POST'),
          tab.waitForEvent('load'),
          tab.getByRole('button', { name: 'Win' }).click(),
        ]);
        assert.equal(response.status(), 403);
        assert.deepEqual(await api.state(), stored);
      });
    });
  });
});
