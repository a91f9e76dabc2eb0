use crate::prelude::*;
use crate::testing::{Stored, Write, catalog, change, origin, shop, update_app};

#[tokio::test]
async fn a_patch_keeps_omitted_fields() {
    let (ports, written) = catalog().ports();

    let app = change(ports, update_app()).await.unwrap();

    let renamed = App {
        details: AppDetails { name: update_app().name.unwrap(), ..shop().details },
        version: Version::from_stored(4),
        ..shop()
    };
    assert_eq!(app, renamed);
    let save = Write::SaveApp { app: renamed.clone(), loaded: Version::from_stored(3) };
    assert_eq!(written.writes(), [save, Write::Commit]);
    assert_eq!(written.audited(), [AuditedChange::changed(&shop(), &renamed).unwrap()]);
}

#[tokio::test]
async fn the_redirect_origins_are_replaced() {
    let (ports, _) = catalog().ports();
    let origins = vec![origin("new.example")];
    let request = UpdateApp { name: None, allowed_redirect_origins: Some(origins.clone()), ..update_app() };

    let app = change(ports, request).await.unwrap();

    assert_eq!(app.details, AppDetails { allowed_redirect_origins: origins, ..shop().details });
}

#[tokio::test]
async fn the_same_values_change_nothing() {
    let (ports, written) = catalog().ports();
    let request = UpdateApp {
        name: Some(shop().details.name),
        allowed_redirect_origins: Some(shop().details.allowed_redirect_origins),
        ..update_app()
    };

    let app = change(ports, request).await.unwrap();

    assert_eq!(app, shop());
    assert!(written.is_nothing());
}

/// docs/errors.md, `concurrent_change`: whoever sends a version that is not the current one is told so, even if
/// nothing would change.
#[tokio::test]
async fn the_same_values_over_a_stale_version_are_refused() {
    let (ports, written) = catalog().ports();
    let request = UpdateApp {
        name: Some(shop().details.name),
        allowed_redirect_origins: Some(shop().details.allowed_redirect_origins),
        expected_version: Some(Version::NEW),
        ..update_app()
    };

    let refusal = change(ports, request).await.unwrap_err();

    assert!(matches!(refusal, Refused::Rule(AppError::EditedMeanwhile(app)) if *app == shop()));
    assert!(written.is_nothing());
}

#[tokio::test]
async fn an_edit_conflict_returns_the_present_app() {
    let (ports, written) = catalog().ports();
    let request = UpdateApp { expected_version: Some(Version::NEW), ..update_app() };

    let refusal = change(ports, request).await.unwrap_err();

    assert!(matches!(refusal, Refused::Rule(AppError::EditedMeanwhile(app)) if *app == shop()));
    assert!(written.is_nothing());
}

#[tokio::test]
async fn an_update_without_a_version_is_unconditional() {
    let (ports, written) = catalog().ports();
    let request = UpdateApp { expected_version: None, ..update_app() };

    change(ports, request).await.unwrap();

    assert!(written.writes().ends_with(&[Write::Commit]));
}

#[tokio::test]
async fn an_unknown_app_is_absent() {
    let (ports, written) = Stored { apps: vec![], ..catalog() }.ports();

    let refusal = change(ports, update_app()).await.unwrap_err();

    assert!(matches!(refusal, Refused::Absent(Absent::App)) && written.is_nothing());
}

#[tokio::test]
async fn too_many_redirect_origins_are_refused() {
    let (ports, written) = catalog().ports();
    let too_many = (0..=AppDetails::MOST_ORIGINS).map(|number| origin(&format!("a{number}.example")));
    let request = UpdateApp { allowed_redirect_origins: Some(too_many.collect()), ..update_app() };

    let refusal = change(ports, request).await.unwrap_err();

    assert!(
        matches!(refusal, Refused::Rule(AppError::TooManyOrigins(TooManyOrigins))) && written.is_nothing()
    );
}
