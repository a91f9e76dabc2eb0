use crate::prelude::*;
use crate::testing::{app_id, enabled, now, ports_over, shop, workspace_id};

const PRODUCTION: &str = "env_production";
const DEVELOPMENT: &str = "env_development";

fn app() -> App {
    let environment = |id: &str, kind| Environment { id: EnvironmentId::parse(id).unwrap(), kind };
    let environments = vec![
        environment(DEVELOPMENT, EnvironmentKind::Development),
        environment(PRODUCTION, EnvironmentKind::Production),
    ];
    App { environments, ..shop() }
}

/// The environment that is shown when nobody asks for one, with these totals and this subscription in production.
async fn shown(totals: Vec<RevenueTotal>, sold: Option<SubscriptionStatus>) -> String {
    let mut store = MockBillingStore::default();
    store.switches.expect_billing_switch().returning(|_| Ok(enabled()));
    store.apps.expect_app().returning(|_, _| Ok(Some(app())));
    store.revenue.expect_revenue_totals().returning(move |_, _, environment, _| {
        Ok(if environment.as_str() == PRODUCTION { totals.clone() } else { Vec::new() })
    });
    store.subscriptions.expect_subscription_counts().returning(move |_, _, environment| {
        let is_production = environment.is_some_and(|asked| asked.as_str() == PRODUCTION);
        let sold = sold.iter().filter(|_| is_production).cloned();
        let count = EndingCount { total: 1, ending: 0 };
        Ok(SubscriptionCounts { by_status: sold.map(|status| (status, count)).collect() })
    });
    let reads = Reads::new(ports_over(store, Vec::new()));
    let (_switch, overview) = reads.revenue_overview(&workspace_id(), &app_id(), None).await.unwrap();
    overview.environment_id.to_string()
}

#[tokio::test]
async fn production_is_shown_once_anything_was_sold_in_it() {
    assert_eq!(shown(Vec::new(), None).await, DEVELOPMENT);
    for status in SubscriptionStatus::KNOWN {
        assert_eq!(shown(Vec::new(), Some(status.clone())).await, PRODUCTION, "{status}");
    }
    let years_ago = Month::of(now()).last(30)[0];
    let currency = Currency::parse("USD").unwrap();
    let old = RevenueTotal { month: years_ago, currency, twelfths: 0, new: 1, churned: 1 };
    assert_eq!(shown(vec![old], None).await, PRODUCTION);
}
