//! A3 and A4: no space, no right to write, no descriptors. Work is refused with the right word, what was kept can be read, and
//! all is well again when the cause is gone, without opening anew.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use rustix::process::{Resource, getrlimit, setrlimit};
use store::{Ending, Location, Store, StoreError};

use crate::child::{Lines, child, succeeds};
use crate::engines::{NOW, Place, run};
use crate::keeping::{add, change, new_case, put, try_put};

const MIB: usize = 1 << 20;

/// Bytes that do not become fewer by packing.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let next = |state: &mut u64| {
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        (*state >> 32) as u8
    };
    (0..length).map(|_| next(&mut state)).collect()
}

async fn keep_report(store: &Store, case: &str, report: &[u8]) -> Result<Option<i64>, StoreError> {
    store.enqueue(case, NOW).await?;
    let lease = store.lease("w", NOW, NOW + 60_000).await?.unwrap();
    let kept = store.finish(&lease, Ending::Analysis { report, uploads: &[] }, NOW).await;
    if kept.is_err() {
        store.give_back(&lease, NOW).await?;
    }
    kept
}

fn nothing_is_coming(location: &Location) {
    assert_eq!(fs::read_dir(location.folder.join("incoming")).unwrap().count(), 0);
}

/// In a process whose files may have no more than 2 MiB, to begin with.
pub async fn limited(location: &Location, lines: &Lines) {
    let store = Store::open(location, NOW).await.unwrap();
    let case = new_case(&store).await;
    let kept = add(&store, &case, "small.log", b"small").await;
    assert!(matches!(try_put(&store, &noise(3 * MIB)).await, Err(StoreError::Full)));
    nothing_is_coming(location);
    assert!(matches!(keep_report(&store, &case.id, &noise(3 * MIB)).await, Err(StoreError::Full)));
    assert_eq!(store.analyses(&case.id).await.unwrap(), []);
    assert_eq!(store.uploads(&case.id).await.unwrap(), [kept]);
    lines.say("refused");

    let limit = getrlimit(Resource::Fsize);
    setrlimit(Resource::Fsize, rustix::process::Rlimit { current: None, ..limit }).unwrap();
    put(&store, &noise(3 * MIB)).await;
    assert_eq!(keep_report(&store, &case.id, &noise(3 * MIB)).await.unwrap(), Some(1));
    assert_eq!(store.report(&case.id, 1).await.unwrap(), noise(3 * MIB));
    store.ready().await.unwrap();
    lines.say("recovered");
}

/// On a disk of 32 MiB.
pub async fn small(location: &Location, lines: &Lines) {
    let store = Store::open(location, NOW).await.unwrap();
    let case = new_case(&store).await;
    add(&store, &case, "small.log", b"small").await;
    store.ready().await.unwrap();
    let filler = location.folder.join("filler");
    fs::write(&filler, noise(8 * MIB)).unwrap();
    assert!(matches!(try_put(&store, &noise(30 * MIB)).await, Err(StoreError::Full)));
    nothing_is_coming(location);
    let mut refused = 0;
    for _ in 0..40 {
        match keep_report(&store, &case.id, &noise(MIB)).await {
            Ok(_) => {}
            Err(StoreError::Full) => refused += 1,
            Err(other) => panic!("{other:?}"),
        }
        if refused == 3 {
            break;
        }
    }
    assert_eq!(refused, 3);
    assert!(matches!(store.ready().await, Err(StoreError::Full)));
    let kept = store.analyses(&case.id).await.unwrap().len() as i64;
    assert!(kept > 0);
    assert_eq!(store.report(&case.id, kept).await.unwrap(), noise(MIB));
    lines.say("refused");

    fs::remove_file(&filler).unwrap();
    assert_eq!(keep_report(&store, &case.id, b"{}").await.unwrap(), Some(kept + 1));
    put(&store, &noise(MIB)).await;
    lines.say("recovered");
}

/// As one who may write, then may not, then may again.
pub async fn forbidden(location: &Location, lines: &Lines) {
    let store = Store::open(location, NOW).await.unwrap();
    let case = new_case(&store).await;
    let kept = add(&store, &case, "a.log", b"a").await;
    let allow = |mode: u32| {
        for name in ["incoming", "blobs", ""] {
            fs::set_permissions(location.folder.join(name), Permissions::from_mode(mode)).unwrap();
        }
    };
    allow(0o500);
    assert!(matches!(store.ready().await, Err(StoreError::Unavailable(_))));
    assert!(matches!(try_put(&store, b"b").await, Err(StoreError::Unavailable(_))));
    assert_eq!(fs::read(store.blob_path(&kept.sha256)).unwrap(), b"a");
    assert_eq!(store.uploads(&case.id).await.unwrap().len(), 1);
    allow(0o700);
    store.ready().await.unwrap();
    put(&store, b"b").await;
    store.close().await;
    drop(store);

    fs::set_permissions(location.folder.join("casefile.lock"), Permissions::from_mode(0o400)).unwrap();
    let refused = Store::open(location, NOW).await.map(|_| ()).unwrap_err();
    assert!(matches!(&refused, StoreError::Unavailable(why) if why.contains("casefile.lock")), "{refused}");
    fs::set_permissions(location.folder.join("casefile.lock"), Permissions::from_mode(0o600)).unwrap();
    fs::set_permissions(location.folder.join("casefile.db"), Permissions::from_mode(0o400)).unwrap();
    let refused = Store::open(location, NOW).await.map(|_| ()).unwrap_err();
    assert!(matches!(refused, StoreError::Unavailable(_)), "{refused:?}");
    lines.say("recovered");
}

/// In a process that may open 64 files.
pub async fn descriptors(location: &Location, lines: &Lines) {
    let store = Store::open(location, NOW).await.unwrap();
    let case = new_case(&store).await;
    let kept = add(&store, &case, "a.log", b"a").await;
    let mut open: Vec<File> = Vec::new();
    while let Ok(file) = File::open("/dev/null") {
        open.push(file);
    }
    assert!(matches!(store.ready().await, Err(StoreError::Unavailable(_))));
    assert!(matches!(try_put(&store, b"b").await, Err(StoreError::Unavailable(_))));
    // What needs no file more goes on.
    assert_eq!(store.uploads(&case.id).await.unwrap(), [kept]);
    assert_eq!(store.add_change(&case.id, 0, &change("{}", None)).await.unwrap(), 1);
    lines.say("refused");
    open.clear();
    store.ready().await.unwrap();
    put(&store, b"b").await;
    lines.say("recovered");
}

/// Runs the child in a shell; it must have come to its end.
fn survives(task: &str, wrap: &str) {
    let place = Place::lite();
    survives_at(&place.location, task, wrap);
    run(async {
        place.open().await.ready().await.unwrap();
        assert!(place.is_intact().await);
    });
}

fn survives_at(location: &Location, task: &str, wrap: &str) {
    let folder = tempfile::tempdir().unwrap();
    let lines = folder.path().join("lines");
    succeeds(&mut child(task, location, &lines, Some(wrap)));
    assert!(fs::read_to_string(&lines).unwrap().ends_with("recovered\n"));
}

#[test]
fn a3_a_file_that_may_not_grow_refuses_more_and_recovers() {
    // In units of 512 bytes. A process that does not ignore the signal would be killed by it.
    survives("limited", "trap '' XFSZ; ulimit -S -f 4096; exec \"$@\"");
}

#[test]
fn a3_a_disk_that_is_full_refuses_more_and_recovers() {
    let folder = tempfile::tempdir().unwrap();
    let mount = format!("mount -t tmpfs -o size=32m none '{}'", folder.path().display());
    let may = Command::new("unshare").args(["--mount", "--map-root-user", "sh", "-c", &mount]).output();
    if !may.is_ok_and(|ran| ran.status.success()) {
        eprintln!("NOT RUN: a small disk may not be mounted here; the limit of a file's size is tested instead");
        return;
    }
    let location = Location { folder: folder.path().join("data"), ..Location::default() };
    let wrap = format!("exec unshare --mount --map-root-user sh -c \"{mount} && exec \\\"\\$@\\\"\" sh \"$@\"");
    survives_at(&location, "small", &wrap);
}

#[test]
fn a4_a_folder_that_may_not_be_written_is_told_and_read() {
    if rustix::process::geteuid().is_root() {
        // Root may write everywhere, unless it gives that up.
        let without = "--bounding-set=-dac_override,-dac_read_search --inh-caps=-all";
        let place = Place::lite();
        survives_at(&place.location, "forbidden", &format!("exec setpriv {without} -- \"$@\""));
    } else {
        let place = Place::lite();
        survives_at(&place.location, "forbidden", "exec \"$@\"");
    }
}

#[test]
fn a4_a_process_without_descriptors_is_told_and_goes_on() {
    survives("descriptors", "ulimit -n 64; exec \"$@\"");
}

#[test]
fn a4_a_database_that_is_not_there_is_told() {
    run(async {
        let place = Place::lite();
        let nowhere = Path::new(&place.location.folder).join("nowhere");
        let url = format!("postgres://postgres@localhost/postgres?host={}", nowhere.display());
        let location = Location { postgres: Some(url), ..place.location.clone() };
        let refused = Store::open(&location, NOW).await.map(|_| ()).unwrap_err();
        assert!(matches!(refused, StoreError::Unavailable(_)), "{refused:?}");
        let location = Location { postgres: Some("no url".to_owned()), ..place.location.clone() };
        assert!(matches!(Store::open(&location, NOW).await, Err(StoreError::Other(_))));
    });
}
