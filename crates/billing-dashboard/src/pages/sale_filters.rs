//! The filters that the pages of subscriptions and invoices share.

use billing_domain::ports::PayerSearch;
use billing_domain::{App, EnvironmentId, UserId};

use crate::lists::{List, grouped};
use crate::present;
use crate::views::{Choice, Segment};
use crate::web::Visit;

/// What the address asks for, as it was typed.
pub(super) struct SaleFilters {
    pub(super) status: String,
    /// An id.
    pub(super) environment: String,
    /// The beginning of an id.
    pub(super) payer: String,
    /// A whole id, which only links have.
    pub(super) payer_id: String,
}

impl SaleFilters {
    pub(super) fn of(visit: &Visit) -> Self {
        let [status, environment, payer, payer_id] =
            ["status", "environment", "payer", "payerId"].map(|name| typed(visit, name));
        Self { status, environment, payer, payer_id }
    }

    /// The environment, unless none is asked for; an error if no environment has such an id.
    pub(super) fn environment_id(&self) -> Result<Option<EnvironmentId>, ()> {
        present(&self.environment)
    }

    /// The payers, unless none are asked for; an error if no payer has such an id.
    pub(super) fn payers(&self) -> Result<Option<PayerSearch>, ()> {
        // Users and organizations have one form of id.
        let id: Option<UserId> = present(&self.payer_id)?;
        Ok(PayerSearch::begins(&self.payer).or(id.map(|id| PayerSearch::Is(id.into()))))
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
