//! Where a customer sees subscriptions, card and invoices.

use super::{
    date, invoice_status, merchant, payment_method_with_expiry, portal_customer, price, subscription_status,
};
use crate::{
    pages::{
        format_money, new_submission,
        views::{Address, Badge, Link, PortalInvoice, PortalPage, PortalSubscription, Tone, Undo},
    },
    resources::{
        customers::Customer,
        invoices::{Invoice, InvoiceStatus},
        payment_methods::PaymentMethod,
        portal::{BusinessProfile, Configuration, Features, Session},
        prices::Price,
        products::Product,
        schedules::Schedule,
        subscriptions::{Item, Status, Subscription},
    },
    store::Tx,
};

/// How many invoices are listed, the newest ones.
const LISTED_AT_MOST: usize = 50;

/// Who has come in by a link, and what they may do.
pub(crate) struct Visitor {
    pub(crate) session: Session,
    pub(crate) customer: Customer,
    pub(crate) configuration: Configuration,
}

impl Visitor {
    pub(crate) fn features(&self) -> &Features {
        &self.configuration.features
    }

    /// The path of the portal's first page.
    pub(crate) fn path(&self) -> String {
        format!("/p/session/{}", self.session.token())
    }
}

pub(crate) fn page(tx: &Tx<'_>, visitor: &Visitor, flash: Option<String>) -> PortalPage {
    let Visitor { session, customer, .. } = visitor;
    let features = visitor.features();
    let live = tx.of_owner::<Subscription>(&customer.id).filter(|it| it.status.is_live());
    let invoices = tx.of_owner::<Invoice>(&customer.id).filter(|_| features.invoice_history);
    let name = customer.email.as_ref().or(customer.name.as_ref()).unwrap_or(&customer.id);
    PortalPage {
        session: session.token(),
        merchant: merchant(tx),
        submission: new_submission(),
        customer: name.clone(),
        flash,
        subscriptions: live.map(|it| subscription(tx, features, it)).collect(),
        payment_method: cards(tx, customer),
        can_replace_card: features.payment_method_update,
        customer_facts: features.can_edit_customer().then(|| portal_customer::facts(customer)),
        shows_invoices: features.invoice_history,
        invoices: invoices.take(LISTED_AT_MOST).map(|it| invoice(tx, it)).collect(),
        return_url: session.return_url.as_deref().and_then(Address::of),
        headline: visitor.configuration.business_profile.headline.clone(),
        links: links(&visitor.configuration.business_profile),
    }
}

fn links(profile: &BusinessProfile) -> Vec<Link> {
    let link = |text: &str, href: &Option<String>| Some(Link { href: href.clone()?, text: text.to_owned() });
    let terms = link("Terms", &profile.terms_of_service_url);
    terms.into_iter().chain(link("Privacy", &profile.privacy_policy_url)).collect()
}

/// What the customer pays with, such as "Visa •••• 4242, expires 12 / 34". A subscription can have a card of its own,
/// as it has after Checkout; where there is more than one card, it is named. Where none pays, it is the newest one.
pub(crate) fn cards(tx: &Tx<'_>, customer: &Customer) -> Option<String> {
    let of_customer = customer.pays_with().map(|id| (id.clone(), None));
    let live = tx.of_owner::<Subscription>(&customer.id).filter(|it| it.status.is_live());
    let own = live.filter_map(|it| Some((it.default_payment_method.clone()?, Some(name(tx, it)))));
    let mut cards: Vec<(&PaymentMethod, Option<String>)> = Vec::new();
    for (id, subscription) in of_customer.into_iter().chain(own) {
        let method = tx.find::<PaymentMethod>(&id).filter(|method| !method.is_detached);
        if let Some(method) = method.filter(|method| cards.iter().all(|(known, _)| known.id != method.id)) {
            cards.push((method, subscription));
        }
    }
    if cards.is_empty() {
        cards.extend(tx.of_owner::<PaymentMethod>(&customer.id).next().map(|method| (method, None)));
    }
    let is_one = cards.len() == 1;
    let worded = |(method, subscription): (&PaymentMethod, Option<String>)| {
        let card = payment_method_with_expiry(method);
        subscription.filter(|_| !is_one).map_or(card.clone(), |name| format!("{card}, for {name}"))
    };
    let worded: Vec<_> = cards.into_iter().map(worded).collect();
    Some(worded.join("; ")).filter(|text| !text.is_empty())
}

fn subscription(tx: &Tx<'_>, features: &Features, subscription: &Subscription) -> PortalSubscription {
    let open = open_invoice(tx, subscription);
    let ends = subscription.cancels_at().is_some();
    PortalSubscription {
        id: subscription.id.clone(),
        name: name(tx, subscription),
        price: wording(tx, subscription),
        status: if ends {
            Badge::new("Cancels soon", Tone::Warning)
        } else {
            subscription_status(subscription.status)
        },
        sentence: sentence(tx, subscription, open),
        warning: open.map(|_| warning(subscription.status).to_owned()),
        pay: open.map(|invoice| Link {
            href: invoice.hosted_url(tx),
            text: format!("Pay {}", format_money(invoice.amount_remaining(), &invoice.currency)),
        }),
        can_change: features.can_change(tx, subscription),
        can_cancel: features.can_cancel(tx, subscription),
        undo: undo(tx, features, subscription),
    }
}

fn undo(tx: &Tx<'_>, features: &Features, subscription: &Subscription) -> Option<Undo> {
    if features.can_resume(tx, subscription) {
        return Some(Undo::Cancellation);
    }
    features.can_keep_plan(tx, subscription).then_some(Undo::PlanChange)
}

fn open_invoice<'a>(tx: &'a Tx<'_>, subscription: &Subscription) -> Option<&'a Invoice> {
    let of = tx.of_owner::<Invoice>(&subscription.customer);
    let mut open = of.filter(|invoice| invoice.is_open() && invoice.amount_remaining() > 0);
    open.find(|invoice| invoice.subscription.as_ref() == Some(&subscription.id))
}

fn warning(status: Status) -> &'static str {
    match status {
        Status::Incomplete => "The first payment is not complete. Pay the invoice to begin.",
        Status::PastDue | Status::Unpaid => "Your last payment failed. Replace your card or pay the invoice.",
        _ => "An invoice waits to be paid.",
    }
}

fn sentence(tx: &Tx<'_>, subscription: &Subscription, open: Option<&Invoice>) -> String {
    let end = date(subscription.period.end);
    if let Some(at) = subscription.cancels_at() {
        return format!("Cancels on {}. You can use it until then.", date(at));
    }
    if let Some(next) = Schedule::change_ahead(tx, subscription) {
        let plans = next.items.iter().map(|item| of_plan(tx, &item.price, item.quantity));
        return format!("Changes to {}, on {}.", plans.collect::<Vec<_>>().join(", "), date(next.start));
    }
    match subscription.status {
        Status::Trialing => format!("Your trial ends on {end}; then {}.", wording(tx, subscription)),
        Status::PastDue => match open.and_then(|invoice| invoice.next_payment_attempt) {
            Some(next) => format!("The next attempt is on {}.", date(next)),
            None => format!("The current period ends on {end}."),
        },
        Status::Paused => "It is paused.".to_owned(),
        Status::Incomplete => "It has not begun.".to_owned(),
        Status::Unpaid => "It goes on when its invoices are paid.".to_owned(),
        Status::Active | Status::Canceled | Status::IncompleteExpired => format!("Renews on {end}."),
    }
}

/// Its products, such as "Pro".
pub(crate) fn name(tx: &Tx<'_>, subscription: &Subscription) -> String {
    let names = subscription.items.iter().map(|item| product_name(tx, &item.price));
    names.collect::<Vec<_>>().join(", ")
}

/// The name of what a price is of.
pub(crate) fn product_name(tx: &Tx<'_>, price: &str) -> String {
    let product = tx.find::<Price>(price).and_then(|price| tx.find::<Product>(&price.product));
    product.map_or_else(|| "Subscription".to_owned(), |product| product.name.clone())
}

/// What it costs, such as "$20.00 per month" or "2 × $20.00 per month".
fn wording(tx: &Tx<'_>, subscription: &Subscription) -> String {
    let of_item = |item: &Item| of_quantity(tx, &item.price, item.quantity);
    subscription.items.iter().map(of_item).collect::<Vec<_>>().join(", ")
}

pub(crate) fn of_quantity(tx: &Tx<'_>, id: &str, quantity: u64) -> String {
    let one = tx.find::<Price>(id).map(price).unwrap_or_default();
    if quantity == 1 { one } else { format!("{quantity} × {one}") }
}

/// Such as "Pro, $20.00 per month".
pub(crate) fn of_plan(tx: &Tx<'_>, price: &str, quantity: u64) -> String {
    format!("{}, {}", product_name(tx, price), of_quantity(tx, price, quantity))
}

fn invoice(tx: &Tx<'_>, invoice: &Invoice) -> PortalInvoice {
    let url = Some(invoice.hosted_url(tx)).filter(|_| invoice.status != InvoiceStatus::Draft);
    PortalInvoice {
        number: invoice.number.clone().unwrap_or_else(|| "Draft".to_owned()),
        date: date(invoice.created),
        amount: format_money(invoice.total(), &invoice.currency),
        status: invoice_status(invoice.status),
        pdf_url: url.as_ref().map(|url| format!("{url}/pdf")),
        hosted_url: url,
    }
}
