//! Distribution functions, quantiles and moments of the families of sojourn times.

use serde::{Deserialize, Serialize};
use statrs::function::erf::erfc;
use statrs::function::gamma::{gamma, ln_gamma};

use super::table_of_times::Table;
use crate::error::{Error, Result};
use crate::number_checks::Place;
use crate::numeric::gamma as gamma_distribution;
use crate::numeric::root::root;
use crate::numeric::student::normal_quantile;

/// Scales (years) and shapes lie between this and its inverse.
const LEAST: f64 = 1e-6;
/// What a second statement on an exponential time, which the first determines, may be off.
const AGREES: f64 = 1e-6;

const SHAPE: &str = "shape of the sojourn time";
const QUANTILE: &str = "quantile of the sojourn time";

/// The family of a [`SojournTime`](super::SojournTime): what is assumed of the hazard, the rate at which those who
/// are still in the state leave it.
///
/// | family | hazard at time *t*, for scale b and shape a | parameters |
/// |---|---|---|
/// | exponential | 1/b, the same at all times | 1 |
/// | Weibull | (a/b)·(t/b)^(a − 1): rises for a > 1, falls for a < 1 | 2 |
/// | gamma | rises to 1/b for a > 1, falls to 1/b for a < 1 | 2 |
/// | log-normal | rises from 0, then falls to 0 | 2 |
/// | log-logistic | (a/b)·(t/b)^(a − 1)/(1 + (t/b)^a): falls in the end as a/t | 2 |
/// | table | constant density between the points given | as many as points |
/// | none | the state is left at once | 0 |
///
/// [`SojournTime`](super::SojournTime) has the distribution functions and their source. In files and in tables the
/// names are those of [`SojournFamily::name`].
///
/// ```
/// use myeloma_epi::pathway::{SojournFamily, SojournTime};
///
/// // With the same median and the same 90 % point the families differ in the tail.
/// let beyond = |family| {
///     let time = SojournTime::from_median(family, 2.0, (0.9, 6.0))?;
///     Ok::<f64, myeloma_epi::Error>(1.0 - time.cdf(20.0))
/// };
/// assert!(beyond(SojournFamily::Gamma)? < beyond(SojournFamily::LogNormal)?);
/// assert!(beyond(SojournFamily::LogNormal)? < beyond(SojournFamily::LogLogistic)?);
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
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
    /// The shape of an exponential time is 1.
    Of {
        form: Form,
        shape: f64,
        scale: f64,
    },
    Table(Table),
    None,
}

/// The families that have a formula.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::pathway) enum Form {
    Exponential,
    Weibull,
    Gamma,
    LogNormal,
    LogLogistic,
}

/// The families that have parameters, in the order of [`Form`].
const FORMS: [(SojournFamily, Form); 5] = [
    (SojournFamily::Exponential, Form::Exponential),
    (SojournFamily::Weibull, Form::Weibull),
    (SojournFamily::Gamma, Form::Gamma),
    (SojournFamily::LogNormal, Form::LogNormal),
    (SojournFamily::LogLogistic, Form::LogLogistic),
];

impl Form {
    fn of(family: SojournFamily) -> Option<Self> {
        let known = FORMS.iter().find(|(of, _)| *of == family)?;
        Some(known.1)
    }

    fn with_parameters(family: SojournFamily, place: &str) -> Result<Self> {
        let none = || no_member(family, place, "parameters: give its points");
        Self::of(family).ok_or_else(none)
    }
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
        Self::new(Form::Exponential, 1.0, scale, place)
    }

    pub(super) fn with_shape(
        family: SojournFamily,
        shape: f64,
        scale: f64,
        place: &str,
    ) -> Result<Self> {
        let form = Form::of(family).filter(|form| *form != Form::Exponential);
        let none = "absent in this family";
        let form = form.ok_or_else(|| Error::out_of_range(SHAPE, place, shape, none));
        Self::new(form?, shape, scale, place)
    }

    fn new(form: Form, shape: f64, scale: f64, place: &str) -> Result<Self> {
        Ok(Self::Of {
            form,
            shape: positive(SHAPE, shape, place)?,
            scale: positive("scale of the sojourn time", scale, place)?,
        })
    }

    /// With a median, and a second quantile, which the exponential family alone does not need.
    pub(super) fn from_median(
        family: SojournFamily,
        median: f64,
        quantile: Option<(f64, f64)>,
        place: &str,
    ) -> Result<Self> {
        let median = positive("median of the sojourn time", median, place)?;
        let form = Form::with_parameters(family, place)?;
        let exponential = Self::exponential(median / std::f64::consts::LN_2, place);
        let Some((p, time)) = quantile else {
            if form == Form::Exponential {
                return exponential;
            }
            return Err(Error::unsuitable(format!(
                "the sojourn time of {place} is {} with a median of {median} and nothing else: a second \
                 quantile or a shape is needed",
                family.name()
            )));
        };
        check_quantile(median, (p, time), place)?;
        let log_ratio = (time / median).ln();
        match form {
            Form::Exponential => {
                let exponential = exponential?;
                Place(place).check(
                    (exponential.cdf(time) - p).abs() <= AGREES,
                    QUANTILE,
                    format!("{time} at probability {p}"),
                    format!(
                        "{}, which is what the median of an exponential time implies",
                        exponential.quantile(p)
                    ),
                )?;
                Ok(exponential)
            }
            Form::Weibull => {
                // ln(−ln(1 − F)) is linear in ln t.
                let shape = ((-(-p).ln_1p()).ln() - std::f64::consts::LN_2.ln()) / log_ratio;
                let scale = median / std::f64::consts::LN_2.powf(1.0 / shape);
                Self::new(form, shape, scale, place)
            }
            Form::LogLogistic => Self::new(form, (p / (1.0 - p)).ln() / log_ratio, median, place),
            Form::LogNormal => Self::new(form, log_ratio / normal_quantile(p), median, place),
            Form::Gamma => {
                // The ratio of two quantiles depends on the shape alone and falls towards 1.
                let ratio = |shape| {
                    gamma_distribution::quantile(shape, p)
                        / gamma_distribution::quantile(shape, 0.5)
                };
                let excess = |ln_shape: f64| ratio(ln_shape.exp()).ln().abs() - log_ratio.abs();
                let shape = root(excess, (0.01_f64).ln(), (1e6_f64).ln(), 0.0)
                    .ok_or_else(|| no_member(family, place, "this median and quantile"))?
                    .exp();
                Self::new(
                    form,
                    shape,
                    median / gamma_distribution::quantile(shape, 0.5),
                    place,
                )
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
        let form = Form::with_parameters(family, place)?;
        let none = || no_member(family, place, "this mean and sd");
        let cv = sd / mean;
        let (shape, scale) = match form {
            Form::Exponential => {
                let allowed = format!("{mean}, the mean, for an exponential time");
                let holds = (cv - 1.0).abs() <= AGREES;
                Place(place).check(holds, "sd of the sojourn time", sd, &allowed)?;
                (1.0, mean)
            }
            Form::Gamma => (cv.powi(-2), mean * cv * cv),
            Form::LogNormal => {
                let variance = (cv * cv).ln_1p();
                (variance.sqrt(), mean * (-0.5 * variance).exp())
            }
            Form::Weibull => {
                // 1 + cv² = Γ(1 + 2/k)/Γ(1 + 1/k)², which falls with k.
                let excess = |ln_shape: f64| {
                    let a = (-ln_shape).exp();
                    ln_gamma(1.0 + 2.0 * a) - 2.0 * ln_gamma(1.0 + a) - (cv * cv).ln_1p()
                };
                let ln_shape = root(excess, (0.05_f64).ln(), (1e4_f64).ln(), 0.0);
                let shape = ln_shape.ok_or_else(none)?.exp();
                (shape, mean / (ln_gamma(1.0 + shape.recip())).exp())
            }
            Form::LogLogistic => {
                // With b = π/k: E = b/sin b, E² (1 + cv²) = 2b/sin 2b, for k > 2.
                let excess = |b: f64| b.tan() / b - (cv * cv).ln_1p().exp();
                let b = root(excess, 1e-6, std::f64::consts::FRAC_PI_2 - 1e-9, 0.0);
                let b = b.ok_or_else(none)?;
                (std::f64::consts::PI / b, mean * b.sin() / b)
            }
        };
        Self::new(form, shape, scale, place)
    }

    pub(super) const fn family(&self) -> SojournFamily {
        match self {
            Self::Of { form, .. } => FORMS[*form as usize].0,
            Self::Table(_) => SojournFamily::Table,
            Self::None => SojournFamily::None,
        }
    }

    pub(in crate::pathway) fn cdf(&self, t: f64) -> f64 {
        let (form, shape, x) = match self {
            _ if t.is_nan() => return t,
            _ if t < 0.0 => return 0.0,
            Self::None => return 1.0,
            Self::Table(table) => return table.cdf(t),
            _ if t == 0.0 => return 0.0,
            _ if t == f64::INFINITY => return 1.0,
            Self::Of { form, shape, scale } => (form, *shape, t / scale),
        };
        match form {
            Form::Exponential => -(-x).exp_m1(),
            Form::Weibull => -(-x.powf(shape)).exp_m1(),
            Form::Gamma => gamma_distribution::cumulative(shape, x),
            Form::LogNormal => 0.5 * erfc(-x.ln() / (shape * std::f64::consts::SQRT_2)),
            Form::LogLogistic => 1.0 / (1.0 + x.powf(-shape)),
        }
    }

    /// The probability of still being there at `t`, without cancellation in the tail; `t` is not
    /// negative.
    pub(in crate::pathway) fn survival(&self, t: f64) -> f64 {
        let (form, shape, x) = match self {
            Self::Of { form, shape, scale } if t > 0.0 => (form, *shape, t / scale),
            _ => return 1.0 - self.cdf(t),
        };
        match form {
            Form::Exponential => (-x).exp(),
            Form::Weibull => (-x.powf(shape)).exp(),
            // Fails where x has been rounded to 0 or to infinity, of which the distribution function knows.
            Form::Gamma => gamma_distribution::survival(shape, x),
            Form::LogNormal => 0.5 * erfc(x.ln() / (shape * std::f64::consts::SQRT_2)),
            Form::LogLogistic => 1.0 / (1.0 + x.powf(shape)),
        }
    }

    /// The distribution function at every time of a grid, to absolute rounding.
    pub(in crate::pathway) fn fill_cdf(&self, grid: &TimeGrid, out: &mut Vec<f64>) {
        out.clear();
        let TimeGrid { times, logs } = grid;
        match self {
            Self::Of { form, shape, scale } if form.is_exponential(*shape) => {
                let rate = -scale.recip();
                out.extend(times.iter().map(|t| 1.0 - (rate * t).exp()));
            }
            Self::Of {
                form: Form::Weibull,
                shape,
                scale,
            } => {
                let offset = shape * scale.ln();
                let logs = logs.iter().map(|ln_t| shape * ln_t - offset);
                out.extend(logs.map(|x| 1.0 - (-x.exp()).exp()));
            }
            Self::Of {
                form: Form::LogLogistic,
                shape,
                scale,
            } => {
                let offset = shape * scale.ln();
                let logs = logs.iter().map(|ln_t| offset - shape * ln_t);
                out.extend(logs.map(|x| 1.0 / (1.0 + x.exp())));
            }
            _ => out.extend(times.iter().map(|&t| self.cdf(t))),
        }
    }

    /// The quantile for `p` in [0, 1].
    pub(in crate::pathway) fn quantile(&self, p: f64) -> f64 {
        let (form, shape, scale) = match self {
            Self::None => return 0.0,
            Self::Table(table) => return table.quantile(p),
            _ if p <= 0.0 => return 0.0,
            _ if p >= 1.0 => return f64::INFINITY,
            Self::Of { form, shape, scale } => (form, *shape, scale),
        };
        scale
            * match form {
                Form::Exponential => -(-p).ln_1p(),
                Form::Weibull => (-(-p).ln_1p()).powf(shape.recip()),
                Form::LogNormal => (shape * normal_quantile(p)).exp(),
                Form::LogLogistic => (p / (1.0 - p)).powf(shape.recip()),
                Form::Gamma => gamma_distribution::quantile(shape, p),
            }
    }

    pub(in crate::pathway) fn mean(&self) -> f64 {
        let (form, shape, scale) = match self {
            Self::None => return 0.0,
            Self::Table(table) => return table.mean(),
            Self::Of { form, shape, scale } => (form, *shape, scale),
        };
        let b = std::f64::consts::PI / shape;
        scale
            * match form {
                Form::Exponential => 1.0,
                Form::Weibull => gamma(1.0 + shape.recip()),
                Form::Gamma => shape,
                Form::LogNormal => (0.5 * shape * shape).exp(),
                Form::LogLogistic if shape > 1.0 => b / b.sin(),
                Form::LogLogistic => f64::INFINITY,
            }
    }

    /// The times at which a share leaves all at once, and these shares.
    pub(in crate::pathway) fn steps(&self) -> Vec<(f64, f64)> {
        match self {
            Self::None => vec![(0.0, 1.0)],
            Self::Table(table) => table.steps(),
            Self::Of { .. } => Vec::new(),
        }
    }

    /// The same distribution with its time scale multiplied.
    pub(in crate::pathway) fn scaled(&self, factor: f64, place: &str) -> Result<Self> {
        let factor = positive("factor of the time scale", factor, place)?;
        match self {
            Self::None => Ok(Self::None),
            Self::Table(table) => Ok(Self::Table(table.scaled(factor, place)?)),
            Self::Of { form, shape, scale } => Self::new(*form, *shape, scale * factor, place),
        }
    }
}

impl Form {
    /// A Weibull time with shape 1 is exponential, too.
    pub(super) fn is_exponential(self, shape: f64) -> bool {
        self == Self::Exponential || self == Self::Weibull && (shape - 1.0).abs() < f64::EPSILON
    }
}

/// That a quantile of this probability is possible beside a median.
fn check_quantile(median: f64, (p, time): (f64, f64), place: &str) -> Result<()> {
    let at = Place(place);
    let name = "probability of the quantile of the sojourn time";
    at.probability(name, p)?;
    let time = positive(QUANTILE, time, place)?;
    at.check(
        (p > 0.5 && time > median) || (p < 0.5 && time < median),
        QUANTILE,
        format!("{time} at probability {p}"),
        format!("on the same side of the median, {median}, as {p} is of 0.5"),
    )
}

fn positive(name: &str, value: f64, place: &str) -> Result<f64> {
    let holds = (LEAST..=LEAST.recip()).contains(&value);
    Place(place).check(holds, name, value, "above 0 (between 1e-6 and 1e6)")?;
    Ok(value)
}

fn no_member(family: SojournFamily, place: &str, of: &str) -> Error {
    Error::unsuitable(format!(
        "the sojourn time of {place}: the {} family has no member with {of}",
        family.name()
    ))
}
