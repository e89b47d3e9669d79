//! Where the cut runs.

use super::fold::families;
use super::links::{Held, Links, Piece};
use super::opening::Opening;
use super::read::Program;
use crate::step::Outcome;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// Code that is no longer than this stays in the first part: a stand-in would be as long.
const SMALL: usize = 20;
/// A piece of data that is shorter than this stays where it is.
const SHORT: u32 = 16;
/// How long it takes to say where in the source something is.
const PLACE: u32 = 16;

/// Which part everything belongs to, and what the parts need of each other.
pub struct Cut {
    /// The functions of the first part, in the order they are written in.
    pub first: Vec<u32>,
    /// The functions of the later part, in the order they are written in.
    pub later: Vec<u32>,
    /// Functions of the later part that the first one calls or holds, and the slot of each.
    pub stand_ins: BTreeMap<u32, u32>,
    /// Functions of the first part, or from outside, that the later part calls.
    pub lent: Vec<u32>,
    /// How long the table has to be.
    pub table: u32,
    /// The addresses whose content comes with the later part.
    pub data: Vec<Range<u32>>,
}

/// Decides which functions and data of a program are loaded later.
pub fn cut(program: &Program, links: &Links, opening: &Opening) -> Outcome<Cut> {
    let mut walk = Walk::new(program, links, opening);
    walk.go();
    let first = walk.functions;
    let later: BTreeSet<u32> = program
        .functions()
        .filter(|function| !program.twins.contains_key(function) && !first.contains(function))
        .collect();
    let mut stand_ins: BTreeMap<u32, u32> = BTreeMap::new();
    for (slot, function) in &program.slots {
        if later.contains(function) && walk.held.contains(function) {
            stand_ins.entry(*function).or_insert(*slot);
        }
    }
    let table = program.tables.first().map_or(0, |table| table.initial);
    let mut table = u32::try_from(table).map_err(|_| "the program's table is too long.")?;
    for function in called_by(program, &first) {
        if later.contains(&function) && !stand_ins.contains_key(&function) {
            stand_ins.insert(function, table);
            table += 1;
        }
    }
    let mut lent = called_by(program, &later);
    lent.retain(|function| !later.contains(function));
    let own = |function: &u32| *function >= program.imported;
    let first = ordered(program, first.into_iter().filter(own));
    // In the order of their numbers in the first part, too, the list of them compresses well.
    let lent = (0..program.imported)
        .chain(first.iter().copied())
        .filter(|function| lent.contains(function))
        .collect();
    Ok(Cut {
        first,
        later: ordered(program, later.into_iter()),
        stand_ins,
        lent,
        table,
        data: within(program, left(links, &walk.data)),
    })
}

/// The walk through everything that the opening can reach.
struct Walk<'a> {
    program: &'a Program<'a>,
    links: &'a Links,
    opening: &'a Opening,
    numbers: BTreeMap<&'a str, u32>,
    families: BTreeMap<u32, BTreeSet<u32>>,
    /// Functions of the first part.
    functions: BTreeSet<u32>,
    /// Functions whose address the first part holds.
    held: BTreeSet<u32>,
    /// Data of the first part.
    data: BTreeSet<u32>,
    /// Data that nothing but the report of a panic reads.
    places: BTreeSet<u32>,
    open: Vec<u32>,
}

impl<'a> Walk<'a> {
    fn new(program: &'a Program, links: &'a Links, opening: &'a Opening) -> Walk<'a> {
        let symbols = program.bodies.iter().map(|body| body.symbol.as_str());
        let mut walk = Walk {
            program,
            links,
            opening,
            numbers: symbols
                .zip(program.functions().map(|function| program.one(function)))
                .collect(),
            families: families(&program.twins),
            functions: BTreeSet::new(),
            held: BTreeSet::new(),
            data: BTreeSet::new(),
            places: places(program, links),
            open: program.roots.iter().copied().collect(),
        };
        // The table also has functions that the linker knew nothing of.
        let known = links.functions.values();
        let known = known.chain(links.data.values().map(|piece| &piece.held));
        let known: BTreeSet<&str> = known
            .flat_map(|held| held.functions.iter().map(String::as_str))
            .collect();
        let known: BTreeSet<u32> = known
            .iter()
            .filter_map(|name| walk.numbers.get(name).copied())
            .collect();
        for function in program.slots.values() {
            if !known.contains(function) {
                walk.hold(*function);
            }
        }
        walk
    }

    fn go(&mut self) {
        while let Some(function) = self.open.pop() {
            if !self.functions.insert(function) {
                continue;
            }
            let Some(body) = self.program.body(function) else {
                continue;
            };
            let calls = body.calls.iter().copied();
            let calls: Vec<u32> = calls.filter(|callee| !self.waits(*callee)).collect();
            self.open.extend(calls);
            // Twins hold the same addresses.
            if let Some(held) = self.links.functions.get(&body.symbol) {
                self.follow(held);
            }
        }
    }

    /// Goes on to what something holds.
    fn follow(&mut self, held: &'a Held) {
        let mut all = vec![held];
        while let Some(held) = all.pop() {
            for symbol in &held.functions {
                if let Some(function) = self.numbers.get(symbol.as_str()) {
                    self.hold(*function);
                }
            }
            for address in &held.data {
                if !self.places.contains(address)
                    && self.data.insert(*address)
                    && let Some(piece) = self.links.data.get(address)
                {
                    all.push(&piece.held);
                }
            }
        }
    }

    fn hold(&mut self, function: u32) {
        self.held.insert(function);
        if !self.waits(function) {
            self.open.push(function);
        }
    }

    /// Whether a function is left out even where the first part calls it.
    fn waits(&self, function: u32) -> bool {
        let skipped = |function: u32| {
            let body = self.program.body(function);
            body.is_some_and(|body| body.weight() > SMALL && self.opening.skips(&body.name))
        };
        let twins = self.families.get(&function).into_iter().flatten();
        skipped(function) && twins.copied().all(skipped) && !self.program.roots.contains(&function)
    }
}

/// Where in the source a panic may come from: a path, its length, line and column.
///
/// What reports a panic is no part of the opening, so the later part is there before these are read.
fn places(program: &Program, links: &Links) -> BTreeSet<u32> {
    let is_path = |address: &u32| {
        let size = links.data.get(address).map_or(0, |piece| piece.size);
        let text = program.content(*address, size);
        text.is_some_and(|text| text.ends_with(b".rs\0") || text.ends_with(b".rs"))
    };
    let is_place = |piece: &Piece| {
        let held = &piece.held;
        piece.size == PLACE && held.functions.is_empty() && held.data.iter().any(is_path)
    };
    let places = links.data.iter().filter(|(_, piece)| is_place(piece));
    places.map(|(address, _)| *address).collect()
}

/// What lies in pieces that the walk did not reach, and in no other.
fn left(links: &Links, reached: &BTreeSet<u32>) -> Vec<Range<u32>> {
    let mut left: Vec<Range<u32>> = Vec::new();
    let mut taken_to = 0;
    for (address, piece) in &links.data {
        let end = address + piece.size;
        if reached.contains(address) {
            // A piece may begin inside of another one.
            if let Some(last) = left.last_mut() {
                last.end = last.end.min(*address);
            }
            taken_to = taken_to.max(end);
            continue;
        }
        let from = (*address).max(taken_to);
        match left.last_mut() {
            Some(last) if from <= last.end => last.end = last.end.max(end),
            _ if from < end => left.push(from..end),
            _ => {}
        }
    }
    left
}

/// The parts of ranges that have a content, and are long enough to be worth it.
fn within(program: &Program, ranges: Vec<Range<u32>>) -> Vec<Range<u32>> {
    let mut within = Vec::new();
    for (address, content) in &program.data {
        let end = address + content.len() as u32;
        for range in &ranges {
            let (from, to) = (range.start.max(*address), range.end.min(end));
            if from + SHORT <= to {
                within.push(from..to);
            }
        }
    }
    within
}

fn called_by(program: &Program, functions: &BTreeSet<u32>) -> BTreeSet<u32> {
    let bodies = functions
        .iter()
        .filter_map(|function| program.body(*function));
    bodies.flat_map(|body| body.calls.iter().copied()).collect()
}

/// Functions that are much alike stand beside each other: that is what compresses well.
fn ordered(program: &Program, functions: impl Iterator<Item = u32>) -> Vec<u32> {
    let mut functions: Vec<u32> = functions.collect();
    functions.sort_by_key(|function| {
        let body = program.body(*function);
        let ty = program.types.get(*function as usize);
        (ty, body.map(|body| body.weight()), *function)
    });
    functions
}
