//! `locks` and `unlocks`: one range or several.

use oplock_model::LockRange;

use super::scope::{CellReader, Sent};
use crate::codes::Code;
use crate::fields::Fields;
use crate::plan::Operation;
use crate::words;

impl CellReader<'_, '_> {
    /// A lock or an unlock. A range is exclusive, and a lock fails at once where it conflicts, unless the case says otherwise.
    pub(super) fn lock(
        &mut self,
        verb: &str,
        fields: &Fields<'_>,
        mut sent: Sent,
    ) -> Option<(Operation, Sent)> {
        let handle = self.handle_of(verb, fields, &mut sent);
        let ranges = match fields.find("ranges") {
            Some(node) => {
                for key in ["offset", "length", "exclusive"] {
                    if let Some(spot) = fields.key_spot(key) {
                        let message = format!("`{key}` stands beside `ranges`");
                        let label = "say it in each of the ranges";
                        self.reader.report(Code::WrongShape, spot, message, label);
                    }
                }
                let known =
                    if verb == "locks" { words::calls::RANGE_KEYS } else { &["offset", "length"] };
                let items = self.reader.list(node, "`ranges`")?;
                let mut ranges = Vec::with_capacity(items.len());
                for item in items {
                    let fields = self.reader.fields(item, "a range", known)?;
                    ranges.push(self.range(&fields)?);
                }
                ranges
            }
            None => vec![self.range(fields)?],
        };
        self.scope.needs.insert("byte_range_locks");
        let operation = if verb == "locks" {
            let waits = self.boolean_or(fields, "wait", false)?;
            Operation::Lock { handle: handle?, ranges, fail_immediately: !waits }
        } else {
            Operation::Unlock { handle: handle?, ranges }
        };
        Some((operation, sent))
    }

    fn range(&mut self, fields: &Fields<'_>) -> Option<LockRange> {
        let offset = self.size_or(fields, "offset", 0);
        let length = self.size_or(fields, "length", 1);
        let exclusive = self.boolean_or(fields, "exclusive", true);
        Some(LockRange { offset: offset?, length: length?, exclusive: exclusive? })
    }
}
