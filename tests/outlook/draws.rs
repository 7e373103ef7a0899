//! The sources of error as they come together in an outlook.

use approx::assert_relative_eq;
use myeloma_epi::curve::Family;
use myeloma_epi::figures::{Figure, Figures, Status, comparison, press_release};
use myeloma_epi::fit::{FitOptions, compare};
use myeloma_epi::forecast::{ForecastOptions, RegistryTrend};
use myeloma_epi::projection::{BetweenSourceEstimate, DampingPrior};
use myeloma_epi::{
    CurveOutlook, IncidenceSeries, Observation, Outlook, OutlookOptions, Projection, Question,
    Result, YearlyDraws,
};

use super::{DRAWS, log_variance, one, part_of, two_figures, with_projection};

/// The difference of two regions, draw by draw.
fn complement(whole: &YearlyDraws, part: &YearlyDraws) -> Result<YearlyDraws> {
    YearlyDraws::new(whole.first_year(), &whole.view() - &part.view())
}

fn regions(part: f64) -> Vec<IncidenceSeries> {
    vec![
        two_figures("Part", part, 1.05 * part, 0.03),
        two_figures("Whole", 1000.0, 1100.0, 0.03),
    ]
}

/// A part that grows faster than its whole and comes near it by 2040.
fn crossing() -> Vec<IncidenceSeries> {
    vec![
        two_figures("Part", 950.0, 1053.0, 0.03),
        two_figures("Whole", 1000.0, 1100.0, 0.03),
    ]
}

#[test]
fn a_part_is_smaller_than_its_whole_in_every_draw() {
    let options = OutlookOptions {
        draws: 5_000,
        parts: part_of("Part", "Whole"),
        ..OutlookOptions::default()
    };
    let outlook = Outlook::of_series(&crossing(), &options).unwrap();
    let complement_of_part = outlook.complement("Part").unwrap();
    assert_eq!(
        (complement_of_part.part(), complement_of_part.whole()),
        ("Part", "Whole")
    );
    let replaced = complement_of_part.replaced()[1];
    assert!(replaced > 50 && replaced < 2_500, "{replaced}");
    let region = |name: &str| outlook.region(name).unwrap();
    let (part, whole) = (region("Part"), region("Whole"));
    let expected = complement(whole.pool().new_cases(), part.pool().new_cases()).unwrap();
    assert_eq!(complement_of_part.pool(), &expected);
    assert!(expected.view().iter().all(|&cases| cases > 0.0));
    let expected = complement(whole.new_cases(), part.new_cases()).unwrap();
    assert_eq!(complement_of_part.new_cases(), &expected);
    // Third line follows the draws that stand there now, and has one share in all regions.
    let share = |third: f64, cases: f64| third / cases;
    let of_whole = whole
        .third_line()
        .view()
        .into_iter()
        .zip(whole.new_cases().view());
    let of_complement = complement_of_part
        .third_line()
        .view()
        .into_iter()
        .zip(complement_of_part.new_cases().view());
    for ((third, cases), (third_of_complement, cases_of_complement)) in of_whole.zip(of_complement)
    {
        let share_of_whole = share(*third, *cases);
        assert!((0.3..=0.4).contains(&share_of_whole));
        assert_relative_eq!(
            share(*third_of_complement, *cases_of_complement),
            share_of_whole,
            max_relative = 1e-12
        );
    }

    for question in [Question::ThisSource, Question::TrueIncidence] {
        let [of_part, of_whole] = [part, whole].map(|region| region.new_cases_under(question));
        let smaller = complement(of_whole, of_part).unwrap();
        assert!(smaller.view().iter().all(|&cases| cases > 0.0));
    }
    // A draw in the place of another is it in the years before the last figure, too.
    for region in [part, whole] {
        let diagnosed = region.diagnosed().unwrap();
        let (all, last) = (diagnosed.view(), diagnosed.view().nrows() - 1);
        assert!(diagnosed.first_year() < region.new_cases().first_year());
        let mut by_end = std::collections::HashMap::new();
        let mut again = 0;
        for draw in 0..all.ncols() {
            let end = all[[last, draw]].to_bits();
            if let Some(same) = by_end.insert(end, draw) {
                assert_eq!(all.column(draw), all.column(same));
                again += 1;
            }
        }
        assert_eq!(again, complement_of_part.replaced()[0]);
    }

    // Where others say far less of the part, draws of this source fit together all the same.
    let less = Figure::new("Part", 2024, 500.0, Status::Estimate).unwrap();
    let less = OutlookOptions {
        draws: 500,
        compared_with: [less.with_source("other")].into_iter().collect(),
        ..options.clone()
    };
    let less = Outlook::of_series(&crossing(), &less).unwrap();
    let [of_part, of_whole] = ["Part", "Whole"].map(|name| less.region(name).unwrap().new_cases());
    let smaller = complement(of_whole, of_part).unwrap();
    assert!(smaller.view().iter().all(|&cases| cases > 0.0));

    let free = OutlookOptions {
        draws: 5_000,
        ..OutlookOptions::default()
    };
    let alone = Outlook::of_series(&crossing(), &free).unwrap();
    assert!(alone.complements().is_empty());
    // A small part changes nothing.
    let small = Outlook::of_series(&regions(100.0), &options).unwrap();
    assert_eq!(small.complements()[0].replaced()[1], 0);

    let error = Outlook::of_series(&regions(2_000.0), &options).unwrap_err();
    assert!(error.to_string().contains("Part in Whole in 0"), "{error}");
    let mut circle = options.clone();
    circle.parts.extend(part_of("Whole", "Part"));
    let error = Outlook::of_series(&regions(100.0), &circle).unwrap_err();
    assert!(error.to_string().contains("part of itself"), "{error}");
}

#[test]
fn the_damping_prior_is_a_choice() {
    let families = |damping_prior: DampingPrior| -> Vec<Family> {
        let options = OutlookOptions {
            draws: 500,
            damping_prior,
            ..OutlookOptions::myeloma()
        };
        let outlook = Outlook::of(press_release(), &options).unwrap();
        let curves = outlook.region("China").unwrap().curves().iter();
        let shrunk = curves.filter(|curve| curve.reference_region() == Some("World"));
        shrunk.map(CurveOutlook::family).collect()
    };
    assert!(families(DampingPrior::None).is_empty());
    let both = [Family::Logistic, Family::Gompertz];
    assert_eq!(families(DampingPrior::Full), both);
    assert_eq!(families(DampingPrior::default()), both);
    // What is left of the variance where the damping is that of exact figures of the reference is the same under any prior, and the
    // rest is of the damping.
    let parts = |damping_prior: DampingPrior| {
        let options = OutlookOptions {
            draws: 500,
            families: vec![Family::Exponential, Family::Logistic],
            between_source_sd: 0.0,
            damping_prior,
            ..OutlookOptions::myeloma()
        };
        let outlook = Outlook::of(press_release(), &options).unwrap();
        let shares = outlook.region("China").unwrap().variance().unwrap();
        let shares = shares.pool;
        let variance = shares.standard_deviation.powi(2);
        (shares.measurement * variance, shares.curve * variance)
    };
    let (full, partial) = (parts(DampingPrior::Full), parts(DampingPrior::default()));
    assert_relative_eq!(full.0, partial.0, max_relative = 1e-9);
    assert!(partial.1 > full.1);
}

/// With one source of error at a time the shares are those of closed forms; the draws have the variance that
/// is taken apart.
#[test]
fn the_variance_is_taken_apart() {
    // Var ln U for U uniform on (0.3, 0.4), by integration of ln and ln².
    const LN_SHARE: f64 = 0.006_868_302_278_179_25;
    let series = two_figures("Atlantis", 1000.0, 1200.0, 0.02);
    let options = OutlookOptions {
        families: vec![Family::Exponential],
        between_source_sd: 0.1,
        ..OutlookOptions::default()
    };
    let outlook = one(&series, &options).unwrap();
    let region = &outlook.regions()[0];
    let all = region.variance().unwrap();
    let measurement = 0.02_f64.powi(2) * (3.2_f64.powi(2) + 4.2_f64.powi(2));
    let trend = RegistryTrend::default()
        .of(&series, &ForecastOptions::default())
        .unwrap();
    let horizon = trend.model_discrepancy_variance(2040).unwrap();
    let total = measurement + 0.01 + horizon;
    let shares = all.pool;
    assert_relative_eq!(shares.standard_deviation, total.sqrt(), max_relative = 0.02);
    assert_relative_eq!(shares.measurement, measurement / total, max_relative = 0.06);
    assert_relative_eq!(shares.between_source, 0.01 / total, max_relative = 0.06);
    assert_relative_eq!(
        shares.model_discrepancy,
        horizon / total,
        max_relative = 0.06
    );
    assert!(shares.curve.abs() < 1e-12 && shares.published_projection.abs() < 1e-12);
    assert_relative_eq!(
        shares.standard_deviation,
        log_variance(region.pool().new_cases(), 2040).sqrt(),
        max_relative = 0.03
    );
    assert_relative_eq!(
        all.third_line.third_line_share,
        LN_SHARE / (all.new_cases.standard_deviation.powi(2) + LN_SHARE),
        max_relative = 0.06
    );
    assert_relative_eq!(
        all.third_line.standard_deviation,
        log_variance(region.third_line(), 2040).sqrt(),
        max_relative = 0.03
    );
    assert_relative_eq!(
        all.new_cases.standard_deviation,
        log_variance(region.new_cases(), 2040).sqrt(),
        max_relative = 0.03
    );

    let outlook = Outlook::of(press_release(), &OutlookOptions::myeloma()).unwrap();
    for region in outlook.regions() {
        let all = region.variance().unwrap();
        let columns = [
            Some(all.pool),
            Some(all.third_line),
            all.without_published,
            all.with_published,
        ];
        for s in columns.into_iter().flatten().chain([all.new_cases]) {
            let sum = s.measurement
                + s.between_source
                + s.published_projection
                + s.curve
                + s.model_discrepancy
                + s.third_line_share;
            assert_relative_eq!(sum, 1.0, max_relative = 1e-12);
        }
        assert_relative_eq!(
            all.pool.standard_deviation,
            log_variance(region.pool().new_cases(), 2040).sqrt(),
            max_relative = 0.03
        );
        let curves = || region.curves().iter();
        let weights: f64 = curves().map(CurveOutlook::pool_weight).sum();
        let contributions: f64 = curves().filter_map(CurveOutlook::variance_share).sum();
        assert_relative_eq!(weights, 1.0, max_relative = 1e-12);
        assert_relative_eq!(contributions, 1.0, max_relative = 1e-12);
    }
}

/// Without model discrepancy and differences between sources the linear pool is that of the curves alone.
#[test]
fn sources_of_error_can_be_switched_off() -> Result<()> {
    let mut options = OutlookOptions {
        draws: 2_000,
        model_discrepancy: false,
        ..OutlookOptions::default()
    };
    let outlook = Outlook::of(press_release(), &options)?;
    let world = outlook.region("World")?;
    let drawn = world.curves().iter().zip(world.projections());
    let members = drawn.filter(|(curve, _)| curve.in_pool());
    let pool = Projection::pool(members.map(|(_, projection)| projection), options.seed)?;
    assert_eq!(&pool, world.pool());
    assert_eq!(pool.new_cases(), world.pool().new_cases());
    assert!(world.variance().unwrap().pool.model_discrepancy.abs() < 1e-300);
    // A family with all the weight is the pool.
    options.weights = vec![
        (Family::Linear, 0.0),
        (Family::Logistic, 0.0),
        (Family::Gompertz, 0.0),
    ];
    let outlook = Outlook::of(press_release(), &options)?;
    let world = outlook.region("World")?;
    let mut curves = world.curves().iter().zip(world.projections());
    let exponential = curves.find(|(curve, _)| curve.family() == Family::Exponential);
    let (exponential, projection) = exponential.unwrap();
    assert_eq!(projection.new_cases(), world.pool().new_cases());
    assert_eq!(projection.new_cases().summary(), exponential.summary());
    assert_eq!(exponential.pool_weight().to_bits(), 1.0_f64.to_bits());
    Ok(())
}

/// A falling part has no use for a damping: both damped curves would be the exponential one again.
#[test]
fn equivalent_curves_count_once() {
    let whole = with_projection(two_figures("Whole", 1000.0, 1200.0, 0.03), 1400.0, 0.1);
    let mut options = OutlookOptions {
        draws: 500,
        parts: part_of("Part", "Whole"),
        ..OutlookOptions::default()
    };
    let of = |last: f64| {
        let part = two_figures("Part", 150.0, last, 0.03);
        Outlook::of_series(&[part, whole.clone()], &options).unwrap()
    };
    let falling = of(140.0);
    let part = &falling.regions()[0];
    let shrunk = |outlook: &Outlook| {
        let curves = outlook.regions()[0].curves().iter();
        curves
            .filter(|curve| curve.reference_region().is_some())
            .count()
    };
    assert_eq!(shrunk(&falling), 0);
    assert_eq!(part.pool().curves(), ["linear", "exponential"]);
    let not_identified = part.not_identified().iter();
    let reasons: Vec<&str> = not_identified.map(|n| n.reason.as_str()).collect();
    assert!(
        reasons
            .iter()
            .any(|r| r.contains("is the exponential curve")),
        "{reasons:?}"
    );
    assert_eq!(shrunk(&of(160.0)), 2);
    // A family named twice is one family.
    options.parts.clear();
    let mut of = |families: &[Family]| {
        options.families = families.to_vec();
        one(&whole, &options).unwrap().regions()[0].clone()
    };
    let twice = of(&[Family::Exponential, Family::Linear, Family::Exponential]);
    let once = of(&[Family::Exponential, Family::Linear]);
    assert_eq!(twice.curves().len(), 4);
    assert_eq!(
        twice.pool_without_published_projection(),
        once.pool_without_published_projection()
    );
}

/// The draws that stand there have the distribution of the draws in which the part is smaller: all of them, some repeated, and
/// those that are their own, in which the whole is as it is alone. The standard error of a mean of n draws of
/// which some are repeated is below √(2/n) standard deviations.
#[test]
fn coherent_draws_have_the_conditional_distribution() {
    let of = |options: &OutlookOptions| Outlook::of_series(&crossing(), options).unwrap();
    let mut options = OutlookOptions {
        draws: DRAWS,
        ..OutlookOptions::default()
    };
    let whole = |outlook: &Outlook| outlook.region("Whole").unwrap().pool().new_cases().clone();
    let free = whole(&of(&options));
    options.parts = part_of("Part", "Whole");
    let tied = of(&options);
    let (before, after) = (free.year(2040).unwrap(), whole(&tied));
    let after = after.year(2040).unwrap();
    let kept: Vec<usize> = (0..DRAWS)
        .filter(|&draw| before[draw].total_cmp(&after[draw]).is_eq())
        .collect();
    let complement_of_part = &tied.complements()[0];
    assert_eq!(DRAWS - kept.len(), complement_of_part.replaced()[1]);
    assert!(kept.len() < DRAWS - 100, "{}", kept.len());
    for year in [2019, 2024, 2040] {
        let all = complement_of_part.pool().year(year).unwrap().to_vec();
        let own: Vec<f64> = kept.iter().map(|&draw| all[draw]).collect();
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        let expected = mean(&own);
        let squares: Vec<f64> = own.iter().map(|x| (x - expected).powi(2)).collect();
        assert_relative_eq!(
            mean(&all),
            expected,
            epsilon = 4.0 * mean(&squares).sqrt() * (2.0 / DRAWS as f64).sqrt()
        );
    }
}

/// A straight line of the whole ends at zero in the past, where its part still has cases: that is no
/// reason to refuse its draws.
#[test]
fn draws_are_held_together_from_the_first_common_observation_on() {
    let whole = two_figures("Whole", 1000.0, 1150.0, 0.03);
    let part = two_figures("Part", 150.0, 151.0, 0.03);
    let options = OutlookOptions {
        draws: 5_000,
        families: vec![Family::Linear],
        parts: part_of("Part", "Whole"),
        from: Some(1990),
        ..OutlookOptions::default()
    };
    let outlook = Outlook::of_series(&[part, whole], &options).unwrap();
    let cases = |i: usize| outlook.regions()[i].pool().new_cases();
    let zero = cases(1)
        .year(1990)
        .unwrap()
        .iter()
        .filter(|c| **c <= 0.0)
        .count();
    assert!(zero > 1000, "{zero}");
    let complement_of_part = outlook.complement("Part").unwrap();
    assert_eq!(
        (
            complement_of_part.replaced()[1],
            complement_of_part.pool().first_year()
        ),
        (0, 2019)
    );
    assert!(complement(cases(1), cases(0)).is_err());
}

#[test]
fn figures_in_another_unit_are_refused_as_such() {
    let thousands = IncidenceSeries::from_counts("World", [(2019, 164.3), (2024, 197.2)]).unwrap();
    let mut options = OutlookOptions {
        draws: 100,
        ..OutlookOptions::myeloma_for(
            &press_release()
                .iter()
                .filter(|f| f.region() == "World")
                .cloned()
                .collect(),
        )
    };
    let said = one(&thousands, &options).unwrap_err().to_string();
    for word in ["World", "unit", "GLOBOCAN 2022"] {
        assert!(said.contains(word), "{said}");
    }
    options.compared_with = Figures::default();
    assert!(one(&thousands, &options).is_ok());
}

/// Draws that are all equal have no variance, and one draw has none to speak of.
#[test]
fn no_variance_has_no_shares() {
    let series = two_figures("Atlantis", 1000.0, 1200.0, 0.0);
    let mut options = OutlookOptions {
        families: vec![Family::Exponential],
        model_discrepancy: false,
        draws: 1_000,
        ..OutlookOptions::default()
    };
    let outlook = one(&series, &options).unwrap();
    let shares = outlook.regions()[0].variance().unwrap().pool;
    assert!(shares.standard_deviation.abs() < 1e-300 && shares.measurement.abs() < 1e-300);
    options.draws = 1;
    let outlook = one(&series, &options).unwrap();
    let region = &outlook.regions()[0];
    assert!(region.variance().is_none());
    assert_eq!(
        region.no_variance_reason(),
        Some("one draw has no variance")
    );
    assert_eq!(
        region.curves()[0].pool_weight().to_bits(),
        1.0_f64.to_bits()
    );
}

/// Figures that say they err by 15 % each and go up and down: taken as exact, they make the series the more volatile one and the
/// forecast wider. A share of the variance is no less than 0.
#[test]
fn figures_that_are_taken_as_exact_take_no_negative_share_away() {
    let figure = |(year, cases)| Observation {
        year,
        cases,
        relative_error: Some(0.15),
    };
    let figures = (2009..=2024).map(|year| (year, if year % 2 == 0 { 1_200.0 } else { 900.0 }));
    let series = IncidenceSeries::new("Atlantis", figures.map(figure)).unwrap();
    let options = OutlookOptions {
        families: vec![Family::Exponential],
        draws: 200,
        ..OutlookOptions::default()
    };
    let outlook = one(&series, &options).unwrap();
    let shares = outlook.regions()[0].variance().unwrap().new_cases;
    assert!(
        shares.measurement >= 0.0 && shares.model_discrepancy <= 1.0,
        "{shares}"
    );
    assert!(shares.measurement < 1e-9, "{shares}");
}

/// Two sources five years apart say little about growth: the registry trend is wider by more than the
/// between-source variance, and a figure that the comparison holds already is no further source.
#[test]
fn figures_of_two_sources() {
    let mut options = OutlookOptions {
        draws: 2_000,
        families: vec![Family::Exponential],
        between_source_sd: 0.2,
        question: Question::TrueIncidence,
        ..OutlookOptions::default()
    };
    let of = |first: &str, options: &OutlookOptions| {
        let series = two_figures("Atlantis", 1000.0, 1200.0, 0.03)
            .with_source(2019, first)
            .with_source(2024, "one");
        let outlook = one(&series, options).unwrap();
        let variance = outlook.regions()[0].variance().unwrap();
        let (trend, pool) = (variance.new_cases, variance.pool);
        let discrepancy = pool.model_discrepancy * pool.standard_deviation.powi(2);
        (
            trend.standard_deviation.powi(2),
            trend.between_source,
            discrepancy,
        )
    };
    let ((same, source, _), (other, _, discrepancy)) =
        (of("one", &options), of("another", &options));
    // What is open of the model beside the curves is that of a first figure which errs by the distance of two sources, too.
    let error = 0.03_f64.hypot(0.2 * 2.0_f64.sqrt());
    let figure = |year, cases, error| Observation {
        year,
        cases,
        relative_error: Some(error),
    };
    let figures = [figure(2019, 1000.0, error), figure(2024, 1200.0, 0.03)];
    let series = IncidenceSeries::new("Atlantis", figures).unwrap();
    let trend = RegistryTrend::default()
        .of(&series, &ForecastOptions::default())
        .unwrap();
    let expected = trend.model_discrepancy_variance(2040).unwrap();
    assert_relative_eq!(discrepancy, expected, max_relative = 1e-9);
    assert_relative_eq!(same * source, 0.04, max_relative = 1e-9);
    assert!(other > same + 1e-3, "{other} {same}");
    options.between_source_sd = 0.0;
    assert_eq!(of("one", &options), of("another", &options));

    let copied: Figures = comparison()
        .iter()
        .filter(|f| f.region() == "China" && f.year() > 2018 && f.year() != 2021)
        .map(|f| {
            let copy = Figure::new("China", f.year(), f.cases(), Status::Estimate).unwrap();
            copy.with_source("copied")
        })
        .collect();
    let options = OutlookOptions {
        draws: 100,
        ..OutlookOptions::myeloma_for(&copied)
    };
    let outlook = Outlook::of(&copied, &options).unwrap();
    let found = outlook.region("China").unwrap().between_source_estimate();
    let alone = BetweenSourceEstimate::estimate(comparison(), "China", 0.03).unwrap();
    assert_eq!(found, Some(&alone));
}

/// Before the first figure of a part the whole has no complement, whatever years the curves are asked for.
#[test]
fn a_complement_begins_where_both_have_figures() {
    let counts = |region, first: i32, cases: f64| {
        IncidenceSeries::from_counts(region, [(first, cases), (2024, 1.1 * cases)]).unwrap()
    };
    let other = Figure::new("Whole", 2024, 40_000.0, Status::Estimate).unwrap();
    let options = OutlookOptions {
        draws: 200,
        from: Some(2005),
        question: Question::TrueIncidence,
        compared_with: [other.with_source("other")].into_iter().collect(),
        parts: part_of("Part", "Whole"),
        ..OutlookOptions::default()
    };
    for (part, whole) in [(2019, 2014), (2014, 2019)] {
        let series = [
            counts("Part", part, 3_000.0),
            counts("Whole", whole, 30_000.0),
        ];
        let outlook = Outlook::of_series(&series, &options).unwrap();
        let pool = outlook.region("Whole").unwrap().pool().new_cases();
        assert_eq!(pool.first_year(), 2005);
        let of_part = outlook.complement("Part").unwrap();
        assert_eq!(of_part.pool_summary()[0].year, 2019, "{part} {whole}");
        // It is that of the question which is asked.
        let [part, whole] = ["Part", "Whole"].map(|name| outlook.region(name).unwrap());
        let expected = complement(whole.new_cases(), part.new_cases()).unwrap();
        assert_eq!(of_part.new_cases(), &expected);
    }
}

/// The curves of a pool are those that have an Akaike weight in a comparison: a Richards curve that is a hinge at the border
/// of its domain and a logistic hinge have none, and the draws are those of the other families.
#[test]
fn a_curve_without_a_weight_of_its_own_is_in_no_pool() {
    let usa = IncidenceSeries::from_figures(myeloma_epi::figures::registered(), "United States");
    let usa = usa.unwrap().without_marks();
    let step = (2010..=2020).map(|year| {
        let t = f64::from(year - 2015);
        let scatter = 1.0 + 0.01 * (2.0 * t).sin();
        (year, (1_000.0 / (1.0 + (-1.5 * t).exp()) * scatter).round())
    });
    let step = IncidenceSeries::from_counts("Step", step).unwrap();
    for (series, without, why) in [
        (&usa, Family::Richards, "like a hinge"),
        (&step, Family::Logistic, "like a hinge"),
    ] {
        let mut options = OutlookOptions {
            draws: 200,
            families: Family::ALL.to_vec(),
            to: 2035,
            ..OutlookOptions::default()
        };
        let all = one(series, &options).unwrap().regions()[0].clone();
        let comparison = compare(&Family::ALL, series, &FitOptions::default(), 2035);
        let (mut total, mut left) = (0.0, Vec::new());
        for curve in all.curves() {
            let compared = comparison.curve(curve.family()).unwrap();
            assert_eq!(curve.in_pool(), compared.weight().is_some(), "{curve}");
            assert_eq!(curve.in_pool(), curve.pool_weight() > 0.0, "{curve}");
            total += curve.pool_weight();
            left.extend(curve.in_pool().then_some(curve.family()));
        }
        assert!(
            (total - 1.0).abs() < 1e-12 && !left.contains(&without),
            "{left:?}"
        );
        let cautions = all.cautions();
        let said = format!("{without}, ");
        let told = |c: &&String| c.contains("left out of the linear pools") && c.contains(&said);
        let told = cautions.iter().find(told);
        assert!(told.is_some_and(|c| c.contains(why)), "{cautions:?}");
        options.families = left;
        let rest = one(series, &options).unwrap().regions()[0].clone();
        assert_eq!(all.pool().new_cases(), rest.pool().new_cases());
        assert_eq!(
            all.pool_without_published_projection(),
            rest.pool_without_published_projection()
        );
        assert!(
            !rest
                .cautions()
                .iter()
                .any(|c| c.contains("left out of the linear pools"))
        );
        // A hinge that is asked for alone is the pool, and told not to be used.
        options.families = vec![without];
        let alone = one(series, &options).unwrap().regions()[0].clone();
        let doubted = alone
            .cautions()
            .iter()
            .any(|c| c.contains("No other is left"));
        assert!(doubted, "{:?}", alone.cautions());
    }
}
