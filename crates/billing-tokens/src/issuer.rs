use std::time::Duration;

use billing_domain::ports::BoxError;
use reqwest::header::{ACCEPT_ENCODING, CONTENT_ENCODING};
use reqwest::{Client, Response, StatusCode, Url};

use crate::key_set::KeySet;

/// From the connection to the last byte.
const FETCH_TIMEOUT: Duration = Duration::from_secs(5);
/// In bytes.
const LARGEST_KEY_SET: usize = 256 * 1024;

/// The place where an issuer publishes its keys.
pub(crate) struct Issuer {
    client: Client,
    url: Url,
}

impl Issuer {
    /// The issuer that publishes its keys at this URL. Nothing is fetched yet.
    ///
    /// # Errors
    /// If the URL is malformed or the HTTP client cannot be built.
    pub(crate) fn at(url: &str) -> Result<Self, reqwest::Error> {
        let client =
            Client::builder().timeout(FETCH_TIMEOUT).redirect(reqwest::redirect::Policy::none()).build()?;
        let url = client.get(url).build()?.url().clone();
        Ok(Self { client, url })
    }

    /// Fetches the key set, for at most 5 seconds and 256 KiB. Follows no redirects. May be repeated.
    ///
    /// # Errors
    /// If the issuer answers anything but 200 with a JSON Web Key Set, uncompressed and within these limits.
    pub(crate) async fn fetch(&self) -> Result<KeySet, BoxError> {
        let request = self.client.get(self.url.clone()).header(ACCEPT_ENCODING, "identity");
        // The URL may hold a credential, and errors are logged.
        let response = request.send().await.map_err(reqwest::Error::without_url)?;
        if response.status() != StatusCode::OK {
            return Err(format!("the issuer answered {}", response.status()).into());
        }
        if let Some(encoding) = response.headers().get(CONTENT_ENCODING).filter(|value| *value != "identity")
        {
            return Err(format!("the key set is compressed ({encoding:?}), which was not asked for").into());
        }
        let json = read(response).await?;
        KeySet::parse(&json).map_err(|error| format!("the issuer's answer is no key set: {error}").into())
    }
}

async fn read(mut response: Response) -> Result<Vec<u8>, BoxError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(reqwest::Error::without_url)? {
        if body.len() + chunk.len() > LARGEST_KEY_SET {
            return Err(format!("the key set is larger than {} KiB", LARGEST_KEY_SET / 1024).into());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}
