//! The bend of a curve, borrowed from a better-known region.

use ndarray::{Array2, Axis};
use rand_distr::{Distribution, StandardNormal};
use rayon::prelude::*;

use super::draw::fill_years;
use super::error_model::Perturbation;
use super::{Projection, ProjectionOptions, Shape, check_horizon, first_year};
use crate::curve::{Family, GrowthCurve};
use crate::draws::{YearlyDraws, check_shape};
use crate::error::{Error, ErrorKind, Result};
use crate::fit::{FitFigures, PublishedProjectionUse};
use crate::numeric::root::root;
use crate::random::BLOCK;
use crate::series::IncidenceSeries;

/// How far a region with two figures takes the bend of its curve from a better-known region.
///
/// Two figures determine level and growth. How fast growth is damped they do not tell, so a curve with
/// a ceiling needs the damping κ from elsewhere: from a region whose figures determine it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum DampingPrior {
    /// Nothing is borrowed: the curve is left out.
    None,
    /// κ is that of the other region times e^z, z normal with this standard deviation, one a draw. A
    /// spread of 0.69 means: in two regions of three within half and twice that of the other.
    Partial {
        /// The standard deviation of ln κ between regions, above 0 and at most 3.
        spread: f64,
    },
    /// κ is that of the other region.
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

pub(super) fn borrow(
    family: Family,
    series: &IncidenceSeries,
    (lender, lending): (&Projection, &IncidenceSeries),
    pooling: DampingPrior,
    options: &ProjectionOptions,
) -> Result<Projection> {
    check_horizon(series, options.to)?;
    let from = first_year(series, options.from)?;
    let spread = spread(pooling, series.region())?;
    let &[first, last] = series.observations() else {
        return Err(ErrorKind::Unsuitable(format!(
            "{} has {} observations: a curve borrows its bend where there are two",
            series.region(),
            series.observations().len()
        ))
        .into());
    };
    if !can_be_borrowed(family)
        || lender.curves != [family.name()]
        || lender.shapes.len() != options.draws
    {
        return Err(ErrorKind::Unsuitable(format!(
            "{} cannot borrow the bend of a {family} curve from {} draws of {} in {}: what is \
             needed is {} draws of the same curve, logistic or gompertz",
            series.region(),
            lender.shapes.len(),
            lender.curves.join(", "),
            lender.region,
            options.draws
        ))
        .into());
    }
    let years = usize::try_from(options.to - from)
        .unwrap_or(usize::MAX)
        .saturating_add(1);
    check_shape(years, options.draws)?;

    let figures = FitFigures::new(series, PublishedProjectionUse::Ignore);
    let perturbation = Perturbation::new(series, figures, options.errors, options.seed)?;
    let stream = options.seed.stream(&format!("damping/{}", series.region()));
    let since = f64::from(first.year) - f64::from(lending.first_year());
    let span = f64::from(last.year) - f64::from(first.year);

    let mut cases = Array2::zeros((years, options.draws));
    let mut limited = vec![false; options.draws];
    let mut shapes = vec![Shape::default(); options.draws];
    cases
        .axis_chunks_iter_mut(Axis(1), BLOCK)
        .into_par_iter()
        .zip(limited.par_chunks_mut(BLOCK))
        .zip(shapes.par_chunks_mut(BLOCK))
        .zip(lender.shapes.par_chunks(BLOCK))
        .enumerate()
        .try_for_each(|(block, (((mut rows, limited), shapes), lent))| {
            let counts = perturbation.block(block, limited.len());
            let [(_, first), (_, last)] = counts.as_slice() else {
                return Ok(());
            };
            let mut spreading = StandardNormal.sample_iter(stream.block(block));
            let mut thetas = Vec::with_capacity(limited.len());
            for (draw, shape) in lent.iter().enumerate() {
                let z: f64 = spreading.next().unwrap_or(0.0);
                let damping = damping_after(family, *shape, since) * (spread * z).exp();
                let (damping, growth) = through(family, damping, span, last[draw] / first[draw])
                    .unwrap_or_else(|| {
                        limited[draw] = true;
                        (0.0, (last[draw] / first[draw]).ln() / span)
                    });
                shapes[draw] = Shape { growth, damping };
                thetas.push([first[draw].ln(), growth, damping]);
            }
            let thetas = || thetas.iter().map(<[f64; 3]>::as_slice);
            fill_years(&family, series, from, thetas, &mut rows, limited)
        })?;
    Ok(Projection {
        region: series.region().to_owned(),
        curves: vec![family.name().to_owned()],
        uses_published_projection: lender.uses_published_projection,
        limited,
        shapes,
        cases: YearlyDraws::from_valid(from, cases),
    })
}

/// Whether the damping alone is the bend of a family; the Richards curve has a shape besides.
pub(crate) const fn can_be_borrowed(family: Family) -> bool {
    matches!(family, Family::Logistic | Family::Gompertz)
}

fn spread(pooling: DampingPrior, region: &str) -> Result<f64> {
    match pooling {
        DampingPrior::Full => Ok(0.0),
        DampingPrior::Partial { spread } if spread > 0.0 && spread <= 3.0 => Ok(spread),
        DampingPrior::Partial { spread } => Err(Error::out_of_range(
            "the spread of the damping between regions",
            region,
            spread,
            "above 0 and at most 3",
        )),
        DampingPrior::None => Err(ErrorKind::Unsuitable(format!(
            "{region} is to borrow the bend of its curve without pooling"
        ))
        .into()),
    }
}

/// The rate at which growth declines so many years after the first observation of the lending region:
/// the same at all times for the Gompertz curve, r·y(t)/K for the logistic.
fn damping_after(family: Family, shape: Shape, years: f64) -> f64 {
    let Shape { growth, damping } = shape;
    if family == Family::Gompertz || years == 0.0 || damping == 0.0 {
        return damping;
    }
    let rate = damping + growth;
    let later = rate * damping / (damping + growth * (-rate * years).exp());
    if later.is_finite() {
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
        far = if far == 0.0 {
            target.signum() * 1e-9
        } else {
            2.0 * far
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
                let lent = |family| through(family, damping, 5.0, ratio).map(|(_, growth)| growth);
                if ratio < 1.0 && damping > 0.0 {
                    assert!(lent(Family::Gompertz).is_none() && lent(Family::Logistic).is_none());
                    continue;
                }
                let time = if damping > 0.0 {
                    -(-damping * 5.0_f64).exp_m1() / damping
                } else {
                    5.0
                };
                assert_relative_eq!(
                    lent(Family::Gompertz).unwrap(),
                    f64::ln(ratio) / time,
                    epsilon = 1e-12,
                    max_relative = 1e-12
                );
                let growth = lent(Family::Logistic).unwrap();
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
