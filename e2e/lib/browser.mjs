// Debian's Chromium, and people who use it.

import assert from 'node:assert/strict';

import { chromium } from 'playwright-core';

import { chromiumPath } from './environment.mjs';

const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // A page that could not be had would be asked for again by itself, in the middle of what a test does next.
  '--disable-auto-reload',
];
const TIMEOUT = 10_000;
export const SESSION_COOKIE = 'kl_dashboard';

/** Each launch has a new user data folder. */
export function launch() {
  return chromium.launch({ executablePath: chromiumPath, headless: true, args: QUIET });
}

/** Somebody with cookies of their own. Whatever a page does that it should not is written down in `problems`. */
export class Visitor {
  problems = [];
  requests = [];

  static async arrive(browser, service, options = {}) {
    const visitor = new Visitor();
    visitor.service = service;
    visitor.context = await browser.newContext({ baseURL: service.url, reducedMotion: 'reduce', ...options });
    visitor.context.setDefaultTimeout(TIMEOUT);
    await visitor.#watch();
    visitor.page = await visitor.context.newPage();
    return visitor;
  }

  /** Signs in without the page for it, as the platform would. */
  async becomes(person) {
    const value = await this.service.token(person);
    const cookie = { name: SESSION_COOKIE, value, url: this.service.url, httpOnly: true, sameSite: 'Lax' };
    await this.context.addCookies([cookie]);
  }

  async signsOutBehindTheBack() {
    await this.context.clearCookies({ name: SESSION_COOKIE });
  }

  /** Opens a page and tells its status. */
  async opens(path) {
    const response = await this.page.goto(path);
    return response.status();
  }

  async leave() {
    await this.context.close();
  }

  /** No dialog, no error, nothing forbidden by the content security policy, no request to anybody else. */
  assertNothingOdd() {
    assert.deepEqual(this.problems, []);
  }

  async #watch() {
    const odd = (what) => this.problems.push(what);
    this.context.on('dialog', (dialog) => {
      odd(`dialog: ${dialog.message()}`);
      dialog.dismiss();
    });
    this.context.on('weberror', (error) => odd(`script error: ${error.error().message}`));
    this.context.on('console', (message) => {
      if (message.type() === 'error' && !isRefusedForm(message)) odd(`console: ${message.text()}`);
    });
    this.context.on('request', (request) => {
      this.requests.push(request);
      const { origin, protocol } = new URL(request.url());
      const known = [this.service.url, ...(this.service.neighbours ?? [])];
      if (!known.includes(origin) && protocol !== 'data:') odd(`request to ${request.url()}`);
    });
    await this.context.exposeFunction('tellViolation', (violation) => odd(`policy: ${violation}`));
    await this.context.addInitScript(() => {
      addEventListener('securitypolicyviolation', (event) => {
        globalThis.tellViolation(`${event.violatedDirective} forbids ${event.blockedURI} in ${event.sourceFile}`);
      });
    });
  }
}

/** Chromium writes a line for each page with a status of an error: a refused form is one, and meant to be. */
function isRefusedForm(message) {
  const text = message.text();
  return text.startsWith('Failed to load resource: the server responded with a status of 4')
    && !message.location().url.includes('/assets/');
}
