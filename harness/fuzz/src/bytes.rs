//! Numbers and picks out of the fuzzer's bytes; where they end, everything is zero.

/// What is left of the input.
pub struct Bytes<'a> {
    left: &'a [u8],
}

impl<'a> Bytes<'a> {
    /// All of it.
    pub fn new(left: &'a [u8]) -> Bytes<'a> {
        Bytes { left }
    }

    /// Whether nothing is left.
    pub fn is_empty(&self) -> bool {
        self.left.is_empty()
    }

    /// The next byte.
    pub fn byte(&mut self) -> u8 {
        match self.left.split_first() {
            Some((first, rest)) => {
                self.left = rest;
                *first
            }
            None => 0,
        }
    }

    /// The lowest bit of the next byte.
    pub fn flag(&mut self) -> bool {
        self.byte() & 1 == 1
    }

    /// Four bytes.
    pub fn word(&mut self) -> u32 {
        u32::from_be_bytes([self.byte(), self.byte(), self.byte(), self.byte()])
    }

    /// One of these; a list that is empty has none.
    pub fn pick<T: Clone>(&mut self, from: &[T]) -> Option<T> {
        let place = usize::from(self.byte()).checked_rem(from.len())?;
        from.get(place).cloned()
    }

    /// Up to sixteen bytes as they stand.
    pub fn some(&mut self) -> Vec<u8> {
        let length = usize::from(self.byte() % 17).min(self.left.len());
        let (taken, rest) = self.left.split_at(length);
        self.left = rest;
        taken.to_vec()
    }

    /// A number near a border: small, or around clusters, 4 GiB and the end of the offsets.
    pub fn offset(&mut self) -> u64 {
        let low = u64::from(self.byte());
        match self.byte() % 8 {
            0..=3 => low,
            4 => 4096 + low,
            5 => (1 << 32) + low,
            6 => u64::MAX - low,
            _ => u64::from(self.word()) << 12 | low,
        }
    }
}
