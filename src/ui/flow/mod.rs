//! The flow diagram: components that only draw what `present::flow` has laid out, and say what the user wants.
//!
//! - [`stage`]: the whole: toolbar, canvas, legend
//! - [`intent`]: what a user can want
//! - [`canvas`]: the drawing, its scrolling and its keys
//! - [`storage`], [`lane`], [`nodes`], [`edges`]: the parts of the drawing
//! - [`dots`]: records under way, on a layer of their own
//! - [`toolbar`], [`legend`], [`tip`]: what stands around it
//! - [`keys`], [`sight`]: the keyboard; size and pointer
//! - [`measure`]: how wide text is on this page

pub mod canvas;
pub mod dots;
pub mod edges;
pub mod intent;
pub mod keys;
pub mod lane;
pub mod legend;
pub mod measure;
pub mod nodes;
pub mod sight;
pub mod stage;
pub mod storage;
pub mod tip;
pub mod toolbar;

use present::flow::route::Px;
use yew::AttrValue;

/// A length as an attribute.
fn px(value: f64) -> AttrValue {
    AttrValue::from(Px(value).to_string())
}
