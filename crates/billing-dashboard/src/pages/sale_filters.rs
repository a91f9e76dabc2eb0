//! The filters that the pages of subscriptions and invoices share.

use billing_domain::ports::PayerSearch;
use billing_domain::{App, EnvironmentId, Payer, PayerKind, UserId};

use crate::lists::{List, grouped};
use crate::present;
use crate::views::{Choice, Segment};
use crate::web::Visit;

/// The filters of the address, as typed.
pub(super) struct SaleFilters {
    pub(super) status: String,
    /// An id.
    pub(super) environment: String,
    /// The beginning of an id.
    pub(super) payer: String,
    /// A whole id, and the kind of its payer, which only links have. A beginning that is typed takes their place.
    pub(super) payer_id: String,
    pub(super) payer_kind: String,
}

impl SaleFilters {
    pub(super) fn of(visit: &Visit) -> Self {
        let [status, environment, payer] = ["status", "environment", "payer"].map(|name| typed(visit, name));
        let of_link = |name| if payer.is_empty() { typed(visit, name) } else { String::new() };
        let [payer_id, payer_kind] = ["payerId", "payerKind"].map(of_link);
        Self { status, environment, payer, payer_id, payer_kind }
    }

    /// The parameters that the addresses of the list keep, with one that it has besides.
    pub(super) fn names(&self, own: &'static str) -> Vec<&'static str> {
        let payer: &[_] = if self.payer.is_empty() { &["payerId", "payerKind"] } else { &["payer"] };
        [&["status", own, "environment"][..], payer].concat()
    }

    /// The environment, unless none is asked for; an error if no environment has such an id.
    pub(super) fn environment_id(&self) -> Result<Option<EnvironmentId>, ()> {
        present(&self.environment)
    }

    /// The payers, unless none are asked for; an error if no payer has such an id or is of such a kind.
    pub(super) fn payers(&self) -> Result<Option<PayerSearch>, ()> {
        let kind: Option<PayerKind> = present(&self.payer_kind)?;
        // Users and organizations have one form of id.
        let id: Option<UserId> = present(&self.payer_id)?;
        let of_link = match (id, kind) {
            (None, _) => None,
            (Some(id), None) => Some(PayerSearch::Is(id.into())),
            (Some(id), Some(kind)) => Some(PayerSearch::Payer(Payer::parse(kind, id).map_err(drop)?)),
        };
        Ok(PayerSearch::begins(&self.payer).or(of_link))
    }
}

pub(super) fn typed(visit: &Visit, name: &str) -> String {
    visit.of_query(name).unwrap_or_default().trim().to_owned()
}

fn present<T: std::str::FromStr>(text: &str) -> Result<Option<T>, ()> {
    if text.is_empty() { Ok(None) } else { text.parse().map(Some).map_err(drop) }
}

/// The environments to choose from.
pub(super) fn environments(app: &App) -> Vec<Choice> {
    let choice =
        |of: &billing_domain::Environment| Choice::new(of.id.to_string(), present::environment(of.kind));
    app.environments.iter().map(choice).collect()
}

/// The statuses of a list to choose from.
pub(super) struct Segments<'a> {
    pub(super) list: &'a List<'a>,
    pub(super) visit: &'a Visit,
    pub(super) chosen: &'a str,
    /// Whether the list's other filters leave the numbers as they are.
    pub(super) is_counted: bool,
}

impl Segments<'_> {
    /// A status by its word in the address; the empty one is any.
    pub(super) fn of(&self, word: &str, label: impl Into<String>, number: u64) -> Segment {
        Segment {
            path: self.list.choosing(self.visit, "status", word),
            label: label.into(),
            count: self.is_counted.then(|| grouped(number)),
            is_chosen: self.chosen == word,
        }
    }

    /// The same, if it is chosen or there are any.
    pub(super) fn of_some(&self, word: &str, label: impl Into<String>, number: u64) -> Option<Segment> {
        let is_shown = self.chosen == word || self.is_counted && number > 0;
        is_shown.then(|| self.of(word, label, number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filters(payer: &str, payer_id: &str, payer_kind: &str) -> SaleFilters {
        let [payer, payer_id, payer_kind] = [payer, payer_id, payer_kind].map(str::to_owned);
        SaleFilters { status: String::new(), environment: String::new(), payer, payer_id, payer_kind }
    }

    #[test]
    fn a_link_asks_for_one_payer() {
        let ada = filters("", "ada", "user");
        let user = Payer::parse(PayerKind::User, "ada").unwrap();
        assert_eq!(ada.payers(), Ok(Some(PayerSearch::Payer(user))));
        assert_eq!(ada.names("plan"), ["status", "plan", "environment", "payerId", "payerKind"]);
        assert_eq!(filters("", "ada", "").payers(), Ok(Some(PayerSearch::Is("ada".to_owned()))));
        assert_eq!(filters("", "ada", "robot").payers(), Err(()));
    }

    #[test]
    fn a_typed_payer_takes_the_place_of_that_of_a_link() {
        let typed = filters("ad", "", "");
        assert_eq!(typed.payers(), Ok(Some(PayerSearch::Begins("ad".to_owned()))));
        assert_eq!(typed.names("plan"), ["status", "plan", "environment", "payer"]);
    }
}
