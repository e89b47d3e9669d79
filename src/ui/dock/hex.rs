//! Bytes in hexadecimal, sixteen a row, some of them standing out.

use bytes::Bytes;
use present::words;
use yew::prelude::*;

/// Bytes in a row.
const ROW: usize = 16;
/// Rows drawn at once.
const ROWS: usize = 64;

/// What the bytes need.
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct HexProps {
    /// The bytes.
    pub frame: Bytes,
    /// Those that stand out: the first, and the one after the last.
    #[prop_or_default]
    pub span: Option<(usize, usize)>,
}

/// Bytes in hexadecimal. Of many, those around the ones that stand out are shown.
#[component]
pub fn Hex(props: &HexProps) -> Html {
    let total = props.frame.len();
    let first = first_row(props.span, total);
    let rows =
        (first..first.saturating_add(ROWS)).take_while(|row| row.saturating_mul(ROW) < total);
    let last = first.saturating_add(ROWS).saturating_mul(ROW).min(total);
    html! {
        <div class="hex" aria-label="Bytes in hexadecimal">
            { for rows.map(|row| self::row(&props.frame, row, props.span)) }
            if first > 0 || last < total {
                <p class="meta">{ format!("Bytes {}–{last} of {total}; choose a field to see its own.", first * ROW) }</p>
            }
        </div>
    }
}

/// Everything from the start, unless what stands out lies further on.
fn first_row(span: Option<(usize, usize)>, total: usize) -> usize {
    let wanted = span.map_or(0, |(start, _)| start / ROW);
    if total <= ROW * ROWS || wanted < ROWS.saturating_sub(4) {
        0
    } else {
        wanted.saturating_sub(4)
    }
}

fn row(frame: &Bytes, row: usize, span: Option<(usize, usize)>) -> Html {
    let start = row.saturating_mul(ROW);
    let bytes = frame
        .get(start..start.saturating_add(ROW).min(frame.len()))
        .unwrap_or_default();
    let (from, to) = span.unwrap_or((0, 0));
    // The parts of this row before, in and behind what stands out.
    let begin = from.saturating_sub(start).min(bytes.len());
    let end = to.saturating_sub(start).min(bytes.len()).max(begin);
    let parts = [
        (bytes.get(..begin), false),
        (bytes.get(begin..end), true),
        (bytes.get(end..), false),
    ];
    let show = |text: fn(&[u8]) -> String| {
        let shown = parts.iter().filter_map(move |(part, on)| {
            let part = part.filter(|part| !part.is_empty())?;
            let text = text(part);
            Some(match on {
                true => html! { <mark>{ text }</mark> },
                false => html! { { text } },
            })
        });
        shown.collect::<Html>()
    };
    html! {
        <div key={row} class="hx"><i>{ format!("{start:04x}") }</i><span>{ show(spaced) }</span><span class="asc">{ show(ascii) }</span></div>
    }
}

fn spaced(bytes: &[u8]) -> String {
    let mut text = words::hex(bytes);
    text.push(' ');
    text
}

fn ascii(bytes: &[u8]) -> String {
    let shown = |byte: &u8| match byte {
        0x20..=0x7e => char::from(*byte),
        _ => '·',
    };
    bytes.iter().map(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::first_row;

    #[test]
    fn what_stands_out_is_in_sight() {
        assert_eq!(first_row(None, 1_000_000), 0);
        assert_eq!(first_row(Some((500, 510)), 1_000_000), 0);
        assert_eq!(first_row(Some((16_000, 16_004)), 1_000_000), 996);
        assert_eq!(first_row(Some((1_000, 1_004)), 1_010), 0);
    }
}
