//! Everything that a server shows of itself when it is asked: for the `probe` command.

use std::sync::atomic::AtomicBool;

use oplock_model::{Access, Facts, Target as _, TargetFault};
use oplock_wire::{QueryInfoRequest, Request, Response};

use crate::Address;
use crate::axes::{self, Axes};
use crate::connection::{self, Negotiated, Way};
use crate::folder::{Folder, opening};
use crate::offered::{Attempt, attempts, way};
use crate::options::LiveOptions;
use crate::probe::timer::BreakTimer;
use crate::probe::{bits, timer};
use crate::target::LiveTarget;

/// What a server showed of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probed {
    /// The axes in which everything but the attempts was asked.
    pub axes: Axes,
    /// Product, version, capabilities, latencies.
    pub facts: Facts,
    /// Every combination of axes that was tried.
    pub attempts: Vec<Attempt>,
    /// What its NEGOTIATE answer says of the server.
    pub server: Vec<Answer>,
    /// What its TREE_CONNECT answer and the file system say of the share.
    pub share: Vec<Answer>,
    /// How its break timers ran out; nothing where nobody asked to wait for them.
    pub timers: Vec<BreakTimer>,
}

/// One thing that a server says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// What was asked.
    pub name: &'static str,
    /// What it is.
    pub value: String,
    /// Where the answer came from: a fragment.
    pub source: String,
}

/// Asks a server everything, in the axes that the options name or else in the first that it takes; with `timers`, waits
/// for its break timers too, which takes most of a minute, or until that says stop.
///
/// # Errors
/// As [`crate::offered`] and [`LiveTarget::connect`].
pub fn probe(
    address: &Address,
    password: &str,
    options: &LiveOptions,
    timers: Option<&AtomicBool>,
) -> Result<Probed, TargetFault> {
    let usual = way(address, password, options);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| TargetFault::Internal(format!("no runtime: {error}")))?;
    // Every dialect, way of signing and cipher, whatever the options name: they say only where the rest is asked.
    let all = LiveOptions { dialect: None, signing: None, encryption: None, ..options.clone() };
    let attempts = runtime.block_on(attempts(&usual, &all))?;
    let wanted = |axes: &Axes| {
        options.dialect.is_none_or(|dialect| axes.dialect == dialect)
            && options.signing.is_none_or(|signing| axes.signing == signing)
            && options.encryption.is_none_or(|cipher| axes.encryption == Some(cipher))
    };
    let taken = attempts.iter().find(|attempt| attempt.is_taken() && wanted(&attempt.axes));
    // Where it takes none of them, the login says why.
    let options = match taken {
        Some(Attempt { axes: Axes { dialect, signing, encryption }, .. }) => LiveOptions {
            dialect: Some(*dialect),
            signing: Some(*signing),
            encryption: *encryption,
            ..options.clone()
        },
        None => options.clone(),
    };
    let target = LiveTarget::connect(address.clone(), password.to_owned(), options)?;
    let axes = target.axes();
    let way = Way {
        dialects: vec![axes::number(axes.dialect)],
        signing: Some(axes.signing),
        encryption: axes.encryption,
        ..usual
    };
    let (server, share) = runtime.block_on(answers(&way))?;
    let facts = target.facts().clone();
    let leases = facts.capabilities.get("lease_v1").is_some_and(|lease| lease.present);
    let timers = timers.map(|stop| timer::measure(&target, leases, stop)).unwrap_or_default();
    Ok(Probed { axes, facts, attempts, server, share, timers })
}

/// What the server and the share say of themselves.
async fn answers(way: &Way) -> Result<(Vec<Answer>, Vec<Answer>), TargetFault> {
    let guid = crate::random::bytes().map_err(TargetFault::Internal)?;
    let (connection, negotiated) = connection::open(way, guid).await?;
    let mut share = of_tree(&negotiated);
    share.extend(of_file_system(&Folder { connection: &connection }).await?);
    Ok((of_negotiation(&negotiated), share))
}

fn of_negotiation(negotiated: &Negotiated) -> Vec<Answer> {
    let Negotiated { capabilities, security_mode, sizes: [transact, read, write], .. } = negotiated;
    let answer = |name, value, field: &str| Answer {
        name,
        value,
        source: format!("NEGOTIATE answer: {field}"),
    };
    vec![
        answer("capabilities", bits::shown(*capabilities, bits::NEGOTIATE), "Capabilities"),
        answer("security_mode", format!("{security_mode:#06x}"), "SecurityMode"),
        answer("max_transact", bytes(*transact), "MaxTransactSize"),
        answer("max_read", bytes(*read), "MaxReadSize"),
        answer("max_write", bytes(*write), "MaxWriteSize"),
        Answer {
            name: "credits",
            value: negotiated.credits.to_string(),
            source: "granted by the end of a login that asked for more".to_owned(),
        },
    ]
}

fn of_tree(negotiated: &Negotiated) -> Vec<Answer> {
    let Negotiated { share_flags, share_capabilities, maximal_access, .. } = negotiated;
    let answer = |name, value, field: &str| Answer {
        name,
        value,
        source: format!("TREE_CONNECT answer: {field}"),
    };
    let capabilities = bits::shown(*share_capabilities, bits::SHARE_CAPABILITIES);
    vec![
        // A login takes no other.
        answer("share_type", "disk".to_owned(), "ShareType 0x01"),
        answer("share_flags", bits::shown(*share_flags, bits::SHARE_FLAGS), "ShareFlags"),
        answer("share_capabilities", capabilities, "Capabilities"),
        answer("maximal_access", format!("{maximal_access:#010x}"), "MaximalAccess"),
    ]
}

/// InfoType file system, FileFsAttributeInformation (MS-FSCC 2.5.1), and room for the name behind its three words.
const FILE_SYSTEM: u8 = 2;
const CLASS_ATTRIBUTES: u8 = 5;
const ATTRIBUTES_LENGTH: u32 = 256;
/// Bytes before the name: attributes, longest name, length of the name.
const NAME_OFFSET: usize = 12;

/// The name and the attributes of the file system, asked at the root of the share.
async fn of_file_system(folder: &Folder<'_>) -> Result<Vec<Answer>, TargetFault> {
    let answer = |value: String, name| Answer {
        name,
        value,
        source: "QUERY_INFO FileFsAttributeInformation at the root of the share".to_owned(),
    };
    let none = |why: String| vec![answer(format!("unknown: {why}"), "file_system")];
    let root = match folder.try_open(opening("", Access::READ_ATTRIBUTES)).await? {
        Ok(opened) => opened.file,
        Err(status) => return Ok(none(format!("opening the root: {status}"))),
    };
    let query = QueryInfoRequest {
        file: root,
        info_type: FILE_SYSTEM,
        class: CLASS_ATTRIBUTES,
        output_length: ATTRIBUTES_LENGTH,
        ..QueryInfoRequest::default()
    };
    let (status, response) = folder.connection.call(Request::QueryInfo(query)).await?;
    folder.let_go(root).await?;
    let Response::QueryInfo { data } = response else { return Ok(none(status.to_string())) };
    let Some(attributes) = data.first_chunk().copied().map(u32::from_le_bytes) else {
        return Ok(none(format!("an answer of {} bytes", data.len())));
    };
    let name = data.get(NAME_OFFSET..).map(text).unwrap_or_default();
    Ok(vec![
        answer(name, "file_system"),
        answer(bits::shown(attributes, bits::FILE_SYSTEM), "file_system_attributes"),
    ])
}

/// UTF-16 as a server wrote it, printable.
fn text(bytes: &[u8]) -> String {
    let units = bytes.chunks_exact(2).filter_map(|pair| pair.first_chunk().copied());
    let units: Vec<u16> = units.map(u16::from_le_bytes).collect();
    let text = String::from_utf16_lossy(&units);
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// A number of bytes, in the largest unit that it is a whole number of.
fn bytes(number: u32) -> String {
    const MEBI: u32 = 1 << 20;
    const KIBI: u32 = 1 << 10;
    match number {
        0 => "0 bytes".to_owned(),
        number if number % MEBI == 0 => format!("{} MiB", number / MEBI),
        number if number % KIBI == 0 => format!("{} KiB", number / KIBI),
        number => format!("{number} bytes"),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(0, "0 bytes")]
    #[case(1 << 23, "8 MiB")]
    #[case(65536, "64 KiB")]
    #[case(65535, "65535 bytes")]
    fn sizes_are_short(#[case] number: u32, #[case] text: &str) {
        assert_eq!(bytes(number), text);
    }

    #[rstest]
    #[case(b"N\0T\0F\0S\0", "NTFS")]
    #[case(b"N\0\x07\0F\0S", "N\u{fffd}F")]
    #[case(b"", "")]
    fn names_are_printable(#[case] bytes: &[u8], #[case] name: &str) {
        assert_eq!(text(bytes), name);
    }
}
