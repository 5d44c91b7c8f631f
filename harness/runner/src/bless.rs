//! `bless`: runs cases as `run` does and keeps what they showed as their snapshots.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::cli::{BlessArgs, RunArgs, TellArgs};
use crate::console::counted;
use crate::exit::Exit;
use crate::run::Run;
use crate::stop::Stop;
use crate::{print, snapshot, tell};

/// Runs and keeps; a cell that is not as it should be keeps the snapshot of its case from being touched.
///
/// # Errors
/// A [`Stop`] where the run cannot begin, or a snapshot cannot be written.
pub fn bless(args: &BlessArgs) -> Result<Exit, Stop> {
    let run = RunArgs {
        sweep: false,
        select: args.select.clone(),
        corpus: args.corpus.clone(),
        target: args.target.clone(),
        out: args.out.clone(),
        tell: TellArgs::default(),
        strict: false,
        fail_on_change: false,
        max_fail: None,
        deadline: None,
        only_failed: None,
        spread: None,
        pcap: None,
        keep_on_failure: false,
        repeat: 1,
        retries: 0,
        shard: None,
        corpus_as_of: None,
        snapshots: Some(args.snapshots.clone()),
        deviations: args.deviations.clone(),
    };
    let ended = Run::prepare(&run, true)?.play()?;
    let folder = snapshot::folder(&ended.bench.first().facts);
    let mut written = 0;
    let mut kept = BTreeSet::new();
    let observed: Vec<_> = ended
        .observed
        .iter()
        .filter(|(_, observed)| tell::may_be_kept(observed.verdict))
        .cloned()
        .collect();
    for (case, text) in tell::outcomes(&ended.bench, &observed) {
        kept.insert(case.id.as_str());
        let changed = snapshot::write(&args.snapshots, &folder, case, &text)
            .map_err(|error| Stop::harness(error.to_string()))?;
        written += usize::from(changed);
    }
    let asked: BTreeSet<_> = ended.cases.iter().map(|case| case.id.as_str()).collect();
    let refused: Vec<_> = asked.difference(&kept).collect();
    let mut text = format!(
        "{} written, {} up to date already, in {}\n",
        counted(written, "snapshot"),
        kept.len() - written,
        args.snapshots.join(&folder).display()
    );
    for case in &refused {
        let _ = writeln!(text, "refused: {case}: a cell of it failed, or was not run");
    }
    print::out(&text);
    // A refusal never ends as success, also where the verdict is only tolerated.
    Ok(if ended.exit == Exit::Ok && !refused.is_empty() { Exit::Conformance } else { ended.exit })
}
