//! Values that many endpoints read.

use std::{collections::BTreeMap, fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{self, Visitor, value::MapAccessDeserializer},
};

use super::error::ApiError;
use crate::clock::Timestamp;

pub type Metadata = BTreeMap<String, String>;

/// A parameter of an update: left out, sent empty to clear the field, or set.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Patch<T> {
    #[default]
    Keep,
    Clear,
    Set(T),
}

impl<T> Patch<T> {
    pub fn apply(self, field: &mut Option<T>) {
        match self {
            Self::Keep => {}
            Self::Clear => *field = None,
            Self::Set(value) => *field = Some(value),
        }
    }

    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Patch<U> {
        match self {
            Self::Keep => Patch::Keep,
            Self::Clear => Patch::Clear,
            Self::Set(value) => Patch::Set(change(value)),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Option::deserialize(deserializer)? {
            Some(value) => Self::Set(value),
            None => Self::Clear,
        })
    }
}

const MOST_METADATA: usize = 50;
const LONGEST_METADATA_KEY: usize = 40;
const LONGEST_METADATA_VALUE: usize = 500;

/// Stripe's rule: keys are merged, an empty value unsets its key, an empty `metadata` unsets all.
///
/// # Errors
///
/// Too many keys, or a key or value that is too long.
pub fn merge_metadata(current: &mut Metadata, change: Patch<Metadata>) -> Result<(), ApiError> {
    match change {
        Patch::Keep => {}
        Patch::Clear => current.clear(),
        Patch::Set(entries) => {
            for (key, value) in entries {
                if key.chars().count() > LONGEST_METADATA_KEY || key.contains(['[', ']']) {
                    return Err(ApiError::invalid(format!(
                        "Metadata keys can have up to {LONGEST_METADATA_KEY} characters and no square brackets."
                    ))
                    .about("metadata")
                    .before_execution());
                }
                if value.chars().count() > LONGEST_METADATA_VALUE {
                    return Err(ApiError::invalid(format!(
                        "Metadata values can have up to {LONGEST_METADATA_VALUE} characters."
                    ))
                    .about(&format!("metadata[{key}]"))
                    .before_execution());
                }
                if value.is_empty() {
                    current.remove(&key)
                } else {
                    current.insert(key, value)
                };
            }
        }
    }
    if current.len() > MOST_METADATA {
        let message = format!("Metadata can have up to {MOST_METADATA} keys.");
        return Err(ApiError::invalid(message).about("metadata").before_execution());
    }
    Ok(())
}

/// # Errors
///
/// See [`merge_metadata`].
pub fn new_metadata(entries: Option<Metadata>) -> Result<Metadata, ApiError> {
    let mut metadata = Metadata::new();
    merge_metadata(&mut metadata, entries.map_or(Patch::Keep, Patch::Set))?;
    Ok(metadata)
}

/// A filter such as `created=1700000000` or `created[gte]=1700000000`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Range {
    gt: Option<Timestamp>,
    gte: Option<Timestamp>,
    lt: Option<Timestamp>,
    lte: Option<Timestamp>,
}

impl Range {
    pub fn holds(self, time: Timestamp) -> bool {
        self.gt.is_none_or(|bound| time > bound)
            && self.gte.is_none_or(|bound| time >= bound)
            && self.lt.is_none_or(|bound| time < bound)
            && self.lte.is_none_or(|bound| time <= bound)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Bounds {
    gt: Option<Timestamp>,
    gte: Option<Timestamp>,
    lt: Option<Timestamp>,
    lte: Option<Timestamp>,
}

impl<'de> Deserialize<'de> for Range {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Either::<Timestamp, Bounds>::deserialize(deserializer)? {
            Either::Text(time) => Self { gte: Some(time), lte: Some(time), ..Self::default() },
            Either::Map(Bounds { gt, gte, lt, lte }) => Self { gt, gte, lt, lte },
        })
    }
}

/// A time, or the word `now`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    Now,
    At(Timestamp),
}

impl std::str::FromStr for Moment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "now" => Ok(Self::Now),
            _ => text.parse().map(Self::At).map_err(|_| format!("Invalid integer: {text}")),
        }
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// A parameter that is written as a text or as a map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Either<A, B> {
    Text(A),
    Map(B),
}

impl<'de, A: std::str::FromStr, B: Deserialize<'de>> Deserialize<'de> for Either<A, B> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct EitherVisitor<A, B>(PhantomData<(A, B)>);

        impl<'de, A: std::str::FromStr, B: Deserialize<'de>> Visitor<'de> for EitherVisitor<A, B> {
            type Value = Either<A, B>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a value or a map")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                text.parse().map(Either::Text).map_err(|_| E::custom(format!("Invalid value: {text}")))
            }

            fn visit_map<M: de::MapAccess<'de>>(self, map: M) -> Result<Self::Value, M::Error> {
                B::deserialize(MapAccessDeserializer::new(map)).map(Either::Map)
            }
        }

        deserializer.deserialize_any(EitherVisitor(PhantomData))
    }
}
