//! `/c/pay/{session}`: where a customer pays for a checkout.

use actix_web::{
    http::StatusCode,
    web::{self, Path, ServiceConfig},
};
use serde::Deserialize;

use super::{PageError, PageForm, Said, Sandbox, page, page_with, see_other, visit};
use crate::{
    pages::{
        card_entry::{Card, CardEntry},
        once,
        present::checkout::{Filled, complete_page, expired_page, open_page, success_address},
        views::Field,
    },
    resources::{
        authentication,
        checkout::{Details, Outcome, Payment, Session, Status, apply_code, pay, remove_code},
        customers::check_email,
    },
    store::{Kind, Origin, Tx, World},
    wire::ApiError,
};

pub fn configure(config: &mut ServiceConfig) {
    config
        .service(web::resource("/c/pay/{session}").route(web::get().to(show)).route(web::post().to(submit)))
        .route("/c/pay/{session}/return", web::get().to(come_back))
        .route("/c/pay/{session}/promotion_code", web::post().to(apply))
        .route("/c/pay/{session}/promotion_code/remove", web::post().to(remove));
}

fn find<'w>(world: &'w mut World, id: &str) -> Result<(Tx<'w>, Session), PageError> {
    let account =
        world.account_of(Kind::CheckoutSession, id).ok_or_else(|| PageError::not_found("session"))?;
    let tx = world.begin(&account, Origin::default());
    let session = tx.get::<Session>(id).map_err(|_| PageError::not_found("session"))?;
    Ok((tx, session))
}

async fn show(shared: Sandbox, id: Path<String>) -> Said {
    visit(&shared, |world| {
        let (tx, session) = find(world, &id)?;
        shown(&tx, &session, StatusCode::OK, Filled::default())
    })
}

/// From the authentication page: on to the shop if all is done, or back to the form.
async fn come_back(shared: Sandbox, id: Path<String>) -> Said {
    visit(&shared, |world| {
        let (_, session) = find(world, &id)?;
        match session.status {
            Status::Complete => see_other(&success_address(&session)),
            Status::Open | Status::Expired => see_other(&format!("/c/pay/{id}")),
        }
    })
}

/// What the session is by now: to be paid, with what was typed, or over.
fn shown(tx: &Tx<'_>, session: &Session, status: StatusCode, filled: Filled) -> Said {
    match session.status {
        Status::Open => page_with(status, &open_page(tx, session, filled)),
        Status::Complete => page(&complete_page(tx, session)),
        Status::Expired => page(&expired_page(tx, session)),
    }
}

#[derive(Deserialize)]
struct Submitted {
    #[serde(default)]
    email: String,
    #[serde(flatten)]
    card: CardEntry,
    #[serde(default)]
    submission: String,
    /// What the page said is due.
    expected_amount: Option<i64>,
}

enum Refusal {
    /// Fields are wrong, or the payment as a whole came to nothing.
    Form(Box<Filled>),
    Impossible(PageError),
}

/// A double click goes where the first click went.
async fn submit(shared: Sandbox, id: Path<String>, PageForm(form): PageForm<Submitted>) -> Said {
    visit(&shared, |world| {
        let (mut tx, session) = find(world, &id)?;
        if !session.is_open() {
            return match session.status {
                Status::Complete => see_other(&success_address(&session)),
                _ => page(&expired_page(&tx, &session)),
            };
        }
        let done = once(&mut tx, &format!("pay {id}"), &form.submission, |tx| carry_out(tx, &session, &form));
        match done {
            Ok(location) => {
                tx.commit();
                see_other(&location)
            }
            Err(Refusal::Impossible(error)) => Err(error),
            Err(Refusal::Form(filled)) => {
                let tx = tx.undone();
                shown(&tx, &session, StatusCode::UNPROCESSABLE_ENTITY, *filled)
            }
        }
    })
}

/// Where the customer goes on to: to the shop, or to their bank first.
fn carry_out(tx: &mut Tx<'_>, session: &Session, form: &Submitted) -> Result<String, Refusal> {
    let (email, card) = read(tx, session, form)?;
    if form.expected_amount.is_some_and(|expected| expected != session.sums().total) {
        let error = "What is due has changed while this page was open. Look at it again before you go on.";
        return Err(refused(form, ApiError::invalid(error)));
    }
    let method = card.map(|card| card.payment_method(tx)).transpose();
    let paid = method.and_then(|method| {
        let payment_method = method.map(|method| method.id);
        let details = Details { email, ..Details::default() };
        pay(tx, &session.id, Payment { payment_method, details })
    });
    match paid {
        Ok(Outcome::Complete) => Ok(success_address(session)),
        Ok(Outcome::Authenticate(intent)) => Ok(authentication::path(tx, &intent)),
        Err(error) => Err(refused(form, error)),
    }
}

fn refused(form: &Submitted, error: ApiError) -> Refusal {
    if error.status >= 500 {
        return Refusal::Impossible(error.into());
    }
    let typed = Filled { email: Field::new(&form.email), card: form.card.form(), ..Filled::default() };
    Refusal::Form(Box::new(Filled { error: Some(error.message), ..typed }))
}

/// What was typed, checked whole: every field that is wrong is named at once.
fn read(tx: &Tx<'_>, session: &Session, form: &Submitted) -> Result<(Option<String>, Option<Card>), Refusal> {
    let is_asked = session.known_details(tx).is_none_or(|details| details.email.is_none());
    let email = form.email.trim();
    let is_email = check_email(email, "email").is_ok() && !email.starts_with('@') && !email.ends_with('@');
    let problem = (is_asked && !is_email).then(|| "Enter a whole e-mail address.".to_owned());
    let now = tx.now(session.test_clock.as_deref());
    let card = session.needs_payment_method().then(|| form.card.read(now)).transpose();
    match (problem, card) {
        (None, Ok(card)) => Ok((is_asked.then(|| email.to_owned()), card)),
        (error, card) => Err(Refusal::Form(Box::new(Filled {
            email: Field { value: form.email.clone(), error },
            card: card.err().map_or_else(|| form.card.form(), |form| *form),
            ..Filled::default()
        }))),
    }
}

#[derive(Deserialize)]
struct Code {
    #[serde(default)]
    promotion_code: String,
}

async fn apply(shared: Sandbox, id: Path<String>, PageForm(code): PageForm<Code>) -> Said {
    visit(&shared, |world| {
        let (mut tx, session) = find(world, &id)?;
        if !session.is_open() {
            return shown(&tx, &session, StatusCode::OK, Filled::default());
        }
        match apply_code(&mut tx, &session, &code.promotion_code) {
            Ok(()) => {
                tx.commit();
                see_other(&format!("/c/pay/{id}"))
            }
            Err(error) => {
                let promotion = Field::refused(code.promotion_code, error.message);
                let filled = Filled { promotion, ..Filled::default() };
                shown(&tx, &session, StatusCode::UNPROCESSABLE_ENTITY, filled)
            }
        }
    })
}

#[derive(Deserialize)]
struct Nothing {}

async fn remove(shared: Sandbox, id: Path<String>, _: PageForm<Nothing>) -> Said {
    visit(&shared, |world| {
        let (mut tx, session) = find(world, &id)?;
        remove_code(&mut tx, &session);
        tx.commit();
        see_other(&format!("/c/pay/{id}"))
    })
}
