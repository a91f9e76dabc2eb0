use actix_web::test::TestRequest;
use billing_application::{
    CheckoutError, EnvironmentProblem, InvoiceError, OutdatedPreview, PlanChangePreview, SubscriptionError,
    WebhookError,
};
use billing_domain::ports::WebhookRefused;
use billing_domain::{
    BillingInterval, ChangeFrom, EnvironmentId, GatewayAccountId, InvalidTrialEnd, InvoiceAction,
    InvoiceActionRefused, InvoiceStatus, NotChangeable, Payer, PreviewedInvoice, Price, PriceTerms,
    RefundRefused, RefundState, ShownChange, StripeId, StripeSubscriptionId, Subscription, SubscriptionId,
    SubscriptionState, SubscriptionStatus, SubscriptionTimes, UserId,
};

use super::*;
use crate::dto::{
    CancelSubscriptionBody, ChangePlanBody, ChangeTrialBody, CreateCheckoutLinkBody, PreviewPlanChangeBody,
};
use crate::extract::{InvoicesQuery, SignedBody, SubscriptionsQuery};

pub(super) fn of_checkouts() -> Vec<ApiError> {
    let usd = |minor_units| Money::new(minor_units, Currency::parse("USD").unwrap());
    let offered = || vec![PriceTerms::new(usd(1_250), BillingInterval::Month).unwrap()];
    let too_large = usd(100_000_000).stripe_amount().unwrap_err();
    let refused = [
        CheckoutError::Closing,
        CheckoutError::AlreadySubscribed,
        CheckoutError::Paid,
        CheckoutError::OtherPayers(PayerKind::Organization),
        CheckoutError::NotOffered { offered: Vec::new(), by_currency: false },
        CheckoutError::NotOffered { offered: offered(), by_currency: true },
        CheckoutError::CurrencyNeeded(offered()),
        CheckoutError::Quantity,
        CheckoutError::SumTooLarge(too_large),
        CheckoutError::Environment(EnvironmentProblem::Unknown),
        CheckoutError::Environment(EnvironmentProblem::TestGateway),
        CheckoutError::Environment(EnvironmentProblem::LiveGateway),
        CheckoutError::RedirectUrlNotAllowed("successUrl"),
        CheckoutError::AccountNotLinked,
        CheckoutError::GatewayRefused("No such price.".to_owned()),
        CheckoutError::GatewayUnavailable,
    ];
    refused.into_iter().map(ruled).chain([absent(Absent::CheckoutLink)]).collect()
}

pub(super) fn of_what_was_sold() -> Vec<ApiError> {
    vec![
        absent(Absent::Subscription),
        absent(Absent::Invoice),
        absent(Absent::Payer),
        absent(Absent::Environment),
        ruled(SubscriptionError::Ended),
        ruled(SubscriptionError::NotTrialing),
        ruled(SubscriptionError::EndsWithTrial(Box::new(subscription()))),
        ruled(SubscriptionError::TrialEnd(InvalidTrialEnd::Past)),
        ruled(SubscriptionError::TrialEnd(InvalidTrialEnd::TooFar)),
        ruled(SubscriptionError::GatewayRefused("It is canceled.".to_owned())),
        ruled(SubscriptionError::EarlierUnsettled),
        ruled(SubscriptionError::GatewayUnavailable),
    ]
}

pub(super) fn of_changes_of_plan() -> Vec<ApiError> {
    let problems = [
        NotChangeable::Incomplete,
        NotChangeable::Unpaid,
        NotChangeable::Paused,
        NotChangeable::Ending,
        NotChangeable::Scheduled,
        NotChangeable::SeveralItems,
        NotChangeable::ForeignPrice,
        NotChangeable::Invoiced,
        NotChangeable::EndlessTrial,
        NotChangeable::UnknownStatus,
    ];
    let refused = problems
        .map(|problem| SubscriptionError::NotChangeable { problem, subscription: Box::new(subscription()) });
    let others = [
        SubscriptionError::Closing,
        SubscriptionError::OtherPayers(PayerKind::User),
        SubscriptionError::OtherCurrency(Currency::parse("USD").unwrap()),
        SubscriptionError::NotForSale(CheckoutError::Quantity),
        SubscriptionError::NothingToChange,
        SubscriptionError::Outdated(Box::new(outdated())),
        SubscriptionError::ChangeRefused("Your card was declined.".to_owned()),
        SubscriptionError::Unreachable,
    ];
    refused.into_iter().chain(others).map(ruled).collect()
}

fn subscription() -> Subscription {
    Subscription {
        id: SubscriptionId::from_uuid(1),
        workspace_id: workspace(),
        app_id: AppId::from_uuid(1),
        environment_id: EnvironmentId::from_uuid(1),
        payer: Payer::User(UserId::parse("user_1").unwrap()),
        gateway_account_id: GatewayAccountId::parse("acct_1").unwrap(),
        stripe_id: StripeSubscriptionId::parse("sub_1").unwrap(),
        customer: StripeId::parse("cus_1").unwrap(),
        intent_id: None,
        state: SubscriptionState {
            status: SubscriptionStatus::PastDue,
            plan_id: None,
            price_id: None,
            quantity: 1,
            recurring: None,
            times: SubscriptionTimes::default(),
        },
        synced_at: noon(),
    }
}

fn outdated() -> OutdatedPreview {
    let usd = |minor_units| Money::new(minor_units, Currency::parse("USD").unwrap());
    let shown = ShownChange {
        shown_at: noon(),
        as_of: Some(noon()),
        price_id: PriceId::from_uuid(1),
        quantity: 1,
        total: 1_250,
        amount_due: 1_250,
    };
    let price = Price {
        id: shown.price_id,
        plan_id: PlanId::from_uuid(1),
        terms: PriceTerms::new(usd(1_250), BillingInterval::Month).unwrap(),
        archived_at: None,
        created_at: noon(),
    };
    let invoice = PreviewedInvoice {
        as_of: shown.as_of,
        total: usd(1_300),
        amount_due: usd(1_300),
        lines: Vec::new(),
        has_more_lines: false,
    };
    let present = PlanChangePreview {
        plan: plan(1),
        price,
        quantity: 1,
        from: ChangeFrom::Now,
        invoice,
        recurring: usd(1_250),
        recurs_from: None,
        shown: ShownChange { total: 1_300, amount_due: 1_300, ..shown },
    };
    OutdatedPreview { shown, present }
}

pub(super) fn of_invoices() -> Vec<ApiError> {
    let usd = |minor_units| Money::new(minor_units, Currency::parse("USD").unwrap());
    let state = |[paid, refunded, under_way, left]: [i64; 4]| {
        Box::new(RefundState::of_sums(usd(paid), usd(refunded), usd(under_way), usd(left)))
    };
    let fine = Money::new(4_505, Currency::parse("KWD").unwrap()).stripe_amount().unwrap_err();
    let exceeds = |asked: Option<i64>, sums| {
        InvoiceError::Refund(RefundRefused::Exceeds { asked: asked.map(usd), state: state(sums) })
    };
    let refused = [
        InvoiceError::Refund(RefundRefused::NotPaid),
        InvoiceError::Refund(RefundRefused::PaidElsewhere),
        InvoiceError::Refund(RefundRefused::NotPositive),
        InvoiceError::Refund(RefundRefused::Amount(fine)),
        exceeds(Some(1_000), [2_000, 0, 1_500, 500]),
        exceeds(Some(3_000), [2_000, 0, 0, 2_000]),
        exceeds(None, [2_000, 1_500, 500, 0]),
        InvoiceError::PartlyRefunded { refunded: usd(500), reason: "The charge is disputed.".to_owned() },
        InvoiceError::Action(InvoiceActionRefused::Status {
            action: InvoiceAction::Void,
            status: InvoiceStatus::Paid,
        }),
        InvoiceError::Action(InvoiceActionRefused::ChargedAutomatically { hosted_url: None }),
        InvoiceError::EarlierUnsettled,
        InvoiceError::GatewayRefused("The charge is disputed.".to_owned()),
        InvoiceError::NotFetched,
        InvoiceError::GatewayUnavailable,
    ];
    refused.into_iter().map(ruled).collect()
}

pub(super) async fn of_webhooks() -> Vec<ApiError> {
    let signed = || TestRequest::post().append_header(("stripe-signature", "t=1,v1=00"));
    let refused = [
        WebhookRefused::Signature("it is too old"),
        WebhookRefused::Body("missing field `id`".to_owned()),
        WebhookRefused::Mode,
        WebhookRefused::NotReady,
    ];
    let refused = refused.into_iter().map(WebhookError::Refused);
    let failed = [WebhookError::Crowded, WebhookError::Store(StoreError::Conflict), WebhookError::NotStored];
    let of_the_header: [ApiError; 3] = [
        refused_by::<SignedBody>(TestRequest::post()).await,
        refused_by::<SignedBody>(signed().append_header(("stripe-signature", "t=1,v1=00"))).await,
        refused_by::<SignedBody>(TestRequest::post().insert_header(("stripe-signature", "\u{e9}"))).await,
    ];
    let large = [ApiError::payload_too_large(1024)];
    refused.chain(failed).map(ApiError::from).chain(of_the_header).chain(large).collect()
}

pub(super) async fn of_reading_requests() -> Vec<ApiError> {
    let link = |payer: &str, rest: &str| {
        let body = format!(r#"{{"payer":{payer},"plan":"pro","interval":"month"{rest}}}"#);
        serde_json::from_str::<CreateCheckoutLinkBody>(&body).unwrap().request(AppId::from_uuid(1))
    };
    let trial = |body: &str| {
        let of = (AppId::from_uuid(1), SubscriptionId::from_uuid(1));
        serde_json::from_str::<ChangeTrialBody>(body).unwrap().request(of)
    };
    let body = |body: &str| post().set_payload(body.to_owned());
    vec![
        link(r#"{"kind":"user","id":"a b"}"#, "").unwrap_err(),
        link(r#"{"kind":"organization","id":""}"#, "").unwrap_err(),
        link(r#"{"kind":"user","id":"user_1"}"#, r#","environmentId":"a b""#).unwrap_err(),
        refused_by::<RequiredJson<CreateCheckoutLinkBody>>(body(r#"{"payer":{"kind":"team"}}"#)).await,
        refused_by::<RequiredJson<CreateCheckoutLinkBody>>(body(r#"{"payer":{"mail":"a@b.c"}}"#)).await,
        refused_by::<RequiredJson<CreateCheckoutLinkBody>>(body(r#"{"quantity":-1}"#)).await,
        refused_by::<RequiredJson<CreateCheckoutLinkBody>>(body(r#"{"successUrl":"javascript:1"}"#)).await,
        refused_by::<RequiredJson<CancelSubscriptionBody>>(body("{}")).await,
        trial("{}").unwrap_err(),
        trial(r#"{"endsNow":true,"endsAt":"2026-12-24T12:00:00Z"}"#).unwrap_err(),
        trial(r#"{"endsAt":"tomorrow"}"#).unwrap_err(),
        refused_by::<RequiredJson<PreviewPlanChangeBody>>(body(r#"{"from":"then"}"#)).await,
        refused_by::<RequiredJson<ChangePlanBody>>(body(r#"{"proof":"v1.1"}"#)).await,
        refused_by::<SubscriptionsQuery>(TestRequest::with_uri("/?status=ended")).await,
        refused_by::<SubscriptionsQuery>(TestRequest::with_uri("/?plan=pro")).await,
        refused_by::<SubscriptionsQuery>(TestRequest::with_uri("/?planId=plan_01kapzv5e8f6ws8j4kq1bdx0mh"))
            .await,
        refused_by::<InvoicesQuery>(TestRequest::with_uri("/?status=late")).await,
        refused_by::<InvoicesQuery>(TestRequest::with_uri("/?payer=a%20b")).await,
        refused_by::<InPath<(AppId, SubscriptionId)>>(
            TestRequest::get().param("appId", "app_1").param("subscriptionId", "sub_1"),
        )
        .await,
    ]
}
