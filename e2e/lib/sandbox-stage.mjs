// A browser before a sandbox of its own, and a shop that its customers come from and go back to.

import { createServer } from 'node:http';
import { after, before, describe } from 'node:test';

import Stripe from 'stripe';

import { launch, Visitor } from './browser.mjs';
import { skipWithoutChromium } from './environment.mjs';
import { freshKey } from './sandbox-suite.mjs';
import { requireSandbox, Sandbox } from './sandbox.mjs';

/** Describes what people find on the sandbox's pages. The callback gets the stage everything happens on. */
export function sandboxStage(name, define) {
  describe(name, { skip: skipWithoutChromium() }, () => {
    const stage = new SandboxStage();
    before(() => stage.open());
    after(() => stage.close());
    define(stage);
  });
}

class SandboxStage {
  #visitors = [];

  async open() {
    requireSandbox();
    this.sandbox = await Sandbox.start();
    this.shop = await Shop.open();
    this.browser = await launch();
  }

  async close() {
    await Promise.all(this.#visitors.map((visitor) => visitor.leave()));
    await this.browser?.close();
    this.shop?.close();
    await this.sandbox?.stop();
  }

  /** An account nobody else has, through the official SDK. */
  account() {
    const { port } = this.sandbox;
    return new Stripe(freshKey(), { host: '127.0.0.1', port, protocol: 'http', maxNetworkRetries: 0 });
  }

  /** Somebody with a browser of their own. */
  async visitor(options) {
    const place = { url: this.sandbox.url, neighbours: [this.shop.url] };
    const visitor = await Visitor.arrive(this.browser, place, options);
    this.#visitors.push(visitor);
    return visitor;
  }

  /** A sandbox beside the first one, for what moves its clock or deletes everything. */
  async apart(act) {
    const shared = this.sandbox;
    this.sandbox = await Sandbox.start();
    try {
      await act();
    } finally {
      await this.sandbox.stop();
      this.sandbox = shared;
    }
  }
}

/** Says hello on every address. */
class Shop {
  #server = createServer((incoming, outgoing) => {
    outgoing.writeHead(200, { 'content-type': 'text/html' });
    outgoing.end('<!doctype html><html lang="en"><title>Shop</title><link rel="icon" href="data:,"><h1>Shop</h1>');
  });

  static async open() {
    const shop = new Shop();
    await new Promise((resolve) => shop.#server.listen(0, '127.0.0.1', resolve));
    shop.url = `http://127.0.0.1:${shop.#server.address().port}`;
    return shop;
  }

  close() {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
