use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use reqwest::{Client, ClientBuilder, Method, RequestBuilder, StatusCode};
use serde_json::Value;
use tokio::sync::oneshot;

use crate::document::Document;
use crate::tokens;

const START_TIMEOUT: Duration = Duration::from_secs(30);

/// The key that the service uses at its sandbox for the gateway `managed`.
pub const MANAGED_KEY: &str = "sk_test_kolaylogin_managed";

/// A running service for one test: the real binary on its own port.
pub struct Service {
    process: Child,
    address: String,
    stripe_sandbox: Option<String>,
    client: Client,
    document: Document,
}

/// A response of the service.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: reqwest::header::HeaderMap,
    /// The raw body.
    pub text: String,
}

/// A client that speaks plain HTTP: reading the certificates of the machine would take longer than most tests.
pub fn plain_client() -> ClientBuilder {
    Client::builder().no_proxy().tls_certs_only([])
}

impl Answer {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    /// The error code.
    pub fn error(&self) -> String {
        self.json()["error"].as_str().unwrap_or_else(|| panic!("no error: {}", self.text)).to_owned()
    }

    /// Whether it is a page of the dashboard.
    fn is_page(&self) -> bool {
        let content_type = self.headers.get("content-type").and_then(|value| value.to_str().ok());
        content_type.is_some_and(|content_type| content_type.starts_with("text/html"))
    }

    /// The status and error code.
    pub fn refusal(&self) -> (u16, String) {
        (self.status.as_u16(), self.error())
    }
}

impl Service {
    /// Starts the binary on this database in development with the test secret, and waits until it is ready.
    pub async fn start(binary: &str, database_url: &str, folder: &Path) -> Self {
        let secret = ("KL_DASHBOARD_JWT_SECRET", tokens::SECRET);
        Self::start_with(binary, database_url, folder, &[secret]).await
    }

    /// The same with these variables instead of the test secret.
    pub async fn start_with(
        binary: &str,
        database_url: &str,
        folder: &Path,
        variables: &[(&str, &str)],
    ) -> Self {
        // Concurrent services need distinct ports; production has no sandbox.
        let in_production = variables.contains(&("KL_ENV", "production"));
        let sandbox = (!in_production).then_some(("KL_STRIPE_SANDBOX_LISTEN", "127.0.0.1:0"));
        let mut process = Command::new(binary)
            .current_dir(folder)
            .env_clear()
            .env("KL_LISTEN", "127.0.0.1:0")
            .env("KL_DATABASE_URL", database_url)
            .env("KL_LOG_FORMAT", "json")
            .envs(sandbox)
            .envs(variables.iter().copied())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the service starts");
        let Served { address, stripe_sandbox } = served_from_log(&mut process).await;
        let client = plain_client().build().unwrap();
        let document = client.get(format!("http://{address}/openapi.json")).send().await.unwrap();
        let document = Document::new(document.json().await.unwrap());
        Self { process, address, stripe_sandbox, client, document }
    }

    /// The service's address.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The address of its Stripe sandbox.
    pub fn stripe_sandbox(&self) -> Option<&str> {
        self.stripe_sandbox.as_deref()
    }

    /// Pays at a hosted page of the sandbox, as its payer would.
    pub async fn pay(&self, page: &str) {
        let sandbox = self.stripe_sandbox().expect("the service has a sandbox");
        let session = page.rsplit('/').next().expect("the address names the session");
        let address = format!("{sandbox}/v1/payment_pages/{session}");
        let page = self.client.get(&address).bearer_auth(MANAGED_KEY).send().await.unwrap();
        let page: Value = page.json().await.unwrap();
        let paid = self.client.post(format!("{address}/confirm")).form(&[
            ("payment_method", "pm_card_visa".to_owned()),
            ("expected_amount", page["amount_total"].to_string()),
        ]);
        let paid = paid.bearer_auth(MANAGED_KEY).send().await.unwrap();
        assert!(paid.status().is_success(), "{}", paid.text().await.unwrap());
    }

    /// Makes or changes something at the sandbox, as the merchant would.
    pub async fn post_at_stripe(&self, path: &str, form: &[(&str, &str)]) -> Value {
        let sandbox = self.stripe_sandbox().expect("the service has a sandbox");
        let request = self.client.post(format!("{sandbox}{path}")).bearer_auth(MANAGED_KEY);
        let answer = request.form(form).send().await.unwrap();
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        assert!(status.is_success(), "{path}: {text}");
        serde_json::from_str(&text).unwrap()
    }

    /// An object or a list at the sandbox.
    pub async fn get_at_stripe(&self, path: &str) -> Value {
        let sandbox = self.stripe_sandbox().expect("the service has a sandbox");
        let request = self.client.get(format!("{sandbox}{path}")).bearer_auth(MANAGED_KEY);
        request.send().await.unwrap().json().await.unwrap()
    }

    /// Makes an open invoice of CHF 15 to the customer of a subscription, which is sent and not charged.
    pub async fn bill(&self, subscription: &str) {
        let subscription = self.get_at_stripe(&format!("/v1/subscriptions/{subscription}")).await;
        let customer = subscription["customer"].as_str().expect("a subscription has a customer");
        let item = [("customer", customer), ("amount", "1500"), ("currency", "chf")];
        self.post_at_stripe("/v1/invoiceitems", &item).await;
        let invoice = [
            ("customer", customer),
            ("currency", "chf"),
            ("collection_method", "send_invoice"),
            ("days_until_due", "30"),
            ("pending_invoice_items_behavior", "include"),
        ];
        let invoice = self.post_at_stripe("/v1/invoices", &invoice).await;
        let finalize = format!("/v1/invoices/{}/finalize", invoice["id"].as_str().expect("it has an id"));
        self.post_at_stripe(&finalize, &[]).await;
    }

    /// The `OpenAPI` document.
    pub fn document(&self) -> &Value {
        self.document.json()
    }

    /// A request without credentials.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("http://{}{path}", self.address))
    }

    /// Sends GET with a token.
    pub async fn get(&self, path: &str, token: &str) -> Answer {
        self.send(self.request(Method::GET, path).bearer_auth(token)).await
    }

    /// Sends POST with a token and no body.
    pub async fn post(&self, path: &str, token: &str) -> Answer {
        self.send(self.request(Method::POST, path).bearer_auth(token)).await
    }

    /// Sends POST with a token and JSON.
    pub async fn post_json(&self, path: &str, token: &str, body: &Value) -> Answer {
        self.send(self.request(Method::POST, path).bearer_auth(token).json(body)).await
    }

    /// Sends PATCH with a token and JSON.
    pub async fn patch_json(&self, path: &str, token: &str, body: &Value) -> Answer {
        self.send(self.request(Method::PATCH, path).bearer_auth(token).json(body)).await
    }

    /// Sends DELETE with a token.
    pub async fn delete(&self, path: &str, token: &str) -> Answer {
        self.send(self.request(Method::DELETE, path).bearer_auth(token)).await
    }

    /// Sends POST with a token, JSON and an idempotency key.
    pub async fn post_once(&self, path: &str, token: &str, key: &str, body: &Value) -> Answer {
        let request = self.request(Method::POST, path).bearer_auth(token).header("idempotency-key", key);
        self.send(request.json(body)).await
    }

    /// Sends a request and checks its response: a request id, and a body that matches the `OpenAPI` document.
    pub async fn send(&self, request: RequestBuilder) -> Answer {
        let request = request.build().unwrap();
        let (method, path) = (request.method().clone(), request.url().path().to_owned());
        let response = self.client.execute(request).await.unwrap();
        let answer = Answer {
            status: response.status(),
            headers: response.headers().clone(),
            text: response.text().await.unwrap(),
        };
        let request_id = answer.headers["x-request-id"].to_str().unwrap().to_owned();
        let refused = !answer.status.is_success() && !answer.status.is_redirection();
        if refused && method != Method::HEAD && !answer.is_page() {
            assert_eq!(answer.json()["requestId"], request_id);
        }
        self.document.check(&method, &path, &answer);
        answer
    }

    /// The memory of the process, in bytes.
    pub fn resident_bytes(&self) -> usize {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap();
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        resident.trim().trim_end_matches(" kB").parse::<usize>().unwrap() * 1024
    }

    /// Kills the process, as a crash would.
    pub fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Sends SIGTERM.
    pub fn terminate(&self) {
        let status = Command::new("kill").args(["-TERM", &self.process.id().to_string()]).status();
        assert!(status.unwrap().success());
    }

    /// Waits for the end of the process.
    pub fn wait(&mut self) -> ExitStatus {
        self.process.wait().unwrap()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // Fails if the process has ended.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The addresses a service logs at its start.
struct Served {
    address: String,
    stripe_sandbox: Option<String>,
}

impl Served {
    fn said_in(line: &str) -> Option<Self> {
        let line: Value = serde_json::from_str(line).ok()?;
        let field = |name: &str| line["fields"][name].as_str().map(str::to_owned);
        Some(Self { address: field("address")?, stripe_sandbox: field("stripe_sandbox") })
    }
}

/// Reads the log up to the service's address, and goes on reading so that the service never blocks.
async fn served_from_log(process: &mut Child) -> Served {
    let log = BufReader::new(process.stderr.take().expect("standard error is piped"));
    let (found, served) = oneshot::channel();
    std::thread::spawn(move || {
        let mut found = Some(found);
        for line in log.lines().map_while(Result::ok) {
            match (Served::said_in(&line), found.take()) {
                // The receiver may be gone.
                (Some(served), Some(found)) => drop(found.send(served)),
                (_, unused) => {
                    found = unused;
                    eprintln!("service: {line}");
                }
            }
        }
    });
    let served = tokio::time::timeout(START_TIMEOUT, served).await;
    served.ok().and_then(Result::ok).expect("the service did not start; its log is above")
}
