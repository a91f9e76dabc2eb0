use askama::Template;

use super::{CardForm, Document, Problem, TEST_CARDS};

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
    pub(crate) document: Document,
    pub(crate) pdf_url: String,
    /// Present while the invoice can be paid.
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
    use super::{HostedInvoicePage, InvoicePayment};
    use crate::pages::views::samples::{Rendered, Words};
    use crate::pages::views::{Badge, CardForm, Document, Tone};

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
                document: Document::sample(words),
                pdf_url: words.say("/i/acct_1/live_abc/pdf"),
                payment: Some(InvoicePayment::sample(words)),
            }
        }

        fn settled(words: Words, headline: &str, explanation: &str, status: Badge) -> Self {
            Self {
                headline: words.say(headline),
                explanation: Some(words.say(explanation)),
                document: Document { status, ..Document::sample(words) },
                payment: None,
                ..Self::sample(words)
            }
        }

        fn refused(words: Words) -> Self {
            Self { payment: Some(InvoicePayment::refused(words)), ..Self::sample(words) }
        }

        fn written_off(words: Words) -> Self {
            Self {
                explanation: Some(words.say("Acme Web has written it off. It can still be paid.")),
                document: Document {
                    status: Badge::sample(words, "Uncollectible", Tone::Bad),
                    ..Document::sample(words)
                },
                ..Self::sample(words)
            }
        }
    }

    pub(crate) fn render_all(words: Words) -> Vec<Rendered> {
        let settled = |headline, explanation, status, tone| {
            HostedInvoicePage::settled(words, headline, explanation, Badge::sample(words, status, tone))
        };
        let paid =
            settled("$42.84 paid", "Paid on 24 November 2026 with Visa •••• 4242.", "Paid", Tone::Good);
        let void = settled("This invoice is void", "It is no longer owed.", "Void", Tone::Neutral);
        vec![
            Rendered::of("invoice", &HostedInvoicePage::sample(words)),
            Rendered::of("invoice-errors", &HostedInvoicePage::refused(words)),
            Rendered::of("invoice-paid", &paid),
            Rendered::of("invoice-void", &void),
            Rendered::of("invoice-uncollectible", &HostedInvoicePage::written_off(words)),
        ]
    }
}
