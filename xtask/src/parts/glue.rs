//! The glue between program and page, told of the later part.

use super::handle;
use super::opening::mark;
use crate::step::Outcome;

/// What the page calls the later part: the name changes with what is in it.
pub fn name(later: &[u8]) -> String {
    format!("later-{:016x}.wasm", mark(later))
}

/// Whether a file of the page is the later part.
pub fn is_later(name: &str) -> bool {
    name.starts_with("later-")
}

/// Lends the program's exports to the page before the program starts, hands the program the page's way to
/// bring the later part, and says where that is. What the page gives to the program gets its short names.
pub fn lending(glue: &str, name: &str, given: &[String]) -> Outcome<String> {
    let mut glue = glue.to_owned();
    for (at, given) in given.iter().enumerate() {
        let line = |name: &str| format!("\n        {name}: function(");
        glue = once(&glue, &line(given), &line(&handle('i', at)))?;
    }
    let start = "wasm.__wbindgen_start();";
    let imports = "_bg.js\": import0,";
    let glue = once(
        &glue,
        start,
        &format!("globalThis.laterPart.lend(wasm); {start}"),
    )?;
    let glue = once(
        &glue,
        imports,
        &format!("{imports} later: {{ bring: () => globalThis.laterPart.bring() }},"),
    )?;
    Ok(format!("{glue}\nexport const laterPart = \"{name}\";\n"))
}

/// Hands the page the exports of a program that is in one part and tells which of its functions ran.
pub fn counting(glue: &str) -> Outcome<String> {
    let start = "wasm.__wbindgen_start();";
    once(glue, start, &format!("globalThis.counted = wasm; {start}"))
}

fn once(text: &str, old: &str, new: &str) -> Outcome<String> {
    match text.matches(old).count() {
        1 => Ok(text.replace(old, new)),
        many => Err(format!(
            "the glue has {old} {many} times, not once; does wasm-bindgen have another version?"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_glue_lends_before_it_starts() {
        let glue = "const import0 = {\n        __wbg_fetch_0123: function() {},\n};\nreturn { \"./x_bg.js\": import0, };\nwasm = exports;\nwasm.__wbindgen_start();\n";
        let told = lending(glue, "later-1.wasm", &["__wbg_fetch_0123".to_owned()]);
        let told = told.unwrap_or_default();
        assert!(told.contains("i0: function() {}"));
        let lends = told.find("lend(wasm)");
        assert!(lends.is_some() && lends < told.find("__wbindgen_start"));
        assert!(told.contains("later: { bring:"));
        assert!(told.contains("export const laterPart = \"later-1.wasm\";"));
        assert!(
            lending("another glue", "", &[]).is_err_and(|sentence| sentence.contains("0 times"))
        );
    }

    #[test]
    fn another_content_has_another_name() {
        assert_ne!(name(b"one"), name(b"two"));
        assert!(is_later(&name(b"one")) && !is_later("boot.js"));
    }
}
