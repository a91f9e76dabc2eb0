//! `/_sandbox/3ds`: where the owner of a card authenticates a payment.

use actix_web::web::{self, Path, ServiceConfig};
use serde::Deserialize;

use super::{PageError, PageForm, Said, Sandbox, page, see_other, visit};
use crate::{pages::present::three_d_secure::Authentication, store::Origin};

pub fn configure(config: &mut ServiceConfig) {
    let resource = web::resource("/_sandbox/3ds/{account}/{intent}");
    config.service(resource.route(web::get().to(ask)).route(web::post().to(answer)));
}

fn none() -> PageError {
    PageError::not_found("payment")
}

async fn ask(shared: Sandbox, path: Path<(String, String)>) -> Said {
    let (account, intent) = path.into_inner();
    visit(&shared, |world| {
        let tx = world.begin(&account, Origin::default());
        let found = Authentication::find(&tx, &intent).ok_or_else(none)?;
        if found.is_waited_for() { page(&found.page(&tx)) } else { page(&found.notice()) }
    })
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

/// Answered once; the second click of a double click goes where the first one went.
async fn answer(shared: Sandbox, path: Path<(String, String)>, PageForm(answer): PageForm<Answer>) -> Said {
    let (account, intent) = path.into_inner();
    visit(&shared, |world| {
        let mut tx = world.begin(&account, Origin::default());
        let mut found = Authentication::find(&tx, &intent).ok_or_else(none)?;
        if found.is_waited_for() {
            found = found.answered(&mut tx, matches!(answer.outcome, Outcome::Complete))?;
            tx.commit();
        }
        gone_on(&found)
    })
}

fn gone_on(found: &Authentication) -> Said {
    match found.return_address().filter(|_| !found.is_ended()) {
        Some(back) => see_other(&back),
        None => page(&found.notice()),
    }
}
