use std::collections::BTreeSet;

use billing_domain::ports::StoreError;
use billing_domain::{BillingSwitch, Version, WorkspaceId};
use billing_testing::{Suite, TestDatabase, builders};

use crate::raw;
use crate::story::{closing, enabled, locked, migrated};

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .on_every_database("a_workspace_never_seen_is_off", a_workspace_never_seen_is_off)
        .on_every_database("every_state_reads_back_exactly", every_state_reads_back_exactly)
        .on_every_database("a_save_over_another_version_conflicts", a_save_over_another_version_conflicts)
        .on_every_database("closings_come_in_pages", closings_come_in_pages)
        .on_every_database("a_corrupt_row_is_named", a_corrupt_row_is_named)
        .on_every_database("half_a_state_cannot_be_stored", half_a_state_cannot_be_stored)
}

async fn a_workspace_never_seen_is_off(database: TestDatabase) {
    let store = migrated(&database).await;
    let workspace = builders::workspace_id();

    assert_eq!(store.switches().billing_switch(&workspace).await.unwrap(), BillingSwitch::Disabled);
    let mut work = store.begin(&workspace).await.unwrap();
    let loaded = work.switches().lock_workspace(&workspace).await.unwrap();
    assert_eq!((loaded.switch, loaded.version), (BillingSwitch::Disabled, Version::NEW));
    assert_eq!(loaded.id, workspace);
}

async fn every_state_reads_back_exactly(database: TestDatabase) {
    let store = migrated(&database).await;
    let workspace = builders::workspace_id();
    let mut version = Version::NEW;
    for switch in [enabled(), closing(), BillingSwitch::Disabled] {
        let mut work = locked(&store).await;
        version = work.switches().save_switch(&workspace, version, &switch).await.unwrap();
        work.commit().await.unwrap();

        assert_eq!(store.switches().billing_switch(&workspace).await.unwrap(), switch);
        let mut work = store.begin(&workspace).await.unwrap();
        let loaded = work.switches().lock_workspace(&workspace).await.unwrap();
        assert_eq!((loaded.switch, loaded.version), (switch, version));
        work.rollback().await.unwrap();
    }
    assert_eq!(version.number(), 3);
}

async fn a_save_over_another_version_conflicts(database: TestDatabase) {
    let store = migrated(&database).await;
    let workspace = builders::workspace_id();
    let mut work = locked(&store).await;
    work.switches().save_switch(&workspace, Version::NEW, &enabled()).await.unwrap();
    work.commit().await.unwrap();

    let mut work = locked(&store).await;
    let error = work.switches().save_switch(&workspace, Version::NEW, &closing()).await.unwrap_err();

    assert!(matches!(error, StoreError::Conflict), "{error:?}");
    drop(work);
    assert_eq!(store.switches().billing_switch(&workspace).await.unwrap(), enabled());
}

async fn closings_come_in_pages(database: TestDatabase) {
    let store = migrated(&database).await;
    for number in 0..5 {
        let workspace = WorkspaceId::parse(format!("ws_{number}")).unwrap();
        let switch = if number == 2 { enabled() } else { closing() };
        let mut work = store.begin(&workspace).await.unwrap();
        let loaded = work.switches().lock_workspace(&workspace).await.unwrap();
        work.switches().save_switch(&workspace, loaded.version, &switch).await.unwrap();
        work.commit().await.unwrap();
    }

    let first = store.switches().unscheduled_closings(None, 3).await.unwrap();
    let rest = store.switches().unscheduled_closings(Some(first[2].clone()), 3).await.unwrap();

    let ids: BTreeSet<_> = first.iter().chain(&rest).map(WorkspaceId::as_str).collect();
    assert_eq!(ids, BTreeSet::from(["ws_0", "ws_1", "ws_3", "ws_4"]));
    assert_eq!((first.len(), rest.len()), (3, 1));
}

async fn a_corrupt_row_is_named(database: TestDatabase) {
    let store = migrated(&database).await;
    raw::execute(
        &database.url,
        "INSERT INTO workspaces (workspace_id, state, gateway, enabled_at, version)
         VALUES ('ws_test', 'enabled', 'paypal', '2026-11-22 12:00:00+00:00', 1)",
    )
    .await;

    let error = store.switches().billing_switch(&builders::workspace_id()).await.unwrap_err();

    assert!(
        matches!(&error, StoreError::Corrupt { table: "workspaces", column: "gateway", row } if row == "ws_test"),
        "{error:?}"
    );
    // It can still be found by those who end closings, and does not hide the others.
    raw::execute(
        &database.url,
        "UPDATE workspaces SET state = 'closing', closing_since = enabled_at WHERE workspace_id = 'ws_test'",
    )
    .await;
    assert_eq!(store.switches().unscheduled_closings(None, 10).await.unwrap(), [builders::workspace_id()]);
}

async fn half_a_state_cannot_be_stored(database: TestDatabase) {
    let store = migrated(&database).await;
    let mut work = locked(&store).await;
    work.switches().save_switch(&builders::workspace_id(), Version::NEW, &enabled()).await.unwrap();
    work.commit().await.unwrap();

    for half in [
        "state = 'disabled'",
        "state = 'closing'",
        "gateway = NULL",
        "enabled_at = NULL",
        "state = 'open'",
        "state = 'closing', closing_since = enabled_at, gateway = NULL",
    ] {
        let update = format!("UPDATE workspaces SET {half}");
        assert!(raw::fails(&database.url, &update).await, "{half} was stored");
    }
}
