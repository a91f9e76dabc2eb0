// One suite a file: it has one browser, one Postgres if it wants one, and stops every service it started.

import { after, before, describe } from 'node:test';

import { launch, Visitor } from './browser.mjs';
import { skipWithoutBrowser, skipWithoutPostgres } from './environment.mjs';
import { PostgresCluster } from './postgres.mjs';
import { Service } from './service.mjs';
import { assertAccepted, skipWithoutStripeParams } from './stripe-params.mjs';

/** Describes what holds in a browser. The callback gets the stage everything happens on. */
export function suite(name, define) {
  describe(name, { skip: skipWithoutBrowser() }, () => {
    const stage = new Stage();
    before(() => stage.open());
    after(() => stage.close());
    define(stage);
  });
}

/** Describes the same on each database; `start` starts a service on a new one. */
export function onEachDatabase(stage, define) {
  describe('on SQLite', () => define(() => stage.onSqlite()));
  onPostgres(stage, define);
}

/** Describes what is tested on Postgres; `start` starts a service and tells the name of its new database. */
export function onPostgres(stage, define) {
  describe('on Postgres', { skip: skipWithoutPostgres() }, () => define(() => stage.onPostgres()));
}

/** For tests that go on where the one before ended: behind one that failed the others are left out. */
export function stepByStep() {
  let hasFailed = false;
  return (test) => async (context) => {
    if (hasFailed) return context.skip('a step before this one failed');
    hasFailed = true;
    await test(context);
    hasFailed = false;
  };
}

class Stage {
  #services = [];
  #visitors = [];
  #cluster;

  async open() {
    this.browser = await launch();
  }

  async close() {
    await Promise.all(this.#visitors.map((visitor) => visitor.leave()));
    await this.browser?.close();
    await Promise.all(this.#services.map((service) => service.stop()));
    await (await this.#cluster)?.stop();
    this.#checkRequests();
  }

  async onSqlite() {
    return this.#keep(await Service.start());
  }

  async onPostgres() {
    this.#cluster ??= PostgresCluster.start();
    const cluster = await this.#cluster;
    const database = `billing_${this.#services.length}`;
    const service = this.#keep(await Service.start(cluster.createDatabase(database)));
    service.sql = (sql) => cluster.psql(database, sql);
    return service;
  }

  /** Somebody with a browser of their own who is not signed in. */
  async visitor(service, options) {
    const visitor = await Visitor.arrive(this.browser, service, options);
    this.#visitors.push(visitor);
    return visitor;
  }

  /** The same, signed in as this person. */
  async signedIn(service, { person, ...options } = {}) {
    const visitor = await this.visitor(service, options);
    await visitor.becomes(person);
    return visitor;
  }

  /** Holds what the services asked of Stripe against its types, if they sold anything. */
  #checkRequests() {
    const requests = this.#services.flatMap((service) => service.outgoing.requests);
    const isSale = ({ method, path }) => method === 'POST' && path !== '/v1/webhook_endpoints';
    if (requests.some(isSale) && !skipWithoutStripeParams()) assertAccepted(requests);
  }

  #keep(service) {
    this.#services.push(service);
    return service;
  }
}
