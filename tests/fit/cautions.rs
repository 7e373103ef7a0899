//! What a likelihood of counts says of figures that are none, and curves that take no weight.

use myeloma_epi::curve::Family;
use myeloma_epi::figures::{Figure, Status};
use myeloma_epi::fit::{Caution, Comparison, FitOptions, Likelihood, compare, fit};
use myeloma_epi::{IncidenceSeries, figures};

use super::{identified, usa, with};

const COUNTS: [Likelihood; 3] = [
    Likelihood::Poisson,
    Likelihood::QuasiPoisson,
    Likelihood::NegativeBinomial,
];

fn cautions(series: &IncidenceSeries, likelihood: Likelihood) -> Vec<Caution> {
    identified(Family::Exponential, series, &with(likelihood)).cautions()
}

/// Age-standardised rates of colorectal cancer per 100,000 (SEER, 1998 to 2009, both sexes): no counts, and far less
/// scattered than counts of that size. Pearson's statistic is 0.0015 of its degrees of freedom in R.
#[test]
fn rates_that_are_read_as_counts_are_doubted() {
    let rates = [
        56.3, 55.4, 54.0, 53.3, 52.9, 50.5, 49.4, 47.9, 47.0, 46.4, 45.0, 42.6,
    ];
    let series = IncidenceSeries::from_counts("rates", (1998..).zip(rates)).unwrap();
    for likelihood in COUNTS {
        let cautions = cautions(&series, likelihood);
        let first = Caution::NotWhole {
            year: 1998,
            cases: 56.3,
        };
        assert!(cautions.contains(&first), "{cautions:?}");
        let smooth = |c: &&Caution| matches!(c, Caution::Underdispersed(_));
        let smooth = cautions.iter().find(smooth).expect("no scatter");
        assert!(smooth.to_string().contains("underdispersed"), "{smooth}");
    }
    for likelihood in [Likelihood::Gaussian, Likelihood::LogNormal] {
        let cautions = cautions(&series, likelihood);
        let of_counts =
            |c: &Caution| matches!(c, Caution::NotWhole { .. } | Caution::Underdispersed(_));
        assert!(!cautions.iter().any(of_counts), "{cautions:?}");
    }
    // Registered counts are counts.
    for likelihood in COUNTS {
        let cautions = cautions(&usa(), likelihood);
        let doubt =
            |c: &Caution| matches!(c, Caution::NotWhole { .. } | Caution::Underdispersed(_));
        assert!(!cautions.iter().any(doubt), "{cautions:?}");
    }
}

fn weights(comparison: &Comparison) -> Vec<(Family, Option<f64>)> {
    let curves = comparison.curves().iter();
    curves
        .map(|curve| (curve.family(), curve.weight()))
        .collect()
}

/// Through all years of the United States, the pandemic and unfinished ones too, Richards is a hinge at the border
/// of its domain: it fits best, and takes no weight.
#[test]
fn a_hinge_takes_no_weight() {
    let all = compare(&Family::ALL, &usa(), &FitOptions::default(), 2035);
    let richards = all.curve(Family::Richards).unwrap();
    assert!(richards.cautions().contains(&Caution::Hinge));
    let aicc = |family| all.curve(family).unwrap().identified().unwrap().aicc();
    assert!(aicc(Family::Richards) < aicc(Family::Exponential));
    assert_eq!(richards.weight(), None);
    let total: f64 = weights(&all).iter().filter_map(|(_, weight)| *weight).sum();
    assert!((total - 1.0).abs() < 1e-12);
    // As shipped the series has those years marked.
    let usa = IncidenceSeries::from_figures(figures::registered(), "United States").unwrap();
    let marked = compare(&Family::ALL, &usa, &FitOptions::default(), 2035);
    for (family, weight) in weights(&marked) {
        let curve = marked.curve(family).unwrap();
        let border = |c: &Caution| {
            matches!(
                c,
                Caution::AtBorder(_)
                    | Caution::NoCeiling(_)
                    | Caution::Hinge
                    | Caution::SameAsNested(_)
            )
        };
        let free = !curve.cautions().iter().any(border);
        assert_eq!(weight.is_some(), free, "{family}: {:?}", curve.cautions());
    }
    // 30,434 were registered in 2019; no curve with a weight foresees fewer for 2035.
    for curve in marked
        .curves()
        .iter()
        .filter(|curve| curve.weight().is_some())
    {
        assert!(curve.value().unwrap() > 30_434.0, "{}", curve.family());
    }
}

/// Counts on a Gompertz curve: the Richards curve ends there too, and is no second opinion. A published case: budgets
/// whose Gompertz fit is 51.08287, 0.1974663, 9.933889 in `SciPy`.
#[test]
fn a_curve_that_is_a_nested_one_counts_once() {
    let mut alike = 0;
    for seed in 0..60 {
        let counts = (0..16).map(|i| {
            let t = f64::from(i);
            let scatter = (f64::from(seed * 17 + i) * 12.9898).sin() * 43758.5453;
            // So little that a fourth parameter follows it by less than a millionth.
            let scatter = 1e-7 * (scatter - scatter.floor() - 0.5);
            let curve = 5_000.0 * (-2.0 * (-0.15 * t).exp()).exp();
            (2000 + i, curve * (1.0 + scatter))
        });
        let series = IncidenceSeries::from_counts("gompertz", counts).unwrap();
        let families = [Family::Gompertz, Family::Richards];
        let comparison = compare(&families, &series, &FitOptions::default(), 2020);
        let [gompertz, richards] = comparison.curves() else {
            panic!("two were compared")
        };
        let (Some(one), Some(other)) = (gompertz.identified(), richards.identified()) else {
            continue;
        };
        let same = (2000..2016).all(|year| {
            let (a, b) = (
                one.curve().cases(year.into()),
                other.curve().cases(year.into()),
            );
            (a.unwrap() / b.unwrap() - 1.0).abs() < 5e-7
        });
        if same {
            alike += 1;
            assert_eq!(richards.weight(), None, "{:?}", richards.cautions());
            assert_eq!(gompertz.weight(), Some(1.0));
        }
    }
    assert!(alike > 30, "{alike} of 60 alike");
}

/// Pearson's χ² by `NumPy`: 15.85 and 22.64 with six degrees of freedom, `scipy.stats.chi2.cdf` 0.985 and 0.99908.
#[test]
fn counts_beyond_the_last_thousandth_are_overdispersed() {
    for (counts, told) in [
        ([12.0, 22.0, 11.0, 27.0, 18.0, 38.0, 26.0, 52.0], false),
        ([12.0, 24.0, 10.0, 29.0, 17.0, 40.0, 25.0, 55.0], true),
    ] {
        let series = IncidenceSeries::from_counts("Atlantis", (2000..).zip(counts)).unwrap();
        let fit = identified(Family::Exponential, &series, &with(Likelihood::Poisson));
        let cautions = fit.cautions();
        let found = cautions
            .iter()
            .any(|c| matches!(c, Caution::Overdispersed(_)));
        assert_eq!(found, told, "{cautions:?}");
    }
}

/// By `NumPy`: 2.5 times the trend is not far; 3.2 times is, at 28 modified z-scores; 3.5 times the trend is not where the
/// others scatter so much that it is 2.4 of them.
#[test]
fn an_outlier_is_both_three_times_off_and_beyond_the_scatter() {
    let cases: [(&[f64], bool); 3] = [
        (
            &[98.0, 104.0, 99.0, 103.0, 97.0, 250.0, 102.0, 98.0, 103.0],
            false,
        ),
        (
            &[98.0, 104.0, 99.0, 103.0, 97.0, 330.0, 102.0, 98.0, 103.0],
            true,
        ),
        (
            &[
                80.0, 128.0, 83.0, 124.0, 79.0, 130.0, 420.0, 82.0, 125.0, 84.0, 122.0,
            ],
            false,
        ),
    ];
    for (counts, told) in cases {
        let counts = (2000..).zip(counts.iter().copied());
        let series = IncidenceSeries::from_counts("Atlantis", counts).unwrap();
        let fit = identified(Family::Exponential, &series, &with(Likelihood::LogNormal));
        let cautions = fit.cautions();
        let found = cautions
            .iter()
            .any(|c| matches!(c, Caution::OutlyingCount { .. }));
        assert_eq!(found, told, "{cautions:?}");
    }
}

/// Counts m − d, m + 2d, m − d have no trend and a constant Poisson fit, m, with Pearson's χ² = 6d²/m and one degree of
/// freedom. The 99.9 % point is 10.83, the 99 % point 6.63.
#[test]
fn counts_scatter_too_much_beyond_the_99_9_percent_point() {
    for (d, told) in [(20.0, false), (24.0, true)] {
        let counts = [
            (2018, 300.0 - d),
            (2019, 300.0 + 2.0 * d),
            (2020, 300.0 - d),
        ];
        let series = IncidenceSeries::from_counts("Atlantis", counts).unwrap();
        let cautions = cautions(&series, Likelihood::Poisson);
        let overdispersed = cautions.iter().find_map(|caution| match caution {
            Caution::Overdispersed(dispersion) => Some(*dispersion),
            _ => None,
        });
        assert_eq!(overdispersed.is_some(), told, "{cautions:?}");
        if let Some(dispersion) = overdispersed {
            super::close("χ²", dispersion, 6.0 * d * d / 300.0, 1e-9);
        }
    }
}

/// A logistic curve whose growth of 150 % a year ends within a year is a hinge: its criterion is that of another model,
/// and the exponential curve beside it, however bad, has all the weight.
#[test]
fn a_logistic_hinge_takes_no_weight() {
    let counts = (2010..=2020).map(|year| {
        let t = f64::from(year - 2015);
        let scatter = 1.0 + 0.01 * (2.0 * t).sin();
        (year, 1_000.0 / (1.0 + (-1.5 * t).exp()) * scatter)
    });
    let series = IncidenceSeries::from_counts("Atlantis", counts).unwrap();
    let families = [Family::Exponential, Family::Logistic];
    let all = compare(&families, &series, &FitOptions::default(), 2021);
    let [exponential, logistic] = all.curves() else {
        panic!("two were compared")
    };
    assert!(logistic.cautions().contains(&Caution::Hinge), "{all}");
    assert_eq!(logistic.weight(), None);
    assert_eq!(exponential.weight(), Some(1.0));
}

/// Registered counts of 12, 13 … 19 scatter less than counted people do, and what their scatter says of errors is too little,
/// under a likelihood of logarithms or of normal errors as well: Pearson's χ² over 6 by `NumPy` and `SciPy`. Modelled figures
/// may be smooth, and a stated error is not taken from the scatter.
#[test]
fn counts_smoother_than_counts_are_told_under_every_likelihood() {
    let of = |status, error: Option<f64>, likelihood| {
        let figures = (2010..=2017).map(|year| {
            let figure = Figure::new("A", year, f64::from(year - 1998), status).unwrap();
            match error {
                Some(error) => figure.with_relative_error(error).unwrap(),
                None => figure,
            }
        });
        let series = IncidenceSeries::from_figures(&figures.collect(), "A").unwrap();
        let options = FitOptions {
            likelihood,
            ..FitOptions::default()
        };
        let fit = fit(Family::Exponential, &series, &options).unwrap();
        fit.cautions()
            .into_iter()
            .find_map(|caution| match caution {
                Caution::Underdispersed(scatter) => Some(scatter),
                _ => None,
            })
    };
    for (likelihood, expected) in [
        (Likelihood::LogNormal, 0.001_958_474_061_633_3),
        (Likelihood::Gaussian, 0.001_955_217_341_758_6),
    ] {
        let scatter = of(Status::Registered, None, likelihood).unwrap();
        super::close("χ²", scatter, expected, 1e-7);
        assert_eq!(of(Status::Estimate, None, likelihood), None);
    }
    let stated = of(Status::Registered, Some(0.1), Likelihood::LogNormal);
    assert_eq!(stated, None);
}
