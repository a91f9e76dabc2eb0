//! Our own ids in TypeID form: a prefix and a `UUIDv7` in base 32, sorted by time of creation (contract, section 2).

use serde::{Deserialize, Serialize};

use super::InvalidId;

/// Crockford's alphabet in lower case: no `i`, `l`, `o`, `u`.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// 26 digits of 5 bits hold 128 bits with 2 to spare.
const SUFFIX_LENGTH: u32 = 26;
const BITS_PER_DIGIT: u32 = 5;

/// The text of an id: prefix, underscore and 26 digits of base 32. For ids without a type of their own, such as
/// request ids.
#[must_use]
pub fn type_id(prefix: &str, uuid: u128) -> String {
    let mut text = String::with_capacity(prefix.len() + 1 + SUFFIX_LENGTH as usize);
    text.push_str(prefix);
    text.push('_');
    for position in (0..SUFFIX_LENGTH).rev() {
        let digit = (uuid >> (position * BITS_PER_DIGIT)) & 0x1f;
        text.push(char::from(ALPHABET[digit as usize]));
    }
    text
}

fn decode(prefix: &str, text: &str) -> Option<u128> {
    let suffix = text.strip_prefix(prefix)?.strip_prefix('_')?;
    if suffix.len() != SUFFIX_LENGTH as usize {
        return None;
    }
    suffix.bytes().try_fold(0_u128, |uuid, byte| {
        let digit = ALPHABET.iter().position(|letter| *letter == byte)?;
        // The first digit has only 3 significant bits; a larger one would overflow.
        let shifted = uuid.checked_mul(1 << BITS_PER_DIGIT)?;
        Some(shifted | digit as u128)
    })
}

macro_rules! type_ids {
    ($($(#[$doc:meta])* $name:ident, $prefix:literal, $kind:literal;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(u128);

        impl $name {
            /// The id of a new object, from the 128 bits of [`IdGenerator`](crate::ports::IdGenerator).
            #[must_use]
            pub fn from_uuid(uuid: u128) -> Self {
                Self(uuid)
            }

            /// Parses an id.
            ///
            /// # Errors
            /// [`InvalidId`] when the prefix differs or the rest is not 26 digits of base 32.
            pub fn parse(text: &str) -> Result<Self, InvalidId> {
                decode($prefix, text).map(Self).ok_or(InvalidId {
                    kind: $kind,
                    rule: concat!("`", $prefix, "_` and 26 lower-case base-32 digits"),
                })
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&type_id($prefix, self.0))
            }
        }

        text_forms!($name, InvalidId);
    )+};
}

type_ids! {
    /// The mirror of an end user's or organization's Stripe subscription.
    SubscriptionId, "sub", "subscription id";
    /// The durable record that a Checkout Session may exist.
    CheckoutIntentId, "intent", "checkout intent id";
    /// A plan of an app.
    PlanId, "plan", "plan id";
    /// A price of a plan.
    PriceId, "price", "price id";
    /// A feature of an app.
    FeatureId, "feature", "feature id";
    /// One line of the audit log.
    AuditEntryId, "audit", "audit entry id";
    /// The mirror of a Stripe invoice.
    InvoiceId, "inv", "invoice id";
    /// The durable record of a call that changes something at Stripe.
    GatewayCallId, "call", "gateway call id";
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_id_has_the_form_of_the_typeid_specification() {
        // From the TypeID specification's list of valid examples (`valid.yml`).
        let uuid = 0x0188_bac7_4afa_78aa_bc3b_bd1e_ef28_d881;
        assert_eq!(type_id("prefix", uuid), "prefix_01h2xcejqtf2nbrexx3vqjhp41");
        assert_eq!(decode("prefix", "prefix_01h2xcejqtf2nbrexx3vqjhp41"), Some(uuid));
        assert_eq!(type_id("x", u128::MAX), "x_7zzzzzzzzzzzzzzzzzzzzzzzzz");
    }

    #[test]
    fn an_invalid_id_is_refused() {
        for text in [
            "",
            "sub",
            "sub_",
            "sub_01h2xcejqtf2nbrexx3vqjhp4",
            "sub_01h2xcejqtf2nbrexx3vqjhp411",
            "sub_81h2xcejqtf2nbrexx3vqjhp41",
            "sub_01H2XCEJQTF2NBREXX3VQJHP41",
            "sub_01h2xcejqtf2nbrexx3vqjhpi1",
            "intent_01h2xcejqtf2nbrexx3vqjhp41",
            "sub01h2xcejqtf2nbrexx3vqjhp41",
        ] {
            assert!(SubscriptionId::parse(text).is_err(), "{text:?} was accepted");
        }
    }

    proptest! {
        #[test]
        fn an_id_round_trips_through_its_text(uuid: u128) {
            let id = CheckoutIntentId::from_uuid(uuid);
            prop_assert_eq!(CheckoutIntentId::parse(&id.to_string()).unwrap(), id);
        }

        #[test]
        fn the_text_of_ids_sorts_like_their_bits(left: u128, right: u128) {
            let as_text = type_id("sub", left).cmp(&type_id("sub", right));
            prop_assert_eq!(as_text, left.cmp(&right));
        }
    }
}
