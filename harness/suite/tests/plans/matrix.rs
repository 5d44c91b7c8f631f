//! Matrices: every word of the cell grammar as the steps that it stands for.

use oplock_suite::explain;
use oplock_suite::plan::Corpus;

const HEAD: &str = "suite: test
about: Matrices.
files: {f: {size: 4KiB}}
actors: {A: client 1, B: client 2, C: client 1 connection 2}
cases:
";

fn corpus(cases: &str) -> Corpus {
    crate::good(&crate::one_file(&format!("{HEAD}{cases}"))).corpus
}

/// The dialogues of all cells, without the rules.
fn dialogues(corpus: &Corpus) -> String {
    let cells = corpus.cases.iter().flat_map(|case| &case.cells);
    let text = cells.filter_map(|cell| explain(corpus, &cell.id.0));
    text.map(|text| text.split("\nrules\n").next().unwrap_or_default().to_owned())
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn each_word_of_the_grammar() {
    let corpus = corpus(
        "  grammar:
    says: Each column has another word.
    spec: [fsa.check_break.open.data]
    matrix:
      rows: {held: [RWH]}
      columns:
        nothing: {B opens: {file: f, as: b}}
        told: {B opens: {file: f, as: b}}
        waits: {B opens: {file: f, as: b, want: RH}}
        proceeds: {B opens: {file: f, as: b}}
        chain: {together: [{B opens: {file: f, as: b}}, {B reads: {handle: b}}]}
        refused: {B opens: {file: f, as: b}}
        recorded: {B opens: {file: f, as: b}}
        itself: {A writes: {handle: a}}
        sibling: {C opens: {file: f, as: c}}
    steps:
      - A holds: {file: f, as: a, level: $held}
        given: {granted: $held}
      - do: $column
        then: $cell
    cells: |
      held  nothing  told      waits     proceeds  chain        refused                    recorded  itself  sibling
      RWH   -        R [note]  RH! / RH  none~     RH!>R!>none  RW!=sharing_violation      ?         none!   RH!
    why:
      note: It is never acknowledged.
",
    );
    insta::assert_snapshot!("grammar", dialogues(&corpus));
    let cells = &corpus.cases[0].cells;
    assert_eq!(cells[1].written.as_deref(), Some("R [note]"));
    assert_eq!(cells[1].footnote.as_deref(), Some("It is never acknowledged."));
    assert_eq!(cells[5].written.as_deref(), Some("RW!=sharing_violation"));
    assert!(cells[6].steps[1].record_only && cells[6].steps[1].then.is_empty());
}

#[test]
fn a_parameter_as_columns_and_two_row_axes() {
    let corpus = corpus(
        "  parameter:
    says: The columns are what B wants.
    spec: [fsa.check_break.open.data]
    matrix:
      rows: {held: [none, batch], share: [r, rwd]}
      columns: {want: [ii, batch]}
    steps:
      - A holds: {file: f, as: a, level: $held, share: $share}
        given: {granted: $held}
      - B opens: {file: f, as: b, want: $want}
        then: $cell
    cells: |
      held   share  ii                    batch
      none   r      -=sharing_violation   -=sharing_violation
      none   rwd    - / ii                - / ii
      batch  rwd    ii! / ii              .
    except:
      - {held: batch, share: r, because: It is another case.}
      - {held: batch, op: batch, because: It is one more case.}
",
    );
    let ids: Vec<&str> = corpus.cases[0].cells.iter().map(|cell| cell.id.0.as_str()).collect();
    insta::assert_snapshot!(ids.join("\n"), @"
    test/parameter/held=none,share=r,op=ii
    test/parameter/held=none,share=r,op=batch
    test/parameter/held=none,share=rwd,op=ii
    test/parameter/held=none,share=rwd,op=batch
    test/parameter/held=batch,share=rwd,op=ii
    ");
    let shape = corpus.cases[0].matrix.as_ref().expect("a matrix");
    assert_eq!(shape.columns, ["ii", "batch"]);
    insta::assert_snapshot!("parameter", dialogues(&corpus));
}

#[test]
fn the_cases_own_acknowledgement() {
    let corpus = corpus(
        "  own-ack:
    says: A accepts less than it is offered.
    spec: [fsa.check_break.open.data]
    matrix:
      rows: {held: [RH, RWH]}
      columns: {open: {B opens: {file: f, as: b, want: RH}}}
    steps:
      - A holds: {file: f, as: a, level: $held}
        given: {granted: $held}
      - do: $column
        then: $cell
      - A acks: {break: a, to: R}
      - A closes: {handle: a}
    cells: |
      held  open
      RH    - / RH
      RWH   RH! / RH
",
    );
    insta::assert_snapshot!("own-ack", dialogues(&corpus));
}

#[test]
fn rows_alone_only_parametrise() {
    let corpus = corpus(
        "  rows:
    says: Every level is granted to the first who asks.
    spec: [fsa.check_break.open.data]
    matrix: {rows: {held: [ii, RWH]}}
    steps:
      - A holds: {file: f, as: a, level: $held}
        then:
          - A gets: {answer: a, granted: $held}
",
    );
    insta::assert_snapshot!("rows", dialogues(&corpus));
}

#[test]
fn both_layers_make_two_cells_of_each() {
    let corpus = corpus(
        "  both:
    says: What the store does, the server passes on.
    layer: both
    actors: {A: client 1, B: client 2}
    spec: [fsa.check_break.open.data]
    matrix:
      rows: {held: [exclusive, RWH]}
      columns: {want: [none]}
    steps:
      - A holds: {file: f, as: a, level: $held}
        given: {granted: $held}
      - B opens: {file: f, as: b, want: $want}
        then: $cell
    cells: |
      held       none
      exclusive  ii!
      RWH        RH!
  plain:
    says: A case without a matrix has the layer as its only axis.
    layer: both
    actors: {A: client 1, B: client 2}
    spec: [fsa.check_break.open.data]
    steps:
      - A opens: {file: f, as: a, want: batch}
        given: {granted: batch}
      - B opens: {file: f, as: b}
        then:
          - A sees: {break: a, from: batch, to: ii, ack: needed}
          - B waits: b
      - A acks: {break: a}
        then:
          - B gets: {answer: b, status: success}
",
    );
    insta::assert_snapshot!("both", dialogues(&corpus));
}
