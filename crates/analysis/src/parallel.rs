//! Several questions about the same evidence at once, where there are threads for it.
//!
//! Must never change an answer: no question may see what another one finds.

use std::thread;

/// The answers to both, the first of them by another thread where there may be one.
pub fn both<A: Send, B>(threads: usize, first: impl FnOnce() -> A + Send, second: impl FnOnce() -> B) -> (A, B) {
    if threads < 2 {
        return (first(), second());
    }
    thread::scope(|scope| {
        let first = scope.spawn(first);
        let second = second();
        (first.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), second)
    })
}

/// Does something with each of these, shared out among so many threads, of which each has so many at least.
pub fn each<T: Send>((threads, least): (usize, usize), all: &mut [T], act: impl Fn(&mut T) + Sync) {
    let share = all.len().div_ceil(threads.max(1)).max(least.max(1));
    let mut shares = all.chunks_mut(share);
    let own = shares.next().unwrap_or_default();
    thread::scope(|scope| {
        for share in shares {
            scope.spawn(|| share.iter_mut().for_each(&act));
        }
        own.iter_mut().for_each(&act);
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answers_are_the_same_however_many_threads_there_are() {
        let words = ["a", "b", "c"];
        for threads in [0, 1, 2, 8] {
            assert_eq!(both(threads, || words.concat(), || words.len()), ("abc".to_string(), 3));
        }
    }

    #[test]
    fn each_is_met_once_however_many_threads_there_are() {
        for (threads, least) in [(0, 0), (1, 4), (2, 1), (3, 2), (8, 1)] {
            for size in [0, 1, 7, 100] {
                let mut all = vec![1; size];
                each((threads, least), &mut all, |one| *one += 1);
                assert!(all.iter().all(|one| *one == 2));
            }
        }
    }
}
