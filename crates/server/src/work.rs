//! The worker: takes a case that waits, reads its evidence, and keeps what came out.
//!
//! Work is leased, so that whoever dies over it is followed by another; a worker that was late is refused by the store.
//! While it goes on, whoever looks at the case is told how far it is and what was found. Must never decide anything about
//! the evidence: that is `investigate`. Runs with less priority than those who read.

use std::sync::Arc;
use std::time::Duration;

use investigate::{Config, Outcome, Phase, Progress};
use redact::Redactor;
use report::revision::Revision;
use serde::Serialize;
use store::{Ending, Lease};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use utoipa::ToSchema;

use crate::app::App;
use crate::bundle::CaseBundle;
use crate::{clock, desk, rooms};

/// How long a lease lasts without being renewed, and how often it is.
const LEASE_MS: i64 = 30_000;
const BEAT: Duration = Duration::from_millis(400);
const GROUP: Duration = Duration::from_millis(250);
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
        let now = clock::now();
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
    let before = clock::now() - i64::from(days) * 86_400_000;
    for case in app.store.expired(before).await.unwrap_or_default() {
        if app.store.delete_case(&case).await.is_ok() {
            rooms::forget(app, &case).await;
        }
    }
}

async fn one(app: &Arc<App>, lease: &Lease, stop: &mut watch::Receiver<bool>) {
    // Files mostly come in groups: those that follow at once are read with the first.
    tokio::time::sleep(GROUP).await;
    let done = match prepared(app, &lease.case).await {
        Ok(job) => match job.latest {
            Some(latest) => Done::Unchanged(latest),
            None => attend(app, lease, job, stop).await,
        },
        Err(why) => Done::Failed(why),
    };
    let (ending, mut told) = match &done {
        Done::Report { report, uploads } => (Ending::Analysis { report, uploads }, Told::phase("done")),
        Done::Unchanged(latest) => (Ending::Unchanged, Told { analysis: Some(*latest), ..Told::phase("done") }),
        Done::Failed(why) => (Ending::Failed { why }, Told { why: Some(why.clone()), ..Told::phase("failed") }),
        Done::Cancelled => (Ending::Cancelled, Told::phase("cancelled")),
        Done::Stopped => {
            let _ = app.store.give_back(lease, clock::now()).await;
            return;
        }
    };
    match app.store.finish(lease, ending, clock::now()).await {
        Ok(number) => told.analysis = number.filter(|number| *number > 0).or(told.analysis),
        // It is not lost: the lease runs out, and it is done again.
        Err(_) => return,
    }
    app.tell(&lease.case, told.json());
    rooms::build(app, &lease.case).await;
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
    /// The server stops: somebody else does it.
    Stopped,
}

async fn prepared(app: &App, case: &str) -> Result<Job, String> {
    let reason = |_| "what was uploaded could not be listed".to_owned();
    let uploads = app.store.uploads(case).await.map_err(reason)?;
    let revisions: Vec<Revision> = desk::revisions(app, case, i64::MAX).await.map_err(|problem| problem.detail)?;
    let files = uploads.iter().map(|u| (u.name.clone(), u.bytes.unsigned_abs(), app.store.blob_path(&u.sha256))).collect();
    let bundle = Arc::new(CaseBundle::new(files, &revisions));
    let mut read: Vec<String> = uploads.into_iter().map(|u| u.id).collect();
    read.sort();
    read.push(format!("casefile {} with statements {}", env!("CARGO_PKG_VERSION"), bundle.stated()));
    let latest = app.store.analyses(case).await.map_err(reason)?.pop().filter(|latest| latest.uploads == read);
    Ok(Job { bundle, progress: Arc::new(Progress::default()), uploads: read, latest: latest.map(|latest| latest.number) })
}

/// Does the work on a thread of its own; renews the lease, tells how far it is, and stops it when it is not wanted any more.
async fn attend(app: &Arc<App>, lease: &Lease, job: Job, stop: &mut watch::Receiver<bool>) -> Done {
    let (bundle, progress) = (job.bundle.clone(), job.progress.clone());
    let uploads = job.uploads.clone();
    let mut work: JoinHandle<Result<Vec<u8>, String>> = spawn(app, job);
    let done = loop {
        tokio::select! {
            done = &mut work => break done,
            _ = stop.changed() => bundle.stop(),
            () = tokio::time::sleep(BEAT) => {
                let told = told(&bundle, &progress).json();
                app.tell(&lease.case, told.clone());
                let ours = app.store.renew(lease, clock::now() + LEASE_MS).await.unwrap_or(true);
                let _ = app.store.tell(lease, &told).await;
                let is_unwanted = app.store.is_cancelled(lease).await.unwrap_or_default();
                if is_unwanted || !ours {
                    bundle.stop();
                }
            }
        }
    };
    if *stop.borrow() {
        return Done::Stopped;
    }
    match done {
        _ if bundle.is_stopped() => Done::Cancelled,
        Ok(Ok(report)) => Done::Report { report, uploads },
        Ok(Err(why)) => Done::Failed(why),
        Err(_) => Done::Failed("Casefile met a fault of its own in this input; please report it.".to_owned()),
    }
}

fn spawn(app: &Arc<App>, job: Job) -> JoinHandle<Result<Vec<u8>, String>> {
    let app = app.clone();
    tokio::task::spawn_blocking(move || {
        yield_to_readers();
        let Job { bundle, progress, .. } = job;
        let config = Config {
            threads: app.options.threads,
            settings: app.options.settings.clone(),
            progress: Some(progress.clone()),
            ..Config::default()
        };
        let Outcome { report, usable, why } = investigate::investigate(&*bundle, &config);
        if bundle.is_stopped() {
            return Err(String::new());
        }
        if !usable {
            return Err(Redactor::new().redact(&why));
        }
        serde_json::to_vec(&report).map_err(|_| "the report could not be written".to_owned())
    })
}

/// Those who read go first; where the system does not let us say so, nothing is lost.
fn yield_to_readers() {
    let _ = rustix::process::nice(0);
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
