//! Bounds-checked reading and writing of little-endian fields.

use oplock_model::{FileId, LeaseKey};

use crate::DecodeError;

/// Reads fields one after another; offsets count from the first byte of what it was made with, plus `base`.
#[derive(Clone, Debug)]
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    base: usize,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Reader<'a> {
        Reader { bytes, at: 0, base: 0 }
    }

    /// A reader of a part that lies `base` bytes into the message; its errors say so.
    pub(crate) fn at(bytes: &'a [u8], base: usize) -> Reader<'a> {
        Reader { bytes, at: 0, base }
    }

    /// Offset of the next field in the message.
    pub(crate) fn offset(&self) -> usize {
        self.base.saturating_add(self.at)
    }

    /// The next `length` bytes.
    pub(crate) fn take(
        &mut self,
        length: usize,
        field: &'static str,
    ) -> Result<&'a [u8], DecodeError> {
        let taken = self.part(self.at, length, field)?;
        self.at += length;
        Ok(taken)
    }

    /// `length` bytes at `offset` of what this reader was made with; reading goes on where it was.
    pub(crate) fn part(
        &self,
        offset: usize,
        length: usize,
        field: &'static str,
    ) -> Result<&'a [u8], DecodeError> {
        let end = offset.checked_add(length);
        end.and_then(|end| self.bytes.get(offset..end)).ok_or_else(|| DecodeError::Truncated {
            field,
            offset: self.base.saturating_add(offset),
            needed: length,
            left: self.bytes.len().saturating_sub(offset),
        })
    }

    /// A variable part by its offset and length fields; where the length is 0 the offset says nothing.
    pub(crate) fn buffer(
        &self,
        offset: u32,
        length: u32,
        field: &'static str,
    ) -> Result<&'a [u8], DecodeError> {
        if length == 0 { Ok(&[]) } else { self.part(offset as usize, length as usize, field) }
    }

    /// Everything that is left.
    pub(crate) fn rest(&mut self) -> &'a [u8] {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        self.at = self.bytes.len();
        rest
    }

    pub(crate) fn skip(&mut self, length: usize, field: &'static str) -> Result<(), DecodeError> {
        self.take(length, field).map(|_| ())
    }

    pub(crate) fn array<const N: usize>(
        &mut self,
        field: &'static str,
    ) -> Result<[u8; N], DecodeError> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N, field)?);
        Ok(array)
    }

    pub(crate) fn u8(&mut self, field: &'static str) -> Result<u8, DecodeError> {
        self.array(field).map(u8::from_le_bytes)
    }

    pub(crate) fn u16(&mut self, field: &'static str) -> Result<u16, DecodeError> {
        self.array(field).map(u16::from_le_bytes)
    }

    pub(crate) fn u32(&mut self, field: &'static str) -> Result<u32, DecodeError> {
        self.array(field).map(u32::from_le_bytes)
    }

    pub(crate) fn u64(&mut self, field: &'static str) -> Result<u64, DecodeError> {
        self.array(field).map(u64::from_le_bytes)
    }

    pub(crate) fn file(&mut self) -> Result<FileId, DecodeError> {
        let persistent = self.u64("FileId.Persistent")?;
        let volatile = self.u64("FileId.Volatile")?;
        Ok(FileId { persistent, volatile })
    }

    pub(crate) fn lease_key(&mut self, field: &'static str) -> Result<LeaseKey, DecodeError> {
        self.array(field).map(LeaseKey)
    }

    /// Reads a StructureSize that can only be `size`.
    pub(crate) fn structure_size(
        &mut self,
        field: &'static str,
        size: u16,
    ) -> Result<(), DecodeError> {
        let offset = self.offset();
        let found = self.u16(field)?;
        if found == size {
            return Ok(());
        }
        Err(DecodeError::StructureSize { field, offset, found, expected: size })
    }
}

/// UTF-16LE as text; `offset` is where it lies in the message.
pub(crate) fn text(
    bytes: &[u8],
    offset: usize,
    field: &'static str,
) -> Result<String, DecodeError> {
    let (pairs, odd) = bytes.as_chunks::<2>();
    let units = pairs.iter().map(|pair| u16::from_le_bytes(*pair));
    match char::decode_utf16(units).collect::<Result<String, _>>() {
        Ok(text) if odd.is_empty() => Ok(text),
        _ => Err(DecodeError::NotUtf16 { field, offset }),
    }
}

/// Text as UTF-16LE.
pub(crate) fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// Writes fields one after another.
#[derive(Clone, Debug, Default)]
pub(crate) struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    /// Bytes written so far: the offset of the next field.
    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// The variable part of a request or an error, which has at least one byte: where there is nothing to say, a zero.
    /// Servers insist on it; they leave it out of their own answers, errors excepted.
    pub(crate) fn buffer(&mut self, bytes: &[u8]) {
        self.bytes(if bytes.is_empty() { &[0] } else { bytes });
    }

    pub(crate) fn zeros(&mut self, count: usize) {
        self.bytes.resize(self.bytes.len() + count, 0);
    }

    /// Zeros up to the next multiple of eight.
    pub(crate) fn align8(&mut self) {
        self.bytes.resize(self.bytes.len().next_multiple_of(8), 0);
    }

    pub(crate) fn u8(&mut self, value: u8) {
        self.bytes.push(value);
    }

    pub(crate) fn u16(&mut self, value: u16) {
        self.bytes(&value.to_le_bytes());
    }

    pub(crate) fn u32(&mut self, value: u32) {
        self.bytes(&value.to_le_bytes());
    }

    pub(crate) fn u64(&mut self, value: u64) {
        self.bytes(&value.to_le_bytes());
    }

    pub(crate) fn file(&mut self, file: FileId) {
        self.u64(file.persistent);
        self.u64(file.volatile);
    }

    pub(crate) fn lease_key(&mut self, key: LeaseKey) {
        self.bytes(&key.0);
    }
}
