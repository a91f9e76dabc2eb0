use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use crate::{BoxError, output};

const TIMEOUT: Duration = Duration::from_secs(3);

/// The question to the service.
#[derive(Clone, Copy)]
pub(crate) enum Probe {
    /// The process answers.
    Liveness,
    /// The database can be reached too.
    Readiness,
}

impl Probe {
    fn path(self) -> &'static str {
        match self {
            Self::Liveness => "/healthz",
            Self::Readiness => "/readyz",
        }
    }

    fn passed(self) -> &'static str {
        match self {
            Self::Liveness => "alive",
            Self::Readiness => "ready",
        }
    }
}

/// Checks the service at this address.
pub(crate) async fn check(listen: SocketAddr, probe: Probe) -> Result<(), BoxError> {
    let url = format!("http://{}{}", reachable(listen), probe.path());
    // Plain HTTP to this machine: a client that reads the system's certificates fails where there are none.
    let client = reqwest::Client::builder().timeout(TIMEOUT).no_proxy().tls_certs_only([]).build()?;
    let answer = client.get(&url).send().await?;
    if answer.status().is_success() {
        return output::print(probe.passed());
    }
    Err(format!("{url} answered {}: {}", answer.status(), answer.text().await?).into())
}

/// The address to connect to: the loopback address for a service that listens on all.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}
