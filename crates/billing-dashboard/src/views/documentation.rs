use askama::Template;

use super::Layout;

view! {
    /// `/docs/enable-billing` and the other documents.
    #[derive(Template)]
    #[template(path = "documentation.html")]
    struct DocumentationPage {
        /// Absent for a reader who is not signed in.
        layout: Option<Layout>,
        document: &'static Document,
    }

    /// A document of ours.
    struct Document {
        path: &'static str,
        title: String,
        html: TrustedHtml,
        contents: Vec<Heading>,
        /// Addresses and labels of what belongs to it.
        links: Vec<(&'static str, &'static str)>,
        /// Whether its tables need the whole page, and the contents are left out.
        is_wide: bool,
        /// The address of its text as a prompt.
        prompt: Option<&'static str>,
    }
}

/// Rendered markdown of ours, which is not escaped.
pub(crate) struct TrustedHtml(pub(crate) String);

/// A heading of the contents, with those under it.
pub(crate) struct Heading {
    pub(crate) id: String,
    pub(crate) text: String,
    pub(crate) under: Vec<Heading>,
}
