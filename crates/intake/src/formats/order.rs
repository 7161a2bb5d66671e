//! Which format is tried first: the more special one, and the samples tell which that is.
//!
//! Must never be told by hand. What breaks it: two formats that each read the other's samples; nothing says then which
//! is more special, and the tests fail.

use super::definition::{Format, THREADS};

/// Formats so that each comes after those that are more special, and a user's before one that is as special; ties by
/// id, plain text last.
pub fn sorted(formats: Vec<Format>) -> Vec<Format> {
    let reads = matrix(&formats);
    let count = formats.len();
    let is_users: Vec<bool> = formats.iter().map(Format::is_users).collect();
    let mut slots: Vec<Option<Format>> = formats.into_iter().map(Some).collect();
    let mut sorted = Vec::with_capacity(count);
    while sorted.len() < count {
        let open = |i: usize| slots[i].is_some();
        let before = |j: usize, i: usize| reads[i][j] && (!reads[j][i] || is_users[j] && !is_users[i]);
        let blocked = |i: usize| (0..count).any(|j| j != i && open(j) && before(j, i));
        let next = (0..count).find(|i| open(*i) && !blocked(*i)).or_else(|| (0..count).find(|i| open(*i)));
        match next.and_then(|i| slots[i].take()) {
            Some(format) => sorted.push(format),
            None => break,
        }
    }
    sorted.sort_by_key(Format::is_text);
    sorted
}

/// `matrix[a][b]`: format a reads a sample of format b.
pub fn matrix(formats: &[Format]) -> Vec<Vec<bool>> {
    let reads = |a: &Format, b: &Format| b.samples.iter().any(|s| a.matches(&s.line));
    let row = |a: &Format| formats.iter().map(|b| a.id() == b.id() || reads(a, b)).collect::<Vec<bool>>();
    let row = &row;
    let share = formats.len().div_ceil(THREADS).max(1);
    std::thread::scope(|scope| {
        let parts: Vec<_> =
            formats.chunks(share).map(|part| scope.spawn(move || part.iter().map(row).collect::<Vec<_>>())).collect();
        parts.into_iter().flat_map(|part| part.join().unwrap_or_default()).collect()
    })
}
