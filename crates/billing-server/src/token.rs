use billing_domain::ports::Clock;
use billing_domain::{DashboardUserId, Role, WorkspaceId};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use crate::adapters::SystemClock;
use crate::cli::DashboardClaims;
use crate::settings::{DashboardTokenSource, Environment, Settings};
use crate::{BoxError, development_secret};

/// A dashboard token for the claims of the command line.
pub(crate) fn dashboard(settings: &Settings, claims: &DashboardClaims) -> Result<String, BoxError> {
    signed(settings, &claims.workspace, &claims.user, claims.role.role(), claims.ttl_seconds)
}

/// A dashboard token that this service accepts.
pub(crate) fn signed(
    settings: &Settings,
    workspace: &str,
    user: &str,
    role: Role,
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
    let claims = json!({
        "sub": DashboardUserId::parse(user)?,
        "workspaceId": WorkspaceId::parse(workspace)?,
        "role": role,
        "iss": settings.dashboard_jwt_issuer,
        "aud": "dashboard",
        "exp": SystemClock.now().timestamp() + ttl_seconds,
    });
    let key = EncodingKey::from_secret(secret.expose_secret().as_bytes());
    Ok(jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &key)?)
}
