//! Matrices: the axes of a case, the table of its cells, and the words of a cell.

mod axes;
mod table;
mod word;

pub(crate) use axes::{Axes, Columns, read_axes};
pub(crate) use table::{Excepted, Table, TableCell, read_table};
pub(crate) use word::{CellWord, Owed};
