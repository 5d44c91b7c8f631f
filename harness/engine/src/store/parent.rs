//! Breaks of R and RH on the parent directory: they advise and never hold the child's operation up
//! (SDK "FSCTL_REQUEST_OPLOCK control code").

use oplock_model::RuleId;

use super::check::{Check, Operation, Scope};
use super::files::{FileNumber, LinkId};
use super::keys::Caller;
use super::objects::Store;
use crate::choices::ParentOfData;

impl Store {
    /// Breaks what others hold on a directory, since something in it changed.
    pub(super) fn break_parent(&mut self, directory: FileNumber, caller: &Caller) {
        if let Some(primary) = self.files.get(&directory).map(|file| file.primary) {
            // Advice only: nobody waits for it.
            self.check_stream(primary, caller, &Check::of(Operation::Parent), Scope::Everything);
        }
    }

    /// The same where all that changed is the data of a file, by the rule that says when.
    pub(super) fn tell_parent_of_data(&mut self, link: LinkId, rule: RuleId, caller: &Caller) {
        if self.choices.parent_of_data == ParentOfData::Kept {
            return self.effects.rule(RuleId::FsaCheckBreakParentDataKept);
        }
        self.effects.rule(rule);
        self.break_parent_of(link, caller);
    }

    /// Breaks what others hold on the directory that a name is in.
    pub(super) fn break_parent_of(&mut self, link: LinkId, caller: &Caller) {
        if let Some(parent) = self.links.get(&link).map(|link| link.parent) {
            self.break_parent(parent, caller);
        }
    }
}
