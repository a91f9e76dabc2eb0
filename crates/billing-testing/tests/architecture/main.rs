//! Arrows point inwards only, and each technology stays in its adapter.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

mod floats;
mod image;
mod sources;

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};

const NOTHING: &[&str] = &[];

/// Which of our crates each of them may depend on.
const EDGES: [(&str, &[&str]); 9] = [
    ("billing-domain", NOTHING),
    ("billing-application", &["billing-domain"]),
    ("billing-diesel", &["billing-domain"]),
    ("billing-http", &["billing-application", "billing-domain"]),
    ("billing-dashboard", &["billing-application", "billing-domain"]),
    ("billing-stripe", &["billing-domain"]),
    ("billing-tokens", &["billing-domain"]),
    ("stripe-sandbox", NOTHING),
    (
        "billing-server",
        &[
            "billing-application",
            "billing-dashboard",
            "billing-diesel",
            "billing-domain",
            "billing-http",
            "billing-stripe",
            "billing-tokens",
            "stripe-sandbox",
        ],
    ),
];

/// What the domain may depend on: no runtime, no I/O, no clock, no randomness.
const DOMAIN_MAY_USE: [&str; 6] = ["async-trait", "chrono", "mockall", "serde", "serde_json", "thiserror"];
const DOMAIN_CRATES_AT_MOST: usize = 24;

/// Each technology, a crate with its family, and the crates that may depend on it. Two driving adapters speak HTTP
/// (ADR 0012), and so does the sandbox. `billing-server` signs tokens in development.
const TECHNOLOGIES: [(&str, &[&str]); 8] = [
    ("diesel", &["billing-diesel"]),
    ("actix-web", &["billing-http", "billing-dashboard", "stripe-sandbox"]),
    ("askama", &["billing-dashboard", "billing-http", "stripe-sandbox"]),
    ("utoipa", &["billing-http"]),
    ("prometheus-client", &["billing-http"]),
    ("jsonwebtoken", &["billing-server", "billing-tokens"]),
    ("reqwest", &["billing-server", "billing-stripe", "billing-tokens", "stripe-sandbox"]),
    ("async-stripe", &["billing-stripe"]),
];

/// Which technology a crate may have as a dev-dependency although it is not a home of it: the sandbox's tests decode
/// its answers with async-stripe's types (ADR 0014).
const TEST_ORACLES: [(&str, &str); 1] = [("async-stripe", "stripe-sandbox")];

/// For developers; never a dependency of the product. `billing-testing` holds what the suites share,
/// `billing-bench` the bare handler the service is measured against. `billing-simulation` is the whole system in one
/// process, and reads the tables itself to judge it.
const TOOLS: [&str; 3] = ["billing-testing", "billing-bench", "billing-simulation"];

fn metadata() -> Metadata {
    MetadataCommand::new().exec().unwrap()
}

fn product_crates(metadata: &Metadata) -> Vec<&Package> {
    metadata
        .workspace_packages()
        .into_iter()
        .filter(|package| !TOOLS.contains(&package.name.as_str()))
        .collect()
}

/// The names of a package's dependencies, tests aside.
fn dependencies(package: &Package) -> BTreeSet<&str> {
    package
        .dependencies
        .iter()
        .filter(|dependency| dependency.kind != DependencyKind::Development)
        .map(|dependency| dependency.name.as_str())
        .collect()
}

/// The names of all that `cargo tree` prints.
fn tree(arguments: &[&str]) -> BTreeSet<String> {
    let tree = std::process::Command::new(env!("CARGO"))
        .args(["tree", "--prefix=none", "--no-dedupe"])
        .args(arguments)
        .output()
        .unwrap();
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    let printed = String::from_utf8(tree.stdout).unwrap();
    printed.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

#[test]
fn every_arrow_points_inwards() {
    let metadata = metadata();
    let allowed: BTreeMap<_, _> = EDGES.into_iter().collect();
    let ours: BTreeSet<_> =
        metadata.workspace_packages().iter().map(|package| package.name.to_string()).collect();
    for package in product_crates(&metadata) {
        let name = package.name.as_str();
        let Some(edges) = allowed.get(name) else { panic!("{name} is not in the architecture") };
        for dependency in dependencies(package) {
            let is_allowed = edges.contains(&dependency) || !ours.contains(dependency);
            assert!(is_allowed, "{name} may not depend on {dependency}");
        }
    }
}

#[test]
fn each_technology_stays_in_its_adapter() {
    let metadata = metadata();
    for package in product_crates(&metadata) {
        let name = package.name.as_str();
        for dependency in &package.dependencies {
            let is_for_tests = dependency.kind == DependencyKind::Development;
            for (technology, homes) in TECHNOLOGIES {
                let is_allowed = homes.contains(&name)
                    || (is_for_tests && TEST_ORACLES.contains(&(technology, name)))
                    || !is_of_family(&dependency.name, technology);
                assert!(is_allowed, "{technology} appears in {name}, as {}", dependency.name);
            }
        }
    }
}

/// `diesel` is also `diesel-async` and `diesel_migrations`.
fn is_of_family(dependency: &str, technology: &str) -> bool {
    match dependency.strip_prefix(technology) {
        Some(rest) => rest.is_empty() || rest.starts_with(['-', '_']),
        None => false,
    }
}

#[test]
fn technology_is_a_crate_with_its_family() {
    for member in ["async-stripe", "async-stripe-billing", "async-stripe-shared"] {
        assert!(is_of_family(member, "async-stripe"), "{member}");
    }
    assert!(is_of_family("diesel_migrations", "diesel"));
    for stranger in ["async-trait", "async-striped", "stripe"] {
        assert!(!is_of_family(stranger, "async-stripe"), "{stranger}");
    }
}

#[test]
fn the_domain_is_small_and_pure() {
    let metadata = metadata();
    let domain = metadata.packages.iter().find(|package| package.name == "billing-domain").unwrap();
    for dependency in dependencies(domain) {
        assert!(DOMAIN_MAY_USE.contains(&dependency), "the domain depends on {dependency}");
    }
    let built = tree(&["--package=billing-domain", "--edges=normal,build"]);
    assert!(built.contains("serde") && built.len() <= DOMAIN_CRATES_AT_MOST, "{built:?}");
    for forbidden in ["tokio", "mio", "libc", "getrandom", "rand", "uuid", "iana-time-zone"] {
        assert!(!built.contains(forbidden), "the domain pulls in {forbidden}");
    }
}

#[test]
fn the_default_build_has_the_sandbox() {
    assert!(tree(&["--package=billing-server", "--edges=normal"]).contains("stripe-sandbox"));
}

#[test]
fn the_production_build_has_no_sandbox() {
    let production = tree(&["--package=billing-server", "--edges=normal", "--no-default-features"]);
    assert!(production.contains("billing-http") && !production.contains("stripe-sandbox"), "{production:?}");
}

#[test]
fn the_sandbox_as_a_library_has_no_command_line() {
    let metadata = metadata();
    let server = metadata.packages.iter().find(|package| package.name == "billing-server").unwrap();
    let sandbox = server.dependencies.iter().find(|dependency| dependency.name == "stripe-sandbox").unwrap();
    assert!(!sandbox.uses_default_features && sandbox.features.is_empty(), "{sandbox:?}");

    let library = tree(&["--package=stripe-sandbox", "--edges=normal", "--no-default-features"]);
    assert!(library.contains("actix-web"), "{library:?}");
    for program in ["clap", "tracing-subscriber"] {
        assert!(!library.contains(program), "the sandbox's library depends on {program}");
    }
}

#[test]
fn tools_are_no_part_of_the_product() {
    let metadata = metadata();
    for package in product_crates(&metadata) {
        for tool in TOOLS {
            assert!(!dependencies(package).contains(tool), "{} depends on {tool}", package.name);
        }
    }
}
