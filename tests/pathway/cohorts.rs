//! The two solvers of the treatment pathway: against a reference made elsewhere, against closed forms,
//! against each other, and conservation on random models.

use approx::assert_relative_eq;
use myeloma_epi::pathway::{
    Entry, Flow, FlowOptions, Group, Line, Moment, OffTreatment, Pathway, PatientEvent, Share,
    SojournTime,
};
use myeloma_epi::{Seed, TherapyModel, YearlyDraws};
use ndarray::Array2;
use proptest::prelude::*;

fn four_lines() -> TherapyModel {
    let text = include_str!("../../examples/four_lines_weibull.json");
    TherapyModel::from_json("four_lines_weibull.json", text).unwrap()
}

/// Patients by year and line (`data/four_lines.py`).
fn reference() -> Vec<Vec<f64>> {
    let text = include_str!("../data/four_lines.json");
    let mut file: serde_json::Value = serde_json::from_str(text).unwrap();
    serde_json::from_value(file["prevalence"].take()).unwrap()
}

fn sizes(model: &TherapyModel) -> Vec<u64> {
    let cases = model.new_cases().unwrap().medians();
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    cases.into_iter().map(|n| n as u64).collect()
}

fn constant(first_year: i32, years: usize, cases: f64) -> YearlyDraws {
    YearlyDraws::new(first_year, Array2::from_elem((years, 1), cases)).unwrap()
}

fn known(share: f64) -> Share {
    Share::new(share).unwrap()
}

#[test]
fn the_deterministic_solver_agrees_with_the_reference() {
    let flow = four_lines().flow().unwrap();
    assert!(flow.numerical_error() <= 1e-6);
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

#[test]
fn the_individual_solver_agrees_with_the_reference() {
    let model = four_lines();
    let flow = model
        .pathway()
        .simulate(2019, &sizes(&model), Entry::default(), Seed::new(3))
        .unwrap();
    for (year, row) in (2019..).zip(reference()) {
        for (line, expected) in (1..).zip(row) {
            let got = flow
                .in_line(line, Moment::YearEnd)
                .unwrap()
                .median(year)
                .unwrap();
            if expected >= 20.0 {
                assert!(
                    (got - expected).abs() < 4.0 * expected.sqrt(),
                    "{year} {line}: {got}"
                );
            }
        }
    }
    assert_eq!(flow.conservation_gap(), 0.0);
}

#[test]
fn a_simulation_does_not_depend_on_threads_and_histories_are_its_patients() {
    let model = four_lines();
    let sizes = sizes(&model);
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        let simulate = || {
            model
                .pathway()
                .simulate(2019, &sizes, Entry::default(), Seed::default())
        };
        pool.install(|| simulate().unwrap())
    };
    let flow = run(1);
    assert_eq!(flow, run(3));
    let patients = model
        .pathway()
        .histories(2019, &sizes, Entry::default(), Seed::default())
        .unwrap();
    assert_eq!(patients.len(), 100_000);
    let third = PatientEvent::LineStarts(3);
    for year in [2025, 2040] {
        let in_year = |time: f64| (f64::from(year)..f64::from(year) + 1.0).contains(&time);
        let starts = patients
            .iter()
            .flat_map(|patient| &patient.events)
            .filter(|(time, event)| *event == third && in_year(*time))
            .count();
        assert_eq!(flow.starts(3).unwrap().median(year).unwrap(), starts as f64);
    }
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

/// The third line of the pathway is the delay of its first two stays, which is computed by quadrature.
#[test]
fn the_pathway_and_the_delay_agree() {
    let stays = [
        SojournTime::weibull(0.8, 2.0).unwrap(),
        SojournTime::gamma(0.6, 3.0).unwrap(),
    ];
    let delay = myeloma_epi::pathway::Delay::new(stays[0].clone(), stays[1].clone());
    let [one, two] = stays;
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

/// A model with all that there is: groups, time off treatment, stays by event, survival of the lost
/// and of the never treated, shares by year of diagnosis.
fn rich() -> Pathway {
    let by_year = Share::by_year([(2019, 0.45), (2030, 0.65)]).unwrap();
    let transplanted = Group::new(
        "transplanted",
        known(0.4),
        [
            Line::new(SojournTime::weibull(1.3, 3.5).unwrap(), known(0.2))
                .with_death(known(0.1))
                .with_off_treatment(
                    OffTreatment::new(
                        known(0.6),
                        SojournTime::log_normal(1.5, 0.8).unwrap(),
                        known(0.8),
                    )
                    .with_death(known(0.1))
                    .with_time_to_next(SojournTime::weibull(1.4, 1.1).unwrap())
                    .with_time_to_death(SojournTime::gamma(0.8, 2.0).unwrap()),
                ),
            Line::new(SojournTime::gamma(1.4, 1.0).unwrap(), known(0.6))
                .with_death(known(0.2))
                .with_time_to_death(SojournTime::exponential(0.8).unwrap())
                .with_time_to_next(SojournTime::log_logistic(2.0, 1.4).unwrap()),
            Line::new(SojournTime::exponential(0.7).unwrap(), known(0.0)),
        ],
    )
    .unwrap()
    .with_lost_survival(SojournTime::exponential(0.5).unwrap());
    let others = Group::new(
        "others",
        known(0.6),
        [
            Line::new(SojournTime::weibull(0.9, 2.0).unwrap(), by_year),
            Line::new(SojournTime::weibull(1.0, 1.2).unwrap(), known(0.0)).with_death(known(0.9)),
        ],
    )
    .unwrap()
    .with_never_treated(known(0.1), Some(SojournTime::weibull(0.7, 0.4).unwrap()));
    Pathway::new([transplanted, others]).unwrap()
}

#[test]
fn both_solvers_agree_on_a_rich_model() {
    let pathway = rich();
    let years = 12_usize;
    let cohort = 40_000_u32;
    let flow = pathway
        .flow(
            &constant(2019, years, f64::from(cohort)),
            &FlowOptions::to(2030),
        )
        .unwrap();
    for entry in [Entry::UniformOverYear, Entry::MidYear] {
        let options = FlowOptions {
            entry,
            ..FlowOptions::to(2030)
        };
        let flow = pathway
            .flow(&constant(2019, years, f64::from(cohort)), &options)
            .unwrap();
        assert!(flow.conservation_gap() < 1e-9);
        let cohorts = vec![u64::from(cohort); years];
        let simulated = pathway
            .simulate(2019, &cohorts, entry, Seed::default())
            .unwrap();
        assert_eq!(simulated.conservation_gap(), 0.0);
        for (name, exact, counted) in quantities(&flow, &simulated) {
            for year in 2019..=2030 {
                let (exact, counted) = (exact.median(year).unwrap(), counted.median(year).unwrap());
                // About 400 comparisons: one in a thousand such tests would go past 4.8.
                let allowed = 4.8 * exact.sqrt() + 1.0;
                assert!(
                    (exact - counted).abs() < allowed,
                    "{entry:?} {name} {year}: {exact}, {counted}"
                );
            }
        }
    }
    assert!(flow.never_reaching(3).unwrap().median(2030).unwrap() > 0.0);
}

fn quantities<'a>(a: &'a Flow, b: &'a Flow) -> Vec<(String, &'a YearlyDraws, &'a YearlyDraws)> {
    let mut all = Vec::new();
    for line in 1..=a.lines() {
        let mut push = |name: &str, of: &dyn Fn(&'a Flow) -> &'a YearlyDraws| {
            all.push((format!("{name} {line}"), of(a), of(b)));
        };
        push("starts", &|f| f.starts(line).unwrap());
        push("failures", &|f| f.failures(line).unwrap());
        push("deaths", &|f| f.deaths(line).unwrap());
        push("lost", &|f| f.lost(line).unwrap());
        for when in [Moment::MidYear, Moment::YearEnd] {
            push("in line", &|f| f.in_line(line, when).unwrap());
            push("off treatment", &|f| f.off_treatment(line, when).unwrap());
        }
    }
    let mut push = |name: &str, of: &dyn Fn(&'a Flow) -> &'a YearlyDraws| {
        all.push((name.to_owned(), of(a), of(b)));
    };
    push("never treated", &|f| f.never_treated());
    push("later deaths", &|f| f.later_deaths());
    for when in [Moment::MidYear, Moment::YearEnd] {
        push("living, never treated", &|f| f.living_never_treated(when));
        push("living, lost", &|f| f.living_lost(when));
        push("dead", &|f| f.dead(when));
    }
    all
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
        let allowed = rough.numerical_error() * years as f64;
        assert!(rough.numerical_error() <= 1e-4 && rough.numerical_error() > 1e-7);
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

/// Draw k of a flow is the flow of the pathway of draw k; so are the populations of a simulation.
#[test]
fn a_draw_is_a_pathway_of_its_own() {
    let uncertain = |stay: SojournTime| stay.with_relative_error(0.2).unwrap();
    let off = OffTreatment::new(
        known(0.2),
        uncertain(SojournTime::gamma(2.0, 0.3).unwrap()),
        known(0.5),
    )
    .with_death(Share::range(0.1, 0.3, myeloma_epi::pathway::ShareDistribution::Pert).unwrap());
    let pathway = Pathway::of_lines([
        Line::new(
            uncertain(SojournTime::weibull(1.1, 3.0).unwrap()),
            Share::counted(60.0, 100.0).unwrap(),
        )
        .with_time_to_death(uncertain(SojournTime::exponential(1.0).unwrap()))
        .with_off_treatment(off),
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
    for draw in 0..4 {
        let own = pathway.of_draw(Seed::default(), draw).unwrap();
        let seed = Seed::new(draw as u64);
        let simulated = own
            .simulate(2019, &[5000; 6], Entry::default(), seed)
            .unwrap();
        assert_eq!(simulated.conservation_gap(), 0.0);
        for (name, exact, counted) in quantities(&flow, &simulated) {
            for (exact, counted) in exact.view().column(draw).iter().zip(counted.view()) {
                // About 600 comparisons: one in a thousand such tests would go past 4.9.
                let allowed = 4.9 * exact.sqrt() + 1.0;
                assert!(
                    (exact - counted).abs() < allowed,
                    "{name}: {exact}, {counted}"
                );
            }
        }
    }
}

#[test]
fn cohorts_kept_apart_add_up() {
    let pathway = rich();
    let incidence = constant(2019, 10, 500.0);
    let all = pathway.flow(&incidence, &FlowOptions::to(2028)).unwrap();
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
    let part = early.part_of(&all, 2, 2028).unwrap();
    assert_relative_eq!(part, of(&early) / of(&all), max_relative = 1e-12);
}

fn any_stay() -> impl Strategy<Value = SojournTime> {
    (0_usize..6, 0.6..3.0_f64, 0.2..5.0_f64).prop_map(|(family, shape, scale)| {
        match family {
            0 => SojournTime::exponential(scale),
            1 => SojournTime::weibull(shape, scale),
            2 => SojournTime::gamma(shape, scale / 2.0),
            3 => SojournTime::log_normal(scale, shape / 2.0),
            4 => SojournTime::log_logistic(shape, scale),
            _ => SojournTime::table([(0.0, 0.0), (scale, 0.4), (3.0 * scale, 1.0)]),
        }
        .unwrap()
    })
}

fn any_line() -> impl Strategy<Value = Line> {
    let off = prop::option::of((any_stay(), any_stay(), 0.0..1.0_f64, 0.0..1.0_f64));
    (
        any_stay(),
        any_stay(),
        prop::array::uniform4(0.01..1.0_f64),
        off,
    )
        .prop_map(|(stay, until_death, weights, off)| {
            let sum: f64 = weights.iter().sum();
            let line = Line::new(stay, known(weights[0] / sum))
                .with_death(known(weights[1] / sum))
                .with_time_to_death(until_death);
            match off {
                None => line,
                Some((stay, until_death, next, death)) => line.with_off_treatment(
                    OffTreatment::new(known(weights[2] / sum), stay, known(next))
                        .with_time_to_death(until_death)
                        .with_death(known((1.0 - next) * death)),
                ),
            }
        })
}

fn any_pathway() -> impl Strategy<Value = Pathway> {
    let group = (
        prop::collection::vec(any_line(), 1..5),
        any_stay(),
        0.0..0.5_f64,
        prop::option::of(any_stay()),
        prop::option::of(any_stay()),
    );
    (prop::collection::vec(group, 1..3), 0.0..1.0_f64).prop_map(|(groups, weight)| {
        let both = groups.len() == 2;
        let groups = groups.into_iter().enumerate().map(|(i, parts)| {
            let (mut lines, last, never, survival, lost) = parts;
            lines.push(Line::new(last, known(0.0)).with_death(known(0.5)));
            let weight = match (both, i) {
                (false, _) => 1.0,
                (true, 0) => weight,
                (true, _) => 1.0 - weight,
            };
            let group = Group::new(format!("group {i}"), known(weight), lines)
                .unwrap()
                .with_never_treated(known(never), survival);
            match lost {
                Some(stay) => group.with_lost_survival(stay),
                None => group,
            }
        });
        Pathway::new(groups).unwrap()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    /// Nobody is lost or made: in every year, in both solvers; a line starts no more often than the
    /// one before has; twice the incidence is twice the patients.
    #[test]
    fn patients_are_conserved(pathway in any_pathway(), mid_year in any::<bool>()) {
        let entry = if mid_year { Entry::MidYear } else { Entry::UniformOverYear };
        // The properties hold on any grid: a loose tolerance keeps the test quick.
        let options = FlowOptions { entry, tolerance: 1e-3, ..FlowOptions::to(2033) };
        let flow = pathway.flow(&constant(2019, 15, 1000.0), &options).unwrap();
        prop_assert!(flow.conservation_gap() < 1e-9, "{}", flow.conservation_gap());
        let mut before = f64::INFINITY;
        for line in 1..=flow.lines() {
            let starts: f64 = flow.starts(line).unwrap().view().sum();
            prop_assert!(starts <= before * (1.0 + 1e-12));
            before = starts;
        }
        let twice = pathway.flow(&constant(2019, 15, 2000.0), &options).unwrap();
        for (name, one, two) in quantities(&flow, &twice) {
            for (a, b) in one.view().iter().zip(two.view()) {
                prop_assert!((2.0 * a - b).abs() <= 1e-12 * b, "{name}: {a} {b}");
            }
        }
        let simulated = pathway.simulate(2019, &[300; 15], entry, Seed::default()).unwrap();
        prop_assert!(simulated.conservation_gap() < 1e-12);
    }

    /// A pathway in a file is the pathway, to the rounding of decimal numbers.
    #[test]
    fn pathways_survive_a_file(pathway in any_pathway()) {
        let text = serde_json::to_string(&pathway).unwrap();
        let back: Pathway = serde_json::from_str(&text).unwrap();
        let options = FlowOptions { tolerance: 1e-3, ..FlowOptions::to(2025) };
        let run = |pathway: &Pathway| pathway.flow(&constant(2019, 7, 1000.0), &options).unwrap();
        let (before, after) = (run(&pathway), run(&back));
        for (name, a, b) in quantities(&before, &after) {
            for (a, b) in a.view().iter().zip(b.view()) {
                prop_assert!((a - b).abs() <= 1e-9, "{name}: {a} {b}");
            }
        }
    }
}
