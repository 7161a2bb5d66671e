//! A8: data of a newer version are left as they are, and a migration that is interrupted has not begun.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use sqlx::{Connection, PgConnection, SqliteConnection};
use store::{Location, Store, StoreError};

use crate::child::child;
use crate::engines::{NOW, Place, on_both};
use crate::keeping::new_case;

async fn pretend_newer(location: &Location) {
    let sql = "UPDATE schema_version SET version = 99";
    match &location.postgres {
        Some(url) => {
            sqlx::query(sql).execute(&mut PgConnection::connect(url).await.unwrap()).await.unwrap();
        }
        None => {
            let url = format!("sqlite://{}", location.folder.join("casefile.db").display());
            let mut connection = SqliteConnection::connect(&url).await.unwrap();
            sqlx::query(sql).execute(&mut connection).await.unwrap();
            connection.close().await.unwrap();
        }
    }
}

/// All that lies in a folder, with its content.
fn everything(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()) {
        let name = entry.display().to_string();
        if entry.is_dir() {
            found.extend(everything(&entry));
            found.insert(name, Vec::new());
        } else {
            found.insert(name, fs::read(&entry).unwrap());
        }
    }
    found
}

#[test]
fn a8_a_newer_schema_is_refused_and_nothing_is_written() {
    on_both(|place| async move {
        let store = place.open().await;
        new_case(&store).await;
        store.close().await;
        drop(store);
        pretend_newer(&place.location).await;
        fs::write(place.location.folder.join("incoming/of-the-newer.part"), "x").unwrap();
        let before = everything(&place.location.folder);

        let refused = place.try_open().await.map(|_| ()).unwrap_err();
        assert!(matches!(refused, StoreError::Newer { found: 99, known: 1 }), "{refused:?}");
        assert!(refused.to_string().contains("use the newer version"));
        let after = everything(&place.location.folder);
        assert_eq!(after.keys().collect::<Vec<_>>(), before.keys().collect::<Vec<_>>());
        after.iter().for_each(|(name, content)| assert!(before[name] == *content, "{name} was written to"));
        assert_eq!(place.ask("SELECT COUNT(*) FROM cases").await, [1]);
    });
}

#[test]
fn a8_a_migration_that_is_interrupted_has_not_begun_and_is_done_again() {
    if cfg!(not(debug_assertions)) {
        eprintln!("NOT RUN: a release build has no places to die at");
        return;
    }
    for place in Place::both() {
        let lines = tempfile::NamedTempFile::new().unwrap();
        for abort_at in 1..=3 {
            let location = Location { abort_at: Some(abort_at), ..place.location.clone() };
            let ran = child("script", &location, lines.path(), None).output().unwrap();
            assert!(!ran.status.success());
            assert_eq!(fs::read_to_string(lines.path()).unwrap(), "", "nothing was told at {abort_at}");
        }
        crate::engines::run(async {
            let store = Store::open(&place.location, NOW).await.unwrap();
            new_case(&store).await;
            assert_eq!(store.fault_points(), 2, "the third death came after the commit; there was nothing left to do");
            assert!(place.is_intact().await);
        });
    }
}

#[test]
fn a8_a_file_that_is_no_database_is_told_and_left() {
    on_both(|place| async move {
        if place.location.postgres.is_some() {
            return;
        }
        fs::create_dir(&place.location.folder).unwrap();
        let file = place.location.folder.join("casefile.db");
        let text = "this is no database, whatever its name says\n".repeat(100);
        fs::write(&file, &text).unwrap();
        assert!(place.try_open().await.is_err());
        assert_eq!(fs::read_to_string(&file).unwrap(), text);
    });
}
