//! What is kept is found again under the right name, and what is deleted is gone.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use store::{Blob, Case, Change, Ending, Lease, State, Store, StoreError, Upload};

use crate::engines::{NOW, Place, on_both, run};

pub async fn put(store: &Store, content: &[u8]) -> Blob {
    try_put(store, content).await.unwrap()
}

pub async fn try_put(store: &Store, content: &[u8]) -> Result<Blob, StoreError> {
    let mut incoming = store.incoming(NOW)?;
    for piece in content.chunks(100_000) {
        incoming.write(piece).await?;
    }
    incoming.finish().await
}

pub async fn new_case(store: &Store) -> Case {
    store.create_case("Checkout down", None, NOW).await.unwrap().value
}

pub async fn add(store: &Store, case: &Case, name: &str, content: &[u8]) -> Upload {
    let blob = put(store, content).await;
    store.add_upload(&case.id, name, &blob, "ana", NOW).await.unwrap().value
}

pub async fn take(store: &Store, now: i64) -> Option<Lease> {
    store.lease("w", now, now + 60_000).await.unwrap()
}

pub async fn report(store: &Store, lease: &Lease, report: &[u8]) -> Option<i64> {
    store.finish(lease, Ending::Analysis { report, uploads: &[] }, NOW).await.unwrap()
}

pub fn change(what: &str, key: Option<&str>) -> Change {
    let what = what.to_owned();
    Change { who: "ana".into(), why: "it was the cache".into(), what, at: NOW, key: key.map(str::to_owned) }
}

#[test]
fn a_case_goes_from_an_upload_to_a_report_and_a_change() {
    on_both(|place| async move {
        let store = place.open().await;
        store.ready().await.unwrap();
        let case = new_case(&store).await;
        let upload = add(&store, &case, "api.log", b"hello").await;
        assert_eq!(upload.sha256, "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
        assert_eq!(fs::read(store.blob_path(&upload.sha256)).unwrap(), b"hello");

        let lease = take(&store, NOW).await.unwrap();
        assert!(store.tell(&lease, "{\"read\":5}").await.unwrap());
        let job = store.job(&case.id).await.unwrap().unwrap();
        assert_eq!((job.state, job.progress.as_deref()), (State::Running, Some("{\"read\":5}")));
        let uploads = [upload.id.clone()];
        let ending = Ending::Analysis { report: b"{\"a\":1}", uploads: &uploads };
        assert_eq!(store.finish(&lease, ending, NOW + 3).await.unwrap(), Some(1));
        assert_eq!(store.add_change(&case.id, 0, &change("{}", None)).await.unwrap(), 1);

        drop(store);
        let store = place.open().await;
        assert_eq!(store.uploads(&case.id).await.unwrap(), [upload.clone()]);
        assert_eq!(store.upload(&case.id, &upload.id).await.unwrap(), upload);
        assert_eq!(store.report(&case.id, 1).await.unwrap(), b"{\"a\":1}");
        let analyses = store.analyses(&case.id).await.unwrap();
        assert_eq!((analyses.len(), analyses[0].at, &analyses[0].uploads[..]), (1, NOW + 3, &uploads[..]));
        assert_eq!(store.changes(&case.id).await.unwrap()[0].why, "it was the cache");
        let case = store.case(&case.id).await.unwrap();
        assert_eq!((case.version, case.analysis, case.uploads, case.bytes), (1, Some(1), 1, 5));
        assert!(place.is_intact().await);
    });
}

#[test]
fn a_deleted_case_takes_its_content_with_it_but_not_that_of_others() {
    on_both(|place| async move {
        let store = place.open().await;
        let (first, second) = (new_case(&store).await, new_case(&store).await);
        let own = add(&store, &first, "own.log", b"own").await;
        let shared = add(&store, &first, "shared.log", b"shared").await;
        add(&store, &second, "same.log", b"shared").await;
        fs::create_dir(store.room_path(&own.sha256)).unwrap();
        fs::write(store.room_path(&own.sha256).join("blocks"), "x").unwrap();

        store.delete_case(&first.id).await.unwrap();
        assert!(matches!(store.case(&first.id).await, Err(StoreError::NotFound)));
        assert!(matches!(store.delete_case(&first.id).await, Err(StoreError::NotFound)));
        assert!(!store.blob_path(&own.sha256).exists() && !store.room_path(&own.sha256).exists());
        assert!(store.blob_path(&shared.sha256).exists());
        let left = "SELECT COUNT(*) FROM uploads UNION ALL SELECT COUNT(*) FROM jobs";
        assert_eq!(place.ask(left).await, [1, 1]);
    });
}

#[test]
fn nothing_of_a_deleted_case_is_left_in_the_file_or_its_log() {
    run(async {
        let place = Place::lite();
        let store = place.open().await;
        let case = new_case(&store).await;
        let marker = "the customer is called Marmalade";
        store.add_change(&case.id, 0, &change(marker, None)).await.unwrap();
        let found = || {
            let files = ["casefile.db", "casefile.db-wal"].map(|name| fs::read(place.location.folder.join(name)).unwrap());
            files.iter().any(|file| file.windows(marker.len()).any(|window| window == marker.as_bytes()))
        };
        assert!(found());
        store.delete_case(&case.id).await.unwrap();
        assert!(!found());
    });
}

#[test]
fn content_that_comes_while_another_case_with_it_is_deleted_stays() {
    on_both(|place| async move {
        let store = place.open().await;
        for round in 0..20_u8 {
            let (old, new) = (new_case(&store).await, new_case(&store).await);
            add(&store, &old, "a.log", &[round]).await;
            let deleting = tokio::spawn({
                let store = store.clone();
                async move { store.delete_case(&old.id).await.unwrap() }
            });
            let upload = add(&store, &new, "a.log", &[round]).await;
            deleting.await.unwrap();
            assert_eq!(fs::read(store.blob_path(&upload.sha256)).unwrap(), [round]);
        }
    });
}

#[test]
fn content_that_was_deleted_since_it_came_is_asked_for_again() {
    on_both(|place| async move {
        let store = place.open().await;
        let (first, second) = (new_case(&store).await, new_case(&store).await);
        let blob = put(&store, b"x").await;
        store.add_upload(&first.id, "a", &blob, "ana", NOW).await.unwrap();
        store.delete_case(&first.id).await.unwrap();
        assert!(matches!(store.add_upload(&second.id, "a", &blob, "ana", NOW).await, Err(StoreError::NotFound)));
        assert_eq!(store.uploads(&second.id).await.unwrap(), []);
    });
}

#[test]
fn other_content_under_the_same_name_gets_a_name_beside_it_and_keeps_it() {
    on_both(|place| async move {
        let store = place.open().await;
        let case = new_case(&store).await;
        let mut names = Vec::new();
        for content in ["one", "two", "one", "three", "two"] {
            names.push(add(&store, &case, "logs/api.log", content.as_bytes()).await.name);
        }
        assert_eq!(names, ["logs/api.log", "logs/api-2.log", "logs/api.log", "logs/api-3.log", "logs/api-2.log"]);
        assert_eq!(store.case(&case.id).await.unwrap().uploads, 3);
    });
}

#[test]
fn a_removed_upload_is_gone_and_asks_for_an_analysis() {
    on_both(|place| async move {
        let store = place.open().await;
        let case = new_case(&store).await;
        let upload = add(&store, &case, "a.log", b"a").await;
        let lease = take(&store, NOW).await.unwrap();
        report(&store, &lease, b"{}").await.unwrap();
        store.remove_upload(&case.id, &upload.id, NOW).await.unwrap();
        assert!(!store.blob_path(&upload.sha256).exists());
        assert!(matches!(store.upload(&case.id, &upload.id).await, Err(StoreError::NotFound)));
        assert!(matches!(store.remove_upload(&case.id, &upload.id, NOW).await, Err(StoreError::NotFound)));
        assert_eq!(store.job(&case.id).await.unwrap().unwrap().state, State::Queued);
    });
}

#[test]
fn cases_are_listed_newest_first_renamed_and_expire_by_what_happened_last() {
    on_both(|place| async move {
        let store = place.open().await;
        let old = store.create_case("old", None, NOW).await.unwrap().value;
        let new = store.create_case("new", None, NOW + 10).await.unwrap().value;
        store.rename_case(&old.id, "renamed").await.unwrap();
        let titles: Vec<String> = store.cases().await.unwrap().into_iter().map(|c| c.title).collect();
        assert_eq!(titles, ["new", "renamed"]);
        assert_eq!(store.expired(NOW + 1).await.unwrap(), [old.id.clone()]);
        store.add_change(&old.id, 0, &Change { at: NOW + 20, ..change("{}", None) }).await.unwrap();
        assert_eq!(store.expired(NOW + 15).await.unwrap(), [new.id]);
        assert!(matches!(store.rename_case("nobody", "x").await, Err(StoreError::NotFound)));
    });
}

#[test]
fn a_change_is_refused_when_another_came_first_and_the_same_key_is_the_same_change() {
    on_both(|place| async move {
        let store = place.open().await;
        let case = new_case(&store).await;
        assert_eq!(store.add_change(&case.id, 0, &change("1", Some("k1"))).await.unwrap(), 1);
        assert_eq!(store.add_change(&case.id, 0, &change("1", Some("k1"))).await.unwrap(), 1);
        let late = store.add_change(&case.id, 0, &change("2", None)).await;
        assert!(matches!(late, Err(StoreError::Conflict { current: 1 })));
        assert!(matches!(store.add_change("nobody", 0, &change("2", None)).await, Err(StoreError::NotFound)));
        let all: Vec<(i64, String)> = store.changes(&case.id).await.unwrap().into_iter().map(|c| (c.version, c.what)).collect();
        assert_eq!(all, [(1, "1".to_owned())]);
    });
}

#[test]
fn of_changes_that_come_at_once_exactly_one_wins_each_version() {
    on_both(|place| async move {
        let store = place.open().await;
        let case = new_case(&store).await;
        let tasks: Vec<_> = (0..50)
            .map(|n| {
                let (store, case) = (store.clone(), case.id.clone());
                tokio::spawn(async move { store.add_change(&case, 0, &change(&n.to_string(), None)).await })
            })
            .collect();
        let mut won = 0;
        for task in tasks {
            match task.await.unwrap() {
                Ok(1) => won += 1,
                Err(StoreError::Conflict { current: 1 }) => {}
                other => panic!("{other:?}"),
            }
        }
        assert_eq!((won, store.changes(&case.id).await.unwrap().len()), (1, 1));
    });
}

#[test]
fn hostile_names_are_kept_as_text_and_lead_nowhere() {
    on_both(|place| async move {
        let store = place.open().await;
        let case = new_case(&store).await;
        for name in ["../../etc/passwd", "'; DROP TABLE cases; --", "a\0b", "", "é\u{202e}\u{1f525}", &"x".repeat(100_000)] {
            let upload = add(&store, &case, name, name.as_bytes()).await;
            assert_eq!(upload.name, name.replace('\0', "\u{fffd}"));
            assert_eq!(store.upload(&case.id, &upload.id).await.unwrap(), upload);
        }
        for id in ["../x", "", "%", "' OR 1=1"] {
            assert!(matches!(store.case(id).await, Err(StoreError::NotFound)));
        }
        let folder = &place.location.folder;
        for hash in ["../../etc/passwd", "", "é", "ab"] {
            assert!(store.blob_path(hash).starts_with(folder.join("blobs")), "{hash}");
            assert!(!store.blob_path(hash).to_string_lossy().contains(".."), "{hash}");
            assert_eq!(store.room_path(hash), folder.join("rooms/none"));
        }
    });
}

#[test]
fn an_upload_that_ends_early_leaves_nothing() {
    run(async {
        let place = Place::lite();
        let store = place.open().await;
        let mut incoming = store.incoming(NOW).unwrap();
        incoming.write(&vec![7; 3 << 20]).await.unwrap();
        assert_eq!(fs::read_dir(place.location.folder.join("incoming")).unwrap().count(), 1);
        drop(incoming);
        assert_eq!(fs::read_dir(place.location.folder.join("incoming")).unwrap().count(), 0);
        assert_eq!(put(&store, b"").await.bytes, 0);
    });
}

#[test]
#[ignore = "writes a gigabyte; run it alone and in a release build for a figure"]
fn a_gigabyte_comes_in_without_being_held() {
    run(async {
        let place = Place::lite();
        let store = place.open().await;
        let before = most_memory();
        let began = std::time::Instant::now();
        let mut incoming = store.incoming(NOW).unwrap();
        for n in 0..16_384_u32 {
            incoming.write(&n.to_le_bytes().repeat(16_384)).await.unwrap();
        }
        let blob = incoming.finish().await.unwrap();
        let grown = most_memory() - before;
        println!("{} MiB in {:?}, memory grew by {grown} KiB at most", blob.bytes >> 20, began.elapsed());
        assert_eq!(blob.bytes, 1 << 30);
        assert!(grown < 32 << 10, "{grown} KiB");
    });
}

/// In KiB, of this process at any time.
fn most_memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

#[test]
fn opening_removes_what_nobody_needs_and_nothing_else() {
    on_both(|place| async move {
        let store = place.open().await;
        let case = new_case(&store).await;
        let kept = add(&store, &case, "a.log", b"kept").await;
        fs::write(store.room_path(&kept.sha256), "room").unwrap();
        let orphan = put(&store, b"orphan").await;
        drop(store);
        let folder = &place.location.folder;
        let strangers = ["incoming/notes.txt", "blobs/README", "rooms/README"];
        for name in strangers.iter().chain(&["incoming/x.part"]) {
            fs::write(folder.join(name), "x").unwrap();
        }
        let store = place.open().await;
        assert!(store.blob_path(&kept.sha256).exists() && store.room_path(&kept.sha256).exists());
        assert!(!store.blob_path(&orphan.sha256).exists());
        assert!(!folder.join("incoming/x.part").exists());
        strangers.iter().for_each(|name| assert!(folder.join(name).exists(), "{name}"));
    });
}

#[test]
fn two_servers_never_share_a_folder() {
    run(async {
        let place = Place::lite();
        let store = place.open().await;
        let second = place.try_open().await.map(|_| ()).unwrap_err().to_string();
        assert!(second.contains("another server uses"), "{second}");
        drop(store);
        place.open().await;
    });
}

#[test]
fn nobody_else_can_read_the_folder() {
    run(async {
        let place = Place::lite();
        let store = place.open().await;
        let case = new_case(&store).await;
        let upload = add(&store, &case, "a", b"secret").await;
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let folder = &place.location.folder;
        for name in ["", "blobs", "incoming", "rooms"] {
            assert_eq!(mode(&folder.join(name)), 0o700, "{name}");
        }
        for name in ["casefile.db", "casefile.db-wal", "casefile.lock"] {
            assert_eq!(mode(&folder.join(name)), 0o600, "{name}");
        }
        assert_eq!(mode(&store.blob_path(&upload.sha256)), 0o600);
    });
}
