//! The parts of a list: what the address asks for, and what stands beneath it.

use std::collections::BTreeSet;

use billing_application::{Direction, Page, PageCount, PageLimit, PageRequest};
use billing_domain::ports::{Counted, SearchText};
use billing_domain::{AppId, DisplayName};

use crate::views::{AppLink, ListFoot};
use crate::web::{Failure, Visit};

/// A list of a page.
pub(crate) struct List<'a> {
    pub(crate) path: &'a str,
    /// The parameters of the address that choose between views.
    pub(crate) views: &'a [&'static str],
    /// The parameters of the address that filter.
    pub(crate) filters: &'a [&'static str],
    /// The noun for one item, in the singular.
    pub(crate) noun: &'static str,
}

/// The part that the address asks for.
pub(crate) fn page_request(visit: &Visit) -> Result<PageRequest, Failure> {
    let limit = PageLimit::new(25).map_err(Failure::internal)?;
    let newer = visit.of_query("newer");
    let direction = if newer.is_some() { Direction::Newer } else { Direction::Older };
    Ok(PageRequest { limit, direction, cursor: newer.or_else(|| visit.of_query("cursor")), is_counted: true })
}

/// The text of the filter `q`.
pub(crate) fn search(visit: &Visit) -> (String, Option<SearchText>) {
    let text = visit.of_query("q").unwrap_or_default();
    let search = SearchText::new(&text);
    (text, search)
}

/// The newest apps of the workspace, for choices and names.
pub(crate) async fn known_apps(visit: &Visit) -> Result<Vec<AppLink>, Failure> {
    let apps = visit.read(|reads, session| async move { reads.app_names(&session.workspace_id).await });
    let link = |(id, name): (AppId, DisplayName)| AppLink { id: id.to_string(), name: name.to_string() };
    Ok(apps.await?.into_iter().map(link).collect())
}

/// The apps with these ids, added to those that are known.
pub(crate) async fn with_apps(
    visit: &Visit,
    mut apps: Vec<AppLink>,
    ids: Vec<String>,
) -> Result<Vec<AppLink>, Failure> {
    let is_known = |id: &String| apps.iter().any(|known| known.id == *id);
    let missing: BTreeSet<_> = ids.into_iter().filter(|id| !is_known(id)).collect();
    let missing: Vec<AppId> = missing.iter().filter_map(|id| id.parse().ok()).collect();
    let asked = missing.clone();
    let found =
        visit.read(|reads, session| async move { reads.apps_with_ids(&session.workspace_id, &asked).await });
    let found: Vec<_> = found.await?.iter().map(AppLink::of).collect();
    apps.extend(missing.iter().map(|id| AppLink { name: name_of(&found, id.as_str()), id: id.to_string() }));
    Ok(apps)
}

/// The name of an app, or else its id.
pub(crate) fn name_of(apps: &[AppLink], id: &str) -> String {
    apps.iter().find(|app| app.id == id).map_or(id, |app| &app.name).to_owned()
}

impl List<'_> {
    pub(crate) fn foot<T>(&self, visit: &Visit, page: &Page<T>) -> ListFoot {
        let link = |name: &str, cursor: &Option<String>| {
            cursor.as_ref().map(|cursor| {
                let kept = self.views.iter().chain(self.filters);
                self.address(visit, kept, Some((name, cursor)))
            })
        };
        ListFoot {
            path: self.address(visit, self.views.iter(), None),
            is_filtered: self.filters.iter().any(|name| asked(visit, name).is_some()),
            is_empty: page.count.map_or(page.items.is_empty(), |count| count.total == 0),
            range: page.count.and_then(|count| self.range(count, page.items.len() as u64)),
            previous: link("newer", &page.previous_cursor),
            next: link("cursor", &page.next_cursor),
        }
    }

    /// The address of the list with this parameter, besides its other filters.
    pub(crate) fn choosing(&self, visit: &Visit, name: &str, value: &str) -> String {
        let kept = self.views.iter().chain(self.filters).filter(|other| **other != name);
        self.address(visit, kept, Some((name, value)).filter(|_| !value.is_empty()))
    }

    /// The address of the filtered list as a file.
    pub(crate) fn export(&self, visit: &Visit) -> String {
        let file = List { path: &format!("{}/export.csv", self.path), ..*self };
        file.address(visit, self.filters.iter(), None)
    }

    fn address<'n>(
        &self,
        visit: &Visit,
        kept: impl Iterator<Item = &'n &'static str>,
        cursor: Option<(&str, &str)>,
    ) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(kept.filter_map(|name| Some((name, asked(visit, name)?))));
        query.extend_pairs(cursor);
        let query = query.finish();
        if query.is_empty() { self.path.to_owned() } else { format!("{}?{query}", self.path) }
    }

    /// Such as "26–50 of 3,412 plans".
    fn range(&self, count: PageCount, shown: u64) -> Option<String> {
        let PageCount { first, total, is_exact } = count;
        let of = format!("{}{}", grouped(total), if is_exact { "" } else { "+" });
        let plural = if total == 1 && is_exact { "" } else { "s" };
        match (first, shown) {
            (_, 0) if total == 0 => (!is_exact).then(|| "Only the newest were looked at".to_owned()),
            (_, 0) => Some(format!("None of {of} {}{plural}", self.noun)),
            (0, _) if is_exact => {
                Some(format!("Beyond the first {} of {of} {}s", grouped(Counted::BOUND.into()), self.noun))
            }
            (0, _) => Some(format!("Beyond the first {} {}s", grouped(total), self.noun)),
            (_, 1) => Some(format!("{} of {of} {}{plural}", grouped(first), self.noun)),
            _ => {
                let last = first + shown - 1;
                Some(format!("{}–{} of {of} {}{plural}", grouped(first), grouped(last), self.noun))
            }
        }
    }
}

fn asked(visit: &Visit, name: &str) -> Option<String> {
    visit.of_query(name).filter(|text| !text.trim().is_empty())
}

/// The number with its thousands separated.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let groups: Vec<_> = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy).collect();
    groups.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_says_which_and_how_many() {
        let list = List { path: "", views: &[], filters: &[], noun: "plan" };
        let range = |first, total, is_exact, shown| list.range(PageCount { first, total, is_exact }, shown);
        assert_eq!(range(26, 3_412, true, 25).as_deref(), Some("26–50 of 3,412 plans"));
        assert_eq!(range(1, 1, true, 1).as_deref(), Some("1 of 1 plan"));
        assert_eq!(range(31, 31, true, 1).as_deref(), Some("31 of 31 plans"));
        assert_eq!(range(1, 1_000, false, 25).as_deref(), Some("1–25 of 1,000+ plans"));
        assert_eq!(range(0, 1_000, false, 25).as_deref(), Some("Beyond the first 1,000 plans"));
        assert_eq!(range(0, 100_000, true, 25).as_deref(), Some("Beyond the first 1,000 of 100,000 plans"));
        assert_eq!(range(0, 31, true, 0).as_deref(), Some("None of 31 plans"));
        assert_eq!(range(0, 0, true, 0), None);
        assert_eq!(range(0, 0, false, 0).as_deref(), Some("Only the newest were looked at"));
        assert_eq!(grouped(1_234_567), "1,234,567");
    }
}
