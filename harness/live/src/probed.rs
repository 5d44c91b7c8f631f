//! Everything that a server shows of itself when it is asked: for the `probe` command.

use std::sync::atomic::AtomicBool;

use oplock_model::{Facts, Target as _, TargetFault};

use crate::axes::{self, Axes};
use crate::connection::{self, Negotiated, Way};
use crate::folder::Folder;
use crate::offered::{Attempt, attempts, is_wanted, way};
use crate::options::LiveOptions;
use crate::probe::file_system::{FileSystem, file_system};
use crate::probe::timer::BreakTimer;
use crate::probe::{bits, timer};
use crate::target::LiveTarget;
use crate::{Address, runtime};

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
    let runtime = runtime::of_caller()?;
    // Every dialect, way of signing and cipher, whatever the options name: they say only where the rest is asked.
    let all = LiveOptions { dialect: None, signing: None, encryption: None, ..options.clone() };
    let attempts = runtime.block_on(attempts(&usual, &all))?;
    let taken =
        attempts.iter().find(|attempt| attempt.is_taken() && is_wanted(&attempt.axes, options));
    let Some(Attempt { axes, .. }) = taken.cloned() else {
        // The login says why it takes none of them.
        let target = LiveTarget::connect(address.clone(), password.to_owned(), options.clone());
        let none = || TargetFault::Internal("a login works that did not".to_owned());
        return Err(target.err().unwrap_or_else(none));
    };
    let Axes { dialect, signing, encryption } = axes;
    let way =
        Way { dialects: vec![axes::number(dialect)], signing: Some(signing), encryption, ..usual };
    // This connection is closed before the target takes those that it may have.
    let (server, share) = runtime.block_on(answers(&way))?;
    let (dialect, signing) = (Some(dialect), Some(signing));
    let options = LiveOptions { dialect, signing, encryption, ..options.clone() };
    let target = LiveTarget::connect(address.clone(), password.to_owned(), options)?;
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

/// The name and the attributes of the file system, asked at the root of the share.
async fn of_file_system(folder: &Folder<'_>) -> Result<Vec<Answer>, TargetFault> {
    let answer = |value: String, name| Answer {
        name,
        value,
        source: "QUERY_INFO FileFsAttributeInformation at the root of the share".to_owned(),
    };
    Ok(match file_system(folder, "").await? {
        Ok(FileSystem { attributes, name }) => vec![
            answer(name, "file_system"),
            answer(bits::shown(attributes, bits::FILE_SYSTEM), "file_system_attributes"),
        ],
        Err(why) => vec![answer(format!("unknown: {why}"), "file_system")],
    })
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
}
