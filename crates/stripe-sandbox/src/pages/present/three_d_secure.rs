//! A payment, or the saving of a card, that its owner authenticates.

use super::{merchant, payment_method};
use crate::{
    pages::{
        format_money,
        views::{Link, NoticePage, ThreeDSecurePage},
    },
    resources::{
        payment_intents::{PaymentIntent, Status},
        payment_methods::PaymentMethod,
        setup_intents::{SetupIntent, SetupStatus},
    },
    store::Tx,
    wire::ApiError,
};

pub(crate) enum Authentication {
    Payment(PaymentIntent),
    Setup(SetupIntent),
}

impl Authentication {
    pub(crate) fn find(tx: &Tx<'_>, id: &str) -> Option<Self> {
        let payment = || tx.find::<PaymentIntent>(id).cloned().map(Self::Payment);
        payment().or_else(|| tx.find::<SetupIntent>(id).cloned().map(Self::Setup))
    }

    pub(crate) fn is_waited_for(&self) -> bool {
        match self {
            Self::Payment(intent) => intent.status == Status::RequiresAction,
            Self::Setup(intent) => intent.status == SetupStatus::RequiresAction,
        }
    }

    /// What the owner of the card did.
    ///
    /// # Errors
    ///
    /// Nothing waits for it.
    pub(crate) fn answered(self, tx: &mut Tx<'_>, succeeds: bool) -> Result<Self, ApiError> {
        match self {
            Self::Payment(intent) => PaymentIntent::authenticate(tx, &intent.id, succeeds).map(Self::Payment),
            Self::Setup(intent) => SetupIntent::authenticate(tx, &intent.id, succeeds).map(Self::Setup),
        }
    }

    /// Whether it was given up, so that nobody waits for what its owner does.
    pub(crate) fn is_ended(&self) -> bool {
        match self {
            Self::Payment(intent) => intent.status == Status::Canceled,
            Self::Setup(intent) => intent.status == SetupStatus::Canceled,
        }
    }

    fn has_succeeded(&self) -> bool {
        match self {
            Self::Payment(intent) => {
                matches!(intent.status, Status::Succeeded | Status::RequiresCapture | Status::Processing)
            }
            Self::Setup(intent) => intent.status == SetupStatus::Succeeded,
        }
    }

    /// Where the browser goes back to, with what Stripe says there of the outcome.
    pub(crate) fn return_address(&self) -> Option<String> {
        let (kind, id, secret, back) = match self {
            Self::Payment(it) => ("payment_intent", &it.id, &it.client_secret, &it.return_url),
            Self::Setup(it) => ("setup_intent", &it.id, &it.client_secret, &it.return_url),
        };
        let mut url = reqwest::Url::parse(back.as_deref()?).ok()?;
        let status = if self.has_succeeded() { "succeeded" } else { "failed" };
        url.query_pairs_mut()
            .append_pair(kind, id)
            .append_pair(&format!("{kind}_client_secret"), secret)
            .append_pair("redirect_status", status);
        Some(url.into())
    }

    pub(crate) fn page(&self, tx: &Tx<'_>) -> ThreeDSecurePage {
        let (intent, method, amount) = match self {
            Self::Payment(it) => (&it.id, &it.payment_method, Some(format_money(it.amount, &it.currency))),
            Self::Setup(it) => (&it.id, &it.payment_method, None),
        };
        let method = method.as_ref().and_then(|id| tx.find::<PaymentMethod>(id));
        ThreeDSecurePage {
            account: tx.account().to_owned(),
            intent: intent.clone(),
            merchant: merchant(tx),
            amount,
            card: method.map(payment_method).unwrap_or_default(),
        }
    }

    /// For who comes when nothing is left to do.
    pub(crate) fn notice(&self) -> NoticePage {
        let (heading, text) = if self.has_succeeded() {
            ("Authentication is complete", "The payment or the saving of the card goes on.")
        } else {
            ("Nothing waits for authentication", "It failed or ended. Start again where you came from.")
        };
        let link = self.return_address().map(|href| Link { href, text: "Continue".to_owned() });
        NoticePage { heading: heading.to_owned(), text: text.to_owned(), link }
    }
}
