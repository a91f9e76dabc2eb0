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
    },
    resources::{
        portal::{Choice, FlowStep},
        subscriptions::Subscription,
    },
};

pub fn configure(config: &mut ServiceConfig) {
    let of =
        |step: &str| web::resource(format!("/p/session/{{session}}/subscriptions/{{subscription}}/{step}"));
    config
        .service(of("cancel").route(web::get().to(ask_cancel)).route(web::post().to(cancel)))
        .service(of("change").route(web::get().to(ask_change)).route(web::post().to(change)))
        .service(of("change/confirm").route(web::get().to(ask_confirm)));
}

async fn ask_cancel(shared: Sandbox, path: Path<(String, String)>) -> Said {
    let (token, id) = path.into_inner();
    enter(&shared, &token, |tx, visitor| {
        let subscription = subscription(tx, visitor, &id)?;
        allowed(visitor.features().can_cancel(&subscription))?;
        page(&portal_steps::cancel(tx, visitor, &subscription, None))
    })
}

async fn cancel(shared: Sandbox, path: Path<(String, String)>, PageForm(form): PageForm<Submitted>) -> Said {
    let (token, id) = path.into_inner();
    enter(&shared, &token, |tx, visitor| {
        let subscription = subscription(tx, visitor, &id)?;
        let location = once(tx, &format!("portal cancel {id}"), &form.submission, |tx| {
            allowed(visitor.features().can_cancel(&subscription))?;
            visitor.features().subscription_cancel.cancel(tx, subscription)?;
            Ok::<_, PageError>(after(visitor, Done::Canceled))
        })?;
        see_other(&location)
    })
}

async fn ask_change(shared: Sandbox, path: Path<(String, String)>) -> Said {
    let (token, id) = path.into_inner();
    enter(&shared, &token, |tx, visitor| {
        let subscription = subscription(tx, visitor, &id)?;
        allowed(visitor.features().can_change(&subscription))?;
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

fn can_choose(visitor: &Visitor, subscription: &Subscription, choice: &Choice) -> bool {
    let features = visitor.features();
    features.can_change(subscription) && features.subscription_update.allows_choice(subscription, choice)
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
        allowed(can_choose(visitor, &subscription, &choice))?;
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
            allowed(can_choose(visitor, &subscription, &choice))?;
            let update = &visitor.features().subscription_update;
            update.make(tx, &subscription, &choice).map_err(|error| {
                problem = Some(error.message.clone());
                PageError::from(error)
            })?;
            Ok::<_, PageError>(after(visitor, Done::Changed))
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
