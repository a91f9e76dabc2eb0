//! A checkout as its customer sees it.

use super::{date, interval, merchant, off, unit_price};
use crate::{
    clock::{DAY, Timestamp},
    lifecycle::periods::next_end,
    pages::{
        format_money, new_submission,
        views::{
            Address, AmountRow, CardForm, CheckoutCompletePage, CheckoutExpiredPage, CheckoutLine,
            CheckoutPage, Email, Field, Promotion,
        },
    },
    resources::{
        checkout::{LineItem, Mode, Order, Session, SubmitType},
        coupons::{Coupon, Duration},
        products::Product,
        promotion_codes::PromotionCode,
    },
    store::Tx,
};

/// What was typed, and what is wrong with it.
#[derive(Default)]
pub(crate) struct Filled {
    pub(crate) email: Field,
    pub(crate) card: CardForm,
    pub(crate) promotion: Field,
    /// About the payment as a whole.
    pub(crate) error: Option<String>,
}

/// Where the shop takes over again.
pub(crate) fn success_address(session: &Session) -> String {
    session.success_url.replace("{CHECKOUT_SESSION_ID}", &session.id)
}

pub(crate) fn complete_page(tx: &Tx<'_>, session: &Session) -> CheckoutCompletePage {
    CheckoutCompletePage { merchant: merchant(tx), success_url: Address::of(&success_address(session)) }
}

pub(crate) fn expired_page(tx: &Tx<'_>, session: &Session) -> CheckoutExpiredPage {
    CheckoutExpiredPage {
        merchant: merchant(tx),
        cancel_url: session.cancel_url.as_deref().and_then(Address::of),
    }
}

pub(crate) fn open_page(tx: &Tx<'_>, session: &Session, filled: Filled) -> CheckoutPage {
    let known = session.known_details(tx).and_then(|details| details.email);
    let (now, later) = (session.sums(), session.sums_of_whole_period());
    let money = |amount| amount_of(session, amount);
    CheckoutPage {
        session: session.id.clone(),
        merchant: merchant(tx),
        title: title(tx, session),
        price: price(tx, session),
        price_note: note(tx, session),
        lines: session.lines.iter().map(|it| line(tx, session, it)).collect(),
        subtotal: money(later.subtotal),
        discounts: reductions(tx, session, later.discount, later.total - now.total),
        total_due_today: (session.mode() != Mode::Setup).then(|| money(now.total)),
        promotion: promotion(tx, session, filled.promotion),
        email: known.map_or(Email::Ask(filled.email), Email::Known),
        card: session.needs_payment_method().then_some(filled.card),
        error: filled.error.or_else(|| session.refusal.clone()),
        submission: new_submission(),
        expected_amount: now.total.to_string(),
        submit: match session.mode() {
            Mode::Setup => "Save card".to_owned(),
            Mode::Payment => pay(session, &money(now.total)),
            Mode::Subscription if session.has_trial() => "Start trial".to_owned(),
            Mode::Subscription => "Subscribe".to_owned(),
        },
        cancel_url: session.cancel_url.as_deref().and_then(Address::of),
    }
}

/// There is no currency, and no amount, where only a card is left.
fn amount_of(session: &Session, amount: i64) -> String {
    session.currency.as_ref().map_or_else(String::new, |currency| format_money(amount, currency))
}

/// The button of a payment, as the shop words it.
fn pay(session: &Session, amount: &str) -> String {
    match session.settings.submit_type {
        Some(SubmitType::Book) => "Book".to_owned(),
        Some(SubmitType::Donate) => format!("Donate {amount}"),
        Some(SubmitType::Subscribe) => "Subscribe".to_owned(),
        Some(SubmitType::Auto | SubmitType::Pay) | None => format!("Pay {amount}"),
    }
}

fn title(tx: &Tx<'_>, session: &Session) -> String {
    match session.mode() {
        Mode::Setup => format!("Save a card with {}", merchant(tx)),
        Mode::Payment => format!("Pay {}", merchant(tx)),
        Mode::Subscription => {
            let names: Vec<_> = session.lines.iter().map(|line| line.name.as_str()).collect();
            let begins = if session.has_trial() { "Try" } else { "Subscribe to" };
            format!("{begins} {}", together(&names))
        }
    }
}

/// Such as "Pro, Seats and Storage".
fn together(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [name] => (*name).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

fn price(tx: &Tx<'_>, session: &Session) -> Option<String> {
    let today = session.sums().total;
    let renews_alike = || renewal(tx, session).is_none_or(|(_, amount)| amount == today);
    Some(match trial_days(session) {
        _ if session.mode() == Mode::Setup => return None,
        Some(1) => "1 day free".to_owned(),
        Some(days) => format!("{days} days free"),
        None if session.anchor().is_none() && renews_alike() => recurring(session, today),
        None => format!("{} today", amount_of(session, today)),
    })
}

/// When the first whole period after what is due today begins, and what it costs.
fn renewal(tx: &Tx<'_>, session: &Session) -> Option<(Timestamp, i64)> {
    let every = session.lines.iter().find_map(|line| line.recurring)?;
    let now = tx.now(session.test_clock.as_deref());
    let starts = whole_from(tx, session).unwrap_or_else(|| next_end(now, every, now));
    Some((starts, session.sums_of_renewal(now, starts).total))
}

/// What is paid after today, where that is another amount or begins on another day.
fn note(tx: &Tx<'_>, session: &Session) -> Option<String> {
    if session.mode() == Mode::Setup {
        return Some("Your card is saved for later, and not charged today.".to_owned());
    }
    let (_, renews) = renewal(tx, session)?;
    let next = match whole_from(tx, session) {
        Some(starts) => Some(format!("{} starting {}", recurring(session, renews), date(starts))),
        None => (renews != session.sums().total).then(|| recurring(session, renews)),
    };
    let in_the_end = session.sums_in_the_end().total;
    let later =
        (in_the_end != renews).then(|| format!("{} after the discount ends", recurring(session, in_the_end)));
    let then: Vec<_> = next.into_iter().chain(later).collect();
    (!then.is_empty()).then(|| format!("Then {}", then.join(", and ")))
}

/// An amount and how often it is paid, if it is paid again.
fn recurring(session: &Session, amount: i64) -> String {
    let amount = amount_of(session, amount);
    let recurring = session.lines.iter().find_map(|line| line.recurring);
    recurring.map_or_else(|| amount.clone(), |recurring| format!("{amount} {}", interval(recurring)))
}

fn trial_days(session: &Session) -> Option<i64> {
    let Order::Subscription(data) = &session.order else { return None };
    let until = data.trial_end.map(|end| (end - session.created + DAY - 1) / DAY);
    data.trial_period_days.map(i64::from).or(until).filter(|days| *days > 0)
}

/// When the first whole period begins, if that is not now.
fn whole_from(tx: &Tx<'_>, session: &Session) -> Option<Timestamp> {
    let after_trial =
        |days: i64| tx.now(session.test_clock.as_deref()).saturating_add(days.saturating_mul(DAY));
    trial_days(session).map(after_trial).or(session.anchor())
}

fn line(tx: &Tx<'_>, session: &Session, line: &LineItem) -> CheckoutLine {
    let each = || format!("Qty {}, {} each", line.quantity, unit_price(line.unit_amount, session.currency()));
    CheckoutLine {
        name: line.name.clone(),
        description: tx.find::<Product>(&line.product).and_then(|product| product.description.clone()),
        quantity: (line.quantity != 1).then(each),
        amount: amount_of(session, line.amount),
        interval: line.recurring.map(interval),
    }
}

fn reductions(tx: &Tx<'_>, session: &Session, discount: i64, free: i64) -> Vec<AmountRow> {
    let row = |label: String, amount: i64| AmountRow { label, amount: amount_of(session, -amount) };
    let given = session.discount.as_ref().map(|reduction| {
        let code = code_of(tx, session).unwrap_or_else(|| name(&reduction.coupon));
        row(format!("{code} ({})", off(&reduction.coupon.off)), discount)
    });
    let trial = session.has_trial().then(|| row("Free trial".to_owned(), free));
    let part = session.anchor().map(|anchor| row(format!("Only until {}", date(anchor)), free));
    given.into_iter().chain(trial).chain(part).collect()
}

fn name(coupon: &Coupon) -> String {
    coupon.name.clone().unwrap_or_else(|| coupon.id.clone())
}

fn code_of(tx: &Tx<'_>, session: &Session) -> Option<String> {
    let id = session.discount.as_ref()?.promotion_code.as_ref()?;
    tx.find::<PromotionCode>(id).map(|code| code.code.clone())
}

/// A code can be typed where the session allows it, and taken back where one was.
fn promotion(tx: &Tx<'_>, session: &Session, typed: Field) -> Promotion {
    if session.allow_promotion_codes != Some(true) {
        return Promotion::NotAllowed;
    }
    match (code_of(tx, session), &session.discount) {
        (Some(code), Some(reduction)) => Promotion::Applied { code, terms: terms(&reduction.coupon) },
        _ => Promotion::Enter(typed),
    }
}

/// Such as "20% off for 3 months".
fn terms(coupon: &Coupon) -> String {
    let lasts = match (coupon.duration, coupon.duration_in_months) {
        (Duration::Forever, _) => String::new(),
        (Duration::Repeating, Some(months)) if months != 1 => format!(" for {months} months"),
        (Duration::Repeating, _) => " for 1 month".to_owned(),
        (Duration::Once, _) => " once".to_owned(),
    };
    format!("{}{lasts}", off(&coupon.off))
}

#[cfg(test)]
mod tests {
    use super::together;

    #[test]
    fn names_are_put_together_as_people_say_them() {
        assert_eq!(together(&["Pro"]), "Pro");
        assert_eq!(together(&["Pro", "Seats"]), "Pro and Seats");
        assert_eq!(together(&["Pro", "Seats", "Storage"]), "Pro, Seats and Storage");
    }
}
