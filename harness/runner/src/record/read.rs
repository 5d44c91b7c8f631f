//! A record that is read: what holds for the run, and each cell in brief. The rest of a cell stays in the file until it is wanted,
//! so that a long record needs little memory.

use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::line::{Attempt, CaseLine, CellLine, Footer, Header, Line};
use super::reading::{Found, LONGEST, Reading, read};
use super::speed::Latencies;
use crate::exit::Standing;
use crate::verdict::{Kind, Verdict};

/// A run as reports see it.
#[derive(Debug)]
pub struct Record {
    /// What holds for all of it.
    pub header: Header,
    /// The cases of which a cell was to run, in the order of the corpus.
    pub cases: Vec<CaseLine>,
    /// The cells, in the order of the plan.
    pub cells: Vec<Brief>,
    /// How it ended; nothing where it was cut off.
    pub footer: Option<Footer>,
    /// The file in which the rest of each cell stands; nothing where it is not written.
    file: Option<(PathBuf, File)>,
}

/// A cell in brief.
#[derive(Clone, Debug, PartialEq)]
pub struct Brief {
    /// Its place in the plan of the whole run.
    pub number: usize,
    /// Its case: an index into [`Record::cases`].
    pub case: usize,
    /// Its axes: an index into the legs of the header.
    pub leg: usize,
    /// Its id.
    pub cell: String,
    /// The verdict, deviations applied.
    pub verdict: Verdict,
    /// What that means for the run.
    pub standing: Standing,
    /// Why it was skipped, did not run, or which deviation applied.
    pub reason: Option<String>,
    /// The line of the deviation entry that had a word in it.
    pub deviation: Option<u64>,
    /// The kind of the first divergence.
    pub kind: Option<Kind>,
    /// It in a sentence.
    pub sentence: Option<String>,
    /// Its signature.
    pub signature: Option<String>,
    /// Whether it is of the core.
    pub core: bool,
    /// The capabilities that it needs and the target has not.
    pub lacks: Vec<String>,
    /// How many of its plays passed, and how many there were.
    pub passed: (usize, usize),
    /// Wall time.
    pub duration_ms: f64,
    /// How fast the target was.
    pub latencies: Latencies,
    /// Its first byte in the file, and how many there are; nothing where it has no line there.
    pub at: Option<(u64, usize)>,
}

/// Why a record cannot be read.
#[derive(Debug, Error)]
pub enum RecordError {
    /// The file cannot be read.
    #[error("cannot read {}: {source}", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is not any more what it was when it was opened.
    #[error("{} was changed while it was read; read it again when whoever writes it is done", .path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// A line is none of ours.
    #[error("{}:{line}: {what}", .path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: usize,
        /// What is wrong and what to do.
        what: String,
    },
}

impl Record {
    /// Reads a record, of this format or of the one before. The last line of a run that was cut off may be half a line, and is left out.
    ///
    /// # Errors
    /// A [`RecordError`] that names file and line.
    pub fn open(path: &Path) -> Result<Record, RecordError> {
        let failed = |source| RecordError::Read { path: path.to_owned(), source };
        // A pipe cannot be read at its places later, and one that nobody writes to would never open.
        if !fs::metadata(path).map_err(failed)?.is_file() {
            return Err(failed(io::Error::other(
                "no regular file; name the results.jsonl of a run",
            )));
        }
        let file = File::open(path).map_err(failed)?;
        let mut reading = Reading::default();
        let mut reader = BufReader::new(file.try_clone().map_err(failed)?);
        let mut text = Vec::new();
        let mut at = 0;
        for number in 1.. {
            text.clear();
            let mut bounded = reader.by_ref().take(LONGEST as u64 + 1);
            let length = bounded.read_until(b'\n', &mut text).map_err(failed)?;
            if length == 0 {
                break;
            }
            let wrong = |what| RecordError::Line { path: path.to_owned(), line: number, what };
            if length > LONGEST {
                let most = LONGEST >> 20;
                return Err(wrong(format!(
                    "a line of more than {most} MiB: this is no results.jsonl"
                )));
            }
            match reading.line(&text, at) {
                Ok(()) => {}
                Err(_) if number > 1 && !text.ends_with(b"\n") => break,
                Err(what) => return Err(wrong(what)),
            }
            at += length as u64;
        }
        let Found { header, cases, cells, footer } = reading
            .found()
            .map_err(|what| RecordError::Line { path: path.to_owned(), line: 1, what })?;
        Ok(Record { header, cases, cells, footer, file: Some((path.to_owned(), file)) })
    }

    /// A record whose cells are known already, with the file that has their lines, if there is one.
    ///
    /// # Errors
    /// A [`RecordError`] where that cannot be read.
    pub fn beside(
        path: Option<&Path>,
        header: Header,
        cases: Vec<CaseLine>,
        cells: Vec<Brief>,
        footer: Option<Footer>,
    ) -> Result<Record, RecordError> {
        let file = match path {
            Some(path) => {
                let failed = |source| RecordError::Read { path: path.to_owned(), source };
                Some((path.to_owned(), File::open(path).map_err(failed)?))
            }
            None => None,
        };
        Ok(Record { header, cases, cells, footer, file })
    }

    /// The file, where there is one.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        self.file.as_ref().map(|(path, _)| path.as_path())
    }

    /// Everything that is known of a cell.
    ///
    /// # Errors
    /// A [`RecordError`] where the file is not any more what it was.
    pub fn whole(&self, brief: &Brief) -> Result<CellLine, RecordError> {
        let Some(text) = self.text(brief)? else {
            let case = self.case(brief).map_or("", |case| case.id.as_str());
            return Ok(brief.line(case, self.axes(brief)));
        };
        match read(&text, self.header.format) {
            Ok(Line::Cell(cell)) => Ok(CellLine { number: brief.number, ..*cell }),
            _ => {
                let path = self.path().map(Path::to_owned).unwrap_or_default();
                Err(RecordError::Changed { path })
            }
        }
    }

    /// The line of a cell as it stands in the file, with its end; nothing where it stands nowhere.
    ///
    /// # Errors
    /// A [`RecordError`] where the file is not any more what it was.
    pub fn text(&self, brief: &Brief) -> Result<Option<Vec<u8>>, RecordError> {
        let (Some((path, file)), Some((at, length))) = (&self.file, brief.at) else {
            return Ok(None);
        };
        let mut text = vec![0; length];
        file.read_exact_at(&mut text, at)
            .map_err(|source| RecordError::Read { path: path.clone(), source })?;
        Ok(Some(text))
    }

    /// How many planned cells have no line, where the run was cut off; nothing where it came to its end, or is none yet.
    #[must_use]
    pub fn cut_off(&self) -> Option<usize> {
        let was_written = self.file.is_some() && self.footer.is_none();
        was_written.then(|| self.header.planned.saturating_sub(self.cells.len()))
    }

    /// The case of a cell.
    #[must_use]
    pub fn case(&self, brief: &Brief) -> Option<&CaseLine> {
        self.cases.get(brief.case)
    }

    /// The axes of a cell; empty at the reference's own.
    #[must_use]
    pub fn axes(&self, brief: &Brief) -> &str {
        self.header.legs.get(brief.leg).map_or("", |leg| leg.axes.as_str())
    }

    /// The name of a cell in this run: its id, with the axes where there are several.
    #[must_use]
    pub fn name(&self, brief: &Brief) -> String {
        match self.header.legs.as_slice() {
            [] | [_] => brief.cell.clone(),
            _ => format!("{} @{}", brief.cell, self.axes(brief)),
        }
    }
}

impl Brief {
    /// What of a line stays in memory; `case` and `leg` are its indices, `at` where it stands in the file.
    #[must_use]
    pub fn of(line: &CellLine, case: usize, leg: usize, at: Option<(u64, usize)>) -> Brief {
        let plays = line.attempts.len();
        let passes = |verdict: Verdict| matches!(verdict, Verdict::Pass | Verdict::UnexpectedPass);
        let passed = match plays {
            0 => (usize::from(passes(line.verdict)), 1),
            plays => {
                // A play that passed under an entry that says flaky is a known deviation without a signature.
                let passed = |play: &&Attempt| {
                    let known = play.verdict == Verdict::KnownDeviation && play.signature.is_none();
                    known || passes(play.verdict)
                };
                (line.attempts.iter().filter(passed).count(), plays)
            }
        };
        Brief {
            number: line.number,
            case,
            leg,
            cell: line.cell.clone(),
            verdict: line.verdict,
            standing: line.standing,
            reason: line.reason.clone(),
            deviation: line.deviation,
            kind: line.kind,
            sentence: line.sentence.clone(),
            signature: line.signature.clone(),
            core: line.core,
            lacks: line.lacks.iter().cloned().collect(),
            passed,
            duration_ms: line.duration_ms,
            latencies: line.latencies.clone(),
            at,
        }
    }

    /// As much of its line as stays in memory, for one that stands in no file; `case` and `axes` are those of its indices.
    #[must_use]
    pub fn line(&self, case: &str, axes: &str) -> CellLine {
        CellLine {
            number: self.number,
            cell: self.cell.clone(),
            case: case.to_owned(),
            axes: axes.to_owned(),
            verdict: self.verdict,
            standing: self.standing,
            reason: self.reason.clone(),
            deviation: self.deviation,
            kind: self.kind,
            sentence: self.sentence.clone(),
            signature: self.signature.clone(),
            core: self.core,
            lacks: self.lacks.iter().cloned().collect(),
            duration_ms: self.duration_ms,
            latencies: self.latencies.clone(),
            ..CellLine::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn plays(all: &[(Verdict, Option<&str>)]) -> CellLine {
        let play = |(verdict, signature): &(Verdict, Option<&str>)| Attempt {
            verdict: *verdict,
            signature: signature.map(str::to_owned),
            duration_ms: 1.0,
        };
        CellLine { attempts: all.iter().map(play).collect(), ..CellLine::default() }
    }

    #[rstest]
    #[case::flaky(&[(Verdict::Pass, None), (Verdict::Fail, Some("order"))], (1, 2))]
    #[case::known_to_flicker(
        &[(Verdict::KnownDeviation, None), (Verdict::KnownDeviation, Some("order"))],
        (1, 2)
    )]
    #[case::known(&[(Verdict::KnownDeviation, Some("order")); 2], (0, 2))]
    #[case::once(&[], (0, 1))]
    fn the_plays_that_passed_are_counted(
        #[case] all: &[(Verdict, Option<&str>)],
        #[case] passed: (usize, usize),
    ) {
        assert_eq!(Brief::of(&plays(all), 0, 0, None).passed, passed);
    }
}
