// The documentation page, for people and for language models.

import assert from 'node:assert/strict';
import { before, it } from 'node:test';

import { assertHeading, assertReads, EMPTY_STATE, oneLine } from './lib/pages.mjs';
import { WithMouse } from './lib/people.mjs';
import { suite } from './lib/suite.mjs';

const PAGE = '/docs/enable-billing';
const TEXT = `${PAGE}.md`;
const PROMPT = `${PAGE}.prompt.md`;
const CLIPBOARD = { permissions: ['clipboard-read', 'clipboard-write'] };

suite('the documentation', (stage) => {
  let service;
  before(async () => { service = await stage.onSqlite(); });

  const copied = ({ page }) => page.evaluate(() => navigator.clipboard.readText());
  const says = ({ page }, text) => page.getByRole('status').filter({ hasText: text }).waitFor();
  const button = ({ page }, name) => page.getByRole('button', { name, exact: true });

  it('is plain text at the address that ends in .md', async () => {
    const response = await fetch(service.url + TEXT);
    assert.equal(response.status, 200);
    assert.match(response.headers.get('content-type'), /^text\/plain; *charset=utf-8$/i);
    assert.match(await response.text(), /^# Enable billing\n/);
  });

  it('is copied as a prompt that begins with the task and holds the whole guide', async () => {
    const visitor = await stage.visitor(service, CLIPBOARD);
    await visitor.opens(PAGE);
    const offer = 'Copy this quickstart guide as a prompt for LLMs to implement KolayLogin in your application.';
    await assertReads(visitor.page, offer);
    await button(visitor, 'Copy prompt').click();
    await says(visitor, 'Copied');
    const prompt = await copied(visitor);
    assert.match(prompt, /^Implement KolayLogin billing in this application\./);
    assert.ok(prompt.endsWith(await (await fetch(service.url + TEXT)).text()), 'the guide, whole');
    assert.equal(prompt, await (await fetch(service.url + PROMPT)).text());
    visitor.assertNothingOdd();
  });

  it('copies each block of code with a button of its own', async () => {
    const visitor = await stage.visitor(service, CLIPBOARD);
    const { page } = visitor;
    await visitor.opens(PAGE);
    const blocks = await page.locator('.prose figure.code').all();
    assert.ok(blocks.length > 2, `${blocks.length} blocks`);
    assert.equal(await page.locator('.prose pre').count(), blocks.length, 'every block has a button');
    for (const block of blocks) {
      await block.getByRole('button').click();
      await says(visitor, 'Copied');
      assert.equal(await copied(visitor), await block.locator('code').evaluate((code) => code.textContent));
    }
    visitor.assertNothingOdd();
  });

  it('selects the text instead where the clipboard cannot be had', async () => {
    const visitor = await stage.visitor(service);
    await visitor.context.addInitScript(() => {
      navigator.clipboard.writeText = () => Promise.reject(new Error('not allowed'));
    });
    await visitor.opens(PAGE);
    await button(visitor, 'Copy prompt').click();
    await says(visitor, 'It could not be copied for you.');
    assert.match(await visitor.page.evaluate(() => String(getSelection())), /Why gated\?/);
  });

  it('has no button that would do nothing without JavaScript, and always the plain text', async () => {
    for (const javaScriptEnabled of [true, false]) {
      const visitor = await stage.visitor(service, { javaScriptEnabled });
      await visitor.opens(PAGE);
      const buttons = await visitor.page.locator('main').getByRole('button').count();
      assert.equal(buttons > 0, javaScriptEnabled);
      const link = visitor.page.getByRole('link', { name: 'Read as plain text' });
      assert.equal(await link.getAttribute('href'), TEXT);
      visitor.assertNothingOdd();
    }
  });

  it('has contents that lead to every heading, which each have an address', async () => {
    const visitor = await stage.visitor(service);
    const { page } = visitor;
    await visitor.opens(PAGE);
    const listed = await page.getByRole('navigation', { name: 'On this page' }).getByRole('link').evaluateAll(
      (links) => links.map((link) => link.hash),
    );
    const headings = await page.locator('.prose :is(h2, h3)').evaluateAll((all) => all.map(({ id }) => `#${id}`));
    assert.deepEqual(listed, headings);
    assert.equal(new Set(headings).size, headings.length);
    assert.equal(oneLine(await page.locator('.prose h2').first().innerText()), 'Why gated?');
    await page.getByRole('navigation', { name: 'On this page' }).getByRole('link').last().click();
    assert.equal(new URL(page.url()).hash, headings.at(-1));
    assert.ok(await page.locator(`[id="${headings.at(-1).slice(1)}"]`).evaluate(isOnScreen));
  });

  it('leads to the API reference and to the errors', async () => {
    const visitor = await stage.visitor(service);
    const person = new WithMouse(visitor.page);
    await visitor.opens(PAGE);
    const actions = visitor.page.locator('.head .actions').getByRole('link');
    const targets = await actions.evaluateAll((links) => links.map((link) => link.getAttribute('href')));
    assert.deepEqual(targets, ['/docs/api/', '/docs/errors', TEXT]);
    await visitor.opens('/docs/errors');
    await assertHeading(visitor.page, 'Errors');
    await person.follow('Enable billing');
    await assertHeading(visitor.page, 'Enable billing');
    visitor.assertNothingOdd();
  });

  it('has a sign-in link for who is signed out, which leads back to it', async () => {
    const visitor = await stage.visitor(service);
    const person = new WithMouse(visitor.page);
    await visitor.opens(PAGE);
    await person.follow('Sign in');
    await person.press('Sign in as the demo owner');
    assert.equal(new URL(visitor.page.url()).pathname, PAGE);
    assert.equal(await person.link('Sign in').count(), 0);
    assert.equal(await visitor.page.getByRole('navigation', { name: 'Main' }).isVisible(), true);
  });

  it('quotes the empty state of Billing word for word, and reads the same signed in', async () => {
    const visitor = await stage.visitor(service);
    await visitor.opens(PAGE);
    await assertReads(visitor.page, EMPTY_STATE);
    const text = oneLine(await visitor.page.locator('article').innerText());
    await visitor.becomes();
    await visitor.opens(PAGE);
    assert.equal(oneLine(await visitor.page.locator('article').innerText()), text);
  });
});

function isOnScreen(element) {
  const { top, bottom } = element.getBoundingClientRect();
  return top >= 0 && bottom <= innerHeight;
}
