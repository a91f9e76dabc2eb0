// The typed parameters of Stripe's Python library, against which requests to Stripe are checked.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { skipUnless, isExecutable } from './environment.mjs';

const folder = fileURLToPath(new URL('..', import.meta.url));
const python = process.env.KL_E2E_PYTHON ?? join(folder, '.venv', 'bin', 'python');

/** For the option `skip` of a suite. */
export function skipWithoutStripeParams() {
  return skipUnless(isExecutable(python), `no ${python} with Stripe's library (see README.md)`);
}

/** The route of each request, and what is wrong with it. */
export function judged(requests) {
  return checker([], JSON.stringify(requests));
}

/** The types of event that the library lists. */
export function eventTypes() {
  return checker(['event-types'], '');
}

function checker(options, input) {
  const io = { input, encoding: 'utf8', maxBuffer: 1 << 28 };
  return JSON.parse(execFileSync(python, [join(folder, 'requests_checker.py'), ...options], io));
}

/** Every request is one that Stripe's library could send. */
export function assertAccepted(requests) {
  const refused = judged(requests).flatMap(({ route, complaints }, place) => {
    const { query, body } = requests[place];
    return complaints.map((complaint) => `${route}: ${complaint} (${[query, body].filter(Boolean).join(' ')})`);
  });
  assert.deepEqual([...new Set(refused)], []);
}
