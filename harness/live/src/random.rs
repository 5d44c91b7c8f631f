//! Random names: the system's source, in hex.

use std::fmt::Write as _;

/// `N` random bytes.
///
/// # Errors
/// A fragment that says why the system gave none.
pub(crate) fn bytes<const N: usize>() -> Result<[u8; N], String> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)
        .map_err(|error| format!("the system gives no random bytes: {error}"))?;
    Ok(bytes)
}

/// Twice `count` hex digits, at most 32.
///
/// # Errors
/// As [`bytes`].
pub(crate) fn hex(count: usize) -> Result<String, String> {
    let mut text = String::new();
    for byte in bytes::<16>()?.iter().take(count) {
        let _ = write!(text, "{byte:02x}");
    }
    Ok(text)
}
