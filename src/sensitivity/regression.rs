//! Penalised regression splines of one or two inputs, with smoothness by restricted maximum likelihood.
//!
//! A natural cubic spline with its knots at quantiles of the input, in the values at the knots, and the penalty λ·∫f″²
//! ("cr" of mgcv; Wood 2017, Generalized Additive Models, second edition, section 5.3.1); of two inputs the tensor product,
//! with a penalty in each direction (section 5.6). λ minimises the restricted likelihood with the variance profiled out
//! (Wood 2011, Journal of the Royal Statistical Society B 73:3–36,
//! [doi:10.1111/j.1467-9868.2010.00749.x](https://doi.org/10.1111/j.1467-9868.2010.00749.x)):
//!
//! ```text
//! (n − M)·ln(‖y − Xβ‖² + βᵀSβ) + ln|XᵀX + S| − ln|S|₊,   M: functions that no penalty touches
//! ```
//!
//! Knots are doubled as long as Akaike's criterion falls by that, or residuals of neighbouring draws hang together, and there are
//! ten draws a coefficient. Where they still hang together then, there is an error in place of a spline.

use super::missed_waves::{missed, neighbours};
use super::natural_spline::Basis;
use crate::error::{Error, Result};
use crate::numeric::linear_algebra::{Cholesky, dot, symmetric_eigen};

/// The knots of a spline of one input, and in each direction of two, where no more are needed.
const KNOTS: usize = 20;
const KNOTS_OF_TWO: usize = 7;
/// The most coefficients.
const MOST_COEFFICIENTS: usize = 240;

/// By how much Akaike's criterion has to fall for more knots: what chance does not do.
const NEEDED: f64 = 10.0;
/// The part of the variance of an output that may be missed, and so many standard errors of it that chance may make.
const MISSED: f64 = 0.02;
const BY_CHANCE: f64 = 4.0;

/// As far from equal weight the logarithm of λ goes: a spline is then all but a straight line, or all but free, and rounding
/// is still small against both data and penalty.
const FARTHEST: f64 = 16.0;

/// So many draws a coefficient are needed.
const DRAWS_A_COEFFICIENT: usize = 10;

/// Splines of one or two inputs at all draws, ready to be fitted to outputs.
#[derive(Debug)]
pub(super) struct Splines {
    /// Of the inputs.
    names: String,
    /// A row a draw.
    design: Vec<Vec<f64>>,
    gram: Vec<Vec<f64>>,
    /// A penalty a direction.
    penalties: Vec<Vec<Vec<f64>>>,
    /// The eigenvalues of the penalty of each direction, of a single one but for their scale: a coefficient has one a direction.
    eigenvalues: Vec<Vec<f64>>,
}

/// A spline that was fitted.
#[derive(Debug)]
pub(super) struct Spline {
    /// At each draw.
    pub(super) fitted: Vec<f64>,
    /// The variance of what is left, with the degrees of freedom that the spline takes.
    pub(super) residual_variance: f64,
    /// Akaike's: n·ln(residual squares) + 2·degrees of freedom.
    criterion: f64,
    /// The part of the variance of the output that neighbouring residuals have in common, 0 or more; and its standard error
    /// where more knots might be of use.
    pub(super) missed: f64,
    pub(super) coefficients: Vec<f64>,
    /// Lower triangular; the covariance of the coefficients is σ²·(L·Lᵀ)⁻¹.
    root: Cholesky,
}

impl Splines {
    /// The splines of some outputs, on as many knots as one of them needs: twice as many, where Akaike's criterion falls by that.
    /// Few more knots do not always show what many follow: where something is missed, all numbers of knots are tried.
    pub(super) fn of(inputs: &[(&str, &[f64])], outputs: &[&[f64]]) -> Result<(Self, Vec<Spline>)> {
        let n = inputs[0].1.len();
        let mut knots = if inputs.len() == 1 {
            KNOTS
        } else {
            KNOTS_OF_TWO
        };
        let neighbours = neighbours(inputs);
        // With the most that is missed of an output beyond chance, and the standard error of what is missed of each.
        let on = |knots: usize| -> Result<(Self, Vec<Spline>, f64, Vec<f64>)> {
            let splines = Self::new(inputs, knots)?;
            let (mut fits, mut most, mut errors) = (Vec::new(), 0.0_f64, Vec::new());
            for output in outputs {
                let mut fit = splines.fit(output)?;
                let (missed, error) = missed(output, &fit, &neighbours);
                fit.missed = missed.max(0.0);
                if missed > BY_CHANCE * error {
                    most = most.max(missed);
                }
                fits.push(fit);
                errors.push(error);
            }
            Ok((splines, fits, most, errors))
        };
        let mut best = on(knots)?;
        // Whether the last knots that were added were of use: more of them might be, too.
        let mut gained = false;
        loop {
            knots = if inputs.len() == 1 {
                2 * knots
            } else {
                knots + knots / 2
            };
            let coefficients = knots.pow(u32::from(inputs.len() == 2) + 1);
            if coefficients > MOST_COEFFICIENTS.min(n / DRAWS_A_COEFFICIENT) {
                break;
            }
            let finer = on(knots)?;
            let mut both = best.1.iter().zip(&finer.1);
            gained = both.any(|(coarse, fine)| fine.criterion < coarse.criterion - NEEDED);
            if gained {
                best = finer;
            } else if best.2 <= MISSED {
                break;
            }
        }
        let (splines, mut fits, missed, errors) = best;
        if missed <= MISSED {
            if gained {
                // Knots ran out, and what neighbours do not show for certain may be missed.
                (fits.iter_mut().zip(errors)).for_each(|(fit, error)| fit.missed += error);
            }
            return Ok((splines, fits));
        }
        let more = if n < DRAWS_A_COEFFICIENT * MOST_COEFFICIENTS {
            format!("More draws than {n} allow more coefficients, up to {MOST_COEFFICIENTS}; ")
        } else {
            String::new()
        };
        Err(Error::unsuitable(format!(
            "an output rises and falls with {} too often for a spline of {} coefficients, or the draws are no random ones: by the \
             residuals of neighbouring draws, {:.0} % of its variance is missed. {more}SobolIndices of the model need no spline",
            splines.names,
            splines.gram.len(),
            100.0 * missed
        )))
    }

    /// Splines of one or two inputs, each with its name and draws, which are finite and of one number.
    fn new(inputs: &[(&str, &[f64])], knots: usize) -> Result<Self> {
        let bases: Vec<Basis> = inputs
            .iter()
            .map(|(_, draws)| Basis::new(draws, knots))
            .collect();
        let coefficients: usize = bases.iter().map(Basis::len).product();
        let n = inputs[0].1.len();
        let names: Vec<&str> = inputs.iter().map(|(name, _)| *name).collect();
        let needed = DRAWS_A_COEFFICIENT * coefficients;
        if n < needed {
            let purpose = format!(
                "a spline of {coefficients} coefficients in {}",
                names.join(" and ")
            );
            return Err(Error::too_few(
                "draws",
                names.join(" and "),
                n,
                needed,
                purpose,
            ));
        }
        if let [(_, a), (_, b)] = inputs
            && follows(a, b)
        {
            return Err(singular(&names.join(" and ")));
        }
        let rows = (0..n).map(|draw| {
            let margins = bases
                .iter()
                .zip(inputs)
                .map(|(basis, (_, x))| basis.row(x[draw]));
            margins.fold(vec![1.0], |row, margin| {
                let row = row.iter();
                row.flat_map(|a| margin.iter().map(move |b| a * b))
                    .collect()
            })
        });
        let design: Vec<Vec<f64>> = rows.collect();
        let mut gram = vec![vec![0.0; coefficients]; coefficients];
        for row in &design {
            for (i, a) in row.iter().enumerate().filter(|(_, a)| **a != 0.0) {
                for (cell, b) in gram[i].iter_mut().zip(&row[..=i]) {
                    *cell += a * b;
                }
            }
        }
        for i in 0..coefficients {
            for j in 0..i {
                gram[j][i] = gram[i][j];
            }
        }
        let mut all = Self {
            names: names.join(" and "),
            design,
            gram,
            penalties: Vec::new(),
            eigenvalues: Vec::new(),
        };
        for direction in 0..bases.len() {
            all.add_penalty(&bases, direction);
        }
        Ok(all)
    }

    /// The penalty of one direction: Kronecker products with the identity in the other.
    fn add_penalty(&mut self, bases: &[Basis], direction: usize) {
        let penalty = &bases[direction].penalty;
        let values: Vec<f64> = if bases.len() == 1 {
            // Of one penalty the product of those that are not 0 is a constant: two fewer than knots, but for straight lines.
            let knots = penalty.len();
            (0..knots).map(|i| f64::from(i + 2 < knots)).collect()
        } else {
            let pairs = symmetric_eigen(penalty.clone()).into_iter();
            pairs.map(|(value, _)| value).collect()
        };
        let most = values.iter().copied().fold(0.0, f64::max);
        let places = places(bases);
        let matrix = places.iter().map(|a| {
            let entry = |b: &Vec<usize>| {
                let others = (0..bases.len()).filter(|d| *d != direction);
                if others.clone().all(|d| a[d] == b[d]) {
                    penalty[a[direction]][b[direction]]
                } else {
                    0.0
                }
            };
            places.iter().map(entry).collect()
        });
        self.penalties.push(matrix.collect());
        // What is not above rounding is a straight line.
        let of = |place: &Vec<usize>| Some(values[place[direction]]).filter(|v| *v > 1e-9 * most);
        self.eigenvalues.push(
            places
                .iter()
                .map(|place| of(place).unwrap_or(0.0))
                .collect(),
        );
    }

    /// The spline of an output, with the smoothness that its restricted likelihood is greatest at.
    pub(super) fn fit(&self, output: &[f64]) -> Result<Spline> {
        let n = output.len() as f64;
        let mean = output.iter().sum::<f64>() / n;
        let p = self.gram.len();
        let mut right = vec![0.0; p];
        let mut squares = 0.0;
        for (row, y) in self.design.iter().zip(output) {
            let y = y - mean;
            squares += y * y;
            right
                .iter_mut()
                .zip(row)
                .for_each(|(cell, x)| *cell += x * y);
        }
        let scale = self
            .gram
            .iter()
            .enumerate()
            .map(|(i, row)| row[i])
            .sum::<f64>();
        let start = self.start(scale);
        let mut logs = start.clone();
        let mut best = self.criterion(&logs, &right, squares, n);
        // One direction after the other, in steps that shrink.
        for step in [3.0, 1.0, 0.3, 0.1] {
            for _ in 0..20 {
                let mut moved = false;
                for direction in 0..logs.len() {
                    for sign in [-1.0, 1.0] {
                        let mut tried = logs.clone();
                        tried[direction] += sign * step;
                        let value = self.criterion(&tried, &right, squares, n);
                        if value.is_some_and(|v| best.is_none_or(|b| v < b))
                            && (tried[direction] - start[direction]).abs() < FARTHEST
                        {
                            (logs, best, moved) = (tried, value, true);
                        }
                    }
                }
                if !moved {
                    break;
                }
            }
        }
        if best.is_none() {
            return Err(singular(&self.names));
        }
        let root = self.root(&logs);
        let coefficients = solve_root(&root, &right);
        let fitted: Vec<f64> = self
            .design
            .iter()
            .map(|row| mean + dot(row, &coefficients))
            .collect();
        // The degrees of freedom: the trace of (XᵀX + S)⁻¹·XᵀX.
        let taken: f64 = (0..p).map(|i| solve_root(&root, &self.gram[i])[i]).sum();
        let left: f64 = output
            .iter()
            .zip(&fitted)
            .map(|(y, g)| (y - g).powi(2))
            .sum();
        Ok(Spline {
            fitted,
            residual_variance: left / (n - taken),
            missed: 0.0,
            criterion: n * left.max(1e-20 * squares).ln() + 2.0 * taken,
            coefficients,
            root,
        })
    }

    /// Logarithms of λ at which penalties and data weigh alike.
    fn start(&self, scale: f64) -> Vec<f64> {
        let trace = |penalty: &Vec<Vec<f64>>| {
            penalty
                .iter()
                .enumerate()
                .map(|(i, row)| row[i])
                .sum::<f64>()
        };
        let of = |penalty| (scale / trace(penalty).max(f64::MIN_POSITIVE)).ln();
        self.penalties
            .iter()
            .map(of)
            .map(|log: f64| log.clamp(-50.0, 50.0))
            .collect()
    }

    fn root(&self, logs: &[f64]) -> Cholesky {
        let lambdas: Vec<f64> = logs.iter().map(|log| log.exp()).collect();
        Cholesky::new(self.gram.len(), |i, j| {
            let penalties = lambdas.iter().zip(&self.penalties);
            self.gram[i][j] + penalties.map(|(lambda, s)| lambda * s[i][j]).sum::<f64>()
        })
    }

    /// Twice the negative log restricted likelihood, but for a constant; `None` where the equations are singular.
    fn criterion(&self, logs: &[f64], right: &[f64], squares: f64, n: f64) -> Option<f64> {
        let root = self.root(logs);
        let mut log_determinant = 0.0;
        for (i, row) in root.root.iter().enumerate() {
            if row[i] <= 1e-7 * self.gram[i][i].sqrt() {
                return None;
            }
            log_determinant += 2.0 * row[i].ln();
        }
        let beta = solve_root(&root, right);
        let penalised = (squares - dot(right, &beta)).max(1e-14 * squares);
        let (mut untouched, mut log_penalty) = (0.0, 0.0);
        for i in 0..right.len() {
            let both = self.eigenvalues.iter().zip(logs);
            let value: f64 = both.map(|(values, log)| values[i] * log.exp()).sum();
            if value > 0.0 {
                log_penalty += value.ln();
            } else {
                untouched += 1.0;
            }
        }
        Some((n - untouched) * penalised.ln() + log_determinant - log_penalty)
    }

    /// What another set of coefficients gives at each draw, above what the spline does.
    pub(super) fn moved(&self, by: &[f64]) -> Vec<f64> {
        self.design.iter().map(|row| dot(row, by)).collect()
    }
}

fn singular(names: &str) -> Error {
    Error::unsuitable(format!(
        "a spline of {names} cannot be fitted where one of them follows from the other: ask for one of them"
    ))
}

/// Whether 1, a, b and a·b, which no penalty touches, cannot be told apart at the draws.
fn follows(a: &[f64], b: &[f64]) -> bool {
    let standardised = |x: &[f64]| -> Vec<f64> {
        let n = x.len() as f64;
        let mean = x.iter().sum::<f64>() / n;
        let sd = (x.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n).sqrt();
        x.iter().map(|x| (x - mean) / sd).collect()
    };
    let (a, b) = (standardised(a), standardised(b));
    let product: Vec<f64> = a.iter().zip(&b).map(|(a, b)| a * b).collect();
    let columns = [vec![1.0; a.len()], a, b, product];
    let root = Cholesky::new(4, |i, j| dot(&columns[i], &columns[j]));
    let size = |i: usize| dot(&columns[i], &columns[i]).sqrt();
    (0..4).any(|i| root.root[i][i] <= 1e-5 * size(i))
}

impl Spline {
    /// A draw of the error of the coefficients, from standard normal numbers: σ·L⁻ᵀz.
    pub(super) fn error(&self, z: &[f64]) -> Vec<f64> {
        let sd = self.residual_variance.sqrt();
        backward(&self.root, z.iter().map(|z| sd * z).collect())
    }
}

/// The solution of L·Lᵀx = b.
fn solve_root(root: &Cholesky, right: &[f64]) -> Vec<f64> {
    let mut x = Vec::with_capacity(right.len());
    for (row, b) in root.root.iter().zip(right) {
        let i = x.len();
        x.push((b - dot(&row[..i], &x)) / row[i]);
    }
    backward(root, x)
}

/// The solution of Lᵀx = b.
fn backward(root: &Cholesky, mut x: Vec<f64>) -> Vec<f64> {
    for i in (0..x.len()).rev() {
        x[i] /= root.root[i][i];
        let (below, at) = x.split_at_mut(i);
        for (cell, l) in below.iter_mut().zip(&root.root[i]) {
            *cell -= l * at[0];
        }
    }
    x
}

/// Places of a coefficient in each direction.
fn places(bases: &[Basis]) -> Vec<Vec<usize>> {
    bases.iter().fold(vec![vec![]], |all, basis| {
        let longer = all
            .into_iter()
            .flat_map(|place| (0..basis.len()).map(move |i| [&place[..], &[i]].concat()));
        longer.collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    /// An input of two or three values has a mean at each.
    #[test]
    fn few_values_have_their_means() {
        for values in [2_u32, 3] {
            let x: Vec<f64> = (0..600).map(|i| f64::from(i % values)).collect();
            let y: Vec<f64> = (0..600)
                .map(|i| f64::from(i % values) * 2.0 + f64::from(i / 300))
                .collect();
            let fit = Splines::new(&[("x", &x)], KNOTS).unwrap().fit(&y).unwrap();
            for (x, g) in x.iter().zip(&fit.fitted) {
                assert_relative_eq!(*g, 2.0 * x + 0.5, max_relative = 1e-3);
            }
        }
    }

    /// mgcv 1.8-41 with few draws and much noise, one input and two: `tests/data/evppi_mgcv.R`. How smooth a spline is, its
    /// degrees of freedom say. They go with λ to the power −1/4 and the search for λ ends within a tenth of its logarithm: within
    /// 2.5 %.
    #[test]
    fn splines_are_as_smooth_as_those_of_mgcv() {
        #[derive(serde::Deserialize)]
        struct Reference {
            noisy: Noisy,
        }
        #[derive(Debug, serde::Deserialize)]
        struct Noisy {
            residual_variance: [f64; 2],
            degrees_of_freedom: [f64; 2],
            fitted_sd: [f64; 2],
        }
        let text = include_str!("../../tests/data/evppi_mgcv.json");
        let Reference { noisy } = serde_json::from_str(text).unwrap();
        for (case, n) in [200_u32, 500].into_iter().enumerate() {
            let sequence = |step: f64| -> Vec<f64> {
                (1..=n).map(|i| (f64::from(i) * step).fract()).collect()
            };
            let [a, b, c] = [2f64.sqrt(), 3f64.sqrt(), 5f64.sqrt()].map(sequence);
            let both = [("a", &a[..]), ("b", &b[..])];
            let y = (0..a.len()).map(|i| {
                let second = if case == 0 { 0.0 } else { (5.0 * b[i]).cos() };
                (6.0 * a[i]).sin() * (1.0 + second) + 4.0 * (c[i] - 0.5)
            });
            let y: Vec<f64> = y.collect();
            let fit = Splines::new(&both[..=case], [KNOTS, KNOTS_OF_TWO][case])
                .unwrap()
                .fit(&y)
                .unwrap();
            let left: f64 = y
                .iter()
                .zip(&fit.fitted)
                .map(|(y, g)| (y - g).powi(2))
                .sum();
            let n = f64::from(n);
            let taken = n - left / fit.residual_variance;
            let mean = fit.fitted.iter().sum::<f64>() / n;
            let squares: f64 = fit.fitted.iter().map(|g| (g - mean).powi(2)).sum();
            let sd = (squares / (n - 1.0)).sqrt();
            println!("{taken} {} {sd} {noisy:?}", fit.residual_variance);
            assert_relative_eq!(taken, noisy.degrees_of_freedom[case], max_relative = 0.025);
            assert_relative_eq!(
                fit.residual_variance,
                noisy.residual_variance[case],
                max_relative = 1e-3
            );
            assert_relative_eq!(sd, noisy.fitted_sd[case], max_relative = 0.01);
        }
    }

    #[test]
    fn an_input_that_follows_from_the_other_is_refused() {
        let x: Vec<f64> = (0..600).map(|i| f64::from(i) * 0.618 % 1.0).collect();
        let error = Splines::new(&[("a", &x), ("b", &x)], KNOTS_OF_TWO).unwrap_err();
        assert!(
            error.to_string().contains("follows from the other"),
            "{error}"
        );
        let error = Splines::new(&[("a", &x[..100])], KNOTS).unwrap_err();
        assert!(
            error.to_string().contains("there are 100") && error.to_string().contains("200"),
            "{error}"
        );
    }
}
