//! The words of the calls that are neither opens nor acknowledgements.

use oplock_model::QueryInfo;

/// The calls that name a handle and whose keys don't depend on what they say.
pub(crate) const KEYS: &[(&str, &[&str])] = &[
    ("closes", &["handle", "as"]),
    ("reads", &["handle", "offset", "length", "as"]),
    ("writes", &["handle", "offset", "length", "as"]),
    ("flushes", &["handle", "as"]),
    ("locks", &["handle", "offset", "length", "exclusive", "ranges", "wait", "as"]),
    ("unlocks", &["handle", "offset", "length", "ranges", "as"]),
    ("queries", &["handle", "info", "directory", "as"]),
    (
        "sets",
        &[
            "handle",
            "end_of_file",
            "allocation",
            "valid_data_length",
            "basic",
            "ea",
            "position",
            "mode",
            "short_name",
            "security",
            "as",
        ],
    ),
    ("renames", &["handle", "to", "replace", "flags", "as"]),
    ("links", &["handle", "to", "replace", "as"]),
    ("deletes", &["handle", "delete", "flags", "as"]),
    ("requests", &["handle", "level", "code", "input_length", "output_length", "flags", "as"]),
    ("notifies", &["handle", "as"]),
    ("maps", &["handle", "writable", "as"]),
    ("unmaps", &["handle", "as"]),
    ("cancels", &["call"]),
    ("disconnects", &["what", "as"]),
    ("reconnects", &["as"]),
    ("logs off", &["as"]),
    ("binds", &["to", "as"]),
    ("sends", &["command", "body", "as"]),
];

/// The keys of a call with that verb.
pub(crate) fn keys(verb: &str) -> &'static [&'static str] {
    KEYS.iter().find(|(known, _)| *known == verb).map_or(&[], |(_, keys)| keys)
}

/// Keys of one range of a lock.
pub(crate) const RANGE_KEYS: &[&str] = &["offset", "length", "exclusive"];

/// Keys of `basic:`.
pub(crate) const BASIC_KEYS: &[&str] = &["creation", "access", "write", "change", "attributes"];

/// Keys of `ea:`.
pub(crate) const EA_KEYS: &[&str] = &["name", "value"];

/// What `sets` sets, of which a call names one.
pub(crate) const SETS: &[&str] = &[
    "end_of_file",
    "allocation",
    "valid_data_length",
    "basic",
    "ea",
    "position",
    "mode",
    "short_name",
    "security",
];

/// What `queries` asks for under `info:`.
pub(crate) const INFO: &[(&str, QueryInfo)] = &[
    ("basic", QueryInfo::Basic),
    ("standard", QueryInfo::Standard),
    ("all", QueryInfo::All),
    ("ea", QueryInfo::Ea),
    ("streams", QueryInfo::Streams),
    ("security", QueryInfo::Security),
    ("file_system", QueryInfo::FileSystem),
];

/// File attributes (MS-FSCC 2.6).
pub(crate) const ATTRIBUTES: &[(&str, u32)] = &[
    ("readonly", 0x1),
    ("hidden", 0x2),
    ("system", 0x4),
    ("archive", 0x20),
    ("normal", 0x80),
    ("temporary", 0x100),
    ("offline", 0x1000),
    ("not_content_indexed", 0x2000),
];

/// Flags of FileRenameInformationEx (MS-FSCC 2.4.43).
pub(crate) const RENAME_FLAGS: &[(&str, u32)] =
    &[("replace_if_exists", 0x1), ("posix_semantics", 0x2)];

/// Flags of FileDispositionInformationEx (MS-FSCC 2.4.12).
pub(crate) const DELETE_FLAGS: &[(&str, u32)] =
    &[("delete", 0x1), ("posix_semantics", 0x2), ("on_close", 0x8)];

/// The named controls with the fields that each has; any other is a number with `input`.
pub(crate) const CONTROLS: &[(&str, &[&str])] = &[
    ("set_zero_data", &["from", "to"]),
    ("copychunk", &["source", "from", "to", "length"]),
    ("duplicate_extents", &["source", "from", "to", "length"]),
    ("trim", &["offset", "length"]),
    ("offload_write", &["offset", "length"]),
    ("set_sparse", &["set"]),
    ("set_compression", &["format"]),
    ("set_encryption", &["set"]),
    ("resiliency", &["timeout"]),
];

/// Compression formats of FSCTL_SET_COMPRESSION (MS-FSCC 2.3.67).
pub(crate) const COMPRESSION: &[(&str, u16)] = &[("none", 0), ("default", 1), ("lznt1", 2)];

/// The control codes of the oplock package (MS-FSA 2.1.5.18, MS-SMB2 3.3.5.15).
pub(crate) const OPLOCK_CONTROLS: &[(&str, u32)] = &[
    ("request_oplock_level_1", 0x0009_0000),
    ("request_oplock_level_2", 0x0009_0004),
    ("request_batch_oplock", 0x0009_0008),
    ("oplock_break_acknowledge", 0x0009_000C),
    ("opbatch_ack_close_pending", 0x0009_0010),
    ("oplock_break_notify", 0x0009_0014),
    ("oplock_break_ack_no_2", 0x0009_0050),
    ("request_filter_oplock", 0x0009_005C),
    ("request_oplock", 0x0009_0240),
];

/// FSCTL_REQUEST_OPLOCK.
pub(crate) const REQUEST_OPLOCK: u32 = 0x0009_0240;

/// Flags of REQUEST_OPLOCK_INPUT_BUFFER (MS-FSA 2.1.5.18, SDK).
pub(crate) const REQUEST_FLAGS: &[(&str, u32)] =
    &[("request", 0x1), ("ack", 0x2), ("complete_ack_on_close", 0x4)];

/// What `disconnects` gives up.
pub(crate) const DISCONNECTS: &[(&str, bool)] = &[("connection", true), ("tree", false)];

/// The commands of `sends` (MS-SMB2 2.2.1.2).
pub(crate) const COMMANDS: &[(&str, u16)] = &[
    ("negotiate", 0x00),
    ("session_setup", 0x01),
    ("logoff", 0x02),
    ("tree_connect", 0x03),
    ("tree_disconnect", 0x04),
    ("create", 0x05),
    ("close", 0x06),
    ("flush", 0x07),
    ("read", 0x08),
    ("write", 0x09),
    ("lock", 0x0A),
    ("ioctl", 0x0B),
    ("cancel", 0x0C),
    ("echo", 0x0D),
    ("query_directory", 0x0E),
    ("change_notify", 0x0F),
    ("query_info", 0x10),
    ("set_info", 0x11),
    ("oplock_break", 0x12),
];

/// Keys of `durable:` as a mapping.
pub(crate) const DURABLE_KEYS: &[&str] = &["version", "guid", "timeout", "persistent", "reconnect"];
