//! What the sandbox keeps: one Rust type a kind of object, with the state that matters; `render` gives the shape of
//! Stripe's API.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Tx;
use crate::clock::Timestamp;

/// An object with an id that lives in an account.
pub trait Resource: Clone + Into<Object> + 'static {
    const KIND: Kind;

    fn id(&self) -> &str;
    fn of(object: &Object) -> Option<&Self>;

    /// As the API shows it, nothing expanded.
    fn render(&self, tx: &Tx<'_>) -> Value;

    /// A field that is there only when it is asked for with `expand`; one within a field has dots, as in `a.b`.
    fn includable(&self, _tx: &Tx<'_>, _field: &str) -> Option<Value> {
        None
    }

    /// The test clock it lives by; `None` is the sandbox's clock.
    fn test_clock(&self) -> Option<&str> {
        None
    }

    /// When time alone changes it next: see `lifecycle::fall_due`.
    fn due(&self) -> Option<Timestamp> {
        None
    }

    /// What it is listed under: mostly its customer; of a refund or a dispute the charge, of a credit note or a payment
    /// of an invoice the invoice.
    fn owner(&self) -> Option<&str> {
        None
    }
}

macro_rules! objects {
    ($($variant:ident: $path:ty, $noun:literal);+ $(;)?) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Kind { $($variant),+ }

        impl Kind {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// As in `No such customer: 'cus_1'`.
            pub fn noun(self) -> &'static str {
                match self { $(Self::$variant => $noun),+ }
            }
        }

        #[derive(Debug, Clone, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Object { $($variant(Arc<$path>)),+ }

        impl Object {
            pub fn kind(&self) -> Kind {
                match self { $(Self::$variant(_) => Kind::$variant),+ }
            }

            pub fn id(&self) -> &str {
                match self { $(Self::$variant(object) => object.id()),+ }
            }

            pub fn render(&self, tx: &Tx<'_>) -> Value {
                match self { $(Self::$variant(object) => object.render(tx)),+ }
            }

            pub fn includable(&self, tx: &Tx<'_>, field: &str) -> Option<Value> {
                match self { $(Self::$variant(object) => object.includable(tx, field)),+ }
            }

            pub fn test_clock(&self) -> Option<&str> {
                match self { $(Self::$variant(object) => object.test_clock()),+ }
            }

            pub fn due(&self) -> Option<Timestamp> {
                match self { $(Self::$variant(object) => object.due()),+ }
            }

            pub fn owner(&self) -> Option<&str> {
                match self { $(Self::$variant(object) => object.owner()),+ }
            }
        }

        $(impl From<$path> for Object {
            fn from(object: $path) -> Self {
                Self::$variant(Arc::new(object))
            }
        })+
    };
}

/// Inside `impl Resource for T`: how it is told apart.
macro_rules! stored_as {
    ($variant:ident) => {
        const KIND: $crate::store::Kind = $crate::store::Kind::$variant;

        fn of(object: &$crate::store::Object) -> Option<&Self> {
            match object {
                $crate::store::Object::$variant(object) => Some(object),
                _ => None,
            }
        }

        fn id(&self) -> &str {
            &self.id
        }
    };
}
pub(crate) use stored_as;

use crate::resources as r;

impl Kind {
    /// As the state file writes it, such as `payment_method`.
    pub fn name(self) -> String {
        serde_json::to_value(self).ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default()
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }

    /// Whether the API shows it; the others are the sandbox's own.
    pub fn is_public(self) -> bool {
        !matches!(
            self,
            Self::AccessKey | Self::Delivery | Self::IdempotentAnswer | Self::OauthCode | Self::Submission
        )
    }
}

objects! {
    Account: r::accounts::Account, "account";
    AccessKey: r::connect::AccessKey, "access key";
    BalanceTransaction: r::balance_transactions::BalanceTransaction, "customer balance transaction";
    Charge: r::charges::Charge, "charge";
    CheckoutSession: r::checkout::Session, "checkout.session";
    Coupon: r::coupons::Coupon, "coupon";
    CreditNote: r::credit_notes::CreditNote, "credit note";
    Customer: r::customers::Customer, "customer";
    Delivery: crate::webhooks::Delivery, "webhook delivery";
    Discount: r::discounts::Discount, "discount";
    Dispute: r::disputes::Dispute, "dispute";
    Event: r::events::Event, "event";
    IdempotentAnswer: crate::wire::idempotency::IdempotentAnswer, "idempotent answer";
    Invoice: r::invoices::Invoice, "invoice";
    InvoiceItem: r::invoice_items::InvoiceItem, "invoiceitem";
    InvoicePayment: r::invoice_payments::InvoicePayment, "invoice_payment";
    OauthCode: r::connect::OauthCode, "authorization code";
    PaymentIntent: r::payment_intents::PaymentIntent, "payment_intent";
    PaymentMethod: r::payment_methods::PaymentMethod, "PaymentMethod";
    PortalConfiguration: r::portal::Configuration, "configuration";
    PortalSession: r::portal::Session, "portal session";
    Price: r::prices::Price, "price";
    Product: r::products::Product, "product";
    PromotionCode: r::promotion_codes::PromotionCode, "promotion code";
    Refund: r::refunds::Refund, "refund";
    Schedule: r::schedules::Schedule, "subscription schedule";
    SetupIntent: r::setup_intents::SetupIntent, "setupintent";
    Submission: crate::pages::Submission, "form submission";
    Subscription: r::subscriptions::Subscription, "subscription";
    TestClock: r::test_clocks::TestClock, "test clock";
    WebhookEndpoint: r::webhook_endpoints::WebhookEndpoint, "webhook endpoint";
}
