//! `/`: the sandbox at a glance, and what a person turns there. Tests turn the same with JSON, at addresses of which
//! some are the same: what comes as a form is meant for these.

use actix_web::{
    guard::{self, Guard, GuardContext},
    http::{StatusCode, header},
    web::{self, Path, ServiceConfig},
};
use chrono::{DateTime, Months};
use serde::Deserialize;

use super::{
    PageError, PageForm, Said, Sandbox,
    flash::{Before, Done},
    page, page_with, visit,
};
use crate::{
    clock::{DAY, FARTHEST_MOVE, HOUR, Timestamp},
    lifecycle,
    pages::{
        once,
        present::home::{page as home_page, reset_page},
        views::Field,
    },
    store::{Kind, Origin, ROOT, World},
    webhooks::Delivery,
};

pub fn configure(config: &mut ServiceConfig) {
    config
        .service(web::resource("/").guard(guard::Get()).to(show))
        .service(web::resource("/_sandbox/clock/advance").guard(IsForm).to(advance))
        .service(web::resource("/_sandbox/deliveries/{id}/resend").guard(IsForm).to(resend))
        .service(web::resource("/_sandbox/reset").guard(guard::Get()).to(ask_to_reset))
        .service(web::resource("/_sandbox/reset").guard(IsForm).to(reset));
}

struct IsForm;

impl Guard for IsForm {
    fn check(&self, context: &GuardContext<'_>) -> bool {
        let head = context.head();
        let kind = head.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        head.method == actix_web::http::Method::POST
            && kind.is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"))
    }
}

async fn show(shared: Sandbox, before: Before) -> Said {
    let shown = visit(&shared, |world| page(&home_page(world, before.words(), Field::default())));
    before.told_by(shown)
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Step {
    Hour,
    Day,
    ThreeDays,
    Month,
}

#[derive(Deserialize)]
struct Advance {
    by: Option<Step>,
    #[serde(default)]
    seconds: String,
    #[serde(default)]
    submission: String,
}

impl Advance {
    fn target(&self, now: Timestamp) -> Result<Timestamp, &'static str> {
        let to = match self.by {
            Some(Step::Hour) => now + HOUR,
            Some(Step::Day) => now + DAY,
            Some(Step::ThreeDays) => now + 3 * DAY,
            Some(Step::Month) => a_month_after(now),
            None => {
                let seconds: Option<Timestamp> = self.seconds.trim().parse().ok();
                let seconds = seconds.filter(|seconds| *seconds > 0);
                now.saturating_add(seconds.ok_or("Enter a whole number of seconds, 1 or more.")?)
            }
        };
        let is_near = to.saturating_sub(now) <= FARTHEST_MOVE;
        if is_near { Ok(to) } else { Err("The clock can be moved by at most five years at once.") }
    }
}

fn a_month_after(now: Timestamp) -> Timestamp {
    let then = DateTime::from_timestamp(now, 0).and_then(|now| now.checked_add_months(Months::new(1)));
    then.map_or(now + 30 * DAY, |then| then.timestamp())
}

async fn advance(shared: Sandbox, PageForm(wanted): PageForm<Advance>) -> Said {
    visit(&shared, |world| {
        let to = match wanted.target(world.clock.now()) {
            Ok(to) => to,
            Err(error) => {
                let seconds = Field::refused(&wanted.seconds, error);
                return page_with(StatusCode::UNPROCESSABLE_ENTITY, &home_page(world, None, seconds));
            }
        };
        if is_first(world, &wanted.submission) {
            lifecycle::move_clock(world, to);
        }
        Done::Moved.told_at("/")
    })
}

/// Whether this move was not made yet.
fn is_first(world: &mut World, submission: &str) -> bool {
    let mut is_first = false;
    let mut tx = world.begin(ROOT, Origin::default());
    let kept: Result<String, PageError> = once(&mut tx, "move the clock", submission, |_| {
        is_first = true;
        Ok(String::new())
    });
    if kept.is_ok() {
        tx.commit();
    }
    is_first
}

#[derive(Deserialize)]
struct Resend {
    #[serde(default)]
    return_to: String,
}

async fn resend(shared: Sandbox, id: Path<String>, PageForm(form): PageForm<Resend>) -> Said {
    visit(&shared, |world| {
        let none = || PageError::not_found("delivery");
        let account = world.account_of(Kind::Delivery, &id).ok_or_else(none)?;
        let mut tx = world.begin(&account, Origin::default());
        let delivery = tx.find::<Delivery>(&id).cloned().ok_or_else(none)?;
        delivery.parcel(&mut tx).map_err(|reason| PageError::bad("This cannot be sent again", reason))?;
        delivery.again(&mut tx);
        tx.commit();
        let event = format!("/_sandbox/events/{}", delivery.event);
        Done::Resent.told_at(if form.return_to == event { &event } else { "/" })
    })
}

async fn ask_to_reset(shared: Sandbox) -> Said {
    visit(&shared, |world| page(&reset_page(world)))
}

#[derive(Deserialize)]
struct Nothing {}

async fn reset(shared: Sandbox, _: PageForm<Nothing>) -> Said {
    visit(&shared, |world| {
        world.reset();
        Done::Reset.told_at("/")
    })
}
