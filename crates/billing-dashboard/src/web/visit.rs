use std::convert::Infallible;
use std::str::FromStr;
use std::sync::Arc;

use actix_web::http::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use actix_web::http::{Method, StatusCode};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use billing_application::{Change, Executor, Reads, Refusal, Refused};
use billing_domain::ports::SessionError;
use billing_domain::{Administrator, App, AppId, DashboardSession, DisplayName, RequestKey, type_id};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::cookies::{of_this_host, set_cookie, value, without_cookie};
use super::{Failure, Flash, Reply, redirect, rendered};
use crate::views::{AppLink, ErrorPage, FormState, Layout, Place};
use crate::{Dashboard, SignIn};

const FLASH_COOKIE: &str = "kl_billing_said";
const CSRF_COOKIE: &str = "kl_billing_csrf";

/// A request of a browser, with or without a session.
#[derive(Clone)]
pub(crate) struct Visit {
    pub(crate) dashboard: Data<Dashboard>,
    request: HttpRequest,
    csrf: String,
    csrf_is_new: bool,
    said: Option<&'static str>,
    session: Option<Arc<DashboardSession>>,
    /// Whether the session has expired.
    pub(crate) session_expired: bool,
}

impl Visit {
    /// Begins a request.
    pub(crate) async fn begin(
        dashboard: Data<Dashboard>,
        request: HttpRequest,
    ) -> (Self, Result<(), Failure>) {
        let csrf = value(&request, &of_this_host(&dashboard, CSRF_COOKIE));
        let said = value(&request, FLASH_COOKIE).and_then(|word| Flash::text_of(&word));
        let mut visit = Self {
            csrf_is_new: csrf.is_none(),
            csrf: csrf.unwrap_or_default(),
            said,
            session: None,
            session_expired: false,
            dashboard,
            request,
        };
        let begun = visit.recognize().await;
        (visit, begun)
    }

    async fn recognize(&mut self) -> Result<(), Failure> {
        if self.csrf_is_new {
            self.csrf = random_token()?;
        }
        let Some(token) = value(&self.request, &self.dashboard.settings.session_cookie) else {
            return Ok(());
        };
        match self.dashboard.sessions.verify(&token).await {
            Ok(session) => self.session = Some(Arc::new(session)),
            Err(SessionError::Refused { expired, .. }) => self.session_expired = expired,
            Err(failed) => return Err(failed.into()),
        }
        Ok(())
    }

    /// The session. Fails without one, which the route has checked.
    pub(crate) fn session(&self) -> Result<&DashboardSession, Failure> {
        self.session.as_deref().ok_or_else(no_session)
    }

    pub(crate) fn is_signed_in(&self) -> bool {
        self.session.is_some()
    }

    /// A path parameter as an id or key; an invalid one is not found.
    pub(crate) fn of_path<T: FromStr>(&self, name: &str) -> Result<T, Failure> {
        self.request.match_info().query(name).parse().map_err(|_| Failure::not_found())
    }

    /// A query parameter.
    pub(crate) fn of_query(&self, name: &str) -> Option<String> {
        let query = self.request.query_string().as_bytes();
        form_urlencoded::parse(query).find(|(known, _)| known == name).map(|(_, text)| text.into_owned())
    }

    pub(crate) fn path(&self) -> &str {
        self.request.path()
    }

    /// The path and query, to return to.
    pub(crate) fn path_and_query(&self) -> String {
        self.request.uri().path_and_query().map_or_else(|| "/app".to_owned(), ToString::to_string)
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.request.headers().get(name).and_then(|value| value.to_str().ok())
    }

    /// The token of a form: a secret of our pages, bound to the session. It refuses a form of another user or
    /// workspace.
    pub(crate) fn form_token(&self) -> String {
        match &self.session {
            Some(session) => format!("{}.{}.{}", self.csrf, session.workspace_id, session.user_id),
            None => self.csrf.clone(),
        }
    }

    /// The secret part of the token.
    pub(super) fn csrf(&self) -> &str {
        &self.csrf
    }

    /// The outcome of a read.
    pub(crate) async fn read<T, E, Asking>(
        &self,
        ask: impl FnOnce(Arc<Reads>, Arc<DashboardSession>) -> Asking,
    ) -> Result<T, Failure>
    where
        Asking: Future<Output = Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: Into<Failure> + Send + 'static,
    {
        let session = self.session.clone().ok_or_else(no_session)?;
        let asking = ask(Arc::clone(&self.dashboard.reads), Arc::clone(&session));
        self.dashboard.runner.read(&session.workspace_id, asking).await?.map_err(Into::into)
    }

    /// The outcome of a read that asks the payment gateway, on the main runtime like every call to it; the page decides how a
    /// refusal is shown.
    pub(crate) async fn ask_gateway<T, E, Asking>(
        &self,
        ask: impl FnOnce(Arc<Reads>, Arc<DashboardSession>) -> Asking,
    ) -> Result<Result<T, Refused<E>>, Failure>
    where
        Asking: Future<Output = Result<T, Refused<E>>> + Send + 'static,
        T: Send + 'static,
        E: Refusal,
    {
        let session = self.session.clone().ok_or_else(no_session)?;
        let reads = Arc::new(self.dashboard.executor.reads());
        let asking = Box::pin(ask(reads, Arc::clone(&session)));
        Ok(self.dashboard.runner.ask_gateway(&session.workspace_id, asking).await?)
    }

    /// The outcome of a change that mostly asks the payment gateway, such as a preview; the page decides how a refusal is
    /// shown.
    pub(crate) async fn ask_to_change<T, E, Calling>(
        &self,
        administrator: Administrator,
        call: impl FnOnce(Executor, Administrator) -> Calling,
    ) -> Result<Result<T, Refused<E>>, Failure>
    where
        Calling: Future<Output = Result<T, Refused<E>>> + Send + 'static,
        T: Send + 'static,
        E: Refusal,
    {
        let workspace = administrator.workspace_id().clone();
        let calling = Box::pin(call(self.dashboard.executor.clone(), administrator));
        Ok(self.dashboard.runner.ask_gateway(&workspace, calling).await?)
    }

    /// The outcome of a use case; the page decides how a refusal is shown.
    pub(crate) async fn call<T, E, Calling>(
        &self,
        administrator: Administrator,
        call: impl FnOnce(Executor, Administrator) -> Calling,
    ) -> Result<Result<T, Refused<E>>, Failure>
    where
        Calling: Future<Output = Result<T, Refused<E>>> + Send + 'static,
        T: Send + 'static,
        E: Refusal,
    {
        let workspace = administrator.workspace_id().clone();
        // One that reaches Stripe is large.
        let calling = Box::pin(call(self.dashboard.executor.clone(), administrator));
        Ok(self.dashboard.runner.run(&workspace, calling).await?)
    }

    /// The outcome of a change.
    pub(crate) async fn change<C: Change>(
        &self,
        administrator: Administrator,
        change: C,
    ) -> Result<Result<C::Answer, Refused<C::Refusal>>, Failure> {
        self.call(administrator, |executor, by| async move { executor.change(&by, &change).await }).await
    }

    /// The outcome of a change made once per submission.
    pub(crate) async fn change_once<C>(
        &self,
        administrator: Administrator,
        change: C,
        key: Option<RequestKey>,
    ) -> Result<Result<C::Answer, Refused<C::Refusal>>, Failure>
    where
        C: Change<Answer: Serialize + DeserializeOwned> + Serialize,
    {
        let changing =
            |executor: Executor, by| async move { executor.change_once(&by, &change, key.as_ref()).await };
        self.call(administrator, changing).await
    }

    /// The app of the path.
    pub(crate) async fn app(&self) -> Result<App, Failure> {
        let id: AppId = self.of_path("app_id")?;
        self.read(|reads, session| async move { reads.app(&session.workspace_id, &id).await }).await
    }

    pub(crate) fn layout(&self, place: Place) -> Result<Layout, Failure> {
        let session = self.session()?;
        let name_or =
            |name: &Option<DisplayName>, id: &str| name.as_ref().map_or(id, DisplayName::as_str).to_owned();
        Ok(Layout {
            workspace: name_or(&session.workspace_name, session.workspace_id.as_str()),
            user: name_or(&session.user_name, session.user_id.as_str()),
            role: session.role.as_str(),
            can_change: session.role.may_change_billing(),
            place,
            app: None,
            flash: self.said(),
            csrf: self.form_token(),
            can_sign_out: matches!(self.dashboard.settings.sign_in, SignIn::Demo(_)),
        })
    }

    pub(crate) fn app_layout(&self, app: &App, place: Place) -> Result<Layout, Failure> {
        Ok(Layout { app: Some(AppLink::of(app)), ..self.layout(place)? })
    }

    /// The one-time message about the previous request.
    pub(crate) fn said(&self) -> Option<String> {
        self.said.map(str::to_owned)
    }

    /// The state of a form that creates. Sent twice, it creates once.
    pub(crate) fn creating(&self) -> FormState {
        let submission = Some(type_id("form", self.dashboard.ids.uuid_v7()));
        FormState { submission, ..self.confirming() }
    }

    /// The state of a form that edits this version.
    pub(crate) fn editing(&self, version: billing_domain::Version) -> FormState {
        FormState { version: Some(version.number().to_string()), ..self.confirming() }
    }

    /// The state of a form that confirms.
    pub(crate) fn confirming(&self) -> FormState {
        FormState { csrf: self.form_token(), ..FormState::default() }
    }

    /// Redirects to a page that shows this message.
    pub(crate) fn done(&self, flash: Flash, path: &str) -> Reply {
        let mut response = redirect(path);
        let said = set_cookie(&self.dashboard, FLASH_COOKIE.to_owned(), flash.word().to_owned());
        response.add_cookie(&said).map_err(|error| Failure::internal(error.to_string()))?;
        Ok(response)
    }

    /// The response with its cookies.
    pub(crate) fn finish(self, reply: Reply) -> HttpResponse {
        let mut response = match reply {
            Ok(response) => response,
            Err(failure) => self.show(&failure),
        };
        let mut cookies = Vec::new();
        // Only a page has forms; the files are the same for everybody.
        if self.csrf_is_new && is_page(&response) {
            let name = of_this_host(&self.dashboard, CSRF_COOKIE);
            cookies.push(set_cookie(&self.dashboard, name, self.csrf.clone()));
        }
        if self.said.is_some() && is_page(&response) {
            cookies.push(without_cookie(&self.dashboard, FLASH_COOKIE.to_owned()));
        }
        for cookie in cookies {
            if let Err(error) = response.add_cookie(&cookie) {
                tracing::error!(%error, "a cookie cannot be set");
            }
        }
        response
    }

    fn show(&self, failure: &Failure) -> HttpResponse {
        failure.log(self.path());
        let (status, text) = match failure {
            Failure::BillingOff if self.request.method() == Method::POST => {
                // A redirect would lose the submitted fields.
                (StatusCode::FORBIDDEN, Some(Refused::<Infallible>::NotEnabled.to_string()))
            }
            Failure::BillingOff => match self.of_path::<AppId>("app_id") {
                Ok(app) => return redirect(&format!("/app/{app}/billing")),
                Err(_) => return redirect("/app"),
            },
            Failure::Status { status, text, .. } => (*status, text.clone()),
        };
        let page = ErrorPage {
            status: status.as_u16(),
            text,
            request_id: self.header("x-request-id").map(str::to_owned),
        };
        let fallback = |_| HttpResponse::new(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = rendered(status, &page).unwrap_or_else(fallback);
        let retry_after = match status {
            StatusCode::SERVICE_UNAVAILABLE => Some("5"),
            StatusCode::TOO_MANY_REQUESTS => Some("1"),
            _ => None,
        };
        if let Some(seconds) = retry_after {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static(seconds));
        }
        response
    }
}

fn no_session() -> Failure {
    Failure::internal("a page was shown without a session")
}

fn is_page(response: &HttpResponse) -> bool {
    let content_type = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    content_type.is_some_and(|content_type| content_type.starts_with("text/html"))
}

/// 128 random bits.
fn random_token() -> Result<String, Failure> {
    let mut bits = [0; 16];
    getrandom::fill(&mut bits).map_err(|error| Failure::internal(error.to_string()))?;
    Ok(format!("{:032x}", u128::from_be_bytes(bits)))
}
