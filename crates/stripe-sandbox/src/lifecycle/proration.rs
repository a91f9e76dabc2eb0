//! What a change in the middle of a period costs, to the second.

use crate::{
    clock::Timestamp,
    currency,
    resources::{
        discounts::Discount,
        invoice_items::InvoiceItem,
        invoices::{Period, Pricing},
        prices::Price,
        products::Product,
        subscriptions::{Item, Subscription},
    },
    store::Tx,
    wire::Metadata,
};

/// Credits what is left of the items before the change, and charges what is left for those after it.
pub fn prorate(tx: &mut Tx<'_>, subscription: &Subscription, before: &[Item], after: &[Item], at: Timestamp) {
    let gone = before.iter().filter(|old| after.iter().all(|new| !same(old, new)));
    let gone: Vec<_> = gone.cloned().collect();
    let come: Vec<_> = after.iter().filter(|new| before.iter().all(|old| !same(old, new))).cloned().collect();
    for item in gone {
        pend(tx, subscription, &item, at, Direction::Credit);
    }
    for item in come {
        pend(tx, subscription, &item, at, Direction::Charge);
    }
}

fn same(a: &Item, b: &Item) -> bool {
    (&a.id, &a.price, a.quantity) == (&b.id, &b.price, b.quantity)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    Credit,
    Charge,
}

fn pend(tx: &mut Tx<'_>, subscription: &Subscription, item: &Item, at: Timestamp, direction: Direction) {
    let Some(price) = tx.find::<Price>(&item.price).cloned() else { return };
    let Period { start, end } = subscription.period;
    let at = at.clamp(start, end);
    let whole = discounted(tx, subscription, price.unit_amount.times(item.quantity, &price.currency), at);
    let part = currency::portion(whole, end - at, end - start, &price.currency);
    let name = tx.find::<Product>(&price.product).map_or_else(String::new, |product| product.name.clone());
    let many = if item.quantity == 1 { String::new() } else { format!("{} × ", item.quantity) };
    let day = chrono::DateTime::from_timestamp(at, 0)
        .map(|time| time.format("%d %b %Y").to_string())
        .unwrap_or_default();
    let (amount, what) = match direction {
        Direction::Credit => (-part, "Unused"),
        Direction::Charge => (part, "Remaining"),
    };
    let pending = InvoiceItem {
        id: tx.new_id("ii_"),
        created: tx.now(subscription.test_clock.as_deref()),
        customer: subscription.customer.clone(),
        currency: price.currency.clone(),
        amount,
        quantity: item.quantity,
        description: Some(format!("{what} time on {many}{name} after {day}")),
        is_discountable: false,
        is_proration: true,
        invoice: None,
        subscription: Some(subscription.id.clone()),
        subscription_item: Some(item.id.clone()),
        period: Period { start: at, end },
        pricing: Some(Pricing { price: price.id, product: price.product, unit_amount: price.unit_amount }),
        metadata: Metadata::new(),
        test_clock: subscription.test_clock.clone(),
    };
    tx.create(&pending, "invoiceitem.created");
}

/// A proration is of what was really paid, and takes no further discount.
fn discounted(tx: &Tx<'_>, subscription: &Subscription, amount: i64, at: Timestamp) -> i64 {
    let discounts = subscription.discounts.iter().filter_map(|id| tx.find::<Discount>(id));
    discounts
        .filter(|discount| discount.applies(at))
        .fold(amount, |left, discount| left - discount.coupon.off(left, &subscription.currency))
}
