//! The kept totals of a history beside the truth.

use std::collections::BTreeMap;

use billing_application::Reads;
use billing_domain::{CurrencyRevenue, EnvironmentId, RevenueOverview};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use serde_json::Value;

use super::truth::{Figures, Place, environment_of};
use super::{ENVIRONMENTS, History, HistorySize};

impl History {
    /// Compares the kept totals with the truth, and with those that are made anew.
    pub(super) fn judge(mut self) -> Result<HistorySize, String> {
        let kept = self.kept();
        self.truth.compare(&kept)?;
        let workspace = self.tenant.workspace_id().clone();
        self.runtime.block_on(async {
            let mut work = self.ports.store.begin(&workspace).await.unwrap();
            work.switches().lock_workspace(&workspace).await.unwrap();
            work.revenue().rebuild_revenue(&workspace).await.unwrap();
            work.commit().await.unwrap();
        });
        if self.kept() != kept {
            return Err("the totals that are made anew differ from those that were kept".to_owned());
        }
        for environment in ENVIRONMENTS {
            self.compare_overview(environment)
                .map_err(|difference| format!("overview of {environment}: {difference}"))?;
        }
        self.size.compared = kept.len();
        Ok(self.size)
    }

    fn compare_overview(&self, environment: &str) -> Result<(), String> {
        let reads = Reads::new(self.ports.clone());
        let id = EnvironmentId::parse(environment).unwrap();
        let (workspace, app) = (self.tenant.workspace_id(), &self.tenant.app_id);
        let (_switch, overview) =
            self.runtime.block_on(reads.revenue_overview(workspace, app, Some(&id))).unwrap();
        let subscriptions = self.listed();
        let of = |status: &str| {
            let is_one = |it: &&Value| it["status"] == status && environment_of(it) == environment;
            subscriptions.iter().filter(is_one).count() as u64
        };
        let counts = overview.subscriptions;
        let (shown, true_counts) = (
            [counts.active, counts.trialing, counts.past_due],
            [of("active"), of("trialing"), of("past_due")],
        );
        if shown != true_counts {
            return Err(format!(
                "{shown:?} are active, trialing and past due, and {true_counts:?} at Stripe"
            ));
        }
        let (shown, truth) = (months(&overview), self.truth.months(environment));
        if shown != truth {
            return Err(format!("{shown:#?} are shown, and true are {truth:#?}"));
        }
        let of_month: Vec<_> = overview.currencies.iter().filter_map(CurrencyRevenue::now).collect();
        let sums = (
            of_month.iter().map(|month| month.new).sum::<u64>(),
            of_month.iter().map(|month| month.churned).sum::<u64>(),
        );
        if (overview.new, overview.churned) != sums {
            return Err(format!("{} new and {} churned are no sums", overview.new, overview.churned));
        }
        Ok(())
    }

    /// The kept totals of each environment, day and currency.
    fn kept(&mut self) -> BTreeMap<Place, Figures> {
        #[derive(QueryableByName)]
        struct Total {
            #[diesel(sql_type = Text)]
            environment_id: String,
            #[diesel(sql_type = Text)]
            period: String,
            #[diesel(sql_type = Text)]
            currency: String,
            #[diesel(sql_type = BigInt)]
            twelfths: i64,
            #[diesel(sql_type = BigInt)]
            new_count: i64,
            #[diesel(sql_type = BigInt)]
            churned_count: i64,
        }
        let query = "SELECT environment_id, period, currency, twelfths, new_count, churned_count FROM revenue_totals WHERE grain = 'day'";
        let totals = diesel::sql_query(query).load::<Total>(&mut self.database).unwrap();
        let figures = |total: Total| {
            let figures =
                Figures { twelfths: total.twelfths, new: total.new_count, churned: total.churned_count };
            ((total.environment_id, total.period, total.currency), figures)
        };
        totals.into_iter().map(figures).filter(|(_, figures)| *figures != Figures::default()).collect()
    }
}

/// The months of all currencies as an overview has them, in the words of [`Truth::months`](super::truth::Truth::months).
fn months(overview: &RevenueOverview) -> Vec<String> {
    let months = overview.currencies.iter().flat_map(|revenue| {
        revenue.months.iter().map(move |month| {
            let (currency, amount) = (revenue.currency, month.revenue.minor_units());
            format!("{currency} {}: {amount}, {} new, {} churned", month.month, month.new, month.churned)
        })
    });
    months.collect()
}
