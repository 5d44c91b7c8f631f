//! Breaks of R and RH on the parent directory: they advise and never hold the child's operation up
//! (SDK "FSCTL_REQUEST_OPLOCK control code").

use oplock_model::{Level, RuleId};

use super::effects::Effects;
use super::keys::{Caller, parent_key_matches};
use super::objects::Store;
use super::oplock::{Holder, Oplock};

impl Store {
    /// Breaks what others hold on the directory of that path.
    pub(super) fn break_parent(&mut self, path: &str, caller: &Caller) {
        let directory = self.files.get(path).and_then(|file| file.streams.get("")).copied();
        if let Some(stream) = directory.and_then(|id| self.streams.get_mut(&id)) {
            stream.oplock.break_parent(caller, &mut self.effects);
        }
    }
}

impl Oplock {
    fn break_parent(&mut self, caller: &Caller, effects: &mut Effects) {
        let stranger = |holder: &mut Holder| !parent_key_matches(caller, holder);
        for holder in self.read.extract_if(.., stranger) {
            effects.rule(RuleId::FsaCheckBreakParentOtherKey);
            effects.broken(&holder, Level::R, Level::None, None);
        }
        let read_handle: Vec<Holder> = self.read_handle.extract_if(.., stranger).collect();
        for holder in read_handle {
            effects.rule(RuleId::FsaCheckBreakParentOtherKey);
            effects.broken(&holder, Level::Rh, Level::None, None);
            self.enqueue(holder, Level::None);
        }
        if !self.read.is_empty() || !self.read_handle.is_empty() {
            effects.rule(RuleId::FsaCheckBreakParentSameKey);
        }
        for entry in &mut self.queue {
            if !parent_key_matches(caller, &entry.holder) {
                entry.to_read = false;
            }
        }
        self.recompute(effects);
    }
}
