// The documentation page, for people and for language models.

import assert from 'node:assert/strict';
import { before, it } from 'node:test';

import { assertReads, EMPTY_STATE, oneLine } from './lib/pages.mjs';
import { suite } from './lib/suite.mjs';

const PAGE = '/docs/enable-billing';
const TEXT = '/docs/enable-billing.md';

suite('the documentation', (stage) => {
  let service;
  before(async () => { service = await stage.onSqlite(); });

  it('is plain text at the address that ends in .md', async () => {
    const response = await fetch(service.url + TEXT);
    assert.equal(response.status, 200);
    assert.match(response.headers.get('content-type'), /^text\/plain; *charset=utf-8$/i);
    assert.match(await response.text(), /^# Enable billing\n/);
  });

  it('is copied whole as a prompt for language models', async () => {
    const visitor = await stage.visitor(service, { permissions: ['clipboard-read', 'clipboard-write'] });
    await visitor.opens(PAGE);
    await visitor.page.getByRole('button', { name: 'Copy as prompt for LLMs', exact: true }).click();
    await visitor.page.getByRole('status').filter({ hasText: 'Copied' }).waitFor();
    const copied = await visitor.page.evaluate(() => navigator.clipboard.readText());
    assert.equal(copied, await (await fetch(service.url + TEXT)).text());
    visitor.assertNothingOdd();
  });

  it('selects the text instead where the clipboard cannot be had', async () => {
    const visitor = await stage.visitor(service);
    await visitor.context.addInitScript(() => {
      navigator.clipboard.writeText = () => Promise.reject(new Error('not allowed'));
    });
    await visitor.opens(PAGE);
    await visitor.page.getByRole('button', { name: 'Copy as prompt for LLMs', exact: true }).click();
    await visitor.page.getByRole('status').filter({ hasText: 'It could not be copied for you.' }).waitFor();
    const selected = await visitor.page.evaluate(() => String(getSelection()));
    assert.match(selected, /Enable billing/);
  });

  it('has no button that would do nothing without JavaScript, and always the plain text', async () => {
    for (const javaScriptEnabled of [true, false]) {
      const visitor = await stage.visitor(service, { javaScriptEnabled });
      await visitor.opens(PAGE);
      const button = visitor.page.getByRole('button', { name: 'Copy as prompt for LLMs' });
      assert.equal(await button.isVisible(), javaScriptEnabled);
      const link = visitor.page.getByRole('link', { name: 'Read as plain text' });
      assert.equal(await link.getAttribute('href'), TEXT);
      visitor.assertNothingOdd();
    }
  });

  it('describes the API under any host with files of its own and nothing inline', async () => {
    const visitor = await stage.visitor(service);
    const host = 'https://billing.example';
    service.neighbours = [host];
    await visitor.page.route(`${host}/**`, async (route) => {
      const { pathname } = new URL(route.request().url());
      await route.fulfill({ response: await route.fetch({ url: service.url + pathname }) });
    });
    for (const origin of [host, service.url]) {
      await visitor.opens(`${origin}/docs/api/`);
      await visitor.page.getByRole('button', { name: 'Authorize' }).first().click();
      await visitor.page.getByRole('button', { name: 'Close' }).click();
      await visitor.page.getByText('/v1/dashboard/billing/status', { exact: true }).click();
      await visitor.page.getByRole('button', { name: 'Try it out' }).click();
    }
    await visitor.page.getByRole('button', { name: 'Execute' }).click();
    await visitor.page.getByText('"unauthenticated"').first().waitFor();
    visitor.assertNothingOdd();
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
