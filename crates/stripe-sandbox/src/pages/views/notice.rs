use askama::Template;

use super::Link;

/// Says what is so, where there is nothing to do but to go on.
#[derive(Template)]
#[template(path = "notice.html")]
pub(crate) struct NoticePage {
    /// Such as "Authentication is complete".
    pub(crate) heading: String,
    pub(crate) text: String,
    pub(crate) link: Option<Link>,
}

#[cfg(test)]
pub(crate) mod samples {
    use super::NoticePage;
    use crate::pages::views::Link;
    use crate::pages::views::samples::{Rendered, Words};

    impl NoticePage {
        fn sample(words: Words) -> Self {
            Self {
                heading: words.say("Authentication is complete"),
                text: words.say("You can close this page."),
                link: Some(Link::sample(words, "https://shop.example/account", "Continue")),
            }
        }
    }

    pub(crate) fn render_all(words: Words) -> Vec<Rendered> {
        let last = NoticePage { link: None, ..NoticePage::sample(words) };
        vec![Rendered::of("notice", &NoticePage::sample(words)), Rendered::of("notice-last", &last)]
    }
}
