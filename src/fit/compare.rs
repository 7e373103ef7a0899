//! Several curves on one series, side by side.

use super::profile::Limit;
use super::{Fit, FitOptions, IdentifiedFit, Likelihood, fit};
use crate::curve::{Family, GrowthCurve};
use crate::error::{ErrorKind, Result};
use crate::series::IncidenceSeries;

/// Something that a reader of a fit has to know.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Caution {
    /// Parameters at the border of their domain, by their inner names: their true value may lie
    /// beyond, and they have no standard error.
    AtBorder(Vec<&'static str>),
    /// The profile of the ceiling does not close above: the data do not identify one.
    CeilingNotIdentified,
    /// The profile of the ceiling could not be followed: how well it is identified is not known.
    ProfileNotFollowed,
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
}

impl std::fmt::Display for Caution {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::AtBorder(names) => write!(f, "at the border of the domain: {}", names.join(", ")),
            Self::CeilingNotIdentified => f.write_str("the data do not identify a ceiling"),
            Self::ProfileNotFollowed => {
                f.write_str("the profile of the ceiling could not be followed")
            }
            Self::Hinge => f.write_str("a hinge: growth stops within two years"),
            Self::Overdispersed(dispersion) => {
                write!(
                    f,
                    "overdispersed: the scatter is {dispersion:.1} times what the likelihood allows"
                )
            }
            Self::PerfectFit => f.write_str("meets every figure: no scatter to judge it by"),
            Self::FewDegreesOfFreedom(dof) => write!(f, "only {dof} degrees of freedom"),
            Self::IllConditioned(condition) => write!(f, "ill-conditioned ({condition:.0e})"),
            Self::RescuedStart => f.write_str("fitted from another start than the curve's guess"),
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
        if !border.is_empty() {
            cautions.push(Caution::AtBorder(border));
        }
        if let (Some(rate), Some(capacity)) = (self.parameter("rate"), self.parameter("capacity")) {
            // Without a ceiling the curve is the exponential curve, whatever its shape says.
            let sharpness = rate * self.parameter("shape").unwrap_or(1.0).max(1.0);
            if capacity.is_finite() && sharpness > 1.0 {
                cautions.push(Caution::Hinge);
            }
            match self.profile_interval("capacity", 0.95) {
                Ok(profile) if profile.upper == Limit::Unbounded => {
                    cautions.push(Caution::CeilingNotIdentified);
                }
                Ok(_) => {}
                Err(_) => cautions.push(Caution::ProfileNotFollowed),
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
        if !matches!(report.origin(), super::solver::Origin::Start(_)) {
            cautions.push(Caution::RescuedStart);
        }
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
        self.curve()
            .parameters()
            .iter()
            .find(|p| p.name == name)
            .map(|p| p.value)
    }
}

/// One curve of a comparison.
#[derive(Debug)]
pub struct Compared {
    /// The curve.
    pub family: Family,
    /// The fit, or why there is none.
    pub fit: Result<Fit<Family>>,
    /// What a reader has to know.
    pub cautions: Vec<Caution>,
    /// The value in the last year.
    pub value: Option<f64>,
    /// The 95 % confidence interval of the curve there; `None` without degrees of freedom.
    pub interval95: Option<(f64, f64)>,
    /// The Akaike weight among the curves that have an `AICc`: Burnham & Anderson (2002), *Model
    /// Selection and Multimodel Inference*, section 2.9. Curves that are the same fit (a curve with a
    /// ceiling at its limit is the exponential curve) count once.
    pub weight: Option<f64>,
}

/// Fits curves to one series and puts them side by side, with the value in year `to`.
///
/// A curve that cannot be fitted stays in the list with the reason. All have the likelihood of the
/// options, so that their information criteria can be compared.
#[must_use]
pub fn compare(
    families: &[Family],
    series: &IncidenceSeries,
    options: &FitOptions,
    to: i32,
) -> Vec<Compared> {
    let mut all: Vec<Compared> = families
        .iter()
        .map(|&family| {
            let fitted = fit(family, series, options);
            let (mut cautions, mut interval95) = (Vec::new(), None);
            if let Ok(Fit::Identified(fit)) = &fitted {
                cautions = fit.cautions();
                interval95 = fit.confidence_interval(f64::from(to), 0.95).ok();
            }
            let value = fitted
                .as_ref()
                .ok()
                .and_then(|fit| fit.curve().cases(f64::from(to)).ok());
            Compared {
                family,
                fit: fitted,
                cautions,
                value,
                interval95,
                weight: None,
            }
        })
        .collect();
    weigh(&mut all);
    all
}

/// Akaike weights of the curves that have an `AICc` and are not another curve's limit.
fn weigh(all: &mut [Compared]) {
    let criterion = |compared: &Compared| match &compared.fit {
        Ok(Fit::Identified(fit)) if !without_ceiling(fit) => fit.aicc(),
        _ => None,
    };
    let criteria: Vec<Option<f64>> = all.iter().map(criterion).collect();
    let Some(least) = criteria.iter().flatten().copied().min_by(f64::total_cmp) else {
        return;
    };
    let evidence = |aicc: f64| (-0.5 * (aicc - least)).exp();
    let total: f64 = criteria.iter().flatten().map(|&aicc| evidence(aicc)).sum();
    for (compared, aicc) in all.iter_mut().zip(criteria) {
        compared.weight = aicc.map(|aicc| evidence(aicc) / total);
    }
}

/// Whether a curve with a ceiling was fitted without one.
fn without_ceiling(fit: &IdentifiedFit<Family>) -> bool {
    let curve = fit.curve();
    let damping = curve
        .family()
        .parameters()
        .iter()
        .position(|p| p.name == "damping");
    damping.is_some_and(|j| curve.theta()[j] <= 0.0)
}

impl Compared {
    /// `"identified"`, `"saturated"`, `"underdetermined"`, or `"none"` where the fit failed.
    #[must_use]
    pub fn identification(&self) -> &'static str {
        match &self.fit {
            Ok(fit) => fit.identification(),
            Err(error) if matches!(error.kind(), ErrorKind::Underdetermined { .. }) => {
                "underdetermined"
            }
            Err(_) => "none",
        }
    }

    /// The identified fit, if it is one.
    #[must_use]
    pub const fn identified(&self) -> Option<&IdentifiedFit<Family>> {
        match &self.fit {
            Ok(Fit::Identified(fit)) => Some(fit),
            _ => None,
        }
    }

    /// The likelihood, for a heading.
    #[must_use]
    pub fn likelihood(&self) -> Option<Likelihood> {
        self.identified().map(IdentifiedFit::likelihood)
    }
}
