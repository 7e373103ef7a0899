//! The trust region: the damped step of Levenberg–Marquardt inside the box.

use super::descent::{Free, Point};
use super::linalg::{MAX_PARAMETERS, Triangle, Vector, norm};
use super::objective::Bounds;

/// Relative accuracy with which a damped step meets the radius.
const RADIUS_ACCURACY: f64 = 0.1;

/// Radius and scale of the region in which the linearised residuals are trusted:
/// `‖D·p‖ ≤ radius` with `D` the greatest norms of the columns of the design so far, so that a
/// change of a parameter's unit changes nothing.
#[derive(Debug, Clone, Default)]
pub(crate) struct Region {
    scale: Vector,
    radius: Option<f64>,
    damping: f64,
}

/// A step inside the region and the box.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    pub(crate) p: Vector,
    /// Decrease of the loss that the linearised residuals promise.
    pub(crate) predicted: f64,
    /// `‖D·p‖`.
    pub(crate) length: f64,
    /// Whether it is the undamped Gauss–Newton step, met by no bound.
    pub(crate) full: bool,
    /// The parameters that were free to move to their own optimum.
    pub(crate) moved: Free,
}

impl Region {
    /// Takes the column norms of a new point into the scale, and sets the first radius.
    pub(crate) fn rescale(&mut self, norms: &Vector, theta: &Vector, first: f64, cautious: bool) {
        for (d, norm) in self.scale.iter_mut().zip(norms) {
            *d = d.max(*norm);
        }
        if self.radius.is_none() {
            let length = self.length(theta);
            let factor = if cautious { 0.1 * first } else { first };
            let length = if length > 0.0 {
                length
            } else {
                self.scale.iter().sum()
            };
            self.radius = Some(if length > 0.0 { factor * length } else { first });
        }
    }

    /// `‖D·p‖`.
    pub(crate) fn length(&self, p: &Vector) -> f64 {
        p.iter()
            .zip(&self.scale)
            .map(|(p, d)| (p * d).powi(2))
            .sum::<f64>()
            .sqrt()
    }

    /// Makes the region smaller than a step that failed.
    pub(crate) fn shrink(&mut self, length: f64) {
        let radius = self.radius.unwrap_or(length);
        self.radius = Some(0.25 * radius.min(length));
        self.damping *= 4.0;
    }

    /// Adapts the radius to the ratio of actual to predicted decrease.
    pub(crate) fn update(&mut self, ratio: f64, step: &Step) {
        let radius = self.radius.unwrap_or(step.length);
        if ratio < 0.25 {
            // The decrease along the step is about a parabola; its minimum is the better radius.
            let factor = if ratio < 0.0 {
                (0.5 / (1.0 - ratio)).max(0.1)
            } else {
                0.5
            };
            self.radius = Some(factor * radius.min(step.length));
            self.damping /= factor;
        } else if ratio > 0.75 || step.full {
            self.radius = Some(radius.max(2.0 * step.length));
            self.damping *= 0.5;
        }
    }

    /// The step of least predicted loss inside region and box, or `None` where no descent is left.
    pub(crate) fn step(
        &mut self,
        point: &Point,
        norms: &Vector,
        free: Free,
        bounds: &Bounds,
    ) -> Option<Step> {
        let k = point.triangle.k;
        let mut p = [0.0; MAX_PARAMETERS];
        let mut moving = free;
        let mut full = true;
        let mut unbounded = None;
        // Each round that meets a bound fixes at least one parameter there.
        for round in 0..=k {
            let everything = moving.indices().len() == k;
            let owned;
            let triangle = if everything && round == 0 {
                &point.triangle
            } else {
                let mut shifted = point.triangle.clone();
                let moved = point.triangle.times(&p);
                for (c, m) in shifted.c.iter_mut().zip(&moved) {
                    *c -= m;
                }
                owned = shifted.select(moving.indices());
                &owned
            };
            let (part, undamped) = self.solve(triangle, norms, moving.indices())?;
            full &= undamped;
            for (j, value) in moving.indices().iter().zip(&part) {
                p[*j] = *value;
            }
            if unbounded.is_none() {
                unbounded = Some(p);
            }
            let mut met = false;
            let inside = |j: usize, x: f64| x >= bounds.lower()[j] && x <= bounds.upper()[j];
            let mut stays = [true; MAX_PARAMETERS];
            for j in moving.indices() {
                let target = point.theta[*j] + p[*j];
                if !inside(*j, target) {
                    let bound = if target < bounds.lower()[*j] {
                        bounds.lower()[*j]
                    } else {
                        bounds.upper()[*j]
                    };
                    p[*j] = bound - point.theta[*j];
                    stays[*j] = false;
                    met = true;
                }
            }
            if !met {
                break;
            }
            full = false;
            let before = moving;
            moving = Free::from_mask(|j| stays[j] && before.indices().contains(&j), k);
            for j in moving.indices() {
                p[*j] = 0.0;
            }
            if moving.indices().is_empty() {
                break;
            }
        }
        let mut predicted = predicted_decrease(&point.triangle, &p);
        if predicted.is_nan() || predicted <= 0.0 {
            // Several bounds at once can spoil the model; along the free step up to the first
            // bound it cannot.
            let straight = unbounded?;
            let mut fraction = 1.0_f64;
            for j in free.indices() {
                let room = if straight[*j] > 0.0 {
                    bounds.upper()[*j] - point.theta[*j]
                } else {
                    bounds.lower()[*j] - point.theta[*j]
                };
                if straight[*j] != 0.0 {
                    fraction = fraction.min(room / straight[*j]);
                }
            }
            for (p, s) in p.iter_mut().zip(&straight) {
                *p = fraction * s;
            }
            full = false;
            predicted = predicted_decrease(&point.triangle, &p);
        }
        let length = self.length(&p);
        (predicted > 0.0 && length.is_finite()).then_some(Step {
            p,
            predicted,
            length,
            full,
            moved: moving,
        })
    }

    /// Solves `min ‖c − Rp‖` within `‖D·p‖ ≤ radius`; true with it if the radius does not bind.
    ///
    /// The damping is the root of the secular equation, found as in Moré (1978): Newton's
    /// iteration on `1/radius − 1/‖D·p‖`, kept between bounds.
    fn solve(
        &mut self,
        triangle: &Triangle,
        norms: &Vector,
        columns: &[usize],
    ) -> Option<(Vector, bool)> {
        let m = triangle.k;
        let radius = self.radius?;
        let mut d = [0.0; MAX_PARAMETERS];
        let mut own = [0.0; MAX_PARAMETERS];
        for (i, j) in columns.iter().enumerate() {
            // A column that has always been zero has no scale; any will do, it does not move.
            d[i] = if self.scale[*j] > 0.0 {
                self.scale[*j]
            } else {
                1.0
            };
            own[i] = norms[*j];
        }
        let scaled = |p: &Vector| {
            let mut q = [0.0; MAX_PARAMETERS];
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
                return Some((p, true));
            }
            if length.is_finite() {
                lower = self.newton_bound(triangle, &d, &q, length, radius);
            }
        }
        let mut gradient = triangle.descent();
        for i in 0..m {
            gradient[i] /= d[i];
        }
        let mut upper = norm(&gradient[..m]) / radius;
        if !(upper > 0.0 && upper.is_finite()) {
            return undamped.map(|p| (p, true));
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
            let Some(p) = damped.solve(&damped.c, &[0.0; MAX_PARAMETERS], 0.0) else {
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
            damping += self.newton_bound(&damped, &d, &q, length, radius);
        }
        self.damping = damping;
        best.map(|p| (p, false))
    }

    /// Newton's correction of the damping from a solution of scaled length `length`; from zero
    /// damping it is a lower bound of the root.
    #[expect(clippy::unused_self, reason = "reads as a step of solve")]
    fn newton_bound(
        &self,
        triangle: &Triangle,
        d: &Vector,
        q: &Vector,
        length: f64,
        radius: f64,
    ) -> f64 {
        let mut b = [0.0; MAX_PARAMETERS];
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

    /// Solves the damped equations of the last step for another right-hand side `Jᵀr`.
    pub(crate) fn correction(&self, point: &Point, moved: &Free, rhs: &Vector) -> Option<Vector> {
        let triangle = point.triangle.select(moved.indices());
        let mut root = [0.0; MAX_PARAMETERS];
        let mut b = [0.0; MAX_PARAMETERS];
        for (i, j) in moved.indices().iter().enumerate() {
            let d = if self.scale[*j] > 0.0 {
                self.scale[*j]
            } else {
                1.0
            };
            root[i] = d * self.damping.sqrt();
            b[i] = rhs[*j];
        }
        let damped = triangle.damped(&root);
        if (0..damped.k).any(|j| damped.r[j][j] == 0.0) {
            return None;
        }
        let half = damped.solve_transposed(&b);
        let part = damped.solve(&half, &[0.0; MAX_PARAMETERS], 0.0)?;
        let mut p = [0.0; MAX_PARAMETERS];
        for (j, value) in moved.indices().iter().zip(&part) {
            p[*j] = *value;
        }
        p.iter().all(|x| x.is_finite()).then_some(p)
    }
}

/// `½‖c‖² − ½‖c − Rp‖²`, without cancellation.
fn predicted_decrease(triangle: &Triangle, p: &Vector) -> f64 {
    let moved = triangle.times(p);
    let k = triangle.k;
    let linear: f64 = moved[..k].iter().zip(&triangle.c).map(|(m, c)| m * c).sum();
    let quadratic: f64 = moved[..k].iter().map(|m| m * m).sum();
    linear - 0.5 * quadratic
}
