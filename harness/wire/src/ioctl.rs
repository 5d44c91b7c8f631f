//! IOCTL and its answer (MS-SMB2 2.2.31, 2.2.32).

use oplock_model::FileId;

use crate::bytes::{Reader, Writer};
use crate::{DecodeError, HEADER_LENGTH};

const REQUEST_SIZE: u16 = 57;
/// Offset of Buffer in a request.
const REQUEST_BUFFER: usize = HEADER_LENGTH + 56;
const RESPONSE_SIZE: u16 = 49;
/// Offset of Buffer in a response.
const RESPONSE_BUFFER: usize = HEADER_LENGTH + 48;

/// An IOCTL request without an output buffer; every number is raw.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IoctlRequest {
    /// CtlCode.
    pub code: u32,
    /// The open; all ones for a control of the server itself.
    pub file: FileId,
    /// The input buffer.
    pub input: Vec<u8>,
    /// MaxInputResponse in bytes.
    pub max_input: u32,
    /// MaxOutputResponse in bytes.
    pub max_output: u32,
    /// Flags: 0x1 the code is an FSCTL.
    pub flags: u32,
}

/// The answer to an IOCTL.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IoctlResponse {
    /// CtlCode.
    pub code: u32,
    /// The open.
    pub file: FileId,
    /// The input buffer, mostly empty.
    pub input: Vec<u8>,
    /// The output buffer.
    pub output: Vec<u8>,
}

impl IoctlRequest {
    /// SMB2_0_IOCTL_IS_FSCTL.
    pub const IS_FSCTL: u32 = 0x1;

    pub(crate) fn encode(&self, to: &mut Writer) {
        to.u16(REQUEST_SIZE);
        to.u16(0);
        to.u32(self.code);
        to.file(self.file);
        to.u32(if self.input.is_empty() { 0 } else { REQUEST_BUFFER as u32 });
        to.u32(self.input.len() as u32);
        to.u32(self.max_input);
        to.zeros(8);
        to.u32(self.max_output);
        to.u32(self.flags);
        to.u32(0);
        to.buffer(&self.input);
    }

    pub(crate) fn decode(from: &mut Reader<'_>) -> Result<IoctlRequest, DecodeError> {
        from.structure_size("IOCTL StructureSize", REQUEST_SIZE)?;
        from.skip(2, "Reserved")?;
        let code = from.u32("CtlCode")?;
        let file = from.file()?;
        let input_offset = from.u32("InputOffset")?;
        let input_length = from.u32("InputCount")?;
        let max_input = from.u32("MaxInputResponse")?;
        from.skip(8, "OutputOffset and OutputCount")?;
        let max_output = from.u32("MaxOutputResponse")?;
        let flags = from.u32("Flags")?;
        let input = from.buffer(input_offset, input_length, "input Buffer")?.to_vec();
        Ok(IoctlRequest { code, file, input, max_input, max_output, flags })
    }
}

impl IoctlResponse {
    pub(crate) fn encode(&self, to: &mut Writer) {
        let output_at = RESPONSE_BUFFER + self.input.len().next_multiple_of(8);
        to.u16(RESPONSE_SIZE);
        to.u16(0);
        to.u32(self.code);
        to.file(self.file);
        to.u32(RESPONSE_BUFFER as u32);
        to.u32(self.input.len() as u32);
        to.u32(output_at as u32);
        to.u32(self.output.len() as u32);
        to.zeros(8);
        to.bytes(&self.input);
        to.zeros(output_at - RESPONSE_BUFFER - self.input.len());
        to.bytes(&self.output);
    }

    pub(crate) fn decode(from: &mut Reader<'_>) -> Result<IoctlResponse, DecodeError> {
        from.structure_size("IOCTL StructureSize", RESPONSE_SIZE)?;
        from.skip(2, "Reserved")?;
        let code = from.u32("CtlCode")?;
        let file = from.file()?;
        let input_offset = from.u32("InputOffset")?;
        let input_length = from.u32("InputCount")?;
        let output_offset = from.u32("OutputOffset")?;
        let output_length = from.u32("OutputCount")?;
        let input = from.buffer(input_offset, input_length, "input Buffer")?.to_vec();
        let output = from.buffer(output_offset, output_length, "output Buffer")?.to_vec();
        Ok(IoctlResponse { code, file, input, output })
    }
}
