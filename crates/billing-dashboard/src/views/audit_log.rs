use askama::Template;

use super::{Layout, Moment, Pager};

/// `/settings/audit-log`.
#[derive(Template)]
#[template(path = "audit_log.html")]
pub(crate) struct AuditLogPage {
    pub(crate) layout: Layout,
    pub(crate) entries: Vec<AuditEntryRow>,
    pub(crate) pager: Pager,
}

pub(crate) struct AuditEntryRow {
    pub(crate) at: Moment,
    pub(crate) who: String,
    /// Such as "Plan “Pro” changed".
    pub(crate) sentence: String,
    pub(crate) changes: Vec<ChangeRow>,
}

/// A changed field. Empty texts are shown as a dash.
pub(crate) struct ChangeRow {
    pub(crate) field: String,
    pub(crate) before: String,
    pub(crate) after: String,
}

#[cfg(test)]
pub(crate) mod samples {
    use super::{AuditEntryRow, AuditLogPage, ChangeRow};
    use crate::views::samples::{Rendered, Words};
    use crate::views::{Layout, Moment, Pager, Section};

    impl AuditLogPage {
        fn sample(words: Words) -> Self {
            let entry = |sentence: &str, changes| AuditEntryRow {
                at: Moment::sample(words),
                who: words.say("demo_user"),
                sentence: words.say(sentence),
                changes,
            };
            let change = |field: &str, before: &str, after: &str| ChangeRow {
                field: words.say(field),
                before: words.say(before),
                after: words.say(after),
            };
            Self {
                layout: Layout::sample(words, Section::AuditLog),
                entries: vec![
                    entry(
                        "Plan “Pro” changed",
                        vec![change("name", "Pro", "Professional"), change("trial", "", "14")],
                    ),
                    entry("Billing enabled", vec![]),
                ],
                pager: Pager::sample(words),
            }
        }

        fn empty(words: Words) -> Self {
            Self { entries: vec![], pager: Pager::default(), ..Self::sample(words) }
        }
    }

    pub(crate) fn render_all(words: Words) -> Vec<Rendered> {
        vec![
            Rendered::of("audit-log", &AuditLogPage::sample(words)),
            Rendered::of("audit-log-empty", &AuditLogPage::empty(words)),
        ]
    }
}
