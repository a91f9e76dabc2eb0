//! Steps the cases are told in.

use std::sync::Arc;

use billing_diesel::DatabaseUrl;
use billing_domain::ports::{BillingStore, UnitOfWork};
use billing_domain::{BillingSwitch, PaymentGateway};
use billing_testing::{TestDatabase, builders};

pub(crate) fn url(database: &TestDatabase) -> DatabaseUrl {
    database.url.parse().unwrap()
}

pub(crate) async fn migrated(database: &TestDatabase) -> Arc<dyn BillingStore> {
    billing_diesel::migrate(&url(database)).await.unwrap();
    billing_diesel::open(&url(database)).unwrap()
}

/// A store in which the test workspace exists and has its app.
pub(crate) async fn with_app(database: &TestDatabase) -> Arc<dyn BillingStore> {
    let store = migrated(database).await;
    let mut work = locked(&store).await;
    let (workspace, app) = (builders::workspace_id(), builders::app_id());
    work.insert_app_if_absent(&workspace, &app, "Test app", builders::moment()).await.unwrap();
    work.commit().await.unwrap();
    store
}

/// A unit of work that holds the test workspace.
pub(crate) async fn locked(store: &Arc<dyn BillingStore>) -> Box<dyn UnitOfWork> {
    let mut work = store.begin().await.unwrap();
    work.lock_workspace(&builders::workspace_id()).await.unwrap();
    work
}

pub(crate) fn enabled() -> BillingSwitch {
    BillingSwitch::Enabled { since: builders::moment(), gateway: PaymentGateway::StripeConnect }
}

pub(crate) fn closing() -> BillingSwitch {
    BillingSwitch::Closing {
        since: builders::moment(),
        gateway: PaymentGateway::Managed,
        closing_since: builders::moment(),
    }
}
