use actix_web::http::StatusCode;
use billing_domain::{App, CurrencyRevenue, EnvironmentId, LiveCounts, Month, RevenueOverview};

use super::settings::is_test;
use crate::charts::series;
use crate::lists::grouped;
use crate::present::{currency, environment, moment, month_name};
use crate::views::{CurrencyFigure, ListFoot, OverviewCounts, OverviewLink, OverviewPage, Place};
use crate::web::{Reply, Visit, redirect, rendered};

pub(crate) async fn show(visit: Visit) -> Reply {
    let app = visit.app().await?;
    let layout = visit.app_layout(&app, Place::Billing)?;
    let path = format!("{}/overview", layout.billing());
    let asked = visit.of_query("environment").filter(|id| !id.is_empty());
    let asked: Option<EnvironmentId> = match asked.map(|id| id.parse()).transpose() {
        Ok(asked) => asked,
        Err(_) => return Ok(redirect(&path)),
    };
    let app_id = app.id.clone();
    let (switch, overview) = visit
        .read(move |reads, session| async move {
            reads.revenue_overview(&session.workspace_id, &app_id, asked.as_ref()).await
        })
        .await?;
    let chosen = chosen(&overview, visit.of_query("currency").as_deref());
    let figure = |revenue| figure(revenue, &overview, chosen, &path);
    let page = OverviewPage {
        is_test: is_test(switch),
        foot: ListFoot::default(),
        as_of: moment(overview.as_of),
        environments: environments(&app, &overview, &path),
        currencies: overview.currencies.iter().filter_map(figure).collect(),
        series: chosen.and_then(series),
        counts: counts(&overview),
        layout,
    };
    rendered(StatusCode::OK, &page)
}

/// The asked currency, or else that with the most subscriptions sold in the twelve months.
fn chosen<'a>(overview: &'a RevenueOverview, asked: Option<&str>) -> Option<&'a CurrencyRevenue> {
    let is_asked = |revenue: &&CurrencyRevenue| {
        asked.is_some_and(|code| revenue.currency.code().eq_ignore_ascii_case(code))
    };
    let sold = |revenue: &&CurrencyRevenue| revenue.months.iter().map(|month| month.new).sum::<u64>();
    let all = || overview.currencies.iter();
    // Of equals the first one.
    all().find(is_asked).or_else(|| all().rev().max_by_key(sold))
}

fn address(path: &str, overview: &RevenueOverview, currency: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("environment", overview.environment_id.as_str());
    query.append_pair("currency", &currency.to_lowercase());
    format!("{path}?{}", query.finish())
}

fn figure(
    revenue: &CurrencyRevenue,
    overview: &RevenueOverview,
    chosen: Option<&CurrencyRevenue>,
    path: &str,
) -> Option<CurrencyFigure> {
    let code = revenue.currency.code();
    Some(CurrencyFigure {
        link: OverviewLink {
            label: currency(revenue.currency).to_owned(),
            address: address(path, overview, code),
            is_current: chosen.is_some_and(|chosen| chosen.currency == revenue.currency),
        },
        revenue: revenue.now()?.revenue.to_string(),
        growth: growth(revenue.growth_permille(), Month::of(overview.as_of).previous()),
    })
}

/// Such as "+8.7% since October".
fn growth(permille: Option<i64>, since: Month) -> String {
    let month = month_name(since, "%B");
    match permille {
        None => format!("Nothing in {month}"),
        Some(permille) => {
            let sign = if permille < 0 { "\u{2212}" } else { "+" };
            let size = permille.unsigned_abs();
            format!("{sign}{}.{}% since {month}", grouped(size / 10), size % 10)
        }
    }
}

fn environments(app: &App, overview: &RevenueOverview, path: &str) -> Vec<OverviewLink> {
    if app.environments.len() < 2 {
        return Vec::new();
    }
    let link = |of_app: &billing_domain::Environment| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("environment", of_app.id.as_str());
        OverviewLink {
            label: environment(of_app.kind).to_owned(),
            address: format!("{path}?{}", query.finish()),
            is_current: of_app.id == overview.environment_id,
        }
    };
    app.environments.iter().map(link).collect()
}

fn counts(overview: &RevenueOverview) -> OverviewCounts {
    let LiveCounts { active, trialing, past_due, ending } = overview.subscriptions;
    OverviewCounts {
        active: grouped(active),
        trialing: grouped(trialing),
        past_due: grouped(past_due),
        ending: grouped(ending),
        month: month_name(Month::of(overview.as_of), "%b"),
        new: grouped(overview.new),
        churned: grouped(overview.churned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_is_told_in_tenths_of_a_percent() {
        let october = Month::of("2026-10-05T00:00:00Z".parse().unwrap());
        assert_eq!(growth(Some(87), october), "+8.7% since October");
        assert_eq!(growth(Some(-14), october), "−1.4% since October");
        assert_eq!(growth(Some(12_345), october), "+1,234.5% since October");
        assert_eq!(growth(None, october), "Nothing in October");
    }
}
