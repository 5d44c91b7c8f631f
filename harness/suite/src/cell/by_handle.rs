//! Calls of one handle: closes, reads, writes, flushes, queries, and those that exist at the store only.

use oplock_model::{Layer, LeaseState, QueryInfo, RawOplockControl, Status, StoreRequest};

use super::scope::{CallKind, CellReader, Hold, Sent};
use crate::codes::Code;
use crate::fields::Fields;
use crate::plan::{CallIndex, Operation, Want};
use crate::words;
use crate::yaml::Node;

impl CellReader<'_, '_> {
    /// The handle that a call names.
    pub(super) fn handle_of(
        &mut self,
        verb: &str,
        fields: &Fields<'_>,
        sent: &mut Sent,
    ) -> Option<String> {
        let node = self.reader.required(fields, "handle", &format!("`{verb}`"))?;
        let handle = self.handle(node)?;
        sent.handle = Some(handle.clone());
        Some(handle)
    }

    /// `closes`, `reads`, `writes`, `flushes` and `queries`.
    pub(super) fn plain(
        &mut self,
        verb: &str,
        fields: &Fields<'_>,
        mut sent: Sent,
    ) -> Option<(Operation, Sent)> {
        let handle = self.handle_of(verb, fields, &mut sent);
        let operation = match verb {
            "closes" => {
                let handle = handle?;
                let closing = CallIndex(self.scope.calls.len());
                if let Some(note) = self.scope.handles.get_mut(&handle) {
                    note.closed.get_or_insert(closing);
                }
                Operation::Close { handle }
            }
            "flushes" => Operation::Flush { handle: handle? },
            "queries" => return self.query(handle, fields, sent),
            _ => {
                let offset = self.size_or(fields, "offset", 0);
                let length = self.size_or(fields, "length", 1);
                let length = length.and_then(|length| self.length(length, fields));
                let (handle, offset, length) = (handle?, offset?, length?);
                match verb {
                    "reads" => Operation::Read { handle, offset, length },
                    _ => Operation::Write { handle, offset, length },
                }
            }
        };
        Some((operation, sent))
    }

    /// A number of bytes, or what stands for it where it is not said.
    pub(super) fn size_or(&mut self, fields: &Fields<'_>, key: &str, default: u64) -> Option<u64> {
        match fields.find(key) {
            Some(node) => self.reader.size(node, &format!("`{key}`")),
            None => Some(default),
        }
    }

    /// `yes` or `no`, or what stands for it where it is not said.
    pub(super) fn boolean_or(
        &mut self,
        fields: &Fields<'_>,
        key: &str,
        default: bool,
    ) -> Option<bool> {
        match fields.find(key) {
            Some(node) => self.reader.boolean(node, &format!("word for `{key}`")),
            None => Some(default),
        }
    }

    /// A length that must fit 32 bits.
    pub(super) fn length(&mut self, length: u64, fields: &Fields<'_>) -> Option<u32> {
        let fits = u32::try_from(length).ok();
        if let (None, Some(node)) = (fits, fields.find("length")) {
            let message = "`length` must be a number of bytes";
            self.reader.report(Code::BadNumber, node.spot, message, "does not fit 32 bits");
        }
        fits
    }

    fn query(
        &mut self,
        handle: Option<String>,
        fields: &Fields<'_>,
        sent: Sent,
    ) -> Option<(Operation, Sent)> {
        let keys = ["info", "directory"];
        let (key, node) = self.exactly_one(fields, fields.spot, "`queries`", &keys)?;
        if key == "directory" {
            let pattern = self.reader.text(node, "a search pattern")?.to_owned();
            return Some((Operation::QueryDirectory { handle: handle?, pattern }, sent));
        }
        let info = self.reader.one_of(node, "information class", words::calls::INFO)?;
        self.scope.needs.extend(match info {
            QueryInfo::Ea => Some("ea"),
            QueryInfo::Streams => Some("named_streams"),
            QueryInfo::Security => Some("security"),
            QueryInfo::Basic | QueryInfo::Standard | QueryInfo::All | QueryInfo::FileSystem => None,
        });
        Some((Operation::Query { handle: handle?, info }, sent))
    }

    /// `requests`, `notifies`, `maps` and `unmaps`.
    pub(super) fn at_the_store(
        &mut self,
        verb: &str,
        fields: &Fields<'_>,
        mut sent: Sent,
    ) -> Option<(Operation, Sent)> {
        let what = match verb {
            "requests" => "an oplock request on a handle",
            "notifies" => "a request to be notified of the end of a break",
            _ => "a section of a handle",
        };
        let handle = self.handle_of(verb, fields, &mut sent);
        if !self.only_on(Layer::Store, sent.spot, what) {
            return None;
        }
        let operation = match verb {
            "requests" => return self.request(handle, fields, sent),
            "notifies" => Operation::BreakNotify { handle: handle? },
            "maps" => {
                let writable = self.boolean_or(fields, "writable", true)?;
                Operation::Map { handle: handle?, writable }
            }
            _ => Operation::Unmap { handle: handle? },
        };
        Some((operation, sent))
    }

    fn request(
        &mut self,
        handle: Option<String>,
        fields: &Fields<'_>,
        mut sent: Sent,
    ) -> Option<(Operation, Sent)> {
        let raw = ["code", "input_length", "output_length", "flags"];
        let is_raw = raw.iter().any(|key| fields.find(key).is_some());
        let request = if is_raw {
            StoreRequest::Raw(self.raw_control(fields)?)
        } else {
            let level = self.reader.required(fields, "level", "`requests`")?;
            let Some(request) = self.store_request(level)? else {
                let message = "a request must ask for something";
                let label = "this asks for nothing";
                self.reader.report(Code::NoEffect, level.spot, message, label);
                return None;
            };
            request
        };
        let handle = handle?;
        let asks = !matches!(request, StoreRequest::Raw(raw) if !asks(raw));
        if let Some(note) = self.scope.handles.get_mut(&handle).filter(|_| asks) {
            note.hold = Hold::Store(request);
        }
        sent.kind = CallKind::Request;
        sent.want = Want::Request(request);
        sent.success = if asks { Status::PENDING } else { Status::SUCCESS };
        Some((Operation::Request { handle, request }, sent))
    }

    /// A control of the oplock package field by field; what is not said is as it should be.
    fn raw_control(&mut self, fields: &Fields<'_>) -> Option<RawOplockControl> {
        let code = match fields.find("code") {
            Some(node) => self.code(node)?,
            None => words::calls::REQUEST_OPLOCK,
        };
        let granular = code == words::calls::REQUEST_OPLOCK;
        let (input, output, request) = if granular { (12, 24, 1) } else { (0, 0, 0) };
        let mut length = |key: &str, default: u32| match fields.find(key) {
            Some(node) => self.reader.number(node, &format!("`{key}`")),
            None => Some(default),
        };
        let (input_length, output_length) =
            (length("input_length", input), length("output_length", output));
        let flags = match fields.find("flags") {
            Some(node) => self.reader.bits(node, "flag of a request", words::calls::REQUEST_FLAGS),
            None => Some(request),
        };
        let level = match fields.find("level") {
            Some(node) => self.lease_state(node),
            None => Some(LeaseState::NONE),
        };
        Some(RawOplockControl {
            code,
            input_length: input_length?,
            output_length: output_length?,
            level: level?,
            flags: flags?,
        })
    }

    /// A control code by name or number.
    fn code(&mut self, node: &Node) -> Option<u32> {
        self.reader.bits(node, "control of the oplock package", words::calls::OPLOCK_CONTROLS)
    }
}

/// Whether a control asks for an oplock, rather than answering a break or waiting for its end.
fn asks(raw: RawOplockControl) -> bool {
    const ANSWERS: [u32; 4] = [0x0009_000C, 0x0009_0010, 0x0009_0014, 0x0009_0050];
    let acks = raw.code == words::calls::REQUEST_OPLOCK && raw.flags & 0x2 != 0;
    !acks && !ANSWERS.contains(&raw.code)
}
