//! The first draws of a seed, one table a distribution or stream: a change of any of them changes
//! every user's numbers, and belongs in the changelog, marked **values**.
//!
//! Uniform and PERT shares and the errors of figures are compared with `tests/data/chacha8.py`, which
//! shares no code with the crate: these are right. All others are pinned: they are what the crate gave
//! when they were written down, and say only that it still does.

use approx::assert_relative_eq;
use myeloma_epi::curve::Family;
use myeloma_epi::fit::{Fit, FitOptions, fit};
use myeloma_epi::forecast::{ForecastOptions, RegistryTrend};
use myeloma_epi::pathway::{
    Entry, Line, Pathway, Share, ShareDistribution, SojournTime, UltimateShare,
};
use myeloma_epi::projection::StatedGrowth;
use myeloma_epi::{IncidenceSeries, Projection, ProjectionOptions, Seed, YearlyDraws, figures};
use serde_json::Value;

const SEED: Seed = Seed::new(7);

fn options() -> ProjectionOptions {
    let mut options = ProjectionOptions::to(2040);
    (options.draws, options.seed) = (1024, SEED);
    options
}

fn world() -> IncidenceSeries {
    super::two_figures("World", 164_300.0, 197_200.0, 0.03)
}

/// The numbers of an independent implementation.
fn independent(name: &str, block: u64, key: &str) -> Vec<f64> {
    let all: Value = serde_json::from_str(include_str!("../data/chacha8.json")).unwrap();
    let all = all.as_array().unwrap();
    let of = |case: &&Value| case["seed"] == "7" && case["name"] == name && case["block"] == block;
    let numbers = all.iter().find(of).unwrap()[key].as_array().unwrap();
    numbers.iter().map(|x| x.as_f64().unwrap()).collect()
}

#[test]
fn shares_are_those_of_an_independent_implementation() {
    for (distribution, key) in [
        (ShareDistribution::Uniform, "range"),
        (ShareDistribution::Pert, "pert"),
    ] {
        let share = UltimateShare::new(0.3, 0.4, distribution).unwrap();
        let draws = share.draws(4096, SEED).unwrap();
        for block in [0, 3] {
            let expected = independent("share/third line", block, key);
            assert_eq!(expected.len(), 4);
            let draws = &draws[usize::try_from(block).unwrap() * 1024..];
            for (got, expected) in draws.iter().zip(expected) {
                assert_relative_eq!(*got, expected, max_relative = 1e-15);
            }
        }
    }
}

/// The curve goes through both figures, each times e^(0.03·z).
#[test]
fn errors_of_figures_are_those_of_an_independent_implementation() {
    let projection = Projection::of(&Family::Exponential, &world(), &options()).unwrap();
    for (year, cases) in [(2019, 164_300.0), (2024, 197_200.0)] {
        let draws = projection.new_cases().year(year).unwrap();
        let expected = independent(&format!("figure/World/{year}"), 0, "normal");
        assert_eq!(expected.len(), 12);
        for (got, z) in draws.iter().step_by(93).zip(expected) {
            assert_relative_eq!(*got, cases * f64::exp(0.03 * z), max_relative = 1e-13);
        }
    }
}

/// The first numbers, and that of the second block of draws where there is one.
fn first(numbers: impl IntoIterator<Item = f64>) -> Vec<f64> {
    let numbers: Vec<f64> = numbers.into_iter().collect();
    let second_block = numbers.get(1024).copied();
    numbers.into_iter().take(3).chain(second_block).collect()
}

/// Ten digits are pinned: rounding may move the last ones, another draw is another number.
fn pinned(name: &str, got: &[f64], expected: &[f64]) {
    assert_eq!(got.len(), expected.len(), "{name}: {got:?}");
    for (a, b) in got.iter().zip(expected) {
        assert!(
            (a - b).abs() <= 1e-8 * b.abs(),
            "{name}: {got:?}, pinned {expected:?}"
        );
    }
}

fn in_2040(draws: &YearlyDraws) -> Vec<f64> {
    first(draws.year(2040).unwrap().to_vec())
}

#[test]
fn pinned_draws_of_shares_and_growth() {
    let share = UltimateShare::new(0.3, 0.4, ShareDistribution::Beta95).unwrap();
    pinned(
        "beta",
        &first(share.draws(1025, SEED).unwrap()),
        &[
            0.340_369_608,
            0.323_110_548_4,
            0.330_706_170_6,
            0.326_502_180_1,
        ],
    );
    let growth = StatedGrowth::new("World", 2024, 197_200.0, 0.02, 0.004).unwrap();
    let draws = YearlyDraws::of(&growth.draws_to(2040, SEED).unwrap(), 1025).unwrap();
    pinned(
        "growth",
        &in_2040(&draws),
        &[
            290_218.500_972,
            264_016.696_875,
            257_254.593_407,
            251_614.029_217,
        ],
    );
}

#[test]
fn pinned_draws_of_projections() {
    let trend = RegistryTrend::default()
        .of(&world(), &ForecastOptions::default())
        .unwrap();
    pinned(
        "trend",
        &in_2040(&trend.draws(2040, 1025, SEED).unwrap()),
        &[
            372_613.672_882,
            241_926.346_309,
            259_347.747_861,
            251_832.997_346,
        ],
    );
    let factors = trend.model_discrepancy(2040, 1025, SEED).unwrap();
    pinned(
        "discrepancy",
        &in_2040(&factors),
        &[
            0.844_985_879_873,
            0.920_757_544_694,
            1.022_699_850_295,
            1.054_075_948_486,
        ],
    );

    // Which of two curves a draw is of: one of 100 cases, one of 200.
    let constant = |cases| {
        let series = super::two_figures("World", cases, cases, 0.0);
        Projection::of(&Family::Exponential, &series, &options()).unwrap()
    };
    let pool = Projection::pool(&[constant(100.0), constant(200.0)], SEED).unwrap();
    let members: String = (pool.new_cases().year(2040).unwrap().iter().take(40))
        .map(|&cases| if cases < 150.0 { 'a' } else { 'b' })
        .collect();
    assert_eq!(members, "abaaaaaaaabbbababbbbaabbababaabababbbaab");
}

#[test]
fn pinned_draws_of_fits() {
    let series = IncidenceSeries::from_figures(figures::registered(), "Germany").unwrap();
    let Fit::Identified(fit) = fit(&Family::Exponential, &series, &FitOptions::default()).unwrap()
    else {
        panic!("16 figures identify two parameters");
    };
    let rates = |bootstrap: myeloma_epi::fit::Bootstrap| {
        first(bootstrap.parameters().row(1).iter().copied())
    };
    pinned(
        "parametric",
        &rates(fit.parametric_bootstrap(10, SEED).unwrap()),
        &[0.019_412_106_62, 0.015_402_924_07, 0.015_266_892_33],
    );
    pinned(
        "residuals",
        &rates(fit.residual_bootstrap(10, SEED).unwrap()),
        &[0.020_650_440_34, 0.018_098_268_22, 0.019_429_319_47],
    );
    pinned(
        "curve",
        &in_2040(&fit.simulate_curve(2030..=2040, 1025, SEED).unwrap()),
        &[
            11_162.217_619_2,
            11_054.236_304_4,
            11_980.857_732_4,
            10_422.920_109_2,
        ],
    );
    pinned(
        "counts",
        &in_2040(&fit.simulate_counts(2030..=2040, 1025, SEED).unwrap()),
        &[
            10_719.122_875_5,
            10_943.513_829_8,
            12_148.945_645_8,
            10_680.055_740_3,
        ],
    );
}

#[test]
fn pinned_sojourn_times() {
    for (name, sojourn, expected) in [
        (
            "exponential",
            SojournTime::exponential(2.0),
            [0.000_612_397_16, 0.806_163_502_8, 0.074_612_305_56],
        ),
        (
            "Weibull",
            SojournTime::weibull(1.5, 2.0),
            [0.009_085_847_515, 1.091_336_683_7, 0.223_297_385_8],
        ),
        (
            "gamma",
            SojournTime::gamma(2.5, 1.0),
            [2.193_359_832_1, 2.036_755_838_8, 3.462_838_999_7],
        ),
        (
            "log-normal",
            SojournTime::log_normal(2.0, 0.5),
            [2.018_142_260_0, 6.526_607_577_8, 1.411_116_193_4],
        ),
        (
            "log-logistic",
            SojournTime::log_logistic(2.0, 1.5),
            [0.104_123_523_2, 2.388_296_350_7, 5.118_067_484_4],
        ),
        (
            "table",
            SojournTime::table([(0.0, 0.0), (1.0, 0.4), (3.0, 1.0)]),
            [0.011_988_574_93, 2.057_073_393_6, 2.736_329_703_9],
        ),
    ] {
        let sojourn = sojourn.unwrap();
        let all = Share::new(1.0).unwrap();
        let last = Line::new(
            SojournTime::exponential(1.0).unwrap(),
            Share::new(0.0).unwrap(),
        );
        let pathway = Pathway::of_lines([Line::new(sojourn, all), last]).unwrap();
        let patients = pathway.histories(2020, &[3, 0, 0, 0, 0, 0, 0, 0], Entry::default(), SEED);
        // From diagnosis, with the start of first line, to the start of second.
        let times = patients
            .unwrap()
            .into_iter()
            .map(|patient| patient.events[1].0 - patient.diagnosed);
        pinned(name, &first(times), &expected);
    }
}
