//! Where the passwords of a profile come from: variables and files, never the profile.

use std::fs;
use std::path::{Path, PathBuf};

use oplock_suite::Code;
use oplock_suite::document::{Reader, Spot};

use crate::target::PASSWORD;

/// What is known of passwords while a profile is read.
pub struct Secrets<'a> {
    /// Whether they are looked for: a command that touches no target needs none.
    wanted: bool,
    /// The first account's, where the command line names a file that has it.
    given: Option<String>,
    /// The value of a variable.
    variable: &'a dyn Fn(&str) -> Option<String>,
    /// What `password_file` is relative to.
    folder: PathBuf,
}

/// Why there is no password.
pub(super) struct Absent {
    message: String,
    label: String,
    help: String,
}

impl<'a> Secrets<'a> {
    /// Nothing is looked for.
    #[must_use]
    pub fn unasked() -> Secrets<'a> {
        Secrets { wanted: false, given: None, variable: &|_| None, folder: PathBuf::new() }
    }

    /// Every account needs its password: `given` is that of the first, where the command line names it.
    #[must_use]
    pub fn asked(
        given: Option<String>,
        variable: &'a dyn Fn(&str) -> Option<String>,
        folder: &Path,
    ) -> Secrets<'a> {
        Secrets { wanted: true, given, variable, folder: folder.to_owned() }
    }

    pub(super) fn of_variable(&self, name: &str, first: bool) -> Result<String, Absent> {
        self.given_or(first, || {
            (self.variable)(name).ok_or_else(|| Absent {
                message: format!("the variable `{name}` is not set"),
                label: "no password for this account".to_owned(),
                help: format!("set it before the run: `export {name}=...`"),
            })
        })
    }

    pub(super) fn of_file(&self, path: &str, first: bool) -> Result<String, Absent> {
        self.given_or(first, || {
            let text = fs::read_to_string(self.folder.join(path)).map_err(|error| Absent {
                message: format!("cannot read the password file `{path}`: {error}"),
                label: "no password for this account".to_owned(),
                help: "its first line is the password; a relative path begins at the profile"
                    .to_owned(),
            })?;
            Ok(text.lines().next().unwrap_or_default().to_owned())
        })
    }

    /// The first account's password, of which the profile says nothing.
    pub(super) fn of_first(&self) -> Result<String, Absent> {
        self.given_or(true, || {
            (self.variable)(PASSWORD).ok_or_else(|| Absent {
                message: "the first account has no password".to_owned(),
                label: "nothing says where it is".to_owned(),
                help: format!(
                    "set {PASSWORD}, name a file with --password-file, or say `password_env: NAME` here"
                ),
            })
        })
    }

    pub(super) fn report(&self, reader: &mut Reader<'_>, spot: Spot, absent: Absent) {
        let Absent { message, label, help } = absent;
        reader.report_with_help(Code::Missing, spot, message, label, help);
    }

    fn given_or(
        &self,
        first: bool,
        otherwise: impl FnOnce() -> Result<String, Absent>,
    ) -> Result<String, Absent> {
        match &self.given {
            Some(password) if first => Ok(password.clone()),
            _ if !self.wanted => Ok(String::new()),
            _ => otherwise(),
        }
    }
}
