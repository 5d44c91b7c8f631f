//! The codec from the outside: one sample of every message, hostile bytes, and a published login.

mod hostile;
mod layouts;
mod published;
mod samples;
