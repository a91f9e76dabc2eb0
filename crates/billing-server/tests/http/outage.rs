use billing_testing::{Answer, Ids, PostgresCluster, Suite, TestDatabase, dashboard_operations, tokens};

use crate::{DISABLE, ENABLE, OFF, STATUS, service};

pub(crate) fn cases(suite: Suite) -> Suite {
    suite
        .on_its_own_postgres(
            "postgres_outage_is_answered_as_unavailable_until_it_ends",
            postgres_outage_is_answered_as_unavailable_until_it_ends,
        )
        .on_sqlite(
            "sqlite_file_locked_by_another_process_is_unavailable",
            sqlite_file_locked_by_another_process_is_unavailable,
        )
        .on_postgres("a_corrupt_row_is_an_opaque_error", a_corrupt_row_is_an_opaque_error)
}

fn assert_unavailable(answer: &Answer) {
    assert_eq!(answer.refusal(), (503, "database_unavailable".to_owned()), "{}", answer.text);
    assert_eq!(answer.headers["retry-after"], "5");
    for leaked in ["postgres", "sqlite", "locked", "connection", "/tmp", "diesel"] {
        assert!(!answer.text.to_lowercase().contains(leaked), "{}", answer.text);
    }
}

async fn postgres_outage_is_answered_as_unavailable_until_it_ends(mut cluster: PostgresCluster) {
    let database = TestDatabase::in_cluster(&cluster).await;
    let service = service(&database).await;
    let owner = tokens::owner("ws_demo");
    let ids = Ids::fictitious(&service);
    let enabled = service.post(ENABLE, &owner).await;
    for _ in 0..2 {
        cluster.stop();

        for operation in dashboard_operations(&service) {
            assert_unavailable(&operation.ask(&service, &ids, Some(&owner)).await);
        }
        assert_unavailable(&service.get("/readyz", &owner).await);
        assert_eq!(service.get("/healthz", &owner).await.status, 200);

        cluster.resume();
        assert_eq!(service.get("/readyz", &owner).await.status, 200);
        assert_eq!(service.get(STATUS, &owner).await.text, enabled.text);
    }
    assert_eq!(service.post(DISABLE, &owner).await.text, OFF);
}

async fn sqlite_file_locked_by_another_process_is_unavailable(database: TestDatabase) {
    let service = service(&database).await;
    let owner = tokens::owner("ws_demo");
    let other_process = billing_diesel::open(&database.url.parse().unwrap()).unwrap();
    let held = other_process.begin(&"ws_demo".parse().unwrap()).await.unwrap();

    assert_unavailable(&service.post(ENABLE, &owner).await);
    assert_eq!(service.get(STATUS, &owner).await.text, OFF);

    held.rollback().await.unwrap();
    assert_eq!(service.post(ENABLE, &owner).await.status, 200);
}

async fn a_corrupt_row_is_an_opaque_error(database: TestDatabase) {
    let service = service(&database).await;
    let owner = tokens::owner("ws_demo");
    service.post(ENABLE, &owner).await;
    database.execute("UPDATE workspaces SET gateway = 'paypal'").await;

    let answer = service.get(STATUS, &owner).await;

    assert_eq!(answer.refusal(), (500, "internal_error".to_owned()));
    assert!(!answer.text.contains("paypal") && !answer.text.contains("workspaces"), "{}", answer.text);
    // The service goes on for everyone else.
    assert_eq!(service.get(STATUS, &tokens::owner("ws_other")).await.text, OFF);
}
