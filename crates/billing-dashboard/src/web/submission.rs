use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{BytesMut, Payload};
use billing_application::{Refusal, Refused};
use billing_domain::{Administrator, RequestKey, Version};
use futures_util::StreamExt;

use super::{Failure, Fields, Visit, refusal, rendered};
use crate::views::{FormError, FormState, SessionExpiredPage};

const LARGEST_FORM: usize = 64 * 1024;
const LONGEST_UPLOAD: Duration = Duration::from_secs(10);

/// A form submitted from one of our pages.
pub(crate) struct Submission {
    pub(crate) visit: Visit,
    pub(crate) fields: Fields,
}

impl Submission {
    /// Reads a form; refuses one that no page of ours made.
    pub(crate) async fn receive(visit: Visit, payload: Payload) -> Result<Self, Failure> {
        let read = tokio::time::timeout(LONGEST_UPLOAD, read(payload)).await;
        let body = read.map_err(|_| Failure::refused("The form was not received in time."))??;
        let submission = Self { visit, fields: Fields::read(&body) };
        if submission.is_ours() { Ok(submission) } else { Err(Failure::foreign_form()) }
    }

    /// Two independent checks against CSRF: the browser's origin headers, and the token of the cookie, which other
    /// sites cannot read.
    fn is_ours(&self) -> bool {
        let visit = &self.visit;
        let from_here = match (visit.header("sec-fetch-site"), visit.header("origin")) {
            (Some(site), _) => site == "same-origin",
            (None, Some(origin)) => {
                let host = visit.header("host").unwrap_or_default();
                // A proxy may have changed the host.
                origin == visit.dashboard.settings.public_origin
                    || origin.split_once("://").is_some_and(|(_, authority)| authority == host)
            }
            (None, None) => true,
        };
        let (sent, _) = self.token();
        let (sent, expected) = (sent.as_bytes(), visit.csrf().as_bytes());
        // In constant time.
        let differences =
            sent.iter().zip(expected).fold(0, |seen, (sent, expected)| seen | (sent ^ expected));
        from_here && sent.len() == expected.len() && differences == 0
    }

    /// The submitted CSRF token and the session the page was made for.
    fn token(&self) -> (&str, Option<&str>) {
        let token = self.fields.text("csrf");
        token.split_once('.').map_or((token, None), |(secret, made_for)| (secret, Some(made_for)))
    }

    /// Checks that the page was made for the present session.
    pub(crate) fn require_same_session(&self) -> Result<(), Failure> {
        let session = self.visit.session()?;
        let (_, made_for) = self.token();
        if made_for == Some(&*format!("{}.{}", session.workspace_id, session.user_id)) {
            return Ok(());
        }
        Err(Failure::other_session())
    }

    /// The administrator who sent the form.
    pub(crate) fn administrator(&self) -> Result<Administrator, Failure> {
        Ok(self.visit.session()?.administrator()?)
    }

    /// The idempotency key.
    pub(crate) fn request_key(&self) -> Option<RequestKey> {
        RequestKey::parse(self.fields.text("submission")).ok()
    }

    /// The version the edit is based on; one that always conflicts if absent.
    pub(crate) fn version(&self) -> Version {
        Version::from_stored(self.fields.text("version").parse().unwrap_or(u32::MAX))
    }

    /// The state of the same form with errors. It stays the same submission.
    pub(crate) fn again(&self, errors: Vec<FormError>) -> FormState {
        let carried = |name| Some(self.fields.text(name).to_owned()).filter(|text| !text.is_empty());
        FormState {
            csrf: self.visit.form_token(),
            submission: carried("submission"),
            version: carried("version"),
            errors,
            ..FormState::default()
        }
    }

    /// The status and form of a refused change. A key used for other values is replaced.
    pub(crate) fn refused<E: Refusal>(
        &self,
        refused: Refused<E>,
    ) -> Result<(StatusCode, FormState), Failure> {
        let is_key_reused = matches!(refused, Refused::RequestKeyReused(_));
        let (status, error) = refusal(refused)?;
        let mut state = self.again(vec![error]);
        state.is_unanswered = status == StatusCode::SERVICE_UNAVAILABLE;
        if is_key_reused {
            state.submission = self.visit.creating().submission;
        }
        Ok((status, state))
    }

    /// Keeps the submitted fields for sending again after signing in.
    pub(crate) fn session_expired(self) -> (Visit, Result<HttpResponse, Failure>) {
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        let page = SessionExpiredPage {
            sign_in: "/sign-in?returnTo=/app".to_owned(),
            action: self.visit.path().to_owned(),
            fields: self.fields.all().map(owned).collect(),
        };
        let reply = rendered(StatusCode::UNAUTHORIZED, &page);
        (self.visit, reply)
    }
}

async fn read(mut payload: Payload) -> Result<BytesMut, Failure> {
    let mut body = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| Failure::refused("The form was not received completely."))?;
        if body.len() + chunk.len() > LARGEST_FORM {
            return Err(Failure::too_large());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}
