// Products, prices, legacy plans, coupons and promotion codes, through the official SDK.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { has, ids, invalid, missing } from './lib/sandbox-assert.mjs';
import { customerWithCard, monthly } from './lib/sandbox-scenes.mjs';
import { sandboxSuite } from './lib/sandbox-suite.mjs';

const OBJECTS = ['product', 'price', 'plan', 'coupon', 'promotion_code', 'list', 'event'];

sandboxSuite('catalog', OBJECTS, (world) => {
  test('a product is created, read, changed, archived and deleted', async () => {
    const { stripe, webhooks } = await world.account();
    const made = await stripe.products.create({
      id: 'pro',
      name: 'Pro',
      description: 'For teams',
      metadata: { tier: '2', seats: '5' },
    });
    has(made, { id: 'pro', object: 'product', active: true, livemode: false, default_price: null, type: 'service' });
    assert.deepEqual(made.metadata, { tier: '2', seats: '5' });
    has(await stripe.products.retrieve('pro'), { name: 'Pro', description: 'For teams' });
    const changed = await stripe.products.update('pro', { active: false, metadata: { seats: '', color: 'red' } });
    has(changed, { name: 'Pro', active: false, metadata: { tier: '2', color: 'red' } });
    assert.deepEqual((await stripe.products.update('pro', { metadata: '' })).metadata, {});
    const { data } = await webhooks.arrived('product.updated');
    assert.deepEqual(data.previous_attributes.metadata, { seats: '5', color: null });
    assert.equal(data.previous_attributes.active, true);
    assert.deepEqual({ ...(await stripe.products.del('pro')) }, { id: 'pro', object: 'product', deleted: true });
    has((await webhooks.arrived('product.deleted')).data.object, { id: 'pro', name: 'Pro' });
    await missing(stripe.products.retrieve('pro'), 'id');
  });

  test('a product with a price is not deleted, and an id is not taken twice', async () => {
    const { stripe } = await world.account();
    const product = await stripe.products.create({ id: 'once', name: 'Once' });
    await invalid(stripe.products.create({ id: 'once', name: 'Twice' }), { code: 'resource_already_exists' });
    await stripe.prices.create({ product: product.id, currency: 'usd', unit_amount: 100 });
    await invalid(stripe.products.del(product.id));
  });

  test('products are listed by id and by whether they are active', async () => {
    const { stripe } = await world.account();
    for (const id of ['a', 'b', 'c']) await stripe.products.create({ id, name: id, active: id !== 'b' });
    assert.deepEqual(ids(await stripe.products.list()), ['c', 'b', 'a']);
    assert.deepEqual(ids(await stripe.products.list({ active: false })), ['b']);
    assert.deepEqual(ids(await stripe.products.list({ ids: ['a', 'c'] })), ['c', 'a']);
  });

  test('a product is created with its default price, which expands', async () => {
    const { stripe } = await world.account();
    const { id } = await stripe.products.create({
      name: 'Pro',
      default_price_data: { currency: 'usd', unit_amount: 900, recurring: { interval: 'year' } },
    });
    assert.match((await stripe.products.retrieve(id)).default_price, /^price_/);
    const { default_price: price } = await stripe.products.retrieve(id, { expand: ['default_price'] });
    has(price, { object: 'price', product: id, unit_amount: 900, type: 'recurring' });
    assert.equal(price.recurring.interval, 'year');
  });

  test('a price keeps its amount; its name, key and state change', async () => {
    const { stripe } = await world.account();
    const price = await monthly(stripe, 1500, { nickname: 'Monthly', lookup_key: 'pro', metadata: { a: '1' } });
    has(price, { object: 'price', active: true, billing_scheme: 'per_unit', currency: 'usd', type: 'recurring' });
    has(price, { unit_amount: 1500, tiers_mode: null, custom_unit_amount: null, transform_quantity: null });
    assert.equal(price.unit_amount_decimal.toString(), '1500');
    has(price.recurring, { interval: 'month', interval_count: 1, usage_type: 'licensed', meter: null });
    const changed = await stripe.prices.update(price.id, { active: false, nickname: '', metadata: { b: '2' } });
    has(changed, { active: false, nickname: null, metadata: { a: '1', b: '2' }, unit_amount: 1500 });
    await invalid(stripe.prices.update(price.id, { unit_amount: 1 }), {
      code: 'parameter_unknown', param: 'unit_amount',
    });
  });

  test('a lookup key belongs to one price until it is handed over', async () => {
    const { stripe } = await world.account();
    const first = await monthly(stripe, 100, { lookup_key: 'pro' });
    await invalid(monthly(stripe, 200, { lookup_key: 'pro' }), { param: 'lookup_key' });
    const second = await monthly(stripe, 200, { lookup_key: 'pro', transfer_lookup_key: true });
    assert.equal((await stripe.prices.retrieve(first.id)).lookup_key, null);
    const found = await stripe.prices.list({ lookup_keys: ['pro'], expand: ['data.product'] });
    assert.deepEqual(ids(found), [second.id]);
    assert.equal(found.data[0].product.name, 'Plan for 200');
  });

  test('prices are listed by product, currency, kind and state', async () => {
    const { stripe } = await world.account();
    const product = (await stripe.products.create({ name: 'Many' })).id;
    const yen = await stripe.prices.create({ product, currency: 'jpy', unit_amount: 500 });
    const year = await stripe.prices.create({
      product, currency: 'usd', unit_amount: 100, recurring: { interval: 'year' },
    });
    const off = await stripe.prices.create({ product, currency: 'usd', unit_amount_decimal: '50', active: false });
    const other = await monthly(stripe);
    assert.equal(off.unit_amount, 50);
    has(yen, { type: 'one_time', recurring: null });
    assert.deepEqual(ids(await stripe.prices.list({ product })), [off.id, year.id, yen.id]);
    assert.deepEqual(ids(await stripe.prices.list({ currency: 'jpy' })), [yen.id]);
    assert.deepEqual(ids(await stripe.prices.list({ type: 'recurring' })), [other.id, year.id]);
    assert.deepEqual(ids(await stripe.prices.list({ recurring: { interval: 'year' } })), [year.id]);
    assert.deepEqual(ids(await stripe.prices.list({ active: false })), [off.id]);
  });

  test('a product names its features, and a price may be less than a cent', async () => {
    const { stripe } = await world.account();
    const product = await stripe.products.create({ name: 'Calls', marketing_features: [{ name: 'Everything' }] });
    assert.deepEqual(product.marketing_features.map(({ name }) => name), ['Everything']);
    const price = await stripe.prices.create({ product: product.id, currency: 'usd', unit_amount_decimal: '0.5' });
    assert.equal(price.unit_amount, null);
    assert.equal(price.unit_amount_decimal.toString(), '0.5');
    assert.deepEqual((await stripe.products.update(product.id, { marketing_features: '' })).marketing_features, []);
    await invalid(stripe.products.update(product.id, { marketing_features: [{ name: '' }] }), {
      param: 'marketing_features[0][name]',
    });
  });

  test('fractions of a cent are added up exactly, and rounded once, away from zero', async () => {
    const { stripe } = await world.account();
    const customer = (await customerWithCard(stripe)).id;
    const { id: price } = await stripe.prices.create({
      currency: 'usd', unit_amount_decimal: '0.25', recurring: { interval: 'month' }, product_data: { name: 'Calls' },
    });
    const billed = async (quantity) => {
      const { lines, total } = await stripe.invoices.createPreview({
        customer, subscription_details: { items: [{ price, quantity }] },
      });
      assert.equal(lines.data[0].pricing.unit_amount_decimal.toString(), '0.25');
      return total;
    };
    assert.deepEqual([await billed(1), await billed(2), await billed(1001), await billed(999_999)], [0, 1, 250, 250_000]);
    const { id: once } = await stripe.prices.create({
      currency: 'usd', unit_amount_decimal: '0.25', product_data: { name: 'Calls at once' },
    });
    const item = await stripe.invoiceItems.create({ customer, pricing: { price: once }, quantity: 6 });
    has(item, { amount: 2, quantity: 6 });
  });

  test('an amount is as fine as its currency, and told in one way', async () => {
    const { stripe } = await world.account();
    const product = (await stripe.products.create({ name: 'Abroad' })).id;
    const create = (currency, amount) => stripe.prices.create({ product, currency, ...amount });
    for (const currency of ['ugx', 'isk']) {
      has(await create(currency, { unit_amount: 500 }), { currency, unit_amount: 500 });
      await invalid(create(currency, { unit_amount: 550 }), {
        code: 'invalid_charge_amount_no_decimal_compatible', param: 'unit_amount',
      });
    }
    for (const currency of ['huf', 'twd']) has(await create(currency, { unit_amount: 550 }), { unit_amount: 550 });
    await invalid(create('kwd', { unit_amount: 1001 }), { param: 'unit_amount' });
    await invalid(create('usd', { unit_amount: 1, unit_amount_decimal: '1' }), { param: 'unit_amount_decimal' });
    await invalid(create('usd', {}), { code: 'parameter_missing', param: 'unit_amount' });
    for (const unit_amount_decimal of ['half', '-0.5', '0.1234567890123']) {
      await invalid(stripe.rawRequest('POST', '/v1/prices', { product, currency: 'usd', unit_amount_decimal }), {
        param: 'unit_amount_decimal',
      });
    }
  });

  test('a price that makes no sense is refused by name', async () => {
    const { stripe } = await world.account();
    const { id: product } = await stripe.products.create({ name: 'Refused' });
    await missing(stripe.prices.create({ product: 'prod_none', currency: 'usd', unit_amount: 1 }), 'product');
    await invalid(stripe.prices.create({ product, unit_amount: 1 }), { code: 'parameter_missing', param: 'currency' });
    await invalid(stripe.prices.create({ product, currency: 'xxz', unit_amount: 1 }), { param: 'currency' });
    await invalid(stripe.prices.create({ product, currency: 'usd', unit_amount: -1 }), { param: 'unit_amount' });
    const recurring = { interval: 'fortnight' };
    await invalid(stripe.prices.create({ product, currency: 'usd', unit_amount: 1, recurring }), {
      param: 'recurring[interval]',
    });
  });

  test('a legacy plan lives, is a price too, and dies', async () => {
    const { stripe, webhooks } = await world.account();
    const plan = await stripe.plans.create({
      id: 'gold', currency: 'usd', interval: 'month', amount: 2000, product: { name: 'Gold' },
    });
    has(plan, { id: 'gold', object: 'plan', amount: 2000, interval_count: 1, usage_type: 'licensed', active: true });
    assert.match(plan.product, /^prod_/);
    has(await stripe.prices.retrieve('gold'), { object: 'price', unit_amount: 2000 });
    has(await stripe.plans.update('gold', { nickname: 'G', metadata: { a: 'b' } }), {
      nickname: 'G', metadata: { a: 'b' },
    });
    assert.deepEqual(ids(await stripe.plans.list({ product: plan.product })), ['gold']);
    has(await stripe.plans.retrieve('gold', { expand: ['product'] }), { nickname: 'G' });
    assert.deepEqual({ ...(await stripe.plans.del('gold')) }, { id: 'gold', object: 'plan', deleted: true });
    await webhooks.arrived('plan.deleted');
    await missing(stripe.plans.retrieve('gold'));
    await missing(stripe.prices.retrieve('gold'));
    assert.deepEqual(ids(await stripe.prices.list()), []);
    has(await stripe.products.del(plan.product), { deleted: true });
  });

  test('a coupon takes a share or an amount, never both or neither', async () => {
    const { stripe } = await world.account();
    const share = await stripe.coupons.create({ id: 'TWENTY', percent_off: 20 });
    has(share, { id: 'TWENTY', duration: 'once', percent_off: 20, amount_off: null, times_redeemed: 0, valid: true });
    const amount = await stripe.coupons.create({
      amount_off: 500, currency: 'usd', duration: 'repeating', duration_in_months: 3, max_redemptions: 2,
    });
    has(amount, { amount_off: 500, percent_off: null, duration_in_months: 3, max_redemptions: 2, currency: 'usd' });
    await invalid(stripe.coupons.create({ duration: 'forever' }));
    await invalid(stripe.coupons.create({ percent_off: 10, amount_off: 10, currency: 'usd' }));
    await invalid(stripe.coupons.create({ amount_off: 10 }), { param: 'currency' });
    await invalid(stripe.coupons.create({ percent_off: 101 }), { param: 'percent_off' });
    await invalid(stripe.coupons.create({ percent_off: 10, duration: 'repeating' }), { param: 'duration_in_months' });
    await invalid(stripe.coupons.create({ id: 'TWENTY', percent_off: 5 }), { code: 'resource_already_exists' });
  });

  test('a coupon is renamed, listed and deleted', async () => {
    const { stripe, webhooks } = await world.account();
    const { id } = await stripe.coupons.create({ percent_off: 50, metadata: { from: 'ads' } });
    has(await stripe.coupons.update(id, { name: 'Half', metadata: { to: 'x' } }), {
      name: 'Half', metadata: { from: 'ads', to: 'x' },
    });
    has((await webhooks.arrived('coupon.updated')).data.previous_attributes, { name: null });
    assert.deepEqual(ids(await stripe.coupons.list()), [id]);
    assert.deepEqual({ ...(await stripe.coupons.del(id)) }, { id, object: 'coupon', deleted: true });
    await missing(stripe.coupons.retrieve(id));
    assert.deepEqual(ids(await stripe.coupons.list()), []);
  });

  test('a promotion code stands for a coupon, for whom and how often it says', async () => {
    const { stripe } = await world.account();
    const coupon = (await stripe.coupons.create({ percent_off: 20 })).id;
    const customer = (await customerWithCard(stripe)).id;
    const promotion = { type: 'coupon', coupon };
    const open = await stripe.promotionCodes.create({ promotion });
    assert.match(open.code, /^[A-Z0-9]{8}$/);
    has(open, { active: true, customer: null, max_redemptions: null, times_redeemed: 0 });
    assert.deepEqual({ ...open.promotion }, { coupon, type: 'coupon' });
    const bound = await stripe.promotionCodes.create({
      promotion, code: 'SUMMER', customer, max_redemptions: 1, restrictions: { first_time_transaction: true },
    });
    has(bound.restrictions, { first_time_transaction: true, minimum_amount: null, minimum_amount_currency: null });
    assert.deepEqual(ids(await stripe.promotionCodes.list({ code: 'SUMMER' })), [bound.id]);
    assert.deepEqual(ids(await stripe.promotionCodes.list({ customer })), [bound.id]);
    assert.deepEqual(ids(await stripe.promotionCodes.list({ coupon })), [bound.id, open.id]);
    await invalid(stripe.promotionCodes.create({ promotion, code: open.code.toLowerCase() }));
    await invalid(stripe.promotionCodes.create({ promotion, code: 'Summer', customer }));
    has(await stripe.promotionCodes.update(bound.id, { active: false, metadata: { a: '1' } }), { active: false });
    assert.deepEqual(ids(await stripe.promotionCodes.list({ active: true })), [open.id]);
    const read = await stripe.promotionCodes.retrieve(open.id, { expand: ['promotion.coupon'] });
    has(read.promotion.coupon, { object: 'coupon', id: coupon, percent_off: 20 });
    await missing(stripe.promotionCodes.create({ promotion: { type: 'coupon', coupon: 'none' } }));
  });
});
