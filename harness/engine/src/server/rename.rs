//! What a rename does to the names that opens and leases know (MS-SMB2 3.3.5.21.1; observed in smb2.lease.v2_rename).

use oplock_model::RuleId;

use super::lease::file_name;
use super::state::Server;

impl Server {
    /// The file or the stream of an open has a new name, and so has everything below a directory.
    pub(super) fn renamed(&mut self, open: u64, to: &str) {
        let Some(from) = self.opens.get(&open).map(|open| open.name.clone()) else { return };
        let file = from.split(':').next().unwrap_or_default();
        let (from, to) = if to.starts_with(':') {
            (from.clone(), file_name(&format!("{file}{to}")))
        } else {
            (file.to_owned(), file_name(to))
        };
        let below: Vec<u64> = self.names.beginning(&from).collect();
        for id in below {
            let Some(open) = self.opens.get_mut(&id) else { continue };
            let Some(name) = moved(&open.name, &from, &to) else { continue };
            self.names.remove(&open.name, id);
            self.names.insert(&name, id);
            open.name = name;
            let lease = open.lease.and_then(|lease| self.leases.get_mut(&lease));
            if let Some(lease) = lease
                && let Some(name) = moved(&lease.file, &from, &to)
            {
                lease.file = name;
                self.fire(RuleId::Smb2LeaseRenamed);
            }
        }
    }
}

/// The new name of what was `name`, where it is what moved, one of its streams, or something below it.
fn moved(name: &str, from: &str, to: &str) -> Option<String> {
    let rest = name.strip_prefix(from)?;
    (rest.is_empty() || rest.starts_with([':', '/'])).then(|| format!("{to}{rest}"))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("f", "f", "g", Some("g"))]
    #[case("f:s", "f", "g", Some("g:s"))]
    #[case("f:s", "f:s", "f:t", Some("f:t"))]
    #[case("f", "f:s", "f:t", None)]
    #[case("d/f", "d", "e", Some("e/f"))]
    #[case("d/f:s", "d", "e/d", Some("e/d/f:s"))]
    #[case("dd/f", "d", "e", None)]
    #[case("ff", "f", "g", None)]
    fn names(
        #[case] name: &str,
        #[case] from: &str,
        #[case] to: &str,
        #[case] expected: Option<&str>,
    ) {
        assert_eq!(moved(name, from, to).as_deref(), expected);
    }
}
