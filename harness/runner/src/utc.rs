//! Moments as reports write them.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Now: `2026-05-04T10:11:12Z`.
#[must_use]
pub fn now() -> String {
    let now = OffsetDateTime::now_utc();
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
        now.year(),
        u8::from(now.month()),
        now.day(),
        now.hour(),
        now.minute(),
        now.second()
    )
}

/// The moment of such a text.
#[must_use]
pub fn read(text: &str) -> Option<OffsetDateTime> {
    OffsetDateTime::parse(text, &Rfc3339).ok()
}
