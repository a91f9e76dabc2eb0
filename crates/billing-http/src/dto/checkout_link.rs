use billing_application::{CheckoutLink, CreateCheckoutLink};
use billing_domain::{
    AppId, CheckoutIntent, CheckoutIntentState, Currency, EnvironmentId, PlanKey, ReturnUrl, wire_time,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::PayerBody;
use super::given::Object;
use super::payer::BuyerBody;
use super::words::{CheckoutLinkStatusName, IntervalName};
use crate::error::{ApiError, Part};

/// A checkout link to create.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct CreateCheckoutLinkBody {
    #[schema(value_type = BuyerBody)]
    payer: Object<BuyerBody>,
    /// The payer's environment; that of the gateway's mode when omitted, which for a test gateway is the development
    /// one.
    #[schema(pattern = "^[A-Za-z0-9_-]{1,128}$")]
    environment_id: Option<String>,
    /// The key of the plan.
    #[schema(value_type = String, pattern = "^[a-z0-9_]{1,64}$", example = "pro_monthly")]
    plan: PlanKey,
    interval: IntervalName,
    /// Needed when the plan has prices of this interval in several currencies.
    #[schema(value_type = Option<String>, pattern = "^[A-Za-z]{3}$")]
    currency: Option<Currency>,
    /// The number of seats.
    #[serde(default = "one")]
    #[schema(minimum = 1, maximum = 100_000, default = 1)]
    quantity: u32,
    /// The page after payment; one of ours when omitted. Its origin must be one of the app's redirect origins.
    #[schema(value_type = Option<String>, pattern = "^https?://[!-~]+$", max_length = 2000)]
    success_url: Option<ReturnUrl>,
    /// The page after giving up; one of ours when omitted. Its origin must be one of the app's redirect origins.
    #[schema(value_type = Option<String>, pattern = "^https?://[!-~]+$", max_length = 2000)]
    cancel_url: Option<ReturnUrl>,
}

fn one() -> u32 {
    1
}

impl CreateCheckoutLinkBody {
    pub(crate) fn request(self, app_id: AppId) -> Result<CreateCheckoutLink, ApiError> {
        let unreadable = |field| move |error| ApiError::malformed(&Part::Field(field), error);
        let environment_id = self.environment_id.map(EnvironmentId::parse).transpose();
        Ok(CreateCheckoutLink {
            app_id,
            environment_id: environment_id.map_err(unreadable("environmentId"))?,
            payer: self.payer.0.payer().map_err(unreadable("payer.id"))?,
            plan: self.plan,
            interval: self.interval.into(),
            currency: self.currency,
            quantity: self.quantity,
            success_url: self.success_url,
            cancel_url: self.cancel_url,
        })
    }
}

/// A link at which a payer can buy a plan.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CheckoutLinkBody {
    #[schema(example = "intent_01kapzv5e8f6ws8j4kq1bdx0mn")]
    id: String,
    /// Stripe's page for payment.
    #[schema(example = "https://checkout.stripe.com/c/pay/cs_test_a1")]
    url: String,
    /// When it can no longer be paid.
    #[schema(format = DateTime, example = "2026-11-22T12:34:56.789Z")]
    expires_at: String,
}

impl From<CheckoutLink> for CheckoutLinkBody {
    fn from(link: CheckoutLink) -> Self {
        Self { id: link.id.to_string(), url: link.url, expires_at: wire_time(link.expires_at) }
    }
}

/// A checkout link and what became of it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CheckoutLinkStatusBody {
    #[schema(example = "intent_01kapzv5e8f6ws8j4kq1bdx0mn")]
    id: String,
    status: CheckoutLinkStatusName,
    /// Stripe's page for payment; null unless the link is open.
    #[schema(required = true, example = "https://checkout.stripe.com/c/pay/cs_test_a1")]
    url: Option<String>,
    #[schema(example = "env_01kapzv5e8f6ws8j4kq1bdx0mf")]
    environment_id: String,
    payer: PayerBody,
    #[schema(example = "plan_01kapzv5e8f6ws8j4kq1bdx0mh")]
    plan_id: String,
    #[schema(example = "price_01kapzv5e8f6ws8j4kq1bdx0mg")]
    price_id: String,
    #[schema(example = 1)]
    quantity: u32,
    /// How many days the payer tries the plan; none when zero.
    #[schema(example = 14)]
    trial_days: u32,
    #[schema(format = DateTime, example = "2026-11-22T12:34:56.789Z")]
    expires_at: String,
    #[schema(format = DateTime, example = "2026-11-22T12:34:56.789Z")]
    created_at: String,
}

impl From<CheckoutIntent> for CheckoutLinkStatusBody {
    fn from(intent: CheckoutIntent) -> Self {
        let is_open = intent.state == CheckoutIntentState::Open;
        Self {
            id: intent.id.to_string(),
            status: intent.state.into(),
            url: intent.session.filter(|_| is_open).map(|session| session.url),
            environment_id: intent.environment_id.to_string(),
            payer: (&intent.payer).into(),
            plan_id: intent.sale.plan_id.to_string(),
            price_id: intent.sale.price_id.to_string(),
            quantity: intent.sale.quantity,
            trial_days: intent.sale.trial_days,
            expires_at: wire_time(intent.expires_at),
            created_at: wire_time(intent.created_at),
        }
    }
}

#[cfg(test)]
mod tests {
    use billing_domain::{
        CheckoutIntentId, CheckoutSale, GatewayAccountId, GatewayCallId, OpenedSession, Payer, PlanId,
        PriceId, StripeId, UserId, WorkspaceId,
    };

    use super::*;

    fn link(state: CheckoutIntentState) -> CheckoutIntent {
        let noon = "2026-11-22T12:00:00Z".parse().unwrap();
        let sale = CheckoutSale {
            plan_id: PlanId::from_uuid(1),
            price_id: PriceId::from_uuid(1),
            quantity: 1,
            trial_days: 0,
        };
        let session = OpenedSession { id: StripeId::parse("cs_1").unwrap(), url: "https://pay".to_owned() };
        CheckoutIntent {
            id: CheckoutIntentId::from_uuid(1),
            workspace_id: WorkspaceId::parse("ws_test").unwrap(),
            app_id: AppId::from_uuid(1),
            environment_id: EnvironmentId::from_uuid(1),
            payer: Payer::User(UserId::parse("user_1").unwrap()),
            account: GatewayAccountId::parse("acct_1").unwrap(),
            sale,
            call_id: GatewayCallId::from_uuid(1),
            session: Some(session),
            state,
            expires_at: noon,
            created_at: noon,
        }
    }

    #[test]
    fn a_link_is_shown_with_its_page_only_while_it_is_open() {
        for state in CheckoutIntentState::ALL {
            let body = serde_json::to_value(CheckoutLinkStatusBody::from(link(state))).unwrap();
            assert_eq!(body["url"].is_string(), state == CheckoutIntentState::Open, "{state}");
            assert_eq!(body["status"], state.as_str());
        }
    }

    #[test]
    fn a_checkout_is_for_one_seat_unless_told_otherwise() {
        let body = r#"{"payer":{"kind":"organization","id":"org_1"},"plan":"pro","interval":"month"}"#;
        let request: CreateCheckoutLinkBody = serde_json::from_str(body).unwrap();
        let request = request.request(AppId::from_uuid(1)).unwrap();
        assert_eq!((request.quantity, request.payer.id()), (1, "org_1"));
        assert!(matches!(request.payer, Payer::Organization(_)));
    }
}
