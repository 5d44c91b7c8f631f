//! The time that a run may take, as it is typed: `--deadline 2h30m`.

use std::str::FromStr;
use std::time::Duration;

/// How long a run may begin new cells, from its own beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadline(pub Duration);

/// A week: whoever types more meant another unit.
const LONGEST: u64 = 7 * 24 * 3600;

impl FromStr for Deadline {
    type Err = String;

    fn from_str(text: &str) -> Result<Deadline, String> {
        let seconds = seconds(text).filter(|seconds| (1..=LONGEST).contains(seconds));
        let wrong = || "a time like 2h, 90m, 1h30m or 45s, up to 168h".to_owned();
        seconds.map(|seconds| Deadline(Duration::from_secs(seconds))).ok_or_else(wrong)
    }
}

/// Whole numbers, each with its unit, the greater units first.
fn seconds(text: &str) -> Option<u64> {
    let mut rest = text.trim();
    let mut sum = 0_u64;
    let mut last = u64::MAX;
    while !rest.is_empty() {
        let (number, behind) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit())?);
        let (unit, behind) = behind
            .split_at(behind.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(behind.len()));
        let unit = match unit {
            "h" => 3600,
            "m" | "min" => 60,
            "s" => 1,
            _ => return None,
        };
        if unit >= last {
            return None;
        }
        last = unit;
        sum = sum.checked_add(number.parse::<u64>().ok()?.checked_mul(unit)?)?;
        rest = behind;
    }
    Some(sum)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("2h", 7200)]
    #[case("30m", 1800)]
    #[case("30min", 1800)]
    #[case("90s", 90)]
    #[case("1h30m", 5400)]
    #[case("1h0m1s", 3601)]
    #[case("168h", 604_800)]
    fn times(#[case] text: &str, #[case] seconds: u64) {
        assert_eq!(text.parse(), Ok(Deadline(Duration::from_secs(seconds))));
    }

    #[rstest]
    #[case("")]
    #[case("90")]
    #[case("0s")]
    #[case("-1s")]
    #[case("1.5h")]
    #[case("1m1h")]
    #[case("1h1h")]
    #[case("h")]
    #[case("1 h")]
    #[case("169h")]
    #[case("1ü")]
    #[case("99999999999999999999h")]
    #[case("9999999999999999999h")]
    fn no_times(#[case] text: &str) {
        assert!(text.parse::<Deadline>().is_err(), "{text}");
    }
}
