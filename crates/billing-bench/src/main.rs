//! The least that can answer `GET /v1/dashboard/billing/status`: a bare actix-web handler that makes the same
//! check of the token and the same read of one row through the same driver, and nothing else. What the service
//! adds to that is its cost.
//!
//! Usage: `billing-bench status <listen> <database URL> <secret>`, on a database the service has migrated.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a tool of developers may panic, and has no ports"
)]

mod events;
mod postgres;
mod sqlite;

use actix_web::http::header::AUTHORIZATION;
use actix_web::web::{Data, Json};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, error, web};
use chrono::{DateTime, SecondsFormat, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use mimalloc::MiMalloc;
use serde::{Deserialize, Serialize};

/// The service's: what an allocator saves is not what the service's layers cost.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// The columns the status is made of.
type StatusRow = (String, Option<String>, Option<DateTime<Utc>>);

enum Database {
    Postgres(postgres::Pool),
    Sqlite(sqlite::Pool),
}

struct Baseline {
    database: Database,
    key: DecodingKey,
    validation: Validation,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Claims {
    #[serde(rename = "sub")]
    _sub: String,
    workspace_id: String,
    #[serde(rename = "role")]
    _role: String,
}

#[derive(Serialize)]
struct Status {
    #[serde(rename = "billingEnabled")]
    enabled: bool,
    #[serde(rename = "billingEnabledAt")]
    enabled_at: Option<String>,
    #[serde(rename = "billingGateway")]
    gateway: Option<String>,
}

async fn status(baseline: Data<Baseline>, request: HttpRequest) -> Result<Json<Status>, actix_web::Error> {
    let header = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = header
        .and_then(|header| header.strip_prefix("Bearer "))
        .ok_or_else(|| error::ErrorUnauthorized("no token"))?;
    let claims = jsonwebtoken::decode::<Claims>(token, &baseline.key, &baseline.validation)
        .map_err(error::ErrorUnauthorized)?
        .claims;
    let row = match &baseline.database {
        Database::Postgres(pool) => postgres::read(pool, &claims.workspace_id).await,
        Database::Sqlite(pool) => sqlite::read(pool, &claims.workspace_id).await,
    };
    let (state, gateway, enabled_at) = row.unwrap_or_else(|| ("disabled".to_owned(), None, None));
    Ok(Json(Status {
        enabled: state != "disabled",
        enabled_at: enabled_at.map(|at| at.to_rfc3339_opts(SecondsFormat::Millis, true)),
        gateway,
    }))
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["status", listen, url, secret] => serve(listen, url, secret).await,
        ["events", url, senders, seconds, objects] => {
            // Tasks of an actix thread would share one core.
            let (url, senders, seconds, objects) =
                (url.to_owned(), senders.to_owned(), seconds.to_owned(), objects.to_owned());
            std::thread::spawn(move || {
                let runtime = tokio::runtime::Runtime::new().unwrap();
                runtime.block_on(events::measure(&url, &senders, &seconds, &objects));
            })
            .join()
            .unwrap();
            Ok(())
        }
        _ => panic!(
            "usage: status <listen> <database URL> <secret>, or events <database URL> <senders> <seconds> <objects>"
        ),
    }
}

async fn serve(listen: &str, url: &str, secret: &str) -> std::io::Result<()> {
    let database = match url.strip_prefix("sqlite://") {
        Some(path) => Database::Sqlite(sqlite::pool(path)),
        None => Database::Postgres(postgres::pool(url)),
    };
    let mut validation = Validation::new(Algorithm::HS256);
    validation.validate_nbf = true;
    validation.set_audience(&["dashboard"]);
    validation.set_issuer(&["kolaylogin"]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    let baseline =
        Data::new(Baseline { database, key: DecodingKey::from_secret(secret.as_bytes()), validation });
    HttpServer::new(move || {
        App::new()
            .app_data(baseline.clone())
            .route("/v1/dashboard/billing/status", web::get().to(status))
            .default_service(web::to(HttpResponse::NotFound))
    })
    .bind(listen)?
    .run()
    .await
}
