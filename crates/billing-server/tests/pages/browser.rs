use std::collections::BTreeMap;
use std::sync::Mutex;

use billing_testing::{Service, plain_client, tokens};
use reqwest::header::{LOCATION, SET_COOKIE};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, RequestBuilder};

/// A browser without JavaScript: it keeps cookies, fills forms and does not follow where it is sent.
pub(crate) struct Browser {
    client: Client,
    address: String,
    cookies: Mutex<BTreeMap<String, String>>,
    workspace: Mutex<Option<String>>,
}

/// What it was given.
pub(crate) struct Page {
    pub status: u16,
    pub location: Option<String>,
    pub headers: reqwest::header::HeaderMap,
    pub text: String,
}

impl Page {
    /// The page without what differs between two answers to one question.
    pub(crate) fn without_request_id(&self) -> String {
        let request_id = self.headers["x-request-id"].to_str().unwrap();
        self.text.replace(request_id, "")
    }

    /// The value of the first hidden input of this name.
    pub(crate) fn hidden(&self, name: &str) -> Option<&str> {
        let (_, behind) = self.text.split_once(&format!("name=\"{name}\" value=\""))?;
        behind.split('"').next()
    }

    pub(crate) fn shows(&self, text: &str) -> bool {
        self.text.contains(text)
    }
}

impl Browser {
    pub(crate) fn new(service: &Service) -> Self {
        Self {
            client: plain_client().redirect(Policy::none()).build().unwrap(),
            address: service.address().to_owned(),
            cookies: Mutex::default(),
            workspace: Mutex::default(),
        }
    }

    /// A browser of somebody who is signed in.
    pub(crate) fn of(service: &Service, workspace: &str, role: &str) -> Self {
        let browser = Self::new(service);
        browser.sign_in(workspace, role);
        browser
    }

    /// From now on it is somebody of this workspace.
    pub(crate) fn sign_in(&self, workspace: &str, role: &str) {
        self.set_cookie("kl_dashboard", &tokens::signed(&tokens::claims(workspace, role)));
        *self.workspace.lock().unwrap() = Some(workspace.to_owned());
    }

    pub(crate) fn set_cookie(&self, name: &str, value: &str) {
        self.cookies.lock().unwrap().insert(name.to_owned(), value.to_owned());
    }

    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.lock().unwrap().get(name).cloned()
    }

    pub(crate) fn forget(&self, name: &str) {
        self.cookies.lock().unwrap().remove(name);
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let cookies: Vec<_> =
            self.cookies.lock().unwrap().iter().map(|(name, value)| format!("{name}={value}")).collect();
        self.client
            .request(method, format!("http://{}{path}", self.address))
            .header("accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")
            .header("cookie", cookies.join("; "))
    }

    pub(crate) async fn send(&self, request: RequestBuilder) -> Page {
        let response = request.send().await.unwrap();
        for cookie in response.headers().get_all(SET_COOKIE) {
            let cookie = cookie.to_str().unwrap();
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            if cookie.contains("Max-Age=0") {
                self.forget(name);
            } else {
                self.set_cookie(name, value);
            }
        }
        let location = response.headers().get(LOCATION).map(|path| path.to_str().unwrap().to_owned());
        Page {
            status: response.status().as_u16(),
            location,
            headers: response.headers().clone(),
            text: response.text().await.unwrap(),
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Page {
        self.send(self.request(Method::GET, path)).await
    }

    /// The token the forms of its pages carry.
    pub(crate) async fn form_token(&self) -> String {
        let csrf = self.csrf().await;
        let workspace = self.workspace.lock().unwrap();
        workspace.as_ref().map_or(csrf.clone(), |workspace| format!("{csrf}.{workspace}.dashboard_user_1"))
    }

    /// The part of it that is in the cookie.
    async fn csrf(&self) -> String {
        let kept = || self.cookie("kl_billing_csrf").or_else(|| self.cookie("__Host-kl_billing_csrf"));
        if kept().is_none() {
            self.get("/sign-in").await;
        }
        kept().unwrap()
    }

    /// Sends a form as one of our pages would.
    pub(crate) async fn submit(&self, action: &str, fields: &[(&str, &str)]) -> Page {
        let token = self.form_token().await;
        let mut all = vec![("csrf", token.as_str())];
        all.extend(fields);
        self.send(self.request(Method::POST, action).form(&all)).await
    }
}
