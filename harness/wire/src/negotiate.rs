//! NEGOTIATE, its answer, and negotiate contexts (MS-SMB2 2.2.3, 2.2.4).

use std::fmt;

use crate::bytes::{Reader, Writer};
use crate::{DecodeError, HEADER_LENGTH};

const REQUEST_SIZE: u16 = 36;
/// Offset of Dialects in a request.
const REQUEST_DIALECTS: usize = HEADER_LENGTH + 36;
const RESPONSE_SIZE: u16 = 65;
/// Offset of Buffer in a response.
const RESPONSE_BUFFER: usize = HEADER_LENGTH + 64;

const PREAUTH_INTEGRITY_CAPABILITIES: u16 = 0x0001;
const ENCRYPTION_CAPABILITIES: u16 = 0x0002;
const SIGNING_CAPABILITIES: u16 = 0x0008;

/// A dialect revision, raw.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Dialect(pub u16);

impl Dialect {
    /// SMB 2.0.2.
    pub const SMB2_0_2: Dialect = Dialect(0x0202);
    /// SMB 2.1: the first with leases.
    pub const SMB2_1: Dialect = Dialect(0x0210);
    /// SMB 3.0: the first with version 2 leases.
    pub const SMB3_0: Dialect = Dialect(0x0300);
    /// SMB 3.0.2.
    pub const SMB3_0_2: Dialect = Dialect(0x0302);
    /// SMB 3.1.1.
    pub const SMB3_1_1: Dialect = Dialect(0x0311);
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match *self {
            Dialect::SMB2_0_2 => "2.0.2",
            Dialect::SMB2_1 => "2.1",
            Dialect::SMB3_0 => "3.0",
            Dialect::SMB3_0_2 => "3.0.2",
            Dialect::SMB3_1_1 => "3.1.1",
            Dialect(raw) => return write!(f, "{raw:#06x}"),
        })
    }
}

/// A NEGOTIATE request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NegotiateRequest {
    /// SecurityMode: 0x1 signing enabled, 0x2 required.
    pub security_mode: u16,
    /// Capabilities: 0x2 leasing, 0x4 large MTU, 0x20 directory leasing, 0x40 encryption.
    pub capabilities: u32,
    /// ClientGuid.
    pub client_guid: [u8; 16],
    /// Dialects.
    pub dialects: Vec<Dialect>,
    /// The negotiate contexts: on the wire only where `dialects` has 3.1.1.
    pub contexts: Vec<NegotiateContext>,
}

/// The answer to a NEGOTIATE; times count 100 ns from 1601.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NegotiateResponse {
    /// SecurityMode: 0x1 signing enabled, 0x2 required.
    pub security_mode: u16,
    /// DialectRevision.
    pub dialect: Dialect,
    /// ServerGuid.
    pub server_guid: [u8; 16],
    /// Capabilities: 0x2 leasing, 0x4 large MTU, 0x20 directory leasing, 0x40 encryption.
    pub capabilities: u32,
    /// MaxTransactSize in bytes.
    pub max_transact: u32,
    /// MaxReadSize in bytes.
    pub max_read: u32,
    /// MaxWriteSize in bytes.
    pub max_write: u32,
    /// SystemTime.
    pub system_time: u64,
    /// ServerStartTime.
    pub start_time: u64,
    /// The GSS token.
    pub token: Vec<u8>,
    /// The negotiate contexts: on the wire only where `dialect` is 3.1.1.
    pub contexts: Vec<NegotiateContext>,
}

impl NegotiateResponse {
    /// SMB2_GLOBAL_CAP_LEASING.
    pub const LEASING: u32 = 0x0000_0002;
    /// SMB2_GLOBAL_CAP_LARGE_MTU.
    pub const LARGE_MTU: u32 = 0x0000_0004;
    /// SMB2_GLOBAL_CAP_MULTI_CHANNEL.
    pub const MULTI_CHANNEL: u32 = 0x0000_0008;
    /// SMB2_GLOBAL_CAP_PERSISTENT_HANDLES.
    pub const PERSISTENT_HANDLES: u32 = 0x0000_0010;
    /// SMB2_GLOBAL_CAP_DIRECTORY_LEASING.
    pub const DIRECTORY_LEASING: u32 = 0x0000_0020;
    /// SMB2_GLOBAL_CAP_ENCRYPTION.
    pub const ENCRYPTION: u32 = 0x0000_0040;

    /// The signing algorithm that the server chose, where it says one (MS-SMB2 2.2.4.1.7).
    #[must_use]
    pub fn signing_algorithm(&self) -> Option<u16> {
        self.contexts.iter().find_map(|context| match context {
            NegotiateContext::Signing { algorithms } => algorithms.first().copied(),
            _ => None,
        })
    }

    /// The cipher that the server chose, where it says one (MS-SMB2 2.2.4.1.2).
    #[must_use]
    pub fn cipher(&self) -> Option<u16> {
        self.contexts.iter().find_map(|context| match context {
            NegotiateContext::Encryption { ciphers } => ciphers.first().copied(),
            _ => None,
        })
    }
}

/// A negotiate context (MS-SMB2 2.2.3.1); one that has no form of its own, or not the length its counts say, stays as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NegotiateContext {
    /// SMB2_PREAUTH_INTEGRITY_CAPABILITIES: 0x1 is SHA-512.
    PreauthIntegrity {
        /// HashAlgorithms.
        hashes: Vec<u16>,
        /// Salt.
        salt: Vec<u8>,
    },
    /// SMB2_ENCRYPTION_CAPABILITIES: 0x1 AES-128-CCM, 0x2 AES-128-GCM, 0x3 AES-256-CCM, 0x4 AES-256-GCM.
    Encryption {
        /// Ciphers.
        ciphers: Vec<u16>,
    },
    /// SMB2_SIGNING_CAPABILITIES: 0x0 HMAC-SHA256, 0x1 AES-CMAC, 0x2 AES-GMAC.
    Signing {
        /// SigningAlgorithms.
        algorithms: Vec<u16>,
    },
    /// Any other.
    Other {
        /// ContextType.
        kind: u16,
        /// Data.
        data: Vec<u8>,
    },
}

impl NegotiateRequest {
    pub(crate) fn encode(&self, to: &mut Writer) {
        let contexts = self.dialects.contains(&Dialect::SMB3_1_1);
        let dialects_end = REQUEST_DIALECTS + 2 * self.dialects.len();
        to.u16(REQUEST_SIZE);
        to.u16(self.dialects.len() as u16);
        to.u16(self.security_mode);
        to.u16(0);
        to.u32(self.capabilities);
        to.bytes(&self.client_guid);
        if contexts {
            to.u32(dialects_end.next_multiple_of(8) as u32);
            to.u16(self.contexts.len() as u16);
            to.u16(0);
        } else {
            to.u64(0);
        }
        self.dialects.iter().for_each(|dialect| to.u16(dialect.0));
        if contexts {
            to.align8();
            encode_contexts(to, &self.contexts);
        }
    }

    pub(crate) fn decode(from: &mut Reader<'_>) -> Result<NegotiateRequest, DecodeError> {
        from.structure_size("NEGOTIATE StructureSize", REQUEST_SIZE)?;
        let dialect_count = from.u16("DialectCount")?;
        let security_mode = from.u16("SecurityMode")?;
        from.skip(2, "Reserved")?;
        let capabilities = from.u32("Capabilities")?;
        let client_guid = from.array("ClientGuid")?;
        let contexts_offset = from.u32("NegotiateContextOffset")?;
        let contexts_count = from.u16("NegotiateContextCount")?;
        from.skip(2, "Reserved2")?;
        let dialects = (0..dialect_count)
            .map(|_| from.u16("Dialects").map(Dialect))
            .collect::<Result<Vec<_>, _>>()?;
        let contexts = if dialects.contains(&Dialect::SMB3_1_1) {
            decode_contexts(from, contexts_offset, contexts_count)?
        } else {
            Vec::new()
        };
        Ok(NegotiateRequest { security_mode, capabilities, client_guid, dialects, contexts })
    }
}

impl NegotiateResponse {
    pub(crate) fn encode(&self, to: &mut Writer) {
        let contexts = self.dialect == Dialect::SMB3_1_1;
        let token_end = RESPONSE_BUFFER + self.token.len();
        to.u16(RESPONSE_SIZE);
        to.u16(self.security_mode);
        to.u16(self.dialect.0);
        to.u16(if contexts { self.contexts.len() as u16 } else { 0 });
        to.bytes(&self.server_guid);
        to.u32(self.capabilities);
        to.u32(self.max_transact);
        to.u32(self.max_read);
        to.u32(self.max_write);
        to.u64(self.system_time);
        to.u64(self.start_time);
        to.u16(RESPONSE_BUFFER as u16);
        to.u16(self.token.len() as u16);
        to.u32(if contexts { token_end.next_multiple_of(8) as u32 } else { 0 });
        to.bytes(&self.token);
        if contexts {
            to.align8();
            encode_contexts(to, &self.contexts);
        }
    }

    pub(crate) fn decode(from: &mut Reader<'_>) -> Result<NegotiateResponse, DecodeError> {
        from.structure_size("NEGOTIATE StructureSize", RESPONSE_SIZE)?;
        let security_mode = from.u16("SecurityMode")?;
        let dialect = Dialect(from.u16("DialectRevision")?);
        let contexts_count = from.u16("NegotiateContextCount")?;
        let server_guid = from.array("ServerGuid")?;
        let capabilities = from.u32("Capabilities")?;
        let max_transact = from.u32("MaxTransactSize")?;
        let max_read = from.u32("MaxReadSize")?;
        let max_write = from.u32("MaxWriteSize")?;
        let system_time = from.u64("SystemTime")?;
        let start_time = from.u64("ServerStartTime")?;
        let token_offset = u32::from(from.u16("SecurityBufferOffset")?);
        let token_length = u32::from(from.u16("SecurityBufferLength")?);
        let contexts_offset = from.u32("NegotiateContextOffset")?;
        let token = from.buffer(token_offset, token_length, "SecurityBuffer")?.to_vec();
        let contexts = if dialect == Dialect::SMB3_1_1 {
            decode_contexts(from, contexts_offset, contexts_count)?
        } else {
            Vec::new()
        };
        Ok(NegotiateResponse {
            security_mode,
            dialect,
            server_guid,
            capabilities,
            max_transact,
            max_read,
            max_write,
            system_time,
            start_time,
            token,
            contexts,
        })
    }
}

/// The list of contexts, each but the last padded to eight bytes.
fn encode_contexts(to: &mut Writer, contexts: &[NegotiateContext]) {
    for (index, context) in contexts.iter().enumerate() {
        if index > 0 {
            to.align8();
        }
        let (kind, data) = context.encode();
        to.u16(kind);
        to.u16(data.len() as u16);
        to.u32(0);
        to.bytes(&data);
    }
}

fn decode_contexts(
    from: &mut Reader<'_>,
    offset: u32,
    count: u16,
) -> Result<Vec<NegotiateContext>, DecodeError> {
    let mut contexts = Vec::new();
    let mut at = offset as usize;
    for _ in 0..count {
        let mut fixed = Reader::at(from.part(at, 8, "NegotiateContext")?, at);
        let kind = fixed.u16("NegotiateContext ContextType")?;
        let length = usize::from(fixed.u16("NegotiateContext DataLength")?);
        let data = from.part(at + 8, length, "NegotiateContext Data")?;
        contexts.push(NegotiateContext::decode(kind, data));
        at = (at + 8 + length).next_multiple_of(8);
    }
    Ok(contexts)
}

impl NegotiateContext {
    fn encode(&self) -> (u16, Vec<u8>) {
        let mut to = Writer::default();
        let kind = match self {
            NegotiateContext::PreauthIntegrity { hashes, salt } => {
                to.u16(hashes.len() as u16);
                to.u16(salt.len() as u16);
                hashes.iter().for_each(|hash| to.u16(*hash));
                to.bytes(salt);
                PREAUTH_INTEGRITY_CAPABILITIES
            }
            NegotiateContext::Encryption { ciphers } => {
                to.u16(ciphers.len() as u16);
                ciphers.iter().for_each(|cipher| to.u16(*cipher));
                ENCRYPTION_CAPABILITIES
            }
            NegotiateContext::Signing { algorithms } => {
                to.u16(algorithms.len() as u16);
                algorithms.iter().for_each(|algorithm| to.u16(*algorithm));
                SIGNING_CAPABILITIES
            }
            NegotiateContext::Other { kind, data } => {
                to.bytes(data);
                *kind
            }
        };
        (kind, to.into_bytes())
    }

    fn decode(kind: u16, data: &[u8]) -> NegotiateContext {
        let known = match kind {
            PREAUTH_INTEGRITY_CAPABILITIES => decode_preauth(data),
            ENCRYPTION_CAPABILITIES => {
                decode_list(data).map(|ciphers| NegotiateContext::Encryption { ciphers })
            }
            SIGNING_CAPABILITIES => {
                decode_list(data).map(|algorithms| NegotiateContext::Signing { algorithms })
            }
            _ => None,
        };
        known.unwrap_or_else(|| NegotiateContext::Other { kind, data: data.to_vec() })
    }
}

fn decode_preauth(data: &[u8]) -> Option<NegotiateContext> {
    let mut from = Reader::new(data);
    let hash_count = from.u16("HashAlgorithmCount").ok()?;
    let salt_length = from.u16("SaltLength").ok()?;
    let hashes = words(&mut from, hash_count)?;
    let salt = from.rest();
    (salt.len() == usize::from(salt_length))
        .then(|| NegotiateContext::PreauthIntegrity { hashes, salt: salt.to_vec() })
}

/// A count and that many words, and nothing else.
fn decode_list(data: &[u8]) -> Option<Vec<u16>> {
    let mut from = Reader::new(data);
    let count = from.u16("count").ok()?;
    let list = words(&mut from, count)?;
    from.rest().is_empty().then_some(list)
}

fn words(from: &mut Reader<'_>, count: u16) -> Option<Vec<u16>> {
    (0..count).map(|_| from.u16("list").ok()).collect()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    // A list that is longer or shorter than its count stays as it is: nothing that a server says gets lost.
    #[rstest]
    #[case::ciphers_behind(ENCRYPTION_CAPABILITIES, &[1, 0, 2, 0, 3, 0])]
    #[case::ciphers_missing(ENCRYPTION_CAPABILITIES, &[2, 0, 2, 0])]
    #[case::algorithms_behind(SIGNING_CAPABILITIES, &[0, 0, 1])]
    #[case::salt_missing(PREAUTH_INTEGRITY_CAPABILITIES, &[1, 0, 4, 0, 1, 0, 9, 9, 9])]
    #[case::nothing(PREAUTH_INTEGRITY_CAPABILITIES, &[])]
    #[case::unknown(0x0100, &[1, 2, 3])]
    fn a_context_that_is_not_what_it_says_stays_as_it_is(#[case] kind: u16, #[case] data: &[u8]) {
        let context = NegotiateContext::decode(kind, data);
        assert_eq!(context, NegotiateContext::Other { kind, data: data.to_vec() });
        assert_eq!(context.encode(), (kind, data.to_vec()));
    }

    #[rstest]
    #[case(Dialect::SMB2_1, "2.1")]
    #[case(Dialect::SMB3_1_1, "3.1.1")]
    #[case(Dialect(0x02FF), "0x02ff")]
    fn dialects_have_names(#[case] dialect: Dialect, #[case] name: &str) {
        assert_eq!(dialect.to_string(), name);
    }
}
