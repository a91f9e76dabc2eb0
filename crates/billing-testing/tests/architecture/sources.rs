//! Rules that the sources keep and no type can.

use std::fs;
use std::path::{Path, PathBuf};

/// The sources of a crate without its tests.
pub(crate) fn sources(name: &str) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name).join("src");
    let (mut folders, mut files): (Vec<PathBuf>, Vec<_>) = (vec![root.clone()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let is_test = path.ends_with("tests.rs") || path.ends_with("tests") || path.ends_with("testing");
            match path.is_dir() {
                _ if is_test => {}
                true => folders.push(path),
                false => {
                    let text = fs::read_to_string(&path).unwrap();
                    let production = text.split("#[cfg(test)]\nmod ").next().unwrap().to_owned();
                    files.push((path.strip_prefix(&root).unwrap().display().to_string(), production));
                }
            }
        }
    }
    assert!(files.len() > 5, "{name} has {} sources only", files.len());
    files
}

/// The files of these crates in which the text occurs.
fn files_with(crates: &[&str], text: &str) -> Vec<String> {
    let mut files: Vec<String> = crates
        .iter()
        .flat_map(|name| {
            sources(name).into_iter().map(move |(file, source)| (format!("{name}/{file}"), source))
        })
        .filter(|(_, source)| source.contains(text))
        .map(|(file, _)| file)
        .collect();
    files.sort();
    files
}

const USE_CASES: &str = "billing-application";
const ADAPTERS: [&str; 3] = ["billing-http", "billing-dashboard", "billing-server"];

/// The worker claims rows and ends claims, which are no changes of a workspace.
#[test]
fn every_change_goes_through_the_executor() {
    for (call, files) in [
        ("store.begin(", &["change.rs", "worker.rs", "worker/claimed.rs"][..]),
        (".rollback().await", &["change.rs", "worker/claimed.rs"]),
    ] {
        let may_call: Vec<_> = files.iter().map(|file| format!("{USE_CASES}/{file}")).collect();
        assert_eq!(files_with(&[USE_CASES], call), may_call, "{call}");
    }
    for call in ["store.begin(", ".commit().await", ".rollback().await"] {
        assert_eq!(files_with(&ADAPTERS, call), [""; 0], "{call}");
    }
}

#[test]
fn every_time_that_is_stored_as_json_has_milliseconds() {
    let mut times = 0;
    for (file, source) in sources("billing-domain") {
        let (mut is_serialized, mut before) = (false, "");
        for line in source.lines().map(str::trim_end) {
            if line.starts_with("#[derive(") {
                is_serialized = line.contains("Serialize");
            }
            // A value that is stored as one text.
            if line.starts_with("#[serde(") && line.contains("into = \"String\"") {
                is_serialized = false;
            }
            let is_time =
                line.trim().ends_with(": Timestamp,") || line.trim().ends_with(": Option<Timestamp>,");
            if is_serialized && is_time {
                times += 1;
                assert!(before.contains("wire_time"), "{file}: no `wire_time` above {line}");
            }
            if line == "}" {
                is_serialized = false;
            }
            before = line;
        }
    }
    assert!(times >= 8, "{times} times are stored only");
}

fn document(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)).unwrap()
}

#[test]
fn readme_is_short_and_has_the_commands() {
    let readme = document("README.md");
    assert!(readme.len() <= 8 * 1024, "{} bytes", readme.len());
    for command in ["\ncargo run ", "\nopen http://localhost:3001 ", "\ncargo test --workspace\n"] {
        assert!(readme.contains(command), "{command}");
    }
    let time = readme.split("# the first build takes about ").nth(1).and_then(|rest| rest.split(' ').next());
    assert!(
        time.is_some_and(|minutes| minutes.parse::<u8>().is_ok()),
        "the time of the first build: {time:?}"
    );
    assert!(readme.contains("# in another terminal"), "`cargo run` does not end");
}

/// All are made in the demo workspace, in any order.
#[test]
fn each_walk_has_keys_of_its_own() {
    let mut taken = vec!["pro".to_owned(), "pro_export".to_owned()];
    assert!(taken.iter().all(|key| document("README.md").contains(&format!("`{key}`"))));
    for path in ["docs/api.md", "docs/enable-billing.md"] {
        let text = document(path);
        let commands = text.split("```sh").skip(1).map(|rest| rest.split("```").next().unwrap());
        let commands: String = commands.collect();
        let keys = commands.split(r#""key""#).skip(1).map(|rest| rest.split('"').nth(1).unwrap().to_owned());
        let keys: Vec<_> = keys.collect();
        assert!(keys.len() > 1, "{path}: {keys:?}");
        assert!(keys.iter().all(|key| !taken.contains(key)), "{path}: {keys:?} of {taken:?}");
        taken.extend(keys);
    }
}
