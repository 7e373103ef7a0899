//! A count that lies far from the trend of the others.

use super::caution::Caution;
use super::fit_figures::FitFigures;
use super::likelihood::Likelihood;
use crate::curve::Point;

/// The probability, of a normal number, to lie 3.5 standard deviations to one side.
const NO_WONDER: f64 = 2.3e-4;

impl FitFigures {
    /// The figure that lies farthest from the trend of all, where it is none of them.
    ///
    /// The trend is a line through ln y with the median of all slopes between two figures (Theil 1950,
    /// Indagationes Mathematicae 12:85-91; Sen 1968, Journal of the American Statistical Association
    /// 63:1379-1389, [doi:10.1080/01621459.1968.10480934](https://doi.org/10.1080/01621459.1968.10480934)).
    /// A figure lies apart where its distance is beyond 3.5 modified z-scores (Iglewicz & Hoaglin 1993,
    /// *How to Detect and Handle Outliers*, chapter 3) and it is three times the trend or a third of it.
    /// Where half of the figures lie on the line, the mean distance stands for the median one.
    /// Under a likelihood of counts a spread is Poisson's at least.
    pub(crate) fn outlier(&self, likelihood: Likelihood) -> Option<Caution> {
        if self.points.len() < 5 {
            return None;
        }
        // A count of 0 stands half a case below 1.
        let log = |p: &Point| (p.t, p.cases.max(0.5).ln());
        let logs: Vec<(f64, f64)> = self.points.iter().map(log).collect();
        let mut slopes = Vec::with_capacity(logs.len() * logs.len() / 2);
        for (i, a) in logs.iter().enumerate() {
            slopes.extend(logs[..i].iter().map(|b| (a.1 - b.1) / (a.0 - b.0)));
        }
        let slope = median(slopes);
        let level = median(logs.iter().map(|(t, z)| z - slope * t).collect());
        let away: Vec<f64> = logs.iter().map(|(t, z)| z - slope * t - level).collect();
        let spread = median(away.iter().map(|d| d.abs()).collect()) / 0.6745;
        // For normal scatter the mean distance is a standard deviation over √(π/2).
        let mean = away.iter().map(|d| d.abs()).sum::<f64>() / away.len() as f64;
        let spread = if spread > 1e-9 {
            spread
        } else {
            mean * std::f64::consts::FRAC_PI_2.sqrt()
        };
        let (i, &farthest) = away
            .iter()
            .enumerate()
            .max_by(|a, b| a.1.abs().total_cmp(&b.1.abs()))?;
        // Of people counted, a few more or fewer are no wonder: below, where a logarithm has no spread, by Poisson's probability.
        let counted = self.points.iter().all(|p| p.cases.fract() == 0.0);
        let expected = self.points[i].cases.max(0.5) / farthest.exp();
        let floor = if likelihood.is_of_counts() || counted {
            expected.sqrt().recip()
        } else {
            0.0
        };
        let likely = floor > 0.0 && self.points[i].cases == 0.0 && (-expected).exp() > NO_WONDER;
        let spread = if likely {
            f64::INFINITY
        } else {
            spread.max(floor)
        };
        let apart = farthest.abs() > 3.5 * spread && farthest.abs() > 3.0_f64.ln();
        apart.then_some(Caution::OutlyingCount {
            year: self.years[i],
            cases: self.points[i].cases,
            ratio: farthest.exp(),
        })
    }
}

/// The median of some numbers, at least one.
fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    let n = all.len();
    f64::midpoint(all[(n - 1) / 2], all[n / 2])
}
