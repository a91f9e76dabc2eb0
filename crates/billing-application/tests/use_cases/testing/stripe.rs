//! What Stripe has and answers in a unit test.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use super::{now, sales::Sales};
use crate::prelude::*;

/// An answer to a call.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    /// Refused.
    Refused,
    /// Refused, because this object does not exist.
    Missing(&'static str),
    /// None came, and nothing was carried out.
    Unknown,
    /// It was carried out, and its answer was lost.
    Lost,
}

/// The objects at Stripe, and how it answers what it does not simply carry out.
#[derive(Default)]
pub(crate) struct Stripe {
    /// The next answers to calls of a kind.
    pub(crate) replies: HashMap<&'static str, VecDeque<Reply>>,
    /// The keys of the calls whose answers were lost, with what they made or changed.
    pub(crate) carried_out_before: Vec<(String, StripeId)>,
    /// The kind and key of each call that was sent.
    pub(crate) sent: Vec<(&'static str, String)>,
    pub(crate) sessions: Vec<GatewayCheckoutSession>,
    pub(crate) subscriptions: Vec<GatewaySubscription>,
    pub(crate) invoices: Vec<GatewayInvoice>,
    /// The payments for a subscription that are not refunded.
    pub(crate) unrefunded: Vec<(&'static str, StripeId)>,
    /// What each seat adds to the cost of a change of plan above $1.00, in cents.
    pub(crate) cost_of_seat: i64,
    pub(crate) chargeable: Vec<ChargeableObject>,
    /// The object of each call that is too old to be sent.
    pub(crate) object_of_old_call: Option<StripeId>,
    /// The pages of the account's lists, each of one object, and the cursors with which they were asked for.
    pub(crate) pages: Vec<&'static str>,
    pub(crate) listed: Vec<Option<String>>,
    /// The time that it takes to list what is chargeable, and to read a subscription.
    pub(crate) slowness: Duration,
    pub(crate) read_slowness: Duration,
    /// The reason why nothing can be read.
    pub(crate) read_failure: Option<fn() -> GatewayError>,
    /// Whether the account serves one workspace.
    pub(crate) is_own: bool,
    /// Whether the account is in test mode.
    pub(crate) is_test: bool,
}

pub(crate) fn stripe_id(id: &str) -> StripeId {
    StripeId::parse(id).unwrap()
}

fn lost() -> GatewayError {
    GatewayError::Unknown("no answer".into())
}

impl Stripe {
    fn send(&mut self, call: &GatewayCall) -> Result<SentCall, GatewayError> {
        let kind = call.purpose.kind();
        self.sent.push((kind, call.key.to_string()));
        let refused = |missing: Option<&str>| {
            Ok(SentCall::Refused { reason: "No.".to_owned(), missing: missing.map(stripe_id) })
        };
        match self.replies.get_mut(kind).and_then(VecDeque::pop_front) {
            Some(Reply::Refused) => refused(None),
            Some(Reply::Missing(id)) => refused(Some(id)),
            Some(Reply::Unknown) => Err(lost()),
            Some(Reply::Lost) => {
                let object = self.carried_out(call);
                self.carried_out_before.push((call.key.to_string(), object));
                Err(lost())
            }
            None if self.carried_out_before.iter().any(|(key, _)| *key == call.key.to_string()) => {
                let mut before = self.carried_out_before.iter();
                let (_, object) = before.find(|(key, _)| *key == call.key.to_string()).unwrap();
                Ok(SentCall::Done(object.clone()))
            }
            None => Ok(SentCall::Done(self.carried_out(call))),
        }
    }

    fn open(&mut self, call: &GatewayCall) -> Result<OpenedPage, GatewayError> {
        match self.send(call)? {
            SentCall::Done(id) => {
                let address = PrivateAddress(format!("https://portal.example/{}", call.key));
                Ok(OpenedPage::Open { id, address })
            }
            SentCall::Refused { reason, .. } => Ok(OpenedPage::Refused(reason)),
        }
    }

    fn carried_out(&mut self, call: &GatewayCall) -> StripeId {
        let number = self.sent.len();
        match &call.purpose {
            CallPurpose::CreateCheckoutSession { intent_id } => {
                let id = stripe_id(&format!("cs_{number}"));
                self.sessions.push(GatewayCheckoutSession {
                    id: id.clone(),
                    status: SessionStatus::Open,
                    url: Some(format!("https://pay.example/{id}")),
                    subscription: None,
                    intent_id: Some(*intent_id),
                    call_id: Some(call.id),
                });
                id
            }
            CallPurpose::ExpireCheckoutSession { .. } => {
                let open = self.sessions.iter_mut().find(|it| it.status == SessionStatus::Open).unwrap();
                open.status = SessionStatus::Expired;
                open.id.clone()
            }
            CallPurpose::CancelSubscription { at_period_end: false, .. }
            | CallPurpose::CancelDuplicate { .. } => {
                let id = stripe_id(call.request.path.rsplit('/').next().unwrap());
                let subscription = self.subscriptions.iter_mut().find(|it| *it.id.as_str() == *id.as_str());
                subscription.unwrap().status = SubscriptionStatus::Canceled;
                id
            }
            CallPurpose::ChangePlan { .. } => {
                let id = stripe_id(call.request.path.rsplit('/').next().unwrap());
                let (_, quantity) = call.request.body.split_once("quantity: ").unwrap();
                let quantity = quantity.split(',').next().unwrap().parse().unwrap();
                let subscription = self.subscriptions.iter_mut().find(|it| *it.id.as_str() == *id.as_str());
                subscription.unwrap().quantity = quantity;
                id
            }
            CallPurpose::CancelSubscription { .. } | CallPurpose::ResumeSubscription { .. } => {
                let ends = matches!(call.purpose, CallPurpose::CancelSubscription { .. });
                let id = stripe_id(call.request.path.rsplit('/').next().unwrap());
                let subscription = self.subscriptions.iter_mut().find(|it| *it.id.as_str() == *id.as_str());
                let times = &mut subscription.unwrap().times;
                (times.ends_with_period, times.cancel_at) = (ends, ends.then(now));
                id
            }
            CallPurpose::SetTrialEnd { ends, .. } => {
                let id = stripe_id(call.request.path.rsplit('/').next().unwrap());
                let subscription = self.subscriptions.iter_mut().find(|it| *it.id.as_str() == *id.as_str());
                let subscription = subscription.unwrap();
                match ends {
                    TrialEnd::Now => subscription.status = SubscriptionStatus::Active,
                    TrialEnd::At(end) => subscription.times.trial_end = Some(*end),
                }
                id
            }
            CallPurpose::RefundDuplicate { payment_intent, .. } => {
                self.unrefunded.retain(|(_, payment)| payment != payment_intent);
                stripe_id(&format!("re_{number}"))
            }
            CallPurpose::RefundInvoice { payment, amount, .. } => self.refund(call, payment, *amount),
            CallPurpose::ActOnInvoice { action, .. } => {
                let id = stripe_id(call.request.path.rsplit('/').next().unwrap());
                let invoice = self.invoices.iter_mut().find(|it| it.id == id).unwrap();
                match action {
                    InvoiceAction::Void => invoice.details.status = InvoiceStatus::Void,
                    InvoiceAction::MarkUncollectible => invoice.details.status = InvoiceStatus::Uncollectible,
                    InvoiceAction::Send => {}
                }
                id
            }
            purpose => stripe_id(&format!("{}_{number}", purpose.kind())),
        }
    }

    /// Gives back a part of a payment, whoever asks.
    pub(crate) fn refund(&mut self, call: &GatewayCall, payment: &StripeId, amount: Money) -> StripeId {
        let id = stripe_id(&format!("re_{}", self.sent.len()));
        let mut payments = self.invoices.iter_mut().flat_map(|it| it.details.payments.iter_mut().flatten());
        let refunds = &mut payments.find(|it| it.payment == *payment).unwrap().refunds;
        refunds.insert(
            0,
            Refund {
                id: id.clone(),
                amount,
                status: RefundStatus::Succeeded,
                reason: None,
                created_at: now(),
                call_id: Some(call.id),
            },
        );
        id
    }

    /// One invoice of each customer; of the whole account the pages.
    fn objects(&mut self, scope: &GatewayScope, after: Option<StripeId>) -> ObjectPage {
        self.listed.push(after.as_ref().map(ToString::to_string));
        match scope {
            GatewayScope::Customers(customers) => {
                let ids = customers.iter().map(|customer| stripe_id(&format!("in_{customer}")));
                ObjectPage { ids: ids.collect(), next: None }
            }
            GatewayScope::Account => {
                let pages = &self.pages;
                let place = after
                    .map_or(0, |after| 1 + pages.iter().position(|page| stripe_id(page) == after).unwrap());
                let next = (place + 1 < pages.len()).then(|| stripe_id(pages[place]));
                ObjectPage { ids: vec![stripe_id(pages[place])], next }
            }
        }
    }

    /// The subscription with an item.
    fn changeable(&self, id: &StripeSubscriptionId) -> Option<ChangeableSubscription> {
        let mirrored = self.subscriptions.iter().find(|it| it.id == *id).cloned()?;
        Some(ChangeableSubscription {
            mirrored,
            item: Some(stripe_id("si_1")),
            schedule: None,
            is_charged_automatically: true,
            is_collection_paused: false,
        })
    }

    /// An invoice by the number of seats after the change.
    fn previewed(&self, change: &ItemChange) -> PreviewedInvoice {
        let ChangeBilling::Invoiced { as_of, .. } = change.billing else { panic!("nothing is billed") };
        let total = i64::from(change.quantity) * (100 + self.cost_of_seat);
        let total = Money::new(total, Currency::parse("USD").unwrap());
        let as_of = as_of.or(Some(super::at(5)));
        PreviewedInvoice { as_of, total, amount_due: total, lines: Vec::new(), has_more_lines: false }
    }

    fn readable<T>(&self, found: T) -> Result<T, GatewayError> {
        self.read_failure.map_or(Ok(found), |failure| Err(failure()))
    }
}

/// The request of a command: its path names the object that it changes.
fn frozen(command: &GatewayCommand) -> FrozenRequest {
    let path = match command {
        GatewayCommand::CancelSubscription { subscription }
        | GatewayCommand::CancelAtPeriodEnd { subscription }
        | GatewayCommand::ResumeSubscription { subscription, .. }
        | GatewayCommand::SetTrialEnd { subscription, .. } => {
            format!("/v1/subscriptions/{subscription}")
        }
        GatewayCommand::ChangePlan(change) => format!("/v1/subscriptions/{}", change.subscription),
        GatewayCommand::VoidInvoice { invoice }
        | GatewayCommand::MarkInvoiceUncollectible { invoice }
        | GatewayCommand::SendInvoice { invoice } => format!("/v1/invoices/{invoice}"),
        _ => "/v1".to_owned(),
    };
    FrozenRequest { method: RequestMethod::Post, path, body: format!("{command:?}") }
}

/// An answer that takes this long.
fn delayed<T: Send + 'static>(delay: Duration, answer: Result<T, GatewayError>) -> PendingAnswer<T> {
    Box::pin(async move {
        tokio::time::sleep(delay).await;
        answer
    })
}

/// A gateway to the Stripe of a shop.
pub(crate) fn gateway(sales: &Sales) -> MockPaymentGateway {
    let mut mock = MockPaymentGateway::new();
    expect! { mock, sales,
        expect_account_of = |_| Ok(super::account());
        expect_is_live = |_| !sales.lock().stripe.is_test;
        expect_serves_one_workspace = |_| sales.lock().stripe.is_own;
        expect_freeze = |_, _, command| frozen(command);
        expect_send = |call, _| sales.lock().stripe.send(call);
        expect_open_page = |call| sales.lock().stripe.open(call);
        expect_object_of = |_| Ok(sales.lock().stripe.object_of_old_call.clone());
        expect_checkout_session = |_, id| {
            let stripe = &sales.lock().stripe;
            stripe.readable(stripe.sessions.iter().find(|it| it.id == *id).cloned())
        };
        expect_subscription = |_, id| {
            let stripe = &sales.lock().stripe;
            let read = stripe.readable(stripe.subscriptions.iter().find(|it| it.id == *id).cloned());
            delayed(stripe.read_slowness, read)
        };
        expect_changeable_subscription = |_, id| {
            let stripe = &sales.lock().stripe;
            stripe.readable(stripe.changeable(id))
        };
        expect_previewed_change = |_, change| {
            let stripe = &sales.lock().stripe;
            stripe.readable(stripe.previewed(change))
        };
        expect_invoice = |_, id| {
            let stripe = &sales.lock().stripe;
            stripe.readable(stripe.invoices.iter().find(|it| it.id == *id).cloned())
        };
        expect_invoices_of_payment = |_, payment| {
            let stripe = &sales.lock().stripe;
            let pays = |it: &&GatewayInvoice| {
                it.details.payments.iter().flatten().any(|paid| paid.payment == *payment)
            };
            stripe.readable(stripe.invoices.iter().filter(pays).map(|it| it.id.clone()).collect())
        };
        expect_chargeable = |_, _| {
            let stripe = &sales.lock().stripe;
            delayed(stripe.slowness, stripe.readable(stripe.chargeable.clone()))
        };
        expect_unrefunded_payments = |_, id| {
            let stripe = &sales.lock().stripe;
            let of_it = stripe.unrefunded.iter().filter(|(of, _)| *of == id.as_str());
            Ok(of_it.map(|(_, payment)| payment.clone()).collect())
        };
        expect_objects = |_, scope, after| Ok(sales.lock().stripe.objects(scope, after));
    }
    mock
}

/// A subscription of the customer that runs since this second.
pub(crate) fn running(id: &str, started_at: i64) -> GatewaySubscription {
    GatewaySubscription {
        id: StripeSubscriptionId::parse(id).unwrap(),
        customer: stripe_id("cus_1"),
        status: SubscriptionStatus::Active,
        price: Some(stripe_id("price_1")),
        quantity: 1,
        recurring: None,
        billed_at: None,
        times: SubscriptionTimes { started_at: Some(super::at(started_at)), ..SubscriptionTimes::default() },
        intent_id: None,
        paying_workspace: None,
    }
}

/// A paid invoice to the customer for a subscription.
pub(crate) fn paid_invoice(id: &str, subscription: &str) -> GatewayInvoice {
    let usd = |minor_units| Money::new(minor_units, Currency::parse("USD").unwrap());
    GatewayInvoice {
        id: stripe_id(id),
        customer: Some(stripe_id("cus_1")),
        subscription: StripeSubscriptionId::parse(subscription).ok(),
        details: InvoiceDetails {
            status: InvoiceStatus::Paid,
            number: None,
            total: usd(1_250),
            amount_paid: usd(1_250),
            amount_due: usd(0),
            created_at: now(),
            paid_at: Some(now()),
            due_at: None,
            hosted_url: None,
            pdf_url: None,
            lines: Vec::new(),
            has_more_lines: false,
            next_attempt_at: None,
            payments: Some(vec![InvoicePayment {
                payment: stripe_id(&id.replacen("in_", "pi_", 1)),
                paid: usd(1_250),
                refunds: Vec::new(),
            }]),
            is_charged_automatically: Some(true),
            sums: None,
        },
    }
}
