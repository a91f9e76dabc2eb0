//! The addresses of objects in Stripe's own dashboard, or in the sandbox in its place.

use billing_domain::{GatewayAccountId, StripeId};

use crate::Dashboard;

/// The kinds of objects that have a page in Stripe's dashboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StripeKind {
    Customer,
    Subscription,
    Schedule,
    Invoice,
}

pub(crate) fn stripe_page(
    dashboard: &Dashboard,
    kind: StripeKind,
    account: &GatewayAccountId,
    id: &StripeId,
) -> String {
    let is_live = dashboard.reads.is_live(account);
    address(dashboard.settings.sandbox.as_deref(), is_live, kind, account, id)
}

fn address(
    sandbox: Option<&str>,
    is_live: bool,
    kind: StripeKind,
    account: &GatewayAccountId,
    id: &StripeId,
) -> String {
    if let Some(sandbox) = sandbox.filter(|_| !is_live) {
        return format!("{}/_sandbox/objects/{account}/{id}", sandbox.trim_end_matches('/'));
    }
    let mode = if is_live { "" } else { "test/" };
    let folder = match kind {
        StripeKind::Customer => "customers",
        StripeKind::Subscription => "subscriptions",
        StripeKind::Schedule => "subscription_schedules",
        StripeKind::Invoice => "invoices",
    };
    format!("https://dashboard.stripe.com/{account}/{mode}{folder}/{id}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_has_its_page_in_its_mode_and_account() {
        let account = GatewayAccountId::parse("acct_1").unwrap();
        let id = StripeId::parse("in_1").unwrap();
        let of = |sandbox, is_live| address(sandbox, is_live, StripeKind::Invoice, &account, &id);
        assert_eq!(of(None, true), "https://dashboard.stripe.com/acct_1/invoices/in_1");
        assert_eq!(of(None, false), "https://dashboard.stripe.com/acct_1/test/invoices/in_1");
        let sandbox = Some("http://localhost:12111/");
        assert_eq!(of(sandbox, false), "http://localhost:12111/_sandbox/objects/acct_1/in_1");
        assert_eq!(of(sandbox, true), "https://dashboard.stripe.com/acct_1/invoices/in_1");
    }
}
