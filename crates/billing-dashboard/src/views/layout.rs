/// The layout of a page with a session.
pub(crate) struct Layout {
    pub(crate) workspace_id: String,
    pub(crate) user_id: String,
    /// `owner`, `admin` or `member`.
    pub(crate) role: String,
    /// Whether changing forms and buttons are shown.
    pub(crate) can_change: bool,
    pub(crate) nav: Section,
    /// The one-time message about the previous request.
    pub(crate) flash: Option<String>,
    pub(crate) csrf: String,
    /// Whether the dashboard can end the session.
    pub(crate) can_sign_out: bool,
    pub(crate) asset_version: String,
}

/// The current links of header and sidebar.
pub(crate) enum Section {
    Apps,
    AppOverview(AppLink),
    AppBilling(AppLink),
    BillingSettings,
    AuditLog,
    Documentation,
    /// None: an error page.
    Elsewhere,
}

/// The app of the sidebar.
pub(crate) struct AppLink {
    pub(crate) id: String,
    pub(crate) name: String,
}

/// The layout of a page with or without a session.
pub(crate) enum Frame {
    SignedIn(Layout),
    SignedOut { flash: Option<String>, asset_version: String },
}

/// The links to other pages of a list.
#[derive(Default)]
pub(crate) struct Pager {
    /// Absent on the first page.
    pub(crate) first: Option<String>,
    /// Absent on the last page.
    pub(crate) next: Option<String>,
}

/// A moment: RFC 3339, and as people read it.
pub(crate) struct Moment {
    pub(crate) machine: String,
    pub(crate) text: String,
}

impl Layout {
    #[expect(clippy::unnecessary_wraps, reason = "templates ask a `Layout` and a `Frame` the same question")]
    pub(crate) fn signed_in(&self) -> Option<&Self> {
        Some(self)
    }

    pub(crate) fn flash(&self) -> Option<&str> {
        self.flash.as_deref()
    }

    pub(crate) fn asset_version(&self) -> &str {
        &self.asset_version
    }
}

impl Frame {
    pub(crate) fn signed_in(&self) -> Option<&Layout> {
        match self {
            Self::SignedIn(layout) => Some(layout),
            Self::SignedOut { .. } => None,
        }
    }

    pub(crate) fn flash(&self) -> Option<&str> {
        match self {
            Self::SignedIn(layout) => layout.flash(),
            Self::SignedOut { flash, .. } => flash.as_deref(),
        }
    }

    pub(crate) fn asset_version(&self) -> &str {
        match self {
            Self::SignedIn(layout) => layout.asset_version(),
            Self::SignedOut { asset_version, .. } => asset_version,
        }
    }
}

impl Section {
    pub(crate) fn app(&self) -> Option<&AppLink> {
        match self {
            Self::AppOverview(app) | Self::AppBilling(app) => Some(app),
            _ => None,
        }
    }

    pub(crate) fn is_apps(&self) -> bool {
        matches!(self, Self::Apps | Self::AppOverview(_) | Self::AppBilling(_))
    }

    pub(crate) fn is_app_overview(&self) -> bool {
        matches!(self, Self::AppOverview(_))
    }

    pub(crate) fn is_app_billing(&self) -> bool {
        matches!(self, Self::AppBilling(_))
    }

    pub(crate) fn is_settings(&self) -> bool {
        matches!(self, Self::BillingSettings | Self::AuditLog)
    }

    pub(crate) fn is_billing_settings(&self) -> bool {
        matches!(self, Self::BillingSettings)
    }

    pub(crate) fn is_audit_log(&self) -> bool {
        matches!(self, Self::AuditLog)
    }

    pub(crate) fn is_documentation(&self) -> bool {
        matches!(self, Self::Documentation)
    }
}

impl Pager {
    pub(crate) fn is_needed(&self) -> bool {
        self.first.is_some() || self.next.is_some()
    }
}

#[cfg(test)]
mod samples {
    use super::{AppLink, Frame, Layout, Moment, Pager, Section};
    use crate::views::samples::Words;

    impl Layout {
        pub(crate) fn sample(words: Words, nav: Section) -> Self {
            Self {
                workspace_id: words.say("ws_demo"),
                user_id: words.say("demo_user"),
                role: words.say("owner"),
                can_change: true,
                nav,
                flash: None,
                csrf: words.say("2f1c"),
                can_sign_out: true,
                asset_version: words.say("dev"),
            }
        }

        pub(crate) fn sample_billing(words: Words) -> Self {
            Self::sample(words, Section::AppBilling(AppLink::sample(words)))
        }

        pub(crate) fn member(words: Words, nav: Section) -> Self {
            Self { role: words.say("member"), can_change: false, ..Self::sample(words, nav) }
        }

        pub(crate) fn member_billing(words: Words) -> Self {
            Self::member(words, Section::AppBilling(AppLink::sample(words)))
        }

        pub(crate) fn saying(mut self, words: Words, flash: &str) -> Self {
            self.flash = Some(words.say(flash));
            self
        }
    }

    impl AppLink {
        pub(crate) fn sample(words: Words) -> Self {
            Self { id: words.say("app_demo"), name: words.say("Acme Web") }
        }
    }

    impl Frame {
        pub(crate) fn sample_signed_out(words: Words) -> Self {
            Self::SignedOut { flash: None, asset_version: words.say("dev") }
        }
    }

    impl Pager {
        pub(crate) fn sample(words: Words) -> Self {
            Self { first: Some(words.say("?")), next: Some(words.say("?cursor=abc")) }
        }
    }

    impl Moment {
        pub(crate) fn sample(words: Words) -> Self {
            Self { machine: words.say("2026-11-22T12:34:56.789Z"), text: words.say("22 Nov 2026, 12:34 UTC") }
        }
    }
}
