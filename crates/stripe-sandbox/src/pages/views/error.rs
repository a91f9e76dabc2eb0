use askama::Template;

use super::{Fact, Link};

/// The page of a request that was not served.
#[derive(Template)]
#[template(path = "error.html")]
pub(crate) struct ErrorPage {
    pub(crate) status: u16,
    /// Such as "This link does not work".
    pub(crate) heading: String,
    /// What happened and what to do.
    pub(crate) text: String,
    /// What was sent that was wrong, such as `client_id` and its value.
    pub(crate) facts: Vec<Fact>,
    pub(crate) link: Option<Link>,
}

#[cfg(test)]
pub(crate) mod samples {
    use super::ErrorPage;
    use crate::pages::views::samples::{Rendered, Words};
    use crate::pages::views::{Fact, Link};

    impl ErrorPage {
        fn sample(words: Words) -> Self {
            Self {
                status: 404,
                heading: words.say("There is no such session"),
                text: words.say("The address may be incomplete, or the sandbox has been reset since."),
                facts: vec![],
                link: None,
            }
        }

        fn bad_client(words: Words) -> Self {
            Self {
                status: 400,
                heading: words.say("This request to connect is not valid"),
                text: words.say(
                    "No platform has this client_id. The platform that sent you here must mend its link.",
                ),
                facts: vec![
                    Fact::sample(words, "client_id", "ca_unknown"),
                    Fact::sample(words, "redirect_uri", "https://app.example/callback"),
                ],
                link: Some(Link::sample(words, "/", "To the sandbox's home page")),
            }
        }
    }

    pub(crate) fn render_all(words: Words) -> Vec<Rendered> {
        vec![
            Rendered::of("error-404", &ErrorPage::sample(words)),
            Rendered::of("error-oauth", &ErrorPage::bad_client(words)),
        ]
    }
}
