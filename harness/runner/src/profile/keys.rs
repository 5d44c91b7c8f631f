//! Every key of a profile, by the mapping in which it stands.

use oplock_model::ShareKind;

/// The profile itself.
pub(super) const PROFILE: &[&str] = &[
    "product",
    "version",
    "nodes",
    "shares",
    "accounts",
    "logins",
    "claims",
    "axes",
    "waits",
    "caps",
    "jobs",
    "deviations",
    "hooks",
];

/// `shares`: the kinds of share.
pub(super) const SHARES: &[(&str, ShareKind)] = &[
    ("plain", ShareKind::Plain),
    ("second", ShareKind::Second),
    ("force_level_two", ShareKind::ForceLevelTwo),
    ("scale_out", ShareKind::ScaleOut),
    ("continuously_available", ShareKind::ContinuouslyAvailable),
];

/// An entry of `accounts`.
pub(super) const ACCOUNT: &[&str] = &["user", "domain", "password_env", "password_file"];

/// `logins`.
pub(super) const LOGINS: &[&str] = &["guest", "anonymous"];

/// A claim with its reason.
pub(super) const CLAIM: &[&str] = &["is", "because"];

/// `axes`.
pub(super) const AXES: &[&str] = &["representative", "full"];

/// `waits`.
pub(super) const WAITS: &[&str] =
    &["reply", "break", "quiet", "ack_timeout", "durable_timeout", "cell"];

/// The bounds of a wait that is chosen from what was measured.
pub(super) const BOUNDS: &[&str] = &["min", "max"];

/// The window of a timer.
pub(super) const WINDOW: &[&str] = &["earliest", "latest"];

/// `caps`.
pub(super) const CAPS: &[&str] = &["connections", "open_files"];

/// `hooks`.
pub(super) const HOOKS: &[&str] = &["before_run", "on_fail", "after_run", "within", "cells"];
