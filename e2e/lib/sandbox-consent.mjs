// A person who connects an account: opens the consent page, presses its button, and is sent back.

import assert from 'node:assert/strict';

/**
 * Where the browser is sent in the end. `press` matches the link or the button, which work as in a browser without
 * JavaScript.
 */
export async function consent(base, authorizeUrl, press) {
  const { pathname, search } = new URL(authorizeUrl);
  const page = await fetch(`${base}${pathname}${search}`, { redirect: 'manual' });
  const html = await page.text();
  assert.equal(page.status, 200, `the consent page says ${page.status}: ${html.slice(0, 200)}`);
  const links = [...html.matchAll(/<a\b[^>]*>[\s\S]*?<\/a>/gi)].map(([tag]) => tag);
  const link = links.find((tag) => press.test(words(tag)));
  if (link) return new URL(attribute(link, 'href'), page.url);
  const forms = [...html.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/gi)];
  const form = forms.find(([, , inner]) => pressed(inner, press));
  assert.ok(form, `nothing like ${press} to press in ${html.slice(0, 2000)}`);
  return submit(page.url, form, press);
}

/** The account's own application. */
export async function clientId(stripe) {
  return `ca_${(await stripe.accounts.retrieveCurrent()).id.replace(/^acct_/, '')}`;
}

async function submit(url, [, tag, inner], press) {
  const answer = await fetch(new URL(attribute(tag, 'action') ?? url, url), {
    method: (attribute(tag, 'method') ?? 'get').toUpperCase(),
    body: new URLSearchParams(fields(inner, press)),
    redirect: 'manual',
  });
  const said = await answer.text();
  assert.ok([302, 303].includes(answer.status), `the form answers ${answer.status}: ${said.slice(0, 300)}`);
  return new URL(answer.headers.get('location'));
}

function fields(html, press) {
  const inputs = [...html.matchAll(/<input\b[^>]*>/gi)].map(([tag]) => tag);
  const sent = inputs.filter((tag) => attribute(tag, 'type') !== 'submit' && !unchosen(tag)).map(pair);
  return [...sent, pair(pressed(html, press))].filter(([name]) => name);
}

function unchosen(tag) {
  return attribute(tag, 'type') === 'radio' && !/\schecked\b/i.test(tag);
}

function pressed(html, press) {
  const buttons = [...html.matchAll(/<button\b[\s\S]*?<\/button>|<input\b[^>]*type="submit"[^>]*>/gi)];
  return buttons.map(([tag]) => tag).find((tag) => press.test(words(tag)));
}

function words(tag) {
  return attribute(tag, 'value') ?? tag.replaceAll(/<[^>]*>/g, ' ').trim();
}

function pair(tag) {
  return [attribute(tag, 'name'), attribute(tag, 'value') ?? ''];
}

function attribute(tag, name) {
  const found = new RegExp(`\\s${name}="([^"]*)"`, 'i').exec(tag)?.[1];
  const numbered = found?.replaceAll(/&#(x?)([0-9a-f]+);/gi, (_, hex, code) =>
    String.fromCodePoint(parseInt(code, hex ? 16 : 10)));
  return numbered?.replaceAll('&quot;', '"').replaceAll('&amp;', '&');
}
