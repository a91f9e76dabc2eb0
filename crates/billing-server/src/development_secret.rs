use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::Path;

use billing_tokens::DashboardTokens;
use secrecy::SecretString;

use crate::data_folder;

/// In the folder of the default database: removing `./data` removes everything.
const FILE: &str = "data/dashboard-jwt-secret";
const BYTES: usize = 32;

/// The secret for dashboard tokens in development, created at first use.
///
/// # Errors
/// A sentence with the file's name.
pub(crate) fn load_or_create() -> Result<SecretString, String> {
    usable_at(Path::new(FILE))
}

fn usable_at(file: &Path) -> Result<SecretString, String> {
    if !file.exists() {
        data_folder::check_writable(file)?;
    }
    let secret = load_or_create_at(file).map_err(|error| format!("{}: {error}", file.display()))?;
    DashboardTokens::check_secret(&secret)
        .map_err(|error| format!("{}: {error}; remove the file, and a new secret is made", file.display()))?;
    Ok(secret)
}

fn load_or_create_at(file: &Path) -> io::Result<SecretString> {
    match fs::read_to_string(file) {
        Ok(secret) => return Ok(secret.trim().into()),
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let folder = file.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    // Written to a temporary file readable by its owner only, then moved: no half-written file is read, and the first
    // of two processes wins.
    let mut draft = tempfile::NamedTempFile::new_in(folder)?;
    draft.write_all(random_hex()?.as_bytes())?;
    draft.as_file().sync_all()?;
    match draft.persist_noclobber(file) {
        Err(refused) if refused.error.kind() != ErrorKind::AlreadyExists => Err(refused.error),
        _ => Ok(fs::read_to_string(file)?.trim().into()),
    }
}

fn random_hex() -> io::Result<String> {
    let mut halves = [[0; BYTES / 2]; 2];
    for half in &mut halves {
        getrandom::fill(half).map_err(io::Error::other)?;
    }
    let [first, second] = halves.map(u128::from_be_bytes);
    Ok(format!("{first:032x}{second:032x}"))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn the_secret_is_created_once_for_its_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("data").join("secret");

        let first = load_or_create_at(&file).unwrap();
        let second = load_or_create_at(&file).unwrap();

        assert_eq!(first.expose_secret(), second.expose_secret());
        assert_eq!(first.expose_secret().len(), 2 * BYTES);
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(file.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn a_file_without_a_usable_secret_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secret");
        for content in [&b""[..], b" \n", b"hunter2", b"\xf0\x9f"] {
            fs::write(&file, content).unwrap();
            let told = usable_at(&file).unwrap_err();
            assert!(told.contains(file.to_str().unwrap()) && !told.contains("hunter2"), "{told}");
        }
    }

    #[test]
    fn concurrent_first_starts_share_the_secret() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secret");
        let secrets: Vec<_> = std::thread::scope(|scope| {
            let starts: Vec<_> = (0..8).map(|_| scope.spawn(|| load_or_create_at(&file))).collect();
            starts.into_iter().map(|start| start.join().unwrap()).collect()
        });
        let agreed = fs::read_to_string(&file).unwrap();
        for secret in secrets {
            assert_eq!(secret.unwrap().expose_secret(), agreed);
        }
    }
}
