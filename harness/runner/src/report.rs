//! `report`: every report again, from the record of a run.

use std::path::Path;

use crate::cli::ReportArgs;
use crate::console::counted;
use crate::exit::{self, Exit};
use crate::record::Record;
use crate::reports::{self, Reports, same_place};
use crate::stop::Stop;
use crate::{console, print, taken};

/// Makes the reports of a record, and ends as its run did.
///
/// # Errors
/// A [`Stop`] where the record cannot be read, or a report not be written.
pub fn report(args: &ReportArgs) -> Result<Exit, Stop> {
    let path = &args.record;
    let record = Record::open(path).map_err(|error| Stop::usage(error.to_string()))?;
    let beside = || match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let out = args.out.clone().unwrap_or_else(|| beside().to_owned());
    let reports = Reports::new(out, &args.tell);
    of_this_record(&reports, path)?;
    let _taken = taken::take(&reports.out)?;
    reports::write(&reports, &record)?;
    console::finished(&record, &reports)?;
    if let Some(missing) = record.cut_off() {
        print::complain(&format!(
            "{} was cut off: {} of {} planned have no line, and nothing is claimed; run it again",
            path.display(),
            counted(missing, "cell"),
            record.header.planned,
        ));
    }
    Ok(exit::of(&record))
}

/// Refuses to overwrite the record, and a folder that has the one of another run: its reports would be of this one.
fn of_this_record(reports: &Reports, path: &Path) -> Result<(), Stop> {
    let other = reports.jsonl();
    let mut made = reports.junit().chain([reports.html()]);
    if let Some(report) = made.find(|report| same_place(report, path)) {
        return Err(Stop::usage(format!(
            "{} is the record, and would be overwritten by a report; name another file",
            report.display()
        )));
    }
    if other.exists() && !same_place(&other, path) {
        return Err(Stop::usage(format!(
            "--out {} has the results.jsonl of another run; name another folder",
            reports.out.display()
        )));
    }
    Ok(())
}
