//! A sandbox, a gateway to it, and what a merchant or payer does at Stripe without us.

use std::cell::Cell;
use std::sync::Arc;

use billing_domain::{
    AppId, BillingInterval, CallOutcome, CallPurpose, CheckoutIntentId, Currency, EnvironmentId, Gateway,
    GatewayAccountId, GatewayCall, GatewayCallId, GatewayCommand, IdempotencyKey, InvoiceAction, InvoiceId,
    Money, NewCheckoutSession, Payer, PaymentRefund, PlanId, PriceId, PriceTerms, StripeId, SubscriptionId,
    Timestamp, UserId, WorkspaceId,
    ports::{FixedMode, GatewayAccounts, GatewayCalls, SentCall},
};
use billing_stripe::{HttpTransport, RateLimit, StripePaymentGateway, StripeSettings, StripeSource};
use serde_json::Value;
use stripe_sandbox::{Options, Sandbox};

pub const KEY: &str = "sk_test_shop";
/// 1 January 2026, 00:00 UTC: the sandbox's clock.
pub const NEW_YEAR: i64 = 1_767_225_600;
pub const HOUR: i64 = 3_600;

pub type HttpGateway = StripePaymentGateway<HttpTransport>;

pub struct Shop {
    pub sandbox: Sandbox,
    pub gateway: HttpGateway,
    pub account: GatewayAccountId,
    http: reqwest::Client,
    calls: Cell<u128>,
}

pub fn settings(sandbox: &Sandbox) -> StripeSettings {
    StripeSettings { rate_limit: RateLimit::PerSecond(1_000), ..StripeSettings::new(sandbox.url()) }
}

/// A gateway to accounts that were never used.
pub fn connected(settings: &StripeSettings) -> HttpGateway {
    StripePaymentGateway::connect(settings, Arc::new(FixedMode(None))).unwrap()
}

pub fn source(key: &str) -> StripeSource {
    StripeSource::new(key.into())
}

pub fn id(text: &str) -> StripeId {
    StripeId::parse(text).unwrap()
}

pub fn now() -> Timestamp {
    Timestamp::from_timestamp(NEW_YEAR, 0).unwrap()
}

pub async fn sandbox() -> Sandbox {
    Sandbox::start(Options::in_memory().seed(7).clock_at(NEW_YEAR)).await.unwrap()
}

impl Shop {
    /// A platform's own account.
    pub async fn open() -> Self {
        let sandbox = sandbox().await;
        let settings = StripeSettings { platform: Some(source(KEY)), ..settings(&sandbox) };
        let gateway = connected(&settings);
        let account = gateway.account_of(Gateway::StripePlatform).await.unwrap();
        Self { sandbox, gateway, account, http: reqwest::Client::new(), calls: Cell::new(0) }
    }

    /// A prepared call that has not been sent.
    pub fn prepared(&self, command: &GatewayCommand) -> GatewayCall {
        self.calls.set(self.calls.get() + 1);
        let id = GatewayCallId::from_uuid(self.calls.get());
        let workspace_id = WorkspaceId::parse("ws_a").unwrap();
        GatewayCall {
            id,
            account: self.account.clone(),
            key: IdempotencyKey::from_uuid(self.calls.get()),
            purpose: purpose(command),
            request: self.gateway.freeze(id, &workspace_id, command),
            outcome: CallOutcome::Unresolved,
            prepared_at: now(),
            workspace_id,
        }
    }

    /// The outcome of a command.
    pub async fn sent(&self, command: &GatewayCommand) -> SentCall {
        self.gateway.send(&self.prepared(command), true).await.unwrap()
    }

    /// The object that a command makes.
    pub async fn done(&self, command: &GatewayCommand) -> StripeId {
        match self.sent(command).await {
            SentCall::Done(id) => id,
            SentCall::Refused { reason, .. } => panic!("{reason}"),
        }
    }

    pub async fn customer(&self) -> StripeId {
        self.done(&new_customer()).await
    }

    /// A price of $20 a month.
    pub async fn price(&self) -> StripeId {
        let product = self.done(&new_product()).await;
        self.done(&new_price(&product, 2_000, "USD")).await
    }

    pub async fn session(&self, customer: &StripeId) -> StripeId {
        let price = self.price().await;
        self.done(&new_session(customer, &price)).await
    }

    /// A subscription that was bought on the hosted page.
    pub async fn sold(&self, customer: &StripeId) -> StripeId {
        let session = self.session(customer).await;
        let card = [
            ("type", "card"),
            ("card[token]", "tok_visa"),
            ("billing_details[email]", "ada@example.com"),
            ("billing_details[name]", "Ada"),
        ];
        let card = self.post("/v1/payment_methods", &card).await;
        let card = [("payment_method", card["id"].as_str().unwrap())];
        let paid = self.post(&format!("/v1/payment_pages/{session}/confirm"), &card).await;
        id(paid["subscription"].as_str().unwrap())
    }

    /// Whatever is made without us.
    pub async fn post(&self, path: &str, form: &[(&str, &str)]) -> Value {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let request = self.http.post(format!("{}{path}", self.sandbox.url())).bearer_auth(KEY);
        let request = request.header("content-type", "application/x-www-form-urlencoded").body(body);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}: {:?}", answer.text().await);
        answer.json().await.unwrap()
    }

    pub async fn get(&self, path: &str) -> Value {
        let request = self.http.get(format!("{}{path}", self.sandbox.url())).bearer_auth(KEY);
        request.send().await.unwrap().json().await.unwrap()
    }

    /// Deletes an object without us.
    pub async fn delete(&self, path: &str) {
        let request = self.http.delete(format!("{}{path}", self.sandbox.url())).bearer_auth(KEY);
        assert_eq!(request.send().await.unwrap().status(), 200, "{path}");
    }

    /// The number of objects in a list, at most 100.
    pub async fn count(&self, path: &str) -> usize {
        self.get(&format!("{path}?limit=100")).await["data"].as_array().unwrap().len()
    }

    /// Turns the sandbox.
    pub async fn control(&self, what: &str, body: &Value) {
        let request = self.http.post(format!("{}/_sandbox/{what}", self.sandbox.url())).json(body);
        let answer = request.send().await.unwrap();
        assert!(answer.status().is_success(), "{:?}", answer.text().await);
    }

    pub async fn mend(&self) {
        self.http.delete(format!("{}/_sandbox/faults", self.sandbox.url())).send().await.unwrap();
    }
}

pub fn new_customer() -> GatewayCommand {
    GatewayCommand::CreateCustomer {
        environment_id: EnvironmentId::parse("env_a").unwrap(),
        payer: Payer::User(UserId::parse("user_a").unwrap()),
    }
}

pub fn new_product() -> GatewayCommand {
    GatewayCommand::CreateProduct { plan_id: PlanId::from_uuid(1), name: "Pro".to_owned() }
}

pub fn new_price(product: &StripeId, minor_units: i64, currency: &str) -> GatewayCommand {
    let amount = Money::new(minor_units, Currency::parse(currency).unwrap());
    GatewayCommand::CreatePrice {
        price_id: PriceId::from_uuid(1),
        product: product.clone(),
        terms: PriceTerms::new(amount, BillingInterval::Month).unwrap(),
    }
}

/// A refund of a part of a payment, in cents.
pub fn part(payment: &StripeId, cents: i64) -> GatewayCommand {
    let amount = Money::new(cents, Currency::parse("USD").unwrap());
    GatewayCommand::RefundPart(PaymentRefund::new(payment.clone(), amount, None).unwrap())
}

pub fn intent() -> CheckoutIntentId {
    CheckoutIntentId::from_uuid(1)
}

pub fn new_session(customer: &StripeId, price: &StripeId) -> GatewayCommand {
    GatewayCommand::CreateCheckoutSession(Box::new(NewCheckoutSession {
        intent_id: intent(),
        app_id: AppId::parse("app_a").unwrap(),
        environment_id: EnvironmentId::parse("env_a").unwrap(),
        customer: customer.clone(),
        price: price.clone(),
        quantity: 2,
        trial_days: 0,
        expires_at: Timestamp::from_timestamp(NEW_YEAR + HOUR, 0).unwrap(),
        success_url: "https://shop.test/ok".to_owned(),
        cancel_url: "https://shop.test/cancel".to_owned(),
    }))
}

fn purpose(command: &GatewayCommand) -> CallPurpose {
    let (plan_id, intent_id) = (PlanId::from_uuid(1), intent());
    let subscription_id = SubscriptionId::from_uuid(1);
    let act = |action| CallPurpose::ActOnInvoice { invoice_id: InvoiceId::from_uuid(1), action };
    match command.clone() {
        GatewayCommand::CreateCustomer { environment_id, payer } => {
            CallPurpose::CreateCustomer { environment_id, payer }
        }
        GatewayCommand::CreateProduct { .. } => CallPurpose::CreateProduct { plan_id },
        GatewayCommand::UpdateProduct { .. } => CallPurpose::UpdateProduct { plan_id },
        GatewayCommand::CreatePrice { price_id, .. } => CallPurpose::CreatePrice { price_id },
        GatewayCommand::ArchivePrice { .. } => CallPurpose::ArchivePrice { price_id: PriceId::from_uuid(1) },
        GatewayCommand::CreateCheckoutSession(_) => CallPurpose::CreateCheckoutSession { intent_id },
        GatewayCommand::ExpireCheckoutSession { .. } => CallPurpose::ExpireCheckoutSession { intent_id },
        GatewayCommand::CancelSubscription { .. } => {
            CallPurpose::CancelSubscription { subscription_id, at_period_end: false }
        }
        GatewayCommand::CancelAtPeriodEnd { .. } => {
            CallPurpose::CancelSubscription { subscription_id, at_period_end: true }
        }
        GatewayCommand::ResumeSubscription { .. } => CallPurpose::ResumeSubscription { subscription_id },
        GatewayCommand::SetTrialEnd { ends, .. } => CallPurpose::SetTrialEnd { subscription_id, ends },
        GatewayCommand::CreatePortalSession { .. } => CallPurpose::CreatePortalSession { subscription_id },
        GatewayCommand::ChangePlan(_) => CallPurpose::ChangePlan { subscription_id },
        GatewayCommand::Refund { payment_intent } => {
            CallPurpose::RefundDuplicate { subscription_id, payment_intent }
        }
        GatewayCommand::VoidInvoice { .. } => act(InvoiceAction::Void),
        GatewayCommand::MarkInvoiceUncollectible { .. } => act(InvoiceAction::MarkUncollectible),
        GatewayCommand::SendInvoice { .. } => act(InvoiceAction::Send),
        GatewayCommand::RefundPart(part) => CallPurpose::RefundInvoice {
            invoice_id: InvoiceId::from_uuid(1),
            refund_id: GatewayCallId::from_uuid(1),
            payment: part.payment().clone(),
            amount: part.amount(),
        },
    }
}
