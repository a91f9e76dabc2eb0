//! Times in stored JSON: RFC 3339 in UTC with milliseconds (contract, section 2).
//!
//! Every `Timestamp` field of a type stored as JSON has `#[serde(with = "wire_time")]` (or `wire_time::option`), so
//! that the audit log formats times like the rest of the API.

use chrono::SecondsFormat;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Timestamp;

/// The moment in RFC 3339, in UTC with milliseconds.
#[must_use]
pub fn wire_time(moment: Timestamp) -> String {
    moment.to_rfc3339_opts(SecondsFormat::Millis, true)
}

pub(crate) fn serialize<S: Serializer>(moment: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    wire_time(*moment).serialize(serializer)
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    Timestamp::deserialize(deserializer)
}

pub(crate) mod option {
    use super::{Deserialize, Deserializer, Serialize, Serializer, Timestamp, wire_time};

    #[expect(clippy::ref_option, reason = "serde passes a reference to the field")]
    pub(crate) fn serialize<S: Serializer>(
        moment: &Option<Timestamp>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        moment.map(wire_time).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Timestamp>, D::Error> {
        Option::<Timestamp>::deserialize(deserializer)
    }
}
