//! Messages that were met before, told by their skeletons: what kind they are of is looked up, not found out again.
//!
//! Must never change what is counted, only how soon it is known. What breaks it: messages that hardly ever repeat a
//! skeleton; after some of them it looks at a few only.

use std::hash::{BuildHasher, Hasher};
use std::num::NonZeroU64;

use foldhash::fast::FixedState;

use crate::mask::{Form, Skeleton, Sought, is_settled};

/// Skeletons that are kept, each in the place that its hash gives it.
const PLACES: usize = 4_096;
/// Records after which it is decided whether the next ones are looked at, and how many are not when too few were known.
const ROUND: u32 = 1_024;
const PAUSE: u32 = 16 * ROUND;
/// One in so many has to be known.
const WORTH: u32 = 3;

/// Forms are kept by the beginning of a message: so many groups, and so many forms in each.
const GROUPS: usize = 512;
const FORMS: usize = 8;

/// The masks of skeletons, by their hashes.
#[derive(Debug, Clone, Default)]
pub struct Again {
    skeleton: Skeleton,
    sought: Sought,
    forms: Vec<Group>,
    kept: Vec<Place>,
    looked: u32,
    known: u32,
    /// Messages that are not looked at.
    pause: u32,
}

/// Forms with one beginning, with their masks: the one that was found last, and others.
#[derive(Debug, Clone, Default)]
struct Group {
    near: Option<(Form, NonZeroU64)>,
    others: Vec<(Form, NonZeroU64)>,
}

impl Group {
    fn find(&mut self, message: &Sought) -> Option<NonZeroU64> {
        let (form, mask) = self.near.as_mut()?;
        if form.is_of(message) {
            return Some(*mask);
        }
        let found = self.others.iter_mut().find(|(form, _)| form.is_of(message))?;
        std::mem::swap(found, self.near.as_mut()?);
        self.near.as_ref().map(|(_, mask)| *mask)
    }

    fn keep(&mut self, form: (Form, NonZeroU64)) {
        let before = self.near.replace(form);
        self.others.extend(before);
        if self.others.len() == FORMS {
            self.others.remove(0);
        }
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct Place {
    skeleton: u64,
    /// Of a skeleton that was met once it is not known yet.
    mask: Option<NonZeroU64>,
}

/// What is known of a message.
pub enum Found {
    Mask(u64),
    /// Its skeleton was met before: now it is worth knowing its mask.
    Skeleton(u64),
    Nothing,
}

impl Again {
    pub fn find(&mut self, message: &str) -> Found {
        if self.pause > 0 {
            self.pause -= 1;
            return Found::Nothing;
        }
        if self.looked == ROUND {
            let is_worth = self.known * WORTH >= ROUND;
            (self.looked, self.known) = (0, 0);
            self.pause = if is_worth { 0 } else { PAUSE };
        }
        self.looked += 1;
        if let Some(mask) = self.of_form(message) {
            self.known += 1;
            return Found::Mask(mask);
        }
        let Some(hash) = self.skeleton.hash(message) else { return Found::Nothing };
        if self.kept.is_empty() {
            self.kept.resize(PLACES, Place::default());
        }
        let place = &mut self.kept[hash as usize % PLACES];
        if place.skeleton != hash {
            *place = Place { skeleton: hash, mask: None };
            return Found::Nothing;
        }
        self.known += 1;
        place.mask.map_or(Found::Skeleton(hash), |mask| Found::Mask(mask.get()))
    }

    /// Keeps the mask of a skeleton, where it is that of all messages that have it.
    pub fn keep(&mut self, skeleton: u64, (message, masked): (&str, &str)) {
        if let Some(place) = self.kept.get_mut(skeleton as usize % PLACES)
            && is_settled(message, masked)
        {
            let mask = NonZeroU64::new(hash_of(masked.as_bytes()));
            *place = Place { skeleton, mask };
            if let (Some(mask), Some(form)) = (mask, Form::of(&mut self.skeleton, message)) {
                self.keep_form(message, (form, mask));
            }
        }
    }

    /// The mask of a message that has a known form.
    fn of_form(&mut self, message: &str) -> Option<u64> {
        if !self.sought.put(message) {
            return None;
        }
        self.forms.get_mut(group(&self.sought))?.find(&self.sought).map(NonZeroU64::get)
    }

    fn keep_form(&mut self, message: &str, form: (Form, NonZeroU64)) {
        if self.forms.is_empty() {
            self.forms.resize(GROUPS, Group::default());
        }
        if !self.sought.put(message) {
            return;
        }
        if let Some(group) = self.forms.get_mut(group(&self.sought)) {
            group.keep(form);
        }
    }
}

/// By what stands before the first digit or path: what follows differs from message to message.
fn group(message: &Sought) -> usize {
    let words = message.beginning().map(|half| (half as u64) ^ ((half >> 64) as u64).rotate_left(29));
    let mixed = (words[0] ^ words[1].rotate_left(13)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> 32) as usize % GROUPS
}

pub fn hash_of(bytes: &[u8]) -> u64 {
    let mut hasher = FixedState::default().build_hasher();
    hasher.write(bytes);
    hasher.finish()
}
