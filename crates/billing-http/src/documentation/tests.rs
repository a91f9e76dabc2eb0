use super::*;

fn page() -> String {
    let document = serde_json::to_value(crate::openapi_document("https://billing.example")).unwrap();
    ReferencePage::of(&document).render().unwrap()
}

#[test]
fn every_operation_is_in_the_reference_and_the_operators_are_last() {
    let document = serde_json::to_value(crate::openapi_document("https://billing.example")).unwrap();
    let page = page();
    let at =
        |id: &str| page.find(&format!("<article id=\"{id}\"")).unwrap_or_else(|| panic!("{id} is missing"));
    let mut last_of = [0, 0];
    for operation in
        document["paths"].as_object().unwrap().values().flat_map(|item| item.as_object().unwrap().values())
    {
        let is_operators = operation["tags"][0] == "Operations";
        let last = &mut last_of[usize::from(is_operators)];
        *last = (*last).max(at(operation["operationId"].as_str().unwrap()));
    }
    assert!(last_of[0] < at("health"), "an operation is behind the operator's");
    assert!(last_of[1] > 0);
}

#[test]
fn every_link_of_the_reference_leads_somewhere() {
    let page = page();
    let targets = page.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap());
    let pages = ["/app", "/docs/enable-billing", "/docs/errors", "/openapi.json", STYLES, "/assets/icon.svg"];
    for target in targets {
        let is_here = target.strip_prefix('#').is_some_and(|id| page.contains(&format!("id=\"{id}\"")));
        assert!(is_here || pages.contains(&target), "{target} leads nowhere");
    }
    for place in pages {
        assert!(page.contains(&format!("href=\"{place}\"")), "no link to {place}");
    }
}

#[test]
fn reference_has_nothing_inline() {
    let page = page();
    for inline in ["<script", "<style", " style=", " onclick="] {
        assert!(!page.contains(inline), "{inline}");
    }
}

/// Two kilobytes an operation, and what they share.
#[test]
fn reference_is_small() {
    let operations = page().matches("class=\"method\"").count();
    let bytes = page().len() + include_str!("../../assets/reference.css").len();
    assert!(bytes < 20_000 + 2_000 * operations, "{bytes} bytes for {operations} operations");
}

#[test]
fn what_operations_share_is_described_once() {
    let page = page();
    for shared in
        ["The feature's key.", "A name for this request", "The <code>nextCursor</code> of the page before"]
    {
        assert_eq!(page.matches(shared).count(), 1, "{shared}");
    }
    assert!(page.contains("<p><code>limit</code>, <code>cursor</code>: see <a href=\"#parameters\">"));
}

#[test]
fn texts_of_the_document_are_escaped() {
    assert_eq!(
        html::Html::prose("a < `b<c>` & \"d\"").to_string(),
        "a &lt; <code>b&lt;c&gt;</code> &amp; \"d\""
    );
}
