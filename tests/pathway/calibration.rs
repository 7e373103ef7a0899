//! Shares and sojourn times from crude shares.

use myeloma_epi::pathway::evidence::{Calibrated, Calibration, Measure, Preset, Study};
use myeloma_epi::pathway::{Entry, FlowOptions, FollowUp, Line, Pathway, Share, SojournTime};
use myeloma_epi::{Seed, YearlyDraws};
use ndarray::Array2;

use super::estimands::{refusal, round_trip};

fn known(sojourn_times: &[SojournTime]) -> Calibration {
    Calibration::new(sojourn_times.iter().cloned())
}

/// A cohort that is diagnosed through 12 years and cut at their end, run through the calibrated
/// pathway, shows the crude shares that it was calibrated to.
#[test]
fn a_calibrated_pathway_shows_the_crude_shares() {
    let crude = [0.543, 0.279, 0.115];
    let times: Vec<SojournTime> = [(1.2, 2.5), (0.9, 1.8), (1.0, 1.0)]
        .into_iter()
        .map(|(shape, scale)| SojournTime::weibull(shape, scale).unwrap())
        .collect();
    let follow_up = FollowUp::Accrual {
        accrual: 12.0,
        further: 0.0,
        growth: 0.0,
    };
    let calibration = known(&times).with_crude_shares(follow_up, &crude).unwrap();
    let calibrated = calibration.solve().unwrap();
    let incidence = YearlyDraws::new(2008, Array2::from_elem((12, 1), 100.0)).unwrap();
    let options = FlowOptions {
        tolerance: 1e-8,
        cohorts: Some(2008..=2019),
        ..FlowOptions::to(2019)
    };
    let flow = calibrated.pathway().flow(&incidence, &options).unwrap();
    for (line, share) in (2..).zip(crude) {
        let seen = flow.starts(line).unwrap().view().sum() / 1200.0;
        approx::assert_relative_eq!(seen, share, max_relative = 1e-6);
    }
    assert!(calibrated.misfit() == 0.0 && calibrated.undetermined().is_empty());
    // Longer sojourn times mean that more are still to come, until more were seen than can have come.
    let ultimate = [0.5, 1.0, 1.1].map(|factor| {
        let scaled = calibration.scaled(factor).unwrap().solve().unwrap();
        scaled.ultimate_third_line().unwrap()
    });
    assert!(ultimate.windows(2).all(|pair| pair[0] < pair[1]));
    assert_eq!(ultimate[1], calibrated.ultimate_third_line().unwrap());
    let error = calibration.scaled(20.0).unwrap().solve().unwrap_err();
    assert!(error.to_string().contains("after line"), "{error}");
    assert!(calibration.scaled(0.0).is_err());
}

/// Under the same fixed follow-up of an exponential sojourn time the share is crude/(1 − e^(−t/m)).
#[test]
fn one_exponential_line_has_a_closed_form() {
    let times = [SojournTime::exponential(2.0).unwrap()];
    let calibrated = known(&times)
        .with_crude_shares(FollowUp::Fixed(3.0), &[0.4])
        .and_then(|calibration| calibration.solve())
        .unwrap();
    let expected = 0.4 / -(-1.5_f64).exp_m1();
    approx::assert_relative_eq!(calibrated.next(1).unwrap(), expected, max_relative = 1e-7);
}

fn accrual(years: f64, further: f64) -> FollowUp {
    FollowUp::Accrual {
        accrual: years,
        further,
        growth: 0.0,
    }
}

/// The crude shares of a model at a data cut, by cohort convolution: a cohort diagnosed at a steady
/// rate through six years.
fn crude(pathway: &Pathway, cut: i32) -> Vec<f64> {
    let cohorts = Array2::from_shape_fn((20, 1), |(year, _)| if year < 6 { 1.0 } else { 0.0 });
    let incidence = YearlyDraws::new(2000, cohorts).unwrap();
    let flow = pathway
        .flow(
            &incidence,
            &FlowOptions {
                tolerance: 1e-8,
                cohorts: Some(2000..=cut),
                ..FlowOptions::to(cut)
            },
        )
        .unwrap();
    let starts = |line| flow.starts(line).unwrap().view().sum() / 6.0;
    (2..=pathway.lines()).map(starts).collect()
}

fn known_model() -> Pathway {
    Pathway::of_lines([
        Line::new(
            SojournTime::weibull(1.2, 2.6).unwrap(),
            Share::new(0.74).unwrap(),
        ),
        Line::new(
            SojournTime::weibull(0.9, 1.5).unwrap(),
            Share::new(0.61).unwrap(),
        ),
        Line::new(
            SojournTime::exponential(1.0).unwrap(),
            Share::new(0.0).unwrap(),
        ),
    ])
    .unwrap()
}

/// The same sojourn times with other time scales.
fn open_calibration() -> Calibration {
    let median = |shape: f64, scale: f64| scale * std::f64::consts::LN_2.powf(1.0 / shape);
    let (first, second) = (median(1.2, 2.6), median(0.9, 1.5));
    Calibration::new([
        SojournTime::weibull(1.2, 2.0).unwrap(),
        SojournTime::weibull(0.9, 2.2).unwrap(),
    ])
    .with_open_sojourn_time(1, first / 3.0, first * 3.0)
    .unwrap()
    .with_open_sojourn_time(2, second / 3.0, second * 3.0)
    .unwrap()
}

#[test]
fn two_data_cuts_determine_shares_and_sojourn_times() {
    let model = known_model();
    let calibrated = open_calibration()
        .with_crude_shares(accrual(6.0, 0.0), &crude(&model, 2005))
        .unwrap()
        .with_crude_shares(accrual(6.0, 8.0), &crude(&model, 2013))
        .unwrap()
        .solve()
        .unwrap();
    assert!(calibrated.misfit() < 1e-6 && calibrated.undetermined().is_empty());
    let lines = model.groups()[0].lines();
    for (line, share) in [(1, 0.74), (2, 0.61)] {
        let next = calibrated.next(line).unwrap();
        approx::assert_relative_eq!(next, share, max_relative = 1e-4);
        assert_eq!(calibrated.next_range(line).unwrap(), None);
        let (median, expected) = (
            calibrated.median(line).unwrap(),
            lines[line - 1].sojourn_time().median(),
        );
        approx::assert_relative_eq!(median, expected, max_relative = 1e-4);
        assert_eq!(calibrated.median_range(line).unwrap(), None);
    }
    let ultimate = calibrated.ultimate_third_line().unwrap();
    approx::assert_relative_eq!(ultimate, 0.74 * 0.61, max_relative = 1e-4);
    assert_eq!(calibrated.ultimate_third_line_range(), None);
    assert!(calibrated.next(0).is_err() && calibrated.median(3).is_err());
}

#[test]
fn one_data_cut_leaves_open_sojourn_times_undetermined() {
    let model = known_model();
    let cut = crude(&model, 2005);
    let one = open_calibration()
        .with_crude_shares(accrual(6.0, 0.0), &cut)
        .unwrap();
    let calibrated = one.solve().unwrap();
    assert!(calibrated.misfit() < 1e-6);
    // Two open sojourn times, two directions; along each of them nothing that was measured changes.
    assert_eq!(calibrated.undetermined().len(), 2);
    let (low, high) = calibrated.ultimate_third_line_range().unwrap();
    assert!(low < 0.74 * 0.61 && 0.74 * 0.61 < high);
    // The pathway found shows the crude shares all the same.
    for (got, expected) in crude(calibrated.pathway(), 2005).iter().zip(&cut) {
        approx::assert_relative_eq!(got, expected, max_relative = 1e-6);
    }
    // The ends of the range are those of the calibration with the sojourn times known there.
    let shortest = |line| calibrated.median_range(line).unwrap().unwrap().0;
    let times = [(1.2, shortest(1)), (0.9, shortest(2))].map(|(shape, median)| {
        let scale = median / std::f64::consts::LN_2.powf(1.0 / shape);
        SojournTime::weibull(shape, scale).unwrap()
    });
    let shortest = known(&times)
        .with_crude_shares(accrual(6.0, 0.0), &cut)
        .and_then(|calibration| calibration.solve())
        .unwrap();
    let ultimate = shortest.ultimate_third_line().unwrap();
    approx::assert_relative_eq!(ultimate, low, max_relative = 1e-6);
}

/// Diagnoses through half a year, and a fifth of a year after it: of an exponential time with mean 1 year the part
/// 1 − (e^(−0.2) − e^(−0.7))/0.5 is seen.
#[test]
fn an_accrual_of_months_is_no_single_day() {
    let follow_up = FollowUp::Accrual {
        accrual: 0.5,
        further: 0.2,
        growth: 0.0,
    };
    let seen = 1.0 - ((-0.2_f64).exp() - (-0.7_f64).exp()) / 0.5;
    let found = known(&[SojournTime::exponential(1.0).unwrap()])
        .with_crude_shares(follow_up, &[0.3])
        .and_then(|calibration| calibration.solve())
        .unwrap();
    approx::assert_relative_eq!(found.next(1).unwrap(), 0.3 / seen, max_relative = 1e-6);
}

/// With four open sojourn times each of them runs through its range. Expected values by the matrix exponential of `SciPy`,
/// `tests/data/open_sojourn_times.py`.
#[test]
fn every_one_of_four_open_sojourn_times_varies() {
    let ranges = [(1.5, 2.5), (1.0, 2.0), (0.7, 1.4), (0.5, 1.2)];
    let times = ranges.map(|(low, _)| SojournTime::exponential_from_median(1.1 * low).unwrap());
    let mut calibration = known(&times);
    for (line, (low, high)) in (1..).zip(ranges) {
        calibration = calibration.with_open_sojourn_time(line, low, high).unwrap();
    }
    let found = calibration
        .with_crude_shares(FollowUp::Fixed(8.0), &[0.5, 0.3, 0.15, 0.06])
        .and_then(|calibration| calibration.solve())
        .unwrap();
    let expected = [
        (0.512_716_992_071_504_3, 0.561_053_140_991_108_7),
        (0.626_865_424_356_882_2, 0.757_478_736_632_256),
        (0.526_880_038_973_318_8, 0.653_384_562_440_206),
        (0.421_684_375_287_489_5, 0.552_449_457_085_792_7),
    ];
    for ((line, range), (low, high)) in (1..).zip(ranges).zip(expected) {
        let median = found.median_range(line).unwrap().unwrap();
        approx::assert_relative_eq!(median.0, range.0, max_relative = 1e-12);
        approx::assert_relative_eq!(median.1, range.1, max_relative = 1e-12);
        let next = found.next_range(line).unwrap().unwrap();
        approx::assert_relative_eq!(next.0, low, max_relative = 1e-6);
        approx::assert_relative_eq!(next.1, high, max_relative = 1e-6);
    }
    let third_line = found.ultimate_third_line_range().unwrap();
    approx::assert_relative_eq!(third_line.0, 0.321_404_554_809_887_8, max_relative = 1e-6);
    approx::assert_relative_eq!(third_line.1, 0.424_985_824_421_504, max_relative = 1e-6);

    let ten = known(&[(); 10].map(|()| SojournTime::exponential_from_median(1.0).unwrap()));
    let open = (1..=10).try_fold(ten, |ten, line| ten.with_open_sojourn_time(line, 0.5, 2.0));
    let crude = [0.8, 0.6, 0.4, 0.3, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005];
    let refused = open
        .and_then(|ten| ten.with_crude_shares(FollowUp::Fixed(20.0), &crude))
        .and_then(|ten| ten.solve());
    assert!(refused.unwrap_err().to_string().contains("at most 9"));
}

/// One sojourn time known settles the share after it; the other line stays open. Two cuts long after the last
/// sojourn time has ended give the shares and tell nothing of the sojourn times.
#[test]
fn what_is_determined_is_told_from_what_is_not() {
    let model = known_model();
    let cut = crude(&model, 2005);
    let lines = model.groups()[0].lines();
    let times = [&lines[0], &lines[1]].map(|line| line.sojourn_time().clone());
    let calibrated = known(&times)
        .with_open_sojourn_time(2, 0.2, 4.0)
        .unwrap()
        .with_crude_shares(accrual(6.0, 0.0), &cut)
        .unwrap()
        .solve()
        .unwrap();
    assert!(calibrated.next_range(1).unwrap().is_none());
    assert!(calibrated.next_range(2).unwrap().is_some());
    approx::assert_relative_eq!(calibrated.next(1).unwrap(), 0.74, max_relative = 1e-5);
    // The direction is of the second share and the second median alone.
    let [direction] = calibrated.undetermined() else {
        panic!("{calibrated}");
    };
    assert!(direction[0].abs() < 1e-6 && direction[2] == 0.0);
    assert!(direction[1].abs() > 0.01 && direction[3].abs() > 0.01);

    // Of a mean of one year.
    let seen = |years: f64| (FollowUp::Fixed(years), [0.6 * -(-years).exp_m1()]);
    let found = |cuts: [f64; 2]| {
        let mut calibration = known(&[SojournTime::exponential(0.8).unwrap()])
            .with_open_sojourn_time(1, 0.3, 1.5)
            .unwrap();
        for (follow_up, shares) in cuts.map(seen) {
            calibration = calibration.with_crude_shares(follow_up, &shares).unwrap();
        }
        calibration.solve().unwrap()
    };
    let late = found([40.0, 60.0]);
    assert!(late.next_range(1).unwrap().is_none());
    assert!(late.median_range(1).unwrap().is_some());
    approx::assert_relative_eq!(late.next(1).unwrap(), 0.6, max_relative = 1e-6);
    assert_eq!(late.ultimate_third_line(), None);
    // Earlier cuts tell the sojourn time too: after 6 years by e^(−6), and after 9 by so little that one median alone shows them.
    for (cuts, undetermined) in [([6.0, 12.0], 0), ([9.0, 20.0], 1)] {
        let found = found(cuts);
        assert_eq!(found.undetermined().len(), undetermined);
        assert!(found.median_range(1).unwrap().is_none());
        let median = found.median(1).unwrap();
        approx::assert_relative_eq!(median, std::f64::consts::LN_2, max_relative = 1e-5);
    }
}

/// Patients one by one, their crude shares at two data cuts, and back: within Monte Carlo error, which for
/// 200,000 patients a year and shares estimated from two cuts is about 1 %.
#[test]
fn a_calibration_finds_the_model_that_patients_came_from() {
    let model = known_model();
    let mut cohorts = vec![200_000_u64; 6];
    cohorts.resize(14, 0);
    let flow = model
        .simulate(2000, &cohorts, Entry::default(), Seed::default())
        .unwrap();
    let crude = |cut: usize| -> Vec<f64> {
        let starts = |line| {
            let starts = flow.starts(line).unwrap().view();
            starts.iter().take(cut).sum::<f64>() / 1_200_000.0
        };
        vec![starts(2), starts(3)]
    };
    let calibrated = open_calibration()
        .with_crude_shares(accrual(6.0, 0.0), &crude(6))
        .unwrap()
        .with_crude_shares(accrual(6.0, 8.0), &crude(14))
        .unwrap()
        .solve()
        .unwrap();
    let lines = model.groups()[0].lines();
    for (line, share) in [(1, 0.74), (2, 0.61)] {
        let next = calibrated.next(line).unwrap();
        approx::assert_relative_eq!(next, share, max_relative = 0.01);
        let (median, expected) = (
            calibrated.median(line).unwrap(),
            lines[line - 1].sojourn_time().median(),
        );
        approx::assert_relative_eq!(median, expected, max_relative = 0.02);
    }
}

/// With open sojourn times the Dutch figures are possible by the end of 2013, and leave the ultimate share
/// open.
#[test]
fn the_dutch_study_with_open_sojourn_times() {
    let crude = Study::of("pharos_nl").unwrap().by_line(Measure::CrudeReach);
    let crude: Vec<f64> = crude.iter().map(|figure| figure.value).collect();
    let czech = Preset::of("czech_rmg").unwrap().pathway;
    let times = czech.groups()[0].lines()[..3].iter();
    let calibrated = Calibration::new(times.map(|line| line.sojourn_time().clone()))
        .with_open_sojourn_time(1, 0.5, 1.75)
        .unwrap()
        .with_open_sojourn_time(2, 0.3, 1.1)
        .unwrap()
        .with_crude_shares(accrual(6.0, 0.0), &crude)
        .unwrap()
        .solve()
        .unwrap();
    assert!(calibrated.misfit() < 1e-6);
    // With the Czech first line, 1.75 years, it is not: the longest that is possible is shorter.
    assert!(calibrated.median_range(1).unwrap().unwrap().1 < 1.75);
    let (low, high) = calibrated.ultimate_third_line_range().unwrap();
    assert!(low > 0.309 && high < 1.0);
    let printed = calibrated.to_string();
    for words in [
        "share that goes on after line 2, %",
        "median sojourn time in line 1, years",
        "share that ever reaches third line, %",
        "nothing that was measured changes: 2",
    ] {
        assert!(printed.contains(words), "{printed}");
    }
}

#[test]
fn a_scaled_calibration_has_all_its_times_scaled() {
    let calibration = |factor: f64| {
        Calibration::new([
            SojournTime::weibull(1.2, factor * 2.0).unwrap(),
            SojournTime::exponential(factor * 1.5).unwrap(),
        ])
        .with_open_sojourn_time(1, factor * 0.5, factor * 3.0)
        .and_then(|open| open.with_crude_shares(FollowUp::Fixed(4.0), &[0.5, 0.3]))
        .unwrap()
    };
    assert_eq!(calibration(1.0).scaled(2.0).unwrap(), calibration(2.0));
}

#[test]
fn calibrations_are_read_as_they_are_written() {
    let cut = crude(&known_model(), 2005);
    let open = open_calibration()
        .with_crude_shares(accrual(6.0, 0.0), &cut)
        .unwrap();
    let text = round_trip(&open);
    for (from, to, word) in [
        (r#""accrual":6.0"#, r#""accrual":-6.0"#, "accrual"),
        (r#""open":[["#, r#""open":[null,["#, "open"),
        (&cut[1].to_string(), "1.5", "line 3"),
    ] {
        let refusal = refusal::<Calibration>(&text.replace(from, to));
        assert!(refusal.contains(word), "{refusal}");
    }
    let text = round_trip(&open.solve().unwrap());
    for (from, to, word) in [
        (r#""misfit":"#, r#""misfit":-"#, "misfit"),
        (
            r#""medians":[{"#,
            r#""medians":[{"value":1,"range":null},{"#,
            "median",
        ),
        (r#""range":["#, r#""range":[9"#, "ends of its range"),
        (
            r#""undetermined":[["#,
            r#""undetermined":[[0.5,"#,
            "directions",
        ),
    ] {
        let refusal = refusal::<Calibrated>(&text.replace(from, to));
        assert!(refusal.contains(word), "{refusal}");
    }
    // What the pathway says is what was found.
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    for (pointer, wrong, word) in [
        (
            "/next/0/value",
            0.001 + value["next"][0]["value"].as_f64().unwrap(),
            "after line 1",
        ),
        (
            "/medians/1/value",
            0.001 + value["medians"][1]["value"].as_f64().unwrap(),
            "in line 2",
        ),
        (
            "/ultimate_third_line/value",
            0.001 + value["ultimate_third_line"]["value"].as_f64().unwrap(),
            "third_line",
        ),
        ("/misfit", 0.2, "misfit"),
        ("/undetermined/0/0", 3.0, "direction"),
    ] {
        let mut changed = value.clone();
        *changed.pointer_mut(pointer).unwrap() = wrong.into();
        let refusal = refusal::<Calibrated>(&changed.to_string());
        assert!(refusal.contains(word), "{refusal}");
    }
    // A share that is determined has no range, and is none above 1 all the same.
    let determined = known(&[SojournTime::exponential(1.0).unwrap()])
        .with_crude_shares(accrual(6.0, 8.0), &[0.5])
        .and_then(|calibration| calibration.solve())
        .unwrap();
    let text = round_trip(&determined);
    let above = text.replace(r#""next":[{"value":0."#, r#""next":[{"value":1."#);
    let refusal = refusal::<Calibrated>(&above);
    assert!(refusal.contains("a share is 1."), "{refusal}");
}

/// Fewer after nine years than after three: of the exponential times with a median of 1 to 4 years that of 1 contradicts it the least, since the
/// part seen, 1 − 2^(−t/m), rises the least from the one cut to the other. The share is then the geometric mean of those of both cuts.
#[test]
fn an_open_median_at_an_end_of_its_range_is_not_determined() {
    let seen = |t: f64, m: f64| 1.0 - 2.0_f64.powf(-t / m);
    for (least, most) in [(1.0, 4.0), (0.5, 4.0)] {
        let found = Calibration::new([SojournTime::exponential(2.0).unwrap()])
            .with_open_sojourn_time(1, least, most)
            .and_then(|open| open.with_crude_shares(FollowUp::Fixed(3.0), &[0.50]))
            .and_then(|open| open.with_crude_shares(FollowUp::Fixed(9.0), &[0.49]))
            .and_then(|calibration| calibration.solve())
            .unwrap();
        let next = (0.50 / seen(3.0, least) * 0.49 / seen(9.0, least)).sqrt();
        approx::assert_relative_eq!(found.next(1).unwrap(), next, max_relative = 1e-3);
        let cautions = found.cautions();
        let said = format!("line 1 is at an end of the range given for it, {least:.3} years");
        assert!(
            cautions.iter().any(|caution| caution.contains(&said)),
            "{cautions:?}"
        );
        let printed = found.to_string();
        assert!(
            printed.contains("end of its range") && !printed.contains("determined"),
            "{printed}"
        );
        round_trip(&found);
    }
    // Contradictory all the same, but nearest to the data inside the range.
    let found = Calibration::new([SojournTime::exponential(2.0).unwrap()])
        .with_open_sojourn_time(1, 0.5, 8.0)
        .and_then(|open| open.with_crude_shares(FollowUp::Fixed(1.0), &[0.20]))
        .and_then(|open| open.with_crude_shares(FollowUp::Fixed(3.0), &[0.45]))
        .and_then(|open| open.with_crude_shares(FollowUp::Fixed(9.0), &[0.50]))
        .and_then(|calibration| calibration.solve())
        .unwrap();
    assert!(found.misfit() > 1e-3 && found.cautions().len() == 1);
    assert!(found.to_string().contains("determined"));
}

#[test]
fn bad_calibrations_are_refused() {
    let time = || SojournTime::exponential(1.0).unwrap();
    let two = || Calibration::new([time(), time()]);
    let cut = FollowUp::Fixed(3.0);
    assert!(two().solve().is_err());
    assert!(
        two()
            .with_crude_shares(FollowUp::Fixed(0.0), &[0.5])
            .is_err()
    );
    assert!(two().with_crude_shares(cut, &[0.5, 0.6]).is_err());
    assert!(two().with_crude_shares(cut, &[f64::NAN]).is_err());
    assert!(two().with_crude_shares(cut, &[0.5, 0.3, 0.2]).is_err());
    let with = two().with_crude_shares(cut, &[0.5]).unwrap();
    assert!(with.with_crude_shares(cut, &[0.5, 0.4]).is_err());
    for (line, low, high) in [
        (0, 1.0, 2.0),
        (3, 1.0, 2.0),
        (1, 2.0, 1.0),
        (1, 0.0, 1.0),
        (1, f64::NAN, 1.0),
    ] {
        let error = two()
            .with_open_sojourn_time(line, low, high)
            .unwrap_err()
            .to_string();
        assert!(error.contains("line"), "{error}");
    }
    // Nine in ten cannot have left a line that lasts ten years after one year.
    let error = Calibration::new([SojournTime::exponential(10.0).unwrap()])
        .with_crude_shares(FollowUp::Fixed(1.0), &[0.9])
        .unwrap()
        .solve()
        .unwrap_err();
    assert!(error.to_string().contains("too long"), "{error}");
}

/// However narrow a range, the share is between those at its ends: crude share/(1 − 2^(−follow-up/median)).
#[test]
fn a_narrow_range_of_a_median_is_a_range() {
    let first = SojournTime::exponential_from_median(2.0).unwrap();
    let narrow = known(&[first])
        .with_open_sojourn_time(1, 1.01, 1.02)
        .unwrap()
        .with_crude_shares(FollowUp::Fixed(3.0), &[0.42])
        .unwrap();
    let (low, high) = narrow.solve().unwrap().next_range(1).unwrap().unwrap();
    let share = |median: f64| 0.42 / (1.0 - 2.0_f64.powf(-3.0 / median));
    approx::assert_relative_eq!(low, share(1.01), max_relative = 1e-6);
    approx::assert_relative_eq!(high, share(1.02), max_relative = 1e-6);
}

/// A range far from the first guess: the median of the pathway is that of the share.
#[test]
fn a_range_may_lie_a_thousand_times_beyond_the_first_guess() {
    let first = SojournTime::exponential_from_median(1e-3).unwrap();
    let far = known(&[first])
        .with_open_sojourn_time(1, 5.0, 6.0)
        .unwrap()
        .with_crude_shares(FollowUp::Fixed(3.0), &[0.1])
        .unwrap()
        .solve()
        .unwrap();
    let expected = 0.1 / (1.0 - 2.0_f64.powf(-3.0 / far.median(1).unwrap()));
    approx::assert_relative_eq!(far.next(1).unwrap(), expected, max_relative = 1e-6);
}

/// Nobody waits in first line: those seen in second line are those who ever come, and 1 − e^(−3/2) of the others.
#[test]
fn a_line_may_take_no_time() {
    let times = [SojournTime::none(), SojournTime::exponential(2.0).unwrap()];
    let found = known(&times)
        .with_crude_shares(FollowUp::Fixed(3.0), &[0.6, 0.3])
        .unwrap()
        .solve()
        .unwrap();
    approx::assert_relative_eq!(found.next(1).unwrap(), 0.6, max_relative = 1e-7);
    let expected = 0.5 / -(-1.5_f64).exp_m1();
    approx::assert_relative_eq!(found.next(2).unwrap(), expected, max_relative = 1e-7);
    assert_eq!(
        found.pathway().groups()[0].lines()[0].sojourn_time(),
        &times[0]
    );
}

#[test]
fn an_open_sojourn_time_of_which_no_share_tells_is_refused() {
    let times = [2.0, 1.0].map(|mean| SojournTime::exponential(mean).unwrap());
    let calibration = known(&times)
        .with_open_sojourn_time(2, 0.5, 2.0)
        .unwrap()
        .with_crude_shares(FollowUp::Fixed(3.0), &[0.4])
        .unwrap();
    let error = calibration.solve().unwrap_err().to_string();
    assert!(
        error.contains("line 2") && error.contains("line 3"),
        "{error}"
    );
}

/// One cut leaves a direction that moves a share by less than a hundredth of what it moves the medians by: the share is not
/// determined all the same. The crude shares are those of exponential times of means 2.8889, 4.0739 and 0.51246 years, and of
/// 0.60567 and 0.59393 years, by the matrix exponential (scipy.linalg.expm).
#[test]
fn a_share_that_is_moved_little_is_not_determined() {
    let times = |means: &[f64]| {
        means
            .iter()
            .map(|mean| SojournTime::exponential(*mean).unwrap())
            .collect::<Vec<_>>()
    };
    let three = known(&times(&[3.668_198, 2.409_015, 0.512_465]))
        .with_open_sojourn_time(1, 1.285_384, 5.644_233)
        .and_then(|c| c.with_open_sojourn_time(2, 1.081_837, 7.432_587))
        .and_then(|c| {
            let seen = [
                0.317_787_254_269_840_1,
                0.259_203_441_585_071_4,
                0.189_533_583_807_374_48,
            ];
            c.with_crude_shares(FollowUp::Fixed(14.066_938_322_279_32), &seen)
        });
    let two = known(&times(&[0.446_443, 0.593_932_295_400_777_5]))
        .with_open_sojourn_time(1, 0.177_959, 0.775_934)
        .and_then(|c| {
            let seen = [0.363_863_484_745_019_56, 0.137_815_740_748_989_47];
            c.with_crude_shares(FollowUp::Fixed(3.479_414_268_049_332_7), &seen)
        });
    for (calibration, line, truth) in [(three, 3, 0.740_675), (two, 2, 0.385_476)] {
        let found = calibration.unwrap().solve().unwrap();
        let (low, high) = found.next_range(line).unwrap().unwrap();
        assert!(
            low < truth && truth < high && high < low + 0.1,
            "{low} {truth} {high}"
        );
    }
}

/// What is seen cannot fall with follow-up, nor be two numbers after one follow-up; what studies differ by is told.
#[test]
fn data_cuts_that_contradict_each_other_are_refused() {
    let times = [2.0, 2.0].map(|mean| SojournTime::exponential(mean).unwrap());
    let of = |cuts: [(f64, [f64; 2]); 2]| {
        let mut calibration = known(&times);
        for (years, seen) in cuts {
            calibration = calibration
                .with_crude_shares(FollowUp::Fixed(years), &seen)
                .unwrap();
        }
        calibration.solve()
    };
    for cuts in [
        [(3.0, [0.6, 0.3]), (9.0, [0.4, 0.1])],
        [(3.0, [0.76, 0.3]), (3.0, [0.2, 0.1])],
    ] {
        let error = of(cuts).unwrap_err().to_string();
        assert!(error.contains("contradict each other"), "{error}");
    }
    // 0.6·(1 − e^(−3/2)) and 0.6·(1 − e^(−9/2)), give or take a thirtieth.
    let found = of([(3.0, [0.48, 0.13]), (9.0, [0.57, 0.27])]).unwrap();
    assert!(
        found.misfit() > 1e-3 && found.to_string().contains("do not agree"),
        "{found}"
    );
}
