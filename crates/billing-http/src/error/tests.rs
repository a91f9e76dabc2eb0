mod refusals;

use super::*;

/// Codes are part of the contract: never change one.
#[test]
fn every_code_and_its_status_are_documented() {
    let documentation = include_str!("../../../../docs/errors.md");
    for code in ErrorCode::ALL {
        let wire = serde_json::to_value(code).unwrap();
        let row = format!("| `{}` | {} |", wire.as_str().unwrap(), code.status());
        assert!(documentation.contains(&row), "docs/errors.md lacks a row that begins {row}");
    }
    let rows = documentation.lines().filter(|line| line.starts_with("| `")).count();
    assert_eq!(rows, ErrorCode::ALL.len(), "docs/errors.md has rows for codes that do not exist");
}

#[test]
fn the_cause_of_a_failure_is_logged_only() {
    let cause = std::io::Error::other("password hunter2 refused by 10.0.0.7");
    let error = ApiError::internal(cause);

    assert!(error.chain().contains("hunter2"));
    assert!(!error.to_string().contains("hunter2"));
}
