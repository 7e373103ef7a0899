//! The standard deviation between published sources.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;

use crate::checked_on_reading::checked;
use crate::error::{Error, Result};
use crate::figures::{Figure, Figures, Status};
use crate::number_checks::Place;
use crate::plain_text::printable;
use crate::series::no_logarithm;

checked! {
    /// The between-source standard deviation of one region, estimated from the figures of several sources.
    ///
    /// # Model
    ///
    /// A linear mixed model with a common trend and a random intercept a source:
    ///
    /// ```text
    /// ln y = a + b·year + u(source) + e,   u ~ N(0, τ²) one a source,   e ~ N(0, σ²) one a figure
    /// ```
    ///
    /// τ is estimated by restricted maximum likelihood (Patterson & Thompson 1971,
    /// [doi:10.1093/biomet/58.3.545](https://doi.org/10.1093/biomet/58.3.545)) with σ given for each figure: the error that it
    /// states ([`Figure::relative_error`]) or one for all others, and the counting error, 1/√*n*, of a registered count. The 95 % intervals
    /// that sources state for themselves are not used: figures of one source err alike, and what is estimated is how far they turn
    /// out to differ.
    /// With half a dozen sources the estimate is rough, and sources that copy each other's data make it too
    /// small.
    ///
    /// τ goes into a projection as [`ErrorModel::between_source_sd`](super::ErrorModel::between_source_sd).
    ///
    /// # Example
    ///
    /// ```
    /// use myeloma_epi::figures;
    /// use myeloma_epi::projection::BetweenSourceEstimate;
    ///
    /// let mut all = figures::press_release().clone();
    /// all.extend(figures::comparison().clone());
    /// let world = BetweenSourceEstimate::estimate(&all, "World", 0.03)?;
    /// let china = BetweenSourceEstimate::estimate(&all, "China", 0.03)?;
    /// assert_eq!(world.sources(), 6);
    /// // About 7 % for the world and 26 % for China.
    /// assert!(china.standard_deviation() > 3.0 * world.standard_deviation());
    /// assert_eq!(
    ///     world.to_string(),
    ///     "World: between-source standard deviation 0.072 on the log scale (a factor of 1.07), from 7 \
    ///      figures of 6 sources"
    /// );
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    #[derive(Debug, Clone, PartialEq, Serialize)]
    pub struct BetweenSourceEstimate {
        region: String,
        standard_deviation: f64,
        sources: usize,
        figures: usize,
    } then check
}

impl BetweenSourceEstimate {
    /// The estimate from all observations of a region, without projections and years that are
    /// [marked](Figure::mark); `own_error` is σ, the standard deviation on the log scale, of a figure that states none. Figures of different definitions (C90,
    /// C88+C90) are compared as they stand: which of them a source counts is part of the difference.
    ///
    /// # Errors
    ///
    /// Where the own error is not between 0 and 1, a figure names no source, or there are fewer than
    /// three sources or fewer than two years: two sources cannot tell a level from a growth.
    pub fn estimate(figures: &Figures, region: &str, own_error: f64) -> Result<Self> {
        Place(region).share("the own error of the figures", own_error)?;
        let compared = comparable(figures, region);
        if let Some(figure) = compared.iter().find(|f| f.source().is_empty()) {
            return Err(Error::unsuitable(format!(
                "the figure of {region} for {} names no source to compare with others",
                figure.year()
            )));
        }
        let (groups, sources) = grouped(region, &compared, own_error)?;
        Ok(Self {
            region: region.to_owned(),
            standard_deviation: maximum(region, |tau| restricted_likelihood(&groups, tau))?,
            sources,
            figures: compared.len(),
        })
    }

    /// The region.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.region
    }

    /// τ, the between-source standard deviation on the log scale, from 0 to 2.
    #[must_use]
    pub const fn standard_deviation(&self) -> f64 {
        self.standard_deviation
    }

    /// The number of sources.
    #[must_use]
    pub const fn sources(&self) -> usize {
        self.sources
    }

    /// The number of figures.
    #[must_use]
    pub const fn figures(&self) -> usize {
        self.figures
    }
}

impl fmt::Display for BetweenSourceEstimate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: between-source standard deviation {:.3} on the log scale (a factor of {:.2}), from {} \
             figures of {} sources",
            printable(&self.region),
            self.standard_deviation,
            self.standard_deviation.exp(),
            self.figures,
            self.sources
        )
    }
}

impl BetweenSourceEstimate {
    fn check(&self) -> Result<()> {
        Place(&self.region).check(
            (0.0..=WIDEST).contains(&self.standard_deviation),
            "the between-source standard deviation",
            self.standard_deviation,
            format!("between 0 and {WIDEST}"),
        )?;
        enough("sources", &self.region, self.sources, LEAST_SOURCES)?;
        enough("figures", &self.region, self.figures, self.sources)
    }
}

/// One standard deviation for all regions that have three sources, each with a level and a growth of its own.
pub(crate) fn pooled(figures: &Figures, own_error: f64) -> Result<f64> {
    let of_region = |region| grouped(region, &comparable(figures, region), own_error);
    let regions = figures.regions().into_iter().map(of_region);
    let regions = regions.collect::<Result<Vec<_>>>()?;
    maximum("all regions", |tau| {
        let likelihoods = regions.iter();
        likelihoods
            .map(|(groups, _)| restricted_likelihood(groups, tau))
            .sum()
    })
}

/// What the computation is for.
const PURPOSE: &str = "the standard deviation between sources";

fn enough(what: &str, place: &str, found: usize, needed: usize) -> Result<()> {
    if found >= needed {
        return Ok(());
    }
    Err(Error::too_few(what, place, found, needed, PURPOSE))
}

/// The observations of a region that no mark leaves out.
fn comparable<'a>(figures: &'a Figures, region: &str) -> Vec<&'a Figure> {
    let of_region = figures.iter().filter(|f| f.region() == region);
    of_region
        .filter(|f| f.status() != Status::Projection && f.mark().is_none())
        .collect()
}

/// Years and logarithms of one source's figures, and the variances of these.
type Points = Vec<(f64, f64, f64)>;

/// Year and logarithm of each figure by source, and the number of sources; both centred at their weighted means, so that no
/// digits are lost to the level and the year, where one figure is all but exact as well.
fn grouped(region: &str, figures: &[&Figure], own_error: f64) -> Result<(Vec<Points>, usize)> {
    let mut by_source: BTreeMap<&str, Vec<&Figure>> = BTreeMap::new();
    for &figure in figures {
        by_source.entry(figure.source()).or_default().push(figure);
    }
    if let Some(zero) = figures.iter().find(|f| f.cases() <= 0.0) {
        return Err(no_logarithm(region, zero.year(), PURPOSE));
    }
    let years: BTreeSet<i32> = figures.iter().map(|f| f.year()).collect();
    let place = format!("the figures of {region}");
    enough("sources", &place, by_source.len(), LEAST_SOURCES)?;
    enough("years", &place, years.len(), 2)?;
    let variance = |f: &Figure| {
        let is_counted = f.status() == Status::Registered;
        let counting = is_counted.then(|| f.cases().max(1.0).recip());
        // With an error of 0 two figures of one source would fix the growth exactly; a millionth is
        // below the rounding of any published figure.
        let own = f.relative_error().unwrap_or(own_error).max(1e-6);
        own * own + counting.unwrap_or(0.0)
    };
    let mean = |of: &dyn Fn(&Figure) -> f64| {
        let weights = figures.iter().map(|f| variance(f).recip());
        let sums = weights
            .zip(figures)
            .fold((0.0, 0.0), |(sum, total), (w, f)| {
                (sum + w * of(f), total + w)
            });
        sums.0 / sums.1
    };
    let (mean_year, mean_log) = (mean(&|f| f64::from(f.year())), mean(&|f| f.cases().ln()));
    let centred = |f: &&Figure| {
        let year = f64::from(f.year()) - mean_year;
        (year, f.cases().ln() - mean_log, variance(f))
    };
    let sources = by_source.len();
    let groups = by_source
        .into_values()
        .map(|of| of.iter().map(centred).collect());
    Ok((groups.collect(), sources))
}

/// With two sources a difference of level cannot be told from growth.
const LEAST_SOURCES: usize = 3;

/// The greatest standard deviation that is looked for: a factor of e² between sources.
const WIDEST: f64 = 2.0;

/// The place of the greatest maximum between 0 and [`WIDEST`]: the best of a grid, as a likelihood with few
/// sources may have several maxima, then golden sections about it (Kiefer 1953,
/// [doi:10.1090/S0002-9939-1953-0055639-3](https://doi.org/10.1090/S0002-9939-1953-0055639-3)).
fn maximum(region: &str, f: impl Fn(f64) -> f64) -> Result<f64> {
    const STEPS: u32 = 200;
    // Quadratic: fine near 0, where agreement lies.
    let at = |i: u32| WIDEST * (f64::from(i) / f64::from(STEPS)).powi(2);
    let best = (0..=STEPS)
        .max_by(|&i, &j| f(at(i)).total_cmp(&f(at(j))))
        .unwrap_or(0);
    if best == 0 {
        return Ok(0.0);
    }
    if best == STEPS {
        return Err(Error::contradiction(format!(
            "the sources of {region} differ by more than a factor of {:.1} either way: they do not count the same cases",
            WIDEST.exp()
        )));
    }
    let (mut low, mut high) = (at(best - 1), at(best + 1));
    let golden = f64::midpoint(5.0_f64.sqrt(), -1.0);
    for _ in 0..60 {
        let (left, right) = (high - golden * (high - low), low + golden * (high - low));
        if f(left) > f(right) {
            high = right;
        } else {
            low = left;
        }
    }
    Ok(f64::midpoint(low, high))
}

/// The restricted log-likelihood up to a constant, for figures `(year, ln cases, variance)` by source. A source's
/// covariance is diag(v) + τ²11ᵀ, whose inverse and determinant have a closed form (Sherman & Morrison).
fn restricted_likelihood(groups: &[Points], tau: f64) -> f64 {
    let between = tau * tau;
    let mut log_determinant = 0.0;
    // XᵀV⁻¹X, XᵀV⁻¹y and yᵀV⁻¹y with X = (1, year).
    let (mut a, mut b, mut c, mut d, mut e, mut y2) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0);
    for group in groups {
        let sum = |of: &dyn Fn(f64, f64) -> f64| -> f64 {
            group.iter().map(|(t, y, v)| of(*t, *y) / v).sum()
        };
        let n = sum(&|_, _| 1.0);
        let (t, y) = (sum(&|t, _| t) / n, sum(&|_, y| y) / n);
        log_determinant += group.iter().map(|(_, _, v)| v.ln()).sum::<f64>();
        log_determinant += (n * between).ln_1p();
        // About the source's means: differences of large sums lose the digits of all but the most exact figure.
        let weight = n / (1.0 + n * between);
        a += weight;
        b += weight * t;
        c += weight * t * t + sum(&|ti, _| (ti - t).powi(2));
        d += weight * y;
        e += weight * t * y + sum(&|ti, yi| (ti - t) * (yi - y));
        y2 += weight * y * y + sum(&|_, yi| (yi - y).powi(2));
    }
    let determinant = a * c - b * b;
    let (level, growth) = ((c * d - b * e) / determinant, (a * e - b * d) / determinant);
    let residual = y2 - level * d - growth * e;
    -0.5 * (log_determinant + determinant.ln() + residual)
}
