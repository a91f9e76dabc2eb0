use askama::Template;

use super::Problem;

/// `/oauth/authorize`: a platform asks to be connected to an account.
#[derive(Template)]
#[template(path = "consent.html")]
pub(crate) struct ConsentPage {
    pub(crate) platform: String,
    /// Where the answer is sent, such as "app.example".
    pub(crate) return_host: String,
    /// As asked for, and posted back.
    pub(crate) request: AuthorizeRequest,
    /// What the platform may do, a sentence each.
    pub(crate) grants: Vec<String>,
    /// The accounts that may be connected instead of a new one.
    pub(crate) accounts: Vec<ConsentAccount>,
    /// The account that is ticked, or `new`.
    pub(crate) chosen: String,
    /// Why the answer was not accepted.
    pub(crate) error: Option<String>,
    /// A new one each time the page is rendered, so that a double click connects once.
    pub(crate) submission: String,
}

pub(crate) struct AuthorizeRequest {
    pub(crate) response_type: String,
    pub(crate) client_id: String,
    pub(crate) scope: String,
    pub(crate) state: String,
    pub(crate) redirect_uri: String,
}

pub(crate) struct ConsentAccount {
    pub(crate) id: String,
    pub(crate) name: String,
}

impl ConsentPage {
    fn problems(&self) -> Vec<Problem<'_>> {
        Problem::of_form(self.error.as_ref()).into_iter().collect()
    }
}

#[cfg(test)]
pub(crate) mod samples {
    use super::{AuthorizeRequest, ConsentAccount, ConsentPage};
    use crate::pages::views::samples::{Rendered, Words};

    impl ConsentPage {
        fn sample(words: Words) -> Self {
            Self {
                platform: words.say("KolayLogin"),
                return_host: words.say("app.example"),
                request: AuthorizeRequest {
                    response_type: words.say("code"),
                    client_id: words.say("ca_test"),
                    scope: words.say("read_write"),
                    state: words.say("xyz"),
                    redirect_uri: words.say("https://app.example/callback"),
                },
                grants: vec![
                    words.say("Read everything in the account: customers, payments, subscriptions."),
                    words.say("Create and change products, prices, subscriptions and payments."),
                ],
                accounts: vec![
                    ConsentAccount { id: words.say("acct_1"), name: words.say("Acme Web") },
                    ConsentAccount { id: words.say("acct_2"), name: words.say("Beta Tools") },
                ],
                chosen: "new".to_owned(),
                error: None,
                submission: words.say("9b40"),
            }
        }
    }

    pub(crate) fn render_all(words: Words) -> Vec<Rendered> {
        let first = ConsentPage { accounts: vec![], ..ConsentPage::sample(words) };
        let refused = ConsentPage {
            chosen: words.say("acct_2"),
            error: Some(words.say("This account is gone.")),
            ..ConsentPage::sample(words)
        };
        vec![
            Rendered::of("consent", &ConsentPage::sample(words)),
            Rendered::of("consent-first", &first),
            Rendered::of("consent-errors", &refused),
        ]
    }
}
