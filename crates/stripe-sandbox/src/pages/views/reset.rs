use askama::Template;

/// `/_sandbox/reset`: asks before everything is deleted.
#[derive(Template)]
#[template(path = "reset.html")]
pub(crate) struct ResetPage {
    /// Such as "1,302 objects and 4,210 events".
    pub(crate) contents: String,
}

#[cfg(test)]
pub(crate) mod samples {
    use super::ResetPage;
    use crate::pages::views::samples::{Rendered, Words};

    impl ResetPage {
        fn sample(words: Words) -> Self {
            Self { contents: words.say("1,302 objects and 4,210 events") }
        }
    }

    pub(crate) fn render_all(words: Words) -> Vec<Rendered> {
        vec![Rendered::of("reset", &ResetPage::sample(words))]
    }
}
