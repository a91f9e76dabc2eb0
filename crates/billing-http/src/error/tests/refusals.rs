mod sales;

use std::collections::BTreeSet;
use std::convert::Infallible;

use actix_web::FromRequest;
use actix_web::test::TestRequest;
use billing_application::{
    Absent, AppError, DisableBillingError, EnableBillingError, FeatureError, Interrupted, InvalidCursor,
    PlanError, Refusal, Refused, RequestKeyReused,
};
use billing_domain::ports::{SessionError, StoreError};
use billing_domain::{
    App, AppDetails, AppId, Blockers, Currency, DisplayName, Feature, FeatureDetails, FeatureId, FeatureKey,
    Gateway, GatewayNotConfigured, InsufficientRole, Money, PayerKind, Plan, PlanDetails, PlanId, PlanKey,
    PlanOffer, PlanRefused, PriceId, Timestamp, TooManyOrigins, UnsellableAmount, Version, WorkspaceId,
};

use super::*;
use crate::dto::{AddPriceBody, CreatePlanBody, UpdatePlanBody};
use crate::extract::{InPath, PageQuery, PlansQuery, RequestKeyHeader, RequiredJson};

/// The text of every refusal. It is part of the contract.
const PINNED: &str = include_str!("refusals.txt");

#[tokio::test]
async fn every_refusal_has_its_status_code_and_sentence() {
    let mut refusals = of_the_gate();
    refusals.extend(of_apps());
    refusals.extend(of_plans());
    refusals.extend(of_features());
    refusals.extend(sales::of_checkouts());
    refusals.extend(sales::of_what_was_sold());
    refusals.extend(sales::of_changes_of_plan());
    refusals.extend(sales::of_invoices());
    refusals.extend(sales::of_webhooks().await);
    refusals.extend(sales::of_reading_requests().await);
    refusals.extend(of_the_transport());
    refusals.extend(of_reading_requests().await);
    let line = |refusal: &ApiError| {
        let code = serde_json::to_value(refusal.code()).unwrap();
        let details = refusal.details.as_ref().map(|details| {
            let names: Vec<_> = details.as_object().unwrap().keys().map(String::as_str).collect();
            format!(" [{}]", names.join(", "))
        });
        let (code, status) = (code.as_str().unwrap(), refusal.code().status());
        format!("{status} {code}{}: {refusal}\n", details.unwrap_or_default())
    };
    let told: String = refusals.iter().map(line).collect();
    assert_eq!(told, PINNED, "\n{told}");

    let codes: BTreeSet<_> = refusals.iter().map(|refusal| format!("{:?}", refusal.code())).collect();
    let all: BTreeSet<_> = ErrorCode::ALL.iter().map(|code| format!("{code:?}")).collect();
    assert_eq!(codes, all);
}

fn ruled<E: Refusal>(rule: E) -> ApiError {
    Refused::from(rule).into()
}

fn absent(absent: Absent) -> ApiError {
    Refused::<Infallible>::Absent(absent).into()
}

fn of_the_gate() -> Vec<ApiError> {
    let missing = GatewayNotConfigured {
        gateway: Gateway::StripePlatform,
        missing_settings: vec!["KL_STRIPE_SECRET_KEY"],
    };
    vec![
        ruled(EnableBillingError::GatewayNotConfigured(missing)),
        ruled(EnableBillingError::OnAlready(Gateway::Managed)),
        ruled(EnableBillingError::NotEnabled),
        ruled(EnableBillingError::Closing),
        ruled(DisableBillingError::Blocked(Blockers::new(Vec::new(), 7))),
        ruled(DisableBillingError::Contended),
        ruled(DisableBillingError::Closing),
        ruled(DisableBillingError::GatewaySlow),
        ruled(DisableBillingError::GatewayUnavailable),
        Refused::<Infallible>::NotEnabled.into(),
    ]
}

fn of_apps() -> Vec<ApiError> {
    let app = App {
        id: AppId::from_uuid(1),
        workspace_id: workspace(),
        details: AppDetails::new(name("Shop"), Vec::new()).unwrap(),
        environments: Vec::new(),
        version: Version::NEW,
        created_at: noon(),
    };
    vec![
        absent(Absent::App),
        ruled(AppError::TooManyOrigins(TooManyOrigins)),
        ruled(AppError::EditedMeanwhile(Box::new(app))),
        Refused::<AppError>::from(RequestKeyReused).into(),
        ruled(InvalidCursor),
        ruled(InvalidCursor),
    ]
}

fn of_plans() -> Vec<ApiError> {
    let absent = [Absent::App, Absent::Plan, Absent::Price, Absent::Feature].into_iter().map(absent);
    let refused = [
        PlanRefused::Archived,
        PlanRefused::DefaultMustBeFree { has_prices: true, has_trial: false },
        PlanRefused::DefaultMustBeFree { has_prices: false, has_trial: true },
        PlanRefused::DefaultMustBeFree { has_prices: true, has_trial: true },
        PlanRefused::NewDefaultMustBeFree,
        PlanRefused::DefaultTakesNoPrices,
        PlanRefused::PriceTwice,
        PlanRefused::TooManyPrices,
        PlanRefused::TooManyFeatures,
    ];
    let amount = |minor_units, currency| Money::new(minor_units, Currency::parse(currency).unwrap());
    let unchargeable = [amount(4_505, "KWD"), amount(100_000_000, "USD"), amount(1_000, "CLF")];
    let unsellable = unchargeable.map(|amount| UnsellableAmount::from(amount.stripe_amount().unwrap_err()));
    let added = unsellable.map(|reason| ruled(PlanError::Refused(PlanRefused::Unsellable(reason))));
    let created = unsellable.map(|reason| ruled(PlanError::Unsellable { position: 1, reason }));
    let refused = refused.into_iter().map(|refused| ruled(PlanError::Refused(refused)));
    let refused = refused.chain(added).chain(created);
    let offer = PlanOffer { plan: plan(1), prices: Vec::new(), features: Vec::new() };
    let of_plans: [ApiError; 8] = [
        Refused::<Infallible>::NotEnabled.into(),
        ruled(InvalidCursor),
        ruled(PlanError::KeyTaken(PlanKey::parse("pro").unwrap())),
        ruled(PlanError::DefaultTaken(Box::new(plan(1)))),
        ruled(PlanError::EditedMeanwhile(Box::new(offer))),
        ruled(PlanError::FeatureNameMissing(key())),
        ruled(PlanError::FeatureUnknown(key())),
        Refused::<PlanError>::from(RequestKeyReused).into(),
    ];
    absent.chain(refused).chain(of_plans).collect()
}

fn of_features() -> Vec<ApiError> {
    let feature = Feature {
        id: FeatureId::from_uuid(1),
        workspace_id: workspace(),
        app_id: AppId::from_uuid(1),
        key: key(),
        details: FeatureDetails { name: name("Export"), description: None },
        version: Version::NEW,
        created_at: noon(),
    };
    vec![
        ruled(FeatureError::KeyTaken(key())),
        ruled(FeatureError::InUse(vec![plan(1)])),
        ruled(FeatureError::InUse((1..=5).map(plan).collect())),
        ruled(FeatureError::EditedMeanwhile(Box::new(feature))),
        Refused::<FeatureError>::from(RequestKeyReused).into(),
    ]
}

fn of_the_transport() -> Vec<ApiError> {
    let broken = || "password hunter2".into();
    let refused = SessionError::Refused { reason: "it has expired; sign in again".to_owned(), expired: true };
    vec![
        refused.into(),
        SessionError::Unavailable(broken()).into(),
        SessionError::Unexpected(broken()).into(),
        InsufficientRole.into(),
        StoreError::Conflict.into(),
        StoreError::Unavailable(broken()).into(),
        StoreError::Corrupt { table: "plans", column: "name", row: "7".to_owned() }.into(),
        StoreError::Unexpected(broken()).into(),
        Interrupted::TooSlow.into(),
        ApiError::slow_gateway(Interrupted::TooSlow),
        Interrupted::Crowded.into(),
        Interrupted::Broken("a panic".to_owned()).into(),
        ApiError::not_found(),
        ApiError::method_not_allowed("GET, HEAD, POST"),
        ApiError::unreadable(StatusCode::BAD_REQUEST),
        ApiError::unreadable(StatusCode::REQUEST_TIMEOUT),
        ApiError::unreadable(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE),
        ApiError::unreadable(StatusCode::INTERNAL_SERVER_ERROR),
    ]
}

async fn of_reading_requests() -> Vec<ApiError> {
    let body = |body: &str| post().set_payload(body.to_owned());
    let plan = r#""key":"pro","name":"Pro""#;
    let price = r#""amount":{"minorUnits":0,"currency":"USD"},"interval":"month""#;
    let free: AddPriceBody = serde_json::from_str(&format!("{{{price}}}")).unwrap();
    vec![
        refused_by::<RequiredJson<CreatePlanBody>>(body("")).await,
        refused_by::<RequiredJson<CreatePlanBody>>(body(r#"["pro"]"#)).await,
        refused_by::<RequiredJson<CreatePlanBody>>(body("{}")).await,
        refused_by::<RequiredJson<CreatePlanBody>>(body(&format!("{{{plan},\"nmae\":1}}"))).await,
        refused_by::<RequiredJson<CreatePlanBody>>(body(r#"{"key":"Pro!"}"#)).await,
        refused_by::<RequiredJson<CreatePlanBody>>(body(r#"{"name":""}"#)).await,
        refused_by::<RequiredJson<CreatePlanBody>>(body("{\"name\":\"Pro\u{200f}\"}")).await,
        refused_by::<RequiredJson<CreatePlanBody>>(body(r#"{"description":""}"#)).await,
        refused_by::<RequiredJson<CreatePlanBody>>(body(r#"{"payerKind":"team"}"#)).await,
        refused_by::<RequiredJson<CreatePlanBody>>(body(r#"{"trialDays":731}"#)).await,
        refused_by::<RequiredJson<CreatePlanBody>>(body(r#"{"visibility":"secret"}"#)).await,
        refused_by::<RequiredJson<CreatePlanBody>>(body(r#"{"prices":[{"interval":"week"}]}"#)).await,
        refused_by::<RequiredJson<CreatePlanBody>>(body(r#"{"prices":[{"amount":{"currency":"XXX"}}]}"#))
            .await,
        refused_by::<RequiredJson<UpdatePlanBody>>(body(r#"{"name":null}"#)).await,
        refused_by::<RequiredJson<crate::dto::CreateAppBody>>(body(
            r#"{"allowedRedirectOrigins":["http://evil.example"]}"#,
        ))
        .await,
        free.read().unwrap_err(),
        refused_by::<RequiredJson<CreatePlanBody>>(
            TestRequest::post().insert_header(("content-type", "text/plain")).set_payload("{}"),
        )
        .await,
        refused_by::<RequiredJson<CreatePlanBody>>(body(&" ".repeat(64 * 1024 + 1))).await,
        refused_by::<PageQuery>(TestRequest::with_uri("/?limit=0")).await,
        refused_by::<PageQuery>(TestRequest::with_uri("/?limit=ten")).await,
        refused_by::<PageQuery>(TestRequest::with_uri("/?page=2")).await,
        refused_by::<PageQuery>(TestRequest::with_uri("/?limit=1&limit=2")).await,
        refused_by::<PlansQuery>(TestRequest::with_uri("/?archived=yes")).await,
        refused_by::<RequestKeyHeader>(post().insert_header(("idempotency-key", "a b"))).await,
        refused_by::<RequestKeyHeader>(
            post().append_header(("idempotency-key", "a")).append_header(("idempotency-key", "b")),
        )
        .await,
        refused_by::<InPath<(AppId, PlanId, PriceId)>>(
            TestRequest::get().param("appId", "app_1").param("planId", "plan_1").param("priceId", "price_1"),
        )
        .await,
    ]
}

fn post() -> TestRequest {
    TestRequest::post().insert_header(("content-type", "application/json"))
}

async fn refused_by<T: FromRequest<Error = ApiError>>(request: TestRequest) -> ApiError {
    let (request, mut payload) = request.to_http_parts();
    match T::from_request(&request, &mut payload).await {
        Ok(_) => panic!("{} was accepted", request.uri()),
        Err(refusal) => refusal,
    }
}

fn workspace() -> WorkspaceId {
    WorkspaceId::parse("ws_test").unwrap()
}

fn name(text: &str) -> DisplayName {
    DisplayName::parse(text).unwrap()
}

fn key() -> FeatureKey {
    FeatureKey::parse("pro_export").unwrap()
}

fn noon() -> Timestamp {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

fn plan(number: u128) -> Plan {
    Plan {
        id: PlanId::from_uuid(number),
        workspace_id: workspace(),
        app_id: AppId::from_uuid(1),
        key: PlanKey::parse("pro").unwrap(),
        payer_kind: PayerKind::User,
        details: PlanDetails { is_default: true, ..PlanDetails::named(name(&format!("Pro {number}"))) },
        archived_at: None,
        version: Version::NEW,
        created_at: noon(),
    }
}
