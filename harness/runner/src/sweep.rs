//! What a run says of the folders that other runs left on the target.

use oplock_live::{LeftOver, OtherRun};

/// A line for what is left over, and one for each folder that was asked to go and stays.
#[must_use]
pub fn told(left_overs: &[LeftOver], swept: bool) -> Vec<String> {
    let place = |left: &LeftOver| format!("{}/{}", left.share, left.folder);
    let all = |run: &OtherRun| -> Vec<String> {
        left_overs.iter().filter(|left| left.run == *run).map(place).collect()
    };
    let mut lines = Vec::new();
    let dead = all(&OtherRun::Dead);
    if !dead.is_empty() {
        lines.push(format!(
            "left by runs that were killed or kept files, `--sweep` removes them: {}",
            dead.join(", ")
        ));
    }
    let gone = all(&OtherRun::Swept);
    if !gone.is_empty() {
        lines.push(format!("swept: {}", gone.join(", ")));
    }
    for left in left_overs {
        match &left.run {
            OtherRun::Stays(why) => lines.push(format!("cannot sweep {}: {why}", place(left))),
            OtherRun::Living(why) if swept => {
                lines.push(format!("left alone {}: {why}", place(left)));
            }
            OtherRun::Living(_) | OtherRun::Dead | OtherRun::Swept => {}
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(folder: &str, run: OtherRun) -> LeftOver {
        LeftOver { share: "data".to_owned(), folder: folder.to_owned(), run }
    }

    #[test]
    fn what_is_left_over_is_a_line() {
        let living = OtherRun::Living("it holds its mark of life");
        let listed = [
            left("oplock-conformance-1", OtherRun::Dead),
            left("oplock-conformance-2", living.clone()),
            left("oplock-conformance-3", OtherRun::Dead),
        ];
        insta::assert_snapshot!(told(&listed, false).join("\n"), @"left by runs that were killed or kept files, `--sweep` removes them: data/oplock-conformance-1, data/oplock-conformance-3");
        let swept = [
            left("oplock-conformance-1", OtherRun::Swept),
            left("oplock-conformance-2", living),
            left("oplock-conformance-3", OtherRun::Stays("access_denied".to_owned())),
        ];
        insta::assert_snapshot!(told(&swept, true).join("\n"), @r"
        swept: data/oplock-conformance-1
        left alone data/oplock-conformance-2: it holds its mark of life
        cannot sweep data/oplock-conformance-3: access_denied
        ");
        assert!(told(&[], true).is_empty());
    }
}
