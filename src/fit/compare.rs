//! Several curves on one series, side by side.

use super::{Caution, Fit, FitOptions, IdentifiedFit, Likelihood, fit};
use crate::curve::Family;
use crate::error::{ErrorKind, Result};
use crate::series::IncidenceSeries;

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
    /// ceiling at its limit is the exponential curve) count once. `None` for all where a curve meets
    /// every figure to rounding: no finite criterion stands for that.
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
            let (mut cautions, mut interval95, mut value) = (Vec::new(), None, None);
            let year = f64::from(to);
            if let Ok(Fit::Identified(fit)) = &fitted {
                cautions = fit.cautions();
                match fit.confidence_interval(year, 0.95) {
                    Ok(interval) => interval95 = Some(interval),
                    Err(error) => cautions.push(Caution::NoValue(error.to_string())),
                }
                if interval95.is_some_and(|(lower, _)| lower <= 0.0) {
                    cautions.push(Caution::CutAtZero);
                }
            }
            if let Ok(fit) = &fitted {
                match fit.curve().cases(year) {
                    Ok(cases) => value = Some(cases),
                    Err(error) if matches!(fit, Fit::Saturated(_)) => {
                        cautions.push(Caution::NoValue(error.to_string()));
                    }
                    Err(_) => {}
                }
            }
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
    doubt(&mut all);
    weigh(&mut all);
    all
}

/// Says so where a curve fits worse than one that it holds: the exponential curve is in all curves with a
/// ceiling, the logistic and the Gompertz curve are Richards curves.
fn doubt(all: &mut [Compared]) {
    let log_likelihood = |compared: &Compared| {
        let fit = compared.identified()?;
        let plain = fit.options.priors.is_empty() && fit.options.fixed.is_empty();
        fit.log_likelihood().filter(|_| plain)
    };
    let found: Vec<(Family, f64)> = all
        .iter()
        .filter_map(|compared| Some((compared.family, log_likelihood(compared)?)))
        .collect();
    for compared in all {
        let held: &[Family] = match compared.family {
            Family::Logistic | Family::Gompertz => &[Family::Exponential],
            Family::Richards => &[Family::Exponential, Family::Logistic, Family::Gompertz],
            _ => &[],
        };
        let Some(own) = log_likelihood(compared) else {
            continue;
        };
        let better = found
            .iter()
            .filter(|(family, other)| {
                held.contains(family) && own < other - 1e-6 * other.abs().max(1.0)
            })
            .max_by(|a, b| a.1.total_cmp(&b.1));
        if let Some((family, _)) = better {
            compared
                .cautions
                .push(Caution::NestedModelFitsBetter(family.name()));
        }
    }
}

/// Akaike weights of the curves that have an `AICc` and are not another curve's limit.
fn weigh(all: &mut [Compared]) {
    if all
        .iter()
        .filter_map(Compared::identified)
        .any(IdentifiedFit::is_perfect)
    {
        return;
    }
    let criterion = |compared: &Compared| match &compared.fit {
        Ok(Fit::Identified(fit)) if !fit.curve().has_no_ceiling() && !doubtful(compared) => {
            fit.aicc()
        }
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

fn doubtful(compared: &Compared) -> bool {
    let cautions = compared.cautions.iter();
    cautions
        .into_iter()
        .any(|caution| matches!(caution, Caution::NestedModelFitsBetter(_)))
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
