//! Student's t distribution and the normal one, two-sided, and quantiles of the normal one.

use std::f64::consts::SQRT_2;

use statrs::function::beta::{beta_reg, inv_beta_reg};
use statrs::function::erf::{erfc, erfc_inv};

/// The quantile of the standard normal distribution at a probability above 0 and below 1.
pub(crate) fn normal_quantile(probability: f64) -> f64 {
    -SQRT_2 * erfc_inv(2.0 * probability)
}

/// From so many degrees of freedom on, expansions about the normal distribution are exact to 1e-10, and
/// the incomplete beta function no longer is.
const NEARLY_NORMAL: f64 = 1e5;

/// The quantile that cuts off `(1 − level)/2` in each tail, of Student's t with at least 1 degree of freedom or,
/// without degrees of freedom, of the normal distribution. The level is between 0 and 1.
pub(crate) fn two_sided_quantile(degrees_of_freedom: Option<f64>, level: f64) -> f64 {
    let outside = 1.0 - level;
    let z = SQRT_2 * erfc_inv(outside);
    let Some(d) = degrees_of_freedom else {
        return z;
    };
    if d >= NEARLY_NORMAL {
        // Cornish and Fisher: Abramowitz & Stegun 26.7.5.
        let first = (z.powi(3) + z) / (4.0 * d);
        let second = (5.0 * z.powi(5) + 16.0 * z.powi(3) + 3.0 * z) / (96.0 * d * d);
        return z + first + second;
    }
    // P(|T| > t) = I_{d/(d + t²)}(d/2, 1/2).
    let x = inv_beta_reg(0.5 * d, 0.5, outside);
    let mut t = (d * (1.0 - x) / x).sqrt();
    let tail = |t: f64| two_sided_tail(degrees_of_freedom, t);
    // Two Newton steps on the tail; the derivative is taken from a secant of the tail itself.
    for _ in 0..2 {
        let h = 1e-4 * t;
        let slope = (tail(t + h) - tail(t - h)) / (2.0 * h);
        let step = (tail(t) - outside) / slope;
        if step.is_finite() && step.abs() < 0.5 * t {
            t -= step;
        }
    }
    t
}

/// The probability of a value farther from 0 than `t`, of the distributions of [`two_sided_quantile`].
pub(crate) fn two_sided_tail(degrees_of_freedom: Option<f64>, t: f64) -> f64 {
    let normal = |z: f64| erfc(z.abs() / SQRT_2);
    match degrees_of_freedom {
        None => normal(t),
        // Peizer & Pratt (1968), Journal of the American Statistical Association 63:1416–1456.
        Some(d) if d >= NEARLY_NORMAL => {
            // In factors that neither overflow nor vanish.
            let root = (d * (t / d * t).ln_1p()).sqrt() * (d / (d - 5.0 / 6.0)).sqrt();
            normal((d - 2.0 / 3.0 + 0.1 / d) / d * root)
        }
        Some(d) => beta_reg(0.5 * d, 0.5, d / (d + t * t)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    /// `scipy.stats.t.ppf(1 - (1 - level)/2, d)` and `2*scipy.stats.t.sf(t, d)`, `SciPy` 1.17.
    #[test]
    fn quantiles_and_tails_are_those_of_scipy() {
        for (d, quantiles, tails) in [
            (
                1.0,
                [1.0, 12.706_204_736_174_69],
                [0.936_548_965_138_893, 0.295_167_235_300_866_5],
            ),
            (
                2.5,
                [0.785_013_682_992_299_2, 3.574_654_842_003_682],
                [0.927_806_544_062_489_7, 0.157_391_495_757_965_9],
            ),
            (
                1e4,
                [0.674_514_284_483_592_7, 1.960_201_239_890_626],
                [0.920_346_330_031_075, 0.045_527_260_661_435_43],
            ),
            (
                3.3e5,
                [0.674_490_493_635_982_1, 1.959_971_173_266_67],
                [0.920_344_386_191_687_7, 0.045_501_081_942_483_04],
            ),
            (
                2e7,
                [0.674_489_762_462_828_3, 1.959_964_103_153_622],
                [0.920_344_326_448_247_3, 0.045_500_277_394_100_35],
            ),
            (
                1e15,
                [0.674_489_750_196_082, 1.959_963_984_540_056],
                [0.920_344_325_445_942_1, 0.045_500_263_896_358_71],
            ),
            (
                f64::MAX,
                [0.674_489_750_196_081_8, 1.959_963_984_540_054],
                [0.920_344_325_445_942, 0.045_500_263_896_358_44],
            ),
        ] {
            for (level, expected) in [0.5, 0.95].into_iter().zip(quantiles) {
                let got = two_sided_quantile(Some(d), level);
                assert_relative_eq!(got, expected, max_relative = 1e-11);
            }
            for (t, expected) in [0.1, 2.0].into_iter().zip(tails) {
                assert_relative_eq!(two_sided_tail(Some(d), t), expected, max_relative = 1e-10);
            }
        }
        assert_relative_eq!(
            two_sided_quantile(None, 0.95),
            1.959_963_984_540_054,
            max_relative = 1e-14
        );
    }
}
