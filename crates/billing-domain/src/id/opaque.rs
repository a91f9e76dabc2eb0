//! Ids issued by the platform (contract, section 2) and by Stripe.

use serde::{Deserialize, Serialize};

use super::InvalidId;

const PLATFORM_MAX_LENGTH: usize = 128;
/// Stripe: object ids and idempotency keys are at most 255 characters.
const STRIPE_MAX_LENGTH: usize = 255;

fn is_opaque(text: &str, max_length: usize) -> bool {
    (1..=max_length).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}

macro_rules! opaque_ids {
    ($max_length:ident, $rule:literal: $($(#[$doc:meta])* $name:ident, $kind:literal;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Parses an id.
            ///
            /// # Errors
            /// [`InvalidId`] when the text is empty, too long or has characters that are not allowed.
            pub fn parse(text: impl Into<String>) -> Result<Self, InvalidId> {
                let text = text.into();
                if is_opaque(&text, $max_length) {
                    Ok(Self(text))
                } else {
                    Err(InvalidId { kind: $kind, rule: $rule })
                }
            }

            /// The stored and wire form.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        text_forms!($name(String), InvalidId);
    )+};
}

opaque_ids! {
    PLATFORM_MAX_LENGTH, "1 to 128 letters, digits, `_` or `-`":

    /// The tenant: owns apps and the billing switch.
    WorkspaceId, "workspace id";
    /// An app of a workspace; the catalog belongs to it.
    AppId, "app id";
    /// An environment of an app; customers and subscriptions belong to it.
    EnvironmentId, "environment id";
    /// An end user of one environment.
    UserId, "user id";
    /// An organization of end users in one environment.
    OrganizationId, "organization id";
    /// A dashboard user.
    DashboardUserId, "dashboard user id";
}

opaque_ids! {
    STRIPE_MAX_LENGTH, "1 to 255 letters, digits, `_` or `-`":

    /// The Stripe account (`acct_…`) of an object. Never changes.
    GatewayAccountId, "gateway account id";
    /// Stripe's id of a subscription. Not our [`SubscriptionId`](crate::SubscriptionId), though both begin with
    /// `sub_`.
    StripeSubscriptionId, "Stripe subscription id";
    /// Stripe's id of any object, such as `cus_…`, `cs_…` or `in_…`.
    StripeId, "Stripe id";
    /// The idempotency key of one create request to Stripe. Stored before the first call and sent with every retry,
    /// so that one intent makes at most one Stripe object (invariant I6).
    IdempotencyKey, "idempotency key";
}

impl From<StripeSubscriptionId> for StripeId {
    fn from(id: StripeSubscriptionId) -> Self {
        Self(id.0)
    }
}

impl From<StripeId> for StripeSubscriptionId {
    fn from(id: StripeId) -> Self {
        Self(id.0)
    }
}

impl AppId {
    /// A new id from the 128 bits that [`IdGenerator`](crate::ports::IdGenerator) gives.
    #[must_use]
    pub fn from_uuid(uuid: u128) -> Self {
        Self(super::type_id("app", uuid))
    }
}

impl EnvironmentId {
    /// A new id from the 128 bits that [`IdGenerator`](crate::ports::IdGenerator) gives.
    #[must_use]
    pub fn from_uuid(uuid: u128) -> Self {
        Self(super::type_id("env", uuid))
    }
}

impl IdempotencyKey {
    /// The key of a repetition of the same request: another one for each number.
    #[must_use]
    pub fn numbered(&self, number: u64) -> Self {
        Self(format!("{self}-{number}"))
    }

    /// A new key from the 128 bits that [`IdGenerator`](crate::ports::IdGenerator) gives.
    #[must_use]
    pub fn from_uuid(uuid: u128) -> Self {
        Self(format!("kl_{uuid:032x}"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn an_id_of_the_platform_alphabet_is_kept_unchanged(text in "[A-Za-z0-9_-]{1,128}") {
            let id = WorkspaceId::parse(text.clone()).unwrap();
            prop_assert_eq!(id.as_str(), text);
        }

        #[test]
        fn an_id_with_another_character_is_refused(text in "[A-Za-z0-9_-]{0,5}[^A-Za-z0-9_-][A-Za-z0-9_-]{0,5}") {
            prop_assert!(WorkspaceId::parse(text).is_err());
        }
    }

    #[test]
    fn length_is_limited_per_issuer() {
        assert!(AppId::parse("").is_err());
        assert!(AppId::parse("a".repeat(129)).is_err());
        assert!(StripeSubscriptionId::parse("a".repeat(255)).is_ok());
        assert!(StripeSubscriptionId::parse("a".repeat(256)).is_err());
    }

    #[test]
    fn a_new_idempotency_key_is_valid_for_stripe() {
        let key = IdempotencyKey::from_uuid(u128::MAX);
        assert_eq!(IdempotencyKey::parse(key.as_str()), Ok(key));
    }

    #[test]
    fn a_refusal_names_the_kind_and_the_rule() {
        assert_eq!(
            WorkspaceId::parse("ws demo").unwrap_err().to_string(),
            "not a valid workspace id: it must be 1 to 128 letters, digits, `_` or `-`"
        );
    }
}
