use askama::Template;

use super::Frame;

/// The page of a failed request.
#[derive(Template)]
#[template(path = "error.html")]
pub(crate) struct ErrorPage {
    pub(crate) layout: Frame,
    pub(crate) status: u16,
    /// Replaces the usual text of the status.
    pub(crate) text: Option<String>,
    pub(crate) request_id: Option<String>,
}

/// The response to a form sent after the session ended.
#[derive(Template)]
#[template(path = "session_expired.html")]
pub(crate) struct SessionExpiredPage {
    pub(crate) layout: Frame,
    /// The sign-in address, for another tab.
    pub(crate) sign_in: String,
    /// The address to send the form to again.
    pub(crate) action: String,
    /// The submitted fields.
    pub(crate) fields: Vec<HiddenField>,
}

pub(crate) struct HiddenField {
    pub(crate) name: String,
    pub(crate) value: String,
}

impl ErrorPage {
    pub(crate) fn heading(&self) -> &'static str {
        match self.status {
            400 => "This request cannot be understood",
            403 => "You cannot do this",
            404 => "There is nothing here",
            405 => "This address does not work that way",
            409 => "This has changed in the meantime",
            413 => "This is too long",
            503 => "Billing cannot be reached right now",
            _ => "Something went wrong on our side",
        }
    }

    pub(crate) fn text(&self) -> &str {
        self.text.as_deref().unwrap_or(match self.status {
            400 => "Go back, reload the page and try again.",
            403 => "Ask an owner or admin of the workspace.",
            404 => "The address is wrong, or what was here belongs to another workspace or no longer exists.",
            405 => "Go back and use the buttons of the page.",
            409 => "Go back, reload the page to see how it is now, and try again.",
            413 => "Go back, shorten it and send it again.",
            503 => "Try again in a minute.",
            _ => "Try again in a minute. If it keeps happening, send us the request id.",
        })
    }
}

#[cfg(test)]
pub(crate) mod samples {
    use super::{ErrorPage, HiddenField, SessionExpiredPage};
    use crate::views::samples::{Rendered, Words};
    use crate::views::{Frame, Layout, Section};

    impl ErrorPage {
        fn sample(words: Words, status: u16) -> Self {
            Self {
                layout: Frame::SignedIn(Layout::sample(words, Section::Elsewhere)),
                status,
                text: None,
                request_id: Some(words.say("0199e3f2-7c1d-7a53-9a0e-2f4f6f0a9d11")),
            }
        }

        fn signed_out(words: Words) -> Self {
            let layout = Frame::sample_signed_out(words);
            let text = Some(words.say("The form was sent from another site."));
            Self { layout, text, ..Self::sample(words, 403) }
        }
    }

    impl SessionExpiredPage {
        fn sample(words: Words) -> Self {
            let fields = [("name", "Pro"), ("key", "pro")];
            Self {
                layout: Frame::sample_signed_out(words),
                sign_in: words.say("/sign-in"),
                action: words.say("/app/app_demo/billing/plans/new"),
                fields: fields
                    .map(|(name, value)| HiddenField { name: words.say(name), value: words.say(value) })
                    .into(),
            }
        }
    }

    pub(crate) fn render_all(words: Words) -> Vec<Rendered> {
        vec![
            Rendered::of("error-400", &ErrorPage::sample(words, 400)),
            Rendered::of("error-404", &ErrorPage::sample(words, 404)),
            Rendered::of("error-405", &ErrorPage::sample(words, 405)),
            Rendered::of("error-409", &ErrorPage::sample(words, 409)),
            Rendered::of("error-413", &ErrorPage::sample(words, 413)),
            Rendered::of("error-500", &ErrorPage::sample(words, 500)),
            Rendered::of("error-503", &ErrorPage::sample(words, 503)),
            Rendered::of("error-signed-out", &ErrorPage::signed_out(words)),
            Rendered::of("session-expired", &SessionExpiredPage::sample(words)),
        ]
    }
}
