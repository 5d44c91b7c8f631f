//! What is done with an open file: CLOSE, FLUSH, READ, WRITE, QUERY_DIRECTORY, QUERY_INFO, SET_INFO
//! (MS-SMB2 2.2.15 to 2.2.22, 2.2.33, 2.2.34, 2.2.37 to 2.2.40).

use oplock_model::FileId;

use crate::bytes::{Reader, Writer, text, utf16};
use crate::{DecodeError, HEADER_LENGTH, Request, Response};

const CLOSE_REQUEST_SIZE: u16 = 24;
const CLOSE_RESPONSE_SIZE: u16 = 60;
const FLUSH_REQUEST_SIZE: u16 = 24;
const READ_REQUEST_SIZE: u16 = 49;
const READ_RESPONSE_SIZE: u16 = 17;
const WRITE_REQUEST_SIZE: u16 = 49;
const WRITE_RESPONSE_SIZE: u16 = 17;
const QUERY_DIRECTORY_REQUEST_SIZE: u16 = 33;
const QUERY_INFO_REQUEST_SIZE: u16 = 41;
const SET_INFO_REQUEST_SIZE: u16 = 33;
/// StructureSize of the answers to QUERY_DIRECTORY and QUERY_INFO.
const QUERY_RESPONSE_SIZE: u16 = 9;

/// The answer to a CLOSE; times count 100 ns from 1601. Everything is 0 where the request did not ask.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CloseResponse {
    /// Flags: 0x1 the attributes are valid.
    pub flags: u16,
    /// CreationTime, LastAccessTime, LastWriteTime and ChangeTime.
    pub times: [u64; 4],
    /// AllocationSize in bytes.
    pub allocation_size: u64,
    /// EndofFile in bytes.
    pub end_of_file: u64,
    /// FileAttributes.
    pub attributes: u32,
}

/// A WRITE request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WriteRequest {
    /// The open.
    pub file: FileId,
    /// Byte offset in the file.
    pub offset: u64,
    /// The bytes.
    pub data: Vec<u8>,
    /// Flags: 0x1 write through, 0x2 unbuffered.
    pub flags: u32,
}

/// A QUERY_DIRECTORY request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QueryDirectoryRequest {
    /// The open directory.
    pub file: FileId,
    /// FileInformationClass: 0x01 is FileDirectoryInformation, which [`crate::directory_entries`] reads.
    pub class: u8,
    /// Flags: 0x1 restart, 0x2 a single entry, 0x10 reopen.
    pub flags: u8,
    /// FileIndex.
    pub index: u32,
    /// The pattern, `*` for all.
    pub pattern: String,
    /// OutputBufferLength in bytes.
    pub output_length: u32,
}

/// A QUERY_INFO request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QueryInfoRequest {
    /// The open.
    pub file: FileId,
    /// InfoType: 1 file, 2 file system, 3 security, 4 quota.
    pub info_type: u8,
    /// FileInfoClass: 4 is FileBasicInformation.
    pub class: u8,
    /// OutputBufferLength in bytes.
    pub output_length: u32,
    /// AdditionalInformation.
    pub additional: u32,
    /// Flags.
    pub flags: u32,
    /// The input buffer, mostly empty.
    pub input: Vec<u8>,
}

/// A SET_INFO request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SetInfoRequest {
    /// The open.
    pub file: FileId,
    /// InfoType: 1 file, 2 file system, 3 security, 4 quota.
    pub info_type: u8,
    /// FileInfoClass: 13 is FileDispositionInformation, 20 FileEndOfFileInformation.
    pub class: u8,
    /// AdditionalInformation.
    pub additional: u32,
    /// The information.
    pub data: Vec<u8>,
}

pub(crate) fn encode_close(to: &mut Writer, file: FileId, flags: u16) {
    to.u16(CLOSE_REQUEST_SIZE);
    to.u16(flags);
    to.u32(0);
    to.file(file);
}

pub(crate) fn decode_close(from: &mut Reader<'_>) -> Result<Request, DecodeError> {
    from.structure_size("CLOSE StructureSize", CLOSE_REQUEST_SIZE)?;
    let flags = from.u16("Flags")?;
    from.skip(4, "Reserved")?;
    Ok(Request::Close { file: from.file()?, flags })
}

impl CloseResponse {
    pub(crate) fn encode(&self, to: &mut Writer) {
        to.u16(CLOSE_RESPONSE_SIZE);
        to.u16(self.flags);
        to.u32(0);
        self.times.iter().for_each(|time| to.u64(*time));
        to.u64(self.allocation_size);
        to.u64(self.end_of_file);
        to.u32(self.attributes);
    }

    pub(crate) fn decode(from: &mut Reader<'_>) -> Result<CloseResponse, DecodeError> {
        from.structure_size("CLOSE StructureSize", CLOSE_RESPONSE_SIZE)?;
        let flags = from.u16("Flags")?;
        from.skip(4, "Reserved")?;
        Ok(CloseResponse {
            flags,
            times: [
                from.u64("CreationTime")?,
                from.u64("LastAccessTime")?,
                from.u64("LastWriteTime")?,
                from.u64("ChangeTime")?,
            ],
            allocation_size: from.u64("AllocationSize")?,
            end_of_file: from.u64("EndofFile")?,
            attributes: from.u32("FileAttributes")?,
        })
    }
}

pub(crate) fn encode_flush(to: &mut Writer, file: FileId) {
    to.u16(FLUSH_REQUEST_SIZE);
    to.zeros(6);
    to.file(file);
}

pub(crate) fn decode_flush(from: &mut Reader<'_>) -> Result<Request, DecodeError> {
    from.structure_size("FLUSH StructureSize", FLUSH_REQUEST_SIZE)?;
    from.skip(6, "Reserved")?;
    Ok(Request::Flush { file: from.file()? })
}

pub(crate) fn encode_read(to: &mut Writer, file: FileId, offset: u64, length: u32, minimum: u32) {
    to.u16(READ_REQUEST_SIZE);
    // Padding: where the server should put the data in its answer.
    to.u8((HEADER_LENGTH + 16) as u8);
    to.u8(0);
    to.u32(length);
    to.u64(offset);
    to.file(file);
    to.u32(minimum);
    // Channel, RemainingBytes, channel information, and the one byte that Buffer has at least.
    to.zeros(13);
}

pub(crate) fn decode_read(from: &mut Reader<'_>) -> Result<Request, DecodeError> {
    from.structure_size("READ StructureSize", READ_REQUEST_SIZE)?;
    from.skip(2, "Padding")?;
    let length = from.u32("Length")?;
    let offset = from.u64("Offset")?;
    let file = from.file()?;
    let minimum = from.u32("MinimumCount")?;
    from.skip(12, "Channel")?;
    Ok(Request::Read { file, offset, length, minimum })
}

pub(crate) fn encode_read_response(to: &mut Writer, data: &[u8]) {
    to.u16(READ_RESPONSE_SIZE);
    to.u8((HEADER_LENGTH + 16) as u8);
    to.u8(0);
    to.u32(data.len() as u32);
    to.zeros(8);
    to.bytes(data);
}

pub(crate) fn decode_read_response(from: &mut Reader<'_>) -> Result<Response, DecodeError> {
    from.structure_size("READ StructureSize", READ_RESPONSE_SIZE)?;
    let offset = u32::from(from.u8("DataOffset")?);
    from.skip(1, "Reserved")?;
    let length = from.u32("DataLength")?;
    from.skip(8, "DataRemaining")?;
    Ok(Response::Read { data: from.buffer(offset, length, "Data")?.to_vec() })
}

impl WriteRequest {
    pub(crate) fn encode(&self, to: &mut Writer) {
        to.u16(WRITE_REQUEST_SIZE);
        to.u16((HEADER_LENGTH + 48) as u16);
        to.u32(self.data.len() as u32);
        to.u64(self.offset);
        to.file(self.file);
        to.zeros(12);
        to.u32(self.flags);
        to.buffer(&self.data);
    }

    pub(crate) fn decode(from: &mut Reader<'_>) -> Result<WriteRequest, DecodeError> {
        from.structure_size("WRITE StructureSize", WRITE_REQUEST_SIZE)?;
        let data_offset = u32::from(from.u16("DataOffset")?);
        let length = from.u32("Length")?;
        let offset = from.u64("Offset")?;
        let file = from.file()?;
        from.skip(12, "Channel")?;
        let flags = from.u32("Flags")?;
        let data = from.buffer(data_offset, length, "Data")?.to_vec();
        Ok(WriteRequest { file, offset, data, flags })
    }
}

pub(crate) fn encode_write_response(to: &mut Writer, count: u32) {
    to.u16(WRITE_RESPONSE_SIZE);
    to.u16(0);
    to.u32(count);
    to.zeros(8);
}

pub(crate) fn decode_write_response(from: &mut Reader<'_>) -> Result<Response, DecodeError> {
    from.structure_size("WRITE StructureSize", WRITE_RESPONSE_SIZE)?;
    from.skip(2, "Reserved")?;
    let count = from.u32("Count")?;
    from.skip(8, "Remaining")?;
    Ok(Response::Write { count })
}

impl QueryDirectoryRequest {
    pub(crate) fn encode(&self, to: &mut Writer) {
        let pattern = utf16(&self.pattern);
        to.u16(QUERY_DIRECTORY_REQUEST_SIZE);
        to.u8(self.class);
        to.u8(self.flags);
        to.u32(self.index);
        to.file(self.file);
        to.u16((HEADER_LENGTH + 32) as u16);
        to.u16(pattern.len() as u16);
        to.u32(self.output_length);
        to.buffer(&pattern);
    }

    pub(crate) fn decode(from: &mut Reader<'_>) -> Result<QueryDirectoryRequest, DecodeError> {
        from.structure_size("QUERY_DIRECTORY StructureSize", QUERY_DIRECTORY_REQUEST_SIZE)?;
        let class = from.u8("FileInformationClass")?;
        let flags = from.u8("Flags")?;
        let index = from.u32("FileIndex")?;
        let file = from.file()?;
        let offset = u32::from(from.u16("FileNameOffset")?);
        let length = u32::from(from.u16("FileNameLength")?);
        let output_length = from.u32("OutputBufferLength")?;
        let pattern = from.buffer(offset, length, "FileName")?;
        let pattern = text(pattern, offset as usize, "FileName")?;
        Ok(QueryDirectoryRequest { file, class, flags, index, pattern, output_length })
    }
}

impl QueryInfoRequest {
    pub(crate) fn encode(&self, to: &mut Writer) {
        to.u16(QUERY_INFO_REQUEST_SIZE);
        to.u8(self.info_type);
        to.u8(self.class);
        to.u32(self.output_length);
        to.u16(if self.input.is_empty() { 0 } else { (HEADER_LENGTH + 40) as u16 });
        to.u16(0);
        to.u32(self.input.len() as u32);
        to.u32(self.additional);
        to.u32(self.flags);
        to.file(self.file);
        to.buffer(&self.input);
    }

    pub(crate) fn decode(from: &mut Reader<'_>) -> Result<QueryInfoRequest, DecodeError> {
        from.structure_size("QUERY_INFO StructureSize", QUERY_INFO_REQUEST_SIZE)?;
        let info_type = from.u8("InfoType")?;
        let class = from.u8("FileInfoClass")?;
        let output_length = from.u32("OutputBufferLength")?;
        let input_offset = u32::from(from.u16("InputBufferOffset")?);
        from.skip(2, "Reserved")?;
        let input_length = from.u32("InputBufferLength")?;
        let additional = from.u32("AdditionalInformation")?;
        let flags = from.u32("Flags")?;
        let file = from.file()?;
        let input = from.buffer(input_offset, input_length, "InputBuffer")?.to_vec();
        Ok(QueryInfoRequest { file, info_type, class, output_length, additional, flags, input })
    }
}

/// The answer to QUERY_DIRECTORY and to QUERY_INFO.
pub(crate) fn encode_query_response(to: &mut Writer, data: &[u8]) {
    to.u16(QUERY_RESPONSE_SIZE);
    to.u16((HEADER_LENGTH + 8) as u16);
    to.u32(data.len() as u32);
    to.bytes(data);
}

/// The data of an answer to QUERY_DIRECTORY or QUERY_INFO.
pub(crate) fn decode_query_response(
    from: &mut Reader<'_>,
    structure_size: &'static str,
) -> Result<Vec<u8>, DecodeError> {
    from.structure_size(structure_size, QUERY_RESPONSE_SIZE)?;
    let offset = u32::from(from.u16("OutputBufferOffset")?);
    let length = from.u32("OutputBufferLength")?;
    Ok(from.buffer(offset, length, "OutputBuffer")?.to_vec())
}

impl SetInfoRequest {
    pub(crate) fn encode(&self, to: &mut Writer) {
        to.u16(SET_INFO_REQUEST_SIZE);
        to.u8(self.info_type);
        to.u8(self.class);
        to.u32(self.data.len() as u32);
        to.u16((HEADER_LENGTH + 32) as u16);
        to.u16(0);
        to.u32(self.additional);
        to.file(self.file);
        to.buffer(&self.data);
    }

    pub(crate) fn decode(from: &mut Reader<'_>) -> Result<SetInfoRequest, DecodeError> {
        from.structure_size("SET_INFO StructureSize", SET_INFO_REQUEST_SIZE)?;
        let info_type = from.u8("InfoType")?;
        let class = from.u8("FileInfoClass")?;
        let length = from.u32("BufferLength")?;
        let offset = u32::from(from.u16("BufferOffset")?);
        from.skip(2, "Reserved")?;
        let additional = from.u32("AdditionalInformation")?;
        let file = from.file()?;
        let data = from.buffer(offset, length, "Buffer")?.to_vec();
        Ok(SetInfoRequest { file, info_type, class, additional, data })
    }
}
