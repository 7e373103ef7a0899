//! The root of a continuous function between two points at which its signs differ.
//!
//! Chandrupatla's method: inverse quadratic interpolation where the last three points say that it
//! is safe, bisection otherwise. It needs no derivative, never leaves the bracket, and is never much
//! slower than bisection. Chandrupatla (1997), Advances in Engineering Software 28:145–149,
//! [doi:10.1016/S0965-9978(96)00051-8](https://doi.org/10.1016/S0965-9978(96)00051-8).

/// The most evaluations of [`root`]. Bisection alone takes 64 to the last bit of a bracket that is
/// as wide as its root, and up to 1,100 to the last bit of any other.
const EVALUATIONS: usize = 2200;

/// A point and the value of the function there.
pub(crate) type Evaluated = (f64, f64);

/// A bracket that is narrowed one evaluation at a time, for a function that is costly, may fail, or
/// says more than a number; [`root`] is for all others.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bracket {
    /// The point evaluated last, an end of the bracket.
    last: Evaluated,
    /// The other end; the function has the other sign there.
    other: Evaluated,
    /// The end that was given up last.
    before: Option<Evaluated>,
}

impl Bracket {
    /// A bracket of two points; `None` where the function does not change its sign between them, or
    /// is not a number at one of them. Either value may be infinite or 0.
    pub(crate) fn new(a: Evaluated, b: Evaluated) -> Option<Self> {
        let comparable = !(a.1.is_nan() || b.1.is_nan());
        let holds_root = is_positive(a) != is_positive(b) || a.1 == 0.0 || b.1 == 0.0;
        (comparable && holds_root).then_some(Self {
            last: b,
            other: a,
            before: None,
        })
    }

    /// Where to evaluate the function next: inside the bracket, and `tolerance` or more away from its
    /// ends where it is that wide.
    pub(crate) fn next(&self, tolerance: f64) -> f64 {
        let ((x1, f1), (x2, f2)) = (self.last, self.other);
        let margin = (tolerance / (x2 - x1).abs()).min(0.5);
        let interpolated = self.before.and_then(|(x3, f3)| {
            let (xi, phi) = ((x1 - x2) / (x3 - x2), (f1 - f2) / (f3 - f2));
            (phi * phi < xi && (1.0 - phi) * (1.0 - phi) < 1.0 - xi).then(|| {
                f1 / (f2 - f1) * f3 / (f2 - f3)
                    + (x3 - x1) / (x2 - x1) * f1 / (f3 - f1) * f2 / (f3 - f2)
            })
        });
        let part = interpolated.filter(|part| part.is_finite()).unwrap_or(0.5);
        let x = x1 + part.clamp(margin, 1.0 - margin) * (x2 - x1);
        // Rounding must not carry a point past an end.
        x.clamp(x1.min(x2), x1.max(x2))
    }

    /// Narrows the bracket by the value at a point inside it.
    pub(crate) fn narrow(&mut self, x: f64, value: f64) {
        let new = (x, value);
        if is_positive(new) == is_positive(self.last) {
            self.before = Some(self.last);
        } else {
            self.before = Some(self.other);
            self.other = self.last;
        }
        self.last = new;
    }

    /// The end at which the function is nearer to 0.
    pub(crate) fn nearest(&self) -> Evaluated {
        if self.last.1.abs() <= self.other.1.abs() {
            self.last
        } else {
            self.other
        }
    }

    /// The distance between the ends.
    pub(crate) fn width(&self) -> f64 {
        (self.last.0 - self.other.0).abs()
    }
}

fn is_positive((_, value): Evaluated) -> bool {
    value > 0.0
}

/// The root of a continuous function between `a` and `b`, to a relative error of `tolerance` or the
/// last few bits of it, whichever is more. The function may be infinite at an end.
///
/// `None` where its signs do not differ at `a` and `b`, or it is not a number somewhere on the way.
pub(crate) fn root(f: impl Fn(f64) -> f64, a: f64, b: f64, tolerance: f64) -> Option<f64> {
    let tolerance = tolerance.max(2.0 * f64::EPSILON);
    let mut bracket = Bracket::new((a, f(a)), (b, f(b)))?;
    for _ in 0..EVALUATIONS {
        let (x, value) = bracket.nearest();
        let allowed = tolerance * x.abs() + f64::MIN_POSITIVE;
        if value == 0.0 || bracket.width() <= 2.0 * allowed {
            return Some(x);
        }
        let x = bracket.next(allowed);
        let value = f(x);
        if value.is_nan() {
            return None;
        }
        bracket.narrow(x, value);
    }
    Some(bracket.nearest().0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;
    use std::cell::Cell;

    /// Closed forms: cos x = x, the cube root of 2, ln 3, a triple root, a root of 1e-12.
    #[test]
    fn roots_are_met_to_the_last_bits() {
        // The Dottie number, from OEIS A003957.
        let dottie = 0.739_085_133_215_160_6;
        let got = root(|x| x.cos() - x, 0.0, 1.0, 0.0).unwrap();
        assert_relative_eq!(got, dottie, max_relative = 1e-15);
        let got = root(|x| x * x * x - 2.0, 0.0, 1e3, 0.0).unwrap();
        assert_relative_eq!(got, 2.0_f64.cbrt(), max_relative = 1e-15);
        let got = root(|x| 3.0 - x.exp(), -5.0, 700.0, 0.0).unwrap();
        assert_relative_eq!(got, 3.0_f64.ln(), max_relative = 1e-15);
        let got = root(|x| (x - 0.3).powi(3), -1.0, 5.0, 0.0).unwrap();
        assert_relative_eq!(got, 0.3, max_relative = 1e-15);
        let got = root(|x| (x * 1e12).ln(), 1e-300, 1e3, 0.0).unwrap();
        assert_relative_eq!(got, 1e-12, max_relative = 1e-15);
    }

    #[test]
    fn few_evaluations_are_needed_and_a_tolerance_saves_some() {
        let evaluations = |tolerance| {
            let count = Cell::new(0);
            let f = |x: f64| {
                count.set(count.get() + 1);
                x.exp() - 2.0
            };
            let got = root(f, 0.0, 4.0, tolerance).unwrap();
            assert!((got / 2.0_f64.ln() - 1.0).abs() <= tolerance.max(1e-15));
            count.get()
        };
        // Bisection would need 52.
        assert!(evaluations(0.0) <= 14, "{}", evaluations(0.0));
        assert!(evaluations(1e-3) < evaluations(0.0));
    }

    #[test]
    fn ends_may_be_roots_or_infinite_and_no_root_is_none() {
        assert_eq!(root(|x| x, 0.0, 1.0, 0.0), Some(0.0));
        assert_eq!(root(|x| x, -1.0, 0.0, 0.0), Some(0.0));
        let got = root(f64::ln, 0.0, 8.0, 0.0).unwrap();
        assert_relative_eq!(got, 1.0, max_relative = 1e-15);
        // A jump is a change of sign.
        let got = root(|x| if x < 0.7 { -1.0 } else { 1.0 }, 0.0, 1.0, 0.0).unwrap();
        assert_relative_eq!(got, 0.7, max_relative = 1e-15);
        assert_eq!(root(|x| x * x + 1.0, -1.0, 1.0, 0.0), None);
        assert_eq!(root(|_| f64::NAN, 0.0, 1.0, 0.0), None);
        assert_eq!(
            root(|x| if x < 0.9 { -1.0 } else { f64::NAN }, 0.0, 1.0, 0.0),
            None
        );
    }
}
