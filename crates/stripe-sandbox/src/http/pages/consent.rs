//! `/oauth/authorize`: a person connects an account to a platform.

use actix_web::{
    http::StatusCode,
    web::{self, ServiceConfig},
};
use serde::Deserialize;

use super::{PageError, PageForm, PageQuery, Said, Sandbox, page, page_with, see_other, visit};
use crate::{
    pages::{
        once,
        present::consent::{self, Request},
    },
    resources::connect,
    store::{Kind, Origin, ROOT},
};

pub fn configure(config: &mut ServiceConfig) {
    let resource = web::resource("/oauth/authorize");
    config.service(resource.route(web::get().to(ask)).route(web::post().to(answer)));
}

async fn ask(shared: Sandbox, PageQuery(request): PageQuery<Request>) -> Said {
    checked(&request)?;
    visit(&shared, |world| page(&consent::page(world, &request, consent::NEW_ACCOUNT, None)))
}

#[derive(Deserialize)]
struct Answer {
    #[serde(flatten)]
    request: Request,
    decision: Decision,
    #[serde(default)]
    account: Option<String>,
    #[serde(default)]
    submission: String,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Decision {
    Allow,
    Deny,
}

async fn answer(shared: Sandbox, PageForm(answer): PageForm<Answer>) -> Said {
    let request = &answer.request;
    checked(request)?;
    if answer.decision == Decision::Deny {
        let denied = [("error", "access_denied"), ("error_description", "The user denied your request")];
        return see_other(&back(request, &denied)?);
    }
    let chosen = answer.account.as_deref().unwrap_or(consent::NEW_ACCOUNT);
    visit(&shared, |world| {
        let account = Some(chosen).filter(|account| *account != consent::NEW_ACCOUNT);
        if account.is_some_and(|id| world.account_of(Kind::Account, id).as_deref() != Some(id)) {
            let error = "This account is gone. Choose another one.".to_owned();
            let view = consent::page(world, request, consent::NEW_ACCOUNT, Some(error));
            return page_with(StatusCode::UNPROCESSABLE_ENTITY, &view);
        }
        let mut tx = world.begin(ROOT, Origin::default());
        let location = once(&mut tx, "authorize", &answer.submission, |tx| {
            let client = Some(request.client_id.clone());
            let code = connect::consent(tx, client, account.map(str::to_owned));
            back(request, &[("scope", "read_write"), ("code", &code)])
        })?;
        tx.commit();
        see_other(&location)
    })
}

fn checked(request: &Request) -> Result<(), PageError> {
    back(request, &[]).map(drop)
}

/// Where the browser goes back to, with what came of it.
fn back(request: &Request, outcome: &[(&str, &str)]) -> Result<String, PageError> {
    request.back(outcome).map_err(|problem| {
        PageError::bad("This request to connect is not valid", problem)
            .with("client_id", &request.client_id)
            .with("redirect_uri", &request.redirect_uri)
    })
}
