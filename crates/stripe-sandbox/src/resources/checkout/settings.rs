//! How the page looks and what else it asks for. The sandbox's page is always the same: these are taken, told again,
//! and mean nothing here.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::wire::ApiError;

const LOCALES: &str = "auto bg cs da de el en en-GB es es-419 et fi fil fr fr-CA hi-IN hr hu id it ja ko lt lv ms mt nb \
    nl pl pt pt-BR ro ru sk sl sv th tr vi zh zh-HK zh-TW";

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
    Position { Auto, Hidden }
    Promotions { Auto, None }
    Terms { None, Required }
    TaxIdRequired { IfSupported, Never }
    Redisplay { Always, Limited, Unspecified }
    Switch { Disabled, Enabled }
    ThreeDSecure { Any, Automatic, Challenge }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReuseAgreement {
    position: Position,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsentCollection {
    payment_method_reuse_agreement: Option<ReuseAgreement>,
    promotions: Option<Promotions>,
    terms_of_service: Option<Terms>,
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
pub struct SavedMethods {
    allow_redisplay_filters: Option<Vec<Redisplay>>,
    payment_method_remove: Option<Switch>,
    payment_method_save: Option<Switch>,
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

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Message {
    message: String,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CustomText {
    after_submit: Option<Message>,
    shipping_address: Option<Message>,
    submit: Option<Message>,
    terms_of_service_acceptance: Option<Message>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Settings {
    pub adaptive_pricing: Option<Enabled>,
    pub automatic_tax: Option<Enabled>,
    pub billing_address_collection: Option<AddressCollection>,
    pub consent_collection: Option<ConsentCollection>,
    pub custom_text: Option<CustomText>,
    pub integration_identifier: Option<String>,
    pub locale: Option<String>,
    pub origin_context: Option<OriginContext>,
    pub payment_method_options: Option<MethodOptions>,
    pub phone_number_collection: Option<Enabled>,
    pub saved_payment_method_options: Option<SavedMethods>,
    pub submit_type: Option<SubmitType>,
    pub tax_id_collection: Option<TaxIdCollection>,
}

impl Settings {
    /// # Errors
    ///
    /// A language that Stripe's page does not speak.
    pub fn checked(self) -> Result<Self, ApiError> {
        let is_known = |locale: &String| LOCALES.split_whitespace().any(|known| known == locale);
        match &self.locale {
            Some(locale) if !is_known(locale) => {
                Err(ApiError::invalid(format!("Invalid locale: {locale}.")).about("locale"))
            }
            _ => Ok(self),
        }
    }

    pub fn render(&self) -> Value {
        let has_tax = self.automatic_tax.as_ref().is_some_and(|tax| tax.enabled);
        let three_d_secure =
            self.payment_method_options.as_ref().and_then(|it| it.card.as_ref()?.request_three_d_secure);
        let is_on = |setting: &Option<Enabled>| setting.as_ref().is_some_and(|it| it.enabled);
        let mut body = json!({
            "adaptive_pricing": { "enabled": is_on(&self.adaptive_pricing) },
            "automatic_tax": {
                "enabled": has_tax,
                "liability": has_tax.then(|| json!({ "type": "self" })),
                "provider": has_tax.then_some("stripe"),
                "status": has_tax.then_some("complete"),
            },
            "billing_address_collection": self.billing_address_collection,
            "consent_collection": self.consent_collection,
            "custom_text": self.custom_text.clone().unwrap_or_default(),
            "integration_identifier": self.integration_identifier,
            "locale": self.locale,
            "origin_context": self.origin_context,
            "payment_method_options": {
                "card": { "request_three_d_secure": three_d_secure.unwrap_or(ThreeDSecure::Automatic) },
            },
            "phone_number_collection": { "enabled": is_on(&self.phone_number_collection) },
            "saved_payment_method_options": self.saved_payment_method_options,
            "submit_type": self.submit_type,
        });
        if let Some(TaxIdCollection { enabled, required }) = &self.tax_id_collection {
            let required = required.unwrap_or(TaxIdRequired::Never);
            body["tax_id_collection"] = json!({ "enabled": enabled, "required": required });
        }
        body
    }
}
