use std::{fs, path::Path};

use super::samples::{ATTACK, Rendered, Words};
use super::{
    apps, audit_log, confirm, documentation, errors, features, gate, plan, plan_form, plans, settings,
    sign_in,
};

fn all_pages(words: Words) -> Vec<Rendered> {
    [
        apps::samples::render_all,
        audit_log::samples::render_all,
        confirm::samples::render_all,
        documentation::samples::render_all,
        errors::samples::render_all,
        features::samples::render_all,
        gate::samples::render_all,
        plan::samples::render_all,
        plan_form::samples::render_all,
        plans::samples::render_all,
        settings::samples::render_all,
        sign_in::samples::render_all,
    ]
    .into_iter()
    .flat_map(|render_all| render_all(words))
    .collect()
}

#[test]
fn every_page_renders_safely_and_accessibly() {
    for page in all_pages(Words::Hostile) {
        assert!(!page.html.contains(ATTACK), "{}: a text is not escaped", page.name);
        assert!(!page.html.contains("<script>"), "{}: a text opens a script", page.name);
        assert!(
            page.html.contains("&#60;script&#62;alert(1)&#60;/script&#62;"),
            "{}: no text is shown",
            page.name
        );
    }
    for page in all_pages(Words::Friendly) {
        obeys_the_content_security_policy(&page);
        has_one_heading_and_one_main(&page);
        names_every_control(&page);
        has_every_id_once(&page);
        is_small(&page);
        keep(&page);
    }
}

#[test]
fn a_description_is_shown_in_its_lines() {
    let mut shown = 0;
    for Rendered { name, html } in all_pages(Words::Friendly) {
        let lined = ["Everything,\nfor people", "Download everything\nas CSV"];
        for (at, _) in lined.into_iter().flat_map(|text| html.match_indices(text)) {
            let tag = html[..at].rsplit('<').next().unwrap_or_default();
            assert!(tag.starts_with("textarea") || tag.contains("lines\""), "{name}: in one line in {tag}");
            shown += 1;
        }
    }
    assert!(shown >= 8, "{shown}");
    assert!(crate::pages::STYLES.contains(".lines {\n  white-space: pre-line;\n}"));
}

fn obeys_the_content_security_policy(Rendered { name, html }: &Rendered) {
    for tag in tags(html) {
        assert!(!tag.contains(" style="), "{name}: a style in {tag}");
        assert!(!tag.contains(" on"), "{name}: a script in {tag}");
        assert!(!tag.starts_with("style"), "{name}: an inline style sheet");
        assert!(!tag.starts_with("script") || tag.contains(" src="), "{name}: an inline script");
    }
}

fn has_one_heading_and_one_main(Rendered { name, html }: &Rendered) {
    assert_eq!(html.matches("<h1>").count(), 1, "{name}: headings");
    assert_eq!(html.matches("<main id=\"content\"").count(), 1, "{name}: mains");
}

fn names_every_control(Rendered { name, html }: &Rendered) {
    for control in tags(html).filter(|tag| is_control(tag)) {
        let id = attribute(control, "id").unwrap_or_else(|| panic!("{name}: no id in {control}"));
        assert!(html.contains(&format!(" for=\"{id}\"")), "{name}: no label for {control}");
    }
}

fn has_every_id_once(Rendered { name, html }: &Rendered) {
    let mut ids: Vec<_> = tags(html).filter_map(|tag| attribute(tag, "id")).collect();
    ids.sort_unstable();
    let all = ids.len();
    ids.dedup();
    assert_eq!(all, ids.len(), "{name}: an id twice");
    for tag in tags(html) {
        let references =
            ["aria-describedby", "aria-labelledby", "list"].into_iter().filter_map(|of| attribute(tag, of));
        for id in references.flat_map(str::split_whitespace) {
            assert!(ids.contains(&id), "{name}: nothing has the id of {tag}");
        }
    }
}

fn is_small(Rendered { name, html }: &Rendered) {
    let assets = [crate::pages::STYLES, crate::pages::SCRIPT];
    let bytes = html.len() + assets.iter().map(|asset| asset.len()).sum::<usize>();
    assert!(bytes < 50_000, "{name}: {bytes} bytes with its assets");
}

/// Writes the page to the folder `KEEP_SAMPLES_IN`, if set.
fn keep(Rendered { name, html }: &Rendered) {
    let Some(folder) = option_env!("KEEP_SAMPLES_IN") else { return };
    fs::write(Path::new(folder).join(format!("{name}.html")), html)
        .expect("the folder of samples is writable");
}

fn tags(html: &str) -> impl Iterator<Item = &str> {
    html.split('<').skip(1).filter_map(|rest| rest.split_once('>')).map(|(tag, _)| tag)
}

fn is_control(tag: &str) -> bool {
    let is_shown = !tag.contains("type=\"hidden\"");
    is_shown && ["input", "select", "textarea"].iter().any(|control| tag.starts_with(control))
}

fn attribute<'tag>(tag: &'tag str, name: &str) -> Option<&'tag str> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    rest.split_once('"').map(|(value, _)| value)
}
