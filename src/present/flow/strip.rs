//! A log as a strip of cells: which offsets are in sight, and on which boundary an offset's mark stands.

use super::geometry::{Geometry, count, offsets};
use super::input::PartitionIn;
use super::measure::Measure;

/// The part of a log that is in sight.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Strip {
    /// The first offset in sight.
    pub from: i64,
    /// The offset behind the last in sight.
    pub to: i64,
    /// Stored offsets before those in sight.
    pub older: i64,
    /// Offsets behind those in sight.
    pub newer: i64,
    /// The boundary of `to`.
    pub end_x: f64,
    /// From one cell to the next.
    pub pitch: f64,
    /// The place of a torn edge.
    pub torn: f64,
}

/// A torn edge is never wider.
const TORN: f64 = 23.0;

impl Strip {
    /// At most `most` cells of `partition` up to the offset `edge`, or the newest.
    pub fn of(
        geometry: &Geometry,
        partition: &PartitionIn,
        edge: Option<i64>,
        most: usize,
        measure: Measure,
    ) -> Strip {
        let pitch = geometry.pitch(partition.log_end, measure);
        let end_x = geometry.right - 9.5 - pitch;
        let space = end_x - geometry.strip_left();
        let torn = pitch.min(TORN);
        let most = count(most.max(2));
        let room = (space / pitch).floor().clamp(1.0, most) as i64;
        // A torn edge takes the place of a cell, or of less than a wide one.
        let beside = ((space - torn) / pitch).floor().clamp(1.0, most - 1.0) as i64;
        let start = partition.log_start.clamp(0, partition.log_end.max(0));
        let end = partition.log_end.max(0);
        let least = start.saturating_add(room).min(end);
        let to = edge.map_or(end, |edge| edge.clamp(least, end));
        let newer = end.saturating_sub(to);
        let from = if to.saturating_sub(start) <= room {
            start
        } else {
            to.saturating_sub(beside)
        };
        Strip {
            from,
            to,
            older: from.saturating_sub(start),
            newer,
            end_x,
            pitch,
            torn,
        }
    }

    /// The left edge of the cell of `offset`: where every mark that names the *next* offset stands.
    pub fn boundary(&self, offset: i64) -> f64 {
        self.end_x - offsets(self.to.saturating_sub(offset)) * self.pitch
    }

    /// The boundary of `offset`, or the edge behind which it lies out of sight.
    pub fn mark(&self, offset: i64) -> f64 {
        if offset < self.from {
            self.left()
        } else if offset > self.to {
            self.end_x
                + if self.newer > 0 {
                    self.pitch / 2.0
                } else {
                    0.0
                }
        } else {
            self.boundary(offset)
        }
    }

    /// The leftmost place that a mark takes.
    pub fn left(&self) -> f64 {
        self.boundary(self.from) - if self.older > 0 { self.torn } else { 0.0 }
    }

    /// Where the write rail comes down: the middle of the log's end.
    pub fn rail_x(&self) -> f64 {
        self.end_x + self.pitch / 2.0
    }
}

#[cfg(test)]
mod tests {
    use super::Strip;
    use crate::flow::geometry::Geometry;
    use crate::flow::input::{FlowSettings, PartitionIn};
    use crate::flow::measure::fixed;

    fn strip(log_start: i64, log_end: i64, edge: Option<i64>) -> Strip {
        let partition = PartitionIn {
            log_start,
            log_end,
            ..PartitionIn::default()
        };
        Strip::of(
            &Geometry::of(&FlowSettings::default()),
            &partition,
            edge,
            100,
            &fixed,
        )
    }

    #[test]
    fn eleven_records_fill_the_strip_and_the_twelfth_tears_its_edge() {
        let full = strip(0, 11, None);
        assert_eq!((full.from, full.to, full.older), (0, 11, 0));
        assert_eq!(full.boundary(0), 294.5);
        assert_eq!(full.boundary(11), 547.5);
        let torn = strip(0, 352, None);
        assert_eq!(
            (torn.from, torn.older, torn.boundary(342)),
            (342, 342, 317.5)
        );
    }

    #[test]
    fn scrolling_back_ends_at_the_log_start() {
        let back = strip(100, 352, Some(0));
        assert_eq!((back.from, back.to), (100, 111));
        assert_eq!(back.older, 0);
        assert!(back.newer > 0);
        let one = strip(0, 352, Some(351));
        assert_eq!((one.from, one.to), (341, 351));
        assert_eq!(
            strip(0, 5, Some(2)).newer,
            0,
            "nothing to scroll to while all is in sight"
        );
    }

    #[test]
    fn marks_out_of_sight_stand_at_the_edge() {
        let torn = strip(0, 352, None);
        assert_eq!(torn.mark(3), 294.5);
        assert_eq!(torn.mark(400), 547.5);
        assert_eq!(torn.mark(350), torn.boundary(350));
    }
}
