//! Numbers in as few bytes as they need (LEB128), written to and read from a slice that nobody trusts.
//!
//! Must never panic: what is not there is `None`.

pub fn put(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

pub fn put_signed(out: &mut Vec<u8>, value: i64) {
    put(out, (value << 1 ^ value >> 63) as u64);
}

/// Takes numbers from the beginning of what is left.
pub struct Numbers<'b>(pub &'b [u8]);

impl Numbers<'_> {
    pub fn next(&mut self) -> Option<u64> {
        let (&first, rest) = self.0.split_first()?;
        if first < 0x80 {
            self.0 = rest;
            return Some(u64::from(first));
        }
        self.long()
    }

    pub fn next_signed(&mut self) -> Option<i64> {
        let value = self.next()?;
        Some((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    pub fn next_u32(&mut self) -> Option<u32> {
        u32::try_from(self.next()?).ok()
    }

    pub fn byte(&mut self) -> Option<u8> {
        let (&first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(first)
    }

    fn long(&mut self) -> Option<u64> {
        let mut value = 0;
        for (at, byte) in self.0.iter().take(10).enumerate() {
            let bits = u64::from(byte & 0x7f);
            value |= bits.checked_shl(7 * at as u32).filter(|shifted| shifted >> (7 * at) == bits)?;
            if byte & 0x80 == 0 {
                self.0 = &self.0[at + 1..];
                return Some(value);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_was_put_is_what_comes_next(values in prop::collection::vec((any::<u64>(), any::<i64>(), 0..64u32), 0..20)) {
            let mut out = Vec::new();
            for (value, signed, bits) in &values {
                put(&mut out, value >> bits);
                put_signed(&mut out, *signed);
            }
            let mut numbers = Numbers(&out);
            for (value, signed, bits) in &values {
                prop_assert_eq!((numbers.next(), numbers.next_signed()), (Some(value >> bits), Some(*signed)));
            }
            prop_assert_eq!(numbers.next(), None);
        }

        #[test]
        fn any_bytes_are_numbers_or_none(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            let mut numbers = Numbers(&bytes);
            while numbers.next().is_some() {}
        }
    }
}
