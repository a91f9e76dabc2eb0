use std::{fs, path::Path};

use super::samples::{ATTACK, Rendered, Words};
use super::{
    ICON, STYLES, checkout, consent, error, event, home, invoice, notice, objects, portal, portal_customer,
    portal_steps, reset, three_d_secure,
};

fn all_pages(words: Words) -> Vec<Rendered> {
    [
        checkout::samples::render_all,
        consent::samples::render_all,
        error::samples::render_all,
        event::samples::render_all,
        home::samples::render_all,
        invoice::samples::render_all,
        notice::samples::render_all,
        objects::samples::render_all,
        portal::samples::render_all,
        portal_customer::samples::render_all,
        portal_steps::samples::render_all,
        reset::samples::render_all,
        three_d_secure::samples::render_all,
    ]
    .into_iter()
    .flat_map(|render_all| render_all(words))
    .collect()
}

#[test]
fn every_page_escapes_what_it_is_given() {
    for page in all_pages(Words::Hostile) {
        assert!(!page.html.contains(ATTACK), "{}: a text is not escaped", page.name);
        assert!(!page.html.contains("<script"), "{}: a text opens a script", page.name);
        let escaped = "&#60;script&#62;alert(1)&#60;/script&#62;";
        assert!(page.html.contains(escaped), "{}: no text is shown", page.name);
        leads_to_pages_only(&page);
    }
}

#[test]
fn every_page_is_accessible_and_obeys_the_content_security_policy() {
    for page in all_pages(Words::Friendly) {
        says_that_it_is_a_sandbox(&page);
        has_no_script_and_no_inline_style(&page);
        has_one_heading_and_one_main(&page);
        names_every_control(&page);
        has_every_id_once(&page);
        keep(&page);
    }
}

fn leads_to_pages_only(Rendered { name, html }: &Rendered) {
    for tag in tags(html) {
        for target in ["href", "action", "formaction", "src"].into_iter().filter_map(|of| attribute(tag, of))
        {
            let before_path = target.split(['/', '?', '#']).next().unwrap_or_default();
            let scheme = before_path.split_once(':').map(|(scheme, _)| scheme);
            assert!(matches!(scheme, None | Some("http" | "https")), "{name}: {tag} leads to {target}");
        }
    }
}

fn says_that_it_is_a_sandbox(Rendered { name, html }: &Rendered) {
    assert!(html.contains("Sandbox: no real money moves here"), "{name}: no banner");
}

fn has_no_script_and_no_inline_style(Rendered { name, html }: &Rendered) {
    for tag in tags(html) {
        assert!(!tag.contains(" style="), "{name}: a style in {tag}");
        assert!(!has_event_handler(tag), "{name}: a script in {tag}");
        assert!(!tag.starts_with("style"), "{name}: an inline style sheet");
        assert!(!tag.starts_with("script"), "{name}: a script");
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
    for tag in tags(html).filter(|tag| tag.starts_with("a ")) {
        let target = attribute(tag, "href").and_then(|href| href.strip_prefix('#'));
        assert!(target.is_none_or(|id| ids.contains(&id)), "{name}: nowhere to go for {tag}");
    }
}

/// Writes the page where a browser can be pointed at it, if `KEEP_SAMPLES_IN` names a folder.
fn keep(Rendered { name, html }: &Rendered) {
    let Some(folder) = option_env!("KEEP_SAMPLES_IN").map(Path::new) else { return };
    let files =
        [(format!("{name}.html"), html.as_str()), ("sandbox.css".into(), STYLES), ("icon.svg".into(), ICON)];
    for (file, text) in files {
        fs::write(folder.join(file), text).expect("the folder of samples is writable");
    }
}

fn tags(html: &str) -> impl Iterator<Item = &str> {
    html.split('<').skip(1).filter_map(|rest| rest.split_once('>')).map(|(tag, _)| tag)
}

fn is_control(tag: &str) -> bool {
    let is_shown = !tag.contains("type=\"hidden\"");
    is_shown && ["input", "select", "textarea"].iter().any(|control| tag.starts_with(control))
}

fn has_event_handler(tag: &str) -> bool {
    let mut names = tag.split(" on").skip(1).filter_map(|rest| rest.split_once('=')).map(|(name, _)| name);
    names.any(|name| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase()))
}

fn attribute<'tag>(tag: &'tag str, name: &str) -> Option<&'tag str> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    rest.split_once('"').map(|(value, _)| value)
}
