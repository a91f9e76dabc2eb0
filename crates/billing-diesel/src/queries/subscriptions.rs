use billing_domain::ports::{
    Counted, Edge, LiveSubscription, Part, StoreError, SubscriptionCounts, SubscriptionFilter,
    SubscriptionReader, SubscriptionRepository,
};
use billing_domain::{
    AppId, EnvironmentId, GatewayAccountId, Payer, StripeSubscriptionId, Subscription, SubscriptionId,
    SubscriptionState, SubscriptionStatus, Timestamp, WorkspaceId, WorkspaceSubscription,
};
use diesel::prelude::*;
use diesel::upsert::excluded;
use diesel_async::RunQueryDsl;

use super::condition::Condition;
use super::dialect::{self, Backend, Conn};
use super::lists;
use super::sale_counts::{self, Counted as Kind, CountedAs};
use super::schema::subscriptions;
use super::store::DieselBillingStore;
use super::subscription_lists;
use super::trials;
use super::unit_of_work::DieselUnitOfWork;
use super::workspace_subscriptions;
use crate::error::store_error;
use crate::row::{Row, payer_columns, to_json};

/// `SubscriptionStatus::is_live` in the words of the partial indexes, which answer to no bound value.
pub(super) const LIVE: &str = "status NOT IN ('canceled', 'incomplete_expired')";

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = subscriptions, check_for_backend(Backend), treat_none_as_default_value = false)]
pub(super) struct SubscriptionRow {
    workspace_id: String,
    subscription_id: String,
    app_id: String,
    environment_id: String,
    payer_kind: String,
    payer_id: String,
    gateway_account_id: String,
    stripe_subscription_id: String,
    customer: String,
    intent_id: Option<String>,
    status: String,
    plan_id: Option<String>,
    price_id: Option<String>,
    quantity: i64,
    recurring: Option<String>,
    times: String,
    synced_at: Timestamp,
}

impl SubscriptionRow {
    fn new(subscription: &Subscription) -> Result<Self, StoreError> {
        let (payer_kind, payer_id) = payer_columns(&subscription.payer);
        let state = &subscription.state;
        Ok(Self {
            workspace_id: subscription.workspace_id.to_string(),
            subscription_id: subscription.id.to_string(),
            app_id: subscription.app_id.to_string(),
            environment_id: subscription.environment_id.to_string(),
            payer_kind: payer_kind.to_owned(),
            payer_id: payer_id.to_owned(),
            gateway_account_id: subscription.gateway_account_id.to_string(),
            stripe_subscription_id: subscription.stripe_id.to_string(),
            customer: subscription.customer.to_string(),
            intent_id: subscription.intent_id.map(String::from),
            status: state.status.to_string(),
            plan_id: state.plan_id.map(String::from),
            price_id: state.price_id.map(String::from),
            quantity: state.quantity.into(),
            recurring: state.recurring.as_ref().map(to_json).transpose()?,
            times: to_json(&state.times)?,
            synced_at: subscription.synced_at,
        })
    }

    pub(super) fn into_domain(self) -> Result<Subscription, StoreError> {
        let row = Row { table: "subscriptions", key: &self.subscription_id };
        Ok(Subscription {
            id: row.read("subscription_id", self.subscription_id.as_str())?,
            workspace_id: row.read("workspace_id", self.workspace_id)?,
            app_id: row.read("app_id", self.app_id)?,
            environment_id: row.read("environment_id", self.environment_id)?,
            payer: row.payer(&self.payer_kind, &self.payer_id)?,
            gateway_account_id: row.read("gateway_account_id", self.gateway_account_id)?,
            stripe_id: row.read("stripe_subscription_id", self.stripe_subscription_id)?,
            customer: row.read("customer", self.customer)?,
            intent_id: row.read("intent_id", self.intent_id)?,
            state: SubscriptionState {
                status: SubscriptionStatus::from_stripe(&self.status),
                plan_id: row.read("plan_id", self.plan_id)?,
                price_id: row.read("price_id", self.price_id)?,
                quantity: row.count("quantity", self.quantity)?,
                recurring: self
                    .recurring
                    .as_deref()
                    .map(|recurring| row.facts("recurring", recurring))
                    .transpose()?,
                times: row.facts("times", &self.times)?,
            },
            synced_at: self.synced_at,
        })
    }
}

fn into_one(row: QueryResult<SubscriptionRow>) -> Result<Option<Subscription>, StoreError> {
    row.optional().map_err(store_error)?.map(SubscriptionRow::into_domain).transpose()
}

const COUNTED_AS: (
    subscriptions::app_id,
    subscriptions::environment_id,
    subscriptions::status,
    subscriptions::is_ending,
) = (subscriptions::app_id, subscriptions::environment_id, subscriptions::status, subscriptions::is_ending);

/// What the mirror is counted as before it is saved.
async fn counted_as(conn: &mut Conn, subscription: &Subscription) -> Result<Option<CountedAs>, StoreError> {
    subscriptions::table
        .filter(subscriptions::workspace_id.eq(subscription.workspace_id.as_str()))
        .filter(subscriptions::gateway_account_id.eq(subscription.gateway_account_id.as_str()))
        .filter(subscriptions::stripe_subscription_id.eq(subscription.stripe_id.as_str()))
        .select(COUNTED_AS)
        .get_result(conn)
        .await
        .optional()
        .map_err(store_error)
}

async fn one(
    conn: &mut Conn,
    workspace: &WorkspaceId,
    app: &AppId,
    subscription: SubscriptionId,
) -> Result<Option<Subscription>, StoreError> {
    let row = subscriptions::table
        .find((workspace.as_str(), subscription.to_string()))
        .filter(subscriptions::app_id.eq(app.as_str()))
        .select(SubscriptionRow::as_select())
        .get_result(conn)
        .await;
    into_one(row)
}

async fn live_of(
    conn: &mut Conn,
    workspace: &WorkspaceId,
    app: &AppId,
    payer: &Payer,
) -> Result<Vec<Subscription>, StoreError> {
    let (payer_kind, payer_id) = payer_columns(payer);
    let rows: Vec<SubscriptionRow> = subscriptions::table
        .filter(subscriptions::workspace_id.eq(workspace.as_str()))
        .filter(subscriptions::app_id.eq(app.as_str()))
        .filter(subscriptions::payer_kind.eq(payer_kind))
        .filter(subscriptions::payer_id.eq(payer_id))
        .filter(Condition::constant(LIVE))
        .order(subscriptions::subscription_id)
        .select(SubscriptionRow::as_select())
        .load(conn)
        .await
        .map_err(store_error)?;
    rows.into_iter().map(SubscriptionRow::into_domain).collect()
}

#[async_trait::async_trait]
impl SubscriptionReader for DieselBillingStore {
    async fn subscriptions(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        filter: &SubscriptionFilter,
        edge: Edge<SubscriptionId>,
        limit: u32,
    ) -> Result<Part<Subscription>, StoreError> {
        let reading = async {
            let conn = &mut *self.reader(workspace).await?;
            subscription_lists::part(conn, workspace, app, filter, edge, limit).await
        };
        dialect::scanning(filter.is_scan() || lists::is_long(limit), reading).await
    }

    async fn count_subscriptions(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        filter: &SubscriptionFilter,
        than: Option<SubscriptionId>,
    ) -> Result<Counted, StoreError> {
        let reading = async {
            let conn = &mut *self.reader(workspace).await?;
            subscription_lists::count(conn, workspace, app, filter, than).await
        };
        dialect::scanning(filter.is_scan(), reading).await
    }

    async fn subscription_counts(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        environment: Option<EnvironmentId>,
    ) -> Result<SubscriptionCounts, StoreError> {
        let conn = &mut *self.reader(workspace).await?;
        subscription_lists::counts(conn, workspace, app, environment.as_ref()).await
    }

    async fn live_subscriptions_of(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        payer: &Payer,
    ) -> Result<Vec<Subscription>, StoreError> {
        live_of(&mut *self.reader(workspace).await?, workspace, app, payer).await
    }

    async fn trial_of(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        payer: &Payer,
    ) -> Result<Option<Timestamp>, StoreError> {
        trials::first_at(&mut *self.reader(workspace).await?, workspace, app, payer).await
    }

    async fn subscription(
        &self,
        workspace: &WorkspaceId,
        app: &AppId,
        subscription: SubscriptionId,
    ) -> Result<Option<Subscription>, StoreError> {
        one(&mut *self.reader(workspace).await?, workspace, app, subscription).await
    }

    async fn live_subscriptions(
        &self,
        workspace: &WorkspaceId,
        after: Option<SubscriptionId>,
        limit: u32,
    ) -> Result<Vec<LiveSubscription>, StoreError> {
        let rows: Vec<(String, String, String)> = subscriptions::table
            .filter(subscriptions::workspace_id.eq(workspace.as_str()))
            .filter(subscriptions::subscription_id.gt(after.map(String::from).unwrap_or_default()))
            .filter(Condition::constant(LIVE))
            .order(subscriptions::subscription_id)
            .limit(limit.into())
            .select((
                subscriptions::subscription_id,
                subscriptions::gateway_account_id,
                subscriptions::stripe_subscription_id,
            ))
            .load(&mut *self.reader(workspace).await?)
            .await
            .map_err(store_error)?;
        let read = |(id, account, stripe_id): (String, String, String)| {
            let row = Row { table: "subscriptions", key: &id };
            Ok(LiveSubscription {
                id: row.read("subscription_id", id.as_str())?,
                account: row.read("gateway_account_id", account)?,
                stripe_id: row.read("stripe_subscription_id", stripe_id)?,
            })
        };
        rows.into_iter().map(read).collect()
    }
}

#[async_trait::async_trait]
impl SubscriptionRepository for DieselUnitOfWork {
    async fn subscription_to_change(
        &mut self,
        workspace: &WorkspaceId,
        app: &AppId,
        subscription: SubscriptionId,
    ) -> Result<Option<Subscription>, StoreError> {
        one(self.conn()?, workspace, app, subscription).await
    }

    async fn mirrored_subscription(
        &mut self,
        workspace: &WorkspaceId,
        account: &GatewayAccountId,
        stripe_id: &StripeSubscriptionId,
    ) -> Result<Option<Subscription>, StoreError> {
        let row = subscriptions::table
            .filter(subscriptions::workspace_id.eq(workspace.as_str()))
            .filter(subscriptions::gateway_account_id.eq(account.as_str()))
            .filter(subscriptions::stripe_subscription_id.eq(stripe_id.as_str()))
            .select(SubscriptionRow::as_select())
            .get_result(self.conn()?)
            .await;
        into_one(row)
    }

    async fn live_subscriptions_of(
        &mut self,
        workspace: &WorkspaceId,
        app: &AppId,
        payer: &Payer,
    ) -> Result<Vec<Subscription>, StoreError> {
        live_of(self.conn()?, workspace, app, payer).await
    }

    async fn save_subscription(&mut self, subscription: &Subscription) -> Result<(), StoreError> {
        let workspace = &subscription.workspace_id;
        let conn = self.conn()?;
        let before = counted_as(conn, subscription).await?;
        let after = diesel::insert_into(subscriptions::table)
            .values(SubscriptionRow::new(subscription)?)
            .on_conflict((
                subscriptions::workspace_id,
                subscriptions::gateway_account_id,
                subscriptions::stripe_subscription_id,
            ))
            .do_update()
            .set((
                subscriptions::intent_id.eq(excluded(subscriptions::intent_id)),
                subscriptions::status.eq(excluded(subscriptions::status)),
                subscriptions::plan_id.eq(excluded(subscriptions::plan_id)),
                subscriptions::price_id.eq(excluded(subscriptions::price_id)),
                subscriptions::quantity.eq(excluded(subscriptions::quantity)),
                subscriptions::recurring.eq(excluded(subscriptions::recurring)),
                subscriptions::times.eq(excluded(subscriptions::times)),
                subscriptions::synced_at.eq(excluded(subscriptions::synced_at)),
            ))
            .returning(COUNTED_AS)
            .get_result(conn)
            .await
            .map_err(store_error)?;
        sale_counts::count(conn, workspace, Kind::Subscriptions, before, Some(after)).await
    }

    async fn count_subscriptions_anew(&mut self, workspace: &WorkspaceId) -> Result<(), StoreError> {
        sale_counts::count_anew(self.conn()?, workspace, Kind::Subscriptions).await
    }

    async fn workspace_subscription(
        &mut self,
        workspace: &WorkspaceId,
        account: &GatewayAccountId,
        stripe_id: &StripeSubscriptionId,
    ) -> Result<Option<WorkspaceSubscription>, StoreError> {
        workspace_subscriptions::one(self.conn()?, workspace, account, stripe_id).await
    }

    async fn save_workspace_subscription(
        &mut self,
        subscription: &WorkspaceSubscription,
    ) -> Result<(), StoreError> {
        workspace_subscriptions::save(self.conn()?, subscription).await
    }

    async fn had_trial(
        &mut self,
        workspace: &WorkspaceId,
        app: &AppId,
        payer: &Payer,
    ) -> Result<bool, StoreError> {
        Ok(trials::first_at(self.conn()?, workspace, app, payer).await?.is_some())
    }

    async fn record_trial(
        &mut self,
        workspace: &WorkspaceId,
        app: &AppId,
        payer: &Payer,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        trials::record(self.conn()?, workspace, app, payer, at).await
    }
}
