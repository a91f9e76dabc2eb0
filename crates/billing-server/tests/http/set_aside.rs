//! What an operator sees of work and webhooks that were set aside, and tries again.

use std::sync::Arc;

use billing_domain::ports::{BillingStore, DueFilter, SetAsideFilter};
use billing_domain::{Gateway, GatewayAccountId, Timestamp, WorkId, WorkKind, WorkPriority, WorkspaceId};
use billing_testing::builders::{account, gateway_event, moment, workspace_id};
use billing_testing::{Suite, TestDatabase};
use chrono::TimeDelta;

use crate::command_line::{command, printed, refused};

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .on_every_database("work_set_aside_is_listed_and_tried_again", work_set_aside_is_listed_and_replayed)
        .on_every_database(
            "reconciling_accepts_webhooks_that_have_a_workspace_now",
            reconciling_accepts_webhooks_that_have_a_workspace_now,
        )
}

async fn migrated(database: &TestDatabase) -> Arc<dyn BillingStore> {
    let url = database.url.parse().unwrap();
    billing_diesel::migrate(&url).await.unwrap();
    billing_diesel::open(&url).unwrap()
}

fn said(database: &TestDatabase, arguments: &[&str]) -> String {
    printed(&command(database.folder.path(), arguments, &[("KL_DATABASE_URL", &database.url)]))
}

fn work(workspace: &str, kind: WorkKind, key: &str) -> WorkId {
    WorkId { workspace_id: WorkspaceId::parse(workspace).unwrap(), kind, key: key.to_owned() }
}

/// Sets a row of work aside.
async fn set_aside(store: &Arc<dyn BillingStore>, id: &WorkId, at: Timestamp, reason: &str) {
    let mut unit = store.begin(&id.workspace_id).await.unwrap();
    unit.switches().lock_workspace(&id.workspace_id).await.unwrap();
    let rows = unit.work();
    rows.schedule(id, at).await.unwrap();
    let claim = rows.claim(id, "lease", at, at, at).await.unwrap().unwrap();
    rows.set_aside(&claim, at, reason).await.unwrap();
    unit.commit().await.unwrap();
}

async fn work_set_aside_is_listed_and_replayed(database: TestDatabase) {
    let store = migrated(&database).await;
    let nothing = "Work that was set aside: 0\nWebhooks without a workspace: 0";
    assert_eq!(said(&database, &["work", "list"]), nothing);
    let fetch = work("ws_1", WorkKind::SyncObject, "acct_1/sub_1");
    let earlier = moment() - TimeDelta::hours(1);
    set_aside(&store, &fetch, earlier, "corrupt row").await;
    set_aside(&store, &work("ws_1", WorkKind::Reconcile, "acct_1"), moment(), "no key").await;
    set_aside(&store, &work("ws_2", WorkKind::Reconcile, "acct_1"), moment(), "no key").await;

    let listed = said(&database, &["work", "list"]);
    assert!(listed.starts_with("Work that was set aside: 3\n"), "{listed}");
    let row = "--workspace ws_1 --kind sync_object --key acct_1/sub_1: corrupt row";
    let of_fetch = format!("\n  {} {row}\n", billing_domain::wire_time(earlier));
    assert!(listed.contains(&of_fetch), "{listed}");

    let tried = |number: u32| format!("Work that is tried again: {number}. The running service does it now.");
    let replay = |narrowed: &[&str]| said(&database, &[&["work", "replay"], narrowed].concat());
    assert_eq!(replay(&["--workspace", "ws_1", "--kind", "sync_object", "--key", "acct_1/sub_1"]), tried(1));
    let now = moment() + TimeDelta::days(9_999);
    let filter = DueFilter { priority: WorkPriority::Foreground, now, horizon: now, except: None };
    assert_eq!(store.work().due_work(&filter, 9).await.unwrap(), [fetch]);
    assert_eq!(replay(&["--workspace", "ws_1"]), tried(1));
    assert_eq!(replay(&[]), tried(1));
    assert_eq!(store.work().work_set_aside(&SetAsideFilter::default(), 9).await.unwrap().1, 0);

    let unknown = ["work", "replay", "--kind", "no_such_kind"];
    let told = refused(&command(database.folder.path(), &unknown, &[("KL_DATABASE_URL", &database.url)]));
    assert!(told.contains("settle_call") && told.contains("sync_object"), "{told}");
}

async fn reconciling_accepts_webhooks_that_have_a_workspace_now(database: TestDatabase) {
    let store = migrated(&database).await;
    let nobodys = GatewayAccountId::parse("acct_nobody").unwrap();
    let of_nobody = billing_domain::GatewayEvent { account: nobodys, ..gateway_event(2) };
    store.events().accept(vec![gateway_event(1), of_nobody], moment()).await.unwrap();
    let at = billing_domain::wire_time(moment());
    let of = |number: u32, account: &str| format!("\n  {at} evt_000{number} of {account}: invoice.paid");
    let unplaced = |rows: &[String]| {
        format!("Work that was set aside: 0\nWebhooks without a workspace: {}{}", rows.len(), rows.concat())
    };
    let listed = said(&database, &["work", "list"]);
    assert_eq!(listed, unplaced(&[of(2, "acct_nobody"), of(1, "acct_test")]));

    let mut unit = store.begin(&workspace_id()).await.unwrap();
    unit.switches().lock_workspace(&workspace_id()).await.unwrap();
    let links = unit.gateway_links();
    links.use_gateway_account(&workspace_id(), &account(), Gateway::Managed, false, moment()).await.unwrap();
    unit.commit().await.unwrap();

    let scheduled = "Scheduled for 1 accounts of workspaces. The running service does it now.";
    let accepted = "Webhooks that have a workspace now: 1. Still without one: 1.";
    assert_eq!(said(&database, &["reconcile"]), format!("{scheduled}\n{accepted}"));
    assert_eq!(said(&database, &["work", "list"]), unplaced(&[of(2, "acct_nobody")]));
}
