//! From an expression to the steps of a walk.
//!
//! Must never make a step that takes something else than the expression would try first. What breaks it: looks around words and
//! alternatives that have to be tried out; there is no walk then.

use memchr::memmem::Finder;
use regex_syntax::hir::{self, Capture, Hir, HirKind, Look, Repetition};

use super::class::{Bytes, Class, IN, UNSURE, only};
use super::fixed::Fixed;
use super::{Firsts, GROUPS, Run, Step, bit};

/// Whether the expression begins with the beginning of the text.
pub(super) fn is_anchored(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Look(Look::Start) => true,
        HirKind::Concat(parts) => parts.first().is_some_and(is_anchored),
        _ => false,
    }
}

/// Appends the steps of `hir`, which is followed by `rest` (the nearest last).
pub(super) fn compile<'h>(hir: &'h Hir, rest: &mut Vec<&'h Hir>, steps: &mut Vec<Step>) -> Option<()> {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(Look::Start) => {}
        HirKind::Look(Look::End) => steps.push(Step::End),
        HirKind::Look(_) => return None,
        HirKind::Literal(literal) => steps.push(Step::Text(literal.0.clone())),
        HirKind::Class(class) => steps.push(Step::Run(Run::new(Class::new(bytes_of(class, true)), (1, 1)))),
        HirKind::Concat(parts) => {
            for (n, part) in parts.iter().enumerate() {
                let known = rest.len();
                rest.extend(parts[n + 1..].iter().rev());
                compile(part, rest, steps)?;
                rest.truncate(known);
            }
        }
        HirKind::Capture(Capture { index, sub, .. }) => {
            let index = usize::try_from(*index).ok().filter(|i| *i < GROUPS)?;
            steps.push(Step::Open(index));
            compile(sub, rest, steps)?;
            steps.push(Step::Close(index));
        }
        HirKind::Repetition(repetition) => compile_repetition(repetition, rest, steps)?,
        HirKind::Alternation(parts) => {
            let mut branches = Vec::new();
            let mut first: Firsts = Box::new([0; 256]);
            for (n, part) in parts.iter().enumerate() {
                let mut bytes = [0; 256];
                let can_be_empty = first_of([part].into_iter(), &mut bytes);
                let can_begin = |byte: &u8| can_be_empty || *byte != 0;
                first.iter_mut().zip(&bytes).filter(|(_, byte)| can_begin(byte)).for_each(|(open, _)| *open |= bit(n));
                let mut inner = Vec::new();
                compile(part, rest, &mut inner)?;
                is_sure(part, rest).then_some(())?;
                branches.push(joined(inner));
            }
            let mut next = Box::new([0; 256]);
            let can_end = first_of(rest.iter().rev().copied(), &mut next);
            steps.push(Step::Either { branches, first, next: (!can_end).then_some(next), groups: has_groups(hir) });
        }
    }
    Some(())
}

fn compile_repetition<'h>(repetition: &'h Repetition, rest: &mut Vec<&'h Hir>, steps: &mut Vec<Step>) -> Option<()> {
    let Repetition { min, max, greedy, sub } = repetition;
    let most = max.unwrap_or(u32::MAX);
    if let Some(class) = one_of(sub, *min <= 1 && max.is_none() || *max == Some(1)) {
        if *greedy {
            steps.push(Step::Run(Run::new(Class::new(class), (*min, most))));
        } else {
            // Only what comes to a text that certainly follows.
            let HirKind::Literal(text) = rest.last()?.kind() else { return None };
            max.is_none().then_some(())?;
            let text = Box::new(Finder::new(&text.0).into_owned());
            steps.push(Step::Until { class: Class::new(class), least: *min, text });
        }
        return Some(());
    }
    let mut inner = Vec::new();
    compile(sub, rest, &mut inner)?;
    (*greedy && is_sure(sub, rest) && (*max == Some(1) || is_sure(sub, &[&**sub]))).then_some(())?;
    let mut first = Box::new([0; 256]);
    let can_be_empty = first_of([&**sub].into_iter(), &mut first);
    let first = (!can_be_empty).then_some(first);
    steps.push(Step::Repeat { steps: joined(inner), first, least: *min, most, groups: has_groups(sub) });
    Some(())
}

/// The bytes of which an expression has exactly one.
fn one_of(hir: &Hir, uncounted: bool) -> Option<Bytes> {
    match hir.kind() {
        HirKind::Class(class) => Some(bytes_of(class, uncounted)),
        HirKind::Literal(literal) if literal.0.len() == 1 => Some(Box::new(only(literal.0[0]))),
        _ => None,
    }
}

fn has_groups(hir: &Hir) -> bool {
    hir.properties().explicit_captures_len() > 0
}

/// Lets a run that may take the beginning of the text behind it look for that text.
pub(super) fn joined(steps: Vec<Step>) -> Vec<Step> {
    let mut out: Vec<Step> = Vec::with_capacity(steps.len());
    for step in steps {
        if let Step::Text(text) = &step
            && let Some(last) = out.iter_mut().rev().find(|step| !matches!(step, Step::Close(_) | Step::Open(_)))
            && let Step::Run(Run { class, least, most, .. }) = last
            && class.bytes()[usize::from(text[0])] != 0
        {
            let run = Run::new(std::mem::take(class), (*least, *most));
            *last = Step::RunBefore { run, text: text.clone() };
        }
        out.push(step);
    }
    grouped(headed(together(out.into_iter().map(to_the_end))))
}

/// A run with the beginning and the end of a group around it becomes one step.
fn grouped(steps: Vec<Step>) -> Vec<Step> {
    let mut out: Vec<Step> = Vec::with_capacity(steps.len());
    for step in steps {
        out.push(step);
        let [.., Step::Open(open), Step::Run(_), Step::Close(close)] = out.as_slice() else { continue };
        let group = *open;
        if group == *close
            && let (Some(_), Some(Step::Run(run)), Some(_)) = (out.pop(), out.pop(), out.pop())
        {
            out.push(Step::Group(group, run));
        }
    }
    out
}

/// A byte of some class and a run of a class that has all of these become one run.
fn headed(steps: Vec<Step>) -> Vec<Step> {
    let mut out: Vec<Step> = Vec::with_capacity(steps.len());
    for step in steps {
        match (out.pop(), step) {
            (Some(Step::One(head)), Step::Run(run)) if run.takes(&head) => {
                let (least, most) = (run.least.saturating_add(1), run.most.saturating_add(1));
                out.push(Step::Run(Run { head: Some(head), least, most, ..run }));
            }
            (last, step) => out.extend(last.into_iter().chain([step])),
        }
    }
    out
}

/// What takes as many bytes whatever they are becomes one step.
fn together(steps: impl Iterator<Item = Step>) -> Vec<Step> {
    let mut out: Vec<Step> = Vec::new();
    for step in steps {
        if let Some(Step::Fixed(fixed)) = out.last_mut()
            && fixed.add(&step)
        {
            continue;
        }
        let mut fixed = Fixed::default();
        out.push(if fixed.add(&step) { Step::Fixed(fixed) } else { step });
    }
    out.into_iter().map(Step::simple).collect()
}

/// A run that nothing but the end of the line ends.
fn to_the_end(step: Step) -> Step {
    match step {
        Step::Run(Run { class, least, most: u32::MAX, .. })
            if (0..=255).all(|b: u8| class.bytes()[usize::from(b)] == u8::from(b != b'\n')) =>
        {
            Step::Rest { least }
        }
        step => step,
    }
}

/// Whether a walk through `hir`, with `rest` behind it (the nearest last), fails only where it cannot match, and matches
/// in one way alone: what repeats is not followed by what it repeats.
fn is_sure(hir: &Hir, rest: &[&Hir]) -> bool {
    let first = |hir: &Hir| {
        let mut bytes = [0; 256];
        first_of([hir].into_iter(), &mut bytes);
        bytes
    };
    let apart = |a: &[u8; 256], b: &[u8; 256]| a.iter().zip(b).all(|(a, b)| *a == 0 || *b == 0);
    match hir.kind() {
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(Look::Start | Look::End) => true,
        HirKind::Look(_) => false,
        HirKind::Capture(capture) => is_sure(&capture.sub, rest),
        HirKind::Repetition(r) => {
            let mut next = [0; 256];
            first_of(rest.iter().rev().copied(), &mut next);
            let is_one = matches!(r.sub.kind(), HirKind::Class(_));
            r.greedy
                && (r.max == Some(r.min) || apart(&first(&r.sub), &next))
                && (is_one || is_sure(&r.sub, rest) && (r.max == Some(1) || is_sure(&r.sub, &[&*r.sub])))
        }
        HirKind::Concat(parts) => parts.iter().enumerate().all(|(n, part)| {
            let mut behind: Vec<&Hir> = rest.to_vec();
            behind.extend(parts[n + 1..].iter().rev());
            is_sure(part, &behind)
        }),
        HirKind::Alternation(parts) => {
            let firsts: Vec<_> = parts.iter().map(first).collect();
            let are_apart = firsts.iter().enumerate().all(|(n, a)| firsts[n + 1..].iter().all(|b| apart(a, b)));
            are_apart && parts.iter().all(|part| is_sure(part, rest))
        }
    }
}

/// Adds the first bytes of what follows; true when that can be nothing at all.
pub(super) fn first_of<'h>(parts: impl Iterator<Item = &'h Hir>, first: &mut [u8; 256]) -> bool {
    for part in parts {
        let can_be_empty = match part.kind() {
            HirKind::Empty | HirKind::Look(_) => true,
            HirKind::Literal(literal) => {
                first[usize::from(literal.0[0])] = IN;
                false
            }
            HirKind::Class(class) => {
                bytes_of(class, true).iter().zip(first.iter_mut()).for_each(|(class, first)| *first |= *class);
                false
            }
            HirKind::Repetition(r) => first_of([&*r.sub].into_iter(), first) || r.min == 0,
            HirKind::Capture(c) => first_of([&*c.sub].into_iter(), first),
            HirKind::Concat(parts) => first_of(parts.iter(), first),
            HirKind::Alternation(parts) => parts.iter().fold(false, |empty, part| first_of([part].into_iter(), first) | empty),
        };
        if !can_be_empty {
            return false;
        }
    }
    true
}

/// The bytes of a class. Characters beyond ASCII are in it byte by byte where it has all of them and their number does
/// not count (`uncounted`).
fn bytes_of(class: &hir::Class, uncounted: bool) -> Bytes {
    let mut bytes = Box::new([0; 256]);
    match class {
        hir::Class::Bytes(class) => {
            class.ranges().iter().for_each(|r| (r.start()..=r.end()).for_each(|b| bytes[usize::from(b)] = IN));
        }
        hir::Class::Unicode(class) => {
            let has_all = class.ranges().iter().any(|r| r.start() <= '\u{80}' && r.end() == char::MAX);
            let has_some = class.ranges().iter().any(|r| !r.end().is_ascii());
            for range in class.ranges().iter().filter(|r| r.start().is_ascii()) {
                (range.start() as u32..=(range.end() as u32).min(127)).for_each(|b| bytes[b as usize] = IN);
            }
            let beyond = match (has_all, has_some) {
                (true, _) if uncounted => IN,
                (false, false) => 0,
                _ => UNSURE,
            };
            bytes[128..].fill(beyond);
        }
    }
    bytes
}
