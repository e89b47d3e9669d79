//! The controller alone, driven by frames as brokers and admin clients send them.

mod answers;
mod configs;
mod hostile;
mod kept;
mod lab;
mod leaders;
mod lifecycle;
mod placement;
mod random;
mod tables;
mod topics;
