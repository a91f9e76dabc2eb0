//! No workspace sees or changes what is another's, and no app of one either (invariant I7). The cases come from the
//! service's own document, so a path that is added is tested or fails here.

use billing_testing::{Answer, Ids, Suite, Tenant, TestDatabase, dashboard_operations};
use serde_json::Value;

use crate::service;

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .on_every_database(
            "ids_of_another_tenant_are_answered_like_absent_ids",
            ids_of_another_tenant_are_answered_like_absent_ids,
        )
        .on_sqlite("malformed_ids_are_answered_like_absent_ids", malformed_ids_are_answered_like_absent_ids)
        .on_sqlite("lists_show_nothing_of_another_tenant", lists_show_nothing_of_another_tenant)
}

/// What can be told apart in an answer: all of it but the id of the request and the time.
fn told(answer: &Answer) -> (u16, Value, Vec<(String, String)>) {
    let mut body = answer.json();
    body.as_object_mut().unwrap().remove("requestId").expect("a refusal has a request id");
    let headers =
        answer.headers.iter().filter(|(name, _)| !["x-request-id", "date"].contains(&name.as_str()));
    let mut headers: Vec<_> =
        headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
    headers.sort();
    (answer.status.as_u16(), body, headers)
}

/// Ids in which the names of `replaced` are those of `other` and the rest are `own`.
fn mixed(own: &Ids, other: &Ids, replaced: &[String]) -> Ids {
    replaced.iter().fold(own.clone(), |mixed, name| mixed.with(name, &other[name]))
}

/// Every choice of some of the names.
fn choices(names: &[String]) -> Vec<Vec<String>> {
    let all = 1..1_u32 << names.len();
    let chosen = |choice: u32| {
        let some = names.iter().enumerate().filter(|(position, _)| choice & (1 << position) != 0);
        some.map(|(_, name)| name.clone()).collect()
    };
    all.map(chosen).collect()
}

async fn ids_of_another_tenant_are_answered_like_absent_ids(database: TestDatabase) {
    let service = service(&database).await;
    let victim = Tenant::new(&service, "ws_victim", "theirs").await;
    let caller = Tenant::new(&service, "ws_caller", "ours").await;
    // Another app of the caller's own workspace is another's too.
    let sibling = Tenant::new(&service, "ws_caller", "siblings").await;
    let before = [
        victim.everything(&service).await,
        sibling.everything(&service).await,
        caller.everything(&service).await,
    ];
    let operations: Vec<_> =
        dashboard_operations(&service).into_iter().filter(|it| !it.names().is_empty()).collect();

    let fictitious = Ids::fictitious(&service);
    let mut compared = 0;
    for operation in &operations {
        // A kind of payer is nobody's.
        let mut names = operation.names();
        names.retain(|name| name != "payerKind");
        for replaced in choices(&names) {
            let absent = mixed(&caller.ids, &fictitious, &replaced);
            let expected = operation.ask(&service, &absent, Some(&caller.token)).await;
            assert_eq!(expected.refusal(), (404, "not_found".to_owned()), "{operation:?} {replaced:?}");
            // The app of the sibling is the caller's own; what is in it is not what is in the other app.
            let names_an_app = replaced.iter().any(|name| name == "appId");
            for other in [&victim, &sibling].into_iter().take(if names_an_app { 1 } else { 2 }) {
                let foreign = mixed(&caller.ids, &other.ids, &replaced);
                let answer = operation.ask(&service, &foreign, Some(&caller.token)).await;
                assert_eq!(told(&answer), told(&expected), "{operation:?} {replaced:?}");
                compared += 1;
            }
        }
    }

    assert!(compared >= 58, "only {compared} requests were compared");
    let after = [
        victim.everything(&service).await,
        sibling.everything(&service).await,
        caller.everything(&service).await,
    ];
    assert_eq!(after, before);
}

async fn malformed_ids_are_answered_like_absent_ids(database: TestDatabase) {
    let service = service(&database).await;
    let caller = Tenant::new(&service, "ws_caller", "ours").await;
    let fictitious = Ids::fictitious(&service);
    let before = caller.everything(&service).await;
    for operation in dashboard_operations(&service) {
        for name in operation.names() {
            let absent = mixed(&caller.ids, &fictitious, std::slice::from_ref(&name));
            let (status, body, _) = told(&operation.ask(&service, &absent, Some(&caller.token)).await);
            for text in ["No such id", "%00", "plan_1", "price_7zzzzzzzzzzzzzzzzzzzzzzzzz!", "a,b", "%ff"] {
                let ids = caller.ids.with(&name, text);
                let answer = operation.ask(&service, &ids, Some(&caller.token)).await;
                // Not the headers: the connection may end because nobody read the body.
                let (answered, told, _) = told(&answer);
                assert_eq!((answered, &told), (status, &body), "{operation:?} {name}: {text}");
            }
        }
    }
    assert_eq!(caller.everything(&service).await, before);
}

async fn lists_show_nothing_of_another_tenant(database: TestDatabase) {
    let service = service(&database).await;
    let victim = Tenant::new(&service, "ws_victim", "theirs").await;
    let caller = Tenant::new(&service, "ws_caller", "ours").await;
    for operation in dashboard_operations(&service).iter().filter(|operation| operation.reads()) {
        let path = operation.path(&caller.ids);
        let mut paths = vec![path.clone()];
        // A cursor that another workspace was given leads nowhere else, or is refused.
        let more = service.get(&format!("{}?limit=1", operation.path(&victim.ids)), &victim.token).await;
        if let Some(cursor) = more.json()["nextCursor"].as_str() {
            paths.push(format!("{path}?cursor={cursor}"));
        }
        for path in paths {
            let answer = service.get(&path, &caller.token).await;
            let of_the_log = ["audit-log?cursor", "timeline?cursor"].iter().any(|it| path.contains(it));
            let refused = || answer.refusal() == (400, "invalid_request".to_owned());
            assert!(answer.status == 200 || of_the_log && refused(), "{path}");
            for id in victim.ids.values().chain(["ws_victim"]) {
                assert!(!answer.text.contains(id), "{path} shows {id}: {}", answer.text);
            }
        }
    }
}
