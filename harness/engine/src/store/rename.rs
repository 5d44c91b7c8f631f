//! New names: MS-FSA 2.1.5.15.7 "FileLinkInformation", 2.1.5.15.12 "FileRenameInformation", 2.1.5.15.14
//! "FileShortNameInformation".

use oplock_model::{Access, RuleId, Status};

use super::check::Operation;
use super::files::{File, FileNumber, Link, LinkId, Place, ROOT, ROOT_LINK};
use super::names::{Name, is_short_name, parse_stream};
use super::objects::{Acting, Store};
use super::wait::{Halt, SetProgress};
use crate::choices::RenameTarget;
use crate::coverage::StoreOperation;

/// FILE_ADD_FILE on a directory.
const ADD_FILE: Access = Access::WRITE_DATA;
/// FILE_ADD_SUBDIRECTORY on a directory.
const ADD_SUBDIRECTORY: Access = Access::APPEND_DATA;

/// A name that is to be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct NewName<'a> {
    /// The path below the store's root.
    pub to: &'a str,
    /// ReplaceIfExists.
    pub replace: bool,
}

impl Store {
    /// FileRenameInformation.
    pub(super) fn rename(
        &mut self,
        acting: &Acting,
        new: &NewName,
        progress: &mut SetProgress,
    ) -> Result<(), Halt> {
        acting.needs(Access::DELETE)?;
        if new.to.starts_with(':') {
            return self.rename_stream(acting, new);
        }
        let (file, directory) = self.renamed_file(acting)?;
        let (name, place) = self.new_place(new)?;
        let adds = if directory { ADD_SUBDIRECTORY } else { ADD_FILE };
        self.open_destination(place.parent, adds, progress)?;
        self.check_or_wait(acting.stream, &acting.caller, Operation::Rename)?;
        if directory {
            if self.is_within(place.parent, file) {
                return Err(Halt::Fail(Status::ACCESS_DENIED));
            }
            self.close_below(acting, file, Operation::Rename, progress)?;
        }
        if place.link == Some(acting.link) {
            self.effects.rule(RuleId::FsaRenameSameName);
            return Ok(());
        }
        if let Some(target) = place.link {
            self.replace_target(acting, file, target, new.replace, Operation::Rename)?;
        }
        let from = self.move_link(acting.link, place.parent, name.last());
        self.effects.rule(RuleId::FsaCheckBreakParentRename);
        self.break_parent(from, &acting.caller);
        if from != place.parent {
            self.effects.rule(RuleId::FsaCheckBreakParentRenameMoves);
            self.break_parent(place.parent, &acting.caller);
        }
        Ok(())
    }

    /// FileLinkInformation: the file itself is left alone.
    pub(super) fn link(
        &mut self,
        acting: &Acting,
        new: &NewName,
        progress: &mut SetProgress,
    ) -> Result<(), Halt> {
        let file = self.streams.get(&acting.stream).map(|stream| stream.file);
        let file = file.ok_or(Halt::Fail(Status::FILE_CLOSED))?;
        // A named stream of a directory is no directory, its file is.
        if self.is_directory_file(file) {
            return Err(Halt::Fail(Status::FILE_IS_A_DIRECTORY));
        }
        if self.is_link_deleted(acting.link) {
            return Err(Halt::Fail(Status::ACCESS_DENIED));
        }
        let (name, place) = self.new_place(new)?;
        self.open_destination(place.parent, ADD_FILE, progress)?;
        self.note(acting.open, StoreOperation::Link);
        self.effects.rule(RuleId::FsaCheckBreakRenameLinkKept);
        if let Some(target) = place.link {
            if new.replace && self.links.get(&target).is_some_and(|link| link.file == file) {
                // The file has that name already.
                return Ok(());
            }
            self.replace_target(acting, file, target, new.replace, Operation::Link)?;
        }
        self.insert_link(file, place.parent, name.last());
        self.effects.rule(RuleId::FsaCheckBreakParentLink);
        self.break_parent(place.parent, &acting.caller);
        Ok(())
    }

    /// FileShortNameInformation.
    pub(super) fn set_short_name(
        &mut self,
        acting: &Acting,
        name: &str,
        progress: &mut SetProgress,
    ) -> Result<(), Halt> {
        acting.needs(Access::DELETE)?;
        let (file, directory) = self.renamed_file(acting)?;
        let name = name.to_lowercase();
        if !name.is_empty() && !is_short_name(&name) {
            return Err(Halt::Fail(Status::INVALID_PARAMETER));
        }
        self.check_or_wait(acting.stream, &acting.caller, Operation::ShortName)?;
        if directory {
            self.close_below(acting, file, Operation::ShortName, progress)?;
        }
        let Some(link) = self.links.get(&acting.link) else { return Ok(()) };
        if link.short_name == name {
            self.effects.rule(RuleId::FsaCheckBreakParentShortNameUnchanged);
            return Ok(());
        }
        let parent = link.parent;
        if !name.is_empty() && self.child(parent, &name).is_some_and(|link| link != acting.link) {
            return Err(Halt::Fail(Status::OBJECT_NAME_COLLISION));
        }
        let removed = name.is_empty();
        self.swap_short_name(acting.link, name);
        if removed {
            self.effects.rule(RuleId::FsaCheckBreakParentShortNameUnchanged);
        } else {
            self.effects.rule(RuleId::FsaCheckBreakParentShortName);
            self.break_parent(parent, &acting.caller);
        }
        Ok(())
    }

    /// The file whose name changes, and whether it is a directory: neither the root, nor one that goes, nor a mere stream.
    fn renamed_file(&self, acting: &Acting) -> Result<(FileNumber, bool), Halt> {
        let stream = self.streams.get(&acting.stream).ok_or(Status::FILE_CLOSED)?;
        if !stream.name.is_empty() {
            Err(Halt::Fail(Status::INVALID_PARAMETER))
        } else if acting.link == ROOT_LINK || self.is_link_deleted(acting.link) {
            Err(Halt::Fail(Status::ACCESS_DENIED))
        } else {
            Ok((stream.file, stream.directory))
        }
    }

    /// Where a new name leads.
    fn new_place(&self, new: &NewName) -> Result<(Name, Place), Halt> {
        let name = Name::parse(new.to)?;
        if !name.stream.is_empty() {
            return Err(Halt::Fail(Status::OBJECT_NAME_INVALID));
        }
        let place = self.find(&name)?;
        Ok((name, place))
    }

    /// Whether a directory is, or is somewhere in, another.
    fn is_within(&self, directory: FileNumber, of: FileNumber) -> bool {
        let mut at = directory;
        while at != of {
            let link = self.files.get(&at).and_then(|file| file.links.first());
            match link.and_then(|link| self.links.get(link)) {
                Some(link) if at != ROOT => at = link.parent,
                _ => return false,
            }
        }
        true
    }

    /// What has the new name already: it gives way only if it shall, is a file that may go, and nobody has it open.
    fn replace_target(
        &mut self,
        acting: &Acting,
        file: FileNumber,
        target: LinkId,
        replace: bool,
        operation: Operation,
    ) -> Result<(), Halt> {
        if !replace {
            self.effects.rule(RuleId::FsaRenameTargetExists);
            return Err(Halt::Fail(Status::OBJECT_NAME_COLLISION));
        }
        let Some(link) = self.links.get(&target) else { return Ok(()) };
        let (target_file, deleted) = (link.file, link.deleted.is_some());
        if target_file == file {
            self.merge_links(target, acting.link);
            return Ok(());
        }
        let Some(found) = self.files.get(&target_file) else { return Ok(()) };
        if found.directory || self.is_read_only(found.primary) {
            self.effects.rule(RuleId::FsaRenameTargetProtected);
            return Err(Halt::Fail(Status::ACCESS_DENIED));
        }
        if deleted {
            self.effects.rule(RuleId::FsaRenameTargetDeleted);
            return Err(Halt::Fail(Status::DELETE_PENDING));
        }
        let operation = match self.choices.rename_target {
            RenameTarget::AsRename => operation,
            RenameTarget::AsEndOfFile => Operation::EndOfFile,
        };
        let open: Vec<_> = found.streams().filter(|stream| self.is_open(*stream)).collect();
        let mut checked = Ok(());
        for stream in &open {
            let outcome = self.check_or_wait(*stream, &acting.caller, operation);
            checked = checked.and(outcome);
        }
        checked?;
        if !open.is_empty() {
            self.effects.rule(RuleId::FsaRenameTargetOpen);
            return Err(Halt::Fail(Status::ACCESS_DENIED));
        }
        self.remove_link(target);
        Ok(())
    }

    /// Gives a name another place, and returns the directory where it was.
    fn move_link(&mut self, id: LinkId, to: FileNumber, name: &str) -> FileNumber {
        self.swap_short_name(id, String::new());
        let Some(link) = self.links.get_mut(&id) else { return to };
        let from = std::mem::replace(&mut link.parent, to);
        let old = std::mem::replace(&mut link.name, name.to_owned());
        if let Some(directory) = self.files.get_mut(&from) {
            directory.children.remove(&old);
        }
        if let Some(directory) = self.files.get_mut(&to) {
            directory.children.insert(name.to_owned(), id);
        }
        from
    }

    /// Sets the short name of a link anew; the empty one removes it.
    fn swap_short_name(&mut self, id: LinkId, name: String) {
        let Some(link) = self.links.get_mut(&id) else { return };
        let Some(directory) = self.files.get_mut(&link.parent) else { return };
        if link.short_name != link.name {
            directory.children.remove(&link.short_name);
        }
        if !name.is_empty() {
            directory.children.insert(name.clone(), id);
        }
        link.short_name = name;
    }

    /// One name of a file takes the place of another: who came by that one is there by this one now.
    fn merge_links(&mut self, gone: LinkId, into: LinkId) {
        let Some(Link { file, opens, .. }) = self.links.get(&gone) else { return };
        let opens = *opens;
        for stream in self.files.get(file).into_iter().flat_map(File::streams) {
            for id in self.streams.get(&stream).map_or(&[][..], |stream| &stream.opens) {
                if let Some(open) = self.opens.get_mut(id).filter(|open| open.link == gone) {
                    open.link = into;
                }
            }
        }
        if let Some(link) = self.links.get_mut(&into) {
            link.opens = link.opens.saturating_add(opens);
        }
        self.remove_link(gone);
    }

    /// A named stream gets another name within its file.
    fn rename_stream(&mut self, acting: &Acting, new: &NewName) -> Result<(), Halt> {
        let to = parse_stream(new.to)?;
        let Some(stream) = self.streams.get(&acting.stream) else { return Ok(()) };
        if stream.name.is_empty() || to.is_empty() {
            return Err(Halt::Fail(Status::INVALID_PARAMETER));
        }
        let (file, from) = (stream.file, stream.name.clone());
        if stream.deleted || self.is_link_deleted(acting.link) {
            return Err(Halt::Fail(Status::ACCESS_DENIED));
        }
        self.check_or_wait(acting.stream, &acting.caller, Operation::Rename)?;
        if to == from {
            self.effects.rule(RuleId::FsaRenameSameName);
            return Ok(());
        }
        let target = self.files.get(&file).and_then(|file| file.stream(&to));
        if let Some(target) = target {
            if !new.replace {
                self.effects.rule(RuleId::FsaRenameTargetExists);
                return Err(Halt::Fail(Status::OBJECT_NAME_COLLISION));
            }
            if self.is_open(target) {
                self.check_or_wait(target, &acting.caller, Operation::Rename)?;
                self.effects.rule(RuleId::FsaRenameTargetOpen);
                return Err(Halt::Fail(Status::ACCESS_DENIED));
            }
            self.remove_stream(target);
        }
        if let Some(file) = self.files.get_mut(&file) {
            file.named.remove(&from);
            file.named.insert(to.clone(), acting.stream);
        }
        if let Some(stream) = self.streams.get_mut(&acting.stream) {
            stream.name = to;
        }
        Ok(())
    }
}
