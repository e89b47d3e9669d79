//! What a first visit to the page has to load.

use crate::files;
use crate::parts::glue;
use crate::step::Outcome;
use std::io::Write;
use std::path::Path;

/// The weight aimed at, in bytes of gzip: the lightest page of this scope that was measured.
const AIM: usize = 282_000;
/// The weight that the page must come down to, in bytes of gzip.
const WANTED: usize = 400_000;
/// The weight that fails the build, in bytes of gzip: what the page weighs today and a little more.
/// It is above what is wanted, so it only ever moves down.
const LIMIT: usize = 580_000;

/// Prints the size of every file of the page, raw and compressed, and fails when the sum of what a first
/// visit loads is too heavy.
///
/// That is everything in the folder but the program's later part, which waits until something is done.
pub fn weigh(dist: &Path) -> Outcome {
    let mut at_once = [0; 3];
    let mut later = [0; 3];
    println!("{:>11} {:>11} {:>11}  file", "raw", "gzip", "brotli");
    for path in files::under(dist) {
        let content = files::read(&path)?;
        let sizes = [content.len(), gzip(&content)?, brotli(&content)?];
        let name = path.strip_prefix(dist).unwrap_or(&path).display();
        let name = name.to_string();
        print_line(sizes, &name);
        let total = if glue::is_later(&name) {
            &mut later
        } else {
            &mut at_once
        };
        for (sum, size) in total.iter_mut().zip(sizes) {
            *sum += size;
        }
    }
    print_line(later, "what the first thing done loads");
    print_line(at_once, "all that a first visit loads");
    verdict(at_once[1])
}

fn verdict(gzip: usize) -> Outcome {
    let kilobytes = |bytes: usize| format!("{:.1} kB", bytes as f64 / 1000.0);
    if gzip > LIMIT {
        return Err(format!(
            "the page weighs {} as gzip, above the limit of {}. Look for what the last changes added (cargo tree, large match tables, formatting), or run cargo xtask opening if they are nothing that the opening runs.",
            kilobytes(gzip),
            kilobytes(LIMIT)
        ));
    }
    println!(
        "{} of gzip; the aim is {}, {} is wanted, {} fails the build",
        kilobytes(gzip),
        kilobytes(AIM),
        kilobytes(WANTED),
        kilobytes(LIMIT)
    );
    if gzip > WANTED {
        println!("The page is heavier than wanted: look for what can leave it.");
    }
    Ok(())
}

fn print_line(sizes: [usize; 3], name: &str) {
    println!("{:>11} {:>11} {:>11}  {name}", sizes[0], sizes[1], sizes[2]);
}

fn gzip(content: &[u8]) -> Outcome<usize> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder
        .write_all(content)
        .and_then(|()| encoder.finish())
        .map(|packed| packed.len())
        .map_err(|error| format!("cannot compress with gzip: {error}."))
}

fn brotli(content: &[u8]) -> Outcome<usize> {
    let mut packed = Vec::new();
    let params = brotli::enc::BrotliEncoderParams {
        quality: 11,
        ..Default::default()
    };
    brotli::BrotliCompress(&mut &content[..], &mut packed, &params)
        .map_err(|error| format!("cannot compress with brotli: {error}."))?;
    Ok(packed.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_above_the_limit_fails_the_build() {
        assert!(verdict(LIMIT).is_ok());
        assert!(verdict(LIMIT + 1).is_err_and(|sentence| sentence.contains("above the limit of")));
    }

    #[test]
    fn compressing_makes_text_smaller() {
        let text = b"secret_channel ".repeat(1000);
        assert!(gzip(&text).is_ok_and(|size| size < 200));
        assert!(brotli(&text).is_ok_and(|size| size < 200));
    }
}
