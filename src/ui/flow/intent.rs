//! What a user can want of the diagram.

use engine::ids::TopicPartition;
use present::flow::input::Arrangement;
use session::selection::Selection;

/// What a user wants.
#[derive(Debug, Clone, PartialEq)]
pub enum FlowIntent {
    /// Select this, or nothing.
    Select(Option<Selection>),
    /// Select this and show it in the inspector.
    Open(Selection),
    /// Add a producer.
    AddProducer,
    /// Add a consumer group, for this topic if one is named.
    AddGroup(Option<String>),
    /// Start a cluster.
    StartCluster,
    /// Make a topic.
    CreateTopic,
    /// Scroll a lane so that this offset is at its right edge, behind the last in sight; `None` follows the log end.
    ScrollLane(TopicPartition, Option<i64>),
    /// The canvas was scrolled down to here, in CSS pixels.
    Scroll(f64),
    /// The canvas has this width and height now, in CSS pixels.
    Resize(f64, f64),
    /// Zoom.
    Zoom(Zoom),
    /// Dim all that has nothing to do with this text.
    Filter(String),
    /// Arrange the storage.
    Arrange(Arrangement),
    /// Fold a topic's lanes, or open them.
    ToggleTopic(String),
    /// Show all that a client group or a consumer group holds.
    Expand(String),
}

/// How to zoom.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Zoom {
    /// One step closer.
    In,
    /// One step away.
    Out,
    /// So that all is in sight.
    Fit,
}
