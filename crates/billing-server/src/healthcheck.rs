use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use crate::BoxError;

const TIMEOUT: Duration = Duration::from_secs(3);

/// Passes when the service that listens at this address can serve requests.
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

/// A service that listens on every address is asked on this machine's own.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}
