use std::fmt;

use askama::filters::HtmlSafe;

/// Escaped HTML, for the content of elements.
pub(super) struct Html(String);

impl HtmlSafe for Html {}

impl fmt::Display for Html {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Html {
    pub(super) fn text(text: &str) -> Self {
        Self(text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;"))
    }

    pub(super) fn code(text: &str) -> Self {
        Self(format!("<code>{}</code>", Self::text(text)))
    }

    pub(super) fn link(target: &str, text: &str) -> Self {
        let target = Self::text(target).0.replace('"', "&quot;");
        Self(format!(r#"<a href="{target}">{}</a>"#, Self::text(text)))
    }

    /// Text in which backticks mark code, and a path of `/docs/` is a link.
    pub(super) fn prose(text: &str) -> Self {
        let parts = text.split('`').enumerate().map(|(position, part)| match part {
            path if path.starts_with("/docs/") && !path.contains(' ') => Self::link(path, path),
            code if position % 2 == 1 => Self::code(code),
            words => Self::text(words),
        });
        Self::joined(parts, "")
    }

    pub(super) fn joined(parts: impl Iterator<Item = Self>, between: &str) -> Self {
        Self(parts.map(|part| part.0).collect::<Vec<_>>().join(between))
    }

    pub(super) fn and(self, other: &Self) -> Self {
        Self(self.0 + &other.0)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
