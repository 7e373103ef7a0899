//! Options that name what is not there are refused; no default acts on a region's name.

use approx::assert_relative_eq;
use myeloma_epi::curve::Family;
use myeloma_epi::demography::ExpectedCases;
use myeloma_epi::figures::{Figure, Figures, Mark, Status, press_release};
use myeloma_epi::forecast::{ForecastOptions, RegistryTrend, TrendParameters};
use myeloma_epi::projection::ErrorModel;
use myeloma_epi::report::chart;
use myeloma_epi::{
    ErrorKind, IncidenceSeries, Observation, Outlook, OutlookOptions, Question, RegionOutlook,
    Shocks, TherapyModel, YearSummary, figures,
};
use serde_json::{Value, json};

use super::{one, part_of, two_figures, with_projection};

/// Some other disease of the world and of China, a hundred times as frequent in the second.
fn another_disease() -> Vec<myeloma_epi::IncidenceSeries> {
    vec![
        two_figures("World", 500.0, 520.0, 0.03),
        two_figures("China", 50_000.0, 61_000.0, 0.03),
    ]
}

fn few_draws() -> OutlookOptions {
    OutlookOptions {
        draws: 200,
        ..OutlookOptions::default()
    }
}

#[test]
fn figures_of_another_disease_are_neither_compared_nor_coupled() {
    let outlook = Outlook::of_series(&another_disease(), &few_draws()).unwrap();
    assert!(outlook.complements().is_empty());
    for region in outlook.regions() {
        assert_eq!(region.between_source_sd().to_bits(), 0.0_f64.to_bits());
        assert!(region.between_source_estimate().is_none() && region.compared_with().is_empty());
        assert!(
            region
                .curves()
                .iter()
                .all(|c| c.reference_region().is_none())
        );
    }
    let text = outlook.to_string();
    assert!(
        !text.contains("GLOBOCAN") && !text.contains("myeloma"),
        "{text}"
    );
    let text = format!("{outlook:#}");
    assert!(text.contains("not compared with other sources"), "{text}");
    // The same regions under the same names are those of the alphabet.
    let renamed: Vec<_> = another_disease()
        .iter()
        .zip(["A", "B"])
        .map(|(series, name)| {
            let counts = series.observations().iter().map(|o| (o.year, o.cases));
            myeloma_epi::IncidenceSeries::from_counts(name, counts).unwrap()
        })
        .collect();
    let renamed = Outlook::of_series(&renamed, &few_draws()).unwrap();
    for (one, other) in outlook.regions().iter().zip(renamed.regions()) {
        assert_eq!(one.curves().len(), other.curves().len());
    }
}

#[test]
fn who_says_myeloma_is_compared_and_coupled() {
    let options = OutlookOptions {
        draws: 200,
        ..OutlookOptions::myeloma()
    };
    let outlook = Outlook::of(figures::press_release(), &options).unwrap();
    assert_eq!(outlook.complements().len(), 1);
    let china = outlook.region("China").unwrap();
    assert!(
        china
            .compared_with()
            .contains(&"GLOBOCAN 2022 (IARC)".to_owned())
    );
    assert!(china.between_source_reason().is_none());
    let text = format!("{outlook:#}");
    assert!(text.contains("compared with GBD 2016"), "{text}");
    let error = Outlook::of_series(&another_disease(), &options).unwrap_err();
    assert!(error.to_string().contains("the disease"), "{error}");
}

#[test]
fn names_that_are_not_there_are_listed() {
    let outlook = Outlook::of_series(&another_disease(), &few_draws()).unwrap();
    let error = outlook.region("Wrold").unwrap_err();
    let ErrorKind::Unknown { name, known, .. } = error.kind() else {
        panic!("{error}");
    };
    assert_eq!(
        (name.as_str(), known.as_slice()),
        ("Wrold", &["World".to_owned(), "China".to_owned()][..])
    );
    assert!(matches!(
        outlook.complement("China").unwrap_err().kind(),
        ErrorKind::Unknown { known, .. } if known.is_empty()
    ));

    for parts in [part_of("Chnia", "World"), part_of("China", "Wrold")] {
        let options = OutlookOptions {
            parts,
            ..few_draws()
        };
        let error = Outlook::of_series(&another_disease(), &options).unwrap_err();
        let ErrorKind::Unknown { known, .. } = error.kind() else {
            panic!("{error}");
        };
        assert_eq!(known, &["World", "China"]);
    }
    // A region of one's own with what is known of others: the way out is named.
    let own = two_figures("Atlantis", 1_000.0, 1_130.0, 0.03);
    let error = one(&own, &OutlookOptions::myeloma())
        .unwrap_err()
        .to_string();
    for word in ["population", "Atlantis", "myeloma_for"] {
        assert!(error.contains(word), "{error}");
    }
}

#[test]
fn weights_are_of_families_that_are_fitted() {
    let series = two_figures("Atlantis", 100.0, 120.0, 0.03);
    let error = |weights: &[(Family, f64)]| {
        let options = OutlookOptions {
            weights: weights.to_vec(),
            ..few_draws()
        };
        one(&series, &options).unwrap_err()
    };
    let unknown = error(&[(Family::Richards, 5.0)]);
    assert!(matches!(unknown.kind(), ErrorKind::Unknown { .. }));
    for word in ["richards", "linear", "gompertz"] {
        assert!(unknown.to_string().contains(word), "{unknown}");
    }
    for weight in [f64::NAN, f64::INFINITY, -1.0] {
        let error = error(&[(Family::Linear, weight)]);
        assert!(
            matches!(error.kind(), ErrorKind::OutOfRange { .. }),
            "{error}"
        );
    }
    let twice = error(&[(Family::Linear, 1.0), (Family::Linear, 2.0)]);
    assert!(twice.to_string().contains("two weights"), "{twice}");
    let none = error(&[(Family::Linear, 0.0), (Family::Exponential, 0.0)]);
    let says =
        "Atlantis have weight 0 in its linear pool: its figures identify linear, exponential alone";
    assert!(none.to_string().contains(says), "{none}");
}

#[test]
fn other_contradictions_are_refused() {
    let series = another_disease();
    let message = |options: OutlookOptions| {
        let error = Outlook::of_series(&series, &options).unwrap_err();
        error.to_string()
    };
    let mut parts = part_of("China", "World");
    parts.extend(part_of("China", "China"));
    for (options, says) in [
        (
            OutlookOptions {
                parts,
                ..few_draws()
            },
            "part of two regions",
        ),
        (
            OutlookOptions {
                parts: part_of("China", "China"),
                ..few_draws()
            },
            "part of itself",
        ),
        (
            OutlookOptions {
                families: Vec::new(),
                ..few_draws()
            },
            "at least one family",
        ),
        (
            OutlookOptions {
                between_source_sd: 1.5,
                ..few_draws()
            },
            "between 0 and 1",
        ),
        (
            OutlookOptions {
                errors: ErrorModel {
                    between_source_sd: 0.1,
                    ..ErrorModel::default()
                },
                ..few_draws()
            },
            "OutlookOptions::between_source_sd",
        ),
        (
            OutlookOptions {
                forecast: ForecastOptions {
                    between_source_sd: 0.3,
                    ..ForecastOptions::default()
                },
                ..few_draws()
            },
            "the forecast options of an outlook must not state a between-source standard deviation: state it as \
             OutlookOptions::between_source_sd",
        ),
        (
            OutlookOptions {
                assumed_error: -0.1,
                ..few_draws()
            },
            "-0.1",
        ),
        (
            OutlookOptions {
                draws: 0,
                ..few_draws()
            },
            "at least 1",
        ),
        (
            OutlookOptions {
                to: 2000,
                ..few_draws()
            },
            "2000",
        ),
        // Curves begin with the first figure at the latest.
        (
            OutlookOptions {
                from: Some(2022),
                ..few_draws()
            },
            "is 2022 in the options of an outlook: it must be at most 2019",
        ),
    ] {
        let message = message(options);
        assert!(message.contains(says), "{message}");
    }
    let twice = [series[0].clone(), series[0].clone()];
    let error = Outlook::of_series(&twice, &few_draws()).unwrap_err();
    assert!(
        error.to_string().contains("two series are of World"),
        "{error}"
    );
}

/// Figures without a source are of one source, so that whether a column names it changes draws and not the
/// distribution: 20,000 draws leave an end of an interval of the complement about 1 % of its distance from the median.
#[test]
fn a_column_of_one_source_changes_no_distribution() {
    use std::fmt::Write;
    let csv = |named: bool| {
        let (column, source) = if named { (",source", ",one") } else { ("", "") };
        let mut text = format!("region,year,cases,status{column}\n");
        for (region, first, last) in [("World", 164_300, 197_200), ("China", 28_100, 31_800)] {
            for (year, cases) in [(2019, first), (2024, last)] {
                writeln!(text, "{region},{year},{cases},commercial{source}").unwrap();
            }
        }
        Figures::from_csv("figures", &text).unwrap()
    };
    let of = |named| {
        let outlook = Outlook::of(&csv(named), &OutlookOptions::myeloma()).unwrap();
        let complement = outlook.complement("China").unwrap();
        let years = [0, 5, 21].map(|i| complement.pool_summary()[i]);
        years.map(|s| [s.lower95.ln(), s.upper95.ln()])
    };
    for (named, unnamed) in of(true).iter().zip(of(false)) {
        let width = named[1] - named[0];
        for (a, b) in named.iter().zip(unnamed) {
            assert!((a - b).abs() < 0.03 * width, "{a} {b} of {width}");
        }
    }
}

/// A region that no figure is compared with has the pooled standard deviation, which is printed and can be set.
#[test]
fn a_region_without_comparison_has_the_pooled_standard_deviation() {
    let mut options = OutlookOptions {
        draws: 200,
        ..OutlookOptions::myeloma_for(&Figures::default())
    };
    // A common τ by restricted maximum likelihood: `tests/data/source_disagreement.py`.
    assert!((options.between_source_sd - 0.178_427_294_148_662).abs() < 1e-6);
    let japan = two_figures("Japan", 6_000.0, 7_000.0, 0.03);
    let of = |options: &OutlookOptions| one(&japan, options).unwrap();
    let outlook = of(&options);
    let sd = outlook.regions()[0].between_source_sd();
    assert_eq!(sd.to_bits(), options.between_source_sd.to_bits());
    assert!(
        outlook.regions()[0]
            .to_string()
            .contains("no other source to compare with")
    );
    options.between_source_sd = 0.05;
    assert_eq!(
        of(&options).regions()[0].between_source_sd().to_bits(),
        0.05_f64.to_bits()
    );
}

/// A first year long before the figures changes nothing of the forecast: a straight line that would begin below 0 stays
/// in the pool and begins at 0.
#[test]
fn an_early_first_year_leaves_the_forecast_alone() {
    let series = two_figures("Atlantis", 100.0, 130.0, 0.03);
    let from = |from| {
        let options = OutlookOptions {
            from,
            ..few_draws()
        };
        one(&series, &options).unwrap().regions()[0].clone()
    };
    let (late, early) = (from(None), from(Some(1950)));
    assert_eq!(early.pool().curves(), ["linear", "exponential"]);
    for year in 2019..=2040 {
        assert_eq!(
            late.pool().new_cases().year(year).unwrap(),
            early.pool().new_cases().year(year).unwrap()
        );
    }
    assert!(
        early
            .pool()
            .new_cases()
            .year(1950)
            .unwrap()
            .iter()
            .any(|cases| *cases == 0.0)
    );
    assert_eq!(
        late.curves()[0].replaced_by_limit(),
        early.curves()[0].replaced_by_limit()
    );
}

/// Draws are the same whether they are kept or made again, and summaries are theirs.
#[test]
fn draws_are_kept_or_made_again() {
    let series = another_disease();
    let mut options = few_draws();
    let of = |options: &OutlookOptions| Outlook::of_series(&series, options).unwrap();
    let again = of(&options);
    options.keep_draws = true;
    let kept = of(&options);
    for (again, kept) in again.regions().iter().zip(kept.regions()) {
        assert_eq!(again.pool(), kept.pool());
        assert_eq!(again.new_cases(), kept.new_cases());
        assert_eq!(again.pool().new_cases().summary(), kept.pool_summary());
        assert_eq!(again.third_line().summary(), kept.third_line_summary());
        assert_eq!(again.new_cases().summary(), kept.new_cases_summary());
    }
}

/// Eight counts scatter by 15 % about a curve and state 5 %: chi^2 of the weighted regression of their logarithms is 8.754 per degree of
/// freedom (`NumPy`: weights 1/(0.05^2 + 1/n)), where 3.743 is its 99.9 % point. A model file says so, too.
#[test]
fn figures_that_scatter_by_more_than_their_errors_are_told() {
    const COUNTS: [f64; 8] = [1.0, 1.3, 0.95, 1.25, 1.1, 1.45, 1.08, 1.39];
    let stating = |error: f64| {
        let observations = (2010..).zip(COUNTS).map(|(year, cases)| Observation {
            year,
            cases: 1e6 * cases,
            relative_error: Some(error),
        });
        IncidenceSeries::new("Malta", observations.collect::<Vec<_>>()).unwrap()
    };
    let said = "the intervals of these too narrow: linear, overdispersed";
    let exponential = "exponential, overdispersed: the scatter is 8.8 times";
    let model = |series: &IncidenceSeries| {
        let pathway = r#"{"groups": [{"name": "all", "weight": 1, "lines": [{"sojourn_time": {"family": "exponential", "scale": 2}}]}]}"#;
        let model = json!({
            "region": "Malta", "to": 2030, "pathway": serde_json::from_str::<Value>(pathway).unwrap(),
            "incidence": {"project": {"series": series, "curve": "exponential", "draws": 50}},
        });
        TherapyModel::from_json("malta.json", &model.to_string()).unwrap()
    };
    // Of 9 % it is 2.70, between its 95 % point, 2.10, and that: chance.
    for (error, is_told) in [(0.05, true), (0.09, false), (0.15, false)] {
        let series = stating(error);
        let outlook = one(&series, &few_draws()).unwrap();
        let region = &outlook.regions()[0];
        let json = outlook.summary_json();
        for text in [region.cautions().join(" "), format!("{outlook:#}"), json] {
            // Paragraphs are broken into lines.
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            assert_eq!(text.contains(said), is_told, "{text}");
            assert_eq!(text.contains(exponential), is_told, "{text}");
        }
        let of_model = model(&series).cautions().join(" ");
        assert_eq!(
            of_model.contains("overdispersed: the scatter is 8.8 times"),
            is_told
        );
        assert!(is_told || of_model.is_empty(), "{of_model}");
    }
}

/// Two intervals of one table that cannot both be right are told: the first falls, the second grows.
#[test]
fn contradicting_intervals_are_told() {
    let falling = two_figures("Malta", 1_000.0, 700.0, 0.01);
    let cautions = one(&falling, &few_draws()).unwrap().regions()[0].cautions();
    assert!(
        cautions[0].contains("contradict each other in 2040"),
        "{cautions:?}"
    );
    // A wide pool may hold the trend's median where the trend's narrower interval does not hold the pool's.
    let steep = two_figures("Malta", 1_000.0, 1_700.0, 0.2);
    let steep = one(&steep, &few_draws()).unwrap().regions()[0].clone();
    let (pool, trend) = (
        steep.pool_summary().last().unwrap(),
        steep.new_cases_summary().last().unwrap(),
    );
    assert!((pool.lower95..=pool.upper95).contains(&trend.median) && pool.median > trend.upper95);
    assert!(steep.cautions()[0].contains("contradict each other in 2040"));
    // A narrow pool may leave the trend's median outside where the trend's wide interval holds the pool's.
    let options = OutlookOptions {
        model_discrepancy: false,
        families: vec![Family::Exponential],
        ..few_draws()
    };
    let narrow = two_figures("Malta", 1_000.0, 1_080.0, 0.001);
    let narrow = one(&narrow, &options).unwrap().regions()[0].clone();
    let (pool, trend) = (
        narrow.pool_summary().last().unwrap(),
        narrow.new_cases_summary().last().unwrap(),
    );
    assert!((trend.lower95..=trend.upper95).contains(&pool.median) && trend.median > pool.upper95);
    assert!(narrow.cautions()[0].contains("contradict each other in 2040"));
    // Growth of 11 % a year, and a projection of 3 % more in 2040: the curves with and without it do not meet.
    let published = with_projection(two_figures("Malta", 1_000.0, 1_700.0, 0.01), 1_750.0, 0.01);
    let options = OutlookOptions {
        model_discrepancy: false,
        ..few_draws()
    };
    let told = one(&published, &options).unwrap().regions()[0].cautions();
    let names = "Linear pool with the published projection and the one without it contradict each other in 2040";
    assert!(
        told.iter().any(|caution| caution.starts_with(names)),
        "{told:?}"
    );
    let growing = two_figures("Malta", 1_000.0, 1_130.0, 0.03);
    assert!(
        one(&growing, &few_draws()).unwrap().regions()[0]
            .cautions()
            .is_empty()
    );
    // Exact figures, one curve and no model discrepancy: there is no interval.
    let exact = two_figures("Malta", 1_000.0, 1_130.0, 0.0);
    let options = OutlookOptions {
        model_discrepancy: false,
        families: vec![Family::Linear],
        ..few_draws()
    };
    let outlook = one(&exact, &options).unwrap();
    let region = &outlook.regions()[0];
    assert!(region.cautions().iter().any(|c| c.contains("do not vary")));
    // Nor is there one in the files: the line through 1,000 and 1,130 is at 1,546 in 2040.
    let row = "\nMalta,new_cases,mixture,as_needed,2040,,1546,,,,,\n";
    assert!(outlook.to_csv().contains(row), "{}", outlook.to_csv());
    let json: serde_json::Value = serde_json::from_str(&outlook.summary_json()).unwrap();
    let pool = json["regions"][0]["pool"]
        .as_array()
        .unwrap()
        .last()
        .unwrap();
    assert_eq!(pool["median"], 1546.0);
    assert!(pool["lower95"].is_null() && pool["upper50"].is_null());
}

/// A shock is left out of the curves, too, whether the file marks it or the options do, and is told: the line through
/// 1,000 and 1,100 meets 1,200 in 2024. A shock in the first year moves no curve, and growth is that without it.
#[test]
fn shocks_are_shocks_for_the_curves_too() {
    let text = "region,year,cases,status,relative_error,mark\nMalta,2012,300,estimate,0,shock\n\
                Malta,2014,1000,estimate,0,\nMalta,2019,1100,estimate,0,\nMalta,2020,600,estimate,0,shock\n\
                Malta,2029,1331,projection,0.1,\n";
    let unmarked = text.replace("shock", "");
    let mut options = OutlookOptions {
        families: vec![Family::Linear, Family::Exponential],
        model_discrepancy: false,
        ..few_draws()
    };
    let marked = Outlook::of(&Figures::from_csv("marked", text).unwrap(), &options).unwrap();
    options.forecast.shocks = Shocks::years([2012, 2020]);
    let stated = Outlook::of(&Figures::from_csv("stated", &unmarked).unwrap(), &options).unwrap();
    for outlook in [&marked, &stated] {
        let malta = outlook.region("Malta").unwrap();
        for (family, expected) in [(0, 1_200.0), (1, 1_210.0)] {
            let summary = malta.curves()[family].summary();
            let year = summary.iter().find(|year| year.year == 2024).unwrap();
            assert!((year.median - expected).abs() < 1e-6, "{}", year.median);
        }
        let (before, after) = malta.implied_growth().unwrap();
        assert!(
            (before - 100.0 * (1.1_f64.powf(0.2) - 1.0)).abs() < 1e-9,
            "{before}"
        );
        assert!(
            (after - 100.0 * (1.21_f64.powf(0.1) - 1.0)).abs() < 1e-9,
            "{after}"
        );
        let cautions = malta.cautions();
        let told = |c: &String| c.contains("2012 (shock), 2020 (shock)");
        assert!(cautions.iter().any(told), "{cautions:?}");
    }
}

/// Marked years before the first one that is fitted are as if they were not there. Small counts, of which some draw of a
/// logistic curve has no value in those years.
#[test]
fn the_curves_begin_with_the_first_year_that_is_not_marked() {
    let rows = "W,2010,310,registered,\nW,2012,325,registered,\nW,2014,338,registered,\nW,2016,352,registered,\n\
                W,2018,371,registered,\nW,2020,310,registered,\nW,2021,385,registered,\nW,2022,398,registered,\n";
    let of = |first: &str| {
        let text = format!("region,year,cases,status,mark\n{first}{rows}");
        let figures = Figures::from_csv("w", &text).unwrap();
        Outlook::of(&figures, &OutlookOptions::default()).unwrap()
    };
    let (marked, without) = (of("W,2008,300,registered,shock\n"), of(""));
    let [marked, without] = [&marked, &without].map(|outlook| outlook.region("W").unwrap());
    assert_eq!(marked.pool_summary()[0].year, 2010);
    assert_eq!(marked.pool_summary(), without.pool_summary());
    assert_eq!(marked.new_cases_summary(), without.new_cases_summary());
    for (one, other) in marked.curves().iter().zip(without.curves()) {
        assert_eq!(one.summary(), other.summary());
    }
}

/// A shock in the last year, of another source too, is no figure that a forecast goes on from: it is that of the figures
/// before it, with their errors of revision and of sources.
#[test]
fn a_shock_in_the_last_year_changes_no_forecast() {
    let text = "region,year,cases,status,source,mark\nMalta,2012,800,estimate,b,\nMalta,2014,1000,estimate,a,\n\
                Malta,2019,1100,estimate,a,\n";
    let options = OutlookOptions {
        between_source_sd: 0.1,
        revision_sd: Some(0.08),
        ..few_draws()
    };
    let of = |text: &str| {
        let outlook = Outlook::of(&Figures::from_csv("mine", text).unwrap(), &options).unwrap();
        outlook.region("Malta").unwrap().clone()
    };
    let (plain, shock) = (
        of(text),
        of(&format!("{text}Malta,2020,700,estimate,b,shock\n")),
    );
    for question in [Question::ThisSource, Question::TrueIncidence] {
        assert_eq!(
            plain.new_cases_under(question),
            shock.new_cases_under(question)
        );
    }
}

/// Another registry trend is another forecast, and another model discrepancy.
#[test]
fn the_registry_trend_is_an_option() {
    let series = two_figures("Malta", 1_000.0, 1_130.0, 0.03);
    let parameters = TrendParameters {
        mean_growth: -0.05,
        ..TrendParameters::shipped()
    };
    let options = OutlookOptions {
        registry_trend: RegistryTrend::new(parameters, parameters.unknown_site()).unwrap(),
        ..few_draws()
    };
    let median = |options: &OutlookOptions| {
        let outlook = one(&series, options).unwrap();
        outlook.regions()[0]
            .new_cases_summary()
            .last()
            .unwrap()
            .median
    };
    assert!(median(&options) < 0.8 * median(&few_draws()));
}

/// Mafra et al. 2025: 71 % more than 188,000 by 2045. It stands beside the forecast and moves nothing.
#[test]
fn what_others_project_is_shown_and_enters_nothing() {
    let with = OutlookOptions {
        draws: 200,
        ..OutlookOptions::myeloma()
    };
    let estimates = with.compared_with.iter();
    let estimates = estimates.filter(|f| f.status() != Status::Projection);
    let without = OutlookOptions {
        compared_with: estimates.cloned().collect(),
        ..with.clone()
    };
    let [with, without] = [with, without].map(|o| Outlook::of(press_release(), &o).unwrap());
    let world = with.region("World").unwrap();
    let others: Vec<_> = world
        .other_projections()
        .iter()
        .map(|f| (f.year(), f.cases()))
        .collect();
    assert_eq!(others, [(2045, 1.71 * 188_000.0)]);
    assert!(with.region("China").unwrap().other_projections().is_empty());
    let same = without.region("World").unwrap();
    assert!(same.other_projections().is_empty());
    assert_eq!(world.new_cases_summary(), same.new_cases_summary());
    assert_eq!(
        world.between_source_estimate(),
        same.between_source_estimate()
    );
    // Ours of that year stands beside it: what an outlook to 2045 has, of the World alone, which no part has to fit.
    let to_2045 = OutlookOptions {
        to: 2045,
        parts: Vec::new(),
        ..with.options().clone()
    };
    let further = Outlook::of(press_release(), &to_2045).unwrap();
    let ours = *further
        .region("World")
        .unwrap()
        .new_cases_summary()
        .last()
        .unwrap();
    let json: serde_json::Value = serde_json::from_str(&with.summary_json()).unwrap();
    let beside = &json["regions"][0]["other_projections"][0];
    assert_eq!((beside["year"].as_i64(), ours.year), (Some(2045), 2045));
    for (key, number) in [("median", ours.median), ("upper95", ours.upper95)] {
        let ratio = beside["forecast"][key].as_f64().unwrap() / number;
        // One draw in 20,000 may be replaced.
        assert!((ratio - 1.0).abs() < 0.01, "{beside} {ours:?}");
    }
    let row = with.to_csv();
    let row = row
        .lines()
        .find(|line| line.contains("other_projection"))
        .unwrap();
    let cells: Vec<&str> = row.split(',').collect();
    assert_eq!(
        cells[..6],
        ["World", "other_projection", "", "", "2045", "321480"]
    );
    let median: f64 = cells[6].parse().unwrap();
    assert!((median / ours.median - 1.0).abs() < 0.01 && cells[11] == "projection");
    let full = format!("{with:#}");
    assert!(
        full.contains("projected by others: 321,480 in 2045; here "),
        "{full}"
    );
    assert!(full.contains("  Mafra et al. 2025"), "{full}");
    let chart = chart::incidence(&with, "").unwrap();
    assert!(chart.contains("321,480") && chart.contains("here "));
}

/// Where the population ends before a published projection there is nothing to put beside it, and a reader is told.
#[test]
fn a_projection_past_the_population_is_not_left_out_in_silence() {
    let cases = ExpectedCases::area("World").unwrap();
    let short = cases.by_year().range(..=2042).map(|(year, n)| (*year, *n));
    let mut options = OutlookOptions {
        draws: 200,
        ..OutlookOptions::myeloma()
    };
    let short = ExpectedCases::new("World", short.collect()).unwrap();
    options.population.insert("World".to_owned(), short);
    let outlook = Outlook::of(press_release(), &options).unwrap();
    let full = format!("{outlook:#}");
    assert!(
        full.contains("321,480 in 2045; here no forecast (") && full.contains("2043"),
        "{full}"
    );
    let row = outlook.to_csv();
    assert!(row.contains("\nWorld,other_projection,,,2045,321480,,,,,,projection\n"));
    let json: serde_json::Value = serde_json::from_str(&outlook.summary_json()).unwrap();
    let why = json["regions"][0]["other_projections"][0]["no_forecast"].as_str();
    assert!(why.is_some_and(|why| why.contains("2043")), "{why:?}");
}

/// An error of expected cases of e a year adds (h·e)² to the variance of the logarithm, h years on: sixteen years with 1 % each
/// are 0.16² = 0.0256. Regions without a population have no such error.
#[test]
fn the_error_of_expected_cases_widens_the_forecast() {
    let variance = |expected_error: f64| {
        let mut options = OutlookOptions {
            draws: 20_000,
            ..OutlookOptions::myeloma_for(press_release())
        };
        options.population.remove("China");
        options.forecast.expected_error = expected_error;
        let outlook = Outlook::of(press_release(), &options).unwrap();
        ["World", "China"].map(|region| {
            let cases = outlook
                .region(region)
                .unwrap()
                .new_cases()
                .year(2040)
                .unwrap();
            let logs: Vec<f64> = cases.iter().map(|c| c.ln()).collect();
            let mean = logs.iter().sum::<f64>() / logs.len() as f64;
            logs.iter().map(|log| (log - mean).powi(2)).sum::<f64>() / logs.len() as f64
        })
    };
    let ([world, china], [wider, same]) = (variance(0.0), variance(0.01));
    // Four standard errors of a variance from so many draws, 4·√(2/20,000)·0.043.
    assert!((wider - world - 0.0256).abs() < 0.0017, "{wider} {world}");
    assert!((same / china - 1.0).abs() < 0.1, "{same} {china}");
    let mut options = few_draws();
    options.forecast.expected_error = 0.01;
    let series = two_figures("Malta", 1_000.0, 1_130.0, 0.03);
    let error = one(&series, &options).unwrap_err().to_string();
    assert!(error.contains("no region has a population"), "{error}");
}

/// A figure that another source has of the same year is no further opinion; the same number of another year is one.
#[test]
fn the_same_number_of_another_year_is_a_figure_of_its_own() {
    let own = two_figures("Malta", 120.0, 130.0, 0.03);
    let figures = |year: i32| {
        let text = format!(
            "region,year,cases,status,source\nMalta,2020,100,estimate,A\nMalta,{year},120,estimate,B\n"
        );
        let options = OutlookOptions {
            compared_with: Figures::from_csv("others", &text).unwrap(),
            ..few_draws()
        };
        let outlook = one(&own, &options).unwrap();
        outlook.regions()[0]
            .between_source_estimate()
            .unwrap()
            .figures()
    };
    assert_eq!((figures(2021), figures(2019)), (4, 3));
}

/// The parts of a decomposition add up to the growth of the headline's median; people are those at constant rates.
#[test]
fn a_decomposition_is_that_of_the_headline() {
    let options = OutlookOptions {
        draws: 300,
        ..OutlookOptions::myeloma()
    };
    let outlook = Outlook::of(press_release(), &options).unwrap();
    for region in outlook.regions() {
        let parts = region.decomposition().unwrap().in_percent();
        let summary = region.new_cases_summary();
        let growth = summary.last().unwrap().median / summary[0].median;
        assert!((parts.sum() - 100.0 * (growth - 1.0)).abs() < 1e-9);
    }
}

/// A part with two figures and a shock shrinks its damping as one with two figures does.
#[test]
fn a_shock_is_no_third_figure_of_a_part() {
    let of = |shock: &str| {
        let text = format!(
            "region,year,cases,status,mark\nWorld,2019,164300,commercial,\nWorld,2024,197200,commercial,\n\
             World,2040,273600,projection,\nChina,2019,28100,commercial,\n{shock}China,2024,31800,commercial,\n"
        );
        let figures = Figures::from_csv("mine", &text).unwrap();
        let options = OutlookOptions {
            parts: part_of("China", "World"),
            ..few_draws()
        };
        Outlook::of(&figures, &options)
            .unwrap()
            .region("China")
            .unwrap()
            .clone()
    };
    let (plain, shock) = (of(""), of("China,2020,20000,commercial,shock\n"));
    let shrunk = |region: &RegionOutlook| {
        let curves = region.curves().iter();
        curves
            .filter(|c| c.reference_region() == Some("World"))
            .count()
    };
    assert_eq!((shrunk(&plain), shrunk(&shock)), (2, 2));
    assert_eq!(plain.pool_summary().last(), shock.pool_summary().last());
}

/// An interval of the source is shown, and not taken as the figure's own error; that is told.
#[test]
fn an_interval_of_the_source_is_no_error_of_the_figure() {
    let of = |columns: &str, values: [&str; 2]| {
        let [a, b] = values;
        let text = format!(
            "region,year,cases,status{columns}\nMalta,2019,1000,estimate{a}\nMalta,2024,1200,estimate{b}\n"
        );
        Outlook::of(&Figures::from_csv("mine", &text).unwrap(), &few_draws()).unwrap()
    };
    let plain = of("", ["", ""]);
    let interval = of(",lower95,upper95", [",800,1100", ",1190,1210"]);
    let [plain, interval] = [&plain, &interval].map(|o| o.region("Malta").unwrap());
    assert_eq!(plain.pool_summary(), interval.pool_summary());
    let told = |c: &String| c.contains("(2019, 2024) are not taken as their errors");
    assert!(interval.cautions().iter().any(told) && !plain.cautions().iter().any(told));
}

/// A marked year of another source, by the figure itself or by the options, is no opinion on any level: with it everything
/// is as without it, and it is told.
/// Exact estimates have no interval in their years: two curves through them differ by rounding there.
#[test]
fn what_differs_by_rounding_does_not_vary() {
    let options = OutlookOptions {
        model_discrepancy: false,
        ..few_draws()
    };
    let text =
        "region,year,cases,status,relative_error\nX,2014,1000,estimate,0\nX,2019,1100,estimate,0\n";
    let outlook = Outlook::of(&Figures::from_csv("f", text).unwrap(), &options).unwrap();
    let pool = outlook.regions()[0].pool_summary();
    let of = |year| pool.iter().find(|s| s.year == year).unwrap().interval95();
    assert_eq!((of(2014), of(2019)), (None, None));
    assert!(of(2030).is_some());
}

/// Figures that the options take as provisional are completed in the registry trend alone, which is told.
#[test]
fn provisional_figures_of_the_options_are_told() {
    let said = |provisional| {
        let mut options = few_draws();
        options.forecast.provisional = provisional;
        let series = two_figures("X", 1_000.0, 1_100.0, 0.03);
        let outlook = Outlook::of_series(&[series], &options).unwrap();
        let cautions = outlook.regions()[0].cautions().join(" ");
        cautions.contains("completed in the registry trend alone (forecast.provisional)")
    };
    assert!(said(true) && !said(false));
}

#[test]
fn a_marked_year_of_another_source_is_not_compared() {
    let options = |compared_with: Figures, shocks| {
        let mut options = OutlookOptions {
            draws: 300,
            compared_with,
            ..OutlookOptions::myeloma()
        };
        options.forecast.shocks = shocks;
        options
    };
    let with = |row: &str| {
        let text = format!("region,year,cases,status,source,family,mark\n{row}\n");
        let more = Figures::from_csv("more", &text).unwrap();
        figures::comparison()
            .iter()
            .chain(&more)
            .cloned()
            .collect::<Figures>()
    };
    let of = |options: &OutlookOptions| Outlook::of(press_release(), options).unwrap();
    let plain = of(&options(figures::comparison().clone(), Shocks::none()));
    let marked = of(&options(
        with("China,2023,9000,estimate,GBD 2023,GBD,shock"),
        Shocks::none(),
    ));
    // No figure of the press release is of 2023.
    let stated = of(&options(
        with("China,2023,9000,estimate,GBD 2023,GBD,"),
        Shocks::years([2023]),
    ));
    let taken = of(&options(
        with("China,2023,9000,estimate,GBD 2023,GBD,"),
        Shocks::none(),
    ));
    for region in ["World", "China"] {
        let of = |outlook: &Outlook| outlook.region(region).unwrap().clone();
        let [plain, marked, stated, taken] = [&plain, &marked, &stated, &taken].map(of);
        for question in [Question::ThisSource, Question::TrueIncidence] {
            let summary = plain.summary_under(question);
            assert_eq!(marked.summary_under(question), summary, "{region}");
            assert_eq!(stated.summary_under(question), summary, "{region}");
            assert_ne!(taken.summary_under(question), summary, "{region}");
        }
        assert_eq!(
            marked.between_source_estimate(),
            plain.between_source_estimate()
        );
        assert_eq!(
            stated.between_source_estimate(),
            plain.between_source_estimate()
        );
        let told =
            |c: &String| c == "Left out of the comparison of sources, as marked: GBD 2023 2023.";
        assert_eq!(marked.cautions().iter().any(told), region == "China");
    }
    let zero = options(with("China,2023,0,estimate,GBD 2023,GBD,"), Shocks::none());
    let error = Outlook::of(press_release(), &zero).unwrap_err().to_string();
    assert!(error.contains("China") && error.contains("2023"), "{error}");
    // A 0 that is marked is left out like any other number.
    let marked = options(
        with("China,2023,0,estimate,GBD 2023,GBD,shock"),
        Shocks::none(),
    );
    let (marked, plain) = (
        of(&marked),
        of(&options(figures::comparison().clone(), Shocks::none())),
    );
    assert_eq!(
        marked.region("China").unwrap().new_cases_summary(),
        plain.region("China").unwrap().new_cases_summary()
    );
}

/// The options with another value at a place.
fn with(options: &OutlookOptions, place: &str, value: Value) -> OutlookOptions {
    let mut changed = serde_json::to_value(options).unwrap();
    *changed
        .pointer_mut(place)
        .unwrap_or_else(|| panic!("no {place}")) = value;
    serde_json::from_value(changed).unwrap()
}

/// Each option changes numbers of the press release, and not only what is said of it: none is ignored on the way.
#[test]
fn every_option_acts() {
    let answer = |options: &OutlookOptions| {
        let outlook = Outlook::of(press_release(), options).unwrap();
        let of_region = |region: &RegionOutlook| {
            let curves = region.curves().iter().map(|curve| curve.summary().to_vec());
            let summaries = [
                region.new_cases_summary(),
                region.third_line_summary(),
                region.third_line_starts_summary().unwrap_or_default(),
                region.pool_summary(),
            ];
            let summaries = summaries.map(<[_]>::to_vec).into_iter().chain(curves);
            summaries.flatten().collect::<Vec<_>>()
        };
        let complements = outlook.complements().iter();
        let complements = complements.flat_map(|c| c.new_cases_summary().to_vec());
        let regions = outlook.regions().iter().flat_map(of_region);
        regions.chain(complements).collect::<Vec<_>>()
    };
    let acts = |options: &OutlookOptions, place: &str, value: Value| {
        let changed = with(options, place, value);
        assert!(
            answer(&changed) != answer(options),
            "{place} changes nothing"
        );
    };
    let myeloma = OutlookOptions {
        draws: 300,
        ..OutlookOptions::myeloma()
    };
    for (place, value) in [
        ("/question", json!("true_incidence")),
        ("/members", json!({})),
        ("/from", json!(2010)),
        ("/to", json!(2039)),
        ("/assumed_error", json!(0.05)),
        ("/assumed_projection_error", json!(0.2)),
        ("/errors/within_source_correlation", json!(0.5)),
        ("/errors/projection_correlation", json!(0.5)),
        ("/compared_with", json!([])),
        ("/revision_sd", json!(0.2)),
        ("/model_discrepancy", json!(false)),
        ("/registry_trend/parameters/growth_noise", json!(0.02)),
        ("/rate_trend/parameters/growth_noise", json!(0.04)),
        ("/forecast/quantity", json!("expected")),
        ("/forecast/provisional", json!(true)),
        ("/forecast/expected_error", json!(0.01)),
        ("/share/high", json!(0.5)),
        ("/delay", Value::Null),
        ("/families", json!(["exponential"])),
        ("/weights", json!([["linear", 9.0]])),
        ("/damping_prior", json!("none")),
        ("/draws", json!(400)),
        ("/seed", json!(77)),
    ] {
        acts(&myeloma, place, value);
    }
    // Without people there is no error of their number.
    let exact = with(&myeloma, "/forecast/expected_error", json!(0.0));
    acts(&exact, "/population", json!({}));
    // These are of regions whose own value is neither estimated nor stated. Shocks, and what draws are kept, have tests of
    // their own.
    let plain = OutlookOptions {
        draws: 300,
        ..OutlookOptions::default()
    };
    for (place, value) in [
        ("/between_source_sd", json!(0.3)),
        ("/forecast/members", json!(9.0)),
        ("/parts", json!([["China", "World"]])),
    ] {
        acts(&plain, place, value);
    }
}

/// Of 40 draws the 2.5 % quantile lies between the least two: 39·0.025 < 1. Of one draw nothing is a median.
#[test]
fn few_draws_are_told() {
    let told = |draws: usize| {
        let options = OutlookOptions {
            draws,
            ..OutlookOptions::myeloma()
        };
        let outlook = Outlook::of(press_release(), &options).unwrap();
        outlook.region("World").unwrap().cautions().join(" ")
    };
    let one = told(1);
    assert!(one.contains("one draw of many"), "{one}");
    assert!(
        !one.contains("no figure has an error") && !one.contains("contradict"),
        "{one}"
    );
    assert!(told(40).contains("the greatest of 40 draws"));
    assert!(!told(41).contains("draws: ask"));
}

/// Of 70 people in a whole 18 are in its part, and the other 52 err by Poisson's law. The logarithms of the two counts have variances of
/// 1/70 and 1/18 and a correlation of √(18/70), so a covariance of 1/70, and the variance of the difference of two log-normal numbers is
/// Σn²·e^(1/n)·(e^(1/n) − 1) − 2·70·18·e^(1/140 + 1/36)·(e^(1/70) − 1).
#[test]
fn a_complement_of_counts_has_the_counting_error_of_the_rest() {
    let figures = [
        ("World", 2014, 60.0),
        ("World", 2019, 70.0),
        ("Malta", 2014, 12.0),
        ("Malta", 2019, 18.0),
    ];
    let figures = figures
        .map(|(region, year, cases)| Figure::new(region, year, cases, Status::Registered).unwrap());
    let options = OutlookOptions {
        families: vec![Family::Exponential],
        assumed_error: 0.0,
        model_discrepancy: false,
        parts: part_of("Malta", "World"),
        from: Some(2014),
        to: 2020,
        draws: 20_000,
        ..OutlookOptions::default()
    };
    let outlook = Outlook::of(&figures.into_iter().collect(), &options).unwrap();
    let rest = outlook
        .complement("Malta")
        .unwrap()
        .pool()
        .year(2019)
        .unwrap();
    let n = rest.len() as f64;
    let mean = rest.iter().sum::<f64>() / n;
    let variance = rest.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0);
    let of = |n: f64| n * n * n.recip().exp() * n.recip().exp_m1();
    let covariance = 70.0 * 18.0 * (1.0_f64 / 140.0 + 1.0 / 36.0).exp() * 70.0_f64.recip().exp_m1();
    let expected = of(70.0) + of(18.0) - 2.0 * covariance;
    assert!((expected / 52.0 - 1.0).abs() < 0.05, "{expected}");
    assert!(
        (variance / expected - 1.0).abs() < 0.05,
        "{variance}, {expected}"
    );
}

/// A rate, an average and counts that scatter less than people can are not counts (0.1 % point of χ² with 8 degrees of
/// freedom: 0.857; the rates below have 0.08).
#[test]
fn registered_figures_that_are_no_counts_are_doubted() {
    let cautions = |counts: &[f64]| {
        let figures = (2010..)
            .zip(counts)
            .map(|(year, &cases)| Figure::new("Malta", year, cases, Status::Registered).unwrap());
        let outlook = Outlook::of(&figures.collect(), &few_draws()).unwrap();
        outlook.regions()[0].cautions().join(" ")
    };
    let doubted = |counts: &[f64], parts: [bool; 2]| {
        let text = cautions(counts);
        let told = ["is not a whole number", "times as much as people counted"]
            .map(|part| text.contains(part));
        assert_eq!(told, parts, "{text}");
    };
    let rates = [59.5, 61.4, 61.1, 61.9, 62.4, 63.7, 64.2, 62.9, 63.8, 64.9];
    doubted(&[12.4, 18.7], [true, false]);
    doubted(&rates, [true, true]);
    doubted(&rates.map(f64::round), [false, true]);
    doubted(
        &[59.0, 66.0, 52.0, 71.0, 60.0, 57.0, 70.0, 62.0, 75.0, 64.0],
        [false, false],
    );
}

/// Parts that are the whole divided up exceed it in half of the draws, though each is smaller.
#[test]
fn several_parts_of_one_whole_are_told_not_to_fit_together() {
    let figure = |region: &str, year, cases| format!("{region},{year},{cases},estimate\n");
    let rows = [
        figure("W", 2018, 10_000),
        figure("W", 2023, 11_000),
        figure("A", 2018, 5_200),
        figure("A", 2023, 5_700),
        figure("B", 2018, 4_800),
        figure("B", 2023, 5_300),
    ];
    let text = format!("region,year,cases,status\n{}", rows.concat());
    let figures = myeloma_epi::figures::Figures::from_csv("x", &text).unwrap();
    let part = |name: &str| (name.to_owned(), "W".to_owned());
    let outlook = |parts: &[&str]| {
        let options = OutlookOptions {
            draws: 2_000,
            parts: parts.iter().map(|name| part(name)).collect(),
            ..OutlookOptions::default()
        };
        Outlook::of(&figures, &options).unwrap()
    };
    let both = outlook(&["A", "B"]);
    let by_hand = {
        let of = |name: &str| {
            both.region(name)
                .unwrap()
                .new_cases()
                .year(2040)
                .unwrap()
                .to_owned()
        };
        let (whole, parts) = (of("W"), of("A") + of("B"));
        parts
            .iter()
            .zip(&whole)
            .filter(|(parts, whole)| parts >= whole)
            .count()
    };
    assert!((700..1_300).contains(&by_hand), "{by_hand}");
    for complement in both.complements() {
        assert_eq!(complement.parts_not_smaller(), Some(by_hand));
    }
    let said = both.to_string();
    assert_eq!(
        said.matches("its parts add up to as many cases or more")
            .count(),
        1,
        "{said}"
    );
    let one = outlook(&["A"]);
    assert_eq!(one.complements()[0].parts_not_smaller(), None);
    assert!(!one.to_string().contains("its parts add up"));
}

/// Whole numbers of cases in 2012 and 2022 of a part, its whole and the rest, each alone and part and whole together.
fn of_share(share: f64, draws: usize) -> [Outlook; 2] {
    let rows = [5_350.0_f64, 6_310.0].map(|whole| {
        let part = (share * whole).round();
        [("Part", part), ("Whole", whole), ("Rest", whole - part)]
    });
    let figures = [2012, 2022].into_iter().zip(rows).flat_map(|(year, rows)| {
        let figure =
            move |(name, cases)| Figure::new(name, year, cases, Status::Registered).unwrap();
        rows.into_iter().map(figure)
    });
    let figures: Figures = figures.collect();
    let alone = OutlookOptions {
        draws,
        ..OutlookOptions::default()
    };
    let joint = OutlookOptions {
        parts: part_of("Part", "Whole"),
        ..alone.clone()
    };
    [alone, joint].map(|options| Outlook::of(&figures, &options).unwrap())
}

/// However large a part is, its draws and those of its whole fit together, what is drawn of either has the distribution that it has
/// alone, and the complement is about what the rest is by its own counts, and no less uncertain.
#[test]
fn a_complement_is_about_what_the_rest_is_by_itself() {
    let last = |of: &[YearSummary]| *of.last().unwrap();
    let width = |of: &YearSummary| (of.upper95 / of.lower95).ln();
    for (share, widest) in [(0.16, 1.3), (0.5, 1.8), (0.75, 2.3), (0.84, 2.7)] {
        let [alone, joint] = of_share(share, 20_000);
        let complement = joint.complement("Part").unwrap();
        // Independent trends cross in every third draw of the last.
        assert!(complement.replaced().iter().all(|&n| n < 400), "{share}");
        for name in ["Part", "Whole"] {
            let of = |outlook: &Outlook| last(outlook.region(name).unwrap().new_cases_summary());
            let (got, expected) = (of(&joint), of(&alone));
            assert_relative_eq!(got.median, expected.median, max_relative = 0.01);
            assert_relative_eq!(width(&got), width(&expected), max_relative = 0.05);
        }
        let rest = last(alone.region("Rest").unwrap().new_cases_summary());
        let got = last(complement.new_cases_summary());
        assert_relative_eq!(got.median, rest.median, max_relative = 0.03);
        let ratio = width(&got) / width(&rest);
        assert!(ratio > 1.0 && ratio < widest, "{share}: {ratio}");
    }
}

/// Of a part that is nearly all of its whole, how far the draws that stand in the place of others move what is shown is told.
#[test]
fn a_large_part_is_told_to_move_the_medians() {
    let [alone, joint] = of_share(0.97, 4_000);
    let numbers = |of: &Outlook| {
        let last = of
            .region("Whole")
            .unwrap()
            .new_cases_summary()
            .last()
            .unwrap();
        [last.lower95, last.median, last.upper95]
    };
    let factors = numbers(&joint)
        .into_iter()
        .zip(numbers(&alone))
        .map(|(a, b)| a / b);
    let most = factors
        .max_by(|a, b| a.ln().abs().total_cmp(&b.ln().abs()))
        .unwrap();
    let said = |of: &Outlook| of.region("Whole").unwrap().cautions().join(" ");
    let expected = format!(
        "moves the median of 2040 or an end of its 95 % interval by up to {:+.1} %",
        100.0 * (most - 1.0)
    );
    let told = said(&joint);
    assert!(
        told.contains(&expected) && told.contains("(Part in Whole)"),
        "{expected}: {told}"
    );
    assert!(joint.to_string().contains("A part has no fewer"), "{joint}");
    assert!(!said(&alone).contains("A part has"));
    let [_, joint] = of_share(0.16, 2_000);
    assert!(!joint.to_string().contains("A part has"), "{joint}");
}

/// Figures that name no family count as one of their own beside IARC's and GBD's, which is said.
#[test]
fn a_figure_without_a_family_is_told() {
    let outlook = |columns: &str, beside: &str| {
        let rows = [("2019", "164300"), ("2024", "197200")]
            .map(|(year, cases)| format!("World,{year},{cases},commercial{beside}\n"));
        let text = format!("region,year,cases,status{columns}\n{}", rows.concat());
        let figures = myeloma_epi::figures::Figures::from_csv("x", &text).unwrap();
        let options = OutlookOptions {
            draws: 100,
            ..OutlookOptions::myeloma_for(&figures)
        };
        Outlook::of(&figures, &options).unwrap().to_string()
    };
    for (columns, beside, name) in [("", "", "own figures"), (",source", ",mine", "mine")] {
        let said = outlook(columns, beside).replace("\n  ", " ");
        let told = format!("names no family of sources and counts as one of its own, \"{name}\"");
        assert!(said.contains(&told) && said.contains("IARC"), "{said}");
    }
    let said = outlook(",source,family", ",mine,IARC");
    assert!(!said.contains("names no family"), "{said}");
}

/// A count with a digit too many is told; and where nothing else answers how many are diagnosed but the figures.
#[test]
fn a_count_far_from_all_others_is_told() {
    let counts = [
        1_380.0, 1_402.0, 1_431.0, 1_455.0, 14_650.0, 1_502.0, 1_538.0, 1_560.0,
    ];
    let outlook = |counts: &[f64], sd: f64| {
        let figures = (2012..)
            .zip(counts)
            .map(|(year, &cases)| Figure::new("Korea", year, cases, Status::Registered).unwrap());
        let options = OutlookOptions {
            between_source_sd: sd,
            ..few_draws()
        };
        Outlook::of(&figures.collect(), &options)
            .unwrap()
            .to_string()
    };
    let said = outlook(&counts, 0.0);
    assert!(
        said.contains("figure of 2016, 14650,") && said.contains("by this source alone"),
        "{said}"
    );
    let said = outlook(&counts.map(|n| if n > 1e4 { 1_465.0 } else { n }), 0.1);
    assert!(
        !said.contains("figure of 2016") && !said.contains("by this source alone"),
        "{said}"
    );
}

#[test]
fn shocks_are_of_regions_and_years_that_are_there() {
    let series = [two_figures("Atlantis", 1_000.0, 1_100.0, 0.03)];
    let with = |region: &str, year: i32| {
        let mut options = few_draws();
        options.forecast.shocks = Shocks::none().and_of(region, [year]);
        Outlook::of_series(&series, &options).unwrap_err()
    };
    let error = with("Atlantsi", 2019);
    assert!(
        matches!(error.kind(), ErrorKind::Unknown { known, .. } if known == &["Atlantis"]),
        "{error}"
    );
    let error = with("Atlantis", 2013).to_string();
    assert!(error.contains("Atlantis has no count of 2013"), "{error}");
}

#[test]
fn a_projection_is_not_marked() {
    let text = "region,year,cases,status,mark\nA,2017,20,registered,\nA,2022,50,registered,\nA,2025,40,projection,shock\n";
    let figures = Figures::from_csv("a.csv", text).unwrap();
    let error = Outlook::of(&figures, &few_draws()).unwrap_err().to_string();
    assert!(error.contains("A for 2025 is marked"), "{error}");
}

/// What helps is said of the figure that is at fault.
#[test]
fn impossible_figures_are_named() {
    let of = |last: (i32, f64), mark: Option<Mark>| {
        let registered = [(2014, 20.0), (2017, 25.0), (2020, 24.0), last];
        let figures = registered
            .map(|(year, cases)| Figure::new("Atlantis", year, cases, Status::Registered).unwrap());
        let series = IncidenceSeries::from_figures(&Figures::from_iter(figures), "Atlantis");
        let series = series
            .unwrap()
            .with_mark(mark.unwrap_or(Mark::Shock), mark.map(|_| last.0));
        one(
            &series.unwrap(),
            &OutlookOptions {
                draws: 200,
                ..OutlookOptions::default()
            },
        )
    };
    let error = of((2023, 0.0), Some(Mark::Provisional))
        .unwrap_err()
        .to_string();
    for said in [
        "Atlantis",
        "2023",
        "marked as provisional",
        "mark it as a shock",
    ] {
        assert!(error.contains(said), "{error}");
    }
    assert!(of((2023, 0.0), Some(Mark::Shock)).is_ok());
    let error = of((2023, 1e300), None).unwrap_err().to_string();
    for said in ["Atlantis", "2023", "1e300", "1e15"] {
        assert!(error.contains(said), "{error}");
    }
}
