//! Documents of ours as pages: headings with anchors, code with a button to copy it, tables that stack.

use pulldown_cmark::{CodeBlockKind, CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

use crate::views::{Document, Heading, TrustedHtml};

/// The page of this markdown, whose first heading is its title.
pub(crate) fn document(path: &'static str, markdown: &str) -> Document {
    let mut page = Page::default();
    let events: Vec<Event<'_>> =
        Parser::new_ext(markdown, Options::ENABLE_TABLES).flat_map(|event| page.event(event)).collect();
    let mut html = String::new();
    html::push_html(&mut html, events.into_iter());
    let Page { title, contents, .. } = page;
    Document {
        path,
        title,
        html: TrustedHtml(html),
        contents,
        links: Vec::new(),
        is_wide: false,
        prompt: None,
    }
}

#[derive(Default)]
struct Page {
    title: String,
    contents: Vec<Heading>,
    /// The heading being read, with its text.
    heading: Option<(HeadingLevel, String)>,
    /// The columns of the table being read.
    columns: Vec<String>,
    is_in_head: bool,
    /// The number of cells of its row so far.
    column: usize,
}

impl Page {
    fn event<'m>(&mut self, event: Event<'m>) -> Vec<Event<'m>> {
        match event {
            Event::Start(Tag::Heading { level, .. }) => {
                self.heading = Some((level, String::new()));
                Vec::new()
            }
            Event::End(TagEnd::Heading(_)) => self.end_heading(),
            Event::Text(text) | Event::Code(text) if self.heading.is_some() => {
                if let Some((_, heading)) = &mut self.heading {
                    heading.push_str(&text);
                }
                Vec::new()
            }
            // A document beside this one is a page beside it.
            Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
                let path = dest_url.strip_suffix(".md").filter(|name| !name.contains('/'));
                let dest_url = path.map_or_else(|| dest_url.clone(), |name| format!("/docs/{name}").into());
                vec![Event::Start(Tag::Link { link_type, dest_url, title, id })]
            }
            Event::Start(Tag::CodeBlock(kind)) => {
                let caption = caption(&kind);
                let open = format!(
                    "<figure class=\"code\"><figcaption>{caption}<button class=\"button quiet\" type=\"button\" hidden \
                     data-copy-block>Copy<span class=\"hidden\"> {caption}</span></button></figcaption>\
                     <pre tabindex=\"0\"><code>"
                );
                vec![raw(open)]
            }
            Event::End(TagEnd::CodeBlock) => vec![raw("</code></pre></figure>\n")],
            Event::Text(text) => {
                if let (true, Some(column)) = (self.is_in_head, self.columns.last_mut()) {
                    column.push_str(&text);
                }
                vec![Event::Text(text)]
            }
            event => self.table(&event).map_or_else(|| vec![event], |html| vec![raw(html)]),
        }
    }

    /// The part of a table that stacks on a narrow page.
    fn table(&mut self, event: &Event<'_>) -> Option<String> {
        Some(match event {
            Event::Start(Tag::Table(_)) => {
                let heading = self.contents.last().map(|above| above.under.last().unwrap_or(above));
                let name = heading.map_or("content", |heading| &heading.id);
                format!("<div class=\"table\"><table role=\"table\" aria-labelledby=\"{name}\">\n")
            }
            Event::End(TagEnd::Table) => "</tbody></table></div>\n".to_owned(),
            Event::Start(Tag::TableHead) => {
                (self.is_in_head, self.columns) = (true, Vec::new());
                "<thead role=\"rowgroup\"><tr role=\"row\">".to_owned()
            }
            Event::End(TagEnd::TableHead) => {
                self.is_in_head = false;
                "</tr></thead><tbody role=\"rowgroup\">\n".to_owned()
            }
            Event::Start(Tag::TableRow) => {
                self.column = 0;
                "<tr role=\"row\">".to_owned()
            }
            Event::End(TagEnd::TableRow) => "</tr>\n".to_owned(),
            Event::Start(Tag::TableCell) if self.is_in_head => {
                self.columns.push(String::new());
                "<th role=\"columnheader\" scope=\"col\">".to_owned()
            }
            Event::Start(Tag::TableCell) => {
                self.column += 1;
                match self.columns.get(self.column - 1) {
                    Some(name) if self.column > 1 => format!("<td role=\"cell\" data-label=\"{name}\">"),
                    _ => "<td class=\"cell-main\" role=\"cell\">".to_owned(),
                }
            }
            Event::End(TagEnd::TableCell) => if self.is_in_head { "</th>" } else { "</td>" }.to_owned(),
            _ => return None,
        })
    }

    fn end_heading<'m>(&mut self) -> Vec<Event<'m>> {
        let Some((level, text)) = self.heading.take() else { return Vec::new() };
        if level == HeadingLevel::H1 {
            self.title = text;
            return Vec::new();
        }
        let id = id(&text);
        let open = format!("<{level} id=\"{id}\"><a href=\"#{id}\">");
        let shown = vec![raw(open), Event::Text(text.clone().into()), raw(format!("</a></{level}>\n"))];
        let heading = Heading { id, text, under: Vec::new() };
        match self.contents.last_mut() {
            Some(above) if level > HeadingLevel::H2 => above.under.push(heading),
            _ => self.contents.push(heading),
        }
        shown
    }
}

fn caption(kind: &CodeBlockKind<'_>) -> &'static str {
    match kind {
        CodeBlockKind::Fenced(language) if language.as_ref() == "sh" => "Terminal",
        CodeBlockKind::Fenced(language) if language.as_ref() == "json" => "JSON",
        _ => "Text",
    }
}

fn raw<'m>(html: impl Into<CowStr<'m>>) -> Event<'m> {
    Event::Html(html.into())
}

/// The anchor of a heading, as code hosts make it.
fn id(text: &str) -> String {
    let kept = text.chars().filter(|letter| letter.is_alphanumeric() || matches!(letter, ' ' | '-' | '_'));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_has_contents_anchors_and_copyable_code() {
        let page = document(
            "/docs/x",
            "# Title\n\n[Errors](errors.md)\n\n## Why `it`?\n\n### By API & more\n\n```sh\na < b\n```\n\n|a|b|\n|-|-|\n|c|d|\n",
        );
        assert_eq!(page.title, "Title");
        assert_eq!((page.contents[0].id.as_str(), page.contents[0].text.as_str()), ("why-it", "Why it?"));
        assert_eq!(page.contents[0].under[0].id, "by-api--more");
        for part in [
            "<h2 id=\"why-it\"><a href=\"#why-it\">Why it?</a></h2>",
            "<h3 id=\"by-api--more\"><a href=\"#by-api--more\">By API &amp; more</a></h3>",
            "<a href=\"/docs/errors\">Errors</a>",
            "<figcaption>Terminal<button",
            "<pre tabindex=\"0\"><code>a &lt; b\n</code></pre></figure>",
            "<table role=\"table\" aria-labelledby=\"by-api--more\">",
            "<td class=\"cell-main\" role=\"cell\">c</td><td role=\"cell\" data-label=\"b\">d</td>",
        ] {
            assert!(page.html.0.contains(part), "{part} is not in {}", page.html.0);
        }
        assert!(!page.html.0.contains("<h1"), "{}", page.html.0);
    }
}
