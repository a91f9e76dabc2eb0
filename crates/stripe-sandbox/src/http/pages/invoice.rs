//! `/i`: the invoice as its customer sees and pays it.

use actix_web::{
    http::StatusCode,
    web::{self, Path, ServiceConfig},
};
use serde::Deserialize;

use super::{PageError, PageForm, PageQuery, Said, Sandbox, page, page_with, see_other, visit};
use crate::{
    lifecycle::collection::{self, Payer},
    pages::{
        card_entry::{Card, CardEntry},
        new_submission, once,
        present::invoice::{last_refusal, page as invoice_page},
        views::InvoicePayment,
    },
    resources::{
        authentication,
        cards::Behavior,
        customers::Customer,
        invoices::Invoice,
        payment_intents::{PaymentIntent, Status},
        payment_methods::PaymentMethod,
    },
    store::{Origin, Tx},
    wire::ApiError,
};

pub fn configure(config: &mut ServiceConfig) {
    let resource = web::resource("/i/{account}/{token}");
    config.service(resource.route(web::get().to(show)).route(web::post().to(pay)));
}

/// A draft has no page.
pub fn find(tx: &Tx<'_>, token: &str) -> Result<Invoice, PageError> {
    let mut all = tx.newest_first::<Invoice>();
    let found = all.find(|invoice| invoice.token == token && invoice.transitions.finalized_at.is_some());
    found.cloned().ok_or_else(|| PageError::not_found("invoice"))
}

fn path_of(tx: &Tx<'_>, invoice: &Invoice) -> String {
    format!("/i/{}/{}", tx.account(), invoice.token)
}

/// As the authentication page sends the browser back.
#[derive(Deserialize)]
struct Returned {
    redirect_status: Option<String>,
}

async fn show(
    shared: Sandbox,
    path: Path<(String, String)>,
    PageQuery(returned): PageQuery<Returned>,
) -> Said {
    let (account, token) = path.into_inner();
    visit(&shared, |world| {
        let tx = world.begin(&account, Origin::default());
        let invoice = find(&tx, &token)?;
        let has_failed = returned.redirect_status.as_deref() == Some("failed");
        let error = last_refusal(&tx, &invoice).filter(|_| has_failed);
        page(&invoice_page(&tx, &invoice, asked(error)))
    })
}

fn asked(error: Option<String>) -> InvoicePayment {
    InvoicePayment { error, ..InvoicePayment::new(new_submission()) }
}

#[derive(Deserialize)]
struct Payment {
    #[serde(flatten)]
    card: CardEntry,
    #[serde(default)]
    submission: String,
}

async fn pay(shared: Sandbox, path: Path<(String, String)>, PageForm(payment): PageForm<Payment>) -> Said {
    let (account, token) = path.into_inner();
    visit(&shared, |world| {
        let mut tx = world.begin(&account, Origin::default());
        let invoice = find(&tx, &token)?;
        let paid = once(&mut tx, &format!("pay {}", invoice.id), &payment.submission, |tx| {
            if !invoice.is_payable() {
                return Ok(path_of(tx, &invoice));
            }
            let card = payment.card.read(tx.now(invoice.test_clock.as_deref())).map_err(Refusal::Card)?;
            pay_with(tx, invoice.clone(), &card)
        });
        let refused = match paid {
            Ok(location) => {
                tx.commit();
                return see_other(&location);
            }
            Err(Refusal::Card(card)) => InvoicePayment { card: *card, ..asked(None) },
            Err(Refusal::Declined(error)) => {
                InvoicePayment { card: payment.card.form(), ..asked(Some(error)) }
            }
            Err(Refusal::Impossible(error)) => return Err(error.into()),
        };
        let view = invoice_page(&tx, &find(&tx, &token)?, refused);
        tx.commit();
        page_with(StatusCode::UNPROCESSABLE_ENTITY, &view)
    })
}

enum Refusal {
    /// Nothing was tried.
    Card(Box<crate::pages::views::CardForm>),
    /// It was tried, and what was tried stays to be seen.
    Declined(String),
    Impossible(ApiError),
}

/// Where the payer goes on to: back, or to their bank.
fn pay_with(tx: &mut Tx<'_>, invoice: Invoice, card: &Card) -> Result<String, Refusal> {
    let back = path_of(tx, &invoice);
    let method = kept(tx, &invoice, card).map_err(Refusal::Impossible)?;
    let invoice = collection::pay(tx, invoice, Some(method.id), Payer::Present);
    let intent = invoice.payment_intent.as_ref().and_then(|id| tx.find::<PaymentIntent>(id).cloned());
    match intent {
        Some(intent) if intent.status == Status::RequiresAction => {
            let authentication = authentication::path(tx, &intent.id);
            tx.put(PaymentIntent { return_url: Some(invoice.hosted_url(tx)), ..intent });
            Ok(authentication)
        }
        Some(intent) if intent.status == Status::Processing => Ok(back),
        _ if !invoice.is_payable() => Ok(back),
        _ => {
            let error = last_refusal(tx, &invoice);
            Err(Refusal::Declined(error.unwrap_or_else(|| "Your card was declined.".to_owned())))
        }
    }
}

/// The card as a payment method of the customer; one that will be declined is nobody's.
fn kept(tx: &mut Tx<'_>, invoice: &Invoice, card: &Card) -> Result<PaymentMethod, ApiError> {
    let method = card.payment_method(tx)?;
    let customer = tx.find::<Customer>(&invoice.customer).filter(|customer| !customer.is_deleted).cloned();
    match customer {
        Some(customer) if !matches!(method.behavior, Behavior::Declined(_)) => {
            PaymentMethod::attached(tx, &customer, "payment_method", &method.id)
        }
        _ => Ok(method),
    }
}
