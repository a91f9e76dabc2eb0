//! Each kind of object, as it is read, listed, expanded and deleted.

use std::{collections::BTreeSet, fmt::Debug};

use miniserde::Deserialize;
use reqwest::Method;
use stripe_billing as billing;
use stripe_misc as misc;
use stripe_shared as shared;
use stripe_types::{Expandable, List};

use super::{
    decoded,
    reader::Reader,
    shop::{Shop, portal},
};
use crate::{client::Client, sandbox, shop::text};

#[tokio::test]
async fn async_stripe_decodes_each_object_that_can_be_read() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    client.webhook("http://127.0.0.1:9/hook", &["*"], false).await;
    let shop = Shop::filled(&client).await;
    let reader = Reader::new(&client);
    catalog(&reader).await;
    payments(&reader).await;
    of_a_customer(&reader, &shop).await;
    billing(&reader, &shop).await;
    checkouts(&reader).await;
    reader.one::<shared::Account>("/v1/account").await;
    for account in reader.all::<shared::Account>("/v1/accounts", "").await {
        reader
            .one::<List<shared::ExternalAccount>>(&format!("/v1/accounts/{account}/external_accounts"))
            .await;
    }
    reader.all::<shared::Event>("/v1/events", "").await;
    reader.all::<shared::TestHelpersTestClock>("/v1/test_helpers/test_clocks", "").await;
    reader.all::<misc::WebhookEndpoint>("/v1/webhook_endpoints", "").await;
    // It has no type: only Stripe's command line reads it.
    assert_eq!(reader.unread().await, ["/v1/payment_pages/{session}"]);
    sandbox.stop().await;
}

async fn catalog(reader: &Reader<'_>) {
    reader.all::<shared::Coupon>("/v1/coupons", "").await;
    reader.all::<shared::Plan>("/v1/plans", "").await;
    reader.all::<shared::Price>("/v1/prices", "").await;
    reader.all::<shared::Product>("/v1/products", "").await;
    reader.all::<shared::PromotionCode>("/v1/promotion_codes", "").await;
}

async fn payments(reader: &Reader<'_>) {
    let mut refunds = 0;
    for charge in reader.all::<shared::Charge>("/v1/charges", "").await {
        let list: List<shared::Refund> = reader.one(&format!("/v1/charges/{charge}/refunds")).await;
        refunds += list.data.len();
    }
    assert_ne!(refunds, 0);
    reader.all::<shared::Dispute>("/v1/disputes", "").await;
    reader.all::<shared::PaymentIntent>("/v1/payment_intents", "").await;
    reader.all::<shared::PaymentMethod>("/v1/payment_methods", "").await;
    reader.all::<shared::Refund>("/v1/refunds", "").await;
    reader.all::<shared::SetupIntent>("/v1/setup_intents", "").await;
}

async fn of_a_customer(reader: &Reader<'_>, shop: &Shop) {
    reader.all::<shared::Customer>("/v1/customers", "").await;
    let of_customer = |what: &str| format!("/v1/customers/{}/{what}", shop.customer);
    reader.all::<shared::CustomerBalanceTransaction>(&of_customer("balance_transactions"), "").await;
    reader.all::<shared::PaymentMethod>(&of_customer("payment_methods"), "").await;
    reader.all::<shared::PaymentSource>(&of_customer("sources"), "").await;
    reader.list::<shared::Subscription>(&of_customer("subscriptions")).await;
    reader.one::<List<shared::TaxId>>(&of_customer("tax_ids")).await;
}

async fn billing(reader: &Reader<'_>, shop: &Shop) {
    let of_subscription = format!("&subscription={}", shop.subscription);
    for invoice in reader.all::<shared::Invoice>("/v1/invoices", "").await {
        reader.list::<shared::InvoiceLineItem>(&format!("/v1/invoices/{invoice}/lines")).await;
    }
    reader.all::<shared::InvoicePayment>("/v1/invoice_payments", "").await;
    reader.all::<billing::InvoiceItem>("/v1/invoiceitems", "").await;
    reader.all::<shared::Subscription>("/v1/subscriptions", "&status=all").await;
    reader.all::<shared::SubscriptionItem>("/v1/subscription_items", &of_subscription).await;
    reader.all::<shared::SubscriptionSchedule>("/v1/subscription_schedules", "").await;
    for note in reader.all::<shared::CreditNote>("/v1/credit_notes", "").await {
        reader.list::<shared::CreditNoteLineItem>(&format!("/v1/credit_notes/{note}/lines")).await;
    }
    let credited = format!("invoice={}&amount=100", shop.open_invoice);
    reader.one::<shared::CreditNote>(&format!("/v1/credit_notes/preview?{credited}")).await;
    reader.list::<shared::CreditNoteLineItem>(&format!("/v1/credit_notes/preview/lines?{credited}")).await;
}

async fn checkouts(reader: &Reader<'_>) {
    for session in reader.all::<shared::CheckoutSession>("/v1/checkout/sessions", "").await {
        let session = reader.client.session(&session).await;
        if session["mode"] != "setup" {
            let lines = format!("/v1/checkout/sessions/{}/line_items", text(&session["id"]));
            reader.list::<shared::CheckoutSessionItem>(&lines).await;
        }
    }
    reader.all::<billing::BillingPortalConfiguration>("/v1/billing_portal/configurations", "").await;
}

#[tokio::test]
async fn async_stripe_decodes_what_lies_within_other_objects() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let Shop { customer, subscription, .. } = Shop::filled(&client).await;
    let subscription = format!("/v1/subscriptions/{subscription}");
    let expanded = "expand[]=customer&expand[]=latest_invoice.payments&expand[]=default_payment_method&expand[]=discounts&expand[]=items.data.price.product";
    let found: shared::Subscription = decoded(&client.get(&format!("{subscription}?{expanded}")).await);
    assert!(found.customer.is_object() && found.latest_invoice.is_some_and(|it| it.is_object()));
    assert!(found.discounts.iter().all(stripe_types::Expandable::is_object) && !found.discounts.is_empty());

    let held = "expand[]=default_source&expand[]=sources&expand[]=subscriptions&expand[]=tax_ids&expand[]=tax&expand[]=cash_balance";
    let found: shared::Customer = decoded(&client.get(&format!("/v1/customers/{customer}?{held}")).await);
    assert!(found.tax.is_some() && found.cash_balance.is_some());
    let prices = client.get("/v1/prices?limit=100&expand[]=data.currency_options").await;
    let prices: List<shared::Price> = decoded(&prices);
    assert!(prices.data.iter().all(|price| price.currency_options.as_ref().is_some_and(|it| it.len() == 1)));
    assert!(found.default_source.is_some_and(|it| it.is_object()));
    assert!(!found.sources.unwrap().data.is_empty() && !found.subscriptions.unwrap().data.is_empty());
    let price = client.monthly_price("Team", "usd", 900).await;
    let form = [("customer", customer.as_str()), ("subscription_details[items][0][price]", price.as_str())];
    let preview = client.post("/v1/invoices/create_preview", &form).await;
    assert!(!decoded::<shared::Invoice>(&preview).lines.data.is_empty());
    sandbox.stop().await;
}

#[tokio::test]
async fn async_stripe_decodes_what_is_told_of_payments_only_when_it_is_asked_for() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    Shop::filled(&client).await;
    let expanded = "limit=100&expand[]=data.balance_transaction&expand[]=data.refunds";
    let charges: List<shared::Charge> = decoded(&client.get(&format!("/v1/charges?{expanded}")).await);
    let has_refunds =
        |it: &shared::Charge| it.refunds.as_ref().is_some_and(|refunds| !refunds.data.is_empty());
    assert!(charges.data.iter().any(has_refunds));
    assert!(charges.data.iter().any(|it| it.balance_transaction.as_ref().is_some_and(Expandable::is_object)));
    let attempts = client.get("/v1/setup_intents?limit=100&expand[]=data.latest_attempt").await;
    let intents: List<shared::SetupIntent> = decoded(&attempts);
    assert!(intents.data.iter().any(|it| it.latest_attempt.as_ref().is_some_and(Expandable::is_object)));
    let expanded = "limit=100&expand[]=data.customer_balance_transaction&expand[]=data.refunds.refund&expand[]=data.invoice&expand[]=data.discount_amounts.discount";
    let notes: List<shared::CreditNote> = decoded(&client.get(&format!("/v1/credit_notes?{expanded}")).await);
    assert!(notes.data.iter().all(|it| it.invoice.is_object()));
    let any = |has: fn(&shared::CreditNote) -> bool| assert!(notes.data.iter().any(has));
    any(|it| it.customer_balance_transaction.as_ref().is_some_and(Expandable::is_object));
    any(|it| it.refunds.iter().any(|refund| refund.refund.is_object()));
    any(|it| it.discount_amounts.iter().any(|part| part.discount.is_object()));
    sandbox.stop().await;
}

#[tokio::test]
async fn async_stripe_decodes_a_checkout_with_what_came_of_it() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    Shop::filled(&client).await;
    let parts = ["customer", "invoice", "line_items", "payment_intent", "setup_intent", "subscription"];
    let expanded: String = parts.iter().flat_map(|part| ["&expand[]=data.", part]).collect();
    let more = "&expand[]=data.discounts.coupon&expand[]=data.total_details.breakdown";
    let path = format!("/v1/checkout/sessions?limit=100{expanded}{more}");
    let sessions: List<shared::CheckoutSession> = decoded(&client.get(&path).await);
    let any = |has: fn(&shared::CheckoutSession) -> bool| assert!(sessions.data.iter().any(has));
    any(|it| it.customer.as_ref().is_some_and(Expandable::is_object));
    any(|it| it.invoice.as_ref().is_some_and(Expandable::is_object));
    any(|it| it.line_items.as_ref().is_some_and(|lines| !lines.data.is_empty()));
    any(|it| it.payment_intent.as_ref().is_some_and(Expandable::is_object));
    any(|it| it.setup_intent.as_ref().is_some_and(Expandable::is_object));
    any(|it| it.subscription.as_ref().is_some_and(Expandable::is_object));
    any(|it| it.discounts.iter().flatten().any(|discount| discount.coupon.is_some()));
    any(|it| {
        let breakdown = it.total_details.as_ref().and_then(|total| total.breakdown.as_ref());
        breakdown.is_some_and(|breakdown| !breakdown.discounts.is_empty())
    });
    any(|it| it.discounts.iter().flatten().any(|discount| discount.promotion_code.is_some()));
    let statuses: BTreeSet<_> = sessions.data.iter().map(|it| it.status.as_ref().unwrap().as_str()).collect();
    assert_eq!(Vec::from_iter(statuses), ["complete", "expired", "open"]);
    sandbox.stop().await;
}

#[tokio::test]
async fn async_stripe_decodes_a_portal_session_for_each_flow() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let shop = Shop::filled(&client).await;
    let configuration = portal::configuration(&client, &shop.subscription).await;
    let path = format!("/v1/billing_portal/configurations/{configuration}");
    let offered = client.get(&format!("{path}?expand[]=features.subscription_update.products")).await;
    let offered = decoded::<billing::BillingPortalConfiguration>(&offered).features.subscription_update;
    assert!(!offered.products.unwrap().is_empty() && !offered.schedule_at_period_end.conditions.is_empty());
    let customer = [("customer", shop.customer.as_str()), ("expand[]", "configuration")];
    let usual = client.post("/v1/billing_portal/sessions", &customer).await;
    let usual: billing::BillingPortalSession = decoded(&usual);
    assert!(usual.configuration.is_object() && usual.flow.is_none());
    for flow in portal::flows(&client, &shop.subscription).await {
        let mut form = vec![("customer", shop.customer.as_str()), ("configuration", &configuration)];
        form.extend(flow.iter().map(|(name, value)| (*name, value.as_str())));
        let session = client.post("/v1/billing_portal/sessions", &form).await;
        let session: billing::BillingPortalSession = decoded(&session);
        assert_eq!(session.flow.unwrap().type_.as_str(), flow[0].1);
    }
    sandbox.stop().await;
}

async fn deleted<T: Deserialize + Debug>(client: &Client, path: &str, form: &[(&str, &str)]) -> String {
    let id = client.post(path, form).await.id();
    let one = format!("{path}/{id}");
    decoded::<T>(&client.attempt(Method::DELETE, &one, &[]).await.unwrap());
    one
}

#[tokio::test]
async fn async_stripe_decodes_what_is_left_of_a_deleted_object() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    let customer = client.customer_with_card().await;
    let gone = deleted::<shared::DeletedCustomer>(&client, "/v1/customers", &[]).await;
    decoded::<shared::DeletedCustomer>(&client.get(&gone).await);
    deleted::<shared::DeletedProduct>(&client, "/v1/products", &[("name", "A")]).await;
    deleted::<shared::DeletedCoupon>(&client, "/v1/coupons", &[("percent_off", "5")]).await;
    deleted::<shared::DeletedInvoice>(&client, "/v1/invoices", &[("customer", &customer)]).await;
    let item = [("customer", customer.as_str()), ("amount", "700"), ("currency", "usd")];
    deleted::<billing::DeletedInvoiceitem>(&client, "/v1/invoiceitems", &item).await;
    let plan = [("amount", "900"), ("currency", "usd"), ("interval", "year"), ("product[name]", "Yearly")];
    deleted::<shared::DeletedPlan>(&client, "/v1/plans", &plan).await;
    let (basic, pro) =
        (client.monthly_price("A", "usd", 100).await, client.monthly_price("B", "usd", 200).await);
    let subscription = client.subscribe(&customer, &basic, &[]).await;
    let item = [("subscription", subscription.as_str()), ("price", &pro)];
    deleted::<shared::DeletedSubscriptionItem>(&client, "/v1/subscription_items", &item).await;
    let clock = [("frozen_time", "1767225600")];
    deleted::<shared::DeletedTestHelpersTestClock>(&client, "/v1/test_helpers/test_clocks", &clock).await;
    let endpoint = [("url", "http://127.0.0.1:9/hook"), ("enabled_events[]", "*")];
    deleted::<misc::DeletedWebhookEndpoint>(&client, "/v1/webhook_endpoints", &endpoint).await;
    let source = client.post(&format!("/v1/customers/{customer}/sources"), &[("source", "tok_visa")]).await;
    decoded::<shared::PaymentSource>(&source);
    let source = format!("/v1/customers/{customer}/sources/{}", source.id());
    decoded::<shared::DeletedPaymentSource>(&client.delete(&source).await);
    deleted::<shared::DeletedAccount>(&client, "/v1/accounts", &[("type", "standard")]).await;
    sandbox.stop().await;
}
