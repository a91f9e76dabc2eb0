// Stripe's own command line.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { endWithUs } from './processes.mjs';

const TIMEOUT = 60_000;

/** Its program, or undefined where npm has none for this machine. */
export function stripeCli() {
  try {
    return createRequire(import.meta.url).resolve('@stripe/cli-linux-x64/bin/stripe');
  } catch {
    return undefined;
  }
}

/** For the option `skip` of a suite: false, or why it cannot be run here. Under KL_TEST_REQUIRE_ALL=1 that fails. */
export function skipWithoutCli() {
  if (stripeCli()) return false;
  const reason = 'npm has no command line of Stripe for this machine (@stripe/cli-linux-x64)';
  if (process.env.KL_TEST_REQUIRE_ALL === '1') throw new Error(`KL_TEST_REQUIRE_ALL=1, and ${reason}`);
  console.error(`NOT TESTED: ${reason}`);
  return reason;
}

/** `stripe trigger <event>`; rejects with all it said unless it says that it succeeded. */
export async function trigger(event, key, apiBase) {
  const home = mkdtempSync(join(tmpdir(), 'kl-stripe-cli-'));
  try {
    const said = await run(['trigger', event, '--api-key', key, '--api-base', apiBase], home);
    if (said.code !== 0 || !said.text.includes('Trigger succeeded!')) {
      throw new Error(`stripe trigger ${event} ended with ${said.code}:\n${said.text}`);
    }
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

function run(parameters, home) {
  const env = { PATH: process.env.PATH, HOME: home, STRIPE_CLI_TELEMETRY_OPTOUT: '1' };
  const child = spawn(stripeCli(), parameters, { env, stdio: ['ignore', 'pipe', 'pipe'], timeout: TIMEOUT });
  endWithUs(child);
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += chunk));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code: code ?? signal, text }));
  });
}
