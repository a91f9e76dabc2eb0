//! No workspace takes the service from the others (contract, I11).

use std::time::{Duration, Instant};

use billing_testing::{Answer, Suite, TestDatabase, tokens};
use tokio::task::JoinSet;

use crate::{DISABLE, ENABLE, service};

pub(crate) fn cases(suite: Suite) -> Suite {
    suite.on_postgres("a_crowded_workspace_holds_up_no_other", a_crowded_workspace_holds_up_no_other)
}

/// The requests one workspace may have at work.
const ADMITTED: usize = 128;
const BEYOND: usize = 60;

/// Another process holds the lock of the crowded workspace, so that its requests wait.
async fn a_crowded_workspace_holds_up_no_other(database: TestDatabase) {
    let service = std::sync::Arc::new(service(&database).await);
    let other_process = billing_diesel::open(&database.url.parse().unwrap()).unwrap();
    let workspace = "ws_crowded".parse().unwrap();
    let mut held = other_process.begin(&workspace).await.unwrap();
    held.switches().lock_workspace(&workspace).await.unwrap();

    let mut crowd: JoinSet<Answer> = JoinSet::new();
    for _ in 0..ADMITTED + BEYOND {
        let service = std::sync::Arc::clone(&service);
        crowd.spawn(async move { service.post(ENABLE, &tokens::owner("ws_crowded")).await });
    }
    for _ in 0..BEYOND {
        let refused = crowd.join_next().await.unwrap().unwrap();
        assert_eq!(refused.refusal(), (429, "too_many_requests".to_owned()));
        assert_eq!(refused.headers["retry-after"], "1");
    }

    let other = tokens::owner("ws_other");
    for path in [ENABLE, DISABLE].repeat(10) {
        let asked = Instant::now();
        assert_eq!(service.post(path, &other).await.status, 200);
        assert!(asked.elapsed() < Duration::from_secs(1), "{:?}", asked.elapsed());
    }

    held.rollback().await.unwrap();
    for answer in crowd.join_all().await {
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
}
