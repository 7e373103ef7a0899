//! What rests on years of diagnosis that were not given, against `SciPy` (`data/earlier.py`).

use std::collections::BTreeSet;

use approx::assert_relative_eq;
use myeloma_epi::pathway::{
    Delay, DelayedStarts, Entry, FlowOptions, Group, Line, Pathway, Share, ShareDistribution,
    SojournTime, UltimateShare, evidence::Preset,
};
use myeloma_epi::{ErrorKind, Outlook, OutlookOptions, Seed, TherapyModel, YearlyDraws, figures};
use ndarray::Array2;

#[derive(serde::Deserialize)]
struct Reference {
    growth: f64,
    rows: Vec<Row>,
}

#[derive(serde::Deserialize)]
struct Row {
    year: i32,
    continued: f64,
    empty: f64,
    lacking: f64,
}

fn reference() -> Reference {
    serde_json::from_str(include_str!("../data/earlier.json")).unwrap()
}

fn incidence(growth: f64) -> YearlyDraws {
    let cases = |(year, draw): (usize, usize)| {
        (draw + 1) as f64 / 2.0 * 3200.0 * growth.powi(i32::try_from(year).unwrap())
    };
    // Three draws, of which the second is the reference.
    YearlyDraws::new(2019, Array2::from_shape_fn((22, 3), cases)).unwrap()
}

fn times() -> [SojournTime; 2] {
    [(1.1, 3.0), (0.95, 2.0)].map(|(shape, scale)| SojournTime::weibull(shape, scale).unwrap())
}

fn only_given() -> FlowOptions {
    FlowOptions {
        cohorts: Some(2019..=2040),
        ..FlowOptions::to(2040)
    }
}

#[test]
fn incidence_is_continued_backwards_unless_the_cohorts_are_stated() {
    let Reference { growth, rows } = reference();
    let incidence = incidence(growth);
    let [first, second] = times();
    let delay = Delay::new(first.clone(), second.clone());
    let pathway = Pathway::of_lines([
        Line::new(first, Share::new(0.65).unwrap()),
        Line::new(second, Share::new(0.55).unwrap()),
        Line::new(
            SojournTime::exponential(1.0).unwrap(),
            Share::new(0.0).unwrap(),
        ),
    ])
    .unwrap();
    let ever = UltimateShare::new(0.65 * 0.55, 0.65 * 0.55, ShareDistribution::Uniform).unwrap();
    for (options, continued) in [(FlowOptions::to(2040), true), (only_given(), false)] {
        let starts = delay.starts(&incidence, &ever, &options).unwrap();
        let flow = pathway.flow(&incidence, &options).unwrap();
        assert_eq!((starts.first_given(), flow.first_given()), (2019, 2019));
        let first = if continued { 1979 } else { 2019 };
        assert_eq!(flow.years(), first..=2040);
        assert_eq!(starts.starts().first_year(), first);
        for row in &rows {
            let expected = if continued { row.continued } else { row.empty };
            let by_delay = starts.starts().year(row.year).unwrap();
            let by_flow = flow.starts(3).unwrap().year(row.year).unwrap();
            for draw in 0..3 {
                let expected = (draw + 1) as f64 / 2.0 * expected;
                assert_relative_eq!(by_delay[draw], expected, max_relative = 1e-8);
                assert_relative_eq!(by_flow[draw], expected, epsilon = 1e-6 * 12_000.0);
            }
            let share = starts.share_not_given(row.year).unwrap();
            assert_relative_eq!(share, row.lacking, epsilon = 1e-9);
            let share = flow.share_not_given("starts_3", row.year).unwrap();
            assert_relative_eq!(share, row.lacking, epsilon = 2e-4);
            // Every year of which a hundredth or more rests on it has its caution.
            for cautions in [starts.cautions(), flow.cautions()] {
                let named = cautions.iter().any(|caution| {
                    caution.contains("starts") && caution.contains(&format!("% in {}", row.year))
                });
                assert_eq!(named, row.lacking >= 0.01, "{} in {cautions:?}", row.year);
                assert_eq!(
                    cautions.concat().contains("continued backwards to 1979, changing by +3.0 % a year, as from 2019 to 2024"),
                    continued
                );
            }
        }
        if continued {
            assert_eq!(flow.share_not_given("starts_3", 2000).unwrap(), 1.0);
        }
        assert!(flow.share_not_given("starts_3", 1978).is_err());
        assert!(starts.share_not_given(2041).is_err());
        let error = flow.share_not_given("start_3", 2030).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Unknown { .. }), "{error}");
    }
}

/// World from 2019 on, an exponential curve, the shares and times of the Chinese centre: 1,516 patients start third line
/// in 2019 where nobody was diagnosed before; the same model from 1980 has 68,850.
#[test]
fn a_projection_has_the_patients_of_before() {
    let model = |from: &str| {
        let pathway = serde_json::to_string(&Preset::of("west_china").unwrap().pathway).unwrap();
        let text = format!(
            r#"{{"region": "World", "to": 2025, "pathway": {pathway}, "incidence": {{"project": {{
                "series": {{"region": "World", "observations": [{{"year": 2019, "cases": 164300, "relative_error": 1e-9}},
                {{"year": 2024, "cases": 197200, "relative_error": 1e-9}}]}}, "curve": "exponential", {from} "draws": 4}}}}}}"#
        );
        TherapyModel::from_json("model", &text)
            .unwrap()
            .flow()
            .unwrap()
    };
    let starts = |from: &str, year| {
        let flow = model(from);
        flow.starts(3).unwrap().median(year).unwrap()
    };
    for (year, expected) in [(2019, 68_850.0), (2025, 86_057.0)] {
        // Uncertain shares of four draws move the median by a few per cent; the two runs have the same ones.
        let early = starts(r#""from": 1980,"#, year);
        assert_relative_eq!(starts("", year), early, max_relative = 1e-3);
        assert_relative_eq!(early, expected, max_relative = 0.05);
    }
    let late = model(r#""from": 2019,"#);
    assert!(late.share_not_given("starts_3", 2019).unwrap() > 0.97);
    assert!(
        late.cautions()
            .concat()
            .contains("nobody diagnosed before 2019"),
        "{:?}",
        late.cautions()
    );
}

/// Known numbers in a file begin empty, as they say, unless the file asks for more.
#[test]
fn known_numbers_begin_empty_or_where_the_file_says() {
    let Reference { growth, rows } = reference();
    let cases: Vec<f64> = (0..22).map(|year| 3200.0 * growth.powi(year)).collect();
    let flow = |from: &str| {
        let text = format!(
            r#"{{"region": "Atlantis", "to": 2040, "incidence": {{"by_year": {{"first_year": 2019, {from}
                "cases": {cases:?}}}}}, "pathway": {{"groups": [{{"name": "all", "weight": 1, "lines": [
                {{"stay": {{"family": "weibull", "shape": 1.1, "scale": 3.0}}, "next": 0.65}},
                {{"stay": {{"family": "weibull", "shape": 0.95, "scale": 2.0}}, "next": 0.55}},
                {{"stay": {{"family": "exponential", "scale": 1.0}}}}]}}]}}}}"#
        );
        TherapyModel::from_json("model", &text)
            .unwrap()
            .flow()
            .unwrap()
    };
    let (empty, early) = (flow(""), flow(r#""from": 1979,"#));
    for row in &rows {
        let starts =
            |flow: &myeloma_epi::pathway::Flow| flow.starts(3).unwrap().median(row.year).unwrap();
        assert_relative_eq!(starts(&empty), row.empty, epsilon = 1e-2);
        assert_relative_eq!(starts(&early), row.continued, epsilon = 1e-2);
    }
    assert!(
        empty
            .to_string()
            .contains("nobody diagnosed before 2019 is counted")
    );
}

#[test]
fn what_cannot_be_continued_begins_empty_or_is_refused() {
    let delay = Delay::new(
        SojournTime::exponential(2.0).unwrap(),
        SojournTime::exponential(1.0).unwrap(),
    );
    let share = UltimateShare::new(0.5, 0.5, ShareDistribution::Uniform).unwrap();
    let incidence = |cases: &[f64]| {
        let cases = Array2::from_shape_vec((cases.len(), 1), cases.to_vec()).unwrap();
        YearlyDraws::new(2020, cases).unwrap()
    };
    // Cohorts most of which are of nobody.
    for cases in [&[1000.0, 0.0, 0.0][..], &[3.0, 0.0, 2.0, 0.0, 0.0, 3.0]] {
        let last = 2019 + i32::try_from(cases.len()).unwrap();
        let starts = delay
            .starts(&incidence(cases), &share, &FlowOptions::to(last))
            .unwrap();
        assert_eq!(starts.starts().first_year(), 2020);
        assert!(starts.cautions()[0].contains("nobody diagnosed before 2020"));
        let options = FlowOptions {
            cohorts: Some(2010..=last),
            ..FlowOptions::to(last)
        };
        let error = delay
            .starts(&incidence(cases), &share, &options)
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("2010") && error.contains("2020 or later"),
            "{error}"
        );
    }
    // A year without a case, wherever it is, and a decline that cannot have gone on for long: as many before as in the
    // mean of the first six years.
    for cases in [
        [0.0, 120.0, 120.0, 120.0, 120.0, 120.0],
        [120.0, 120.0, 0.0, 120.0, 120.0, 120.0],
        [120.0, 120.0, 120.0, 120.0, 120.0, 0.0],
        [300e6, 150e6, 75e6, 40e6, 25e6, 10e6],
    ] {
        let mean = cases.iter().sum::<f64>() / 6.0;
        let options = FlowOptions::to(2025);
        let starts = delay.starts(&incidence(&cases), &share, &options).unwrap();
        let steady = [mean; 40].into_iter().chain(cases).collect::<Vec<_>>();
        let given = Array2::from_shape_vec((46, 1), steady).unwrap();
        let given = YearlyDraws::new(1980, given).unwrap();
        let options = FlowOptions {
            cohorts: Some(1980..=2025),
            ..FlowOptions::to(2025)
        };
        let of_given = delay.starts(&given, &share, &options).unwrap();
        for year in 2020..=2025 {
            let [a, b] = [&starts, &of_given].map(|starts| starts.median(year).unwrap());
            assert_relative_eq!(a, b, max_relative = 1e-12);
        }
        assert!(starts.cautions()[0].contains(
            "continued backwards to 1980, as many a year as in the mean of 2020 to 2025"
        ));
    }
    // Cohorts that begin later are not continued, and what would be missing is told.
    let later = [0.0, 0.0, 0.0, 0.0, 0.0, 600.0];
    let starts = delay
        .starts(&incidence(&later), &share, &FlowOptions::to(2025))
        .unwrap();
    assert_eq!(starts.starts().first_year(), 2020);
    assert!(starts.cautions()[0].contains("nobody diagnosed before 2020"));
    // One year has no growth: as many in every year before.
    let starts = delay
        .starts(&incidence(&[1000.0]), &share, &FlowOptions::to(2020))
        .unwrap();
    assert_relative_eq!(starts.median(2020).unwrap(), 500.0, max_relative = 1e-6);
    // A time so long that 40 years are not enough.
    let long = Delay::new(
        SojournTime::exponential(30.0).unwrap(),
        SojournTime::exponential(1.0).unwrap(),
    );
    let starts = long
        .starts(&incidence(&[1000.0; 3]), &share, &FlowOptions::to(2022))
        .unwrap();
    assert!(
        starts
            .cautions()
            .iter()
            .any(|c| c.contains("begin earlier")),
        "{:?}",
        starts.cautions()
    );
}

/// Growth is shrunk by its counting error. Everybody is diagnosed in the middle of a year and 40 % of them start after an
/// exponential time of mean m = 3: from n·e^(−g·k) diagnosed k years before, for 40 years, with q = e^(−g − 1/m),
/// 0.4·n·e^(1/2m)·(1 − e^(−1/m))·q·(1 − q⁴⁰)/(1 − q) start in the first year, and 0.4·n·(1 − e^(−1/2m)) of its own. With
/// g = ln(n₅/n₀)/5·τ²/(τ² + (1/n₀ + 1/n₅)/25), τ² = 0.0072²/(1 − 0.886²) + 0.0127²; computed with Python.
#[test]
fn the_growth_of_small_counts_is_shrunk_by_their_error() {
    let delay = Delay::new(SojournTime::exponential(3.0).unwrap(), SojournTime::none());
    let share = UltimateShare::new(0.4, 0.4, ShareDistribution::Uniform).unwrap();
    let options = FlowOptions {
        entry: Entry::MidYear,
        tolerance: 1e-9,
        ..FlowOptions::to(2015)
    };
    let steep = |decline: f64| [1e6, 9e5, 8.5e5, 8e5, 7.8e5, 1e6 * (-5.0 * decline).exp()];
    for (cases, expected, said) in [
        (
            [100.0, 110.0, 120.0, 130.0, 140.0, 150.0],
            36.662_719_476_385_17,
            "changing by +3.1 % a year, the +8.4 % from 2010 to 2015 shrunk by the error of counts so small",
        ),
        (
            [1.0e5, 1.1e5, 1.2e5, 1.3e5, 1.4e5, 1.5e5],
            32_236.903_117_291_12,
            "changing by +8.4 % a year, as from 2010 to 2015",
        ),
        // The first years of Malta's registry in a file of a user.
        (
            [9.0, 6.0, 5.0, 4.0, 3.0, 1.0],
            3.642_894_691_998_993,
            "changing by -0.4 % a year, the -35.6 % from 2010 to 2015 shrunk",
        ),
        // A thousand read as 1, and years between figures.
        (
            [412.0, 425.8, 440.2, 455.0, 59.38, 7.752],
            198.328_719_594_406_92,
            "changing by -5.5 % a year, the -54.8 % from 2010 to 2015 shrunk",
        ),
        // Below 1 as of 1.
        (
            [0.5, 0.6, 0.7, 0.8, 0.9, 1.2],
            0.199_430_700_215_765_26,
            "changing by +0.1 % a year, the +19.1 % from",
        ),
        // In 40 years a tenth: ln(10)/40 is 0.05756.
        (
            steep(0.0575),
            483_101.250_717_027_8,
            "changing by -5.6 % a year, as from 2010 to 2015",
        ),
        (
            steep(0.058),
            347_983.999_513_186_75,
            "as many a year as in the mean of 2010 to 2015",
        ),
        (
            [1e6, 1e5, 1e4, 1e3, 100.0, 10.0],
            124_109.495_780_878_34,
            "as many a year as in the mean of 2010 to 2015",
        ),
    ] {
        let incidence = Array2::from_shape_vec((6, 1), cases.to_vec()).unwrap();
        let incidence = YearlyDraws::new(2010, incidence).unwrap();
        let starts = delay.starts(&incidence, &share, &options).unwrap();
        assert_relative_eq!(starts.median(2010).unwrap(), expected, max_relative = 1e-6);
        let told = &starts.cautions()[0];
        assert!(told.contains(said), "{told}");
        // What a file says of it is what follows from the first years, and a file from before it was shrunk is refused.
        let text = serde_json::to_string(&starts).unwrap();
        assert_eq!(
            serde_json::from_str::<DelayedStarts>(&text).unwrap(),
            starts
        );
        if let Some((before, after)) = text.split_once("\"shrunk_from\":") {
            let after = after.split_once(',').unwrap().1;
            let error = serde_json::from_str::<DelayedStarts>(&format!("{before}{after}"));
            let error = error.unwrap_err().to_string();
            assert!(error.contains("counting error"), "{error}");
        }
    }
    // Twice as many years as a decline of 5 % a year allows.
    let declining = |(year, _): (usize, usize)| 1e9 * (-0.05 * year as f64).exp();
    let incidence = YearlyDraws::new(2010, Array2::from_shape_fn((6, 1), declining)).unwrap();
    for (from, at_the_mean) in [(1965, false), (1930, true)] {
        let options = FlowOptions {
            cohorts: Some(from..=2015),
            ..options.clone()
        };
        let starts = delay.starts(&incidence, &share, &options).unwrap();
        assert_eq!(starts.cautions()[0].contains("in the mean of"), at_the_mean);
    }
}

/// Whatever the counts of the first years are, nobody can start third line more than ten times as often as were diagnosed in the
/// largest year and reach it.
#[test]
fn starts_are_no_more_than_the_cohorts_allow() {
    let delay = Delay::new(
        SojournTime::exponential(2.5).unwrap(),
        SojournTime::exponential(1.5).unwrap(),
    );
    let share = UltimateShare::new(0.4, 0.4, ShareDistribution::Uniform).unwrap();
    for size in [1.0, 20.0, 1e6] {
        for number in 0..4_u32.pow(6) {
            // All sequences of six of four sizes, from none to all.
            let of_year =
                |year: u32| [0.0, 0.05, 0.5, 1.0][(number / 4_u32.pow(year) % 4) as usize];
            let cases: Vec<f64> = (0..6).map(|year| size * of_year(year)).collect();
            let most = cases.iter().fold(0.0_f64, |most, n| most.max(*n));
            let incidence = Array2::from_shape_vec((6, 1), cases.clone()).unwrap();
            let incidence = YearlyDraws::new(2010, incidence).unwrap();
            let starts = delay
                .starts(&incidence, &share, &FlowOptions::to(2015))
                .unwrap();
            for year in 2010..=2015 {
                let of_year = starts.median(year).unwrap();
                assert!(of_year <= 10.0 * 0.4 * most, "{cases:?}: {of_year}");
            }
        }
    }
}

/// The registry trend begins with its first forecast year. The same starts from exponential growth through the two
/// published figures, in closed form: 0.35·197,200·g·(mean of e^(−delay·ln g)), g = (197,200/164,300)^(1/5), about 62,000.
#[test]
fn draws_that_begin_in_the_future_have_a_past() {
    let options = OutlookOptions {
        draws: 2_000,
        ..OutlookOptions::default()
    };
    let outlook = Outlook::of(figures::press_release(), &options).unwrap();
    let cases = outlook.region("World").unwrap().new_cases();
    let (first, second) = (2.525, 1.49);
    let delay = Delay::new(
        SojournTime::exponential(first).unwrap(),
        SojournTime::exponential(second).unwrap(),
    );
    let starts = delay
        .starts(cases, &options.share, &FlowOptions::to(2040))
        .unwrap();
    let growth = (197_200.0_f64 / 164_300.0).ln() / 5.0;
    let expected =
        0.35 * 197_200.0 * growth.exp() / ((1.0 + growth * first) * (1.0 + growth * second));
    let median = starts.median(2025).unwrap();
    assert_relative_eq!(median, expected, max_relative = 0.05);
    assert!(starts.share_not_given(2025).unwrap() > 0.6);
    assert!(
        starts
            .cautions()
            .iter()
            .any(|c| c.contains("third-line starts rest on"))
    );
}

/// Steady incidence, all diagnosed in the middle of a year, and an exponential delay with mean 10 years: of those who start
/// in the first year (e^(−3.05) − e^(−4.05))/(1 − e^(−4.05)) = 3.05 % were diagnosed 31 to 40 years before.
#[test]
fn the_oldest_quarter_of_the_years_continued_is_told() {
    let delay = Delay::new(SojournTime::exponential(10.0).unwrap(), SojournTime::none());
    let share = UltimateShare::new(0.35, 0.35, ShareDistribution::Uniform).unwrap();
    let incidence = YearlyDraws::new(2019, Array2::from_elem((6, 1), 1000.0)).unwrap();
    let options = FlowOptions {
        entry: Entry::MidYear,
        ..FlowOptions::to(2024)
    };
    let cautions = delay
        .starts(&incidence, &share, &options)
        .unwrap()
        .cautions();
    let told = "in 2019, 3 % were diagnosed in the first quarter of the 40 years";
    assert!(cautions.iter().any(|c| c.contains(told)), "{cautions:?}");
}

/// Of those diagnosed at a rate that has grown by g a year without end, the part of a state with an exponential time of
/// mean m that was there n years ago is e^(−n·(1/m + g)): in closed form for those never treated, in first line, off
/// treatment at once and lost at once, at either moment and either entry; and of the deaths in first line,
/// ∫e^(−t(1/m + g)) over the year. All are told, not only the lines.
#[test]
fn each_number_says_what_rests_on_years_that_were_not_given() {
    let exponential = |mean| SojournTime::exponential(mean).unwrap();
    let share = |share| Share::new(share).unwrap();
    let off = Line::new(exponential(4.0), share(0.0)).with_death(share(1.0));
    // First line ends at once for those who go off treatment or are lost, whose states so begin at diagnosis.
    let group = |name, weight, lines| Group::new(name, share(weight), [lines]).unwrap();
    let pathway = {
        let at_once =
            Line::new(SojournTime::none(), share(0.0)).with_off_treatment(share(0.5), off.clone());
        let stays = Line::new(exponential(3.0), share(0.0));
        Pathway::new([
            group("leave", 0.4, at_once.with_death(share(0.0)))
                .with_lost_survival(exponential(1.5)),
            group("stay", 0.6, stays).with_never_treated(share(0.2), Some(exponential(2.0))),
        ])
        .unwrap()
    };
    for growth in [0.0, -0.05, 0.03] {
        // So many that nothing is counting error.
        let cases = |(year, _): (usize, usize)| 1e12 * (growth * year as f64).exp();
        let incidence = YearlyDraws::new(2000, Array2::from_shape_fn((8, 1), cases)).unwrap();
        for entry in [Entry::UniformOverYear, Entry::MidYear] {
            let given = FlowOptions {
                entry,
                tolerance: 1e-7,
                ..FlowOptions::to(2007)
            };
            let empty = FlowOptions {
                cohorts: Some(2000..=2007),
                ..given.clone()
            };
            for options in [given, empty] {
                let flow = pathway.flow(&incidence, &options).unwrap();
                for (name, mean) in [
                    ("living_never_treated", 2.0),
                    ("in_line_1", 3.0),
                    ("off_treatment_1", 4.0),
                    ("living_lost", 1.5),
                ] {
                    for year in 2000..=2004 {
                        let ago = f64::from(year - 1999);
                        let expected = (-ago * (1.0 / mean + growth)).exp();
                        let got = flow
                            .share_not_given(&format!("{name}_year_end"), year)
                            .unwrap();
                        assert_relative_eq!(got, expected, epsilon = 3e-4);
                    }
                }
                let said = flow.cautions().join("\n");
                let percent = 100.0 * (-(0.5 + growth)).exp();
                let verb = if options.cohorts.is_some() {
                    "lack"
                } else {
                    "rest on"
                };
                let sentence = format!(
                    "patients never treated at the end of the year {verb} those diagnosed before 2000: {percent:.0} % in 2000"
                );
                assert!(said.contains(&sentence), "{said}");
                for who in [
                    "off treatment after line 1",
                    "lost to further therapy",
                    "deaths of line 1",
                    "the dead",
                ] {
                    assert!(said.contains(who), "{who}: {said}");
                }
            }
        }
    }
    // Steady, at a steady rate through the year: deaths of the year n in first line are of those before by
    // 3e^(−n/3)(1 − e^(−1/3)).
    let only_line = Pathway::of_lines([Line::new(exponential(3.0), share(0.0))]).unwrap();
    let steady = YearlyDraws::new(2000, Array2::from_elem((8, 1), 1_000.0)).unwrap();
    let flow = only_line.flow(&steady, &FlowOptions::to(2007)).unwrap();
    for n in 0..5 {
        let expected = 3.0 * (-f64::from(n) / 3.0).exp() * -(-1.0_f64 / 3.0).exp_m1();
        let got = flow.share_not_given("deaths_1", 2000 + n).unwrap();
        assert_relative_eq!(got, expected, epsilon = 3e-4);
    }
}

/// Every number of a flow with all states, against matrix exponentials (`data/not_given.py`): as it is asked for, and as
/// `by_year.csv` and `by_state_not_given.csv` have it, whether incidence is continued backwards or begins empty.
#[test]
fn the_files_say_what_rests_on_years_that_were_not_given() {
    #[derive(serde::Deserialize)]
    struct Reference {
        quantity: String,
        shares: Vec<f64>,
    }
    let reference: Vec<Reference> =
        serde_json::from_str(include_str!("../data/not_given.json")).unwrap();
    let expected = |quantity: &str, year: usize| {
        let row = reference.iter().find(|row| row.quantity == quantity);
        row.unwrap().shares[year - 2000]
    };
    let exponential = |mean| SojournTime::exponential(mean).unwrap();
    let share = |share| Share::new(share).unwrap();
    let off = Line::new(exponential(1.5), share(0.6)).with_death(share(0.3));
    let first = Line::new(exponential(3.0), share(0.45))
        .with_off_treatment(share(0.25), off)
        .with_death(share(0.2));
    let second = Line::new(exponential(1.2), share(0.0)).with_death(share(0.7));
    let group = Group::new("all", share(1.0), [first, second]).unwrap();
    let group = group
        .with_never_treated(share(0.1), Some(exponential(1.0)))
        .with_lost_survival(exponential(2.0));
    let pathway = Pathway::new([group]).unwrap();
    let cases = |(year, draw): (usize, usize)| {
        // So many that nothing is counting error.
        1e12 * (draw + 1) as f64 * 1.03_f64.powi(i32::try_from(year).unwrap())
    };
    let incidence = YearlyDraws::new(2000, Array2::from_shape_fn((12, 3), cases)).unwrap();
    let continued = FlowOptions::to(2011);
    let empty = FlowOptions {
        cohorts: Some(2000..=2011),
        ..continued.clone()
    };
    let mut seen = BTreeSet::new();
    for (options, before) in [(continued, 40), (empty, 0)] {
        let flow = pathway.flow(&incidence, &options).unwrap();
        for row in &reference {
            for (year, share) in (2000..).zip(&row.shares) {
                let got = flow.share_not_given(&row.quantity, year).unwrap();
                assert_relative_eq!(got, *share, epsilon = 3e-4);
            }
        }
        // A row of a file: the numbers of a year, and of which quantities they are the shares.
        let mut cells = Vec::new();
        let by_year = flow.to_csv().unwrap();
        assert!(by_year.starts_with("year,line,starts,prevalence_year_end,deaths,lost,"));
        for row in csv::Reader::from_reader(by_year.as_bytes()).records() {
            let row = row.unwrap();
            for (cell, name) in ["starts_#", "in_line_#_year_end", "deaths_#", "lost_#"]
                .iter()
                .enumerate()
            {
                cells.push((
                    row[0].to_owned(),
                    name.replace('#', &row[1]),
                    row[6 + cell].to_owned(),
                ));
            }
        }
        let by_state = flow.states_csv();
        assert!(by_state.starts_with("year,state,patients,lower95,upper95\n"));
        let not_given = flow.states_not_given_csv();
        for (row, beside) in csv::Reader::from_reader(not_given.as_bytes())
            .records()
            .zip(csv::Reader::from_reader(by_state.as_bytes()).records())
        {
            let (row, beside) = (row.unwrap(), beside.unwrap());
            assert_eq!((&row[0], &row[1]), (&beside[0], &beside[1]));
            let name = match &row[1] {
                "never_treated" => "living_never_treated".to_owned(),
                "lost" => "living_lost".to_owned(),
                "dead" => "dead".to_owned(),
                line if line.starts_with("line") => format!("in_{line}"),
                off => off.replace("off", "off_treatment"),
            };
            cells.push((
                row[0].to_owned(),
                format!("{name}_year_end"),
                row[2].to_owned(),
            ));
        }
        assert_eq!(by_state.lines().count(), not_given.lines().count());
        assert_eq!(cells.len(), (12 + before) * (8 + 7));
        for (year, name, cell) in cells {
            let (year, share): (usize, f64) = (year.parse().unwrap(), cell.parse().unwrap());
            if year < 2000 {
                assert_eq!(share, 1.0, "{name} {year}");
            } else {
                assert_relative_eq!(share, expected(&name, year), epsilon = 3.5e-4);
                seen.insert(name);
            }
        }
    }
    // Failures, those never treated and later deaths stand in neither file.
    assert_eq!((reference.len(), seen.len()), (24, 8 + 5));
}

type Starts<'a> = dyn Fn(&FlowOptions) -> myeloma_epi::Result<YearlyDraws> + 'a;

/// None of the options of a flow is ignored, by a delay or by a pathway.
#[test]
fn every_option_of_a_flow_acts() {
    let [first, second] = times().map(|time| time.with_relative_error(0.1).unwrap());
    let delay = Delay::new(first.clone(), second.clone());
    let share = Share::range(0.5, 0.7, ShareDistribution::Uniform).unwrap();
    let pathway = Pathway::of_lines([
        Line::new(first, share.clone()),
        Line::new(second, share),
        Line::new(
            SojournTime::exponential(1.0).unwrap(),
            Share::new(0.0).unwrap(),
        ),
    ])
    .unwrap();
    let ever = UltimateShare::new(0.3, 0.4, ShareDistribution::Uniform).unwrap();
    let incidence = incidence(1.03);
    let by_delay =
        |options: &FlowOptions| Ok(delay.starts(&incidence, &ever, options)?.starts().clone());
    let by_flow = |options: &FlowOptions| Ok(pathway.flow(&incidence, options)?.starts(3)?.clone());
    let base = FlowOptions::to(2040);
    for starts in [&by_delay as &Starts<'_>, &by_flow] {
        let unchanged = starts(&base).unwrap();
        for changed in [
            FlowOptions::to(2039),
            FlowOptions {
                entry: Entry::MidYear,
                ..base.clone()
            },
            only_given(),
            FlowOptions {
                seed: Seed::new(77),
                ..base.clone()
            },
        ] {
            assert!(starts(&changed).unwrap() != unchanged, "{changed:?}");
        }
        let impossible = FlowOptions {
            tolerance: 1e-30,
            ..base.clone()
        };
        assert!(starts(&impossible).is_err());
    }
}

/// One draw of what is uncertain is one of many, and told; the centre, which a simulation has, is not.
#[test]
fn a_single_draw_of_what_is_uncertain_is_told() {
    let [first, second] = times();
    let last = || {
        Line::new(
            SojournTime::exponential(1.0).unwrap(),
            Share::new(0.0).unwrap(),
        )
    };
    let uncertain = Share::range(0.5, 0.7, ShareDistribution::Uniform).unwrap();
    let pathway = |next| Pathway::of_lines([Line::new(first.clone(), next), last()]).unwrap();
    let incidence = |draws| YearlyDraws::new(2019, Array2::from_elem((3, draws), 1_000.0)).unwrap();
    let is_told = |cautions: Vec<String>| {
        cautions
            .iter()
            .any(|caution| caution.contains("one draw of them"))
    };
    let options = FlowOptions::to(2021);
    for (share, draws, told) in [
        (uncertain.clone(), 1, true),
        (uncertain.clone(), 2, false),
        (Share::new(0.6).unwrap(), 1, false),
    ] {
        let flow = pathway(share).flow(&incidence(draws), &options).unwrap();
        assert_eq!(is_told(flow.cautions()), told);
    }
    let simulated = pathway(uncertain).simulate(2019, &[100, 100], Entry::MidYear, Seed::new(1));
    assert!(!is_told(simulated.unwrap().cautions()));
    let range = |high| UltimateShare::new(0.3, high, ShareDistribution::Uniform).unwrap();
    let known = Delay::new(first.clone(), second.clone());
    let erring = Delay::new(first.with_relative_error(0.1).unwrap(), second);
    for (delay, high, draws, told) in [
        (&known, 0.4, 1, true),
        (&known, 0.3, 1, false),
        (&known, 0.4, 2, false),
        (&erring, 0.3, 1, true),
    ] {
        let starts = delay
            .starts(&incidence(draws), &range(high), &options)
            .unwrap();
        assert_eq!(is_told(starts.cautions()), told, "{high} {draws}");
    }
}

/// Intervals of fewer than 41 draws are those of the extreme draws, and what does not vary has none.
#[test]
fn few_draws_are_told() {
    let [first, second] = times();
    let delay = Delay::new(first.clone(), second);
    let share = UltimateShare::new(0.3, 0.3, ShareDistribution::Uniform).unwrap();
    let last = Line::new(
        SojournTime::exponential(1.0).unwrap(),
        Share::new(0.0).unwrap(),
    );
    let pathway = Pathway::of_lines([Line::new(first, Share::new(0.6).unwrap()), last]).unwrap();
    let options = FlowOptions::to(2021);
    for (draws, by, told) in [
        (7, 10.0, true),
        (40, 10.0, true),
        (41, 10.0, false),
        (7, 0.0, false),
    ] {
        let cases = |(_, draw): (usize, usize)| 1_000.0 + by * draw as f64;
        let incidence = YearlyDraws::new(2019, Array2::from_shape_fn((3, draws), cases)).unwrap();
        let flow = pathway.flow(&incidence, &options).unwrap();
        let starts = delay.starts(&incidence, &share, &options).unwrap();
        let said = format!("the least and the greatest of {draws} draws");
        for cautions in [flow.cautions(), starts.cautions()] {
            assert_eq!(
                cautions.concat().contains(&said),
                told,
                "{draws}: {cautions:?}"
            );
        }
        let heading = flow
            .to_string()
            .starts_with("medians, and below them 95 % intervals\n");
        assert_eq!(heading, by > 0.0);
    }
}

/// A first line that takes no time holds nobody, and no caution speaks of who is in it.
#[test]
fn nobody_is_not_told_of() {
    let time = |mean: f64| SojournTime::exponential(mean).unwrap();
    let known = |share: f64| Share::new(share).unwrap();
    let pathway = Pathway::of_lines([
        Line::new(
            SojournTime::none(),
            Share::counted_times(55.0, 100.0, 1.2).unwrap(),
        ),
        Line::new(time(2.0), known(0.0)),
    ])
    .unwrap();
    let incidence = YearlyDraws::new(2000, Array2::from_elem((10, 50), 100.0)).unwrap();
    let options = FlowOptions {
        cohorts: Some(2000..=2009),
        ..FlowOptions::to(2009)
    };
    let flow = pathway.flow(&incidence, &options).unwrap();
    let told = flow.cautions().join("\n");
    assert!(
        told.contains("patients in line 2") && !told.contains("patients in line 1"),
        "{told}"
    );
}
