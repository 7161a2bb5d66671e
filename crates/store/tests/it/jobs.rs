//! Who may do a job, when another may, and what becomes of what the first one says after that.

use store::{Ending, State, StoreError};

use crate::engines::{NOW, on_both};
use crate::keeping::{add, new_case, report, take};

const HOUR: i64 = 3_600_000;
const YEAR: i64 = 365 * 24 * HOUR;

#[test]
fn a2_a_worker_that_stops_past_its_lease_is_replaced_and_what_it_says_later_is_refused() {
    on_both(|place| async move {
        let store = place.open().await;
        let case = new_case(&store).await;
        add(&store, &case, "a.log", b"a").await;
        let stale = store.lease("w1", NOW, NOW + 1000).await.unwrap().unwrap();
        assert_eq!(store.lease("w2", NOW + 999, NOW + 5000).await.unwrap(), None);

        let fresh = store.lease("w2", NOW + 1000, NOW + 5000).await.unwrap().unwrap();
        assert_eq!((&fresh.job, fresh.token), (&stale.job, stale.token + 1));
        assert!(!store.renew(&stale, NOW + 9000).await.unwrap());
        assert!(!store.tell(&stale, "{\"stale\":true}").await.unwrap());
        assert!(store.is_cancelled(&stale).await.unwrap());
        assert!(!store.give_back(&stale, NOW).await.unwrap());
        assert_eq!(report(&store, &stale, b"stale").await, None);
        assert_eq!(store.finish(&stale, Ending::Failed { why: "x" }, NOW).await.unwrap(), None);

        assert!(!store.is_cancelled(&fresh).await.unwrap());
        assert_eq!(report(&store, &fresh, b"fresh").await, Some(1));
        assert_eq!(report(&store, &fresh, b"again").await, None);
        assert_eq!(report(&store, &stale, b"stale").await, None);
        assert_eq!(store.report(&case.id, 1).await.unwrap(), b"fresh");
        assert_eq!(store.analyses(&case.id).await.unwrap().len(), 1);
        assert_eq!(store.job(&case.id).await.unwrap().unwrap().progress, None);
    });
}

#[test]
fn a_worker_that_is_late_but_was_not_replaced_may_still_finish() {
    on_both(|place| async move {
        let store = place.open().await;
        let case = new_case(&store).await;
        add(&store, &case, "a.log", b"a").await;
        let lease = store.lease("w1", NOW, NOW + 1000).await.unwrap().unwrap();
        assert_eq!(store.finish(&lease, Ending::Analysis { report: b"{}", uploads: &[] }, NOW + HOUR).await.unwrap(), Some(1));
    });
}

#[test]
fn a6_a_clock_that_jumps_hands_a_job_over_and_no_lease_comes_back_to_life() {
    on_both(|place| async move {
        for jump in [HOUR, -HOUR, YEAR, -YEAR] {
            let store = place.open().await;
            let case = new_case(&store).await;
            add(&store, &case, "a.log", b"a").await;
            let before = store.lease("w1", NOW, NOW + 60_000).await.unwrap().unwrap();
            // Whoever would wait for the end of the lease would wait for a year when the clock has gone back by one.
            let after = store.lease("w2", NOW + jump, NOW + jump + 60_000).await.unwrap().unwrap();
            assert_eq!(after.token, before.token + 1, "{jump}");
            // The clock is set right again: nothing that was lost is held again.
            assert!(!store.renew(&before, NOW + 60_000).await.unwrap());
            assert_eq!(report(&store, &before, b"before").await, None);
            assert!(store.renew(&after, NOW + 60_000).await.unwrap());
            assert_eq!(store.lease("w3", NOW + 1, NOW + 60_000).await.unwrap(), None, "{jump}");
            assert_eq!(report(&store, &after, b"after").await, Some(1));
        }
    });
}

#[test]
fn a6_what_came_first_is_told_by_numbers_whatever_the_clock_says() {
    on_both(|place| async move {
        let store = place.open().await;
        let mut ids = Vec::new();
        for (n, jump) in [0, YEAR, -YEAR, HOUR, -HOUR].into_iter().enumerate() {
            let case = store.create_case(&n.to_string(), None, NOW + jump).await.unwrap().value;
            store.enqueue(&case.id, NOW + jump).await.unwrap();
            ids.insert(0, case.id);
        }
        let listed: Vec<String> = store.cases().await.unwrap().into_iter().map(|c| c.id).collect();
        assert_eq!(listed, ids);
        for id in ids.iter().rev() {
            assert_eq!(&take(&store, NOW).await.unwrap().case, id);
        }
    });
}

#[test]
fn a6_a_case_does_not_expire_because_the_clock_went_back() {
    on_both(|place| async move {
        let store = place.open().await;
        let case = new_case(&store).await;
        store.enqueue(&case.id, NOW - YEAR).await.unwrap();
        assert_eq!(store.expired(NOW).await.unwrap(), Vec::<String>::new());
    });
}

#[test]
fn at_most_one_job_of_a_case_waits_beside_one_that_runs() {
    on_both(|place| async move {
        let store = place.open().await;
        let case = new_case(&store).await;
        for n in 0..5_u8 {
            add(&store, &case, &n.to_string(), &[n]).await;
        }
        let first = take(&store, NOW).await.unwrap();
        assert_eq!(take(&store, NOW).await, None);
        for _ in 0..3 {
            store.enqueue(&case.id, NOW).await.unwrap();
        }
        // Not at the same time as the first.
        assert_eq!(take(&store, NOW).await, None);
        assert_eq!(store.job(&case.id).await.unwrap().unwrap().id, first.job);
        report(&store, &first, b"1").await.unwrap();
        let second = take(&store, NOW).await.unwrap();
        assert_ne!(second.job, first.job);
        assert_eq!(report(&store, &second, b"2").await, Some(2));
        assert_eq!(take(&store, NOW).await, None);
    });
}

#[test]
fn many_workers_get_a_job_each_and_never_the_same() {
    on_both(|place| async move {
        let store = place.open().await;
        for _ in 0..20 {
            let case = new_case(&store).await;
            store.enqueue(&case.id, NOW).await.unwrap();
        }
        let tasks: Vec<_> = (0..30)
            .map(|_| {
                let store = store.clone();
                tokio::spawn(async move { take(&store, NOW).await.map(|lease| lease.job) })
            })
            .collect();
        let mut jobs = Vec::new();
        for task in tasks {
            jobs.extend(task.await.unwrap());
        }
        // A worker that finds the job that it wanted taken may find nothing, and asks again.
        while let Some(lease) = take(&store, NOW).await {
            jobs.push(lease.job);
        }
        jobs.sort();
        jobs.dedup();
        assert_eq!(jobs.len(), 20);
    });
}

#[test]
fn who_runs_is_asked_to_stop_and_what_waits_is_cancelled() {
    on_both(|place| async move {
        let store = place.open().await;
        let case = new_case(&store).await;
        assert!(!store.cancel(&case.id, NOW).await.unwrap());
        store.enqueue(&case.id, NOW).await.unwrap();
        let lease = take(&store, NOW).await.unwrap();
        store.enqueue(&case.id, NOW).await.unwrap();
        assert!(store.cancel(&case.id, NOW).await.unwrap());
        assert!(store.is_cancelled(&lease).await.unwrap());
        assert_eq!(store.finish(&lease, Ending::Cancelled, NOW + 1).await.unwrap(), Some(0));
        assert_eq!(store.job(&case.id).await.unwrap().unwrap().state, State::Cancelled);
        assert_eq!(take(&store, NOW).await, None);
    });
}

#[test]
fn a_job_that_was_to_stop_is_not_begun_again_when_its_worker_dies() {
    on_both(|place| async move {
        let store = place.open().await;
        let case = new_case(&store).await;
        store.enqueue(&case.id, NOW).await.unwrap();
        store.lease("w1", NOW, NOW + 1000).await.unwrap().unwrap();
        store.cancel(&case.id, NOW).await.unwrap();
        assert_eq!(take(&store, NOW + 1000).await, None);
        assert_eq!(store.job(&case.id).await.unwrap().unwrap().state, State::Cancelled);
    });
}

#[test]
fn a_job_fails_after_three_workers_that_ended_without_a_word() {
    on_both(|place| async move {
        let store = place.open().await;
        let case = new_case(&store).await;
        store.enqueue(&case.id, NOW).await.unwrap();
        for n in 0..3 {
            assert!(store.lease("w", NOW + n * 1000, NOW + (n + 1) * 1000).await.unwrap().is_some());
        }
        assert_eq!(take(&store, NOW + 3000).await, None);
        let job = store.job(&case.id).await.unwrap().unwrap();
        assert_eq!((job.state, job.attempts, job.ended_at), (State::Failed, 3, Some(NOW + 3000)));
        assert_eq!(job.why.unwrap(), "it was begun 3 times, and each time the worker ended without a word");
    });
}

#[test]
fn a_failure_is_told_with_its_reason() {
    on_both(|place| async move {
        let store = place.open().await;
        let case = new_case(&store).await;
        store.enqueue(&case.id, NOW).await.unwrap();
        let lease = take(&store, NOW).await.unwrap();
        assert_eq!(store.finish(&lease, Ending::Failed { why: "no space" }, NOW + 1).await.unwrap(), Some(0));
        let job = store.job(&case.id).await.unwrap().unwrap();
        assert_eq!((job.state, job.why.as_deref(), job.ended_at), (State::Failed, Some("no space"), Some(NOW + 1)));
        assert_eq!(store.analyses(&case.id).await.unwrap(), []);
    });
}

#[test]
fn a_job_that_is_given_back_was_not_tried() {
    on_both(|place| async move {
        let store = place.open().await;
        let case = new_case(&store).await;
        store.enqueue(&case.id, NOW).await.unwrap();
        for _ in 0..5 {
            let lease = take(&store, NOW).await.unwrap();
            assert!(store.give_back(&lease, NOW).await.unwrap());
        }
        let lease = take(&store, NOW).await.unwrap();
        // Where a later one waits, that one does it.
        store.enqueue(&case.id, NOW).await.unwrap();
        assert!(store.give_back(&lease, NOW).await.unwrap());
        let second = take(&store, NOW).await.unwrap();
        assert_ne!(second.job, lease.job);
        assert_eq!(report(&store, &second, b"{}").await, Some(1));
        assert_eq!(take(&store, NOW).await, None);
    });
}

#[test]
fn a_job_that_a_dead_process_held_waits_again_after_opening() {
    on_both(|place| async move {
        let store = place.open().await;
        let case = new_case(&store).await;
        store.enqueue(&case.id, NOW).await.unwrap();
        let held = take(&store, NOW).await.unwrap();
        drop(store);
        let store = place.open().await;
        assert_eq!(store.job(&case.id).await.unwrap().unwrap().state, State::Queued);
        assert_eq!(report(&store, &held, b"{}").await, None);
        let again = take(&store, NOW).await.unwrap();
        assert_eq!((again.job, again.token), (held.job, held.token + 1));
    });
}

#[test]
fn nothing_is_kept_of_a_job_whose_case_was_deleted() {
    on_both(|place| async move {
        let store = place.open().await;
        let case = new_case(&store).await;
        store.enqueue(&case.id, NOW).await.unwrap();
        let lease = take(&store, NOW).await.unwrap();
        store.delete_case(&case.id).await.unwrap();
        assert!(store.is_cancelled(&lease).await.unwrap());
        assert!(!store.renew(&lease, NOW + 1).await.unwrap());
        assert_eq!(report(&store, &lease, b"{}").await, None);
        assert!(matches!(store.enqueue(&case.id, NOW).await, Err(StoreError::NotFound)));
        assert_eq!(place.ask("SELECT COUNT(*) FROM analyses").await, [0]);
    });
}
