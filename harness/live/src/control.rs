//! File system controls as IOCTL requests (MS-SMB2 2.2.31, MS-FSCC 2.3).

use oplock_model::{Control, FileId};
use oplock_wire::IoctlRequest;

/// FSCTL_SRV_REQUEST_RESUME_KEY.
const REQUEST_RESUME_KEY: u32 = 0x0014_0078;
/// FSCTL_SRV_COPYCHUNK.
const COPYCHUNK: u32 = 0x0014_40F2;
/// FSCTL_LMR_REQUEST_RESILIENCY.
const RESILIENCY: u32 = 0x0014_01D4;
/// FSCTL_SET_ZERO_DATA.
const SET_ZERO_DATA: u32 = 0x0009_80C8;
/// FSCTL_SET_SPARSE.
const SET_SPARSE: u32 = 0x0009_00C4;
/// FSCTL_SET_COMPRESSION.
const SET_COMPRESSION: u32 = 0x0009_C040;
/// FSCTL_SET_ENCRYPTION.
const SET_ENCRYPTION: u32 = 0x0009_00D7;
/// FSCTL_DUPLICATE_EXTENTS_TO_FILE.
const DUPLICATE_EXTENTS: u32 = 0x0009_8344;
/// FSCTL_FILE_LEVEL_TRIM.
const TRIM: u32 = 0x0009_8208;
/// FSCTL_OFFLOAD_WRITE.
const OFFLOAD_WRITE: u32 = 0x0009_8268;
/// STORAGE_OFFLOAD_TOKEN in bytes, and the whole input of FSCTL_OFFLOAD_WRITE (MS-FSCC 2.3.41).
const TOKEN_LENGTH: usize = 512;
const OFFLOAD_LENGTH: u32 = 544;
/// FILE_SET_ENCRYPTION and FILE_CLEAR_ENCRYPTION (MS-FSCC 2.3.63).
const ENCRYPT: u32 = 1;
const DECRYPT: u32 = 2;
/// A resume key in bytes (MS-SMB2 2.2.32.3).
pub(crate) const RESUME_KEY_LENGTH: usize = 24;
/// MaxOutputResponse: more than any control here answers.
const OUTPUT: u32 = 0x1000;

/// The request that asks for the resume key of a source.
pub(crate) fn resume_key(source: FileId) -> IoctlRequest {
    ioctl(REQUEST_RESUME_KEY, source, Vec::new())
}

/// The request of one control; `key` is the resume key of the source of a COPYCHUNK.
pub(crate) fn request(
    file: FileId,
    control: &Control,
    key: [u8; RESUME_KEY_LENGTH],
) -> IoctlRequest {
    let words = |values: &[u64]| values.iter().flat_map(|value| value.to_le_bytes()).collect();
    let (code, input): (u32, Vec<u8>) = match control {
        Control::SetZeroData { from, to } => (SET_ZERO_DATA, words(&[*from, *to])),
        Control::CopyChunk { from, to, length, .. } => {
            let mut input = key.to_vec();
            input.extend(1_u64.to_le_bytes());
            input.extend([from.to_le_bytes(), to.to_le_bytes()].concat());
            input.extend(u64::from(*length).to_le_bytes());
            (COPYCHUNK, input)
        }
        Control::DuplicateExtents { source, from, to, length } => {
            (DUPLICATE_EXTENTS, words(&[source.persistent, source.volatile, *from, *to, *length]))
        }
        Control::Trim { offset, length } => (TRIM, words(&[1 << 32, *offset, *length])),
        Control::OffloadWrite { offset, length } => {
            let mut input = OFFLOAD_LENGTH.to_le_bytes().to_vec();
            input.extend([0; 4]);
            input.extend([offset.to_le_bytes(), length.to_le_bytes(), [0; 8]].concat());
            input.extend([0; TOKEN_LENGTH]);
            (OFFLOAD_WRITE, input)
        }
        Control::SetSparse(sparse) => (SET_SPARSE, vec![u8::from(*sparse)]),
        Control::SetCompression(format) => (SET_COMPRESSION, format.to_le_bytes().to_vec()),
        Control::SetEncryption(encrypt) => {
            let operation = if *encrypt { ENCRYPT } else { DECRYPT };
            (SET_ENCRYPTION, u64::from(operation).to_le_bytes().to_vec())
        }
        Control::Resiliency { timeout } => (RESILIENCY, u64::from(*timeout).to_le_bytes().to_vec()),
        Control::Raw { code, input } => (*code, input.clone()),
    };
    ioctl(code, file, input)
}

fn ioctl(code: u32, file: FileId, input: Vec<u8>) -> IoctlRequest {
    let flags = IoctlRequest::IS_FSCTL;
    IoctlRequest { code, file, input, max_input: 0, max_output: OUTPUT, flags }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const F: FileId = FileId { persistent: 1, volatile: 2 };

    // MS-FSCC 2.3, MS-SMB2 2.2.31: codes and lengths of the input.
    #[rstest]
    #[case(Control::SetZeroData { from: 1, to: 2 }, 0x0009_80C8, 16)]
    #[case(Control::CopyChunk { source: F, from: 1, to: 2, length: 3 }, 0x0014_40F2, 56)]
    #[case(Control::DuplicateExtents { source: F, from: 1, to: 2, length: 3 }, 0x0009_8344, 40)]
    #[case(Control::Trim { offset: 1, length: 2 }, 0x0009_8208, 24)]
    #[case(Control::OffloadWrite { offset: 1, length: 2 }, 0x0009_8268, 544)]
    #[case(Control::SetSparse(true), 0x0009_00C4, 1)]
    #[case(Control::SetCompression(2), 0x0009_C040, 2)]
    #[case(Control::SetEncryption(true), 0x0009_00D7, 8)]
    #[case(Control::Resiliency { timeout: 5 }, 0x0014_01D4, 8)]
    #[case(Control::Raw { code: 7, input: vec![1] }, 7, 1)]
    fn each_control_has_its_code_and_length(
        #[case] control: Control,
        #[case] code: u32,
        #[case] length: usize,
    ) {
        let request = request(F, &control, [9; RESUME_KEY_LENGTH]);
        assert_eq!((request.code, request.input.len()), (code, length));
    }

    // MS-SMB2 2.2.31.1: key, count, reserved, then offset, offset, length, reserved of each chunk.
    #[test]
    fn a_chunk_stands_behind_the_key() {
        let chunk = Control::CopyChunk { source: F, from: 0x11, to: 0x22, length: 0x33 };
        let input = request(F, &chunk, [9; RESUME_KEY_LENGTH]).input;
        let word = |at: usize| u64::from_le_bytes(input[at..at + 8].try_into().unwrap());
        assert_eq!(input[..24], [9; 24]);
        assert_eq!([word(24), word(32), word(40), word(48)], [1, 0x11, 0x22, 0x33]);
    }

    // MS-FSCC 2.3.73: Key, NumRanges, then the ranges.
    #[test]
    fn a_trim_has_one_range() {
        let input = request(F, &Control::Trim { offset: 0x11, length: 0x22 }, [0; 24]).input;
        assert_eq!(input[..8], [0, 0, 0, 0, 1, 0, 0, 0]);
        assert_eq!((input[8], input[16]), (0x11, 0x22));
    }
}
