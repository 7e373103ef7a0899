//! What a likelihood of counts says of figures that are none, and curves that take no weight.

use myeloma_epi::curve::Family;
use myeloma_epi::fit::{Caution, Comparison, FitOptions, Likelihood, compare};
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
            let scatter = 0.01 * (scatter - scatter.floor() - 0.5);
            let curve = 5_000.0 * (-2.0 * (-0.15 * t).exp()).exp();
            (2000 + i, (curve * (1.0 + scatter)).round())
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
    println!("{alike} of 60 alike");
}
