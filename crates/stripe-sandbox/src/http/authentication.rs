//! `/_sandbox/3ds`: where the owner of a card authenticates a payment.

use std::sync::Arc;

use actix_web::{
    HttpResponse, Resource,
    http::{StatusCode, header},
    web::{self, Data, Form, Path},
};
use serde::Deserialize;

use super::{
    Shared,
    page::{escaped, page},
};
use crate::{
    resources::{
        payment_intents::{self, PaymentIntent},
        setup_intents::{SetupIntent, SetupStatus},
    },
    store::{Origin, Tx},
    wire::ApiError,
};

pub fn resource() -> Resource {
    web::resource("/_sandbox/3ds/{account}/{intent}").route(web::get().to(ask)).route(web::post().to(answer))
}

/// Whether the intent waits, and where the browser goes afterwards.
fn find(tx: &Tx<'_>, id: &str) -> Option<(bool, Option<String>)> {
    if let Some(intent) = tx.find::<PaymentIntent>(id) {
        return Some((intent.status == payment_intents::Status::RequiresAction, intent.return_url.clone()));
    }
    let intent = tx.find::<SetupIntent>(id)?;
    Some((intent.status == SetupStatus::RequiresAction, intent.return_url.clone()))
}

async fn ask(shared: Data<Arc<Shared>>, path: Path<(String, String)>) -> HttpResponse {
    let (account, intent) = path.into_inner();
    let found = shared.with(|world| find(&world.begin(&account, Origin::default()), &intent));
    match found {
        None => page(StatusCode::NOT_FOUND, "There is no such payment", ""),
        Some((false, _)) => {
            page(StatusCode::OK, "This payment needs no authentication", "<p>It was done, or ended.</p>")
        }
        Some((true, _)) => {
            let action = escaped(&format!("/_sandbox/3ds/{account}/{intent}"));
            let button = |outcome: &str, label: &str| {
                format!(
                    "<form method=\"post\" action=\"{action}\"><input type=\"hidden\" name=\"outcome\" value=\"{outcome}\"><button>{label}</button></form>"
                )
            };
            let buttons =
                button("complete", "Complete authentication") + &button("fail", "Fail authentication");
            page(
                StatusCode::OK,
                "3-D Secure",
                &format!("<p>Your bank asks whether this is you.</p>{buttons}"),
            )
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    Complete,
    Fail,
}

#[derive(Deserialize)]
struct Answer {
    outcome: Outcome,
}

async fn answer(
    shared: Data<Arc<Shared>>,
    path: Path<(String, String)>,
    answer: Form<Answer>,
) -> HttpResponse {
    let (account, intent) = path.into_inner();
    let succeeds = matches!(answer.outcome, Outcome::Complete);
    let done = shared.with(|world| {
        let mut tx = world.begin(&account, Origin::default());
        let back = find(&tx, &intent).and_then(|(_, back)| back);
        authenticate(&mut tx, &intent, succeeds)?;
        tx.commit();
        Ok::<_, ApiError>(back)
    });
    match done {
        Err(error) => {
            page(StatusCode::BAD_REQUEST, "This payment cannot be authenticated", &escaped(&error.message))
        }
        Ok(Some(back)) => HttpResponse::SeeOther().insert_header((header::LOCATION, back)).finish(),
        Ok(None) => {
            page(StatusCode::OK, if succeeds { "Authenticated" } else { "Authentication failed" }, "")
        }
    }
}

fn authenticate(tx: &mut Tx<'_>, intent: &str, succeeds: bool) -> Result<(), ApiError> {
    if tx.find::<SetupIntent>(intent).is_some() {
        SetupIntent::authenticate(tx, intent, succeeds).map(drop)
    } else {
        PaymentIntent::authenticate(tx, intent, succeeds).map(drop)
    }
}
