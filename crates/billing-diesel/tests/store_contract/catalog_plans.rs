use billing_domain::ports::Edge;
use billing_domain::{
    Description, DisplayName, PayerKind, Plan, PlanDetails, PlanId, PlanOffer, Price, TrialDays, Version,
    Visibility,
};
use billing_testing::builders::{app_id, feature, moment, plan, price, price_terms, workspace_id};
use billing_testing::{Suite, TestDatabase};

use crate::raw;
use crate::story::{
    add_feature, add_plan, add_price, assert_conflict, assert_corrupt, assert_refused, attach, features_of,
    locked, plans_of, plans_that, transact, with_app,
};

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .on_every_database("a_plan_reads_back_exactly", a_plan_reads_back_exactly)
        .on_every_database(
            "plans_are_listed_newest_first_archived_or_not",
            plans_are_listed_newest_first_archived_or_not,
        )
        .on_every_database(
            "a_plan_has_its_own_prices_and_features_oldest_first",
            a_plan_has_its_own_prices_and_features_oldest_first,
        )
        .on_every_database(
            "a_key_belongs_to_one_plan_that_is_not_archived",
            a_key_belongs_to_one_plan_that_is_not_archived,
        )
        .on_every_database(
            "an_app_has_one_default_plan_per_payer_kind",
            an_app_has_one_default_plan_per_payer_kind,
        )
        .on_every_database(
            "a_default_plan_is_neither_archived_nor_on_trial",
            a_default_plan_is_neither_archived_nor_on_trial,
        )
        .on_every_database("saving_a_plan_changes_what_may_change", saving_a_plan_changes_what_may_change)
        .on_every_database("a_stale_plan_is_not_saved", a_stale_plan_is_not_saved)
        .on_every_database("a_plan_goes_with_its_transaction", a_plan_goes_with_its_transaction)
        .on_every_database("a_corrupt_plan_is_named", a_corrupt_plan_is_named)
}

fn details() -> PlanDetails {
    PlanDetails {
        name: DisplayName::parse("Équipe 東京 🚀 \"it's\"").unwrap(),
        description: Some(Description::parse("One\ntwo; DROP TABLE plans; --").unwrap()),
        trial_days: TrialDays::new(730).unwrap(),
        visibility: Visibility::Hidden,
        is_default: false,
    }
}

fn archived(plan: Plan) -> Plan {
    Plan { archived_at: Some(moment()), ..plan }
}

fn default(plan: Plan) -> Plan {
    Plan { details: PlanDetails { is_default: true, ..plan.details }, ..plan }
}

fn bare(plan: Plan) -> PlanOffer {
    PlanOffer { plan, prices: Vec::new(), features: Vec::new() }
}

async fn a_plan_reads_back_exactly(database: TestDatabase) {
    let store = with_app(&database).await;
    let full = Plan {
        payer_kind: PayerKind::Organization,
        details: details(),
        version: Version::from_stored(7),
        ..archived(plan(1))
    };
    for plan in [full, default(plan(2))] {
        add_plan(&store, &plan).await;
        let expected = Some(bare(plan.clone()));
        assert_eq!(store.plans().plan(&workspace_id(), &app_id(), plan.id).await.unwrap(), expected);
        let mut work = locked(&store).await;
        let to_change = work.plans().plan_to_change(&workspace_id(), &app_id(), plan.id).await.unwrap();
        assert_eq!(to_change, expected);
        drop(work);
        let listed = store
            .plans()
            .plans(&workspace_id(), &app_id(), &plans_that(plan.is_archived()), Edge::Newest, 9)
            .await
            .unwrap();
        assert_eq!(listed.items, [bare(plan)]);
    }
    let unknown = PlanId::from_uuid(3);
    assert_eq!(store.plans().plan(&workspace_id(), &app_id(), unknown).await.unwrap(), None);
}

async fn plans_are_listed_newest_first_archived_or_not(database: TestDatabase) {
    let store = with_app(&database).await;
    let plans: Vec<Plan> = (1..=10).map(|n| if n % 2 == 0 { archived(plan(n)) } else { plan(n) }).collect();
    // Neither in their order nor in the reverse one.
    for index in [3, 9, 0, 5, 1, 8, 2, 7, 4, 6] {
        add_plan(&store, &plans[index]).await;
    }

    for archived in [false, true] {
        let expected: Vec<_> = plans.iter().rev().filter(|plan| plan.is_archived() == archived).collect();
        let mut listed: Vec<Plan> = Vec::new();
        for _ in 0..=expected.len() {
            let edge = listed.last().map_or(Edge::Newest, |plan| Edge::OlderThan(plan.id));
            let filter = plans_that(archived);
            let page = store.plans().plans(&workspace_id(), &app_id(), &filter, edge, 2).await.unwrap().items;
            assert!(page.len() <= 2);
            if page.is_empty() {
                break;
            }
            listed.extend(page.into_iter().map(|offer| offer.plan));
        }
        assert_eq!(listed.iter().collect::<Vec<_>>(), expected);
    }
}

async fn a_plan_has_its_own_prices_and_features_oldest_first(database: TestDatabase) {
    let store = with_app(&database).await;
    let (left, right, empty) = (plan(1), plan(2), plan(3));
    for plan in [&left, &right, &empty] {
        add_plan(&store, plan).await;
    }
    let of = |plan: &Plan, number: u32| {
        let currency = ["USD", "EUR", "TRY", "JPY"][number as usize % 4];
        let old = price(number, plan);
        Price { terms: price_terms(number.into(), currency, old.terms.interval()), ..old }
    };
    for (plan, number) in [(&left, 5), (&right, 2), (&left, 3), (&right, 9), (&left, 8)] {
        add_price(&store, plan, &of(plan, number)).await;
    }
    for number in [3, 1, 2] {
        add_feature(&store, &feature(number)).await;
    }
    for (plan, number) in [(&left, 3), (&right, 2), (&left, 1), (&right, 1), (&left, 2)] {
        attach(&store, plan, &feature(number)).await;
    }

    let expected = [
        bare(empty),
        PlanOffer {
            prices: [2, 9].map(|n| of(&right, n)).to_vec(),
            features: [1, 2].map(feature).to_vec(),
            plan: right,
        },
        PlanOffer {
            prices: [3, 5, 8].map(|n| of(&left, n)).to_vec(),
            features: [1, 2, 3].map(feature).to_vec(),
            plan: left,
        },
    ];
    assert_eq!(plans_of(&store, &workspace_id(), &app_id()).await, expected);
    for offer in expected {
        let read = store.plans().plan(&workspace_id(), &app_id(), offer.plan.id).await.unwrap();
        assert_eq!(read, Some(offer));
    }
}

async fn a_key_belongs_to_one_plan_that_is_not_archived(database: TestDatabase) {
    let store = with_app(&database).await;
    let key = plan(1).key;
    let with_key = |number| Plan { key: plan(1).key, ..plan(number) };
    let sold = async || {
        let mut work = locked(&store).await;
        work.plans().sold_plan_with_key(&workspace_id(), &app_id(), &key).await.unwrap()
    };
    for number in [2, 3] {
        add_plan(&store, &archived(with_key(number))).await;
    }
    assert_eq!(sold().await, None);

    add_plan(&store, &plan(1)).await;
    assert_eq!(sold().await, Some(plan(1)));
    let second = with_key(4);
    assert_conflict(transact(&store, |work| work.plans().insert_plan(&second)).await);
    let sold_again = Plan { version: Version::NEW.next(), ..with_key(2) };
    assert_conflict(transact(&store, |work| work.plans().save_plan(&sold_again, Version::NEW)).await);

    let gone = archived(Plan { version: Version::NEW.next(), ..plan(1) });
    transact(&store, |work| work.plans().save_plan(&gone, Version::NEW)).await.unwrap();
    add_plan(&store, &second).await;
    assert_eq!(sold().await, Some(second));
}

async fn an_app_has_one_default_plan_per_payer_kind(database: TestDatabase) {
    let store = with_app(&database).await;
    let default_of = async |payer_kind| {
        let mut work = locked(&store).await;
        work.plans().default_plan(&workspace_id(), &app_id(), payer_kind).await.unwrap()
    };
    let users = default(plan(1));
    let organizations = Plan { payer_kind: PayerKind::Organization, ..default(plan(2)) };
    add_plan(&store, &users).await;
    add_plan(&store, &plan(3)).await;
    assert_eq!(default_of(PayerKind::Organization).await, None);
    add_plan(&store, &organizations).await;

    let second = default(plan(4));
    assert_conflict(transact(&store, |work| work.plans().insert_plan(&second)).await);
    let promoted = default(Plan { version: Version::NEW.next(), ..plan(3) });
    assert_conflict(transact(&store, |work| work.plans().save_plan(&promoted, Version::NEW)).await);

    assert_eq!(default_of(PayerKind::User).await, Some(users.clone()));
    assert_eq!(default_of(PayerKind::Organization).await, Some(organizations));
    let demoted = Plan { details: plan(1).details, version: Version::NEW.next(), ..users };
    let mut work = locked(&store).await;
    work.plans().save_plan(&demoted, Version::NEW).await.unwrap();
    work.plans().save_plan(&promoted, Version::NEW).await.unwrap();
    work.commit().await.unwrap();
    assert_eq!(default_of(PayerKind::User).await, Some(promoted));
}

async fn a_default_plan_is_neither_archived_nor_on_trial(database: TestDatabase) {
    let store = with_app(&database).await;
    let on_trial = Plan { details: details(), ..plan(1) };
    for plan in [default(archived(plan(1))), default(on_trial)] {
        assert_refused(transact(&store, |work| work.plans().insert_plan(&plan)).await);
    }
}

/// Its key, its payer kind and its age stay, whatever is asked for.
async fn saving_a_plan_changes_what_may_change(database: TestDatabase) {
    let store = with_app(&database).await;
    add_plan(&store, &plan(1)).await;
    let version = Version::NEW.next();
    let other = Plan { payer_kind: PayerKind::Organization, details: details(), version, ..plan(2) };
    let saved = Plan { id: plan(1).id, ..archived(other) };

    transact(&store, |work| work.plans().save_plan(&saved, Version::NEW)).await.unwrap();

    let expected = Plan { details: details(), version, ..archived(plan(1)) };
    let read = store.plans().plan(&workspace_id(), &app_id(), plan(1).id).await.unwrap();
    assert_eq!(read, Some(bare(expected)));

    let emptied = Plan { version: version.next(), ..plan(1) };
    transact(&store, |work| work.plans().save_plan(&emptied, version)).await.unwrap();
    let read = store.plans().plan(&workspace_id(), &app_id(), plan(1).id).await.unwrap();
    assert_eq!(read, Some(bare(emptied)));
}

async fn a_stale_plan_is_not_saved(database: TestDatabase) {
    let store = with_app(&database).await;
    add_plan(&store, &plan(1)).await;
    let first = bare(plan(1)).revise(details()).unwrap().unwrap();
    transact(&store, |work| work.plans().save_plan(&first, Version::NEW)).await.unwrap();

    let second = archived(first.clone());
    assert_conflict(transact(&store, |work| work.plans().save_plan(&second, Version::NEW)).await);

    let read = store.plans().plan(&workspace_id(), &app_id(), plan(1).id).await.unwrap();
    assert_eq!(read, Some(bare(first)));
}

async fn a_plan_goes_with_its_transaction(database: TestDatabase) {
    let store = with_app(&database).await;
    add_plan(&store, &plan(1)).await;
    add_feature(&store, &feature(1)).await;
    let mut work = locked(&store).await;
    work.plans().insert_plan(&plan(2)).await.unwrap();
    work.plans().save_plan(&archived(plan(1)), Version::NEW).await.unwrap();
    work.plans().insert_price(&workspace_id(), &price(1, &plan(1))).await.unwrap();
    work.features().insert_feature(&feature(2)).await.unwrap();
    work.plans().attach_feature(&plan(1), &feature(1)).await.unwrap();
    drop(work);

    let plans = plans_of(&store, &workspace_id(), &app_id()).await;
    assert_eq!(plans, [bare(plan(1))]);
    assert_eq!(features_of(&store, &workspace_id(), &app_id()).await, [feature(1)]);
}

async fn a_corrupt_plan_is_named(database: TestDatabase) {
    let store = with_app(&database).await;
    add_plan(&store, &plan(1)).await;
    let id = plan(1).id.to_string();
    for (column, value, right) in [
        ("payer_kind", "robot", "user"),
        ("trial_days", "70000", "0"),
        ("visibility", "secret", "public"),
        ("version", "-1", "0"),
    ] {
        raw::execute(&database.url, &format!("UPDATE plans SET {column} = '{value}'")).await;
        let read = store.plans().plan(&workspace_id(), &app_id(), plan(1).id).await;
        assert_corrupt(read, ("plans", column, &id));
        raw::execute(&database.url, &format!("UPDATE plans SET {column} = '{right}'")).await;
    }
}
