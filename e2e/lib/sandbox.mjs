// The sandbox's own binary, in memory and on a port of its own.

import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { isExecutable } from './environment.mjs';
import { endWithUs, gone } from './processes.mjs';

const folder = fileURLToPath(new URL('..', import.meta.url));
const START_TIMEOUT = 10_000;

export const sandboxBinary = resolve(
  folder,
  process.env.KL_E2E_SANDBOX ?? join('..', 'target', 'debug', 'stripe-sandbox'),
);

/** For a suite: says what to run when there is nothing to test. */
export function requireSandbox() {
  if (isExecutable(sandboxBinary)) return;
  throw new Error(`There is no ${sandboxBinary}. Run: cargo build -p stripe-sandbox --locked`);
}

export class Sandbox {
  #child;

  static async start(...extra) {
    const sandbox = new Sandbox();
    const parameters = ['--port', '0', '--memory', '--seed', '1', ...extra];
    const child = spawn(sandboxBinary, parameters, { stdio: ['ignore', 'pipe', 'pipe'] });
    endWithUs(child);
    sandbox.#child = child;
    sandbox.url = await listening(child);
    sandbox.port = Number(new URL(sandbox.url).port);
    return sandbox;
  }

  /** A call of the control API; its answer must be a success. */
  async control(method, path, body) {
    const answer = await fetch(`${this.url}/_sandbox${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      body: body && JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} /_sandbox${path}: ${answer.status} ${text}`);
    return text ? JSON.parse(text) : undefined;
  }

  async stop() {
    this.#child.kill('SIGKILL');
    await gone(this.#child);
  }
}

function listening(child) {
  const said = [];
  return new Promise((resolve, reject) => {
    const fail = (why) => reject(new Error(`stripe-sandbox ${why}:\n${said.join('\n')}`));
    const timer = setTimeout(() => fail(`did not serve within ${START_TIMEOUT} ms`), START_TIMEOUT);
    child.once('exit', (code, signal) => fail(`ended with ${code ?? signal}`));
    createInterface({ input: child.stderr }).on('line', (line) => said.push(line));
    createInterface({ input: child.stdout }).on('line', (line) => {
      said.push(line);
      const address = /^stripe-sandbox listening on (http:\/\/\S+)$/.exec(line)?.[1];
      if (!address) return;
      clearTimeout(timer);
      resolve(address);
    });
  });
}
