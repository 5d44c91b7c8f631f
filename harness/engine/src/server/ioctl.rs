//! IOCTL: the controls that bear on oplocks (MS-SMB2 3.3.5.15 "Receiving an SMB2 IOCTL Request").

use oplock_model::{AckForm, CallId, Control, FileId, RuleId, Status};

use super::chain::Chain;
use super::state::{Call, Doing, Server};
use crate::choices::AckNo2ByIoctl;
use crate::store::OpenId;

/// FSCTL_OPLOCK_BREAK_ACK_NO_2, which stands in no list of blocked controls.
const ACK_NO_2: u32 = 0x0009_0050;

/// The oplock controls that no client may send (MS-SMB2 <397>).
const OPLOCK_CONTROLS: [u32; 8] = [
    0x0009_0000, // FSCTL_REQUEST_OPLOCK_LEVEL_1
    0x0009_0004, // FSCTL_REQUEST_OPLOCK_LEVEL_2
    0x0009_0008, // FSCTL_REQUEST_BATCH_OPLOCK
    0x0009_000C, // FSCTL_OPLOCK_BREAK_ACKNOWLEDGE
    0x0009_0010, // FSCTL_OPBATCH_ACK_CLOSE_PENDING
    0x0009_0014, // FSCTL_OPLOCK_BREAK_NOTIFY
    0x0009_005C, // FSCTL_REQUEST_FILTER_OPLOCK
    0x0009_0240, // FSCTL_REQUEST_OPLOCK
];

impl Server {
    /// IOCTL on an open.
    pub(super) fn control(
        &mut self,
        id: CallId,
        mut chain: Chain,
        file: FileId,
        control: &Control,
    ) {
        let (open, store) = match self.find(&mut chain, file) {
            Ok(found) => found,
            Err(status) => return self.answer(id, status, chain),
        };
        if let Control::Resiliency { timeout } = *control {
            let status = self.make_resilient(open, timeout);
            return self.answer(id, status, chain);
        }
        if let Control::Raw { code, .. } = *control
            && let Some(status) = self.oplock_control(store, code)
        {
            return self.answer(id, status, chain);
        }
        let source = match self.source(&chain, control) {
            Ok(source) => source,
            Err(status) => return self.answer(id, status, chain),
        };
        self.fire(RuleId::Smb2IoctlPassedOn);
        let doing = match control {
            Control::CopyChunk { .. } => Doing::CopyChunk,
            _ => Doing::Plain,
        };
        self.call_store(Call { id, doing, chain }, store, |store, ticket, open| {
            store.control(ticket, open, control, source);
        });
    }

    /// What becomes of an oplock control; nothing where the code is none.
    fn oplock_control(&mut self, open: OpenId, code: u32) -> Option<Status> {
        if code == ACK_NO_2 {
            self.fire(RuleId::Smb2IoctlAckNo2);
            return Some(match self.choices.ack_no_2_by_ioctl {
                AckNo2ByIoctl::Refused => Status::NOT_SUPPORTED,
                AckNo2ByIoctl::PassedOn => {
                    let ticket = self.ticket();
                    self.store.ack(ticket, open, AckForm::NoLevelTwo);
                    self.returned(ticket).0
                }
            });
        }
        OPLOCK_CONTROLS.contains(&code).then(|| {
            self.fire(RuleId::Smb2IoctlOplockControlRefused);
            Status::NOT_SUPPORTED
        })
    }

    /// The open that a copy reads from: one of the same session.
    fn source(&mut self, chain: &Chain, control: &Control) -> Result<Option<OpenId>, Status> {
        let (source, rule, status) = match *control {
            Control::CopyChunk { source, .. } => {
                (source, RuleId::Smb2IoctlCopyChunkSource, Status::OBJECT_NAME_NOT_FOUND)
            }
            Control::DuplicateExtents { source, .. } => {
                (source, RuleId::Smb2IoctlDuplicateSource, Status::INVALID_HANDLE)
            }
            _ => return Ok(None),
        };
        match self.open_of(chain.connection, source) {
            Some((_, open)) => Ok(Some(open)),
            None => {
                self.fire(rule);
                Err(status)
            }
        }
    }
}
