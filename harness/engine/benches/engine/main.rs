//! How fast the engine is: the store by itself, the server above it, and a whole cell through the target.
//!
//! Every benchmark counts calls into the layer that it names, so the throughput column reads as operations per second.
//! The arguments are how much else there is: other opens of the same stream, or other streams.

mod scene;
mod server;
mod store;
mod world;

fn main() {
    divan::main();
}
