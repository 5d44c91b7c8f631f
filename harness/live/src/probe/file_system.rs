//! What the file system of a share says of itself: QUERY_INFO FileFsAttributeInformation (MS-FSCC 2.5.1).

use oplock_model::{Access, TargetFault};
use oplock_wire::{QueryInfoRequest, Request, Response};

use crate::folder::{Folder, opening};

/// InfoType file system, FileFsAttributeInformation.
const FILE_SYSTEM: u8 = 2;
const CLASS_ATTRIBUTES: u8 = 5;
/// Room for the name behind its three words.
const ATTRIBUTES_LENGTH: u32 = 256;
/// Bytes before the name: attributes, longest name, length of the name.
const NAME_OFFSET: usize = 12;

/// A file system as a server describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FileSystem {
    /// FileSystemAttributes.
    pub attributes: u32,
    /// FileSystemName, printable.
    pub name: String,
}

/// Asks at a file or directory of the share; a fragment says why there is no answer.
///
/// # Errors
/// [`TargetFault::Lost`] where the connection is.
pub(crate) async fn file_system(
    folder: &Folder<'_>,
    path: &str,
) -> Result<Result<FileSystem, String>, TargetFault> {
    let file = match folder.try_open(opening(path, Access::READ_ATTRIBUTES)).await? {
        Ok(opened) => opened.file,
        Err(status) => return Ok(Err(format!("an open: {status}"))),
    };
    let query = QueryInfoRequest {
        file,
        info_type: FILE_SYSTEM,
        class: CLASS_ATTRIBUTES,
        output_length: ATTRIBUTES_LENGTH,
        ..QueryInfoRequest::default()
    };
    let (status, response) = folder.connection.call(Request::QueryInfo(query)).await?;
    folder.let_go(file).await?;
    Ok(match &response {
        Response::QueryInfo { data } => decoded(data),
        _ => Err(status.to_string()),
    })
}

fn decoded(data: &[u8]) -> Result<FileSystem, String> {
    let attributes = data.first_chunk().copied().map(u32::from_le_bytes);
    let attributes = attributes.ok_or_else(|| format!("an answer of {} bytes", data.len()))?;
    let name = data.get(NAME_OFFSET..).map(text).unwrap_or_default();
    Ok(FileSystem { attributes, name })
}

/// UTF-16 as a server wrote it, printable.
fn text(bytes: &[u8]) -> String {
    let units = bytes.chunks_exact(2).filter_map(|pair| pair.first_chunk().copied());
    let units: Vec<u16> = units.map(u16::from_le_bytes).collect();
    let text = String::from_utf16_lossy(&units);
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(b"\x0f\0\x08\0\xff\0\0\0\x08\0\0\0N\0T\0F\0S\0", Ok((0x0008_000f, "NTFS")))]
    #[case(b"\x01\0\0\0\xff\0\0\0\x02\0\0\0\x07\0F", Ok((1, "\u{fffd}")))]
    #[case(b"\x01\0\0\0", Ok((1, "")))]
    #[case(b"\x01\0", Err("an answer of 2 bytes"))]
    fn any_answer_decodes_or_says_why(
        #[case] data: &[u8],
        #[case] expected: Result<(u32, &str), &str>,
    ) {
        let found = decoded(data);
        let found = found.as_ref().map(|found| (found.attributes, found.name.as_str()));
        assert_eq!(found.map_err(String::as_str), expected);
    }
}
