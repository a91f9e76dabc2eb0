macro_rules! messages {
    ($($name:ident $text:literal)+) => {
        /// A one-time message about the previous request. Its cookie holds a word, not text, so that no text can be
        /// injected.
        #[derive(Debug, Clone, Copy)]
        pub(crate) enum Flash {
            $($name),+
        }

        impl Flash {
            pub(super) fn word(self) -> &'static str {
                match self { $(Self::$name => stringify!($name)),+ }
            }

            pub(super) fn text_of(word: &str) -> Option<&'static str> {
                [$((stringify!($name), $text)),+].into_iter().find(|(known, _)| *known == word).map(|(_, text)| text)
            }
        }
    };
}

messages! {
    SignedOut "You are signed out."
    AppCreated "The app was created."
    AppSaved "The app was saved."
    BillingEnabled "Billing is on."
    GatewaySwitched "The gateway was switched."
    BillingDisabled "Billing is off."
    PlanCreated "The plan was created."
    PlanSaved "The plan was saved."
    PlanArchived "The plan was archived."
    PriceAdded "The price was added."
    PriceOfferedAlready "The plan has this price already. Nothing was changed."
    PriceArchived "The price was archived."
    FeatureAttached "The feature was attached."
    FeatureAttachedAlready "The plan has this feature already. Nothing was changed."
    FeatureKeptItsName "The feature was attached. It existed already, so it keeps its name and description."
    FeatureDetached "The feature was detached."
    FeatureCreated "The feature was created."
    FeatureSaved "The feature was saved."
    FeatureDeleted "The feature was deleted."
    CheckoutLinkReady "The checkout link is ready."
    CheckoutLinkEnded "The checkout link was ended."
    SubscriptionEnds "The subscription ends with its paid period."
    SubscriptionCanceled "The subscription was canceled."
    TrialChanged "The end of the trial was changed."
    TrialEnded "The trial was ended. The first period has begun."
    PlanChanged "The plan of the subscription was changed."
    InvoiceVoided "The invoice was voided."
    InvoiceGivenUp "The invoice is marked as uncollectible."
    InvoiceSent "Stripe sends the invoice."
    InvoiceRefunded "The refund was made."
    WorkReplayed "The work is tried again now."
    WorkGone "That work is not set aside any more. Nothing was changed."
    SubscriptionResumed "The subscription goes on. It renews itself again."
}
