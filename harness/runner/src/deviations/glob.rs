//! Patterns over names, in which `*` stands for any characters and everything else for itself.

/// Whether `text` matches `pattern`.
#[must_use]
pub fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        let Some((_, after)) = rest.split_once(part) else { return false };
        rest = after;
    }
    rest.ends_with(last)
}

/// Whether the pattern is one name.
#[must_use]
pub fn is_exact(pattern: &str) -> bool {
    !pattern.contains('*')
}

/// How many characters of a pattern stand for themselves.
#[must_use]
pub fn literals(pattern: &str) -> usize {
    pattern.chars().filter(|c| *c != '*').count()
}

/// Whether there is a name that matches both.
#[must_use]
pub fn meet(one: &str, other: &str) -> bool {
    let one: Vec<char> = one.chars().collect();
    let other: Vec<char> = other.chars().collect();
    // Whether what is left of `one` from here meets what is left of `other` from each place; from the ends forward.
    let mut below: Vec<bool> = Vec::new();
    for here in (0..=one.len()).rev() {
        let mut row = vec![false; other.len() + 1];
        for there in (0..=other.len()).rev() {
            let next = |row: &[bool], place: usize| row.get(place).copied().unwrap_or(false);
            let met = match (one.get(here), other.get(there)) {
                (None, None) => true,
                (Some('*'), Some('*')) => next(&below, there) || next(&row, there + 1),
                (Some('*'), b) => next(&below, there) || (b.is_some() && next(&row, there + 1)),
                (a, Some('*')) => next(&row, there + 1) || (a.is_some() && next(&below, there)),
                (Some(a), Some(b)) => a == b && next(&below, there + 1),
                _ => false,
            };
            if let Some(place) = row.get_mut(there) {
                *place = met;
            }
        }
        below = row;
    }
    below.first().copied().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("a", "a", true)]
    #[case("a", "ab", false)]
    #[case("a*", "ab/c", true)]
    #[case("*c", "ab/c", true)]
    #[case("a*/c", "ab/c", true)]
    #[case("a*b*c", "aXbYc", true)]
    #[case("a*b*c", "aXc", false)]
    #[case("ab*b", "ab", false)]
    #[case("*", "", true)]
    fn globs(#[case] pattern: &str, #[case] text: &str, #[case] expected: bool) {
        assert_eq!(matches(pattern, text), expected);
    }

    #[rstest]
    #[case("", "", true)]
    #[case("a", "", false)]
    #[case("*", "", true)]
    #[case("a", "a", true)]
    #[case("a*", "*b", true)]
    #[case("a*", "b*", false)]
    #[case("a/*,op=x", "a/held=R,*", true)]
    #[case("a/*,op=x", "a/*,op=y", false)]
    #[case("*x*", "*y*", true)]
    #[case("ab*", "a", false)]
    #[case("a*c", "ab*", true)]
    #[case("a**", "a", true)]
    fn meeting(#[case] one: &str, #[case] other: &str, #[case] expected: bool) {
        assert_eq!((meet(one, other), meet(other, one)), (expected, expected));
    }
}
