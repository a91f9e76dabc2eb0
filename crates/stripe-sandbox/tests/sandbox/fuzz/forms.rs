//! Form bodies of all kinds, to addresses that take them.

use proptest::{collection::vec, prelude::*};

use super::{Target, assert_answer, cases};

const PATHS: [&str; 12] = [
    "/v1/customers",
    "/v1/products",
    "/v1/prices",
    "/v1/subscriptions",
    "/v1/invoices",
    "/v1/invoices/create_preview",
    "/v1/invoiceitems",
    "/v1/payment_intents",
    "/v1/setup_intents",
    "/v1/coupons",
    "/v1/webhook_endpoints",
    "/v1/test_helpers/test_clocks",
];

fn path() -> impl Strategy<Value = &'static str> {
    proptest::sample::select(PATHS.to_vec())
}

/// A parameter's name, well formed or not: `items[0][price]`, `a[]`, `[`, `metadata[][`.
fn name() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        proptest::sample::select(vec![
            "items",
            "metadata",
            "expand",
            "name",
            "recurring",
            "price_data",
            "limit"
        ])
        .prop_map(str::to_owned),
        "[a-z_]{0,8}",
        "[0-9]{1,20}",
        any::<String>(),
    ];
    let part = prop_oneof![4 => word.clone().prop_map(|word| format!("[{word}]")), 1 => "[\\[\\]]{1,3}", 1 => Just("[]".to_owned())];
    (word, vec(part, 0..5)).prop_map(|(word, parts)| word + &parts.concat())
}

fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        any::<i64>().prop_map(|it| it.to_string()),
        Just(String::new()),
        "[a-z]{1,20}"
    ]
}

fn encoded(pairs: &[(String, String)]) -> Vec<u8> {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish().into_bytes()
}

proptest! {
    #![proptest_config(cases(24))]

    #[test]
    fn any_form_has_an_answer(bodies in vec((path(), vec((name(), value()), 0..12)), 20)) {
        let target = Target::new();
        for (path, pairs) in &bodies {
            let answer = target.run(target.client.post_raw(path, encoded(pairs)));
            assert_answer(&answer, &(path, pairs));
        }
        target.assert_well();
    }

    #[test]
    fn any_bytes_as_a_body_have_an_answer(bodies in vec((path(), vec(any::<u8>(), 0..300)), 20)) {
        let target = Target::new();
        for (path, body) in &bodies {
            assert_answer(&target.run(target.client.post_raw(path, body.clone())), &(path, body));
        }
        target.assert_well();
    }

    #[test]
    fn broken_percent_escapes_and_other_encodings_have_an_answer(
        bodies in vec((path(), vec("(%[0-9a-fA-F]{2}|%|%[g-z]|%f[0-9]|=|&|\\+|[a-z]|\\[|\\]){0,40}", 1..4)), 20)
    ) {
        let target = Target::new();
        for (path, texts) in &bodies {
            let body = texts.join("&").into_bytes();
            assert_answer(&target.run(target.client.post_raw(path, body)), &(path, texts));
        }
        target.assert_well();
    }

    #[test]
    fn a_parameter_that_comes_in_two_shapes_has_an_answer(word in "[a-z]{1,6}", shapes in vec("(\\[[a-z0-9]{0,2}\\]){0,3}", 2..6)) {
        let target = Target::new();
        let pairs: Vec<_> = shapes.iter().map(|shape| (format!("{word}{shape}"), "x".to_owned())).collect();
        for path in PATHS {
            assert_answer(&target.run(target.client.post_raw(path, encoded(&pairs))), &pairs);
        }
        target.assert_well();
    }
}

#[test]
fn a_form_as_deep_or_as_large_as_it_can_be_has_an_answer() {
    let target = Target::new();
    let deep = |levels: usize| format!("metadata{}=x", "[a]".repeat(levels)).into_bytes();
    let unclosed = |levels: usize| format!("metadata{}=x", "[".repeat(levels)).into_bytes();
    let wide = |pairs: usize| vec!["metadata[k]=v"; pairs].join("&").into_bytes();
    let bodies = [
        deep(100),
        deep(200_000),
        unclosed(200_000),
        wide(1_999),
        wide(50_000),
        format!("name={}", "n".repeat(900_000)).into_bytes(),
        format!("name={}", "%00".repeat(100_000)).into_bytes(),
        "&".repeat(900_000).into_bytes(),
        "=".repeat(900_000).into_bytes(),
        b"items[4294967295][price]=x&items[18446744073709551616][price]=y".to_vec(),
        vec![b'x'; 3_000_000],
    ];
    for body in bodies {
        let shown = String::from_utf8_lossy(&body[..40.min(body.len())]).into_owned();
        for path in ["/v1/customers", "/v1/subscriptions"] {
            assert_answer(&target.run(target.client.post_raw(path, body.clone())), &shown);
        }
    }
    target.assert_well();
}
