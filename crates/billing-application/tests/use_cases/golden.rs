//! Stored answers of earlier releases, which every later one replays.

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::prelude::*;

/// The use case of each answer and the answer, as the release of 2026-11-29 stored them. Never changed.
const ANSWERS: &str = include_str!("answers_of_the_catalog_release.json");

fn answers<C: Change<Answer: DeserializeOwned>>() -> Vec<C::Answer> {
    let all: Vec<(String, Value)> = serde_json::from_str(ANSWERS).unwrap();
    let of_it = all.into_iter().filter(|(name, _)| name == C::NAME);
    of_it.map(|(_, answer)| serde_json::from_str(&answer.to_string()).unwrap()).collect()
}

#[test]
fn answers_of_the_catalog_release_are_read() {
    let [app]: [App; 1] = answers::<CreateApp>().try_into().unwrap();
    assert_eq!((app.details.name.as_str(), app.environments.len()), ("Shop", 2));
    let [offer]: [PlanOffer; 1] = answers::<CreatePlan>().try_into().unwrap();
    assert_eq!((offer.plan.key.as_str(), offer.prices.len()), ("pro", 2));
    let [new, offered]: [Made<Price>; 2] = answers::<AddPrice>().try_into().unwrap();
    assert_eq!((new.is_new, offered.is_new), (true, false));
    assert_eq!(new.value.terms.to_string(), "$15.00 / month");
    let [created]: [Feature; 1] = answers::<CreateFeature>().try_into().unwrap();
    assert_eq!(created.details.description.unwrap().as_str(), "SAML");
    let [attached]: [Made<Feature>; 1] = answers::<AttachFeature>().try_into().unwrap();
    assert_eq!(attached.value.key.as_str(), "export");
}

#[test]
fn answers_that_break_the_rules_for_new_input_are_read() {
    let mut all = ANSWERS.to_owned();
    for (stored, broken) in [
        (r#""name": "Shop""#, r#""name": """#),
        (r#""name": "Pro""#, r#""name": """#),
        (r#""name": "Export""#, r#""name": """#),
        (r#""description": "SAML""#, r#""description": """#),
        (r#""description": "For\nprofessionals""#, r#""description": """#),
        (r#""key": "pro""#, r#""key": "Pro Plan 2024!""#),
        (r#""key": "export""#, r#""key": "Export!""#),
        (r#""minorUnits": 1250"#, r#""minorUnits": 0"#),
        ("https://shop.example", "ftp://shop.example/path"),
        ("app_", "app of "),
        ("env_", "env of "),
        ("ws_golden", "ws of old!"),
    ] {
        assert!(all.contains(stored), "{stored}");
        all = all.replace(stored, broken);
    }
    let all: Vec<(String, Value)> = serde_json::from_str(&all).unwrap();
    let answer = |name: &str| all.iter().find(|(known, _)| known == name).unwrap().1.to_string();

    let app: App = serde_json::from_str(&answer(CreateApp::NAME)).unwrap();
    assert_eq!((app.details.name.as_str(), app.workspace_id.as_str()), ("", "ws of old!"));
    assert_eq!(app.details.allowed_redirect_origins[0].as_str(), "ftp://shop.example/path");
    let offer: PlanOffer = serde_json::from_str(&answer(CreatePlan::NAME)).unwrap();
    assert_eq!(offer.plan.key.as_str(), "Pro Plan 2024!");
    assert_eq!(offer.prices[0].terms.amount().minor_units(), 0);
    let attached: Made<Feature> = serde_json::from_str(&answer(AttachFeature::NAME)).unwrap();
    assert_eq!((attached.value.key.as_str(), attached.value.details.name.as_str()), ("Export!", ""));
    let created: Feature = serde_json::from_str(&answer(CreateFeature::NAME)).unwrap();
    assert_eq!(created.details.description.unwrap().as_str(), "");
}
