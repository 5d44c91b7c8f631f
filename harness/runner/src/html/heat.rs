//! The transition grid as a heat map: what is held, what is done, and the worst that any cell about it showed.

use std::collections::BTreeMap;

use maud::{Markup, html};
use oplock_engine::coverage::{
    By, Cell as GridCell, ServerOperation, ServerState, StoreOperation, StoreState,
};

use super::tally::{Tally, Tones};
use super::tone::Tone;
use crate::record::{FORMAT, Record};

/// A long side of a grid: a word and what it means.
type Side = Vec<(String, &'static str)>;

/// One layer of the grid.
struct Layer {
    name: &'static str,
    held: Side,
    done: Side,
    /// By the places of what is done and of what is held.
    spots: BTreeMap<(usize, usize), Spot>,
}

/// One coloured place: the same is done by several.
#[derive(Default)]
struct Spot {
    /// The cells of the grid, and by whom it is done.
    parts: Vec<(u16, String, Tones)>,
    tones: Tones,
}

/// Both layers.
#[must_use]
pub fn maps(record: &Record, tally: &Tally) -> Markup {
    let layers = layers(record, tally);
    html! {
        section #grid aria-labelledby="grid-title" {
            h2 #grid-title { "Transition grid" }
            @if layers.iter().all(|layer| layer.spots.is_empty()) {
                p.dim { "The record does not say which transitions its cells are about." }
            } @else {
                p.dim {
                    "What is held across, what is done to it down. A cell of the corpus counts at every transition that it goes "
                    "through on the reference engine. The colour is the worst result there, stronger where it is more common; the "
                    "number says how many have it. Choose a field to list its cells; the arrow keys move."
                }
                (legend(tally))
                @for layer in layers.iter().filter(|layer| !layer.spots.is_empty()) { (map(layer)) }
            }
        }
    }
}

fn legend(tally: &Tally) -> Markup {
    html! {
        p.legend {
            @for tone in Tone::ALL.into_iter().rev().filter(|tone| tally.tones.count(*tone) > 0) {
                span.key { span class={ "swatch " (tone.class()) } {} (tone.words()) }
            }
        }
    }
}

fn map(layer: &Layer) -> Markup {
    html! {
        h3 { (layer.name) }
        div.scroll tabindex="0" role="region" aria-label=(layer.name) {
            table.heat {
                thead {
                    tr {
                        td {}
                        @for (word, sentence) in &layer.held {
                            th scope="col" title=(sentence) { span { (word) } }
                        }
                    }
                }
                tbody {
                    @for (row, (word, sentence)) in layer.done.iter().enumerate() {
                        tr {
                            th scope="row" title=(sentence) { (word) }
                            @for (column, (held, _)) in layer.held.iter().enumerate() {
                                @match layer.spots.get(&(row, column)) {
                                    Some(spot) => (field(spot, held, word)),
                                    None => td {},
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn field(spot: &Spot, held: &str, done: &str) -> Markup {
    let worst = spot.tones.worst().unwrap_or(Tone::Pass);
    let count = spot.tones.count(worst);
    let strength = match (count * 100).checked_div(spot.tones.total()).unwrap_or_default() {
        0..10 => "few",
        10..50 => "some",
        _ => "most",
    };
    let numbers: Vec<_> = spot.parts.iter().map(|(number, ..)| number.to_string()).collect();
    let mut title = format!("{held} x {done}: {}", spot.tones.words());
    for (_, by, tones) in spot.parts.iter().filter(|(_, by, _)| !by.is_empty()) {
        title.push_str(&format!("\nby {by}: {}", tones.words()));
    }
    html! {
        td class={ (worst.class()) " " (strength) } {
            a href={ "#grid=" (numbers.join(",")) } title=(title) tabindex="-1" { (count) }
        }
    }
}

fn layers(record: &Record, tally: &Tally) -> Vec<Layer> {
    let mut store = Layer {
        name: "At the object store",
        held: side(StoreState::ALL, StoreState::word, StoreState::sentence),
        done: side(StoreOperation::ALL, StoreOperation::word, StoreOperation::sentence),
        spots: BTreeMap::new(),
    };
    let mut server = Layer {
        name: "At the SMB2 server",
        held: side(ServerState::ALL, ServerState::word, ServerState::sentence),
        done: side(ServerOperation::ALL, ServerOperation::word, ServerOperation::sentence),
        spots: BTreeMap::new(),
    };
    let names = names(record);
    for (number, tones) in &tally.grid {
        let Some(name) = names.get(number) else { continue };
        let Some((held, done)) = name.split_once(" x ") else { continue };
        match by(done) {
            Some((done, by)) => store.add((held, done, by), *number, tones),
            None => server.add((held, done, ""), *number, tones),
        }
    }
    store.tidy();
    server.tidy();
    vec![server, store]
}

/// The names of the grid's cells: the record's own, or ours where it was cut off and this very tool wrote it.
fn names(record: &Record) -> BTreeMap<u16, String> {
    let ours = concat!("oplock-conformance ", env!("CARGO_PKG_VERSION"));
    match &record.footer {
        Some(footer) => footer.grid.clone(),
        None if record.header.format == FORMAT && record.header.tool == ours => {
            GridCell::all().map(|cell| (cell.number(), cell.to_string())).collect()
        }
        None => BTreeMap::new(),
    }
}

/// What is done and by whom; nothing where nobody is named, as at the server.
fn by(done: &str) -> Option<(&str, &str)> {
    let (done, by) = done.rsplit_once(" by ")?;
    By::ALL.iter().any(|known| known.word() == by).then_some((done, by))
}

fn side<T: Copy>(all: &[T], word: fn(T) -> &'static str, sentence: fn(T) -> &'static str) -> Side {
    all.iter().map(|one| (word(*one).to_owned(), sentence(*one))).collect()
}

impl Layer {
    fn add(&mut self, (held, done, by): (&str, &str, &str), number: u16, tones: &Tones) {
        let place = (place(&mut self.done, done), place(&mut self.held, held));
        let spot = self.spots.entry(place).or_default();
        spot.tones.join(tones);
        spot.parts.push((number, by.to_owned(), *tones));
    }

    /// Leaves out what no cell is about.
    fn tidy(&mut self) {
        let rows = used(&mut self.done, self.spots.keys().map(|(row, _)| *row));
        let columns = used(&mut self.held, self.spots.keys().map(|(_, column)| *column));
        let spots = std::mem::take(&mut self.spots).into_iter();
        self.spots = spots
            .filter_map(|((row, column), spot)| {
                Some(((*rows.get(&row)?, *columns.get(&column)?), spot))
            })
            .collect();
    }
}

/// The place of a word, at the end where it is none of ours.
fn place(side: &mut Side, word: &str) -> usize {
    side.iter().position(|(known, _)| known == word).unwrap_or_else(|| {
        side.push((word.to_owned(), ""));
        side.len() - 1
    })
}

/// Keeps the words that are used; where each old place is now.
fn used(side: &mut Side, places: impl Iterator<Item = usize>) -> BTreeMap<usize, usize> {
    let places: std::collections::BTreeSet<usize> = places.collect();
    let all = std::mem::take(side).into_iter().enumerate();
    *side = all.filter(|(place, _)| places.contains(place)).map(|(_, word)| word).collect();
    places.into_iter().enumerate().map(|(new, old)| (old, new)).collect()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::record::Footer;
    use crate::testing;

    #[rstest]
    #[case("replaced by rename by a stranger", Some(("replaced by rename", "a stranger")))]
    #[case("broken by the store", None)]
    #[case("ack R by its holder", Some(("ack R", "its holder")))]
    #[case("close", None)]
    fn who_does_it(#[case] done: &str, #[case] expected: Option<(&str, &str)>) {
        assert_eq!(by(done), expected);
    }

    /// A field takes those who do the same together; words that nobody knows stand at the end; numbers without a name are left out.
    #[test]
    fn the_maps_look_like_this() {
        let names = [
            (1, "RWH x write by a stranger"),
            (2, "RWH x write by its holder"),
            (3, "R x new thing by a stranger"),
            (4, "batch x broken by the store"),
            (5, "<b> x close"),
            (6, "no name"),
        ];
        let footer = Footer {
            grid: names.into_iter().map(|(number, name)| (number, name.to_owned())).collect(),
            ..Footer::default()
        };
        let record =
            testing::record(testing::header("x", "1", &[""]), vec![], vec![], Some(footer));
        let mut tally = Tally::default();
        for (number, tones) in [
            (1, &[Tone::Pass, Tone::Red][..]),
            (2, &[Tone::Pass; 12]),
            (3, &[Tone::Known]),
            (4, &[Tone::Pass]),
            (5, &[Tone::Broken]),
            (6, &[Tone::Red]),
            (7, &[Tone::Red]),
        ] {
            for tone in tones {
                tally.grid.entry(number).or_default().add(*tone);
                tally.tones.add(*tone);
            }
        }
        insta::assert_snapshot!(maps(&record, &tally).0.replace("><", ">\n<"));
    }
}
