//! `stripe-sandbox` as a program.

use std::{
    error::Error,
    io::{self, Write},
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::PathBuf,
    process::ExitCode,
};

use clap::Parser;
use stripe_sandbox::{Options, Sandbox};
use tokio::signal::unix::{SignalKind, signal};

/// A stateful server that speaks Stripe's API, for development and tests. No money moves here.
#[derive(Debug, Parser)]
#[command(name = "stripe-sandbox", version)]
pub struct Arguments {
    /// The address to listen on
    #[arg(long, default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    host: IpAddr,
    /// The port to listen on; 0 takes a free one
    #[arg(long, default_value_t = 12111)]
    port: u16,
    /// How browsers and clients reach it, where that is not the address it listens on; it answers to this name too
    #[arg(long)]
    url: Option<String>,
    /// The file that keeps the state
    #[arg(long, default_value = "data/stripe-sandbox.jsonl", conflicts_with = "memory")]
    state: PathBuf,
    /// Keep the state in memory only
    #[arg(long)]
    memory: bool,
    /// Forget the state of earlier runs
    #[arg(long)]
    reset: bool,
    /// Make the ids and secrets of a new state the same each time
    #[arg(long)]
    seed: Option<u64>,
    /// A clock that stands still at this time (unix seconds, from 1970 to 2100) until it is moved
    #[arg(long)]
    clock: Option<i64>,
}

impl Arguments {
    fn options(&self) -> Options {
        let mut options = if self.memory { Options::in_memory() } else { Options::in_file(&self.state) };
        options = options.at(SocketAddr::new(self.host, self.port));
        if let Some(url) = &self.url {
            options = options.reached_at(url);
        }
        if let Some(seed) = self.seed {
            options = options.seed(seed);
        }
        if let Some(clock) = self.clock {
            options = options.clock_at(clock);
        }
        if self.reset { options.reset() } else { options }
    }
}

/// Runs until it is told to stop.
pub async fn run(arguments: Arguments) -> ExitCode {
    match serve(arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error.to_string()),
    }
}

/// Prints what was asked of the command line itself: the help, the version, or what is wrong with the arguments.
pub fn answer(asked: &clap::Error) -> ExitCode {
    match printed(asked.print().and_then(|()| io::stdout().flush())) {
        Err(problem) if !asked.use_stderr() => fail(&problem),
        _ => ExitCode::from(u8::try_from(asked.exit_code()).unwrap_or(1)),
    }
}

/// Ends with a message on standard error, if it can be written there.
pub fn fail(message: &str) -> ExitCode {
    warn(message);
    ExitCode::FAILURE
}

fn warn(message: &str) {
    let _ = io::stderr().write_all(format!("stripe-sandbox: {message}\n").as_bytes());
}

/// A closed pipe is no error: its reader has read enough.
fn printed(result: io::Result<()>) -> Result<(), String> {
    match result {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(format!("standard output cannot be written: {error}"))
        }
        _ => Ok(()),
    }
}

/// Listens to signals before it says where it is reached: who reads that may end it at once. It serves also where that
/// cannot be written.
async fn serve(arguments: Arguments) -> Result<(), Box<dyn Error>> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let sandbox = Sandbox::start(arguments.options()).await?;
    if let Err(problem) = printed(writeln!(io::stdout(), "stripe-sandbox listening on {}", sandbox.url())) {
        warn(&problem);
    }
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    sandbox.stop().await;
    Ok(())
}
