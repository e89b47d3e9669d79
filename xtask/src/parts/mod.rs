//! The program in two parts: what the opening runs, and the rest, which the page loads at its first use.
//!
//! A function of the later part keeps a stand-in in the first one. Until the later part is there, the
//! stand-in asks the page for it; from then on it passes the call on through the table that both share.
//! So nothing in the program has to know where the cut runs, and a function on the wrong side of it
//! costs a wait, not a mistake. Data that only the later part refers to comes with it. Which functions the
//! opening runs is written down in `opening.txt`.

mod choose;
mod count;
mod first;
mod fold;
pub mod glue;
mod later;
mod links;
pub mod opening;
mod read;
mod renumber;
#[cfg(test)]
mod test;

use crate::step::Outcome;
use links::Links;
use opening::Opening;
use read::Program;
use std::collections::BTreeMap;
use wasm_encoder::{ConstExpr, DataSection, ElementSection, Elements};

/// A program as the page loads it.
pub struct Parts {
    /// What is loaded at once.
    pub first: Vec<u8>,
    /// What is loaded at its first use: it imports everything it needs from the first part.
    pub later: Vec<u8>,
    /// What the page calls what it gives to the program; the first part says `handle('i', number)` instead.
    pub imports: Vec<String>,
}

/// What the first part imports from the page to bring the later one: a function of a module.
const BRING: (&str, &str) = ("later", "bring");
/// The module that the later part imports from: the exports of the first part.
const FIRST: &str = "first";

/// The export that says whether the later part is there.
const FLAG: &str = "there";

/// A short name for one thing of a kind that passes between the parts and the page.
fn handle(kind: char, number: usize) -> String {
    format!("{kind}{number:x}")
}

/// Gives twins the number of the one that stands for them.
fn twins(program: &Program, numbers: &mut BTreeMap<u32, u32>) {
    for (twin, one) in &program.twins {
        if let Some(number) = numbers.get(one).copied() {
            numbers.insert(*twin, number);
        }
    }
}

/// Writes slots of the table, in their order, in runs of neighbours.
fn elements(section: &mut ElementSection, slots: impl Iterator<Item = (u32, u32)>) {
    let mut runs: Vec<(u32, Vec<u32>)> = Vec::new();
    for (slot, function) in slots {
        match runs.last_mut() {
            Some((from, run)) if *from + run.len() as u32 == slot => run.push(function),
            _ => runs.push((slot, vec![function])),
        }
    }
    for (from, run) in runs {
        let from = ConstExpr::i32_const(from.cast_signed());
        section.active(None, &from, Elements::Functions(run.into()));
    }
}

/// Zeros in a row that are worth a segment of their own for what follows.
const GAP: usize = 24;

/// Writes what the memory holds from an address on; zeros are there anyway.
fn segments(section: &mut DataSection, address: u32, content: &[u8]) {
    let mut from = 0;
    while let Some(start) = content.iter().skip(from).position(|byte| *byte != 0) {
        let start = from + start;
        let rest = content.get(start..).unwrap_or_default();
        let gap = rest
            .windows(GAP)
            .position(|row| row.iter().all(|byte| *byte == 0));
        let kept = rest.get(..gap.unwrap_or(rest.len())).unwrap_or_default();
        let at = ConstExpr::i32_const((address + start as u32).cast_signed());
        section.active(0, &at, kept.iter().copied());
        from = start + kept.len();
    }
}

/// Cuts a program, whose functions still have their names, in two; `linked` is the program as the linker
/// left it.
pub fn split(wasm: &[u8], linked: &[u8], opening: &Opening) -> Outcome<Parts> {
    cut(wasm, &links::read(linked)?, opening)
}

fn cut(wasm: &[u8], links: &Links, opening: &Opening) -> Outcome<Parts> {
    let mut program = read::program(wasm)?;
    fold::fold(&mut program).map_err(|error| format!("cannot read the program: {error}."))?;
    let cut = choose::cut(&program, links, opening)?;
    Ok(Parts {
        first: first::write(wasm, &program, &cut)?,
        later: later::write(wasm, &program, &cut)?,
        imports: program.imports,
    })
}

/// The program so written that it can be asked which of its functions ran, and their names, one a line.
pub fn count(wasm: &[u8]) -> Outcome<(Vec<u8>, String)> {
    let program = read::program(wasm)?;
    let names = program.bodies.iter().map(|body| format!("{}\n", body.name));
    Ok((count::write(wasm, &program)?, names.collect()))
}
