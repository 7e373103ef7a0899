//! The sources of error as they come together in an outlook.

use approx::assert_relative_eq;
use myeloma_epi::curve::{Exponential, Family, GrowthCurve};
use myeloma_epi::figures::{Figure, Figures, Status, comparison, press_release};
use myeloma_epi::forecast::{ForecastOptions, RegistryTrend};
use myeloma_epi::projection::{BetweenSourceEstimate, DampingPrior, complement};
use myeloma_epi::{BetweenSource, IncidenceSeries, Outlook, OutlookOptions, Projection, Result};

use super::{DRAWS, log_variance, two_figures, with_projection};

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
