//! Prints the schema: `cargo run -p oplock-suite --example schema > cases/case.schema.json`.

fn main() {
    print!("{}", oplock_suite::schema());
}
