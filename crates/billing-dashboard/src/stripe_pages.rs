//! The addresses of objects in Stripe's own dashboard, or in the sandbox in its place.

use billing_domain::{GatewayAccountId, StripeId};

use crate::Dashboard;

/// The kinds of objects by their pages in Stripe's dashboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StripeKind {
    Customer,
    Subscription,
    Schedule,
    Invoice,
    /// A kind without a page: it is found by its id.
    Unpaged,
}

/// The page of an object. Without its account: at Stripe the page in the account that the reader is signed in to, in
/// live mode, and in the sandbox the list of subscriptions.
pub(crate) fn stripe_page(
    dashboard: &Dashboard,
    kind: StripeKind,
    account: Option<&GatewayAccountId>,
    id: &StripeId,
) -> String {
    let is_live = account.is_some_and(|account| dashboard.reads.is_live(account));
    address(dashboard.settings.sandbox.as_deref(), is_live, kind, account, id)
}

fn address(
    sandbox: Option<&str>,
    is_live: bool,
    kind: StripeKind,
    account: Option<&GatewayAccountId>,
    id: &StripeId,
) -> String {
    if let Some(sandbox) = sandbox.filter(|_| !is_live) {
        let objects = format!("{}/_sandbox/objects", sandbox.trim_end_matches('/'));
        return match account {
            Some(account) => format!("{objects}/{account}/{id}"),
            None => format!("{objects}?type=subscription"),
        };
    }
    let page = match kind {
        StripeKind::Customer => format!("customers/{id}"),
        StripeKind::Subscription => format!("subscriptions/{id}"),
        StripeKind::Schedule => format!("subscription_schedules/{id}"),
        StripeKind::Invoice => format!("invoices/{id}"),
        StripeKind::Unpaged => format!("search?query={id}"),
    };
    match account {
        Some(account) if is_live => format!("https://dashboard.stripe.com/{account}/{page}"),
        Some(account) => format!("https://dashboard.stripe.com/{account}/test/{page}"),
        None => format!("https://dashboard.stripe.com/{page}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_has_its_page_in_its_mode_and_account() {
        let account = GatewayAccountId::parse("acct_1").unwrap();
        let id = StripeId::parse("in_1").unwrap();
        let of = |sandbox, is_live| address(sandbox, is_live, StripeKind::Invoice, Some(&account), &id);
        assert_eq!(of(None, true), "https://dashboard.stripe.com/acct_1/invoices/in_1");
        assert_eq!(of(None, false), "https://dashboard.stripe.com/acct_1/test/invoices/in_1");
        let sandbox = Some("http://localhost:12111/");
        assert_eq!(of(sandbox, false), "http://localhost:12111/_sandbox/objects/acct_1/in_1");
        assert_eq!(of(sandbox, true), "https://dashboard.stripe.com/acct_1/invoices/in_1");
    }

    #[test]
    fn an_object_without_a_page_is_found_by_its_id() {
        let (account, id) = (GatewayAccountId::parse("acct_1").unwrap(), StripeId::parse("cs_1").unwrap());
        let of = |sandbox| address(sandbox, false, StripeKind::Unpaged, Some(&account), &id);
        assert_eq!(of(None), "https://dashboard.stripe.com/acct_1/test/search?query=cs_1");
        assert_eq!(of(Some("http://s.test")), "http://s.test/_sandbox/objects/acct_1/cs_1");
    }

    #[test]
    fn a_subscription_of_an_unknown_account_has_a_page_too() {
        let id = StripeId::parse("sub_1").unwrap();
        let of = |sandbox| address(sandbox, false, StripeKind::Subscription, None, &id);
        assert_eq!(of(None), "https://dashboard.stripe.com/subscriptions/sub_1");
        assert_eq!(of(Some("http://s.test")), "http://s.test/_sandbox/objects?type=subscription");
    }
}
