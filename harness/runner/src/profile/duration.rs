//! Times with their unit: `300ms`, `1.7s`, `2min`.

use std::time::Duration;

use oplock_suite::Code;
use oplock_suite::document::{Node, Reader};

/// Nothing in a profile lasts longer.
const LONGEST: Duration = Duration::from_secs(3600);

/// Reads a time of a profile.
pub(super) fn read_duration(reader: &mut Reader<'_>, node: &Node, what: &str) -> Option<Duration> {
    let text = reader.text(node, what)?;
    let read = duration(text);
    if read.is_none() {
        let bare = text.parse::<f64>().is_ok();
        let help = if bare { format!("`{text}ms` or `{text}s`?") } else { HELP.to_owned() };
        let message = format!("{what} must be a time with its unit, up to 60min");
        reader.report_with_help(Code::BadNumber, node.spot, message, "not such a time", help);
    }
    read
}

const HELP: &str = "such as 300ms, 1.7s or 2min";

/// The time that a text says: digits, perhaps a point and more of them, and a unit.
fn duration(text: &str) -> Option<Duration> {
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let (number, unit) = text.split_at(digits);
    let seconds = match unit.trim_start() {
        "ms" => 0.001,
        "s" => 1.0,
        "min" => 60.0,
        _ => return None,
    };
    let whole = number.starts_with(|c: char| c.is_ascii_digit())
        && number.ends_with(|c: char| c.is_ascii_digit());
    let number = number.parse::<f64>().ok().filter(|_| whole)?;
    // To the microsecond, as ticks count: a tenth has no exact form in binary.
    let micros = (number * seconds * 1e6).round();
    let read = Duration::try_from_secs_f64(micros / 1e6).ok()?;
    (read <= LONGEST).then_some(read)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("0ms", Some(0))]
    #[case("300ms", Some(300_000))]
    #[case("35s", Some(35_000_000))]
    #[case("1.7s", Some(1_700_000))]
    #[case("0.5 ms", Some(500))]
    #[case("2min", Some(120_000_000))]
    #[case("60min", Some(3_600_000_000))]
    #[case("61min", None)]
    #[case("35", None)]
    #[case("s", None)]
    #[case("-1s", None)]
    #[case("+1s", None)]
    #[case("1.s", None)]
    #[case(".5s", None)]
    #[case("1.2.3s", None)]
    #[case("1e3s", None)]
    #[case("3 hours", None)]
    #[case("999999999999999999999999999999s", None)]
    fn times_have_units(#[case] text: &str, #[case] micros: Option<u64>) {
        assert_eq!(duration(text), micros.map(Duration::from_micros));
    }
}
