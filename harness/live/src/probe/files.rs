//! What can be set and done to a file.

use oplock_model::{
    Access, Capability, Control, Disposition, FileId, LockRange, Op, SetInfo, Status, TargetFault,
};
use oplock_wire::{CreateRequest, Request, Response};

use super::{FILE, FILES, OTHER, Probe, answer, unknown};
use crate::control::{self, RESUME_KEY_LENGTH};
use crate::folder::opening;
use crate::request::request_of;

/// FILE_NAMED_STREAMS.
const NAMED_STREAMS: Bit = ("FILE_NAMED_STREAMS", 0x0004_0000);

/// A bit of FileSystemAttributes.
type Bit = (&'static str, u32);

/// What an operation is called, and the operation on a file.
type Named = (&'static str, fn(FileId) -> Op);

/// What shows one capability: a bit of the file system, an operation on a file, or both.
struct Trial {
    name: &'static str,
    bit: Option<Bit>,
    op: Option<Named>,
}

/// In this order: what changes how a file is stored comes last.
const TRIALS: &[Trial] = &[
    tried("byte_range_locks", "a byte-range lock", |file| {
        let range = LockRange { offset: 0, length: 1, exclusive: true };
        Op::Lock { file, ranges: vec![range], fail_immediately: true }
    }),
    tried("hard_links", "FileLinkInformation", |file| {
        let to = format!("{FILES}/link");
        Op::Set { file, info: SetInfo::Link { to, replace: false } }
    }),
    tried("short_names", "FileShortNameInformation", |file| Op::Set {
        file,
        info: SetInfo::ShortName("PROBE~1".to_owned()),
    }),
    tried("valid_data_length", "FileValidDataLengthInformation", |file| Op::Set {
        file,
        info: SetInfo::ValidDataLength(64),
    }),
    tried("rename_ex", "FileRenameInformationEx", |file| Op::Set {
        file,
        info: SetInfo::RenameEx { to: FILE.to_owned(), flags: 0 },
    }),
    tried("disposition_ex", "FileDispositionInformationEx", |file| Op::Set {
        file,
        info: SetInfo::DispositionEx { flags: 0 },
    }),
    // Samba has them without saying FILE_SUPPORTS_EXTENDED_ATTRIBUTES.
    tried("ea", "FileFullEaInformation", |file| {
        let (name, value) = ("PROBE".to_owned(), "x".to_owned());
        Op::Set { file, info: SetInfo::Ea { name, value } }
    }),
    both(
        "security",
        ("FILE_PERSISTENT_ACLS", 0x0000_0008),
        "setting a security descriptor",
        |file| Op::Set { file, info: SetInfo::Security },
    ),
    tried("set_zero_data", "FSCTL_SET_ZERO_DATA", |file| Op::Control {
        file,
        control: Control::SetZeroData { from: 0, to: 8 },
    }),
    tried("trim", "FSCTL_FILE_LEVEL_TRIM", |file| Op::Control {
        file,
        control: Control::Trim { offset: 0, length: 8 },
    }),
    tried("offload_write", "FSCTL_OFFLOAD_WRITE", |file| Op::Control {
        file,
        control: Control::OffloadWrite { offset: 0, length: 8 },
    }),
    // Its ranges must fit the clusters of a file system that nobody knows.
    Trial {
        name: "duplicate_extents",
        bit: Some(("FILE_SUPPORTS_BLOCK_REFCOUNTING", 0x0800_0000)),
        op: None,
    },
    both("set_sparse", ("FILE_SUPPORTS_SPARSE_FILES", 0x0000_0040), "FSCTL_SET_SPARSE", |file| {
        Op::Control { file, control: Control::SetSparse(true) }
    }),
    both(
        "set_compression",
        ("FILE_FILE_COMPRESSION", 0x0000_0010),
        "FSCTL_SET_COMPRESSION",
        |file| Op::Control { file, control: Control::SetCompression(COMPRESSION_DEFAULT) },
    ),
    both(
        "set_encryption",
        ("FILE_SUPPORTS_ENCRYPTION", 0x0002_0000),
        "FSCTL_SET_ENCRYPTION",
        |file| Op::Control { file, control: Control::SetEncryption(true) },
    ),
];

/// COMPRESSION_FORMAT_DEFAULT (MS-FSCC 2.3.67).
const COMPRESSION_DEFAULT: u16 = 1;

const fn tried(name: &'static str, what: &'static str, op: fn(FileId) -> Op) -> Trial {
    Trial { name, bit: None, op: Some((what, op)) }
}

const fn both(name: &'static str, bit: Bit, what: &'static str, op: fn(FileId) -> Op) -> Trial {
    Trial { name, bit: Some(bit), op: Some((what, op)) }
}

/// The names of everything that a file can show.
pub(super) fn names() -> impl Iterator<Item = &'static &'static str> {
    ["named_streams", "copychunk"].iter().chain(TRIALS.iter().map(|trial| &trial.name))
}

impl Probe<'_> {
    /// Tries what shows this capability.
    pub(super) async fn of_file(&self, name: &str) -> Result<Capability, TargetFault> {
        match name {
            "named_streams" => self.named_streams().await,
            "copychunk" => self.copychunk().await,
            name => match TRIALS.iter().find(|trial| trial.name == name) {
                Some(trial) => self.trial(trial).await,
                None => Ok(unknown("there is no probe for it")),
            },
        }
    }

    /// Whether the file system says that it has this, and how it was found.
    fn bit(&self, (flag, bit): Bit) -> (bool, String) {
        match self.attributes {
            Ok(word) if word & bit != 0 => (true, format!("{flag} in the attributes {word:#010x}")),
            Ok(word) => (false, format!("no {flag} in the attributes {word:#010x}")),
            Err(why) => (false, format!("unknown: the attributes of the file system: {why}")),
        }
    }

    async fn trial(&self, trial: &Trial) -> Result<Capability, TargetFault> {
        let (has, said) = match trial.bit {
            Some(bit) => self.bit(bit),
            None => (true, String::new()),
        };
        let Some((what, op)) = trial.op.filter(|_| has) else { return Ok(answer(has, &said)) };
        let status = match self.full(FILE).await? {
            Ok(file) => {
                let asked = request_of(&op(file), self.run_folder, [0; RESUME_KEY_LENGTH])?;
                let (status, _) = self.folder.connection.call(asked.request).await?;
                self.folder.let_go(file).await?;
                status
            }
            Err(status) => return Ok(answer(false, &format!("an open before {what}: {status}"))),
        };
        let said = if said.is_empty() { said } else { format!("{said}; ") };
        Ok(answer(status == Status::SUCCESS, &format!("{said}{what}: {status}")))
    }

    /// A server may take the colon for a part of the name, so the file system must say it too.
    async fn named_streams(&self) -> Result<Capability, TargetFault> {
        let (has, said) = self.bit(NAMED_STREAMS);
        let path = self.path(&format!("{FILE}:stream"));
        let access = Access::READ_DATA.union(Access::WRITE_DATA);
        let request =
            CreateRequest { disposition: Disposition::OpenIf as u32, ..opening(&path, access) };
        let (opened, status) = match self.open(request).await? {
            Ok(file) => {
                self.folder.let_go(file).await?;
                (true, Status::SUCCESS)
            }
            Err(status) => (false, status),
        };
        Ok(answer(has && opened, &format!("{said}; a create of a named stream: {status}")))
    }

    async fn copychunk(&self) -> Result<Capability, TargetFault> {
        let what = "FSCTL_SRV_COPYCHUNK";
        let (source, file) = match (self.full(OTHER).await?, self.full(FILE).await?) {
            (Ok(source), Ok(file)) => (source, file),
            (source, file) => {
                for open in [source, file].into_iter().flatten() {
                    self.folder.let_go(open).await?;
                }
                return Ok(answer(
                    false,
                    &format!("two opens before {what} were not answered with success"),
                ));
            }
        };
        let asked = Request::Ioctl(control::resume_key(source));
        let (status, response) = self.folder.connection.call(asked).await?;
        let key: Option<[u8; RESUME_KEY_LENGTH]> = match &response {
            Response::Ioctl(answer) => answer.output.first_chunk().copied(),
            _ => None,
        };
        let found = match key {
            Some(key) => {
                let chunk = Control::CopyChunk { source, from: 0, to: 0, length: 8 };
                self.tried(what, Request::Ioctl(control::request(file, &chunk, key))).await?
            }
            None => answer(false, &format!("FSCTL_SRV_REQUEST_RESUME_KEY: {status}")),
        };
        for open in [source, file] {
            self.folder.let_go(open).await?;
        }
        Ok(found)
    }

    /// A file of ours with every right that the account has.
    async fn full(&self, name: &str) -> Result<Result<FileId, Status>, TargetFault> {
        self.open(opening(&self.path(name), Access::MAXIMUM_ALLOWED)).await
    }
}
