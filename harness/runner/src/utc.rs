//! Moments as reports write them.

use time::OffsetDateTime;

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
