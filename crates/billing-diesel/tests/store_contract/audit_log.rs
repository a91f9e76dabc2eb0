use std::sync::Arc;

use billing_domain::ports::BillingStore;
use billing_domain::{
    Actor, App, AuditEntry, AuditEntryId, AuditedChange, BillingSwitch, Change, DashboardUserId, Description,
    Feature, Plan, PlanFeature, Price, RedirectOrigin, SwitchChange, SwitchEvent, TrialDays,
};
use billing_testing::builders::{app, feature, moment, plan, price, workspace_id};
use billing_testing::{Suite, TestDatabase};

use crate::raw;
use crate::story::{assert_corrupt, closing, enabled, locked, migrated, other_workspace};

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .on_every_database(
            "an_entry_reads_back_exactly_newest_first",
            an_entry_reads_back_exactly_newest_first,
        )
        .on_every_database(
            "an_entry_of_every_subject_reads_back_exactly",
            an_entry_of_every_subject_reads_back_exactly,
        )
        .on_every_database("every_entry_is_on_one_page", every_entry_is_on_one_page)
        .on_every_database("an_entry_goes_with_its_transaction", an_entry_goes_with_its_transaction)
        .on_every_database("an_entry_keeps_its_words", an_entry_keeps_its_words)
        .on_every_database("a_corrupt_entry_is_named", a_corrupt_entry_is_named)
}

fn entry(number: u32, actor: Actor, change: AuditedChange) -> AuditEntry {
    AuditEntry {
        id: AuditEntryId::from_uuid(number.into()),
        workspace_id: workspace_id(),
        actor,
        change,
        at: moment(),
    }
}

fn owner() -> Actor {
    Actor::DashboardUser(DashboardUserId::parse("owner").unwrap())
}

fn enabling() -> AuditedChange {
    AuditedChange::BillingSwitch(SwitchChange {
        event: SwitchEvent::Enabled,
        before: BillingSwitch::Disabled,
        after: enabled(),
    })
}

async fn append(store: &Arc<dyn BillingStore>, entries: &[AuditEntry]) {
    let mut work = locked(store).await;
    for entry in entries {
        work.append_audit_entry(entry).await.unwrap();
    }
    work.commit().await.unwrap();
}

async fn an_entry_reads_back_exactly_newest_first(database: TestDatabase) {
    let store = migrated(&database).await;
    let ending = AuditedChange::BillingSwitch(SwitchChange {
        event: SwitchEvent::DisableRefused,
        before: closing(),
        after: enabled(),
    });
    let entries = [entry(1, owner(), enabling()), entry(2, Actor::Recovery, ending)];
    append(&store, &entries).await;

    let [first, second] = entries;
    let read = store.audit_entries(&workspace_id(), None, 10).await.unwrap();
    assert_eq!(read, [second.clone(), first]);
    assert_eq!(store.audit_entries(&workspace_id(), None, 1).await.unwrap(), [second]);
    assert_eq!(store.audit_entries(&other_workspace(), None, 10).await.unwrap(), []);
}

fn app_change() -> Change<App> {
    let mut details = app(1).details;
    details.allowed_redirect_origins = vec![RedirectOrigin::parse("https://shop.example").unwrap()];
    let after = app(1).revise(details).unwrap();
    Change::changed(app(1), after)
}

fn plan_changes() -> [Change<Plan>; 3] {
    let mut full = plan(1);
    full.details.description = Some(Description::parse("One\n\"東京\" 🚀").unwrap());
    full.details.trial_days = TrialDays::new(730).unwrap();
    let archived = Plan { archived_at: Some(moment()), ..full.clone() };
    [Change::created(plan(1)), Change::changed(plan(1), full.clone()), Change::changed(full, archived)]
}

fn price_changes() -> [Change<Price>; 2] {
    let new = price(1, &plan(1));
    let archived = Price { archived_at: Some(moment()), ..new.clone() };
    [Change::created(new.clone()), Change::changed(new, archived)]
}

fn feature_changes() -> [Change<Feature>; 3] {
    let mut full = feature(1);
    full.details.description = Some(Description::parse("What it does").unwrap());
    [Change::created(feature(1)), Change::changed(feature(1), full.clone()), Change::deleted(full)]
}

fn plan_feature() -> PlanFeature {
    PlanFeature { plan_id: plan(1).id, plan_key: plan(1).key, feature_key: feature(1).key }
}

/// The oldest first.
fn entries_of_every_subject() -> Vec<AuditEntry> {
    let mut changes = vec![enabling()];
    changes.extend([Change::created(app(1)), app_change()].map(AuditedChange::App));
    changes.extend(plan_changes().map(AuditedChange::Plan));
    changes.extend(price_changes().map(AuditedChange::Price));
    changes.extend(feature_changes().map(AuditedChange::Feature));
    let attachment = [Change::created(plan_feature()), Change::deleted(plan_feature())];
    changes.extend(attachment.map(AuditedChange::PlanFeature));
    (1..).zip(changes).map(|(number, change)| entry(number, owner(), change)).collect()
}

async fn an_entry_of_every_subject_reads_back_exactly(database: TestDatabase) {
    let store = migrated(&database).await;
    let mut entries = entries_of_every_subject();
    append(&store, &entries).await;

    let read = store.audit_entries(&workspace_id(), None, 100).await.unwrap();

    entries.reverse();
    assert_eq!(read, entries);
}

async fn every_entry_is_on_one_page(database: TestDatabase) {
    let store = migrated(&database).await;
    let mut entries = entries_of_every_subject();
    append(&store, &entries).await;

    let mut read: Vec<AuditEntry> = Vec::new();
    for _ in 0..=entries.len() {
        let before = read.last().map(|entry| entry.id);
        let page = store.audit_entries(&workspace_id(), before, 4).await.unwrap();
        assert!(page.len() <= 4);
        if page.is_empty() {
            break;
        }
        read.extend(page);
    }

    entries.reverse();
    assert_eq!(read, entries);
}

async fn an_entry_goes_with_its_transaction(database: TestDatabase) {
    let store = migrated(&database).await;
    let mut work = locked(&store).await;
    work.append_audit_entry(&entry(1, owner(), enabling())).await.unwrap();
    work.rollback().await.unwrap();

    assert_eq!(store.audit_entries(&workspace_id(), None, 10).await.unwrap(), []);
}

/// What other versions of this code write and read.
async fn an_entry_keeps_its_words(database: TestDatabase) {
    let store = migrated(&database).await;
    let detached = AuditedChange::PlanFeature(Change::deleted(plan_feature()));
    append(&store, &[entry(1, owner(), enabling()), entry(2, owner(), detached)]).await;

    let words = "SELECT subject || ' ' || event || ' ' || state_before || ' ' || state_after AS line
                 FROM audit_entries";
    let expected = [
        r#"billing_switch enabled {"state":"disabled"} {"state":"enabled","since":"2026-11-22T12:34:56.789012Z","gateway":"stripe_connect"}"#,
        r#"plan_feature detached {"planId":"plan_00000000000000000000000001","planKey":"plan_1","featureKey":"feature_1"} null"#,
    ];
    assert_eq!(raw::lines(&database.url, words).await, expected);
}

async fn a_corrupt_entry_is_named(database: TestDatabase) {
    let store = migrated(&database).await;
    let created = entry(1, owner(), AuditedChange::Feature(Change::created(feature(1))));
    append(&store, std::slice::from_ref(&created)).await;
    let right = raw::lines(&database.url, "SELECT state_after AS line FROM audit_entries").await.remove(0);
    let id = created.id.to_string();
    for (column, value, right) in [
        ("subject", "horoscope", "feature"),
        ("event", "deleted", "created"),
        ("state_before", "{", "null"),
        ("state_after", "{}", &right),
        ("state_after", "null", &right),
        ("actor_kind", "robot", "dashboard_user"),
    ] {
        raw::execute(&database.url, &format!("UPDATE audit_entries SET {column} = '{value}'")).await;
        let read = store.audit_entries(&workspace_id(), None, 10).await;
        assert_corrupt(read, ("audit_entries", column, &id));
        raw::execute(&database.url, &format!("UPDATE audit_entries SET {column} = '{right}'")).await;
    }
    assert_eq!(store.audit_entries(&workspace_id(), None, 10).await.unwrap(), [created]);
}
