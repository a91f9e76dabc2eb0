use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use crate::BoxError;

const TIMEOUT: Duration = Duration::from_secs(3);

/// Checks that the service at this address is ready.
pub(crate) async fn check(listen: SocketAddr) -> Result<(), BoxError> {
    let url = format!("http://{}/readyz", reachable(listen));
    let client = reqwest::Client::builder().timeout(TIMEOUT).no_proxy().build()?;
    let answer = client.get(&url).send().await?;
    if answer.status().is_success() {
        println!("ready");
        return Ok(());
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
