//! Where columns, lanes and marks stand: the design's numbers, for the desk and for the phone.

use super::input::{FlowSettings, Form};
use super::measure::{Font, Measure};
use super::view_lane::CellStyle;

/// Height of a topic's header and of a fold.
pub const HEAD_H: f64 = 28.0;
/// Height of a log's cells.
pub const CELL_H: f64 = 26.0;
/// From one group row to the next.
pub const ROW_STEP: f64 = 15.0;
/// From the top of a lane to its rail.
pub const RAIL_Y: f64 = 9.0;
/// Left edge of the producers' column.
pub const PRODUCERS_X: f64 = 12.0;
/// Width of the producers' column.
pub const PRODUCERS_W: f64 = 128.0;
/// Width of the groups' column.
pub const GROUPS_W: f64 = 130.0;
/// The drawing of a desk is never narrower.
const DESK_MIN: f64 = 600.0;
/// The drawing of a phone is never narrower.
const PHONE_MIN: f64 = 300.0;
/// From a group row's middle up to the lane's top, for the first row.
const FIRST_ROW: f64 = 64.0;

/// How much a lane shows, by the zoom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detail {
    /// A bar of four pixels.
    Bars,
    /// Cells without numbers, one merged lag row.
    Compact,
    /// As designed.
    Full,
    /// Cells that show key and value.
    Wide,
}

impl Detail {
    /// The detail of a zoom, 1 being 100 %.
    pub fn of(zoom: f64) -> Detail {
        match zoom {
            z if z < 0.45 => Detail::Bars,
            z if z < 0.8 => Detail::Compact,
            z if z <= 1.4 => Detail::Full,
            _ => Detail::Wide,
        }
    }

    /// How its cells look.
    pub fn cells(self) -> CellStyle {
        match self {
            Detail::Bars | Detail::Compact => CellStyle::Small,
            Detail::Full => CellStyle::Full,
            Detail::Wide => CellStyle::Wide,
        }
    }
}

/// The columns of one drawing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Geometry {
    /// Desk or phone.
    pub form: Form,
    /// How much lanes show.
    pub detail: Detail,
    /// Screen pixels per drawing pixel.
    pub scale: f64,
    /// Width of the drawing.
    pub width: f64,
    /// Height of what is in sight.
    pub sight: f64,
    /// Top of what is in sight.
    pub top: f64,
    /// Left edge of the storage.
    pub left: f64,
    /// Right edge of the storage.
    pub right: f64,
    /// More room before logs, for names.
    pub names: f64,
}

impl Geometry {
    /// The geometry for what the user chose.
    pub fn of(settings: &FlowSettings) -> Geometry {
        let zoom = sane(settings.zoom, 1.0).clamp(0.1, 4.0);
        let detail = Detail::of(zoom);
        let scale = if zoom < 0.8 { 1.0 } else { zoom.min(1.4) };
        let (w, h) = (
            sane(settings.viewport.0, 780.0),
            sane(settings.viewport.1, 506.0),
        );
        let least = if settings.form == Form::Desk {
            DESK_MIN
        } else {
            PHONE_MIN
        };
        let width = (w.clamp(0.0, 20_000.0) / scale).floor().max(least);
        let (left, right) = match settings.form {
            Form::Desk => (
                PRODUCERS_X + PRODUCERS_W + 56.0,
                width - 12.0 - GROUPS_W - 58.0,
            ),
            Form::Phone => (14.0, width - 14.0),
        };
        Geometry {
            form: settings.form,
            detail,
            scale,
            width,
            sight: (h.clamp(0.0, 20_000.0) / scale).max(100.0),
            top: sane(settings.scroll, 0.0).max(0.0) / scale,
            left,
            right,
            names: 0.0,
        }
    }

    /// Width of what fills the storage from edge to edge.
    pub fn storage_w(&self) -> f64 {
        self.right - self.left - self.pick(0.0, 1.0)
    }

    /// Left edge of the column of groups.
    pub fn groups_x(&self) -> f64 {
        self.width - 12.0 - GROUPS_W
    }

    /// Where a lane's name and its group rows' names begin.
    pub fn name_x(&self) -> f64 {
        self.left + self.pick(10.5, 9.5)
    }

    /// Left edge of a lane's first badge.
    pub fn badge_x(&self) -> f64 {
        self.left + self.pick(33.0, 32.0)
    }

    /// Right end of lag numbers.
    pub fn lag_x(&self) -> f64 {
        self.left + self.pick(78.5, 76.5)
    }

    /// The leftmost place of a log.
    pub fn strip_left(&self) -> f64 {
        self.left + self.pick(98.5, 88.5) + self.names
    }

    /// From one cell to the next, wide enough for offsets up to `log_end`.
    pub fn pitch(&self, log_end: i64, measure: Measure) -> f64 {
        let least = self.pick(23.0, 22.0);
        let wanted = match self.detail.cells() {
            CellStyle::Small => 14.0,
            CellStyle::Full => {
                let digits = "0".repeat(log_end.max(0).to_string().len().max(3));
                least.max((measure(&digits, Font::MARK) + 4.0).ceil())
            }
            CellStyle::Wide => 104.0,
        };
        // The log's end and one more cell always have room.
        wanted.min(((self.right - 9.5 - self.strip_left()) / 2.0).max(8.0))
    }

    /// Height of a cell.
    pub fn cell_h(&self) -> f64 {
        if self.detail == Detail::Compact {
            13.0
        } else {
            CELL_H
        }
    }

    /// From a lane's top to its cells, with so many group rows below.
    pub fn cell_y(&self, rows: usize) -> f64 {
        match (self.detail, rows) {
            (Detail::Bars | Detail::Compact, _) => 3.0,
            (_, 0) => 24.0,
            _ => 26.0,
        }
    }

    /// From a lane's top to the middle of its `n`th group row.
    pub fn row_y(&self, n: usize) -> f64 {
        match self.detail {
            Detail::Bars => 2.0,
            Detail::Compact => 21.5,
            _ => FIRST_ROW + ROW_STEP * count(n),
        }
    }

    /// Height of a lane with so many group rows.
    pub fn lane_h(&self, rows: usize) -> f64 {
        match (self.detail, rows) {
            (Detail::Bars, _) => 6.0,
            (Detail::Compact, _) => 28.0,
            (_, 0) => 62.0,
            (_, rows) => FIRST_ROW - 6.0 + ROW_STEP * count(rows),
        }
    }

    /// Whether something from `y` down to `bottom` is in sight, or nearly.
    pub fn sees(&self, y: f64, bottom: f64) -> bool {
        const MARGIN: f64 = 40.0;
        bottom >= self.top - MARGIN && y <= self.top + self.sight + MARGIN
    }

    fn pick(&self, desk: f64, phone: f64) -> f64 {
        if self.form == Form::Desk { desk } else { phone }
    }
}

/// A count as a length.
pub fn count(n: usize) -> f64 {
    f64::from(u32::try_from(n).unwrap_or(u32::MAX))
}

/// An offset, or a difference of two, as a length.
pub fn offsets(n: i64) -> f64 {
    // Only differences that fit on a screen are drawn; the precision lost beyond 2^53 is off screen.
    n as f64
}

fn sane(value: f64, otherwise: f64) -> f64 {
    if value.is_finite() { value } else { otherwise }
}
