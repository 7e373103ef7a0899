//! Several curves on one series, side by side.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::caution::Caution;
use super::fit_options::{FitOptions, PublishedProjectionUse};
use super::identified::IdentifiedFit;
use super::likelihood::Likelihood;
use super::{Fit, fit};
use crate::checked_on_reading::checked;
use crate::curve::Family;
use crate::error::{Error, ErrorKind, Result};
use crate::figures::Mark;
use crate::interval_levels::LEVEL;
use crate::number_checks::Place;
use crate::series::IncidenceSeries;

checked! {
    /// Several models of the same figures, set side by side by an information criterion: the result of [`compare`].
    ///
    /// All curves are fitted to one series under one likelihood. The smaller the `AICc`, the better the curve is
    /// expected to describe new figures of the same kind; an Akaike weight, from 0 to 1, is its share of the
    /// evidence:
    ///
    /// ```text
    /// wᵢ = exp(−Δᵢ/2) / Σ exp(−Δⱼ/2),   Δᵢ = AICcᵢ − least AICc
    /// ```
    ///
    /// Burnham & Anderson (2002), *Model Selection and Multimodel Inference*, section 2.9,
    /// [doi:10.1007/b97636](https://doi.org/10.1007/b97636). The weights say nothing of curves that are not in the
    /// list, and nothing of years ahead.
    ///
    /// # Example
    ///
    /// ```
    /// use myeloma_epi::curve::Family;
    /// use myeloma_epi::fit::{FitOptions, compare};
    /// use myeloma_epi::{IncidenceSeries, figures};
    ///
    /// let england = IncidenceSeries::from_figures(figures::registered(), "England")?;
    /// let comparison = compare(&Family::ALL, &england, &FitOptions::default(), 2030);
    /// let total: f64 = comparison.curves().iter().filter_map(|curve| curve.weight()).sum();
    /// assert!((total - 1.0).abs() < 1e-12);
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    /// As text it is a table with the number of estimated parameters, the log-likelihood, `AICc`, Akaike weight
    /// and the value in the year of the comparison with its 95 % confidence interval, then the cautions, and the
    /// reasons why curves could not be fitted.
    #[derive(Debug, Clone, PartialEq, Serialize)]
    pub struct Comparison {
        region: String,
        figures: usize,
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        left_out: BTreeMap<i32, Mark>,
        likelihood: Likelihood,
        year: i32,
        curves: Vec<Compared>,
    } then check
}

checked! {
    /// One model of a [`Comparison`]: the fit of one family, or the reason why there is none.
    ///
    /// [`value`](Self::value) and [`interval95`](Self::interval95) are new cases in the year of the comparison.
    ///
    /// # Example
    ///
    /// Two figures determine an exponential curve and no logistic one:
    ///
    /// ```
    /// use myeloma_epi::curve::Family;
    /// use myeloma_epi::fit::{FitOptions, compare};
    /// use myeloma_epi::{IncidenceSeries, figures};
    ///
    /// let china = IncidenceSeries::from_figures(figures::press_release(), "China")?;
    /// let families = [Family::Exponential, Family::Logistic];
    /// let comparison = compare(&families, &china, &FitOptions::default(), 2029);
    /// let [exponential, logistic] = comparison.curves() else { panic!("two were compared") };
    /// // The same factor once more for the next five years.
    /// let expected = 31_800.0 * 31_800.0 / 28_100.0;
    /// assert!(exponential.value().is_some_and(|cases| (cases / expected - 1.0).abs() < 1e-9));
    /// assert_eq!(logistic.identification(), "underdetermined");
    /// assert!(logistic.reason().is_some());
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    #[derive(Debug, Clone, PartialEq, Serialize)]
    pub struct Compared {
        family: Family,
        outcome: Outcome,
        cautions: Vec<Caution>,
        value: Option<f64>,
        interval95: Option<(f64, f64)>,
        weight: Option<f64>,
    } then check
}

/// A fit, or why there is none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    Fitted(Fit<Family>),
    Underdetermined(String),
    Failed(String),
}

/// Fits curves to one series and puts them side by side, with their values in a calendar year.
///
/// A curve that cannot be fitted stays in the list with the reason, and a family that is named twice is one. All have the likelihood of the
/// options, so that their information criteria can be compared.
///
/// ```
/// use myeloma_epi::curve::Family;
/// use myeloma_epi::fit::{FitOptions, compare};
/// use myeloma_epi::{IncidenceSeries, figures};
///
/// let usa = IncidenceSeries::from_figures(figures::registered(), "United States")?;
/// let comparison = compare(&Family::ALL, &usa, &FitOptions::default(), 2040);
/// println!("{comparison}");
/// assert_eq!(comparison.left_out().len(), 3); // the pandemic, and two years that are still being completed
/// let gompertz = comparison.curve(Family::Gompertz).expect("it was compared");
/// assert_eq!(gompertz.identification(), "identified");
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[must_use]
pub fn compare(
    families: &[Family],
    series: &IncidenceSeries,
    options: &FitOptions,
    year: i32,
) -> Comparison {
    let once = families.iter().enumerate();
    let once = once.filter(|(i, family)| !families[..*i].contains(family));
    let curves: Vec<Compared> = once
        .map(|(_, &family)| Compared::new(family, fit(family, series, options), year))
        .collect();
    let projection = options.published_projection == PublishedProjectionUse::AsFigure
        && series.published_projection().is_some();
    Comparison {
        region: series.region().to_owned(),
        figures: series.unmarked().count() + usize::from(projection),
        left_out: series.marks().clone(),
        likelihood: options.likelihood,
        year,
        curves: judged(curves),
    }
}

/// The curves with what only shows beside the others: a nested model that fits better, and Akaike weights.
fn judged(mut curves: Vec<Compared>) -> Vec<Compared> {
    doubt(&mut curves);
    weigh(&mut curves);
    curves
}

impl Comparison {
    /// The region.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.region
    }

    /// The number of figures that are fitted.
    #[must_use]
    pub const fn figures(&self) -> usize {
        self.figures
    }

    /// The marked years of the series, which are not fitted.
    #[must_use]
    pub const fn left_out(&self) -> &BTreeMap<i32, Mark> {
        &self.left_out
    }

    /// The likelihood of all fits.
    #[must_use]
    pub const fn likelihood(&self) -> Likelihood {
        self.likelihood
    }

    /// The calendar year of the values.
    #[must_use]
    pub const fn year(&self) -> i32 {
        self.year
    }

    /// The curves, in the order in which they were asked for.
    #[must_use]
    pub fn curves(&self) -> &[Compared] {
        &self.curves
    }

    /// The fits are those of one series under one likelihood, and the weights add up to 1.
    fn check(&self) -> Result<()> {
        for fit in self.curves.iter().filter_map(Compared::fit) {
            let likelihood = fit.options().likelihood;
            if fit.curve().region() != self.region || likelihood != self.likelihood {
                return Err(Error::mismatch(format!(
                    "the comparison for {} under the {} likelihood holds a fit to {} under the {}",
                    self.region,
                    self.likelihood.name(),
                    fit.curve().region(),
                    likelihood.name()
                )));
            }
        }
        let weights = self.curves.iter().filter_map(Compared::weight);
        let total = weights
            .reduce(|total, weight| total + weight)
            .unwrap_or(1.0);
        let place = format!("the comparison for {}", self.region);
        let whole = (total - 1.0).abs() <= 1e-9;
        Place(&place).check(whole, "the sum of the Akaike weights", total, "1")
    }

    /// One curve; `None` where it is not among those compared.
    #[must_use]
    pub fn curve(&self, family: Family) -> Option<&Compared> {
        self.curves.iter().find(|curve| curve.family == family)
    }
}

impl Compared {
    fn new(family: Family, fitted: Result<Fit<Family>>, year: i32) -> Self {
        let mut row = Self {
            family,
            outcome: match fitted {
                Ok(fit) => Outcome::Fitted(fit),
                Err(error) if matches!(error.kind(), ErrorKind::Underdetermined { .. }) => {
                    Outcome::Underdetermined(error.to_string())
                }
                Err(error) => Outcome::Failed(error.to_string()),
            },
            cautions: Vec::new(),
            value: None,
            interval95: None,
            weight: None,
        };
        let Outcome::Fitted(fit) = &row.outcome else {
            return row;
        };
        row.cautions = fit.cautions();
        let year = f64::from(year);
        let value = fit.curve().cases(year);
        row.value = value.as_ref().ok().copied();
        let interval = match fit {
            Fit::Identified(fit) => fit.confidence_interval(year, LEVEL).map(Some),
            Fit::Saturated(_) => value.map(|_| None),
        };
        match interval {
            Ok(interval) => row.interval95 = interval,
            Err(error) => row.cautions.push(Caution::NoValue(error.to_string())),
        }
        if row.interval95.is_some_and(|(lower, _)| lower <= 0.0) {
            row.cautions.push(Caution::CutAtZero);
        }
        row
    }

    /// The fit is of the family, and its numbers are possible.
    fn check(&self) -> Result<()> {
        let place = format!("the comparison of the {} curve", self.family);
        if let Some(other) = self.fit().map(|fit| *fit.curve().family())
            && other != self.family
        {
            let message = format!("{place} holds a fit of the {other} curve");
            return Err(Error::mismatch(message));
        }
        let (lower, upper) = self.interval95.unwrap_or((0.0, 0.0));
        let interval = format!("{lower} to {upper}");
        let (ordered, allowed) = (
            0.0 <= lower && lower <= upper,
            "two numbers in order, not negative",
        );
        let place = Place(&place);
        place.not_negative("the value", self.value.unwrap_or(0.0))?;
        place.check(ordered, "the interval", interval, allowed)?;
        place.share("the Akaike weight", self.weight.unwrap_or(0.0))
    }

    /// The curve.
    #[must_use]
    pub const fn family(&self) -> Family {
        self.family
    }

    /// The fit, where there is one.
    #[must_use]
    pub const fn fit(&self) -> Option<&Fit<Family>> {
        match &self.outcome {
            Outcome::Fitted(fit) => Some(fit),
            _ => None,
        }
    }

    /// The fit, where it is identified.
    #[must_use]
    pub fn identified(&self) -> Option<&IdentifiedFit<Family>> {
        self.fit()?.identified()
    }

    /// Why there is no fit, where there is none.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        match &self.outcome {
            Outcome::Fitted(_) => None,
            Outcome::Underdetermined(reason) | Outcome::Failed(reason) => Some(reason),
        }
    }

    /// `"identified"`, `"saturated"`, `"underdetermined"`, or `"none"` where the fit failed.
    #[must_use]
    pub const fn identification(&self) -> &'static str {
        match &self.outcome {
            Outcome::Fitted(fit) => fit.identification(),
            Outcome::Underdetermined(_) => "underdetermined",
            Outcome::Failed(_) => "none",
        }
    }

    /// What a reader has to know.
    #[must_use]
    pub fn cautions(&self) -> &[Caution] {
        &self.cautions
    }

    /// New cases in the year of the comparison; `None` where the curve has no value.
    #[must_use]
    pub const fn value(&self) -> Option<f64> {
        self.value
    }

    /// The 95 % confidence interval of the curve in that year; `None` without degrees of freedom.
    #[must_use]
    pub const fn interval95(&self) -> Option<(f64, f64)> {
        self.interval95
    }

    /// The Akaike weight among the curves that have an `AICc`: Burnham & Anderson (2002), *Model
    /// Selection and Multimodel Inference*, section 2.9.
    ///
    /// `None` where the criterion does not hold: a fit at the border of its domain or at a hinge, whose parameters are
    /// not free; a curve that is the same as a nested one that is compared too (a curve with a ceiling at its limit is
    /// the exponential curve), which counts once; a fit that is not the best of its family. `None` for all where a
    /// curve meets every figure to rounding: no finite criterion stands for that.
    #[must_use]
    pub const fn weight(&self) -> Option<f64> {
        self.weight
    }

    /// The criterion of a fit that is an optimum inside its own family, and no other curve's.
    fn criterion(&self) -> Option<f64> {
        let own = !self.cautions.iter().any(Caution::takes_no_weight);
        self.identified().filter(|_| own)?.aicc()
    }
}

impl IdentifiedFit<Family> {
    /// The maximum that can be compared with that of nested models: without priors and held parameters.
    fn plain_log_likelihood(&self) -> Option<f64> {
        let plain = self.options().priors.is_empty();
        self.log_likelihood().filter(|_| plain)
    }

    /// Whether two fits are one curve at all figures.
    fn is_same_as(&self, other: &Self) -> bool {
        let mut pairs = self.fitted_values.iter().zip(&other.fitted_values);
        pairs.all(|(a, b)| (a - b).abs() <= SAME * a.abs().max(b.abs()))
    }

    /// What only shows beside fits of other families: that it is that of a nested model, or worse. The exponential
    /// curve is a special case of all curves with a ceiling, the logistic and the Gompertz curve are special cases of
    /// the Richards curve.
    fn beside<'a>(&self, all: impl Iterator<Item = &'a Self>) -> [Option<Caution>; 2] {
        let nested: &[Family] = match self.curve().family() {
            Family::Logistic | Family::Gompertz => &[Family::Exponential],
            Family::Richards => &[Family::Exponential, Family::Logistic, Family::Gompertz],
            _ => &[],
        };
        let nested: Vec<&Self> = all
            .filter(|other| nested.contains(other.curve().family()))
            .collect();
        let same = nested.iter().find(|other| self.is_same_as(other));
        let same = same.filter(|_| !self.curve().has_no_ceiling());
        let own = self.plain_log_likelihood().unwrap_or(f64::INFINITY);
        let better = nested
            .iter()
            .filter_map(|other| Some((other, other.plain_log_likelihood()?)));
        let better = better.filter(|(_, other)| own < other - 1e-6 * other.abs().max(1.0));
        let best = better.max_by(|a, b| a.1.total_cmp(&b.1));
        [
            same.map(|same| Caution::SameAsNested(*same.curve().family())),
            best.map(|(best, _)| Caution::NestedModelFitsBetter(*best.curve().family())),
        ]
    }
}

/// Why fits of several families to one series take no weight of their own beside each other, in their order; `None` where
/// one does. The rule is that of [`Compared::weight`]; a curve through as many figures as it has parameters takes none
/// where it has no ceiling or is a hinge.
pub(crate) fn without_weight(fits: &[&Fit<Family>]) -> Vec<Option<Caution>> {
    let all = || fits.iter().filter_map(|fit| fit.identified());
    let why = |fit: &&Fit<Family>| {
        let hinge = fit.curve().is_hinge().then_some(Caution::Hinge);
        match fit.identified() {
            None => fit.curve().no_ceiling().or(hinge),
            Some(fit) => {
                let [same, worse] = fit.beside(all());
                hinge.or_else(|| fit.border()).or(same).or(worse)
            }
        }
    };
    fits.iter().map(why).collect()
}

/// The relative distance within which two curves are one.
const SAME: f64 = 1e-6;

/// Says so where a curve fits worse than one of its nested models, or is one.
fn doubt(curves: &mut [Compared]) {
    let all = || curves.iter().filter_map(Compared::identified);
    let beside = |curve: &Compared| curve.identified().map(|fit| fit.beside(all()));
    let doubts: Vec<_> = curves.iter().map(beside).collect();
    for (curve, doubts) in curves.iter_mut().zip(doubts) {
        let doubts = doubts.into_iter().flatten().flatten();
        curve.cautions.extend(doubts);
    }
}

/// Akaike weights of the curves that have a criterion.
fn weigh(curves: &mut [Compared]) {
    let mut fits = curves.iter().filter_map(Compared::identified);
    if fits.any(IdentifiedFit::is_perfect) {
        return;
    }
    let criteria: Vec<Option<f64>> = curves.iter().map(Compared::criterion).collect();
    let Some(least) = criteria.iter().flatten().copied().min_by(f64::total_cmp) else {
        return;
    };
    let evidence = |aicc: f64| (-0.5 * (aicc - least)).exp();
    let total: f64 = criteria.iter().flatten().map(|&aicc| evidence(aicc)).sum();
    for (curve, aicc) in curves.iter_mut().zip(criteria) {
        curve.weight = aicc.map(|aicc| evidence(aicc) / total);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::figures;

    /// No fit that the estimator lets pass is worse than a nested one, so one is moved off its optimum.
    #[test]
    fn a_fit_worse_than_a_nested_one_is_doubted_and_has_no_weight() {
        let usa = IncidenceSeries::from_figures(figures::registered(), "United States").unwrap();
        let usa = usa.without_marks();
        let families = [Family::Exponential, Family::Logistic, Family::Gompertz];
        let mut curves = compare(&families, &usa, &FitOptions::default(), 2040).curves;
        assert!(curves.iter().all(|curve| curve.weight.is_some()));
        let mut stored = serde_json::to_value(&curves[1]).unwrap();
        let theta = "/outcome/fitted/identified/theta/0";
        let level = stored
            .pointer_mut(theta)
            .expect("the logarithm of the level");
        *level = json!(level.as_f64().unwrap() + 0.2);
        curves[1] = serde_json::from_value(stored).unwrap();

        let curves = judged(curves);
        let doubted = Caution::NestedModelFitsBetter(Family::Exponential);
        assert!(curves[1].cautions.contains(&doubted));
        assert!(!curves[2].cautions.contains(&doubted));
        assert!(curves[2].weight.is_some_and(|weight| weight > 0.9));
        assert_eq!(curves[1].weight, None);
    }
}
