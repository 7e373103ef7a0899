//! Distribution functions, quantiles and moments of the families of sojourn times.

use serde::{Deserialize, Serialize};
use statrs::function::erf::{erfc, erfc_inv};
use statrs::function::gamma::{checked_gamma_lr, checked_gamma_ur, gamma, ln_gamma};

use super::table::Table;
use crate::error::{Error, ErrorKind, Result};
use crate::numeric::root::root;

/// Scales (years) and shapes lie between this and its inverse.
const LEAST: f64 = 1e-6;

/// The families of [`SojournTime`](super::SojournTime)s.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SojournFamily {
    /// Constant hazard.
    Exponential,
    /// Hazard that rises (shape above 1) or falls (below 1) as a power of time.
    Weibull,
    /// Sum of exponential stages, for a whole shape.
    Gamma,
    /// Logarithm normally distributed.
    LogNormal,
    /// Logarithm logistically distributed.
    LogLogistic,
    /// Read from a table.
    Table,
    /// No time at all: the state is left at once.
    None,
}

impl SojournFamily {
    /// The name, as in files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Exponential => "exponential",
            Self::Weibull => "weibull",
            Self::Gamma => "gamma",
            Self::LogNormal => "log_normal",
            Self::LogLogistic => "log_logistic",
            Self::Table => "table",
            Self::None => "none",
        }
    }
}

/// A validated distribution of non-negative times.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::pathway) enum Distribution {
    Exponential { scale: f64 },
    Weibull { shape: f64, scale: f64 },
    Gamma { shape: f64, scale: f64 },
    LogNormal { shape: f64, scale: f64 },
    LogLogistic { shape: f64, scale: f64 },
    Table(Table),
    None,
}

/// Times at which a distribution function is wanted, with their logarithms, which every family with
/// a shape needs.
#[derive(Debug, Default)]
pub(in crate::pathway) struct TimeGrid {
    times: Vec<f64>,
    logs: Vec<f64>,
}

impl TimeGrid {
    pub(in crate::pathway) fn new(times: Vec<f64>) -> Self {
        let logs = times.iter().map(|t| t.ln()).collect();
        Self { times, logs }
    }
}

impl Distribution {
    pub(super) fn exponential(scale: f64, place: &str) -> Result<Self> {
        Ok(Self::Exponential {
            scale: positive("scale of the sojourn time", scale, place)?,
        })
    }

    pub(super) fn with_shape(
        family: SojournFamily,
        shape: f64,
        scale: f64,
        place: &str,
    ) -> Result<Self> {
        let shape = positive("shape of the sojourn time", shape, place)?;
        let scale = positive("scale of the sojourn time", scale, place)?;
        match family {
            SojournFamily::Weibull => Ok(Self::Weibull { shape, scale }),
            SojournFamily::Gamma => Ok(Self::Gamma { shape, scale }),
            SojournFamily::LogNormal => Ok(Self::LogNormal { shape, scale }),
            SojournFamily::LogLogistic => Ok(Self::LogLogistic { shape, scale }),
            SojournFamily::Exponential | SojournFamily::Table | SojournFamily::None => {
                Err(Error::out_of_range(
                    "shape of the sojourn time",
                    place,
                    shape,
                    "absent in this family",
                ))
            }
        }
    }

    pub(super) fn from_median(
        family: SojournFamily,
        median: f64,
        quantile: Option<(f64, f64)>,
        place: &str,
    ) -> Result<Self> {
        let median = positive("median of the sojourn time", median, place)?;
        let Some((p, time)) = quantile else {
            if family == SojournFamily::Exponential {
                return Self::exponential(median / std::f64::consts::LN_2, place);
            }
            return Err(ErrorKind::Unsuitable(format!(
                "the sojourn time of {place} is {} with a median of {median} and nothing else: a second \
                 quantile or a shape is needed",
                family.name()
            ))
            .into());
        };
        if !(p > 0.0 && p < 1.0) {
            return Err(Error::out_of_range(
                "probability of the quantile of the sojourn time",
                place,
                p,
                "above 0 and below 1",
            ));
        }
        let time = positive("quantile of the sojourn time", time, place)?;
        let agrees = if p > 0.5 {
            time > median
        } else {
            p < 0.5 && time < median
        };
        if !agrees {
            return Err(Error::out_of_range(
                "quantile of the sojourn time",
                place,
                format!("{time} at probability {p}"),
                format!("on the same side of the median, {median}, as {p} is of 0.5"),
            ));
        }
        let log_ratio = (time / median).ln();
        match family {
            SojournFamily::Exponential => {
                let distribution = Self::exponential(median / std::f64::consts::LN_2, place)?;
                if (distribution.cdf(time) - p).abs() > 1e-6 {
                    return Err(Error::out_of_range(
                        "quantile of the sojourn time",
                        place,
                        format!("{time} at probability {p}"),
                        format!(
                            "{}, which is what the median of an exponential time implies",
                            distribution.quantile(p)
                        ),
                    ));
                }
                Ok(distribution)
            }
            SojournFamily::Weibull => {
                // ln(−ln(1 − F)) is linear in ln t.
                let shape = ((-(-p).ln_1p()).ln() - std::f64::consts::LN_2.ln()) / log_ratio;
                let scale = median / std::f64::consts::LN_2.powf(1.0 / shape);
                Self::with_shape(family, shape, scale, place)
            }
            SojournFamily::LogLogistic => {
                Self::with_shape(family, (p / (1.0 - p)).ln() / log_ratio, median, place)
            }
            SojournFamily::LogNormal => {
                Self::with_shape(family, log_ratio / normal_quantile(p), median, place)
            }
            SojournFamily::Gamma => {
                // The ratio of two quantiles depends on the shape alone and falls towards 1.
                let excess = |ln_shape: f64| {
                    let unit = Self::Gamma {
                        shape: ln_shape.exp(),
                        scale: 1.0,
                    };
                    (unit.quantile(p) / unit.quantile(0.5)).ln().abs() - log_ratio.abs()
                };
                let shape = root(excess, (0.01_f64).ln(), (1e6_f64).ln(), 0.0)
                    .ok_or_else(|| no_member(family, place, "this median and quantile"))?
                    .exp();
                let unit = Self::Gamma { shape, scale: 1.0 };
                Self::with_shape(family, shape, median / unit.quantile(0.5), place)
            }
            SojournFamily::Table | SojournFamily::None => {
                Err(no_member(family, place, "parameters: give its points"))
            }
        }
    }

    pub(super) fn from_mean_sd(
        family: SojournFamily,
        mean: f64,
        sd: f64,
        place: &str,
    ) -> Result<Self> {
        let mean = positive("mean of the sojourn time", mean, place)?;
        let sd = positive("sd of the sojourn time", sd, place)?;
        let cv = sd / mean;
        match family {
            SojournFamily::Exponential => {
                if (cv - 1.0).abs() > 1e-6 {
                    return Err(Error::out_of_range(
                        "sd of the sojourn time",
                        place,
                        sd,
                        format!("{mean}, the mean, for an exponential time"),
                    ));
                }
                Self::exponential(mean, place)
            }
            SojournFamily::Gamma => Self::with_shape(family, cv.powi(-2), mean * cv * cv, place),
            SojournFamily::LogNormal => {
                let variance = (cv * cv).ln_1p();
                Self::with_shape(
                    family,
                    variance.sqrt(),
                    mean * (-0.5 * variance).exp(),
                    place,
                )
            }
            SojournFamily::Weibull => {
                // 1 + cv² = Γ(1 + 2/k)/Γ(1 + 1/k)², which falls with k.
                let excess = |ln_shape: f64| {
                    let a = (-ln_shape).exp();
                    ln_gamma(1.0 + 2.0 * a) - 2.0 * ln_gamma(1.0 + a) - (cv * cv).ln_1p()
                };
                let shape = root(excess, (0.05_f64).ln(), (1e4_f64).ln(), 0.0)
                    .ok_or_else(|| no_member(family, place, "this mean and sd"))?
                    .exp();
                let scale = mean / (ln_gamma(1.0 + shape.recip())).exp();
                Self::with_shape(family, shape, scale, place)
            }
            SojournFamily::LogLogistic => {
                // With b = π/k: E = b/sin b, E² (1 + cv²) = 2b/sin 2b, for k > 2.
                let excess = |b: f64| b.tan() / b - (cv * cv).ln_1p().exp();
                let b = root(excess, 1e-6, std::f64::consts::FRAC_PI_2 - 1e-9, 0.0)
                    .ok_or_else(|| no_member(family, place, "this mean and sd"))?;
                Self::with_shape(family, std::f64::consts::PI / b, mean * b.sin() / b, place)
            }
            SojournFamily::Table | SojournFamily::None => {
                Err(no_member(family, place, "parameters: give its points"))
            }
        }
    }

    pub(super) const fn family(&self) -> SojournFamily {
        match self {
            Self::Exponential { .. } => SojournFamily::Exponential,
            Self::Weibull { .. } => SojournFamily::Weibull,
            Self::Gamma { .. } => SojournFamily::Gamma,
            Self::LogNormal { .. } => SojournFamily::LogNormal,
            Self::LogLogistic { .. } => SojournFamily::LogLogistic,
            Self::Table(_) => SojournFamily::Table,
            Self::None => SojournFamily::None,
        }
    }

    pub(in crate::pathway) fn cdf(&self, t: f64) -> f64 {
        if t.is_nan() {
            return t;
        }
        if t < 0.0 {
            return 0.0;
        }
        match self {
            Self::None => 1.0,
            Self::Table(table) => table.cdf(t),
            _ if t == 0.0 => 0.0,
            _ if t == f64::INFINITY => 1.0,
            Self::Exponential { scale } => -(-t / scale).exp_m1(),
            Self::Weibull { shape, scale } => -(-(t / scale).powf(*shape)).exp_m1(),
            Self::Gamma { shape, scale } => gamma_cdf(*shape, t / scale),
            Self::LogNormal { shape, scale } => {
                0.5 * erfc(-(t / scale).ln() / (shape * std::f64::consts::SQRT_2))
            }
            Self::LogLogistic { shape, scale } => 1.0 / (1.0 + (t / scale).powf(-shape)),
        }
    }

    /// The probability of still being there at `t`, without cancellation in the tail; `t` is not
    /// negative.
    pub(in crate::pathway) fn survival(&self, t: f64) -> f64 {
        match self {
            _ if t == 0.0 => 1.0 - self.at_zero(),
            Self::None => 0.0,
            Self::Table(table) => 1.0 - table.cdf(t),
            Self::Exponential { scale } => (-t / scale).exp(),
            Self::Weibull { shape, scale } => (-(t / scale).powf(*shape)).exp(),
            Self::Gamma { shape, scale } => {
                // Fails where t/scale rounds to 0 or infinity, of which the distribution function knows.
                checked_gamma_ur(*shape, t / scale).unwrap_or_else(|_| 1.0 - self.cdf(t))
            }
            Self::LogNormal { shape, scale } => {
                0.5 * erfc((t / scale).ln() / (shape * std::f64::consts::SQRT_2))
            }
            Self::LogLogistic { shape, scale } => 1.0 / (1.0 + (t / scale).powf(*shape)),
        }
    }

    /// The distribution function at every time of a grid, to absolute rounding.
    pub(in crate::pathway) fn fill_cdf(&self, grid: &TimeGrid, out: &mut Vec<f64>) {
        out.clear();
        match self {
            Self::Exponential { scale } => {
                let rate = -scale.recip();
                out.extend(grid.times.iter().map(|t| 1.0 - (rate * t).exp()));
            }
            Self::Weibull { shape, scale } if (*shape - 1.0).abs() < f64::EPSILON => {
                Self::Exponential { scale: *scale }.fill_cdf(grid, out);
            }
            Self::Weibull { shape, scale } => {
                let offset = shape * scale.ln();
                out.extend(
                    grid.logs
                        .iter()
                        .map(|ln_t| 1.0 - (-(shape * ln_t - offset).exp()).exp()),
                );
            }
            Self::LogLogistic { shape, scale } => {
                let offset = shape * scale.ln();
                out.extend(
                    grid.logs
                        .iter()
                        .map(|ln_t| 1.0 / (1.0 + (offset - shape * ln_t).exp())),
                );
            }
            _ => out.extend(grid.times.iter().map(|&t| self.cdf(t))),
        }
    }

    /// The probability of leaving at the very moment of entering.
    pub(in crate::pathway) fn at_zero(&self) -> f64 {
        match self {
            Self::None => 1.0,
            Self::Table(table) => table.cdf(0.0),
            _ => 0.0,
        }
    }

    /// The quantile for `p` in [0, 1].
    pub(in crate::pathway) fn quantile(&self, p: f64) -> f64 {
        match self {
            Self::None => 0.0,
            Self::Table(table) => table.quantile(p),
            _ if p <= 0.0 => 0.0,
            _ if p >= 1.0 => f64::INFINITY,
            Self::Exponential { scale } => -scale * (-p).ln_1p(),
            Self::Weibull { shape, scale } => scale * (-(-p).ln_1p()).powf(shape.recip()),
            Self::LogNormal { shape, scale } => scale * (shape * normal_quantile(p)).exp(),
            Self::LogLogistic { shape, scale } => scale * (p / (1.0 - p)).powf(shape.recip()),
            Self::Gamma { shape, scale } => scale * gamma_quantile(*shape, p),
        }
    }

    pub(in crate::pathway) fn mean(&self) -> f64 {
        match self {
            Self::None => 0.0,
            Self::Table(table) => table.mean(),
            Self::Exponential { scale } => *scale,
            Self::Weibull { shape, scale } => scale * gamma(1.0 + shape.recip()),
            Self::Gamma { shape, scale } => shape * scale,
            Self::LogNormal { shape, scale } => scale * (0.5 * shape * shape).exp(),
            Self::LogLogistic { shape, scale } => {
                let b = std::f64::consts::PI / shape;
                if *shape > 1.0 {
                    scale * b / b.sin()
                } else {
                    f64::INFINITY
                }
            }
        }
    }

    /// The same distribution with its time scale multiplied.
    pub(in crate::pathway) fn scaled(&self, factor: f64, place: &str) -> Result<Self> {
        let factor = positive("factor of the time scale", factor, place)?;
        let times = |scale: f64| positive("scale of the sojourn time", scale * factor, place);
        Ok(match self {
            Self::None => Self::None,
            Self::Table(table) => Self::Table(table.scaled(factor, place)?),
            Self::Exponential { scale } => Self::Exponential {
                scale: times(*scale)?,
            },
            Self::Weibull { shape, scale } => Self::Weibull {
                shape: *shape,
                scale: times(*scale)?,
            },
            Self::Gamma { shape, scale } => Self::Gamma {
                shape: *shape,
                scale: times(*scale)?,
            },
            Self::LogNormal { shape, scale } => Self::LogNormal {
                shape: *shape,
                scale: times(*scale)?,
            },
            Self::LogLogistic { shape, scale } => Self::LogLogistic {
                shape: *shape,
                scale: times(*scale)?,
            },
        })
    }
}

/// Between 1e-6 and 1e6.
fn positive(name: &str, value: f64, place: &str) -> Result<f64> {
    if (LEAST..=LEAST.recip()).contains(&value) {
        return Ok(value);
    }
    Err(Error::out_of_range(
        name,
        place,
        value,
        "above 0 (between 1e-6 and 1e6)",
    ))
}

fn no_member(family: SojournFamily, place: &str, of: &str) -> Error {
    ErrorKind::Unsuitable(format!(
        "the sojourn time of {place}: the {} family has no member with {of}",
        family.name()
    ))
    .into()
}

fn normal_quantile(p: f64) -> f64 {
    -std::f64::consts::SQRT_2 * erfc_inv(2.0 * p)
}

fn gamma_cdf(shape: f64, x: f64) -> f64 {
    // Fails where x has been rounded to 0 or to infinity, which is the answer.
    checked_gamma_lr(shape, x).unwrap_or(if x > shape { 1.0 } else { 0.0 })
}

/// The quantile of the gamma distribution with scale 1: the root on the scale of ln x.
fn gamma_quantile(shape: f64, p: f64) -> f64 {
    // P(k, x) ≤ x^k/Γ(k + 1) gives a lower end.
    let low = ((p.ln() + ln_gamma(shape + 1.0)) / shape).min(shape.ln());
    let mut high = low.max((shape + 1.0).ln());
    while gamma_cdf(shape, high.exp()) < p {
        if high > 700.0 {
            return f64::INFINITY;
        }
        high += 1.0;
    }
    let excess = |x: f64| gamma_cdf(shape, x.exp()) - p;
    // Rounding may hide the change of sign where the lower end is the quantile.
    root(excess, low, high, 0.0).unwrap_or(low).exp()
}
