//! Small closed forms of single numbers.

use myeloma_epi::pathway::access::AccessFact;
use myeloma_epi::pathway::evidence::Study;
use myeloma_epi::pathway::{
    Delay, Entry, FlowOptions, Line, Pathway, Share, ShareDistribution, SojournTime, UltimateShare,
};
use myeloma_epi::{Seed, YearlyDraws};
use ndarray::Array2;

use crate::models::constant;

#[test]
fn a_share_by_year_is_linear_between_years() {
    let share = Share::by_year([(2010, 0.5), (2020, 0.6)]).unwrap();
    for (year, expected) in [(2000, 0.5), (2013, 0.53), (2019, 0.59), (2030, 0.6)] {
        approx::assert_relative_eq!(share.central(year), expected, max_relative = 1e-12);
    }
}

/// E[e^(−g·T)] = (1 + g·b)^(−a) for a gamma time with shape a and scale b.
#[test]
fn the_discount_of_a_gamma_delay() {
    let delay = Delay::new(SojournTime::gamma(2.0, 1.5).unwrap(), SojournTime::none());
    for growth in [-0.1, 0.02, 0.3_f64] {
        let expected = (1.0 + 1.5 * growth).powi(-2);
        approx::assert_relative_eq!(
            delay.discount(growth).unwrap(),
            expected,
            max_relative = 1e-9
        );
    }
}

/// A table is linear between its times a < b, where E[e^(−g·T)] is (e^(−g·a) − e^(−g·b))/(g·(b − a)); the integral is over its
/// parts, which a rule across its bends misses by more than is allowed. A time that is over within days is met as well.
#[test]
fn the_discount_of_a_table_and_of_a_short_time() {
    let times = [0.0, 1.41, 2.17, 3.21, 4.65_f64];
    let probabilities = [0.0, 0.21, 0.64, 0.7, 1.0_f64];
    let table = SojournTime::table(times.into_iter().zip(probabilities)).unwrap();
    let short = SojournTime::gamma(0.7, 0.01).unwrap();
    for growth in [-0.4, -0.05, 0.02, 0.3, 1.0_f64] {
        let part = |i: usize| {
            let [a, b] = [i, i + 1].map(|i| times[i]);
            let mean = ((-growth * a).exp() - (-growth * b).exp()) / (growth * (b - a));
            (probabilities[i + 1] - probabilities[i]) * mean
        };
        let of_table: f64 = (0..4).map(part).sum();
        for (second, factor) in [
            (SojournTime::none(), 1.0),
            (
                SojournTime::exponential(2.0).unwrap(),
                1.0 / (1.0 + 2.0 * growth),
            ),
            (short.clone(), (1.0 + 0.01 * growth).powf(-0.7)),
        ] {
            let discount = Delay::new(table.clone(), second).discount(growth).unwrap();
            approx::assert_relative_eq!(discount, of_table * factor, max_relative = 1e-11);
        }
    }
}

/// No time in first line; second line is exponential with a mean of 2 years times a log-normal factor. Half a year after
/// diagnosis 1 − e^(−0.25/factor) have started third line.
#[test]
fn the_error_of_second_line_is_its_own() {
    let second = SojournTime::exponential(2.0)
        .unwrap()
        .with_relative_error(0.3)
        .unwrap();
    let delay = Delay::new(SojournTime::none(), second);
    let incidence = YearlyDraws::new(2020, Array2::from_elem((1, 20_000), 1.0)).unwrap();
    let share = UltimateShare::new(1.0, 1.0, ShareDistribution::Uniform).unwrap();
    let options = FlowOptions {
        entry: Entry::MidYear,
        cohorts: Some(2020..=2020),
        ..FlowOptions::to(2020)
    };
    let starts = delay.starts(&incidence, &share, &options).unwrap();
    let (lower, upper) = starts.interval(2020, 0.95).unwrap();
    let at = |z: f64| 1.0 - (-0.25 / (0.3 * z).exp()).exp();
    approx::assert_relative_eq!(lower, at(1.96), max_relative = 0.02);
    approx::assert_relative_eq!(upper, at(-1.96), max_relative = 0.02);
}

/// 2100 is no leap year: 306 of 365 days from 1 March on.
#[test]
fn a_century_is_no_leap_year() {
    let fact = |since: &str| -> AccessFact {
        serde_json::from_str(&format!(
            r#"{{"jurisdiction": "Atlantis", "status": "approved", "since": "{since}", "stated": "no",
                "what": "approved", "source": "none"}}"#
        ))
        .unwrap()
    };
    approx::assert_relative_eq!(fact("2100-03-01").part_of(2100), 306.0 / 365.0);
    approx::assert_relative_eq!(fact("2096-03-01").part_of(2096), 306.0 / 366.0);
    approx::assert_relative_eq!(fact("2000-03-01").part_of(2000), 306.0 / 366.0);
}

/// The number of patients with a line is that with the line before less attrition: 700 of 1,000.
#[test]
fn attrition_leaves_fewer_patients_to_the_next_line() {
    let study: Study = serde_json::from_str(
        r#"{"id": "atlantis", "sojourn_times_of": "czech_rmg", "figures": [
            {"estimand": "attrition", "line": 1, "value": 0.3, "n": 1000},
            {"estimand": "attrition", "line": 2, "value": 0.4, "n": 1000}
        ]}"#,
    )
    .unwrap();
    let preset = study.preset().unwrap();
    let second = preset.pathway.groups()[0].lines()[1].next().clone();
    assert_eq!(second, Share::counted(700.0 * (1.0 - 0.4), 700.0).unwrap());
}

/// The standard deviation of a PERT distribution with its mode in the middle is (b − a)/√28.
#[test]
fn draws_of_a_pert_distribution_have_its_standard_deviation() {
    let share = UltimateShare::new(0.3, 0.4, ShareDistribution::Pert).unwrap();
    let draws = share.draws(40_000, Seed::new(3)).unwrap();
    let mean = draws.iter().sum::<f64>() / 40_000.0;
    let variance = draws.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 40_000.0;
    approx::assert_relative_eq!(mean, 0.35, max_relative = 1e-3);
    approx::assert_relative_eq!(variance.sqrt(), 0.1 / 28.0_f64.sqrt(), max_relative = 0.02);
}

/// Under steady incidence continued for 40 years, of those who start second line after an exponential first line of 40
/// years, k(j) = 40·(1 − e^(−1/40))²·e^(−(j−1)/40) were diagnosed j years ago, and 1 − 40·(1 − e^(−1/40)) this year.
#[test]
fn the_oldest_quarter_of_the_years_continued_is_named() {
    let line = |mean, next| {
        let time = SojournTime::exponential(mean).unwrap();
        Line::new(time, Share::new(next).unwrap())
    };
    let pathway = Pathway::of_lines([line(40.0, 1.0), line(1.0, 0.0)]).unwrap();
    let flow = pathway
        .flow(&constant(2020, 1, 1_000.0), &FlowOptions::to(2020))
        .unwrap();
    let a = 1.0 - (-1.0 / 40.0_f64).exp();
    let k = |j: f64| 40.0 * a * a * (-(j - 1.0) / 40.0).exp();
    let sum = |from: u8, to: u8| (from..=to).map(|j| k(f64::from(j))).sum::<f64>();
    let oldest = sum(31, 40) / (1.0 - 40.0 * a + sum(1, 40));
    let expected = format!(
        "{:.0} % were diagnosed in the first quarter",
        100.0 * oldest
    );
    let cautions = flow.cautions().join("\n");
    assert!(cautions.contains(&expected), "{expected}: {cautions}");
}

/// Two times of one year each, times log-normal factors of their own: two and a half years later have started
/// third line those draws in which e^(0.3·z) + e^(0.3·w) < 2.5, for independent z and w 0.826121 of all (`quad` of `SciPy`); were
/// z and w the same, 0.771505.
#[test]
fn the_errors_of_both_lines_are_independent() {
    let year = SojournTime::table([(1.0 - 1e-9, 0.0), (1.0, 1.0)]).unwrap();
    let year = year.with_relative_error(0.3).unwrap();
    let delay = Delay::new(year.clone(), year);
    let share = UltimateShare::new(1.0, 1.0, ShareDistribution::Uniform).unwrap();
    let (draws, expected) = (4_000, 0.826_121_f64);
    let incidence = YearlyDraws::new(2000, Array2::from_elem((4, draws), 1.0)).unwrap();
    // Diagnosed in the middle of 2000, followed to the end of 2002.
    let options = FlowOptions {
        entry: Entry::MidYear,
        cohorts: Some(2000..=2000),
        ..FlowOptions::to(2003)
    };
    let starts = delay.starts(&incidence, &share, &options).unwrap();
    let by_the_end_of_2002: Vec<f64> = (0..draws)
        .map(|draw| {
            (0..3)
                .map(|year| starts.starts().view()[[year, draw]])
                .sum()
        })
        .collect();
    let started = by_the_end_of_2002
        .iter()
        .filter(|share| **share > 0.5)
        .count() as f64
        / draws as f64;
    assert!(
        (started - expected).abs() < 4.0 * (expected * (1.0 - expected) / draws as f64).sqrt(),
        "{started}"
    );
}
