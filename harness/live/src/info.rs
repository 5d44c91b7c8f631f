//! Information classes as bytes (MS-SMB2 2.2.37, 2.2.39; MS-FSCC 2.4).

use oplock_model::{BasicInfo, FileId, QueryInfo, SetInfo};
use oplock_wire::{QueryInfoRequest, SetInfoRequest};

use crate::request::path_below;

/// InfoType (MS-SMB2 2.2.37).
const FILE: u8 = 1;
const FILE_SYSTEM: u8 = 2;
const SECURITY: u8 = 3;
/// OWNER, GROUP and DACL_SECURITY_INFORMATION (MS-SMB2 2.2.37, AdditionalInformation).
const OWNER_GROUP_LIST: u32 = 0x7;
const LIST: u32 = 0x4;
/// OutputBufferLength: room for what the cell's small files can have, and one credit's worth at most.
const OUTPUT: u32 = 0x1_0000;
/// The shortest buffer that servers take for a rename: its structure with padding.
const SHORTEST_RENAME: usize = 24;

/// The request that asks for this.
pub(crate) fn query(file: FileId, info: QueryInfo) -> QueryInfoRequest {
    let (info_type, class, additional) = match info {
        QueryInfo::Basic => (FILE, 4, 0),
        QueryInfo::Standard => (FILE, 5, 0),
        QueryInfo::Ea => (FILE, 15, 0),
        QueryInfo::All => (FILE, 18, 0),
        QueryInfo::Streams => (FILE, 22, 0),
        QueryInfo::Security => (SECURITY, 0, OWNER_GROUP_LIST),
        QueryInfo::FileSystem => (FILE_SYSTEM, 3, 0),
    };
    QueryInfoRequest {
        file,
        info_type,
        class,
        output_length: OUTPUT,
        additional,
        ..QueryInfoRequest::default()
    }
}

/// The request that sets this; new names are below `folder`.
pub(crate) fn set(file: FileId, info: &SetInfo, folder: &str) -> SetInfoRequest {
    let (class, data) = match info {
        SetInfo::Basic(basic) => (4, basic_info(basic)),
        SetInfo::Rename { to, replace } => (10, rename(u32::from(*replace), to, folder)),
        SetInfo::Link { to, replace } => (11, rename(u32::from(*replace), to, folder)),
        SetInfo::Disposition { delete } => (13, vec![u8::from(*delete)]),
        SetInfo::Position(offset) => (14, offset.to_le_bytes().to_vec()),
        SetInfo::Ea { name, value } => (15, extended_attribute(name, value)),
        SetInfo::Mode(mode) => (16, mode.to_le_bytes().to_vec()),
        SetInfo::Allocation(size) => (19, size.to_le_bytes().to_vec()),
        SetInfo::EndOfFile(size) => (20, size.to_le_bytes().to_vec()),
        SetInfo::ValidDataLength(size) => (39, size.to_le_bytes().to_vec()),
        SetInfo::ShortName(name) => (40, counted(name)),
        SetInfo::DispositionEx { flags } => (64, flags.to_le_bytes().to_vec()),
        SetInfo::RenameEx { to, flags } => (65, rename(*flags, to, folder)),
        SetInfo::Security => {
            return SetInfoRequest {
                file,
                info_type: SECURITY,
                class: 0,
                additional: LIST,
                data: EVERYBODY_EVERYTHING.to_vec(),
            };
        }
    };
    SetInfoRequest { file, info_type: FILE, class, additional: 0, data }
}

/// A self-relative security descriptor whose list has one entry: Everyone, full access (MS-DTYP 2.4.6, 2.4.5, 2.4.4.2).
const EVERYBODY_EVERYTHING: [u8; 48] = [
    1, 0, 0x04, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 20, 0, 0,
    0, // SE_SELF_RELATIVE and SE_DACL_PRESENT.
    2, 0, 28, 0, 1, 0, 0, 0, // ACL_REVISION, its size, one entry.
    0, 0, 20, 0, 0xFF, 0x01, 0x1F, 0x00, // ACCESS_ALLOWED_ACE, its size, FILE_ALL_ACCESS.
    1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, // S-1-1-0.
];

fn basic_info(basic: &BasicInfo) -> Vec<u8> {
    let times = [basic.creation, basic.access, basic.write, basic.change];
    let mut data: Vec<u8> = times.into_iter().flat_map(i64::to_le_bytes).collect();
    data.extend(basic.attributes.to_le_bytes());
    data.extend([0; 4]);
    data
}

/// FILE_RENAME_INFORMATION_TYPE_2 and FILE_LINK_INFORMATION_TYPE_2 (MS-FSCC 2.4.43.2, 2.4.28.2): a name that begins
/// with `:` is one of a stream and stays as it is.
fn rename(flags: u32, to: &str, folder: &str) -> Vec<u8> {
    let name = if to.starts_with(':') { to.to_owned() } else { path_below(folder, to) };
    let mut data = flags.to_le_bytes().to_vec();
    data.extend([0; 12]);
    data.extend(counted(&name));
    data.resize(data.len().max(SHORTEST_RENAME), 0);
    data
}

fn counted(name: &str) -> Vec<u8> {
    let name: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut data = u32::try_from(name.len()).unwrap_or(u32::MAX).to_le_bytes().to_vec();
    data.extend(name);
    data
}

/// FILE_FULL_EA_INFORMATION (MS-FSCC 2.4.16); a name or value beyond its length field makes a request as illegal as it is.
fn extended_attribute(name: &str, value: &str) -> Vec<u8> {
    let mut data = vec![0, 0, 0, 0, 0, name.len() as u8];
    data.extend((value.len() as u16).to_le_bytes());
    data.extend(name.as_bytes());
    data.push(0);
    data.extend(value.as_bytes());
    data
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const F: FileId = FileId { persistent: 1, volatile: 2 };

    // MS-FSCC 2.4: class numbers and lengths.
    #[rstest]
    #[case(SetInfo::Basic(BasicInfo::default()), 4, 40)]
    #[case(SetInfo::Rename { to: "g".into(), replace: true }, 10, 26)]
    #[case(SetInfo::Link { to: "g".into(), replace: false }, 11, 26)]
    #[case(SetInfo::Disposition { delete: true }, 13, 1)]
    #[case(SetInfo::Position(1), 14, 8)]
    #[case(SetInfo::Ea { name: "A".into(), value: "xy".into() }, 15, 12)]
    #[case(SetInfo::Mode(2), 16, 4)]
    #[case(SetInfo::Allocation(1), 19, 8)]
    #[case(SetInfo::EndOfFile(1), 20, 8)]
    #[case(SetInfo::ValidDataLength(1), 39, 8)]
    #[case(SetInfo::ShortName("S".into()), 40, 6)]
    #[case(SetInfo::DispositionEx { flags: 1 }, 64, 4)]
    #[case(SetInfo::RenameEx { to: ":s".into(), flags: 3 }, 65, 24)]
    fn each_class_has_its_number_and_length(
        #[case] info: SetInfo,
        #[case] class: u8,
        #[case] length: usize,
    ) {
        let request = set(F, &info, "d");
        assert_eq!((request.info_type, request.class, request.data.len()), (FILE, class, length));
    }

    #[test]
    fn a_new_name_is_below_the_folder() {
        let request = set(F, &SetInfo::Rename { to: "e/g".into(), replace: true }, "d");
        let name: Vec<u8> = r"d\e\g".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let mut expected = vec![1];
        expected.extend([0; 15]);
        expected.extend([10, 0, 0, 0]);
        expected.extend(name);
        assert_eq!(request.data, expected);
    }

    #[test]
    fn the_list_is_as_long_as_it_says() {
        let request = set(F, &SetInfo::Security, "d");
        assert_eq!((request.info_type, request.additional), (SECURITY, LIST));
        assert_eq!(usize::from(request.data[22]), request.data.len() - 20);
    }

    #[rstest]
    #[case(QueryInfo::Basic, 1, 4)]
    #[case(QueryInfo::Standard, 1, 5)]
    #[case(QueryInfo::All, 1, 18)]
    #[case(QueryInfo::Ea, 1, 15)]
    #[case(QueryInfo::Streams, 1, 22)]
    #[case(QueryInfo::Security, 3, 0)]
    #[case(QueryInfo::FileSystem, 2, 3)]
    fn each_query_has_its_class(#[case] info: QueryInfo, #[case] kind: u8, #[case] class: u8) {
        let request = query(F, info);
        assert_eq!((request.info_type, request.class), (kind, class));
    }
}
