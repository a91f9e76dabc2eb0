//! Rules of the container files, which no test builds.

use std::fs;
use std::path::Path;

fn file(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(name)).unwrap()
}

/// The lines of a file without its comments.
fn without_comments(name: &str) -> String {
    let is_comment = |line: &&str| line.trim_start().starts_with('#');
    file(name).lines().filter(|line| !is_comment(line)).fold(String::new(), |text, line| text + line + "\n")
}

/// The instructions of the Dockerfile's stages, each in one line.
fn stages() -> Vec<Vec<String>> {
    let text = without_comments("Dockerfile").replace("\\\n", " ");
    let mut stages: Vec<Vec<String>> = Vec::new();
    for instruction in text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")) {
        if instruction.starts_with("FROM ") {
            stages.push(Vec::new());
        }
        if let (Some(stage), false) = (stages.last_mut(), instruction.is_empty()) {
            stage.push(instruction);
        }
    }
    stages
}

fn instructions<'a>(stage: &'a [String], name: &str) -> Vec<&'a str> {
    stage.iter().filter_map(|instruction| instruction.strip_prefix(name)?.strip_prefix(' ')).collect()
}

fn production() -> Vec<String> {
    stages().pop().unwrap()
}

#[test]
fn build_cache_is_locked_and_holds_no_crate_of_this_workspace() {
    let builder = &stages()[0];
    let mounts: Vec<_> = builder
        .iter()
        .flat_map(|instruction| instruction.split(' '))
        .filter(|word| word.starts_with("--mount=type=cache"))
        .collect();
    assert!(!mounts.is_empty());
    for mount in mounts {
        assert!(mount.contains(",id=kolaylogin-billing-") && mount.contains(",sharing=locked"), "{mount}");
    }
    let build = builder.iter().find(|instruction| instruction.contains("cargo build")).unwrap();
    let (before, _) = build.split_once("cargo build").unwrap();
    assert!(
        before.contains("target=/src/target")
            && before.ends_with("cargo clean --release --locked --workspace && ")
    );
}

#[test]
fn production_image_has_no_shell_no_root_and_no_sandbox() {
    let image = production();
    assert!(instructions(&image, "FROM")[0].starts_with("gcr.io/distroless/cc-debian12:"), "{image:?}");
    assert_eq!(instructions(&image, "RUN"), [""; 0]);
    assert_eq!(instructions(&image, "USER"), ["10001:10001"]);
    assert_eq!(instructions(&stages()[0], "ARG"), ["FEATURES=\"\""]);
}

#[test]
fn settings_file_of_an_image_is_not_overruled_by_its_variables() {
    let image = production();
    assert_eq!(
        instructions(&image, "ENV"),
        ["KL_CONFIG=/etc/billing/billing.toml", "SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt"]
    );
}

#[test]
fn image_is_replaced_only_when_the_process_is_dead() {
    let image = production();
    assert!(
        instructions(&image, "HEALTHCHECK")[0].ends_with(r#"["billing-server", "healthcheck", "--live"]"#)
    );
}

#[test]
fn image_names_the_version_and_revision_it_was_built_from() {
    let image = production();
    let labels = instructions(&image, "LABEL").join(" ");
    let version = env!("CARGO_PKG_VERSION");
    assert!(labels.contains(&format!("org.opencontainers.image.version=\"{version}\"")), "{labels}");
    assert!(labels.contains("org.opencontainers.image.revision=\"$REVISION\""), "{labels}");
}

#[test]
fn every_compose_command_runs_without_a_variable() {
    let compose = without_comments("docker-compose.yml");
    assert!(compose.contains("FEATURES: stripe-sandbox") && !compose.contains('$'), "{compose}");
}

#[test]
fn kubernetes_example_restarts_on_liveness_and_routes_by_readiness() {
    let example = without_comments("docs/kubernetes.yaml");
    let path_of = |probe: &str| {
        let (_, rest) = example.split_once(&format!("{probe}:\n")).unwrap();
        rest.split_once("path: ").unwrap().1.lines().next().unwrap().to_owned()
    };
    for (probe, path) in
        [("startupProbe", "/healthz"), ("livenessProbe", "/healthz"), ("readinessProbe", "/readyz")]
    {
        assert_eq!(path_of(probe), path, "{probe}");
    }
}

#[test]
fn kubernetes_example_is_unprivileged_and_leaves_time_to_stop() {
    let example = without_comments("docs/kubernetes.yaml");
    for line in [
        "terminationGracePeriodSeconds: 65",
        "runAsNonRoot: true",
        "runAsUser: 10001",
        "readOnlyRootFilesystem: true",
        "allowPrivilegeEscalation: false",
        concat!("image: registry.example.com/kolaylogin-billing:", env!("CARGO_PKG_VERSION")),
    ] {
        assert!(example.contains(&format!(" {line}\n")), "{line}");
    }
}

#[test]
fn kubernetes_example_sets_documented_settings() {
    let (documented, example) = (file("docs/configuration.md"), without_comments("docs/kubernetes.yaml"));
    let (_, settings) = example.split_once("billing.toml: |\n").unwrap();
    let keys: Vec<_> =
        settings.lines().map_while(|line| line.split_once(" = ")).map(|(key, _)| key.trim()).collect();
    // A file takes the place of the image's, which makes the service reachable.
    assert!(keys.contains(&"listen"), "{keys:?}");
    for key in keys {
        assert!(documented.contains(&format!("| `KL_{}` |", key.to_uppercase())), "{key}");
    }
}
