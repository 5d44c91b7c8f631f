//! A call in words.

use oplock_model::{
    Access, AckForm, Control, CreateOptions, Disposition, LockRange, QueryInfo, SetInfo, Share,
    StoreRequest,
};

use super::{actor, bytes};
use crate::plan::{AckWhat, Call, Cell, Durable, Open, Operation, Piece, Want};
use crate::words;

/// Who does what.
pub(super) fn call(cell: &Cell, call: &Call) -> String {
    format!("{} {}", actor(cell, call.actor), operation(&call.operation))
}

fn operation(operation: &Operation) -> String {
    match operation {
        Operation::Open(plan) => open(plan),
        Operation::Close { handle } => format!("closes {handle}"),
        Operation::Read { handle, offset, length } => {
            format!("reads {} of {handle} at {offset}", bytes(u64::from(*length)))
        }
        Operation::Write { handle, offset, length } => {
            format!("writes {} of {handle} at {offset}", bytes(u64::from(*length)))
        }
        Operation::Flush { handle } => format!("flushes {handle}"),
        Operation::Lock { handle, ranges, fail_immediately } => {
            let kind = |range: &LockRange| if range.exclusive { "exclusive" } else { "shared" };
            let ranges = all(ranges, |range| format!("{}, {}", range_text(range), kind(range)));
            let waits = if *fail_immediately { "failing at once" } else { "waiting" };
            format!("locks {handle}: {ranges}; {waits} where it conflicts")
        }
        Operation::Unlock { handle, ranges } => {
            format!("unlocks {handle}: {}", all(ranges, range_text))
        }
        Operation::Query { handle, info } => {
            format!("queries {} of {handle}", query(*info))
        }
        Operation::QueryDirectory { handle, pattern } => {
            format!("queries what {handle} holds, by `{pattern}`")
        }
        Operation::Set { handle, info } => set(handle, info),
        Operation::Control { handle, control: asked, source } => {
            control(handle, asked, source.as_deref())
        }
        Operation::Request { handle, request } => {
            format!("requests {} on {handle}", store_request(*request))
        }
        Operation::Ack(ack) => {
            let (what, value) = match &ack.what {
                AckWhat::Oplock { handle, level } => (handle, format!("to {level}")),
                AckWhat::Lease { key, state } => (key, format!("to {state}")),
                AckWhat::Store { handle, form } => (handle, ack_form(*form)),
            };
            let unasked = if ack.of_break { "" } else { ", whether it breaks or not" };
            format!("acks {what} {value}{unasked}")
        }
        Operation::Cancel { label, .. } => format!("cancels {label}"),
        Operation::BreakNotify { handle } => {
            format!("asks to be notified when no break of {handle} is in progress")
        }
        Operation::Map { handle, writable: true } => format!("maps a writable section of {handle}"),
        Operation::Map { handle, writable: false } => format!("maps a section of {handle} to read"),
        Operation::Unmap { handle } => format!("unmaps the sections of {handle}"),
        Operation::LogOff => "logs off".into(),
        Operation::TreeDisconnect => "disconnects from the tree".into(),
        Operation::Disconnect => "drops the connection".into(),
        Operation::Connect => "reconnects with a new session".into(),
        Operation::Bind { name, .. } => {
            format!("binds the connection to the session of {name}")
        }
        Operation::Send { command, body } => {
            let known = words::calls::COMMANDS.iter().find(|(_, known)| known == command);
            let command = known
                .map_or(format!("command {command:#x}"), |(word, _)| (*word).replace('_', " "));
            format!("sends {command} as it stands: {}", pieces(body))
        }
    }
}

fn open(open: &Open) -> String {
    let mut text = format!(
        "opens {} as {}: access {}, share {}, {}",
        open.file,
        open.handle,
        access(open.access),
        share(open.share),
        disposition(open.disposition),
    );
    text += &options(open.options);
    text += &want(&open.want);
    for (what, key) in [("key", &open.key), ("parent key", &open.parent_key)] {
        if let Some(key) = key {
            text += &format!(", {what} {key}");
        }
    }
    if let Some(size) = open.allocation {
        text += &format!(", allocation {}", bytes(size));
    }
    text += &open.durable.as_ref().map(durable).unwrap_or_default();
    if let Some(name) = &open.app_instance {
        text += &format!(", application instance {name}");
    }
    if open.maximal_access {
        text += ", asking for the maximal access";
    }
    if open.replay {
        text += ", as a replay";
    }
    for (name, data) in &open.contexts {
        let name = String::from_utf8_lossy(name);
        text += &format!(", with the context {name} of {}", bytes(data.len() as u64));
    }
    text
}

fn durable(durable: &Durable) -> String {
    let kind = |persistent: bool| if persistent { "persistent" } else { "durable" };
    match durable {
        Durable::RequestV1 => ", durable".into(),
        Durable::ReconnectV1 { handle } => format!(", claiming {handle} back"),
        Durable::RequestV2 { guid, timeout, persistent } => {
            let kept = match timeout {
                0 => String::new(),
                timeout => format!(" for {timeout} ms"),
            };
            format!(", {} as {guid}{kept}", kind(*persistent))
        }
        Durable::ReconnectV2 { handle, guid, persistent } => {
            format!(", claiming {handle} back as {guid}, {}", kind(*persistent))
        }
    }
}

fn set(handle: &str, info: &SetInfo) -> String {
    let replacing = |replace: bool| if replace { ", replacing what is there" } else { "" };
    match info {
        SetInfo::EndOfFile(size) => format!("sets the end of {handle} to {size}"),
        SetInfo::Allocation(size) => format!("sets the allocation of {handle} to {size}"),
        SetInfo::ValidDataLength(size) => {
            format!("sets the valid data length of {handle} to {size}")
        }
        SetInfo::Basic(basic) => {
            let times = [
                ("creation", basic.creation),
                ("access", basic.access),
                ("write", basic.write),
                ("change", basic.change),
            ];
            let mut said: Vec<String> = times
                .into_iter()
                .filter(|(_, value)| *value != 0)
                .map(|(what, value)| format!("{what} {value}"))
                .collect();
            if basic.attributes != 0 {
                said.push(format!("attributes {:#x}", basic.attributes));
            }
            let said = if said.is_empty() { "nothing".to_owned() } else { said.join(", ") };
            format!("sets basic information of {handle}: {said}")
        }
        SetInfo::Rename { to, replace } => {
            format!("renames {handle} to {to}{}", replacing(*replace))
        }
        SetInfo::RenameEx { to, flags } => {
            let flags = bits(*flags, words::calls::RENAME_FLAGS);
            format!("renames {handle} to {to} with the flags {flags}")
        }
        SetInfo::Link { to, replace } => format!("links {handle} as {to}{}", replacing(*replace)),
        SetInfo::ShortName(name) if name.is_empty() => {
            format!("removes the short name of {handle}")
        }
        SetInfo::ShortName(name) => format!("sets the short name of {handle} to {name}"),
        SetInfo::Disposition { delete: true } => format!("deletes {handle}"),
        SetInfo::Disposition { delete: false } => format!("takes back the deletion of {handle}"),
        SetInfo::DispositionEx { flags } => {
            let flags = bits(*flags, words::calls::DELETE_FLAGS);
            format!("deletes {handle} with the flags {flags}")
        }
        SetInfo::Ea { name, value } => {
            format!("sets the extended attribute {name} of {handle} to {value}")
        }
        SetInfo::Position(offset) => format!("sets the position of {handle} to {offset}"),
        SetInfo::Mode(mode) => format!("sets the mode of {handle} to {mode:#x}"),
        SetInfo::Security => format!("sets the security of {handle}: everybody may do everything"),
    }
}

fn control(handle: &str, control: &Control, source: Option<&str>) -> String {
    let source = source.unwrap_or("?");
    match control {
        Control::SetZeroData { from, to } => format!("zeroes {handle} from {from} to {to}"),
        Control::CopyChunk { from, to, length, .. } => format!(
            "copies {} of {source} at {from} to {handle} at {to}",
            bytes(u64::from(*length))
        ),
        Control::DuplicateExtents { from, to, length, .. } => {
            format!("duplicates {} of {source} at {from} in {handle} at {to}", bytes(*length))
        }
        Control::Trim { offset, length } => {
            format!("trims {} of {handle} at {offset}", bytes(*length))
        }
        Control::OffloadWrite { offset, length } => {
            format!("offload-writes {} of {handle} at {offset}", bytes(*length))
        }
        Control::SetSparse(true) => format!("makes {handle} sparse"),
        Control::SetSparse(false) => format!("makes {handle} dense"),
        Control::SetCompression(format) => {
            format!("sets the compression of {handle} to {}", compression(*format))
        }
        Control::SetEncryption(true) => format!("encrypts {handle}"),
        Control::SetEncryption(false) => format!("decrypts {handle}"),
        Control::Resiliency { timeout } => format!("makes {handle} resilient for {timeout} ms"),
        Control::Raw { code, input } => {
            format!("controls {handle} by {code:#x} with {} of input", bytes(input.len() as u64))
        }
    }
}

fn compression(format: u16) -> String {
    let known = words::calls::COMPRESSION.iter().find(|(_, known)| *known == format);
    known.map_or(format!("{format:#x}"), |(word, _)| (*word).to_owned())
}

fn query(info: QueryInfo) -> &'static str {
    match info {
        QueryInfo::Basic => "basic information",
        QueryInfo::Standard => "standard information",
        QueryInfo::All => "all information",
        QueryInfo::Ea => "the extended attributes",
        QueryInfo::Streams => "the streams",
        QueryInfo::Security => "the security",
        QueryInfo::FileSystem => "the file system",
    }
}

fn range_text(range: &LockRange) -> String {
    format!("{} at {}", bytes(range.length), range.offset)
}

fn all(ranges: &[LockRange], text: impl Fn(&LockRange) -> String) -> String {
    if ranges.is_empty() {
        return "no range".into();
    }
    ranges.iter().map(text).collect::<Vec<_>>().join("; ")
}

fn bits(value: u32, known: &[(&str, u32)]) -> String {
    let named = known.iter().filter(|(_, bit)| value & bit != 0);
    let rest = named.clone().fold(value, |rest, (_, bit)| rest & !bit);
    let mut words: Vec<String> = named.map(|(word, _)| (*word).to_owned()).collect();
    if rest != 0 || words.is_empty() {
        words.push(format!("{rest:#x}"));
    }
    words.join("+")
}

fn pieces(pieces: &[Piece]) -> String {
    let text = |piece: &Piece| match piece {
        Piece::Bytes(bytes) => {
            bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ")
        }
        Piece::Handle(name) => format!("{{handle {name}}}"),
        Piece::Key(name) => format!("{{key {name}}}"),
    };
    if pieces.is_empty() {
        return "nothing".into();
    }
    pieces.iter().map(text).collect::<Vec<_>>().join(" ")
}

fn ack_form(form: AckForm) -> String {
    match form {
        AckForm::Acknowledge => "as told".into(),
        AckForm::NoLevelTwo => "to none (no_2)".into(),
        AckForm::ClosePending => "by a close to come (close_pending)".into(),
        AckForm::Granular(state) => format!("to {state}"),
        AckForm::GranularOnClose(state) => format!("to {state} when it closes"),
    }
}

fn want(want: &Want) -> String {
    match want {
        Want::Nothing => String::new(),
        Want::Oplock(level) => format!(", wants {level}"),
        Want::Request(request) => format!(", requests {}", store_request(*request)),
        Want::Lease { key, state, version, epoch, flags, parent, any_version: _ } => {
            let mut text = format!(", wants the lease {key} {state}, version {version}");
            if *version == 2 {
                text += &format!(", epoch {epoch:#x}");
            }
            if *flags != 0 {
                text += &format!(", flags {flags:#x}");
            }
            if let Some(parent) = parent {
                text += &format!(", parent key {parent}");
            }
            text
        }
    }
}

fn store_request(request: StoreRequest) -> String {
    match request {
        StoreRequest::LevelOne => "exclusive".into(),
        StoreRequest::LevelTwo => "ii".into(),
        StoreRequest::Batch => "batch".into(),
        StoreRequest::Filter => "filter".into(),
        StoreRequest::Granular(state) => state.to_string(),
        StoreRequest::Raw(raw) => {
            let known = words::calls::OPLOCK_CONTROLS.iter().find(|(_, code)| *code == raw.code);
            let code =
                known.map_or(format!("control {:#x}", raw.code), |(word, _)| format!("by {word}"));
            format!(
                "{code} (level {}, flags {}, input {}, output {})",
                raw.level,
                bits(raw.flags, words::calls::REQUEST_FLAGS),
                raw.input_length,
                raw.output_length
            )
        }
    }
}

/// An access mask: a word of the case format, or its bits.
pub(super) fn access(access: Access) -> String {
    if let Some((word, _)) = words::ACCESS_WORDS.iter().find(|(_, known)| *known == access) {
        return (*word).to_owned();
    }
    bits(access.0, &Access::BITS.map(|(word, bit)| (word, bit.0)))
}

/// A share mode: letters of `rwd`, or `none`.
pub(super) fn share(share: Share) -> String {
    let letters = [(Share::READ, 'r'), (Share::WRITE, 'w'), (Share::DELETE, 'd')];
    let word: String =
        letters.iter().filter(|(bit, _)| share.contains(*bit)).map(|(_, letter)| *letter).collect();
    if word.is_empty() { "none".into() } else { word }
}

fn disposition(disposition: Disposition) -> &'static str {
    let found = Disposition::WORDS.iter().find(|(_, known)| *known == disposition);
    found.map_or("", |(word, _)| word)
}

fn options(options: CreateOptions) -> String {
    let set = CreateOptions::WORDS.iter().filter(|(_, bit)| options.contains(*bit));
    let known = set.clone().fold(0, |known, (_, bit)| known | bit.0);
    let mut text: String = set.map(|(word, _)| format!(", {word}")).collect();
    if options.0 & !known != 0 {
        text += &format!(", options {:#x}", options.0 & !known);
    }
    text
}
