//! The same seed and inputs give the same bytes: twice on the host, and as written down for wasm.

use crate::sitting;

#[test]
fn a_recorded_sitting_comes_to_the_written_digest() {
    let digest = sitting::digest();
    assert_eq!(digest, sitting::digest(), "the same sitting twice");
    if std::env::var_os("UPDATE_DIGEST").is_some() {
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../tests/simulation/digest.txt"
        );
        std::fs::write(path, &digest).expect("digest.txt can be written");
        return;
    }
    assert_eq!(
        digest,
        sitting::EXPECTED.trim(),
        "if the change is meant, run this test once with UPDATE_DIGEST=1"
    );
}
