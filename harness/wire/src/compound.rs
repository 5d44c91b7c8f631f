//! Several messages in one frame, and the length in front of it (MS-SMB2 2.1 "Transport", 3.2.4.1.4, 3.3.5.2.7).

use crate::bytes::Reader;
use crate::header::{FLAGS_OFFSET, NEXT_COMMAND_OFFSET};
use crate::{DecodeError, Flags, HEADER_LENGTH};

/// Bytes in front of a frame: a zero, and its length in 24 bits, big end first.
pub const FRAME_PREFIX: usize = 4;

/// Whether the messages of a compound work on one another's session, tree and file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chain {
    /// Each stands for itself.
    Unrelated,
    /// Each but the first has the RELATED flag, and [`oplock_model::FileId::RELATED`] where it means the file before.
    Related,
}

/// Makes encoded messages one compound: pads all but the last to eight bytes, points each to its next, sets the RELATED
/// flags. Sign each after this, then send them one behind the other in one frame.
pub fn link(messages: &mut [Vec<u8>], chain: Chain) {
    let count = messages.len();
    for (index, message) in messages.iter_mut().enumerate() {
        if index + 1 < count {
            message.resize(message.len().next_multiple_of(8), 0);
            let next = message.len() as u32;
            write_u32(message, NEXT_COMMAND_OFFSET, |_| next);
        }
        if index > 0 && chain == Chain::Related {
            write_u32(message, FLAGS_OFFSET, |flags| flags | Flags::RELATED);
        }
    }
}

/// The messages of a frame, each with the padding behind it, which its signature covers.
///
/// # Errors
/// A [`DecodeError`] where a NextCommand points into its own header, off eight bytes, or out of the frame.
pub fn split_compound(frame: &[u8]) -> Result<Vec<&[u8]>, DecodeError> {
    match split_as_far(frame) {
        (messages, None) => Ok(messages),
        (_, Some(error)) => Err(error),
    }
}

/// The messages of a frame as far as its NextCommands lead, and what is wrong with the one that leads nowhere: its message
/// is the last, with everything behind it.
#[must_use]
pub fn split_as_far(frame: &[u8]) -> (Vec<&[u8]>, Option<DecodeError>) {
    let mut messages = Vec::new();
    let mut rest = frame;
    let mut at = 0;
    loop {
        let offset = at + NEXT_COMMAND_OFFSET;
        let mut from = Reader::at(rest, at);
        let next = from.skip(NEXT_COMMAND_OFFSET, "header").and_then(|()| from.u32("NextCommand"));
        let next = match next {
            Ok(next) => next as usize,
            Err(error) => return (messages, Some(error)),
        };
        let bad = |expected| DecodeError::Value {
            field: "NextCommand",
            offset,
            found: next as u64,
            expected,
        };
        let (message, wrong) = match (next, rest.split_at_checked(next)) {
            (0, _) => (rest, None),
            _ if next < HEADER_LENGTH || !next.is_multiple_of(8) => {
                (rest, Some(bad("0 or a multiple of 8 behind the header")))
            }
            (_, None) => (rest, Some(bad("an offset inside the frame"))),
            (_, Some((message, behind))) => {
                messages.push(message);
                rest = behind;
                at += next;
                continue;
            }
        };
        messages.push(message);
        return (messages, wrong);
    }
}

/// The prefix of a frame of `length` bytes; nothing where 24 bits do not hold that.
#[must_use]
pub fn frame(length: usize) -> Option<[u8; FRAME_PREFIX]> {
    let length = u32::try_from(length).ok().filter(|length| *length < 1 << 24)?;
    Some(length.to_be_bytes())
}

/// The length that a prefix says, in bytes.
///
/// # Errors
/// A [`DecodeError`] where its first byte is not zero.
pub fn frame_length(prefix: [u8; FRAME_PREFIX]) -> Result<usize, DecodeError> {
    let [zero, length @ ..] = prefix;
    if zero != 0 {
        let field = "frame StreamProtocol";
        return Err(DecodeError::Value { field, offset: 0, found: u64::from(zero), expected: "0" });
    }
    Ok(length.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)))
}

/// Changes the u32 at `offset`; a message too short for it stays as it is.
fn write_u32(message: &mut [u8], offset: usize, change: impl Fn(u32) -> u32) {
    if let Some(field) = message.get_mut(offset..).and_then(<[u8]>::first_chunk_mut::<4>) {
        *field = change(u32::from_le_bytes(*field)).to_le_bytes();
    }
}

#[cfg(test)]
mod tests {
    use oplock_model::FileId;
    use rstest::rstest;

    use super::*;
    use crate::{Header, Request, decode_request, encode_request};

    fn create_and_close() -> [Vec<u8>; 2] {
        let close = Request::Close { file: FileId::RELATED, flags: 0 };
        let tree = Request::TreeConnect { path: r"\\h\s".into() };
        [encode_request(&Header::default(), &tree), encode_request(&Header::default(), &close)]
    }

    #[test]
    fn a_linked_compound_splits_into_its_messages() {
        let mut messages = create_and_close();
        assert_ne!(messages[0].len() % 8, 0);
        link(&mut messages, Chain::Related);
        let frame = messages.concat();
        let parts = split_compound(&frame).unwrap();
        assert_eq!(parts, messages);
        let headers: Vec<Header> =
            parts.iter().map(|part| decode_request(part).unwrap().0).collect();
        assert_eq!(headers.iter().map(|header| header.next_command).collect::<Vec<_>>(), [88, 0]);
        assert_eq!(
            headers.iter().map(|header| header.flags).collect::<Vec<_>>(),
            [0, Flags::RELATED]
        );
    }

    #[test]
    fn an_unrelated_compound_has_no_flag() {
        let mut messages = create_and_close();
        link(&mut messages, Chain::Unrelated);
        assert!(messages.iter().all(|message| Header::decode(message).unwrap().flags == 0));
    }

    #[rstest]
    #[case::into_the_header(
        56,
        "NextCommand at offset 20 is 56, not 0 or a multiple of 8 behind the header"
    )]
    #[case::off_eight(
        84,
        "NextCommand at offset 20 is 84, not 0 or a multiple of 8 behind the header"
    )]
    #[case::out_of_the_frame(
        800,
        "NextCommand at offset 20 is 800, not an offset inside the frame"
    )]
    fn a_next_command_that_points_nowhere_is_an_error(#[case] next: u32, #[case] error: &str) {
        let mut message = create_and_close()[0].clone();
        write_u32(&mut message, NEXT_COMMAND_OFFSET, |_| next);
        assert_eq!(split_compound(&message).unwrap_err().to_string(), error);
    }

    #[test]
    fn a_compound_that_ends_with_nothing_is_an_error() {
        let mut messages = create_and_close();
        link(&mut messages, Chain::Unrelated);
        let error = split_compound(&messages[0]).unwrap_err().to_string();
        assert_eq!(error, "header at offset 88 needs 20 bytes, 0 are left");
    }

    #[rstest]
    #[case(0, Some([0, 0, 0, 0]))]
    #[case(0x01_02_03, Some([0, 1, 2, 3]))]
    #[case(0xFF_FF_FF, Some([0, 0xFF, 0xFF, 0xFF]))]
    #[case(0x1_00_00_00, None)]
    fn a_frame_has_24_bits_of_length(#[case] length: usize, #[case] prefix: Option<[u8; 4]>) {
        assert_eq!(frame(length), prefix);
        assert!(prefix.is_none_or(|prefix| frame_length(prefix) == Ok(length)));
    }

    #[test]
    fn a_frame_begins_with_zero() {
        let error = frame_length([0x85, 0, 0, 0]).unwrap_err().to_string();
        assert_eq!(error, "frame StreamProtocol at offset 0 is 133, not 0");
    }
}
