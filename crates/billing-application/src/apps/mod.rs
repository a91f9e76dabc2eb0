//! The apps of a workspace, as far as billing needs to know them.

mod app_error;
mod create_app;
mod read;
mod update_app;

pub use app_error::AppError;
pub use create_app::{CreateApp, CreateAppRequest};
pub use read::ReadApps;
pub use update_app::{UpdateApp, UpdateAppRequest};
