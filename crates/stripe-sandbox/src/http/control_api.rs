//! `/_sandbox`: what a test and an operator turn. JSON in, JSON out.

use std::sync::Arc;

use actix_web::{
    HttpResponse, Scope,
    http::StatusCode,
    web::{self, Bytes, Data, Path},
};
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
};

const SHOWN_AT_MOST: usize = 200;

type Sandbox = Data<Arc<Shared>>;

/// Why a control request is refused.
struct Refusal(StatusCode, String);

pub fn scope() -> Scope {
    web::scope("/_sandbox")
        .route("", web::get().to(summary))
        .route("/clock", web::post().to(move_clock))
        .route("/faults", web::get().to(faults))
        .route("/faults", web::post().to(add_fault))
        .route("/faults", web::delete().to(clear_faults))
        .route("/chaos", web::get().to(chaos))
        .route("/chaos", web::post().to(set_chaos))
        .route("/chaos", web::delete().to(clear_chaos))
        .route("/settings", web::post().to(set_settings))
        .route("/deliveries", web::get().to(deliveries))
        .route("/webhook_endpoints/{account}/{id}/roll", web::post().to(roll_secret))
        .route("/reset", web::post().to(reset))
}

pub async fn nothing_here() -> HttpResponse {
    said(Err(Refusal(
        StatusCode::NOT_FOUND,
        "There is nothing here. Stripe's API is under /v1, the sandbox's controls under /_sandbox."
            .to_owned(),
    )))
}

fn said(outcome: Result<Value, Refusal>) -> HttpResponse {
    match outcome {
        Ok(body) => HttpResponse::Ok().json(body),
        Err(Refusal(status, message)) => HttpResponse::build(status).json(json!({ "error": message })),
    }
}

fn read<T: DeserializeOwned>(body: &Bytes) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|error| {
        Refusal(StatusCode::BAD_REQUEST, format!("The body is not the JSON that is wanted: {error}."))
    })
}

async fn summary(shared: Sandbox) -> HttpResponse {
    said(Ok(shared.with(|world| {
        lifecycle::catch_up(world);
        let mut body = json!({
            "now": world.clock.now(),
            "clock": if matches!(world.clock, Clock::Standing { .. }) { "standing" } else { "running" },
            "objects": counts(world),
        });
        body["control"] = world.control.render();
        body
    })))
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

async fn move_clock(shared: Sandbox, body: Bytes) -> HttpResponse {
    said(read::<ClockMove>(&body).and_then(|wanted| {
        shared.with(|world| {
            let now = world.clock.now();
            let to = match (wanted.advance_seconds, wanted.to) {
                (Some(seconds), None) => now.saturating_add(seconds),
                (None, Some(to)) => to,
                _ => {
                    return Err(Refusal(
                        StatusCode::BAD_REQUEST,
                        "Give either advanceSeconds or to.".to_owned(),
                    ));
                }
            };
            if to < now || to - now > FARTHEST_MOVE {
                let message = "The clock can be moved forward only, and at most five years at once.";
                return Err(Refusal(StatusCode::BAD_REQUEST, message.to_owned()));
            }
            lifecycle::move_clock(world, to);
            Ok(json!({ "now": world.clock.now() }))
        })
    }))
}

async fn faults(shared: Sandbox) -> HttpResponse {
    said(Ok(shared.with(|world| json!({ "faults": world.control.faults.active }))))
}

async fn add_fault(shared: Sandbox, body: Bytes) -> HttpResponse {
    said(
        read::<Fault>(&body)
            .map(|fault| json!({ "id": shared.with(|world| world.control.faults.add(fault)) })),
    )
}

async fn clear_faults(shared: Sandbox) -> HttpResponse {
    shared.with(|world| world.control.faults.active.clear());
    said(Ok(json!({ "faults": [] })))
}

async fn chaos(shared: Sandbox) -> HttpResponse {
    said(Ok(shared.with(|world| json!({ "chaos": world.control.chaos }))))
}

async fn set_chaos(shared: Sandbox, body: Bytes) -> HttpResponse {
    said(read::<Chaos>(&body).map(|chaos| {
        shared.with(|world| world.control.chaos = Some(chaos.clone()));
        json!({ "chaos": chaos })
    }))
}

async fn clear_chaos(shared: Sandbox) -> HttpResponse {
    shared.with(|world| world.control.chaos = None);
    said(Ok(json!({ "chaos": null })))
}

async fn set_settings(shared: Sandbox, body: Bytes) -> HttpResponse {
    said(read::<Settings>(&body).map(|settings| {
        shared.with(|world| world.control.settings = settings.clone());
        json!({ "settings": settings })
    }))
}

async fn deliveries(shared: Sandbox) -> HttpResponse {
    said(Ok(shared.with(|world| {
        let accounts: Vec<_> = world.accounts().map(|(account, _)| account.to_owned()).collect();
        let mut all = Vec::new();
        for account in accounts {
            let tx = world.begin(&account, Origin::default());
            all.extend(
                tx.newest_first::<Delivery>().take(SHOWN_AT_MOST).map(|it| (it.id.clone(), it.render(&tx))),
            );
        }
        all.sort_by(|a, b| b.0.cmp(&a.0));
        let shown: Vec<_> = all.into_iter().take(SHOWN_AT_MOST).map(|(_, delivery)| delivery).collect();
        json!({ "deliveries": shown })
    })))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Roll {
    /// How long the old secret signs too.
    #[serde(default)]
    expire_seconds: Timestamp,
}

async fn roll_secret(shared: Sandbox, path: Path<(String, String)>, body: Bytes) -> HttpResponse {
    let (account, id) = path.into_inner();
    said(read::<Roll>(&body).and_then(|roll| {
        shared.with(|world| {
            let mut tx = world.begin(&account, Origin::default());
            let endpoint = WebhookEndpoint::roll(&mut tx, &id, roll.expire_seconds)
                .map_err(|error| Refusal(StatusCode::NOT_FOUND, error.message))?;
            tx.commit();
            Ok(json!({ "id": endpoint.id, "secret": endpoint.secret }))
        })
    }))
}

async fn reset(shared: Sandbox) -> HttpResponse {
    shared.with(World::reset);
    said(Ok(json!({ "reset": true })))
}
