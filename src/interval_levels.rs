//! The levels of the intervals that tables, charts and scores show.
//!
//! Another level is another number here. Fields and columns that are named for a level (`lower95`) keep their names until
//! they are renamed, in `draws/year_summary.rs` and `report/columns.csv`.

/// Of the central intervals of tables and charts and, with a third one between, of the scores of forecasts.
pub(crate) const LEVELS: [f64; 3] = [0.5, 0.8, 0.95];

/// Of the one interval that is shown where there is no place for more, and of tests of significance.
pub(crate) const LEVEL: f64 = LEVELS[2];

/// The quantiles of a table: the ends of the outer and the inner interval, with the median between.
pub(crate) const OF_TABLES: [f64; 5] = [0.025, 0.25, 0.5, 0.75, 0.975];

/// The quantiles of a score: those of a table, and the ends of the interval between.
pub(crate) const OF_SCORES: [f64; 7] = [0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975];

/// The quantiles of one interval, with the median between.
pub(crate) const OF_ONE_INTERVAL: [f64; 3] = [0.025, 0.5, 0.975];

#[cfg(test)]
mod tests {
    use super::*;

    /// A central interval of level p ends at (1 − p)/2 and (1 + p)/2.
    #[test]
    fn quantiles_are_the_ends_of_the_intervals() {
        let [narrow, middle, wide] = LEVELS.map(|level| [0.5 - level / 2.0, 0.5 + level / 2.0]);
        let (tables, scores) = (OF_TABLES, OF_SCORES);
        for (ends, level) in [
            ([tables[1], tables[3]], narrow),
            ([tables[0], tables[4]], wide),
            ([scores[2], scores[4]], narrow),
            ([scores[1], scores[5]], middle),
            ([scores[0], scores[6]], wide),
            ([OF_ONE_INTERVAL[0], OF_ONE_INTERVAL[2]], wide),
        ] {
            assert!((0..2).all(|i| (ends[i] - level[i]).abs() < 1e-15));
        }
    }
}
