//! Tallies: any number of draws, counted and forgotten.
#![allow(clippy::float_cmp)] // That numbers are the same is what some tests are about.

use myeloma_epi::curve::Family;
use myeloma_epi::fit::{FitOptions, PublishedProjectionUse};
use myeloma_epi::pathway::{ShareDistribution, ThirdLine, UltimateShare};
use myeloma_epi::projection::{CurveDraws, StatedGrowth};
use myeloma_epi::{
    DrawSource, Error, IncidenceSeries, Projection, ProjectionOptions, Result, Seed, YearlyDraws,
    YearlyTally, figures,
};
use ndarray::{Array2, ArrayViewMut2, Axis, Slice};
use serde_json::Value;

const PROBABILITIES: [f64; 11] = [
    0.0, 0.001, 0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975, 0.999, 1.0,
];

/// Draws that are there: one row a year.
struct Kept(Array2<f64>);

impl Kept {
    fn year(draws: Vec<f64>) -> Self {
        Self(Array2::from_shape_vec((1, draws.len()), draws).unwrap())
    }
}

impl DrawSource for Kept {
    fn first_year(&self) -> i32 {
        2024
    }

    fn years(&self) -> usize {
        self.0.nrows()
    }

    fn fill(&self, first: usize, mut block: ArrayViewMut2<'_, f64>) -> Result<()> {
        let columns = Slice::from(first..first + block.ncols());
        block.assign(&self.0.slice_axis(Axis(1), columns));
        Ok(())
    }
}

/// A fixed sequence over (0, 1) that fills it evenly (the golden ratio's multiples).
fn even(n: usize) -> impl Iterator<Item = f64> + Clone {
    (1..=n).map(|i| (i as f64 * 0.618_033_988_749_894_9).fract())
}

fn world() -> IncidenceSeries {
    let series = IncidenceSeries::from_figures(figures::press_release(), "World").unwrap();
    series.assuming_relative_error(0.03).unwrap()
}

fn growth(name: &str, cases: f64) -> impl DrawSource + Clone + use<> {
    let growth = StatedGrowth::new(name, 2024, cases, 0.02, 0.004).unwrap();
    growth.draws_to(2040, Seed::new(1)).unwrap()
}

fn in_pool<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .unwrap()
        .install(work)
}

/// Definition 7 on the sorted sample.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // A whole number in the sample.
fn exact(sorted: &[f64], p: f64) -> f64 {
    let position = p * (sorted.len() - 1) as f64;
    let below = position.floor();
    let at = |i: f64| sorted[(i as usize).min(sorted.len() - 1)];
    at(below) + (position - below) * (at(below + 1.0) - at(below))
}

#[test]
fn quantiles_are_within_the_stated_error_of_the_samples_own() {
    const N: usize = 30_000;
    let samples: Vec<(&str, Vec<f64>)> = vec![
        ("one draw", vec![31_800.0]),
        ("two draws", vec![31_800.0, 197_200.0]),
        ("all equal", vec![0.1; N]),
        ("all zero", vec![0.0; N]),
        (
            "negative zeros too",
            even(N).map(|u| if u < 0.5 { -0.0 } else { 0.0 }).collect(),
        ),
        (
            "two values",
            even(N).map(|u| if u < 0.3 { 99.9 } else { 1e5 }).collect(),
        ),
        (
            "half zero",
            even(N)
                .map(|u| if u < 0.5 { 0.0 } else { 1.0 + u })
                .collect(),
        ),
        ("narrow", even(N).map(|u| 2e5 * (1.0 + 1e-9 * u)).collect()),
        ("uniform", even(N).collect()),
        ("counts", even(N).map(|u| (1e3 * u).floor()).collect()),
        (
            "heavy tails",
            even(N).map(|u| (1.0 / u - 1.0).powi(3)).collect(),
        ),
        (
            "every scale",
            even(N).map(|u| 10_f64.powf(600.0 * u - 300.0)).collect(),
        ),
        ("to the ends", vec![f64::MIN_POSITIVE, 1.0, 2.0, f64::MAX]),
        // Powers of two and the numbers before them: the borders of octaves.
        (
            "borders",
            (0..1000)
                .map(|i| 2_f64.powi(i / 2 - 250).next_down())
                .chain((0..1000).map(|i| 2_f64.powi(i / 2 - 250)))
                .collect(),
        ),
    ];
    for (name, sample) in samples {
        let mut sorted = sample.clone();
        sorted.sort_by(f64::total_cmp);
        let tally = YearlyTally::of(&Kept::year(sample), sorted.len()).unwrap();
        assert_eq!(tally.len(), sorted.len());
        let got = tally.quantiles(2024, &PROBABILITIES).unwrap();
        for (p, got) in PROBABILITIES.into_iter().zip(got) {
            let expected = exact(&sorted, p);
            let error = (got - expected).abs();
            assert!(
                error <= YearlyTally::RELATIVE_ERROR * expected,
                "{name}, {p}: {got}, {expected}"
            );
            let equal = sorted[0] == sorted[sorted.len() - 1];
            assert!(
                error == 0.0 || !(equal || p == 0.0 || p == 1.0),
                "{name}, {p}"
            );
        }
    }
    // Below the least normal number all is zero, but the least and the greatest are themselves.
    let subnormal = Kept::year(vec![1e-310, 2e-310, 3e-310]);
    let tally = YearlyTally::of(&subnormal, 3).unwrap();
    let got = tally.quantiles(2024, &[0.0, 0.5, 1.0]).unwrap();
    assert_eq!(got, [1e-310, 0.0, 3e-310]);
}

/// Where *m* draws share a bucket, their order statistics are off by the order of its width over √m.
#[test]
fn many_draws_in_a_bucket_give_a_smaller_error() {
    const N: usize = 1_000_000;
    // Uniform from 1 to 2: 488 draws a bucket, each 2⁻¹¹ wide, evenly spread.
    let sample: Vec<f64> = even(N).map(|u| 1.0 + u).collect();
    let tally = YearlyTally::of(&Kept::year(sample), N).unwrap();
    for p in PROBABILITIES {
        // The even sequence is nowhere further than some 2/N from the uniform distribution.
        let error = (tally.quantile(2024, p).unwrap() - (1.0 + p)).abs();
        assert!(error < 0.02 * YearlyTally::RELATIVE_ERROR, "{p}: {error}");
    }
}

#[test]
fn threads_do_not_change_a_tally() {
    let all = || {
        let (one, other) = (growth("One", 1e5), growth("Other", 1e3));
        let share = UltimateShare::new(0.3, 0.4, ShareDistribution::Pert).unwrap();
        ThirdLine::tally(&[&one, &other], &share, Seed::new(4), 50_001).unwrap()
    };
    let one = in_pool(1, all);
    for threads in [2, 3, 8] {
        assert!(in_pool(threads, all) == one, "{threads} threads");
    }
    // Nor does the order of the draws, so that merged tallies are the tally of all.
    let sample: Vec<f64> = even(20_000).map(|u| (1.0 / u).powi(40)).collect();
    let forth = YearlyTally::of(&Kept::year(sample.clone()), 20_000).unwrap();
    let back = Kept::year(sample.into_iter().rev().collect());
    assert!(in_pool(3, || YearlyTally::of(&back, 20_000).unwrap()) == forth);
}

#[test]
fn a_tally_is_of_the_draws_that_are_kept() {
    const N: usize = 5_000;
    let (series, share) = (
        world(),
        UltimateShare::new(0.3, 0.4, ShareDistribution::Uniform).unwrap(),
    );
    let options = ProjectionOptions {
        draws: N,
        fit: FitOptions {
            published_projection: PublishedProjectionUse::AsFigure,
            ..FitOptions::default()
        },
        ..ProjectionOptions::to(2040)
    };
    let projection = Projection::of(&Family::Gompertz, &series, &options).unwrap();
    let source = CurveDraws::new(&Family::Gompertz, &series, &options).unwrap();
    assert!(YearlyDraws::of(&source, N).unwrap() == *projection.new_cases());

    let seed = Seed::new(6);
    let third_line = ThirdLine::new(projection.new_cases(), &share, seed).unwrap();
    let tallies = ThirdLine::tally(&[&source], &share, seed, N).unwrap();
    let incidence = YearlyTally::of(&source, N).unwrap();
    for (draws, tally) in [
        (projection.new_cases(), &incidence),
        (third_line.patients(), &tallies[0]),
    ] {
        assert_eq!((draws.years(), draws.len()), (tally.years(), tally.len()));
        for (kept, counted) in draws.summary().iter().zip(tally.summary()) {
            assert_eq!(kept.year, counted.year);
            for (kept, counted) in [
                (kept.median, counted.median),
                (kept.lower50, counted.lower50),
                (kept.upper50, counted.upper50),
                (kept.lower95, counted.lower95),
                (kept.upper95, counted.upper95),
            ] {
                assert!((counted / kept - 1.0).abs() <= YearlyTally::RELATIVE_ERROR);
            }
        }
        let (kept, counted) = (draws.interval(2040, 1e-9), tally.interval(2040, 1e-9));
        assert!((counted.unwrap().0 / kept.unwrap().0 - 1.0).abs() <= YearlyTally::RELATIVE_ERROR);
    }
}

#[test]
fn the_first_draws_do_not_depend_on_how_many_follow() {
    let (series, options) = (world(), ProjectionOptions::to(2040));
    let curve = CurveDraws::new(&Family::Exponential, &series, &options).unwrap();
    let stated = growth("World", 180_000.0);
    for n in [1, 1000, 1024, 1025] {
        let check = |few: YearlyDraws, many: YearlyDraws| {
            let many = many.view().slice_axis_move(Axis(1), Slice::from(..n));
            assert_eq!(few.view(), many);
        };
        check(
            YearlyDraws::of(&curve, n).unwrap(),
            YearlyDraws::of(&curve, 2 * n).unwrap(),
        );
        check(
            YearlyDraws::of(&stated, n).unwrap(),
            YearlyDraws::of(&stated, 2 * n).unwrap(),
        );
    }
}

/// Growth times share against integration over the share (`tests/data/growth_share.py`).
#[test]
fn third_line_of_a_stated_growth_has_the_quantiles_of_theory() {
    const DRAWS: usize = 200_000;
    let text = include_str!("../data/growth_share.json");
    let data: Value = serde_json::from_str(text).unwrap();
    let number = |value: &Value| value.as_f64().unwrap();
    let regions = data["regions"].as_array().unwrap();
    let sources: Vec<_> = regions
        .iter()
        .map(|region| {
            let [cases, mean, deviation] =
                ["cases", "mean", "deviation"].map(|name| number(&region[name]));
            let name = region["region"].as_str().unwrap();
            let growth = StatedGrowth::new(name, 2024, cases, mean, deviation).unwrap();
            growth.draws_to(2040, Seed::new(1)).unwrap()
        })
        .collect();
    let (low, high) = (number(&data["low"]), number(&data["high"]));
    let share = UltimateShare::new(low, high, ShareDistribution::Pert).unwrap();
    let sources: Vec<&dyn DrawSource> = sources.iter().map(|s| s as &dyn DrawSource).collect();
    let tallies = ThirdLine::tally(&sources, &share, Seed::new(1), DRAWS).unwrap();
    let mut cells = 0;
    for (region, tally) in regions.iter().zip(&tallies) {
        for (row, year) in tally.years().enumerate() {
            for (i, p) in data["probabilities"].as_array().unwrap().iter().enumerate() {
                let p = number(p);
                let expected = number(&region["quantiles"][row][i]);
                let density = number(&region["densities"][row][i]);
                let error = (p * (1.0 - p) / DRAWS as f64).sqrt() / density;
                let got = tally.quantile(year, p).unwrap();
                assert!(
                    (got - expected).abs() < 5.0 * error,
                    "{year}, {p}: {got}, {expected} ± {error}"
                );
                cells += 1;
            }
        }
    }
    assert_eq!(cells, 2 * 17 * 3);
}

#[test]
fn regions_are_independent_and_share_one_share() {
    const N: usize = 100_000;
    let (one, other) = (growth("One", 1000.0), growth("Other", 1000.0));
    let [one, other] = [&one, &other].map(|source| YearlyDraws::of(source, N).unwrap());
    let logs = |draws: &YearlyDraws| draws.year(2025).unwrap().mapv(|x| (x / 1000.0).ln() - 0.02);
    let correlation = (logs(&one) * logs(&other)).mean().unwrap() / 0.004_f64.powi(2);
    // The standard error of a correlation that is zero is 1/√N.
    assert!(correlation.abs() < 5.0 / (N as f64).sqrt(), "{correlation}");
    // A doubled region has doubled patients in every draw: quantiles double exactly.
    let share = UltimateShare::new(0.3, 0.4, ShareDistribution::Beta95).unwrap();
    let (single, double) = (growth("One", 1000.0), growth("One", 2000.0));
    let tallies = ThirdLine::tally(&[&single, &double], &share, Seed::new(2), N).unwrap();
    for year in tallies[0].years() {
        let [single, double] = [0, 1].map(|i| tallies[i].quantiles(year, &PROBABILITIES).unwrap());
        assert!(single.iter().zip(&double).all(|(a, b)| 2.0 * a == *b));
    }
    // The year of the count has no error of its own: the patients are the shares.
    let shares = share.draws(N, Seed::new(2)).unwrap();
    let greatest = shares.iter().copied().fold(0.0, f64::max);
    assert_eq!(tallies[0].quantile(2024, 1.0).unwrap(), 1000.0 * greatest);
}

/// Draws of no year, or that end the calendar.
struct Odd(i32, usize);

impl DrawSource for Odd {
    fn first_year(&self) -> i32 {
        self.0
    }

    fn years(&self) -> usize {
        self.1
    }

    fn fill(&self, first: usize, mut block: ArrayViewMut2<'_, f64>) -> Result<()> {
        if first >= 5 * 1024 {
            // An error of the source's own.
            YearlyDraws::new(0, Array2::zeros((0, 0)))?;
        }
        block.fill(1.0);
        Ok(())
    }
}

#[test]
fn bad_draws_and_requests_are_refused() {
    for bad in [
        f64::NAN,
        -1.0,
        f64::INFINITY,
        f64::NEG_INFINITY,
        -f64::NAN,
        -1e-320,
    ] {
        let mut draws = vec![1.0; 3000];
        draws[2500] = bad;
        let error = YearlyTally::of(&Kept::year(draws.clone()), 3000).unwrap_err();
        let message = error.to_string();
        assert!(message.contains("draw 2500 of 2024"), "{message}");
        let said = [bad.to_string(), format!("{bad:e}")];
        assert!(
            said.iter()
                .any(|said| message.contains(&format!(" is {said} in "))),
            "{message}"
        );
        assert!(YearlyDraws::of(&Kept::year(draws), 3000).is_err());
    }
    let of = |source: Odd, draws: usize| YearlyTally::of(&source, draws);
    assert!(of(Odd(2024, 1), 0).is_err());
    assert!(of(Odd(2024, 0), 10).is_err());
    assert!(of(Odd(i32::MAX, 2), 10).is_err());
    assert!(of(Odd(2024, 1), 1 << 40).is_err());
    assert!(of(Odd(2024, 1), 5 * 1024).is_ok());
    for threads in [1, 2] {
        assert!(in_pool(threads, || of(Odd(2024, 1), 100_000)).is_err());
    }

    let tally = of(Odd(2024, 2), 10).unwrap();
    for p in [-0.1, 1.1, f64::NAN] {
        assert!(tally.quantile(2024, p).is_err());
    }
    for level in [0.0, 1.0, -0.1, 1.5, f64::NAN] {
        assert!(tally.interval(2024, level).is_err());
    }
    for year in [2023, 2026, i32::MIN, i32::MAX] {
        assert!(tally.median(year).is_err());
    }
    let share = UltimateShare::new(0.3, 0.4, ShareDistribution::Uniform).unwrap();
    assert!(ThirdLine::tally(&[&Odd(2024, 1)], &share, Seed::new(1), 0).is_err());
    assert!(
        ThirdLine::tally(&[], &share, Seed::new(1), 10)
            .unwrap()
            .is_empty()
    );
}

#[test]
fn growth_that_cannot_be_is_refused() {
    let stated = |cases, mean, deviation| StatedGrowth::new("X", 2024, cases, mean, deviation);
    let named = |result: Result<StatedGrowth>, name: &str| {
        let message = result.unwrap_err().to_string();
        assert!(message.contains(name) && message.contains('X'), "{message}");
    };
    for bad in [f64::NAN, f64::INFINITY, -1.0, 0.0] {
        named(stated(bad, 0.02, 0.01), "the number of cases");
    }
    for bad in [f64::NAN, f64::INFINITY] {
        named(stated(100.0, bad, 0.01), "the mean growth");
    }
    for bad in [f64::NAN, f64::INFINITY, -0.01] {
        named(
            stated(100.0, 0.02, bad),
            "the standard deviation of the growth",
        );
    }
    let growth = stated(100.0, 0.02, 0.0).unwrap();
    for year in [2023, 2225, i32::MIN, i32::MAX] {
        assert!(growth.draws_to(year, Seed::new(1)).is_err());
    }
    // Without a deviation every draw is the one curve.
    let tally = YearlyTally::of(&growth.draws_to(2034, Seed::new(1)).unwrap(), 100).unwrap();
    for p in [0.0, 0.5, 1.0] {
        let cases = tally.quantile(2034, p).unwrap();
        assert!((cases / (100.0 * 0.2_f64.exp()) - 1.0).abs() < 1e-14);
    }
    assert!(tally.interval(2034, 0.95).is_err());
    // Overflow is an error, said where it happens.
    let explodes = stated(100.0, 300.0, 0.0).unwrap();
    let overflow = YearlyTally::of(&explodes.draws_to(2034, Seed::new(1)).unwrap(), 100);
    let error: Error = overflow.unwrap_err();
    assert!(error.to_string().contains("draw 0 of 2027"), "{error}");
}

#[test]
fn a_tally_comes_back_from_a_file_and_a_wrong_one_is_refused() {
    // Zeros, numbers below the least normal one, and five octaves.
    let few = [0.0, 1e-310, 3.0, 3.0, 5.5, 100.0];
    let draws: Vec<f64> = few.into_iter().chain(even(500).map(|u| 4.0 * u)).collect();
    let kept = Kept(Array2::from_shape_vec((2, 253), draws).unwrap());
    let tally = YearlyTally::of(&kept, 253).unwrap();
    let text = serde_json::to_string(&tally).unwrap();
    let again: YearlyTally = serde_json::from_str(&text).unwrap();
    assert!(again == tally && again.summary() == tally.summary());

    let json = r#"{"first_year":2024,"years":[{"zeros":1,"least":0.0,"greatest":3.0,
                   "buckets":[[2096128,2],[2098176,1]]}]}"#;
    let right: YearlyTally = serde_json::from_str(json).unwrap();
    assert_eq!((right.len(), right.quantile(2024, 1.0).unwrap()), (4, 3.0));
    for (from, to, says) in [
        ("\"zeros\":1", "\"zeros\":0", "0 to 3, of 3 numbers"),
        ("\"least\":0.0", "\"least\":-1.0", "-1 to 3"),
        ("\"greatest\":3.0", "\"greatest\":9.0", "0 to 9"),
        ("[2096128,2]", "[2096128,0]", "2096128"),
        ("[2096128,2]", "[2098177,2]", "above the one before"),
        ("[2096128,2]", "[4290772992,2]", "from 2048 to 4192255"),
        ("2024", "2147483647", "first year"),
        ("\"zeros\"", "\"noughts\"", "noughts"),
    ] {
        let wrong = json.replacen(from, to, 1);
        assert_ne!(wrong, json, "{from}");
        let error = serde_json::from_str::<YearlyTally>(&wrong).unwrap_err();
        assert!(error.to_string().contains(says), "{error}");
    }
}
