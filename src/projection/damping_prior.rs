//! Curves whose damping is shrunk towards that of a reference region.

use ndarray::{Array2, Axis};
use rand_distr::{Distribution, StandardNormal};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::curve_draws::fill_years;
use super::error_model::{Exact, Perturbation};
use super::error_of_a_figure::FigureErrors;
use super::{Projection, ProjectionOptions, Shape};
use crate::curve::{Family, GrowthCurve};
use crate::draws::{YearlyDraws, check_shape};
use crate::error::{Error, Result};
use crate::fit::{FitFigures, FitOptions, PublishedProjectionUse};
use crate::numeric::root::root;
use crate::random::BLOCK;
use crate::series::IncidenceSeries;

/// The **prior distribution of the damping** of a region's growth, given that of a reference region.
///
/// Two figures determine level and growth of a curve. The damping κ, the rate at which growth itself declines, they
/// do not; a logistic or Gompertz curve takes it from a reference region whose figures determine it.
///
/// # Definition
///
/// ```text
/// ln κ(region) = ln κ(reference) + z,   z ~ N(0, spread²), one number a draw
/// ```
///
/// κ is per year, at least 0. [`DampingPrior::Full`] is a spread of 0. In files: `"none"`, `"full"`, or
/// `{"partial": {"spread": 0.5}}`.
///
/// # Example
///
/// ```
/// use myeloma_epi::projection::DampingPrior;
///
/// // The default: one standard deviation is a factor of two.
/// let DampingPrior::Partial { spread } = DampingPrior::default() else { panic!("not partial") };
/// assert!((spread.exp() - 2.0).abs() < 1e-12);
/// let prior: DampingPrior = serde_json::from_str(r#"{"partial": {"spread": 0.5}}"#)?;
/// assert_eq!(prior, DampingPrior::Partial { spread: 0.5 });
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum DampingPrior {
    /// Nothing is known: the curve is not identified.
    None,
    /// The damping is that of the reference region up to a log-normal factor.
    Partial {
        /// The standard deviation of ln κ between regions, above 0 and at most 3. With ln 2 = 0.69, two
        /// regions of three have between half and twice the damping of the reference.
        spread: f64,
    },
    /// The damping is that of the reference region.
    Full,
}

impl Default for DampingPrior {
    /// Partial, with a spread of ln 2: **an assumption**, as no data on κ by region are at hand.
    fn default() -> Self {
        Self::Partial {
            spread: std::f64::consts::LN_2,
        }
    }
}

pub(super) fn project(
    family: Family,
    series: &IncidenceSeries,
    (reference, reference_series): (&Projection, &IncidenceSeries),
    prior: DampingPrior,
    options: &ProjectionOptions,
    exact: Exact,
) -> Result<Projection> {
    let (from, years) = options.years(series)?;
    let spread = spread(prior, series.region())?;
    let used: Vec<_> = series.unmarked().copied().collect();
    let &[first, last] = used.as_slice() else {
        return Err(Error::unsuitable(format!(
            "{} has {} observations: its damping is taken from a reference region where there are two",
            series.region(),
            used.len()
        )));
    };
    if !can_share_damping(family)
        || reference.curves != [family.name()]
        || reference.shapes.len() != options.draws
    {
        return Err(Error::unsuitable(format!(
            "the damping of a {family} curve of {} cannot be that of {} draws of {} in {}: what is \
             needed is {} draws of the same curve, logistic or gompertz",
            series.region(),
            reference.shapes.len(),
            reference.curves.join(", "),
            reference.region,
            options.draws
        )));
    }
    check_shape(years, options.draws)?;
    let fit = FitOptions {
        published_projection: options.fit.published_projection,
        ..FitOptions::default()
    };
    if options.fit != fit {
        return Err(Error::unsuitable(format!(
            "likelihood, weights or priors (fit) of {}: a curve through two figures with the \
             damping of a reference region is not fitted",
            series.region()
        )));
    }

    let figures = FitFigures::new(series, PublishedProjectionUse::Ignore)?;
    series.check_logarithms("a projection by perturbed figures")?;
    let errors = FigureErrors::of(series, &figures, &[]);
    let figures = (figures, errors);
    let perturbation =
        Perturbation::new(series, figures, options, (exact, Some(reference_series)))?;
    let stream = options.seed.stream(&format!("damping/{}", series.region()));
    let since = f64::from(first.year) - f64::from(reference_series.ends().0.year);
    let span = f64::from(last.year) - f64::from(first.year);

    let mut new_cases = Array2::zeros((years, options.draws));
    let mut replaced = vec![false; options.draws];
    let mut shapes = vec![Shape::default(); options.draws];
    new_cases
        .axis_chunks_iter_mut(Axis(1), BLOCK)
        .into_par_iter()
        .zip(replaced.par_chunks_mut(BLOCK))
        .zip(shapes.par_chunks_mut(BLOCK))
        .zip(reference.shapes.par_chunks(BLOCK))
        .enumerate()
        .try_for_each(|(block, (((mut rows, replaced), shapes), of_reference))| {
            let counts = perturbation.block(block, replaced.len());
            let [(_, first), (_, last)] = counts.as_slice() else {
                return Ok(());
            };
            let mut spreading = StandardNormal.sample_iter(stream.block(block));
            let mut thetas = Vec::with_capacity(replaced.len());
            for (draw, shape) in of_reference.iter().enumerate() {
                let z: f64 = spreading.next().unwrap_or(0.0);
                let damping = damping_after(family, *shape, since) * (spread * z).exp();
                let (damping, growth) = through(family, damping, span, last[draw] / first[draw])
                    .unwrap_or_else(|| {
                        replaced[draw] = true;
                        (0.0, (last[draw] / first[draw]).ln() / span)
                    });
                shapes[draw] = Shape { growth, damping };
                thetas.push([first[draw].ln(), growth, damping]);
            }
            let thetas = thetas.iter().map(<[f64; 3]>::as_slice);
            fill_years(&family, series, from, thetas, &mut rows, replaced)
        })?;
    Ok(Projection {
        region: series.region().to_owned(),
        curves: vec![family.name().to_owned()],
        uses_published_projection: reference.uses_published_projection,
        replaced,
        shapes,
        cautions: Vec::new(),
        new_cases: YearlyDraws::from_valid(from, new_cases),
    })
}

/// Whether damping is the only shape of a family, so that another region's determines the curve; the
/// Richards curve has an exponent besides.
pub(crate) const fn can_share_damping(family: Family) -> bool {
    matches!(family, Family::Logistic | Family::Gompertz)
}

fn spread(prior: DampingPrior, region: &str) -> Result<f64> {
    match prior {
        DampingPrior::Full => Ok(0.0),
        DampingPrior::Partial { spread } if spread > 0.0 && spread <= 3.0 => Ok(spread),
        DampingPrior::Partial { spread } => Err(Error::out_of_range(
            "the spread of the damping between regions",
            region,
            spread,
            "above 0 and at most 3",
        )),
        DampingPrior::None => Err(Error::unsuitable(format!(
            "the damping of {region} is to be that of a reference region without a prior"
        ))),
    }
}

/// The rate at which growth declines so many years after the first observation of the reference region:
/// the same at all times for the Gompertz curve, r·y(t)/K for the logistic.
fn damping_after(family: Family, shape: Shape, years: f64) -> f64 {
    let Shape { growth, damping } = shape;
    if family == Family::Gompertz || years == 0.0 || damping == 0.0 {
        return damping;
    }
    let rate = damping + growth;
    let later = rate * damping / (damping + growth * (-rate * years).exp());
    if later.is_finite() {
        // A falling logistic curve has no damping: its growth is not damped but deepened.
        later.max(0.0)
    } else {
        damping
    }
}

/// Damping and growth of the curve with this damping whose value rises by a ratio over a span of years;
/// `None` where no growth gives that ratio, and for a curve that falls: a damped fall was steeper before,
/// without limit, and years before the figures may be asked for.
///
/// The ratio rises with the growth at a fixed damping.
fn through(family: Family, damping: f64, span: f64, ratio: f64) -> Option<(f64, f64)> {
    if ratio < 1.0 && damping > 0.0 {
        return None;
    }
    let target = ratio.ln();
    let excess = |growth: f64| family.value(span, &[0.0, growth, damping]).ln() - target;
    // Without damping the growth would be this; with it, it has to be greater in size.
    let mut near = target / span;
    if excess(near).abs() <= 1e-14 {
        return Some((damping, near));
    }
    let side = excess(near).signum();
    let mut far = near;
    for _ in 0..60 {
        far = match far {
            0.0 => target.signum() * 1e-9,
            far => 2.0 * far,
        };
        if excess(far) * side <= 0.0 {
            break;
        }
        near = far;
    }
    let growth = root(excess, near, far, 0.0)?;
    (excess(growth).abs() <= 1e-9).then_some((damping, growth))
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    /// Gompertz has a closed form: growth = ln ratio/D(T; κ) with D = (1 − e^(−κT))/κ. For the logistic
    /// curve the value itself is the check.
    #[test]
    fn curves_go_through_both_figures() {
        for ratio in [0.4, 0.97, 1.0, 1.0 + 1e-9, 1.2, 3.0, 50.0] {
            for damping in [0.0, 1e-6, 0.02, 0.3, 2.0] {
                let of = |family| through(family, damping, 5.0, ratio).map(|(_, growth)| growth);
                if ratio < 1.0 && damping > 0.0 {
                    assert!(of(Family::Gompertz).is_none() && of(Family::Logistic).is_none());
                    continue;
                }
                let time = if damping > 0.0 {
                    -(-damping * 5.0_f64).exp_m1() / damping
                } else {
                    5.0
                };
                assert_relative_eq!(
                    of(Family::Gompertz).unwrap(),
                    f64::ln(ratio) / time,
                    epsilon = 1e-12,
                    max_relative = 1e-12
                );
                let growth = of(Family::Logistic).unwrap();
                let value = Family::Logistic.value(5.0, &[0.0, growth, damping]);
                assert_relative_eq!(value, ratio, max_relative = 1e-12);
            }
        }
    }

    /// κ(t) = −d ln g/dt, by differences of the curve's own growth.
    #[test]
    fn damping_moves_with_the_year() {
        let theta = [3.0, 0.05, 0.02];
        let shape = Shape {
            growth: theta[1],
            damping: theta[2],
        };
        let growth = |t: f64| {
            let mut gradient = [0.0; 3];
            let h = 1e-3;
            let value = |t| {
                Family::Logistic
                    .value_and_gradient(t, &theta, &mut gradient.clone())
                    .ln()
            };
            let slope = (value(t + h) - value(t - h)) / (2.0 * h);
            gradient.fill(0.0);
            slope
        };
        for t in [1.0, 5.0, 20.0] {
            let h = 0.1;
            let expected = -(growth(t + h).ln() - growth(t - h).ln()) / (2.0 * h);
            assert_relative_eq!(
                damping_after(Family::Logistic, shape, t),
                expected,
                max_relative = 1e-4
            );
        }
    }
}
