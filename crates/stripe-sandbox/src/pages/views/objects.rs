use askama::Template;

use super::{EventRow, Link, Moment};

/// How many objects of a type there are.
pub(crate) struct TypeCount {
    /// To their list, by the name of the type.
    pub(crate) objects: Link,
    pub(crate) count: usize,
}

/// `/_sandbox/objects?type={type}&cursor={cursor}`.
#[derive(Template)]
#[template(path = "objects.html")]
pub(crate) struct ObjectsPage {
    /// Such as `customer`; empty for objects of every type.
    pub(crate) object_type: String,
    pub(crate) types: Vec<TypeCount>,
    pub(crate) objects: Vec<ObjectRow>,
    /// The list from its beginning; absent there.
    pub(crate) first: Option<String>,
    /// Absent at the end.
    pub(crate) next: Option<String>,
}

pub(crate) struct ObjectRow {
    /// To the page of the object, by its id.
    pub(crate) object: Link,
    /// What tells it from others, such as an e-mail address or a status.
    pub(crate) summary: String,
    pub(crate) account: String,
    pub(crate) created: Option<Moment>,
}

/// `/_sandbox/objects/{account}/{id}`.
#[derive(Template)]
#[template(path = "object.html")]
pub(crate) struct ObjectPage {
    pub(crate) id: String,
    pub(crate) object_type: String,
    pub(crate) account: String,
    /// As the API answers it, indented.
    pub(crate) json: String,
    /// Newest first.
    pub(crate) events: Vec<EventRow>,
}

#[cfg(test)]
pub(crate) mod samples {
    use super::{ObjectPage, ObjectRow, ObjectsPage, TypeCount};
    use crate::pages::views::samples::{Rendered, Words};
    use crate::pages::views::{EventRow, Link, Moment};

    impl TypeCount {
        pub(crate) fn samples(words: Words) -> Vec<Self> {
            [("customer", 12), ("invoice", 34), ("payment_intent", 34), ("price", 6), ("subscription", 1250)]
                .map(|(name, count)| Self {
                    objects: Link::sample(words, &format!("/_sandbox/objects?type={name}"), name),
                    count,
                })
                .into()
        }
    }

    impl ObjectRow {
        fn sample(words: Words) -> Self {
            Self {
                object: Link::sample(words, "/_sandbox/objects/acct_1/cus_1", "cus_Q1a2b3c4d5e6f"),
                summary: words.say("jenny@example.com"),
                account: words.say("acct_1Q1a2b3c4d"),
                created: Some(Moment::sample(words)),
            }
        }
    }

    impl ObjectsPage {
        fn sample(words: Words) -> Self {
            Self {
                object_type: words.say("customer"),
                types: TypeCount::samples(words),
                objects: vec![
                    ObjectRow::sample(words),
                    ObjectRow { created: None, summary: String::new(), ..ObjectRow::sample(words) },
                ],
                first: Some(words.say("/_sandbox/objects?type=customer")),
                next: Some(words.say("/_sandbox/objects?type=customer&cursor=cus_1")),
            }
        }
    }

    impl ObjectPage {
        fn sample(words: Words) -> Self {
            let json = "{\n  \"id\": \"cus_Q1a2b3c4d5e6f\",\n  \"object\": \"customer\",\n  \"description\": \"A customer whose description is long enough that it does not fit on one line of a screen\",\n  \"metadata\": {}\n}";
            Self {
                id: words.say("cus_Q1a2b3c4d5e6f"),
                object_type: words.say("customer"),
                account: words.say("acct_1Q1a2b3c4d"),
                json: words.say(json),
                events: vec![
                    EventRow::sample(words, "customer.updated"),
                    EventRow::sample(words, "customer.created"),
                ],
            }
        }
    }

    pub(crate) fn render_all(words: Words) -> Vec<Rendered> {
        let none = ObjectsPage { objects: vec![], first: None, next: None, ..ObjectsPage::sample(words) };
        let every = ObjectsPage { object_type: String::new(), ..ObjectsPage::sample(words) };
        let quiet = ObjectPage { events: vec![], ..ObjectPage::sample(words) };
        vec![
            Rendered::of("objects", &ObjectsPage::sample(words)),
            Rendered::of("objects-none", &none),
            Rendered::of("objects-every", &every),
            Rendered::of("object", &ObjectPage::sample(words)),
            Rendered::of("object-quiet", &quiet),
        ]
    }
}
