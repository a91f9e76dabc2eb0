// The API reference: made from the OpenAPI document, for phones too, without JavaScript.

import assert from 'node:assert/strict';
import { before, it } from 'node:test';

import { Gallery } from './lib/page-check.mjs';
import { suite } from './lib/suite.mjs';

const PAGE = '/docs/api/';
// One page has every operation, each with two kilobytes.
const MOST_BYTES = 200_000;
const HOST = 'https://billing.example';

suite('the API reference', (stage) => {
  let service;
  before(async () => { service = await stage.onSqlite(); });

  it('can be read by everyone on every screen', async (context) => {
    const visitor = await stage.visitor(service, { hasTouch: true });
    await visitor.opens(PAGE);
    await new Gallery('api-reference').check(context, 'reference', visitor, MOST_BYTES);
  });

  it('needs no JavaScript and leads to an operation, to the guide, to the errors and back', async () => {
    const visitor = await stage.visitor(service, { javaScriptEnabled: false });
    const { page } = visitor;
    await visitor.opens(PAGE);
    const contents = page.getByRole('navigation', { name: 'On this page' });
    await contents.getByRole('link', { name: 'Enable billing, or switch' }).click();
    assert.equal(new URL(page.url()).hash, '#enableBilling');
    await page.getByText('/v1/dashboard/billing/enable', { exact: true }).waitFor();
    const site = page.getByRole('navigation', { name: 'Site' });
    const targets = await site.getByRole('link').evaluateAll((links) => links.map((link) => link.getAttribute('href')));
    assert.deepEqual(targets, ['/app', '/docs/enable-billing', '/docs/errors', '/openapi.json']);
    visitor.assertNothingOdd();
  });

  it('shows operations before the operator\'s', async () => {
    const visitor = await stage.visitor(service);
    await visitor.opens(PAGE);
    const paths = await visitor.page.locator('.address code').allInnerTexts();
    const isOperators = paths.map((path) => !path.startsWith('/v1/'));
    assert.equal(isOperators.filter(Boolean).length, 3);
    assert.deepEqual(isOperators.slice(-3), [true, true, true], paths.join(' '));
  });

  it('works under any host with files of its own', async () => {
    const visitor = await stage.visitor(service);
    service.neighbours = [HOST];
    await visitor.page.route(`${HOST}/**`, async (route) => {
      const { pathname } = new URL(route.request().url());
      await route.fulfill({ response: await route.fetch({ url: service.url + pathname }) });
    });
    await visitor.opens(HOST + PAGE);
    await visitor.page.getByRole('heading', { name: 'API reference' }).waitFor();
    visitor.assertNothingOdd();
    // What the browser asks for last, such as the icon, is answered before the page is left.
    await visitor.page.unrouteAll({ behavior: 'wait' });
  });
});
