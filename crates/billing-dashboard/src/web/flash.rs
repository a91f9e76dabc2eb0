/// A one-time message about the previous request. Its cookie holds a word, not text, so that no text can be injected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flash {
    SignedOut,
    AppCreated,
    AppSaved,
    BillingEnabled,
    GatewaySwitched,
    BillingDisabled,
    PlanCreated,
    PlanSaved,
    PlanArchived,
    PriceAdded,
    PriceOfferedAlready,
    PriceArchived,
    FeatureAttached,
    FeatureAttachedAlready,
    FeatureKeptItsName,
    FeatureDetached,
    FeatureCreated,
    FeatureSaved,
    FeatureDeleted,
}

impl Flash {
    const ALL: [(Self, &'static str, &'static str); 19] = [
        (Self::SignedOut, "signed-out", "You are signed out."),
        (Self::AppCreated, "app-created", "The app was created."),
        (Self::AppSaved, "app-saved", "The app was saved."),
        (Self::BillingEnabled, "billing-enabled", "Billing is on."),
        (Self::GatewaySwitched, "gateway-switched", "The gateway was switched."),
        (Self::BillingDisabled, "billing-disabled", "Billing is off."),
        (Self::PlanCreated, "plan-created", "The plan was created."),
        (Self::PlanSaved, "plan-saved", "The plan was saved."),
        (Self::PlanArchived, "plan-archived", "The plan was archived."),
        (Self::PriceAdded, "price-added", "The price was added."),
        (Self::PriceOfferedAlready, "price-offered", "The plan has this price already. Nothing was changed."),
        (Self::PriceArchived, "price-archived", "The price was archived."),
        (Self::FeatureAttached, "feature-attached", "The feature was attached."),
        (
            Self::FeatureAttachedAlready,
            "feature-there",
            "The plan has this feature already. Nothing was changed.",
        ),
        (
            Self::FeatureKeptItsName,
            "feature-kept-name",
            "The feature was attached. It existed already, so it keeps its name and description.",
        ),
        (Self::FeatureDetached, "feature-detached", "The feature was detached."),
        (Self::FeatureCreated, "feature-created", "The feature was created."),
        (Self::FeatureSaved, "feature-saved", "The feature was saved."),
        (Self::FeatureDeleted, "feature-deleted", "The feature was deleted."),
    ];

    pub(super) fn word(self) -> &'static str {
        Self::ALL.iter().find(|(flash, ..)| *flash == self).map_or("", |(_, word, _)| word)
    }

    pub(super) fn text_of(word: &str) -> Option<&'static str> {
        Self::ALL.iter().find(|(_, known, _)| *known == word).map(|(.., text)| *text)
    }
}
