use std::fmt::Display;
use std::str::FromStr;

use billing_domain::ports::{Counted, Edge, Part};

use crate::refusal::Refused;

/// The maximum number of items of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageLimit(u32);

/// The number is no allowed page size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("`limit` must be a whole number from 1 to {}", PageLimit::LARGEST)]
pub struct InvalidLimit;

impl PageLimit {
    /// The largest page.
    pub const LARGEST: u32 = 100;

    /// A limit of this size.
    ///
    /// # Errors
    /// [`InvalidLimit`].
    pub fn new(limit: u32) -> Result<Self, InvalidLimit> {
        if (1..=Self::LARGEST).contains(&limit) { Ok(Self(limit)) } else { Err(InvalidLimit) }
    }

    /// The limit for the store: one more item shows whether there is a next page.
    pub(crate) fn and_one_more(self) -> u32 {
        self.0 + 1
    }
}

impl Default for PageLimit {
    fn default() -> Self {
        Self(20)
    }
}

/// The way from a cursor.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Direction {
    /// To the next page.
    #[default]
    Older,
    /// To the previous page.
    Newer,
}

/// The requested part of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PageRequest {
    /// The page size.
    pub limit: PageLimit,
    /// The `next_cursor` of a page, or its `previous_cursor` with [`Direction::Newer`]; `None` for the newest page.
    pub cursor: Option<String>,
    /// The way from the cursor.
    pub direction: Direction,
    /// Whether the list is counted.
    pub is_counted: bool,
}

/// The cursor was not issued by this list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("The cursor is not one this list has given. Leave it out to begin with the newest.")]
pub struct InvalidCursor;

impl PageRequest {
    /// The beginning of the page.
    pub(crate) fn edge<K: FromStr>(&self) -> Result<Edge<K>, InvalidCursor> {
        let Some(cursor) = &self.cursor else { return Ok(Edge::Newest) };
        let key = cursor.parse().map_err(|_| InvalidCursor)?;
        Ok(match self.direction {
            Direction::Older => Edge::OlderThan(key),
            Direction::Newer => Edge::NewerThan(key),
        })
    }
}

/// A part of a list, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// The cursor of the next page, of older items, if any.
    pub next_cursor: Option<String>,
    /// The cursor of the previous page, of newer items, if any.
    pub previous_cursor: Option<String>,
    /// The place in the list, if it was counted.
    pub count: Option<PageCount>,
}

/// The place of a page in its list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageCount {
    /// The position of the first item, from 1. 0 if there is no item, or if more than
    /// [`Counted::BOUND`] are newer.
    pub first: u64,
    /// The number of items of the list, up to [`Counted::BOUND`] unless it is exact.
    pub total: u64,
    /// Whether the list has no more than `total`, and all of it was looked at or is counted.
    pub is_exact: bool,
}

impl<T> Page<T> {
    /// The page with other items in their places.
    pub(crate) fn map<U>(self, item: impl FnMut(T) -> U) -> Page<U> {
        let Self { items, next_cursor, previous_cursor, count } = self;
        Page { items: items.into_iter().map(item).collect(), next_cursor, previous_cursor, count }
    }

    /// Reads the requested page of a list. `key` is an item's place in the list, `part` reads up to a number of items
    /// from an edge, and `count` counts the list and what is newer than a key.
    pub(crate) async fn load<K, E, Reading, Count>(
        request: &PageRequest,
        key: impl Fn(&T) -> K,
        part: impl Fn(Edge<K>, u32) -> Reading,
        count: impl Fn(Option<K>) -> Count,
    ) -> Result<Self, Refused<InvalidCursor>>
    where
        K: Clone + Display + FromStr,
        Refused<InvalidCursor>: From<E>,
        Reading: Future<Output = Result<Part<T>, E>>,
        Count: Future<Output = Result<Counted, E>>,
    {
        let PageRequest { limit, is_counted, .. } = *request;
        let mut edge = request.edge()?;
        let mut read = part(edge.clone(), limit.and_one_more()).await?;
        if matches!(edge, Edge::NewerThan(_)) && read.items.len() <= limit.0 as usize {
            // The newest page, in full.
            edge = Edge::Newest;
            read = part(Edge::Newest, limit.and_one_more()).await?;
        }
        let Part { items, is_cut, counted } = read;
        let read = items.len() as u64;
        let mut page = Self::cut(items, limit, &edge, &key);
        if is_counted {
            let shown = page.items.len() as u64;
            let counted = match (counted, edge) {
                // The one item more is in front of the page.
                (Some(counted), Edge::NewerThan(_)) => {
                    Counted { newer: counted.newer + (read - shown), ..counted }
                }
                (Some(counted), _) => counted,
                (None, Edge::Newest) if page.next_cursor.is_none() => {
                    Counted { newer: 0, total: shown, is_exact: !is_cut }
                }
                (None, Edge::Newest) => count(None).await?,
                (None, _) => count(page.items.first().map(&key)).await?,
            };
            page.count = Some(PageCount::new(counted, shown));
        }
        Ok(page)
    }

    /// The page of the items from this edge, of which one more than `limit` were asked for.
    pub(crate) fn cut<K: Display>(
        mut items: Vec<T>,
        limit: PageLimit,
        edge: &Edge<K>,
        key: impl Fn(&T) -> K,
    ) -> Self {
        let limit = limit.0 as usize;
        let mut has_next = items.len() > limit;
        if let Edge::NewerThan(_) = edge {
            items.drain(..items.len().saturating_sub(limit));
            has_next = true;
        }
        items.truncate(limit);
        let first = items.first().map(&key);
        let previous_cursor = match edge {
            Edge::Newest => None,
            Edge::OlderThan(from) | Edge::NewerThan(from) => {
                Some(first.map_or_else(|| from.to_string(), |first| first.to_string()))
            }
        };
        let next_cursor = items.last().filter(|_| has_next).map(|last| key(last).to_string());
        Self { items, next_cursor, previous_cursor, count: None }
    }
}

impl PageCount {
    /// The list may have changed between its items, of which the page shows this many, and their count.
    fn new(counted: Counted, shown: u64) -> Self {
        let Counted { newer, mut total, is_exact } = counted;
        total = total.max(newer + shown);
        if !is_exact {
            total = total.min(Counted::BOUND.into());
        }
        let is_placed = shown > 0 && newer < u64::from(Counted::BOUND);
        Self { first: if is_placed { newer + 1 } else { 0 }, total, is_exact }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_not_told_beyond_the_bound() {
        let bound = u64::from(Counted::BOUND);
        let place = |newer| PageCount::new(Counted::bounded(newer, bound + 9), 2);
        assert_eq!(place(bound - 1), PageCount { first: bound, total: bound, is_exact: false });
        assert_eq!(place(bound), PageCount { first: 0, total: bound, is_exact: false });
    }

    #[test]
    fn a_list_is_not_smaller_than_its_page() {
        assert_eq!(
            PageCount::new(Counted::bounded(4, 5), 3),
            PageCount { first: 5, total: 7, is_exact: true }
        );
    }

    #[test]
    fn a_page_has_1_to_100_items() {
        assert!(PageLimit::new(0).is_err() && PageLimit::new(101).is_err());
        assert!(PageLimit::new(1).is_ok() && PageLimit::new(100).is_ok());
    }
}
