//! A log drawn into a lane: its cells, torn edges, log end and high watermark.

use session::selection::Selection;

use super::context::Context;
use super::input::{CellIn, PartitionIn, RecordSource};
use super::measure::{Font, fit};
use super::route::Px;
use super::strip::Strip;
use super::view::Rect;
use super::view_lane::{CellStyle, CellView, HwView, LaneView, SlotView, TornView};

/// Draws a log into a lane: cells, edges, log end, high watermark.
pub fn log(
    cx: &Context,
    view: &mut LaneView,
    partition: &PartitionIn,
    strip: &Strip,
    cell_y: f64,
    source: &mut dyn RecordSource,
) {
    let h = cx.geometry.cell_h();
    let wide = view.cell_style == CellStyle::Wide;
    let records = source.cells(&view.at, strip.from, strip.to, wide);
    // A source that hands out more than was asked for must not draw outside the strip.
    let inside = records
        .into_iter()
        .filter(|record| record.offset >= strip.from && record.offset < strip.to);
    view.cells = inside
        .map(|record| cell(cx, view, partition, strip, cell_y, record))
        .collect();
    view.ring = view
        .cells
        .iter()
        .find(|cell| cell.selected)
        .map(|cell| ring(cell.rect));
    if strip.older > 0 {
        view.older = Some(torn(
            strip.boundary(strip.from) - 1.0,
            cell_y,
            h,
            strip,
            -1.0,
        ));
    }
    if strip.newer > 0 {
        view.newer = Some(torn(strip.end_x + 1.0, cell_y, h, strip, 1.0));
    } else {
        let text = if view.cell_style == CellStyle::Small {
            String::new()
        } else {
            partition.log_end.to_string()
        };
        let rect = Rect::new(strip.end_x + 0.5, cell_y + 0.5, strip.pitch - 1.0, h - 1.0);
        view.slot = Some(SlotView { rect, text });
    }
    view.hw = high_watermark(cx, view, partition, strip, cell_y);
}

fn cell(
    cx: &Context,
    view: &LaneView,
    partition: &PartitionIn,
    strip: &Strip,
    y: f64,
    record: CellIn,
) -> CellView {
    let rect = Rect::new(
        strip.boundary(record.offset) + 0.5,
        y,
        strip.pitch - 1.0,
        cx.geometry.cell_h(),
    );
    let unreplicated = record.offset >= partition.high_watermark;
    let selected = matches!(&cx.input.settings.selection,
        Some(Selection::Record(at, offset)) if *at == view.at && *offset == record.offset);
    let label = format!(
        "Offset {}, {}{}",
        record.offset,
        record.key.spoken(),
        if unreplicated {
            ", not yet replicated"
        } else {
            ""
        }
    );
    let wide = (view.cell_style == CellStyle::Wide).then(|| {
        let offset_w = (cx.measure)(&record.offset.to_string(), Font::MARK);
        let key = record.key.label.as_deref().unwrap_or("no key");
        (
            fit(key, Font::KEY, rect.w - offset_w - 30.0, cx.measure),
            fit(&record.preview, Font::KEY, rect.w - 12.0, cx.measure),
        )
    });
    CellView {
        offset: record.offset,
        rect,
        dim: !cx.filter.is_empty()
            && !cx.filter.text(&view.at.topic)
            && !cx.filter.key(&record.key),
        key: record.key,
        selected,
        unreplicated,
        wide,
        label,
    }
}

fn ring(cell: Rect) -> Rect {
    Rect::new(cell.x - 1.5, cell.y - 1.0, cell.w + 3.0, cell.h + 2.0)
}

/// A torn edge in the place of one cell: `side` −1 opens to the left, 1 to the right.
fn torn(flat: f64, y: f64, h: f64, strip: &Strip, side: f64) -> TornView {
    const TEETH: f64 = 6.0;
    let tooth = 3.0 * side;
    let reach = (strip.torn - 5.0) * side;
    let step = (h - 0.8) / TEETH;
    let mut d = format!("M{} {}h{}", Px(flat), Px(y + 0.5), Px(reach));
    for n in 0..6u8 {
        let out = if n % 2 == 0 { tooth } else { -tooth };
        d.push_str(&format!("l{} {}", Px(out), (step * 100.0).round() / 100.0));
    }
    d.push_str(&format!("h{}", Px(-reach)));
    let (n, what) = if side < 0.0 {
        (strip.older, "older")
    } else {
        (strip.newer, "newer")
    };
    let noun = if n == 1 { "record" } else { "records" };
    TornView {
        d,
        text: (flat + side * (strip.torn / 2.0 - 2.0), y + h / 2.0 + 3.0),
        label: format!("{n} {what} {noun}"),
    }
}

fn high_watermark(
    cx: &Context,
    view: &LaneView,
    partition: &PartitionIn,
    strip: &Strip,
    cell_y: f64,
) -> Option<HwView> {
    let hw = partition.high_watermark;
    if hw < strip.from || hw > strip.to {
        return None;
    }
    let x = strip.boundary(hw);
    if view.cell_style == CellStyle::Small {
        return Some(HwView {
            x,
            y1: cell_y - 2.0,
            y2: cell_y + cx.geometry.cell_h() + 2.0,
            text: None,
        });
    }
    let text = format!("HW {hw}");
    let room = x - 4.0 - (cx.measure)(&text, Font::MARK) - cx.geometry.strip_left();
    Some(HwView {
        x,
        y1: cell_y - 6.5,
        y2: cell_y + cx.geometry.cell_h() + 1.5,
        text: (room >= 0.0).then_some((x - 4.0, cell_y - 3.5, text)),
    })
}
