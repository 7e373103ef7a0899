//! How much lower the score of one method is than that of another, with an interval.

use std::collections::BTreeMap;
use std::fmt;

use rand::RngExt;
use serde::{Deserialize, Serialize};

use super::run::{Backtest, Scored};
use crate::checked_on_reading::checked;
use crate::error::Result;
use crate::interval_levels::LEVEL;
use crate::number_checks::Place;
use crate::numeric::quantile::sorted_interval;
use crate::random::Seed;

/// How the interval of a [`Skill`] is computed; a plain struct whose fields are checked by [`Backtest::skill`].
///
/// ```
/// use myeloma_epi::backtest::SkillOptions;
///
/// let options = SkillOptions { level: 0.9, ..SkillOptions::default() };
/// assert_eq!(options.resamples, 2_000);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SkillOptions {
    /// Resamples of the groups, from 100 to 1,000,000. Default 2,000: the ends of a 95 % interval are then known to
    /// about a twentieth of its width.
    pub resamples: usize,
    /// The level of the interval, above 0 and below 1. Default 0.95.
    pub level: f64,
    /// The seed of the resamples.
    pub seed: Seed,
}

impl Default for SkillOptions {
    fn default() -> Self {
        Self {
            resamples: 2_000,
            level: LEVEL,
            seed: Seed::default(),
        }
    }
}

impl SkillOptions {
    fn check(&self) -> Result<()> {
        let place = Place("an interval of skill");
        place.within("the number of resamples", self.resamples, 100..=1_000_000)?;
        place.probability("the level", self.level)
    }
}

checked! {
    /// The **skill** of one method against another: by how much its score is lower, with an interval.
    ///
    /// # Definition
    ///
    /// ```text
    /// skill = 1 − S/R,  S = mean over the horizons of the mean weighted interval score at each
    /// ```
    ///
    /// R is that of the other method. Only forecasts that both have made (series, setting, origin and horizon) count. 0: no
    /// better; 0.1: a tenth lower; negative: worse.
    ///
    /// Forecasts of one country are anything but independent, so the interval is that of a bootstrap of whole
    /// [groups](super::PanelSeries::group), with replacement, at the quantiles of the resampled skills: Efron & Tibshirani
    /// (1993), An Introduction to the Bootstrap, chapters 8 and 13,
    /// [doi:10.1201/9780429246593](https://doi.org/10.1201/9780429246593). A horizon that a resample does not have is left
    /// out of it. With few groups such an interval is too short.
    ///
    /// # Example
    ///
    /// ```
    /// use myeloma_epi::backtest::{
    ///     Backtest, BacktestOptions, CurveForecaster, Forecaster, Panel, PanelSeries, SkillOptions,
    /// };
    /// use myeloma_epi::forecast::RegistryTrend;
    /// use myeloma_epi::{IncidenceSeries, figures};
    ///
    /// let series = figures::registered().regions().into_iter().map(|region| {
    ///     let counts = IncidenceSeries::from_figures(figures::registered(), region)?;
    ///     PanelSeries::new(counts, region, "multiple_myeloma")
    /// });
    /// let panel = Panel::new(series.collect::<Result<Vec<_>, _>>()?)?;
    /// let (trend, curves) = (RegistryTrend::default(), CurveForecaster::line_and_exponential(0.03)?);
    /// let methods: [&dyn Forecaster; 2] = [&trend, &curves];
    /// let test = Backtest::run(&panel, &methods, &BacktestOptions::default())?;
    /// let skill = test.skill(0, 1, &[1, 5, 10], &SkillOptions::default())?.unwrap();
    /// println!("{skill}");
    /// assert!(skill.skill > 0.0 && skill.groups == 3);
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    #[derive(Debug, Clone, Copy, PartialEq, Serialize)]
    pub struct Skill {
        /// The number of forecasts that both methods have.
        pub forecasts: usize,
        /// The number of groups that they are of.
        pub groups: usize,
        /// 1 − S/R, at most 1.
        pub skill: f64,
        /// The interval; there is none of a single group.
        pub interval: Option<(f64, f64)>,
        /// The level of the interval.
        pub level: f64,
    } then check
}

impl Skill {
    fn check(&self) -> Result<()> {
        let (low, high) = self.interval.unwrap_or((self.skill, self.skill));
        let ordered = low <= high && high <= 1.0 && low.is_finite() && self.skill.is_finite();
        Place("a back-test").check(
            ordered && self.skill <= 1.0 && self.level > 0.0 && self.level < 1.0,
            "the skill",
            self.skill,
            "finite and at most 1, its interval in order and its level between 0 and 1",
        )
    }
}

/// In per cent: `8.2 % lower (95 %: 1.8 to 13.6)`.
impl fmt::Display for Skill {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.1} % lower", 100.0 * self.skill)?;
        let Some((low, high)) = self.interval else {
            return Ok(());
        };
        let [level, low, high] = [self.level, low, high].map(|share| 100.0 * share);
        write!(f, " ({level} %: {low:.1} to {high:.1})")
    }
}

/// Sums of the scores of both methods at each horizon, and their number.
type Sums = Vec<[f64; 3]>;

impl Backtest {
    /// The skill of a method against another, by their places in [`Backtest::methods`], over some horizons, each of which
    /// counts once. `None` where they have no forecast in common, a score is past the range of
    /// numbers, or those of the other add up to 0.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::OutOfRange`](crate::ErrorKind::OutOfRange) where an option is out of its range.
    pub fn skill(
        &self,
        method: usize,
        other: usize,
        horizons: &[usize],
        options: &SkillOptions,
    ) -> Result<Option<Skill>> {
        options.check()?;
        Ok(skill(
            self.scored.iter(),
            (method, other),
            horizons,
            options,
        ))
    }
}

/// As [`Backtest::skill`], of some forecasts, for options that were checked.
pub(super) fn skill<'a>(
    scored: impl Iterator<Item = &'a Scored>,
    (method, other): (usize, usize),
    horizons: &[usize],
    options: &SkillOptions,
) -> Option<Skill> {
    let groups = sums(scored, (method, other), horizons)?;
    let all = |at: &mut dyn Iterator<Item = &Sums>| {
        let mut total = vec![[0.0; 3]; horizons.len()];
        for sums in at {
            for (total, sum) in total.iter_mut().zip(sums) {
                for (total, sum) in total.iter_mut().zip(sum) {
                    *total += sum;
                }
            }
        }
        total
    };
    let total = all(&mut groups.iter());
    let skill = of_sums(&total)?;
    let interval = (groups.len() > 1).then(|| {
        let mut rng = options.seed.stream("skill").block(0);
        let mut skills: Vec<f64> = (0..options.resamples)
            .filter_map(|_| {
                let mut chosen =
                    (0..groups.len()).map(|_| &groups[rng.random_range(0..groups.len())]);
                of_sums(&all(&mut chosen))
            })
            .collect();
        skills.sort_unstable_by(f64::total_cmp);
        (!skills.is_empty()).then(|| sorted_interval(&skills, options.level))
    });
    let forecasts = total.iter().map(|sum| sum[2]).sum::<f64>();
    Some(Skill {
        forecasts: whole(forecasts),
        groups: groups.len(),
        skill,
        interval: interval.flatten(),
        level: options.level,
    })
}

/// The sums of each group that has a forecast of both methods; `None` where a score is no number.
fn sums<'a>(
    scored: impl Iterator<Item = &'a Scored>,
    (method, other): (usize, usize),
    horizons: &[usize],
) -> Option<Vec<Sums>> {
    let mut own = BTreeMap::new();
    let mut others = Vec::new();
    for one in scored {
        let Some(place) = horizons.iter().position(|h| *h == one.horizon) else {
            continue;
        };
        let key = (one.series.as_str(), one.setting, one.origin, one.horizon);
        let score = one.forecast.score(one.observed.ln()).ok()?.total;
        if one.method == method {
            own.insert(key, score);
        }
        if one.method == other {
            others.push((key, place, one.group.as_str(), score));
        }
    }
    let mut groups: BTreeMap<&str, Sums> = BTreeMap::new();
    for (key, place, group, score) in others {
        let Some(own) = own.get(&key) else { continue };
        let sums = groups
            .entry(group)
            .or_insert_with(|| vec![[0.0; 3]; horizons.len()]);
        for (sum, part) in sums[place].iter_mut().zip([*own, score, 1.0]) {
            *sum += part;
        }
    }
    Some(groups.into_values().collect())
}

fn of_sums(sums: &Sums) -> Option<f64> {
    let mean = |of: usize| -> f64 {
        let there = sums.iter().filter(|sum| sum[2] > 0.0);
        there.map(|sum| sum[of] / sum[2]).sum()
    };
    let skill = 1.0 - mean(0) / mean(1);
    skill.is_finite().then_some(skill)
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // A sum of ones.
fn whole(number: f64) -> usize {
    number as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backtest::Setting;
    use crate::score::QuantileForecast;
    use approx::assert_relative_eq;

    /// A forecast without a width, whose score is then its distance from the logarithm of the count, which is 0.
    fn one(group: &str, method: usize, origin: i32, horizon: usize, score: f64) -> Scored {
        Scored {
            series: group.to_owned(),
            group: group.to_owned(),
            site: "x".to_owned(),
            setting: Setting::TwoFigure,
            method,
            origin,
            horizon,
            observed: 1.0,
            forecast: QuantileForecast::new([score; 7]).unwrap(),
            crps: None,
            pit: None,
            log_score: None,
        }
    }

    fn of(scored: &[Scored], horizons: &[usize], level: f64) -> Skill {
        let options = SkillOptions {
            level,
            ..SkillOptions::default()
        };
        skill(scored.iter(), (0, 1), horizons, &options).unwrap()
    }

    /// Two groups, a of one forecast with scores 1 and 2, b of three with 3 and 4 each. Resampled twice a, once each or
    /// twice b, with probabilities of 1/4, 1/2 and 1/4: skills of 1/2, 1 − 10/14 and 1/4.
    #[test]
    fn the_bootstrap_of_two_groups_is_that_worked_by_hand() {
        let mut scored = vec![one("a", 0, 2000, 1, 1.0), one("a", 1, 2000, 1, 2.0)];
        for origin in 2000..2003 {
            scored.push(one("b", 0, origin, 1, 3.0));
            scored.push(one("b", 1, origin, 1, 4.0));
        }
        let wide = of(&scored, &[1], 0.95);
        assert_eq!((wide.forecasts, wide.groups), (4, 2));
        assert_relative_eq!(wide.skill, 1.0 - 10.0 / 14.0, max_relative = 1e-14);
        let (low, high) = wide.interval.unwrap();
        assert_relative_eq!(low, 0.25, max_relative = 1e-14);
        assert_relative_eq!(high, 0.5, max_relative = 1e-14);
        // Quantiles of 0.3 and 0.7 lie within the middle half.
        let (low, high) = of(&scored, &[1], 0.4).interval.unwrap();
        assert_relative_eq!(low, 1.0 - 10.0 / 14.0, max_relative = 1e-14);
        assert_relative_eq!(high, low, max_relative = 1e-14);
        assert_eq!(wide.to_string(), "28.6 % lower (95 %: 25.0 to 50.0)");
    }

    /// Of many groups the skill is nearly normal, and the delta method has its error: with scores of the reference of 1
    /// and of the method of 0.8 ± 0.3 in equal parts, 0.3/√n.
    #[test]
    fn the_bootstrap_of_many_groups_is_that_of_the_delta_method() {
        let scored: Vec<Scored> = (0..400)
            .flat_map(|i| {
                let group = format!("{i:03}");
                let score = 0.8 + if i % 2 == 0 { 0.3 } else { -0.3 };
                [one(&group, 0, 2000, 1, score), one(&group, 1, 2000, 1, 1.0)]
            })
            .collect();
        let skill = of(&scored, &[1], 0.95);
        let (low, high) = skill.interval.unwrap();
        let width = 2.0 * 1.959_963_984_540_054 * 0.3 / 20.0;
        assert_relative_eq!(skill.skill, 0.2, max_relative = 1e-12);
        // The standard error of either end at 2,000 resamples is 3 % of the width.
        assert_relative_eq!(high - low, width, max_relative = 0.1);
    }

    /// Horizons count once each, however many forecasts they have, and only forecasts of both methods count.
    #[test]
    fn horizons_count_once() {
        let mut scored = vec![one("a", 0, 2000, 5, 1.0), one("a", 1, 2000, 5, 4.0)];
        for origin in 2000..2009 {
            scored.push(one("a", 0, origin, 1, 1.0));
            scored.push(one("a", 1, origin, 1, 2.0));
        }
        scored.push(one("a", 0, 2010, 5, 100.0));
        let skill = of(&scored, &[1, 5], 0.95);
        assert_relative_eq!(
            skill.skill,
            1.0 - (1.0 + 1.0) / (2.0 + 4.0),
            max_relative = 1e-14
        );
        assert_eq!((skill.forecasts, skill.interval), (10, None));
        assert!(super::skill(scored.iter(), (0, 2), &[1], &SkillOptions::default()).is_none());
    }

    #[test]
    fn what_is_no_skill_is_refused() {
        let skill = of(
            &[one("a", 0, 2000, 1, 1.0), one("a", 1, 2000, 1, 2.0)],
            &[1],
            0.95,
        );
        let text = serde_json::to_string(&skill).unwrap();
        assert_eq!(serde_json::from_str::<Skill>(&text).unwrap(), skill);
        for (good, bad) in [("0.5", "1.5"), ("null", "[0.6,0.4]"), ("0.95", "0.0")] {
            assert!(serde_json::from_str::<Skill>(&text.replacen(good, bad, 1)).is_err());
        }
        let test = Backtest {
            methods: vec!["m".to_owned()],
            scored: vec![],
            shocks: 0,
            provisional: 0,
            series_with_exclusions: 0,
            unscored: 0,
        };
        for options in [
            SkillOptions {
                resamples: 10,
                ..SkillOptions::default()
            },
            SkillOptions {
                level: 1.0,
                ..SkillOptions::default()
            },
        ] {
            assert!(test.skill(0, 0, &[1], &options).is_err());
        }
    }
}
