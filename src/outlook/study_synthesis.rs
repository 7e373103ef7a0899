//! What published studies together say of the share that ever reaches third line.

use std::fmt;

use serde::Serialize;

use crate::checked_on_reading::checked;
use crate::error::{Error, Result};
use crate::figures::{third_line_share, treated_share};
use crate::interval_levels::OF_ONE_INTERVAL;
use crate::number_checks::Place;
use crate::numeric::normal_mixture::NormalMixture;
use crate::numeric::random_effects::RandomEffects;
use crate::numeric::root::root;
use crate::pathway::evidence::{Measure, Preset, Study};
use crate::pathway::{ShareDistribution, UltimateShare};
use crate::plain_text::{percent, printable};

checked! {
    /// **What the studies together say** of the share that ever reaches third line: a random-effects synthesis of the presets'
    /// ultimate shares, and what it comes to of those diagnosed, of whom not all are treated.
    ///
    /// # Definition
    ///
    /// ```text
    /// ln(p(k)/(1 − p(k))) = μ + f(k) + e(k),   f ~ N(0, τ²),   e ~ N(0, v(k))
    /// ```
    ///
    /// p(k) is the ultimate share of study k, the mean of its presets on the scale of ln(p/(1 − p)), and v(k) the variance that
    /// its 95 % interval stands for. Studies that publish neither numbers nor intervals have the greatest variance of the
    /// others. μ has a flat prior, τ that of `DuMouchel` (Röver 2020,
    /// [doi:10.18637/jss.v093.i06](https://doi.org/10.18637/jss.v093.i06)). Of those diagnosed, the share is that of the treated
    /// times a share treated, anywhere in the published range with the same probability ([`figures::treated_share`](treated_share)).
    ///
    /// # Range
    ///
    /// Shares from 0 to 1, each triple the 2.5 %, 50 % and 97.5 % quantile.
    ///
    /// # Example
    ///
    /// ```
    /// use myeloma_epi::StudySynthesis;
    /// use myeloma_epi::pathway::evidence::Study;
    ///
    /// let studies = StudySynthesis::of(Study::shipped(), None)?;
    /// // Wider than any study: they differ by more than their errors.
    /// assert!(studies.between_study_sd > 0.3 && studies.next[0] < studies.mean[0]);
    /// // Where all are treated, those diagnosed are the treated.
    /// let all_treated = StudySynthesis::of(Study::shipped(), Some((1.0, 1.0)))?;
    /// assert!((all_treated.of_diagnosed[1] - studies.mean[1]).abs() < 1e-6);
    /// println!("{studies}");
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    #[derive(Debug, Clone, PartialEq, Serialize)]
    pub struct StudySynthesis {
        /// The studies with the share of their treated patients that ever reaches third line.
        pub studies: Vec<(String, f64)>,
        /// Of the treated: the mean over studies.
        pub mean: [f64; 3],
        /// Of the treated: the share in one more population like these.
        pub next: [f64; 3],
        /// Of those diagnosed: the mean share times the share treated.
        pub of_diagnosed: [f64; 3],
        /// The share of those diagnosed who are treated: the ends of its range.
        pub treated: (f64, f64),
        /// Its source; empty where it was stated.
        pub treated_source: String,
        /// The posterior median of τ.
        pub between_study_sd: f64,
        /// The least and the greatest crude share published, of the treated; 1 and 0 where none is.
        pub crude: [f64; 2],
    } then check
}

/// The ends of no crude share.
const NO_CRUDE_SHARE: [f64; 2] = [1.0, 0.0];
/// How far numbers of a file may be from what they imply, which is known to 1e-9.
const ROUNDING: f64 = 1e-6;

/// A share with its standard error, on the scale of ln(p/(1 − p)); of a share that is taken as known, none.
type Estimate = (f64, Option<f64>);

impl StudySynthesis {
    /// Of studies, with the share of those diagnosed who are treated; without, the published one.
    ///
    /// # Errors
    ///
    /// Where a study's figures give no preset that they should, fewer than two studies have one, none of these has an error,
    /// or the share treated is not between 0 and 1.
    pub fn of<'a>(
        studies: impl IntoIterator<Item = &'a Study>,
        treated: Option<(f64, f64)>,
    ) -> Result<Self> {
        let studies = studies.into_iter();
        let presets = studies.map(|study| Ok((study, study.presets()?)));
        Self::of_presets(&presets.collect::<Result<Vec<_>>>()?, treated)
    }

    pub(super) fn of_presets(
        studies: &[(&Study, Vec<Preset>)],
        treated: Option<(f64, f64)>,
    ) -> Result<Self> {
        let mut estimates = Vec::new();
        for (study, presets) in studies.iter().filter(|(_, presets)| !presets.is_empty()) {
            let each: Vec<Estimate> = presets.iter().map(estimate).collect::<Result<_>>()?;
            let n = each.len() as f64;
            let mean = each.iter().map(|(logit, _)| logit).sum::<f64>() / n;
            // Presets of one study rest on the same patients: no less error than one of them.
            let errors: Option<Vec<f64>> = each.iter().map(|(_, error)| *error).collect();
            let error = errors.map(|errors| errors.iter().sum::<f64>() / n);
            estimates.push((study.id.clone(), (mean, error)));
        }
        let crude = studies.iter().flat_map(|(study, _)| &study.figures);
        let crude =
            crude.filter(|figure| figure.measure == Measure::CrudeReach && figure.line == 3);
        let ends = crude.fold(NO_CRUDE_SHARE, |[low, high], figure| {
            [low.min(figure.value), high.max(figure.value)]
        });
        let published = treated_share();
        let (range, source) = match treated {
            Some(range) => (range, String::new()),
            None => ((published.low, published.high), published.source),
        };
        check_treated(range)?;
        Self::together(&estimates, range, source, ends)
    }

    fn together(
        studies: &[(String, Estimate)],
        treated: (f64, f64),
        treated_source: String,
        crude: [f64; 2],
    ) -> Result<Self> {
        let errors = studies.iter().filter_map(|(_, (_, error))| *error);
        let greatest = errors.fold(0.0, f64::max);
        let estimates: Vec<(f64, f64)> = studies
            .iter()
            .map(|(_, (logit, error))| (*logit, error.unwrap_or(greatest).powi(2)))
            .collect();
        let posterior = RandomEffects::of(&estimates).ok_or_else(|| {
            Error::unsuitable("what studies say together needs two studies, and one with an error")
        })?;
        let shares = |of: &NormalMixture| OF_ONE_INTERVAL.map(|p| share(of.quantile(p)));
        Ok(Self {
            studies: studies
                .iter()
                .map(|(name, (logit, _))| (name.clone(), share(*logit)))
                .collect(),
            mean: shares(&posterior.mean),
            next: shares(&posterior.next),
            of_diagnosed: OF_ONE_INTERVAL.map(|p| quantile_of_product(&posterior.mean, treated, p)),
            treated,
            treated_source,
            between_study_sd: posterior.between_sd,
            crude,
        })
    }

    fn check(&self) -> Result<()> {
        let place = Place("what studies say together");
        place.within("the number of studies", self.studies.len(), 2..=usize::MAX)?;
        for (study, share) in &self.studies {
            place.share(format!("the share of {study}"), *share)?;
        }
        check_treated(self.treated)?;
        place.not_negative("between_study_sd", self.between_study_sd)?;
        let [low, high] = self.crude;
        place.share("the lower end of crude", low)?;
        place.share("the upper end of crude", high)?;
        let in_order = low <= high || self.crude == NO_CRUDE_SHARE;
        place.check(in_order, "crude", format!("{low} to {high}"), "in order")?;
        let all = [
            ("mean", self.mean),
            ("next", self.next),
            ("of_diagnosed", self.of_diagnosed),
        ];
        for (name, quantiles) in all {
            let inside = quantiles.iter().all(|share| (0.0..=1.0).contains(share));
            let allowed = "three shares between 0 and 1 in order";
            let holds = inside && quantiles.is_sorted();
            place.check(holds, name, format!("{quantiles:?}"), allowed)?;
        }
        // Whoever is treated, a quantile of the product is that of the share times a share treated.
        let (least, most) = self.treated;
        for (of_diagnosed, of_treated) in self.of_diagnosed.into_iter().zip(self.mean) {
            let (least, most) = (least * of_treated, most * of_treated);
            place.check(
                (least - ROUNDING..=most + ROUNDING).contains(&of_diagnosed),
                "of_diagnosed",
                of_diagnosed,
                format!("from {least} to {most}, the mean of the treated times the share treated"),
            )?;
        }
        Ok(())
    }

    /// The mean share of the treated, as a beta distribution with its 95 % interval.
    ///
    /// # Errors
    ///
    /// None for a synthesis of the shipped studies.
    pub fn of_treated(&self) -> Result<UltimateShare> {
        UltimateShare::new(self.mean[0], self.mean[2], ShareDistribution::Beta95)
    }

    /// The share of those diagnosed, as a beta distribution with its 95 % interval.
    ///
    /// # Errors
    ///
    /// None for a synthesis of the shipped studies.
    pub fn of_diagnosed(&self) -> Result<UltimateShare> {
        let [low, _, high] = self.of_diagnosed;
        UltimateShare::new(low, high, ShareDistribution::Beta95)
    }

    /// The share of those diagnosed by one preset: its own, of the treated, times the share treated.
    pub(super) fn of_those_diagnosed(&self, preset: &Preset) -> Result<UltimateShare> {
        let (logit, error) = estimate(preset)?;
        let Some(error) = error else {
            let (low, high) = self.treated;
            let ends = [low, high].map(|treated| share(logit) * treated);
            return UltimateShare::new(ends[0], ends[1], ShareDistribution::Uniform);
        };
        let own = NormalMixture::normal(logit, error.powi(2));
        let [low, _, high] = OF_ONE_INTERVAL.map(|p| quantile_of_product(&own, self.treated, p));
        UltimateShare::new(low, high, ShareDistribution::Beta95)
    }
}

/// That a share treated is a range of shares, and somebody is treated.
fn check_treated((low, high): (f64, f64)) -> Result<()> {
    Place("third line").check(
        low > 0.0 && low <= high && high <= 1.0,
        "the share treated",
        format!("{low} to {high}"),
        "above 0, at most 1, and in order",
    )
}

/// The share of a preset and the standard error that its 95 % interval stands for.
fn estimate(preset: &Preset) -> Result<Estimate> {
    let interval = preset.ultimate_share()?;
    let logit = |share: f64| (share / (1.0 - share)).ln();
    let width = logit(interval.high()) - logit(interval.low());
    let error = (width > 0.0).then_some(width / (2.0 * 1.959_963_984_540_054));
    let central = preset.ultimate_third_line()?;
    if central > 0.0 && central < 1.0 {
        return Ok((logit(central), error));
    }
    // None or all of so many went on: the middle of what that leaves open.
    if error.is_none_or(|error| !error.is_finite()) {
        return Err(Error::unsuitable(format!(
            "the preset \"{}\" says that {} ever start third line and not of how many patients: without n of its shares it goes with no \
             other study",
            preset.id,
            if central > 0.0 { "all" } else { "none" }
        )));
    }
    Ok((
        f64::midpoint(logit(interval.low()), logit(interval.high())),
        error,
    ))
}

fn share(logit: f64) -> f64 {
    1.0 / (1.0 + (-logit).exp())
}

/// A quantile of a share times another one that lies anywhere in a range with the same probability.
fn quantile_of_product(logit: &NormalMixture, (low, high): (f64, f64), probability: f64) -> f64 {
    const POINTS: u32 = 200;
    let below = |product: f64| {
        let at = |i: u32| low + (high - low) * (f64::from(i) + 0.5) / f64::from(POINTS);
        let each = (0..POINTS).map(|i| {
            let share = product / at(i);
            if share < 1.0 {
                logit.cumulative((share / (1.0 - share)).ln())
            } else {
                1.0
            }
        });
        each.sum::<f64>() / f64::from(POINTS) - probability
    };
    root(below, 0.0, high, 1e-9).unwrap_or(high)
}

/// Three sentences.
impl fmt::Display for StudySynthesis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let range = third_line_share();
        let (least, most) = self.treated;
        let source = match &self.treated_source[..] {
            "" => "as stated".to_owned(),
            source => printable(source).into_owned(),
        };
        let [low, median, high] = self.mean.map(whole);
        let [next_low, _, next_high] = self.next.map(whole);
        let [of_low, of_median, of_high] = self.of_diagnosed.map(whole);
        let [crude_low, crude_high] = self.crude.map(whole);
        write!(
            f,
            "The {} studies together: {median} % of the treated ever reach third line ({low} to {high}; in one more \
             population {next_low} to {next_high}). Of those diagnosed {} to {} % are treated ({}), which makes {of_median} % \
             ({of_low} to {of_high}). The range of {} to {} % has no stated source",
            self.studies.len(),
            percent(least),
            percent(most),
            source,
            percent(range.low),
            percent(range.high),
        )?;
        if self.crude != NO_CRUDE_SHARE {
            write!(
                f,
                "; crude shares that studies publish, seen by a data cut, are {crude_low} to {crude_high} % of the treated"
            )?;
        }
        f.write_str(".")
    }
}

fn whole(share: f64) -> String {
    percent((100.0 * share).round() / 100.0)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize)]
    struct Reference {
        shares: Vec<f64>,
        errors: Vec<Option<f64>>,
        treated: (f64, f64),
        mean: [f64; 3],
        next: [f64; 3],
        of_diagnosed: [f64; 3],
        one_study_of_diagnosed: [f64; 3],
    }

    /// By adaptive quadrature over τ, `tests/data/study_shares.py` (`SciPy`).
    #[test]
    fn the_synthesis_is_that_of_an_independent_computation() {
        let text = include_str!("../../tests/data/study_shares.json");
        let reference: Reference = serde_json::from_str(text).unwrap();
        let studies = reference.shares.iter().zip(&reference.errors);
        let studies = studies.map(|(p, error)| ("x".to_owned(), ((p / (1.0 - p)).ln(), *error)));
        let studies = studies.collect::<Vec<_>>();
        let found = StudySynthesis::together(&studies, reference.treated, String::new(), [0.0; 2]);
        let found = found.unwrap();
        let (logit, error) = studies[0].1;
        let own = NormalMixture::normal(logit, error.unwrap().powi(2));
        let one = OF_ONE_INTERVAL.map(|p| quantile_of_product(&own, reference.treated, p));
        for (found, expected) in [
            (one, reference.one_study_of_diagnosed),
            (found.mean, reference.mean),
            (found.next, reference.next),
            (found.of_diagnosed, reference.of_diagnosed),
        ] {
            for (found, expected) in found.iter().zip(expected) {
                assert!((found - expected).abs() < 1e-3, "{found} {expected}");
            }
        }
    }

    /// A study's own share is the product of what it publishes; the sentences are what its readers have to know.
    #[test]
    fn the_studies_have_their_own_shares() {
        let studies = StudySynthesis::of(Study::shipped(), None).unwrap();
        let of = |id: &str| studies.studies.iter().find(|s| s.0 == id).unwrap().1;
        // McCurdy et al. 2023: 0.93·0.88 of 3,111 and 0.81·0.74 of 2,437 patients.
        let canada = (3_111.0 * 0.93 * 0.88 + 2_437.0 * 0.81 * 0.74) / 5_548.0;
        assert!((of("cmrg") - canada).abs() < 1e-4);
        assert!(
            (studies.crude[0] - 0.279).abs() < 1e-12 && (studies.crude[1] - 0.42).abs() < 1e-12
        );
        let text = studies.to_string();
        assert!(text.contains("no stated source") && text.contains("28 to 42 % of the treated"));
        assert!(text.contains("64 to 95 % are treated"), "{text}");
        // A share that is known, times one that is anywhere in a range, is anywhere in a range.
        let flatiron = studies.of_those_diagnosed(&Preset::of("flatiron_us").unwrap());
        let flatiron = flatiron.unwrap();
        assert!((flatiron.low() / 0.64 - flatiron.high() / 0.95).abs() < 1e-12);
        assert!((flatiron.low() / 0.64 - of("flatiron_us")).abs() < 1e-12);
        // Of one study alone nothing is known of the spread, and nobody is treated more than once.
        let one = || Study::shipped().iter().take(1);
        assert!(StudySynthesis::of(one(), None).is_err());
        for treated in [(0.0, 0.5), (0.9, 0.8), (0.5, 1.1), (f64::NAN, 0.5)] {
            assert!(StudySynthesis::of(Study::shipped(), Some(treated)).is_err());
        }
    }
}
