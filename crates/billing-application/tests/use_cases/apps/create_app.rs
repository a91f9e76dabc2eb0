use crate::prelude::*;
use crate::testing::{Stored, Write, catalog, change, change_once, create_app, now, origin, workspace_id};

fn environment(id: u128, kind: EnvironmentKind) -> Environment {
    Environment { id: EnvironmentId::from_uuid(id), kind }
}

#[tokio::test]
async fn a_new_app_has_a_development_and_a_production_environment() {
    let (ports, written) = catalog().ports();

    let app = change(ports, create_app()).await.unwrap();

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
    assert_eq!(written.audited(), [AuditedChange::created(&created).unwrap()]);
}

#[tokio::test]
async fn too_many_redirect_origins_are_refused() {
    let (ports, written) = catalog().ports();
    let too_many = (0..=AppDetails::MOST_ORIGINS).map(|number| origin(&format!("a{number}.example")));
    let request = CreateApp { allowed_redirect_origins: too_many.collect(), ..create_app() };

    let refusal = change(ports, request).await.unwrap_err();

    assert!(matches!(refusal, Refused::Rule(AppError::TooManyOrigins(TooManyOrigins))));
    assert!(written.is_nothing());
}

#[tokio::test]
async fn a_key_is_bound_to_the_whole_request() {
    let first = create_app();
    let (ports, written) = catalog().ports();
    change_once(ports, first.clone()).await.unwrap();
    let renamed = CreateApp { name: DisplayName::parse("Diary").unwrap(), ..first.clone() };
    let moved = CreateApp { allowed_redirect_origins: vec![origin("diary.example")], ..first };

    for other in [renamed, moved] {
        let (ports, written) = Stored { answered: written.remembered().pop(), ..catalog() }.ports();
        let refusal = change_once(ports, other).await.unwrap_err();
        assert!(matches!(refusal, Refused::RequestKeyReused(_)) && written.is_nothing());
    }
}
