use serde::{Deserialize, Serialize};

use crate::{Actor, DashboardUserId, DisplayName, WorkspaceId};

/// The caller's identity and role in a workspace. Requests act in that workspace only: no tenant id is read from a
/// request (invariant I7).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DashboardSession {
    /// The dashboard user.
    pub user_id: DashboardUserId,
    /// The user's name, to be shown instead of the id.
    pub user_name: Option<DisplayName>,
    /// The tenant.
    pub workspace_id: WorkspaceId,
    /// The tenant's name, to be shown instead of the id.
    pub workspace_name: Option<DisplayName>,
    /// The user's role in the workspace.
    pub role: Role,
}

/// The role of a dashboard user in a workspace (contract, section 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Full access.
    Owner,
    /// Full access to billing.
    Admin,
    /// Read access.
    Member,
}

words!(Role { Owner => "owner", Admin => "admin", Member => "member" });

impl Role {
    /// Whether the role may change billing.
    #[must_use]
    pub fn may_change_billing(self) -> bool {
        match self {
            Self::Owner | Self::Admin => true,
            Self::Member => false,
        }
    }
}

/// A dashboard user who may change billing. Made by [`DashboardSession::administrator`] only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Administrator {
    workspace_id: WorkspaceId,
    actor: Actor,
}

impl Administrator {
    /// The tenant.
    #[must_use]
    pub fn workspace_id(&self) -> &WorkspaceId {
        &self.workspace_id
    }

    /// The actor for the audit log.
    #[must_use]
    pub fn actor(&self) -> &Actor {
        &self.actor
    }
}

/// The role may not change billing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Only an owner or admin of the workspace can change this. Ask one of them.")]
pub struct InsufficientRole;

impl DashboardSession {
    /// A session without names.
    #[must_use]
    pub fn new(user_id: DashboardUserId, workspace_id: WorkspaceId, role: Role) -> Self {
        Self { user_id, user_name: None, workspace_id, workspace_name: None, role }
    }

    /// The administrator of this session.
    ///
    /// # Errors
    /// [`InsufficientRole`] for a member.
    pub fn administrator(&self) -> Result<Administrator, InsufficientRole> {
        if !self.role.may_change_billing() {
            return Err(InsufficientRole);
        }
        Ok(Administrator {
            workspace_id: self.workspace_id.clone(),
            actor: Actor::DashboardUser { id: self.user_id.clone(), name: self.user_name.clone() },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_owner_or_admin_may_change_billing_and_a_member_may_not() {
        let user = DashboardUserId::parse("ada").unwrap();
        let workspace = WorkspaceId::parse("ws_one").unwrap();
        let session = |role| DashboardSession::new(user.clone(), workspace.clone(), role);
        for role in [Role::Owner, Role::Admin] {
            let administrator = session(role).administrator().unwrap();
            assert_eq!(administrator.workspace_id().as_str(), "ws_one");
            assert_eq!(administrator.actor().to_string(), "dashboard user ada");
        }
        assert_eq!(session(Role::Member).administrator(), Err(InsufficientRole));
    }

    #[test]
    fn the_actor_has_the_name_of_the_session() {
        let user_name = Some(DisplayName::parse("Ada Yılmaz").unwrap());
        let nameless = DashboardSession::new(
            DashboardUserId::parse("ada").unwrap(),
            WorkspaceId::parse("ws_one").unwrap(),
            Role::Owner,
        );
        assert_eq!(nameless.administrator().unwrap().actor().name(), None);
        let named = DashboardSession { user_name, ..nameless }.administrator().unwrap();
        assert_eq!(named.actor().name(), Some("Ada Yılmaz"));
        assert_eq!(named.actor().to_string(), "dashboard user ada");
    }
}
