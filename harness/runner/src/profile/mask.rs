//! What may be a password is not shown, not even in the message that refuses it.

/// The text with every value of a `password` key cut away, line by line, so that places keep their lines and columns.
pub(super) fn masked(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    // Deeper lines below a `password` key are its value.
    let mut hidden: Option<usize> = None;
    for line in text.lines() {
        let depth = line.chars().take_while(|c| *c == ' ').count();
        let is_value = hidden.is_some_and(|above| depth > above || line.trim().is_empty());
        if is_value {
            shown.push_str(&line.chars().take(depth).collect::<String>());
            shown.push_str("...");
        } else {
            hidden = None;
            match secret(line) {
                Some(Secret { key, value }) => {
                    shown.push_str(line.get(..value).unwrap_or_default());
                    shown.push_str(" ...");
                    hidden = Some(key);
                }
                None => shown.push_str(line),
            }
        }
        shown.push('\n');
    }
    shown
}

/// A key whose value may be a password: where it begins, and where its value does.
struct Secret {
    key: usize,
    value: usize,
}

/// The first such key of a line: `password`, and keys that should name where it is, but do not look so.
fn secret(line: &str) -> Option<Secret> {
    let lower = line.to_ascii_lowercase();
    let mut from = 0;
    while let Some(found) = lower.get(from..)?.find("pass") {
        let key = from + found;
        let rest = line.get(key..)?;
        let length =
            rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        let name = rest.get(..length)?;
        let after = rest.get(length..)?.trim_start_matches(['"', '\'', ' ']);
        let at = line.len() - after.len();
        if after.starts_with(':') && !names_a_place(name, after) {
            return Some(Secret { key, value: at + 1 });
        }
        from = key + length.max(1);
    }
    None
}

/// Whether the value is the name of a variable or of a file, and so no secret.
fn names_a_place(key: &str, value: &str) -> bool {
    let value = value.trim_start_matches(':').trim_start();
    match key {
        "password_file" => true,
        "password_env" => {
            let end = value.find(|c: char| ",}# ".contains(c)).unwrap_or(value.len());
            value.get(..end).is_some_and(|name| is_variable(name.trim_matches(['"', '\''])))
        }
        _ => false,
    }
}

/// Whether a word is the name of a variable: capital letters, digits and `_`. A password seldom is.
pub(super) fn is_variable(word: &str) -> bool {
    let first = word.chars().next().is_some_and(|c| c.is_ascii_uppercase() || c == '_');
    first && word.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("    password: s3cret", "    password: ...")]
    #[case("  - {user: a, password: s3cret, domain: d}", "  - {user: a, password: ...")]
    #[case("    \"Password\": \"s3cret\"", "    \"Password\": ...")]
    #[case("    passwd : s3cret", "    passwd : ...")]
    #[case("    password_env: s3cret!", "    password_env: ...")]
    #[case("    password_env: ACME_ONE # of it", "    password_env: ACME_ONE # of it")]
    #[case("  - {password_env: ACME_ONE, user: a}", "  - {password_env: ACME_ONE, user: a}")]
    #[case("    password_env: \"ACME\"", "    password_env: \"ACME\"")]
    #[case("    password_file: /run/one", "    password_file: /run/one")]
    #[case("  # the password is in a file", "  # the password is in a file")]
    #[case("password: |\n  s3cret\n\n  more\nuser: a", "password: ...\n  ...\n...\n  ...\nuser: a")]
    #[case("password:\n  s3cret", "password: ...\n  ...")]
    #[case("- password: s3cret\n  user: a", "- password: ...\n  user: a")]
    fn a_password_is_cut_away(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(masked(text).trim_end(), expected);
    }
}
