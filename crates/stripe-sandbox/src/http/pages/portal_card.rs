//! `/p/session/{session}/payment_method`: a customer adds or replaces the card.

use actix_web::web::{self, Path, ServiceConfig};
use serde::Deserialize;

use super::{
    PageError, PageForm, Said, Sandbox, page,
    portal::{Done, after, allowed, enter, refused},
    see_other,
};
use crate::{
    pages::{
        card_entry::{Card, CardEntry},
        once,
        present::{portal::Visitor, portal_steps},
        views::CardForm,
    },
    resources::{
        authentication,
        portal::{Session, pay_with},
        setup_intents::{SetupIntent, SetupStatus},
    },
    store::Tx,
    wire::ApiError,
};

pub fn configure(config: &mut ServiceConfig) {
    let resource = web::resource("/p/session/{session}/payment_method");
    config
        .service(resource.route(web::get().to(ask)).route(web::post().to(save)))
        .route("/p/session/{session}/payment_method/authenticated", web::get().to(authenticated));
}

async fn ask(shared: Sandbox, token: Path<String>) -> Said {
    enter(&shared, &token, |tx, visitor| {
        allowed(visitor.features().payment_method_update)?;
        page(&portal_steps::payment_method(tx, visitor, CardForm::default(), None))
    })
}

#[derive(Deserialize)]
struct Typed {
    #[serde(flatten)]
    card: CardEntry,
    #[serde(default)]
    submission: String,
}

async fn save(shared: Sandbox, token: Path<String>, PageForm(typed): PageForm<Typed>) -> Said {
    enter(&shared, &token, |tx, visitor| {
        allowed(visitor.features().payment_method_update)?;
        let card = match typed.card.read(visitor.customer.now(tx)) {
            Ok(card) => card,
            Err(form) => return refused(&portal_steps::payment_method(tx, visitor, *form, None)),
        };
        let form = format!("portal card {}", visitor.session.id);
        match once(tx, &form, &typed.submission, |tx| keep(tx, visitor, &card)) {
            Ok(location) => see_other(&location),
            Err(error) => {
                let view = portal_steps::payment_method(tx, visitor, typed.card.form(), Some(error.message));
                refused(&view)
            }
        }
    })
}

/// Keeps the card, or sends its owner to authenticate it first.
fn keep(tx: &mut Tx<'_>, visitor: &Visitor, card: &Card) -> Result<String, ApiError> {
    let method = card.payment_method(tx)?;
    let back = format!("{}{}/payment_method/authenticated", tx.world().url, visitor.path());
    let intent = SetupIntent {
        payment_method: Some(method.id.clone()),
        return_url: Some(back),
        ..SetupIntent::begin(tx, &visitor.customer)
    };
    let intent = intent.confirm(tx)?;
    if intent.status == SetupStatus::RequiresAction {
        tx.put(Session { card_setup: Some(intent.id.clone()), ..visitor.session.clone() });
        return Ok(authentication::path(tx, &intent.id));
    }
    pay_with(tx, &visitor.customer, &method.id)?;
    Ok(after(visitor, Done::CardReplaced))
}

/// The owner of the card comes back. Only the last card of the session is taken, and once.
async fn authenticated(shared: Sandbox, token: Path<String>) -> Said {
    enter(&shared, &token, |tx, visitor| {
        let intent = visitor.session.card_setup.as_ref().and_then(|id| tx.find::<SetupIntent>(id).cloned());
        let Some(intent) = intent.filter(|it| it.status != SetupStatus::RequiresAction) else {
            return see_other(&visitor.path());
        };
        tx.put(Session { card_setup: None, ..visitor.session.clone() });
        if let (SetupStatus::Succeeded, Some(method)) = (intent.status, &intent.payment_method) {
            pay_with(tx, &visitor.customer, method).map_err(PageError::from)?;
            return see_other(&after(visitor, Done::CardReplaced));
        }
        let error = intent.last_error.map(|error| error.message);
        refused(&portal_steps::payment_method(tx, visitor, CardForm::default(), error))
    })
}
