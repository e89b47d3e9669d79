//! Functions that do the same become one.
//!
//! The compiler makes a function for each type that it is used with; many of these come out alike, byte for
//! byte, or differ only in calling one of such twins or the other.

use super::read::Program;
use std::collections::{BTreeMap, BTreeSet};
use wasmparser::{FunctionBody, Operator};

/// Finds the functions that have a twin with a lower number, and has everything refer to that one.
pub fn fold(program: &mut Program) -> wasmparser::Result<()> {
    let mut shapes = Vec::new();
    for body in &program.bodies {
        shapes.push(shape(&body.code)?);
    }
    let mut twins = BTreeMap::new();
    loop {
        let found = round(program, &shapes, &twins);
        if found.len() == twins.len() {
            break;
        }
        twins = found;
    }
    let one = |function: u32| twins.get(&function).copied().unwrap_or(function);
    for body in &mut program.bodies {
        body.calls = body.calls.iter().map(|callee| one(*callee)).collect();
    }
    program.roots = program.roots.iter().map(|root| one(*root)).collect();
    for function in program.slots.values_mut() {
        *function = one(*function);
    }
    program.twins = twins;
    Ok(())
}

/// Code without the numbers of the functions it calls, and these numbers.
type Shape<'a> = (Vec<&'a [u8]>, Vec<u32>);

fn shape<'a>(code: &FunctionBody<'a>) -> wasmparser::Result<Shape<'a>> {
    let range = code.range();
    let bytes = code.as_bytes();
    let mut parts = Vec::new();
    let mut callees = Vec::new();
    let mut from = 0;
    let mut operators = code.get_operators_reader()?;
    while !operators.eof() {
        let at = operators.original_position() - range.start;
        if let Operator::Call { function_index } = operators.read()? {
            parts.push(bytes.get(from..at).unwrap_or_default());
            callees.push(function_index);
            from = operators.original_position() - range.start;
        }
    }
    parts.push(bytes.get(from..).unwrap_or_default());
    Ok((parts, callees))
}

/// Twins, given those that are known.
fn round(program: &Program, shapes: &[Shape], known: &BTreeMap<u32, u32>) -> BTreeMap<u32, u32> {
    let mut firsts = BTreeMap::new();
    let mut twins = BTreeMap::new();
    for (function, (parts, callees)) in program.functions().zip(shapes) {
        let callees: Vec<Option<u32>> = callees
            .iter()
            .map(|callee| known.get(callee).copied().unwrap_or(*callee))
            .map(|callee| (callee != function).then_some(callee))
            .collect();
        let ty = program.types.get(function as usize);
        let first = *firsts.entry((ty, parts, callees)).or_insert(function);
        if first != function {
            twins.insert(function, first);
        }
    }
    twins
}

/// Every function that stands for others, with these.
pub fn families(twins: &BTreeMap<u32, u32>) -> BTreeMap<u32, BTreeSet<u32>> {
    let mut families: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
    for (twin, first) in twins {
        families.entry(*first).or_default().insert(*twin);
    }
    families
}
