//! Lines for people, on standard error: what went wrong with a peer, and every request if asked for.

use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use protocol::ApiKey;

/// Complaints a second; more are counted only, so that a thousand bad peers do not fill a disk.
const COMPLAINTS_A_SECOND: u32 = 20;

/// Where lines go.
#[derive(Debug, Clone)]
pub struct Log {
    verbose: bool,
    budget: Arc<Mutex<Budget>>,
}

#[derive(Debug)]
struct Budget {
    second: Instant,
    written: u32,
    withheld: u64,
}

/// What the header of a request says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    api: &'static str,
    version: i16,
    client_id: String,
    bytes: usize,
}

impl Log {
    /// With `verbose`, every request is a line.
    pub fn new(verbose: bool) -> Log {
        Log {
            verbose,
            budget: Arc::new(Mutex::new(Budget {
                second: Instant::now(),
                written: 0,
                withheld: 0,
            })),
        }
    }

    /// Whether every request is a line.
    pub fn is_verbose(&self) -> bool {
        self.verbose
    }

    /// Something went wrong with a peer: one line, unless too many do.
    pub fn complain(&self, line: &str) {
        let mut budget = self.budget.lock().unwrap_or_else(PoisonError::into_inner);
        if budget.second.elapsed() >= Duration::from_secs(1) {
            let withheld = std::mem::take(&mut budget.withheld);
            if withheld > 0 {
                write(&format!("and {withheld} more lines like these"));
            }
            budget.second = Instant::now();
            budget.written = 0;
        }
        if budget.written >= COMPLAINTS_A_SECOND {
            budget.withheld = budget.withheld.saturating_add(1);
            return;
        }
        budget.written = budget.written.saturating_add(1);
        write(line);
    }

    /// A request is done with.
    pub fn request(&self, broker: i32, asked: &Asked, took: Duration) {
        let Asked {
            api,
            version,
            client_id,
            bytes,
        } = asked;
        let millis = took.as_secs_f64() * 1_000.0;
        write(&format!(
            "broker {broker}: {api} v{version} client={client_id} bytes={bytes} ms={millis:.3}"
        ));
    }
}

/// Reads the header of a request. What cannot be read is left empty.
pub fn asked(frame: &Bytes) -> Asked {
    let short = |at: usize| {
        let bytes = frame.get(at..at.saturating_add(2))?;
        Some(i16::from_be_bytes(bytes.try_into().ok()?))
    };
    let client_id = short(8).and_then(|length| {
        let end = 10_usize.saturating_add(usize::try_from(length).ok()?);
        frame.get(10..end)
    });
    Asked {
        api: short(0).map_or("?", ApiKey::name),
        version: short(2).unwrap_or(-1),
        client_id: String::from_utf8_lossy(client_id.unwrap_or_default())
            .escape_debug()
            .to_string(),
        bytes: frame.len(),
    }
}

/// Nobody may read standard error; that is no reason to stop serving.
fn write(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use protocol::messages::metadata::MetadataRequest;
    use protocol::{Request, RequestHeader};

    use super::asked;

    #[test]
    fn the_header_of_a_request_is_read_and_a_broken_one_does_no_harm() {
        let header = RequestHeader {
            api_key: 3,
            api_version: 12,
            correlation_id: 1,
            client_id: Some("me\n".into()),
        };
        let frame = Request::from(MetadataRequest::default()).encode(&header);
        let read = asked(&frame);
        assert_eq!(
            (read.api, read.version, read.client_id.as_str()),
            ("Metadata", 12, "me\\n")
        );
        for cut in 0..12 {
            asked(&frame.slice(..cut));
        }
        assert_eq!(asked(&Bytes::new()).api, "?");
    }
}
