use askama::Template;

use super::{Address, Badge, Fact, Link};

/// `/p/session/{session}`.
#[derive(Template)]
#[template(path = "portal.html")]
pub(crate) struct PortalPage {
    pub(crate) session: String,
    pub(crate) merchant: String,
    /// A new one each time the page is rendered, so that a double click acts once.
    pub(crate) submission: String,
    /// The customer's e-mail address or name.
    pub(crate) customer: String,
    /// What the request before this one did, said once.
    pub(crate) flash: Option<String>,
    pub(crate) subscriptions: Vec<PortalSubscription>,
    /// Such as "Visa •••• 4242, expires 12 / 34"; cards of more than one are told apart by what they are for.
    pub(crate) payment_method: Option<String>,
    pub(crate) can_replace_card: bool,
    /// What is known of the customer, where they may edit it.
    pub(crate) customer_facts: Option<Vec<Fact>>,
    pub(crate) shows_invoices: bool,
    pub(crate) invoices: Vec<PortalInvoice>,
    pub(crate) return_url: Option<Address>,
    /// The shop's own words.
    pub(crate) headline: Option<String>,
    /// The shop's terms and its privacy policy.
    pub(crate) links: Vec<Link>,
}

pub(crate) struct PortalSubscription {
    pub(crate) id: String,
    pub(crate) name: String,
    /// Such as "$20.00 per month".
    pub(crate) price: String,
    pub(crate) status: Badge,
    /// Such as "Renews on 8 December 2026." or "Your trial ends on 8 December 2026; then $20.00 per month.".
    pub(crate) sentence: String,
    /// What needs doing, such as "Your last payment failed. Replace your card or pay the invoice.".
    pub(crate) warning: Option<String>,
    /// The open invoice, where it can be paid.
    pub(crate) pay: Option<Link>,
    pub(crate) can_change: bool,
    pub(crate) can_cancel: bool,
    /// What is ahead and can still be undone.
    pub(crate) undo: Option<Undo>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Undo {
    Cancellation,
    PlanChange,
}

impl Undo {
    /// The step below the subscription.
    fn step(self) -> &'static str {
        match self {
            Self::Cancellation => "resume",
            Self::PlanChange => "change/undo",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Cancellation => "Resume",
            Self::PlanChange => "Keep the plan",
        }
    }
}

pub(crate) struct PortalInvoice {
    pub(crate) number: String,
    pub(crate) date: String,
    pub(crate) amount: String,
    pub(crate) status: Badge,
    /// Absent for a draft.
    pub(crate) hosted_url: Option<String>,
    pub(crate) pdf_url: Option<String>,
}

#[cfg(test)]
pub(crate) mod samples {
    use super::{PortalInvoice, PortalPage, PortalSubscription, Undo};
    use crate::pages::views::samples::{Rendered, Words};
    use crate::pages::views::{Address, Badge, Fact, Link, Tone};

    impl PortalSubscription {
        fn sample(words: Words) -> Self {
            Self {
                id: words.say("sub_1"),
                name: words.say("Pro"),
                price: words.say("$20.00 per month"),
                status: Badge::sample(words, "Active", Tone::Good),
                sentence: words.say("Renews on 24 December 2026 for $20.00."),
                warning: None,
                pay: None,
                can_change: true,
                can_cancel: true,
                undo: None,
            }
        }

        fn past_due(words: Words) -> Self {
            Self {
                id: words.say("sub_2"),
                name: words.say("Storage"),
                status: Badge::sample(words, "Past due", Tone::Bad),
                sentence: words.say("The next attempt is on 27 November 2026."),
                warning: Some(words.say("Your last payment failed. Replace your card or pay the invoice.")),
                pay: Some(Link::sample(words, "/i/acct_1/live_abc", "Pay $20.00")),
                ..Self::sample(words)
            }
        }

        fn changing(words: Words) -> Self {
            Self {
                id: words.say("sub_4"),
                name: words.say("Hosting"),
                sentence: words.say("Changes to Starter, $5.00 per month, on 24 December 2026."),
                undo: Some(Undo::PlanChange),
                ..Self::sample(words)
            }
        }

        fn ending(words: Words) -> Self {
            Self {
                id: words.say("sub_3"),
                name: words.say("Support"),
                status: Badge::sample(words, "Cancels soon", Tone::Warning),
                sentence: words.say("Cancels on 24 December 2026. You can use it until then."),
                can_change: false,
                can_cancel: false,
                undo: Some(Undo::Cancellation),
                ..Self::sample(words)
            }
        }
    }

    impl PortalInvoice {
        fn sample(words: Words, number: &str, status: Badge) -> Self {
            Self {
                number: words.say(number),
                date: words.say("24 November 2026"),
                amount: words.say("$20.00"),
                status,
                hosted_url: Some(words.say("/i/acct_1/live_abc")),
                pdf_url: Some(words.say("/i/acct_1/live_abc/pdf")),
            }
        }
    }

    impl PortalPage {
        fn sample(words: Words) -> Self {
            let paid = Badge::sample(words, "Paid", Tone::Good);
            let open = Badge::sample(words, "Open", Tone::Warning);
            let draft = Badge::sample(words, "Draft", Tone::Neutral);
            Self {
                session: words.say("bps_1"),
                merchant: words.say("Acme Web"),
                submission: words.say("9b40"),
                customer: words.say("jenny@example.com"),
                flash: Some(words.say("Your card was replaced.")),
                subscriptions: vec![
                    PortalSubscription::sample(words),
                    PortalSubscription::past_due(words),
                    PortalSubscription::ending(words),
                    PortalSubscription::changing(words),
                ],
                payment_method: Some(words.say("Visa •••• 4242, expires 12 / 34")),
                can_replace_card: true,
                customer_facts: Some(vec![
                    Fact::sample(words, "Name", "Jenny Rosen"),
                    Fact::sample(words, "Billing address", "1 Main Street, 10115 Berlin, DE"),
                ]),
                shows_invoices: true,
                invoices: vec![
                    PortalInvoice {
                        hosted_url: None,
                        pdf_url: None,
                        ..PortalInvoice::sample(words, "Draft", draft)
                    },
                    PortalInvoice::sample(words, "ACME-0002", open),
                    PortalInvoice::sample(words, "ACME-0001", paid),
                ],
                return_url: Address::sample(words, "https://shop.example/account"),
                headline: Some(words.say("Acme Web bills you here")),
                links: vec![Link::sample(words, "https://shop.example/terms", "Terms")],
            }
        }

        fn without_invoices(words: Words) -> Self {
            Self { shows_invoices: false, customer_facts: None, invoices: vec![], ..Self::sample(words) }
        }

        fn empty(words: Words) -> Self {
            Self {
                flash: None,
                subscriptions: vec![],
                payment_method: None,
                customer_facts: Some(vec![]),
                invoices: vec![],
                return_url: None,
                ..Self::sample(words)
            }
        }
    }

    pub(crate) fn render_all(words: Words) -> Vec<Rendered> {
        vec![
            Rendered::of("portal", &PortalPage::sample(words)),
            Rendered::of("portal-without-invoices", &PortalPage::without_invoices(words)),
            Rendered::of("portal-empty", &PortalPage::empty(words)),
        ]
    }
}
