//! First-order and total Sobol' indices from a function.

use std::ops::Range;

use rand::RngExt;
use rayon::prelude::*;

use super::checks;
use super::inputs::Inputs;
use super::sobol_indices::{Index, InputIndices, OutputIndices, SobolIndices};
use super::sobol_options::{IndexError, SobolOptions};
use super::sobol_sequence::Points;
use crate::error::{Error, Result};
use crate::number_checks::Place;
use crate::numeric::mean_and_variance;
use crate::numeric::quantile::sorted_interval;
use crate::numeric::student::two_sided_quantile;
use crate::random::{BLOCK, Seed};

/// The most numbers that are kept: 2 GiB.
const MOST_NUMBERS: usize = 1 << 28;

impl SobolIndices {
    /// **Sobol' indices of a model**: which part of the variance of each output each input, or group, has.
    ///
    /// # Definition
    ///
    /// ```text
    /// first order  S = Var(E[Y | X]) / Var(Y)       what of the variance would go if X were known
    /// total        T = E[Var(Y | all but X)] / Var(Y)   what of it would be left if only X were not
    /// ```
    ///
    /// With points A and B that are independent, and AB equal to A but for X, which is that of B (Saltelli et al. 2010,
    /// [doi:10.1016/j.cpc.2009.09.018](https://doi.org/10.1016/j.cpc.2009.09.018); Jansen 1999,
    /// [doi:10.1016/S0010-4655(98)00154-4](https://doi.org/10.1016/S0010-4655(98)00154-4)):
    ///
    /// ```text
    /// S = mean((f(B) − m)·(f(AB) − f(A))) / V,   T = mean((f(A) − f(AB))²) / 2V
    /// ```
    ///
    /// m and V are mean and variance of f over A and B. The points are Sobol' points with Owen scrambling. Nothing is
    /// cut off at 0 or 1: an estimate below 0 says how large the error is.
    ///
    /// `model` gets a row of values in the order of [`Inputs::names`] and writes one value for each of `outputs`; it is
    /// called from several threads, and has to give the same for the same row. The result does not depend on the
    /// number of threads.
    ///
    /// # Errors
    ///
    /// Where there is no input or output, a name of an output is there twice, or an option is out of its range;
    /// [`ErrorKind::OutOfRange`](crate::ErrorKind::OutOfRange) with the values of the inputs where the model gives no finite number;
    /// [`ErrorKind::Unsuitable`](crate::ErrorKind::Unsuitable) where an output is constant.
    ///
    /// # Example
    ///
    /// The Ishigami function, whose indices are known: 0.3139, 0.4424 and 0 of the first order, 0.5576, 0.4424 and 0.2437
    /// in total.
    ///
    /// ```
    /// use myeloma_epi::sensitivity::{Distribution, Inputs, SobolIndices, SobolOptions};
    /// use std::f64::consts::PI;
    ///
    /// let mut inputs = Inputs::default();
    /// for name in ["x1", "x2", "x3"] {
    ///     inputs = inputs.with(name, Distribution::Uniform { lower: -PI, upper: PI })?;
    /// }
    /// let ishigami = |x: &[f64], y: &mut [f64]| {
    ///     y[0] = x[0].sin() + 7.0 * x[1].sin().powi(2) + 0.1 * x[2].powi(4) * x[0].sin();
    /// };
    /// let indices = SobolIndices::of(&inputs, &["y"], ishigami, &SobolOptions::default())?;
    /// let x3 = indices.output("y")?.input("x3")?;
    /// assert!(x3.first.estimate.abs() < 0.01 && (x3.total.estimate - 0.2437).abs() < 0.01);
    /// println!("{indices}");
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    pub fn of(
        inputs: &Inputs,
        outputs: &[&str],
        model: impl Fn(&[f64], &mut [f64]) + Sync,
        options: &SobolOptions,
    ) -> Result<Self> {
        options.check()?;
        inputs.check()?;
        check_outputs(outputs)?;
        let mut evaluated = evaluate(inputs, outputs, &model, options)?;
        if options.ranks {
            for o in 0..outputs.len() {
                replace_by_ranks(&mut evaluated, o, inputs.factors().len() + 2);
            }
        }
        let of_output = |(o, name): (usize, &&str)| -> Result<OutputIndices> {
            let factors = inputs.factors().len();
            OfOutput::new(&evaluated, o, factors, options.replicates())
                .indices(inputs, name, options)
        };
        let outputs = outputs.iter().enumerate().map(of_output);
        let per_point = inputs.factors().len() + 2;
        Ok(Self {
            evaluations: options.points * per_point,
            level: options.level,
            error: options.error,
            ranks: options.ranks,
            outputs: outputs.collect::<Result<_>>()?,
        })
    }
}

/// Outputs have names, each its own.
pub(super) fn check_outputs(outputs: &[&str]) -> Result<()> {
    if outputs.is_empty() {
        let purpose = "a sensitivity analysis";
        return Err(Error::too_few("outputs", "a model", 0, 1, purpose));
    }
    checks::names("outputs", outputs.iter().copied())
}

/// That a model gave no number, and for which values.
pub(super) fn not_finite(output: &str, value: f64, names: &[String], row: &[f64]) -> Error {
    let values = names
        .iter()
        .zip(row)
        .map(|(name, x)| format!("{name} = {x}"));
    let values: Vec<String> = values.collect();
    let place = format!("the model at {}", values.join(", "));
    Error::out_of_range(format!("\"{output}\""), place, value, "finite")
}

/// The model's values at some base points: a row an output and point, f(A), f(B), and f(AB) of each factor.
struct Block {
    /// Output by output.
    values: Vec<f64>,
    points: usize,
}

fn evaluate(
    inputs: &Inputs,
    outputs: &[&str],
    model: &(impl Fn(&[f64], &mut [f64]) + Sync),
    options: &SobolOptions,
) -> Result<Vec<Block>> {
    let per_point = inputs.factors().len() + 2;
    let numbers = (options.points * outputs.len()).saturating_mul(per_point);
    Place("the options of Sobol' indices").check(
        numbers <= MOST_NUMBERS,
        "the number of evaluations times outputs",
        numbers,
        format!("at most {MOST_NUMBERS}: take fewer points"),
    )?;
    let uniforms = inputs.uniforms();
    let stream = options.seed.stream("sensitivity/scrambling");
    let of_each = options.points / options.replicates();
    // Each scrambling begins with its first point.
    let of_scrambling = match options.error {
        IndexError::Scramblings(_) => of_each,
        _ => options.points,
    };
    let scrambled: Vec<Points> = (0..options.points / of_scrambling)
        .map(|i| Points::new(2 * uniforms, stream, i))
        .collect::<Result<_>>()?;
    let starts = (0..options.points).step_by(of_each.min(BLOCK));
    let starts = starts.map(|first| (first / of_scrambling, first % of_scrambling));
    let starts: Vec<(usize, usize)> = starts.collect();
    let blocks: Vec<Result<Block>> = starts
        .par_iter()
        .map(|&(scrambling, first)| {
            let points = of_each.min(BLOCK);
            evaluate_block(
                inputs,
                outputs,
                model,
                &scrambled[scrambling],
                (first, points),
            )
        })
        .collect();
    blocks.into_iter().collect()
}

fn evaluate_block(
    inputs: &Inputs,
    outputs: &[&str],
    model: &(impl Fn(&[f64], &mut [f64]) + Sync),
    scrambled: &Points,
    (first, points): (usize, usize),
) -> Result<Block> {
    let width = inputs.names().len();
    let per_point = inputs.factors().len() + 2;
    let members = inputs.factors().iter().map(|factor| factor.members.clone());
    let members: Vec<Range<usize>> = members.collect();
    let mut a = vec![0.0; points * width];
    let mut b = a.clone();
    inputs.fill(scrambled, 0, first, &mut a);
    inputs.fill(scrambled, inputs.uniforms(), first, &mut b);

    // What a model leaves as it is is not a number.
    let mut values = vec![f64::NAN; points * per_point * outputs.len()];
    let mut evaluations = values.chunks_exact_mut(outputs.len());
    let mut evaluate = |row: &[f64]| {
        if let Some(values) = evaluations.next() {
            model(row, values);
        }
    };
    for (a, b) in a.chunks_exact_mut(width).zip(b.chunks_exact_mut(width)) {
        evaluate(a);
        evaluate(b);
        for members in &members {
            exchange(a, b, members);
            evaluate(a);
            exchange(a, b, members);
        }
    }
    if let Some(bad) = values.iter().position(|value| !value.is_finite()) {
        let (evaluation, output) = (bad / outputs.len(), bad % outputs.len());
        let at = evaluation / per_point * width..(evaluation / per_point + 1) * width;
        let (mut row, of_b) = (a[at.clone()].to_vec(), &b[at]);
        let of_b_alone = match evaluation % per_point {
            0 => 0..0,
            1 => 0..width,
            factor => members[factor - 2].clone(),
        };
        row[of_b_alone.clone()].copy_from_slice(&of_b[of_b_alone]);
        return Err(not_finite(
            outputs[output],
            values[bad],
            inputs.names(),
            &row,
        ));
    }
    if outputs.len() > 1 {
        let of_output = |o: usize| values.iter().skip(o).step_by(outputs.len()).copied();
        values = (0..outputs.len()).flat_map(of_output).collect();
    }
    Ok(Block { values, points })
}

/// Replaces the values of an output by their ranks, from 0 to 1, among those at all points A and B; equal values have their
/// mean rank.
fn replace_by_ranks(blocks: &mut [Block], output: usize, per_point: usize) {
    let of_output = |block: &Block| {
        let size = block.points * per_point;
        output * size..(output + 1) * size
    };
    let points = blocks.iter().flat_map(|block| {
        let points = block.values[of_output(block)].chunks_exact(per_point);
        points.flat_map(|values| [values[0], values[1]])
    });
    let mut sorted: Vec<f64> = points.collect();
    sorted.sort_unstable_by(f64::total_cmp);
    // A constant is told with its value.
    if sorted.first() == sorted.last() {
        return;
    }
    blocks.par_iter_mut().for_each(|block| {
        let values = of_output(block);
        for value in &mut block.values[values] {
            let below = sorted.partition_point(|other| other < value);
            let not_above = sorted.partition_point(|other| other <= value);
            *value = (below + not_above) as f64 / (2 * sorted.len()) as f64;
        }
    });
}

/// Exchanges some numbers of two rows; most factors are one number, which needs no loop.
#[inline]
fn exchange(a: &mut [f64], b: &mut [f64], members: &Range<usize>) {
    if members.len() == 1 {
        std::mem::swap(&mut a[members.start], &mut b[members.start]);
    } else {
        a[members.clone()].swap_with_slice(&mut b[members.clone()]);
    }
}

/// The values of one output.
struct OfOutput<'a> {
    /// Of each replicate, block by block: f(A), f(B), f(AB), … of each point.
    replicates: Vec<Vec<&'a [f64]>>,
    factors: usize,
    mean: f64,
}

/// Sums over points from which indices are made, about a mean; they add up.
#[derive(Debug, Clone)]
struct Sums {
    points: f64,
    /// Σ of f(A) + f(B), and of their squares.
    values: f64,
    squares: f64,
    /// Of each factor: Σ f(B)·(f(AB) − f(A)), Σ (f(AB) − f(A)), Σ (f(AB) − f(A))².
    products: Vec<[f64; 3]>,
}

impl Sums {
    fn new(factors: usize) -> Self {
        Self {
            points: 0.0,
            values: 0.0,
            squares: 0.0,
            products: vec![[0.0; 3]; factors],
        }
    }

    fn add(&mut self, other: &Self) {
        self.points += other.points;
        self.values += other.values;
        self.squares += other.squares;
        for (sum, other) in self.products.iter_mut().zip(&other.products) {
            (0..3).for_each(|i| sum[i] += other[i]);
        }
    }

    /// Takes up a point with a weight; `mean` is about that of the values.
    #[inline]
    fn take(&mut self, values: &[f64], mean: f64, weight: f64) {
        let (of_a, of_b) = (values[0] - mean, values[1] - mean);
        self.points += weight;
        self.values += weight * (of_a + of_b);
        self.squares += weight * (of_a * of_a + of_b * of_b);
        for (sum, value) in self.products.iter_mut().zip(&values[2..]) {
            let step = value - values[0];
            sum[0] += weight * of_b * step;
            sum[1] += weight * step;
            sum[2] += weight * step * step;
        }
    }

    /// Mean about the one that was taken away, and variance.
    fn moments(&self) -> (f64, f64) {
        let n = 2.0 * self.points;
        let mean = self.values / n;
        (mean, (self.squares / n - mean * mean) * n / (n - 1.0))
    }

    /// First-order and total index of each factor.
    fn indices(&self) -> Vec<[f64; 2]> {
        let (mean, variance) = self.moments();
        let of = |[product, step, square]: &[f64; 3]| {
            let first = (product - mean * step) / self.points / variance;
            [first, square / (2.0 * self.points * variance)]
        };
        self.products.iter().map(of).collect()
    }
}

impl<'a> OfOutput<'a> {
    fn new(blocks: &'a [Block], output: usize, factors: usize, replicates: usize) -> Self {
        let values = |block: &'a Block| {
            let size = block.points * (factors + 2);
            &block.values[output * size..(output + 1) * size]
        };
        let of_each = blocks.len() / replicates;
        let replicates = blocks.chunks(of_each);
        let mut all = Self {
            replicates: replicates
                .map(|blocks| blocks.iter().map(values).collect())
                .collect(),
            factors,
            mean: 0.0,
        };
        let both = all.points().map(|values| values[0] + values[1]);
        let count = 2 * blocks.iter().map(|block| block.points).sum::<usize>();
        all.mean = both.sum::<f64>() / count as f64;
        all
    }

    fn points(&self) -> impl Iterator<Item = &[f64]> {
        let blocks = self.replicates.iter().flatten();
        blocks.flat_map(|block| block.chunks_exact(self.factors + 2))
    }

    /// Sums over each replicate: block by block, so that threads change no bit.
    fn sums(&self) -> Vec<Sums> {
        let of = |blocks: &Vec<&[f64]>| {
            let mut sums = Sums::new(self.factors);
            for block in blocks {
                let mut of_block = Sums::new(self.factors);
                for values in block.chunks_exact(self.factors + 2) {
                    of_block.take(values, self.mean, 1.0);
                }
                sums.add(&of_block);
            }
            sums
        };
        self.replicates.iter().map(of).collect()
    }

    /// Sums over points that are drawn again, one for each bootstrap sample.
    fn bootstrap(&self, samples: usize, seed: Seed) -> Vec<Sums> {
        let stream = seed.stream("sensitivity/bootstrap");
        let points: Vec<&[f64]> = self.points().collect();
        let sample = |i: usize| {
            let mut rng = stream.block(i);
            let mut times = vec![0_u32; points.len()];
            for _ in 0..points.len() {
                times[rng.random_range(0..points.len())] += 1;
            }
            let mut sums = Sums::new(self.factors);
            for (values, times) in points.iter().zip(times).filter(|(_, times)| *times > 0) {
                sums.take(values, self.mean, f64::from(times));
            }
            sums
        };
        (0..samples).into_par_iter().map(sample).collect()
    }

    fn indices(
        &self,
        inputs: &Inputs,
        name: &str,
        options: &SobolOptions,
    ) -> Result<OutputIndices> {
        let of_replicates = self.sums();
        let mut all = Sums::new(self.factors);
        for sums in &of_replicates {
            all.add(sums);
        }
        let (shift, variance) = all.moments();
        if !variance.is_finite() {
            return Err(Error::unsuitable(format!(
                "the values of the output \"{name}\" are too large for their squares: take a larger unit"
            )));
        }
        // What is left of a constant is the rounding of its sums.
        if variance <= (1e-13 * self.mean).powi(2) {
            let value = self.replicates[0][0][0];
            return Err(Error::unsuitable(format!(
                "the output \"{name}\" is {value} whatever the inputs are: it has no variance to be shared out"
            )));
        }
        let again = match options.error {
            IndexError::Bootstrap(samples) => self.bootstrap(samples, options.seed),
            _ => of_replicates,
        };
        // Nor has a part of the points variance to be shared out, where an event is too rare for it.
        let constant = |sums: &Sums| sums.moments().1 <= (1e-13 * self.mean).powi(2);
        if options.error != IndexError::None && again.iter().any(constant) {
            return Err(Error::unsuitable(format!(
                "the output \"{name}\" is the same in all of some part, scrambling or sample of the points that its error is estimated \
                 from: take more points (SobolOptions::points), fewer parts, or no error (IndexError::None)"
            )));
        }
        let again: Vec<Vec<[f64; 2]>> = again.iter().map(Sums::indices).collect();
        let index = |factor: usize, kind: usize, estimate: f64| {
            let values = again.iter().map(|indices| indices[factor][kind]);
            Index::new(estimate, values.collect(), options)
        };
        let estimates = all.indices();
        let of_inputs = inputs
            .named_factors()
            .enumerate()
            .map(|(i, (input, members))| InputIndices {
                input,
                members,
                first: index(i, 0, estimates[i][0]),
                total: index(i, 1, estimates[i][1]),
            });
        Ok(OutputIndices {
            output: name.to_owned(),
            mean: self.mean + shift,
            sd: variance.sqrt(),
            inputs: of_inputs.collect(),
        })
    }
}

impl Index {
    /// From the estimate, and the same by replicates or bootstrap samples.
    fn new(estimate: f64, mut again: Vec<f64>, options: &SobolOptions) -> Self {
        let (lower, upper) = match options.error {
            IndexError::None => (estimate, estimate),
            IndexError::Parts(n) | IndexError::Scramblings(n) => {
                let n = n as f64;
                let error = (mean_and_variance(&again).1 / n).sqrt();
                let half = two_sided_quantile(Some(n - 1.0), options.level) * error;
                (estimate - half, estimate + half)
            }
            IndexError::Bootstrap(_) => {
                again.sort_by(f64::total_cmp);
                // The percentiles of a skewed index may leave the estimate outside.
                let (lower, upper) = sorted_interval(&again, options.level);
                (lower.min(estimate), upper.max(estimate))
            }
        };
        Self {
            estimate,
            lower,
            upper,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    /// f of three points A, B and AB: the variance of the six numbers of A and B has five degrees of freedom, and whatever is taken away
    /// as their mean before changes no index.
    #[test]
    fn sums_about_any_mean_are_those_by_hand() {
        let points = [[1.0, 4.0, 2.0], [2.0, 3.0, 4.0], [6.0, 2.0, 5.0]];
        // Σ(x − 3)² = 4 + 1 + 1 + 0 + 9 + 1, about the mean of 3.
        let variance = 16.0 / 5.0;
        // (4 − 3)·(2 − 1) + (3 − 3)·(4 − 2) + (2 − 3)·(5 − 6), and 1² + 2² + 1².
        let expected = [2.0 / 3.0 / variance, 6.0 / 6.0 / variance];
        for mean in [0.0, 3.0, 40.0] {
            let mut sums = Sums::new(1);
            for values in &points {
                sums.take(values, mean, 1.0);
            }
            assert_relative_eq!(sums.moments().1, variance, max_relative = 1e-12);
            for (found, expected) in sums.indices()[0].into_iter().zip(expected) {
                assert_relative_eq!(found, expected, max_relative = 1e-11);
            }
        }
    }

    #[test]
    fn an_interval_by_bootstrap_holds_the_estimate() {
        let options = SobolOptions {
            error: IndexError::Bootstrap(4),
            ..SobolOptions::default()
        };
        for (estimate, ends) in [(0.5, (0.1, 0.5)), (0.05, (0.05, 0.4)), (0.2, (0.1, 0.4))] {
            let index = Index::new(estimate, vec![0.4, 0.1, 0.1, 0.4], &options);
            assert_eq!((index.lower, index.upper), ends);
        }
    }
}
