// The signature of webhooks, judged by the service and by the official SDK.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';

import Stripe from 'stripe';

import { requireService, skipWithoutPostgres } from './lib/environment.mjs';
import { PostgresCluster } from './lib/postgres.mjs';
import { post } from './lib/raw-post.mjs';
import { Service } from './lib/service.mjs';
import { CASES, SECRET, signed } from './lib/signature-cases.mjs';

const HEADER = 'Stripe-Signature';
const SETTINGS = {
  KL_STRIPE_MANAGED_SECRET_KEY: 'sk_test_managed',
  KL_STRIPE_MANAGED_WEBHOOK_SECRET: `whsec_of_before,${SECRET}`,
};

describe('the signature of a webhook', { skip: skipWithoutPostgres() }, () => {
  let cluster, service;
  const taken = [];

  before(async () => {
    requireService();
    cluster = await PostgresCluster.start();
    service = await Service.start(cluster.createDatabase('billing'), SETTINGS);
    // Until Stripe has told whose the secret is, no webhook is taken.
    const { t, body, s } = signed(Math.floor(Date.now() / 1000), event('evt_first'));
    const first = () => post(service.port, '/v1/stripe/webhook', [`${HEADER}: t=${t},v1=${s}`], body);
    while ((await first()) === 503) await setTimeout(50);
    taken.push('evt_first');
  });
  after(async () => {
    await service?.stop();
    await cluster?.stop();
  });

  CASES.forEach(([title, header, { body: change = (body) => body, stricter, refusal = 400 } = {}], number) => {
    const reason = stricter ? `, more strictly than the SDK: ${stricter}` : '';
    it(`is judged: ${title}${reason}`, async () => {
      const id = `evt_${number}`;
      const body = event(id);
      const given = header(signed(Math.floor(Date.now() / 1000), body));
      const sent = change(body);

      const isTakenBySdk = sdkTakes(sent, given);
      const lines = [given].flat().filter((line) => line !== undefined).map((line) => `${HEADER}: ${line}`);
      const status = await post(service.port, '/v1/stripe/webhook', lines, sent);

      const isTaken = status === 200;
      if (isTaken) taken.push(id);
      else assert.equal(status, refusal);
      const expected = stricter ? { isTaken: false, isTakenBySdk: true } : { isTaken: isTakenBySdk, isTakenBySdk };
      assert.deepEqual({ isTaken, isTakenBySdk }, expected);
    });
  });

  it('decides alone what is stored', () => {
    const events = 'SELECT event_id FROM stripe_events UNION ALL SELECT event_id FROM unplaced_events';
    const stored = cluster.psql('billing', events).split('\n');
    assert.deepEqual(stored.toSorted(), taken.toSorted());
    assert.ok(taken.length >= 10 && CASES.length - taken.length >= 30, `${taken.length} of ${CASES.length}`);
  });
});

/** Node joins repeated headers so. */
function sdkTakes(body, header) {
  try {
    Stripe.webhooks.constructEvent(body, [header].flat().join(', '), SECRET);
    return true;
  } catch {
    return false;
  }
}

function event(id) {
  return JSON.stringify({
    id, object: 'event', type: 'customer.subscription.updated', created: Math.floor(Date.now() / 1000), livemode: false,
    data: { object: { id: 'sub_1', object: 'subscription', customer: 'cus_1', status: 'active' } },
  });
}
