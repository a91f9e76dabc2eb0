use super::{AmountRow, Badge, Fact};

/// What an invoice or a credit note says, on a page and in a PDF.
pub(crate) struct Document {
    pub(crate) kind: DocumentKind,
    /// Such as "ACME-0001"; a draft has none and says "Draft".
    pub(crate) number: String,
    /// Such as "Open" or "Void".
    pub(crate) status: Badge,
    pub(crate) merchant: String,
    /// The lines under the merchant's name: address, e-mail.
    pub(crate) from: Vec<String>,
    /// The customer: name, address, e-mail.
    pub(crate) to: Vec<String>,
    /// Such as "Date of issue", "Date due" and "Paid on".
    pub(crate) facts: Vec<Fact>,
    pub(crate) lines: Vec<DocumentLine>,
    /// Subtotal, each discount, total, what was paid; without `amount`.
    pub(crate) totals: Vec<AmountRow>,
    /// What is due, or was credited.
    pub(crate) amount: String,
    /// What is told below the amounts, such as a memo.
    pub(crate) notes: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum DocumentKind {
    Invoice,
    CreditNote,
}

impl DocumentKind {
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Invoice => "Invoice",
            Self::CreditNote => "Credit note",
        }
    }

    pub(crate) fn amount_label(self) -> &'static str {
        match self {
            Self::Invoice => "Amount due",
            Self::CreditNote => "Amount credited",
        }
    }
}

pub(crate) struct DocumentLine {
    pub(crate) description: String,
    /// Such as "24 Nov – 24 Dec 2026".
    pub(crate) period: Option<String>,
    pub(crate) quantity: String,
    /// Empty for a line that has none, such as a proration.
    pub(crate) unit_price: String,
    pub(crate) amount: String,
}

#[cfg(test)]
mod samples {
    use super::{Document, DocumentKind, DocumentLine};
    use crate::pages::views::samples::Words;
    use crate::pages::views::{AmountRow, Badge, Fact, Tone};

    impl DocumentLine {
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

    impl Document {
        pub(crate) fn sample(words: Words) -> Self {
            let proration = DocumentLine {
                quantity: words.say("1"),
                unit_price: String::new(),
                amount: words.say("-$6.45"),
                ..DocumentLine::sample(words, "Unused time on Starter after 24 Nov 2026")
            };
            Self {
                kind: DocumentKind::Invoice,
                number: words.say("ACME-0001"),
                status: Badge::sample(words, "Open", Tone::Warning),
                merchant: words.say("Acme Web"),
                from: vec![words.say("billing@acme.example")],
                to: vec![words.say("Jenny Rosen"), words.say("jenny@example.com")],
                facts: vec![
                    Fact::sample(words, "Date of issue", "24 November 2026"),
                    Fact::sample(words, "Date due", "24 December 2026"),
                ],
                lines: vec![DocumentLine::sample(words, "Seats"), proration],
                totals: vec![
                    AmountRow::sample(words, "Subtotal", "$53.55"),
                    AmountRow::sample(words, "LAUNCH20 (20% off)", "-$10.71"),
                    AmountRow::sample(words, "Total", "$42.84"),
                ],
                amount: words.say("$42.84"),
                notes: vec![words.say("Thank you for your business.")],
            }
        }

        pub(crate) fn credit_note(words: Words) -> Self {
            Self {
                kind: DocumentKind::CreditNote,
                number: words.say("ACME-0001-CN-01"),
                status: Badge::sample(words, "Issued", Tone::Good),
                notes: vec![words.say("$42.84 was refunded."), words.say("Sorry for the wait.")],
                ..Self::sample(words)
            }
        }
    }
}
