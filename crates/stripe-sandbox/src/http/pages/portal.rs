//! `/p/session/{session}`: a customer's own billing.

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{self, Path, ServiceConfig},
};
use serde::{Deserialize, Serialize};

use super::{PageError, PageForm, PageQuery, Said, Sandbox, page, page_with, see_other, visit};
use crate::{
    pages::{
        once,
        present::{
            merchant,
            portal::{self, Visitor},
        },
        views::{Link, NoticePage},
    },
    resources::{
        customers::Customer,
        portal::{AfterCompletion, Configuration, Flow, FlowStep, Session, resume},
        subscriptions::Subscription,
    },
    store::{Kind, Origin, Tx},
    wire::ApiError,
};

pub fn configure(config: &mut ServiceConfig) {
    config
        .route("/p/session/{session}", web::get().to(home))
        .route("/p/session/{session}/subscriptions/{subscription}/resume", web::post().to(undo_cancel));
}

/// What the request before this one did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Done {
    Canceled,
    CardReplaced,
    ChangeAhead,
    Changed,
    CustomerUpdated,
    Nothing,
    PlanKept,
    Resumed,
}

impl Done {
    fn name(self) -> &'static str {
        match self {
            Self::Canceled => "canceled",
            Self::CardReplaced => "card_replaced",
            Self::ChangeAhead => "change_ahead",
            Self::Changed => "changed",
            Self::CustomerUpdated => "customer_updated",
            Self::Nothing => "nothing",
            Self::PlanKept => "plan_kept",
            Self::Resumed => "resumed",
        }
    }

    fn words(self) -> Option<&'static str> {
        match self {
            Self::Canceled => Some("Your subscription was canceled."),
            Self::CardReplaced => Some("Your card was saved."),
            Self::ChangeAhead => Some("Your plan will change when the period ends."),
            Self::Changed => Some("Your plan was changed."),
            Self::CustomerUpdated => Some("Your billing information was saved."),
            Self::Nothing => None,
            Self::PlanKept => Some("Your plan stays as it is."),
            Self::Resumed => Some("Your subscription goes on."),
        }
    }

    fn is_of(self, step: &FlowStep) -> bool {
        match step {
            FlowStep::CustomerUpdate => self == Self::CustomerUpdated,
            FlowStep::PaymentMethodUpdate => self == Self::CardReplaced,
            FlowStep::SubscriptionCancel { .. } => self == Self::Canceled,
            FlowStep::SubscriptionUpdate { .. } | FlowStep::SubscriptionUpdateConfirm { .. } => {
                matches!(self, Self::ChangeAhead | Self::Changed)
            }
        }
    }
}

/// Lets in who holds the link, and does what they ask for: all of it, or nothing.
pub fn enter(shared: &Sandbox, token: &str, act: impl FnOnce(&mut Tx<'_>, &Visitor) -> Said) -> Said {
    let none = || PageError::not_found("session");
    visit(shared, |world| {
        let id = Session::id_of(token).ok_or_else(none)?;
        let account = world.account_of(Kind::PortalSession, id).ok_or_else(none)?;
        let mut tx = world.begin(&account, Origin::default());
        let session = tx.find::<Session>(id).filter(|it| it.token() == token).cloned().ok_or_else(none)?;
        if session.has_ended(tx.now(None)) {
            return ended(&tx, session);
        }
        let customer = Customer::at(&tx, &session.customer)?;
        let configuration = tx.get::<Configuration>(&session.configuration)?;
        let said = act(&mut tx, &Visitor { session, customer, configuration })?;
        tx.commit();
        Ok(said)
    })
}

fn ended(tx: &Tx<'_>, session: Session) -> Said {
    let back = |href| Link { href, text: format!("Return to {}", merchant(tx)) };
    let view = NoticePage {
        heading: "This session has ended".to_owned(),
        text: "Go back to where you came from and open your billing again.".to_owned(),
        link: session.return_url.map(back),
    };
    page_with(StatusCode::GONE, &view)
}

/// The visitor's own subscription; another customer's is not there.
pub fn subscription(tx: &Tx<'_>, visitor: &Visitor, id: &str) -> Result<Subscription, PageError> {
    let found = tx.find::<Subscription>(id).filter(|it| it.customer == visitor.customer.id);
    found.cloned().ok_or_else(|| PageError::not_found("subscription"))
}

/// # Errors
///
/// What the shop does not let customers do, or cannot be done to this subscription.
pub fn allowed(is_allowed: bool) -> Result<(), PageError> {
    if is_allowed { Ok(()) } else { Err(ApiError::forbidden("It is not possible, or not any more.").into()) }
}

/// Where the browser goes when something is done.
pub fn after(visitor: &Visitor, done: Done) -> String {
    if let Some(Flow { step, after_completion: AfterCompletion::Redirect { return_url } }) =
        &visitor.session.flow
        && done.is_of(step)
    {
        return return_url.clone();
    }
    format!("{}?done={}", visitor.path(), done.name())
}

#[derive(Deserialize)]
struct Query {
    done: Option<Done>,
}

async fn home(shared: Sandbox, token: Path<String>, PageQuery(query): PageQuery<Query>) -> Said {
    enter(&shared, &token, |tx, visitor| match (query.done, &visitor.session.flow) {
        (None, Some(flow)) => match step_of(tx, visitor, flow) {
            Some(step) => see_other(&format!("{}/{step}", visitor.path())),
            None => page(&portal::page(tx, visitor, None)),
        },
        (Some(done), Some(flow)) if done.is_of(&flow.step) => completed(tx, visitor, flow, done),
        (done, _) => said(tx, visitor, done),
    })
}

fn said(tx: &Tx<'_>, visitor: &Visitor, done: Option<Done>) -> Said {
    page(&portal::page(tx, visitor, done.and_then(Done::words).map(str::to_owned)))
}

fn completed(tx: &Tx<'_>, visitor: &Visitor, flow: &Flow, done: Done) -> Said {
    let AfterCompletion::HostedConfirmation { message } = &flow.after_completion else {
        return said(tx, visitor, Some(done));
    };
    let back = |href| Link { href, text: format!("Return to {}", merchant(tx)) };
    page(&NoticePage {
        heading: done.words().unwrap_or_default().to_owned(),
        text: message.clone().unwrap_or_else(|| "You can close this page.".to_owned()),
        link: visitor.session.return_url.clone().map(back),
    })
}

/// The page of the flow's step, as long as the step can be taken.
fn step_of(tx: &Tx<'_>, visitor: &Visitor, flow: &Flow) -> Option<String> {
    let features = visitor.features();
    let of = |id: &str, step: &str, can: &dyn Fn(&Subscription) -> bool| {
        let subscription = subscription(tx, visitor, id).ok()?;
        can(&subscription).then(|| format!("subscriptions/{id}/{step}"))
    };
    let can_change = |subscription: &Subscription| features.can_change(tx, subscription);
    match &flow.step {
        FlowStep::CustomerUpdate => features.can_edit_customer().then(|| "customer".to_owned()),
        FlowStep::PaymentMethodUpdate => features.payment_method_update.then(|| "payment_method".to_owned()),
        FlowStep::SubscriptionCancel { subscription } => {
            of(subscription, "cancel", &|subscription| features.can_cancel(tx, subscription))
        }
        FlowStep::SubscriptionUpdate { subscription } => of(subscription, "change", &can_change),
        FlowStep::SubscriptionUpdateConfirm { subscription, price, .. } => {
            let path = "change/confirm?".to_owned();
            let start = path.len();
            let mut step = form_urlencoded::Serializer::for_suffix(path, start);
            let step = step.append_pair("price", price).finish();
            of(subscription, &step, &can_change)
        }
    }
}

#[derive(Deserialize)]
pub struct Submitted {
    #[serde(default)]
    pub submission: String,
}

async fn undo_cancel(
    shared: Sandbox,
    path: Path<(String, String)>,
    PageForm(form): PageForm<Submitted>,
) -> Said {
    let (token, id) = path.into_inner();
    enter(&shared, &token, |tx, visitor| {
        let subscription = subscription(tx, visitor, &id)?;
        let location = once(tx, &format!("portal resume {id}"), &form.submission, |tx| {
            allowed(visitor.features().can_resume(tx, &subscription))?;
            resume(tx, &subscription)?;
            Ok::<_, PageError>(after(visitor, Done::Resumed))
        })?;
        see_other(&location)
    })
}

/// What is shown again with its error, and answered as not accepted.
pub fn refused(view: &impl askama::Template) -> Result<HttpResponse, PageError> {
    page_with(StatusCode::UNPROCESSABLE_ENTITY, view)
}
