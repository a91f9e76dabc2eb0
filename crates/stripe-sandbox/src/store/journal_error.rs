//! Why the state cannot be read or written, in the words of who has to mend it.

use std::path::PathBuf;

use serde_json::error::Category;

pub const VERSION: &str = env!("CARGO_PKG_VERSION");

#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    #[error("the state file {} cannot be opened: {source}", path.display())]
    Unreachable { path: PathBuf, source: std::io::Error },
    #[error(
        "line {line} of the state file {} cannot be read: {}. {}. The file is left as it is. Remove the file to begin \
         anew, or move it away to keep what it holds.",
        path.display(), said(source), cause(made_by.as_deref(), source.classify())
    )]
    Unreadable { path: PathBuf, line: usize, made_by: Option<String>, source: serde_json::Error },
    #[error("the state file {} is in use by another sandbox: stop that one, or use another file", path.display())]
    InUse { path: PathBuf },
}

/// An error in a line, without the number of the line, which is always 1 to who reads line by line, and without the
/// names of all that could be there instead.
fn said(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let what = text.rsplit_once(" at line ").map_or(text.as_str(), |(what, _)| what);
    let what = what.split(", expected one of ").next().unwrap_or(what);
    format!("{what} at column {}", error.column())
}

fn cause(made_by: Option<&str>, category: Category) -> String {
    match (category, made_by) {
        (Category::Syntax | Category::Eof | Category::Io, _) => {
            "It is damaged, or is no state file of the sandbox".to_owned()
        }
        (Category::Data, None) => format!(
            "A version of the sandbox before {VERSION} wrote it, or it is damaged, or is no state file of the sandbox"
        ),
        (Category::Data, Some(VERSION)) => {
            format!("Another build of version {VERSION} wrote it, or it is damaged")
        }
        (Category::Data, Some(other)) => {
            format!("Version {other} of the sandbox wrote it, and this is version {VERSION}")
        }
    }
}
