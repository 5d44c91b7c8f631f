//! What a call does, in the words of a case.

use oplock_model::{
    AckForm, Control, CreateOptions, Disposition, LockRange, QueryInfo, SetInfo, StoreRequest,
};
use oplock_suite::plan::{AckWhat, Call, Durable, Open, Operation, Piece, Want};

use super::{access, epoch, share};

/// What a call does: `open f as a rw/rwd batch`, `ack a ii`.
#[must_use]
pub fn call(call: &Call) -> String {
    match &call.operation {
        Operation::Open(plan) => open(plan),
        Operation::Close { handle } => format!("close {handle}"),
        Operation::Read { handle, offset, length } => format!("read {handle} {offset}+{length}"),
        Operation::Write { handle, offset, length } => format!("write {handle} {offset}+{length}"),
        Operation::Flush { handle } => format!("flush {handle}"),
        Operation::Lock { handle, ranges, fail_immediately } => {
            let kind = |range: &LockRange| if range.exclusive { "exclusive" } else { "shared" };
            let ranges =
                ranges.iter().map(|range| format!(" {} {}", range_text(range), kind(range)));
            let waits = if *fail_immediately { "" } else { " wait" };
            format!("lock {handle}{}{waits}", ranges.collect::<String>())
        }
        Operation::Unlock { handle, ranges } => {
            let ranges = ranges.iter().map(|range| format!(" {}", range_text(range)));
            format!("unlock {handle}{}", ranges.collect::<String>())
        }
        Operation::Query { handle, info } => format!("query {handle} {}", query(*info)),
        Operation::QueryDirectory { handle, pattern } => {
            format!("query {handle} directory {pattern}")
        }
        Operation::Set { handle, info } => set(handle, info),
        Operation::Control { handle, control: asked, source } => {
            control(handle, asked, source.as_deref().unwrap_or("?"))
        }
        Operation::Request { handle, request: asked } => {
            format!("request {handle} {}", request(*asked))
        }
        Operation::Ack(ack) => match &ack.what {
            AckWhat::Oplock { handle, level } => format!("ack {handle} {level}"),
            AckWhat::Lease { key, state } => format!("ack {key} {state}"),
            AckWhat::Store { handle, form } => match form {
                AckForm::Acknowledge => format!("ack {handle}"),
                AckForm::NoLevelTwo => format!("ack {handle} no_2"),
                AckForm::ClosePending => format!("ack {handle} close_pending"),
                AckForm::Granular(state) => format!("ack {handle} {state}"),
                AckForm::GranularOnClose(state) => format!("ack {handle} {state} on close"),
            },
        },
        Operation::Cancel { label, .. } => format!("cancel {label}"),
        Operation::BreakNotify { handle } => format!("notify {handle}"),
        Operation::Map { handle, writable } => {
            format!("map {handle} {}", if *writable { "writable" } else { "read-only" })
        }
        Operation::Unmap { handle } => format!("unmap {handle}"),
        Operation::LogOff => "log off".to_owned(),
        Operation::TreeDisconnect => "disconnect tree".to_owned(),
        Operation::Disconnect => "disconnect".to_owned(),
        Operation::Connect => "reconnect".to_owned(),
        Operation::Bind { name, .. } => format!("bind to {name}"),
        Operation::Send { command, body } => format!("send {command:#x} {}", pieces(body)),
    }
}

/// What a call is, before its answer: `open b`, `ack`, `write`.
#[must_use]
pub fn call_short(call: &Call) -> String {
    match &call.operation {
        Operation::Open(open) => format!("open {}", open.handle),
        Operation::Close { handle } => format!("close {handle}"),
        Operation::Request { handle, .. } => format!("request {handle}"),
        _ => noun(call).to_owned(),
    }
}

/// The verb's noun.
#[must_use]
pub fn noun(call: &Call) -> &'static str {
    noun_and_past(call).0
}

/// The verb in the past.
#[must_use]
pub fn past(call: &Call) -> &'static str {
    noun_and_past(call).1
}

fn noun_and_past(call: &Call) -> (&'static str, &'static str) {
    match &call.operation {
        Operation::Open(_) => ("open", "opened"),
        Operation::Close { .. } => ("close", "closed"),
        Operation::Read { .. } => ("read", "read"),
        Operation::Write { .. } => ("write", "wrote"),
        Operation::Flush { .. } => ("flush", "flushed"),
        Operation::Lock { .. } => ("lock", "locked"),
        Operation::Unlock { .. } => ("unlock", "unlocked"),
        Operation::Query { .. } | Operation::QueryDirectory { .. } => ("query", "queried"),
        Operation::Set { info, .. } => match info {
            SetInfo::Rename { .. } | SetInfo::RenameEx { .. } => ("rename", "renamed"),
            SetInfo::Link { .. } => ("link", "linked"),
            SetInfo::Disposition { .. } | SetInfo::DispositionEx { .. } => ("delete", "deleted"),
            _ => ("set", "set"),
        },
        Operation::Control { .. } => ("control", "controlled"),
        Operation::Request { .. } => ("request", "requested"),
        Operation::Ack(_) => ("ack", "acknowledged"),
        Operation::Cancel { .. } => ("cancel", "cancelled"),
        Operation::BreakNotify { .. } => ("notify", "asked to be notified"),
        Operation::Map { .. } => ("map", "mapped"),
        Operation::Unmap { .. } => ("unmap", "unmapped"),
        Operation::LogOff => ("logoff", "logged off"),
        Operation::TreeDisconnect | Operation::Disconnect => ("disconnect", "disconnected"),
        Operation::Connect => ("reconnect", "reconnected"),
        Operation::Bind { .. } => ("bind", "bound"),
        Operation::Send { .. } => ("send", "sent"),
    }
}

fn open(open: &Open) -> String {
    let mut text = format!(
        "open {} as {} {}/{}",
        open.file,
        open.handle,
        access(open.access),
        share(open.share)
    );
    if open.disposition != Disposition::default() {
        let word = Disposition::WORDS.into_iter().find(|(_, one)| *one == open.disposition);
        text.push(' ');
        text.push_str(word.map_or("?", |(word, _)| word));
    }
    let options = CreateOptions::WORDS.into_iter().filter(|(_, bit)| open.options.contains(*bit));
    let known = options.clone().fold(0, |known, (_, bit)| known | bit.0);
    for (word, _) in options {
        text.push(' ');
        text.push_str(word);
    }
    if open.options.0 & !known != 0 {
        text.push_str(&format!(" options {:#x}", open.options.0 & !known));
    }
    match &open.want {
        Want::Nothing => {}
        Want::Oplock(level) => text.push_str(&format!(" {level}")),
        Want::Request(asked) => text.push_str(&format!(" {}", request(*asked))),
        Want::Lease { key, state, version, epoch: number, flags, parent, any_version: _ } => {
            text.push_str(&format!(" {key} {state}{}", epoch(*version, *number)));
            if *flags != 0 {
                text.push_str(&format!(" flags {flags:#x}"));
            }
            if let Some(parent) = parent {
                text.push_str(&format!(" parent {parent}"));
            }
        }
    }
    for (word, key) in [("key", &open.key), ("parent", &open.parent_key)] {
        if let Some(key) = key {
            text.push_str(&format!(" {word} {key}"));
        }
    }
    text.push_str(&more(open));
    text
}

/// What an open asks for besides its oplock.
fn more(open: &Open) -> String {
    let mut text = String::new();
    if let Some(size) = open.allocation {
        text.push_str(&format!(" allocation {size}"));
    }
    if let Some(asked) = &open.durable {
        text.push_str(&durable(asked));
    }
    if let Some(name) = &open.app_instance {
        text.push_str(&format!(" app_instance {name}"));
    }
    for (said, word) in [(open.maximal_access, " maximal_access"), (open.replay, " replay")] {
        text.push_str(if said { word } else { "" });
    }
    for (name, data) in &open.contexts {
        let name = String::from_utf8_lossy(name);
        text.push_str(&format!(" context {name}+{}", data.len()));
    }
    text
}

fn durable(durable: &Durable) -> String {
    let kind = |persistent: bool| if persistent { " persistent" } else { "" };
    match durable {
        Durable::RequestV1 => " durable v1".to_owned(),
        Durable::ReconnectV1 { handle } => format!(" reconnect {handle} v1"),
        Durable::RequestV2 { guid, timeout, persistent } => {
            let timeout = if *timeout == 0 { String::new() } else { format!(" timeout {timeout}") };
            format!(" durable v2 {guid}{timeout}{}", kind(*persistent))
        }
        Durable::ReconnectV2 { handle, guid, persistent } => {
            format!(" reconnect {handle} v2 {guid}{}", kind(*persistent))
        }
    }
}

fn set(handle: &str, info: &SetInfo) -> String {
    let replacing = |replace: bool| if replace { " replace" } else { "" };
    match info {
        SetInfo::EndOfFile(size) => format!("set {handle} end_of_file {size}"),
        SetInfo::Allocation(size) => format!("set {handle} allocation {size}"),
        SetInfo::ValidDataLength(size) => format!("set {handle} valid_data_length {size}"),
        SetInfo::Basic(basic) => {
            let fields = [
                ("creation", basic.creation),
                ("access", basic.access),
                ("write", basic.write),
                ("change", basic.change),
            ];
            let said = fields.into_iter().filter(|(_, value)| *value != 0);
            let said: String = said.map(|(what, value)| format!(" {what} {value}")).collect();
            let attributes = match basic.attributes {
                0 => String::new(),
                bits => format!(" attributes {bits:#x}"),
            };
            format!("set {handle} basic{said}{attributes}")
        }
        SetInfo::Rename { to, replace } => format!("rename {handle} {to}{}", replacing(*replace)),
        SetInfo::RenameEx { to, flags } => format!("rename {handle} {to} flags {flags:#x}"),
        SetInfo::Link { to, replace } => format!("link {handle} {to}{}", replacing(*replace)),
        SetInfo::ShortName(name) => {
            format!("set {handle} short_name {}", if name.is_empty() { "none" } else { name })
        }
        SetInfo::Disposition { delete: true } => format!("delete {handle}"),
        SetInfo::Disposition { delete: false } => format!("delete {handle} no"),
        SetInfo::DispositionEx { flags } => format!("delete {handle} flags {flags:#x}"),
        SetInfo::Ea { name, value } => format!("set {handle} ea {name}={value}"),
        SetInfo::Position(offset) => format!("set {handle} position {offset}"),
        SetInfo::Mode(mode) => format!("set {handle} mode {mode:#x}"),
        SetInfo::Security => format!("set {handle} security"),
    }
}

fn control(handle: &str, control: &Control, source: &str) -> String {
    let word = |set: bool| if set { "" } else { " no" };
    match control {
        Control::SetZeroData { from, to } => format!("zero {handle} {from}..{to}"),
        Control::CopyChunk { from, to, length, .. } => {
            format!("copychunk {source} {from}+{length} to {handle} {to}")
        }
        Control::DuplicateExtents { from, to, length, .. } => {
            format!("duplicate_extents {source} {from}+{length} to {handle} {to}")
        }
        Control::Trim { offset, length } => format!("trim {handle} {offset}+{length}"),
        Control::OffloadWrite { offset, length } => {
            format!("offload_write {handle} {offset}+{length}")
        }
        Control::SetSparse(set) => format!("set_sparse {handle}{}", word(*set)),
        Control::SetCompression(format) => format!("set_compression {handle} {format}"),
        Control::SetEncryption(set) => format!("set_encryption {handle}{}", word(*set)),
        Control::Resiliency { timeout } => format!("resiliency {handle} {timeout}"),
        Control::Raw { code, input } => format!("control {handle} {code:#x}+{}", input.len()),
    }
}

fn query(info: QueryInfo) -> &'static str {
    match info {
        QueryInfo::Basic => "basic",
        QueryInfo::Standard => "standard",
        QueryInfo::All => "all",
        QueryInfo::Ea => "ea",
        QueryInfo::Streams => "streams",
        QueryInfo::Security => "security",
        QueryInfo::FileSystem => "file_system",
    }
}

fn request(request: StoreRequest) -> String {
    match (request, request.level()) {
        (StoreRequest::Raw(raw), _) => format!(
            "control {:#x} level {} flags {:#x} input {} output {}",
            raw.code, raw.level, raw.flags, raw.input_length, raw.output_length
        ),
        (StoreRequest::Granular(state), _) => state.to_string(),
        (_, Some(level)) => level.to_string(),
        (_, None) => "?".to_owned(),
    }
}

fn range_text(range: &LockRange) -> String {
    format!("{}+{}", range.offset, range.length)
}

fn pieces(pieces: &[Piece]) -> String {
    let text = |piece: &Piece| match piece {
        Piece::Bytes(bytes) => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
        Piece::Handle(name) => format!("{{handle {name}}}"),
        Piece::Key(name) => format!("{{key {name}}}"),
    };
    pieces.iter().map(text).collect()
}
