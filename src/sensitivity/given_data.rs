//! Indices and values of information from draws that exist.

use std::fmt;

use rand_distr::{Distribution as _, StandardNormal};
use rayon::prelude::*;
use serde::Serialize;

use super::checks::{self, all_finite};
use super::decision::Decision;
use super::one_way::short;
use super::regression::Splines;
use super::sobol_indices::Index;
use crate::checked_on_reading::checked;
use crate::error::{Error, Result};
use crate::number_checks::Place;
use crate::numeric::mean_and_variance;
use crate::numeric::student::two_sided_quantile;
use crate::random::Seed;

/// **Draws of inputs** that exist, for which outputs or net benefits are known draw by draw: a probabilistic analysis of
/// any program, the draws of an [`Outlook`](crate::Outlook).
///
/// What is expected of an output, given an input, is a penalised regression spline through the draws, its smoothness by
/// restricted maximum likelihood; given two inputs a tensor product of splines (Strong, Oakley & Brennan 2014,
/// [doi:10.1177/0272989X13505910](https://doi.org/10.1177/0272989X13505910)). Two is the most: more would need more draws
/// than anybody has. Inputs that are correlated are no obstacle, and an index or a value is then of all that the input says,
/// by way of the others too.
///
/// # Example
///
/// ```
/// use myeloma_epi::sensitivity::GivenData;
///
/// // Draws of two inputs, and what a model made of them.
/// let x: Vec<f64> = (0..2_000).map(|i| (f64::from(i) * 0.618_034).fract()).collect();
/// let z: Vec<f64> = (0..2_000).map(|i| (f64::from(i) * 0.414_214).fract()).collect();
/// let y: Vec<f64> = x.iter().zip(&z).map(|(x, z)| 2.0 * x + z).collect();
/// let data = GivenData::new([("x", x), ("z", z)])?;
/// // Of the variance, 4/12 + 1/12, the first has four fifths.
/// let index = data.first_order(&["x"], &y, 0.95)?;
/// assert!((index.estimate - 0.8).abs() < 0.02);
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct GivenData {
    inputs: Vec<(String, Vec<f64>)>,
}

checked! {
    /// The value of information for a decision, in units of its net benefit. `Display` prints it with its standard error.
    ///
    /// ```
    /// use myeloma_epi::sensitivity::Decision;
    ///
    /// // Four draws of two options' net benefit: with foresight the mean is (5 + 4 + 6 + 4)/4, the better option alone has 4.25.
    /// let decision = Decision::new([("treat", vec![5.0, 2.0, 6.0, 4.0]), ("wait", vec![3.0, 4.0, 2.0, 3.0])])?;
    /// let value = decision.evpi();
    /// assert!((value.value - (4.75 - 4.25)).abs() < 1e-12);
    /// assert_eq!(value.regression_error, 0.0); // of perfect information
    /// println!("{value}");
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    #[derive(Debug, Clone, Copy, PartialEq, Serialize)]
    pub struct InformationValue {
        /// The expected gain from knowing before deciding.
        pub value: f64,
        /// Its standard error: that the draws are a sample, the regression on them included.
        pub standard_error: f64,
        /// The part of the error that the coefficients of the regression have, given the draws, as Strong, Oakley & Brennan
        /// (2014) compute it; 0 for perfect information, which needs no regression.
        pub regression_error: f64,
    } then check
}

impl InformationValue {
    fn check(&self) -> Result<()> {
        let place = Place("a value of information");
        // Who knows more loses nothing.
        place.not_negative("the value of information", self.value)?;
        place.not_negative("its standard error", self.standard_error)?;
        place.not_negative("its regression error", self.regression_error)
    }
}

impl fmt::Display for InformationValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [value, error] = [self.value, self.standard_error].map(short);
        write!(f, "{value} (standard error {error})")
    }
}

/// Draws of the coefficients for the error of a regression.
const COEFFICIENT_DRAWS: usize = 200;

/// The most inputs of one regression.
const MOST_INPUTS: usize = 2;

impl GivenData {
    /// Draws of inputs by name.
    ///
    /// # Errors
    ///
    /// Where there is no input, a name is there twice, the numbers of draws differ, a draw is not finite, or an input has
    /// no variance: by the input's name.
    pub fn new<N: Into<String>>(inputs: impl IntoIterator<Item = (N, Vec<f64>)>) -> Result<Self> {
        let inputs: Vec<(String, Vec<f64>)> = inputs
            .into_iter()
            .map(|(name, draws)| (name.into(), draws))
            .collect();
        let Some((first, of_first)) = inputs.first() else {
            return Err(Error::too_few("inputs", "given data", 0, 1, "an index"));
        };
        checks::names("inputs", inputs.iter().map(|(name, _)| &name[..]))?;
        for (name, draws) in &inputs {
            check_draws(name, draws, (first, of_first.len()))?;
            checks::not_constant(name, draws.iter().copied())?;
        }
        Ok(Self { inputs })
    }

    /// The **first-order index** of an input, or of two together: Var(E\[Y | X\])/Var(Y), with its interval at a level.
    ///
    /// It is also the expected reduction of the variance, as a share of it, from learning the input: what information is
    /// worth to an estimate.
    ///
    /// ```text
    /// 1 − residual variance / variance,   standard error from the influence function
    /// ψ = (2(y − m)(g − m) − (g − m)² − S·(y − m)²)/V,   g: the spline
    /// ```
    ///
    /// and, in quadrature, (1 − S)·√(2d)/n: what the spline's d degrees of freedom find by chance, which is all there is for an input
    /// without effect; and the part of the variance that residuals of neighbouring draws have in common, where it is above 0: the
    /// spline may miss it.
    ///
    /// An index near 0 may be estimated below it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unknown`](crate::ErrorKind::Unknown) for another name; [`ErrorKind::Unsuitable`](crate::ErrorKind::Unsuitable) for more than two inputs, one twice, an output that
    /// is constant, two inputs one of which follows from the other, or an output that rises and falls so often with the inputs that
    /// the finest spline misses a fiftieth of its variance, as residuals of neighbouring draws show beyond chance (waves shorter than
    /// the distance of neighbours are noise to them, and in draws by a rule, a sequence or a lattice, neighbours may have other inputs in
    /// common: take random ones); [`ErrorKind::TooFew`](crate::ErrorKind::TooFew) for fewer than ten draws a
    /// coefficient (200 for one input, 490 for two); [`ErrorKind::Mismatch`](crate::ErrorKind::Mismatch) where the output has another number of draws.
    pub fn first_order(&self, inputs: &[&str], output: &[f64], level: f64) -> Result<Index> {
        Place("an index").probability("the level", level)?;
        check_draws("the output", output, self.size())?;
        let chosen = self.chosen(inputs)?;
        let n = output.len() as f64;
        let (mean, variance) = mean_and_variance(output);
        if !variance.is_finite() {
            return Err(Error::unsuitable(
                "the values of the output are too large for their squares: take a larger unit",
            ));
        }
        if variance.sqrt() <= 1e-13 * mean.abs() {
            return Err(Error::unsuitable(format!(
                "the output is {} in every draw: it has no variance to be shared out",
                output[0]
            )));
        }
        let (_, fits) = Splines::of(&chosen, &[output])?;
        let fit = &fits[0];
        let estimate = 1.0 - fit.residual_variance / variance;
        let influence = output.iter().zip(&fit.fitted).map(|(y, g)| {
            let (y, g) = (y - mean, g - mean);
            (2.0 * y * g - g * g - estimate * y * y) / variance
        });
        // What the degrees of freedom of the regression find by chance, in an input without any effect, too: a part
        // (χ²(d) − d)/n of the variance.
        let left = output.iter().zip(&fit.fitted).map(|(y, g)| (y - g).powi(2));
        let taken = n - left.sum::<f64>() / fit.residual_variance - 1.0;
        let by_chance = (1.0 - estimate) * (2.0 * taken.max(0.0)).sqrt() / n;
        let error = standard_error(influence).hypot(by_chance).hypot(fit.missed);
        let half = two_sided_quantile(None, level) * error;
        Ok(Index {
            estimate,
            lower: estimate - half,
            upper: estimate + half,
        })
    }

    /// The **expected value of partial perfect information** (EVPPI): what it would be worth to know an input, or two,
    /// before a decision.
    ///
    /// ```text
    /// E[max over options of E[benefit | X]] − max over options of E[benefit]
    /// ```
    ///
    /// The seed is that of the draws of coefficients.
    ///
    /// # Errors
    ///
    /// As [`GivenData::first_order`].
    pub fn evppi(
        &self,
        inputs: &[&str],
        decision: &Decision,
        seed: Seed,
    ) -> Result<InformationValue> {
        let benefits = decision.benefits();
        let (_, n) = self.size();
        if benefits[0].len() != n {
            return Err(Error::mismatch(format!(
                "the decision \"{}\" has {} draws and the inputs have {n}",
                decision.options()[0],
                benefits[0].len()
            )));
        }
        let best = decision.best();
        // Differences from the best option have less noise than benefits, and one regression less.
        let differences: Vec<Vec<f64>> = (0..benefits.len())
            .filter(|option| *option != best)
            .map(|option| {
                benefits[option]
                    .iter()
                    .zip(&benefits[best])
                    .map(|(a, b)| a - b)
                    .collect()
            })
            .collect();
        let outputs: Vec<&[f64]> = differences.iter().map(Vec::as_slice).collect();
        let (splines, fits) = Splines::of(&self.chosen(inputs)?, &outputs)?;
        let fitted: Vec<&[f64]> = fits.iter().map(|fit| &fit.fitted[..]).collect();
        // The option that is best at a draw, as the regression sees it, if it is not the best of all.
        let chosen = |draw: usize| {
            let others = (0..fitted.len()).filter(|i| fitted[*i][draw] > 0.0);
            others.max_by(|a, b| fitted[*a][draw].total_cmp(&fitted[*b][draw]))
        };
        let gain = |draw: usize| chosen(draw).map_or(0.0, |i| fitted[i][draw]);
        let value = (0..n).map(gain).sum::<f64>() / n as f64;
        let influence = (0..n).map(|draw| chosen(draw).map_or(0.0, |i| differences[i][draw]));
        let stream = seed.stream("sensitivity/coefficients");
        let again = (0..COEFFICIENT_DRAWS).into_par_iter().map(|k| {
            let mut rng = stream.block(k);
            let moved = fits.iter().map(|fit| {
                let z: Vec<f64> = StandardNormal
                    .sample_iter(&mut rng)
                    .take(fit.coefficients.len())
                    .collect();
                splines.moved(&fit.error(&z))
            });
            let moved: Vec<Vec<f64>> = moved.collect();
            let gain = |draw: usize| {
                let each = moved.iter().zip(&fitted).map(|(by, g)| g[draw] + by[draw]);
                each.fold(0.0, f64::max)
            };
            (0..n).map(gain).sum::<f64>() / n as f64
        });
        let again: Vec<f64> = again.collect();
        Ok(InformationValue {
            value,
            standard_error: standard_error(influence),
            regression_error: mean_and_variance(&again).1.sqrt(),
        })
    }

    /// The name of the first input, and the number of draws of all.
    fn size(&self) -> (&str, usize) {
        (&self.inputs[0].0, self.inputs[0].1.len())
    }

    /// Inputs by name, with their draws.
    fn chosen<'a>(&'a self, inputs: &[&str]) -> Result<Vec<(&'a str, &'a [f64])>> {
        if inputs.is_empty() {
            return Err(Error::too_few("inputs", "a regression", 0, 1, "an index"));
        }
        if inputs.len() > MOST_INPUTS {
            return Err(Error::unsuitable(format!(
                "{} inputs at once ({}) are too many for a regression on draws: {MOST_INPUTS} at most; take SobolIndices of the \
                 model, with the inputs as a group",
                inputs.len(),
                inputs.join(", ")
            )));
        }
        if inputs.len() == 2 && inputs[0] == inputs[1] {
            return Err(Error::unsuitable(format!(
                "\"{}\" is asked for twice",
                inputs[0]
            )));
        }
        let found = inputs.iter().map(|name| {
            let found = self.inputs.iter().find(|(input, _)| input == name);
            let known = || self.inputs.iter().map(|(input, _)| input);
            let (name, draws) = found.ok_or_else(|| Error::unknown("input", *name, known()))?;
            Ok((name.as_str(), draws.as_slice()))
        });
        found.collect()
    }
}

/// Draws that are finite, and as many as others.
fn check_draws(name: &str, draws: &[f64], (other, needed): (&str, usize)) -> Result<()> {
    if draws.len() != needed {
        return Err(Error::mismatch(format!(
            "{name} has {} draws and {other} has {needed}",
            draws.len()
        )));
    }
    all_finite(draws.iter().copied(), |i| {
        (name.to_owned(), format!("draw {} of given data", i + 1))
    })
}

/// The standard error of the mean of some numbers.
pub(super) fn standard_error(numbers: impl Iterator<Item = f64>) -> f64 {
    let numbers: Vec<f64> = numbers.collect();
    (mean_and_variance(&numbers).1 / numbers.len() as f64).sqrt()
}
