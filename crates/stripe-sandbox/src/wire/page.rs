//! Lists: newest first, in pages, with an object's id as the cursor.

use std::collections::VecDeque;

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

    /// The part of `all`, which is newest first, that was asked for, and whether more is beyond it. It is read no
    /// further than to that.
    ///
    /// # Errors
    ///
    /// A limit out of bounds, two cursors, or a cursor that is not in the list.
    fn cut<T>(
        &self,
        all: impl IntoIterator<Item = T>,
        id: impl Fn(&T) -> &str,
    ) -> Result<(Vec<T>, bool), ApiError> {
        let limit = self.limit()?;
        let mut all = all.into_iter();
        match (&self.starting_after, &self.ending_before) {
            (Some(_), Some(_)) => {
                Err(ApiError::invalid("Only one of `starting_after` and `ending_before` can be given.")
                    .about("ending_before"))
            }
            (Some(after), None) => {
                all.find(|object| id(object) == after).ok_or_else(|| unknown("starting_after", after))?;
                Ok(first(limit, all))
            }
            (None, Some(before)) => last_before(limit, all, |object| id(object) == before)
                .ok_or_else(|| unknown("ending_before", before)),
            (None, None) => Ok(first(limit, all)),
        }
    }
}

fn unknown(param: &str, cursor: &str) -> ApiError {
    let message = format!("No such object: '{cursor}'. The cursor must be an id of this list.");
    ApiError::invalid(message).about(param).coded("resource_missing")
}

/// The first `limit`, and whether there are more.
fn first<T>(limit: usize, all: impl Iterator<Item = T>) -> (Vec<T>, bool) {
    let mut page: Vec<_> = all.take(limit + 1).collect();
    let has_more = page.len() > limit;
    page.truncate(limit);
    (page, has_more)
}

/// The last `limit` before the one that is `at`, and whether there are more before them.
fn last_before<T>(
    limit: usize,
    all: impl Iterator<Item = T>,
    at: impl Fn(&T) -> bool,
) -> Option<(Vec<T>, bool)> {
    let (mut page, mut has_more) = (VecDeque::with_capacity(limit), false);
    for object in all {
        if at(&object) {
            return Some((page.into(), has_more));
        }
        if page.len() == limit {
            page.pop_front();
            has_more = true;
        }
        page.push_back(object);
    }
    None
}

/// A page of rendered objects.
#[expect(clippy::needless_pass_by_value, reason = "the page is made for this")]
pub fn list(url: &str, data: Vec<Value>, has_more: bool) -> Value {
    json!({ "object": "list", "data": data, "has_more": has_more, "url": url })
}

/// A list within an object: its first page, and the address that has the rest.
pub fn inline(url: &str, all: impl Iterator<Item = Value>) -> Value {
    let (data, has_more) = first(USUAL, all);
    list(url, data, has_more)
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

    /// The id after which the page begins.
    pub fn starting_after(&self) -> Option<&str> {
        self.page.starting_after.as_deref()
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
        let (page, has_more) = self.page.cut(all, |object| object.id())?;
        let data = page.into_iter().map(|object| object.render(tx)).collect();
        Ok(Answer::Json(list(&self.path, data, has_more)))
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn a_list_is_read_no_further_than_the_page_and_one_beyond() {
        let read = Cell::new(0);
        let ids: Vec<_> = (0..1000).map(|number| format!("cus_{number}")).collect();
        let all = || ids.iter().inspect(|_| read.set(read.get() + 1));
        let (page, has_more) = PageParams::default().cut(all(), |id| id.as_str()).unwrap();
        assert_eq!((page.len(), has_more, read.get()), (10, true, 11));
        read.set(0);
        let after =
            PageParams { starting_after: Some("cus_4".to_owned()), limit: Some(2), ..PageParams::default() };
        let (page, has_more) = after.cut(all(), |id| id.as_str()).unwrap();
        assert_eq!((page[0].as_str(), page.len(), has_more, read.get()), ("cus_5", 2, true, 8));
    }
}
