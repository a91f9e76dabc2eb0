use billing_domain::{
    BillingInterval, ChangeFrom, ChargeableKind, CheckoutIntentState, EnvironmentKind, Gateway, PayerKind,
    RefundReason, UnknownGateway, UnknownWord, Visibility,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The words of a domain enumeration, as the API writes them.
macro_rules! written {
    ($(#[$doc:meta])* $name:ident for $domain:ident: $($variant:ident),+) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, Serialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub(crate) enum $name {
            $($variant),+
        }

        written!(@from $name, $domain, $($variant),+);
    };
    (@from $name:ident, $domain:ident, $($variant:ident),+) => {
        impl From<$domain> for $name {
            fn from(word: $domain) -> Self {
                match word {
                    $($domain::$variant => Self::$variant),+
                }
            }
        }
    };
}

/// The same for words that are read too. They are read by the domain, which says which there are.
macro_rules! read_and_written {
    ($(#[$doc:meta])* $name:ident for $domain:ident or $error:ident: $($variant:ident),+) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "snake_case", try_from = "String")]
        pub(crate) enum $name {
            $($variant),+
        }

        written!(@from $name, $domain, $($variant),+);

        impl From<$name> for $domain {
            fn from(word: $name) -> Self {
                match word {
                    $($name::$variant => Self::$variant),+
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = $error;

            fn try_from(word: String) -> Result<Self, $error> {
                word.parse().map($domain::into)
            }
        }
    };
}

read_and_written! {
    /// Whose Stripe account sells: `managed` is the platform's shared test account, `stripe_connect` the
    /// workspace's own account linked by OAuth, `stripe_platform` a single-tenant deployment's own key.
    GatewayName for Gateway or UnknownGateway: Managed, StripeConnect, StripePlatform
}
read_and_written! {
    /// The kind of payer that can subscribe to a plan.
    PayerKindName for PayerKind or UnknownWord: User, Organization
}
read_and_written! {
    /// The visibility of a plan: listed in the public catalog, or only available to those who are told of it.
    VisibilityName for Visibility or UnknownWord: Public, Hidden
}
read_and_written! {
    /// The moment of a change.
    ChangeFromName for ChangeFrom or UnknownWord: Now
}
read_and_written! {
    /// The billing interval of a price.
    IntervalName for BillingInterval or UnknownWord: Month, Year
}
read_and_written! {
    /// The reason of a refund. For `fraudulent` Stripe blocks the card and the e-mail address.
    RefundReasonName for RefundReason or UnknownWord: RequestedByCustomer, Duplicate, Fraudulent
}
written! {
    /// The purpose of an environment.
    EnvironmentKindName for EnvironmentKind: Development, Production
}
written! {
    /// The status of a checkout link: `unresolved` while it is not known whether Stripe made its page, `open` for
    /// payment, `complete` when it was paid, `synced` when its subscription is listed too, `expired` without a payment,
    /// or `refused` by Stripe.
    CheckoutLinkStatusName for CheckoutIntentState: Unresolved, Open, Complete, Synced, Expired, Refused
}
written! {
    /// The kind of an object at Stripe.
    ChargeableKindName for ChargeableKind: CheckoutSession, Subscription, SubscriptionSchedule, Invoice, InvoiceItem
}
