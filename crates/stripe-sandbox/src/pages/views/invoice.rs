use askama::Template;

use super::{AmountRow, Badge, CardForm, Fact, Problem, TEST_CARDS};

/// What an invoice says, on its page and in its PDF.
pub(crate) struct InvoiceDocument {
    /// Such as "ACME-0001"; a draft has none and says "Draft".
    pub(crate) number: String,
    /// Open, paid, void, uncollectible or draft.
    pub(crate) status: Badge,
    pub(crate) merchant: String,
    /// The lines under the merchant's name: address, e-mail.
    pub(crate) from: Vec<String>,
    /// The customer: name, address, e-mail.
    pub(crate) to: Vec<String>,
    /// Such as "Date of issue", "Date due" and "Paid on".
    pub(crate) facts: Vec<Fact>,
    pub(crate) lines: Vec<InvoiceLineRow>,
    /// Subtotal, each discount, total, what was paid; without the amount due.
    pub(crate) totals: Vec<AmountRow>,
    pub(crate) amount_due: String,
}

pub(crate) struct InvoiceLineRow {
    pub(crate) description: String,
    /// Such as "24 Nov – 24 Dec 2026".
    pub(crate) period: Option<String>,
    pub(crate) quantity: String,
    /// Empty for a line that has none, such as a proration.
    pub(crate) unit_price: String,
    pub(crate) amount: String,
}

/// `/i/{account}/{token}`.
#[derive(Template)]
#[template(path = "invoice.html")]
pub(crate) struct HostedInvoicePage {
    pub(crate) account: String,
    pub(crate) token: String,
    /// Such as "$20.00 due 24 December 2026", "$20.00 paid" or "This invoice is void".
    pub(crate) headline: String,
    /// What the status means for the customer, such as "Paid on 24 November 2026. Nothing is left to do.".
    pub(crate) explanation: Option<String>,
    pub(crate) document: InvoiceDocument,
    pub(crate) pdf_url: String,
    /// Present while the invoice is open.
    pub(crate) payment: Option<InvoicePayment>,
}

pub(crate) struct InvoicePayment {
    pub(crate) card: CardForm,
    /// About the payment as a whole, such as "Your card was declined.".
    pub(crate) error: Option<String>,
    /// A new one each time the page is rendered, so that a double click pays once.
    pub(crate) submission: String,
    /// Such as "Pay $20.00".
    pub(crate) submit: String,
}

impl InvoicePayment {
    /// With nothing typed.
    pub(crate) fn new(submission: String) -> Self {
        Self { card: CardForm::default(), error: None, submission, submit: String::new() }
    }

    fn problems(&self) -> Vec<Problem<'_>> {
        Problem::of_form(self.error.as_ref()).into_iter().chain(self.card.problems()).collect()
    }
}

#[cfg(test)]
pub(crate) mod samples {
    use super::{HostedInvoicePage, InvoiceDocument, InvoiceLineRow, InvoicePayment};
    use crate::pages::views::samples::{Rendered, Words};
    use crate::pages::views::{AmountRow, Badge, CardForm, Fact, Tone};

    impl InvoiceLineRow {
        pub(crate) fn sample(words: Words, description: &str) -> Self {
            Self {
                description: words.say(description),
                period: Some(words.say("24 Nov – 24 Dec 2026")),
                quantity: words.say("3"),
                unit_price: words.say("$20.00"),
                amount: words.say("$60.00"),
            }
        }
    }

    impl InvoiceDocument {
        pub(crate) fn sample(words: Words) -> Self {
            let proration = InvoiceLineRow {
                quantity: words.say("1"),
                unit_price: String::new(),
                amount: words.say("-$6.45"),
                ..InvoiceLineRow::sample(words, "Unused time on Starter after 24 Nov 2026")
            };
            Self {
                number: words.say("ACME-0001"),
                status: Badge::sample(words, "Open", Tone::Warning),
                merchant: words.say("Acme Web"),
                from: vec![words.say("billing@acme.example")],
                to: vec![words.say("Jenny Rosen"), words.say("jenny@example.com")],
                facts: vec![
                    Fact::sample(words, "Date of issue", "24 November 2026"),
                    Fact::sample(words, "Date due", "24 December 2026"),
                ],
                lines: vec![InvoiceLineRow::sample(words, "Seats"), proration],
                totals: vec![
                    AmountRow::sample(words, "Subtotal", "$53.55"),
                    AmountRow::sample(words, "LAUNCH20 (20% off)", "-$10.71"),
                    AmountRow::sample(words, "Total", "$42.84"),
                ],
                amount_due: words.say("$42.84"),
            }
        }
    }

    impl InvoicePayment {
        fn sample(words: Words) -> Self {
            Self {
                card: CardForm::default(),
                error: None,
                submission: words.say("9b40"),
                submit: words.say("Pay $42.84"),
            }
        }

        fn refused(words: Words) -> Self {
            Self {
                card: CardForm::refused(words),
                error: Some(words.say("Your card has insufficient funds.")),
                ..Self::sample(words)
            }
        }
    }

    impl HostedInvoicePage {
        fn sample(words: Words) -> Self {
            Self {
                account: words.say("acct_1"),
                token: words.say("live_abc"),
                headline: words.say("$42.84 due 24 December 2026"),
                explanation: None,
                document: InvoiceDocument::sample(words),
                pdf_url: words.say("/i/acct_1/live_abc/pdf"),
                payment: Some(InvoicePayment::sample(words)),
            }
        }

        fn settled(words: Words, headline: &str, explanation: &str, status: Badge) -> Self {
            Self {
                headline: words.say(headline),
                explanation: Some(words.say(explanation)),
                document: InvoiceDocument { status, ..InvoiceDocument::sample(words) },
                payment: None,
                ..Self::sample(words)
            }
        }

        fn refused(words: Words) -> Self {
            Self { payment: Some(InvoicePayment::refused(words)), ..Self::sample(words) }
        }
    }

    pub(crate) fn render_all(words: Words) -> Vec<Rendered> {
        let settled = |headline, explanation, status, tone| {
            HostedInvoicePage::settled(words, headline, explanation, Badge::sample(words, status, tone))
        };
        let paid =
            settled("$42.84 paid", "Paid on 24 November 2026 with Visa •••• 4242.", "Paid", Tone::Good);
        let void = settled("This invoice is void", "It is no longer owed.", "Void", Tone::Neutral);
        let written_off =
            settled("$42.84 uncollectible", "Acme Web has written it off.", "Uncollectible", Tone::Bad);
        vec![
            Rendered::of("invoice", &HostedInvoicePage::sample(words)),
            Rendered::of("invoice-errors", &HostedInvoicePage::refused(words)),
            Rendered::of("invoice-paid", &paid),
            Rendered::of("invoice-void", &void),
            Rendered::of("invoice-uncollectible", &written_off),
        ]
    }
}
