//! The outlines of key glyphs. All are drawn about a centre with a nominal radius, so that they look equally big.

use std::fmt::Write;

use crate::keys::Shape;

/// How thick a ring's line is at a nominal radius of about 3.
pub const RING_STROKE: f64 = 1.8;

/// The outline of a shape as SVG path data, centred on (`x`, `y`) with nominal radius `r`.
pub fn outline(shape: Shape, x: f64, y: f64, r: f64) -> String {
    match radius(shape, r) {
        Some(radius) => circle(x, y, radius),
        None => polygon(&corners(shape, x, y, r)),
    }
}

/// The true radius of a round shape, `None` for one with corners.
pub fn radius(shape: Shape, r: f64) -> Option<f64> {
    match shape {
        Shape::Disc => Some(r),
        Shape::Ring => Some(0.78 * r),
        Shape::Dot => Some(0.8 * r),
        _ => None,
    }
}

/// The corners of a shape, in order; none for a round one.
pub fn corners(shape: Shape, x: f64, y: f64, r: f64) -> Vec<(f64, f64)> {
    match shape {
        Shape::Square => boxed(x, y, 0.88 * r),
        Shape::Up => triangle(x, y, r, 1.0),
        Shape::Down => triangle(x, y, r, -1.0),
        Shape::Diamond => {
            let d = 1.25 * r;
            vec![(x, y - d), (x + d, y), (x, y + d), (x - d, y)]
        }
        Shape::Cross => cross(x, y, 1.15 * r, 0.42 * r),
        Shape::Star => star(x, y, 1.35 * r, 0.62 * r),
        Shape::Disc | Shape::Ring | Shape::Dot => Vec::new(),
    }
}

fn boxed(x: f64, y: f64, half: f64) -> Vec<(f64, f64)> {
    vec![
        (x - half, y - half),
        (x + half, y - half),
        (x + half, y + half),
        (x - half, y + half),
    ]
}

fn triangle(x: f64, y: f64, r: f64, up: f64) -> Vec<(f64, f64)> {
    let half = 1.1 * r;
    let apex = y - up * half;
    let base = apex + up * 1.95 * r;
    vec![(x, apex), (x + half, base), (x - half, base)]
}

fn cross(x: f64, y: f64, arm: f64, half: f64) -> Vec<(f64, f64)> {
    vec![
        (x - half, y - arm),
        (x + half, y - arm),
        (x + half, y - half),
        (x + arm, y - half),
        (x + arm, y + half),
        (x + half, y + half),
        (x + half, y + arm),
        (x - half, y + arm),
        (x - half, y + half),
        (x - arm, y + half),
        (x - arm, y - half),
        (x - half, y - half),
    ]
}

/// Sine and cosine of every tenth of a turn: the functions that compute them weigh more than the drawing.
const TENTHS: [(f64, f64); 10] = [
    (0.0, 1.0),
    (SIN_36, COS_36),
    (SIN_72, COS_72),
    (SIN_72, -COS_72),
    (SIN_36, -COS_36),
    (0.0, -1.0),
    (-SIN_36, -COS_36),
    (-SIN_72, -COS_72),
    (-SIN_72, COS_72),
    (-SIN_36, COS_36),
];
const SIN_36: f64 = 0.587_785_252_292_473_1;
const COS_36: f64 = 0.809_016_994_374_947_5;
const SIN_72: f64 = 0.951_056_516_295_153_5;
const COS_72: f64 = 0.309_016_994_374_947_4;

fn star(x: f64, y: f64, outer: f64, inner: f64) -> Vec<(f64, f64)> {
    TENTHS
        .iter()
        .enumerate()
        .map(|(n, (sine, cosine))| {
            let reach = if n % 2 == 0 { outer } else { inner };
            (x + reach * sine, y - reach * cosine)
        })
        .collect()
}

fn circle(x: f64, y: f64, r: f64) -> String {
    let mut d = String::with_capacity(48);
    let _ = write!(
        d,
        "M{:.2} {y:.2}a{r:.2} {r:.2} 0 1 0 {:.2} 0a{r:.2} {r:.2} 0 1 0 {:.2} 0z",
        x - r,
        2.0 * r,
        -2.0 * r
    );
    d
}

fn polygon(corners: &[(f64, f64)]) -> String {
    let mut d = String::with_capacity(corners.len().saturating_mul(14));
    for (n, (x, y)) in corners.iter().enumerate() {
        let _ = write!(d, "{}{x:.2} {y:.2}", if n == 0 { 'M' } else { 'L' });
    }
    d.push('z');
    d
}

#[cfg(test)]
mod tests {
    use super::outline;
    use crate::keys::Shape;

    #[test]
    fn shapes_stand_about_their_centre() {
        assert_eq!(
            outline(Shape::Diamond, 5.0, 5.0, 3.4),
            "M5.00 0.75L9.25 5.00L5.00 9.25L0.75 5.00z"
        );
        assert!(outline(Shape::Up, 421.0, 297.0, 2.9).starts_with("M421.00 293.81L424.19 299.4"));
        assert!(outline(Shape::Disc, 5.0, 5.0, 3.4).starts_with("M1.60 5.00a3.40 3.40"));
    }
}
