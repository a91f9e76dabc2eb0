// Paging, filters by time, expansion and metadata: what is the same for every object.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ids, invalid, missing } from './lib/sandbox-assert.mjs';
import { monthly, subscriber } from './lib/sandbox-scenes.mjs';
import { sandboxSuite } from './lib/sandbox-suite.mjs';

const OBJECTS = ['customer', 'price', 'product', 'subscription', 'invoice', 'list'];

sandboxSuite('lists and expansion', OBJECTS, (world) => {
  test('pages go from the newest to the oldest, each once', async () => {
    const { stripe, made } = await customers(25);
    const seen = [];
    for await (const customer of stripe.customers.list({ limit: 10 })) seen.push(customer.id);
    assert.deepEqual(seen, made.toReversed());
    const each = [];
    await stripe.customers.list({ limit: 7 }).autoPagingEach((customer) => {
      each.push(customer.id);
      return each.length < 9;
    });
    assert.deepEqual(each, made.toReversed().slice(0, 9));
    assert.deepEqual((await stripe.customers.list({ limit: 3 }).autoPagingToArray({ limit: 25 })).length, 25);
  });

  test('a page starts after or ends before the object it is told', async () => {
    const { stripe, made } = await customers(6);
    const newest = made.toReversed();
    const first = await stripe.customers.list({ limit: 2 });
    assert.deepEqual([ids(first), first.has_more, first.url], [newest.slice(0, 2), true, '/v1/customers']);
    const second = await stripe.customers.list({ limit: 2, starting_after: newest[1] });
    assert.deepEqual([ids(second), second.has_more], [newest.slice(2, 4), true]);
    const last = await stripe.customers.list({ limit: 2, starting_after: newest[3] });
    assert.deepEqual([ids(last), last.has_more], [newest.slice(4), false]);
    const back = await stripe.customers.list({ limit: 2, ending_before: newest[4] });
    assert.deepEqual([ids(back), back.has_more], [newest.slice(2, 4), true]);
    const top = await stripe.customers.list({ limit: 2, ending_before: newest[2] });
    assert.deepEqual([ids(top), top.has_more], [newest.slice(0, 2), false]);
    const backwards = [];
    await stripe.customers.list({ limit: 2, ending_before: newest[5] }).autoPagingEach(({ id }) => {
      backwards.push(id);
    });
    assert.deepEqual(backwards, made.slice(1));
  });

  test('a page has ten objects, or from 1 to 100 when it is asked', async () => {
    const { stripe, made } = await customers(12);
    assert.equal((await stripe.customers.list()).data.length, 10);
    assert.equal((await stripe.customers.list({ limit: 100 })).data.length, 12);
    assert.deepEqual(ids(await stripe.customers.list({ limit: 1 })), [made.at(-1)]);
    for (const limit of [0, 101, -1, 'ten']) await invalid(stripe.customers.list({ limit }), { param: 'limit' });
  });

  test('a cursor that is nothing is refused', async () => {
    const { stripe } = await customers(1);
    await missing(stripe.customers.list({ starting_after: 'cus_none' }), 'starting_after');
    await missing(stripe.customers.list({ ending_before: 'cus_none' }), 'ending_before');
  });

  test('lists are cut by when things were made', async () => {
    const { stripe, made } = await customers(2);
    const { created } = await stripe.customers.retrieve(made[0]);
    const list = (when) => stripe.customers.list({ created: when }).then(ids);
    assert.deepEqual(await list({ gte: created }), made.toReversed());
    assert.deepEqual(await list({ lt: created }), []);
    assert.deepEqual(await list({ gt: created + 3600 }), []);
    assert.deepEqual(await list({ lte: created + 3600 }), made.toReversed());
    assert.ok((await list(created)).includes(made[0]));
    assert.deepEqual(await list(created - 1), []);
  });

  test('what is only named is expanded on request, however deep, up to four levels', async () => {
    const { stripe } = await world.account();
    const { customer, subscription } = await subscriber(stripe);
    const { id } = subscription;
    assert.equal(subscription.customer, customer.id);
    const deep = await stripe.subscriptions.retrieve(id, {
      expand: ['customer.invoice_settings.default_payment_method', 'items.data.price.product', 'latest_invoice'],
    });
    assert.equal(deep.customer.invoice_settings.default_payment_method.card.last4, '4242');
    assert.equal(deep.items.data[0].price.product.object, 'product');
    assert.equal(deep.latest_invoice.status, 'paid');
    assert.equal(deep.latest_invoice.customer, customer.id, 'only what was named is expanded');
    const listed = await stripe.subscriptions.list({ expand: ['data.customer', 'data.latest_invoice.payments'] });
    assert.equal(listed.data[0].customer.email, 'jenny@example.com');
    assert.equal(listed.data[0].latest_invoice.payments.data[0].status, 'paid');
    const made = await stripe.subscriptions.update(id, { metadata: { a: '1' }, expand: ['customer'] });
    assert.equal(made.customer.id, customer.id, 'a change expands its answer too');
    await invalid(stripe.subscriptions.retrieve(id, { expand: ['latest_invoice.charge.invoice.customer.x'] }));
    await invalid(stripe.subscriptions.retrieve(id, { expand: ['status'] }));
    await invalid(stripe.subscriptions.retrieve(id, { expand: ['nothing_like_it'] }));
    await invalid(stripe.subscriptions.list({ expand: ['customer'] }));
  });

  test('metadata is merged key by key, emptied by an empty value, and bounded', async () => {
    const { stripe } = await world.account();
    const { id } = await stripe.customers.create({ metadata: { a: '1', b: '2' } });
    const merge = async (metadata) => (await stripe.customers.update(id, { metadata })).metadata;
    assert.deepEqual(await merge({ b: '3', c: '4' }), { a: '1', b: '3', c: '4' });
    assert.deepEqual(await merge({ a: '' }), { b: '3', c: '4' });
    assert.deepEqual((await stripe.customers.update(id, { name: 'Jenny' })).metadata, { b: '3', c: '4' });
    const odd = { 'a key': 'ünï & = [x]', n: '5' };
    assert.deepEqual(await merge(odd), { b: '3', c: '4', ...odd });
    assert.deepEqual(await merge(''), {});
    await invalid(stripe.customers.update(id, { metadata: { ['k'.repeat(41)]: 'v' } }));
    await invalid(stripe.customers.update(id, { metadata: { k: 'v'.repeat(501) } }));
    const many = Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`k${index}`, 'v']));
    await invalid(stripe.customers.update(id, { metadata: many }));
    assert.deepEqual((await stripe.customers.retrieve(id)).metadata, {}, 'a refused change changes nothing');
  });

  test('what one account makes no other account sees', async () => {
    const { stripe } = await world.account();
    const other = await world.account();
    const price = await monthly(stripe);
    await missing(other.stripe.prices.retrieve(price.id));
    assert.deepEqual(ids(await other.stripe.prices.list()), []);
  });

  async function customers(number) {
    const { stripe } = await world.account();
    const made = [];
    for (let index = 0; index < number; index += 1) made.push((await stripe.customers.create()).id);
    return { stripe, made };
  }
});
