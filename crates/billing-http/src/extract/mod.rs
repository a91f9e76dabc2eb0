//! The extractors. They are strict: unknown input is refused and named.

mod body;
mod in_path;
mod json;
mod query;
mod request_key;
mod sales_query;
mod signed_body;

pub(crate) use in_path::{InPath, PayerInPath};
pub(crate) use json::{OptionalJson, RequiredJson};
pub(crate) use query::{
    ArchivedParameter, AuditLogParameters, AuditLogQuery, PageParameters, PageQuery, PlansQuery,
};
pub(crate) use request_key::{
    RequestKeyHeader, RequestKeyParameter, RequiredKeyHeader, RequiredKeyParameter,
};
pub(crate) use sales_query::{
    EnvironmentParameter, EnvironmentQuery, InvoiceParameters, InvoicesExportQuery, InvoicesQuery,
    OverviewParameter, PayerParameter, SubscriptionParameters, SubscriptionsExportQuery, SubscriptionsQuery,
};
pub(crate) use signed_body::{LargeBodies, SignedBody};
