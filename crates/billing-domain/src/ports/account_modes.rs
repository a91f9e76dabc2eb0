use async_trait::async_trait;

use super::StoreError;
use crate::GatewayAccountId;

/// The mode in which each gateway account is used, over all workspaces. A Stripe account has one id in test mode and in
/// live mode, and each mode has its own objects: asked with a key of the other mode, Stripe knows none of ours
/// (invariant I8).
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait AccountModes: Send + Sync {
    /// Whether the account is used in live mode. `None` before its first use by any workspace, which stores the mode
    /// ([`use_gateway_account`]).
    ///
    /// Uses of a version that stored no mode are given `is_live`, the mode of the present key, for good, unless the
    /// account is used in the other mode. Of an account that two processes began to use at once in both modes, the answer
    /// is the other mode than `is_live`.
    ///
    /// [`use_gateway_account`]: super::GatewayLinkRepository::use_gateway_account
    async fn mode_of_account(
        &self,
        account: &GatewayAccountId,
        is_live: bool,
    ) -> Result<Option<bool>, StoreError>;
}
