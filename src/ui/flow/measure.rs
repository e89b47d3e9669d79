//! How wide text is on this page, measured once for every text.

use records::sorted::SortedMap;
use std::cell::RefCell;
use std::rc::Rc;

use present::flow::measure::{Font, fixed};
use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

/// Texts remembered; beyond that the memory starts afresh.
const REMEMBERED: usize = 8192;

/// Measures text with the page's own fonts.
#[derive(Clone)]
pub struct Ruler {
    inner: Rc<RefCell<Inner>>,
}

struct Inner {
    context: Option<CanvasRenderingContext2d>,
    families: (String, String),
    widths: SortedMap<(u32, bool, bool), SortedMap<String, f64>>,
    count: usize,
}

impl Default for Ruler {
    fn default() -> Ruler {
        Ruler::new()
    }
}

impl Ruler {
    /// A ruler for the page's fonts; where there is no page, every character counts the same.
    pub fn new() -> Ruler {
        let (context, families) = page().unwrap_or((None, (String::new(), String::new())));
        let inner = Inner {
            context,
            families,
            widths: SortedMap::new(),
            count: 0,
        };
        Ruler {
            inner: Rc::new(RefCell::new(inner)),
        }
    }

    /// The width of `text`, in pixels.
    pub fn width(&self, text: &str, font: Font) -> f64 {
        let Ok(mut inner) = self.inner.try_borrow_mut() else {
            return fixed(text, font);
        };
        inner.width(text, font)
    }
}

impl Inner {
    fn width(&mut self, text: &str, font: Font) -> f64 {
        let face = ((font.size * 100.0) as u32, font.mono, font.bold);
        if let Some(width) = self.widths.get(&face).and_then(|widths| widths.get(text)) {
            return *width;
        }
        let width = self
            .measure(text, font)
            .unwrap_or_else(|| fixed(text, font));
        if self.count >= REMEMBERED {
            self.widths.clear();
            self.count = 0;
        }
        self.widths
            .entry(face)
            .or_default()
            .insert(text.to_owned(), width);
        self.count = self.count.saturating_add(1);
        width
    }

    fn measure(&self, text: &str, font: Font) -> Option<f64> {
        let context = self.context.as_ref()?;
        let family = if font.mono {
            &self.families.1
        } else {
            &self.families.0
        };
        let weight = if font.bold { 600 } else { 400 };
        context.set_font(&format!("{weight} {}px {family}", font.size));
        Some(context.measure_text(text).ok()?.width())
    }
}

type Page = (Option<CanvasRenderingContext2d>, (String, String));

/// A context to measure with, and the names of the two families.
fn page() -> Option<Page> {
    if cfg!(not(target_arch = "wasm32")) {
        return None;
    }
    let document = web_sys::window()?.document()?;
    let style = web_sys::window()?
        .get_computed_style(&document.document_element()?)
        .ok()??;
    let family = |name: &str| {
        style
            .get_property_value(name)
            .ok()
            .map(|family| family.trim().to_owned())
    };
    let canvas: HtmlCanvasElement = document.create_element("canvas").ok()?.dyn_into().ok()?;
    let context = canvas.get_context("2d").ok()??.dyn_into().ok();
    Some((context, (family("--font-ui")?, family("--font-mono")?)))
}
