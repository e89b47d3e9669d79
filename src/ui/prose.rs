//! Running text in which code stands out.

use present::prose::Piece;
use yew::prelude::*;

/// Pieces of text and code, one after the other.
pub fn prose(pieces: &[Piece]) -> Html {
    let piece = |piece: &Piece| match piece {
        Piece::Text(text) => html! { text },
        Piece::Code(text) => html! { <code>{ text }</code> },
    };
    pieces.iter().map(piece).collect()
}
