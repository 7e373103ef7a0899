//! The cohort convolution: against a reference made elsewhere, closed forms, the delay, and itself on finer grids.

use approx::assert_relative_eq;
use myeloma_epi::pathway::{
    Entry, Flow, FlowOptions, Group, Line, Moment, Pathway, Share, SojournTime,
};
use myeloma_epi::{Seed, YearlyDraws};
use ndarray::Array2;

use crate::models::{constant, four_lines, known, quantities, reference, rich};

#[test]
fn the_cohort_convolution_agrees_with_the_reference() {
    let flow = four_lines().flow().unwrap();
    assert!(flow.numerical_error().unwrap() <= 1e-6);
    for (year, row) in (2019..).zip(reference()) {
        for (line, expected) in (1..).zip(row) {
            let got = flow
                .in_line(line, Moment::YearEnd)
                .unwrap()
                .median(year)
                .unwrap();
            let tolerance = if expected >= 20.0 { 1e-6 } else { 1e-5 };
            assert_relative_eq!(got, expected, max_relative = tolerance);
        }
    }
    assert!(flow.conservation_gap() < 1e-12);
}

/// Two exponential lines with rates a and b: of those diagnosed a time t ago, e^(−at) are in first
/// line and p·a(e^(−at) − e^(−bt))/(b − a) in second (Cox & Miller 1965, chapter 4).
#[test]
fn exponential_lines_have_closed_forms() {
    let (a, b, p) = (1.0 / 2.5, 1.0 / 0.9, 0.7);
    let pathway = Pathway::of_lines([
        Line::new(SojournTime::exponential(2.5).unwrap(), known(p)),
        Line::new(SojournTime::exponential(0.9).unwrap(), known(0.0)),
    ])
    .unwrap();
    let first = |t: f64| (-a * t).exp();
    let second = |t: f64| p * a * ((-a * t).exp() - (-b * t).exp()) / (b - a);
    let integral = |r: f64, from: f64, to: f64| ((-r * from).exp() - (-r * to).exp()) / r;
    for entry in [Entry::UniformOverYear, Entry::MidYear] {
        let options = FlowOptions {
            entry,
            tolerance: 1e-9,
            cohorts: Some(2019..=2019),
            ..FlowOptions::to(2030)
        };
        let flow = pathway.flow(&constant(2019, 12, 1.0), &options).unwrap();
        for (i, year) in (2019..=2030).enumerate() {
            let end = i as f64 + 1.0;
            let (one, two) = if entry == Entry::MidYear {
                (first(end - 0.5), second(end - 0.5))
            } else {
                let (from, to) = (end - 1.0, end);
                let one = integral(a, from, to);
                (one, p * a * (one - integral(b, from, to)) / (b - a))
            };
            let got = |line| {
                flow.in_line(line, Moment::YearEnd)
                    .unwrap()
                    .median(year)
                    .unwrap()
            };
            assert!(
                (got(1) - one).abs() < 1e-9,
                "{entry:?} {year}: {} {one}",
                got(1)
            );
            assert!(
                (got(2) - two).abs() < 1e-9,
                "{entry:?} {year}: {} {two}",
                got(2)
            );
        }
        let mid = flow
            .in_line(1, Moment::MidYear)
            .unwrap()
            .median(2019)
            .unwrap();
        let expected = if entry == Entry::MidYear {
            1.0
        } else {
            integral(a, 0.0, 0.5)
        };
        assert!((mid - expected).abs() < 1e-9);
    }
}

/// The third line of the pathway is the delay of its first two sojourn times, which is computed by quadrature.
#[test]
fn the_pathway_and_the_delay_agree() {
    let times = [
        SojournTime::weibull(0.8, 2.0).unwrap(),
        SojournTime::gamma(0.6, 3.0).unwrap(),
    ];
    let delay = myeloma_epi::pathway::Delay::new(times[0].clone(), times[1].clone());
    let [one, two] = times;
    let pathway = Pathway::of_lines([
        Line::new(one, known(0.7)),
        Line::new(two, known(0.5)),
        Line::new(SojournTime::exponential(1.0).unwrap(), known(0.0)),
    ])
    .unwrap();
    for entry in [Entry::UniformOverYear, Entry::MidYear] {
        let options = FlowOptions {
            entry,
            tolerance: 1e-7,
            cohorts: Some(2010..=2010),
            ..FlowOptions::to(2030)
        };
        let flow = pathway.flow(&constant(2010, 21, 1.0), &options).unwrap();
        let parts = delay.yearly(21, entry).unwrap();
        for (year, part) in (2010..).zip(parts) {
            let starts = flow.starts(3).unwrap().median(year).unwrap();
            assert!(
                (starts - 0.35 * part).abs() < 2e-7,
                "{entry:?} {year}: {starts}"
            );
        }
    }
}

#[test]
fn without_delay_and_death_the_flow_is_the_plain_product() {
    let pathway = Pathway::of_lines([
        Line::new(SojournTime::none(), known(0.65)).with_death(known(0.0)),
        Line::new(SojournTime::none(), known(0.5)).with_death(known(0.0)),
        Line::new(SojournTime::exponential(3.0).unwrap(), known(0.0)).with_death(known(0.0)),
    ])
    .unwrap();
    let incidence = constant(2020, 5, 1000.0);
    for entry in [Entry::UniformOverYear, Entry::MidYear] {
        let flow = pathway
            .flow(
                &incidence,
                &FlowOptions {
                    entry,
                    ..FlowOptions::to(2024)
                },
            )
            .unwrap();
        for year in 2020..=2024 {
            assert_relative_eq!(
                flow.starts(3).unwrap().median(year).unwrap(),
                325.0,
                max_relative = 1e-12
            );
        }
    }
}

#[test]
fn draws_do_not_depend_on_their_number_or_on_threads() {
    let pathway = Pathway::of_lines([
        Line::new(
            SojournTime::weibull(1.1, 3.0)
                .unwrap()
                .with_relative_error(0.2)
                .unwrap(),
            Share::counted(583.0, 917.0).unwrap(),
        ),
        Line::new(SojournTime::exponential(1.0).unwrap(), known(0.0)),
    ])
    .unwrap();
    let run = |draws: usize, threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        let incidence = YearlyDraws::new(2019, Array2::from_elem((6, draws), 100.0)).unwrap();
        pool.install(|| pathway.flow(&incidence, &FlowOptions::to(2024)).unwrap())
    };
    let (few, many) = (run(1500, 1), run(3000, 3));
    for year in 2019..=2024 {
        let (few, many) = (few.starts(2).unwrap(), many.starts(2).unwrap());
        let (few, many) = (few.year(year).unwrap(), many.year(year).unwrap());
        assert!(
            few.iter()
                .zip(many)
                .all(|(a, b)| a.to_bits() == b.to_bits())
        );
    }
    let (low, high) = many.starts(2).unwrap().interval(2024, 0.95).unwrap();
    assert!(low < high);
}

/// The error that is reported holds in every cell, year of diagnosis and draw: against the same flow with a
/// tolerance a thousand times smaller. The first year of diagnosis is not the worst one here, and the
/// central draw is not either.
#[test]
fn the_reported_error_holds_for_all_years_and_draws() {
    let short = SojournTime::weibull(4.0, 0.25).unwrap();
    let pathway = |relative_error: f64| {
        let group = |name: &str, weight: [f64; 2], first: SojournTime| {
            let next = Share::by_year([(2019, 0.0), (2024, 0.9)]).unwrap();
            let weight = Share::by_year([(2019, weight[0]), (2024, weight[1])]).unwrap();
            let second = Line::new(
                short.clone().with_relative_error(relative_error).unwrap(),
                known(0.5),
            );
            let third = Line::new(SojournTime::weibull(0.7, 1.0).unwrap(), known(0.0));
            Group::new(name, weight, [Line::new(first, next), second, third]).unwrap()
        };
        Pathway::new([
            group("slow", [1.0, 0.2], SojournTime::exponential(4.0).unwrap()),
            group("fast", [0.0, 0.8], SojournTime::gamma(6.0, 0.05).unwrap()),
        ])
        .unwrap()
    };
    let years = 10;
    for (relative_error, draws) in [(0.0, 1), (0.5, 60)] {
        let pathway = pathway(relative_error);
        let incidence = YearlyDraws::new(2019, Array2::from_elem((years, draws), 1.0)).unwrap();
        let run = |tolerance: f64| {
            let options = FlowOptions {
                tolerance,
                ..FlowOptions::to(2028)
            };
            pathway.flow(&incidence, &options).unwrap()
        };
        let (rough, fine) = (run(1e-4), run(1e-7));
        // A number is off by at most the error per patient of each of the cohorts it adds up.
        let error = rough.numerical_error().unwrap();
        let allowed = error * years as f64;
        assert!(error <= 1e-4 && error > 1e-7);
        let mut worst = 0.0_f64;
        for (name, a, b) in quantities(&rough, &fine) {
            for (a, b) in a.view().iter().zip(b.view()) {
                assert!((a - b).abs() <= allowed, "{name}: {a} {b}");
                worst = worst.max((a - b).abs());
            }
        }
        assert!(worst > 0.0);
    }
}

/// How many are in second line does not depend on how many of them go on: they are as many in every draw, to the last bit.
#[test]
fn what_is_not_uncertain_does_not_vary() {
    let year = || SojournTime::exponential(1.0).unwrap();
    let counted = Share::counted(8.0, 10.0).unwrap();
    let lines = [known(0.9), counted, known(0.0)].map(|next| Line::new(year(), next));
    let pathway = Pathway::of_lines(lines).unwrap();
    let incidence = YearlyDraws::new(2000, Array2::from_elem((10, 2_000), 1_000.0)).unwrap();
    let flow = pathway.flow(&incidence, &FlowOptions::to(2009)).unwrap();
    for when in [Moment::MidYear, Moment::YearEnd] {
        for line in 1..=2 {
            for year in flow.in_line(line, when).unwrap().summary() {
                assert_eq!(year.interval95(), None, "line {line}: {year}");
            }
        }
        let third = flow.in_line(3, when).unwrap().summary();
        assert!(third.iter().all(|year| year.interval95().is_some()));
    }
}

/// Draw k of a flow is the flow of the pathway of draw k.
#[test]
fn a_draw_is_a_pathway_of_its_own() {
    let uncertain = |time: SojournTime| time.with_relative_error(0.2).unwrap();
    let off = Line::new(uncertain(SojournTime::gamma(2.0, 0.3).unwrap()), known(0.5))
        .with_death(Share::range(0.1, 0.3, myeloma_epi::pathway::ShareDistribution::Pert).unwrap());
    let pathway = Pathway::of_lines([
        Line::new(
            uncertain(SojournTime::weibull(1.1, 3.0).unwrap()),
            Share::counted(60.0, 100.0).unwrap(),
        )
        .with_time_to_death(uncertain(SojournTime::exponential(1.0).unwrap()))
        .with_off_treatment(known(0.2), off),
        Line::new(SojournTime::exponential(1.0).unwrap(), known(0.0)),
    ])
    .unwrap();
    let incidence = YearlyDraws::new(2019, Array2::from_elem((6, 1100), 5000.0)).unwrap();
    let flow = pathway.flow(&incidence, &FlowOptions::to(2024)).unwrap();
    for draw in [0, 3, 1030] {
        let own = pathway.of_draw(Seed::default(), draw).unwrap();
        assert!(!own.is_uncertain());
        let one = own
            .flow(&constant(2019, 6, 5000.0), &FlowOptions::to(2024))
            .unwrap();
        for (name, all, one) in quantities(&flow, &one) {
            for (all, one) in all.view().column(draw).iter().zip(one.view()) {
                assert_relative_eq!(all, one, max_relative = 1e-9, epsilon = 1e-9);
            }
            assert!(!name.is_empty());
        }
    }
}

#[test]
fn cohorts_kept_apart_add_up() {
    let pathway = rich();
    let incidence = constant(2019, 10, 500.0);
    let all = FlowOptions {
        cohorts: Some(2019..=2028),
        ..FlowOptions::to(2028)
    };
    let all = pathway.flow(&incidence, &all).unwrap();
    let early = FlowOptions {
        cohorts: Some(2019..=2022),
        ..FlowOptions::to(2028)
    };
    let early = pathway.flow(&incidence, &early).unwrap();
    let late = FlowOptions {
        cohorts: Some(2023..=2028),
        ..FlowOptions::to(2028)
    };
    let late = pathway.flow(&incidence, &late).unwrap();
    let of = |flow: &Flow| flow.starts(2).unwrap().median(2028).unwrap();
    assert_relative_eq!(of(&all), of(&early) + of(&late), max_relative = 1e-12);
    assert!(of(&early) > 0.0 && of(&late) > 0.0);
}

/// Never treated, lost and off treatment, with times of all families, against `data/states.py`: within the error that is
/// stated, times the patients diagnosed a year and the years, at three tolerances.
#[test]
fn the_states_beside_lines_of_therapy_are_those_of_scipy() {
    #[derive(serde::Deserialize)]
    struct Row {
        time: SojournTime,
        never_treated: Vec<f64>,
        after_first_line: Vec<f64>,
    }
    let rows: Vec<Row> = serde_json::from_str(include_str!("../data/states.json")).unwrap();
    let share = |share| Share::new(share).unwrap();
    let incidence = YearlyDraws::new(2000, Array2::from_elem((6, 1), 1_000.0)).unwrap();
    for Row {
        time,
        never_treated,
        after_first_line,
    } in &rows
    {
        let first = Line::new(SojournTime::exponential(1.5).unwrap(), share(0.0));
        let off = Line::new(time.clone(), share(0.0)).with_death(share(1.0));
        let group = |name, line| Group::new(name, share(0.25), [line]).unwrap();
        let pathway = Pathway::new([
            group("a", first.clone()).with_never_treated(share(1.0), Some(time.clone())),
            group("b", first.clone().with_death(share(0.0))).with_lost_survival(time.clone()),
            group("c", first.clone().with_off_treatment(share(1.0), off)),
            group("d", first),
        ])
        .unwrap();
        for tolerance in [1e-4, 1e-6, 1e-7] {
            let options = FlowOptions {
                cohorts: Some(2000..=2005),
                tolerance,
                ..FlowOptions::to(2005)
            };
            let flow = pathway.flow(&incidence, &options).unwrap();
            let error = 6.0 * 1_000.0 * flow.numerical_error().unwrap();
            let end = Moment::YearEnd;
            for (year, i) in (2000..=2005).zip(0..) {
                for (got, expected) in [
                    (flow.living_never_treated(end), never_treated[i]),
                    (flow.living_lost(end), after_first_line[i]),
                    (flow.off_treatment(1, end).unwrap(), after_first_line[i]),
                ] {
                    let difference = got.median(year).unwrap() - 0.25 * expected;
                    assert!(
                        difference.abs() <= error + 1e-9 * expected,
                        "{time:?}, {tolerance}, {year}: {difference}, {error}"
                    );
                }
            }
        }
    }
}
