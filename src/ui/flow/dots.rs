//! Records under way, on one canvas over the drawing: a frame in which only they move touches nothing else.

use present::flow::motion::{Dash, Dot};
use present::flow::route::{Point, along, length};
use present::flow::shape::{RING_STROKE, corners, radius};
use present::keys::{Shape, shape_of, slot_class};
use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};
use yew::prelude::*;

/// What moves.
#[derive(Clone, PartialEq, Properties)]
pub struct DotsProps {
    /// Single records.
    pub dots: Vec<Dot>,
    /// Edges too busy for single records.
    pub dashes: Vec<Dash>,
    /// Screen pixels per drawing pixel.
    pub scale: f64,
    /// Left and top of what is in sight, in CSS pixels.
    pub scroll: (f64, f64),
    /// Width and height of the layer, in CSS pixels.
    pub size: (f64, f64),
}

/// The layer on which records move.
#[component]
pub fn Dots(props: &DotsProps) -> Html {
    let layer = use_node_ref();
    let colours = use_mut_ref(Colours::default);
    {
        let layer = layer.clone();
        use_effect_with(props.clone(), move |props| {
            if let Some(canvas) = layer.cast::<HtmlCanvasElement>() {
                let _ = draw(&canvas, props, &mut colours.borrow_mut());
            }
        });
    }
    html! { <canvas class="dots" ref={layer} aria-hidden="true"></canvas> }
}

/// The theme's colours as the page has them, read again when the theme changes.
#[derive(Default)]
struct Colours {
    theme: String,
    surface: String,
    slots: Vec<String>,
}

impl Colours {
    fn refresh(&mut self, canvas: &HtmlCanvasElement) -> Option<()> {
        let window = web_sys::window()?;
        let root = window.document()?.document_element()?;
        let theme = root
            .get_attribute("data-theme")
            .unwrap_or_else(|| "system".into());
        if theme == self.theme && !self.slots.is_empty() {
            return Some(());
        }
        let style = window.get_computed_style(canvas).ok()??;
        let value = |name: &str| {
            style
                .get_property_value(name)
                .map(|v| v.trim().to_owned())
                .unwrap_or_default()
        };
        self.surface = value("--surface");
        self.slots = (0..=present::keys::SLOTS)
            .map(|slot| value(&format!("--{}", slot_class(slot))))
            .collect();
        self.theme = theme;
        Some(())
    }

    fn of(&self, slot: u8) -> &str {
        self.slots.get(usize::from(slot)).map_or("", String::as_str)
    }
}

fn draw(canvas: &HtmlCanvasElement, props: &DotsProps, colours: &mut Colours) -> Option<()> {
    colours.refresh(canvas)?;
    let ratio = web_sys::window()?.device_pixel_ratio().clamp(1.0, 3.0);
    let (w, h) = ((props.size.0 * ratio) as u32, (props.size.1 * ratio) as u32);
    if canvas.width() != w || canvas.height() != h {
        canvas.set_width(w);
        canvas.set_height(h);
    }
    let context: CanvasRenderingContext2d = canvas.get_context("2d").ok()??.dyn_into().ok()?;
    context.set_transform(1.0, 0.0, 0.0, 1.0, 0.0, 0.0).ok()?;
    context.clear_rect(0.0, 0.0, f64::from(w), f64::from(h));
    let scale = props.scale * ratio;
    let (left, top) = (-props.scroll.0 * ratio, -props.scroll.1 * ratio);
    context
        .set_transform(scale, 0.0, 0.0, scale, left, top)
        .ok()?;
    for dash in &props.dashes {
        dashed(&context, dash, colours);
    }
    for dot in &props.dots {
        glyph(&context, dot, colours);
    }
    Some(())
}

fn dashed(context: &CanvasRenderingContext2d, dash: &Dash, colours: &Colours) {
    const MOST: u16 = 400;
    const LONG: f64 = 5.0;
    let total = length(&dash.points);
    if total <= 0.0 || dash.spacing <= 0.0 {
        return;
    }
    context.set_stroke_style_str(colours.of(dash.slot));
    context.set_line_width(3.0);
    context.set_line_cap("round");
    context.begin_path();
    for n in 0..MOST {
        let from = dash.phase + dash.spacing * f64::from(n);
        if from + LONG > total {
            break;
        }
        let ends = (
            along(&dash.points, from / total),
            along(&dash.points, (from + LONG) / total),
        );
        if let (Some(a), Some(b)) = ends {
            context.move_to(a.0, a.1);
            context.line_to(b.0, b.1);
        }
    }
    context.stroke();
}

fn glyph(context: &CanvasRenderingContext2d, dot: &Dot, colours: &Colours) {
    const HALO: f64 = 1.6;
    let shape = shape_of(dot.slot);
    context.set_fill_style_str(&colours.surface);
    outline(context, shape, (dot.x, dot.y), dot.r + HALO);
    context.fill();
    let colour = colours.of(dot.slot);
    outline(context, shape, (dot.x, dot.y), dot.r);
    if shape == Shape::Ring {
        context.set_stroke_style_str(colour);
        context.set_line_width(RING_STROKE);
        context.stroke();
    } else {
        context.set_fill_style_str(colour);
        context.fill();
    }
}

fn outline(context: &CanvasRenderingContext2d, shape: Shape, at: Point, r: f64) {
    context.begin_path();
    if let Some(radius) = radius(shape, r) {
        let _ = context.arc(at.0, at.1, radius, 0.0, std::f64::consts::TAU);
        return;
    }
    for (n, (x, y)) in corners(shape, at.0, at.1, r).into_iter().enumerate() {
        if n == 0 {
            context.move_to(x, y);
        } else {
            context.line_to(x, y);
        }
    }
    context.close_path();
}
