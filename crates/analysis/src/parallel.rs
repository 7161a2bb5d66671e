//! Two questions about the same evidence at once, where there are threads for it.
//!
//! Must never change an answer: neither question may see what the other one finds.

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
}
