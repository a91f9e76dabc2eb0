//! Lists of subscriptions, and how many there are.

use billing_domain::ports::{Counted, Edge, Part, StoreError, SubscriptionCounts, SubscriptionFilter};
use billing_domain::{AppId, EnvironmentId, Subscription, SubscriptionId, SubscriptionStatus, WorkspaceId};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::dialect::{self, Backend, Conn};
use super::lists::{self, Count, First};
use super::sale_counts::{self, Counted as Kind};
use super::sale_lists::{ENVIRONMENT_ID, PLAN_ID, STATUS, SUBSCRIPTION_ID, SaleList, Test};
use super::schema::subscriptions;
use super::subscriptions::SubscriptionRow;
use crate::error::store_error;

fn of_app<'a>(workspace: &'a WorkspaceId, app: &'a AppId) -> subscriptions::BoxedQuery<'a, Backend> {
    subscriptions::table
        .filter(subscriptions::workspace_id.eq(workspace.as_str()))
        .filter(subscriptions::app_id.eq(app.as_str()))
        .into_boxed()
}

/// How the subscriptions of a list are found.
async fn listed(
    conn: &mut Conn,
    workspace: &WorkspaceId,
    app: &AppId,
    filter: &SubscriptionFilter,
) -> Result<SaleList, StoreError> {
    let payer = filter.payer.as_ref();
    let shared = [
        Test::is(PLAN_ID, filter.plan_id),
        Test::is(ENVIRONMENT_ID, filter.environment_id.as_ref()),
        Test::is(STATUS, filter.status.as_ref()),
        Test::is_payer_kind(payer),
    ];
    let narrow = [Test::is_payer(payer), filter.is_ending.then_some(Test::Holds("is_ending"))];
    SaleList::new(shared, narrow, payer).reach(conn, || of_app(workspace, app), SUBSCRIPTION_ID).await
}

pub(super) async fn part(
    conn: &mut Conn,
    workspace: &WorkspaceId,
    app: &AppId,
    filter: &SubscriptionFilter,
    edge: Edge<SubscriptionId>,
    limit: u32,
) -> Result<Part<Subscription>, StoreError> {
    let list = listed(conn, workspace, app, filter).await?;
    let rows = list.of(of_app(workspace, app), SUBSCRIPTION_ID);
    let rows = lists::part(rows, list.key(SUBSCRIPTION_ID), edge);
    let mut rows: Vec<SubscriptionRow> = if list.is_sorted() {
        let ids = First::new(limit, rows.select(subscriptions::subscription_id))
            .load(conn)
            .await
            .map_err(store_error)?;
        with_ids(conn, workspace, ids, edge).await?
    } else {
        let rows = First::new(limit, rows.select(SubscriptionRow::as_select()));
        rows.load(conn).await.map_err(store_error)?
    };
    if let Edge::NewerThan(_) = edge {
        rows.reverse();
    }
    let items: Result<_, StoreError> = rows.into_iter().map(SubscriptionRow::into_domain).collect();
    Ok(Part { items: items?, is_cut: list.is_cut(), counted: None })
}

/// The rows with these ids, in the order of a part from the edge.
async fn with_ids(
    conn: &mut Conn,
    workspace: &WorkspaceId,
    ids: Vec<String>,
    edge: Edge<SubscriptionId>,
) -> Result<Vec<SubscriptionRow>, StoreError> {
    let rows = subscriptions::table
        .filter(subscriptions::workspace_id.eq(workspace.as_str()))
        .filter(dialect::one_of("subscription_id", ids.into_iter()))
        .select(SubscriptionRow::as_select())
        .into_boxed::<Backend>();
    lists::part(rows, subscriptions::subscription_id, edge).load(conn).await.map_err(store_error)
}

pub(super) async fn count(
    conn: &mut Conn,
    workspace: &WorkspaceId,
    app: &AppId,
    filter: &SubscriptionFilter,
    than: Option<SubscriptionId>,
) -> Result<Counted, StoreError> {
    let list = listed(conn, workspace, app, filter).await?;
    let rows = || list.of(of_app(workspace, app), SUBSCRIPTION_ID).select(subscriptions::subscription_id);
    let key = list.key(SUBSCRIPTION_ID);
    if filter.is_counted() {
        let counts = counts(conn, workspace, app, filter.environment_id.as_ref()).await?;
        let total = counts.of(filter.status.as_ref(), filter.is_ending);
        return Count::newer(rows, key, than).read_of(conn, total).await;
    }
    Count::of(rows, key, than).read(conn, list.is_cut()).await
}

pub(super) async fn counts(
    conn: &mut Conn,
    workspace: &WorkspaceId,
    app: &AppId,
    environment: Option<&EnvironmentId>,
) -> Result<SubscriptionCounts, StoreError> {
    let mut counts = SubscriptionCounts::default();
    for number in sale_counts::read(conn, workspace, app, Kind::Subscriptions, environment).await? {
        let status = SubscriptionStatus::from_stripe(&number.status);
        let count = counts.by_status.entry(status).or_default();
        count.total += number.get();
        if number.is_ending {
            count.ending += number.get();
        }
    }
    Ok(counts)
}
