//! What a reader of a fit has to know.

use serde::{Deserialize, Serialize};
use statrs::distribution::{ChiSquared, ContinuousCDF};

use super::fit_report::significant;
use super::fitted_curve::FittedCurve;
use super::identified::IdentifiedFit;
use super::likelihood::Likelihood;
use super::profile_interval::Limit;
use crate::curve::{Family, GrowthCurve, Role, place};
use crate::interval_levels::LEVEL;
use crate::plain_text::printable;

/// A diagnostic of a regression: something that a reader of a fit has to know before using it.
///
/// A caution is no error: the fit stands, and its report says what to doubt. Bates & Watts (1988), *Nonlinear
/// Regression Analysis and Its Applications*, chapters 3 and 6,
/// [doi:10.1002/9780470316757](https://doi.org/10.1002/9780470316757). As text it is a phrase for a list. It comes
/// from [`IdentifiedFit::cautions`] and [`Compared::cautions`](super::Compared::cautions).
///
/// # Example
///
/// ```
/// use myeloma_epi::IncidenceSeries;
/// use myeloma_epi::curve::Family;
/// use myeloma_epi::fit::{Caution, FitOptions, Likelihood, fit};
///
/// let counts = [(2018, 100.0), (2019, 104.0), (2020, 107.0), (2021, 112.0)];
/// let series = IncidenceSeries::from_counts("Atlantis", counts)?;
/// let options = FitOptions { likelihood: Likelihood::Poisson, ..FitOptions::default() };
/// let fit = fit(Family::Exponential, &series, &options)?;
/// assert_eq!(fit.cautions(), [Caution::FewDegreesOfFreedom(2)]);
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Caution {
    /// Internal parameters at the border of their domain, by name: the true value may lie beyond, and they
    /// have no standard error. Or `cases in 2007` of a line that comes to 0 at a count of 0.
    AtBorder(Vec<String>),
    /// A curve with a ceiling was fitted at its limit without one, and capacity, rate, midpoint and
    /// shape do not exist. Without damping it is the exponential curve with this growth a year; `None` where
    /// the curve has no such parameters and its ceiling is infinite all the same.
    NoCeiling(Option<f64>),
    /// The profile of the ceiling does not close above: the data do not identify one.
    CeilingNotIdentified,
    /// The profile of the ceiling could not be followed, and why: how well it is identified is not known.
    ProfileNotFollowed(String),
    /// The growth stops within a year or two: a curve with a large shape or damping is a hinge, and
    /// its ceiling is the level of the last figures.
    Hinge,
    /// A likelihood of counts was given a figure that is none, with its year: what a rate or an average scatters
    /// depends on its unit.
    NotWhole {
        /// The year.
        year: i32,
        /// The figure.
        cases: f64,
    },
    /// The counts scatter less than counts can (Pearson's χ² is below the 0.1 % point of its distribution): χ² per
    /// degree of freedom. They may be rates, or smoothed by a model. If they are counts, an interval that rests on
    /// their scatter (log-normal, Gaussian, quasi-Poisson) is too narrow.
    Underdispersed(#[serde(with = "crate::numeric::real")] f64),
    /// The counts scatter more than the likelihood allows (Pearson's χ² is beyond the 99.9 % point of its
    /// distribution): χ² per degree of freedom.
    Overdispersed(#[serde(with = "crate::numeric::real")] f64),
    /// Figures state errors, and this likelihood, which has its own, does not use them.
    StatedErrorsNotUsed,
    /// The curve meets every figure to rounding: there is no scatter to estimate anything from, and
    /// no information criterion.
    PerfectFit,
    /// Fewer than five degrees of freedom.
    FewDegreesOfFreedom(usize),
    /// The estimates are so strongly correlated that small changes of the data move them far: the
    /// condition number of the scaled design.
    IllConditioned(f64),
    /// The curve's own starting guess failed; the optimum was reached from another start.
    RescuedStart,
    /// Only one starting point led to the optimum; the other ended elsewhere or failed.
    StartsDisagree,
    /// One count lies far from the trend of the others, and may determine the fit.
    OutlyingCount {
        /// Its year.
        year: i32,
        /// The count.
        cases: f64,
        /// The count over the trend of all counts in its year.
        ratio: f64,
    },
    /// The confidence interval in the year that was asked for reaches below zero on the scale of the
    /// likelihood. New cases are not negative: it is cut at 0.
    CutAtZero,
    /// A nested model, a special case of this curve, fits better: this is not the best fit of its family.
    NestedModelFitsBetter(Family),
    /// The fit is that of a nested model, a special case of this curve, which is compared too: it has no weight of
    /// its own.
    SameAsNested(Family),
    /// The curve has no value in the year that was asked for, or its interval none, and why.
    NoValue(String),
}

impl Caution {
    /// Whether a fit of which this is said is no optimum inside its own family, or is another curve's.
    pub(super) const fn takes_no_weight(&self) -> bool {
        matches!(
            self,
            Self::AtBorder(_)
                | Self::NoCeiling(_)
                | Self::Hinge
                | Self::NestedModelFitsBetter(_)
                | Self::SameAsNested(_)
        )
    }
}

impl std::fmt::Display for Caution {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::AtBorder(names) => write!(
                f,
                "at the border of what is allowed: {}; the true value may lie beyond",
                printable(&names.join(", "))
            ),
            Self::NoCeiling(None) => f.write_str("no ceiling: its natural parameters do not exist"),
            Self::NoCeiling(Some(growth)) => write!(
                f,
                "no ceiling: it is the exponential curve, {:.2} % a year, and its capacity, rate, midpoint \
                 and shape do not exist",
                // No growth is not written with a minus sign.
                (1e4 * growth).round() / 1e2 + 0.0
            ),
            Self::CeilingNotIdentified => f.write_str("the data do not identify a ceiling"),
            Self::ProfileNotFollowed(reason) => write!(
                f,
                "how well the ceiling is identified is not known: {}",
                printable(reason)
            ),
            Self::Hinge => f.write_str(
                "growth stops within two years, like a hinge: do not use this fit for a projection",
            ),
            Self::Overdispersed(dispersion) => {
                f.write_str("overdispersed: the scatter is ")?;
                if *dispersion < 1e6 {
                    write!(f, "{dispersion:.1}")?;
                } else {
                    write!(f, "{dispersion:.0e}")?;
                }
                f.write_str(" times what the likelihood allows")
            }
            Self::NotWhole { year, cases } => write!(
                f,
                "{cases} in {year} is not a whole number, and under a likelihood of counts the errors depend on the \
                 unit: give counts, or use the log-normal likelihood"
            ),
            Self::Underdispersed(dispersion) => write!(
                f,
                "underdispersed: the scatter is {dispersion:.2} times that of counts; these may be rates or modelled \
                 figures, and if they are counts, intervals from so little scatter are too narrow: take the Poisson \
                 likelihood"
            ),
            Self::StatedErrorsNotUsed => f.write_str(
                "the stated errors of the figures are not used by this fit, as its likelihood has errors of its own: the log-normal one takes them",
            ),
            Self::PerfectFit => f.write_str("meets every figure: no scatter to judge it by"),
            Self::FewDegreesOfFreedom(1) => f.write_str("only 1 degree of freedom"),
            Self::FewDegreesOfFreedom(dof) => write!(f, "only {dof} degrees of freedom"),
            Self::IllConditioned(condition) => write!(f, "ill-conditioned ({condition:.0e})"),
            Self::RescuedStart => {
                f.write_str("found from another start, since the curve's own starting guess failed")
            }
            Self::StartsDisagree => f.write_str("only one of the starts led to this optimum"),
            Self::OutlyingCount { year, cases, ratio } => {
                let plain = *cases == 0.0 || (1e-3..1e15).contains(cases);
                let cases = if plain {
                    cases.to_string()
                } else {
                    format!("{cases:e}")
                };
                let ratio = significant(*ratio, 3);
                write!(
                    f,
                    "the figure of {year}, {cases}, is {ratio} times what the trend of all suggests"
                )
            }
            Self::CutAtZero => {
                f.write_str("its interval is cut at 0, since cases are not negative")
            }
            Self::NestedModelFitsBetter(nested) => write!(
                f,
                "not the best fit: the {nested} curve is a special case of this one and fits better"
            ),
            Self::SameAsNested(nested) => write!(
                f,
                "the same as the {nested} curve, which is a special case of it: it has no weight of its own"
            ),
            Self::NoValue(reason) => {
                write!(f, "no value or interval: {}", printable(reason))
            }
        }
    }
}

impl<C: GrowthCurve> IdentifiedFit<C> {
    /// What a reader has to know of this fit. Profiles the ceiling of a curve that has one.
    #[must_use]
    pub fn cautions(&self) -> Vec<Caution> {
        let degrees = self.degrees_of_freedom();
        let when = |condition: bool, caution: Caution| condition.then_some(caution);
        let start = if self.optimum.rescued {
            Some(Caution::RescuedStart)
        } else {
            when(self.agreeing_starts() < 2, Caution::StartsDisagree)
        };
        let condition = self.condition();
        [
            self.border(),
            when(self.curve().is_hinge(), Caution::Hinge),
            self.doubt_about_ceiling(),
            self.overdispersion(),
            self.doubt_about_wholeness(),
            self.underdispersion(),
            when(self.ignores_errors(), Caution::StatedErrorsNotUsed),
            when(self.is_perfect(), Caution::PerfectFit),
            when(degrees < 5, Caution::FewDegreesOfFreedom(degrees)),
            when(condition > 1e5, Caution::IllConditioned(condition)),
            start,
            self.basis.figures.outlier(self.likelihood()),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// The limit without a ceiling, or any other border of the domain.
    pub(super) fn border(&self) -> Option<Caution> {
        let parameters = self.curve().family().parameters();
        let no_ceiling = self.curve().no_ceiling();
        if no_ceiling.is_some() {
            return no_ceiling;
        }
        let held = parameters.iter().enumerate();
        let held = held.filter(|(j, _)| self.optimum.holds(*j));
        let mut border: Vec<String> = held.map(|(_, of)| of.name.to_string()).collect();
        let zero = self.comes_to_zero();
        border.extend(zero.map(|(i, _)| format!("cases in {}", self.basis.figures.years[i])));
        (!border.is_empty()).then_some(Caution::AtBorder(border))
    }

    fn doubt_about_ceiling(&self) -> Option<Caution> {
        if self.curve().has_no_ceiling() {
            return Some(Caution::CeilingNotIdentified);
        }
        let natural = self.curve().family().natural_parameters();
        let ceiling = place(natural, Role::Ceiling).filter(|_| !self.is_perfect())?;
        match self.profile_interval(&natural[ceiling].name, LEVEL) {
            Ok(profile) => {
                (profile.upper == Limit::Unbounded).then_some(Caution::CeilingNotIdentified)
            }
            Err(error) => Some(Caution::ProfileNotFollowed(error.to_string())),
        }
    }

    /// A likelihood of counts of what may be none.
    fn doubt_about_wholeness(&self) -> Option<Caution> {
        let figures = &self.basis.figures;
        let mut points = figures.points.iter().zip(&figures.years);
        let counts = self.likelihood().is_of_counts();
        let (point, &year) = points.find(|(p, _)| counts && p.cases.fract() != 0.0)?;
        let cases = point.cases;
        Some(Caution::NotWhole { year, cases })
    }

    /// Less scatter than counts have. A variance that is estimated does not hide that there is none.
    fn underdispersion(&self) -> Option<Caution> {
        let pearson = if self.likelihood().is_of_counts() {
            self.residual_sum_of_squares()
        } else if self.basis.figures.are_counts && self.estimates_variance() {
            let of = |(i, (cases, mean)): (usize, (f64, f64))| {
                self.weight(i) * (cases - mean) * ((cases - mean) / mean)
            };
            // A line may fall below 0, where no count has a mean.
            let positive = self.fitted_values.iter().all(|mean| *mean > 0.0);
            positive.then(|| self.pairs().enumerate().map(of).sum())?
        } else {
            return None;
        };
        let degrees = self.degrees_of_freedom() as f64;
        let smooth = pearson < self.chi_squared(0.001)? && !self.is_perfect();
        smooth.then_some(Caution::Underdispersed(pearson / degrees))
    }

    /// Errors that are no more than those that the likelihood gives counts are used by it.
    fn ignores_errors(&self) -> bool {
        let figures = &self.basis.figures;
        let mut errors = figures.points.iter().zip(&figures.errors);
        self.likelihood() != Likelihood::LogNormal
            && errors.any(|(point, &error)| {
                let counting = point.cases.max(1.0).sqrt().recip();
                let is_counting = (error / counting - 1.0).abs() <= 1e-9;
                error > 0.0 && !(self.likelihood().is_of_counts() && is_counting)
            })
    }

    /// More scatter than the likelihood allows.
    pub(crate) fn overdispersion(&self) -> Option<Caution> {
        let rough = !self.estimates_variance()
            && self.residual_sum_of_squares() > self.chi_squared(0.999)?;
        let dispersion = self.dispersion().filter(|_| rough)?;
        Some(Caution::Overdispersed(dispersion))
    }

    /// A quantile of Pearson's χ².
    fn chi_squared(&self, probability: f64) -> Option<f64> {
        let chi_squared = ChiSquared::new(self.degrees_of_freedom() as f64).ok()?;
        Some(chi_squared.inverse_cdf(probability))
    }
}

impl<C: GrowthCurve> FittedCurve<C> {
    /// That a curve with a ceiling was fitted at its limit without one.
    pub(super) fn no_ceiling(&self) -> Option<Caution> {
        let (parameters, theta) = (self.family().parameters(), self.theta());
        let undamped = place(parameters, Role::Damping).filter(|&j| theta[j] <= 0.0);
        let growth = undamped.and(place(parameters, Role::Rate));
        self.has_no_ceiling()
            .then(|| Caution::NoCeiling(growth.map(|j| theta[j])))
    }

    pub(super) fn is_hinge(&self) -> bool {
        let natural = self.family().natural_parameters();
        let value = |role| place(natural, role).and_then(|i| self.existing_values()[i]);
        let (rate, ceiling) = (value(Role::Rate), value(Role::Ceiling));
        // Growth ends within about 1/(rate·shape) years; with a shape below 1 the rate alone tells when.
        let shape = value(Role::Shape).unwrap_or(1.0).max(1.0);
        rate.zip(ceiling)
            .is_some_and(|(rate, _)| rate * shape > 1.0)
    }
}
