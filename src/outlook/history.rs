//! Those diagnosed before the last figure: what the figures of earlier years say of them.

use ndarray::{Array2, ArrayView1, Axis, concatenate};
use rand_distr::{Distribution, StandardNormal};

use crate::draws::YearlyDraws;
use crate::error::{Error, Result};
use crate::numeric::vector_exp_ln::exp_rows;
use crate::random::{BLOCK, Seed};
use crate::series::IncidenceSeries;

/// The figures before the last one, each with its error, and between them incidence that changes by the same factor every
/// year. Marked years are left out, as if there were no figure of them.
#[derive(Debug, Clone)]
pub(super) struct History {
    region: String,
    figures: Vec<EarlierFigure>,
    /// The year of the last figure.
    last: i32,
}

#[derive(Debug, Clone, Copy)]
struct EarlierFigure {
    year: i32,
    /// The logarithm of the figure.
    log: f64,
    /// Its standard deviation.
    error: f64,
}

impl History {
    /// Of observations with the errors that the registry trend sees.
    pub(super) fn of(seen: &IncidenceSeries, last: i32) -> Self {
        let earlier = seen.unmarked().filter(|o| o.year < last);
        let figures = earlier.map(|o| EarlierFigure {
            year: o.year,
            log: o.cases.ln(),
            error: o
                .relative_error
                .unwrap_or(0.0)
                .hypot(seen.counting_error(o)),
        });
        Self {
            region: seen.region().to_owned(),
            figures: figures.collect(),
            last,
        }
    }

    /// The years of the figures.
    pub(super) fn years_of_figures(&self) -> impl ExactSizeIterator<Item = i32> + '_ {
        self.figures.iter().map(|figure| figure.year)
    }

    pub(super) fn is_uncertain(&self) -> bool {
        self.figures.iter().any(|figure| figure.error > 0.0)
    }

    /// How many years before the last figure there are from the first one on.
    pub(super) fn years(&self) -> usize {
        let first = self.years_of_figures().next().unwrap_or(self.last);
        (first..self.last).len()
    }

    /// The logarithms of incidence in these years, the earliest first: from one standard normal number for each figure, and
    /// the logarithm of the cases of the last one.
    pub(super) fn logs(&self, errors: &[f64], of_last: f64) -> impl Iterator<Item = f64> {
        let figures = || self.figures.iter().zip(errors);
        let knots = || figures().map(|(figure, z)| (figure.year, figure.log + figure.error * z));
        let ends = knots().zip(knots().skip(1).chain([(self.last, of_last)]));
        ends.flat_map(|((from, before), (to, after))| {
            let yearly = (after - before) / f64::from(to - from);
            (from..to).map(move |year| before + yearly * f64::from(year - from))
        })
    }

    /// Incidence in these years, a row a year and a column a draw: what the factors from the last round of the source to what is asked
    /// for make of the figures. `of_last` is what they have made of the last figure.
    pub(super) fn draws(
        &self,
        of_last: &ArrayView1<'_, f64>,
        factors: &[f64],
        seed: Seed,
    ) -> Array2<f64> {
        let stream = seed.stream(&format!("outlook/earlier figures/{}", self.region));
        let mut cases = Array2::zeros((self.years(), factors.len()));
        for (block, mut columns) in cases.axis_chunks_iter_mut(Axis(1), BLOCK).enumerate() {
            let mut rng = stream.block(block);
            let mut errors = vec![0.0; self.figures.len()];
            for (draw, mut column) in (block * BLOCK..).zip(columns.columns_mut()) {
                errors.fill_with(|| StandardNormal.sample(&mut rng));
                let (of_last, factor) = (of_last[draw].ln(), factors[draw].ln());
                let logs = self.logs(&errors, of_last - factor);
                for (cell, log) in column.iter_mut().zip(logs) {
                    *cell = log + factor;
                }
            }
            exp_rows(&mut columns);
        }
        cases
    }
}

/// Draws of the years before the first one of others, and these.
pub(super) fn since_first_figure(
    before: &Array2<f64>,
    new_cases: &YearlyDraws,
) -> Result<YearlyDraws> {
    let cases = concatenate(Axis(0), &[before.view(), new_cases.view()]);
    let years = i32::try_from(before.nrows()).map_err(Error::other)?;
    YearlyDraws::new(new_cases.first_year() - years, cases.map_err(Error::other)?)
}
