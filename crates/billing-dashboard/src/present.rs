//! Values of the domain as text.

use billing_application::PageRequest;
use billing_domain::{
    BillingInterval, Feature, Gateway, PayerKind, PlanDetails, PlanOffer, Price, Timestamp, Visibility,
};
use chrono::SecondsFormat;

use crate::views::{FeatureRow, Moment, Pager, PriceRow};
use crate::web::{Failure, Visit};

pub(crate) fn moment(at: Timestamp) -> Moment {
    Moment {
        machine: at.to_rfc3339_opts(SecondsFormat::Millis, true),
        text: at.format("%-d %b %Y, %H:%M UTC").to_string(),
    }
}

pub(crate) fn payers(kind: PayerKind) -> &'static str {
    match kind {
        PayerKind::User => "Users",
        PayerKind::Organization => "Organizations",
    }
}

pub(crate) fn visibility(visibility: Visibility) -> &'static str {
    match visibility {
        Visibility::Public => "Public",
        Visibility::Hidden => "Hidden",
    }
}

pub(crate) fn trial(plan: &PlanDetails) -> String {
    match plan.trial_days.days() {
        0 => "None".to_owned(),
        1 => "1 day".to_owned(),
        days => format!("{days} days"),
    }
}

pub(crate) fn gateway(gateway: Gateway) -> &'static str {
    match gateway {
        Gateway::Managed => "Shared test Stripe",
        Gateway::StripeConnect => "Your own Stripe account",
        Gateway::StripePlatform => "This deployment's Stripe key",
    }
}

fn interval(interval: BillingInterval) -> &'static str {
    match interval {
        BillingInterval::Month => "a month",
        BillingInterval::Year => "a year",
    }
}

pub(crate) fn price_row(price: &Price) -> PriceRow {
    PriceRow {
        id: price.id.to_string(),
        amount: price.terms.amount().to_string(),
        interval: interval(price.terms.interval()).to_owned(),
        unsellable: price.terms.check_sellable().err().map(|reason| format!("{reason}.")),
    }
}

/// The maximum number of prices of a plan in a list.
const PRICES_SHOWN: usize = 4;

/// The prices of an offer as text.
pub(crate) fn prices(offer: &PlanOffer) -> Vec<String> {
    let text = |price: &Price| {
        let unsellable = if price.terms.check_sellable().is_err() { " (not sellable)" } else { "" };
        format!("{} / {}{unsellable}", price.terms.amount(), price.terms.interval())
    };
    let mut shown: Vec<_> = offer.offered_prices().take(PRICES_SHOWN).map(text).collect();
    let more = offer.offered_prices().count() - shown.len();
    if more > 0 {
        shown.push(format!("and {more} more"));
    }
    shown
}

pub(crate) fn feature_row(feature: &Feature) -> FeatureRow {
    FeatureRow {
        key: feature.key.to_string(),
        name: feature.details.name.to_string(),
        description: description(feature),
    }
}

pub(crate) fn description(feature: &Feature) -> String {
    optional(feature.details.description.as_ref())
}

/// The text, cut to `longest` characters.
pub(crate) fn clipped(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
        None => text.to_owned(),
    }
}

pub(crate) fn optional(text: Option<&impl ToString>) -> String {
    text.map(ToString::to_string).unwrap_or_default()
}

/// The requested page of a list.
pub(crate) fn page_request(visit: &Visit) -> Result<PageRequest, Failure> {
    let limit = billing_application::PageLimit::new(25).map_err(Failure::internal)?;
    Ok(PageRequest { limit, cursor: visit.of_query("cursor") })
}

/// The links beneath the list at this path, which may have a query.
pub(crate) fn pager(visit: &Visit, list: &str, next_cursor: Option<String>) -> Pager {
    let joined = if list.contains('?') { '&' } else { '?' };
    Pager {
        first: visit.of_query("cursor").map(|_| list.to_owned()),
        next: next_cursor.map(|cursor| format!("{list}{joined}cursor={cursor}")),
    }
}
