// What the tests are run with, and what is said when something of it is missing.

import { accessSync, constants, readdirSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('..', import.meta.url));

export const screenshotFolder = join(folder, 'screenshots');
export const takesScreenshots = process.env.KL_E2E_SCREENSHOTS !== '0';
export const binary = resolve(folder, process.env.KL_E2E_BINARY ?? '../target/debug/billing-server');
// The headless shell is the same engine without a browser's windows, and takes half the processor time.
const browsers = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'];
export const chromiumPath = process.env.KL_E2E_CHROMIUM ?? browsers.find(isExecutable) ?? browsers[0];

const needsAll = process.env.KL_TEST_REQUIRE_ALL === '1';

export function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The folder with all of Postgres that the tests start, or undefined. */
export function postgresBinaries() {
  const folders = (process.env.PATH ?? '').split(delimiter);
  try {
    const versions = readdirSync('/usr/lib/postgresql');
    folders.push(...versions.map((version) => join('/usr/lib/postgresql', version, 'bin')));
  } catch {
    // Not a Debian, or no Postgres: PATH is all there is.
  }
  const needed = ['initdb', 'postgres', 'pg_isready', 'psql'];
  return folders.find((candidate) => needed.every((name) => isExecutable(join(candidate, name))));
}

/** For the option `skip` of a suite: false, or why it cannot be run here. Under KL_TEST_REQUIRE_ALL=1 that fails. */
export function skipWithoutBrowser() {
  requireService();
  return skipWithoutChromium();
}

/** For a suite: says what to run when there is no service to test. */
export function requireService() {
  if (isExecutable(binary)) return;
  throw new Error(`There is no ${binary}. Run: cargo build -p billing-server --locked`);
}

/** The same for pages that are not the service's. */
export function skipWithoutChromium() {
  return skipUnless(isExecutable(chromiumPath), `no browser at ${chromiumPath} (KL_E2E_CHROMIUM)`);
}

/** The same for what needs Postgres. */
export function skipWithoutPostgres() {
  return skipUnless(postgresBinaries(), 'no Postgres binaries on PATH or in /usr/lib/postgresql/*/bin');
}

/** False, or the reason, which is a failure under KL_TEST_REQUIRE_ALL=1. */
export function skipUnless(isThere, reason) {
  if (isThere) return false;
  if (needsAll) throw new Error(`KL_TEST_REQUIRE_ALL=1, and there is ${reason}`);
  console.error(`NOT TESTED: ${reason}`);
  return reason;
}
