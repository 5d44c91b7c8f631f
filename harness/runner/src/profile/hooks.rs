//! `hooks`: commands of the vendor's own that run beside a run.

use std::time::Duration;

use oplock_suite::Code;
use oplock_suite::document::{Fields, Kind, Node, Reader};

use super::duration::read_duration;
use super::keys;
use super::waits::shown;

/// The commands of a profile, each a program and its arguments; no shell reads them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HookPlan {
    /// Before the target is asked for anything.
    pub before_run: Vec<Vec<String>>,
    /// After each cell that is not as it should be.
    pub on_fail: Vec<Vec<String>>,
    /// After the last cell.
    pub after_run: Vec<Vec<String>>,
    /// How long one command may take.
    pub within: Duration,
    /// For how many cells of a run `on_fail` runs at most.
    pub cells: usize,
}

impl HookPlan {
    /// How long one command may take where nothing is said.
    pub const WITHIN: Duration = Duration::from_secs(10);
    /// No command may take longer.
    pub const LONGEST: Duration = Duration::from_secs(300);
    /// For how many cells `on_fail` runs where nothing is said.
    pub const CELLS: usize = 20;

    /// Whether there is no command at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.before_run.is_empty() && self.on_fail.is_empty() && self.after_run.is_empty()
    }
}

impl Default for HookPlan {
    fn default() -> Self {
        HookPlan {
            before_run: Vec::new(),
            on_fail: Vec::new(),
            after_run: Vec::new(),
            within: HookPlan::WITHIN,
            cells: HookPlan::CELLS,
        }
    }
}

/// Reads `hooks`.
pub(super) fn read_hooks(reader: &mut Reader<'_>, node: &Node) -> HookPlan {
    let usual = HookPlan::default();
    let Some(fields) = reader.fields(node, "`hooks`", keys::HOOKS) else { return usual };
    let mut read = |key: &str| read_commands(reader, &fields, key);
    let (before_run, on_fail, after_run) = (read("before_run"), read("on_fail"), read("after_run"));
    let within = fields.find("within").and_then(|node| {
        let within = read_duration(reader, node, "`within`")?;
        if within.is_zero() || within > HookPlan::LONGEST {
            let message = format!("`within` of `hooks` is {}", shown(within));
            let label = format!("more than nothing, at most {}", shown(HookPlan::LONGEST));
            reader.report(Code::BadNumber, node.spot, message, label);
        }
        Some(within)
    });
    let cells = fields.find("cells").and_then(|node| reader.number::<u32>(node, "`cells`"));
    HookPlan {
        before_run,
        on_fail,
        after_run,
        within: within.unwrap_or(usual.within),
        cells: cells.map_or(usual.cells, |cells| cells as usize),
    }
}

/// One command as a list of words, or several as a list of such lists.
fn read_commands(reader: &mut Reader<'_>, fields: &Fields<'_>, key: &str) -> Vec<Vec<String>> {
    let Some(node) = fields.find(key) else { return Vec::new() };
    if let Some(text) = node.text() {
        let message = format!("`{key}` must be a list: a program and its arguments");
        let words: Vec<&str> = text.split_whitespace().collect();
        let help = format!("no shell reads it; write `[{}]`", words.join(", "));
        reader.report_with_help(Code::WrongShape, node.spot, message, "this is a word", help);
        return Vec::new();
    }
    let what = format!("`{key}`");
    let Some(items) = reader.list(node, &what) else { return Vec::new() };
    let several = items.iter().any(|item| matches!(item.kind, Kind::List(_)));
    let commands: Vec<&Node> = if several { items.iter().collect() } else { vec![node] };
    commands.into_iter().filter_map(|node| read_command(reader, node, &what)).collect()
}

fn read_command(reader: &mut Reader<'_>, node: &Node, what: &str) -> Option<Vec<String>> {
    let items = reader.list(node, &format!("a command of {what}"))?;
    let words: Option<Vec<String>> = items
        .iter()
        .map(|item| reader.text(item, &format!("an argument in {what}")).map(str::to_owned))
        .collect();
    if items.is_empty() {
        reader.report(
            Code::Missing,
            node.spot,
            format!("{what} names no program"),
            "nothing in it",
        );
        return None;
    }
    words
}
