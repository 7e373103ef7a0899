//! What holds for every model.

use myeloma_epi::pathway::{Entry, FlowOptions, Line, Pathway, Share, SojournTime};
use myeloma_epi::{Seed, YearlyDraws};
use ndarray::Array2;
use proptest::prelude::*;

use crate::models::{any_pathway, constant, quantities, rich};

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    /// Nobody is lost or made: in every year, by cohort convolution and by simulation; a line starts no more
    /// often than the one before has; twice the incidence is twice the patients.
    #[test]
    fn patients_are_conserved(pathway in any_pathway(), mid_year in any::<bool>()) {
        let entry = if mid_year { Entry::MidYear } else { Entry::UniformOverYear };
        // The properties hold on any grid: a loose tolerance keeps the test quick.
        let options = FlowOptions { entry, tolerance: 1e-3, ..FlowOptions::to(2033) };
        let flow = pathway.flow(&constant(2019, 15, 1000.0), &options).unwrap();
        prop_assert!(flow.conservation_gap() < 1e-9, "{}", flow.conservation_gap());
        let mut before = f64::INFINITY;
        for line in 1..=flow.lines() {
            let starts: f64 = flow.starts(line).unwrap().view().sum();
            prop_assert!(starts <= before * (1.0 + 1e-12));
            before = starts;
        }
        let twice = pathway.flow(&constant(2019, 15, 2000.0), &options).unwrap();
        for (name, one, two) in quantities(&flow, &twice) {
            for (a, b) in one.view().iter().zip(two.view()) {
                prop_assert!((2.0 * a - b).abs() <= 1e-12 * b, "{name}: {a} {b}");
            }
        }
        let simulated = pathway.simulate(2019, &[300; 15], entry, Seed::default()).unwrap();
        prop_assert!(simulated.conservation_gap() < 1e-12);
    }

    /// A pathway in a file is the pathway, to the rounding of decimal numbers.
    #[test]
    fn pathways_survive_a_file(pathway in any_pathway()) {
        let text = serde_json::to_string(&pathway).unwrap();
        let back: Pathway = serde_json::from_str(&text).unwrap();
        let options = FlowOptions { tolerance: 1e-3, ..FlowOptions::to(2025) };
        let run = |pathway: &Pathway| pathway.flow(&constant(2019, 7, 1000.0), &options).unwrap();
        let (before, after) = (run(&pathway), run(&back));
        for (name, a, b) in quantities(&before, &after) {
            for (a, b) in a.view().iter().zip(b.view()) {
                prop_assert!((a - b).abs() <= 1e-9, "{name}: {a} {b}");
            }
        }
    }
}

/// 55 of 100 go on and 35 die: the shares of a draw have the Dirichlet distribution with 55.5, 35.5 and 10.5, which
/// never sums above 1. Its means are aᵢ/a, its covariances −aᵢaⱼ/(a²(a + 1)), a = 101.5 (Kotz, Balakrishnan & Johnson
/// 2000, Continuous Multivariate Distributions, chapter 49).
#[test]
fn counts_of_the_same_patients_are_drawn_together() {
    let count = |events| Share::counted(events, 100.0).unwrap();
    let time = || SojournTime::exponential(1.0).unwrap();
    let pathway = Pathway::of_lines([
        Line::new(time(), count(55.0)).with_death(count(35.0)),
        Line::new(time(), Share::new(0.0).unwrap()),
    ])
    .unwrap();
    let draws = 4_000;
    let incidence = YearlyDraws::new(2020, Array2::from_elem((1, draws), 1.0)).unwrap();
    let options = FlowOptions {
        cohorts: Some(2020..=2020),
        ..FlowOptions::to(2020)
    };
    let flow = pathway.flow(&incidence, &options).unwrap();
    // Who leaves the line within the year is 1 − (1 − e⁻¹) = e⁻¹ of those diagnosed at a steady rate through it.
    let left = (-1.0_f64).exp();
    let of = |draws: &YearlyDraws| -> Vec<f64> { draws.view().iter().map(|n| n / left).collect() };
    let next = of(flow.starts(2).unwrap());
    let lost = of(flow.lost(1).unwrap());
    let n = draws as f64;
    let mean = |x: &[f64]| x.iter().sum::<f64>() / n;
    let covariance = |x: &[f64], y: &[f64]| {
        let (mx, my) = (mean(x), mean(y));
        x.iter()
            .zip(y)
            .map(|(x, y)| (x - mx) * (y - my))
            .sum::<f64>()
            / n
    };
    let variance = |a: f64| a * (101.5 - a) / (101.5_f64.powi(2) * 102.5);
    for (values, a) in [(&next, 55.5), (&lost, 10.5)] {
        // Four standard errors.
        let error = 4.0 * (variance(a) / n).sqrt();
        assert!(
            (mean(values) - a / 101.5).abs() < error,
            "{} {}",
            mean(values),
            a / 101.5
        );
        let ratio = covariance(values, values) / variance(a);
        assert!(
            (ratio - 1.0).abs() < 4.0 * (2.0 / n).sqrt() + 0.03,
            "{ratio}"
        );
    }
    let expected = -55.5 * 10.5 / (101.5_f64.powi(2) * 102.5);
    let error = 4.0 * (variance(55.5) * variance(10.5) / n).sqrt();
    assert!((covariance(&next, &lost) - expected).abs() < error);
    assert!(lost.iter().all(|share| *share > -1e-9));
}

/// Shares that were not counted in the same patients are independent, given that they sum to 1 at most; expected means and
/// covariances by quadrature in `SciPy`, `tests/data/shares_together.py`.
#[test]
fn shares_of_one_exit_fit_together_in_every_draw() {
    let time = || SojournTime::exponential(1.0).unwrap();
    let pathway = |next: f64, death: f64| {
        let (next, death) = (Share::counted(next, 100.0), Share::counted(death, 98.0));
        Pathway::of_lines([
            Line::new(time(), next.unwrap()).with_death(death.unwrap()),
            Line::new(time(), Share::new(0.0).unwrap()),
        ])
    };
    let draws = 20_000;
    let incidence = YearlyDraws::new(2020, Array2::from_elem((1, draws), 1.0)).unwrap();
    let options = FlowOptions {
        cohorts: Some(2020..=2020),
        ..FlowOptions::to(2020)
    };
    for (next, death, means, covariance) in [
        (
            55.0,
            35.0,
            [0.543_319_448_662, 0.352_275_397_120],
            -0.000_326_128_128,
        ),
        (
            60.0,
            38.0,
            [0.575_516_133_417, 0.364_920_499_749],
            -0.000_706_680_788,
        ),
    ] {
        let pathway = pathway(next, death).unwrap();
        let flow = pathway.flow(&incidence, &options).unwrap();
        let left = (-1.0_f64).exp();
        let shares = [flow.starts(2).unwrap(), flow.deaths(1).unwrap()]
            .map(|of| of.view().iter().map(|n| n / left).collect::<Vec<f64>>());
        let n = draws as f64;
        let mean = |x: &[f64]| x.iter().sum::<f64>() / n;
        let product = |x: &[f64], y: &[f64]| x.iter().zip(y).map(|(x, y)| x * y).sum::<f64>() / n;
        let [x, y] = shares.each_ref().map(|share| mean(share));
        for (found, expected) in [x, y].into_iter().zip(means) {
            // A share of 100 has a standard deviation of 0.05; four standard errors of the mean.
            assert!(
                (found - expected).abs() < 4.0 * 0.05 / n.sqrt(),
                "{found}, {expected}"
            );
        }
        let found = product(&shares[0], &shares[1]) - x * y;
        assert!(
            (found - covariance).abs() < 4.0 * 0.05 * 0.05 / n.sqrt(),
            "{found}, {covariance}"
        );
        let sum = |(x, y): (&f64, &f64)| x + y;
        assert!(
            shares[0]
                .iter()
                .zip(&shares[1])
                .map(sum)
                .all(|sum| sum < 1.0 + 1e-6)
        );
        // One draw alone is the same one.
        let drawn = pathway.of_draw(options.seed, 1_700).unwrap();
        assert!(
            (drawn.groups()[0].lines()[0].next().central(2020) - shares[0][1_700]).abs() < 1e-6
        );
    }
}

/// Known shares fit together year by year, however their highest values do: .5 + .45 and .7 + .25. What they leave in every
/// year, a count of 8 in 100 seldom exceeds: its mean is that of Jeffreys' posterior, 8.5/101.
#[test]
fn shares_by_year_are_added_up_year_by_year() {
    let time = || SojournTime::exponential(1.0).unwrap();
    let by_year = |from: f64, to: f64| Share::by_year([(2010, from), (2030, to)]).unwrap();
    let line = |next: [f64; 2], death: [f64; 2]| {
        Line::new(time(), by_year(next[0], next[1])).with_death(by_year(death[0], death[1]))
    };
    let last = || Line::new(time(), Share::new(0.0).unwrap());
    let known = Pathway::of_lines([line([0.5, 0.7], [0.45, 0.25]), last()]).unwrap();
    assert_eq!(known.of_draw(Seed::new(1), 7).unwrap(), known);
    let off = Line::new(time(), Share::new(1.0).unwrap());
    let counted = Share::counted(8.0, 100.0).unwrap();
    let first = line([0.40, 0.55], [0.40, 0.25]).with_off_treatment(counted, off);
    let uncertain = Pathway::of_lines([first, last()]).unwrap();
    let drawn = |draw: usize| {
        let drawn = uncertain.of_draw(Seed::new(1), draw).unwrap();
        let (share, _) = drawn.groups()[0].lines()[0].off_treatment().unwrap();
        share.central(2020)
    };
    let mean = (0..2_000).map(drawn).sum::<f64>() / 2_000.0;
    // Its standard deviation is 0.028: four standard errors.
    assert!((mean - 8.5 / 101.0).abs() < 0.0025, "{mean}");
}

/// The books of a flow close, in the file as it is written.
#[test]
fn the_states_in_the_file_add_up_to_those_diagnosed() {
    let cohorts =
        Array2::from_shape_fn((12, 50), |(y, k)| 1_000.0 + (y * 37 + k * 11) as f64 / 7.0);
    let incidence = YearlyDraws::new(2019, cohorts).unwrap();
    let options = FlowOptions {
        cohorts: Some(2019..=2030),
        ..FlowOptions::to(2030)
    };
    let flow = rich().flow(&incidence, &options).unwrap();
    let text = flow.states_csv();
    let mut rows = text.lines().map(|row| row.split(',').collect::<Vec<_>>());
    assert_eq!(
        rows.next().unwrap(),
        ["year", "state", "patients", "lower95", "upper95"]
    );
    let rows: Vec<Vec<&str>> = rows.collect();
    let states = [
        "never_treated",
        "line_1",
        "off_1",
        "line_2",
        "off_2",
        "line_3",
        "off_3",
        "lost",
        "dead",
    ];
    let mut diagnosed = 0.0;
    for (year, rows) in (2019..).zip(rows.chunks(states.len())) {
        let names: Vec<&str> = rows.iter().map(|row| row[1]).collect();
        assert_eq!(names, states);
        assert!(rows.iter().all(|row| row[0] == year.to_string()));
        let sum: f64 = rows.iter().map(|row| row[2].parse::<f64>().unwrap()).sum();
        diagnosed += incidence.year(year).unwrap().mean().unwrap();
        assert!(
            (sum / diagnosed - 1.0).abs() < 1e-9,
            "{year}: {sum} {diagnosed}"
        );
        for row in rows {
            let mean: f64 = row[2].parse().unwrap();
            // The draws of a state that nobody enters do not vary: there is no interval.
            if row[3..] == ["", ""] {
                assert!(mean == 0.0, "{row:?}");
                continue;
            }
            let [lower, upper] = [3, 4].map(|i| row[i].parse::<f64>().unwrap());
            assert!(lower <= mean && mean <= upper, "{row:?}");
        }
    }
    assert_eq!(rows.len(), 12 * states.len());
}

/// The posterior of 1 of 4 under Jeffreys' prior is beta(3/2, 7/2): mean 0.3, variance 0.3·0.7/6.
#[test]
fn a_counted_share_has_the_posterior_of_jeffreys() {
    let line = |next| Line::new(SojournTime::exponential(1.0).unwrap(), next);
    let pathway = Pathway::of_lines([
        line(Share::counted(1.0, 4.0).unwrap()),
        line(Share::new(0.0).unwrap()),
    ])
    .unwrap();
    let draws = (0..2048).map(|draw| {
        let drawn = pathway.of_draw(Seed::new(1), draw).unwrap();
        drawn.groups()[0].lines()[0].next().central(2020)
    });
    let draws = ndarray::Array1::from_iter(draws);
    let (mean, variance) = (draws.mean().unwrap(), draws.var(1.0));
    // Four standard errors of the mean.
    assert!(
        (mean - 0.3).abs() < 4.0 * (0.035_f64 / 2048.0).sqrt(),
        "{mean}"
    );
    assert!((variance / 0.035 - 1.0).abs() < 0.15, "{variance}");
}

/// By default incidence is continued backwards for 40 years: a steady one of 1,000 a year stays 1,000, and in each year the states
/// of the file add up to 1,000 for every year from 1979 to it.
#[test]
fn the_states_in_the_file_add_up_with_those_diagnosed_before() {
    let options = FlowOptions::to(2030);
    let flow = rich().flow(&constant(2019, 12, 1_000.0), &options).unwrap();
    let text = flow.states_csv();
    let mut sums = std::collections::BTreeMap::<i32, f64>::new();
    for row in text.lines().skip(1) {
        let row: Vec<&str> = row.split(',').collect();
        *sums.entry(row[0].parse().unwrap()).or_default() += row[2].parse::<f64>().unwrap();
    }
    assert!(sums.contains_key(&2019) && sums.contains_key(&2030));
    for (year, sum) in sums {
        let diagnosed = 1_000.0 * f64::from(year - 1978);
        assert!((sum / diagnosed - 1.0).abs() < 1e-9, "{year}: {sum}");
    }
}
