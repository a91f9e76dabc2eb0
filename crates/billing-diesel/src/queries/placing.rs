//! The workspaces of events.

use std::collections::{BTreeSet, HashMap};

use billing_domain::GatewayEvent;
use billing_domain::ports::StoreError;

use super::dialect::Conn;
use super::rows::{self, Around, Cell, Found, Lookup};

const OF_CUSTOMERS: Around = (
    "WITH given (account, customer) AS (",
    ") SELECT d.account, d.stripe_customer_id, d.workspace_id FROM given CROSS JOIN customer_directory AS d
    WHERE d.stripe_customer_id = given.customer AND d.account = given.account",
);

const OF_HINTS: Around = (
    "WITH given (account, workspace) AS (",
    ") SELECT d.account, d.workspace_id, d.workspace_id FROM given CROSS JOIN account_directory AS d
    WHERE d.account = given.account AND d.workspace_id = given.workspace",
);

/// The first and last workspace of each account: two looks at an index, however many the account has.
const OF_ACCOUNTS: Around = (
    "WITH given (account) AS (",
    ") SELECT found.account, found.first, found.last FROM (
        SELECT given.account,
            (SELECT MIN(d.workspace_id) FROM account_directory AS d WHERE d.account = given.account) AS first,
            (SELECT MAX(d.workspace_id) FROM account_directory AS d WHERE d.account = given.account) AS last
        FROM given
    ) AS found WHERE found.first IS NOT NULL",
);

/// The condition for a row of `unplaced_events` that has a workspace now: the rules of [`workspaces_of`].
pub(super) const UNPLACED_WITH_WORKSPACE: &str = "(
    EXISTS (SELECT 1 FROM customer_directory AS d
        WHERE d.stripe_customer_id = unplaced_events.customer AND d.account = unplaced_events.account)
    OR EXISTS (SELECT 1 FROM account_directory AS d
        WHERE d.account = unplaced_events.account AND d.workspace_id = unplaced_events.workspace_hint)
    OR (SELECT MIN(d.workspace_id) FROM account_directory AS d WHERE d.account = unplaced_events.account)
        = (SELECT MAX(d.workspace_id) FROM account_directory AS d WHERE d.account = unplaced_events.account)
)";

/// A workspace that pays the platform may never have come here before.
const INSERT_WORKSPACES: Around =
    ("INSERT INTO workspaces (workspace_id, state, version)", "ON CONFLICT DO NOTHING");

/// The workspace of each event, in their order: that of its customer, or else the one that pays the platform, or else the
/// hinted one if it uses the account, or else the only one that does. And the answer to another question, where that costs
/// no wait of its own.
pub(super) async fn workspaces_of(
    conn: &mut Conn,
    events: &[GatewayEvent],
    ahead: &Lookup<'_, 2>,
) -> Result<(Vec<Option<String>>, Option<Vec<Found>>), StoreError> {
    let mut placed = vec![None; events.len()];
    let (customers, ahead) =
        rows::read_ahead(conn, &pairs(OF_CUSTOMERS, events, &placed, customer), ahead).await?;
    by_pair(customers, events, &mut placed, customer);
    by_payment(conn, events, &mut placed).await?;
    let hints = rows::read(conn, &pairs(OF_HINTS, events, &placed, hint)).await?;
    by_pair(hints, events, &mut placed, hint);
    by_account(conn, events, &mut placed).await?;
    Ok((placed, ahead))
}

fn customer(event: &GatewayEvent) -> Option<&str> {
    Some(event.object.as_ref()?.customer.as_ref()?.as_str())
}

fn hint(event: &GatewayEvent) -> Option<&str> {
    Some(event.object.as_ref()?.workspace_hint.as_ref()?.as_str())
}

/// Asks for the workspaces of events by their account and something else that is found in a directory.
fn pairs<'a>(
    around: Around,
    events: &'a [GatewayEvent],
    placed: &[Option<String>],
    other: impl Fn(&'a GatewayEvent) -> Option<&'a str>,
) -> Lookup<'a, 2> {
    let pair = |event: &'a GatewayEvent| Some((event.account.as_str(), other(event)?));
    let asked: BTreeSet<_> = unplaced(events, placed).filter_map(pair).collect();
    Lookup::new(around, asked.into_iter().map(|(account, other)| [account, other].map(Cell::from)).collect())
}

/// Places events by the answer.
fn by_pair(
    found: Vec<Found>,
    events: &[GatewayEvent],
    placed: &mut [Option<String>],
    other: impl Fn(&GatewayEvent) -> Option<&str>,
) {
    let found: HashMap<_, _> =
        found.into_iter().map(|(account, other, workspace)| ((account, other), workspace)).collect();
    for (event, place) in events.iter().zip(placed) {
        if let (None, Some(other)) = (&place, other(event)) {
            *place = found.get(&(event.account.to_string(), other.to_owned())).cloned();
        }
    }
}

/// Places events by the workspace that pays the platform.
async fn by_payment(
    conn: &mut Conn,
    events: &[GatewayEvent],
    placed: &mut [Option<String>],
) -> Result<(), StoreError> {
    let mut paying = BTreeSet::new();
    for (event, place) in events.iter().zip(placed) {
        let workspace = event.object.as_ref().and_then(|object| object.paying_workspace.as_ref());
        if let (None, Some(workspace)) = (&place, workspace) {
            paying.insert(workspace.as_str());
            *place = Some(workspace.to_string());
        }
    }
    let known: Vec<_> =
        paying.into_iter().map(|id| [id.into(), Cell::Sql("'disabled'"), Cell::Sql("0")]).collect();
    rows::write(conn, INSERT_WORKSPACES, &known).await
}

async fn by_account(
    conn: &mut Conn,
    events: &[GatewayEvent],
    placed: &mut [Option<String>],
) -> Result<(), StoreError> {
    let asked: BTreeSet<_> = unplaced(events, placed).map(|event| event.account.as_str()).collect();
    let asked = asked.into_iter().map(|account| [Cell::from(account)]).collect();
    let found = rows::read(conn, &Lookup::new(OF_ACCOUNTS, asked)).await?;
    let alone = found.into_iter().filter(|(_, first, last)| first == last);
    let alone: HashMap<_, _> = alone.map(|(account, workspace, _)| (account, workspace)).collect();
    for (event, place) in events.iter().zip(placed) {
        if place.is_none() {
            *place = alone.get(event.account.as_str()).cloned();
        }
    }
    Ok(())
}

fn unplaced<'a>(
    events: &'a [GatewayEvent],
    placed: &[Option<String>],
) -> impl Iterator<Item = &'a GatewayEvent> {
    events.iter().zip(placed).filter(|(_, place)| place.is_none()).map(|(event, _)| event)
}
