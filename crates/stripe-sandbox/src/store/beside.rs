//! The file that a state is rewritten to before it takes the place of the old one.

use std::{
    fs::{self, File, OpenOptions},
    io::{Error, ErrorKind, Read},
    path::{Path, PathBuf},
};

use super::head::Head;

/// Removed again, unless it takes the place of the state.
pub struct Beside {
    pub file: File,
    path: PathBuf,
    is_left_over: bool,
}

impl Beside {
    /// Makes it, empty and locked.
    ///
    /// # Errors
    ///
    /// It cannot be made; above all where a file has its name that no sandbox has left there.
    pub fn of(state: &Path) -> std::io::Result<Self> {
        let mut name = state.as_os_str().to_owned();
        name.push(".rewriting");
        let path = PathBuf::from(name);
        let new = || OpenOptions::new().create_new(true).append(true).open(&path);
        let file = match new() {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                remove_leftover(&path)?;
                new()?
            }
            made => made?,
        };
        let beside = Self { file, path, is_left_over: true };
        beside.file.try_lock()?;
        Ok(beside)
    }

    /// # Errors
    ///
    /// What was written cannot be made to last, or not under this name.
    pub fn take_place_of(mut self, state: &Path) -> std::io::Result<File> {
        self.file.sync_all()?;
        let file = self.file.try_clone()?;
        fs::rename(&self.path, state)?;
        self.is_left_over = false;
        Ok(file)
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        if self.is_left_over {
            // If this fails too, the next rewrite finds it.
            drop(fs::remove_file(&self.path));
        }
    }
}

/// What a rewrite that was killed has left: it begins as a state does, and nobody writes to it.
fn remove_leftover(path: &Path) -> std::io::Result<()> {
    let mut beginning = Vec::new();
    let file = File::open(path)?;
    let is_idle = file.try_lock().is_ok();
    file.take(1024).read_to_end(&mut beginning)?;
    let first = beginning.split_inclusive(|byte| *byte == b'\n').next().unwrap_or_default();
    if !is_idle || Head::of(first) == Head::Foreign {
        let message = format!("{} is in the way, and no sandbox has left it there", path.display());
        return Err(Error::new(ErrorKind::AlreadyExists, message));
    }
    fs::remove_file(path)
}
