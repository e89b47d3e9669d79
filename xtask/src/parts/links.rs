//! What the linker knows of a program and the program no longer says: which function or piece of data holds
//! the address of which.

use crate::step::Outcome;
use std::collections::{BTreeMap, BTreeSet};
use wasmparser::{
    Data, DataKind, KnownCustom, Linking, Name, Operator, Parser, Payload, RelocationEntry,
    RelocationType, SymbolInfo,
};

/// Who holds whose address. Functions go by the names the compiler gave them.
#[derive(Default)]
pub struct Links {
    /// What each function holds.
    pub functions: BTreeMap<String, Held>,
    /// The pieces of data, by address.
    pub data: BTreeMap<u32, Piece>,
}

/// Addresses that something holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Held {
    /// Functions, by their slot in the table.
    pub functions: BTreeSet<String>,
    /// Pieces of data, by address.
    pub data: BTreeSet<u32>,
}

/// A piece of data: a text, a table of functions, a variable.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Piece {
    /// Its length in bytes.
    pub size: u32,
    /// What it holds.
    pub held: Held,
}

/// Reads what the linker left in a program when it was told to (`--emit-relocs`).
pub fn read(wasm: &[u8]) -> Outcome<Links> {
    let sections = sections(wasm).map_err(|error| format!("cannot read the links: {error}."))?;
    if sections.symbols.is_empty() {
        return Err("the linker left no links in the program.".to_owned());
    }
    Ok(sections.links())
}

/// What a symbol stands for.
enum Symbol {
    Function(u32),
    Data(u32),
    Other,
}

/// A reference: where it stands, and the symbol it is to.
struct Reference {
    section: u32,
    offset: u32,
    symbol: u32,
}

#[derive(Default)]
struct Sections {
    names: BTreeMap<u32, String>,
    imported: u32,
    /// Where each function's code ends, counted from the start of the code section.
    ends: Vec<u32>,
    code: (u32, u32),
    data: (u32, u32),
    /// Where each segment starts: counted from the start of the data section, and in memory.
    segments: Vec<(u32, u32)>,
    symbols: Vec<Symbol>,
    pieces: BTreeMap<u32, u32>,
    references: Vec<Reference>,
}

fn sections(wasm: &[u8]) -> wasmparser::Result<Sections> {
    let mut found = Sections::default();
    let mut number = 0;
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload?;
        let this = number;
        if payload.as_section().is_some() && !matches!(payload, Payload::CodeSectionEntry(_)) {
            number += 1;
        }
        match payload {
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    let is_function = matches!(import?.ty, wasmparser::TypeRef::Func(_));
                    found.imported += u32::from(is_function);
                }
            }
            Payload::CodeSectionStart { range, .. } => found.code = (this, range.start as u32),
            Payload::CodeSectionEntry(body) => {
                found.ends.push(body.range().end as u32 - found.code.1);
            }
            Payload::DataSection(section) => {
                found.data = (this, section.range().start as u32);
                for segment in section {
                    found.segment(&segment?)?;
                }
            }
            Payload::CustomSection(section) => found.custom(section.as_known())?,
            _ => {}
        }
    }
    Ok(found)
}

impl Sections {
    fn segment(&mut self, segment: &Data) -> wasmparser::Result<()> {
        let content = segment.range.end - segment.data.len();
        let mut address = 0;
        if let DataKind::Active { offset_expr, .. } = &segment.kind
            && let Operator::I32Const { value } = offset_expr.get_operators_reader().read()?
        {
            address = value.cast_unsigned();
        }
        self.segments.push((content as u32 - self.data.1, address));
        Ok(())
    }

    fn custom(&mut self, section: KnownCustom) -> wasmparser::Result<()> {
        match section {
            KnownCustom::Name(parts) => {
                for part in parts {
                    if let Name::Function(names) = part? {
                        for name in names {
                            let name = name?;
                            self.names.insert(name.index, name.name.to_owned());
                        }
                    }
                }
            }
            KnownCustom::Linking(parts) => {
                for part in parts {
                    if let Linking::SymbolTable(symbols) = part? {
                        for symbol in symbols {
                            self.symbol(&symbol?);
                        }
                    }
                }
            }
            KnownCustom::Reloc(relocations) => {
                for entry in relocations.entries() {
                    self.reference(relocations.section_index(), &entry?);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn symbol(&mut self, symbol: &SymbolInfo) {
        let stands_for = match symbol {
            SymbolInfo::Func { index, .. } => Symbol::Function(*index),
            SymbolInfo::Data {
                symbol: Some(defined),
                ..
            } => match self.segments.get(defined.index as usize) {
                Some((_, address)) => {
                    let at = address + defined.offset;
                    let size = self.pieces.entry(at).or_default();
                    *size = (*size).max(defined.size);
                    Symbol::Data(at)
                }
                None => Symbol::Other,
            },
            _ => Symbol::Other,
        };
        self.symbols.push(stands_for);
    }

    fn reference(&mut self, section: u32, entry: &RelocationEntry) {
        use RelocationType::{
            MemoryAddrI32, MemoryAddrLeb, MemoryAddrSleb, TableIndexI32, TableIndexSleb,
        };
        let addresses = [
            MemoryAddrI32,
            MemoryAddrLeb,
            MemoryAddrSleb,
            TableIndexI32,
            TableIndexSleb,
        ];
        if addresses.contains(&entry.ty) {
            self.references.push(Reference {
                section,
                offset: entry.offset,
                symbol: entry.index,
            });
        }
    }

    fn links(&self) -> Links {
        let mut links = Links::default();
        for (address, size) in &self.pieces {
            let piece = Piece {
                size: *size,
                held: Held::default(),
            };
            links.data.insert(*address, piece);
        }
        for reference in &self.references {
            if let Some(holder) = self.holder(reference, &mut links) {
                match self.symbols.get(reference.symbol as usize) {
                    Some(Symbol::Function(function)) => {
                        holder.functions.extend(self.names.get(function).cloned());
                    }
                    Some(Symbol::Data(address)) => {
                        holder.data.insert(*address);
                    }
                    _ => {}
                }
            }
        }
        links
    }

    /// Where a reference stands.
    fn holder<'a>(&self, reference: &Reference, links: &'a mut Links) -> Option<&'a mut Held> {
        if reference.section == self.code.0 {
            let at = self.ends.partition_point(|end| *end <= reference.offset);
            let name = self.names.get(&(self.imported + at as u32))?;
            return Some(links.functions.entry(name.clone()).or_default());
        }
        if reference.section != self.data.0 {
            return None;
        }
        let before = |(content, _): &&(u32, u32)| *content <= reference.offset;
        let (content, address) = self.segments.iter().take_while(before).last()?;
        let address = address + reference.offset - content;
        let (_, piece) = links.data.range_mut(..=address).next_back()?;
        Some(&mut piece.held)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_encoder::{
        CodeSection, ConstExpr, CustomSection, DataSection, DataSymbolDefinition, Function,
        FunctionSection, Instruction, LinkingSection, MemorySection, MemoryType, Module, NameMap,
        NameSection, SymbolTable, TypeSection,
    };

    /// `shows` holds the text at address 1000, and the text holds `shows`.
    fn linked() -> Vec<u8> {
        let mut module = Module::new();
        let mut types = TypeSection::new();
        types.ty().function([], []);
        let mut functions = FunctionSection::new();
        functions.function(0);
        let mut memories = MemorySection::new();
        memories.memory(MemoryType {
            minimum: 1,
            maximum: None,
            memory64: false,
            shared: false,
            page_size_log2: None,
        });
        let mut shows = Function::new([]);
        shows
            .instruction(&Instruction::I32Const(1000))
            .instruction(&Instruction::Drop)
            .instruction(&Instruction::End);
        let mut code = CodeSection::new();
        code.function(&shows);
        let mut data = DataSection::new();
        data.active(0, &ConstExpr::i32_const(996), [7; 20]);
        let mut names = NameMap::new();
        names.append(0, "shows");
        let mut named = NameSection::new();
        named.functions(&names);
        let mut symbols = SymbolTable::new();
        symbols.function(0, 0, Some("shows"));
        let place = DataSymbolDefinition {
            index: 0,
            offset: 4,
            size: 16,
        };
        symbols.data(0, "text", Some(place));
        let mut linking = LinkingSection::new();
        linking.symbol_table(&symbols);
        let relocations = |name: &'static str, content: &'static [u8]| CustomSection {
            name: name.into(),
            data: content.into(),
        };
        module
            .section(&types)
            .section(&functions)
            .section(&memories)
            .section(&code)
            .section(&data)
            .section(&linking)
            // Section, how many; then kind, offset in the section, symbol and, for addresses, what is added.
            .section(&relocations("reloc.CODE", &[3, 1, 4, 4, 1, 0]))
            .section(&relocations("reloc.DATA", &[4, 1, 2, 15, 0]))
            .section(&named);
        module.finish()
    }

    #[test]
    fn what_holds_what_is_read_from_relocations() {
        let links = read(&linked()).unwrap_or_else(|error| panic!("{error}"));
        let shows = links.functions.get("shows").cloned().unwrap_or_default();
        assert_eq!(shows.data, BTreeSet::from([1000]));
        let text = links.data.get(&1000).cloned().unwrap_or_default();
        assert_eq!(text.size, 16);
        assert_eq!(text.held.functions, BTreeSet::from(["shows".to_owned()]));
    }

    #[test]
    fn a_program_without_links_is_refused() {
        let bare = Module::new().finish();
        assert!(read(&bare).is_err_and(|sentence| sentence.contains("no links")));
    }
}
