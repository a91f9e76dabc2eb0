// The receiving end of webhooks: what arrives is proved with the official library before anything else sees it.

import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';

import Stripe from 'stripe';

const DEADLINE = 15_000;

export class Inbox {
  #endpoints = new Map();
  #server;
  #keep;

  /** `keep(event)` gets every event whose signature is right, once a delivery. */
  static async open(keep) {
    const inbox = new Inbox();
    inbox.#keep = keep;
    inbox.#server = createServer((incoming, outgoing) => inbox.#receive(incoming, outgoing));
    await new Promise((resolve) => inbox.#server.listen(0, '127.0.0.1', resolve));
    return inbox;
  }

  /** Registers an endpoint of this inbox with Stripe's API; `answer(event)` may return another status than 200. */
  async endpoint(stripe, params = {}, answer = () => 200) {
    const path = `/${randomUUID()}`;
    const url = `http://127.0.0.1:${this.#server.address().port}${path}`;
    const deliveries = new Deliveries(answer);
    this.#endpoints.set(path, deliveries);
    const registered = await stripe.webhookEndpoints.create({ url, enabled_events: ['*'], ...params });
    deliveries.know(registered);
    return deliveries;
  }

  stop() {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #receive(incoming, outgoing) {
    const chunks = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const deliveries = this.#endpoints.get(incoming.url);
    const status = deliveries ? await deliveries.take(Buffer.concat(chunks), incoming.headers, this.#keep) : 404;
    outgoing.writeHead(status).end();
  }
}

/** What one endpoint was sent. */
export class Deliveries {
  #known;
  #waiting = new Set();
  #answer;

  /** Events in order of arrival; the same one twice when it was sent twice. */
  events = [];
  refusals = [];

  constructor(answer) {
    this.#answer = answer;
    this.#known = new Promise((resolve) => {
      this.know = (registered) => {
        Object.assign(this, { id: registered.id, secret: registered.secret, registered });
        resolve();
      };
    });
  }

  async take(body, headers, keep) {
    await this.#known;
    try {
      const event = Stripe.webhooks.constructEvent(body, headers['stripe-signature'], this.secret);
      keep(JSON.parse(body.toString('utf8')));
      this.events.push(event);
      return this.#answer(event);
    } catch (error) {
      this.refusals.push(error);
      return 400;
    } finally {
      for (const look of this.#waiting) look();
    }
  }

  /** The first event of that type that also fits; waits for it to arrive. */
  arrived(type, fits = () => true) {
    return this.#once(
      () => this.events.find((event) => event.type === type && fits(event)),
      () => `no ${type} arrived; there came: ${this.events.map((event) => event.type).join(', ') || 'nothing'}`,
    );
  }

  /** Waits until so many deliveries came. */
  count(number) {
    return this.#once(
      () => this.events.length >= number && this.events,
      () => `${this.events.length} of ${number} deliveries came`,
    );
  }

  #once(find, complaint) {
    return new Promise((resolve, reject) => {
      const done = (settle, value) => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        settle(value);
      };
      const look = () => {
        const found = find();
        if (found) done(resolve, found);
        else if (this.refusals.length) done(reject, this.refusals[0]);
      };
      const timer = setTimeout(() => done(reject, new Error(complaint())), DEADLINE);
      this.#waiting.add(look);
      look();
    });
  }
}
