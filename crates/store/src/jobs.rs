//! Jobs: the analyses that are to be done, each by one worker at a time.
//!
//! A worker holds a job by a lease. Whoever finds a lease that has run out takes the job over under a higher token, and what the
//! earlier holder says after that is refused. Must never know what an analysis is. A clock that jumps breaks leases too early
//! at worst, which costs a repetition, never a result.

use crate::analyses::pack;
use crate::db::{Arg, Row, Tx};
use crate::{Store, StoreError, ids};

/// A job whose workers vanished so often is what makes them vanish.
const ATTEMPTS: i64 = 3;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Queued,
    Running,
    Done,
    Failed,
    Cancelled,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    pub id: String,
    pub state: State,
    /// JSON, opaque here: what the worker said last.
    pub progress: Option<String>,
    /// Why it failed or was given up.
    pub why: Option<String>,
    pub attempts: i64,
    pub queued_at: i64,
    pub ended_at: Option<i64>,
}

/// The right to do a job, until somebody has a higher token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    pub job: String,
    pub case: String,
    pub token: i64,
}

#[derive(Debug, Clone, Copy)]
pub enum Ending<'a> {
    /// `uploads`: ids of those that were read.
    Analysis {
        report: &'a [u8],
        uploads: &'a [String],
    },
    Failed {
        why: &'a str,
    },
    /// The latest analysis read the same: nothing new came out.
    Unchanged,
    Cancelled,
}

impl State {
    pub fn word(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

impl Store {
    /// Asks for an analysis of a case. One that waits already will do.
    pub async fn enqueue(&self, case: &str, now: i64) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        self.touch(&mut tx, case, now).await?;
        self.enqueue_in(&mut tx, case, now).await?;
        self.commit(tx).await
    }

    pub(crate) async fn enqueue_in(&self, tx: &mut Tx, case: &str, now: i64) -> Result<(), StoreError> {
        let number = tx.next("job").await?;
        let id = ids::new(now)?;
        tx.run(INSERT, &[Arg::Text(&id), Arg::Text(case), Arg::Int(number), Arg::Int(now)]).await?;
        Ok(())
    }

    /// The job that has waited longest, or one whose lease has run out; None if there is nothing to do.
    pub async fn lease(&self, worker: &str, now: i64, until: i64) -> Result<Option<Lease>, StoreError> {
        let mut tx = self.db.begin().await?;
        let times = [Arg::Int(now), Arg::Int(ATTEMPTS)];
        let ended = tx.run(END_CANCELLED, &times[..1]).await? + tx.run(END_EXHAUSTED, &times).await?;
        let next = tx.choose(NEXT_LITE, NEXT_POSTGRES);
        let lease = match tx.one(next, &times[..1]).await? {
            None => None,
            Some(row) => {
                let job: String = row.get(0)?;
                let args = [Arg::Text(&job), Arg::Text(worker), Arg::Int(until), Arg::Int(until - now)];
                let row = tx.one(TAKE, &args).await?.ok_or(StoreError::NotFound)?;
                Some(Lease { job, case: row.get(0)?, token: row.get(1)? })
            }
        };
        if lease.is_some() || ended > 0 {
            self.commit(tx).await?;
        } else {
            tx.rollback().await?;
        }
        Ok(lease)
    }

    /// False when the lease was lost.
    pub async fn renew(&self, lease: &Lease, until: i64) -> Result<bool, StoreError> {
        self.say(&said(lease, Arg::Int(until)), RENEW).await
    }

    /// Keeps what the worker says about its progress. False when the lease was lost.
    pub async fn tell(&self, lease: &Lease, progress: &str) -> Result<bool, StoreError> {
        self.say(&said(lease, Arg::Text(progress)), TELL).await
    }

    /// Should the worker stop? Also true when the lease was lost or the case deleted.
    pub async fn is_cancelled(&self, lease: &Lease) -> Result<bool, StoreError> {
        let sql = "SELECT cancel_asked FROM jobs WHERE id = $1 AND token = $2 AND state = 'running'";
        let row = self.db.one(sql, &[Arg::Text(&lease.job), Arg::Int(lease.token)]).await?;
        row.map_or(Ok(true), |row| Ok(row.get::<i64>(0)? != 0))
    }

    /// Ends a job, and with it keeps the report: both or neither. The number of the analysis, 0 if there is none; None when
    /// the lease was lost, and nothing was kept.
    pub async fn finish(&self, lease: &Lease, ending: Ending<'_>, now: i64) -> Result<Option<i64>, StoreError> {
        let packed = match ending {
            Ending::Analysis { report, .. } => pack(report).await?,
            Ending::Failed { .. } | Ending::Unchanged | Ending::Cancelled => Vec::new(),
        };
        let mut tx = self.db.begin().await?;
        match self.touch(&mut tx, &lease.case, now).await {
            Err(StoreError::NotFound) => return Ok(None),
            touched => touched?,
        }
        let (state, why) = match ending {
            Ending::Analysis { .. } | Ending::Unchanged => (State::Done, None),
            Ending::Failed { why } => (State::Failed, Some(why)),
            Ending::Cancelled => (State::Cancelled, None),
        };
        let args = [Arg::Text(&lease.job), Arg::Int(lease.token), Arg::Text(state.word()), Arg::MaybeText(why), Arg::Int(now)];
        if tx.run(END, &args).await? == 0 {
            tx.rollback().await?;
            return Ok(None);
        }
        let number = match ending {
            Ending::Analysis { uploads, .. } => keep(&mut tx, lease, &packed, uploads, now).await?,
            Ending::Failed { .. } | Ending::Unchanged | Ending::Cancelled => 0,
        };
        self.commit(tx).await?;
        Ok(Some(number))
    }

    /// Gives a job back undone, as if it had not been begun; for a worker that has to stop. False when the lease was lost.
    pub async fn give_back(&self, lease: &Lease, now: i64) -> Result<bool, StoreError> {
        let mut tx = self.db.begin().await?;
        let held = [Arg::Text(&lease.job), Arg::Int(lease.token)];
        let is_held = tx.run(UNTRY, &held).await? == 1;
        if is_held {
            requeue(&mut tx, &lease.job, now).await?;
            self.commit(tx).await?;
        }
        Ok(is_held)
    }

    /// The job of a case that is being done, else the latest.
    pub async fn job(&self, case: &str) -> Result<Option<Job>, StoreError> {
        self.db.one(LATEST, &[Arg::Text(case)]).await?.as_ref().map(read).transpose()
    }

    /// What waits is cancelled; who runs is asked to stop. False when there was nothing to cancel.
    pub async fn cancel(&self, case: &str, now: i64) -> Result<bool, StoreError> {
        let mut tx = self.db.begin().await?;
        self.touch(&mut tx, case, now).await?;
        let waiting = tx.run(CANCEL_QUEUED, &[Arg::Text(case), Arg::Int(now)]).await?;
        let running = tx.run(CANCEL_RUNNING, &[Arg::Text(case)]).await?;
        self.commit(tx).await?;
        Ok(waiting + running > 0)
    }

    /// At opening nobody can hold a lease: who did is dead.
    pub(crate) async fn requeue_all(&self, now: i64) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        let rows = tx.all("SELECT id FROM jobs WHERE state = 'running' ORDER BY number", &[]).await?;
        if rows.is_empty() {
            return tx.rollback().await;
        }
        tx.run("UPDATE jobs SET leased_until = $1 WHERE state = 'running'", &[Arg::Int(now)]).await?;
        tx.run(END_CANCELLED, &[Arg::Int(now)]).await?;
        tx.run(END_EXHAUSTED, &[Arg::Int(now), Arg::Int(ATTEMPTS)]).await?;
        for row in rows {
            requeue(&mut tx, &row.get::<String>(0)?, now).await?;
        }
        self.commit(tx).await
    }

    async fn say(&self, args: &[Arg<'_>; 3], sql: &'static str) -> Result<bool, StoreError> {
        let mut tx = self.db.begin().await?;
        let is_held = tx.run(sql, args).await? == 1;
        self.commit(tx).await?;
        Ok(is_held)
    }
}

const INSERT: &str = "INSERT INTO jobs \
     (id, case_id, number, state, token, attempts, leased_until, lease_length, cancel_asked, queued_at) \
     VALUES ($1, $2, $3, 'queued', 0, 0, 0, 0, 0, $4) ON CONFLICT DO NOTHING";

/// A lease counts from when it was taken or renewed to its end. Before that the clock has jumped back, and nobody can tell how
/// long ago it was taken.
macro_rules! run_out {
    () => {
        "state = 'running' AND (leased_until <= $1 OR leased_until - lease_length > $1)"
    };
}

const END_CANCELLED: &str =
    concat!("UPDATE jobs SET state = 'cancelled', worker = NULL, ended_at = $1 WHERE cancel_asked = 1 AND ", run_out!());
const END_EXHAUSTED: &str = concat!(
    "UPDATE jobs SET state = 'failed', worker = NULL, ended_at = $1, \
     why = 'it was begun ' || attempts || ' times, and each time the worker ended without a word' WHERE attempts >= $2 AND ",
    run_out!()
);

/// Nothing of a case that somebody works on.
macro_rules! next {
    ($rest:literal) => {
        concat!(
            // The first condition says no more than the others, in the words of the index.
            "SELECT id FROM jobs WHERE state IN ('queued', 'running') AND ((",
            run_out!(),
            ") OR (state = 'queued' AND NOT EXISTS \
             (SELECT 1 FROM jobs AS other WHERE other.case_id = jobs.case_id AND other.state = 'running'))) \
             ORDER BY number LIMIT 1",
            $rest
        )
    };
}
const NEXT_LITE: &str = next!("");
const NEXT_POSTGRES: &str = next!(" FOR UPDATE SKIP LOCKED");

const TAKE: &str = "UPDATE jobs SET state = 'running', token = token + 1, attempts = attempts + 1, worker = $2, \
     leased_until = $3, lease_length = $4 WHERE id = $1 RETURNING case_id, token";
const RENEW: &str = "UPDATE jobs SET leased_until = $3 WHERE id = $1 AND token = $2 AND state = 'running'";
const TELL: &str = "UPDATE jobs SET progress = $3 WHERE id = $1 AND token = $2 AND state = 'running'";
const UNTRY: &str = "UPDATE jobs SET attempts = attempts - 1 WHERE id = $1 AND token = $2 AND state = 'running'";
const END: &str = "UPDATE jobs SET state = $3, why = $4, ended_at = $5, worker = NULL \
     WHERE id = $1 AND token = $2 AND state = 'running'";

/// Where a later job of the case waits, that one does it.
const REPLACE: &str = "UPDATE jobs SET state = 'cancelled', worker = NULL, why = 'a later analysis takes its place', \
     ended_at = $2 WHERE id = $1 AND state = 'running' AND EXISTS \
     (SELECT 1 FROM jobs AS other WHERE other.case_id = jobs.case_id AND other.state = 'queued')";
const REQUEUE: &str = "UPDATE jobs SET state = 'queued', worker = NULL, leased_until = 0 WHERE id = $1 AND state = 'running'";

const CANCEL_QUEUED: &str = "UPDATE jobs SET state = 'cancelled', ended_at = $2 WHERE case_id = $1 AND state = 'queued'";
const CANCEL_RUNNING: &str = "UPDATE jobs SET cancel_asked = 1 WHERE case_id = $1 AND state = 'running'";
const LATEST: &str = "SELECT id, state, progress, why, attempts, queued_at, ended_at FROM jobs \
     WHERE case_id = $1 ORDER BY CASE WHEN state = 'running' THEN 0 ELSE 1 END, number DESC LIMIT 1";

const KEEP: &str = "INSERT INTO analyses (case_id, number, job_id, at, uploads, report) \
     SELECT $1, COALESCE(MAX(number), 0) + 1, $2, $3, $4, $5 FROM analyses WHERE case_id = $1 RETURNING number";

async fn keep(tx: &mut Tx, lease: &Lease, packed: &[u8], uploads: &[String], now: i64) -> Result<i64, StoreError> {
    let uploads = uploads.join("\n");
    let args = [Arg::Text(&lease.case), Arg::Text(&lease.job), Arg::Int(now), Arg::Text(&uploads), Arg::Bytes(packed)];
    tx.one(KEEP, &args).await?.ok_or(StoreError::NotFound)?.get(0)
}

async fn requeue(tx: &mut Tx, job: &str, now: i64) -> Result<(), StoreError> {
    tx.run(REPLACE, &[Arg::Text(job), Arg::Int(now)]).await?;
    tx.run(REQUEUE, &[Arg::Text(job)]).await?;
    Ok(())
}

fn said<'a>(lease: &'a Lease, what: Arg<'a>) -> [Arg<'a>; 3] {
    [Arg::Text(&lease.job), Arg::Int(lease.token), what]
}

fn read(row: &Row) -> Result<Job, StoreError> {
    let state = match row.get::<String>(1)?.as_str() {
        "queued" => State::Queued,
        "running" => State::Running,
        "done" => State::Done,
        "failed" => State::Failed,
        "cancelled" => State::Cancelled,
        other => return Err(StoreError::Other(format!("a job is in the state {other:?}, which this version does not know"))),
    };
    Ok(Job {
        id: row.get(0)?,
        state,
        progress: row.get(2)?,
        why: row.get(3)?,
        attempts: row.get(4)?,
        queued_at: row.get(5)?,
        ended_at: row.get(6)?,
    })
}
