//! The log rooms of cases: where they lie, when they are built, and that they go with their case.
//!
//! A room is made of all files of a case, so that one search goes through all of them; it can be made again at any time and is
//! never backed up, waited for or trusted to be there. It lies with one of its uploads, under a name that says the case and
//! which uploads it was made of: after an upload came or went, the name is another.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use logroom::{Room, Settings, Shelf};
use moka::sync::Cache;
use sha2::{Digest, Sha256};
use store::Upload;

use crate::app::App;
use crate::bundle::CaseBundle;
use crate::error::{Answer, Problem};

/// A room as a file.
pub struct Shelved {
    file: File,
    size: u64,
}

impl Shelf for Shelved {
    fn read_at(&self, offset: u64, into: &mut [u8]) -> io::Result<()> {
        self.file.read_exact_at(into, offset)
    }

    fn size(&self) -> u64 {
        self.size
    }
}

pub type Opened = Arc<Room<Shelved>>;

/// Rooms that are open, and those that are being built.
pub struct Rooms {
    open: Cache<PathBuf, Opened>,
    building: Mutex<BTreeSet<PathBuf>>,
}

/// An index of a room of a gigabyte takes some megabytes.
const OPEN: u64 = 6;

impl Rooms {
    pub fn new() -> Rooms {
        Rooms { open: Cache::new(OPEN), building: Mutex::default() }
    }
}

/// The room of a case as it is now; where it is not there yet, its building is begun.
pub async fn of(app: &Arc<App>, case: &str) -> Answer<Opened> {
    let uploads = app.store.uploads(case).await?;
    if uploads.is_empty() {
        app.store.case(case).await?;
        return Err(Problem::new(axum::http::StatusCode::NOT_FOUND, "This case has no files yet."));
    }
    let path = place(app, case, &uploads);
    if let Some(room) = app.rooms.open.get(&path) {
        return Ok(room);
    }
    let found = path.clone();
    let opened = tokio::task::spawn_blocking(move || {
        let file = File::open(&found)?;
        let size = file.metadata()?.len();
        Room::open(Shelved { file, size }).map_err(|fault| io::Error::other(fault.to_string()))
    });
    match opened.await {
        Ok(Ok(room)) => {
            let room = Arc::new(room);
            app.rooms.open.insert(path, room.clone());
            Ok(room)
        }
        other => {
            if matches!(&other, Ok(Err(error)) if error.kind() != io::ErrorKind::NotFound) {
                let _ = fs::remove_file(&path);
            }
            let (app, case) = (app.clone(), case.to_owned());
            tokio::spawn(async move { build(&app, &case).await });
            let detail = "The log room of this case is being prepared; look again in a moment.";
            Err(Problem::new(axum::http::StatusCode::SERVICE_UNAVAILABLE, detail))
        }
    }
}

/// Builds the room of a case, unless it is there or somebody does. A failure leaves nothing; the next who looks tries again.
pub async fn build(app: &Arc<App>, case: &str) {
    let Ok(uploads) = app.store.uploads(case).await else { return };
    if uploads.is_empty() {
        return;
    }
    let path = place(app, case, &uploads);
    if path.exists() || !app.rooms.building.lock().unwrap_or_else(PoisonError::into_inner).insert(path.clone()) {
        return;
    }
    let files = uploads.iter().map(|u| (u.name.clone(), u.bytes.unsigned_abs(), app.store.blob_path(&u.sha256))).collect();
    let (builder, to, of) = (app.clone(), path.clone(), case.to_owned());
    let done = tokio::task::spawn_blocking(move || {
        let bundle = CaseBundle::new(files, &[]);
        forget_files(&builder, &of);
        write(&builder, &bundle, &to)
    });
    let is_built = matches!(done.await, Ok(Ok(())));
    app.rooms.building.lock().unwrap_or_else(PoisonError::into_inner).remove(&path);
    // The case may have been deleted meanwhile; what it had goes with it.
    if is_built && app.store.case(case).await.is_err() {
        forget(app, case).await;
    }
}

/// Removes whatever rooms a case has.
pub async fn forget(app: &Arc<App>, case: &str) {
    let (app, case) = (app.clone(), case.to_owned());
    let _ = tokio::task::spawn_blocking(move || forget_files(&app, &case)).await;
}

fn forget_files(app: &App, case: &str) {
    app.rooms.open.invalidate_all();
    let rooms = folder(app);
    let inside = |path: &Path| fs::read_dir(path).into_iter().flatten().flatten().map(|entry| entry.path());
    for shelf in inside(&rooms) {
        let own = inside(&shelf).filter(|file| file.file_name().is_some_and(|name| name.to_string_lossy().starts_with(case)));
        own.for_each(|file| drop(fs::remove_file(file)));
        // Goes only when it is empty.
        let _ = fs::remove_dir(&shelf);
    }
}

fn folder(app: &App) -> PathBuf {
    app.store.room_path(&"0".repeat(64)).parent().map(Path::to_path_buf).unwrap_or_default()
}

fn place(app: &App, case: &str, uploads: &[Upload]) -> PathBuf {
    let mut known: Vec<(&str, &str)> = uploads.iter().map(|u| (u.sha256.as_str(), u.name.as_str())).collect();
    known.sort_unstable();
    let mut hash = Sha256::new();
    for (sha256, name) in &known {
        hash.update(format!("{sha256} {name}\n"));
    }
    let state: String = hash.finalize().iter().take(12).map(|byte| format!("{byte:02x}")).collect();
    let with = known.first().map_or("", |(sha256, _)| sha256);
    app.store.room_path(with).join(format!("{case}-{state}"))
}

fn write(app: &App, bundle: &CaseBundle, to: &Path) -> io::Result<()> {
    struct Unwatched;
    impl logroom::Watch for Unwatched {}
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    let beside = to.with_extension("part");
    let settings = Settings { intake: app.options.settings.clone(), ..Settings::default() };
    let mut out = BufWriter::with_capacity(1 << 20, File::create(&beside)?);
    let built = logroom::build(bundle, &settings, 1, &mut out, &Unwatched);
    match built.map_err(|fault| io::Error::other(fault.to_string())).and_then(|_| out.flush()) {
        Ok(()) => fs::rename(&beside, to),
        Err(error) => fs::remove_file(&beside).and(Err(error)),
    }
}
