//! How prorations and anchors are computed: as `flexible`, Stripe's default since API version 2025-09-30.clover.

use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::{Value, json};

/// The mode of every subscription and schedule, as the API shows it.
pub fn billing_mode() -> Value {
    json!({ "flexible": { "proration_discounts": "included" }, "type": Mode::Flexible })
}

/// The `billing_mode` of a request, which can only be `flexible`.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AskedBillingMode {
    #[serde(rename = "type")]
    _kind: Mode,
}

#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
enum Mode {
    Flexible,
}

impl<'de> Deserialize<'de> for Mode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match String::deserialize(deserializer)?.as_str() {
            "flexible" => Ok(Self::Flexible),
            "classic" => Err(de::Error::custom(
                "Invalid {param}: the sandbox computes `flexible` billing, Stripe's default, and not `classic`.",
            )),
            other => Err(de::Error::custom(format!(
                "Invalid {{param}}: must be one of classic, flexible, and not `{other}`."
            ))),
        }
    }
}
