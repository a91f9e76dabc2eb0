use billing_domain::ports::Clock;
use billing_domain::{DashboardUserId, WorkspaceId};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use crate::adapters::SystemClock;
use crate::cli::DashboardClaims;
use crate::settings::{DashboardTokenSource, Environment, Settings};
use crate::{BoxError, development_secret};

/// A dashboard token the service of this machine accepts.
pub(crate) fn dashboard(settings: &Settings, claims: &DashboardClaims) -> Result<String, BoxError> {
    if settings.environment == Environment::Production {
        return Err("tokens are made here in development only; in production the dashboard makes them".into());
    }
    let generated: SecretString;
    let secret = match &settings.dashboard_tokens {
        DashboardTokenSource::Secret(secret) => secret,
        DashboardTokenSource::GeneratedSecret => {
            generated = development_secret::load_or_create()?;
            &generated
        }
        DashboardTokenSource::JwksUrl(_) => {
            return Err("KL_DASHBOARD_JWKS_URL is set: only the issuer of those keys can make a token".into());
        }
    };
    let claims = json!({
        "sub": DashboardUserId::parse(&claims.user)?,
        "workspaceId": WorkspaceId::parse(&claims.workspace)?,
        "role": claims.role.as_claim(),
        "iss": settings.dashboard_jwt_issuer,
        "aud": "dashboard",
        "exp": SystemClock.now().timestamp() + claims.ttl_seconds,
    });
    let key = EncodingKey::from_secret(secret.expose_secret().as_bytes());
    Ok(jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &key)?)
}
