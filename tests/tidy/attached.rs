//! Files that look as if they were used: tests that no package runs, links that lead nowhere.

use crate::tree::{File, Offence, Tree};
use std::path::Path;

/// Test programs under `tests/` that no manifest names: they would never run.
pub fn unattached(tree: &Tree) -> Vec<Offence> {
    let programs = tree.rust().filter(|file| {
        let folder = file
            .path
            .strip_prefix("tests/")
            .and_then(|path| path.strip_suffix("/main.rs"));
        folder.is_some_and(|name| !name.contains('/'))
    });
    programs
        .filter(|program| !is_attached(tree, program))
        .map(no_package_runs)
        .collect()
}

/// Links in Markdown to files of the project that are not there.
pub fn dead_links(tree: &Tree, exists: impl Fn(&Path) -> bool) -> Vec<Offence> {
    let mut found = Vec::new();
    for page in tree.files.iter().filter(|file| file.path.ends_with(".md")) {
        let folder = Path::new(&page.path).parent().unwrap_or(Path::new(""));
        for (at, line) in page.text.lines().enumerate() {
            for target in line
                .split("](")
                .skip(1)
                .filter_map(|rest| rest.split([')', '#']).next())
            {
                if !target.is_empty() && !target.contains("://") && !exists(&folder.join(target)) {
                    let what =
                        format!("the link to {target} leads nowhere: mend it or make the file");
                    found.push(Offence::new(page, at + 1, what));
                }
            }
        }
    }
    found
}

fn is_attached(tree: &Tree, program: &File) -> bool {
    let mut manifests = tree
        .files
        .iter()
        .filter(|file| file.path.ends_with("Cargo.toml"));
    manifests.any(|manifest| {
        let folder = Path::new(&manifest.path).parent().unwrap_or(Path::new(""));
        let inside = Path::new(&program.path).strip_prefix(folder);
        let own = inside.is_ok_and(|path| names(manifest, &path.display().to_string()));
        let up = "../".repeat(folder.components().count());
        own || names(manifest, &format!("{up}{}", program.path))
    })
}

fn names(manifest: &File, path: &str) -> bool {
    manifest.text.contains(&format!("path = \"{path}\""))
}

fn no_package_runs(program: &File) -> Offence {
    Offence::new(
        program,
        1,
        "no package runs these tests: name them in a Cargo.toml as [[test]] with this path",
    )
}

#[cfg(test)]
mod test {
    use super::*;

    #[test]
    fn a_test_that_no_package_runs_is_found() {
        let with = |manifest: &str, path: &str| {
            let text = format!("[[test]]\nname = \"wire\"\npath = \"{path}\"\n");
            unattached(&Tree::planted(&[
                (manifest, &text),
                ("tests/wire/main.rs", ""),
                ("tests/wire/frames.rs", ""),
            ]))
            .len()
        };
        assert_eq!(with("Cargo.toml", "tests/wire/main.rs"), 0);
        assert_eq!(
            with("src/protocol/Cargo.toml", "../../tests/wire/main.rs"),
            0
        );
        assert_eq!(with("gateway/Cargo.toml", "../tests/wire/main.rs"), 0);
        assert_eq!(with("gateway/Cargo.toml", "../../tests/wire/main.rs"), 1);
        assert_eq!(with("tests/wire/Cargo.toml", "main.rs"), 0);
        assert_eq!(with("Cargo.toml", "tests/other/main.rs"), 1);
    }

    #[test]
    fn a_link_that_leads_nowhere_is_found() {
        let page =
            "[map](src/lib.rs) and ![picture](static/none.png), [site](https://example.org/x)";
        let tree = Tree::planted(&[("README.md", page)]);
        assert_eq!(
            dead_links(&tree, |path| path == Path::new("src/lib.rs")).len(),
            1
        );
    }
}
