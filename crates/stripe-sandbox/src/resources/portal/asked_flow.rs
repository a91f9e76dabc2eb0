//! A flow as a request asks for it.

use serde::Deserialize;

use super::{
    configurations::Configuration,
    features::ItemField,
    flows::{AfterCompletion, Flow, FlowStep},
};
use crate::{
    resources::{customers::Customer, prices::Price, schedules::Schedule, subscriptions::Subscription},
    store::Tx,
    wire::{ApiError, checks::checked_url},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AskedFlow {
    #[serde(rename = "type")]
    kind: FlowType,
    subscription_cancel: Option<OfSubscription>,
    subscription_update: Option<OfSubscription>,
    subscription_update_confirm: Option<AskedConfirm>,
    after_completion: Option<AskedCompletion>,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum FlowType {
    CustomerUpdate,
    PaymentMethodUpdate,
    SubscriptionCancel,
    SubscriptionUpdate,
    SubscriptionUpdateConfirm,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OfSubscription {
    subscription: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AskedConfirm {
    subscription: String,
    items: Vec<AskedItem>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AskedItem {
    id: String,
    price: Option<String>,
    quantity: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AskedCompletion {
    #[serde(rename = "type")]
    kind: CompletionType,
    hosted_confirmation: Option<AskedConfirmation>,
    redirect: Option<AskedRedirect>,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum CompletionType {
    HostedConfirmation,
    PortalHomepage,
    Redirect,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AskedConfirmation {
    custom_message: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AskedRedirect {
    return_url: String,
}

impl AskedFlow {
    /// # Errors
    ///
    /// A step that the configuration does not allow, or whose subscription is not the customer's to change.
    pub fn checked(
        self,
        tx: &Tx<'_>,
        customer: &Customer,
        configuration: &Configuration,
    ) -> Result<Flow, ApiError> {
        let features = &configuration.features;
        let (name, is_allowed) = match self.kind {
            FlowType::CustomerUpdate => ("customer_update", features.can_edit_customer()),
            FlowType::PaymentMethodUpdate => ("payment_method_update", features.payment_method_update),
            FlowType::SubscriptionCancel => ("subscription_cancel", features.subscription_cancel.is_enabled),
            FlowType::SubscriptionUpdate | FlowType::SubscriptionUpdateConfirm => {
                ("subscription_update", features.subscription_update.is_enabled)
            }
        };
        if !is_allowed {
            let message =
                format!("The portal's configuration does not allow this: its feature `{name}` is disabled.");
            return Err(ApiError::invalid(message).about("flow_data[type]"));
        }
        let after_completion = self.after_completion.map(AskedCompletion::checked).transpose()?;
        let step = match self.kind {
            FlowType::CustomerUpdate => FlowStep::CustomerUpdate,
            FlowType::PaymentMethodUpdate => FlowStep::PaymentMethodUpdate,
            FlowType::SubscriptionCancel => {
                let subscription = given(tx, customer, self.subscription_cancel, "subscription_cancel")?;
                check_cancelable(tx, &subscription)?;
                FlowStep::SubscriptionCancel { subscription: subscription.id }
            }
            FlowType::SubscriptionUpdate => {
                let subscription = given(tx, customer, self.subscription_update, "subscription_update")?;
                FlowStep::SubscriptionUpdate { subscription: subscription.id }
            }
            FlowType::SubscriptionUpdateConfirm => {
                let param = "flow_data[subscription_update_confirm]";
                let asked = self.subscription_update_confirm.ok_or_else(|| ApiError::missing_param(param))?;
                asked.checked(tx, customer, configuration, param)?
            }
        };
        Ok(Flow { step, after_completion: after_completion.unwrap_or_default() })
    }
}

fn given(
    tx: &Tx<'_>,
    customer: &Customer,
    asked: Option<OfSubscription>,
    name: &str,
) -> Result<Subscription, ApiError> {
    let param = format!("flow_data[{name}]");
    let asked = asked.ok_or_else(|| ApiError::missing_param(&param))?;
    of_customer(tx, customer, &asked.subscription, &format!("{param}[subscription]"))
}

fn check_cancelable(tx: &Tx<'_>, subscription: &Subscription) -> Result<(), ApiError> {
    let why_not = if subscription.cancels_at().is_some() {
        "is canceled already"
    } else if Schedule::is_shops(tx, subscription) {
        "is managed by a schedule, which says when it ends"
    } else {
        return Ok(());
    };
    let message = format!("The subscription '{}' {why_not}.", subscription.id);
    Err(ApiError::invalid(message).about("flow_data[subscription_cancel][subscription]"))
}

/// Another customer's subscription is refused in the words of what is not there.
fn of_customer(tx: &Tx<'_>, customer: &Customer, id: &str, param: &str) -> Result<Subscription, ApiError> {
    let subscription = tx.named::<Subscription>(param, id)?;
    if subscription.customer != customer.id {
        return Err(ApiError::invalid(format!("No such subscription: '{id}'"))
            .about(param)
            .coded("resource_missing"));
    }
    if !subscription.status.is_live() {
        return Err(ApiError::invalid(format!("The subscription '{id}' has ended.")).about(param));
    }
    Ok(subscription)
}

impl AskedConfirm {
    fn checked(
        self,
        tx: &Tx<'_>,
        customer: &Customer,
        configuration: &Configuration,
        param: &str,
    ) -> Result<FlowStep, ApiError> {
        let subscription = of_customer(tx, customer, &self.subscription, &format!("{param}[subscription]"))?;
        let [item] = subscription.items.as_slice() else {
            let message = "A subscription with several items cannot be changed in the portal.";
            return Err(ApiError::invalid(message).about(&format!("{param}[subscription]")));
        };
        let Ok([asked]) = <[AskedItem; 1]>::try_from(self.items) else {
            let message = "Exactly one item must be given.";
            return Err(ApiError::invalid(message).about(&format!("{param}[items]")));
        };
        let param = format!("{param}[items][0]");
        if asked.id != item.id {
            let message = format!("No such subscription item: '{}'", asked.id);
            return Err(ApiError::invalid(message).about(&format!("{param}[id]")).coded("resource_missing"));
        }
        let update = &configuration.features.subscription_update;
        let price = asked.price.unwrap_or_else(|| item.price.clone());
        if tx.named::<Price>(&format!("{param}[price]"), &price)?.currency != subscription.currency {
            let message = format!("The price '{price}' is in another currency than the subscription.");
            return Err(ApiError::invalid(message).about(&format!("{param}[price]")));
        }
        if price != item.price && !(update.allows(ItemField::Price) && update.offering(&price).is_some()) {
            let message =
                format!("The portal's configuration does not let customers change to the price '{price}'.");
            return Err(ApiError::invalid(message).about(&format!("{param}[price]")));
        }
        if asked.quantity.is_some_and(|it| it != item.quantity) && !update.allows(ItemField::Quantity) {
            let message = "The portal's configuration does not let customers change quantities.";
            return Err(ApiError::invalid(message).about(&format!("{param}[quantity]")));
        }
        let (quantity, item) = (asked.quantity, item.id.clone());
        Ok(FlowStep::SubscriptionUpdateConfirm { subscription: subscription.id, item, price, quantity })
    }
}

impl AskedCompletion {
    fn checked(self) -> Result<AfterCompletion, ApiError> {
        let param = "flow_data[after_completion]";
        Ok(match self.kind {
            CompletionType::HostedConfirmation => AfterCompletion::HostedConfirmation {
                message: self.hosted_confirmation.and_then(|it| it.custom_message),
            },
            CompletionType::PortalHomepage => AfterCompletion::PortalHomepage,
            CompletionType::Redirect => {
                let missing = || ApiError::missing_param(&format!("{param}[redirect]"));
                let redirect = self.redirect.ok_or_else(missing)?;
                let param = format!("{param}[redirect][return_url]");
                AfterCompletion::Redirect { return_url: checked_url(redirect.return_url, &param)? }
            }
        })
    }
}
