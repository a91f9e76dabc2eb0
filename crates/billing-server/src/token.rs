use billing_domain::DashboardSession;
use billing_domain::ports::Clock;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use crate::adapters::SystemClock;
use crate::settings::{DashboardTokenSource, Environment, Settings};
use crate::{BoxError, development_secret};

/// A dashboard token of the session that this service accepts.
pub(crate) fn signed(
    settings: &Settings,
    session: &DashboardSession,
    ttl_seconds: i64,
) -> Result<String, BoxError> {
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
    let mut claims = json!({
        "sub": session.user_id,
        "workspaceId": session.workspace_id,
        "role": session.role,
        "iss": settings.dashboard_jwt_issuer,
        "aud": "dashboard",
        "exp": SystemClock.now().timestamp() + ttl_seconds,
    });
    for (claim, name) in [("name", &session.user_name), ("workspaceName", &session.workspace_name)] {
        if let Some(name) = name {
            claims[claim] = Value::from(name.as_str());
        }
    }
    let key = EncodingKey::from_secret(secret.expose_secret().as_bytes());
    Ok(jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &key)?)
}
