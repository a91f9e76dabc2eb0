use std::fmt::Display;
use std::str::FromStr;

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

/// The requested part of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PageRequest {
    /// The page size.
    pub limit: PageLimit,
    /// The end of the previous page; `None` for the first page.
    pub cursor: Option<String>,
}

/// The cursor was not issued by this list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("The cursor is not one this list has given. Leave it out to begin with the newest.")]
pub struct InvalidCursor;

impl PageRequest {
    /// The position in the cursor.
    pub(crate) fn position<P: FromStr>(&self) -> Result<Option<P>, InvalidCursor> {
        self.cursor.as_deref().map(|cursor| cursor.parse().map_err(|_| InvalidCursor)).transpose()
    }
}

/// A part of a list, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// The cursor of the next page, if any.
    pub next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// A page of the items a store returned for one more than `limit`. `position` is an item's position in the list.
    pub(crate) fn cut<P: Display>(mut items: Vec<T>, limit: PageLimit, position: impl Fn(&T) -> P) -> Self {
        let shown = limit.0 as usize;
        let more = items.len() > shown;
        items.truncate(shown);
        let last = items.last().filter(|_| more);
        let next_cursor = last.map(|item| position(item).to_string());
        Self { items, next_cursor }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_a_cursor_only_if_there_is_a_next_one() {
        let limit = PageLimit::new(2).unwrap();
        let page = |items: Vec<u32>| Page::cut(items, limit, |item| *item);
        assert_eq!(page(vec![9, 8, 7]), Page { items: vec![9, 8], next_cursor: Some("8".to_owned()) });
        assert_eq!(page(vec![9, 8]), Page { items: vec![9, 8], next_cursor: None });
        assert_eq!(page(vec![]), Page { items: vec![], next_cursor: None });
    }

    #[test]
    fn a_page_has_1_to_100_items() {
        assert!(PageLimit::new(0).is_err() && PageLimit::new(101).is_err());
        assert!(PageLimit::new(1).is_ok() && PageLimit::new(100).is_ok());
    }
}
