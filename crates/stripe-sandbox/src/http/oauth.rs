//! `/oauth`: Connect's consent page, and the exchange of its code.

use std::sync::Arc;

use actix_web::{
    HttpRequest, HttpResponse, Scope,
    http::{StatusCode, header},
    web::{self, Bytes, Data, Query},
};
use serde::Deserialize;

use super::{
    Shared,
    page::{escaped, page},
};
use crate::{
    resources::connect::{self, OauthError},
    store::{Origin, ROOT, Tx},
    wire::{auth, form::Form, read::read},
};

pub fn scope() -> Scope {
    web::scope("/oauth")
        .route("/authorize", web::get().to(ask))
        .route("/authorize", web::post().to(agree))
        .route("/token", web::post().to(token))
        .route("/deauthorize", web::post().to(deauthorize))
}

#[derive(Debug, Deserialize)]
struct Authorize {
    client_id: Option<String>,
    redirect_uri: Option<String>,
    state: Option<String>,
    response_type: Option<String>,
}

impl Authorize {
    /// Where the browser goes back to, with what came of it.
    fn back(&self, outcome: &[(&str, &str)]) -> Result<String, &'static str> {
        if self.client_id.as_ref().is_none_or(|id| !id.starts_with("ca_")) {
            return Err("No application with that client_id: it must start with ca_.");
        }
        if self.response_type.as_deref() != Some("code") {
            return Err("response_type must be code.");
        }
        let target =
            self.redirect_uri.as_deref().ok_or("redirect_uri is missing: where should the browser go?")?;
        let mut url = reqwest::Url::parse(target).map_err(|_| "redirect_uri is not a URL.")?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err("redirect_uri must start with http:// or https://.");
        }
        let state = self.state.as_ref().map(|state| ("state", state.as_str()));
        url.query_pairs_mut().extend_pairs(outcome.iter().copied().chain(state));
        Ok(url.into())
    }
}

async fn ask(request: HttpRequest, query: Query<Authorize>) -> HttpResponse {
    let denied = [("error", "access_denied"), ("error_description", "The user denied your request")];
    match query.back(&denied) {
        Err(problem) => {
            page(StatusCode::BAD_REQUEST, "This link does not work", &format!("<p>{problem}</p>"))
        }
        Ok(cancel) => {
            let action = escaped(&format!("/oauth/authorize?{}", request.query_string()));
            let body = format!(
                "<p>A platform asks to act for a test account: to read and change its customers, subscriptions and \
                 payments.</p><form method=\"post\" action=\"{action}\"><button>Connect a new test account</button></form>\
                 <p><a href=\"{}\">Cancel</a></p>",
                escaped(&cancel)
            );
            page(StatusCode::OK, "Connect a test account", &body)
        }
    }
}

async fn agree(shared: Data<Arc<Shared>>, query: Query<Authorize>) -> HttpResponse {
    let code = shared.with(|world| {
        let mut tx = world.begin(ROOT, Origin::default());
        let code = connect::consent(&mut tx, query.client_id.clone());
        tx.commit();
        code
    });
    match query.back(&[("scope", "read_write"), ("code", &code)]) {
        Err(problem) => {
            page(StatusCode::BAD_REQUEST, "This link does not work", &format!("<p>{problem}</p>"))
        }
        Ok(url) => HttpResponse::SeeOther().insert_header((header::LOCATION, url)).finish(),
    }
}

#[derive(Deserialize)]
struct Token {
    client_secret: Option<String>,
    grant_type: String,
    code: Option<String>,
}

#[derive(Deserialize)]
struct Deauthorize {
    client_secret: Option<String>,
    client_id: Option<String>,
    stripe_user_id: String,
}

async fn token(request: HttpRequest, shared: Data<Arc<Shared>>, body: Bytes) -> HttpResponse {
    said(parsed::<Token>(&body).and_then(|asked| {
        if asked.grant_type != "authorization_code" {
            let description = "The sandbox exchanges grant_type=authorization_code only.".to_owned();
            return Err(OauthError { status: 400, code: "unsupported_grant_type", description });
        }
        let code = asked.code.ok_or_else(|| OauthError::request("No code was given."))?;
        as_platform(&shared, &request, asked.client_secret.as_deref(), |tx| connect::exchange(tx, &code))
    }))
}

async fn deauthorize(request: HttpRequest, shared: Data<Arc<Shared>>, body: Bytes) -> HttpResponse {
    said(parsed::<Deauthorize>(&body).and_then(|asked| {
        let account = asked.stripe_user_id;
        as_platform(&shared, &request, asked.client_secret.as_deref(), |tx| {
            connect::deauthorize(tx, &account, asked.client_id.as_deref())
        })
    }))
}

fn parsed<T: serde::de::DeserializeOwned>(body: &[u8]) -> Result<T, OauthError> {
    Form::parse(body).and_then(read).map_err(|error| OauthError::request(&error.message))
}

/// The platform is known by `client_secret`, or by the key of the request.
fn as_platform<T>(
    shared: &Shared,
    request: &HttpRequest,
    client_secret: Option<&str>,
    act: impl FnOnce(&mut Tx<'_>) -> Result<T, OauthError>,
) -> Result<T, OauthError> {
    let header = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    shared.with(|world| {
        let account = match client_secret {
            Some(key) => auth::account_of(world, key),
            None => auth::authenticate(world, header, None),
        };
        let account = account.map_err(|error| OauthError::client(&error))?;
        let mut tx = world.begin(&account, Origin::default());
        let done = act(&mut tx)?;
        tx.commit();
        Ok(done)
    })
}

fn said(outcome: Result<serde_json::Value, OauthError>) -> HttpResponse {
    match outcome {
        Ok(body) => HttpResponse::Ok().json(body),
        Err(error) => {
            let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::BAD_REQUEST);
            HttpResponse::build(status).json(error.body())
        }
    }
}
