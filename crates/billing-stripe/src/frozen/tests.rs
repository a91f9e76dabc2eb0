use billing_domain::{
    AppId, CheckoutIntentId, Currency, EnvironmentId, Money, Payer, PlanId, PriceId, UserId,
};

use super::*;

fn frozen_of(command: &GatewayCommand) -> FrozenRequest {
    freeze(GatewayCallId::from_uuid(1), &WorkspaceId::parse("ws_a").unwrap(), command)
}

fn id(text: &str) -> StripeId {
    StripeId::parse(text).unwrap()
}

/// The parameters, decoded.
fn parameters(request: &FrozenRequest) -> Vec<(String, String)> {
    form_urlencoded::parse(request.body.as_bytes()).into_owned().collect()
}

fn written(request: &FrozenRequest) -> String {
    let lines: Vec<_> = parameters(request).iter().map(|(key, value)| format!("{key}={value}")).collect();
    lines.join("\n")
}

fn new_session(trial_days: u32) -> GatewayCommand {
    GatewayCommand::CreateCheckoutSession(Box::new(NewCheckoutSession {
        intent_id: CheckoutIntentId::from_uuid(2),
        app_id: AppId::parse("app_a").unwrap(),
        environment_id: EnvironmentId::parse("env_a").unwrap(),
        customer: id("cus_a"),
        price: id("price_a"),
        quantity: 3,
        trial_days,
        expires_at: "2026-11-22T12:00:00.9Z".parse().unwrap(),
        success_url: "https://shop.test/ok?a=1&b={CHECKOUT_SESSION_ID}".to_owned(),
        cancel_url: "https://shop.test/ü".to_owned(),
    }))
}

fn part(payment: &str, minor_units: i64, currency: &str, reason: Option<RefundReason>) -> PaymentRefund {
    let amount = Money::new(minor_units, Currency::parse(currency).unwrap());
    PaymentRefund::new(id(payment), amount, reason).unwrap()
}

fn new_price(minor_units: i64, currency: &str) -> GatewayCommand {
    let amount = Money::new(minor_units, Currency::parse(currency).unwrap());
    GatewayCommand::CreatePrice {
        price_id: PriceId::from_uuid(3),
        product: id("prod_a"),
        terms: PriceTerms::new(amount, BillingInterval::Year).unwrap(),
    }
}

#[test]
fn a_checkout_session_carries_the_metadata_to_its_subscription() {
    let request = frozen_of(&new_session(14));
    assert_eq!((request.method, request.path.as_str()), (RequestMethod::Post, "/v1/checkout/sessions"));
    assert_eq!(
        written(&request),
        "cancel_url=https://shop.test/ü\n\
         customer=cus_a\n\
         expires_at=1795348800\n\
         line_items[0][price]=price_a\n\
         line_items[0][quantity]=3\n\
         metadata[kl_app_id]=app_a\n\
         metadata[kl_call_id]=call_00000000000000000000000001\n\
         metadata[kl_environment_id]=env_a\n\
         metadata[kl_intent_id]=intent_00000000000000000000000002\n\
         metadata[kl_workspace_id]=ws_a\n\
         mode=subscription\n\
         subscription_data[metadata][kl_app_id]=app_a\n\
         subscription_data[metadata][kl_call_id]=call_00000000000000000000000001\n\
         subscription_data[metadata][kl_environment_id]=env_a\n\
         subscription_data[metadata][kl_intent_id]=intent_00000000000000000000000002\n\
         subscription_data[metadata][kl_workspace_id]=ws_a\n\
         subscription_data[trial_period_days]=14\n\
         success_url=https://shop.test/ok?a=1&b={CHECKOUT_SESSION_ID}"
    );
}

#[test]
fn a_session_without_trial_names_none() {
    assert!(!written(&frozen_of(&new_session(0))).contains("trial"));
}

#[test]
fn the_same_command_is_the_same_bytes_each_time() {
    // A hash map has another order each time.
    let first = frozen_of(&new_session(14));
    for _ in 0..32 {
        assert_eq!(frozen_of(&new_session(14)), first);
    }
}

#[test]
fn a_price_is_in_stripes_unit_of_its_currency() {
    for (minor_units, currency, amount) in
        [(1_250, "USD", "1250"), (500, "ISK", "50000"), (30_000, "MGA", "300"), (4_500, "KWD", "4500")]
    {
        let request = frozen_of(&new_price(minor_units, currency));
        let parameters = parameters(&request);
        let is = |key: &str, value: &str| parameters.contains(&(key.to_owned(), value.to_owned()));
        assert!(is("unit_amount", amount) && is("currency", &currency.to_lowercase()), "{}", request.body);
        assert!(is("recurring[interval]", "year") && is("product", "prod_a"), "{}", request.body);
    }
}

#[test]
fn an_amount_that_stripe_cannot_charge_is_left_out() {
    assert!(!written(&frozen_of(&new_price(30_001, "MGA"))).contains("unit_amount"));
}

#[test]
fn the_other_commands_go_to_their_objects() {
    let payer = Payer::User(UserId::parse("user_a").unwrap());
    let environment_id = EnvironmentId::parse("env_a").unwrap();
    let metadata = "metadata[kl_call_id]=call_00000000000000000000000001\nmetadata[kl_workspace_id]=ws_a";
    let (name, plan_id) = ("Pro".to_owned(), PlanId::from_uuid(4));
    let post = RequestMethod::Post;
    for (command, method, path, body) in [
        (
            GatewayCommand::CreateCustomer { environment_id, payer },
            post,
            "/v1/customers",
            format!("description=user user_a\n{metadata}"),
        ),
        (
            GatewayCommand::CreateProduct { plan_id, name: name.clone() },
            post,
            "/v1/products",
            format!("{metadata}\nname=Pro"),
        ),
        (
            GatewayCommand::UpdateProduct { product: id("prod_a"), name, active: false },
            post,
            "/v1/products/prod_a",
            "active=false\nname=Pro".to_owned(),
        ),
        (
            GatewayCommand::ExpireCheckoutSession { session: id("cs_a") },
            post,
            "/v1/checkout/sessions/cs_a/expire",
            String::new(),
        ),
        (
            GatewayCommand::CancelSubscription { subscription: id("sub_a") },
            RequestMethod::Delete,
            "/v1/subscriptions/sub_a",
            String::new(),
        ),
        (
            GatewayCommand::CancelAtPeriodEnd { subscription: id("sub_a") },
            post,
            "/v1/subscriptions/sub_a",
            "cancel_at_period_end=true".to_owned(),
        ),
        (
            GatewayCommand::ResumeSubscription { subscription: id("sub_a"), ends_with_period: true },
            post,
            "/v1/subscriptions/sub_a",
            "cancel_at_period_end=false".to_owned(),
        ),
        (
            GatewayCommand::ResumeSubscription { subscription: id("sub_a"), ends_with_period: false },
            post,
            "/v1/subscriptions/sub_a",
            "cancel_at=".to_owned(),
        ),
        (
            GatewayCommand::SetTrialEnd { subscription: id("sub_a"), ends: TrialEnd::Now },
            post,
            "/v1/subscriptions/sub_a",
            "proration_behavior=none\ntrial_end=now".to_owned(),
        ),
        (
            GatewayCommand::SetTrialEnd {
                subscription: id("sub_a"),
                ends: TrialEnd::at("2027-01-05T08:00:00Z".parse().unwrap()),
            },
            post,
            "/v1/subscriptions/sub_a",
            "proration_behavior=create_prorations\ntrial_end=1799136000".to_owned(),
        ),
        (
            GatewayCommand::CreatePortalSession {
                customer: id("cus_a"),
                return_url: "https://shop.test/done".to_owned(),
            },
            post,
            "/v1/billing_portal/sessions",
            "customer=cus_a\nflow_data[after_completion][type]=hosted_confirmation\n\
             flow_data[type]=payment_method_update\nreturn_url=https://shop.test/done"
                .to_owned(),
        ),
        (
            GatewayCommand::ArchivePrice { price: id("price_a") },
            post,
            "/v1/prices/price_a",
            "active=false".to_owned(),
        ),
    ] {
        let request = frozen_of(&command);
        assert_eq!((request.method, request.path.as_str()), (method, path));
        assert_eq!(written(&request), body, "{path}");
    }
}

#[test]
fn commands_on_invoices_and_payments_go_to_their_objects() {
    let metadata = "metadata[kl_call_id]=call_00000000000000000000000001\nmetadata[kl_workspace_id]=ws_a";
    for (command, path, body) in [
        (
            GatewayCommand::Refund { payment_intent: id("pi_a") },
            "/v1/refunds",
            format!("{metadata}\npayment_intent=pi_a"),
        ),
        (
            GatewayCommand::RefundPart(part("pi_a", 1_250, "USD", Some(RefundReason::Duplicate))),
            "/v1/refunds",
            format!("amount=1250\n{metadata}\npayment_intent=pi_a\nreason=duplicate"),
        ),
        (
            GatewayCommand::RefundPart(part("ch_a", 500, "ISK", None)),
            "/v1/refunds",
            format!("amount=50000\ncharge=ch_a\n{metadata}"),
        ),
        (GatewayCommand::VoidInvoice { invoice: id("in_a") }, "/v1/invoices/in_a/void", String::new()),
        (
            GatewayCommand::MarkInvoiceUncollectible { invoice: id("in_a") },
            "/v1/invoices/in_a/mark_uncollectible",
            String::new(),
        ),
        (GatewayCommand::SendInvoice { invoice: id("in_a") }, "/v1/invoices/in_a/send", String::new()),
        (
            GatewayCommand::RefundPart(part("pi_a", 4_500, "KWD", None)),
            "/v1/refunds",
            format!("amount=4500\n{metadata}\npayment_intent=pi_a"),
        ),
    ] {
        let request = frozen_of(&command);
        assert_eq!((request.method, request.path.as_str()), (RequestMethod::Post, path));
        assert_eq!(written(&request), body, "{path}");
    }
}
