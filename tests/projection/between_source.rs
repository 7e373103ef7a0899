//! The standard deviation between sources, against restricted maximum likelihood in 30 digits.

use approx::assert_relative_eq;
use myeloma_epi::figures::{Figure, Figures, Status, comparison, press_release};
use myeloma_epi::projection::BetweenSourceEstimate;

/// `tests/data/source_disagreement.py`, 30 digits.
#[test]
fn estimates_by_restricted_likelihood() {
    let mut all: Figures = press_release().clone();
    all.extend(comparison().clone());
    for (region, own, expected) in [
        ("World", 0.03, 0.071_831_719_756_008_7),
        ("World", 0.01, 0.076_340_478_730_631_9),
        ("China", 0.03, 0.256_980_421_543_464),
        ("China", 0.01, 0.259_673_847_531_783),
    ] {
        let found = BetweenSourceEstimate::estimate(&all, region, own).unwrap();
        assert_relative_eq!(found.standard_deviation(), expected, max_relative = 1e-6);
    }
    // The complement of China in the world, by each source: errors of part and whole are correlated.
    let complement: Figures = all
        .iter()
        .filter(|f| f.region() == "World" && f.status() != Status::Projection)
        .filter_map(|world| {
            // The two regions of a Global Burden of Disease study are cited from different papers.
            let china = all.iter().find(|f| {
                let study = |f: &Figure| f.source().chars().take(8).collect::<String>();
                f.region() == "China" && f.year() == world.year() && study(f) == study(world)
            })?;
            let cases = world.cases() - china.cases();
            let complement =
                Figure::new("Complement", world.year(), cases, Status::Estimate).unwrap();
            Some(complement.with_source(world.source()))
        })
        .collect();
    let found = BetweenSourceEstimate::estimate(&complement, "Complement", 0.03).unwrap();
    assert_eq!((found.figures(), found.sources()), (6, 5));
    assert_relative_eq!(
        found.standard_deviation(),
        0.049_285_582_211_996_8,
        max_relative = 1e-6
    );
    // Twice the counts, the same estimate; 0 for sources that agree.
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
        found.standard_deviation(),
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
    assert!(
        found.standard_deviation() < 1e-9,
        "{}",
        found.standard_deviation()
    );
}

/// Each figure has the error that it states, or the one for all others, and a registered count its counting error besides;
/// with 0.03 for all τ is 0.179. `tests/data/source_disagreement.py`, 30 digits.
#[test]
fn each_figure_weighs_by_its_own_error() {
    let figures = [
        (2015, 1200.0, "a", Status::Estimate, Some(0.5)),
        (2021, 1150.0, "a", Status::Estimate, Some(0.2)),
        (2016, 900.0, "b", Status::Estimate, None),
        (2020, 1010.0, "c", Status::Registered, None),
        (2022, 700.0, "d", Status::Commercial, Some(0.01)),
        (2018, 950.0, "e", Status::Registered, Some(0.3)),
    ];
    let figures = figures.map(|(year, cases, source, status, error)| {
        let figure = Figure::new("Atlantis", year, cases, status).unwrap();
        let figure = figure.with_source(source);
        error.map_or(figure.clone(), |e| figure.with_relative_error(e).unwrap())
    });
    let found = BetweenSourceEstimate::estimate(&figures.into_iter().collect(), "Atlantis", 0.03);
    let found = found.unwrap().standard_deviation();
    assert_relative_eq!(found, 0.191_317_376_811_302, max_relative = 1e-6);
}

/// Figures that state an error of 0, taken as a millionth, beside others with 3 %: `tests/data/source_disagreement.py`, 40 digits.
#[test]
fn an_exact_figure_loses_no_digits() {
    let of = |figures: &[(i32, f64, &str, bool)], expected: f64| {
        let figures = figures.iter().map(|&(year, cases, source, is_exact)| {
            let figure = Figure::new("X", year, cases, Status::Estimate).unwrap();
            let figure = figure.with_source(source);
            let error = is_exact.then_some(0.0);
            error.map_or(figure.clone(), |e| figure.with_relative_error(e).unwrap())
        });
        let found = BetweenSourceEstimate::estimate(&figures.collect(), "X", 0.03).unwrap();
        assert_relative_eq!(found.standard_deviation(), expected, max_relative = 1e-5);
    };
    let two_of_three = [
        (2010, 10_861.0, "s0", true),
        (2015, 16_618.0, "s1", true),
        (2014, 14_277.0, "s2", false),
    ];
    of(&two_of_three, 0.046_025_991_882_569);
    let one_of_six = [
        (2015, 1200.0, "a", false),
        (2021, 1150.0, "a", true),
        (2016, 900.0, "b", false),
        (2020, 1010.0, "c", false),
        (2022, 700.0, "d", false),
        (2018, 950.0, "e", false),
    ];
    of(&one_of_six, 0.180_632_571_884_589);
}

/// A year that is marked tells nothing of sources: the estimate is that of the figures without it.
#[test]
fn marked_years_are_no_differences_of_sources() {
    let of = |last: &str| {
        let text = format!(
            "region,year,cases,status,source,mark\nX,2015,1000,estimate,a,\nX,2018,1300,estimate,b,\n\
             X,2021,1050,estimate,c,\nX,2022,1100,estimate,a,\n{last}"
        );
        let figures = Figures::from_csv("mine", &text).unwrap();
        let found = BetweenSourceEstimate::estimate(&figures, "X", 0.03).unwrap();
        (found.standard_deviation().to_bits(), found.figures())
    };
    assert_eq!(of("X,2020,300,estimate,b,shock\n"), of(""));
    assert_ne!(of("X,2020,300,estimate,b,\n"), of(""));
}

#[test]
fn an_estimate_needs_three_sources() {
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

/// Three sources with figures of the same two years, apart by a factor of e^d: the restricted likelihood of their means is
/// greatest at τ² = d² − σ²/2, the variance of three numbers d apart without that of a mean of two. Past a factor of e²
/// there is no estimate, which was that factor.
#[test]
fn sources_that_cannot_be_of_the_same_cases_are_told() {
    let estimate = |apart: f64| {
        let figure = |source: i32, year| {
            let cases = 10_000.0 * (apart * f64::from(source)).exp();
            let figure = Figure::new("A", year, cases, Status::Estimate).unwrap();
            figure.with_source(format!("source {source}"))
        };
        let figures: Figures = [-1, 0, 1]
            .into_iter()
            .flat_map(|source| [2015, 2020].map(|year| figure(source, year)))
            .collect();
        BetweenSourceEstimate::estimate(&figures, "A", 0.03)
    };
    let found = estimate(1.5).unwrap().standard_deviation();
    let expected = (1.5_f64.powi(2) - 0.03_f64.powi(2) / 2.0).sqrt();
    assert_relative_eq!(found, expected, max_relative = 1e-6);
    let error = estimate(3.0).unwrap_err().to_string();
    assert!(error.contains("factor of 7.4"), "{error}");
}
