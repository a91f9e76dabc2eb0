//! The steps that a customer takes in the portal.

use super::{
    date, merchant,
    portal::{Visitor, cards, name, of_plan, of_quantity, product_name},
};
use crate::{
    pages::{
        format_money, new_submission,
        views::{
            Address, CancelReasonForm, CardForm, Fact, Field, PlanChoice, PortalCancelPage, PortalCardPage,
            PortalChangeConfirmPage, PortalChangePage, PortalStep, ReasonOption,
        },
    },
    resources::{
        invoices::{BillingReason, Invoice, preview_change},
        portal::{CancelMode, Choice, Reason},
        prices::Price,
        subscriptions::Subscription,
    },
    store::Tx,
    wire::ApiError,
};

pub(super) fn step(tx: &Tx<'_>, visitor: &Visitor, error: Option<String>) -> PortalStep {
    let session = &visitor.session;
    // A flow leads to one step: who does not take it goes back to where they came from.
    let home = match (&session.flow, session.return_url.as_deref().and_then(Address::of)) {
        (Some(_), Some(address)) => address,
        (Some(_), None) => Address::within(format!("{}?done=nothing", visitor.path())),
        (None, _) => Address::within(visitor.path()),
    };
    PortalStep { session: session.token(), home, merchant: merchant(tx), submission: new_submission(), error }
}

/// With what was chosen and typed of the reason, where it is asked for.
pub(crate) fn cancel(
    tx: &Tx<'_>,
    visitor: &Visitor,
    subscription: &Subscription,
    chosen: Option<Reason>,
    comment: Field,
) -> PortalCancelPage {
    let name = name(tx, subscription);
    let feature = &visitor.features().subscription_cancel;
    let consequence = match feature.mode {
        CancelMode::AtPeriodEnd => {
            format!("You can use {name} until {}. It will not renew.", date(subscription.period.end))
        }
        CancelMode::Immediately => format!("{name} ends at once."),
    };
    let option = |reason: &Reason| ReasonOption {
        value: reason.name(),
        label: reason_words(*reason),
        is_chosen: chosen == Some(*reason),
    };
    PortalCancelPage {
        step: step(tx, visitor, None),
        subscription: subscription.id.clone(),
        name,
        consequence,
        reason: feature
            .asks_reason
            .then(|| CancelReasonForm { options: feature.reasons.iter().map(option).collect(), comment }),
    }
}

/// As Stripe's reference tells what each of them means.
fn reason_words(reason: Reason) -> &'static str {
    match reason {
        Reason::CustomerService => "Customer service was less than expected",
        Reason::LowQuality => "Quality was less than expected",
        Reason::MissingFeatures => "Some features are missing",
        Reason::Other => "Other reason",
        Reason::SwitchedService => "I’m switching to a different service",
        Reason::TooComplex => "Ease of use was less than expected",
        Reason::TooExpensive => "It’s too expensive",
        Reason::Unused => "I don’t use the service enough",
    }
}

pub(crate) fn change(tx: &Tx<'_>, visitor: &Visitor, subscription: &Subscription) -> PortalChangePage {
    let current = subscription.items.first().map(|item| item.price.as_str()).unwrap_or_default();
    let now = tx.find::<Price>(current);
    let products = &visitor.features().subscription_update.products;
    let offered = products.iter().flat_map(|product| &product.prices);
    let offered = offered.filter_map(|id| tx.find::<Price>(id));
    let fits = |price: &&Price| price.is_active && now.is_some_and(|now| now.currency == price.currency);
    let choices: Vec<_> = offered
        .filter(fits)
        .map(|price| PlanChoice {
            price: price.id.clone(),
            name: product_name(tx, &price.id),
            wording: super::price(price),
            is_current: price.id == current,
        })
        .collect();
    let is_choice = choices.iter().any(|choice| !choice.is_current);
    PortalChangePage {
        step: step(tx, visitor, None),
        subscription: subscription.id.clone(),
        choices: if is_choice { choices } else { Vec::new() },
    }
}

/// # Errors
///
/// A change that cannot be made.
pub(crate) fn confirm(
    tx: &mut Tx<'_>,
    visitor: &Visitor,
    subscription: &Subscription,
    choice: &Choice,
    error: Option<String>,
) -> Result<PortalChangeConfirmPage, ApiError> {
    let (from, now) = subscription
        .items
        .first()
        .map_or((String::new(), 1), |item| (of_plan(tx, &item.price, item.quantity), item.quantity));
    let quantity = choice.quantity.unwrap_or(now);
    let name = name(tx, subscription);
    let update = &visitor.features().subscription_update;
    let (mut effects, renews_at, explanation) = if update.waits(tx, subscription, choice) {
        let explanation = format!("You keep {name} until then. Nothing is charged or paid back today.");
        (Vec::new(), subscription.period.end, Some(explanation))
    } else {
        let change = update.change(subscription, choice);
        let ends_trial = change.trial_end.is_some();
        let (invoice, renews_at) = preview_change(tx, &subscription.id, change)?;
        let effects = invoice.iter().flat_map(|it| effects(it, renews_at, ends_trial)).collect();
        let credits = invoice.is_some_and(|invoice| invoice.lines.iter().any(|line| line.amount < 0));
        (effects, renews_at, credits.then(|| format!("The unused time of {name} is taken off.")))
    };
    effects.push(Fact {
        label: format!("From {}", date(renews_at)),
        value: of_quantity(tx, &choice.price, quantity),
    });
    Ok(PortalChangeConfirmPage {
        step: step(tx, visitor, error),
        subscription: subscription.id.clone(),
        price: choice.price.clone(),
        from,
        to: of_plan(tx, &choice.price, quantity),
        effects,
        explanation,
    })
}

/// What is paid when, and what is left for later invoices.
fn effects(invoice: &Invoice, renews_at: i64, ends_trial: bool) -> Vec<Fact> {
    let is_now = ends_trial || invoice.billing_reason == BillingReason::SubscriptionUpdate;
    let label = if is_now { "Due today".to_owned() } else { format!("Due on {}", date(renews_at)) };
    let due = Fact { label, value: format_money(invoice.amount_due(), &invoice.currency) };
    let left = invoice.total() + invoice.starting_balance;
    let credit = (left < 0).then(|| Fact {
        label: "Credit for later invoices".to_owned(),
        value: format_money(left.saturating_neg(), &invoice.currency),
    });
    std::iter::once(due).chain(credit).collect()
}

pub(crate) fn payment_method(
    tx: &Tx<'_>,
    visitor: &Visitor,
    form: CardForm,
    error: Option<String>,
) -> PortalCardPage {
    PortalCardPage { step: step(tx, visitor, error), current: cards(tx, &visitor.customer), card: form }
}
