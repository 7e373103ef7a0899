//! The figures that a fit uses.

use super::PublishedProjectionUse;
use crate::curve::Point;
use crate::series::IncidenceSeries;

/// Figures with their years counted from the first observation.
#[derive(Debug, Clone)]
pub(crate) struct FitFigures {
    pub(crate) points: Vec<Point>,
    /// The error of each point, on the log scale; 0 where the figure is exact.
    pub(crate) errors: Vec<f64>,
    /// The calendar year of each point.
    pub(crate) years: Vec<i32>,
    /// Whether the last point is the published projection.
    pub(crate) uses_projection: bool,
}

impl FitFigures {
    pub(crate) fn new(series: &IncidenceSeries, choice: PublishedProjectionUse) -> Self {
        let projection = series
            .published_projection()
            .filter(|_| choice == PublishedProjectionUse::AsFigure);
        let observations = series.observations();
        let reference = f64::from(series.first_year());
        let point = |year: i32, cases: f64| Point {
            t: f64::from(year) - reference,
            cases,
        };
        let mut all = Self {
            points: observations
                .iter()
                .map(|o| point(o.year, o.cases))
                .collect(),
            errors: observations
                .iter()
                .map(|o| o.relative_error.unwrap_or(0.0))
                .collect(),
            years: observations.iter().map(|o| o.year).collect(),
            uses_projection: projection.is_some(),
        };
        if let Some(projection) = projection {
            all.points.push(point(projection.year, projection.cases));
            all.errors.push(projection.relative_error.unwrap_or(0.0));
            all.years.push(projection.year);
        }
        all
    }

    /// The figure that lies farthest from the trend of all, where it is none of them.
    ///
    /// The trend is a line through ln y with the median of all slopes between two figures (Theil 1950,
    /// Indagationes Mathematicae 12:85-91; Sen 1968, Journal of the American Statistical Association
    /// 63:1379-1389, [doi:10.1080/01621459.1968.10480934](https://doi.org/10.1080/01621459.1968.10480934)).
    /// A figure lies apart where its distance is beyond 3.5 modified z-scores (Iglewicz & Hoaglin 1993,
    /// *How to Detect and Handle Outliers*, chapter 3) and it is three times the trend or a third of it.
    /// Where half of the figures lie on the line, the mean distance stands for the median one.
    pub(crate) fn outlier(&self) -> Option<Outlier> {
        if self.points.len() < 5 {
            return None;
        }
        let logs: Vec<(f64, f64)> = self.points.iter().map(|p| (p.t, p.cases.ln())).collect();
        let mut slopes = Vec::with_capacity(logs.len() * logs.len() / 2);
        for (i, a) in logs.iter().enumerate() {
            slopes.extend(logs[..i].iter().map(|b| (a.1 - b.1) / (a.0 - b.0)));
        }
        let slope = median(slopes);
        let level = median(logs.iter().map(|(t, z)| z - slope * t).collect());
        let away: Vec<f64> = logs.iter().map(|(t, z)| z - slope * t - level).collect();
        let spread = median(away.iter().map(|d| d.abs()).collect()) / 0.6745;
        // For normal scatter the mean distance is a standard deviation over √(π/2).
        let mean = away.iter().map(|d| d.abs()).sum::<f64>() / away.len() as f64;
        let spread = if spread > 1e-9 {
            spread
        } else {
            mean * std::f64::consts::FRAC_PI_2.sqrt()
        };
        let (i, &farthest) = away
            .iter()
            .enumerate()
            .max_by(|a, b| a.1.abs().total_cmp(&b.1.abs()))?;
        let apart = farthest.abs() > 3.5 * spread && farthest.abs() > 3.0_f64.ln();
        apart.then_some(Outlier {
            year: self.years[i],
            cases: self.points[i].cases,
            ratio: farthest.exp(),
        })
    }

    /// The errors as they weigh the figures: `None` where all figures are exact. An exact figure
    /// beside others has a millionth of the least error, so that a curve that cannot meet all figures
    /// meets the exact ones.
    pub(crate) fn weighing_errors(&self) -> Option<Vec<f64>> {
        let positive = self.errors.iter().copied().filter(|&error| error > 0.0);
        let least = positive.min_by(f64::total_cmp)?;
        Some(
            self.errors
                .iter()
                .map(|&error| if error > 0.0 { error } else { 1e-6 * least })
                .collect(),
        )
    }
}

/// A figure that lies apart from the others.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outlier {
    /// Its year.
    pub year: i32,
    /// The figure.
    pub cases: f64,
    /// The figure over the trend of all figures in its year.
    pub ratio: f64,
}

impl std::fmt::Display for Outlier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { year, cases, ratio } = self;
        let cases = if (1e-3..1e15).contains(cases) {
            cases.to_string()
        } else {
            format!("{cases:e}")
        };
        write!(
            f,
            "the figure of {year}, {cases}, is {ratio:.2e} times what the trend of all suggests"
        )
    }
}

/// The median of some numbers, at least one.
fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    let n = all.len();
    f64::midpoint(all[(n - 1) / 2], all[n / 2])
}
