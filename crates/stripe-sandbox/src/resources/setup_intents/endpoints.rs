//! `/v1/setup_intents`.

use serde::Deserialize;

use super::{SetupIntent, SetupStatus, unexpected};
use crate::{
    resources::{
        checkout::guard_intent, customers::Customer, payment_intents::FutureUsage,
        payment_methods::PaymentMethod,
    },
    store::Tx,
    wire::{
        Answer, ApiError, Call, Metadata, Patch, Range, Reply, Routes,
        values::{merge_metadata, new_metadata},
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

fn create(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let params: WriteIntent = call.params()?;
    if let Some(customer) = &params.customer {
        Customer::present(tx, "customer", customer)?;
    }
    let confirm = params.confirm.unwrap_or(false);
    let intent =
        SetupIntent { metadata: new_metadata(None)?, ..SetupIntent::new(tx, params.customer.clone()) };
    let intent = written(tx, intent, params)?;
    tx.create(&intent, "setup_intent.created");
    if confirm {
        return intent.confirm(tx).map(|intent| Answer::object(&intent));
    }
    Ok(Answer::object(&intent))
}

fn written(tx: &mut Tx<'_>, mut intent: SetupIntent, params: WriteIntent) -> Result<SetupIntent, ApiError> {
    if let Some(id) = params.payment_method {
        intent.payment_method = Some(PaymentMethod::resolve(tx, "payment_method", &id)?.id);
        intent.status = SetupStatus::RequiresConfirmation;
    }
    intent.payment_method_types = params.payment_method_types.unwrap_or(intent.payment_method_types);
    intent.description = params.description.or(intent.description);
    intent.usage = params.usage.unwrap_or(intent.usage);
    intent.return_url = params.return_url.or(intent.return_url);
    merge_metadata(&mut intent.metadata, params.metadata)?;
    Ok(intent)
}

fn update(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let intent = tx.get::<SetupIntent>(call.id("intent"))?;
    let params: WriteIntent = call.params()?;
    if params.confirm.is_some() {
        return Err(ApiError::unknown_param("confirm"));
    }
    guard_intent(tx, intent.checkout_session.as_ref())?;
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
    if matches!(intent.status, SetupStatus::Succeeded | SetupStatus::Canceled) {
        return Err(unexpected("confirm", &intent));
    }
    if let Some(id) = params.payment_method {
        intent.payment_method = Some(PaymentMethod::resolve(tx, "payment_method", &id)?.id);
    }
    intent.return_url = params.return_url.or(intent.return_url);
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
    if matches!(intent.status, SetupStatus::Succeeded | SetupStatus::Canceled) {
        return Err(unexpected("cancel", &intent));
    }
    let status = SetupStatus::Canceled;
    let intent = SetupIntent { status, cancellation_reason: params.cancellation_reason, ..intent };
    tx.put(intent.clone());
    tx.emit("setup_intent.canceled", &intent);
    Ok(Answer::object(&intent))
}
