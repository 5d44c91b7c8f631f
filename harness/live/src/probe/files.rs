//! What can be set and done to a file.

use oplock_model::{Access, Capability, Control, FileId, LockRange, Op, SetInfo, TargetFault};
use oplock_wire::{CreateRequest, QueryInfoRequest, Request, Response};

use super::{FILE, FILES, OTHER, Probe, answer};
use crate::control::{self, RESUME_KEY_LENGTH};
use crate::folder::opening;
use crate::request::request_of;

/// InfoType file system, FileFsAttributeInformation (MS-FSCC 2.5.1), and room for the name behind its three words.
const FILE_SYSTEM: u8 = 2;
const CLASS_ATTRIBUTES: u8 = 5;
const ATTRIBUTES_LENGTH: u32 = 256;

/// Bits of FileSystemAttributes with the capabilities that they stand for.
const ATTRIBUTES: [(&str, &str, u32); 6] = [
    ("ea", "FILE_SUPPORTS_EXTENDED_ATTRIBUTES", 0x0080_0000),
    ("security", "FILE_PERSISTENT_ACLS", 0x0000_0008),
    ("duplicate_extents", "FILE_SUPPORTS_BLOCK_REFCOUNTING", 0x0800_0000),
    ("set_sparse", "FILE_SUPPORTS_SPARSE_FILES", 0x0000_0040),
    ("set_compression", "FILE_FILE_COMPRESSION", 0x0000_0010),
    ("set_encryption", "FILE_SUPPORTS_ENCRYPTION", 0x0002_0000),
];

type Found = Vec<(&'static str, Capability)>;

impl Probe<'_> {
    pub(super) async fn files(&self) -> Result<Found, TargetFault> {
        self.folder.make(&self.path(FILES)).await?;
        let mut found = self.attributes().await?;
        let (file, other) = (self.full(FILE).await?, self.full(OTHER).await?);
        let range = LockRange { offset: 0, length: 1, exclusive: true };
        let lock = Op::Lock { file, ranges: vec![range], fail_immediately: true };
        found.push(("byte_range_locks", self.op("a byte-range lock", &lock).await?));
        let unlock = Op::Unlock { file, ranges: vec![range] };
        self.op("an unlock", &unlock).await?;
        let below = |name: &str| format!("{FILES}/{name}");
        for (name, what, info) in [
            (
                "hard_links",
                "FileLinkInformation",
                SetInfo::Link { to: below("link"), replace: false },
            ),
            ("short_names", "FileShortNameInformation", SetInfo::ShortName("PROBE~1".to_owned())),
            ("valid_data_length", "FileValidDataLengthInformation", SetInfo::ValidDataLength(64)),
            (
                "rename_ex",
                "FileRenameInformationEx",
                SetInfo::RenameEx { to: FILE.to_owned(), flags: 0 },
            ),
            ("disposition_ex", "FileDispositionInformationEx", SetInfo::DispositionEx { flags: 0 }),
        ] {
            found.push((name, self.op(what, &Op::Set { file, info }).await?));
        }
        for (name, what, control) in [
            ("set_zero_data", "FSCTL_SET_ZERO_DATA", Control::SetZeroData { from: 0, to: 8 }),
            ("trim", "FSCTL_FILE_LEVEL_TRIM", Control::Trim { offset: 0, length: 8 }),
            (
                "offload_write",
                "FSCTL_OFFLOAD_WRITE",
                Control::OffloadWrite { offset: 0, length: 8 },
            ),
        ] {
            found.push((name, self.op(what, &Op::Control { file, control }).await?));
        }
        found.push(("copychunk", self.copy(file, other).await?));
        for open in [file, other] {
            self.folder.let_go(open).await?;
        }
        Ok(found)
    }

    async fn attributes(&self) -> Result<Found, TargetFault> {
        let root = self.full(FILE).await?;
        let query = QueryInfoRequest {
            file: root,
            info_type: FILE_SYSTEM,
            class: CLASS_ATTRIBUTES,
            output_length: ATTRIBUTES_LENGTH,
            ..QueryInfoRequest::default()
        };
        let (status, response) = self.folder.connection.call(Request::QueryInfo(query)).await?;
        self.folder.let_go(root).await?;
        let bits = match &response {
            Response::QueryInfo { data } => data.first_chunk().copied().map(u32::from_le_bytes),
            _ => None,
        };
        Ok(ATTRIBUTES
            .iter()
            .map(|&(name, flag, bit)| {
                let capability = match bits {
                    Some(bits) => {
                        answer(bits & bit != 0, &format!("{flag} in the attributes {bits:#010x}"))
                    }
                    None => answer(false, &format!("the attributes of the share: {status}")),
                };
                (name, capability)
            })
            .collect())
    }

    async fn copy(&self, source: FileId, file: FileId) -> Result<Capability, TargetFault> {
        let asked = Request::Ioctl(control::resume_key(source));
        let (status, response) = self.folder.connection.call(asked).await?;
        let key: Option<[u8; RESUME_KEY_LENGTH]> = match &response {
            Response::Ioctl(answer) => answer.output.first_chunk().copied(),
            _ => None,
        };
        let Some(key) = key else {
            return Ok(answer(false, &format!("FSCTL_SRV_REQUEST_RESUME_KEY: {status}")));
        };
        let chunk = Control::CopyChunk { source, from: 0, to: 0, length: 8 };
        let request = Request::Ioctl(control::request(file, &chunk, key));
        self.tried("FSCTL_SRV_COPYCHUNK", request).await
    }

    /// Tries an operation as a cell would do it.
    async fn op(&self, what: &str, op: &Op) -> Result<Capability, TargetFault> {
        let asked = request_of(op, self.run_folder, [0; RESUME_KEY_LENGTH])?;
        self.tried(what, asked.request).await
    }

    /// A file of ours with every right that the account has.
    async fn full(&self, name: &str) -> Result<FileId, TargetFault> {
        let path = self.path(name);
        let request: CreateRequest = opening(&path, Access::MAXIMUM_ALLOWED);
        self.open(request).await?.map_err(|status| TargetFault::Setup {
            name: path,
            reason: format!("opening it with the maximal access: {status}"),
        })
    }
}
