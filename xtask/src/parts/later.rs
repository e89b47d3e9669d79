//! The part that is loaded at its first use: functions alone, which it puts into the first part's table.

use super::choose::Cut;
use super::read::Program;
use super::renumber::{Numberless, Numbers, sentence};
use super::{FIRST, FLAG, elements, handle, segments, twins};
use crate::step::Outcome;
use std::collections::BTreeMap;
use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{
    CodeSection, DataSection, ElementSection, EntityType, Function, FunctionSection, GlobalType,
    ImportSection, Instruction, Module, StartSection, TypeSection, ValType,
};
use wasmparser::{Parser, Payload};

/// Writes the later part.
pub fn write(wasm: &[u8], program: &Program, cut: &Cut) -> Outcome<Vec<u8>> {
    let mut numbers = BTreeMap::new();
    for (number, function) in (0..).zip(cut.lent.iter().chain(&cut.later)) {
        numbers.insert(*function, number);
    }
    let begin = numbers.len() as u32;
    twins(program, &mut numbers);
    let mut numbers = Numbers(numbers);
    let written = sections(wasm, program, cut, &mut numbers, begin);
    written.map(Module::finish).map_err(sentence)
}

fn sections(
    wasm: &[u8],
    program: &Program,
    cut: &Cut,
    numbers: &mut Numbers,
    begin: u32,
) -> Result<Module, Error<Numberless>> {
    let mut module = Module::new();
    let mut functions = FunctionSection::new();
    let mut code = CodeSection::new();
    for function in &cut.later {
        if let Some(body) = program.body(*function) {
            functions.function(program.types[*function as usize]);
            utils::parse_function_body(numbers, &mut code, body.code.clone())?;
        }
    }
    // The last function says that the part is there.
    functions.function(program.parameters.len() as u32);
    let mut there = Function::new([]);
    there
        .instruction(&Instruction::I32Const(1))
        .instruction(&Instruction::GlobalSet(program.globals.len() as u32))
        .instruction(&Instruction::End);
    code.function(&there);
    let mut data = DataSection::new();
    for range in &cut.data {
        let content = program.content(range.start, range.end - range.start);
        segments(&mut data, range.start, content.unwrap_or_default());
    }
    module
        .section(&types(wasm, numbers)?)
        .section(&imports(program, cut, numbers)?)
        .section(&functions)
        .section(&StartSection {
            function_index: begin,
        })
        .section(&slots(program, cut, numbers)?)
        .section(&code)
        .section(&data);
    Ok(module)
}

/// The program's own types under the same numbers, and that of a function without parameters.
fn types(wasm: &[u8], numbers: &mut Numbers) -> Result<TypeSection, Error<Numberless>> {
    let mut types = TypeSection::new();
    for payload in Parser::new(0).parse_all(wasm) {
        if let Payload::TypeSection(section) = payload? {
            numbers.parse_type_section(&mut types, section)?;
        }
    }
    types.ty().function([], []);
    Ok(types)
}

/// Everything the first part lends.
fn imports(
    program: &Program,
    cut: &Cut,
    numbers: &mut Numbers,
) -> Result<ImportSection, Error<Numberless>> {
    let mut imports = ImportSection::new();
    for (at, function) in cut.lent.iter().enumerate() {
        let ty = program.types[*function as usize];
        imports.import(FIRST, &handle('f', at), EntityType::Function(ty));
    }
    for (at, ty) in program.globals.iter().enumerate() {
        let ty = numbers.global_type(*ty)?;
        imports.import(FIRST, &handle('g', at), EntityType::Global(ty));
    }
    let flag = GlobalType {
        val_type: ValType::I32,
        mutable: true,
        shared: false,
    };
    imports.import(FIRST, FLAG, EntityType::Global(flag));
    for (at, ty) in program.tables.iter().enumerate() {
        let mut ty = numbers.table_type(*ty)?;
        if at == 0 {
            ty.minimum = u64::from(cut.table);
            ty.maximum = ty.maximum.map(|most| most.max(ty.minimum));
        }
        imports.import(FIRST, &handle('t', at), EntityType::Table(ty));
    }
    for (at, ty) in program.memories.iter().enumerate() {
        let ty = numbers.memory_type(*ty)?;
        imports.import(FIRST, &handle('m', at), EntityType::Memory(ty));
    }
    Ok(imports)
}

/// The functions that go into the table, in runs of neighbouring slots.
fn slots(
    program: &Program,
    cut: &Cut,
    numbers: &mut Numbers,
) -> Result<ElementSection, Error<Numberless>> {
    let mut slots: BTreeMap<u32, u32> = cut.stand_ins.iter().map(|(f, s)| (*s, *f)).collect();
    for (slot, function) in &program.slots {
        if cut.later.contains(function) {
            slots.insert(*slot, *function);
        }
    }
    let mut numbered = Vec::new();
    for (slot, function) in slots {
        numbered.push((slot, numbers.function_index(function)?));
    }
    let mut section = ElementSection::new();
    elements(&mut section, numbered.into_iter());
    Ok(section)
}
