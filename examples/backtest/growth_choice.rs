//! The persistence and the noises that score best over all horizons.
//!
//! The likelihood is one of next year's counts. What it says of growth is right for these and not for ten years ahead:
//! there a growth that reverts faster, and is less certain, has scored better. So persistence, the noise of growth and the
//! factor of calibration are those with the least mean weighted interval score in the back-test; all others are those of the
//! likelihood.

use std::collections::BTreeMap;

use myeloma_epi::Result;
use myeloma_epi::backtest::{BacktestOptions, Forecaster, Panel, PanelSeries, Setting};
use myeloma_epi::forecast::{RegistryTrend, TrendParameters};
use rayon::prelude::*;

const PERSISTENCES: [f64; 5] = [0.6, 0.65, 0.7, 0.75, 0.8];
/// How much greater the standard deviation of growth is than the likelihood makes it.
const RATIOS: [f64; 3] = [1.2, 1.4, 1.6];
/// Factors on all noises: maximum likelihood sees rare jumps (a new registration system, a change of definition) as more
/// noise in every year. Where ratio times factor is the same the score hardly differs.
const CALIBRATIONS: [f64; 3] = [0.75, 0.8, 0.85];
/// Those that the mean score of a back-test is of.
const HORIZONS: [usize; 7] = [1, 3, 5, 8, 10, 12, 15];

/// A persistence, the ratio of the standard deviation of growth to that of the likelihood, and a factor on all noises.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct GrowthChoice {
    persistence: f64,
    ratio: f64,
    calibration: f64,
}

impl GrowthChoice {
    fn all() -> impl Iterator<Item = Self> {
        PERSISTENCES.into_iter().flat_map(|persistence| {
            RATIOS.into_iter().flat_map(move |ratio| {
                CALIBRATIONS.map(|calibration| Self {
                    persistence,
                    ratio,
                    calibration,
                })
            })
        })
    }

    /// The parameters of the likelihood with another persistence, and the noise that gives growth so much more of its
    /// standard deviation, √(σ²/(1 − φ²)).
    pub(crate) fn of(self, p: &TrendParameters) -> TrendParameters {
        let rest = |persistence: f64| 1.0 - persistence * persistence;
        let noise = (rest(self.persistence) / rest(p.persistence)).sqrt();
        TrendParameters {
            persistence: self.persistence,
            growth_noise: self.ratio * noise * p.growth_noise,
            calibration: self.calibration,
            ..*p
        }
    }
}

/// Sums of scores and their numbers, by setting and horizon.
type Cells = BTreeMap<(Setting, usize), (f64, f64)>;

/// How every candidate scores, by group.
pub(crate) struct GrowthScores(Vec<(GrowthChoice, BTreeMap<String, Cells>)>);

impl GrowthScores {
    /// Of a panel, each series with the model that `model` makes of the candidate's parameters.
    pub(crate) fn of(
        panel: &Panel,
        options: &BacktestOptions,
        model: impl Fn(&PanelSeries, GrowthChoice) -> Result<RegistryTrend> + Sync,
    ) -> Result<Self> {
        let scored = GrowthChoice::all().map(|choice| {
            let each = panel.series().par_iter().map(|series| {
                let model = model(series, choice)?;
                Ok((series.group(), scores(series, &model, options)?))
            });
            let mut groups: BTreeMap<String, Cells> = BTreeMap::new();
            for (group, cells) in each.collect::<Result<Vec<_>>>()? {
                let of_group = groups.entry(group.to_owned()).or_default();
                for (key, (sum, number)) in cells {
                    let cell = of_group.entry(key).or_default();
                    *cell = (cell.0 + sum, cell.1 + number);
                }
            }
            Ok((choice, groups))
        });
        Ok(Self(scored.collect::<Result<_>>()?))
    }

    /// The candidate with the least score over all groups but one; `None` where nothing is scored.
    pub(crate) fn best(&self, left_out: Option<&str>) -> Option<GrowthChoice> {
        let scores = self.0.iter().map(|(choice, groups)| {
            let kept = groups
                .iter()
                .filter(|(group, _)| Some(&group[..]) != left_out);
            (*choice, mean_score(kept.map(|(_, cells)| cells)))
        });
        let scored = scores.filter(|(_, score)| score.is_finite());
        scored
            .min_by(|(_, a), (_, b)| a.total_cmp(b))
            .map(|(choice, _)| choice)
    }
}

/// The mean over settings and horizons of the mean score of each; NaN where there is none.
fn mean_score<'a>(groups: impl Iterator<Item = &'a Cells>) -> f64 {
    let mut sums = Cells::new();
    for (key, (sum, number)) in groups.flatten() {
        let cell = sums.entry(*key).or_default();
        *cell = (cell.0 + sum, cell.1 + number);
    }
    let means: Vec<f64> = sums.values().map(|(sum, number)| sum / number).collect();
    means.iter().sum::<f64>() / means.len() as f64
}

fn scores(series: &PanelSeries, model: &RegistryTrend, options: &BacktestOptions) -> Result<Cells> {
    let mut cells = Cells::new();
    for origin in series.origins(options)? {
        let past = origin.past();
        let Some(forecasts) = model.forecast(&past, options.horizons)? else {
            continue;
        };
        let scored = origin.outcomes().iter();
        for (horizon, outcome) in scored.filter(|(horizon, _)| HORIZONS.contains(horizon)) {
            let score = forecasts[horizon - 1].quantiles()?.score(outcome.ln())?;
            let cell = cells.entry((past.setting, *horizon)).or_default();
            *cell = (cell.0 + score.total, cell.1 + 1.0);
        }
    }
    Ok(cells)
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    /// The standard deviation of growth, √(σ²/(1 − φ²)), by hand: 0.01/0.6 = 1/60, and 1.5 times that.
    #[test]
    fn growth_has_so_much_more_of_its_standard_deviation() {
        let likelihood = TrendParameters {
            persistence: 0.8,
            growth_noise: 0.01,
            ..TrendParameters::shipped_rate()
        };
        let choice = GrowthChoice {
            persistence: 0.6,
            ratio: 1.5,
            calibration: 0.8,
        };
        let chosen = choice.of(&likelihood);
        assert_relative_eq!(chosen.persistence, 0.6);
        assert_relative_eq!(chosen.calibration, 0.8);
        // 1.5/60·√(1 − 0.36)
        assert_relative_eq!(chosen.growth_noise, 0.02, max_relative = 1e-12);
    }

    /// Each horizon counts once, and the group that is left out has no say.
    #[test]
    fn the_least_score_of_the_others_is_chosen() {
        let cells = |one: f64, ten: f64| {
            let settings = Setting::TwoFigure;
            Cells::from([((settings, 1), (one, 10.0)), ((settings, 10), (ten, 1.0))])
        };
        let [a, b] = [0.6, 0.9].map(|persistence| GrowthChoice {
            persistence,
            ratio: 1.0,
            calibration: 1.0,
        });
        // A: (0.1 + 0.3)/2 = 0.2 and (0.2 + 0.2)/2; B: (0.2 + 0.1)/2 = 0.15 and (0.9 + 0.9)/2.
        let of = |first: Cells, second: Cells| {
            BTreeMap::from([("x".to_owned(), first), ("y".to_owned(), second)])
        };
        let scores = GrowthScores(vec![
            (a, of(cells(1.0, 0.3), cells(2.0, 0.2))),
            (b, of(cells(2.0, 0.1), cells(9.0, 0.9))),
        ]);
        assert_eq!(scores.best(Some("y")), Some(b));
        assert_eq!(scores.best(Some("x")), Some(a));
        assert_eq!(scores.best(None), Some(a));
        assert_eq!(GrowthScores(Vec::new()).best(None), None);
    }
}
