// Which of Stripe's TypeScript classes an answer claims to be.

/** By the field `object`. An object that is not here fails the check: add it, or find out why it was answered. */
const CLASSES = {
  account: 'Account',
  account_link: 'AccountLink',
  application: 'Application',
  balance_transaction: 'BalanceTransaction',
  bank_account: 'BankAccount',
  'billing_portal.configuration': 'BillingPortal.Configuration',
  'billing_portal.session': 'BillingPortal.Session',
  capability: 'Capability',
  card: 'Card',
  charge: 'Charge',
  'checkout.session': 'Checkout.Session',
  coupon: 'Coupon',
  credit_note: 'CreditNote',
  credit_note_line_item: 'CreditNoteLineItem',
  customer: 'Customer',
  customer_balance_transaction: 'CustomerBalanceTransaction',
  discount: 'Discount',
  dispute: 'Dispute',
  invoice: 'Invoice',
  invoice_payment: 'InvoicePayment',
  invoiceitem: 'InvoiceItem',
  item: 'LineItem',
  line_item: 'InvoiceLineItem',
  login_link: 'LoginLink',
  mandate: 'Mandate',
  payment_intent: 'PaymentIntent',
  payment_method: 'PaymentMethod',
  person: 'Person',
  plan: 'Plan',
  price: 'Price',
  product: 'Product',
  promotion_code: 'PromotionCode',
  refund: 'Refund',
  setup_attempt: 'SetupAttempt',
  setup_intent: 'SetupIntent',
  source: 'Source',
  subscription: 'Subscription',
  subscription_item: 'SubscriptionItem',
  subscription_schedule: 'SubscriptionSchedule',
  tax_id: 'TaxId',
  tax_rate: 'TaxRate',
  'test_helpers.test_clock': 'TestHelpers.TestClock',
  webhook_endpoint: 'WebhookEndpoint',
};

/** The class of an object that says what it is, or undefined. */
export function classOf(value) {
  // Stripe's types give this one invoice an id, which it does not have.
  if (value.type === 'invoice.upcoming') return 'UpcomingEvent';
  if (value.billing_reason === 'upcoming' && value.id === undefined) return 'Upcoming';
  if (value.object === 'event') return `Extract<Stripe.Event, { type: ${JSON.stringify(value.type)} }>`;
  if (value.object === 'list') return listOf('ApiList', value);
  if (value.object === 'search_result') return listOf('ApiSearchResult', value);
  const name = CLASSES[value.object];
  if (!name) return undefined;
  const words = name.split('.');
  if (value.deleted) words.push(`Deleted${words.pop()}`);
  return `Stripe.${words.join('.')}`;
}

/** The class of an answer that does not say what it is: errors, and the two calls of OAuth. */
export function classOfBare(body, request) {
  if (typeof body.error === 'string') return '{ error: Stripe.RawErrorType; error_description: string }';
  if (body.error) return '{ error: Stripe.StripeRawError }';
  if (/\/oauth\/token\b/.test(request)) return 'Stripe.OAuthToken';
  if (/\/oauth\/deauthorize\b/.test(request)) return 'Stripe.OAuthDeauthorization';
  return undefined;
}

function listOf(kind, value) {
  const classes = new Set(value.data.map((item) => classOf(item) ?? 'never'));
  return `Stripe.${kind}<${[...classes].join(' | ') || 'never'}>`;
}
