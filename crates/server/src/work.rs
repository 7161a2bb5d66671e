//! The worker: takes a case that waits, reads its evidence, and keeps what came out.
//!
//! Work is leased, so that whoever dies over it is followed by another; a worker that was late is refused by the store.
//! While it goes on, whoever looks at the case is told how far it is and what was found. Must never decide anything about
//! the evidence: that is `investigate`. Runs with less priority than those who read.

use std::sync::Arc;
use std::time::{Duration, Instant};

use investigate::{Config, Outcome, Phase, Progress};
use redact::Redactor;
use report::revision::Revision;
use serde::Serialize;
use store::{Ending, Lease, StoreError};
use tokio::sync::{oneshot, watch};
use utoipa::ToSchema;

use crate::app::App;
use crate::bundle::CaseBundle;
use crate::error::Answer;
use crate::{desk, rooms};

/// How long a lease lasts without being renewed, and how often it is.
const LEASE_MS: i64 = 30_000;
const RENEW: Duration = Duration::from_secs(3);
/// Between two looks at how far it is.
const BEAT: Duration = Duration::from_millis(300);
/// How much less priority an analysis has than those who read.
const LESS: i32 = 10;
const GROUP: Duration = Duration::from_millis(250);
/// For how long a store that is away is asked again, and how often.
const PATIENCE: Duration = Duration::from_secs(15);
const AGAIN: Duration = Duration::from_millis(500);
/// Between two looks for work that nobody announced.
const IDLE: Duration = Duration::from_secs(5);

/// How far the work on a case is.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Told {
    /// `queued`, `reading`, `reasoning`, `quoting`, `indexing`, `done`, `failed` or `cancelled`.
    pub phase: String,
    pub read_bytes: u64,
    pub total_bytes: u64,
    pub records: u64,
    /// Records of level error and above.
    pub errors: u64,
    /// Messages, pages, deploys and the like.
    pub events: u64,
    /// The first failures that came by.
    pub seen: Vec<String>,
    /// Number of the analysis, once it is there.
    pub analysis: Option<i64>,
    pub why: Option<String>,
}

impl Told {
    pub fn phase(phase: &str) -> Told {
        Told {
            phase: phase.to_owned(),
            read_bytes: 0,
            total_bytes: 0,
            records: 0,
            errors: 0,
            events: 0,
            seen: Vec::new(),
            analysis: None,
            why: None,
        }
    }

    fn json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// Works until told to stop; what is under way then goes back into the queue.
pub async fn run(app: Arc<App>, worker: String, mut stop: watch::Receiver<bool>) {
    loop {
        let now = app.now();
        let lease = app.store.lease(&worker, now, now + LEASE_MS).await.unwrap_or_default();
        match lease {
            Some(lease) => one(&app, &lease, &mut stop).await,
            None => {
                tokio::select! {
                    _ = stop.changed() => {}
                    () = app.work.notified() => {}
                    () = tokio::time::sleep(IDLE) => expire(&app).await,
                }
            }
        }
        if *stop.borrow() {
            return;
        }
    }
}

/// Cases that nobody touched for as long as the operator said go.
async fn expire(app: &Arc<App>) {
    let Some(days) = app.options.retention_days else { return };
    let before = app.clock.certain() - i64::from(days) * 86_400_000;
    for case in app.store.expired(before).await.unwrap_or_default() {
        if app.store.delete_case(&case).await.is_ok() {
            rooms::forget(app, &case).await;
        }
    }
}

async fn one(app: &Arc<App>, lease: &Lease, stop: &mut watch::Receiver<bool>) {
    // Files mostly come in groups: those that follow at once are read with the first.
    tokio::time::sleep(GROUP).await;
    let prepared = patient(|| prepared(app, &lease.case), |problem| problem.status == 503).await;
    let done = match prepared {
        Ok(job) => match job.latest {
            Some(latest) => Done::Unchanged(latest),
            None => attend(app, lease, job, stop).await,
        },
        // It says nothing of the evidence that the store is away.
        Err(problem) if problem.status == 503 => Done::Stopped,
        Err(problem) => Done::Failed(problem.detail),
    };
    let (ending, mut told) = match &done {
        Done::Report { report, uploads } => (Ending::Analysis { report, uploads }, Told::phase("done")),
        Done::Unchanged(latest) => (Ending::Unchanged, Told { analysis: Some(*latest), ..Told::phase("done") }),
        Done::Failed(why) => (Ending::Failed { why }, Told { why: Some(why.clone()), ..Told::phase("failed") }),
        Done::Cancelled => (Ending::Cancelled, Told::phase("cancelled")),
        Done::Lost => return,
        Done::Stopped => {
            let _ = app.store.give_back(lease, app.now()).await;
            return;
        }
    };
    let finish = || app.store.finish(lease, ending, app.now());
    match patient(finish, |error| matches!(error, StoreError::Unavailable(_))).await {
        Ok(Some(number)) => told.analysis = Some(number).filter(|number| *number > 0).or(told.analysis),
        // Somebody else has it, and says how it ends.
        Ok(None) => return,
        Err(StoreError::Full) => {
            let why = "The disk of the server is full; the report was made and could not be kept.";
            let _ = app.store.finish(lease, Ending::Failed { why }, app.now()).await;
            told = Told { why: Some(why.to_owned()), ..Told::phase("failed") };
        }
        // It is not lost: the lease runs out, and it is done again.
        Err(_) => return,
    }
    app.tell(&lease.case, told.json());
    rooms::build(app, &lease.case).await;
}

/// A database that is away for a moment comes back: asked again as long as the lease is good.
async fn patient<T, E, F>(ask: impl Fn() -> F, is_away: impl Fn(&E) -> bool) -> Result<T, E>
where
    F: Future<Output = Result<T, E>>,
{
    let begun = Instant::now();
    loop {
        match ask().await {
            Err(error) if is_away(&error) && begun.elapsed() < PATIENCE => tokio::time::sleep(AGAIN).await,
            other => return other,
        }
    }
}

struct Job {
    bundle: Arc<CaseBundle>,
    progress: Arc<Progress>,
    /// Ids of the uploads, and what else decides what comes out: the same inputs make the same report.
    uploads: Vec<String>,
    /// The number of the latest analysis, where it read just that.
    latest: Option<i64>,
}

/// How the work ended.
enum Done {
    Report {
        report: Vec<u8>,
        uploads: Vec<String>,
    },
    /// The latest analysis read the same and said what this one would say.
    Unchanged(i64),
    Failed(String),
    Cancelled,
    /// Another worker has it.
    Lost,
    /// The server stops: somebody else does it.
    Stopped,
}

async fn prepared(app: &App, case: &str) -> Answer<Job> {
    let uploads = app.store.uploads(case).await?;
    let revisions: Vec<Revision> = desk::revisions(app, case, i64::MAX).await?;
    let files = uploads.iter().map(|u| (u.name.clone(), u.bytes.unsigned_abs(), app.store.blob_path(&u.sha256))).collect();
    let bundle = Arc::new(CaseBundle::new(files, &revisions));
    let mut read: Vec<String> = uploads.into_iter().map(|u| u.id).collect();
    read.sort();
    read.push(format!("casefile {} with statements {}", env!("CARGO_PKG_VERSION"), bundle.stated()));
    let latest = app.store.analyses(case).await?.pop().filter(|latest| latest.uploads == read);
    Ok(Job { bundle, progress: Arc::new(Progress::default()), uploads: read, latest: latest.map(|latest| latest.number) })
}

/// Does the work on a thread of its own; renews the lease, tells how far it is, and stops it when it is not wanted any more.
async fn attend(app: &Arc<App>, lease: &Lease, job: Job, stop: &mut watch::Receiver<bool>) -> Done {
    let (bundle, progress) = (job.bundle.clone(), job.progress.clone());
    let uploads = job.uploads.clone();
    let mut work = spawn(app, job);
    let (mut said, mut renewed, mut lost) = (String::new(), Instant::now(), false);
    let done = loop {
        tokio::select! {
            done = &mut work => break done,
            () = told_to_stop(stop), if !bundle.is_stopped() => bundle.stop(),
            () = tokio::time::sleep(BEAT) => {
                let told = told(&bundle, &progress).json();
                if told != said {
                    app.tell(&lease.case, told.clone());
                    said = told;
                }
                // What is kept outlives this process: seldom, as each time is a write to the disk.
                if renewed.elapsed() >= RENEW {
                    renewed = Instant::now();
                    lost |= !app.store.renew(lease, app.now() + LEASE_MS).await.unwrap_or(true);
                    let _ = app.store.tell(lease, &said).await;
                }
                if lost || app.store.is_cancelled(lease).await.unwrap_or_default() {
                    bundle.stop();
                }
            }
        }
    };
    if *stop.borrow() {
        return Done::Stopped;
    }
    match done {
        _ if lost => Done::Lost,
        _ if bundle.is_stopped() => Done::Cancelled,
        Ok(Ok(report)) => Done::Report { report, uploads },
        Ok(Err(why)) => Done::Failed(why),
        Err(_) => Done::Failed("Casefile met a fault of its own in this input; please report it.".to_owned()),
    }
}

async fn told_to_stop(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

/// On a thread of its own, which those who read need not wait for: it and those that it starts have less priority.
fn spawn(app: &Arc<App>, job: Job) -> oneshot::Receiver<Result<Vec<u8>, String>> {
    let app = app.clone();
    let (done, receiver) = oneshot::channel();
    let work = move || {
        // Where the system does not allow it, nothing is lost.
        let _ = rustix::process::nice(LESS);
        // A panic drops the sender, which says that there was one.
        let _ = done.send(report(&app, &job));
    };
    // A thread that cannot be had drops it, too.
    drop(std::thread::Builder::new().name("analysis".to_owned()).spawn(work));
    receiver
}

fn report(app: &App, Job { bundle, progress, .. }: &Job) -> Result<Vec<u8>, String> {
    let config = Config {
        threads: app.options.threads,
        settings: app.options.settings.clone(),
        progress: Some(progress.clone()),
        ..Config::default()
    };
    let Outcome { report, usable, why } = investigate::investigate(&**bundle, &config);
    if bundle.is_stopped() {
        return Err(String::new());
    }
    if !usable {
        return Err(Redactor::new().redact(&why));
    }
    serde_json::to_vec(&report).map_err(|_| "the report could not be written".to_owned())
}

fn told(bundle: &CaseBundle, progress: &Progress) -> Told {
    let mut redactor = Redactor::new();
    let phase = match progress.phase() {
        Phase::Reading => "reading",
        Phase::Reasoning => "reasoning",
        Phase::Quoting => "quoting",
    };
    Told {
        read_bytes: bundle.read().min(bundle.size()),
        total_bytes: bundle.size(),
        records: progress.records(),
        errors: progress.errors(),
        events: progress.events(),
        seen: progress.seen().iter().map(|line| redactor.redact(line)).collect(),
        ..Told::phase(phase)
    }
}
