use actix_web::http::StatusCode;
use billing_application::{EnableBilling, EnableWish, GatewayOption};
use billing_domain::{Gateway, UnknownGateway};

use crate::present;
use crate::views::{FormState, GatewayChoice, GatewayForm, GatewayPage, GatewayQuestion, Layout};
use crate::web::{Flash, Reply, Submission, Visit, parsed, rendered};

/// The choice of a gateway with the chosen one.
pub(super) async fn page(
    visit: &Visit,
    status: StatusCode,
    (layout, asked): (Layout, GatewayQuestion),
    state: FormState,
    chosen: &str,
) -> Reply {
    let options = visit.read(|reads, session| async move { reads.gateways(&session).await }).await?;
    let sandbox = visit.dashboard.settings.sandbox.clone();
    let options = options.iter().map(choice).collect();
    let form = GatewayForm { state, chosen: chosen.to_owned(), options, sandbox };
    rendered(status, &GatewayPage { layout, asked, form })
}

/// Enables billing with the submitted gateway, or switches to it.
pub(super) async fn take(
    submission: &Submission,
    question: (Layout, GatewayQuestion),
    wish: EnableWish,
    (flash, done): (Flash, &str),
) -> Reply {
    let administrator = submission.administrator()?;
    let (visit, typed) = (&submission.visit, submission.fields.text("gateway"));
    let mut errors = Vec::new();
    let chosen = typed.parse().map_err(|_: UnknownGateway| "Choose a gateway.");
    let Some(gateway) = parsed(chosen, "gateway", &mut errors) else {
        return page(visit, StatusCode::BAD_REQUEST, question, submission.again(errors), typed).await;
    };
    match visit.change(administrator, EnableBilling { gateway, wish }).await? {
        Ok(_) => visit.done(flash, done),
        Err(refused) => {
            let (status, state) = submission.refused(refused)?;
            page(visit, status, question, state, typed).await
        }
    }
}

fn choice(option: &GatewayOption) -> GatewayChoice {
    let (is_built, text) = match option.gateway {
        Gateway::Managed => (true, "Test money only, nothing to set up. For development and demos."),
        Gateway::StripeConnect => {
            (false, "You sign in to Stripe and link your account. Payouts go to your bank account.")
        }
        Gateway::StripePlatform => {
            (true, "For single-tenant deployments with a Stripe secret key of their own.")
        }
    };
    let lacking = option.unavailable_because.as_deref().map(|reason| format!(" {reason}"));
    let is_available = is_built && lacking.is_none();
    GatewayChoice {
        value: option.gateway.as_str(),
        name: present::gateway(option.gateway),
        is_available,
        badge: match (option.in_use, is_available, is_built) {
            (true, ..) => "In use",
            (false, true, _) => "Ready",
            (false, false, true) => "Not configured",
            (false, false, false) => "Not available yet",
        },
        text: format!("{text}{}", lacking.filter(|_| is_built).unwrap_or_default()),
    }
}
