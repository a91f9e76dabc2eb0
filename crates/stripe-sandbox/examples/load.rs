//! Mixed reads and writes over kept connections, for so long: how many a second, how they end, and what memory the
//! server takes meanwhile. It starts the `stripe-sandbox` that was built beside it:
//!
//! ```text
//! cargo build --release -p stripe-sandbox --bin stripe-sandbox --example load
//! target/release/examples/load --seconds 60
//! ```

use std::{
    collections::BTreeMap,
    error::Error,
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use clap::Parser;
use serde_json::Value;
use tokio::task::JoinSet;

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// How many customers each connection works with; what a client makes stays, so more of them would hide a leak.
const CUSTOMERS: usize = 100;

#[derive(Debug, Clone, Copy, Parser)]
struct Arguments {
    #[arg(long, default_value_t = 30)]
    seconds: u64,
    #[arg(long, default_value_t = 16)]
    connections: u64,
}

#[tokio::main]
async fn main() -> Outcome<()> {
    let arguments = Arguments::parse();
    let folder = tempfile::tempdir()?;
    let server = Server::start(folder.path().join("state.jsonl"))?;
    println!("at the start: {}", server.size()?);
    let end = Instant::now() + Duration::from_secs(arguments.seconds);
    let mut connections = JoinSet::new();
    for number in 0..arguments.connections {
        connections.spawn(Connection::new(&server.url, number)?.work_until(end));
    }
    let mut shown = tokio::time::interval(Duration::from_secs(arguments.seconds.div_ceil(6).max(1)));
    let (mut statuses, mut slowest) = (BTreeMap::<u16, u64>::new(), Duration::ZERO);
    shown.tick().await;
    loop {
        tokio::select! {
            done = connections.join_next() => match done {
                Some(done) => {
                    let done = done??;
                    slowest = slowest.max(done.slowest);
                    done.statuses.iter().for_each(|(status, count)| *statuses.entry(*status).or_default() += count);
                }
                None => break,
            },
            _ = shown.tick() => println!("meanwhile: {}", server.size()?),
        }
    }
    println!("at the end: {}", server.size()?);
    let all: u64 = statuses.values().sum();
    println!("{all} requests, {} a second, the slowest in {slowest:?}", all / arguments.seconds.max(1));
    println!("by status: {statuses:?}");
    Ok(())
}

/// Killed when it is dropped.
struct Server {
    process: Child,
    url: String,
    state: PathBuf,
}

impl Server {
    fn start(state: PathBuf) -> Outcome<Self> {
        let this = std::env::current_exe()?;
        let built = this.parent().and_then(|examples| examples.parent()).ok_or("no target folder")?;
        let mut process = Command::new(built.join("stripe-sandbox"))
            .args(["--port", "0", "--state"])
            .arg(&state)
            .stdout(Stdio::piped())
            .spawn()?;
        let mut said = String::new();
        BufReader::new(process.stdout.take().ok_or("no output")?).read_line(&mut said)?;
        let url = said.trim().rsplit(' ').next().unwrap_or_default().to_owned();
        Ok(Self { process, url, state })
    }

    /// Of its memory, where the system tells, and of its file.
    fn size(&self) -> Outcome<String> {
        let status =
            std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap_or_default();
        let memory = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or("unknown").trim();
        let file = std::fs::metadata(&self.state)?.len() / 1024;
        Ok(format!("{memory} of memory, {file} kB of state file"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[derive(Default)]
struct Done {
    statuses: BTreeMap<u16, u64>,
    slowest: Duration,
}

struct Connection {
    http: reqwest::Client,
    url: String,
    is_first: bool,
    random: fastrand::Rng,
    customers: Vec<String>,
    price: String,
    done: Done,
}

impl Connection {
    fn new(url: &str, number: u64) -> Outcome<Self> {
        Ok(Self {
            http: reqwest::Client::builder().no_proxy().tls_certs_only([]).build()?,
            url: url.to_owned(),
            is_first: number == 0,
            random: fastrand::Rng::with_seed(number),
            customers: Vec::new(),
            price: String::new(),
            done: Done::default(),
        })
    }

    async fn work_until(mut self, end: Instant) -> Outcome<Done> {
        let price = "currency=usd&unit_amount=2000&recurring[interval]=month&product_data[name]=Basic";
        self.price = self.made("/v1/prices", price).await?;
        if self.is_first {
            // Nobody listens there: what is not delivered is kept, and tried again.
            let form = "url=http://127.0.0.1:9/&enabled_events[]=customer.updated";
            self.made("/v1/webhook_endpoints", form).await?;
        }
        while Instant::now() < end {
            self.step().await?;
        }
        Ok(self.done)
    }

    /// As many reads as writes.
    async fn step(&mut self) -> Outcome<()> {
        if self.customers.len() < CUSTOMERS {
            let form = "email=ada@example.com&payment_method=pm_card_visa&invoice_settings[default_payment_method]=pm_card_visa";
            let id = self.made("/v1/customers", form).await?;
            self.customers.push(id);
            return Ok(());
        }
        let customer = self.customers[self.random.usize(..CUSTOMERS)].clone();
        let number = self.random.u32(..);
        match self.random.u8(..16) {
            0 => drop(
                self.post(
                    "/v1/subscriptions",
                    &format!("customer={customer}&items[0][price]={}", self.price),
                )
                .await?,
            ),
            1 => drop(
                self.post("/v1/payment_intents", &format!("amount=2000&currency=usd&customer={customer}"))
                    .await?,
            ),
            2..8 => {
                let path = format!("/v1/customers/{customer}");
                drop(
                    self.post(&path, &format!("metadata[number]={number}&description=number {number}"))
                        .await?,
                );
            }
            8 => drop(self.get("/v1/events?limit=10").await?),
            9 => drop(self.get("/v1/customers?limit=10").await?),
            10 => drop(self.get(&format!("/v1/subscriptions?customer={customer}&limit=10")).await?),
            _ => drop(self.get(&format!("/v1/customers/{customer}")).await?),
        }
        Ok(())
    }

    async fn made(&mut self, path: &str, form: &str) -> Outcome<String> {
        let made: Value = serde_json::from_str(&self.post(path, form).await?)?;
        Ok(made["id"].as_str().ok_or_else(|| format!("nothing was made: {made}"))?.to_owned())
    }

    async fn get(&mut self, path: &str) -> Outcome<String> {
        self.answer(self.http.get(format!("{}{path}", self.url))).await
    }

    async fn post(&mut self, path: &str, form: &str) -> Outcome<String> {
        let key = format!("{:x}", self.random.u128(..));
        let request = self.http.post(format!("{}{path}", self.url)).header("idempotency-key", key);
        let form = request.header("content-type", "application/x-www-form-urlencoded").body(form.to_owned());
        self.answer(form).await
    }

    async fn answer(&mut self, request: reqwest::RequestBuilder) -> Outcome<String> {
        let began = Instant::now();
        let response = request.bearer_auth("sk_test_load").send().await?;
        let status = response.status().as_u16();
        let text = response.text().await?;
        *self.done.statuses.entry(status).or_default() += 1;
        self.done.slowest = self.done.slowest.max(began.elapsed());
        Ok(text)
    }
}
