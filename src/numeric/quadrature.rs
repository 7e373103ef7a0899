//! Tanh-sinh quadrature: integrals of functions that are smooth inside an interval and may be
//! singular at its ends, as powers of time are.
//!
//! Takahasi & Mori (1974), Publications of the Research Institute for Mathematical Sciences
//! 9:721–741, [doi:10.2977/prims/1195192451](https://doi.org/10.2977/prims/1195192451).

use std::f64::consts::FRAC_PI_2;
use std::sync::LazyLock;

/// Step of the finest rule; past ±`REACH` the weights are below the rounding of 1.
const STEP: f64 = 1.0 / 32.0;
const REACH: i32 = 112;

/// Distance of each node from the nearer end of [0, 1], and its weight.
static NODES: LazyLock<Vec<(f64, f64)>> = LazyLock::new(|| {
    (0..=REACH)
        .map(|i| {
            let t = STEP * f64::from(i);
            let u = FRAC_PI_2 * t.sinh();
            let distance = 1.0 / (1.0 + (2.0 * u).exp());
            let weight = 0.5 * STEP * FRAC_PI_2 * t.cosh() / u.cosh().powi(2);
            (distance, weight)
        })
        .collect()
});

/// Of so many intervals most are narrow: a rule of few nodes is tried first.
const MANY: usize = 64;
/// By how much the two rules of few nodes may differ, of the width of an interval, and by how much f just inside its ends may differ
/// from the polynomial through the nodes.
const AGREED: f64 = 1e-12;
/// How far inside the ends, of half the width: a step at an end is not met from the wrong side.
const INSIDE: f64 = 1e-9;

/// Gauss's rule of three nodes and Kronrod's extension to seven (Kronrod 1965, Nodes and Weights of Quadrature Formulas): distance
/// from the middle of [−1, 1], weight of seven, weight of three.
const FEW_NODES: [[f64; 3]; 4] = [
    [0.0, 0.450_916_538_658_474_14, 8.0 / 9.0],
    [0.434_243_749_346_802_56, 0.401_397_414_775_962_2, 0.0],
    [0.774_596_669_241_483_4, 0.268_488_089_868_333_44, 5.0 / 9.0],
    [0.960_491_268_708_020_3, 0.104_656_226_026_467_27, 0.0],
];

/// At the ends of [−1, 1], what sum and difference of the values at ± each distance give to the even and to the odd part of the polynomial through the
/// nodes: Lagrange's polynomials in the square of the distance, and the distance.
static AT_THE_ENDS: LazyLock<[[f64; 2]; 4]> = LazyLock::new(|| {
    let squares = FEW_NODES.map(|[distance, ..]| distance * distance);
    std::array::from_fn(|i| {
        let part = |first: usize| {
            let others = (first..4).filter(|j| *j != i);
            let factors = others.map(|j| (1.0 - squares[j]) / (squares[i] - squares[j]));
            factors.product::<f64>()
        };
        // The middle is no pair, and the odd part has no value there.
        if i == 0 {
            [part(0), 0.0]
        } else {
            [0.5 * part(0), 0.5 * part(1) / FEW_NODES[i][0]]
        }
    })
});

/// ∫ f between two breaks by few nodes, with an estimate of its error; `None` where the two rules do not agree, or the polynomial
/// through the nodes misses f at an end: no node is near the ends, and both rules would miss alike what happens only there.
fn by_few_nodes(a: f64, b: f64, f: &impl Fn(f64) -> f64) -> Option<(f64, f64)> {
    let half = 0.5 * (b - a);
    let middle = f64::midpoint(a, b);
    let both = |distance: f64| [f(middle - half * distance), f(middle + half * distance)];
    let (mut seven, mut three, mut even, mut odd) = (0.0, 0.0, 0.0, 0.0);
    for ([distance, weight, of_three], ends) in FEW_NODES.into_iter().zip(&*AT_THE_ENDS) {
        let (value, rise) = if distance == 0.0 {
            (f(middle), 0.0)
        } else {
            let [below, above] = both(distance);
            (below + above, above - below)
        };
        seven += weight * value;
        three += of_three * value;
        even += ends[0] * value;
        odd += ends[1] * rise;
    }
    let [below, above] = both(1.0 - INSIDE);
    let missed = (even - odd - below).abs().max((even + odd - above).abs());
    let difference = (seven - three).abs() + missed;
    (difference <= AGREED).then_some((half * seven, half * difference))
}

/// ∫ f over each interval between neighbouring breaks, added up, with the difference from the rule
/// of twice the step. `f` gets the point; breaks increase. Of many intervals those on which f, of the order of 1, is all but a
/// polynomial are integrated by few nodes.
pub(crate) fn integrate(breaks: &[f64], f: impl Fn(f64) -> f64) -> (f64, f64) {
    let (mut fine, mut difference) = (0.0, 0.0);
    for pair in breaks.windows(2) {
        let (a, b) = (pair[0], pair[1]);
        let width = b - a;
        if width <= 0.0 {
            continue;
        }
        if breaks.len() > MANY
            && let Some((integral, error)) = by_few_nodes(a, b, &f)
        {
            fine += integral;
            difference += error;
            continue;
        }
        let (mut even, mut odd) = (0.0, 0.0);
        for (i, (distance, weight)) in NODES.iter().enumerate() {
            let near = weight * f(a + width * distance);
            let value = if i == 0 {
                near
            } else {
                near + weight * f(b - width * distance)
            };
            if i % 2 == 0 {
                even += value;
            } else {
                odd += value;
            }
        }
        fine += width * (even + odd);
        difference += width * (odd - even).abs();
    }
    (fine, difference)
}

#[cfg(test)]
mod tests {
    use super::integrate;

    /// Closed forms: ∫₀¹ x^(−0.3) dx = 1/0.7, ∫₀² eˣ dx = e² − 1, B(1.9, 2.1).
    #[test]
    fn closed_forms_are_met() {
        let (got, _) = integrate(&[0.0, 1.0], |x| x.powf(-0.3));
        approx::assert_relative_eq!(got, 1.0 / 0.7, max_relative = 1e-10);
        let (got, error) = integrate(&[0.0, 0.5, 2.0], f64::exp);
        approx::assert_relative_eq!(got, 2.0_f64.exp_m1(), max_relative = 1e-14);
        assert!(error < 1e-12);
        let (got, _) = integrate(&[0.0, 1.0], |x| x.powf(0.9) * (1.0 - x).powf(1.1));
        let beta = statrs::function::beta::beta(1.9, 2.1);
        approx::assert_relative_eq!(got, beta, max_relative = 1e-13);
    }
}
