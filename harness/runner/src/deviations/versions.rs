//! Versions of products, as vendors write them, and ranges of them.

use std::cmp::Ordering;
use std::fmt;

/// A version: `4.17.12-Debian`, `9.5P3`, `10.0.20348`, `4.22.0rc2`.
#[derive(Clone, Debug)]
pub struct Version {
    /// The numbers in front; one that is not there counts as 0.
    numbers: Vec<u64>,
    suffix: Suffix,
}

/// What of the text behind the numbers has a say in the order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Suffix {
    /// `rc1`, `beta2`: comes before the release itself.
    Before(Vec<(String, u64)>),
    /// Nothing, or the word of whoever packed it: `-Debian`, `+dfsg`.
    Release,
    /// `P3`, `a`: comes after it.
    After(Vec<(String, u64)>),
}

/// The words of versions that come before their release.
const BEFORE: [&str; 6] = ["alpha", "beta", "dev", "pre", "preview", "rc"];

impl Version {
    /// The version in a product's text: the first word of it that begins with a digit.
    #[must_use]
    pub fn parse(text: &str) -> Option<Version> {
        let begins = |word: &&str| word.starts_with(|c: char| c.is_ascii_digit());
        let word = text.split_whitespace().map(|word| word.trim_start_matches('v')).find(begins)?;
        let end = word.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(word.len());
        let (numbers, rest) = word.split_at(end);
        // A number that is too large is larger than any other.
        let number = |part: &str| part.parse().unwrap_or(u64::MAX);
        let numbers = numbers.split('.').filter(|part| !part.is_empty()).map(number).collect();
        Some(Version { numbers, suffix: Suffix::of(rest) })
    }

    /// Its first two numbers, which name a series of releases: `4.17`.
    #[must_use]
    pub fn series(&self) -> String {
        let numbers: Vec<String> = self.numbers.iter().take(2).map(u64::to_string).collect();
        numbers.join(".")
    }

    /// The first of all versions that begin like this one.
    fn bottom(&self) -> Version {
        match self.suffix {
            Suffix::Release => Version { suffix: Suffix::Before(Vec::new()), ..self.clone() },
            _ => self.clone(),
        }
    }

    /// The last of all versions that begin like this one.
    fn top(&self) -> Version {
        let mut top = self.clone();
        if top.suffix == Suffix::Release {
            top.numbers.push(u64::MAX);
            top.suffix = Suffix::After(vec![(char::MAX.to_string(), u64::MAX)]);
        }
        top
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Version) -> Ordering {
        let number = |numbers: &[u64], place: usize| numbers.get(place).copied().unwrap_or(0);
        let places = 0..self.numbers.len().max(other.numbers.len());
        let numbers = places
            .map(|place| number(&self.numbers, place).cmp(&number(&other.numbers, place)))
            .find(|order| order.is_ne());
        numbers.unwrap_or_else(|| self.suffix.cmp(&other.suffix))
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Version) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Version {}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Version) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Suffix {
    fn of(text: &str) -> Suffix {
        let apart = text.starts_with(['-', '_', '+', '~', '.']);
        let text = text.trim_start_matches(['-', '_', '+', '~', '.']);
        let pieces = pieces(text);
        match pieces.first() {
            Some((word, _)) if BEFORE.contains(&word.as_str()) => Suffix::Before(pieces),
            Some((word, _)) if !apart && !word.is_empty() => Suffix::After(pieces),
            _ => Suffix::Release,
        }
    }
}

/// Words with their numbers, up to anything that is neither: `P3D2` is P 3 and D 2.
fn pieces(text: &str) -> Vec<(String, u64)> {
    let mut pieces = Vec::new();
    let mut rest = text;
    loop {
        let word = leading(rest, |c| c.is_ascii_alphabetic());
        rest = rest.get(word.len()..).unwrap_or_default();
        let number = leading(rest, |c| c.is_ascii_digit());
        rest = rest.get(number.len()..).unwrap_or_default();
        if word.is_empty() && number.is_empty() {
            return pieces;
        }
        let value = if number.is_empty() { 0 } else { number.parse().unwrap_or(u64::MAX) };
        pieces.push((word.to_ascii_lowercase(), value));
    }
}

fn leading(text: &str, is_part: impl Fn(char) -> bool) -> &str {
    let end = text.find(|c| !is_part(c)).unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}

/// A range of versions: `>=9.2, <9.6`, `4.17`, `<9.2 || >=9.6P2`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Versions {
    /// As it is written.
    text: String,
    /// One of these.
    alternatives: Vec<Interval>,
}

/// All versions between two.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Interval {
    /// The lowest, and whether it belongs to it.
    low: Option<(Version, bool)>,
    /// The highest, and whether it belongs to it.
    high: Option<(Version, bool)>,
}

impl Versions {
    /// Reads a range. A number that is not named is any: `4.17` and `<=4.17` cover 4.17.12, `>4.17` does not.
    ///
    /// # Errors
    /// A fragment that says what is wrong.
    pub fn parse(text: &str) -> Result<Versions, String> {
        let mut alternatives = Vec::new();
        for alternative in text.split("||") {
            let mut interval = Interval::default();
            for bound in alternative.split(',') {
                interval = interval.and(Interval::parse(bound.trim())?);
            }
            alternatives.push(interval);
        }
        Ok(Versions { text: text.trim().to_owned(), alternatives })
    }

    /// Whether a version is one of them.
    #[must_use]
    pub fn covers(&self, version: &Version) -> bool {
        self.alternatives.iter().any(|interval| interval.covers(version))
    }

    /// Whether there is a version that is in both.
    #[must_use]
    pub fn meets(&self, other: &Versions) -> bool {
        self.alternatives.iter().any(|one| {
            other.alternatives.iter().any(|other| !one.clone().and(other.clone()).is_empty())
        })
    }

    /// Whether no version can be one of them.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.alternatives.iter().all(Interval::is_empty)
    }

    /// The same without this version and all later ones, as it would be written; nothing where that is no simple edit.
    #[must_use]
    pub fn before(this: Option<&Versions>, version: &str) -> Option<String> {
        let bound = format!("<{version}");
        let text = match this {
            None => bound,
            Some(versions) if versions.text.contains("||") => return None,
            Some(versions) => {
                let low = |part: &str| match part.trim() {
                    part if part.starts_with('<') => None,
                    part if part.starts_with('>') => Some(part.to_owned()),
                    part => Some(format!(">={}", part.trim_start_matches('='))),
                };
                let lows = versions.text.split(',').filter_map(low);
                lows.chain([bound]).collect::<Vec<_>>().join(", ")
            }
        };
        let narrowed = Versions::parse(&text).ok()?;
        (!narrowed.is_empty()).then_some(text)
    }
}

impl fmt::Display for Versions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Interval {
    fn parse(bound: &str) -> Result<Interval, String> {
        let end = bound.find(|c: char| !"<>=~^!".contains(c)).unwrap_or(bound.len());
        let (sign, text) = bound.split_at(end);
        let text = text.trim().trim_end_matches(".*");
        let is_one =
            !text.contains(char::is_whitespace) && text.starts_with(|c: char| c.is_ascii_digit());
        let Some(version) = Version::parse(text).filter(|_| is_one) else {
            return Err(format!("`{bound}` is no version with a bound, such as `>=9.2` or `4.17`"));
        };
        let (low, high) = match sign {
            "" | "=" => (Some((version.bottom(), true)), Some((version.top(), true))),
            ">=" => (Some((version, true)), None),
            ">" => (Some((version.top(), false)), None),
            "<=" => (None, Some((version.top(), true))),
            "<" => (None, Some((version, false))),
            sign => return Err(format!("`{sign}` is no bound: write `>=`, `>`, `<=`, `<` or `=`")),
        };
        Ok(Interval { low, high })
    }

    fn and(self, other: Interval) -> Interval {
        let tighter = |one: Option<(Version, bool)>, other: Option<(Version, bool)>, low: bool| {
            let (Some(one), Some(other)) = (one.clone(), other.clone()) else {
                return one.or(other);
            };
            let order = if low { one.0.cmp(&other.0) } else { other.0.cmp(&one.0) };
            Some(match order {
                Ordering::Greater => one,
                Ordering::Less => other,
                Ordering::Equal => (one.0, one.1 && other.1),
            })
        };
        Interval {
            low: tighter(self.low, other.low, true),
            high: tighter(self.high, other.high, false),
        }
    }

    fn covers(&self, version: &Version) -> bool {
        let above = self
            .low
            .as_ref()
            .is_none_or(|(low, within)| low < version || (*within && low == version));
        let below = self
            .high
            .as_ref()
            .is_none_or(|(high, within)| version < high || (*within && version == high));
        above && below
    }

    fn is_empty(&self) -> bool {
        let (Some((low, in_low)), Some((high, in_high))) = (&self.low, &self.high) else {
            return false;
        };
        match low.cmp(high) {
            Ordering::Less => false,
            Ordering::Equal => !(*in_low && *in_high),
            Ordering::Greater => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn version(text: &str) -> Version {
        Version::parse(text).expect("a version")
    }

    /// Each of the line comes before the next.
    #[rstest]
    #[case(&["9.5RC1", "9.5", "9.5P1", "9.5P3", "9.5P3D2", "9.5P10", "9.5.1", "9.10"])]
    #[case(&["4.17.12", "4.22.0rc1", "4.22.0", "4.22.1-Debian", "5"])]
    #[case(&["10.0.17763.1", "10.0.20348", "10.0.20348.2113", "10.0.26100"])]
    #[case(&["1.0.2-beta", "1.0.2", "1.0.2a", "1.0.2k"])]
    fn the_order_is_that_of_vendors(#[case] line: &[&str]) {
        for pair in line.windows(2) {
            let [one, next] = pair else { continue };
            assert!(version(one) < version(next), "{one} < {next}");
        }
    }

    #[rstest]
    #[case("4.17.12-Debian", "4.17.12")]
    #[case("4.17.12+dfsg-0", "4.17.12")]
    #[case("4.17", "4.17.0")]
    #[case("NetApp Release 9.5P3: Thu", "9.5p3")]
    #[case("v4.22", "4.22.0")]
    fn these_are_one_version(#[case] one: &str, #[case] other: &str) {
        assert_eq!(version(one), version(other));
    }

    #[rstest]
    #[case("")]
    #[case("unknown")]
    #[case("-1")]
    fn these_are_none(#[case] text: &str) {
        assert_eq!(Version::parse(text), None);
    }

    #[rstest]
    #[case(">=9.2, <9.6", "9.5P3", true)]
    #[case(">=9.2, <9.6", "9.6", false)]
    #[case(">=9.2,<9.6", "9.2", true)]
    #[case("<9.2 || >=9.6P2", "9.6P1", false)]
    #[case("<9.2 || >=9.6P2", "9.6P2", true)]
    #[case("<9.2 || >=9.6P2", "9.1", true)]
    #[case("4.17", "4.17.12-Debian", true)]
    #[case("4.17.*", "4.17.12", true)]
    #[case("=4.17", "4.22", false)]
    #[case("<=4.17", "4.17.12", true)]
    #[case(">4.17", "4.17.12", false)]
    #[case(">4.17", "4.18", true)]
    #[case("<4.22", "4.22.0rc1", true)]
    #[case(">=4.22", "4.22.0rc1", false)]
    #[case("9.5P3", "9.5P3", true)]
    #[case("9.5P3", "9.5P4", false)]
    #[case("10.0.20348", "10.0.20348.2113", true)]
    #[case("99999999999999999999999", "99999999999999999999999", true)]
    fn ranges(#[case] range: &str, #[case] text: &str, #[case] covered: bool) {
        assert_eq!(Versions::parse(range).expect("a range").covers(&version(text)), covered);
    }

    #[rstest]
    #[case("new", "`new` is no version with a bound, such as `>=9.2` or `4.17`")]
    #[case("", "`` is no version with a bound, such as `>=9.2` or `4.17`")]
    #[case(">=4.1,", "`` is no version with a bound, such as `>=9.2` or `4.17`")]
    #[case("4.17 4.22", "`4.17 4.22` is no version with a bound, such as `>=9.2` or `4.17`")]
    #[case("^4.17", "`^` is no bound: write `>=`, `>`, `<=`, `<` or `=`")]
    #[case("~4", "`~` is no bound: write `>=`, `>`, `<=`, `<` or `=`")]
    fn bad_ranges(#[case] range: &str, #[case] said: &str) {
        assert_eq!(Versions::parse(range).expect_err("no range"), said);
    }

    #[rstest]
    #[case("<4.22", ">=4.22", false)]
    #[case("<=4.22", ">=4.22", true)]
    #[case("4.17", "4.22", false)]
    #[case("4.17", "4.17.12", true)]
    #[case("<4 || >6", "5", false)]
    #[case(">4.17", "4.17", false)]
    fn meeting(#[case] one: &str, #[case] other: &str, #[case] meets: bool) {
        let [one, other] = [one, other].map(|text| Versions::parse(text).expect("a range"));
        assert_eq!((one.meets(&other), other.meets(&one)), (meets, meets));
    }

    #[rstest]
    #[case(">=4.22, <4.20", true)]
    #[case("<4.20, 4.22", true)]
    #[case(">=4.20, <=4.20", false)]
    #[case(">4.20, <4.20 || 4", false)]
    fn empty(#[case] range: &str, #[case] is_empty: bool) {
        assert_eq!(Versions::parse(range).expect("a range").is_empty(), is_empty);
    }

    #[rstest]
    #[case(None, "4.22.1", Some("<4.22.1"))]
    #[case(Some("<4.23"), "4.22.1", Some("<4.22.1"))]
    #[case(Some(">=4.15, <4.23"), "4.22.1", Some(">=4.15, <4.22.1"))]
    #[case(Some("4.22"), "4.22.1", Some(">=4.22, <4.22.1"))]
    #[case(Some(">=4.22"), "4.22", None)]
    #[case(Some("4.1 || 4.2"), "4.2", None)]
    fn an_edit_that_ends_a_range(
        #[case] range: Option<&str>,
        #[case] version: &str,
        #[case] expected: Option<&str>,
    ) {
        let range = range.map(|text| Versions::parse(text).expect("a range"));
        assert_eq!(Versions::before(range.as_ref(), version).as_deref(), expected);
    }
}
