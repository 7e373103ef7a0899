//! The trust region: the damped step of Levenberg–Marquardt inside the box.

use super::local::Local;
use super::objective::Bounds;
use super::parameter_set::ParameterSet;
use super::point::Point;
use super::triangle::{Triangle, Vector, norm};

/// Relative accuracy with which a damped step meets the radius.
const RADIUS_ACCURACY: f64 = 0.1;

/// Part of a column's scale that is kept from one point to the next where the column shrinks. With
/// all of it (Moré's choice) a column that was huge for a moment, next to a pole, would hold its
/// parameter for ever; with none, a parameter runs away over a plateau as its column fades.
const FORGETTING: f64 = 0.99;

/// Radius and scale of the region in which the linearised residuals are trusted:
/// `‖D·p‖ ≤ radius` with `D` the greatest norms of the columns of the design of late, so that a
/// change of a parameter's unit changes nothing.
#[derive(Debug, Clone)]
pub(crate) struct Region<const K: usize> {
    scale: Vector<K>,
    greatest: Vector<K>,
    radius: f64,
    damping: f64,
}

/// A step inside the region and the box.
#[derive(Debug, Clone)]
pub(crate) struct Step<const K: usize> {
    pub(crate) p: Vector<K>,
    /// Decrease of the loss that the linearised residuals promise.
    pub(crate) predicted: f64,
    /// `‖D·p‖`.
    pub(crate) length: f64,
    /// Whether it is the undamped Gauss–Newton step, met by no bound.
    pub(crate) full: bool,
}

impl<const K: usize> Step<K> {
    /// A quarter of the step.
    pub(crate) fn shorten(&mut self, triangle: &Triangle<K>) {
        for p in &mut self.p {
            *p *= 0.25;
        }
        self.length *= 0.25;
        self.predicted = predicted_decrease(triangle, &self.p);
        self.full = false;
    }
}

impl<const K: usize> Region<K> {
    /// The region around a start, `first` times as large as the start itself.
    pub(crate) fn around(norms: &Vector<K>, theta: &Vector<K>, first: f64) -> Self {
        let mut region = Self {
            scale: *norms,
            greatest: *norms,
            radius: 0.0,
            damping: 0.0,
        };
        let length = region.length(theta);
        let total: f64 = norms.iter().sum();
        let size = if length > 0.0 { length } else { total };
        region.radius = if size > 0.0 { first * size } else { first };
        region
    }

    /// Takes the column norms of a new point into the scale.
    pub(crate) fn rescale(&mut self, norms: &Vector<K>) {
        for ((d, greatest), norm) in self.scale.iter_mut().zip(&mut self.greatest).zip(norms) {
            *d = norm.max(FORGETTING * *d);
            *greatest = norm.max(*greatest);
        }
    }

    /// The greatest column norms so far.
    pub(crate) fn greatest(&self) -> &Vector<K> {
        &self.greatest
    }

    /// `‖D·p‖`.
    pub(crate) fn length(&self, p: &Vector<K>) -> f64 {
        p.iter()
            .zip(&self.scale)
            .map(|(p, d)| (p * d).powi(2))
            .sum::<f64>()
            .sqrt()
    }

    /// Makes the region smaller than a step that failed.
    pub(crate) fn shrink(&mut self, length: f64) {
        self.radius = 0.25 * self.radius.min(length);
        self.damping *= 4.0;
    }

    /// Adapts the radius to the ratio of actual to predicted decrease.
    pub(crate) fn update(&mut self, ratio: f64, step: &Step<K>) {
        if ratio < 0.25 {
            // The decrease along the step is about a parabola; its minimum is the better radius.
            let factor = if ratio < 0.0 {
                (0.5 / (1.0 - ratio)).max(0.1)
            } else {
                0.5
            };
            self.radius = factor * self.radius.min(step.length);
            self.damping /= factor;
        } else if ratio > 0.75 || step.full {
            self.radius = self.radius.max(2.0 * step.length);
            self.damping *= 0.5;
        }
    }

    /// The step of least predicted loss inside region and box, or `None` where no descent is left.
    pub(crate) fn step(
        &mut self,
        point: &Point<K>,
        state: &Local<K>,
        bounds: &Bounds,
    ) -> Option<Step<K>> {
        self.undamped(point, state, bounds)
            .or_else(|| self.bounded(point, state, bounds))
    }

    /// The Gauss–Newton step, if neither the radius nor a bound stops it.
    fn undamped(&mut self, point: &Point<K>, state: &Local<K>, bounds: &Bounds) -> Option<Step<K>> {
        let part = state.step.as_ref()?;
        let mut p = [0.0; K];
        for (j, value) in state.free.iter().zip(part) {
            if !bounds.contains(j, point.theta[j] + value) {
                return None;
            }
            p[j] = *value;
        }
        let length = self.length(&p);
        let predicted = 0.5 * state.length * state.length;
        if length > (1.0 + RADIUS_ACCURACY) * self.radius || predicted == 0.0 {
            return None;
        }
        self.damping = 0.0;
        Some(Step {
            p,
            predicted,
            length,
            full: true,
        })
    }

    /// A step that meets the radius or a bound.
    fn bounded(&mut self, point: &Point<K>, state: &Local<K>, bounds: &Bounds) -> Option<Step<K>> {
        let k = point.triangle.k;
        let free = state.free;
        let mut p = [0.0; K];
        let mut moving = free;
        let mut straight = None;
        // Each round that meets a bound fixes at least one parameter there.
        for _ in 0..=k {
            let shifted;
            let triangle = if straight.is_none() && moving.len() == k {
                &point.triangle
            } else {
                let mut whole = point.triangle.clone();
                let moved = point.triangle.times(&p);
                for (c, m) in whole.c.iter_mut().zip(&moved) {
                    *c -= m;
                }
                shifted = whole.select(moving);
                &shifted
            };
            let part = self.solve(triangle, &point.norms, moving)?;
            for (j, value) in moving.iter().zip(&part) {
                p[j] = *value;
            }
            straight.get_or_insert(p);
            let before = moving;
            let stays = |j: usize| bounds.contains(j, point.theta[j] + p[j]);
            moving = ParameterSet::filtered(k, |j| before.contains(j) && stays(j));
            if moving == before {
                break;
            }
            for j in before.iter() {
                p[j] = if moving.contains(j) {
                    0.0
                } else {
                    bounds.nearest(j, point.theta[j] + p[j]) - point.theta[j]
                };
            }
            if moving.is_empty() {
                break;
            }
        }
        let mut predicted = predicted_decrease(&point.triangle, &p);
        if predicted.is_nan() || predicted <= 0.0 {
            // Several bounds at once can spoil the model; along the free step up to the first
            // bound it cannot.
            let straight = straight?;
            let mut fraction = 1.0_f64;
            for j in free.iter().filter(|j| straight[*j] != 0.0) {
                let target = point.theta[j] + straight[j];
                let room = bounds.nearest(j, target) - point.theta[j];
                fraction = fraction.min(room / straight[j]);
            }
            for (p, s) in p.iter_mut().zip(&straight) {
                *p = fraction * s;
            }
            predicted = predicted_decrease(&point.triangle, &p);
        }
        let length = self.length(&p);
        (predicted > 0.0 && length.is_finite()).then_some(Step {
            p,
            predicted,
            length,
            full: false,
        })
    }

    /// Solves `min ‖c − Rp‖` within `‖D·p‖ ≤ radius`.
    ///
    /// The damping is the root of the secular equation, found as in Moré (1978): Newton's
    /// iteration on `1/radius − 1/‖D·p‖`, kept between bounds.
    fn solve(
        &mut self,
        triangle: &Triangle<K>,
        norms: &Vector<K>,
        columns: ParameterSet,
    ) -> Option<Vector<K>> {
        let m = triangle.k;
        let radius = self.radius;
        let mut d = [0.0; K];
        let mut own = [0.0; K];
        for (i, j) in columns.iter().enumerate() {
            // A column that has always been zero has no scale; any will do, it does not move.
            d[i] = if self.scale[j] > 0.0 {
                self.scale[j]
            } else {
                1.0
            };
            own[i] = norms[j];
        }
        let scaled = |p: &Vector<K>| {
            let mut q = [0.0; K];
            for i in 0..m {
                q[i] = d[i] * p[i];
            }
            q
        };
        let undamped = triangle.solve(&triangle.c, &own, f64::EPSILON);
        let mut lower = 0.0;
        if let Some(p) = undamped {
            let q = scaled(&p);
            let length = norm(&q[..m]);
            if length <= (1.0 + RADIUS_ACCURACY) * radius {
                self.damping = 0.0;
                return Some(p);
            }
            if length.is_finite() {
                lower = Self::newton_bound(triangle, &d, &q, length, radius);
            }
        }
        let mut gradient = triangle.descent();
        for i in 0..m {
            gradient[i] /= d[i];
        }
        let mut upper = norm(&gradient[..m]) / radius;
        if !(upper > 0.0 && upper.is_finite()) {
            return undamped;
        }
        let mut damping = self.damping;
        let mut best = None;
        for _ in 0..20 {
            if !(damping > lower && damping < upper) {
                damping = (lower * upper).sqrt().max(1e-3 * upper);
            }
            let mut root = d;
            for x in &mut root[..m] {
                *x *= damping.sqrt();
            }
            let damped = triangle.damped(&root);
            let Some(p) = damped.solve(&damped.c, &[0.0; K], 0.0) else {
                lower = damping;
                damping *= 10.0;
                continue;
            };
            let q = scaled(&p);
            let length = norm(&q[..m]);
            if !length.is_finite() {
                lower = damping;
                damping *= 10.0;
                continue;
            }
            best = Some(p);
            if (length - radius).abs() <= RADIUS_ACCURACY * radius {
                break;
            }
            if length > radius {
                lower = lower.max(damping);
            } else {
                upper = upper.min(damping);
            }
            damping += Self::newton_bound(&damped, &d, &q, length, radius);
        }
        self.damping = damping;
        best
    }

    /// Newton's correction of the damping from a solution of scaled length `length`; from zero
    /// damping it is a lower bound of the root.
    fn newton_bound(
        triangle: &Triangle<K>,
        d: &Vector<K>,
        q: &Vector<K>,
        length: f64,
        radius: f64,
    ) -> f64 {
        let mut b = [0.0; K];
        for i in 0..triangle.k {
            b[i] = d[i] * q[i] / length;
        }
        let w = triangle.solve_transposed(&b);
        let w = norm(&w[..triangle.k]);
        let correction = (length - radius) / (radius * w * w);
        if correction.is_finite() {
            correction
        } else {
            0.0
        }
    }
}

/// `½‖c‖² − ½‖c − Rp‖²`, without cancellation.
fn predicted_decrease<const K: usize>(triangle: &Triangle<K>, p: &Vector<K>) -> f64 {
    let moved = triangle.times(p);
    let k = triangle.k;
    let linear: f64 = moved[..k].iter().zip(&triangle.c).map(|(m, c)| m * c).sum();
    let quadratic: f64 = moved[..k].iter().map(|m| m * m).sum();
    linear - 0.5 * quadratic
}
