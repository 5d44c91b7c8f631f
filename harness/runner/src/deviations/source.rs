//! Where the deviation list of a run comes from, before the version of its target is known.

use std::fs;
use std::path::Path;

use oplock_suite::plan::Corpus;

use super::list::Deviations;
use crate::corpus;
use crate::record::{Header, Record};
use crate::stop::Stop;
use crate::target::Choice;

/// The list that a run had, as far as it was for the version of its target.
///
/// # Errors
/// A [`Stop`] where the header of the record has an entry that cannot be.
pub fn of_record(record: &Record) -> Result<Deviations, Stop> {
    let Header { deviations, target, .. } = &record.header;
    let Some(listed) = deviations else { return Ok(Deviations::none(&target.version)) };
    let path = record.path().map(|path| format!("{}:1: ", path.display())).unwrap_or_default();
    Deviations::of_record(listed, &target.version)
        .map_err(|error| Stop::usage(format!("{path}{error}")))
}

/// The text of a list.
#[derive(Clone, Debug, Default)]
pub struct Source {
    /// The file, as it was named.
    file: String,
    text: String,
}

impl Source {
    /// The list of this file, or that of the target where no file is named.
    ///
    /// # Errors
    /// A [`Stop`] where it cannot be read.
    pub fn find(file: Option<&Path>, choice: &Choice) -> Result<Source, Stop> {
        match file {
            Some(file) => Source::of_file(file),
            None => {
                let (file, text) = choice.deviations().map_err(Stop::usage)?;
                Ok(Source { file, text })
            }
        }
    }

    /// The list of this file.
    ///
    /// # Errors
    /// A [`Stop`] where it cannot be read.
    pub fn of_file(file: &Path) -> Result<Source, Stop> {
        let name = file.display().to_string();
        let text = fs::read_to_string(file)
            .map_err(|error| Stop::usage(format!("cannot read --deviations {name}: {error}")))?;
        Ok(Source { file: name, text })
    }

    /// The list for a target of this version.
    ///
    /// # Errors
    /// A [`Stop`] with everything that is wrong with the list.
    pub fn read(&self, version: &str) -> Result<Deviations, Stop> {
        Deviations::read(&self.file, &self.text, version)
            .map_err(|error| Stop::usage(error.to_string()))
    }

    /// Refuses a list that cannot be read, or in which two entries say of a cell of the corpus with equal right how it ends,
    /// whatever version answers.
    ///
    /// # Errors
    /// A [`Stop`] with everything that is wrong with the list.
    pub fn decided(&self, corpus: &Corpus) -> Result<(), Stop> {
        let list = Deviations::read_all(&self.file, &self.text);
        list.and_then(|list| list.decided(corpus::cells(corpus)))
            .map_err(|error| Stop::usage(error.to_string()))
    }
}
