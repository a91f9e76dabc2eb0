use billing_domain::TooManyOrigins;

use super::*;
use crate::testing::{Stored, Write, catalog, create_app, now, origin, ports, request_key, workspace_id};

fn environment(id: u128, kind: EnvironmentKind) -> Environment {
    Environment { id: EnvironmentId::from_uuid(id), kind }
}

#[tokio::test]
async fn a_new_app_has_a_development_and_a_production_environment() {
    let (ports, written) = catalog().ports();

    let app = CreateApp::new(ports).execute(create_app()).await.unwrap();

    let created = App {
        id: AppId::from_uuid(1),
        workspace_id: workspace_id(),
        details: AppDetails {
            name: create_app().name,
            allowed_redirect_origins: create_app().allowed_redirect_origins,
        },
        environments: vec![
            environment(2, EnvironmentKind::Development),
            environment(3, EnvironmentKind::Production),
        ],
        version: Version::NEW,
        created_at: now(),
    };
    assert_eq!(app, created);
    assert_eq!(written.writes(), [Write::InsertApp(created.clone()), Write::Commit]);
    assert_eq!(written.audited(), [AuditedChange::App(Change::created(created))]);
}

#[tokio::test]
async fn too_many_redirect_origins_are_refused_before_a_transaction_begins() {
    let too_many = (0..=AppDetails::MOST_ORIGINS).map(|number| origin(&format!("a{number}.example")));
    let request = CreateAppRequest { allowed_redirect_origins: too_many.collect(), ..create_app() };

    let refusal = CreateApp::new(ports(vec![])).execute(request).await.unwrap_err();

    assert!(matches!(refusal, AppError::TooManyOrigins(TooManyOrigins)));
}

#[tokio::test]
async fn a_key_stands_for_all_of_the_request() {
    let first = CreateAppRequest { request_key: Some(request_key()), ..create_app() };
    let (ports, written) = catalog().ports();
    CreateApp::new(ports).execute(first.clone()).await.unwrap();
    let renamed = CreateAppRequest { name: DisplayName::parse("Diary").unwrap(), ..first.clone() };
    let moved = CreateAppRequest { allowed_redirect_origins: vec![origin("diary.example")], ..first };

    for other in [renamed, moved] {
        let (ports, written) = Stored { answered: written.remembered().pop(), ..catalog() }.ports();
        let refusal = CreateApp::new(ports).execute(other).await.unwrap_err();
        assert!(matches!(refusal, AppError::RequestKeyReused(_)) && written.is_nothing());
    }
}
