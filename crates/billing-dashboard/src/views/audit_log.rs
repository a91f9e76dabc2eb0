use askama::Template;

use super::{AppLink, Layout, ListFoot, Moment};

view! {
    /// `/settings/audit-log`.
    #[derive(Template)]
    #[template(path = "audit_log.html")]
    struct AuditLogPage {
        layout: Layout,
        /// The filter by person.
        person: String,
        /// The filter by app.
        app: String,
        /// The apps to choose from.
        apps: Vec<AppLink>,
        days: Vec<AuditDay>,
        foot: ListFoot,
    }

    struct AuditDay {
        date: String,
        entries: Vec<AuditEntryRow>,
    }

    /// An entry as a sentence, such as "Pro: price $12.50 → $15.00 / month".
    struct AuditEntryRow {
        at: Moment,
        /// The name at the time; empty where only the id is known.
        who: String,
        id: String,
        /// The app's name, or "Workspace".
        place: String,
        subject: String,
        sentence: String,
        changes: Vec<ChangeRow>,
    }

    /// A changed field. Empty texts are shown as a dash.
    struct ChangeRow {
        field: String,
        before: String,
        after: String,
    }
}

impl AuditEntryRow {
    /// Whether something was there before.
    pub(crate) fn has_before(&self) -> bool {
        self.changes.iter().any(|change| !change.before.is_empty())
    }
}
