use billing_domain::{
    CheckoutIntentId, Currency, Money, Payer, StripeSubscriptionId, SubscriptionId, SubscriptionStatus,
    UserId,
};

use super::*;

fn row_of(blocker: &Blocker, found: Found) -> BlockerRow {
    row(blocker, found, &[], |kind, account, id| format!("{kind:?}/{}/{id}", optional(account)))
}

/// The address of the page of the row, and the way to end it.
fn told(blocker: &Blocker) -> [String; 3] {
    let BlockerRow { address, action, .. } = row_of(blocker, Found::default());
    [address, action.label.to_owned(), action.address]
}

fn renews(at: &str) -> Milestone {
    Milestone { label: "Renews", at: moment(at.parse().unwrap()) }
}

fn subscription() -> Blocker {
    Blocker::Subscription {
        id: SubscriptionId::from_uuid(1),
        stripe_id: StripeSubscriptionId::parse("sub_1").unwrap(),
        app_id: AppId::parse("app_1").unwrap(),
        payer: Payer::User(UserId::parse("u1").unwrap()),
        status: SubscriptionStatus::Active,
    }
}

fn checkout(state: CheckoutIntentState) -> Blocker {
    Blocker::CheckoutIntent {
        id: CheckoutIntentId::from_uuid(2),
        app_id: AppId::parse("app_1").unwrap(),
        payer: Payer::User(UserId::parse("u1").unwrap()),
        state,
        expires_at: "2026-11-29T12:04:00Z".parse().unwrap(),
    }
}

fn at_gateway(kind: ChargeableKind, customer: Option<&str>) -> Blocker {
    Blocker::AtGateway(ChargeableObject {
        kind,
        id: StripeId::parse("x_1").unwrap(),
        account: GatewayAccountId::parse("acct_1").unwrap(),
        customer: customer.map(|id| StripeId::parse(id).unwrap()),
        status: None,
        amount: Some(Money::new(3_600, Currency::parse("USD").unwrap())),
        due_at: (kind == ChargeableKind::Invoice).then(|| "2026-12-02T08:31:00Z".parse().unwrap()),
    })
}

#[test]
fn what_we_sold_is_ended_on_our_pages() {
    let path = format!("/app/app_1/billing/subscriptions/{}", SubscriptionId::from_uuid(1));
    let expected = [path.clone(), "Cancel now".to_owned(), format!("{path}/cancel-now")];
    assert_eq!(told(&subscription()), expected);
    let path = format!("/app/app_1/billing/checkout-links/{}", CheckoutIntentId::from_uuid(2));
    for state in [CheckoutIntentState::Open, CheckoutIntentState::Unresolved] {
        let expected = [path.clone(), "End link".to_owned(), format!("{path}/end")];
        assert_eq!(told(&checkout(state)), expected);
    }
}

#[test]
fn a_paid_checkout_is_looked_at_again() {
    let path = format!("/app/app_1/billing/checkout-links/{}", CheckoutIntentId::from_uuid(2));
    let expected = [path, "Check again".to_owned(), "/settings/billing/disable".to_owned()];
    assert_eq!(told(&checkout(CheckoutIntentState::Complete)), expected);
}

#[test]
fn the_workspaces_own_subscription_is_ended_at_stripe() {
    let id = StripeSubscriptionId::parse("sub_1").unwrap();
    let own = Blocker::WorkspaceSubscription { id, status: SubscriptionStatus::Active };
    let page = "Subscription//sub_1";
    assert_eq!(told(&own), [page, "Open at Stripe", page].map(str::to_owned));
}

#[test]
fn what_stripe_lists_is_ended_at_stripe() {
    let of = |kind, customer| told(&at_gateway(kind, customer));
    let page = |address: &str| [address, "Open at Stripe", address].map(str::to_owned);
    assert_eq!(of(ChargeableKind::Invoice, Some("cus_1")), page("Invoice/acct_1/x_1"));
    assert_eq!(of(ChargeableKind::Subscription, None), page("Subscription/acct_1/x_1"));
    assert_eq!(of(ChargeableKind::SubscriptionSchedule, None), page("Schedule/acct_1/x_1"));
    assert_eq!(of(ChargeableKind::InvoiceItem, Some("cus_1")), page("Customer/acct_1/cus_1"));
    assert_eq!(of(ChargeableKind::CheckoutSession, Some("cus_1")), page("Customer/acct_1/cus_1"));
    assert_eq!(of(ChargeableKind::CheckoutSession, None), page("Unpaged/acct_1/x_1"));
}

#[test]
fn a_blocker_is_told_with_its_account_and_its_next_date() {
    let facts = |blocker: &Blocker, found| {
        let row = row_of(blocker, found);
        let next = row.next.map(|next| format!("{} {}", next.label, next.at.date)).unwrap_or_default();
        [row.status.label, next, row.account]
    };
    let found = |next| Found {
        status: Some(Status { label: "Ending".to_owned(), tone: "" }),
        account: Some(GatewayAccountId::parse("acct_2").unwrap()),
        next,
    };
    let renewal = Some(renews("2026-12-28T08:31:00Z"));
    assert_eq!(facts(&subscription(), found(renewal)), ["Ending", "Renews 28 Dec 2026", "acct_2"]);
    assert_eq!(facts(&subscription(), Found::default()), ["Active", "", ""]);
    let open = checkout(CheckoutIntentState::Open);
    assert_eq!(facts(&open, found(None)), ["Open", "Expires 29 Nov 2026", "acct_2"]);
    let paid = checkout(CheckoutIntentState::Complete);
    assert_eq!(facts(&paid, Found::default()), ["Completed", "", ""]);
    let invoice = at_gateway(ChargeableKind::Invoice, None);
    assert_eq!(facts(&invoice, Found::default()), ["Pending", "due 2 Dec 2026", "acct_1"]);
    assert_eq!(row_of(&invoice, Found::default()).amount, "$36.00");
}
