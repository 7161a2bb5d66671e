//! Where the kinds of the commonest masks are, by level and service: so few bytes that they stay where memory is fastest.
//!
//! Must never hold a kind that was replaced. What breaks it: more masks or services than have a place; theirs are looked for in
//! the table of all kinds.

use evidence::Level;

/// Masks with a place, each in the one that its hash gives it; levels, with none; and services, by when they came.
const MASKS: usize = 1_024;
const LEVELS: usize = 8;
const SERVICES: usize = 32;
/// Hashes of services are told apart by so many of them.
const NAMES: usize = 128;

#[derive(Debug, Clone, Default)]
pub struct Shelf {
    masks: Vec<u64>,
    /// Hashes of services with their numbers.
    services: Vec<(u64, usize)>,
    /// One more than the number of a kind, or 0.
    kinds: Vec<u16>,
    /// By number of a kind: its place.
    places: Vec<Option<u32>>,
    named: usize,
}

impl Shelf {
    #[inline]
    pub fn find(&self, (mask, service): (u64, u64), level: Option<Level>) -> Option<u32> {
        let row = mask as usize % MASKS;
        if *self.masks.get(row)? != mask {
            return None;
        }
        let (known, number) = *self.services.get(service as usize % NAMES)?;
        let kind = *self.kinds.get(place(row, level, number))?;
        (known == service && kind > 0).then(|| u32::from(kind) - 1)
    }

    /// Lets a kind be found, where there is a place for it.
    pub fn put(&mut self, (mask, service): (u64, u64), level: Option<Level>, kind: u32) {
        if self.masks.is_empty() {
            self.masks.resize(MASKS, 0);
            self.services.resize(NAMES, (0, 0));
            self.kinds.resize(MASKS * LEVELS * SERVICES, 0);
        }
        let (row, name) = (mask as usize % MASKS, &mut self.services[service as usize % NAMES]);
        if self.masks[row] == 0 {
            self.masks[row] = mask;
        }
        if name.0 == 0 && self.named < SERVICES {
            *name = (service, self.named);
            self.named += 1;
        }
        let Some(number) = u16::try_from(kind + 1).ok().filter(|_| self.masks[row] == mask && name.0 == service) else { return };
        let place = place(row, level, name.1);
        self.kinds[place] = number;
        if self.places.len() <= kind as usize {
            self.places.resize(kind as usize + 1, None);
        }
        self.places[kind as usize] = Some(place as u32);
    }

    /// The kind is another one from now on.
    pub fn forget(&mut self, kind: u32) {
        if let Some(place) = self.places.get_mut(kind as usize).and_then(Option::take) {
            self.kinds[place as usize] = 0;
        }
    }
}

fn place(row: usize, level: Option<Level>, number: usize) -> usize {
    (row * LEVELS + level.map_or(LEVELS - 1, |level| level as usize)) * SERVICES + number
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_found_by_its_mask_its_level_and_its_service_until_it_is_replaced() {
        let mut shelf = Shelf::default();
        assert_eq!(shelf.find((1, 1), None), None);
        shelf.put((1, 1), None, 0);
        shelf.put((1, 2), Some(Level::Error), 7);
        let found = |shelf: &Shelf| {
            [((1, 1), None), ((1, 2), Some(Level::Error)), ((1, 2), None), ((2, 1), None)].map(|(m, l)| shelf.find(m, l))
        };
        assert_eq!(found(&shelf), [Some(0), Some(7), None, None]);
        shelf.forget(7);
        assert_eq!(found(&shelf), [Some(0), None, None, None]);
    }

    #[test]
    fn what_would_stand_where_another_mask_or_service_does_is_not_found() {
        let mut shelf = Shelf::default();
        shelf.put((5, 5), None, 1);
        shelf.put((5 + MASKS as u64, 5), None, 2);
        shelf.put((5, 5 + NAMES as u64), None, 3);
        assert_eq!(shelf.find((5, 5), None), Some(1));
        assert_eq!(shelf.find((5 + MASKS as u64, 5), None), None);
        assert_eq!(shelf.find((5, 5 + NAMES as u64), None), None);
        for service in 6..100 {
            shelf.put((5, service), None, service as u32);
        }
        let found = (6..100).filter(|service| shelf.find((5, *service), None) == Some(*service as u32)).count();
        assert_eq!(found, SERVICES - 1);
    }
}
