//! CREATE, its answer, and create contexts (MS-SMB2 2.2.13, 2.2.14).

use oplock_model::{Access, CreateOptions, FileId, LeaseAnswer, OplockLevel, Share};

use crate::bytes::{Reader, Writer, text, utf16};
use crate::{DecodeError, HEADER_LENGTH, LeaseContext};

const REQUEST_SIZE: u16 = 57;
/// Offset of Buffer in a request.
const REQUEST_BUFFER: usize = HEADER_LENGTH + 56;
const RESPONSE_SIZE: u16 = 89;
/// Length of a create context before its name.
const CONTEXT_FIXED: usize = 16;

/// A CREATE request; every number is raw.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CreateRequest {
    /// RequestedOplockLevel.
    pub level: OplockLevel,
    /// ImpersonationLevel: 2 is Impersonation.
    pub impersonation: u32,
    /// DesiredAccess.
    pub access: Access,
    /// FileAttributes.
    pub attributes: u32,
    /// ShareAccess.
    pub share: Share,
    /// CreateDisposition: [`oplock_model::Disposition`] as a number.
    pub disposition: u32,
    /// CreateOptions.
    pub options: CreateOptions,
    /// The path below the share, with backslashes and none in front; empty is the share's root.
    pub name: String,
    /// The create contexts, in order.
    pub contexts: Vec<CreateContext>,
}

/// The answer to a CREATE; every number is raw, times count 100 ns from 1601.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CreateResponse {
    /// OplockLevel granted.
    pub level: OplockLevel,
    /// Flags: 0x1 is a reparse point.
    pub flags: u8,
    /// CreateAction: FILE_SUPERSEDED 0, FILE_OPENED 1, FILE_CREATED 2, FILE_OVERWRITTEN 3.
    pub action: u32,
    /// CreationTime, LastAccessTime, LastWriteTime and ChangeTime.
    pub times: [u64; 4],
    /// AllocationSize in bytes.
    pub allocation_size: u64,
    /// EndofFile in bytes.
    pub end_of_file: u64,
    /// FileAttributes.
    pub attributes: u32,
    /// The open.
    pub file: FileId,
    /// The create contexts, known and unknown, in order.
    pub contexts: Vec<CreateContext>,
}

impl CreateResponse {
    /// The first RqLs context, where there is one.
    ///
    /// # Errors
    /// A [`DecodeError`] where its data is neither 32 nor 52 bytes long; offsets count in that data.
    pub fn lease(&self) -> Result<Option<LeaseAnswer>, DecodeError> {
        let context = self.contexts.iter().find(|context| context.name == LeaseContext::NAME);
        let lease = context.map(|context| LeaseContext::decode(&context.data)).transpose()?;
        Ok(lease.map(LeaseAnswer::from))
    }
}

/// One create context, as it is (MS-SMB2 2.2.13.2).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CreateContext {
    /// Its name, four bytes mostly: `RqLs`, `DHnQ`, `MxAc`.
    pub name: Vec<u8>,
    /// Its data.
    pub data: Vec<u8>,
}

impl CreateRequest {
    pub(crate) fn encode(&self, to: &mut Writer) {
        let name = utf16(&self.name);
        let contexts = encode_contexts(&self.contexts);
        let contexts_offset = (REQUEST_BUFFER + name.len()).next_multiple_of(8);
        to.u16(REQUEST_SIZE);
        to.u8(0);
        to.u8(self.level.0);
        to.u32(self.impersonation);
        to.zeros(16);
        to.u32(self.access.0);
        to.u32(self.attributes);
        to.u32(self.share.0);
        to.u32(self.disposition);
        to.u32(self.options.0);
        to.u16(REQUEST_BUFFER as u16);
        to.u16(name.len() as u16);
        to.u32(if contexts.is_empty() { 0 } else { contexts_offset as u32 });
        to.u32(contexts.len() as u32);
        if contexts.is_empty() {
            to.buffer(&name);
        } else {
            to.bytes(&name);
            to.align8();
            to.bytes(&contexts);
        }
    }

    pub(crate) fn decode(from: &mut Reader<'_>) -> Result<CreateRequest, DecodeError> {
        from.structure_size("CREATE StructureSize", REQUEST_SIZE)?;
        from.skip(1, "SecurityFlags")?;
        let level = OplockLevel(from.u8("RequestedOplockLevel")?);
        let impersonation = from.u32("ImpersonationLevel")?;
        from.skip(16, "SmbCreateFlags")?;
        let access = Access(from.u32("DesiredAccess")?);
        let attributes = from.u32("FileAttributes")?;
        let share = Share(from.u32("ShareAccess")?);
        let disposition = from.u32("CreateDisposition")?;
        let options = CreateOptions(from.u32("CreateOptions")?);
        let name_offset = u32::from(from.u16("NameOffset")?);
        let name_length = u32::from(from.u16("NameLength")?);
        let name = from.buffer(name_offset, name_length, "Name")?;
        let name = text(name, name_offset as usize, "Name")?;
        let contexts = decode_contexts(from)?;
        Ok(CreateRequest {
            level,
            impersonation,
            access,
            attributes,
            share,
            disposition,
            options,
            name,
            contexts,
        })
    }
}

impl CreateResponse {
    pub(crate) fn encode(&self, to: &mut Writer) {
        let contexts = encode_contexts(&self.contexts);
        to.u16(RESPONSE_SIZE);
        to.u8(self.level.0);
        to.u8(self.flags);
        to.u32(self.action);
        self.times.iter().for_each(|time| to.u64(*time));
        to.u64(self.allocation_size);
        to.u64(self.end_of_file);
        to.u32(self.attributes);
        to.u32(0);
        to.file(self.file);
        if contexts.is_empty() {
            to.zeros(8);
        } else {
            to.u32((to.len() + 8) as u32);
            to.u32(contexts.len() as u32);
            to.bytes(&contexts);
        }
    }

    pub(crate) fn decode(from: &mut Reader<'_>) -> Result<CreateResponse, DecodeError> {
        from.structure_size("CREATE StructureSize", RESPONSE_SIZE)?;
        let level = OplockLevel(from.u8("OplockLevel")?);
        let flags = from.u8("Flags")?;
        let action = from.u32("CreateAction")?;
        let times = [
            from.u64("CreationTime")?,
            from.u64("LastAccessTime")?,
            from.u64("LastWriteTime")?,
            from.u64("ChangeTime")?,
        ];
        let allocation_size = from.u64("AllocationSize")?;
        let end_of_file = from.u64("EndofFile")?;
        let attributes = from.u32("FileAttributes")?;
        from.skip(4, "Reserved2")?;
        let file = from.file()?;
        let contexts = decode_contexts(from)?;
        Ok(CreateResponse {
            level,
            flags,
            action,
            times,
            allocation_size,
            end_of_file,
            attributes,
            file,
            contexts,
        })
    }
}

/// The list of contexts, each but the last padded to eight bytes.
fn encode_contexts(contexts: &[CreateContext]) -> Vec<u8> {
    let mut to = Writer::default();
    for (index, context) in contexts.iter().enumerate() {
        let name_end = CONTEXT_FIXED + context.name.len();
        let data_offset = if context.data.is_empty() { 0 } else { name_end.next_multiple_of(8) };
        let end = data_offset.max(name_end) + context.data.len();
        let last = index + 1 == contexts.len();
        to.u32(if last { 0 } else { end.next_multiple_of(8) as u32 });
        to.u16(CONTEXT_FIXED as u16);
        to.u16(context.name.len() as u16);
        to.u16(0);
        to.u16(data_offset as u16);
        to.u32(context.data.len() as u32);
        to.bytes(&context.name);
        if !context.data.is_empty() {
            to.align8();
            to.bytes(&context.data);
        }
        if !last {
            to.align8();
        }
    }
    to.into_bytes()
}

/// Reads CreateContextsOffset and CreateContextsLength, and the list they point to.
fn decode_contexts(from: &mut Reader<'_>) -> Result<Vec<CreateContext>, DecodeError> {
    let offset = from.u32("CreateContextsOffset")?;
    let length = from.u32("CreateContextsLength")?;
    let mut list = from.buffer(offset, length, "CreateContexts")?;
    let mut at = offset as usize;
    let mut contexts = Vec::new();
    while !list.is_empty() {
        let mut entry = Reader::at(list, at);
        let next = entry.u32("create context Next")? as usize;
        let name_offset = u32::from(entry.u16("create context NameOffset")?);
        let name_length = u32::from(entry.u16("create context NameLength")?);
        entry.skip(2, "create context Reserved")?;
        let data_offset = u32::from(entry.u16("create context DataOffset")?);
        let data_length = entry.u32("create context DataLength")?;
        let name = entry.buffer(name_offset, name_length, "create context Name")?.to_vec();
        let data = entry.buffer(data_offset, data_length, "create context Data")?.to_vec();
        contexts.push(CreateContext { name, data });
        if next == 0 {
            break;
        }
        // A Next below the fixed part would read the same bytes again.
        if next < CONTEXT_FIXED {
            return Err(DecodeError::Value {
                field: "create context Next",
                offset: at,
                found: next as u64,
                expected: "0 or at least 16",
            });
        }
        list = list.get(next..).filter(|rest| !rest.is_empty()).ok_or(DecodeError::Value {
            field: "create context Next",
            offset: at,
            found: next as u64,
            expected: "an offset inside the list",
        })?;
        at += next;
    }
    Ok(contexts)
}
