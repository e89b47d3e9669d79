//! The part that is loaded at once: the program's, with stand-ins for what is loaded later.

use super::choose::Cut;
use super::read::Program;
use super::renumber::{Numberless, Numbers, sentence};
use super::{BRING, FLAG, elements, handle, segments, twins};
use crate::step::Outcome;
use std::collections::BTreeMap;
use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{
    BlockType, CodeSection, ConstExpr, DataSection, ElementSection, EntityType, ExportKind,
    ExportSection, Function, FunctionSection, GlobalSection, GlobalType, ImportSection,
    Instruction, Module, TableSection, TypeSection, ValType,
};
use wasmparser::Parser;

/// Writes the first part.
pub fn write(wasm: &[u8], program: &Program, cut: &Cut) -> Outcome<Vec<u8>> {
    let mut numbers = BTreeMap::new();
    for function in 0..program.imported {
        numbers.insert(function, function);
    }
    // The number after those from outside is that of the function that brings the later part.
    let own = cut.first.iter().chain(cut.stand_ins.keys());
    for (number, function) in (program.imported + 1..).zip(own) {
        numbers.insert(*function, number);
    }
    twins(program, &mut numbers);
    let mut module = Module::new();
    let mut part = First {
        program,
        cut,
        numbers: Numbers(numbers),
    };
    utils::parse_core_module(&mut part, &mut module, Parser::new(0), wasm).map_err(sentence)?;
    Ok(module.finish())
}

struct First<'a> {
    program: &'a Program<'a>,
    cut: &'a Cut,
    numbers: Numbers,
}

impl Reencode for First<'_> {
    type Error = Numberless;

    fn function_index(&mut self, function: u32) -> Result<u32, Error<Numberless>> {
        self.numbers.function_index(function)
    }

    fn parse_type_section(
        &mut self,
        section: &mut TypeSection,
        types: wasmparser::TypeSectionReader<'_>,
    ) -> Result<(), Error<Numberless>> {
        utils::parse_type_section(self, section, types)?;
        section.ty().function([], []);
        Ok(())
    }

    fn parse_import_section(
        &mut self,
        section: &mut ImportSection,
        imports: wasmparser::ImportSectionReader<'_>,
    ) -> Result<(), Error<Numberless>> {
        for (at, import) in imports.into_imports().enumerate() {
            let import = import?;
            let ty = self.entity_type(import.ty)?;
            section.import(import.module, &handle('i', at), ty);
        }
        let ty = self.program.parameters.len() as u32;
        section.import(BRING.0, BRING.1, EntityType::Function(ty));
        Ok(())
    }

    fn parse_function_section(
        &mut self,
        section: &mut FunctionSection,
        _: wasmparser::FunctionSectionReader<'_>,
    ) -> Result<(), Error<Numberless>> {
        for function in self.cut.first.iter().chain(self.cut.stand_ins.keys()) {
            section.function(self.program.types[*function as usize]);
        }
        Ok(())
    }

    fn parse_code_section(
        &mut self,
        section: &mut CodeSection,
        _: wasmparser::CodeSectionReader<'_>,
    ) -> Result<(), Error<Numberless>> {
        for function in &self.cut.first {
            if let Some(body) = self.program.body(*function) {
                utils::parse_function_body(&mut self.numbers, section, body.code.clone())?;
            }
        }
        let bring = self.program.imported;
        let flag = self.program.globals.len() as u32;
        for (function, slot) in &self.cut.stand_ins {
            let ty = self.program.types[*function as usize];
            let parameters = self.program.parameters[ty as usize];
            section.function(&stand_in(bring, flag, *slot, ty, parameters));
        }
        Ok(())
    }

    fn parse_table_section(
        &mut self,
        section: &mut TableSection,
        tables: wasmparser::TableSectionReader<'_>,
    ) -> Result<(), Error<Numberless>> {
        for (at, table) in tables.into_iter().enumerate() {
            let mut ty = self.table_type(table?.ty)?;
            if at == 0 {
                let longer = u64::from(self.cut.table);
                ty.maximum = ty.maximum.map(|most| most.max(longer));
                ty.minimum = longer;
            }
            section.table(ty);
        }
        Ok(())
    }

    fn parse_global_section(
        &mut self,
        section: &mut GlobalSection,
        globals: wasmparser::GlobalSectionReader<'_>,
    ) -> Result<(), Error<Numberless>> {
        utils::parse_global_section(self, section, globals)?;
        let changing = GlobalType {
            val_type: ValType::I32,
            mutable: true,
            shared: false,
        };
        section.global(changing, &ConstExpr::i32_const(0));
        Ok(())
    }

    fn parse_export_section(
        &mut self,
        section: &mut ExportSection,
        exports: wasmparser::ExportSectionReader<'_>,
    ) -> Result<(), Error<Numberless>> {
        utils::parse_export_section(self, section, exports)?;
        for (at, function) in self.cut.lent.iter().enumerate() {
            let number = self.numbers.function_index(*function)?;
            section.export(&handle('f', at), ExportKind::Func, number);
        }
        let program = self.program;
        let rest = [
            ('g', ExportKind::Global, program.globals.len()),
            ('t', ExportKind::Table, program.tables.len()),
            ('m', ExportKind::Memory, program.memories.len()),
        ];
        for (letter, kind, many) in rest {
            for at in 0..many {
                section.export(&handle(letter, at), kind, at as u32);
            }
        }
        let flag = program.globals.len() as u32;
        section.export(FLAG, ExportKind::Global, flag);
        Ok(())
    }

    fn parse_element_section(
        &mut self,
        section: &mut ElementSection,
        _: wasmparser::ElementSectionReader<'_>,
    ) -> Result<(), Error<Numberless>> {
        // A slot that only the later part knows of holds anything until then.
        let anything = self.program.imported;
        let of = |function: &u32| self.numbers.0.get(function).copied();
        let slots = self.program.slots.iter();
        let slots = slots.map(|(slot, function)| (*slot, of(function).unwrap_or(anything)));
        elements(section, slots);
        Ok(())
    }

    fn parse_data_section(
        &mut self,
        section: &mut DataSection,
        _: wasmparser::DataSectionReader<'_>,
    ) -> Result<(), Error<Numberless>> {
        for (address, content) in &self.program.data {
            let mut kept = content.to_vec();
            for late in &self.cut.data {
                let place = |at: u32| at.saturating_sub(*address) as usize;
                if let Some(gone) = kept.get_mut(place(late.start)..place(late.end)) {
                    gone.fill(0);
                }
            }
            segments(section, *address, &kept);
        }
        Ok(())
    }

    fn parse_custom_section(
        &mut self,
        _: &mut Module,
        _: wasmparser::CustomSectionReader<'_>,
    ) -> Result<(), Error<Numberless>> {
        // Names are a quarter of the download.
        Ok(())
    }
}

/// Brings the later part unless it is there, and passes the call on through the table.
fn stand_in(bring: u32, flag: u32, slot: u32, ty: u32, parameters: u32) -> Function {
    let mut code = Function::new([]);
    code.instruction(&Instruction::GlobalGet(flag))
        .instruction(&Instruction::I32Eqz)
        .instruction(&Instruction::If(BlockType::Empty))
        .instruction(&Instruction::Call(bring))
        .instruction(&Instruction::End);
    for parameter in 0..parameters {
        code.instruction(&Instruction::LocalGet(parameter));
    }
    code.instruction(&Instruction::I32Const(slot.cast_signed()))
        .instruction(&Instruction::CallIndirect {
            type_index: ty,
            table_index: 0,
        })
        .instruction(&Instruction::End);
    code
}
