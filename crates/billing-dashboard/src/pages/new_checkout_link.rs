use actix_web::http::StatusCode;
use billing_application::CreateCheckoutLink;
use billing_domain::{App, Payer, PayerKind, PlanOffer, Price, PriceId, ReturnUrl};

use super::checkout_link;
use super::plan::{offer, path};
use crate::views::{CheckoutLinkForm, Choice, Field, FormError, FormState, NewCheckoutLinkPage, Place};
use crate::web::{Fields, Flash, Reply, Submission, Visit, parsed, redirect, rendered};

pub(crate) async fn show(visit: Visit) -> Reply {
    let app = visit.app().await?;
    let offer = offer(&visit, &app).await?;
    if !offer.is_editable() || sellable(&offer).next().is_none() {
        return Ok(redirect(&path(&app, offer.plan.id)));
    }
    let form = CheckoutLinkForm {
        quantity: Field::new("1"),
        ..CheckoutLinkForm::typed(&Fields::default(), visit.creating())
    };
    page(&visit, StatusCode::OK, &app, &offer, form)
}

pub(crate) async fn take(submission: Submission) -> Reply {
    let administrator = submission.administrator()?;
    let (visit, fields) = (&submission.visit, &submission.fields);
    let app = visit.app().await?;
    let offer = offer(visit, &app).await?;
    let mut errors = Vec::new();
    let Some(request) = read(fields, &app, &offer, &mut errors) else {
        let form = CheckoutLinkForm::typed(fields, submission.again(errors));
        return page(visit, StatusCode::BAD_REQUEST, &app, &offer, form);
    };
    let key = submission.request_key();
    let created = visit.call(administrator, |executor, by| async move {
        executor.create_checkout_link(&by, &request, key.as_ref()).await
    });
    match created.await? {
        Ok(link) => visit.done(Flash::CheckoutLinkReady, &checkout_link::path(&app, link.id)),
        Err(refused) => {
            let (status, state) = submission.refused(refused)?;
            page(visit, status, &app, &offer, CheckoutLinkForm::typed(fields, state))
        }
    }
}

impl CheckoutLinkForm {
    /// The form as submitted.
    fn typed(fields: &Fields, state: FormState) -> Self {
        let [success_url, cancel_url] = ["success_url", "cancel_url"].map(|name| fields.typed(name));
        Self {
            state,
            payer: fields.typed("payer"),
            price: fields.typed("price"),
            quantity: fields.typed("quantity"),
            is_advanced_open: !success_url.value.is_empty() || !cancel_url.value.is_empty(),
            success_url,
            cancel_url,
        }
    }
}

/// The prices that are offered and that Stripe can charge.
fn sellable(offer: &PlanOffer) -> impl Iterator<Item = &Price> {
    offer.offered_prices().filter(|price| price.terms.check_sellable().is_ok())
}

fn read(
    fields: &Fields,
    app: &App,
    offer: &PlanOffer,
    errors: &mut Vec<FormError>,
) -> Option<CreateCheckoutLink> {
    let payer = parsed(payer(fields.text("payer"), offer.plan.payer_kind), "payer", errors);
    let chosen = fields.text("price").parse::<PriceId>().ok();
    let price = sellable(offer).find(|price| Some(price.id) == chosen);
    let price = parsed(price.ok_or("Choose a price that is offered now."), "price", errors);
    let seats = format!("Enter a number of seats from 1 to {}.", CreateCheckoutLink::MOST_SEATS);
    let quantity = parsed(fields.text("quantity").trim().parse().map_err(|_| seats), "quantity", errors);
    let success_url = fields.parse_optional::<ReturnUrl>("success_url", errors);
    let cancel_url = fields.parse_optional::<ReturnUrl>("cancel_url", errors);
    if !errors.is_empty() {
        return None;
    }
    let terms = price?.terms;
    Some(CreateCheckoutLink {
        app_id: app.id.clone(),
        environment_id: None,
        payer: payer?,
        plan: offer.plan.key.clone(),
        interval: terms.interval(),
        currency: Some(terms.amount().currency()),
        quantity: quantity?,
        success_url,
        cancel_url,
    })
}

fn payer(typed: &str, kind: PayerKind) -> Result<Payer, String> {
    let noun = match kind {
        PayerKind::User => "a user",
        PayerKind::Organization => "an organization",
    };
    let payer = Payer::parse(kind, typed.trim());
    payer.map_err(|invalid| format!("Enter the id of {noun}: {}.", invalid.rule.replace('`', "")))
}

fn page(visit: &Visit, status: StatusCode, app: &App, offer: &PlanOffer, form: CheckoutLinkForm) -> Reply {
    let page = NewCheckoutLinkPage {
        layout: visit.app_layout(app, Place::Billing)?,
        path: path(app, offer.plan.id),
        plan_name: offer.plan.details.name.to_string(),
        payer_label: match offer.plan.payer_kind {
            PayerKind::User => "User id",
            PayerKind::Organization => "Organization id",
        },
        prices: sellable(offer)
            .map(|price| Choice::new(price.id.to_string(), price.terms.to_string()))
            .collect(),
        form,
    };
    rendered(status, &page)
}

#[cfg(test)]
mod tests {
    use billing_domain::{OrganizationId, UserId};

    use super::*;

    #[test]
    fn the_payer_is_of_the_kind_of_the_plan() {
        assert_eq!(payer(" u1 ", PayerKind::User), Ok(Payer::User(UserId::parse("u1").unwrap())));
        let organization = OrganizationId::parse("o1").map(Payer::Organization).unwrap();
        assert_eq!(payer("o1", PayerKind::Organization), Ok(organization));
        let refused = payer("a b", PayerKind::Organization).unwrap_err();
        assert_eq!(refused, "Enter the id of an organization: 1 to 128 letters, digits, _ or -.");
    }
}
