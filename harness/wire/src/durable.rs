//! Create contexts other than RqLs: durable handles, allocation size, maximal access, application instance
//! (MS-SMB2 2.2.13.2.2 to .13, 2.2.14.2.3, 2.2.14.2.12).

use oplock_model::{Durable, DurableAnswer, FileId};

use crate::bytes::{Reader, Writer};
use crate::{CreateContext, DecodeError};

/// SMB2_CREATE_APP_INSTANCE_ID.
const APP_INSTANCE_ID: [u8; 16] = [
    0x45, 0xBC, 0xA6, 0x6A, 0xEF, 0xA7, 0xF7, 0x4A, 0x90, 0x08, 0xFA, 0x46, 0x2E, 0x14, 0x4D, 0x74,
];
/// StructureSize of SMB2_CREATE_APP_INSTANCE_ID.
const APP_INSTANCE_SIZE: u16 = 20;
/// SMB2_DHANDLE_FLAG_PERSISTENT.
const PERSISTENT: u32 = 0x2;
const REQUEST_V1: &[u8] = b"DHnQ";
const RECONNECT_V1: &[u8] = b"DHnC";
const REQUEST_V2: &[u8] = b"DH2Q";
const RECONNECT_V2: &[u8] = b"DH2C";

impl CreateContext {
    /// The context of a durable handle that is asked for, or claimed back.
    #[must_use]
    pub fn durable(durable: &Durable) -> CreateContext {
        let mut to = Writer::default();
        let flags = |persistent| if persistent { PERSISTENT } else { 0 };
        let name = match *durable {
            Durable::RequestV1 => {
                to.zeros(16);
                REQUEST_V1
            }
            Durable::ReconnectV1 { file } => {
                to.file(file);
                RECONNECT_V1
            }
            Durable::RequestV2 { guid, timeout, persistent } => {
                to.u32(timeout);
                to.u32(flags(persistent));
                to.zeros(8);
                to.bytes(&guid);
                REQUEST_V2
            }
            Durable::ReconnectV2 { file, guid, persistent } => {
                to.file(file);
                to.bytes(&guid);
                to.u32(flags(persistent));
                RECONNECT_V2
            }
        };
        CreateContext { name: name.to_vec(), data: to.into_bytes() }
    }

    /// AlSi: the allocation size in bytes.
    #[must_use]
    pub fn allocation(size: u64) -> CreateContext {
        CreateContext { name: b"AlSi".to_vec(), data: size.to_le_bytes().to_vec() }
    }

    /// MxAc without a time.
    #[must_use]
    pub fn maximal_access() -> CreateContext {
        CreateContext { name: b"MxAc".to_vec(), data: Vec::new() }
    }

    /// SMB2_CREATE_APP_INSTANCE_ID.
    #[must_use]
    pub fn app_instance(id: [u8; 16]) -> CreateContext {
        let mut to = Writer::default();
        to.u16(APP_INSTANCE_SIZE);
        to.u16(0);
        to.bytes(&id);
        CreateContext { name: APP_INSTANCE_ID.to_vec(), data: to.into_bytes() }
    }
}

/// What a request asks of durable handles, where one of `contexts` says so.
///
/// # Errors
/// A [`DecodeError`] where the context is too short; offsets count in its data.
pub fn durable_request(contexts: &[CreateContext]) -> Result<Option<Durable>, DecodeError> {
    for context in contexts {
        let mut from = Reader::new(&context.data);
        return Ok(Some(match context.name.as_slice() {
            REQUEST_V1 => Durable::RequestV1,
            RECONNECT_V1 => Durable::ReconnectV1 { file: from.file()? },
            REQUEST_V2 => {
                let timeout = from.u32("Timeout")?;
                let persistent = from.u32("Flags")? & PERSISTENT != 0;
                from.skip(8, "Reserved")?;
                Durable::RequestV2 { guid: from.array("CreateGuid")?, timeout, persistent }
            }
            RECONNECT_V2 => {
                let (file, guid): (FileId, _) = (from.file()?, from.array("CreateGuid")?);
                let persistent = from.u32("Flags")? & PERSISTENT != 0;
                Durable::ReconnectV2 { file, guid, persistent }
            }
            _ => continue,
        }));
    }
    Ok(None)
}

/// The durable handle that an answer gives, where one of `contexts` says so.
///
/// # Errors
/// A [`DecodeError`] where the context is too short; offsets count in its data.
pub fn durable_answer(contexts: &[CreateContext]) -> Result<Option<DurableAnswer>, DecodeError> {
    for context in contexts {
        let mut from = Reader::new(&context.data);
        return Ok(Some(match context.name.as_slice() {
            REQUEST_V1 => DurableAnswer::V1,
            REQUEST_V2 => {
                let timeout = from.u32("Timeout")?;
                DurableAnswer::V2 { timeout, persistent: from.u32("Flags")? & PERSISTENT != 0 }
            }
            _ => continue,
        }));
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const FILE: FileId = FileId { persistent: 0x0102, volatile: 0x0304 };
    const GUID: [u8; 16] = [7; 16];

    // MS-SMB2 2.2.13.2.3, .4, .11, .12: the lengths of the data.
    #[rstest]
    #[case(Durable::RequestV1, b"DHnQ", 16)]
    #[case(Durable::ReconnectV1 { file: FILE }, b"DHnC", 16)]
    #[case(Durable::RequestV2 { guid: GUID, timeout: 5, persistent: true }, b"DH2Q", 32)]
    #[case(Durable::ReconnectV2 { file: FILE, guid: GUID, persistent: false }, b"DH2C", 36)]
    fn a_durable_context_reads_back(
        #[case] durable: Durable,
        #[case] name: &[u8],
        #[case] length: usize,
    ) {
        let context = CreateContext::durable(&durable);
        assert_eq!((context.name.as_slice(), context.data.len()), (name, length));
        let contexts = [CreateContext::maximal_access(), context.clone()];
        assert_eq!(durable_request(&contexts), Ok(Some(durable)));
        let cut = CreateContext { data: context.data[..3].to_vec(), ..context };
        let short = durable_request(&[cut]);
        assert_eq!(short.is_err(), durable != Durable::RequestV1);
    }

    #[test]
    fn the_bytes_are_those_of_the_document() {
        let context = CreateContext::durable(&Durable::RequestV2 {
            guid: GUID,
            timeout: 5,
            persistent: true,
        });
        let mut expected = vec![5, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        expected.extend([7; 16]);
        assert_eq!(context.data, expected);
        let context = CreateContext::app_instance(GUID);
        assert_eq!(context.data[..4], [20, 0, 0, 0]);
        assert_eq!((context.name.len(), context.data.len()), (16, 20));
        assert_eq!(CreateContext::allocation(0x1_0000).data, [0, 0, 1, 0, 0, 0, 0, 0]);
    }

    // MS-SMB2 2.2.14.2.3 and 2.2.14.2.12.
    #[rstest]
    #[case(b"DHnQ", vec![0; 8], Some(DurableAnswer::V1))]
    #[case(
        b"DH2Q",
        vec![0x60, 0xEA, 0, 0, 2, 0, 0, 0],
        Some(DurableAnswer::V2 { timeout: 60_000, persistent: true })
    )]
    #[case(b"MxAc", vec![0; 8], None)]
    fn an_answer_says_what_was_given(
        #[case] name: &[u8],
        #[case] data: Vec<u8>,
        #[case] expected: Option<DurableAnswer>,
    ) {
        let context = CreateContext { name: name.to_vec(), data };
        assert_eq!(durable_answer(&[context]), Ok(expected));
    }
}
