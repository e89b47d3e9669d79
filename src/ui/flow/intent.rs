//! What a user can want of the diagram.

use engine::ids::TopicPartition;
use present::flow::input::{Arrangement, Selection};

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
    /// Scroll a lane so that so many offsets are newer than those in sight; too many means as far as it goes.
    ScrollLane(TopicPartition, i64),
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
    /// Open folded lanes.
    OpenLanes(Vec<TopicPartition>),
    /// Open a folded topic, or fold it (phone).
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
