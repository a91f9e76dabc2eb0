//! `/_sandbox`: what a test and an operator turn. JSON in, JSON out.

use std::{fmt, sync::Arc};

use actix_web::{
    FromRequest, HttpRequest, HttpResponse, ResponseError, Scope,
    dev::Payload,
    http::{StatusCode, header},
    web::{self, Bytes, Data, Json, Path},
};
use futures_util::{FutureExt, future::LocalBoxFuture};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::Shared;
use crate::{
    clock::{Clock, FARTHEST_MOVE, Timestamp},
    control::{Chaos, Fault, Settings},
    lifecycle,
    resources::webhook_endpoints::WebhookEndpoint,
    store::{Kind, Origin, Resource, World},
    webhooks::Delivery,
    wire::ApiError,
};

const SHOWN_AT_MOST: usize = 200;

type Sandbox = Data<Arc<Shared>>;
type Said = Result<Json<Value>, Refusal>;

pub fn scope() -> Scope {
    web::scope("/_sandbox")
        .route("", web::get().to(summary))
        .route("/routes", web::get().to(routes))
        .route("/clock", web::post().to(move_clock))
        .route("/faults", web::get().to(faults))
        .route("/faults", web::post().to(add_fault))
        .route("/faults", web::delete().to(clear_faults))
        .route("/faults/{id}", web::delete().to(remove_fault))
        .route("/chaos", web::get().to(chaos))
        .route("/chaos", web::post().to(set_chaos))
        .route("/chaos", web::delete().to(clear_chaos))
        .route("/settings", web::get().to(settings))
        .route("/settings", web::post().to(set_settings))
        .route("/deliveries", web::get().to(deliveries))
        .route("/deliveries/{account}/{id}/resend", web::post().to(resend))
        .route("/webhook_endpoints/{id}/roll", web::post().to(roll_secret))
        .route("/reset", web::post().to(reset))
}

pub async fn nothing_here() -> Said {
    Err(Refusal::not_found(
        "There is nothing here. Stripe's API is under /v1, the sandbox's controls under /_sandbox.",
    ))
}

/// Why a control request is refused.
#[derive(Debug)]
pub struct Refusal(StatusCode, String);

impl Refusal {
    fn bad(message: impl Into<String>) -> Self {
        Self(StatusCode::BAD_REQUEST, message.into())
    }

    pub fn forbidden(message: impl Into<String>) -> Self {
        Self(StatusCode::FORBIDDEN, message.into())
    }

    fn not_found(message: impl Into<String>) -> Self {
        Self(StatusCode::NOT_FOUND, message.into())
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.1)
    }
}

impl ResponseError for Refusal {
    fn status_code(&self) -> StatusCode {
        self.0
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::build(self.0).json(json!({ "error": self.1 }))
    }
}

/// The body of a request that says that it is JSON. A form on some page of the web cannot say so, and so cannot turn
/// anything here.
struct Wanted<T>(T);

impl<T: DeserializeOwned + 'static> FromRequest for Wanted<T> {
    type Error = Refusal;
    type Future = LocalBoxFuture<'static, Result<Self, Refusal>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let kind = kind.and_then(|kind| kind.split(';').next()).unwrap_or_default().trim();
        let is_json = kind.eq_ignore_ascii_case("application/json");
        let body = Bytes::from_request(request, payload);
        async move {
            if !is_json {
                return Err(Refusal::bad("Send JSON, with the header Content-Type: application/json."));
            }
            let body =
                body.await.map_err(|error| Refusal::bad(format!("The body cannot be read: {error}.")))?;
            let body = if body.is_empty() { &b"{}"[..] } else { &body[..] };
            // A structure could be read from a list of its values too, whose order nobody knows.
            serde_json::from_slice::<serde_json::Map<_, _>>(body)
                .and_then(|fields| serde_json::from_value(Value::Object(fields)))
                .map(Self)
                .map_err(|error| Refusal::bad(format!("The body is not the JSON that is wanted: {error}.")))
        }
        .boxed_local()
    }
}

async fn summary(shared: Sandbox) -> Said {
    Ok(Json(shared.with(|world| {
        json!({
            "now": world.clock.now(),
            "clock": if matches!(world.clock, Clock::Standing { .. }) { "standing" } else { "running" },
            "objects": counts(world),
            "faults": world.control.faults.all(),
            "chaos": world.control.chaos,
            "lostDeliveries": world.control.lost_deliveries,
            "settings": world.control.settings,
            "unwritten": world.unwritten(),
        })
    })))
}

async fn routes(shared: Sandbox) -> Said {
    let all = shared.api.routes().map(|(method, path)| json!({ "method": method, "path": path }));
    Ok(Json(json!({ "routes": all.collect::<Vec<_>>() })))
}

fn counts(world: &World) -> Value {
    let mut counts = serde_json::Map::new();
    for (account, _) in world.accounts().filter(|(account, _)| !account.is_empty()) {
        let of_kind = |kind: &Kind| {
            let count = world.table(account, *kind).map_or(0, crate::store::Table::len);
            (count > 0).then(|| (kind.noun().to_owned(), json!(count)))
        };
        counts.insert(account.to_owned(), Value::Object(Kind::ALL.iter().filter_map(of_kind).collect()));
    }
    Value::Object(counts)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ClockMove {
    advance_seconds: Option<Timestamp>,
    to: Option<Timestamp>,
}

async fn move_clock(shared: Sandbox, Wanted(wanted): Wanted<ClockMove>) -> Said {
    let moved = shared.guarded(|world| {
        let now = world.clock.now();
        let to = match (wanted.advance_seconds, wanted.to) {
            (Some(seconds), None) => now.saturating_add(seconds),
            (None, Some(to)) => to,
            _ => return Err(Refusal::bad("Give either advanceSeconds or to.")),
        };
        if to < now || to.saturating_sub(now) > FARTHEST_MOVE {
            return Err(Refusal::bad("The clock can be moved forward only, and at most five years at once."));
        }
        lifecycle::move_clock(world, to);
        Ok(world.clock.now())
    });
    let failed = |error: ApiError| Refusal(StatusCode::INTERNAL_SERVER_ERROR, error.message);
    Ok(Json(json!({ "now": moved.map_err(failed)?? })))
}

async fn faults(shared: Sandbox) -> Said {
    Ok(Json(shared.with(|world| json!({ "faults": world.control.faults.all() }))))
}

async fn add_fault(shared: Sandbox, Wanted(fault): Wanted<Fault>) -> Said {
    let fault = shared.with(|world| world.control.faults.add(fault)).map_err(Refusal::bad)?;
    Ok(Json(json!(fault)))
}

async fn clear_faults(shared: Sandbox) -> Said {
    shared.with(|world| world.control.faults.clear());
    Ok(Json(json!({ "faults": [] })))
}

async fn remove_fault(shared: Sandbox, id: Path<String>) -> Said {
    let removed = id.parse().is_ok_and(|id| shared.with(|world| world.control.faults.remove(id)));
    if !removed {
        return Err(Refusal::not_found(format!("There is no fault {id}.")));
    }
    faults(shared).await
}

async fn chaos(shared: Sandbox) -> Said {
    Ok(Json(shared.with(|world| json!({ "chaos": world.control.chaos }))))
}

async fn set_chaos(shared: Sandbox, Wanted(chaos): Wanted<Chaos>) -> Said {
    let chaos = chaos.checked().map_err(Refusal::bad)?;
    shared.with(|world| world.control.chaos = Some(chaos.clone()));
    Ok(Json(json!({ "chaos": chaos })))
}

async fn clear_chaos(shared: Sandbox) -> Said {
    shared.with(|world| world.control.chaos = None);
    Ok(Json(json!({ "chaos": null })))
}

async fn settings(shared: Sandbox) -> Said {
    Ok(Json(shared.with(|world| json!({ "settings": world.control.settings }))))
}

/// What is not named stays.
async fn set_settings(shared: Sandbox, Wanted(changes): Wanted<serde_json::Map<String, Value>>) -> Said {
    shared.with(|world| {
        let mut wanted = json!(world.control.settings);
        if let Value::Object(fields) = &mut wanted {
            fields.extend(changes);
        }
        let read = serde_json::from_value::<Settings>(wanted);
        let settings =
            read.map_err(|error| Refusal::bad(format!("These are not settings: {error}.")))?.checked();
        world.set_settings(settings.map_err(Refusal::bad)?);
        Ok(Json(json!({ "settings": world.control.settings })))
    })
}

async fn deliveries(shared: Sandbox) -> Said {
    Ok(Json(shared.with(|world| {
        let mut all = Vec::new();
        for account in accounts(world) {
            let tx = world.begin(&account, Origin::default());
            let newest = tx.newest_first::<Delivery>().take(SHOWN_AT_MOST);
            all.extend(newest.map(|it| (it.id.clone(), it.render(&tx))));
        }
        // Ids that were made later sort later.
        all.sort_by(|a, b| b.0.cmp(&a.0));
        let shown: Vec<_> = all.into_iter().take(SHOWN_AT_MOST).map(|(_, delivery)| delivery).collect();
        json!({ "deliveries": shown })
    })))
}

fn accounts(world: &World) -> Vec<String> {
    world.accounts().map(|(account, _)| account.to_owned()).collect()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

async fn resend(shared: Sandbox, path: Path<(String, String)>, _: Wanted<Nothing>) -> Said {
    let (account, id) = path.into_inner();
    shared.with(|world| {
        let mut tx = world.begin(&account, Origin::default());
        let known = tx.get::<Delivery>(&id).map_err(|error| Refusal::not_found(error.message))?;
        known.parcel(&mut tx).map_err(Refusal::bad)?;
        let again = known.again(&mut tx).render(&tx);
        tx.commit();
        Ok(Json(again))
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Roll {
    /// How long the old secret signs too.
    #[serde(default)]
    expire_seconds: Timestamp,
}

async fn roll_secret(shared: Sandbox, id: Path<String>, Wanted(roll): Wanted<Roll>) -> Said {
    shared.with(|world| {
        let owner = world.account_of(Kind::WebhookEndpoint, &id);
        let mut tx = world.begin(&owner.unwrap_or_default(), Origin::default());
        let endpoint = WebhookEndpoint::roll(&mut tx, &id, roll.expire_seconds)
            .map_err(|error| Refusal::not_found(error.message))?;
        tx.commit();
        Ok(Json(json!({ "id": endpoint.id, "secret": endpoint.secret })))
    })
}

async fn reset(shared: Sandbox, _: Wanted<Nothing>) -> Said {
    shared.with(World::reset);
    Ok(Json(json!({ "reset": true })))
}
