//! `/v1/setup_intents`.

use serde::Deserialize;

use super::{SetupIntent, SetupStatus, unexpected};
use crate::{
    resources::{
        checkout::guard_intent,
        customers::Customer,
        payment_intents::{FutureUsage, only_confirmed},
        payment_methods::PaymentMethod,
    },
    store::Tx,
    wire::{
        Answer, ApiError, Call, Metadata, Patch, Range, Reply, Routes, checks::checked_url,
        values::merge_metadata,
    },
};

pub fn routes(routes: &mut Routes) {
    routes.list("/v1/setup_intents", list);
    routes.post("/v1/setup_intents", create);
    routes.get("/v1/setup_intents/{intent}", retrieve);
    routes.post("/v1/setup_intents/{intent}", update);
    routes.post("/v1/setup_intents/{intent}/confirm", confirm);
    routes.post("/v1/setup_intents/{intent}/cancel", cancel);
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListIntents {
    customer: Option<String>,
    payment_method: Option<String>,
    created: Option<Range>,
}

fn list(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let params: ListIntents = call.params()?;
    Customer::check_filter(tx, params.customer.as_ref())?;
    let wanted = |intent: &&SetupIntent| {
        params.customer.as_ref().is_none_or(|customer| intent.customer.as_ref() == Some(customer))
            && params
                .payment_method
                .as_ref()
                .is_none_or(|method| intent.payment_method.as_ref() == Some(method))
            && params.created.is_none_or(|range| range.holds(intent.created))
    };
    call.page_of(tx, tx.newest_first::<SetupIntent>().filter(wanted))
}

fn retrieve(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    call.no_params()?;
    Ok(Answer::object(&tx.get::<SetupIntent>(call.id("intent"))?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WriteIntent {
    customer: Option<String>,
    payment_method: Option<String>,
    payment_method_types: Option<Vec<String>>,
    description: Option<String>,
    usage: Option<FutureUsage>,
    confirm: Option<bool>,
    return_url: Option<String>,
    #[serde(default)]
    metadata: Patch<Metadata>,
}

impl WriteIntent {
    /// Whether more than notes is written.
    fn changes_setup(&self) -> bool {
        self.customer.is_some() || self.payment_method.is_some() || self.payment_method_types.is_some()
    }
}

fn create(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let params: WriteIntent = call.params()?;
    let confirm = params.confirm.unwrap_or(false);
    if !confirm {
        only_confirmed("SetupIntent", [("return_url", params.return_url.is_some())])?;
    }
    let intent = SetupIntent::new(tx, None);
    let intent = written(tx, intent, params)?;
    tx.create(&intent, "setup_intent.created");
    if confirm {
        return intent.confirm(tx).map(|intent| Answer::object(&intent));
    }
    Ok(Answer::object(&intent))
}

fn written(tx: &mut Tx<'_>, mut intent: SetupIntent, params: WriteIntent) -> Result<SetupIntent, ApiError> {
    let is_new_customer = params.customer.is_some();
    if let Some(id) = params.customer {
        intent.customer = Some(Customer::present(tx, "customer", &id)?.id);
    }
    if params.payment_method.is_some() {
        intent.status = SetupStatus::RequiresConfirmation;
    }
    let kept = intent.payment_method.clone().filter(|_| is_new_customer);
    if let Some(id) = params.payment_method.or(kept) {
        intent.payment_method = Some(PaymentMethod::usable(tx, intent.customer.as_deref(), &id)?.id);
    }
    intent.payment_method_types = params.payment_method_types.unwrap_or(intent.payment_method_types);
    intent.description = params.description.or(intent.description);
    intent.usage = params.usage.unwrap_or(intent.usage);
    if let Some(url) = params.return_url {
        intent.return_url = Some(checked_url(url, "return_url")?);
    }
    merge_metadata(&mut intent.metadata, params.metadata)?;
    Ok(intent)
}

fn update(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let intent = tx.get::<SetupIntent>(call.id("intent"))?;
    let params: WriteIntent = call.params()?;
    let of_creation = [
        ("confirm", params.confirm.is_some()),
        ("return_url", params.return_url.is_some()),
        ("usage", params.usage.is_some()),
    ];
    if let Some((param, _)) = of_creation.iter().find(|(_, is_given)| *is_given) {
        return Err(ApiError::unknown_param(param));
    }
    guard_intent(tx, intent.checkout_session.as_ref())?;
    if intent.status.is_final() && params.changes_setup() {
        return Err(unexpected("update", &intent));
    }
    let intent = written(tx, intent, params)?;
    tx.put(intent.clone());
    Ok(Answer::object(&intent))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Confirm {
    payment_method: Option<String>,
    return_url: Option<String>,
}

fn confirm(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let mut intent = tx.get::<SetupIntent>(call.id("intent"))?;
    let params: Confirm = call.params()?;
    guard_intent(tx, intent.checkout_session.as_ref())?;
    if intent.status.is_final() {
        return Err(unexpected("confirm", &intent));
    }
    if let Some(id) = params.payment_method {
        intent.payment_method = Some(PaymentMethod::usable(tx, intent.customer.as_deref(), &id)?.id);
    }
    if let Some(url) = params.return_url {
        intent.return_url = Some(checked_url(url, "return_url")?);
    }
    intent.confirm(tx).map(|intent| Answer::object(&intent))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cancel {
    cancellation_reason: Option<String>,
}

fn cancel(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let intent = tx.get::<SetupIntent>(call.id("intent"))?;
    let params: Cancel = call.params()?;
    guard_intent(tx, intent.checkout_session.as_ref())?;
    if intent.status.is_final() {
        return Err(unexpected("cancel", &intent));
    }
    let status = SetupStatus::Canceled;
    let intent = SetupIntent { status, cancellation_reason: params.cancellation_reason, ..intent };
    tx.put(intent.clone());
    tx.emit("setup_intent.canceled", &intent);
    Ok(Answer::object(&intent))
}
