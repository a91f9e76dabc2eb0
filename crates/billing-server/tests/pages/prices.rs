//! What a page says of a price that Stripe cannot charge.

use billing_domain::{BillingInterval, PlanId, Price, WorkspaceId};
use billing_testing::{Service, Suite, Tenant, TestDatabase, builders};

use crate::BINARY;
use crate::browser::Browser;

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .on_sqlite(
            "price_that_stripe_cannot_charge_is_refused_at_its_field",
            price_that_stripe_cannot_charge_is_refused_at_its_field,
        )
        .on_sqlite(
            "wrong_currency_does_not_hide_what_is_wrong_with_the_amount",
            wrong_currency_does_not_hide_what_is_wrong_with_the_amount,
        )
        .on_sqlite(
            "stored_price_that_stripe_cannot_charge_is_marked_and_archived",
            stored_price_that_stripe_cannot_charge_is_marked_and_archived,
        )
}

const KWD: &str = "Stripe takes KWD amounts whose last digit is 0, such as KWD 4.500.";

async fn price_that_stripe_cannot_charge_is_refused_at_its_field(database: TestDatabase) {
    let service = Service::start(BINARY, &database.url, database.folder.path()).await;
    let shop = Tenant::new(&service, "ws_one", "stocked").await;
    let owner = Browser::of(&service, &shop.workspace, "owner");
    let billing = format!("/app/{}/billing", shop.ids["appId"]);
    let plan = format!("{billing}/plans/{}", shop.ids["planId"]);
    for (amount, currency, part, told) in [
        ("4.505", "KWD", "amount", KWD),
        ("1000000", "USD", "amount", "Stripe takes at most $999,999.99."),
        ("1", "CLF", "currency", "Stripe cannot charge CLF. Enter a currency that it can, such as USD."),
    ] {
        let version = owner.get(&plan).await.hidden("version").unwrap().to_owned();
        let price = [
            ("version", version.as_str()),
            ("amount", amount),
            ("currency", currency),
            ("interval", "month"),
        ];
        let added = owner.submit(&format!("{plan}/prices"), &price).await;
        let new_plan = [
            ("name", "New"),
            ("key", "new"),
            ("payer_kind", "user"),
            ("trial_days", "0"),
            ("visibility", "public"),
            ("price_amount_3", amount),
            ("price_currency_3", currency),
            ("price_interval_3", "year"),
        ];
        let created = owner.submit(&format!("{billing}/plans/new"), &new_plan).await;
        for (page, field) in [(added, part.to_owned()), (created, format!("price_{part}_3"))] {
            assert_eq!(page.status, 400, "{}", page.text);
            assert!(page.shows(&format!("<a href=\"#{field}\">{told}</a>")), "{field}: {}", page.text);
        }
    }
    assert!(!owner.get(&billing).await.shows(">New<"));
}

async fn wrong_currency_does_not_hide_what_is_wrong_with_the_amount(database: TestDatabase) {
    let service = Service::start(BINARY, &database.url, database.folder.path()).await;
    let shop = Tenant::new(&service, "ws_one", "stocked").await;
    let owner = Browser::of(&service, &shop.workspace, "owner");
    let new_plan = format!("/app/{}/billing/plans/new", shop.ids["appId"]);
    for (currency, of_the_currency) in [
        ("ZZZ", "Enter a currency that Stripe can charge, such as USD."),
        ("CLF", "Stripe cannot charge CLF. Enter a currency that it can, such as USD."),
    ] {
        let fields = [
            ("name", ""),
            ("price_amount_1", "12,50"),
            ("price_currency_1", currency),
            ("price_interval_1", "month"),
        ];
        let page = owner.submit(&new_plan, &fields).await;
        for (field, told) in [
            ("name", "Enter a name."),
            ("key", "Enter a key."),
            ("price_amount_1", "Write the amount with a point, such as 12.50."),
            ("price_currency_1", of_the_currency),
        ] {
            assert!(page.shows(&format!("<a href=\"#{field}\">{told}</a>")), "{field}: {}", page.text);
        }
    }
}

async fn stored_price_that_stripe_cannot_charge_is_marked_and_archived(database: TestDatabase) {
    let service = Service::start(BINARY, &database.url, database.folder.path()).await;
    let shop = Tenant::new(&service, "ws_one", "stocked").await;
    let owner = Browser::of(&service, &shop.workspace, "owner");
    let plan_id: PlanId = shop.ids["planId"].parse().unwrap();
    let terms = builders::price_terms(4_505, "KWD", BillingInterval::Month);
    let price = Price { plan_id, terms, ..builders::price(1, &builders::plan(1)) };
    let workspace = WorkspaceId::parse(&shop.workspace).unwrap();
    let store = billing_diesel::open(&database.url.parse().unwrap()).unwrap();
    let mut work = store.begin(&workspace).await.unwrap();
    work.switches().lock_workspace(&workspace).await.unwrap();
    work.plans().insert_price(&workspace, &price).await.unwrap();
    work.commit().await.unwrap();
    let billing = format!("/app/{}/billing", shop.ids["appId"]);
    let plan = format!("{billing}/plans/{plan_id}");

    let list = owner.get(&billing).await;
    assert!(list.shows("KWD 4.505 <span") && list.shows("Not sellable"), "{}", list.text);
    let page = owner.get(&plan).await;
    assert!(page.shows("Not sellable") && page.shows(KWD), "{}", page.text);
    let archive = format!("{plan}/prices/{}/archive", price.id);
    assert!(page.shows(&archive));

    assert_eq!(owner.submit(&archive, &[]).await.status, 303);
    assert!(!owner.get(&billing).await.shows("KWD 4.505"));
    assert!(owner.get(&plan).await.shows("Archived prices <span class=\"hint\">1<"));
    let log = owner.get("/settings/audit-log").await;
    assert!(log.shows("price KWD 4.505 / month archived"), "{}", log.text);
}
