// A suite against a sandbox of its own, whose every answer and event is held against Stripe's types in the end.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, test } from 'node:test';

import Stripe from 'stripe';

import { Recorder } from './sandbox-recorder.mjs';
import { complaintsOfTypes } from './sandbox-types.mjs';
import { Inbox } from './sandbox-webhooks.mjs';
import { requireSandbox, Sandbox } from './sandbox.mjs';

const SUITE_TIMEOUT = 240_000;

/**
 * `objects` are the values of `object` that the scenarios must have been answered with, so that none of them escapes
 * the check of types unseen.
 */
export function sandboxSuite(name, objects, scenarios, skip = false) {
  describe(name, { timeout: SUITE_TIMEOUT, skip }, () => {
    const world = new World();
    before(() => world.open());
    after(() => world.close());
    scenarios(world);
    test(`${name}: every answer and event has the shape of Stripe's types`, () => world.checkTypes(objects));
  });
}

class World {
  #accounts = [];

  async open() {
    requireSandbox();
    this.sandbox = await Sandbox.start();
    this.recorder = await Recorder.before(this.sandbox.url);
    this.inbox = await Inbox.open((event) => this.recorder.keep(`webhook ${event.type}`, event));
  }

  async close() {
    this.inbox?.stop();
    this.recorder?.stop();
    await this.sandbox?.stop();
  }

  /** An account nobody else has; its answers are recorded. */
  async account() {
    const key = freshKey();
    const stripe = this.client(key);
    this.#accounts.push(stripe);
    const webhooks = await this.inbox.endpoint(stripe);
    return { key, stripe, webhooks };
  }

  client(key, options = {}) {
    return client(key, this.recorder.port, options);
  }

  /** Straight to the sandbox and recorded by nobody: for what no type describes. */
  unrecorded(key = freshKey(), options = {}) {
    return client(key, this.sandbox.port, options);
  }

  async checkTypes(objects) {
    for (const stripe of this.#accounts) {
      await stripe.events.list({ limit: 100 }).autoPagingEach(() => {});
    }
    const { complaints, seen } = complaintsOfTypes(this.recorder.answers);
    const unseen = objects.filter((object) => !seen.has(object)).map((object) => `${object} was never answered`);
    assert.equal(complaints.length + unseen.length, 0, `\n${[...complaints, ...unseen].join('\n')}`);
  }
}

export function freshKey() {
  return `sk_test_${randomBytes(12).toString('hex')}`;
}

function client(key, port, options) {
  return new Stripe(key, {
    host: '127.0.0.1', port, protocol: 'http', maxNetworkRetries: 0, timeout: 20_000, ...options,
  });
}
