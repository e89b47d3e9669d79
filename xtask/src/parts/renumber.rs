//! Writing code whose functions got other numbers.

use std::collections::BTreeMap;
use wasm_encoder::reencode::{Error, Reencode};

/// The new number of each function.
pub struct Numbers(pub BTreeMap<u32, u32>);

/// A function that has no number in the part being written.
#[derive(Debug)]
pub struct Numberless(u32);

impl std::fmt::Display for Numberless {
    fn fmt(&self, out: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(out, "function {} is in neither part", self.0)
    }
}

impl Reencode for Numbers {
    type Error = Numberless;

    fn function_index(&mut self, function: u32) -> Result<u32, Error<Numberless>> {
        let number = self.0.get(&function).copied();
        number.ok_or(Error::UserError(Numberless(function)))
    }
}

/// What a failure to write is called.
pub fn sentence<E: std::fmt::Display>(error: Error<E>) -> String {
    format!("cannot write the program's parts: {error}.")
}
