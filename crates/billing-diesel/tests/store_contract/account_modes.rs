//! The mode in which an account is used, over all workspaces.

use billing_domain::GatewayAccountId;
use billing_testing::builders::{account, workspace_id};
use billing_testing::{Suite, TestDatabase};

use crate::raw;
use crate::story::{assert_conflict, migrated, other_workspace, uses_in};

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .on_every_database("the_first_use_stores_the_mode_of_an_account", the_first_use_stores_the_mode)
        .on_every_database(
            "an_account_is_not_used_in_the_other_mode",
            an_account_is_not_used_in_the_other_mode,
        )
        .on_every_database(
            "a_use_without_a_mode_is_given_the_present_one",
            a_use_without_a_mode_is_given_the_present_one,
        )
        .on_every_database("of_an_account_used_in_both_modes_neither_fits", in_both_modes_neither_fits)
}

const WITHOUT_MODE: &str = "UPDATE account_directory SET is_live = NULL WHERE workspace_id <> 'ws_other'";

async fn the_first_use_stores_the_mode(database: TestDatabase) {
    let store = migrated(&database).await;
    let live = GatewayAccountId::parse("acct_live").unwrap();
    for is_live in [true, false] {
        assert_eq!(store.mode_of_account(&live, is_live).await.unwrap(), None);
    }

    assert!(uses_in(&store, &workspace_id(), &live, true).await.unwrap());
    assert!(uses_in(&store, &workspace_id(), &account(), false).await.unwrap());

    for is_live in [true, false] {
        assert_eq!(store.mode_of_account(&live, is_live).await.unwrap(), Some(true));
        assert_eq!(store.mode_of_account(&account(), is_live).await.unwrap(), Some(false));
    }
}

async fn an_account_is_not_used_in_the_other_mode(database: TestDatabase) {
    let store = migrated(&database).await;
    uses_in(&store, &workspace_id(), &account(), true).await.unwrap();

    assert_conflict(uses_in(&store, &other_workspace(), &account(), false).await);

    let accounts = store.gateway_links().gateway_accounts(&other_workspace()).await.unwrap();
    assert_eq!(accounts, [], "nothing is written");
    assert!(uses_in(&store, &other_workspace(), &account(), true).await.unwrap());
}

async fn a_use_without_a_mode_is_given_the_present_one(database: TestDatabase) {
    let store = migrated(&database).await;
    uses_in(&store, &workspace_id(), &account(), false).await.unwrap();
    raw::execute(&database.url, WITHOUT_MODE).await;

    assert_eq!(store.mode_of_account(&account(), true).await.unwrap(), Some(true));

    assert_eq!(store.mode_of_account(&account(), false).await.unwrap(), Some(true), "it is given for good");
    assert_conflict(uses_in(&store, &other_workspace(), &account(), false).await);
    uses_in(&store, &other_workspace(), &account(), true).await.unwrap();
    raw::execute(&database.url, WITHOUT_MODE).await;
    assert_eq!(store.mode_of_account(&account(), false).await.unwrap(), Some(true), "as the other use");
}

async fn in_both_modes_neither_fits(database: TestDatabase) {
    let store = migrated(&database).await;
    for workspace in [workspace_id(), other_workspace()] {
        uses_in(&store, &workspace, &account(), true).await.unwrap();
    }
    let of_another_process = "UPDATE account_directory SET is_live = FALSE WHERE workspace_id = 'ws_other'";
    raw::execute(&database.url, of_another_process).await;

    for is_live in [true, false] {
        assert_eq!(store.mode_of_account(&account(), is_live).await.unwrap(), Some(!is_live));
    }
}
