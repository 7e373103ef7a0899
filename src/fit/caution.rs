//! What a reader of a fit has to know.

use super::outlier::Outlier;
use super::profile::Limit;
use super::{IdentifiedFit, optimiser};
use crate::curve::GrowthCurve;

/// Something that a reader of a fit has to know.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Caution {
    /// Parameters at the border of their domain, by their inner names: their true value may lie
    /// beyond, and they have no standard error.
    AtBorder(Vec<&'static str>),
    /// A curve with a ceiling was fitted at its limit without one: it is the exponential curve with this
    /// growth at its first year, and capacity, rate, midpoint and shape do not exist.
    NoCeiling(f64),
    /// The profile of the ceiling does not close above: the data do not identify one.
    CeilingNotIdentified,
    /// The profile of the ceiling could not be followed, and why: how well it is identified is not known.
    ProfileNotFollowed(String),
    /// The growth stops within a year or two: a curve with a large shape or damping is a hinge, and
    /// its ceiling is the level of the last figures.
    Hinge,
    /// The counts scatter more than the likelihood allows: Pearson's χ² per degree of freedom.
    Overdispersed(f64),
    /// The curve meets every figure to rounding: there is no scatter to estimate anything from, and
    /// no information criterion.
    PerfectFit,
    /// Fewer than five degrees of freedom.
    FewDegreesOfFreedom(usize),
    /// The estimates are so strongly correlated that small changes of the data move them far: the
    /// condition number of the scaled design.
    IllConditioned(f64),
    /// The curve's own starting guess failed; the minimum was reached from another start.
    RescuedStart,
    /// Only one starting point led to the minimum; the other ended elsewhere or failed.
    StartsDisagree,
    /// One figure lies far from the trend of the others, and may rule the fit.
    OutlyingCount(Outlier),
    /// The confidence interval in the year that was asked for reaches below zero on the scale of the
    /// likelihood. New cases are not negative: it is cut at 0.
    CutAtZero,
    /// A curve that this one holds as a special case fits better: this is not the best fit.
    NestedModelFitsBetter(&'static str),
    /// The curve has no value in the year that was asked for, or its interval none, and why.
    NoValue(String),
}

impl std::fmt::Display for Caution {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::AtBorder(names) => write!(f, "at the border of the domain: {}", names.join(", ")),
            Self::CeilingNotIdentified => f.write_str("the data do not identify a ceiling"),
            Self::NoCeiling(growth) => write!(
                f,
                "no ceiling: it is the exponential curve, {:.2} % a year, and its capacity, rate, midpoint \
                 and shape do not exist",
                // No growth is not written with a minus sign.
                (1e4 * growth).round() / 1e2 + 0.0
            ),
            Self::ProfileNotFollowed(reason) => {
                write!(
                    f,
                    "how well the ceiling is identified is not known: {reason}"
                )
            }
            Self::Hinge => f.write_str("a hinge: growth stops within two years"),
            Self::Overdispersed(dispersion) => {
                let times = if *dispersion < 1e6 {
                    format!("{dispersion:.1}")
                } else {
                    format!("{dispersion:.0e}")
                };
                write!(
                    f,
                    "overdispersed: the scatter is {times} times what the likelihood allows"
                )
            }
            Self::PerfectFit => f.write_str("meets every figure: no scatter to judge it by"),
            Self::FewDegreesOfFreedom(dof) => write!(f, "only {dof} degrees of freedom"),
            Self::IllConditioned(condition) => write!(f, "ill-conditioned ({condition:.0e})"),
            Self::RescuedStart => f.write_str("fitted from another start than the curve's guess"),
            Self::StartsDisagree => f.write_str("only one of the starts led to this minimum"),
            Self::OutlyingCount(outlier) => write!(f, "{outlier}"),
            Self::NestedModelFitsBetter(held) => write!(
                f,
                "not the best fit: the {held} curve is one of this family and fits better"
            ),
            Self::NoValue(reason) => write!(f, "no value or interval: {reason}"),
            Self::CutAtZero => {
                f.write_str("its interval is cut at 0, since cases are not negative")
            }
        }
    }
}

impl<C: GrowthCurve> IdentifiedFit<C> {
    /// What a reader has to know of this fit. Profiles the capacity of a curve that has one.
    #[must_use]
    pub fn cautions(&self) -> Vec<Caution> {
        let mut cautions = Vec::new();
        let family = self.curve().family();
        let report = self.solver_report();
        let fixed = |name: &str| self.options.fixed.iter().any(|(fixed, _)| fixed == name);
        let border: Vec<&'static str> = report
            .active_bounds()
            .iter()
            .map(|j| family.parameters()[j].name)
            .filter(|name| !fixed(name))
            .collect();
        let undamped = self.curve().has_no_ceiling();
        if undamped {
            let growth = family.parameters().iter().position(|p| p.name == "growth");
            let growth = growth.map_or(f64::NAN, |j| self.curve().theta()[j]);
            cautions.push(Caution::NoCeiling(growth));
        } else if !border.is_empty() {
            cautions.push(Caution::AtBorder(border));
        }
        if let (Some(rate), Some(_)) = (self.parameter("rate"), self.parameter("capacity")) {
            let sharpness = rate * self.parameter("shape").unwrap_or(1.0).max(1.0);
            if sharpness > 1.0 {
                cautions.push(Caution::Hinge);
            }
        }
        if undamped {
            cautions.push(Caution::CeilingNotIdentified);
        } else if self.parameter("capacity").is_some() && !self.is_perfect() {
            match self.profile_interval("capacity", 0.95) {
                Ok(profile) if profile.upper == Limit::Unbounded => {
                    cautions.push(Caution::CeilingNotIdentified);
                }
                Ok(_) => {}
                Err(error) => cautions.push(Caution::ProfileNotFollowed(error.to_string())),
            }
        }
        let expects_one = !self.variance_estimated;
        if let Some(dispersion) = self.dispersion()
            && expects_one
            && self.scatters_too_much()
        {
            cautions.push(Caution::Overdispersed(dispersion));
        }
        if self.is_perfect() {
            cautions.push(Caution::PerfectFit);
        }
        if self.degrees_of_freedom() < 5 {
            cautions.push(Caution::FewDegreesOfFreedom(self.degrees_of_freedom()));
        }
        if report.condition() > 1e5 {
            cautions.push(Caution::IllConditioned(report.condition()));
        }
        if !matches!(report.origin(), optimiser::Origin::Start(_)) {
            cautions.push(Caution::RescuedStart);
        } else if report.agreeing_starts() < 2 {
            cautions.push(Caution::StartsDisagree);
        }
        cautions.extend(self.figures.outlier().map(Caution::OutlyingCount));
        cautions
    }

    /// Whether Pearson's χ² is beyond the 99.9 % point of its distribution.
    fn scatters_too_much(&self) -> bool {
        use statrs::distribution::{ChiSquared, ContinuousCDF};
        let dof = self.degrees_of_freedom() as f64;
        ChiSquared::new(dof)
            .is_ok_and(|chi| self.residual_sum_of_squares() > chi.inverse_cdf(0.999))
    }

    fn parameter(&self, name: &str) -> Option<f64> {
        self.curve().parameter(name)
    }
}
