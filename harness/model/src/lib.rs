//! The words that everybody shares: levels, lease states, statuses, access masks, operations, events, rules,
//! and the two traits [`Target`] and [`Scene`] behind which a server, or the reference engine, is asked.
//!
//! This crate decides nothing. What should happen is in `oplock-engine`; what we ask is in `oplock-suite`.
#![deny(missing_docs)]

mod access;
mod dialect;
mod event;
mod frame;
mod grid_set;
mod ids;
mod info;
mod latency;
mod level;
mod op;
pub mod rule_rows;
mod rule_set;
mod rules;
mod status;
pub mod status_catalog;
mod target;
mod trail;

pub use access::{Access, CreateOptions, Disposition, Share};
pub use dialect::Dialect;
pub use event::{
    AckAnswer, Body, BreakNotice, CreateAnswer, DurableAnswer, Event, Finding, LeaseAnswer, Modes,
    Stamped,
};
pub use frame::{Frame, Frames};
pub use grid_set::GridSet;
pub use ids::{Actor, CallId, CellId, ConnectionId, FileId, LeaseKey, Tick};
pub use info::{BasicInfo, Control, QueryInfo, SetInfo};
pub use latency::{Latencies, Spread};
pub use level::{LeaseState, Level, OplockLevel};
pub use op::{
    AckForm, CreateOp, Durable, LeaseRequest, LockRange, Op, RawOplockControl, StoreRequest, Wanted,
};
pub use rule_set::RuleSet;
pub use rules::{RULES, Rule, RuleId};
pub use status::{Severity, Status};
pub use target::{
    ActorSpec, Capability, Claimed, Facts, FileKind, FileSpec, Layer, Load, Scene, Setup,
    ShareKind, Target, TargetFault,
};
pub use trail::{Lane, SentCall, Trail};
