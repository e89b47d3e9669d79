//! What views remember between frames: which mark a key has, and what is costly to compute again.

use records::sorted::SortedMap;
use std::rc::Rc;

use engine::ids::TopicPartition;
use engine::time::SimTime;
use shell::terminal::TerminalId;
use world::input::{ClientId, Workload};

use crate::inspector::record::Sending;
use crate::inspector::value::ValueView;
use crate::keys::{KeyMark, KeySlots};
use crate::metrics::MetricsView;
use crate::protocol_log::{FrameDetail, FramesKey, ProtocolView};
use crate::records::{RecordsKey, RecordsView};
use crate::stored::Placed;
use crate::terminal::TerminalMemory;

/// What views remember between frames. One for the whole page, made anew with each scene.
#[derive(Debug, Default)]
pub struct Memory {
    /// The marks of keys, shared by all panels.
    pub keys: KeySlots,
    pub(crate) terminals: SortedMap<TerminalId, TerminalMemory>,
    pub(crate) line_marks: SortedMap<(TopicPartition, i64), KeyMark>,
    pub(crate) records: Option<(RecordsKey, Rc<RecordsView>)>,
    pub(crate) frames: Option<(FramesKey, Rc<ProtocolView>)>,
    pub(crate) frame: Option<Rc<FrameDetail>>,
    pub(crate) metrics: Option<(Option<SimTime>, Rc<MetricsView>)>,
    pub(crate) value: Option<(Option<bytes::Bytes>, Rc<ValueView>)>,
    pub(crate) sending: Option<(Placed, Rc<Sending>)>,
    /// What producers sent by themselves before they were paused.
    pub(crate) workloads: SortedMap<ClientId, Workload>,
}
