//! A panic is a mistake of the sandbox's: it is told, and ends no more than what it happened in.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Does something that undoes itself when it is cut short.
///
/// # Errors
///
/// What the panic said.
pub fn caught<T>(act: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(act)).map_err(|panic| {
        let said = panic.downcast_ref::<String>().map(String::as_str);
        said.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no word of why").to_owned()
    })
}
