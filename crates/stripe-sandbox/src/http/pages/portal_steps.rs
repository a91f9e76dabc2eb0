//! `/p/session/{session}/subscriptions/{subscription}`: a customer cancels or changes a subscription.

use actix_web::web::{self, Path, ServiceConfig};
use serde::Deserialize;

use super::{
    PageError, PageForm, PageQuery, Said, Sandbox, page,
    portal::{Done, Submitted, after, allowed, enter, refused, subscription},
    see_other,
};
use crate::{
    pages::{
        once,
        present::{portal::Visitor, portal_steps},
        views::Field,
    },
    resources::{
        portal::{CancelReason, Choice, FlowStep, Reason, keep_plan},
        subscriptions::Subscription,
    },
    store::Tx,
};

pub fn configure(config: &mut ServiceConfig) {
    let of =
        |step: &str| web::resource(format!("/p/session/{{session}}/subscriptions/{{subscription}}/{step}"));
    config
        .service(of("cancel").route(web::get().to(ask_cancel)).route(web::post().to(cancel)))
        .service(of("change").route(web::get().to(ask_change)).route(web::post().to(change)))
        .service(of("change/confirm").route(web::get().to(ask_confirm)))
        .service(of("change/undo").route(web::post().to(undo_change)));
}

/// In characters; a longer comment is refused.
const LONGEST_COMMENT: usize = 1_000;

async fn ask_cancel(shared: Sandbox, path: Path<(String, String)>) -> Said {
    let (token, id) = path.into_inner();
    enter(&shared, &token, |tx, visitor| {
        let subscription = subscription(tx, visitor, &id)?;
        allowed(visitor.features().can_cancel(tx, &subscription))?;
        page(&portal_steps::cancel(tx, visitor, &subscription, None, Field::default()))
    })
}

#[derive(Deserialize)]
struct Cancel {
    feedback: Option<Reason>,
    #[serde(default)]
    comment: String,
    #[serde(default)]
    submission: String,
}

async fn cancel(shared: Sandbox, path: Path<(String, String)>, PageForm(form): PageForm<Cancel>) -> Said {
    let (token, id) = path.into_inner();
    enter(&shared, &token, |tx, visitor| {
        let subscription = subscription(tx, visitor, &id)?;
        let features = visitor.features();
        let feature = &features.subscription_cancel;
        let feedback = form.feedback.filter(|reason| feature.offers(*reason));
        let comment = Some(form.comment.trim()).filter(|text| feature.asks_reason && !text.is_empty());
        if features.can_cancel(tx, &subscription)
            && comment.is_some_and(|text| text.chars().count() > LONGEST_COMMENT)
        {
            let error = format!("Your comment must have at most {LONGEST_COMMENT} characters.");
            let comment = Field::refused(&form.comment, error);
            return refused(&portal_steps::cancel(tx, visitor, &subscription, feedback, comment));
        }
        let reason = CancelReason { feedback, comment: comment.map(str::to_owned) };
        let location = once(tx, &format!("portal cancel {id}"), &form.submission, |tx| {
            allowed(features.can_cancel(tx, &subscription))?;
            feature.cancel(tx, &subscription, reason)?;
            Ok::<_, PageError>(after(visitor, Done::Canceled))
        })?;
        see_other(&location)
    })
}

async fn ask_change(shared: Sandbox, path: Path<(String, String)>) -> Said {
    let (token, id) = path.into_inner();
    enter(&shared, &token, |tx, visitor| {
        let subscription = subscription(tx, visitor, &id)?;
        allowed(visitor.features().can_change(tx, &subscription))?;
        page(&portal_steps::change(tx, visitor, &subscription))
    })
}

#[derive(Deserialize)]
struct Chosen {
    price: String,
    #[serde(default)]
    submission: String,
}

impl Chosen {
    /// A flow that has chosen a quantity too is what its confirmation is of.
    fn choice(&self, visitor: &Visitor, subscription: &Subscription) -> Choice {
        let quantity = match visitor.session.flow.as_ref().map(|flow| &flow.step) {
            Some(FlowStep::SubscriptionUpdateConfirm { subscription: of, price, quantity, .. })
                if *of == subscription.id && *price == self.price =>
            {
                *quantity
            }
            _ => None,
        };
        Choice { price: self.price.clone(), quantity }
    }
}

fn can_choose(tx: &Tx<'_>, visitor: &Visitor, subscription: &Subscription, choice: &Choice) -> bool {
    let features = visitor.features();
    features.can_change(tx, subscription)
        && features.subscription_update.allows_choice(tx, subscription, choice)
}

async fn ask_confirm(
    shared: Sandbox,
    path: Path<(String, String)>,
    PageQuery(chosen): PageQuery<Chosen>,
) -> Said {
    let (token, id) = path.into_inner();
    enter(&shared, &token, |tx, visitor| {
        let subscription = subscription(tx, visitor, &id)?;
        let choice = chosen.choice(visitor, &subscription);
        allowed(can_choose(tx, visitor, &subscription, &choice))?;
        page(&portal_steps::confirm(tx, visitor, &subscription, &choice, None)?)
    })
}

async fn change(shared: Sandbox, path: Path<(String, String)>, PageForm(chosen): PageForm<Chosen>) -> Said {
    let (token, id) = path.into_inner();
    enter(&shared, &token, |tx, visitor| {
        let subscription = subscription(tx, visitor, &id)?;
        let choice = chosen.choice(visitor, &subscription);
        let mut problem = None;
        let made = once(tx, &format!("portal change {id}"), &chosen.submission, |tx| {
            allowed(can_choose(tx, visitor, &subscription, &choice))?;
            let update = &visitor.features().subscription_update;
            let waits = update.waits(tx, &subscription, &choice);
            update.make(tx, &subscription, &choice).map_err(|error| {
                problem = Some(error.message.clone());
                PageError::from(error)
            })?;
            Ok::<_, PageError>(after(visitor, if waits { Done::ChangeAhead } else { Done::Changed }))
        });
        match (made, problem) {
            (Ok(location), _) => see_other(&location),
            (Err(_), Some(problem)) => {
                refused(&portal_steps::confirm(tx, visitor, &subscription, &choice, Some(problem))?)
            }
            (Err(error), None) => Err(error),
        }
    })
}

async fn undo_change(
    shared: Sandbox,
    path: Path<(String, String)>,
    PageForm(form): PageForm<Submitted>,
) -> Said {
    let (token, id) = path.into_inner();
    enter(&shared, &token, |tx, visitor| {
        let subscription = subscription(tx, visitor, &id)?;
        let location = once(tx, &format!("portal keep plan {id}"), &form.submission, |tx| {
            allowed(visitor.features().can_keep_plan(tx, &subscription))?;
            keep_plan(tx, &subscription);
            Ok::<_, PageError>(after(visitor, Done::PlanKept))
        })?;
        see_other(&location)
    })
}
