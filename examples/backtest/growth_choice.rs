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

/// Horizons that the mean score of a back-test is of.
const HORIZONS: [usize; 7] = [1, 3, 5, 8, 10, 12, 15];
/// Steps of the search in persistence, growth and calibration, and where it begins, in steps: 0.7, 1.2, 0.75.
const STEPS: [f64; 3] = [0.05, 0.1, 0.05];
const START: Place = [14, 12, 15];

/// A place on the grid, in steps.
type Place = [i32; 3];

/// What is chosen by score instead of likelihood.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct GrowthChoice {
    persistence: f64,
    /// The factor on the standard deviation of growth, √(σ²/(1 − φ²)).
    growth: f64,
    /// The factor on the other noises: maximum likelihood sees rare jumps (a new registration system, a change of
    /// definition) as more noise in every year.
    calibration: f64,
}

impl GrowthChoice {
    /// At a place on the grid or between its points.
    fn at(place: [f64; 3]) -> Self {
        Self {
            persistence: STEPS[0] * place[0],
            growth: STEPS[1] * place[1],
            calibration: STEPS[2] * place[2],
        }
    }

    /// The parameters of the likelihood with what is chosen.
    pub(crate) fn of(self, p: &TrendParameters) -> TrendParameters {
        let rest = |persistence: f64| 1.0 - persistence * persistence;
        let noise = (rest(self.persistence) / rest(p.persistence)).sqrt();
        TrendParameters {
            persistence: self.persistence,
            growth_noise: self.growth / self.calibration * noise * p.growth_noise,
            calibration: self.calibration,
            ..*p
        }
    }
}

/// Sums of scores and their numbers, by setting and horizon.
type Cells = BTreeMap<(Setting, usize), (f64, f64)>;

/// The same of every group.
pub(crate) type ByGroup = BTreeMap<String, Cells>;

/// A search for the choice that scores best; what it has scored is kept for the next one.
pub(crate) struct GrowthSearch<F> {
    scores: F,
    known: BTreeMap<Place, ByGroup>,
}

impl<F: Fn(GrowthChoice) -> Result<ByGroup>> GrowthSearch<F> {
    /// With a function that scores a choice.
    pub(crate) fn new(scores: F) -> Self {
        Self {
            scores,
            known: BTreeMap::new(),
        }
    }

    /// The choice with the least score over all groups but one: from the start to the best neighbour as long as there
    /// is a better one, then in each direction to the lowest point of the parabola through the scores of the place and its
    /// two neighbours. `None` where nothing is scored.
    pub(crate) fn best(&mut self, left_out: Option<&str>) -> Result<Option<GrowthChoice>> {
        let mut here = START;
        let mut least = self.score(here, left_out)?;
        if !least.is_finite() {
            return Ok(None);
        }
        loop {
            let (centre, middle) = (here, least);
            let mut lowest = centre.map(f64::from);
            for i in 0..3 {
                let mut sides = [0.0; 2];
                for (side, step) in sides.iter_mut().zip([-1, 1]) {
                    let mut place = centre;
                    place[i] += step;
                    *side = self.score(place, left_out)?;
                    if *side < least {
                        (here, least) = (place, *side);
                    }
                }
                let curvature = sides[0] - 2.0 * middle + sides[1];
                // Not next to the end of the range, nor where the score is flat.
                if curvature.is_finite() && curvature > 0.0 {
                    lowest[i] += 0.5 * (sides[0] - sides[1]) / curvature;
                }
            }
            if here == centre {
                return Ok(Some(GrowthChoice::at(lowest)));
            }
        }
    }

    fn score(&mut self, place: Place, left_out: Option<&str>) -> Result<f64> {
        // The ranges of the parameters.
        if place[0] > 19 || place[2] > 40 || place.iter().any(|steps| *steps < 1) {
            return Ok(f64::INFINITY);
        }
        if !self.known.contains_key(&place) {
            let choice = GrowthChoice::at(place.map(f64::from));
            self.known.insert(place, (self.scores)(choice)?);
        }
        let groups = self.known[&place].iter();
        let kept = groups.filter(|(group, _)| Some(&group[..]) != left_out);
        Ok(mean_score(kept.map(|(_, cells)| cells)))
    }
}

/// The scores of a panel, each series with the model that `model` makes for it.
pub(crate) fn scores_of(
    panel: &Panel,
    options: &BacktestOptions,
    model: impl Fn(&PanelSeries) -> Result<RegistryTrend> + Sync,
) -> Result<ByGroup> {
    let each = panel.series().par_iter().map(|series| {
        let model = model(series)?;
        Ok((series.group(), scores(series, &model, options)?))
    });
    let mut groups = ByGroup::new();
    for (group, cells) in each.collect::<Result<Vec<_>>>()? {
        let of_group = groups.entry(group.to_owned()).or_default();
        for (key, (sum, number)) in cells {
            let cell = of_group.entry(key).or_default();
            *cell = (cell.0 + sum, cell.1 + number);
        }
    }
    Ok(groups)
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

    /// The standard deviation of growth, √(σ²/(1 − φ²)), by hand: 0.01/0.6 = 1/60, and 1.2 times that.
    #[test]
    fn growth_has_so_much_more_of_its_standard_deviation() {
        let likelihood = TrendParameters {
            persistence: 0.8,
            growth_noise: 0.01,
            ..TrendParameters::shipped_rate()
        };
        let choice = GrowthChoice {
            persistence: 0.6,
            growth: 1.2,
            calibration: 0.8,
        };
        let chosen = choice.of(&likelihood);
        assert_relative_eq!(chosen.persistence, 0.6);
        assert_relative_eq!(chosen.calibration, 0.8);
        // 1.2/60·√(1 − 0.36), of which the factor of calibration is a part.
        assert_relative_eq!(0.8 * chosen.growth_noise, 0.016, max_relative = 1e-12);
    }

    /// A bowl of each group, with its lowest point at its own place, between points of the grid; two horizons with unlike
    /// numbers of outcomes. The lowest point of the sum of two bowls is midway.
    #[test]
    fn the_least_score_of_the_others_is_found_wherever_it_is() {
        let lowest = [("x", [0.56, 1.63, 0.9]), ("y", [0.85, 0.92, 0.49])];
        let scores = |choice: GrowthChoice| {
            let at = [choice.persistence, choice.growth, choice.calibration];
            let each = lowest.map(|(group, lowest)| {
                let score: f64 = at.iter().zip(lowest).map(|(a, b)| (a - b).powi(2)).sum();
                let cell = |horizon, n: f64| ((Setting::TwoFigure, horizon), (n * score, n));
                (
                    group.to_owned(),
                    Cells::from([cell(1, 10.0), cell(10, 1.0)]),
                )
            });
            Ok(BTreeMap::from(each))
        };
        let mut search = GrowthSearch::new(scores);
        for (left_out, found) in [("y", lowest[0].1), ("x", lowest[1].1)] {
            let best = search.best(Some(left_out)).unwrap().unwrap();
            let best = [best.persistence, best.growth, best.calibration];
            assert_relative_eq!(best[..], found[..], max_relative = 1e-9);
        }
        let best = search.best(None).unwrap().unwrap();
        assert_relative_eq!(best.persistence, 0.705, max_relative = 1e-9);
        assert_relative_eq!(best.growth, 1.275, max_relative = 1e-9);
        let mut nothing = GrowthSearch::new(|_| Ok(BTreeMap::new()));
        assert_eq!(nothing.best(None).unwrap(), None);
    }

    /// Each horizon counts once: (0.1 + 0.3)/2.
    #[test]
    fn horizons_count_the_same() {
        let cell = |horizon, sum, n| ((Setting::TwoFigure, horizon), (sum, n));
        let cells = Cells::from([cell(1, 1.0, 10.0), cell(10, 0.3, 1.0)]);
        assert_relative_eq!(mean_score([&cells].into_iter()), 0.2, max_relative = 1e-15);
    }
}
