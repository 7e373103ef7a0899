//! A back-test as tables.

use std::fmt;
use std::ops::RangeInclusive;

use super::forecaster::Setting;
use super::run::{Backtest, Scored};
use super::skill::{SkillOptions, skill};
use super::summary::Summary;
use crate::plain_text::printable;

/// The horizons whose mean scores are averaged in one number for a method.
const AVERAGED: [usize; 7] = [1, 3, 5, 8, 10, 12, 15];
/// Horizons to a column.
const BAND: usize = 5;

impl fmt::Display for Backtest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for setting in Setting::ALL {
            let scored = self.scored.iter().filter(|s| s.setting == setting);
            let scored: Vec<&Scored> = scored.collect();
            if scored.is_empty() {
                continue;
            }
            let title = format!("{}, {}", setting.name(), sites(&scored));
            let tables = Tables {
                title,
                methods: &self.methods,
                bands: bands(&scored),
                scored,
            };
            tables.coverage(f)?;
            tables.scores(f)?;
            tables.skill(f)?;
            tables.transforms(f)?;
        }
        Ok(())
    }
}

/// The site, or that there are several.
fn sites(scored: &[&Scored]) -> String {
    let site = &scored[0].site;
    if scored.iter().all(|s| s.site == *site) {
        site.replace('_', " ")
    } else {
        "all sites".to_owned()
    }
}

fn bands(scored: &[&Scored]) -> Vec<RangeInclusive<usize>> {
    let furthest = scored.iter().map(|s| s.horizon).max().unwrap_or(0);
    (0..furthest.div_ceil(BAND))
        .map(|band| BAND * band + 1..=BAND * (band + 1))
        .collect()
}

fn name(band: &RangeInclusive<usize>) -> String {
    format!("years {}-{}", band.start(), band.end())
}

/// The tables of one setting.
struct Tables<'a> {
    title: String,
    methods: &'a [String],
    bands: Vec<RangeInclusive<usize>>,
    scored: Vec<&'a Scored>,
}

impl Tables<'_> {
    /// The scores of one method in a band, or in all of them.
    fn summary(&self, method: usize, band: Option<&RangeInclusive<usize>>) -> Option<Summary> {
        let own = self.scored.iter().copied().filter(|s| s.method == method);
        Summary::of(own.filter(|s| band.is_none_or(|band| band.contains(&s.horizon))))
    }

    /// Coverage of the 50, 80 and 95 % intervals, weighted interval score and number of forecasts.
    fn coverage(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = "coverage, in per cent, of the 50, 80 and 95 % intervals; WIS, the weighted interval score of log \
                    counts; n, the number of forecasts; mean WIS of the horizons 1, 3, 5, 8, 10, 12 and 15";
        let under = "50   80   95    WIS      n";
        let cell = |s: &Summary| {
            let [c50, c80, c95] = s.coverage.map(|c| 100.0 * c);
            format!(
                "{c50:.1} {c80:.1} {c95:.1} {:.4} {:>6}",
                s.score, s.forecasts
            )
        };
        let end = |method| {
            self.mean_score(method)
                .map_or_else(|| format!("{:>10}", "-"), |mean| format!("{mean:>10.4}"))
        };
        let end_head = format!("{:>10}", "mean WIS");
        self.table(f, (what, under), 33, &end_head, cell, end)
    }

    /// The mean over [`AVERAGED`] of the mean weighted interval score at each, every horizon counting
    /// the same. A method with fewer of them than others would look better than it is, and has none.
    fn mean_score(&self, method: usize) -> Option<f64> {
        let mut scores = Vec::new();
        for h in AVERAGED {
            if self.scored.iter().any(|s| s.horizon == h) {
                scores.push(self.summary(method, Some(&(h..=h)))?.score);
            }
        }
        (!scores.is_empty()).then(|| scores.iter().sum::<f64>() / scores.len() as f64)
    }

    /// The other scores, and the parts of the weighted interval score.
    fn scores(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = "CRPS of log counts; bias, from -1, too low, to 1, too high; D, the distance of the PIT from \
                    uniform; log score; WIS of all years = width + too high + too low";
        let under = "CRPS bias    D     log";
        let cell = |s: &Summary| {
            format!(
                "{} {} {} {:>7}",
                or_dash(s.crps, 4),
                or_dash(s.bias, 2),
                or_dash(s.pit_distance, 2),
                or_dash(s.log_score, 2),
            )
        };
        let end = |method| {
            self.summary(method, None).map_or_else(String::new, |s| {
                format!(
                    "   {:.4} = {:.4} + {:.4} + {:.4}",
                    s.score, s.dispersion, s.overprediction, s.underprediction
                )
            })
        };
        self.table(f, (what, under), 27, "   WIS", cell, end)
    }

    /// How much lower the score of the first method is than that of each other, in per cent.
    fn skill(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.methods.len() < 2 {
            return Ok(());
        }
        writeln!(
            f,
            "{}: by how much the WIS of {} is lower, per cent (95 % interval, groups resampled), each horizon once",
            printable(&self.title),
            printable(&self.methods[0])
        )?;
        write!(f, "{:<20}", "than that of")?;
        let bands = self.bands.iter().map(name);
        for heading in bands.chain(["mean WIS".to_owned()]) {
            write!(f, "{heading:>27}")?;
        }
        writeln!(f)?;
        let bands = self.bands.iter().map(|band| band.clone().collect());
        let horizons: Vec<Vec<usize>> = bands.chain([AVERAGED.to_vec()]).collect();
        for other in 1..self.methods.len() {
            let cells = horizons.iter().map(|horizons| {
                let scored = self.scored.iter().copied();
                let skill = skill(scored, (0, other), horizons, &SkillOptions::default())?;
                let interval = skill.interval.map_or_else(String::new, |(low, high)| {
                    format!(" ({:.1} to {:.1})", 100.0 * low, 100.0 * high)
                });
                Some(format!("{:.1}{interval}", 100.0 * skill.skill))
            });
            let cells: Vec<Option<String>> = cells.collect();
            if cells.iter().all(Option::is_none) {
                continue;
            }
            write!(f, "{:<20}", printable(&self.methods[other]))?;
            for cell in cells {
                write!(f, "{:>27}", cell.unwrap_or_else(|| "-".to_owned()))?;
            }
            writeln!(f)?;
        }
        writeln!(f)
    }

    /// How the probability integral transforms of the first method are distributed.
    fn transforms(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{}: PIT of {}, per cent in each tenth (10 if calibrated)",
            printable(&self.title),
            printable(&self.methods[0])
        )?;
        for band in &self.bands {
            let summary = self.summary(0, Some(band));
            if let Some(deciles) = summary.and_then(|s| s.pit_deciles) {
                write!(f, "{:<20}", name(band))?;
                for share in deciles {
                    write!(f, "{:>6.1}", 100.0 * share)?;
                }
                writeln!(f)?;
            }
        }
        writeln!(f)
    }

    /// A line for each method that has forecasts: a cell for each band of horizons, and one at the end.
    fn table(
        &self,
        f: &mut fmt::Formatter<'_>,
        (what, under): (&str, &str),
        width: usize,
        end_head: &str,
        cell: impl Fn(&Summary) -> String,
        end: impl Fn(usize) -> String,
    ) -> fmt::Result {
        writeln!(f, "{}: {what}", printable(&self.title))?;
        write!(f, "{:<20}", "method")?;
        for band in &self.bands {
            write!(f, "{:>width$}", name(band))?;
        }
        writeln!(f, "{end_head}")?;
        write!(f, "{:<20}", "")?;
        for _ in &self.bands {
            write!(f, "{under:>width$}")?;
        }
        writeln!(f)?;
        for (index, method) in self.methods.iter().enumerate() {
            if self.scored.iter().all(|s| s.method != index) {
                continue;
            }
            write!(f, "{:<20}", printable(method))?;
            for band in &self.bands {
                let summary = self.summary(index, Some(band));
                let cell = summary.map_or_else(|| "-".to_owned(), |s| cell(&s));
                write!(f, "{cell:>width$}")?;
            }
            writeln!(f, "{}", end(index))?;
        }
        writeln!(f)
    }
}

fn or_dash(value: Option<f64>, decimals: usize) -> String {
    let Some(value) = value else {
        return "-".to_owned();
    };
    let text = format!("{value:.decimals$}");
    match text.strip_prefix('-') {
        Some(zero) if zero.chars().all(|c| c == '0' || c == '.') => zero.to_owned(),
        _ => text,
    }
}
