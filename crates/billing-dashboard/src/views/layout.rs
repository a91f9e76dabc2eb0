view! {
    /// The frame of a page with a session.
    struct Layout {
        /// The workspace's name, or else its id.
        workspace: String,
        /// The user's name, or else their id.
        user: String,
        /// `owner`, `admin` or `member`.
        role: &'static str,
        /// Whether changing forms and buttons are shown.
        can_change: bool,
        place: Place,
        /// The app of the page, if it is one's.
        app: Option<AppLink>,
        /// The one-time message about the previous request.
        flash: Option<String>,
        csrf: String,
        /// Whether the dashboard can end the session.
        can_sign_out: bool,
    }
}

/// The entries of the sidebar.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    General,
    Billing,
    Apps,
    BillingSettings,
    AuditLog,
    Guide,
}

view! {
    struct AppLink {
        id: String,
        name: String,
    }

    /// What stands above and beneath a list: its address without filters, and its pages.
    #[derive(Default)]
    struct ListFoot {
        path: String,
        is_filtered: bool,
        /// Whether nothing is listed on any page.
        is_empty: bool,
        /// Such as "26–50 of 3,412 plans". Absent for an empty list.
        range: Option<String>,
        /// Absent on the first page.
        previous: Option<String>,
        /// Absent on the last page.
        next: Option<String>,
    }

    /// A status to filter a list by.
    struct Segment {
        path: String,
        label: String,
        /// Absent if it is not known for the list's other filters.
        count: Option<String>,
        is_chosen: bool,
    }

    /// A moment: RFC 3339, and as people read it.
    struct Moment {
        machine: String,
        /// Such as "29 Nov 2026".
        date: String,
        /// Such as "12:04 UTC".
        clock: String,
    }

    /// An option of a select.
    struct Choice {
        value: String,
        label: String,
    }

    /// A status with its tone: `good`, `info`, `warn`, `bad`, or empty.
    struct Status {
        label: String,
        tone: &'static str,
    }
}

impl Choice {
    pub(crate) fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into() }
    }
}

impl ListFoot {
    /// Whether there is nothing to list, whatever the filters.
    pub(crate) fn is_new(&self) -> bool {
        self.is_empty && !self.is_filtered
    }
}

impl Layout {
    /// The attribute of the sidebar's entry.
    pub(crate) fn current(&self, place: Place) -> &'static str {
        if self.place == place { " aria-current=\"page\"" } else { "" }
    }

    /// The path of the app's Billing pages.
    pub(crate) fn billing(&self) -> String {
        format!("/app/{}/billing", self.app.as_ref().map_or("", |app| &app.id))
    }
}
