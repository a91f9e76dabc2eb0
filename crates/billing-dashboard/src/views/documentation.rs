use askama::Template;

use super::Frame;

/// `/docs/enable-billing`.
#[derive(Template)]
#[template(path = "documentation.html")]
pub(crate) struct DocumentationPage {
    pub(crate) layout: Frame,
    /// Rendered markdown of our own with the page's `h1`. Not escaped.
    pub(crate) trusted_html: String,
}

#[cfg(test)]
pub(crate) mod samples {
    use super::DocumentationPage;
    use crate::views::samples::{Rendered, Words};
    use crate::views::{Frame, Layout, Section};

    const RENDERED_MARKDOWN: &str = "<h1>Enable billing</h1><p>Billing is <strong>off</strong> by default. \
        See <a href=\"/app\">your apps</a>.</p><h2>Ask for a feature</h2><ol><li>Open the app.</li>\
        <li>Choose <em>Billing</em>.</li></ol><pre><code class=\"language-ts\">const billing = await \
        kolay.billing.me({ token }); // { plan, features, status }</code></pre><table><thead><tr>\
        <th>Variable</th><th>Meaning</th></tr></thead><tbody><tr><td><code>KL_STRIPE_CONNECT_CLIENT_ID</code>\
        </td><td>The platform’s account for Connect</td></tr></tbody></table><blockquote><p>Nothing at Stripe \
        is provisioned until then.</p></blockquote>";

    impl DocumentationPage {
        fn sample(layout: Frame) -> Self {
            Self { layout, trusted_html: RENDERED_MARKDOWN.to_owned() }
        }
    }

    pub(crate) fn render_all(words: Words) -> Vec<Rendered> {
        let signed_in = Frame::SignedIn(Layout::sample(words, Section::Documentation));
        let signed_out = Frame::sample_signed_out(words);
        vec![
            Rendered::of("documentation", &DocumentationPage::sample(signed_in)),
            Rendered::of("documentation-signed-out", &DocumentationPage::sample(signed_out)),
        ]
    }
}
