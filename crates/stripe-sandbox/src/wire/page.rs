//! Lists: newest first, in pages, with an object's id as the cursor.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Answer, ApiError, Call};
use crate::store::{Resource, Tx};

const MOST: usize = 100;
const USUAL: usize = 10;

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PageParams {
    limit: Option<i64>,
    starting_after: Option<String>,
    ending_before: Option<String>,
}

impl PageParams {
    fn limit(&self) -> Result<usize, ApiError> {
        match self.limit {
            None => Ok(USUAL),
            Some(limit) => {
                usize::try_from(limit).ok().filter(|limit| (1..=MOST).contains(limit)).ok_or_else(|| {
                    ApiError::invalid(format!(
                        "Invalid limit: must be between 1 and {MOST}, and not {limit}."
                    ))
                    .about("limit")
                    .coded("parameter_invalid_integer")
                })
            }
        }
    }

    /// The part of `all`, which is newest first, that was asked for, and whether more is beyond it.
    ///
    /// # Errors
    ///
    /// A limit out of bounds, two cursors, or a cursor that is not in the list.
    fn cut<T>(&self, all: Vec<T>, id: impl Fn(&T) -> &str) -> Result<(Vec<T>, bool), ApiError> {
        let limit = self.limit()?;
        let place = |param: &str, cursor: &str| {
            all.iter().position(|object| id(object) == cursor).ok_or_else(|| {
                let message = format!("No such object: '{cursor}'. The cursor must be an id of this list.");
                ApiError::invalid(message).about(param).coded("resource_missing")
            })
        };
        match (&self.starting_after, &self.ending_before) {
            (Some(_), Some(_)) => {
                Err(ApiError::invalid("Only one of `starting_after` and `ending_before` can be given.")
                    .about("ending_before"))
            }
            (Some(after), None) => {
                let rest = all.len() - (place("starting_after", after)? + 1);
                let skip = all.len() - rest;
                Ok((all.into_iter().skip(skip).take(limit).collect(), rest > limit))
            }
            (None, Some(before)) => {
                let until = place("ending_before", before)?;
                let from = until.saturating_sub(limit);
                Ok((all.into_iter().take(until).skip(from).collect(), from > 0))
            }
            (None, None) => {
                let more = all.len() > limit;
                Ok((all.into_iter().take(limit).collect(), more))
            }
        }
    }
}

/// A page of rendered objects.
#[expect(clippy::needless_pass_by_value, reason = "the page is made for this")]
pub fn list(url: &str, data: Vec<Value>, has_more: bool) -> Value {
    json!({ "object": "list", "data": data, "has_more": has_more, "url": url })
}

impl Call {
    /// The part of a list that the request asks for, and whether more is beyond it.
    ///
    /// # Errors
    ///
    /// See [`PageParams::cut`].
    pub fn cut<T>(&self, all: Vec<T>, id: impl Fn(&T) -> &str) -> Result<(Vec<T>, bool), ApiError> {
        self.page.cut(all, id)
    }

    /// Answers with the page that the request asks for.
    ///
    /// # Errors
    ///
    /// See [`PageParams::cut`].
    pub fn page_of<'a, T: Resource>(
        &self,
        tx: &'a Tx<'_>,
        all: impl Iterator<Item = &'a T>,
    ) -> Result<Answer, ApiError> {
        let (page, has_more) = self.page.cut(all.collect(), |object| object.id())?;
        let data = page.into_iter().map(|object| object.render(tx)).collect();
        Ok(Answer::Json(list(&self.path, data, has_more)))
    }
}
