//! Commands that the lecture types on one's own computer and that have nothing to do here.

use super::Process;
use crate::screen::{Piece, Stream, Tone};

/// Answers `name` if it is one of these.
pub(crate) fn start(name: &str, arguments: &[String]) -> Option<Process> {
    let sentence = match name {
        "conda" | "mamba" => {
            "nothing needs installing here; at home this makes a Python environment of its own for the lecture"
        }
        "pip" | "pip3" => {
            "nothing needs installing here; at home this installs Python packages into the environment"
        }
        "python" | "python3" | "ipython" | "jupyter" | "pyspark" | "spark-submit"
        | "spark-shell" => {
            "there is no Python here and none is needed; at home this runs your script or notebook against localhost:8098"
        }
        "java" => {
            "there is no Java here and none is needed; at home Kafka's tools and Spark run on it"
        }
        "apt" | "apt-get" | "brew" | "sudo" => {
            "nothing needs installing here; at home this changes the system"
        }
        _ => return None,
    };
    let _ = arguments;
    let text = format!("{name}: {sentence}.\n");
    Some(Process::Said(
        vec![Piece::new(Stream::Out, Tone::Hint, text)],
        0,
    ))
}
