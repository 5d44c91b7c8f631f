//! The example cases of the case format, as printed there.

use oplock_suite::{CorpusFiles, explain};

fn printed() -> CorpusFiles {
    let files = [
        ("cases/oplock/batch.yaml", include_str!("fixtures/batch.yaml")),
        ("cases/store/handle-break.yaml", include_str!("fixtures/handle-break.yaml")),
    ];
    CorpusFiles { files: files.map(|(name, text)| (name.to_owned(), text.to_owned())).to_vec() }
}

#[test]
fn five_cases_make_twenty_five_cells() {
    let corpus = crate::good(&printed()).corpus;
    let cells: Vec<usize> = corpus.cases.iter().map(|case| case.cells.len()).collect();
    assert_eq!(cells, [1, 1, 1, 21, 1]);
    assert_eq!(corpus.hash.len(), 16);
    assert!(
        corpus.capabilities.contains_key("lease_v1"),
        "the capabilities are read with the cases"
    );
}

#[test]
fn each_case_reads_as_a_dialogue() {
    let corpus = crate::good(&printed()).corpus;
    let text: Vec<String> =
        corpus.cases.iter().filter_map(|case| explain(&corpus, &case.id)).collect();
    insta::assert_snapshot!("printed", text.join("\n----\n\n"));
}

#[test]
fn the_cells_of_the_matrix_are_dialogues_too() {
    let corpus = crate::good(&printed()).corpus;
    let ids = ["held=batch,op=query", "held=exclusive,op=read-open", "held=RWH,op=read-open"];
    let text: Vec<String> = ids
        .iter()
        .map(|id| explain(&corpus, &format!("oplock/batch/quiet-operations/{id}")))
        .map(|text| text.expect("the cell is there"))
        .collect();
    insta::assert_snapshot!("printed-cells", text.join("\n----\n\n"));
}

#[test]
fn what_the_words_of_a_cell_imply_is_added_to_its_needs() {
    let corpus = crate::good(&printed()).corpus;
    let needs = |id: &str| {
        let cells = corpus.cases.iter().flat_map(|case| &case.cells);
        let cell = cells.into_iter().find(|cell| cell.id.0 == id).expect("the cell is there");
        cell.needs.iter().cloned().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(needs("oplock/batch/second-open-breaks-to-ii"), "");
    assert_eq!(needs("oplock/batch/rwh-no-ack-until-timeout"), "break_timer lease_v1");
    let two = "oplock/batch/ack-on-another-connection";
    assert_eq!(needs(two), "lease_v1 lease_v2 second_connection");
    assert_eq!(needs("oplock/batch/quiet-operations/held=batch,op=query"), "");
    assert_eq!(needs("oplock/batch/quiet-operations/held=R,op=query"), "lease_v1");
    assert_eq!(needs("store/handle-break/second-waiter-joins"), "");
}
