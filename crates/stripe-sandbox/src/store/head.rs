//! The first line of a state file, by which it is known as one: the version of the sandbox that wrote it.

const BEFORE: &[u8] = br#"[{"version":""#;
const AFTER: &[u8] = b"\"}]\n";

#[derive(Debug, PartialEq, Eq)]
pub enum Head {
    /// Written by no sandbox.
    Foreign,
    /// Empty, or cut off by a crash before anything followed.
    CutOff,
    MadeBy(String),
}

impl Head {
    pub fn of(line: &[u8]) -> Self {
        let Some(rest) = line.strip_prefix(BEFORE) else {
            return if BEFORE.starts_with(line) { Self::CutOff } else { Self::Foreign };
        };
        let length = rest.iter().position(|byte| !is_of_version(*byte)).unwrap_or(rest.len());
        let (version, after) = rest.split_at(length);
        match after {
            AFTER => Self::MadeBy(String::from_utf8_lossy(version).into_owned()),
            after if AFTER.starts_with(after) => Self::CutOff,
            _ => Self::Foreign,
        }
    }
}

fn is_of_version(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b".+-".contains(&byte)
}

/// Whether one version is above the other. One that cannot be compared is: nobody knows what it wrote.
pub fn is_newer(version: &str, than: &str) -> bool {
    if version == than {
        return false;
    }
    match (numbers(version), numbers(than)) {
        (Some(version), Some(than)) => version > than,
        _ => true,
    }
}

fn numbers(version: &str) -> Option<[u64; 3]> {
    let numbers: Option<Vec<_>> = version.split('.').map(|number| number.parse().ok()).collect();
    numbers?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_line_that_names_a_version_or_its_beginning_is_ours() {
        let ours = b"[{\"version\":\"0.1.0\"}]\n";
        for length in 0..ours.len() {
            assert_eq!(Head::of(&ours[..length]), Head::CutOff, "{length}");
        }
        assert_eq!(Head::of(ours), Head::MadeBy("0.1.0".to_owned()));
        let named = "[{\"version\":\"1\",\"name\":\"app\"}]\n";
        for foreign in ["[]\n", "{", "[{\"my\":\"file\"}]", named, "\n", "[{\"version\n"] {
            assert_eq!(Head::of(foreign.as_bytes()), Head::Foreign, "{foreign}");
        }
    }

    #[test]
    fn versions_are_compared_by_their_numbers() {
        assert!(is_newer("0.10.0", "0.9.9") && is_newer("1.0.0", "0.9.9"));
        assert!(!is_newer("0.9.9", "0.10.0") && !is_newer("0.1.0", "0.1.0"));
        assert!(is_newer("banana", "0.1.0") && is_newer("0.1.0-rc.1", "0.1.0"));
    }
}
