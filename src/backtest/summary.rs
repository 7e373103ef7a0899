//! The scores of many forecasts, summed up.

use std::fmt;

use serde::Serialize;

use super::run::Scored;
use crate::checked_on_reading::checked;
use crate::error::Result;
use crate::number_checks::Place;

checked! {
    /// The **mean scores of many forecasts**, on the log scale.
    ///
    /// CRPS, bias, PIT and log score are there where every one of the forecasts has them. Calibrated forecasts cover
    /// 50, 80 and 95 % of the outcomes and have probability integral transforms that are uniform between 0 and 1; of
    /// two that are calibrated the sharper one has the lower score. Gneiting, Balabdaoui & Raftery (2007), Journal of
    /// the Royal Statistical Society B 69:243–268,
    /// [doi:10.1111/j.1467-9868.2007.00587.x](https://doi.org/10.1111/j.1467-9868.2007.00587.x).
    ///
    /// # Example
    ///
    /// ```
    /// use myeloma_epi::backtest::{Backtest, BacktestOptions, Panel, PanelSeries, Summary};
    /// use myeloma_epi::forecast::RegistryTrend;
    /// use myeloma_epi::{IncidenceSeries, figures};
    ///
    /// let usa = IncidenceSeries::from_figures(figures::registered(), "United States")?;
    /// let panel = Panel::new([PanelSeries::new(usa, "United States", "multiple_myeloma")?])?;
    /// let test = Backtest::run(&panel, &[&RegistryTrend::default()], &BacktestOptions::default())?;
    /// let summary = Summary::of(&test.scored).unwrap();
    /// // The score is the sum of its parts, and the transforms fall into some tenth.
    /// let parts = summary.dispersion + summary.overprediction + summary.underprediction;
    /// assert!((summary.score - parts).abs() < 1e-9);
    /// assert!((summary.pit_deciles.unwrap().iter().sum::<f64>() - 1.0).abs() < 1e-9);
    /// // Wider intervals cover more.
    /// assert!(summary.coverage.is_sorted());
    /// assert!(Summary::of([]).is_none());
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    #[derive(Debug, Clone, Copy, PartialEq, Serialize)]
    pub struct Summary {
        /// The number of forecasts.
        pub forecasts: usize,
        /// Shares of outcomes that the central 50, 80 and 95 % intervals cover.
        pub coverage: [f64; 3],
        /// The mean weighted interval score; less is better.
        pub score: f64,
        /// Its part from the width of the intervals.
        pub dispersion: f64,
        /// Its part from forecasts that were too high.
        pub overprediction: f64,
        /// Its part from forecasts that were too low.
        pub underprediction: f64,
        /// The share of outcomes above the median: one half where the centre is right.
        pub above_median: f64,
        /// The mean continuous ranked probability score; less is better.
        pub crps: Option<f64>,
        /// The mean bias, from −1, always too low, to 1, always too high.
        pub bias: Option<f64>,
        /// The share of probability integral transforms in each tenth: 0.1 each where forecasts are calibrated.
        /// More in the outer tenths: intervals too narrow; more in the inner ones: too wide; a slope: a
        /// bias. A value on a border counts for the upper tenth, 1 for the last.
        pub pit_deciles: Option<[f64; 10]>,
        /// The greatest distance between the distribution of the transforms and the uniform one (Kolmogorov's):
        /// 0 at best, 1 at worst. Of *n* independent calibrated forecasts it exceeds 1.36/√n in 5 of 100
        /// cases (Smirnov 1948, [doi:10.1214/aoms/1177730256](https://doi.org/10.1214/aoms/1177730256));
        /// forecasts of one series are far from independent, so this is a measure and not a test.
        pub pit_distance: Option<f64>,
        /// The mean log score; greater is better.
        pub log_score: Option<f64>,
    } then check
}

/// How far what a file says may be from what the rest of it implies, relatively.
const ROUNDING: f64 = 1e-9;

/// How probability integral transforms between 0 and 1 are distributed: the share in each tenth, and the greatest distance
/// from the uniform distribution; `None` where there is none, or one is outside.
fn distribution(transforms: &[f64]) -> Option<([f64; 10], f64)> {
    if transforms.is_empty() || transforms.iter().any(|pit| !(0.0..=1.0).contains(pit)) {
        return None;
    }
    let mut sorted = transforms.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let n = sorted.len() as f64;
    let mut distance = 0.0f64;
    for (i, pit) in sorted.iter().enumerate() {
        let below = i as f64 / n;
        distance = distance.max((pit - below).max(below + 1.0 / n - pit));
    }
    let below = |tenths: usize| match tenths {
        10 => sorted.len(),
        _ => sorted.partition_point(|pit| *pit < tenths as f64 / 10.0),
    };
    let deciles = std::array::from_fn(|k| (below(k + 1) - below(k)) as f64 / n);
    Some((deciles, distance))
}

impl Summary {
    fn check(&self) -> Result<()> {
        let place = Place("a summary of forecasts");
        place.within("forecasts", self.forecasts, 1..=usize::MAX)?;
        for share in self.coverage {
            place.share("coverage", share)?;
        }
        let coverage = format!("{:?}", self.coverage);
        let allowed = "in order: a wider interval covers more";
        place.check(self.coverage.is_sorted(), "coverage", coverage, allowed)?;
        place.share("above_median", self.above_median)?;
        let parts = [self.dispersion, self.overprediction, self.underprediction];
        for part in parts {
            place.not_negative("a part of the score", part)?;
        }
        let (sum, score) = (parts.iter().sum::<f64>(), self.score);
        let holds = (score - sum).abs() <= ROUNDING * sum;
        place.check(
            holds,
            "score",
            score,
            format!("{sum}, the sum of its parts"),
        )?;
        if let Some(crps) = self.crps {
            place.not_negative("crps", crps)?;
        }
        if let Some(bias) = self.bias {
            place.between("bias", bias, -1.0..=1.0)?;
        }
        let deciles = self.pit_deciles.unwrap_or([0.1; 10]);
        for share in deciles {
            place.share("pit_deciles", share)?;
        }
        let sum = deciles.iter().sum::<f64>();
        let holds = (sum - 1.0).abs() <= ROUNDING;
        place.check(holds, "the sum of pit_deciles", sum, "1")?;
        place.share("pit_distance", self.pit_distance.unwrap_or(0.0))
    }

    /// The mean scores of forecasts; `None` where there is none, or one cannot be scored since its count is 0 or no
    /// number.
    pub fn of<'a>(scored: impl IntoIterator<Item = &'a Scored>) -> Option<Self> {
        let mut sums = [0.0; 8];
        let mut forecasts = 0;
        let (mut crps, mut log_score) = (Some(0.0), Some(0.0));
        let mut transforms = Some(Vec::new());
        for one in scored {
            forecasts += 1;
            let truth = one.observed.ln();
            let score = one.forecast.score(truth).ok()?;
            let covers = one.forecast.covers(truth).map(|c| f64::from(u8::from(c)));
            let above = f64::from(u8::from(truth > one.forecast.quantiles()[3]));
            let parts = [
                covers[0],
                covers[1],
                covers[2],
                score.total,
                score.dispersion,
                score.overprediction,
                score.underprediction,
                above,
            ];
            for (sum, part) in sums.iter_mut().zip(parts) {
                *sum += part;
            }
            crps = crps.zip(one.crps).map(|(sum, crps)| sum + crps);
            log_score = log_score.zip(one.log_score).map(|(sum, log)| sum + log);
            transforms = transforms.zip(one.pit).map(|(mut all, pit)| {
                all.push(pit);
                all
            });
        }
        if forecasts == 0 {
            return None;
        }
        let n = forecasts as f64;
        let mean = sums.map(|sum| sum / n);
        let bias = transforms
            .as_ref()
            .map(|all| 1.0 - 2.0 * all.iter().sum::<f64>() / n);
        let transforms = transforms.and_then(|all| distribution(&all));
        Some(Self {
            forecasts,
            coverage: [mean[0], mean[1], mean[2]],
            score: mean[3],
            dispersion: mean[4],
            overprediction: mean[5],
            underprediction: mean[6],
            above_median: mean[7],
            crps: crps.map(|sum: f64| sum / n),
            bias,
            pit_deciles: transforms.map(|(deciles, _)| deciles),
            pit_distance: transforms.map(|(_, distance)| distance),
            log_score: log_score.map(|sum: f64| sum / n),
        })
    }
}

/// Three lines: coverage and number of forecasts; the weighted interval score and its parts; the other scores, where
/// there are any.
impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [c50, c80, c95] = self.coverage.map(|share| 100.0 * share);
        writeln!(
            f,
            "{} forecasts; the 50, 80 and 95 % intervals cover {c50:.1}, {c80:.1} and {c95:.1} %; {:.1} % above the median",
            self.forecasts,
            100.0 * self.above_median
        )?;
        write!(
            f,
            "weighted interval score {:.4}: {:.4} from width, {:.4} from too high, {:.4} from too low",
            self.score, self.dispersion, self.overprediction, self.underprediction
        )?;
        let scores = [
            ("CRPS", self.crps, 4),
            ("bias", self.bias, 2),
            ("distance of the PIT from uniform", self.pit_distance, 2),
            ("log score", self.log_score, 2),
        ];
        let mut separator = "\n";
        for (name, value, decimals) in scores {
            if let Some(value) = value {
                write!(f, "{separator}{name} {value:.decimals$}")?;
                separator = "; ";
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backtest::Setting;
    use crate::score::QuantileForecast;
    use approx::assert_relative_eq;

    /// By hand: the steps of the distribution of {0.1, 0.15, 0.95} are 1/3, 2/3, 1; it is furthest
    /// from the diagonal just after 0.15, by 2/3 − 0.15.
    #[test]
    fn pit_deciles_and_distance_are_those_worked_by_hand() {
        let (deciles, distance) = distribution(&[0.95, 0.1, 0.15]).unwrap();
        assert_relative_eq!(deciles[1], 2.0 / 3.0, max_relative = 1e-15);
        assert_relative_eq!(deciles[9], 1.0 / 3.0, max_relative = 1e-15);
        assert_relative_eq!(distance, 2.0 / 3.0 - 0.15, max_relative = 1e-14);
        // The midpoints of a thousand classes are as uniform as can be: half a class away.
        let even: Vec<f64> = (0..1000).map(|k| (f64::from(k) + 0.5) / 1000.0).collect();
        let (deciles, distance) = distribution(&even).unwrap();
        assert_relative_eq!(distance, 0.0005, max_relative = 1e-9);
        for share in deciles {
            assert_relative_eq!(share, 0.1, max_relative = 1e-12);
        }
        let (deciles, _) = distribution(&[0.0, 1.0]).unwrap();
        assert_relative_eq!(deciles[0], 0.5, max_relative = 1e-15);
        assert_relative_eq!(deciles[9], 0.5, max_relative = 1e-15);
    }

    /// Of three counts one lies above the median, one is the median, and one lies below: a third above. All are within
    /// the intervals, whose ends count as covered.
    #[test]
    fn a_count_that_is_the_median_is_not_above_it() {
        let of = |observed: f64| Scored {
            series: "x".to_owned(),
            group: "x".to_owned(),
            site: "x".to_owned(),
            setting: Setting::TwoFigure,
            method: 0,
            origin: 2020,
            horizon: 1,
            observed,
            forecast: QuantileForecast::new([-1.0, -1.0, -1.0, 0.0, 1.0, 1.0, 1.0]).unwrap(),
            crps: None,
            pit: None,
            log_score: None,
        };
        let e = std::f64::consts::E;
        let all = [of(e), of(1.0), of(e.recip())];
        let summary = Summary::of(&all).unwrap();
        assert_relative_eq!(summary.above_median, 1.0 / 3.0, max_relative = 1e-15);
        assert_relative_eq!(summary.coverage[0], 1.0, max_relative = 1e-15);
        let printed = summary.to_string();
        assert!(
            printed.contains(
                "3 forecasts; the 50, 80 and 95 % intervals cover 100.0, 100.0 and 100.0 %; 33.3 %"
            ),
            "{printed}"
        );
        assert!(!printed.contains("CRPS"));
    }

    #[test]
    fn nothing_to_sum_up_is_none() {
        assert!(distribution(&[]).is_none());
        assert!(distribution(&[f64::NAN]).is_none());
        assert!(distribution(&[1.1]).is_none());
        assert!(Summary::of([]).is_none());
    }
}
