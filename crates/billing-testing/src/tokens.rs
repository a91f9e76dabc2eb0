//! Valid and invalid dashboard tokens.

use std::time::{SystemTime, UNIX_EPOCH};

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

/// The secret of the test services.
pub const SECRET: &str = "a-secret-for-tests-of-at-least-32-bytes";

/// Now, in seconds since 1970.
#[expect(clippy::disallowed_methods, reason = "a real token expires in real time")]
pub fn unix_now() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap()
}

/// The claims of a valid token with this role in this workspace.
pub fn claims(workspace: &str, role: &str) -> Value {
    json!({
        "sub": "dashboard_user_1",
        "workspaceId": workspace,
        "role": role,
        "iss": "kolaylogin",
        "aud": "dashboard",
        "exp": unix_now() + 600,
    })
}

/// The claims without one of them.
pub fn without(claims: &Value, claim: &str) -> Value {
    let mut claims = claims.clone();
    claims.as_object_mut().unwrap().remove(claim).expect("the claim was there");
    claims
}

/// The claims with one of them changed or added.
pub fn with(claims: &Value, claim: &str, value: impl Into<Value>) -> Value {
    let mut claims = claims.clone();
    claims[claim] = value.into();
    claims
}

/// A token signed with HS256 and [`SECRET`].
pub fn signed(claims: &Value) -> String {
    sign(&Header::new(Algorithm::HS256), claims, &EncodingKey::from_secret(SECRET.as_bytes()))
}

/// A token with any header and key.
pub fn sign(header: &Header, claims: &Value, key: &EncodingKey) -> String {
    jsonwebtoken::encode(header, claims, key).unwrap()
}

/// A valid token of an owner of this workspace.
pub fn owner(workspace: &str) -> String {
    signed(&claims(workspace, "owner"))
}

/// A valid token of a member of this workspace, who has read access.
pub fn member(workspace: &str) -> String {
    signed(&claims(workspace, "member"))
}
