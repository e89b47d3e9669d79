//! What has to be known of a program to cut it: its functions, who calls whom, and what is in its table.

use crate::step::Outcome;
use std::collections::{BTreeMap, BTreeSet};
use wasmparser::{
    DataKind, ElementItems, ElementKind, ExternalKind, FunctionBody, GlobalType, KnownCustom,
    MemoryType, Name, Operator, Parser, Payload, TableType, TypeRef,
};

/// A program, as far as the cut is concerned.
#[derive(Default)]
pub struct Program<'a> {
    /// How many parameters a function of each type takes.
    pub parameters: Vec<u32>,
    /// How many functions come from outside; these have the first numbers.
    pub imported: u32,
    /// The names of what comes from outside.
    pub imports: Vec<String>,
    /// The type of each function, those from outside included.
    pub types: Vec<u32>,
    /// The functions of the program itself.
    pub bodies: Vec<Body<'a>>,
    /// Functions that are called from outside.
    pub roots: BTreeSet<u32>,
    /// The slots of the table of functions that are taken, and the function in each.
    pub slots: BTreeMap<u32, u32>,
    /// What is exported, and under which name.
    pub exports: Vec<((ExternalKind, u32), String)>,
    /// The program's globals.
    pub globals: Vec<GlobalType>,
    /// The program's memories.
    pub memories: Vec<MemoryType>,
    /// The program's tables; the first one holds functions.
    pub tables: Vec<TableType>,
    /// Functions that do the same as one with a lower number, and that one.
    pub twins: BTreeMap<u32, u32>,
    /// What the memory holds at the start: address and content.
    pub data: Vec<(u32, &'a [u8])>,
}

/// A function of the program.
pub struct Body<'a> {
    /// Its name, without what the compiler adds to make it unique; empty when it has none.
    pub name: String,
    /// Its name, as the linker has it.
    pub symbol: String,
    /// Its code.
    pub code: FunctionBody<'a>,
    /// The functions it calls by number.
    pub calls: BTreeSet<u32>,
}

impl Body<'_> {
    /// The length of its code in bytes.
    pub fn weight(&self) -> usize {
        self.code.range().len()
    }
}

impl<'a> Program<'a> {
    /// The function of the program with a number, unless it comes from outside.
    pub fn body(&self, function: u32) -> Option<&Body<'a>> {
        self.bodies
            .get(function.checked_sub(self.imported)? as usize)
    }

    /// The function that stands for this one and those that do the same.
    pub fn one(&self, function: u32) -> u32 {
        self.twins.get(&function).copied().unwrap_or(function)
    }

    /// What the memory holds at the start in a place of its own length.
    pub fn content(&self, address: u32, size: u32) -> Option<&'a [u8]> {
        self.data.iter().find_map(|(start, content)| {
            let from = address.checked_sub(*start)? as usize;
            content.get(from..from + size as usize)
        })
    }

    /// Every function of the program itself, by number.
    pub fn functions(&self) -> impl Iterator<Item = u32> {
        self.imported..self.imported + self.bodies.len() as u32
    }
}

/// Reads a program.
pub fn program(wasm: &[u8]) -> Outcome<Program<'_>> {
    read(wasm).map_err(|error| format!("cannot read the program: {error}."))
}

fn read(wasm: &[u8]) -> wasmparser::Result<Program<'_>> {
    let mut program = Program::default();
    let mut names = BTreeMap::new();
    for payload in Parser::new(0).parse_all(wasm) {
        match payload? {
            Payload::TypeSection(section) => {
                for ty in section.into_iter_err_on_gc_types() {
                    program.parameters.push(ty?.params().len() as u32);
                }
            }
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    let import = import?;
                    program.imports.push(import.name.to_owned());
                    if let TypeRef::Func(ty) = import.ty {
                        program.types.push(ty);
                        program.imported += 1;
                    }
                }
            }
            Payload::FunctionSection(section) => {
                for ty in section {
                    program.types.push(ty?);
                }
            }
            Payload::TableSection(section) => {
                for table in section {
                    program.tables.push(table?.ty);
                }
            }
            Payload::MemorySection(section) => {
                for memory in section {
                    program.memories.push(memory?);
                }
            }
            Payload::GlobalSection(section) => {
                for global in section {
                    program.globals.push(global?.ty);
                }
            }
            Payload::ExportSection(section) => exports(section, &mut program)?,
            Payload::StartSection { func, .. } => {
                program.roots.insert(func);
            }
            Payload::ElementSection(section) => slots(section, &mut program)?,
            Payload::DataSection(section) => data(section, &mut program)?,
            Payload::CodeSectionEntry(code) => program.bodies.push(body(code)?),
            Payload::CustomSection(section) => {
                if let KnownCustom::Name(section) = section.as_known() {
                    function_names(section, &mut names)?;
                }
            }
            _ => {}
        }
    }
    let imported = program.imported;
    for (number, body) in (imported..).zip(&mut program.bodies) {
        body.symbol = names.remove(&number).unwrap_or_default();
        // The alternate form leaves out the hash, which differs from compiler to compiler.
        body.name = format!("{:#}", rustc_demangle::demangle(&body.symbol));
    }
    Ok(program)
}

fn exports<'a>(
    section: wasmparser::ExportSectionReader<'a>,
    program: &mut Program<'a>,
) -> wasmparser::Result<()> {
    for export in section {
        let export = export?;
        if export.kind == ExternalKind::Func {
            program.roots.insert(export.index);
        }
        let kind = (export.kind, export.index);
        program.exports.push((kind, export.name.to_owned()));
    }
    Ok(())
}

fn data<'a>(
    section: wasmparser::DataSectionReader<'a>,
    program: &mut Program<'a>,
) -> wasmparser::Result<()> {
    for segment in section {
        let segment = segment?;
        if let DataKind::Active { offset_expr, .. } = &segment.kind
            && let Operator::I32Const { value } = offset_expr.get_operators_reader().read()?
        {
            program.data.push((value.cast_unsigned(), segment.data));
        }
    }
    Ok(())
}

fn slots<'a>(
    section: wasmparser::ElementSectionReader<'a>,
    program: &mut Program<'a>,
) -> wasmparser::Result<()> {
    for element in section {
        let element = element?;
        let ElementItems::Functions(functions) = element.items else {
            continue;
        };
        let ElementKind::Active { offset_expr, .. } = element.kind else {
            continue;
        };
        let first = match offset_expr.get_operators_reader().read()? {
            Operator::I32Const { value } => value.cast_unsigned(),
            _ => continue,
        };
        for (slot, function) in (first..).zip(functions) {
            program.slots.insert(slot, function?);
        }
    }
    Ok(())
}

fn body(code: FunctionBody<'_>) -> wasmparser::Result<Body<'_>> {
    let mut calls = BTreeSet::new();
    for operator in code.get_operators_reader()? {
        match operator? {
            Operator::Call { function_index: to }
            | Operator::ReturnCall { function_index: to }
            | Operator::RefFunc { function_index: to } => {
                calls.insert(to);
            }
            _ => {}
        }
    }
    Ok(Body {
        name: String::new(),
        symbol: String::new(),
        code,
        calls,
    })
}

fn function_names(
    section: wasmparser::NameSectionReader<'_>,
    names: &mut BTreeMap<u32, String>,
) -> wasmparser::Result<()> {
    for part in section {
        if let Name::Function(part) = part? {
            for name in part {
                let name = name?;
                names.insert(name.index, name.name.to_owned());
            }
        }
    }
    Ok(())
}
