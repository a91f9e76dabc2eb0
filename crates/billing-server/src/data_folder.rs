use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, absolute};

/// Checks that this process can write a file of its data and the files beside it. Creates the folder.
///
/// # Errors
/// A sentence with the folder or file, the user and how to mend it.
pub(crate) fn check_writable(file: &Path) -> Result<(), String> {
    let file = absolute(file).unwrap_or_else(|_| file.to_owned());
    let folder = file.parent().unwrap_or(&file);
    fs::create_dir_all(folder)
        .and_then(|()| tempfile::tempfile_in(folder).map(drop))
        .map_err(|error| explained("data folder", folder, &error))?;
    match OpenOptions::new().write(true).open(&file) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(explained("file", &file, &error)),
        _ => Ok(()),
    }
}

fn explained(kind: &str, path: &Path, error: &io::Error) -> String {
    let user = user_id().map_or_else(|| "$(id -u)".to_owned(), |id| id.to_string());
    let shown = path.display();
    let remedy = match error.kind() {
        ErrorKind::PermissionDenied => {
            ": give it to that user with chown, or name another one in KL_DATABASE_URL".to_owned()
        }
        ErrorKind::ReadOnlyFilesystem => format!(": mount a volume at {shown}"),
        _ => String::new(),
    };
    format!("the {kind} {shown} cannot be written by user {user} ({error}){remedy}")
}

fn user_id() -> Option<u32> {
    fs::metadata("/proc/self").ok().map(|process| process.uid())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_folder_is_made_and_nothing_is_left_in_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("data").join("billing.db");

        check_writable(&file).unwrap();

        assert_eq!(fs::read_dir(file.parent().unwrap()).unwrap().count(), 0);
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let taken = folder.path().join("data");
        fs::write(&taken, "").unwrap();

        let told = check_writable(&taken.join("billing.db")).unwrap_err();

        assert!(told.contains(&format!("the data folder {} cannot be written", taken.display())), "{told}");
    }

    #[test]
    fn a_denied_folder_is_told_with_what_mends_it() {
        let user = user_id().unwrap();
        let told = |path: &str, kind: ErrorKind| explained("data folder", Path::new(path), &kind.into());

        let denied = told("/data", ErrorKind::PermissionDenied);
        assert!(denied.contains(&format!("cannot be written by user {user} ")), "{denied}");
        assert!(
            denied.ends_with(": give it to that user with chown, or name another one in KL_DATABASE_URL"),
            "{denied}"
        );
        assert!(told("/data", ErrorKind::ReadOnlyFilesystem).ends_with(": mount a volume at /data"));
    }
}
