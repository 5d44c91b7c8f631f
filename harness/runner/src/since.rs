//! Which cases are newer than a version of the corpus that somebody gates on.

/// A version as it is written, `0.3` or `1.2.0`, made comparable: missing numbers are zeros.
#[must_use]
pub fn version(text: &str) -> Option<[u32; 3]> {
    let mut numbers = [0; 3];
    let mut parts = text.trim().split('.');
    for (index, number) in numbers.iter_mut().enumerate() {
        match parts.next() {
            Some(part) => *number = part.parse().ok()?,
            None if index > 0 => {}
            None => return None,
        }
    }
    parts.next().is_none().then_some(numbers)
}

/// Whether a case with this `since:` is newer than the corpus as of a version. One that does not say is of the first.
#[must_use]
pub fn is_newer(since: Option<&str>, as_of: Option<&str>) -> bool {
    match (since.and_then(version), as_of.and_then(version)) {
        (Some(since), Some(as_of)) => since > as_of,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(Some("0.2"), Some("0.1"), true)]
    #[case(Some("0.2"), Some("0.2.0"), false)]
    #[case(Some("0.10"), Some("0.9.3"), true)]
    #[case(None, Some("0.1"), false)]
    #[case(Some("0.2"), None, false)]
    fn newer(#[case] since: Option<&str>, #[case] as_of: Option<&str>, #[case] expected: bool) {
        assert_eq!(is_newer(since, as_of), expected);
    }

    #[rstest]
    #[case("")]
    #[case("x")]
    #[case("1.2.3.4")]
    #[case("1.-2")]
    fn no_version(#[case] text: &str) {
        assert_eq!(version(text), None);
    }
}
