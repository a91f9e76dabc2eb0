use actix_web::test::TestRequest;
use billing_application::{CheckoutError, EnvironmentProblem, SubscriptionError, WebhookError};
use billing_domain::ports::WebhookRefused;
use billing_domain::{BillingInterval, PriceTerms, SubscriptionId};

use super::*;
use crate::dto::{CancelSubscriptionBody, CreateCheckoutLinkBody};
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
        ruled(SubscriptionError::Ended),
        ruled(SubscriptionError::GatewayRefused("It is canceled.".to_owned())),
        ruled(SubscriptionError::EarlierUnsettled),
        ruled(SubscriptionError::GatewayUnavailable),
    ]
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
