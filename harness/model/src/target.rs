//! The seam: what is under test, and where one cell is played.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{Actor, CallId, Event, Op, Stamped, Tick};

/// What is under test: one per run, shared by all cells.
pub trait Target: Send + Sync {
    /// Product, version, capabilities.
    fn facts(&self) -> &Facts;

    /// A fresh folder with files and actors for one cell.
    ///
    /// # Errors
    /// A [`TargetFault`] where the folder, a file or a connection cannot be had.
    fn scene(&self, setup: &Setup) -> Result<Box<dyn Scene>, TargetFault>;

    /// Removes what the run made on the target, where the process ends before the target is dropped: as far as that can be
    /// done in this time. Nothing can be asked of it afterwards.
    fn leave(&self, _within: Duration) {}

    /// Leaves the folder of a scene that has ended where it is, for people to look at, also after the run; says where that is:
    /// share and path. Nothing where there is none, or the target was not asked to keep any.
    fn keep(&self, _folder: &str) -> Option<String> {
        None
    }
}

/// Where one cell is played: one per cell, used by one thread.
pub trait Scene: Send {
    /// Sends operations and returns at once with a call id for each; several operations are one compound.
    ///
    /// # Errors
    /// A [`TargetFault`] where nothing could be sent.
    fn submit(&mut self, from: Actor, ops: &[Op]) -> Result<Vec<CallId>, TargetFault>;

    /// The next event, or nothing where `until` comes first. Virtual time moves to `until`; monotonic time is waited for.
    ///
    /// # Errors
    /// A [`TargetFault`] where the scene itself is broken. A lost connection is an [`Event::Gone`].
    fn next_event(&mut self, until: Tick) -> Result<Option<Stamped<Event>>, TargetFault>;

    /// The scene's clock.
    fn now(&self) -> Tick;

    /// The rules that the target says it applied so far; a live server says none.
    fn rules(&self) -> crate::RuleSet {
        crate::RuleSet::default()
    }

    /// The cells of the transition grid that the target says it has been in so far; a live server says none.
    fn cells(&self) -> crate::GridSet {
        crate::GridSet::new()
    }

    /// The messages that go over the scene's connections, where the target was asked to keep them; logins are left out.
    fn frames(&self) -> crate::Frames {
        crate::Frames::default()
    }

    /// The folder that has the scene's files, as [`Target::keep`] takes it; nothing where there is none.
    fn folder(&self) -> Option<String> {
        None
    }

    /// What finds the scene in its server's log, as far as it went; nothing where there is no such log.
    fn trail(&self) -> Option<crate::Trail> {
        None
    }

    /// Closes everything, fences, gives back, and returns what came too late for any step: such events belong to this cell.
    ///
    /// # Errors
    /// A [`TargetFault`] where the scene could not be cleaned up.
    fn end(self: Box<Self>) -> Result<Vec<Stamped<Event>>, TargetFault>;
}

/// What a target is and can do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Facts {
    /// Short product name in lower case, `reference` for the engine.
    pub product: String,
    /// Version text, `major.minor.patch` where there is one.
    pub version: String,
    /// Name of the transport axes of this run, `smb3_1_1,signed`; empty at the reference.
    pub axes: String,
    /// Answers by capability name; a capability that is not here is absent.
    pub capabilities: BTreeMap<String, Capability>,
    /// How fast a live server answered when it was opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latencies: Option<crate::Latencies>,
}

/// The answer to one capability question.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Capability {
    /// Whether the target has it.
    pub present: bool,
    /// Where the answer came from: a fragment, `negotiate response`, or [`Capability::ASSUMED`].
    pub source: String,
    /// What the target's profile says of it; nothing where it leaves the answer to the probe.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claimed: Option<Claimed>,
}

/// What a target's profile says of one capability.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Claimed {
    /// Whether the target has it.
    pub has: bool,
    /// Why, where the profile says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
}

impl Capability {
    /// How the source of an answer begins that no probe found: only a profile can tell.
    pub const ASSUMED: &str = "profile";

    /// Puts the profile's claim beside what was found; where nothing was found, it is as the profile says.
    pub fn claim(&mut self, claimed: Claimed) {
        if self.source.is_empty() {
            self.source = Capability::ASSUMED.to_owned();
        }
        if self.is_assumed() {
            self.present = claimed.has;
        }
        self.claimed = Some(claimed);
    }

    /// Whether cells that need it are asked: the target has it, and its profile does not say that it has not.
    #[must_use]
    pub fn counts(&self) -> bool {
        self.present && self.claimed.as_ref().is_none_or(|claimed| claimed.has)
    }

    /// What the profile claims, where the target showed otherwise; an answer that was only assumed contradicts nothing.
    #[must_use]
    pub fn contradicted(&self) -> Option<&Claimed> {
        self.claimed.as_ref().filter(|claimed| !self.is_assumed() && claimed.has != self.present)
    }

    /// Where a "no" came from, as the reason of a skip has it: the profile with its reason, or else the source.
    #[must_use]
    pub fn why_not(&self) -> String {
        match &self.claimed {
            Some(Claimed { has: false, because: Some(because) }) => {
                format!("{}: {because}", Capability::ASSUMED)
            }
            Some(Claimed { has: false, because: None }) => Capability::ASSUMED.to_owned(),
            _ => self.source.clone(),
        }
    }

    fn is_assumed(&self) -> bool {
        self.source.split(':').next() == Some(Capability::ASSUMED)
    }
}

/// Which of the two layers a cell speaks to.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub enum Layer {
    /// The SMB2 server.
    #[default]
    Smb2,
    /// The object store below it; live targets have none.
    Store,
}

/// What a cell needs before its first step.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setup {
    /// The cell's id: names the folder.
    pub cell: crate::CellId,
    /// The layer.
    pub layer: Layer,
    /// Files that exist, or are reserved names, when the cell starts.
    pub files: Vec<FileSpec>,
    /// Actors in the order of the case; [`Actor`] is an index into this list.
    pub actors: Vec<ActorSpec>,
    /// Readings of the open questions that the cell asks for, by name.
    pub choices: BTreeMap<String, String>,
    /// The dialect of all connections, where the cell asks for one.
    pub dialect: Option<crate::Dialect>,
    /// What kind of share the cell asks for.
    pub share: ShareKind,
    /// What the cell costs the server.
    pub load: Load,
}

/// What a cell costs a server while it is played; nothing at the reference.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Load {
    /// The most files that it may have open.
    pub files: u32,
    /// Whether it mostly waits for a timer of the server: other cells run beside it.
    pub waits: bool,
}

/// The properties of a share that bear on oplocks (MS-SMB2 3.3.1.6 "Per Share").
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub enum ShareKind {
    /// A plain one.
    #[default]
    Plain,
    /// Share.ForceLevel2Oplock.
    ForceLevelTwo,
    /// STYPE_CLUSTER_SOFS: a scale-out share.
    ScaleOut,
    /// Share.IsCA: continuously available, which persistent handles need.
    ContinuouslyAvailable,
    /// A second plain one, with files of its own.
    Second,
}

/// One file of a cell.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct FileSpec {
    /// Its name below the cell's folder; parents are listed before their children.
    pub name: String,
    /// What it is.
    pub kind: FileKind,
}

/// What a file of a cell is when the cell starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum FileKind {
    /// A file of this many bytes.
    File {
        /// Bytes.
        size: u64,
    },
    /// A directory.
    Directory,
    /// Nothing yet: the name is only reserved.
    Absent,
}

/// One actor of a cell: a connection of a client.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ActorSpec {
    /// Its name in the case.
    pub name: String,
    /// The client number: one ClientGuid each.
    pub client: u32,
    /// The connection number within the client, from 1; actors with equal client and connection share it.
    pub connection: u32,
    /// The account number, from 1: a login each.
    pub account: u32,
    /// The cluster node that it connects to, from 1.
    pub node: u32,
}

/// Why a target or a scene could not be used: a fault of ours or of the way to the server, never a judgement of it.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum TargetFault {
    /// Nobody answered.
    #[error("cannot reach {address}: {reason}")]
    Unreachable {
        /// Host and port.
        address: String,
        /// Why.
        reason: String,
    },
    /// The server refused the login or the share.
    #[error("{address} refused {what}: {reason}")]
    Refused {
        /// Host and port.
        address: String,
        /// `the login of NAME`, `the share NAME`.
        what: String,
        /// The server's status, or ours.
        reason: String,
    },
    /// The server cannot be started.
    #[error("{0}")]
    Start(String),
    /// A file or folder of the cell could not be made or removed.
    #[error("cannot prepare `{name}`: {reason}")]
    Setup {
        /// Which.
        name: String,
        /// Why.
        reason: String,
    },
    /// A connection of the cell is gone.
    #[error("connection lost: {0}")]
    Lost(String),
    /// The target cannot do what the cell asks of it.
    #[error("not possible on this target: {0}")]
    Unsupported(String),
    /// A fault of the harness.
    #[error("harness fault: {0}")]
    Internal(String),
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// What was found and what is claimed: whether cells are asked, whether that is a contradiction, why not.
    #[rstest]
    #[case(true, "NEGOTIATE answer", None, true, false, "NEGOTIATE answer")]
    #[case(true, "NEGOTIATE answer", Some(true), true, false, "NEGOTIATE answer")]
    #[case(true, "NEGOTIATE answer", Some(false), false, true, "profile")]
    #[case(false, "NEGOTIATE answer", Some(true), false, true, "NEGOTIATE answer")]
    #[case(false, "NEGOTIATE answer", Some(false), false, false, "profile")]
    #[case(true, "profile", Some(false), false, false, "profile")]
    #[case(false, "profile: nobody says", Some(true), true, false, "profile: nobody says")]
    #[case(false, "", Some(true), true, false, "profile")]
    fn a_claim_stands_beside_the_answer(
        #[case] present: bool,
        #[case] source: &str,
        #[case] claimed: Option<bool>,
        #[case] counts: bool,
        #[case] contradicted: bool,
        #[case] why_not: &str,
    ) {
        let mut capability = Capability { present, source: source.to_owned(), claimed: None };
        if let Some(has) = claimed {
            capability.claim(Claimed { has, because: None });
        }
        assert_eq!(
            (capability.counts(), capability.contradicted().is_some(), capability.why_not()),
            (counts, contradicted, why_not.to_owned())
        );
    }
}
