//! `/oauth`: Connect's exchange of the code that a person's consent gave.

use std::sync::Arc;

use actix_web::{
    HttpRequest, HttpResponse, Scope,
    http::{StatusCode, header},
    web::{self, Bytes, Data},
};
use serde::Deserialize;

use super::Shared;
use crate::{
    resources::connect::{self, OauthError},
    store::{Origin, Tx},
    wire::{auth, form::Form, read::read},
};

pub fn scope() -> Scope {
    web::scope("/oauth")
        .route("/token", web::post().to(token))
        .route("/deauthorize", web::post().to(deauthorize))
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
    said(parsed::<Token>(&request, &body).and_then(|asked| {
        if asked.grant_type != "authorization_code" {
            let description = "The sandbox exchanges grant_type=authorization_code only.".to_owned();
            return Err(OauthError { status: 400, code: "unsupported_grant_type", description });
        }
        let code = asked.code.ok_or_else(|| OauthError::request("No code was given."))?;
        as_platform(&shared, &request, asked.client_secret.as_deref(), |tx| connect::exchange(tx, &code))
    }))
}

async fn deauthorize(request: HttpRequest, shared: Data<Arc<Shared>>, body: Bytes) -> HttpResponse {
    said(parsed::<Deauthorize>(&request, &body).and_then(|asked| {
        let account = asked.stripe_user_id;
        as_platform(&shared, &request, asked.client_secret.as_deref(), |tx| {
            connect::deauthorize(tx, &account, asked.client_id.as_deref())
        })
    }))
}

fn parsed<T: serde::de::DeserializeOwned>(request: &HttpRequest, body: &[u8]) -> Result<T, OauthError> {
    let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    Form::of_body(content_type, body).and_then(read).map_err(|error| OauthError::request(&error.message))
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
