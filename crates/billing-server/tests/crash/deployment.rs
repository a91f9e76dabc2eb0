//! The service as it is deployed: processes on one database, with a Stripe that outlives them.

use std::sync::Mutex;
use std::time::Duration;

use billing_testing::{Answer, Service, TestDatabase, plain_client, tokens};
use reqwest::{Client, Method};
use serde_json::Value;

use crate::stripe::{Endpoint, KEY, Stripe};

const BINARY: &str = env!("CARGO_BIN_EXE_billing-server");

/// The log has what went wrong, and the line that names the address.
const LOG: &str = "warn,billing_server::serve=info";

/// The time after which a request counts as lost.
const ANSWERED_WITHIN: Duration = Duration::from_mins(1);

pub(crate) struct Deployment {
    pub(crate) database: TestDatabase,
    pub(crate) stripe: Stripe,
    client: Client,
    replicas: Vec<Replica>,
}

/// A process that is replaced by another one when it is killed.
struct Replica {
    endpoint: Endpoint,
    address: Mutex<String>,
    process: Mutex<Option<Service>>,
}

/// A request of the owner of a workspace, which may be sent more than once.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) workspace: String,
    pub(crate) method: Method,
    /// The path under `/v1/dashboard`.
    pub(crate) path: String,
    pub(crate) key: Option<String>,
    pub(crate) body: Option<Value>,
}

impl Deployment {
    /// Starts this many processes.
    pub(crate) async fn start(database: TestDatabase, replicas: usize) -> Self {
        let stripe = Stripe::start().await;
        let client = plain_client().timeout(ANSWERED_WITHIN).build().unwrap();
        let mut deployment = Self { database, stripe, client, replicas: Vec::new() };
        for _ in 0..replicas {
            let endpoint = deployment.stripe.new_endpoint().await;
            let (address, process) = Default::default();
            deployment.replicas.push(Replica { endpoint, address, process });
        }
        for replica in 0..replicas {
            deployment.resume(replica).await;
        }
        deployment
    }

    pub(crate) fn replicas(&self) -> usize {
        self.replicas.len()
    }

    /// Kills a process, as a crash would.
    pub(crate) fn kill(&self, replica: usize) {
        let process = self.replicas[replica].process.lock().unwrap().take();
        process.expect("it runs").kill();
    }

    /// Starts a process in the place of one that was killed.
    pub(crate) async fn resume(&self, replica: usize) {
        let secrets: Vec<_> = self.replicas.iter().map(|replica| replica.endpoint.secret.as_str()).collect();
        let settings = [
            ("KL_DASHBOARD_JWT_SECRET", tokens::SECRET),
            ("KL_STRIPE_API_BASE", self.stripe.url()),
            ("KL_STRIPE_MANAGED_SECRET_KEY", KEY),
            ("KL_STRIPE_MANAGED_WEBHOOK_SECRET", &secrets.join(",")),
            ("KL_LOG", LOG),
        ];
        let (url, folder) = (&self.database.url, self.database.folder.path());
        let service = Service::start_with(BINARY, url, folder, &settings).await;
        let replica = &self.replicas[replica];
        self.stripe.deliver_to(&replica.endpoint, service.address()).await;
        service.address().clone_into(&mut replica.address.lock().unwrap());
        *replica.process.lock().unwrap() = Some(service);
    }

    /// Sends a request to a process.
    pub(crate) async fn ask(&self, replica: usize, request: &Request) -> Result<Answer, reqwest::Error> {
        let address = self.replicas[replica].address.lock().unwrap().clone();
        let url = format!("http://{address}/v1/dashboard{}", request.path);
        let sent = self.client.request(request.method.clone(), url);
        let sent = sent.bearer_auth(tokens::owner(&request.workspace));
        let sent = request.key.iter().fold(sent, |sent, key| sent.header("idempotency-key", key));
        let answer = request.body.iter().fold(sent, reqwest::RequestBuilder::json).send().await?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        Ok(Answer { status, headers, text: answer.text().await? })
    }
}
