//! Shares and stays together, and what a study leaves undetermined.

use super::super::cohorts::arrivals;
use super::super::estimand::FollowUp;
use super::super::model::{Line, Pathway};
use super::super::share::Share;
use super::super::sojourn::{Distribution, SojournTime};
use crate::error::{Error, ErrorKind, Result};
use crate::numeric::linear_algebra::{solve, symmetric_eigen};

/// A calibration of **shares and stays** against crude shares at one or more data cuts.
///
/// Each line has a stay. A stay that is known (published, or assumed) stays as it is; of an *open* stay
/// the family and shape are given, and its median lies somewhere in a range. Every data cut gives the
/// share of the cohort seen starting line 2, 3, … With q the share that ever reaches a line and G the
/// distribution function of the sum of the stays before it,
///
/// crude share of line l + 1 at a cut = qₗ · E\[Gₗ(follow-up)\].
///
/// One cut has as many numbers as there are shares, so that every open stay leaves a direction in which
/// shares and stays change together and nothing that was measured does. Two cuts at different follow-up
/// can tell them apart. The answer says which parameters the data determine, and between what limits
/// the others lie.
///
/// ```
/// use myeloma_epi::pathway::evidence::Calibration;
/// use myeloma_epi::pathway::{FollowUp, SojournTime};
///
/// let first_line = SojournTime::exponential_from_median(2.0)?;
/// let open = Calibration::new([first_line]).with_open_stay(1, 1.0, 4.0)?;
/// // One data cut after three years leaves the stay open, and with it the share.
/// let one = open.clone().with_crude_shares(FollowUp::Fixed(3.0), &[0.42])?.solve()?;
/// assert!(!one.next[0].determined && one.next[0].low < one.next[0].high);
/// // A second one after nine years settles both.
/// let two = open
///     .with_crude_shares(FollowUp::Fixed(3.0), &[0.42])?
///     .with_crude_shares(FollowUp::Fixed(9.0), &[0.62])?
///     .solve()?;
/// assert!(two.next[0].determined && two.medians[0].determined);
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Calibration {
    stays: Vec<SojournTime>,
    /// The range of the median, in years.
    open: Vec<Option<(f64, f64)>>,
    cuts: Vec<(FollowUp, Vec<f64>)>,
}

/// One number of a calibration.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Estimate {
    /// A value that reproduces the data; one of many unless it is determined.
    pub value: f64,
    /// Whether the data, and the stays that are known, determine it.
    pub determined: bool,
    /// The least value that reproduces the data while the undetermined stays run through their ranges,
    /// nine values each.
    pub low: f64,
    /// The greatest one.
    pub high: f64,
}

/// A direction in which the parameters can move together without any crude share changing: relative
/// changes, of length 1.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Direction {
    /// Of the share that goes on after each line.
    pub next: Vec<f64>,
    /// Of the median stay in each line; 0 where it is known.
    pub medians: Vec<f64>,
}

/// What a [`Calibration`] finds.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct JointlyCalibrated {
    /// A pathway that shows the crude shares; whoever does not go on dies in the line.
    pub pathway: Pathway,
    /// The share that goes on after each line.
    pub next: Vec<Estimate>,
    /// The median stay in each line, in years.
    pub medians: Vec<Estimate>,
    /// The share of the cohort that ever reaches third line; `None` without crude shares of it.
    pub ultimate_third_line: Option<Estimate>,
    /// What stays undetermined; empty where nothing does.
    pub undetermined: Vec<Direction>,
    /// The largest relative difference between a crude share and what the pathway shows: above 1e-6 the
    /// data contradict each other, the known stays, or the ranges of the open ones.
    pub misfit: f64,
}

/// A direction counts as undetermined where a relative change of 1 moves no crude share by more.
const FLAT: f64 = 1e-3;
/// The part of a parameter in the undetermined directions from which on it counts as undetermined.
const INVOLVED: f64 = 0.02;
/// The misfit up to which data count as reproduced.
const REPRODUCED: f64 = 1e-6;
/// Values of each undetermined stay that are tried.
const TRIED: i32 = 9;
const ITERATIONS: usize = 200;

impl Calibration {
    /// A calibration with a stay for each line, all of them known.
    #[must_use]
    pub fn new(stays: impl IntoIterator<Item = SojournTime>) -> Self {
        let stays: Vec<SojournTime> = stays.into_iter().collect();
        Self {
            open: vec![None; stays.len()],
            stays,
            cuts: Vec::new(),
        }
    }

    /// With the stay of a line (from 1) open: its median lies between these two, in years.
    ///
    /// # Errors
    ///
    /// Where there is no such line, its stay has no median above 0, or the range is not in order.
    pub fn with_open_stay(mut self, line: usize, least: f64, most: f64) -> Result<Self> {
        let place = "a calibration";
        if !(1..=self.stays.len()).contains(&line) || self.stays[line - 1].median() <= 0.0 {
            return Err(Error::out_of_range(
                "the line",
                place,
                line,
                format!(
                    "from 1 to {}, with a stay that takes time",
                    self.stays.len()
                ),
            ));
        }
        if !(least > 0.0 && least < most && most.is_finite()) {
            return Err(Error::out_of_range(
                format!("the range of the median stay in line {line}"),
                place,
                format!("{least} to {most}"),
                "above 0 and in order",
            ));
        }
        self.open[line - 1] = Some((least, most));
        Ok(self)
    }

    /// With the shares of the cohort seen starting line 2, 3, … by a data cut; as many in every cut.
    ///
    /// # Errors
    ///
    /// Where the follow-up is zero, there are more shares than stays or not as many as in another cut,
    /// or a share is not above 0 and at most the one before.
    pub fn with_crude_shares(mut self, follow_up: FollowUp, shares: &[f64]) -> Result<Self> {
        follow_up.check()?;
        let expected = self.cuts.first().map_or(shares.len(), |(_, cut)| cut.len());
        if shares.is_empty() || shares.len() > self.stays.len() || shares.len() != expected {
            return Err(ErrorKind::Unsuitable(format!(
                "a calibration needs as many crude shares in every data cut, and a stay for the line \
                 before each: there are {} shares, {expected} in the first cut, and {} stays",
                shares.len(),
                self.stays.len()
            ))
            .into());
        }
        let mut before = 1.0;
        for (i, &share) in shares.iter().enumerate() {
            if !(share > 0.0 && share <= before) {
                return Err(Error::out_of_range(
                    format!("the crude share of line {}", i + 2),
                    "a calibration",
                    share,
                    format!("above 0 and at most the share of the line before, {before}"),
                ));
            }
            before = share;
        }
        self.cuts.push((follow_up, shares.to_vec()));
        Ok(self)
    }

    /// Finds shares and stays, and what they leave undetermined.
    ///
    /// # Errors
    ///
    /// Where there is no data cut, or with these stays more were seen in a line than can have reached it.
    pub fn solve(&self) -> Result<JointlyCalibrated> {
        let Some((_, first)) = self.cuts.first() else {
            return Err(
                ErrorKind::Unsuitable("a calibration without crude shares".to_owned()).into(),
            );
        };
        let shares = first.len();
        let problem = Problem::new(self, shares, &vec![None; shares]);
        let solution = problem.solve()?;
        if solution.misfit > REPRODUCED && self.cuts.len() == 1 {
            return Err(ErrorKind::Contradiction(format!(
                "no shares between 0 and 1 reproduce the crude shares of the calibration, whatever \
                 the open stays: the nearest is off by {:.1} %. The stays are too long for the shares \
                 and the follow-up",
                100.0 * solution.misfit
            ))
            .into());
        }
        let flat = problem.flat_directions(&solution)?;
        let involved = |gradient: &[f64]| {
            let length = gradient.iter().map(|g| g * g).sum::<f64>().sqrt();
            let part = |d: &Vec<f64>| d.iter().zip(gradient).map(|(d, g)| d * g).sum::<f64>();
            flat.iter().map(|d| part(d).powi(2)).sum::<f64>().sqrt() > INVOLVED * length
        };
        let unit = |at: usize| -> Vec<f64> {
            (0..problem.parameters())
                .map(|i| f64::from(u8::from(i == at)))
                .collect()
        };
        // The undetermined stays run through their ranges.
        let undetermined: Vec<usize> = (0..problem.free.len())
            .filter(|&i| involved(&unit(shares + i)))
            .map(|i| problem.free[i])
            .collect();
        let reproduced = self.range(shares, &undetermined, &solution)?;
        let estimate = |of: &dyn Fn(&Solution) -> f64, gradient: &[f64]| {
            let value = of(&solution);
            let determined = !involved(gradient);
            let all = || reproduced.iter().map(of).chain([value]);
            Estimate {
                value,
                determined,
                low: if determined {
                    value
                } else {
                    all().fold(f64::INFINITY, f64::min)
                },
                high: if determined {
                    value
                } else {
                    all().fold(0.0, f64::max)
                },
            }
        };
        let next: Vec<Estimate> = (0..shares)
            .map(|l| estimate(&|s: &Solution| s.next[l], &unit(l)))
            .collect();
        let medians = (0..shares)
            .map(|line| match problem.free.iter().position(|&f| f == line) {
                Some(i) => estimate(&|s: &Solution| s.medians[line], &unit(shares + i)),
                None => estimate(
                    &|s: &Solution| s.medians[line],
                    &vec![0.0; problem.parameters()],
                ),
            })
            .collect();
        let third = (shares >= 2).then(|| {
            let mut gradient = unit(0);
            gradient[1] = 1.0;
            estimate(&|s: &Solution| s.next[0] * s.next[1], &gradient)
        });
        let spread = |direction: &Vec<f64>| Direction {
            next: direction[..shares].to_vec(),
            medians: (0..shares)
                .map(|line| {
                    let free = problem.free.iter().position(|&f| f == line);
                    free.map_or(0.0, |i| direction[shares + i])
                })
                .collect(),
        };
        Ok(JointlyCalibrated {
            pathway: self.pathway(&solution)?,
            next,
            medians,
            ultimate_third_line: third,
            undetermined: flat.iter().map(spread).collect(),
            misfit: solution.misfit,
        })
    }

    /// All solutions on the grid of the undetermined stays up to third line.
    fn range(&self, shares: usize, open: &[usize], near: &Solution) -> Result<Vec<Solution>> {
        let axes: Vec<usize> = open.iter().copied().take(3).collect();
        let mut found = Vec::new();
        let steps = usize::try_from(TRIED).unwrap_or(1);
        for point in 0..steps.pow(u32::try_from(axes.len()).unwrap_or(0)) {
            let mut fixed = vec![None; shares];
            let mut rest = point;
            for &line in &axes {
                let (low, high) = self.open[line].unwrap_or((1.0, 1.0));
                let part = (rest % steps) as f64 / f64::from(TRIED - 1);
                fixed[line] = Some(low * (high / low).powf(part));
                rest /= steps;
            }
            let solution = Problem::new(self, shares, &fixed)
                .starting_at(near)
                .solve()?;
            if solution.misfit <= REPRODUCED.max(2.0 * near.misfit) {
                found.push(solution);
            }
        }
        Ok(found)
    }

    fn pathway(&self, solution: &Solution) -> Result<Pathway> {
        let mut lines = Vec::new();
        for ((stay, median), next) in self.stays.iter().zip(&solution.medians).zip(&solution.next) {
            lines.push(Line::new(
                stay.scaled(median / stay.median().max(f64::MIN_POSITIVE))?,
                Share::new(next.min(1.0))?,
            ));
        }
        let last = self.stays.get(lines.len()).or(self.stays.last());
        if let Some(stay) = last {
            lines.push(Line::new(stay.clone(), Share::new(0.0)?));
        }
        Pathway::of_lines(lines)
    }
}

/// Parameters that reproduce the data as well as any near them.
#[derive(Debug, Clone)]
struct Solution {
    next: Vec<f64>,
    /// By line, known ones too.
    medians: Vec<f64>,
    misfit: f64,
}

/// Least squares in the logarithms of the crude shares. The parameters are made free of limits: the logit
/// of a share, and the logit of the place of a median, on the log scale, in its range.
struct Problem<'a> {
    calibration: &'a Calibration,
    /// The lines whose stay is to be found.
    free: Vec<usize>,
    /// The medians to begin with, by line.
    medians: Vec<f64>,
    next: Vec<f64>,
}

impl<'a> Problem<'a> {
    fn new(calibration: &'a Calibration, shares: usize, fixed: &[Option<f64>]) -> Self {
        let open = &calibration.open;
        let medians = (0..shares).map(|line| {
            let median = calibration.stays[line].median();
            match (fixed[line], open[line]) {
                (Some(fixed), _) => fixed,
                // Not at an end, from where the search would not leave.
                (None, Some((low, high))) => median.clamp(low * 1.05, high / 1.05).clamp(low, high),
                (None, None) => median,
            }
        });
        Self {
            calibration,
            medians: medians.collect(),
            free: (0..shares)
                .filter(|&line| open[line].is_some() && fixed[line].is_none())
                .collect(),
            next: vec![0.7; shares],
        }
    }

    fn starting_at(mut self, solution: &Solution) -> Self {
        self.next.clone_from(&solution.next);
        for &line in &self.free {
            self.medians[line] = solution.medians[line];
        }
        self
    }

    fn parameters(&self) -> usize {
        self.next.len() + self.free.len()
    }

    /// ln of what is seen of those who ever reach each line, by data cut.
    fn seen(&self, medians: &[f64]) -> Result<Vec<Vec<f64>>> {
        let stays = &self.calibration.stays;
        let laws: Vec<Distribution> = stays
            .iter()
            .zip(medians)
            .map(|(stay, median)| match stay.median() {
                0.0 => stay.distribution().clone(),
                known => stay.distribution().stretched(median / known),
            })
            .collect();
        let cuts = self.calibration.cuts.iter();
        cuts.map(|(follow_up, _)| {
            let seen = arrivals(&laws, *follow_up)?;
            Ok(seen.into_iter().map(|g| g.max(1e-12).ln()).collect())
        })
        .collect()
    }

    fn residuals(&self, seen: &[Vec<f64>], next: &[f64]) -> Vec<f64> {
        let cuts = &self.calibration.cuts;
        let mut all = Vec::new();
        for ((_, crude), seen) in cuts.iter().zip(seen) {
            let mut reach = 0.0;
            for ((next, seen), crude) in next.iter().zip(seen).zip(crude) {
                reach += next.ln();
                all.push(reach + seen - crude.ln());
            }
        }
        all
    }

    /// The derivatives of the residuals by the logarithms of shares and free medians, a row a residual.
    fn jacobian(&self, medians: &[f64]) -> Result<Vec<Vec<f64>>> {
        const STEP: f64 = 1e-3;
        let shares = self.next.len();
        let rows = shares * self.calibration.cuts.len();
        let mut rows: Vec<Vec<f64>> = (0..rows)
            .map(|row| {
                let of_share = |l| f64::from(u8::from(l <= row % shares));
                let mut row: Vec<f64> = (0..shares).map(of_share).collect();
                row.resize(self.parameters(), 0.0);
                row
            })
            .collect();
        for (i, &line) in self.free.iter().enumerate() {
            let moved = |by: f64| {
                let mut medians = medians.to_vec();
                medians[line] *= by.exp();
                self.seen(&medians)
            };
            let (ahead, behind) = (moved(STEP)?, moved(-STEP)?);
            let slopes = ahead.concat().into_iter().zip(behind.concat());
            for (row, (ahead, behind)) in rows.iter_mut().zip(slopes) {
                row[shares + i] = (ahead - behind) / (2.0 * STEP);
            }
        }
        Ok(rows)
    }

    /// Levenberg's method.
    fn solve(&self) -> Result<Solution> {
        let logit = |p: f64| (p / (1.0 - p)).ln();
        let range = |line: usize| {
            let (low, high) = self.calibration.open[line].unwrap_or((1.0, 1.0));
            (low.ln(), (high / low).ln())
        };
        let shares = self.next.len();
        let mut at: Vec<f64> = self
            .next
            .iter()
            .map(|p| logit(p.clamp(0.01, 0.999)))
            .collect();
        at.extend(self.free.iter().map(|&line| {
            let (low, width) = range(line);
            logit(((self.medians[line].ln() - low) / width).clamp(0.001, 0.999))
        }));
        let expit = |x: f64| 1.0 / (1.0 + (-x).exp());
        let natural = |at: &[f64]| -> (Vec<f64>, Vec<f64>) {
            let mut medians = self.medians.clone();
            for (x, &line) in at[shares..].iter().zip(&self.free) {
                let (low, width) = range(line);
                medians[line] = (low + width * expit(*x)).exp();
            }
            (at[..shares].iter().map(|x| expit(*x)).collect(), medians)
        };
        let squares = |r: &[f64]| r.iter().map(|r| r * r).sum::<f64>();
        let (mut next, mut medians) = natural(&at);
        let mut residuals = self.residuals(&self.seen(&medians)?, &next);
        let mut damping = 1e-3;
        for _ in 0..ITERATIONS {
            if squares(&residuals) < 1e-20 {
                break;
            }
            // d ln p/d logit p = 1 − p, and the like for the medians.
            let scale: Vec<f64> = next
                .iter()
                .map(|p| 1.0 - p)
                .chain(
                    at[shares..]
                        .iter()
                        .zip(&self.free)
                        .map(|(x, &line)| range(line).1 * expit(*x) * expit(-x)),
                )
                .collect();
            let mut jacobian = self.jacobian(&medians)?;
            for row in &mut jacobian {
                row.iter_mut().zip(&scale).for_each(|(j, s)| *j *= s);
            }
            let mut better = false;
            while damping < 1e8 {
                let step = damped_step(&jacobian, &residuals, damping);
                let there: Vec<f64> = at
                    .iter()
                    .zip(&step)
                    .map(|(x, s)| x - s.clamp(-3.0, 3.0))
                    .collect();
                let (p, m) = natural(&there);
                let r = self.residuals(&self.seen(&m)?, &p);
                if squares(&r) < squares(&residuals) {
                    better = squares(&r) < (1.0 - 1e-9) * squares(&residuals);
                    (at, next, medians, residuals) = (there, p, m, r);
                    damping = (damping / 10.0_f64).max(1e-12);
                    break;
                }
                damping *= 10.0;
            }
            if !better {
                break;
            }
        }
        let misfit = residuals
            .iter()
            .map(|r| r.exp_m1().abs())
            .fold(0.0, f64::max);
        Ok(Solution {
            next,
            medians,
            misfit,
        })
    }

    /// The directions that leave all residuals alone: eigenvectors of `JᵀJ`.
    fn flat_directions(&self, solution: &Solution) -> Result<Vec<Vec<f64>>> {
        let jacobian = self.jacobian(&solution.medians)?;
        let flat = symmetric_eigen(gram(&jacobian)).into_iter();
        Ok(flat
            .filter(|(value, _)| value.max(0.0).sqrt() < FLAT)
            .map(|(_, vector)| vector)
            .collect())
    }
}

fn gram(rows: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let n = rows.first().map_or(0, Vec::len);
    let entry = |i: usize, j: usize| rows.iter().map(|row| row[i] * row[j]).sum();
    (0..n)
        .map(|i| (0..n).map(|j| entry(i, j)).collect())
        .collect()
}

/// `(JᵀJ + λ)⁻¹ Jᵀr`; the matrix is positive definite.
fn damped_step(jacobian: &[Vec<f64>], residuals: &[f64], damping: f64) -> Vec<f64> {
    let mut rows = gram(jacobian);
    for (i, row) in rows.iter_mut().enumerate() {
        row[i] += damping;
        let products = jacobian.iter().zip(residuals).map(|(j, r)| j[i] * r);
        row.push(products.sum());
    }
    solve(rows).unwrap_or_else(|| vec![0.0; jacobian.first().map_or(0, Vec::len)])
}
