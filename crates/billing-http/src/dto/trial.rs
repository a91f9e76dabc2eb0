use billing_application::ChangeTrial;
use billing_domain::{AppId, SubscriptionId, Timestamp, TrialEnd};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::error::{ApiError, Part};

/// The new end of a trial: exactly one of the two.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ChangeTrialBody {
    /// The end, at most 730 days ahead; Stripe keeps whole seconds. The payer is charged then for the first time.
    #[schema(format = DateTime)]
    ends_at: Option<String>,
    /// `true` ends the trial now: the first period begins, and the payer is charged.
    #[schema(example = true)]
    ends_now: Option<bool>,
}

impl ChangeTrialBody {
    pub(crate) fn request(
        self,
        (app_id, subscription_id): (AppId, SubscriptionId),
    ) -> Result<ChangeTrial, ApiError> {
        let ends = match (self.ends_at, self.ends_now.unwrap_or_default()) {
            (None, true) => TrialEnd::Now,
            (Some(time), false) => {
                let time = time.parse::<Timestamp>();
                let rule = "it is no time of RFC 3339, such as 2026-12-24T12:00:00Z";
                TrialEnd::at(time.map_err(|_| ApiError::malformed(&Part::Field("endsAt"), rule))?)
            }
            (None, false) | (Some(_), true) => {
                return Err(ApiError::invalid_request(
                    "Say when the trial ends: either `endsAt`, a time, or `endsNow`, which is `true`.",
                ));
            }
        };
        Ok(ChangeTrial { app_id, subscription_id, ends })
    }
}
