//! Lines that records travel along: as path data for the drawing, and as places for what moves.

use std::fmt::Write;

/// A place.
pub type Point = (f64, f64);

/// A piece of a route.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Piece {
    Line(Point, Point),
    Curve(Point, Point, Point, Point),
    /// A rounded corner: from, the corner itself, to.
    Corner(Point, Point, Point),
}

/// A line of straight pieces, curves and rounded corners.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Route {
    pieces: Vec<Piece>,
    end: Point,
}

impl Route {
    /// A route that begins here.
    pub fn from(start: Point) -> Route {
        Route {
            pieces: Vec::new(),
            end: start,
        }
    }

    /// On, straight.
    pub fn line(mut self, to: Point) -> Route {
        self.pieces.push(Piece::Line(self.end, to));
        self.end = to;
        self
    }

    /// On, in a curve that leaves and arrives level.
    pub fn level_curve(mut self, to: Point) -> Route {
        let middle = (self.end.0 + to.0) / 2.0;
        self.pieces.push(Piece::Curve(
            self.end,
            (middle, self.end.1),
            (middle, to.1),
            to,
        ));
        self.end = to;
        self
    }

    /// On, along right angles through `corners`, each rounded by `radius`.
    pub fn angles(mut self, corners: &[Point], to: Point, radius: f64) -> Route {
        for (n, corner) in corners.iter().enumerate() {
            let next = corners.get(n.saturating_add(1)).copied().unwrap_or(to);
            let before = toward(*corner, self.end, radius);
            let after = toward(*corner, next, radius);
            self = self.line(before);
            self.pieces.push(Piece::Corner(before, *corner, after));
            self.end = after;
        }
        self.line(to)
    }

    /// On, along another route that begins where this one ends.
    pub fn then(mut self, other: &Route) -> Route {
        if let Some(first) = other.pieces.first() {
            if near(self.end, start_of(first)) > 0.01 {
                self = self.line(start_of(first));
            }
            self.pieces.extend(other.pieces.iter().copied());
            self.end = other.end;
        }
        self
    }

    /// SVG path data.
    pub fn d(&self) -> String {
        let mut d = String::with_capacity(64);
        let mut at: Option<Point> = None;
        for piece in &self.pieces {
            let start = start_of(piece);
            if at.is_none_or(|at| near(at, start) > 0.01) {
                let _ = write!(d, "M{} {}", Px(start.0), Px(start.1));
            }
            let end = match *piece {
                Piece::Line(_, to) => {
                    let _ = write!(d, "L{} {}", Px(to.0), Px(to.1));
                    to
                }
                Piece::Curve(_, a, b, to) => {
                    let _ = write!(
                        d,
                        "C{} {} {} {} {} {}",
                        Px(a.0),
                        Px(a.1),
                        Px(b.0),
                        Px(b.1),
                        Px(to.0),
                        Px(to.1)
                    );
                    to
                }
                Piece::Corner(_, corner, to) => {
                    let _ = write!(
                        d,
                        "Q{} {} {} {}",
                        Px(corner.0),
                        Px(corner.1),
                        Px(to.0),
                        Px(to.1)
                    );
                    to
                }
            };
            at = Some(end);
        }
        d
    }

    /// Places along the route, dense where it bends.
    pub fn points(&self) -> Vec<Point> {
        const STEPS: u8 = 12;
        let mut out = Vec::new();
        for piece in &self.pieces {
            if out.is_empty() {
                out.push(start_of(piece));
            }
            let steps = if matches!(piece, Piece::Line(..)) {
                1
            } else {
                STEPS
            };
            out.extend((1..=steps).map(|n| place(piece, f64::from(n) / f64::from(steps))));
        }
        out
    }

    /// Where a traveller is who has come `part` of the way, 0 to 1.
    pub fn at(&self, part: f64) -> Point {
        along(&self.points(), part).unwrap_or(self.end)
    }

    /// Its end.
    pub fn end(&self) -> Point {
        self.end
    }
}

/// The place at `part` (0 to 1) of the length of a line through `points`.
pub fn along(points: &[Point], part: f64) -> Option<Point> {
    let total = length(points);
    let mut left = part.clamp(0.0, 1.0) * total;
    for (from, to) in points.iter().zip(points.iter().skip(1)) {
        let step = near(*from, *to);
        if step >= left && step > 0.0 {
            let t = left / step;
            return Some((from.0 + (to.0 - from.0) * t, from.1 + (to.1 - from.1) * t));
        }
        left -= step;
    }
    points.last().copied()
}

/// The length of a line through `points`.
pub fn length(points: &[Point]) -> f64 {
    points
        .iter()
        .zip(points.iter().skip(1))
        .map(|(a, b)| near(*a, *b))
        .sum()
}

/// A length as path data writes it: one decimal, none where it is whole.
pub struct Px(pub f64);

impl std::fmt::Display for Px {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let tenths = (self.0 * 10.0).round();
        let value = tenths / 10.0;
        if tenths % 10.0 == 0.0 {
            write!(f, "{value:.0}")
        } else {
            write!(f, "{value:.1}")
        }
    }
}

fn near(a: Point, b: Point) -> f64 {
    (a.0 - b.0).hypot(a.1 - b.1)
}

fn toward(from: Point, to: Point, by: f64) -> Point {
    let distance = near(from, to);
    if distance <= f64::EPSILON {
        return from;
    }
    let t = (by / distance).min(0.5);
    (from.0 + (to.0 - from.0) * t, from.1 + (to.1 - from.1) * t)
}

fn start_of(piece: &Piece) -> Point {
    match *piece {
        Piece::Line(from, _) | Piece::Curve(from, ..) | Piece::Corner(from, ..) => from,
    }
}

fn place(piece: &Piece, t: f64) -> Point {
    let u = 1.0 - t;
    match *piece {
        Piece::Line(a, b) => (a.0 * u + b.0 * t, a.1 * u + b.1 * t),
        Piece::Corner(a, c, b) => (
            a.0 * u * u + 2.0 * c.0 * u * t + b.0 * t * t,
            a.1 * u * u + 2.0 * c.1 * u * t + b.1 * t * t,
        ),
        Piece::Curve(a, c, e, b) => (
            a.0 * u * u * u + 3.0 * c.0 * u * u * t + 3.0 * e.0 * u * t * t + b.0 * t * t * t,
            a.1 * u * u * u + 3.0 * c.1 * u * u * t + 3.0 * e.1 * u * t * t + b.1 * t * t * t,
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::{Px, Route};

    #[test]
    fn a_traveller_is_half_way_at_half_the_time() {
        let route = Route::from((0.0, 0.0)).line((10.0, 0.0)).line((10.0, 10.0));
        assert_eq!(route.at(0.0), (0.0, 0.0));
        assert_eq!(route.at(0.25), (5.0, 0.0));
        assert_eq!(route.at(1.0), (10.0, 10.0));
        let curve = Route::from((580.5, 140.0)).level_curve((644.0, 106.0));
        let (x, y) = curve.at(0.5);
        assert!(
            (x - 612.2).abs() < 0.2 && (y - 123.0).abs() < 0.2,
            "{x} {y}"
        );
    }

    #[test]
    fn corners_are_rounded_and_numbers_short() {
        let route = Route::from((14.5, 92.0)).angles(&[(355.5, 92.0)], (355.5, 106.0), 5.0);
        assert_eq!(route.d(), "M14.5 92L350.5 92Q355.5 92 355.5 97L355.5 106");
        assert_eq!(format!("{} {}", Px(4.0), Px(4.25)), "4 4.3");
    }
}
