//! The program with a mark for each of its functions that is set when the function runs.

use super::read::Program;
use super::renumber::sentence;
use crate::step::Outcome;
use std::convert::Infallible;
use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{
    CodeSection, ConstExpr, ExportKind, ExportSection, GlobalSection, GlobalType, Instruction,
    Module, ValType,
};
use wasmparser::Parser;

/// Writes the program so that it exports the mark of its function number n as `ran-n`.
pub fn write(wasm: &[u8], program: &Program) -> Outcome<Vec<u8>> {
    let mut module = Module::new();
    let mut counting = Counting {
        functions: program.bodies.len() as u32,
        globals: program.globals.len() as u32,
        written: 0,
    };
    utils::parse_core_module(&mut counting, &mut module, Parser::new(0), wasm).map_err(sentence)?;
    Ok(module.finish())
}

struct Counting {
    functions: u32,
    globals: u32,
    written: u32,
}

impl Reencode for Counting {
    type Error = Infallible;

    fn parse_function_body(
        &mut self,
        section: &mut CodeSection,
        body: wasmparser::FunctionBody<'_>,
    ) -> Result<(), Error> {
        let mut code = self.new_function_with_parsed_locals(&body)?;
        code.instruction(&Instruction::I32Const(1))
            .instruction(&Instruction::GlobalSet(self.globals + self.written));
        self.written += 1;
        let mut operators = body.get_operators_reader()?;
        while !operators.eof() {
            code.instruction(&self.parse_instruction(&mut operators)?);
        }
        section.function(&code);
        Ok(())
    }

    fn parse_global_section(
        &mut self,
        section: &mut GlobalSection,
        globals: wasmparser::GlobalSectionReader<'_>,
    ) -> Result<(), Error> {
        utils::parse_global_section(self, section, globals)?;
        let mark = GlobalType {
            val_type: ValType::I32,
            mutable: true,
            shared: false,
        };
        for _ in 0..self.functions {
            section.global(mark, &ConstExpr::i32_const(0));
        }
        Ok(())
    }

    fn parse_export_section(
        &mut self,
        section: &mut ExportSection,
        exports: wasmparser::ExportSectionReader<'_>,
    ) -> Result<(), Error> {
        utils::parse_export_section(self, section, exports)?;
        for function in 0..self.functions {
            let name = format!("ran-{function}");
            section.export(&name, ExportKind::Global, self.globals + function);
        }
        Ok(())
    }
}
