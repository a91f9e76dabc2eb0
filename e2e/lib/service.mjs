// The real binary, on a port, in a folder and on a database of its own.

import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

import { Api } from './api.mjs';
import { binary } from './environment.mjs';
import { Outgoing } from './outgoing.mjs';
import { endWithUs, gone } from './processes.mjs';

const START_TIMEOUT = 30_000;

export class Service {
  #folder = mkdtempSync(join(tmpdir(), 'kl-e2e-'));
  #tokens = new Map();
  #child;
  #settings;

  /** Starts a service; on SQLite in its own folder unless a database is given. */
  static async start(databaseUrl, settings = {}) {
    const service = new Service();
    service.port = await freePort();
    service.url = `http://127.0.0.1:${service.port}`;
    service.outgoing = await Outgoing.open();
    service.#settings = {
      PATH: process.env.PATH,
      KL_LISTEN: `127.0.0.1:${service.port}`,
      KL_PUBLIC_BASE_URL: service.url,
      KL_LOG_FORMAT: 'json',
      KL_STRIPE_SANDBOX_LISTEN: '127.0.0.1:0',
      ...(databaseUrl && { KL_DATABASE_URL: databaseUrl }),
      ...service.outgoing.settings,
      ...settings,
    };
    await service.resume();
    return service;
  }

  /** Starts it on what is there, and waits until it says that it serves. */
  async resume() {
    const said = [];
    const options = { cwd: this.#folder, env: this.#settings, stdio: ['ignore', 'ignore', 'pipe'] };
    const child = spawn(binary, [], options);
    endWithUs(child);
    this.#child = child;
    await new Promise((resolve, reject) => {
      const fail = (why) => reject(new Error(`billing-server ${why}:\n${said.join('\n')}`));
      const timer = setTimeout(() => fail(`did not serve within ${START_TIMEOUT} ms`), START_TIMEOUT);
      child.once('exit', (code, signal) => fail(`ended with ${code ?? signal}`));
      createInterface({ input: child.stderr }).on('line', (line) => {
        said.push(line);
        if (addressIn(line) !== `127.0.0.1:${this.port}`) return;
        clearTimeout(timer);
        resolve();
      });
    });
  }

  /** kill -9, and nothing else: whatever it was doing stays undone. */
  async kill() {
    this.#child.kill('SIGKILL');
    await gone(this.#child);
  }

  async restart() {
    await this.kill();
    await this.resume();
  }

  async stop() {
    await this.kill();
    this.outgoing.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** A dashboard token, as its own command line makes it. */
  async token({ role = 'owner', user = `demo_${role}`, workspace = 'ws_demo', seconds = 3600 } = {}) {
    const claims = ['--workspace', workspace, '--role', role, '--user', user, `--ttl-seconds=${seconds}`];
    const known = claims.join(' ');
    if (!this.#tokens.has(known)) {
      const options = { cwd: this.#folder, env: this.#settings };
      const { stdout } = await promisify(execFile)(binary, ['token', 'dashboard', ...claims], options);
      this.#tokens.set(known, stdout.trim());
    }
    return this.#tokens.get(known);
  }

  /** The JSON API, as this person sees it. */
  async api(person) {
    return new Api(this.url, await this.token(person));
  }
}

function addressIn(line) {
  try {
    return JSON.parse(line).fields?.address;
  } catch {
    return undefined;
  }
}

/** Below the ports that outgoing connections take, so that it is still free after a restart. */
async function freePort() {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    if (await isFree(port)) return port;
  }
}

function isFree(port) {
  const probe = createServer();
  return new Promise((resolve) => {
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}
