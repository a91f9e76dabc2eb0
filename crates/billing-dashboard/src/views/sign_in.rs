use askama::Template;

use super::{FormState, Frame};

/// `/sign-in`.
#[derive(Template)]
#[template(path = "sign_in.html")]
pub(crate) struct SignInPage {
    pub(crate) layout: Frame,
    /// Whether a session has just expired.
    pub(crate) expired: bool,
    pub(crate) way: SignInWay,
}

/// The way to sign in.
pub(crate) enum SignInWay {
    /// One click as a demo owner or member, in development.
    Demo { form: FormState, return_to: String },
    /// On the platform, at the configured address if any.
    Platform { address: Option<String> },
}

#[cfg(test)]
pub(crate) mod samples {
    use super::{SignInPage, SignInWay};
    use crate::views::samples::{Rendered, Words};
    use crate::views::{FormState, Frame};

    impl SignInPage {
        fn sample(words: Words, way: SignInWay) -> Self {
            Self { layout: Frame::sample_signed_out(words), expired: true, way }
        }
    }

    pub(crate) fn render_all(words: Words) -> Vec<Rendered> {
        let form = FormState::sample_creating(words);
        let demo = SignInWay::Demo { form, return_to: words.say("/app") };
        let platform = SignInWay::Platform { address: Some(words.say("https://kolaylogin.example/sign-in")) };
        let nowhere =
            SignInPage { expired: false, ..SignInPage::sample(words, SignInWay::Platform { address: None }) };
        vec![
            Rendered::of("sign-in-demo", &SignInPage::sample(words, demo)),
            Rendered::of("sign-in-platform", &SignInPage::sample(words, platform)),
            Rendered::of("sign-in-nowhere", &nowhere),
        ]
    }
}
