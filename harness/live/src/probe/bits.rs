//! Words of flags, as the specifications name their bits.

use std::fmt::Write as _;

/// A bit, or a value of several, with its name.
pub(crate) type Bit = (u32, &'static str);

/// Capabilities of a NEGOTIATE answer (MS-SMB2 2.2.4).
pub(crate) const NEGOTIATE: &[Bit] = &[
    (0x01, "DFS"),
    (0x02, "LEASING"),
    (0x04, "LARGE_MTU"),
    (0x08, "MULTI_CHANNEL"),
    (0x10, "PERSISTENT_HANDLES"),
    (0x20, "DIRECTORY_LEASING"),
    (0x40, "ENCRYPTION"),
    (0x80, "NOTIFICATIONS"),
];

/// ShareFlags of a TREE_CONNECT answer (MS-SMB2 2.2.10).
pub(crate) const SHARE_FLAGS: &[Bit] = &[
    (0x0000_0001, "DFS"),
    (0x0000_0002, "DFS_ROOT"),
    (0x0000_0010, "AUTO_CACHING"),
    (0x0000_0020, "VDO_CACHING"),
    (0x0000_0100, "RESTRICT_EXCLUSIVE_OPENS"),
    (0x0000_0200, "FORCE_SHARED_DELETE"),
    (0x0000_0400, "ALLOW_NAMESPACE_CACHING"),
    (0x0000_0800, "ACCESS_BASED_DIRECTORY_ENUM"),
    (0x0000_1000, "FORCE_LEVELII_OPLOCK"),
    (0x0000_2000, "ENABLE_HASH_V1"),
    (0x0000_4000, "ENABLE_HASH_V2"),
    (0x0000_8000, "ENCRYPT_DATA"),
    (0x0004_0000, "IDENTITY_REMOTING"),
    (0x0010_0000, "COMPRESS_DATA"),
    (0x0020_0000, "ISOLATED_TRANSPORT"),
];

/// Capabilities of a TREE_CONNECT answer (MS-SMB2 2.2.10).
pub(crate) const SHARE_CAPABILITIES: &[Bit] = &[
    (0x0008, "DFS"),
    (0x0010, "CONTINUOUS_AVAILABILITY"),
    (0x0020, "SCALEOUT"),
    (0x0040, "CLUSTER"),
    (0x0080, "ASYMMETRIC"),
    (0x0100, "REDIRECT_TO_OWNER"),
];

/// FileSystemAttributes (MS-FSCC 2.5.1 "FileFsAttributeInformation"); those that bear on what cases need.
pub(crate) const FILE_SYSTEM: &[Bit] = &[
    (0x0000_0008, "FILE_PERSISTENT_ACLS"),
    (0x0000_0010, "FILE_FILE_COMPRESSION"),
    (0x0000_0040, "FILE_SUPPORTS_SPARSE_FILES"),
    (0x0002_0000, "FILE_SUPPORTS_ENCRYPTION"),
    (0x0004_0000, "FILE_NAMED_STREAMS"),
    (0x0008_0000, "FILE_READ_ONLY_VOLUME"),
    (0x0040_0000, "FILE_SUPPORTS_HARD_LINKS"),
    (0x0080_0000, "FILE_SUPPORTS_EXTENDED_ATTRIBUTES"),
    (0x0800_0000, "FILE_SUPPORTS_BLOCK_REFCOUNTING"),
];

/// The word in hex with the names of its bits: `0x00000006 LEASING, LARGE_MTU`.
pub(crate) fn shown(word: u32, bits: &[Bit]) -> String {
    let mut text = format!("{word:#010x}");
    let mut before = " ";
    for (_, name) in bits.iter().filter(|(bit, _)| word & bit != 0) {
        let _ = write!(text, "{before}{name}");
        before = ", ";
    }
    text
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(0, NEGOTIATE, "0x00000000")]
    #[case(0x6, NEGOTIATE, "0x00000006 LEASING, LARGE_MTU")]
    #[case(0x8000_0002, NEGOTIATE, "0x80000002 LEASING")]
    #[case(0x1010, SHARE_FLAGS, "0x00001010 AUTO_CACHING, FORCE_LEVELII_OPLOCK")]
    #[case(0x30, SHARE_CAPABILITIES, "0x00000030 CONTINUOUS_AVAILABILITY, SCALEOUT")]
    fn bits_have_names(#[case] word: u32, #[case] bits: &[Bit], #[case] text: &str) {
        assert_eq!(shown(word, bits), text);
    }
}
