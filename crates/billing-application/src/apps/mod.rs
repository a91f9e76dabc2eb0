//! The apps of a workspace, as far as billing needs them. They can be changed while billing is off.

mod app_error;
mod create_app;
mod seed_app;
mod update_app;

pub use app_error::AppError;
pub use create_app::CreateApp;
pub use update_app::UpdateApp;
