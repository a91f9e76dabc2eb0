use serde::{Deserialize, Serialize};

use crate::{InvoiceDetails, InvoiceStatus};

/// A change of an invoice that gives nothing back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InvoiceAction {
    /// Cancels it for good: nobody can pay it any more.
    Void,
    /// Gives it up: it is not collected any more, and can still be paid on its page.
    MarkUncollectible,
    /// Has Stripe send it by e-mail once more.
    Send,
}

words!(InvoiceAction { Void => "void", MarkUncollectible => "mark_uncollectible", Send => "send" });

/// An action that the invoice does not allow.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvoiceActionRefused {
    /// Its status forbids it.
    #[error("{}", forbidden(*.action, .status))]
    Status {
        /// The action.
        action: InvoiceAction,
        /// The present status.
        status: InvoiceStatus,
    },
    /// Stripe sends only invoices that are not charged automatically.
    #[error(
        "Stripe charges this invoice automatically, and sends only those that it does not. Give the payer the address \
         of its page instead."
    )]
    ChargedAutomatically {
        /// The page on which it can be paid.
        hosted_url: Option<String>,
    },
}

fn forbidden(action: InvoiceAction, status: &InvoiceStatus) -> String {
    let action = match action {
        InvoiceAction::Void => "voided",
        InvoiceAction::MarkUncollectible => "marked as uncollectible",
        InvoiceAction::Send => "sent",
    };
    match status {
        InvoiceStatus::Paid => format!("The invoice is paid, so it cannot be {action}. Refund it instead."),
        InvoiceStatus::Void => format!("The invoice is void, so it cannot be {action}."),
        InvoiceStatus::Draft => {
            format!("The invoice is a draft, so it cannot be {action} yet. Stripe finalizes it by itself.")
        }
        InvoiceStatus::Open | InvoiceStatus::Uncollectible | InvoiceStatus::Unrecognized(_) => {
            format!("The invoice is {}, so it cannot be {action}.", status.as_str())
        }
    }
}

impl InvoiceDetails {
    /// Whether the action is to be asked of Stripe; not for an invoice that is as asked.
    ///
    /// # Errors
    /// [`InvoiceActionRefused`], by Stripe's rules.
    pub fn admit(&self, action: InvoiceAction) -> Result<bool, InvoiceActionRefused> {
        let status = &self.status;
        match (action, status) {
            (InvoiceAction::Void, InvoiceStatus::Void)
            | (InvoiceAction::MarkUncollectible, InvoiceStatus::Uncollectible) => Ok(false),
            (InvoiceAction::Void, InvoiceStatus::Open | InvoiceStatus::Uncollectible)
            | (InvoiceAction::MarkUncollectible, InvoiceStatus::Open) => Ok(true),
            (InvoiceAction::Send, InvoiceStatus::Open | InvoiceStatus::Uncollectible) => {
                if self.is_charged_automatically == Some(false) {
                    return Ok(true);
                }
                let hosted_url = self.hosted_url.clone();
                Err(InvoiceActionRefused::ChargedAutomatically { hosted_url })
            }
            // A word of tomorrow is for Stripe to judge.
            (InvoiceAction::Void | InvoiceAction::MarkUncollectible, InvoiceStatus::Unrecognized(_)) => {
                Ok(true)
            }
            _ => Err(InvoiceActionRefused::Status { action, status: status.clone() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Currency, Money};

    fn invoice(status: &str, is_charged_automatically: Option<bool>) -> InvoiceDetails {
        let amount = Money::new(1_250, Currency::parse("USD").unwrap());
        InvoiceDetails {
            status: InvoiceStatus::from_stripe(status),
            number: None,
            total: amount,
            amount_paid: amount,
            amount_due: amount,
            created_at: "2026-12-01T12:00:00Z".parse().unwrap(),
            paid_at: None,
            due_at: None,
            hosted_url: Some("https://invoice.example/1".to_owned()),
            pdf_url: None,
            lines: Vec::new(),
            has_more_lines: false,
            payments: Some(Vec::new()),
            is_charged_automatically,
            sums: None,
            next_attempt_at: None,
        }
    }

    #[test]
    fn an_action_is_admitted_by_the_status() {
        use InvoiceAction::{MarkUncollectible, Send, Void};
        for (status, admitted) in [
            ("draft", [None, None, None]),
            ("open", [Some(true), Some(true), Some(true)]),
            ("paid", [None, None, None]),
            ("void", [Some(false), None, None]),
            ("uncollectible", [Some(true), Some(false), Some(true)]),
        ] {
            let invoice = invoice(status, Some(false));
            let told = [Void, MarkUncollectible, Send].map(|action| invoice.admit(action).ok());
            assert_eq!(told, admitted, "{status}");
        }
    }

    #[test]
    fn a_refused_action_says_what_to_do() {
        let told = |status, action| invoice(status, None).admit(action).unwrap_err().to_string();
        assert_eq!(
            told("paid", InvoiceAction::Void),
            "The invoice is paid, so it cannot be voided. Refund it instead."
        );
        assert_eq!(
            told("uncollectible", InvoiceAction::Send),
            "Stripe charges this invoice automatically, and sends only those that it does not. Give the payer the \
             address of its page instead."
        );
        assert_eq!(
            told("draft", InvoiceAction::MarkUncollectible),
            "The invoice is a draft, so it cannot be marked as uncollectible yet. Stripe finalizes it by itself."
        );
    }

    #[test]
    fn an_invoice_that_stripe_charges_is_not_sent_and_has_its_page() {
        for automatically in [None, Some(true)] {
            let refused = invoice("open", automatically).admit(InvoiceAction::Send).unwrap_err();
            let hosted_url = Some("https://invoice.example/1".to_owned());
            assert_eq!(refused, InvoiceActionRefused::ChargedAutomatically { hosted_url });
        }
    }
}
