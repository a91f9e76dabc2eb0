// What refusals and lists are asked.

import assert from 'node:assert/strict';

import Stripe from 'stripe';

/** Stripe's error of a call that must be refused; `wanted` are fields of it. */
export async function refused(call, wanted) {
  const error = await call.then(
    (value) => assert.fail(`accepted, with ${JSON.stringify(value)?.slice(0, 300)}`),
    (reason) => reason,
  );
  if (!(error instanceof Stripe.errors.StripeError)) throw error;
  const found = Object.fromEntries(Object.keys(wanted).map((name) => [name, error[name]]));
  assert.deepEqual(found, wanted, `${error.type} ${error.statusCode}: ${error.message}`);
  const isOAuth = error instanceof Stripe.errors.StripeOAuthError;
  if (!isOAuth) assert.match(error.requestId ?? '', /^req_/, 'an error names its request');
  return error;
}

/** An invalid request, whose code and parameter are given where they matter. */
export function invalid(call, wanted = {}) {
  return refused(call, { type: 'StripeInvalidRequestError', ...wanted });
}

export function missing(call, param) {
  return invalid(call, { code: 'resource_missing', ...(param && { param }) });
}

export function ids(list) {
  return list.data.map((item) => item.id);
}

/** That the fields of `wanted` are so; others may be anything. */
export function has(object, wanted) {
  const found = Object.fromEntries(Object.keys(wanted).map((name) => [name, object[name]]));
  assert.deepEqual(found, wanted, `${object.object} ${object.id}`);
  return object;
}
