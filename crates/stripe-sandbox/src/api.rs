//! One request to the API, from its credentials to its answer.

use serde_json::Value;

use crate::{
    control::Damage,
    resources,
    store::{Origin, Tx, World},
    wire::{
        Answer, ApiError, Call, Routes,
        auth::authenticate,
        expand::expand,
        form::Form,
        hex,
        idempotency::{IdempotentAnswer, checked_key},
        routes::{self, Method, Route},
        version,
    },
};

/// The version whose shapes the sandbox speaks.
pub const API_VERSION: &str = "2026-09-30.endive";

#[derive(Debug, Clone, Default)]
pub struct ApiRequest {
    pub method: String,
    pub path: String,
    pub query: String,
    pub content_type: Option<String>,
    pub body: Vec<u8>,
    pub authorization: Option<String>,
    pub stripe_account: Option<String>,
    pub stripe_version: Option<String>,
    pub idempotency_key: Option<String>,
}

#[derive(Debug, Clone)]
pub struct ApiResponse {
    pub status: u16,
    pub body: Value,
    pub request_id: String,
    pub stripe_account: Option<String>,
    pub stripe_version: String,
    pub idempotency_key: Option<String>,
    /// The request that was first answered so, when this is its answer again.
    pub original_request: Option<String>,
    pub retry_later: bool,
}

impl ApiResponse {
    /// A refusal before anything was looked at.
    #[must_use]
    pub fn refused(error: &ApiError) -> Self {
        Self {
            status: error.status,
            body: error.body(),
            request_id: format!("req_{:016x}", fastrand::u64(..)),
            stripe_account: None,
            stripe_version: API_VERSION.to_owned(),
            idempotency_key: None,
            original_request: None,
            retry_later: false,
        }
    }
}

pub struct Api {
    routes: Routes,
}

impl Api {
    pub fn new() -> Self {
        let mut routes = Routes::default();
        resources::routes(&mut routes);
        Self { routes }
    }

    /// The method and path of all that is served.
    pub fn routes(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.routes.paths.iter().map(|(path, method)| (method.as_str(), path.as_str()))
    }

    /// Whose account it is, for rules that apply before anything is done.
    ///
    /// # Errors
    ///
    /// Credentials that are missing, wrong or of a live account.
    pub fn account(world: &mut World, request: &ApiRequest) -> Result<String, ApiError> {
        authenticate(world, request.authorization.as_deref(), request.stripe_account.as_deref())
    }

    /// Carries a request out. `damage` is what a fault does to it.
    pub fn answer(&self, world: &mut World, request: &ApiRequest, damage: Option<Damage>) -> ApiResponse {
        let request_id = {
            let mut tx = world.begin("", Origin::default());
            tx.new_id("req_")
        };
        let mut response = ApiResponse {
            status: 200,
            body: Value::Null,
            request_id: request_id.clone(),
            stripe_account: request.stripe_account.clone(),
            stripe_version: API_VERSION.to_owned(),
            idempotency_key: request.idempotency_key.clone(),
            original_request: None,
            retry_later: false,
        };
        match self.carry_out(world, request, &mut response, damage) {
            Ok(()) => {}
            Err(error) => {
                response.status = error.status;
                response.retry_later = damage == Some(Damage::RateLimit) && error.status == 429;
                response.body = error.body();
            }
        }
        if request.method != "GET"
            && let Some(why) = world.unwritten()
        {
            let error = ApiError::internal(format!(
                "The state file cannot be written: {why}. If the sandbox ends now, what was asked for is lost."
            ));
            (response.status, response.body) = (error.status, error.body());
        }
        response
    }

    fn carry_out(
        &self,
        world: &mut World,
        request: &ApiRequest,
        response: &mut ApiResponse,
        damage: Option<Damage>,
    ) -> Result<(), ApiError> {
        let account = Self::account(world, request)?;
        if let Some(version) = &request.stripe_version {
            version::checked(version)?;
            response.stripe_version.clone_from(version);
        }
        let method = Method::parse(&request.method).ok_or_else(|| unrecognized(request))?;
        let (route, ids) = self.routes.find(method, &request.path).ok_or_else(|| unrecognized(request))?;
        let form = parameters(request)?;
        let key = request.idempotency_key.as_deref().filter(|_| method == Method::Post);
        key.map_or(Ok(()), checked_key)?;
        damage.and_then(|damage| damage.refusal(key)).map_or(Ok(()), Err)?;
        let origin = Origin {
            request: Some(response.request_id.clone()),
            idempotency_key: request.idempotency_key.clone(),
        };
        let mut tx = world.begin(&account, origin);
        let asked = key.map(|_| fingerprint(method, &request.path, &form)).unwrap_or_default();
        if let Some(key) = key
            && let Some(known) = IdempotentAnswer::find(&tx, key, &asked)?
        {
            response.status = known.status;
            response.body = known.body.value();
            response.original_request = Some(known.request);
            return Ok(());
        }
        let done = match damage.and_then(Damage::failure_instead) {
            Some(failure) => Err(failure),
            None => Call::new(&request.path, route, ids, form)
                .map_err(ApiError::before_execution)
                .and_then(|call| perform(&mut tx, route, call)),
        };
        let is_stored = done.as_ref().map_or_else(ApiError::is_stored, |_| true);
        let (status, body) = match done {
            Ok(body) => match damage.and_then(Damage::failure_afterwards) {
                Some(failure) => (failure.status, failure.body()),
                None => (200, body),
            },
            Err(error) => {
                if !error.keeps_changes {
                    tx = tx.undone();
                }
                (error.status, error.body())
            }
        };
        if let Some(key) = key.filter(|_| is_stored) {
            let (id, body) = (key.to_owned(), body.clone().into());
            let (created, request) = (tx.now(None), response.request_id.clone());
            IdempotentAnswer { id, created, asked, request, status, body }.keep(&mut tx);
        }
        tx.commit();
        response.status = status;
        response.body = body;
        Ok(())
    }
}

fn unrecognized(request: &ApiRequest) -> ApiError {
    if let Some(absent) = routes::absent(&request.path) {
        return ApiError::not_found(format!("{absent} ({}: {}).", request.method, request.path));
    }
    ApiError::not_found(format!(
        "Unrecognized request URL ({}: {}). The sandbox serves what billing needs of Stripe's API: see /_sandbox/routes.",
        request.method, request.path
    ))
}

fn perform(tx: &mut Tx<'_>, route: Route, mut call: Call) -> Result<Value, ApiError> {
    let answer = (route.endpoint)(tx, &mut call)?;
    let mut body = match answer {
        Answer::Json(body) => body,
        Answer::Object(kind, id) => tx.object(kind, &id).map_or(Value::Null, |object| object.render(tx)),
    };
    for path in &call.expand {
        expand(tx, &mut body, route.answers, route.is_list, path);
    }
    Ok(body)
}

/// Parameters come in the query and in the body, whatever the method; what comes in both is the body's.
fn parameters(request: &ApiRequest) -> Result<Form, ApiError> {
    if request.query.is_empty() {
        return Form::of_body(request.content_type.as_deref(), &request.body);
    }
    let both = [request.query.as_bytes(), &request.body].join(&b'&');
    let content_type = request.content_type.as_deref().filter(|_| !request.body.is_empty());
    Form::of_body(content_type, &both)
}

fn fingerprint(method: Method, path: &str, form: &Form) -> String {
    let parameters = serde_json::to_string(form).unwrap_or_default();
    let asked = format!("{} {path} {parameters}", method.as_str());
    hex(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, asked.as_bytes()).as_ref())
}

/// For tests: what an API call leaves in the world, and its answer.
#[cfg(test)]
pub fn post(world: &mut World, path: &str, form: &str) -> ApiResponse {
    let request = ApiRequest {
        method: "POST".to_owned(),
        path: path.to_owned(),
        body: form.as_bytes().to_vec(),
        authorization: Some("Bearer sk_test_a".to_owned()),
        ..ApiRequest::default()
    };
    Api::new().answer(world, &request, None)
}
