//! How the dock's terminals and tables are looked at: kept with the sitting, so that a test, a link or a
//! lesson can speak of it.

use records::sorted::SortedMap;

use engine::ids::TopicPartition;
use serde::{Deserialize, Serialize};
use shell::terminal::TerminalId;

/// How the dock's terminals and tables are looked at.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct DockSettings {
    /// The half-typed line whose completions are shown.
    pub typed: Option<Typed>,
    /// Terminals scrolled back: the newest line in sight, counted since the terminal was opened.
    pub scrolled: SortedMap<TerminalId, u64>,
    /// The table of records.
    pub records: RecordsQuery,
    /// The protocol log.
    pub protocol: ProtocolQuery,
}

/// A half-typed line and where the cursor stands in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Typed {
    /// Where it is typed.
    pub terminal: TerminalId,
    /// The line.
    pub line: String,
    /// The cursor, in bytes.
    pub cursor: usize,
}

/// Which records the table shows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordsQuery {
    /// Of one topic, or of all that users made.
    pub topic: Option<String>,
    /// Only those whose key or value contains this text.
    pub filter: String,
    /// From where on.
    pub at: RecordsAt,
}

/// Where in the records the table stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum RecordsAt {
    /// It follows the log ends.
    #[default]
    Newest,
    /// At the oldest record there is.
    Oldest,
    /// At this offset in every partition.
    Offset(i64),
    /// At the first records of this time or later, in milliseconds since the Unix epoch.
    Time(i64),
    /// From this record on.
    From(RecordCursor),
    /// Up to this record.
    Until(RecordCursor),
}

/// A record's place among all records in the order of time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RecordCursor {
    /// Its timestamp in milliseconds since the Unix epoch.
    pub timestamp: i64,
    /// Its partition.
    pub partition: TopicPartition,
    /// Its offset.
    pub offset: i64,
}

/// Which frames the protocol log shows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProtocolQuery {
    /// Only those whose API, sender or receiver contains this text.
    pub filter: String,
    /// Heartbeats and empty fetches too.
    pub with_chatter: bool,
    /// The frame whose fields are shown, by its number.
    pub selected: Option<u64>,
    /// Scrolled back: the newest frame in sight.
    pub until: Option<u64>,
}

/// A change of how the dock is looked at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum DockLook {
    /// Completions are wanted for a half-typed line, or no longer.
    Typed(Option<Typed>),
    /// A terminal is scrolled back to this line, or follows its output.
    Scrolled(TerminalId, Option<u64>),
    /// Other records.
    Records(RecordsQuery),
    /// Other frames.
    Protocol(ProtocolQuery),
}

impl DockSettings {
    pub(crate) fn apply(&mut self, look: DockLook) {
        match look {
            DockLook::Typed(typed) => self.typed = typed,
            DockLook::Scrolled(terminal, Some(line)) => {
                self.scrolled.insert(terminal, line);
            }
            DockLook::Scrolled(terminal, None) => {
                self.scrolled.remove(&terminal);
            }
            DockLook::Records(query) => self.records = query,
            DockLook::Protocol(query) => self.protocol = query,
        }
    }
}
