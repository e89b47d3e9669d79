//! Programs written here by hand, cut in two and checked.

use super::links::{Held, Links, Piece};
use super::opening::Opening;
use super::{Parts, choose, cut, read};
use std::collections::BTreeSet;
use wasm_encoder::{
    CodeSection, ConstExpr, DataSection, ElementSection, Elements, ExportKind, ExportSection,
    Function, FunctionSection, GlobalSection, GlobalType, ImportSection, Instruction,
    MemorySection, MemoryType, Module, NameMap, NameSection, RefType, TableSection, TableType,
    TypeSection, ValType,
};

/// `start` calls `shown` and `asked`; `asked` calls `helper`, and `held` stands in the table alone.
fn program() -> Vec<u8> {
    let mut types = TypeSection::new();
    types.ty().function([ValType::I32], [ValType::I32]);
    let mut imports = ImportSection::new();
    imports.import("page", "paint", wasm_encoder::EntityType::Function(0));
    let names = ["start", "shown", "asked", "helper", "held"];
    let calls = [vec![2, 3], vec![0], vec![4, 0], vec![2], vec![4]];
    let mut functions = FunctionSection::new();
    let mut code = CodeSection::new();
    let mut map = NameMap::new();
    for (at, calls) in calls.iter().enumerate() {
        functions.function(0);
        map.append(at as u32 + 1, names[at]);
        code.function(&body(calls));
    }
    let mut table = TableSection::new();
    table.table(TableType {
        element_type: RefType::FUNCREF,
        table64: false,
        minimum: 2,
        maximum: Some(2),
        shared: false,
    });
    let mut globals = GlobalSection::new();
    let stack = GlobalType {
        val_type: ValType::I32,
        mutable: true,
        shared: false,
    };
    globals.global(stack, &ConstExpr::i32_const(9));
    let mut exports = ExportSection::new();
    exports.export("start", ExportKind::Func, 1);
    let mut elements = ElementSection::new();
    let held = Elements::Functions(vec![5].into());
    elements.active(None, &ConstExpr::i32_const(1), held);
    let mut memories = MemorySection::new();
    memories.memory(MemoryType {
        minimum: 1,
        maximum: None,
        memory64: false,
        shared: false,
        page_size_log2: None,
    });
    let mut data = DataSection::new();
    data.active(0, &ConstExpr::i32_const(100), TEXT.iter().copied());
    let mut named = NameSection::new();
    named.functions(&map);
    let mut module = Module::new();
    module
        .section(&types)
        .section(&imports)
        .section(&functions)
        .section(&table)
        .section(&memories)
        .section(&globals)
        .section(&exports)
        .section(&elements)
        .section(&code)
        .section(&data)
        .section(&named);
    module.finish()
}

/// Calls one after the other, and is long enough to be worth leaving out.
fn body(calls: &[u32]) -> Function {
    let mut body = Function::new([]);
    body.instruction(&Instruction::LocalGet(0));
    for callee in calls {
        body.instruction(&Instruction::Call(*callee));
    }
    for _ in 0..20 {
        body.instruction(&Instruction::Nop);
    }
    body.instruction(&Instruction::End);
    body
}

/// What the memory holds from address 100 on: a text that `start` shows and one that `asked` shows.
const TEXT: &[u8] = b"Starting the cluster, please wait.Nothing was sent so far, by anyone.";

fn opening() -> Opening {
    let names = ["start", "shown", "asked", "held"];
    Opening::seen(&names, &BTreeSet::from([0, 1]))
}

/// `start` holds the first text, and so what stands in it: `held`; `asked` holds the second one.
fn links(text_holds: &[&str]) -> Links {
    let data = |address| Held {
        data: BTreeSet::from([address]),
        functions: BTreeSet::new(),
    };
    let functions = text_holds.iter().map(|name| (*name).to_owned()).collect();
    let piece = |size, functions| Piece {
        size,
        held: Held {
            functions,
            data: BTreeSet::new(),
        },
    };
    let held = BTreeSet::from(["held".to_owned()]);
    Links {
        functions: [
            ("start".to_owned(), data(100)),
            ("asked".to_owned(), data(134)),
        ]
        .into(),
        data: [(100, piece(34, functions)), (134, piece(35, held))].into(),
    }
}

fn parts(links: &Links, opening: &Opening) -> Parts {
    cut(&program(), links, opening).unwrap_or_else(|error| panic!("{error}"))
}

fn chosen(links: &Links) -> choose::Cut {
    let program = program();
    let program = read::program(&program).unwrap_or_else(|error| panic!("{error}"));
    choose::cut(&program, links, &opening()).unwrap_or_else(|error| panic!("{error}"))
}

fn has(part: &[u8], text: &[u8]) -> bool {
    part.windows(text.len()).any(|window| window == text)
}

#[test]
fn both_parts_are_programs() {
    let parts = parts(&links(&[]), &opening());
    for part in [&parts.first, &parts.later] {
        let mut validator = wasmparser::Validator::new();
        validator
            .validate_all(part)
            .unwrap_or_else(|error| panic!("{error}"));
    }
    assert!(has(&parts.first, b"please wait.") && !has(&parts.first, b"by anyone."));
    assert!(has(&parts.later, b"by anyone.") && !has(&parts.later, b"please wait."));
}

#[test]
fn what_only_the_later_part_uses_goes_with_it() {
    let cut = chosen(&links(&[]));
    let set = |numbers: &[u32]| numbers.iter().copied().collect::<BTreeSet<u32>>();
    assert_eq!(set(&cut.first), set(&[1, 2]));
    assert_eq!(set(&cut.later), set(&[3, 4, 5]));
    assert_eq!(cut.data.first(), Some(&(134..169)));
    // `asked` gets a new slot; nobody in the first part calls `helper`, or holds `held`.
    assert_eq!(cut.stand_ins.into_iter().collect::<Vec<_>>(), [(3, 2)]);
    assert_eq!(cut.table, 3);
    assert_eq!(cut.lent, [0, 2]);
}

#[test]
fn what_the_first_part_holds_has_a_stand_in() {
    let cut = chosen(&links(&["held"]));
    assert!(cut.later.contains(&5));
    assert_eq!(cut.stand_ins.get(&5), Some(&1));
}

#[test]
fn a_program_that_skips_nothing_stays_whole() {
    let parts = parts(&links(&[]), &Opening::read(""));
    let first = read::program(&parts.first).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(first.bodies.len(), 5);
    assert!(has(&parts.first, TEXT));
}

#[test]
fn twins_become_one() {
    let mut types = TypeSection::new();
    types.ty().function([ValType::I32], [ValType::I32]);
    let mut functions = FunctionSection::new();
    let mut code = CodeSection::new();
    // The first two are alike; the next two call one of these each; the last calls another one.
    for calls in [vec![], vec![], vec![0], vec![1], vec![2]] {
        functions.function(0);
        code.function(&body(&calls));
    }
    let mut module = Module::new();
    module.section(&types).section(&functions).section(&code);
    let module = module.finish();
    let mut program = read::program(&module).unwrap_or_else(|error| panic!("{error}"));
    super::fold::fold(&mut program).unwrap_or_else(|error| panic!("{error}"));
    let twins: Vec<(u32, u32)> = program.twins.into_iter().collect();
    assert_eq!(twins, [(1, 0), (3, 2)]);
}
