// A person pays, is declined, authenticates, cancels, reads an invoice and connects an account, in a real browser.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { WithKeyboard, WithMouse } from './lib/people.mjs';
import { clientId } from './lib/sandbox-consent.mjs';
import { assertAt, assertHeading, assertSays, CARDS, checkout, subscribes, typeCard } from './lib/sandbox-people.mjs';
import { customerWithCard, DAY, monthly } from './lib/sandbox-scenes.mjs';
import { sandboxStage } from './lib/sandbox-stage.mjs';

const PHONE = { viewport: { width: 360, height: 740 } };
const WAYS = [
  { way: 'with a mouse', Person: WithMouse },
  { way: 'without JavaScript', Person: WithMouse, options: { javaScriptEnabled: false } },
  { way: 'with the keyboard alone, on a phone', Person: WithKeyboard, options: PHONE },
];

sandboxStage('people on the pages of the sandbox', (stage) => {
  for (const { way, Person, options } of WAYS) {
    describe(way, () => {
      /** Somebody new before that page of a new account, who finds nothing odd on the way. */
      function scene(title, act) {
        it(title, async () => {
          const stripe = stage.account();
          const visitor = await stage.visitor(options);
          await act({ stripe, visitor, person: new Person(visitor.page), page: visitor.page });
          visitor.assertNothingOdd();
        });
      }

      scene('pays with 4242 and is subscribed', async ({ stripe, visitor, person }) => {
        const session = await opensCheckout(stripe, visitor);
        await assertHeading(visitor, 'Subscribe to Pro');
        await assertSays(visitor, '$20.00', 'per month');
        await subscribes(person, CARDS.good);
        assertAt(visitor, `${stage.shop.url}/welcome?session=${session.id}`);
        const done = await completed(stripe, session);
        assert.equal(done.subscription.status, 'active');
        assert.equal(done.customer_details.email, 'jenny@example.com');
        await visitor.opens(session.path);
        await assertHeading(visitor, 'This checkout is complete');
      });

      scene('is declined with 0002, told so, and pays with another card', async ({ stripe, visitor, person }) => {
        const session = await opensCheckout(stripe, visitor);
        await subscribes(person, CARDS.declined);
        await assertSays(visitor, 'Your card was declined.');
        assert.deepEqual((await stripe.subscriptions.list({ status: 'all' })).data, []);
        await subscribes(person, CARDS.good);
        assert.equal((await completed(stripe, session)).subscription.status, 'active');
      });

      scene('passes 3-D Secure', async ({ stripe, visitor, person }) => {
        const session = await opensCheckout(stripe, visitor);
        await subscribes(person, CARDS.authenticates);
        await assertHeading(visitor, '3-D Secure authentication');
        await assertSays(visitor, '$20.00', '3220');
        assert.equal((await stripe.checkout.sessions.retrieve(session.id)).status, 'open');
        await person.press('Complete authentication');
        assertAt(visitor, `${stage.shop.url}/welcome?session=${session.id}`);
        assert.equal((await completed(stripe, session)).subscription.status, 'active');
      });

      scene('fails 3-D Secure, and pays with another card', async ({ stripe, visitor, person }) => {
        const session = await opensCheckout(stripe, visitor);
        await subscribes(person, CARDS.authenticates);
        await person.press('Fail authentication');
        await assertHeading(visitor, 'Subscribe to Pro');
        await assertSays(visitor, 'authenticat');
        const live = (await stripe.subscriptions.list()).data;
        assert.deepEqual(live.map(({ status }) => status).filter((status) => status !== 'incomplete_expired'), []);
        await subscribes(person, CARDS.good);
        assert.equal((await completed(stripe, session)).subscription.status, 'active');
        assert.equal((await stripe.subscriptions.list({ status: 'active' })).data.length, 1);
      });

      scene('starts a trial with a promotion code', async ({ stripe, visitor, person }) => {
        const coupon = (await stripe.coupons.create({ percent_off: 25, duration: 'forever' })).id;
        await stripe.promotionCodes.create({ promotion: { type: 'coupon', coupon }, code: 'LAUNCH25' });
        const session = await opensCheckout(stripe, visitor, {
          allow_promotion_codes: true, subscription_data: { trial_period_days: 14 },
        });
        await assertSays(visitor, '14 days free', 'Then $20.00 per month');
        await person.type('Promotion code', 'NOSUCH');
        await person.press('Apply');
        await assertSays(visitor, 'This code is invalid.');
        await person.type('Promotion code', 'LAUNCH25');
        await person.press('Apply');
        await assertSays(visitor, 'LAUNCH25', 'Then $15.00 per month');
        await subscribes(person, CARDS.good, 'Start trial');
        const { subscription } = await completed(stripe, session);
        assert.equal(subscription.status, 'trialing');
        assert.equal(subscription.discounts.length, 1);
      });

      scene('cancels in the portal, and resumes', async ({ stripe, visitor, person }) => {
        const { subscription } = await subscriberAtPortal(stripe, visitor);
        await assertSays(visitor, 'Pro', '$20.00 per month', 'Active');
        await person.follow('Cancel Pro');
        await person.press('Cancel the subscription');
        // https://docs.stripe.com/billing/subscriptions/billing-mode/compare, "Cancellations in the Customer Portal"
        const ending = await stripe.subscriptions.retrieve(subscription.id);
        assert.deepEqual(
          [ending.cancel_at, ending.cancel_at_period_end], [ending.items.data[0].current_period_end, false],
        );
        await assertSays(visitor, 'Cancels');
        await person.press('Resume Pro');
        const resumed = await stripe.subscriptions.retrieve(subscription.id);
        assert.deepEqual([resumed.cancel_at, resumed.status], [null, 'active']);
      });

      scene('changes the plan in the portal, knowing what it costs', async ({ stripe, visitor, person }) => {
        const max = await monthly(stripe, 8000, { product_data: { name: 'Max' } });
        const { subscription } = await subscriberAtPortal(stripe, visitor, [max]);
        await person.follow('Change plan of Pro');
        await person.pick(/^Max\b/);
        await person.press('Continue');
        await assertHeading(visitor, 'Confirm the change');
        await assertSays(visitor, 'Max, $80.00 per month');
        await person.press('Confirm');
        const changed = await stripe.subscriptions.retrieve(subscription.id, { expand: ['latest_invoice'] });
        assert.equal(changed.items.data[0].price.id, max.id);
        await assertSays(visitor, 'Max', '$80.00 per month');
      });

      scene('cancels in the portal, and says why', async ({ stripe, visitor, person }) => {
        const { subscription } = await subscriberAtPortal(stripe, visitor, [], {
          subscription_cancel: {
            enabled: true, cancellation_reason: { enabled: true, options: ['too_expensive', 'unused', 'other'] },
          },
        });
        await person.follow('Cancel Pro');
        await person.pick('It’s too expensive');
        await person.type('What could be better? (optional)', 'The price.');
        await person.press('Cancel the subscription');
        await assertSays(visitor, 'Your subscription was canceled.');
        const { cancellation_details } = await stripe.subscriptions.retrieve(subscription.id);
        const { feedback, comment, reason } = cancellation_details;
        assert.deepEqual([feedback, comment, reason], ['too_expensive', 'The price.', 'cancellation_requested']);
      });

      scene('changes to a cheaper plan when the period ends, or not', async ({ stripe, visitor, person }) => {
        const mini = await monthly(stripe, 500, { product_data: { name: 'Mini' } });
        const { subscription } = await subscriberAtPortal(stripe, visitor, [mini], {
          subscription_update: { schedule_at_period_end: { conditions: [{ type: 'decreasing_item_amount' }] } },
        });
        await person.follow('Change plan of Pro');
        await person.pick(/^Mini\b/);
        await person.press('Continue');
        await assertSays(visitor, 'Mini, $5.00 per month', 'You keep Pro until then.');
        await person.press('Confirm');
        await assertSays(visitor, 'Your plan will change when the period ends.', 'Changes to Mini, $5.00 per month');
        const changing = await stripe.subscriptions.retrieve(subscription.id, { expand: ['schedule'] });
        assert.equal(changing.items.data[0].price.id, subscription.items.data[0].price.id);
        assert.equal(changing.schedule.phases[1].items[0].price, mini.id);
        await person.press('Keep the plan Pro');
        await assertSays(visitor, 'Your plan stays as it is.', 'Renews on');
        assert.equal((await stripe.subscriptions.retrieve(subscription.id)).schedule, null);
      });

      scene('edits the billing information in the portal', async ({ stripe, visitor, person }) => {
        const { customer } = await subscriberAtPortal(stripe, visitor, [], {
          customer_update: { enabled: true, allowed_updates: ['name', 'email', 'phone', 'address'] },
        });
        await person.follow('Update information');
        await person.type('Name', 'Jenny Rosen');
        await person.type('Email', 'jenny');
        await person.press('Save');
        await assertSays(visitor, 'There is a problem', 'Your email address is invalid.');
        await person.type('Email', 'rosen@example.com');
        await person.type('Street and number', '1 Main Street');
        await person.type('City', 'Berlin');
        await person.type('Country', 'de');
        await person.press('Save');
        await assertSays(visitor, 'Your billing information was saved.', 'rosen@example.com', '1 Main Street, Berlin, DE');
        const { name, email, address } = await stripe.customers.retrieve(customer.id);
        assert.deepEqual([name, email, address.country], ['Jenny Rosen', 'rosen@example.com', 'DE']);
      });

      scene('replaces the card in the portal, with authentication', async ({ stripe, visitor, person }) => {
        const { customer } = await subscriberAtPortal(stripe, visitor);
        await person.follow('Replace card');
        await typeCard(person, CARDS.declined);
        await person.press('Save card');
        await assertSays(visitor, 'declined');
        await typeCard(person, CARDS.authenticates);
        await person.press('Save card');
        await person.press('Complete authentication');
        await assertSays(visitor, '3220');
        const { invoice_settings } = await stripe.customers.retrieve(customer.id, {
          expand: ['invoice_settings.default_payment_method'],
        });
        assert.equal(invoice_settings.default_payment_method.card.last4, '3220');
      });

      scene('opens an invoice and its PDF', async ({ stripe, visitor, person, page }) => {
        const { invoice } = await subscriberAtPortal(stripe, visitor);
        await person.follow(invoice.number);
        await assertSays(visitor, invoice.number, '$20.00', 'Paid');
        const pdf = await page.request.get(await person.link('Download PDF').getAttribute('href'));
        assert.equal(pdf.headers()['content-type'], 'application/pdf');
        assert.match((await pdf.body()).toString('latin1'), /^%PDF-1\.\d[\s\S]*%%EOF\s*$/);
      });

      scene('pays an open invoice', async ({ stripe, visitor, person }) => {
        const customer = await stripe.customers.create({ email: 'jenny@example.com' });
        const draft = await stripe.invoices.create({
          customer: customer.id, collection_method: 'send_invoice', days_until_due: 30,
        });
        await stripe.invoiceItems.create({
          customer: customer.id, invoice: draft.id, amount: 4200, currency: 'usd', description: 'Setup',
        });
        const open = await stripe.invoices.finalizeInvoice(draft.id);
        await visitor.opens(new URL(open.hosted_invoice_url).pathname);
        await assertSays(visitor, open.number, 'Setup', '$42.00');
        await typeCard(person, CARDS.declined);
        await person.press('Pay $42.00');
        await assertSays(visitor, 'Your card was declined.');
        await typeCard(person, CARDS.good);
        await person.press('Pay $42.00');
        await assertSays(visitor, 'Paid');
        assert.equal((await stripe.invoices.retrieve(open.id)).status, 'paid');
      });

      scene('pays what was given up, and keeps a credit note', async ({ stripe, visitor, person, page }) => {
        const customer = await stripe.customers.create({ email: 'jenny@example.com' });
        const draft = await stripe.invoices.create({ customer: customer.id, auto_advance: false });
        await stripe.invoiceItems.create({ customer: customer.id, invoice: draft.id, amount: 4200, currency: 'usd' });
        await stripe.invoices.finalizeInvoice(draft.id);
        const lost = await stripe.invoices.markUncollectible(draft.id);
        await visitor.opens(new URL(lost.hosted_invoice_url).pathname);
        await assertSays(visitor, 'Uncollectible', '$42.00 due', 'can still be paid');
        await typeCard(person, CARDS.good);
        await person.press('Pay $42.00');
        await assertSays(visitor, '$42.00 paid');
        assert.equal((await stripe.invoices.retrieve(lost.id)).status, 'paid');
        const note = await stripe.creditNotes.create({ invoice: lost.id, amount: 200, credit_amount: 200 });
        const pdf = await page.request.get(note.pdf);
        assert.equal(pdf.headers()['content-type'], 'application/pdf');
        assert.match((await pdf.body()).toString('latin1'), /^%PDF-1\.\d[\s\S]*Amount credited: \$2\.00[\s\S]*%%EOF\s*$/);
      });

      scene('connects an account, or does not', async ({ stripe, visitor, person }) => {
        const back = `${stage.shop.url}/back`;
        const asked = new URLSearchParams({
          response_type: 'code', client_id: await clientId(stripe), scope: 'read_write', state: 'xyz',
          redirect_uri: back,
        });
        await visitor.opens(`/oauth/authorize?${asked}`);
        await person.press('Cancel');
        assert.match(visitor.page.url(), /\/back\?error=access_denied.*state=xyz/);
        await visitor.opens(`/oauth/authorize?${asked}`);
        await person.press('Connect this test account');
        const answer = new URL(visitor.page.url()).searchParams;
        assert.equal(answer.get('state'), 'xyz');
        const token = await stripe.oauth.token({ grant_type: 'authorization_code', code: answer.get('code') });
        assert.match(token.stripe_user_id, /^acct_/);
      });
    });
  }

  it('a session that was let expire takes no money', () => stage.apart(async () => {
    const stripe = stage.account();
    const visitor = await stage.visitor();
    const person = new WithMouse(visitor.page);
    const session = await opensCheckout(stripe, visitor);
    const other = await stage.visitor();
    await other.opens('/');
    await new WithMouse(other.page).press('1 day');
    await person.type('Email', 'jenny@example.com');
    await typeCard(person, CARDS.good);
    await person.press('Subscribe');
    await assertHeading(visitor, 'This checkout has expired');
    const expired = await stripe.checkout.sessions.retrieve(session.id);
    assert.deepEqual([expired.status, expired.subscription], ['expired', null]);
    assert.deepEqual((await stripe.subscriptions.list({ status: 'all' })).data, []);
    visitor.assertNothingOdd();
  }));

  it('a double click pays once', async () => {
    const stripe = stage.account();
    const visitor = await stage.visitor();
    const person = new WithMouse(visitor.page);
    await opensCheckout(stripe, visitor);
    await person.type('Email', 'jenny@example.com');
    await typeCard(person, CARDS.good);
    // The second click takes the place of the first one's way to the shop, which is aborted: what counts is to arrive.
    const isAtShop = (frame) => frame.url().startsWith(`${stage.shop.url}/`);
    const arrives = visitor.page.waitForEvent('framenavigated', isAtShop);
    await Promise.all([arrives, person.button('Subscribe').dblclick()]);
    assert.equal((await stripe.subscriptions.list({ status: 'all' })).data.length, 1);
    assert.equal((await stripe.charges.list()).data.length, 1);
    visitor.assertNothingOdd();
  });

  it('a developer sees what happened, sends an event again, moves the clock and starts over', () =>
    stage.apart(async () => {
      const stripe = stage.account();
      const visitor = await stage.visitor();
      const person = new WithMouse(visitor.page);
      const customer = await customerWithCard(stripe);
      const price = await monthly(stripe, 2000);
      await stripe.webhookEndpoints.create({ url: `${stage.shop.url}/hook`, enabled_events: ['*'] });
      const subscription = await stripe.subscriptions.create({ customer: customer.id, items: [{ price: price.id }] });
      await visitor.opens('/');
      await assertSays(visitor, stage.sandbox.url, 'subscription', 'customer.subscription.created');
      await person.link('customer.subscription.created').first().click();
      await assertHeading(visitor, 'customer.subscription.created');
      const sent = await deliveries();
      await person.button(/^Resend/).first().click();
      await visitor.page.waitForLoadState();
      assert.equal((await deliveries()).length, sent.length + 1);
      await person.link(subscription.id).first().click();
      await assertHeading(visitor, subscription.id);
      await person.follow('Home', 'Sandbox');
      await person.press('1 month');
      await assertSays(visitor, 'The clock was moved forward.');
      await visitor.page.reload();
      const said = await visitor.page.locator('main').innerText();
      assert.ok(!said.includes('The clock was moved forward.'), 'it is told once');
      const renewed = await stripe.subscriptions.retrieve(subscription.id);
      assert.ok(renewed.items.data[0].current_period_start > subscription.items.data[0].current_period_start);
      await person.type('Seconds', 'soon');
      await person.press('Move forward');
      await assertSays(visitor, 'There is a problem');
      await person.type('Seconds', String(DAY));
      await person.press('Move forward');
      await person.follow('Reset…');
      await person.press('Delete everything');
      await assertSays(visitor, 'There is nothing yet.');
      visitor.assertNothingOdd();

      async function deliveries() {
        return (await stage.sandbox.control('GET', '/deliveries')).deliveries;
      }
    }));

  async function opensCheckout(stripe, visitor, more) {
    const session = await checkout(stage, stripe, more);
    const path = new URL(session.url).pathname;
    assert.equal(await visitor.opens(path), 200);
    return { ...session, path };
  }

  async function completed(stripe, { id }) {
    const session = await stripe.checkout.sessions.retrieve(id, { expand: ['subscription'] });
    assert.equal(session.status, 'complete');
    return session;
  }

  /** Somebody who is subscribed to Pro and may change to these prices, before the portal. */
  async function subscriberAtPortal(stripe, visitor, prices = [], more = {}) {
    const pro = await monthly(stripe, 2000, { product_data: { name: 'Pro' } });
    const customer = await customerWithCard(stripe);
    const subscription = await stripe.subscriptions.create({
      customer: customer.id, items: [{ price: pro.id }], expand: ['latest_invoice'],
    });
    const products = [pro, ...prices].map(({ id, product }) => ({ product, prices: [id] }));
    const { id: configuration } = await stripe.billingPortal.configurations.create({
      features: {
        invoice_history: { enabled: true },
        payment_method_update: { enabled: true },
        subscription_cancel: { enabled: true, mode: 'at_period_end' },
        ...more,
        subscription_update: {
          enabled: prices.length > 0, default_allowed_updates: ['price'], products,
          proration_behavior: 'always_invoice', ...more.subscription_update,
        },
      },
    });
    const { url } = await stripe.billingPortal.sessions.create({
      customer: customer.id, configuration, return_url: `${stage.shop.url}/account`,
    });
    assert.equal(await visitor.opens(new URL(url).pathname), 200);
    return { customer, subscription, invoice: subscription.latest_invoice };
  }
});
