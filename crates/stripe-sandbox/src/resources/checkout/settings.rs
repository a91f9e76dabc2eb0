//! What else is asked for. What the sandbox's page does not do is taken only in the value that changes nothing.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::session::Mode;
use crate::wire::{
    ApiError,
    checks::{check_absent, checked_locale},
};

/// Enums whose values are those of Stripe's API.
macro_rules! words {
    ($($name:ident { $($word:ident),+ })+) => {
        $(#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($word),+ })+
    };
}

words! {
    AddressCollection { Auto, Required }
    SubmitType { Auto, Book, Donate, Pay, Subscribe }
    OriginContext { MobileApp, Web }
    TaxIdRequired { IfSupported, Never }
    ThreeDSecure { Any, Automatic, Challenge }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Enabled {
    enabled: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaxIdCollection {
    enabled: bool,
    required: Option<TaxIdRequired>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardOptions {
    request_three_d_secure: Option<ThreeDSecure>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MethodOptions {
    card: Option<CardOptions>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Settings {
    pub adaptive_pricing: Option<Enabled>,
    pub automatic_tax: Option<Enabled>,
    pub billing_address_collection: Option<AddressCollection>,
    pub integration_identifier: Option<String>,
    pub locale: Option<String>,
    pub origin_context: Option<OriginContext>,
    pub payment_method_options: Option<MethodOptions>,
    pub phone_number_collection: Option<Enabled>,
    pub submit_type: Option<SubmitType>,
    pub tax_id_collection: Option<TaxIdCollection>,
}

impl Settings {
    /// # Errors
    ///
    /// What the page does not do, or a language that it does not speak.
    pub fn checked(mut self, mode: Mode) -> Result<Self, ApiError> {
        let is_on = |setting: &Option<Enabled>| setting.as_ref().is_some_and(|it| it.enabled);
        let secured =
            self.payment_method_options.as_ref().and_then(|it| it.card.as_ref()?.request_three_d_secure);
        // The button of a subscription is always worded so.
        let rewords = |asked| match mode {
            Mode::Payment => false,
            Mode::Subscription => !matches!(asked, SubmitType::Auto | SubmitType::Subscribe),
            Mode::Setup => true,
        };
        let absent = [
            ("adaptive_pricing[enabled]", is_on(&self.adaptive_pricing)),
            ("automatic_tax[enabled]", is_on(&self.automatic_tax)),
            (
                "billing_address_collection",
                self.billing_address_collection == Some(AddressCollection::Required),
            ),
            ("origin_context", self.origin_context == Some(OriginContext::MobileApp)),
            (
                "payment_method_options[card][request_three_d_secure]",
                secured.is_some_and(|asked| asked != ThreeDSecure::Automatic),
            ),
            ("phone_number_collection[enabled]", is_on(&self.phone_number_collection)),
            ("submit_type", self.submit_type.is_some_and(rewords)),
            ("tax_id_collection[enabled]", self.tax_id_collection.as_ref().is_some_and(|it| it.enabled)),
        ];
        absent.into_iter().try_for_each(|(param, is_asked)| check_absent(is_asked, param))?;
        self.locale = self.locale.map(checked_locale).transpose()?;
        Ok(self)
    }

    pub fn render(&self) -> Value {
        let three_d_secure =
            self.payment_method_options.as_ref().and_then(|it| it.card.as_ref()?.request_three_d_secure);
        let is_on = |setting: &Option<Enabled>| setting.as_ref().is_some_and(|it| it.enabled);
        let mut body = json!({
            "adaptive_pricing": { "enabled": is_on(&self.adaptive_pricing) },
            "automatic_tax": { "enabled": false, "liability": null, "provider": null, "status": null },
            "billing_address_collection": self.billing_address_collection,
            "consent_collection": null,
            "custom_text": {
                "after_submit": null, "shipping_address": null, "submit": null, "terms_of_service_acceptance": null,
            },
            "integration_identifier": self.integration_identifier,
            "locale": self.locale,
            "origin_context": self.origin_context,
            "payment_method_options": {
                "card": { "request_three_d_secure": three_d_secure.unwrap_or(ThreeDSecure::Automatic) },
            },
            "phone_number_collection": { "enabled": is_on(&self.phone_number_collection) },
            "saved_payment_method_options": null,
            "submit_type": self.submit_type,
        });
        if let Some(TaxIdCollection { enabled, required }) = &self.tax_id_collection {
            let required = required.unwrap_or(TaxIdRequired::Never);
            body["tax_id_collection"] = json!({ "enabled": enabled, "required": required });
        }
        body
    }
}
