use std::sync::Arc;

use billing_domain::ports::{BillingStore, StoreError};
use billing_domain::{Gateway, GatewayAccountId, GatewayLink, LinkSubject, PlanId, PriceId, WorkspaceId};
use billing_testing::builders::moment;
use billing_testing::builders::{
    account, customer_link, environment_id, organization, stripe_id, workspace_id,
};
use billing_testing::{Suite, TestDatabase};

use crate::raw;
use crate::story::{assert_conflict, locked, migrated, other_workspace, transact_in, uses};

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .on_every_database("a_gateway_account_is_used_for_good", a_gateway_account_is_used_for_good)
        .on_every_database("accounts_of_every_workspace_are_listed", accounts_of_every_workspace_are_listed)
        .on_every_database("a_link_is_found_from_both_sides", a_link_is_found_from_both_sides)
        .on_every_database("each_side_is_linked_once_on_an_account", each_side_is_linked_once_on_an_account)
        .on_every_database("a_customer_belongs_to_one_workspace", a_customer_belongs_to_one_workspace)
        .on_every_database("a_removed_link_can_be_made_anew", a_removed_link_can_be_made_anew)
        .on_every_database("customers_are_listed_by_id", customers_are_listed_by_id)
}

fn other_account() -> GatewayAccountId {
    GatewayAccountId::parse("acct_other").unwrap()
}

async fn link(store: &Arc<dyn BillingStore>, link: &GatewayLink) -> Result<(), StoreError> {
    transact_in(store, &link.workspace_id, |work| work.gateway_links().insert_gateway_link(link)).await
}

async fn a_gateway_account_is_used_for_good(database: TestDatabase) {
    let store = migrated(&database).await;
    assert!(uses(&store, &workspace_id(), &other_account()).await);
    assert!(uses(&store, &workspace_id(), &account()).await);
    assert!(!uses(&store, &workspace_id(), &account()).await, "it is not new any more");
    assert!(uses(&store, &other_workspace(), &account()).await);

    let accounts =
        async |workspace: WorkspaceId| store.gateway_links().gateway_accounts(&workspace).await.unwrap();
    assert_eq!(accounts(workspace_id()).await, [other_account(), account()]);
    assert_eq!(accounts(other_workspace()).await, [account()]);

    let mut work = locked(&store).await;
    let dropped = GatewayAccountId::parse("acct_dropped").unwrap();
    let links = work.gateway_links();
    let (gateway, now) = (Gateway::Managed, moment());
    assert!(links.use_gateway_account(&workspace_id(), &dropped, gateway, false, now).await.unwrap());
    work.rollback().await.unwrap();
    assert_eq!(accounts(workspace_id()).await.len(), 2);
    let directory = "SELECT account AS line FROM account_directory WHERE account = 'acct_dropped'";
    assert_eq!(raw::lines(&database.url, directory).await, [""; 0]);
}

async fn accounts_of_every_workspace_are_listed(database: TestDatabase) {
    let store = migrated(&database).await;
    let used =
        [(other_workspace(), account()), (workspace_id(), account()), (workspace_id(), other_account())];
    for (workspace, account) in &used {
        uses(&store, workspace, account).await;
    }
    let [last, middle] = [used[1].clone(), used[2].clone()];
    let in_order = [used[0].clone(), middle.clone(), last.clone()];
    let listed =
        async |after, limit| store.gateway_links().workspaces_with_accounts(after, limit).await.unwrap();
    assert_eq!(listed(None, 9).await, in_order);
    assert_eq!(listed(None, 1).await, in_order[..1]);
    assert_eq!(listed(Some(used[0].clone()), 9).await, in_order[1..]);
    assert_eq!(listed(Some(middle), 9).await, in_order[2..]);
    assert_eq!(listed(Some(last), 9).await, []);
}

async fn a_link_is_found_from_both_sides(database: TestDatabase) {
    let store = migrated(&database).await;
    let subjects = [
        customer_link(1).subject,
        LinkSubject::Customer { environment_id: environment_id(), payer: organization(1) },
        LinkSubject::Product(PlanId::from_uuid(1)),
        LinkSubject::Price(PriceId::from_uuid(1)),
    ];
    for (number, subject) in subjects.into_iter().enumerate() {
        let stripe_id = stripe_id(&format!("obj_{number}"));
        let linked =
            GatewayLink { subject: subject.clone(), stripe_id: stripe_id.clone(), ..customer_link(1) };
        link(&store, &linked).await.unwrap();

        let mut work = locked(&store).await;
        let links = work.gateway_links();
        for (workspace, account, is_there) in [
            (workspace_id(), account(), true),
            (workspace_id(), other_account(), false),
            (other_workspace(), account(), false),
        ] {
            let found = links.gateway_link(&workspace, &account, &subject).await.unwrap();
            assert_eq!(found, is_there.then(|| stripe_id.clone()));
            let found = links.link_subject(&workspace, &account, &stripe_id).await.unwrap();
            assert_eq!(found, is_there.then(|| subject.clone()));
        }
    }
}

async fn each_side_is_linked_once_on_an_account(database: TestDatabase) {
    let store = migrated(&database).await;
    let product = |plan: u128, id: &str, account| GatewayLink {
        account,
        subject: LinkSubject::Product(PlanId::from_uuid(plan)),
        stripe_id: stripe_id(id),
        ..customer_link(1)
    };
    link(&store, &product(1, "prod_1", account())).await.unwrap();
    assert_conflict(link(&store, &product(1, "prod_2", account())).await);
    assert_conflict(link(&store, &product(2, "prod_1", account())).await);
    link(&store, &product(1, "prod_1", other_account())).await.unwrap();
    link(&store, &product(2, "prod_2", account())).await.unwrap();
}

async fn a_removed_link_can_be_made_anew(database: TestDatabase) {
    let store = migrated(&database).await;
    let (old, new) = (customer_link(1), GatewayLink { stripe_id: stripe_id("cus_new"), ..customer_link(1) });
    link(&store, &old).await.unwrap();
    for other in [new.clone(), GatewayLink { account: other_account(), ..old.clone() }] {
        remove(&store, &other).await;
        assert_conflict(link(&store, &new).await);
    }
    remove(&store, &old).await;
    link(&store, &new).await.unwrap();
    let customers = store.gateway_links().customers(&workspace_id(), &account(), None, 10).await.unwrap();
    assert_eq!(customers, [new.stripe_id]);
    let foreign = GatewayLink { workspace_id: other_workspace(), ..old };
    assert_conflict(link(&store, &foreign).await);
}

async fn remove(store: &Arc<dyn BillingStore>, link: &GatewayLink) {
    let mut work = locked(store).await;
    work.gateway_links().remove_gateway_link(link).await.unwrap();
    work.commit().await.unwrap();
}

async fn a_customer_belongs_to_one_workspace(database: TestDatabase) {
    let store = migrated(&database).await;
    link(&store, &customer_link(1)).await.unwrap();
    let foreign = GatewayLink { workspace_id: other_workspace(), ..customer_link(1) };
    assert_conflict(link(&store, &foreign).await);
    link(&store, &GatewayLink { account: other_account(), ..foreign }).await.unwrap();
}

async fn customers_are_listed_by_id(database: TestDatabase) {
    let store = migrated(&database).await;
    for number in [3, 1, 2] {
        link(&store, &customer_link(number)).await.unwrap();
    }
    link(&store, &GatewayLink { account: other_account(), ..customer_link(4) }).await.unwrap();
    link(&store, &GatewayLink { workspace_id: other_workspace(), ..customer_link(5) }).await.unwrap();
    let product = LinkSubject::Product(PlanId::from_uuid(1));
    link(&store, &GatewayLink { subject: product, stripe_id: stripe_id("cus_like"), ..customer_link(1) })
        .await
        .unwrap();
    let listed = async |workspace: WorkspaceId, after: Option<&str>, limit| {
        let after = after.map(stripe_id);
        store.gateway_links().customers(&workspace, &account(), after, limit).await.unwrap()
    };
    let ids =
        |numbers: &[u32]| numbers.iter().map(|number| customer_link(*number).stripe_id).collect::<Vec<_>>();
    assert_eq!(listed(workspace_id(), None, 10).await, ids(&[1, 2, 3]));
    assert_eq!(listed(workspace_id(), None, 2).await, ids(&[1, 2]));
    assert_eq!(listed(workspace_id(), Some("cus_1"), 10).await, ids(&[2, 3]));
    assert_eq!(listed(other_workspace(), None, 10).await, ids(&[5]));
}
