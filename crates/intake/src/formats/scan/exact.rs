//! Whether a walk has a choice anywhere.
//!
//! Must never call exact what could match where the walk fails. What breaks it: nothing; what is in doubt is not exact.

use regex_syntax::hir::{Hir, HirKind, Look};

use super::IN;
use super::compile::{bytes_of, first_of, has_groups, one_of};

/// Whether a walk through `hir`, with `rest` behind it (the nearest last), has no choice at any step, so that it fails only
/// where the expression does, on lines of ASCII.
pub(super) fn is_exact(hir: &Hir, rest: &[&Hir]) -> bool {
    let mut next = [0; 256];
    let can_end = first_of(rest.iter().rev().copied(), &mut next);
    let apart = |a: &[u8; 256], b: &[u8; 256]| a.iter().zip(b).all(|(a, b)| *a == 0 || *b == 0);
    let first = |hir: &Hir| {
        let mut bytes = [0; 256];
        first_of([hir].into_iter(), &mut bytes);
        bytes
    };
    match hir.kind() {
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(Look::Start | Look::End) => true,
        HirKind::Look(_) => false,
        HirKind::Capture(capture) => is_exact(&capture.sub, rest),
        HirKind::Repetition(r) => {
            let is_one = one_of(&r.sub, true).is_some();
            let is_optional = (r.min, r.max) == (0, Some(1)) && is_exact(&r.sub, rest);
            let is_told = is_one && r.max == Some(r.min) || apart(&first(&r.sub), &next);
            r.greedy && is_told && (is_one || is_optional)
        }
        HirKind::Concat(parts) => parts.iter().enumerate().all(|(n, part)| {
            let mut behind: Vec<&Hir> = rest.to_vec();
            behind.extend(parts[n + 1..].iter().rev());
            is_exact(part, &behind)
        }),
        HirKind::Alternation(parts) => {
            let firsts: Vec<_> = parts.iter().map(first).collect();
            let are_apart = firsts.iter().enumerate().all(|(n, a)| firsts[n + 1..].iter().all(|b| apart(a, b)));
            // Where no branch has a byte of what follows, that tells where the branch ends, and all that end there are one.
            let are_told = || !can_end && !has_groups(hir) && parts.iter().all(|part| apart(&bytes_in(part), &next));
            let are_something = parts.iter().all(|part| !first_of([part].into_iter(), &mut [0; 256]));
            are_something && (are_apart || are_told()) && parts.iter().all(|part| is_exact(part, rest))
        }
    }
}

/// All bytes that an expression can have.
fn bytes_in(hir: &Hir) -> [u8; 256] {
    let mut all = [0; 256];
    let mut add = |part: &[u8; 256]| all.iter_mut().zip(part).for_each(|(all, part)| *all |= *part);
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => literal.0.iter().for_each(|byte| all[usize::from(*byte)] = IN),
        HirKind::Class(class) => add(&bytes_of(class, true)),
        HirKind::Repetition(r) => add(&bytes_in(&r.sub)),
        HirKind::Capture(c) => add(&bytes_in(&c.sub)),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().for_each(|part| add(&bytes_in(part))),
    }
    all
}
