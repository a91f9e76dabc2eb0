// Every form, every field: what cannot be used is said beside it, what was typed stays, and nothing is made of it.

import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';

import { price } from './lib/api.mjs';
import { JUST_TEXT } from './lib/bad-values.mjs';
import { fill } from './lib/changes.mjs';
import { ENABLE_FORM, formCatalog } from './lib/form-catalog.mjs';
import { openForm } from './lib/forms.mjs';
import { assertReads, BILLING, FEATURES, NEW_FEATURE, NEW_PLAN } from './lib/pages.mjs';
import { suite } from './lib/suite.mjs';
import { fieldsOf, submitTyped, whatIsSaid } from './lib/typed-form.mjs';

const FREE_TEXT = 'what looks like an attack is text like any other';

suite('what people type', (stage) => {
  let service, visitor, api, plan, known;
  before(async () => {
    service = await stage.onSqlite();
    visitor = await stage.signedIn(service);
    api = await service.api();
    await api.enable();
    ({ id: plan, prices: [known] } = await api.createPlan({ key: 'known_plan', name: 'Known', prices: [price(1250)] }));
    await api.createFeature({ key: 'known_feature', name: 'Known' });
  });

  for (const { title } of formCatalog('')) {
    it(`refuses what cannot be used in “${title}”`, async (context) => {
      const form = formCatalog(plan, known.id).find((listed) => listed.title === title);
      await refusesAll(context, visitor, api, form);
    });
  }

  describe('while billing is off', () => {
    it('refuses what cannot be used in “enable Billing”', async (context) => {
      const off = await stage.onSqlite();
      const newcomer = await stage.signedIn(off);
      await refusesAll(context, newcomer, await off.api(), ENABLE_FORM);
      await refusesGateway(newcomer, ENABLE_FORM);
    });
  });

  it('a gateway that is not there cannot be switched to, and the missing setting is named', async () => {
    const before = await api.state();
    await refusesGateway(visitor, formCatalog(plan).find((listed) => listed.title === 'switch gateway'));
    assert.deepEqual(await api.state(), before);
  });

  for (const text of JUST_TEXT) {
    it(`${FREE_TEXT}: ${text}`, async () => {
      const turn = JUST_TEXT.indexOf(text);
      const { page } = visitor;
      const planValues = { name: text, key: `odd_${turn}`, description: text };
      await visitor.opens(NEW_PLAN);
      await Promise.all([page.waitForEvent('load'), (await fill(page, 'Create plan', planValues)).click()]);
      await assertReads(page, text, `odd_${turn}`);
      const planPage = page.url();
      await visitor.opens(NEW_FEATURE);
      const featureValues = { name: text, key: `odd_${turn}`, description: text };
      await Promise.all([page.waitForEvent('load'), (await fill(page, 'Create feature', featureValues)).click()]);
      await visitor.opens('/app/new');
      await Promise.all([page.waitForEvent('load'), (await fill(page, 'Create app', { name: text })).click()]);

      const feature = `${FEATURES}/odd_${turn}`;
      const edits = [`${planPage}/edit`, `${planPage}/archive`, feature, `${feature}/delete`];
      for (const path of [BILLING, FEATURES, planPage, ...edits, '/app', '/settings/audit-log']) {
        assert.equal(await visitor.opens(path), 200, path);
        const shown = [await page.locator('body').innerText(), ...(await valuesOf(page))].join('\n');
        if (path !== '/settings/audit-log') assert.ok(shown.includes(text), `“${text}” is not shown on ${path}`);
        assert.equal(await page.locator('main script, main img').count(), 0, `something of ${text} was built on ${path}`);
      }
      visitor.assertNothingOdd();
    });
  }
});

/** Each field of the form with each value that cannot be used, all others with values that can. */
async function refusesAll(context, visitor, api, form) {
  const { page } = visitor;
  const before = await api.state();
  const failures = [];
  let count = 0;
  await openForm(visitor, form);
  const listed = new Set(Object.keys(form.fields).map((name) => name.replace(/_\d+$/, '')));
  assert.deepEqual(await fieldsOf(page, form.button), [...listed].sort(), 'fields of the form and of its list');
  for (const [field, { says, values }] of Object.entries(form.fields)) {
    for (const [what, value] of Object.entries(values)) {
      const sent = { ...form.good, [field]: value };
      const status = await submitTyped(page, form.button, sent);
      const problems = [];
      const expect = (isSo, problem) => isSo || problems.push(problem);
      expect(status === 400, `answered ${status}`);
      const said = await whatIsSaid(page, form.button, field, sent);
      expect(said.summary === 'Nothing was saved. Correct one field', `the summary says “${said.summary}”`);
      expect(says.test(said.beside ?? ''), `beside the field it says “${said.beside}”`);
      expect((await page.title()).startsWith('Error: '), `the title is ${await page.title()}`);
      expect(said.isShown, 'the field is folded away');
      expect(said.isInvalid, 'the field is not marked invalid');
      expect(said.isDescribed, 'the field is not described by its message');
      expect(said.linksToField, 'the summary does not link to the field');
      expect(said.hasFocus, 'the summary does not have the focus');
      expect(said.changed.length === 0, `not kept as typed: ${said.changed.join(', ')}`);
      if (problems.length > 0) failures.push(`${field} ${what}: ${problems.join('; ')}`);
      if (status !== 400) await openForm(visitor, form);
      count += 1;
    }
  }
  assert.deepEqual(failures, []);
  assert.deepEqual(await api.state(), before, 'nothing was made or changed');
  visitor.assertNothingOdd();
  context.diagnostic(`${count} values refused`);
}

async function refusesGateway(visitor, form) {
  await visitor.opens(form.page);
  assert.equal(await submitTyped(visitor.page, form.button, { gateway: 'stripe_platform' }), 400);
  const { beside } = await whatIsSaid(visitor.page, form.button, 'gateway', {});
  assert.match(beside, /KL_STRIPE_SECRET_KEY/);
}

function valuesOf(page) {
  return page.locator('input, textarea').evaluateAll((fields) => fields.map((field) => field.value));
}
