//! The sources of error of a projection, one at a time and together.

use approx::assert_relative_eq;
use myeloma_epi::curve::{Exponential, Family, GrowthCurve, JoinedExponential, Logistic};
use myeloma_epi::figures::{Figure, Figures, Status, comparison, press_release};
use myeloma_epi::fit::PublishedProjectionUse;
use myeloma_epi::forecast::{ForecastOptions, RegistryTrend};
use myeloma_epi::projection::{
    BetweenSourceEstimate, DampingPrior, ErrorModel, VarianceOfCurve, VarianceShares, complement,
};
use myeloma_epi::{
    BetweenSource, IncidenceSeries, Outlook, OutlookOptions, Projection, ProjectionOptions,
    PublishedProjection, Result, Seed, YearlyDraws,
};

const DRAWS: usize = 20_000;

/// A variance of 20,000 normal draws has a relative standard error of √(2/20,000) = 1 %.
const FOUR_STANDARD_ERRORS: f64 = 0.04;

fn two_figures(region: &str, first: f64, last: f64, error: f64) -> IncidenceSeries {
    IncidenceSeries::from_counts(region, [(2019, first), (2024, last)])
        .unwrap()
        .assuming_relative_error(error)
        .unwrap()
}

fn with_projection(series: IncidenceSeries, cases: f64, error: f64) -> IncidenceSeries {
    series
        .with_published_projection(PublishedProjection {
            year: 2040,
            cases,
            relative_error: Some(error),
        })
        .unwrap()
}

fn options(errors: ErrorModel) -> ProjectionOptions {
    ProjectionOptions::to(2040)
        .with_draws(DRAWS)
        .with_errors(errors)
}

fn log_variance(draws: &YearlyDraws, year: i32) -> f64 {
    let logs: Vec<f64> = draws.year(year).unwrap().iter().map(|c| c.ln()).collect();
    let n = logs.len() as f64;
    let mean = logs.iter().sum::<f64>() / n;
    logs.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0)
}

/// An exponential curve is linear in the logarithms of its figures: 16 years past the second of two that
/// are five years apart, ln y = −3.2·ln a + 4.2·ln b. So var = σ²(3.2² + 4.2² − 2·3.2·4.2·s) + τ².
#[test]
fn shared_errors_and_levels_leave_growth_alone() {
    let series = two_figures("Atlantis", 1000.0, 1200.0, 0.02);
    for shared in [0.0, 0.3, 0.9, 1.0] {
        for level in [0.0, 0.1] {
            let errors = ErrorModel::default().with_shared(shared).with_level(level);
            let draws = Projection::of(&Exponential, &series, &options(errors)).unwrap();
            let own = 3.2_f64.powi(2) + 4.2_f64.powi(2) - 2.0 * 3.2 * 4.2 * shared;
            assert_relative_eq!(
                log_variance(draws.cases(), 2040),
                0.02_f64.powi(2) * own + level * level,
                max_relative = FOUR_STANDARD_ERRORS
            );
            // In 2019 the curve is the figure itself.
            assert_relative_eq!(
                log_variance(draws.cases(), 2019),
                0.02_f64.powi(2) + level * level,
                max_relative = FOUR_STANDARD_ERRORS
            );
        }
    }
    // A level alone, and errors that are wholly shared, scale every year alike.
    let errors = ErrorModel::default().with_shared(1.0).with_level(0.1);
    let draws = Projection::of(&Exponential, &series, &options(errors)).unwrap();
    let (first, last) = (
        draws.cases().year(2019).unwrap(),
        draws.cases().year(2040).unwrap(),
    );
    for (first, last) in first.iter().zip(&last) {
        assert_relative_eq!(last / first, 1.2_f64.powf(21.0 / 5.0), max_relative = 1e-10);
    }
}

/// Half way from 2024 to a projection for 2040, steady growth between them gives the mean of the
/// logarithms: var = (σ² + σp² + 2rσσp)/4 + τ². The correlation holds within one source only.
#[test]
fn a_published_projection_errs_with_its_source() {
    let series = with_projection(two_figures("Atlantis", 1000.0, 1200.0, 0.03), 1500.0, 0.10);
    let curve = JoinedExponential::changing_after(5.0).unwrap();
    let variance = |series: &IncidenceSeries, correlation: f64, level: f64| {
        let errors = ErrorModel::default()
            .with_projection_correlation(correlation)
            .with_level(level);
        let options = options(errors).with_published_projection(PublishedProjectionUse::AsFigure);
        log_variance(
            Projection::of(&curve, series, &options).unwrap().cases(),
            2032,
        )
    };
    let expected = |r: f64| (0.03_f64.powi(2) + 0.1_f64.powi(2) + 2.0 * r * 0.03 * 0.1) / 4.0;
    for r in [-0.7, 0.0, 0.5] {
        assert_relative_eq!(
            variance(&series, r, 0.05),
            expected(r) + 0.05_f64.powi(2),
            max_relative = FOUR_STANDARD_ERRORS
        );
    }
    let other = series
        .clone()
        .with_source(2019, "one")
        .with_source(2024, "one")
        .with_source(2040, "another");
    // Each source has a level of its own, which counts half in the middle.
    assert_relative_eq!(
        variance(&other, 0.5, 0.05),
        expected(0.0) + 0.05_f64.powi(2) / 2.0,
        max_relative = FOUR_STANDARD_ERRORS
    );
}

/// The level of a source is one number for all regions.
#[test]
fn a_source_errs_alike_in_all_regions() {
    let errors = ErrorModel::default().with_level(0.1);
    let of = |region: &str, source: &str| {
        let series = IncidenceSeries::from_counts(region, [(2019, 1000.0), (2024, 1200.0)])
            .unwrap()
            .with_source(2019, source)
            .with_source(2024, source);
        let draws = Projection::of(&Exponential, &series, &options(errors)).unwrap();
        draws.cases().year(2040).unwrap().to_vec()
    };
    assert_eq!(of("Atlantis", "one"), of("Lemuria", "one"));
    assert_ne!(of("Atlantis", "one"), of("Atlantis", "another"));
}

#[test]
fn impossible_correlations_are_refused() {
    let series = with_projection(two_figures("Atlantis", 1000.0, 1200.0, 0.03), 1500.0, 0.1);
    let error = |errors: ErrorModel| {
        let options = options(errors).with_published_projection(PublishedProjectionUse::AsFigure);
        let error = Projection::of(&Logistic, &series, &options).unwrap_err();
        error.to_string()
    };
    let plain = ErrorModel::default();
    let said = error(plain.with_projection_correlation(1.5));
    assert!(
        said.contains("1.5") && said.contains("Atlantis") && said.contains("-1 and 1"),
        "{said}"
    );
    assert!(error(plain.with_shared(-0.1)).contains("between 0 and 1"));
    assert!(error(plain.with_shared(f64::NAN)).contains("NaN"));
    assert!(error(plain.with_level(2.0)).contains("level"));
    // Two independent figures cannot both have a correlation above √½ with a third.
    let said = error(plain.with_projection_correlation(0.8));
    assert!(
        said.contains("positive definite") && said.contains("0.8"),
        "{said}"
    );
}

/// `tests/data/source_disagreement.py`, 30 digits.
#[test]
fn disagreement_of_sources_by_restricted_likelihood() {
    let mut all: Figures = press_release().clone();
    all.extend(comparison().clone());
    for (region, own, expected) in [
        ("World", 0.03, 0.071_831_719_756_008_7),
        ("World", 0.01, 0.076_340_478_730_631_9),
        ("China", 0.03, 0.256_980_421_543_464),
        ("China", 0.01, 0.259_673_847_531_783),
    ] {
        let found = BetweenSourceEstimate::estimate(&all, region, own).unwrap();
        assert_relative_eq!(found.deviation(), expected, max_relative = 1e-6);
    }
    // What is left of the world without China, by each source: levels of part and whole go together.
    let rest: Figures = all
        .iter()
        .filter(|f| f.region() == "World" && f.status() != Status::Projection)
        .filter_map(|world| {
            // The two regions of a Global Burden of Disease study are cited from different papers.
            let china = all.iter().find(|f| {
                let study = |f: &Figure| f.source().chars().take(8).collect::<String>();
                f.region() == "China" && f.year() == world.year() && study(f) == study(world)
            })?;
            let cases = world.cases() - china.cases();
            let rest = Figure::new("Complement", world.year(), cases, Status::Estimate).unwrap();
            Some(rest.with_source(world.source()))
        })
        .collect();
    let found = BetweenSourceEstimate::estimate(&rest, "Complement", 0.03).unwrap();
    assert_eq!((found.figures(), found.sources()), (6, 5));
    assert_relative_eq!(
        found.deviation(),
        0.049_285_582_211_996_8,
        max_relative = 1e-6
    );
    // Twice the counts, the same disagreement; sources that agree do not disagree.
    let scaled: Figures = all
        .iter()
        .filter(|f| f.region() == "China")
        .map(|f| {
            let scaled = Figure::new("China", f.year() + 7, 2.0 * f.cases(), f.status());
            scaled.unwrap().with_source(f.source())
        })
        .collect();
    let found = BetweenSourceEstimate::estimate(&scaled, "China", 0.03).unwrap();
    assert_relative_eq!(
        found.deviation(),
        0.256_980_421_543_464,
        max_relative = 1e-6
    );
    let agreeing: Figures = (0..5)
        .map(|i| {
            let cases = 1000.0 * 1.02_f64.powi(i);
            let figure = Figure::new("Atlantis", 2019 + i, cases, Status::Estimate).unwrap();
            figure.with_source(format!("source {i}"))
        })
        .collect();
    let found = BetweenSourceEstimate::estimate(&agreeing, "Atlantis", 0.03).unwrap();
    assert!(found.deviation() < 1e-9, "{}", found.deviation());
}

#[test]
fn disagreement_needs_sources() {
    let few = press_release();
    let said = |figures: &Figures, region: &str, own: f64| {
        let error = BetweenSourceEstimate::estimate(figures, region, own).unwrap_err();
        error.to_string()
    };
    assert!(said(few, "World", 0.03).contains("needs 3 or more"));
    assert!(said(few, "Atlantis", 0.03).contains("Atlantis"));
    assert!(said(comparison(), "World", f64::NAN).contains("NaN"));
    let nameless: Figures = [Figure::new("World", 2020, 5.0, Status::Estimate).unwrap()]
        .into_iter()
        .collect();
    assert!(said(&nameless, "World", 0.03).contains("names no source"));
}

#[test]
fn weights_of_a_pool() {
    let series = two_figures("Atlantis", 1000.0, 1200.0, 0.02);
    let of = |family: Family| Projection::of(&family, &series, &options(ErrorModel::default()));
    let (linear, exponential) = (
        of(Family::Linear).unwrap(),
        of(Family::Exponential).unwrap(),
    );
    let seed = Seed::default();
    let pool = |a: f64, b: f64| {
        Projection::weighted_pool([(&linear, a), (&exponential, b)], seed).unwrap()
    };
    assert_eq!(pool(1.0, 0.0).cases(), linear.cases());
    assert_eq!(pool(0.0, 7.0).cases(), exponential.cases());
    let equal = Projection::pool([&linear, &exponential], seed).unwrap();
    assert_eq!(pool(3.0, 3.0).cases(), equal.cases());
    // Draw k is draw k of one of them; one in four is of the first: standard error 0.0031.
    let mixed = pool(1.0, 3.0);
    let row = |p: &Projection| p.cases().year(2040).unwrap().to_vec();
    let from_first = row(&mixed)
        .iter()
        .zip(row(&linear).iter().zip(row(&exponential)))
        .filter(|&(mixed, (a, b))| {
            let is = |other: &f64| mixed.total_cmp(other).is_eq();
            assert!(is(a) || is(&b));
            is(a)
        })
        .count();
    assert_relative_eq!(
        from_first as f64 / DRAWS as f64,
        0.25,
        epsilon = 4.0 * 0.0031
    );
    for bad in [
        (-1.0, 2.0),
        (f64::NAN, 1.0),
        (0.0, 0.0),
        (f64::INFINITY, 1.0),
    ] {
        let pool = Projection::weighted_pool([(&linear, bad.0), (&exponential, bad.1)], seed);
        assert!(pool.unwrap_err().to_string().contains("weight"));
    }
}

/// The exact variance against draws; median 1; no departure at the last figure.
#[test]
fn the_truth_leaves_a_curve_as_the_noises_add_up() {
    let series = two_figures("Atlantis", 1000.0, 1200.0, 0.03);
    let trend = RegistryTrend::default()
        .of(&series, &ForecastOptions::default())
        .unwrap();
    let factors = trend
        .model_discrepancy(2040, 200_000, Seed::default())
        .unwrap();
    assert!(
        factors
            .year(2024)
            .unwrap()
            .iter()
            .all(|&f| f.total_cmp(&1.0).is_eq())
    );
    for year in [2025, 2030, 2040] {
        // The volatility has heavy tails: the kurtosis is about 8, and the standard error of the
        // variance √((8 − 1)/200,000) = 0.6 %.
        assert_relative_eq!(
            log_variance(&factors, year),
            trend.model_discrepancy_variance(year).unwrap(),
            max_relative = 0.024
        );
        assert_relative_eq!(factors.median(year).unwrap(), 1.0, max_relative = 0.003);
    }
    // What is left open of the level and the growth comes on top in the forecast.
    let (_, deviation) = trend.log_moments(2040).unwrap();
    assert!(trend.model_discrepancy_variance(2040).unwrap() < deviation * deviation);

    let curve = Projection::of(&Exponential, &series, &options(ErrorModel::default())).unwrap();
    let factors = trend
        .model_discrepancy(2040, DRAWS, Seed::default())
        .unwrap();
    let left = curve.clone().with_model_discrepancy(&factors).unwrap();
    for (year, same) in [(2019, true), (2024, true), (2040, false)] {
        let product = &curve.cases().year(year).unwrap() * &factors.year(year.max(2024)).unwrap();
        assert_eq!(left.cases().year(year).unwrap(), product);
        assert_eq!(
            left.cases().year(year).unwrap() == curve.cases().year(year).unwrap(),
            same
        );
    }
    let short = trend
        .model_discrepancy(2030, DRAWS, Seed::default())
        .unwrap();
    assert!(
        curve
            .clone()
            .with_model_discrepancy(&short)
            .unwrap_err()
            .to_string()
            .contains("2030")
    );
    let few = trend.model_discrepancy(2040, 10, Seed::default()).unwrap();
    assert!(curve.with_model_discrepancy(&few).is_err());
}

/// A tenth of the figures with the whole damping of the other: a tenth of the curve, for any family.
#[test]
fn a_borrowed_curve_has_the_bend_of_the_lender() {
    let world = with_projection(
        two_figures("World", 164_300.0, 197_200.0, 0.0),
        273_600.0,
        0.0,
    );
    let part = two_figures("Part", 16_430.0, 19_720.0, 0.0);
    let lending =
        options(ErrorModel::default()).with_published_projection(PublishedProjectionUse::AsFigure);
    let plain = options(ErrorModel::default());
    for family in [Family::Logistic, Family::Gompertz] {
        let lent = Projection::of(&family, &world, &lending).unwrap();
        let borrow = |part: &IncidenceSeries, pooling: DampingPrior| {
            Projection::borrowing(family, part, (&lent, &world), pooling, &plain)
        };
        let full = borrow(&part, DampingPrior::Full).unwrap();
        for year in 2019..=2040 {
            let (own, whole) = (full.cases().median(year), lent.cases().median(year));
            assert_relative_eq!(10.0 * own.unwrap(), whole.unwrap(), max_relative = 1e-11);
        }
        // With a spread the median stays, and the draws differ. The standard error of a median is about
        // 1.25·s/√n.
        let partial = borrow(&part, DampingPrior::default()).unwrap();
        let spread = log_variance(partial.cases(), 2040).sqrt();
        assert_relative_eq!(
            partial.cases().median(2040).unwrap(),
            full.cases().median(2040).unwrap(),
            max_relative = 4.0 * 1.25 * spread / (DRAWS as f64).sqrt()
        );
        assert!(log_variance(partial.cases(), 2040) > 1e-4);
        assert!(log_variance(partial.cases(), 2024) < 1e-20);

        assert!(borrow(&part, DampingPrior::None).is_err());
        assert!(borrow(&part, DampingPrior::Partial { spread: 0.0 }).is_err());
        let three = IncidenceSeries::from_counts("Part", [(2019, 1.0), (2020, 2.0), (2024, 3.0)]);
        assert!(borrow(&three.unwrap(), DampingPrior::Full).is_err());
        let other = Projection::borrowing(
            Family::Richards,
            &part,
            (&lent, &world),
            DampingPrior::Full,
            &plain,
        );
        assert!(other.is_err());
    }
}

/// Figures of later years: the same curve lends the bend that it has then.
#[test]
fn a_bend_is_borrowed_for_its_own_year() {
    let world = with_projection(
        two_figures("World", 164_300.0, 197_200.0, 0.0),
        273_600.0,
        0.0,
    );
    let lending =
        options(ErrorModel::default()).with_published_projection(PublishedProjectionUse::AsFigure);
    for family in [Family::Logistic, Family::Gompertz] {
        let lent = Projection::of(&family, &world, &lending).unwrap();
        let at = |year: i32| lent.cases().median(year).unwrap();
        let later =
            IncidenceSeries::from_counts("Part", [(2026, at(2026)), (2031, at(2031))]).unwrap();
        let plain = options(ErrorModel::default());
        let own =
            Projection::borrowing(family, &later, (&lent, &world), DampingPrior::Full, &plain)
                .unwrap();
        for year in 2026..=2040 {
            assert_relative_eq!(
                own.cases().median(year).unwrap(),
                at(year),
                max_relative = 1e-10
            );
        }
    }
}

fn regions(part: f64) -> Vec<IncidenceSeries> {
    vec![
        two_figures("Part", part, 1.05 * part, 0.03),
        two_figures("Whole", 1000.0, 1100.0, 0.03),
    ]
}

#[test]
fn a_part_is_smaller_than_its_whole_in_every_draw() {
    let options = OutlookOptions::default()
        .with_draws(5_000)
        .with_part("Part", "Whole");
    // Nine tenths: by 2040 the part would pass the whole in some draws.
    let outlook = Outlook::of_series(&regions(900.0), &options).unwrap();
    let rest = &outlook.rests()[0];
    assert_eq!((rest.part.as_str(), rest.whole.as_str()), ("Part", "Whole"));
    assert!(
        rest.replaced > 50 && rest.replaced < 2_500,
        "{}",
        rest.replaced
    );
    let cases = |i: usize| outlook.regions()[i].incidence().cases();
    assert_eq!(rest.incidence, complement(cases(1), cases(0)).unwrap());
    assert!(rest.incidence.view().iter().all(|&rest| rest > 0.0));
    let calibrated = |i: usize| outlook.regions()[i].calibrated();
    assert!(complement(calibrated(1), calibrated(0)).is_ok());
    // Third line follows the draws of the incidence that stand there now.
    for region in outlook.regions() {
        let (third, cases) = (region.third_line().patients(), region.incidence().cases());
        for (third, cases) in third.view().iter().zip(cases.view()) {
            assert!((0.3..=0.4).contains(&(third / cases)));
        }
    }

    let alone = Outlook::of_series(
        &regions(900.0),
        &OutlookOptions::default().with_draws(5_000),
    );
    assert!(alone.unwrap().rests().is_empty());
    // A small part changes nothing.
    let small = Outlook::of_series(&regions(100.0), &options).unwrap();
    assert_eq!(small.rests()[0].replaced, 0);

    let error = Outlook::of_series(&regions(2_000.0), &options).unwrap_err();
    assert!(error.to_string().contains("part of another"), "{error}");
    let circle = options.clone().with_part("Whole", "Part");
    let error = Outlook::of_series(&regions(100.0), &circle).unwrap_err();
    assert!(error.to_string().contains("part of itself"), "{error}");
}

#[test]
fn pooling_is_a_choice() {
    let families = |pooling: DampingPrior| -> Vec<Family> {
        let options = OutlookOptions::default()
            .with_draws(500)
            .with_pooling(pooling);
        let outlook = Outlook::of(press_release(), &options).unwrap();
        let china = &outlook.regions()[1];
        china
            .borrowed()
            .iter()
            .map(myeloma_epi::ShrunkCurve::family)
            .collect()
    };
    assert!(families(DampingPrior::None).is_empty());
    let both = [Family::Logistic, Family::Gompertz];
    assert_eq!(families(DampingPrior::Full), both);
    assert_eq!(families(DampingPrior::default()), both);
}

/// With one source of error at a time the shares are those of closed forms; the draws have the variance that
/// is taken apart.
#[test]
fn the_variance_is_taken_apart() {
    // Var ln U for U uniform on (0.3, 0.4), by integration of ln and ln².
    const LN_SHARE: f64 = 0.006_868_302_278_179_25;
    let series = two_figures("Atlantis", 1000.0, 1200.0, 0.02);
    let options = OutlookOptions::default()
        .with_families([Family::Exponential])
        .with_sources(BetweenSource::Stated(0.1));
    let outlook = Outlook::of_series(std::slice::from_ref(&series), &options).unwrap();
    let region = &outlook.regions()[0];
    let all = region.variance().unwrap();
    let measurement = 0.02_f64.powi(2) * (3.2_f64.powi(2) + 4.2_f64.powi(2));
    let trend = RegistryTrend::default()
        .of(&series, &ForecastOptions::default())
        .unwrap();
    let horizon = trend.model_discrepancy_variance(2040).unwrap();
    let total = measurement + 0.01 + horizon;
    let shares = all.incidence;
    assert_relative_eq!(shares.deviation, total.sqrt(), max_relative = 0.02);
    assert_relative_eq!(shares.measurement, measurement / total, max_relative = 0.06);
    assert_relative_eq!(shares.source, 0.01 / total, max_relative = 0.06);
    assert_relative_eq!(shares.horizon, horizon / total, max_relative = 0.06);
    assert!(shares.curve.abs() < 1e-12 && shares.published_projection.abs() < 1e-12);
    assert_relative_eq!(
        shares.deviation,
        log_variance(region.incidence().cases(), 2040).sqrt(),
        max_relative = 0.03
    );
    assert_relative_eq!(
        all.third_line.share,
        LN_SHARE / (total + LN_SHARE),
        max_relative = 0.06
    );
    assert_relative_eq!(
        all.third_line.deviation,
        log_variance(region.third_line().patients(), 2040).sqrt(),
        max_relative = 0.03
    );
    assert_relative_eq!(
        all.calibrated.deviation,
        log_variance(region.calibrated(), 2040).sqrt(),
        max_relative = 0.03
    );

    let outlook = Outlook::of(press_release(), &OutlookOptions::default()).unwrap();
    for region in outlook.regions() {
        let all = region.variance().unwrap();
        let columns = [
            Some(all.incidence),
            Some(all.third_line),
            all.without_published,
            all.with_published,
        ];
        for s in columns.into_iter().flatten().chain([all.calibrated]) {
            let sum =
                s.measurement + s.source + s.published_projection + s.curve + s.horizon + s.share;
            assert_relative_eq!(sum, 1.0, max_relative = 1e-12);
        }
        assert_relative_eq!(
            all.incidence.deviation,
            log_variance(region.incidence().cases(), 2040).sqrt(),
            max_relative = 0.03
        );
        let weights: f64 = all.curves.iter().map(|c| c.weight).sum();
        let contributions: f64 = all.curves.iter().map(|c| c.variance).sum();
        assert_relative_eq!(weights, 1.0, max_relative = 1e-12);
        assert_relative_eq!(contributions, 1.0, max_relative = 1e-12);
    }
}

/// Hand-worked: two curves a distance of 2 apart with weights 1 and 3 have a variance of their means of
/// 4·¼·¾ = 0.75.
#[test]
fn shares_of_a_mixture_by_hand() {
    let curve = |mean: f64, measurement: f64| VarianceOfCurve {
        mean,
        measurement,
        ..VarianceOfCurve::default()
    };
    let curves = [(curve(0.0, 1.0), 1.0), (curve(2.0, 2.0), 3.0)];
    let shares = VarianceShares::of_mixture(2040, &curves, 0.5);
    // Measurement ¼·1 + ¾·2 = 1.75, curve 0.75, horizon 0.5: 3 in all.
    assert_relative_eq!(shares.deviation, 3.0_f64.sqrt(), max_relative = 1e-14);
    assert_relative_eq!(shares.measurement, 1.75 / 3.0, max_relative = 1e-14);
    assert_relative_eq!(shares.curve, 0.25, max_relative = 1e-14);
    assert_relative_eq!(shares.horizon, 0.5 / 3.0, max_relative = 1e-14);
    let with_share = shares.times_share(1.0);
    assert_relative_eq!(with_share.deviation, 2.0, max_relative = 1e-14);
    assert_relative_eq!(with_share.share, 0.25, max_relative = 1e-14);
    let nothing = VarianceShares::of_mixture(2040, &[(curve(1.0, 0.0), 1.0)], 0.0);
    assert!(nothing.deviation.abs() < 1e-300 && nothing.measurement.abs() < 1e-300);
}

/// Without horizon and levels the outlook's mixture is the plain pool of its curves.
#[test]
fn sources_of_error_can_be_switched_off() -> Result<()> {
    let options = OutlookOptions::default()
        .with_draws(2_000)
        .with_sources(BetweenSource::Exact)
        .with_horizon_error(false);
    let outlook = Outlook::of(press_release(), &options)?;
    let world = &outlook.regions()[0];
    let mixed = world.curves().iter().filter(|curve| curve.in_mixture());
    let pool = Projection::pool(
        mixed.map(myeloma_epi::CurveOutlook::projection),
        options.seed,
    )?;
    assert_eq!(pool.cases(), world.incidence().cases());
    assert!(world.variance().unwrap().incidence.horizon.abs() < 1e-300);
    // A family with all the weight is the mixture.
    let options = options.with_weights([
        (Family::Linear, 0.0),
        (Family::Logistic, 0.0),
        (Family::Gompertz, 0.0),
    ]);
    let outlook = Outlook::of(press_release(), &options)?;
    let world = &outlook.regions()[0];
    let exponential = world
        .curves()
        .iter()
        .find(|curve| curve.family().name() == Exponential.name())
        .unwrap();
    assert_eq!(exponential.projection().cases(), world.incidence().cases());
    Ok(())
}

/// Before its first observation an undamped curve is the exponential one, falling or rising.
#[test]
fn without_damping_a_curve_that_falls_was_higher_before() {
    for family in [Family::Logistic, Family::Gompertz, Family::Richards] {
        for growth in [-0.3_f64, -0.05, 0.05] {
            for t in [-100.0, -39.0, -1.0, 20.0] {
                let theta = [2.0, growth, 0.0, 1.0];
                let value = family.value(t, &theta[..family.parameters().len()]);
                assert_relative_eq!(value, (2.0 + growth * t).exp(), max_relative = 1e-12);
            }
        }
    }
    // Draws that fall stand in for the curve at its limit, long before the figures too.
    let world = with_projection(two_figures("World", 1000.0, 1200.0, 0.03), 1400.0, 0.1);
    let part = two_figures("Part", 150.0, 152.0, 0.05);
    let options = options(ErrorModel::default()).with_first_year(1970);
    let lending = options
        .clone()
        .with_published_projection(PublishedProjectionUse::AsFigure);
    let lent = Projection::of(&Family::Logistic, &world, &lending).unwrap();
    let pooling = DampingPrior::default();
    let borrowed =
        Projection::borrowing(Family::Logistic, &part, (&lent, &world), pooling, &options).unwrap();
    assert!(borrowed.at_limit() > 1000);
}

/// A falling part has no use for a damping: both borrowed curves would be the exponential one again.
#[test]
fn equivalent_curves_count_once() {
    let whole = with_projection(two_figures("Whole", 1000.0, 1200.0, 0.03), 1400.0, 0.1);
    let options = OutlookOptions::default()
        .with_draws(500)
        .with_part("Part", "Whole");
    let of = |last: f64| {
        let part = two_figures("Part", 150.0, last, 0.03);
        Outlook::of_series(&[part, whole.clone()], &options).unwrap()
    };
    let falling = of(140.0);
    let part = &falling.regions()[0];
    assert!(part.borrowed().is_empty());
    assert_eq!(part.incidence().curves(), ["linear", "exponential"]);
    let reasons: Vec<&str> = part.left_out().iter().map(|l| l.reason.as_str()).collect();
    assert!(
        reasons
            .iter()
            .any(|r| r.contains("is the exponential curve")),
        "{reasons:?}"
    );
    assert_eq!(of(160.0).regions()[0].borrowed().len(), 2);
    // A family named twice is one family.
    let options = OutlookOptions::default().with_draws(500);
    let twice = [Family::Exponential, Family::Linear, Family::Exponential];
    let twice = options.clone().with_families(twice);
    let once = options.with_families([Family::Exponential, Family::Linear]);
    let of = |options| Outlook::of_series(std::slice::from_ref(&whole), options).unwrap();
    assert_eq!(of(&twice).regions()[0].curves().len(), 4);
    assert_eq!(
        of(&twice).regions()[0].without_published(),
        of(&once).regions()[0].without_published()
    );
}

/// The draws that stand there have the distribution of the draws in which the part is smaller: two
/// outlooks of the same draws, one tied and one filtered. The standard error of a mean of n draws of
/// which some are repeated is below √(2/n) standard deviations.
#[test]
fn coherent_draws_have_the_conditional_distribution() {
    let of = |options: &OutlookOptions| Outlook::of_series(&regions(900.0), options).unwrap();
    let options = OutlookOptions::default().with_draws(DRAWS);
    let (free, tied) = (of(&options), of(&options.with_part("Part", "Whole")));
    let free: Vec<_> = free
        .regions()
        .iter()
        .map(|r| r.incidence().cases())
        .collect();
    let holds = |draw: usize| {
        let rows = free[0].view();
        (0..rows.nrows()).all(|year| rows[[year, draw]] < free[1].view()[[year, draw]])
    };
    let kept: Vec<usize> = (0..DRAWS).filter(|&draw| holds(draw)).collect();
    let rest = &tied.rests()[0];
    assert_eq!(DRAWS - kept.len(), rest.replaced);
    for year in [2019, 2024, 2040] {
        let (part, whole) = (free[0].year(year).unwrap(), free[1].year(year).unwrap());
        let filtered: Vec<f64> = kept.iter().map(|&draw| whole[draw] - part[draw]).collect();
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        let expected = mean(&filtered);
        let squares: Vec<f64> = filtered.iter().map(|x| (x - expected).powi(2)).collect();
        let deviation = mean(&squares).sqrt();
        assert_relative_eq!(
            mean(&rest.incidence.year(year).unwrap().to_vec()),
            expected,
            epsilon = 4.0 * deviation * (2.0 / DRAWS as f64).sqrt()
        );
    }
}

/// A straight line of the whole ends at zero in the past, where its part still has cases: that is no
/// reason to refuse its draws.
#[test]
fn draws_are_held_together_from_the_first_common_observation_on() {
    let whole = two_figures("Whole", 1000.0, 1150.0, 0.03);
    let part = two_figures("Part", 150.0, 151.0, 0.03);
    let options = OutlookOptions::default()
        .with_draws(5_000)
        .with_families([Family::Linear])
        .with_part("Part", "Whole")
        .with_first_year(1990);
    let outlook = Outlook::of_series(&[part, whole], &options).unwrap();
    let cases = |i: usize| outlook.regions()[i].incidence().cases();
    let zero = cases(1)
        .year(1990)
        .unwrap()
        .iter()
        .filter(|c| **c <= 0.0)
        .count();
    assert!(zero > 1000, "{zero}");
    let rest = &outlook.rests()[0];
    assert_eq!((rest.replaced, rest.incidence.first_year()), (0, 2019));
    assert!(complement(cases(1), cases(0)).is_err());
}

#[test]
fn figures_in_another_unit_are_refused_as_such() {
    let thousands = IncidenceSeries::from_counts("World", [(2019, 164.3), (2024, 197.2)]).unwrap();
    let options = OutlookOptions::default().with_draws(100);
    let error = Outlook::of_series(std::slice::from_ref(&thousands), &options).unwrap_err();
    let said = error.to_string();
    assert!(said.contains("World") && said.contains("unit"), "{said}");
    let stated = options.with_sources(BetweenSource::Stated(0.1));
    assert!(Outlook::of_series(&[thousands], &stated).is_ok());
}

/// Draws that are all equal have no variance, and one draw has none to speak of.
#[test]
fn no_variance_has_no_shares() {
    let series = two_figures("Atlantis", 1000.0, 1200.0, 0.0);
    let options = OutlookOptions::default()
        .with_families([Family::Exponential])
        .with_sources(BetweenSource::Exact)
        .with_horizon_error(false)
        .with_draws(1000);
    let of = |options: &OutlookOptions| Outlook::of_series(std::slice::from_ref(&series), options);
    let outlook = of(&options).unwrap();
    let shares = outlook.regions()[0].variance().unwrap().incidence;
    assert!(shares.deviation.abs() < 1e-300 && shares.measurement.abs() < 1e-300);
    let one = of(&options.with_draws(1)).unwrap();
    assert!(
        one.regions()[0]
            .variance()
            .unwrap_err()
            .contains("one draw")
    );
}

/// Two sources five years apart say little about growth: the calibrated projection is wider by more than
/// the level, and a figure that the comparison holds already is no further source.
#[test]
fn figures_of_two_sources() {
    let options = OutlookOptions::default()
        .with_draws(2_000)
        .with_families([Family::Exponential])
        .with_sources(BetweenSource::Stated(0.2));
    let of = |first: &str, options: &OutlookOptions| {
        let series = two_figures("Atlantis", 1000.0, 1200.0, 0.03)
            .with_source(2019, first)
            .with_source(2024, "one");
        let outlook = Outlook::of_series(&[series], options).unwrap();
        let calibrated = outlook.regions()[0].variance().unwrap().calibrated;
        (calibrated.deviation.powi(2), calibrated.source)
    };
    let ((same, source), (other, _)) = (of("one", &options), of("another", &options));
    assert_relative_eq!(same * source, 0.04, max_relative = 1e-9);
    assert!(other > same + 1e-3, "{other} {same}");
    let exact = options.with_sources(BetweenSource::Exact);
    assert_eq!(of("one", &exact), of("another", &exact));

    let copied: Figures = comparison()
        .iter()
        .filter(|f| f.region() == "China" && f.year() > 2018 && f.year() != 2021)
        .map(|f| {
            let copy = Figure::new("China", f.year(), f.cases(), Status::Estimate).unwrap();
            copy.with_source("copied")
        })
        .collect();
    let outlook = Outlook::of(&copied, &OutlookOptions::default().with_draws(100)).unwrap();
    let found = outlook.regions()[0].disagreement().unwrap();
    let alone = BetweenSourceEstimate::estimate(comparison(), "China", 0.03).unwrap();
    assert_eq!(found, &alone);
}
