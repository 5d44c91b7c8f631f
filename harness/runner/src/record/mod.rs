//! The record of a run, `results.jsonl`: a header, a line per case, a line per cell as it ends, a footer. Every report is made
//! from it, at the end of a run or later. Without a footer the run was cut off.

pub mod ending;
pub mod first;
pub mod line;
pub mod read;
mod reading;
pub mod schema;
pub mod speed;
pub mod tell;
pub mod write;

pub use line::{
    Attempt, CaseLine, CellLine, Changed, ChartLine, ClaimLine, FORMAT, Footer, Header, JudgedFrom,
    LeftOut, LegLine, Line, Rules, Scope, ShardOf,
};
pub use read::{Brief, Record, RecordError};
pub use schema::schema;
pub use speed::{Latencies, Speeds, Spread};
pub use write::{WriteError, Writer};
