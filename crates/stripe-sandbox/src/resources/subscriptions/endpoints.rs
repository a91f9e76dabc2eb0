//! `/v1/subscriptions` and `/v1/subscription_items`.

use serde::Deserialize;

use super::{
    AnchorChange, AskedItem, Change, INCOMPLETE_FOR, Item, Proration, Status, Subscription, change::change,
    create, ending,
};
use crate::{
    lifecycle::{billing, standing, subscribing},
    resources::{
        customers::Customer,
        discounts::Discount,
        invoices::{CollectionMethod, Invoice},
    },
    store::{Resource, Tx},
    wire::{Answer, ApiError, Call, Metadata, Patch, Range, Reply, Routes, page::list as rendered_list},
};

pub fn routes(routes: &mut Routes) {
    routes.list("/v1/subscriptions", list);
    routes.post("/v1/subscriptions", create::create);
    routes.get("/v1/subscriptions/{subscription}", retrieve);
    routes.post("/v1/subscriptions/{subscription}", update);
    routes.delete("/v1/subscriptions/{subscription}", ending::cancel);
    routes.post("/v1/subscriptions/{subscription}/resume", resume);
    routes.delete("/v1/subscriptions/{subscription}/discount", delete_discount);
    routes.list("/v1/subscription_items", list_items);
    routes.post("/v1/subscription_items", create_item);
    routes.get("/v1/subscription_items/{item}", retrieve_item);
    routes.post("/v1/subscription_items/{item}", update_item);
    routes.delete("/v1/subscription_items/{item}", delete_item);
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum StatusFilter {
    Active,
    All,
    Canceled,
    Ended,
    Incomplete,
    IncompleteExpired,
    PastDue,
    Paused,
    Trialing,
    Unpaid,
}

impl StatusFilter {
    fn holds(self, status: Status) -> bool {
        match self {
            Self::All => true,
            Self::Ended => !status.is_live(),
            Self::Active => status == Status::Active,
            Self::Canceled => status == Status::Canceled,
            Self::Incomplete => status == Status::Incomplete,
            Self::IncompleteExpired => status == Status::IncompleteExpired,
            Self::PastDue => status == Status::PastDue,
            Self::Paused => status == Status::Paused,
            Self::Trialing => status == Status::Trialing,
            Self::Unpaid => status == Status::Unpaid,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListSubscriptions {
    customer: Option<String>,
    price: Option<String>,
    plan: Option<String>,
    status: Option<StatusFilter>,
    collection_method: Option<CollectionMethod>,
    created: Option<Range>,
    current_period_end: Option<Range>,
    current_period_start: Option<Range>,
    test_clock: Option<String>,
}

fn list(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let params: ListSubscriptions = call.params()?;
    Customer::check_filter(tx, params.customer.as_ref())?;
    // Without the filter, Stripe leaves out what lives by a test clock, unless one customer is asked for.
    let wanted = |it: &&Subscription| {
        params.status.map_or(it.status != Status::Canceled, |status| status.holds(it.status))
            && [&params.price, &params.plan]
                .into_iter()
                .flatten()
                .all(|price| it.items.iter().any(|item| item.price == *price))
            && params.collection_method.is_none_or(|method| it.collection_method == method)
            && params.created.is_none_or(|range| range.holds(it.created))
            && params.current_period_end.is_none_or(|range| range.holds(it.period.end))
            && params.current_period_start.is_none_or(|range| range.holds(it.period.start))
            && match &params.test_clock {
                None => params.customer.is_some() || it.test_clock.is_none(),
                asked => it.test_clock == *asked,
            }
    };
    match &params.customer {
        Some(customer) => call.page_of(tx, tx.of_owner::<Subscription>(customer).filter(wanted)),
        None => call.page_of(tx, tx.newest_first::<Subscription>().filter(wanted)),
    }
}

fn retrieve(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    call.no_params()?;
    Ok(Answer::object(&tx.get::<Subscription>(call.id("subscription"))?))
}

fn update(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let subscription = tx.get::<Subscription>(call.id("subscription"))?;
    let asked: Change = call.params()?;
    if let Some(schedule) = subscription.schedule.filter(|_| subscription.status.is_live()) {
        let param = match (asked.cancel_at_period_end, &asked.cancel_at) {
            (Some(_), _) => "cancel_at_period_end",
            (None, Patch::Clear | Patch::Set(_)) => "cancel_at",
            (None, Patch::Keep) => "",
        };
        if !param.is_empty() {
            let message = format!(
                "The subscription is managed by the subscription schedule `{schedule}`, and updating any cancelation \
                 behavior directly is not allowed. Please update the schedule instead."
            );
            return Err(ApiError::invalid(message).about(param));
        }
    }
    Ok(Answer::object(&change(tx, call.id("subscription"), asked)?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Resume {
    billing_cycle_anchor: Option<AnchorChange>,
    proration_behavior: Option<Proration>,
}

/// A paused subscription goes on once its invoice is paid.
fn resume(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let mut subscription = tx.get::<Subscription>(call.id("subscription"))?;
    let params: Resume = call.params()?;
    if subscription.status != Status::Paused {
        let message = "Only a paused subscription can be resumed. To undo a cancellation at the period's end, set \
                       `cancel_at_period_end` to false.";
        return Err(ApiError::invalid(message).coded("resource_missing"));
    }
    let open = subscription.resumes_with.as_ref().and_then(|id| tx.find::<Invoice>(id));
    if let Some(invoice) = open.filter(|invoice| invoice.is_payable()) {
        let message = format!("The subscription resumes once its invoice {} is paid.", invoice.id);
        return Err(ApiError::invalid(message).coded("resource_missing"));
    }
    let now = tx.now(subscription.test_clock.as_deref());
    let Some(recurring) = subscription.recurring(tx) else {
        return Err(ApiError::invalid("The subscription's price is not recurring."));
    };
    let keeps_anchor = params.billing_cycle_anchor == Some(AnchorChange::Unchanged);
    if !keeps_anchor {
        subscription.billing_cycle_anchor = now;
    }
    subscription.period = subscription.period_from(now, recurring);
    subscription.stub_proration = params.proration_behavior.unwrap_or_default();
    let id = subscription.id.clone();
    if keeps_anchor && params.proration_behavior == Some(Proration::None) {
        standing::activate(tx, subscription);
        return Ok(Answer::object(&tx.get::<Subscription>(&id)?));
    }
    let lines = subscribing::lines(tx, &subscription, false);
    let invoice = billing::bill_change(tx, &mut subscription, lines, false);
    subscription.resumes_with = invoice.as_ref().map(|invoice| invoice.id.clone());
    subscription.resumes_until = Some(now + INCOMPLETE_FOR);
    tx.update(&subscription, "customer.subscription.updated");
    if let Some(invoice) = invoice {
        subscribing::settle_now(tx, invoice, crate::lifecycle::collection::Payer::Present);
    }
    Ok(Answer::object(&tx.get::<Subscription>(&id)?))
}

fn delete_discount(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    call.no_params()?;
    let mut subscription = tx.get::<Subscription>(call.id("subscription"))?;
    let current = subscription.current_discounts(tx);
    let Some(discount) = current.last().and_then(|id| tx.find::<Discount>(id).cloned()) else {
        return Err(ApiError::not_found("No active discount for subscription.").coded("resource_missing"));
    };
    subscription.discounts.retain(|id| !current.contains(id));
    tx.update(&subscription, "customer.subscription.updated");
    for id in current {
        Discount::end(tx, &id);
    }
    Ok(Answer::Json(discount.render_deleted(tx)))
}

/// The subscription that an item is of.
fn of_item(tx: &Tx<'_>, id: &str) -> Result<(Subscription, Item), ApiError> {
    let holder =
        tx.newest_first::<Subscription>().find(|it| it.items.iter().any(|item| item.id == id)).cloned();
    let found = holder.and_then(|holder| {
        let item = holder.items.iter().find(|item| item.id == id).cloned()?;
        Some((holder, item))
    });
    found.ok_or_else(|| ApiError::no_such("subscription_item", id))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListItems {
    subscription: String,
}

fn list_items(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let params: ListItems = call.params()?;
    let subscription = tx.named::<Subscription>("subscription", &params.subscription)?;
    let (page, has_more) = call.cut(subscription.items.iter().collect(), |item: &&Item| &item.id)?;
    let data = page.into_iter().map(|item| item.render(tx, &subscription)).collect();
    Ok(Answer::Json(rendered_list(&call.path, data, has_more)))
}

fn retrieve_item(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    call.no_params()?;
    let (subscription, item) = of_item(tx, call.id("item"))?;
    Ok(Answer::Json(item.render(tx, &subscription)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WriteItem {
    subscription: Option<String>,
    price: Option<String>,
    quantity: Option<u64>,
    #[serde(default)]
    metadata: Patch<Metadata>,
    #[serde(default)]
    proration_behavior: Proration,
    proration_date: Option<i64>,
    #[serde(default)]
    payment_behavior: create::PaymentBehavior,
}

fn write_item(
    tx: &mut Tx<'_>,
    subscription: &str,
    id: Option<String>,
    params: WriteItem,
) -> Result<Subscription, ApiError> {
    let item = AskedItem {
        id,
        price: params.price,
        quantity: params.quantity,
        metadata: params.metadata,
        ..AskedItem::default()
    };
    let asked = Change {
        items: Some(vec![item]),
        proration_behavior: params.proration_behavior,
        proration_date: params.proration_date,
        payment_behavior: params.payment_behavior,
        ..Change::default()
    };
    change(tx, subscription, asked)
}

fn create_item(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let params: WriteItem = call.params()?;
    let id = params.subscription.clone().ok_or_else(|| ApiError::missing_param("subscription"))?;
    let before = tx.named::<Subscription>("subscription", &id)?;
    let after = write_item(tx, &id, None, params)?;
    let new = after.items.iter().find(|item| before.items.iter().all(|old| old.id != item.id));
    new.map(|item| Answer::Json(item.render(tx, &after))).ok_or_else(|| ApiError::missing_param("price"))
}

fn update_item(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let (subscription, item) = of_item(tx, call.id("item"))?;
    let params: WriteItem = call.params()?;
    write_item(tx, &subscription.id, Some(item.id.clone()), params)?;
    let (subscription, item) = of_item(tx, &item.id)?;
    Ok(Answer::Json(item.render(tx, &subscription)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DeleteItem {
    #[serde(default)]
    proration_behavior: Proration,
    proration_date: Option<i64>,
}

fn delete_item(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let (subscription, item) = of_item(tx, call.id("item"))?;
    let params: DeleteItem = call.params()?;
    let gone = AskedItem { id: Some(item.id.clone()), deleted: Some(true), ..AskedItem::default() };
    let asked = Change {
        items: Some(vec![gone]),
        proration_behavior: params.proration_behavior,
        proration_date: params.proration_date,
        ..Change::default()
    };
    change(tx, subscription.id(), asked)?;
    Ok(Answer::deleted("subscription_item", &item.id))
}
