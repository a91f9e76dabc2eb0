use actix_web::http::StatusCode;
use billing_domain::BillingSwitch;

use crate::present::{gateway, moment};
use crate::views::{BillingSettingsPage, BillingStatus, Section};
use crate::web::{Reply, Visit, rendered};

pub(crate) async fn show(visit: Visit) -> Reply {
    let switch =
        visit.read(|reads, session| async move { reads.billing_switch(&session.workspace_id).await }).await?;
    let status = match switch {
        BillingSwitch::Disabled => BillingStatus::Off,
        BillingSwitch::Enabled { since, gateway: chosen } => {
            BillingStatus::On { since: moment(since), gateway: gateway(chosen).to_owned() }
        }
        BillingSwitch::Closing { since, gateway: chosen, .. } => {
            BillingStatus::BeingSwitchedOff { since: moment(since), gateway: gateway(chosen).to_owned() }
        }
    };
    rendered(StatusCode::OK, &BillingSettingsPage { layout: visit.layout(Section::BillingSettings)?, status })
}
