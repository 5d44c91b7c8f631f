//! A call of the oplock package as it comes (DDI "FsRtlOplockFsctrlEx"): which control it is, and what a request has to
//! know of the stream and its opens.

use oplock_model::{
    Access, AckForm, CreateOptions, LeaseState, Level, RawOplockControl, RuleId, Status,
    StoreRequest,
};

use super::ack::Ack;
use super::api::{OpenId, Ticket};
use super::grid::{acknowledged, requested};
use super::keys::{Caller, keys_match};
use super::objects::Store;
use super::oplock::Holder;
use super::request::{Refusal, RequestFacts, refusal};
use super::section::Section;
use crate::choices::AttributeOpen;

/// FSCTL_REQUEST_OPLOCK_LEVEL_1.
const REQUEST_LEVEL_ONE: u32 = 0x0009_0000;
/// FSCTL_REQUEST_OPLOCK_LEVEL_2.
const REQUEST_LEVEL_TWO: u32 = 0x0009_0004;
/// FSCTL_REQUEST_BATCH_OPLOCK.
const REQUEST_BATCH: u32 = 0x0009_0008;
/// FSCTL_OPLOCK_BREAK_ACKNOWLEDGE.
const BREAK_ACKNOWLEDGE: u32 = 0x0009_000C;
/// FSCTL_OPBATCH_ACK_CLOSE_PENDING.
const ACK_CLOSE_PENDING: u32 = 0x0009_0010;
/// FSCTL_OPLOCK_BREAK_NOTIFY.
const BREAK_NOTIFY: u32 = 0x0009_0014;
/// FSCTL_OPLOCK_BREAK_ACK_NO_2.
const BREAK_ACK_NO_TWO: u32 = 0x0009_0050;
/// FSCTL_REQUEST_FILTER_OPLOCK.
const REQUEST_FILTER: u32 = 0x0009_005C;
/// FSCTL_REQUEST_OPLOCK.
const REQUEST_OPLOCK: u32 = 0x0009_0240;

/// Bytes of a REQUEST_OPLOCK_INPUT_BUFFER.
const INPUT_BUFFER: u32 = 12;
/// Bytes of a REQUEST_OPLOCK_OUTPUT_BUFFER.
const OUTPUT_BUFFER: u32 = 24;

/// REQUEST_OPLOCK_INPUT_FLAG_REQUEST.
const FLAG_REQUEST: u32 = 0x1;
/// REQUEST_OPLOCK_INPUT_FLAG_ACK.
const FLAG_ACK: u32 = 0x2;
/// REQUEST_OPLOCK_INPUT_FLAG_COMPLETE_ACK_ON_CLOSE.
const FLAG_COMPLETE_ACK_ON_CLOSE: u32 = 0x4;

/// What a call turns out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Asked {
    /// A request, with nothing raw left in it.
    Request(StoreRequest),
    /// An acknowledgement.
    Acknowledge(AckForm),
    /// FSCTL_OPLOCK_BREAK_NOTIFY.
    BreakNotify,
}

impl Store {
    /// Takes a request, or what a raw one turns out to be.
    pub(super) fn ask(&mut self, ticket: Ticket, open: OpenId, request: StoreRequest) {
        let read = match request {
            StoreRequest::Raw(raw) => read(&raw, self.is_directory(open)),
            _ => Ok(Asked::Request(request)),
        };
        match read {
            Ok(Asked::Request(request)) => self.request_level(ticket, open, request),
            Ok(Asked::Acknowledge(form)) => self.acknowledge(ticket, open, form),
            Ok(Asked::BreakNotify) => self.break_notify(ticket, open),
            Err(_) if self.caller(open).is_none() => {
                self.effects.returned(ticket, Status::FILE_CLOSED);
            }
            Err(refusal) => {
                self.note(open, requested(request));
                self.effects.refused(ticket, &refusal);
            }
        }
    }

    /// Takes an acknowledgement.
    pub(super) fn acknowledge(&mut self, ticket: Ticket, open: OpenId, form: AckForm) {
        let (deleted, directory) = (self.is_deleted(open), self.is_directory(open));
        let ack = Ack { open, ticket, deleted, directory };
        let choices = self.choices;
        self.note(open, acknowledged(form));
        match self.oplock_of(open) {
            Some((oplock, effects)) => oplock.acknowledge(&ack, form, &choices, effects),
            None => self.effects.returned(ticket, Status::FILE_CLOSED),
        }
    }

    fn request_level(&mut self, ticket: Ticket, open: OpenId, request: StoreRequest) {
        let Some((holder, facts)) = self.request_facts(ticket, open) else {
            return self.effects.returned(ticket, Status::FILE_CLOSED);
        };
        let choices = self.choices;
        if let Some((oplock, effects)) = self.oplock_of(open) {
            oplock.request(holder, request, &facts, &choices, effects);
        }
    }

    /// Who asks for an oplock, and what the request has to know; nothing for an open that does not exist or closes.
    fn request_facts(&self, ticket: Ticket, open: OpenId) -> Option<(Holder, RequestFacts)> {
        let asking = self.opens.get(&open).filter(|found| !found.closing)?;
        let stream = self.streams.get(&asking.stream)?;
        let holder = Holder { open, key: asking.key, ticket };
        let synchronous =
            [CreateOptions::SYNCHRONOUS_IO_ALERT, CreateOptions::SYNCHRONOUS_IO_NONALERT]
                .into_iter()
                .any(|option| asking.options.contains(option));
        let mut facts = RequestFacts {
            directory: stream.directory,
            deleted: self.is_deleted(open),
            synchronous,
            locked: stream.is_locked_for_oplocks(self.choices.lock_beyond_allocation),
            writable_section: asking.section == Section::Writable,
            ..RequestFacts::default()
        };
        for other in stream.opens.iter().filter(|other| **other != open) {
            let Some(found) = self.opens.get(other) else { continue };
            facts.other_open = true;
            facts.writable_section |= found.section == Section::Writable;
            let caller = Caller { open: Some(*other), key: found.key, parent_key: None };
            if keys_match(&caller, &holder) {
                continue;
            }
            let ignored = self.choices.attribute_open == AttributeOpen::Ignored
                && found.access.is_subset_of(Access::ATTRIBUTES)
                && stream.oplock.held(*other) == Level::None;
            facts.ignored_open |= ignored;
            facts.foreign_open |= !ignored;
        }
        Some((holder, facts))
    }
}

/// Reads a raw control: the code, the buffers, what a directory can be asked for, the flags.
fn read(raw: &RawOplockControl, directory: bool) -> Result<Asked, Refusal> {
    let invalid = |rule| Err(refusal(Status::INVALID_PARAMETER, rule));
    match raw.code {
        REQUEST_LEVEL_ONE => return Ok(Asked::Request(StoreRequest::LevelOne)),
        REQUEST_LEVEL_TWO => return Ok(Asked::Request(StoreRequest::LevelTwo)),
        REQUEST_BATCH => return Ok(Asked::Request(StoreRequest::Batch)),
        REQUEST_FILTER => return Ok(Asked::Request(StoreRequest::Filter)),
        BREAK_ACKNOWLEDGE => return Ok(Asked::Acknowledge(AckForm::Acknowledge)),
        BREAK_ACK_NO_TWO => return Ok(Asked::Acknowledge(AckForm::NoLevelTwo)),
        ACK_CLOSE_PENDING => return Ok(Asked::Acknowledge(AckForm::ClosePending)),
        BREAK_NOTIFY => return Ok(Asked::BreakNotify),
        REQUEST_OPLOCK => {}
        _ => return invalid(RuleId::FsaRequestUnknownControl),
    }
    if raw.input_length < INPUT_BUFFER || raw.output_length < OUTPUT_BUFFER {
        return Err(refusal(Status::BUFFER_TOO_SMALL, RuleId::FsaRequestBufferTooSmall));
    }
    let (requests, acknowledges) = (raw.flags & FLAG_REQUEST != 0, raw.flags & FLAG_ACK != 0);
    let on_directory = matches!(raw.level, LeaseState::R | LeaseState::RH);
    match (requests, acknowledges) {
        (false, true) if raw.flags & FLAG_COMPLETE_ACK_ON_CLOSE != 0 => {
            Ok(Asked::Acknowledge(AckForm::GranularOnClose(raw.level)))
        }
        (false, true) => Ok(Asked::Acknowledge(AckForm::Granular(raw.level))),
        _ if directory && !on_directory => invalid(RuleId::FsaRequestDirectoryLevel),
        (true, false) => Ok(Asked::Request(StoreRequest::Granular(raw.level))),
        _ => invalid(RuleId::FsaRequestActionFlags),
    }
}
