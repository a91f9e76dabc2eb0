use std::{collections::HashSet, fs, path::Path};

use askama::Template;

use super::samples::{ATTACK, Mode, Sample};
use super::*;

const MODES: [Mode; 5] = [Mode::Full, Mode::Hostile, Mode::Plain, Mode::Member, Mode::Bare];

/// A page as rendered from a sample.
struct Rendered {
    name: String,
    html: String,
}

macro_rules! rendered {
    ($mode:expr, $($page:ident),+ $(,)?) => {
        vec![$((stringify!($page), $page::sample($mode, "page").render())),+]
    };
}

fn all_pages(mode: Mode) -> Vec<Rendered> {
    let pages = rendered!(
        mode,
        AppPage,
        AppsPage,
        AttentionPage,
        AuditLogPage,
        BackgroundWorkPage,
        BillingOffPage,
        ChangePlanPage,
        CheckoutLinkPage,
        CheckoutReturnPage,
        ConfirmPage,
        DisableRefusedPage,
        DocumentationPage,
        EditPlanPage,
        ErrorPage,
        FeaturePage,
        FeaturesPage,
        GatewayPage,
        InvoicePage,
        InvoicesPage,
        NewAppPage,
        NewCheckoutLinkPage,
        NewFeaturePage,
        NewPlanPage,
        OverviewPage,
        PayerPage,
        PaymentMethodPage,
        PlanPage,
        PlansPage,
        RefundPage,
        SessionExpiredPage,
        SettingsPage,
        SignInPage,
        SubscriptionPage,
        SubscriptionsPage,
        TimelinePage,
        TrialPage,
    );
    let page = |(name, html): (&str, askama::Result<String>)| Rendered {
        name: format!("{name}-{mode:?}"),
        html: html.expect("a template renders into memory"),
    };
    pages.into_iter().map(page).collect()
}

#[test]
fn every_page_has_a_sample() {
    let files = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("templates")).unwrap();
    let texts = files.filter_map(|file| fs::read_to_string(file.unwrap().path()).ok());
    let extended: Vec<_> = texts
        .filter_map(|text| Some(text.strip_prefix("{% extends \"")?.split('"').next()?.to_owned()))
        .collect();
    let bases: HashSet<_> = extended.iter().filter(|base| *base != "layout.html").collect();
    assert_eq!(extended.len() - bases.len(), all_pages(Mode::Full).len());
}

#[test]
fn every_page_renders_safely_and_accessibly() {
    for page in all_pages(Mode::Hostile) {
        assert!(!page.html.contains(ATTACK), "{}: a text is not escaped", page.name);
        assert!(!page.html.contains("<script>"), "{}: a text opens a script", page.name);
        assert!(
            page.html.contains("&#60;script&#62;alert(1)&#60;/script&#62;"),
            "{}: no text is shown",
            page.name
        );
    }
    for page in MODES.into_iter().filter(|mode| *mode != Mode::Hostile).flat_map(all_pages) {
        obeys_the_content_security_policy(&page);
        has_one_heading_and_one_main(&page);
        names_every_control(&page);
        has_every_id_once(&page);
        is_below(60_000, &page);
        keep(&page);
    }
}

#[test]
fn a_description_is_shown_in_its_lines() {
    let mut shown = 0;
    for Rendered { name, html } in MODES.into_iter().flat_map(all_pages) {
        for (at, _) in html.match_indices("Everything,\nfor people") {
            let tag = html[..at].rsplit('<').next().unwrap_or_default();
            assert!(tag.starts_with("textarea") || tag.contains("lines\""), "{name}: in one line in {tag}");
            shown += 1;
        }
    }
    assert!(shown >= 8, "{shown}");
    assert!(crate::pages::STYLES.contains(".lines {white-space: pre-line}"));
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

/// Its size before compression, the assets included.
fn is_below(most: usize, Rendered { name, html }: &Rendered) {
    let assets = [crate::pages::STYLES, crate::pages::SCRIPT];
    let bytes = html.len() + assets.iter().map(|asset| asset.len()).sum::<usize>();
    assert!(bytes < most, "{name}: {bytes} bytes with its assets");
}

#[test]
fn a_full_list_of_sales_is_small() {
    let id = |kind: &str| format!("{kind}_01m8km26p0e5581rrwqpz6eq0r");
    let moment = || Moment {
        machine: "2026-12-28T08:31:00.000Z".to_owned(),
        date: "28 Dec 2026".to_owned(),
        clock: "08:31 UTC".to_owned(),
    };
    let in_app = |mut layout: Layout| {
        layout.app = Some(AppLink { id: id("app"), name: "Acme Notes".to_owned() });
        layout
    };
    let subscription = |_| SubscriptionRow {
        id: id("sub"),
        payer: id("user"),
        payer_kind: "Organization",
        payer_path: format!("/app/{}/billing/payers/organization/{}", id("app"), id("user")),
        status: Status { label: "Trialing".to_owned(), tone: "good" },
        plan: "Professional".to_owned(),
        price: Some(SeatsAtPrice { amount: "10 × $1,200.00".to_owned(), interval: "month" }),
        next: Some(Milestone { label: "First charge", at: moment() }),
    };
    let invoice = |_| InvoiceRow {
        id: id("inv"),
        number: "4F2A7C1D-0012".to_owned(),
        status: Status { label: "Uncollectible".to_owned(), tone: "good" },
        payer: id("user"),
        payer_path: format!("/app/{}/billing/payers/organization/{}", id("app"), id("user")),
        total: "$1,400.00".to_owned(),
        issued: moment(),
    };
    let segment = |_| Segment {
        path: "/app/app_01m8km26p0e5581rrwqpz6eq0r/billing/subscriptions?status=past_due".to_owned(),
        label: "Past due".to_owned(),
        count: Some("1,290".to_owned()),
        is_chosen: false,
    };
    let choice = |_| Choice::new(id("plan"), "Professional");
    let subscriptions = SubscriptionsPage::sample(Mode::Full, "page");
    let subscriptions = SubscriptionsPage {
        layout: in_app(subscriptions.layout),
        segments: (0..9).map(segment).collect(),
        plans: (0..10).map(choice).collect(),
        subscriptions: (0..25).map(subscription).collect(),
        ..SubscriptionsPage::sample(Mode::Full, "page")
    };
    let invoices = InvoicesPage::sample(Mode::Full, "page");
    let invoices = InvoicesPage {
        layout: in_app(invoices.layout),
        segments: (0..6).map(segment).collect(),
        invoices: (0..25).map(invoice).collect(),
        ..InvoicesPage::sample(Mode::Full, "page")
    };
    for (name, html) in
        [("SubscriptionsPage-25", subscriptions.render()), ("InvoicesPage-25", invoices.render())]
    {
        let page = Rendered { name: name.to_owned(), html: html.unwrap() };
        is_below(60_000, &page);
        keep(&page);
    }
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
