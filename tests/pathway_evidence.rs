//! The published studies and what is made of them.

#![allow(clippy::float_cmp)] // Where equality is meant, it is to the last bit.
#![allow(clippy::too_many_lines)] // Lists of cases.

use myeloma_epi::pathway::evidence::{
    Calibration, calibrate, figures, later_lines, preset, preset_with_follow_up, presets,
    shares_from_survival, studies, study,
};
use myeloma_epi::pathway::{
    Entry, FlowOptions, FollowUp, Line, Moment, Pathway, Share, SojournTime,
};
use myeloma_epi::{Seed, YearlyDraws};
use ndarray::Array2;

#[test]
fn every_figure_has_a_study_and_a_source() {
    assert_eq!(figures().len(), 48);
    for figure in figures() {
        assert!(study(&figure.id).is_ok(), "{}", figure.id);
        assert!(!figure.source.is_empty());
        if let (Some(low), Some(high)) = (figure.low, figure.high) {
            assert!(low < figure.value && figure.value < high);
        }
        // Each names what rests on it, which exists, or says why nothing does.
        let mut named = 0;
        for part in figure.used.split([';', ',']) {
            let part = part.trim().trim_start_matches("stays of ");
            if let Some(name) = part.strip_prefix("preset ") {
                let name = name.split(' ').next().unwrap();
                assert!(
                    preset(name).is_ok() || !study(name).unwrap().refused.is_empty(),
                    "{name}"
                );
                named += 1;
            } else if let Some(name) = part.strip_prefix("later lines ") {
                assert!(
                    later_lines(name.split(':').next().unwrap()).is_ok(),
                    "{name}"
                );
                named += 1;
            }
        }
        let refused = figure.used.strip_prefix("refused: ");
        assert!(
            named > 0 || refused.is_some_and(|why| why.len() > 20),
            "{}",
            figure.used
        );
        assert!(figure.value > 0.0);
    }
    for study in studies() {
        assert!(
            figures().iter().any(|figure| figure.id == study.id),
            "{}",
            study.id
        );
    }
    assert!(study("nobody").is_err());
}

/// A cohort that is diagnosed through 12 years and cut at their end, run through the calibrated
/// pathway, shows the crude shares that it was calibrated to.
#[test]
fn a_calibrated_pathway_shows_the_crude_shares() {
    let crude = [0.543, 0.279, 0.115];
    let stays: Vec<SojournTime> = [(1.2, 2.5), (0.9, 1.8), (1.0, 1.0)]
        .into_iter()
        .map(|(shape, scale)| SojournTime::weibull(shape, scale).unwrap())
        .collect();
    let follow_up = FollowUp::Accrual {
        accrual: 12.0,
        further: 0.0,
        growth: 0.0,
    };
    let calibrated = calibrate(&crude, follow_up, &stays).unwrap();
    let incidence = YearlyDraws::new(2008, Array2::from_elem((12, 1), 100.0)).unwrap();
    let options = FlowOptions {
        tolerance: 1e-8,
        ..FlowOptions::to(2019)
    };
    let flow = calibrated.pathway.flow(&incidence, &options).unwrap();
    for (line, share) in (2..).zip(crude) {
        let seen = flow.starts(line).unwrap().view().sum() / 1200.0;
        approx::assert_relative_eq!(seen, share, max_relative = 1e-6);
    }
    // Longer stays mean that more are still to come.
    let ultimate: Vec<f64> = calibrated
        .undetermined
        .iter()
        .filter_map(|answer| answer.ultimate_third_line)
        .collect();
    assert!(ultimate.windows(2).all(|pair| pair[0] < pair[1]));
    assert!(calibrated.longest_scale > 1.0);
    assert!(calibrate(&crude, FollowUp::Fixed(0.0), &stays).is_err());
    assert!(calibrate(&[0.5, 0.6], follow_up, &stays).is_err());
    assert!(calibrate(&crude, follow_up, &stays[..1]).is_err());
    assert!(calibrate(&crude, FollowUp::Fixed(1.0), &stays).is_err());
}

/// Under the same fixed follow-up of an exponential stay the share is crude/(1 − e^(−t/m)).
#[test]
fn one_exponential_line_has_a_closed_form() {
    let stays = [SojournTime::exponential(2.0).unwrap()];
    let calibrated = calibrate(&[0.4], FollowUp::Fixed(3.0), &stays).unwrap();
    let expected = 0.4 / -(-1.5_f64).exp_m1();
    approx::assert_relative_eq!(calibrated.next[0], expected, max_relative = 1e-7);
}

#[test]
fn presets_say_what_they_rest_on() {
    let presets = presets().unwrap();
    assert_eq!(presets.len(), 7);
    for preset in &presets {
        assert!(!preset.measured.is_empty() && preset.assumed.len() >= 4);
        assert!(preset.ultimate_third_line > 0.0 && preset.ultimate_third_line < 1.0);
    }
    // 0.561 × 0.93 × 0.88 + 0.439 × 0.81 × 0.74: McCurdy et al. 2023, the attrition of both groups.
    let cmrg = preset("cmrg").unwrap().ultimate_third_line;
    let expected = (3111.0 * 0.93 * 0.88 + 2437.0 * 0.81 * 0.74) / 5548.0;
    approx::assert_relative_eq!(cmrg, expected, max_relative = 1e-12);
    // Fonseca et al. 2020, with the middle of the range after second line.
    let claims = preset("us_claims").unwrap().ultimate_third_line;
    let expected = (2184.0 * 0.71 + 9505.0 * 0.5) / (2763.0 + 22062.0);
    approx::assert_relative_eq!(claims, expected, max_relative = 1e-3);
    let barcelona = preset("barcelona_attrition").unwrap().ultimate_third_line;
    approx::assert_relative_eq!(barcelona, 0.78 * 0.74, max_relative = 1e-12);
    for (id, why) in [("pharos_nl", "follow-up"), ("locommotion", "late line")] {
        let error = preset(id).unwrap_err().to_string();
        assert!(error.contains(why) && error.contains(id), "{error}");
    }
    // What the refusal of pharos_nl says: the stays are too long for a cut at the end of 2013.
    let cut = |further| FollowUp::Accrual {
        accrual: 6.0,
        further,
        growth: 0.0,
    };
    let error = preset_with_follow_up("pharos_nl", cut(0.0)).unwrap_err();
    assert!(error.to_string().contains("after line 1"), "{error}");
    assert!(preset_with_follow_up("pharos_nl", cut(2.0)).is_ok());
    assert!(preset_with_follow_up("cmrg", cut(2.0)).is_err());
    assert!(preset("nobody").is_err());
}

/// Expected values: `data/survival_shares.py`, by matrix exponentials.
#[test]
fn shares_follow_from_survival() {
    for (id, expected) in [
        (
            "czech_rmg",
            vec![0.936_830_838, 0.790_593_430, 0.779_751_940],
        ),
        (
            "flatiron_us",
            vec![0.702_806_664, 0.857_435_600, 0.828_350_591, 0.908_044_061],
        ),
    ] {
        let preset = preset(id).unwrap();
        let lines = preset.pathway.groups()[0].lines();
        for (line, expected) in lines.iter().zip(expected) {
            approx::assert_relative_eq!(line.next().central(2020), expected, max_relative = 1e-6);
        }
    }
    let later = later_lines("locommotion").unwrap();
    let mean = 12.0 * later.lines[1].sojourn_time().mean();
    approx::assert_relative_eq!(mean, 24.780_145_793, max_relative = 1e-6);
    // A survival that is longer than going on for everybody would give.
    let stay = SojournTime::exponential(1.0).unwrap();
    let one = std::slice::from_ref(&stay);
    let error = shares_from_survival(one, &[9.0], &stay).unwrap_err();
    assert!(error.to_string().contains("line 1"), "{error}");
    assert!(shares_from_survival(one, &[], &stay).is_err());
    assert!(shares_from_survival(one, &[f64::NAN], &stay).is_err());
}

#[test]
fn later_lines_are_joined_by_choice() {
    let canada = preset("cmrg").unwrap();
    let later = later_lines("locommotion").unwrap();
    let joined = canada.with_later_lines(&later).unwrap();
    // First to third line are Canada's.
    assert_eq!(joined.ultimate_third_line, canada.ultimate_third_line);
    for (group, before) in joined.pathway.groups().iter().zip(canada.pathway.groups()) {
        assert_eq!(group.lines()[..3], before.lines()[..3]);
        assert_eq!(group.lines()[3..], later.lines[..]);
    }
    assert!(
        joined
            .assumed
            .iter()
            .any(|text| text.contains("locommotion"))
    );
    // Patients in fourth line have the median survival that was measured: 13.8 months, so that after
    // 1.5 years (a cohort on a day in the middle of a year, at the end of the next) fewer than half live.
    let fourth = Pathway::of_lines(later.lines.clone()).unwrap();
    let incidence = YearlyDraws::new(2020, Array2::from_elem((2, 1), 1.0)).unwrap();
    let options = FlowOptions {
        entry: Entry::MidYear,
        cohorts: Some(2020..=2020),
        ..FlowOptions::to(2021)
    };
    let flow = fourth
        .at_central_values()
        .unwrap()
        .flow(&incidence, &options)
        .unwrap();
    let dead = |year| flow.dead(Moment::YearEnd).median(year).unwrap();
    assert!(dead(2020) < 0.5 && dead(2021) > 0.5);
    assert!(later_lines("cmrg").is_err());
    let short = preset("czech_rmg").unwrap();
    assert!(short.with_later_lines(&later).is_ok());
}

#[test]
fn presets_carry_the_uncertainty_of_their_numbers() {
    for preset in presets().unwrap() {
        let share = preset.ultimate_share().unwrap();
        let u = preset.ultimate_third_line;
        assert!(share.low() <= u && u <= share.high(), "{}", preset.id);
        let settled = preset.without_uncertainty().unwrap();
        assert!(!settled.pathway.is_uncertain() && !settled.delay.is_uncertain());
        assert_eq!(settled.ultimate_share().unwrap().low(), u);
        assert_eq!(settled.ultimate_share().unwrap().high(), u);
    }
    // West China: 350 of 1255 seen in third line, Jeffreys' interval of the count (scipy.stats.beta.ppf
    // at 2.5 and 97.5 % of 350.5, 905.5), divided by the part seen.
    let west = preset("west_china").unwrap();
    let seen = west.calibrated.as_ref().unwrap().seen[1];
    let share = west.ultimate_share().unwrap();
    // The product of two independent beta draws is that of one beta only nearly (Jeffreys' halves).
    approx::assert_relative_eq!(share.low() * seen, 0.254_603_714, max_relative = 6e-3);
    approx::assert_relative_eq!(share.high() * seen, 0.304_183_743, max_relative = 6e-3);
    // The interval of the median PFS, 21.7 to 26.9 months: ln(26.9/21.7)/(2·1.96).
    let error = west.delay.first_line().relative_error();
    approx::assert_relative_eq!(error, 0.054_800, max_relative = 1e-4);
}

fn accrual(years: f64, further: f64) -> FollowUp {
    FollowUp::Accrual {
        accrual: years,
        further,
        growth: 0.0,
    }
}

/// The crude shares of a model at a data cut, from the deterministic solver: a cohort diagnosed at a steady
/// rate through six years.
fn crude(pathway: &Pathway, cut: i32) -> Vec<f64> {
    let cohorts = Array2::from_shape_fn((20, 1), |(year, _)| if year < 6 { 1.0 } else { 0.0 });
    let incidence = YearlyDraws::new(2000, cohorts).unwrap();
    let flow = pathway
        .flow(
            &incidence,
            &FlowOptions {
                tolerance: 1e-8,
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

/// The same stays with other time scales.
fn open_calibration() -> Calibration {
    let median = |shape: f64, scale: f64| scale * std::f64::consts::LN_2.powf(1.0 / shape);
    let (first, second) = (median(1.2, 2.6), median(0.9, 1.5));
    Calibration::new([
        SojournTime::weibull(1.2, 2.0).unwrap(),
        SojournTime::weibull(0.9, 2.2).unwrap(),
    ])
    .with_open_stay(1, first / 3.0, first * 3.0)
    .unwrap()
    .with_open_stay(2, second / 3.0, second * 3.0)
    .unwrap()
}

#[test]
fn two_data_cuts_determine_shares_and_stays() {
    let model = known_model();
    let calibrated = open_calibration()
        .with_crude_shares(accrual(6.0, 0.0), &crude(&model, 2005))
        .unwrap()
        .with_crude_shares(accrual(6.0, 8.0), &crude(&model, 2013))
        .unwrap()
        .solve()
        .unwrap();
    assert!(calibrated.misfit < 1e-6 && calibrated.undetermined.is_empty());
    for (estimate, expected) in calibrated.next.iter().zip([0.74, 0.61]) {
        assert!(estimate.determined);
        approx::assert_relative_eq!(estimate.value, expected, max_relative = 1e-4);
        assert_eq!(
            (estimate.low, estimate.high),
            (estimate.value, estimate.value)
        );
    }
    let lines = model.groups()[0].lines();
    for (estimate, line) in calibrated.medians.iter().zip(lines) {
        assert!(estimate.determined);
        approx::assert_relative_eq!(
            estimate.value,
            line.sojourn_time().median(),
            max_relative = 1e-4
        );
    }
    let ultimate = calibrated.ultimate_third_line.unwrap();
    approx::assert_relative_eq!(ultimate.value, 0.74 * 0.61, max_relative = 1e-4);
}

#[test]
fn one_data_cut_leaves_open_stays_undetermined() {
    let model = known_model();
    let cut = crude(&model, 2005);
    let one = open_calibration()
        .with_crude_shares(accrual(6.0, 0.0), &cut)
        .unwrap();
    let calibrated = one.solve().unwrap();
    assert!(calibrated.misfit < 1e-6);
    // Two open stays, two directions; along each of them nothing that was measured changes.
    assert_eq!(calibrated.undetermined.len(), 2);
    let ultimate = calibrated.ultimate_third_line.unwrap();
    assert!(!ultimate.determined);
    assert!(ultimate.low < 0.74 * 0.61 && 0.74 * 0.61 < ultimate.high);
    // The pathway found shows the crude shares all the same.
    for (got, expected) in crude(&calibrated.pathway, 2005).iter().zip(&cut) {
        approx::assert_relative_eq!(got, expected, max_relative = 1e-6);
    }
    // The ends of the range are those of the calibration with the stays known there.
    let medians = calibrated.medians.clone();
    assert!(medians.iter().all(|m| !m.determined));
    let stays = [(1.2, medians[0].low), (0.9, medians[1].low)].map(|(shape, median)| {
        let scale = median / std::f64::consts::LN_2.powf(1.0 / shape);
        SojournTime::weibull(shape, scale).unwrap()
    });
    let shortest = calibrate(&cut, accrual(6.0, 0.0), &stays).unwrap();
    approx::assert_relative_eq!(
        shortest.ultimate_third_line.unwrap(),
        ultimate.low,
        max_relative = 1e-6
    );
}

/// One stay known settles the share after it; the other line stays open. Two cuts long after the last stay
/// has ended give the shares and tell nothing of the stays.
#[test]
fn what_is_determined_is_told_from_what_is_not() {
    let model = known_model();
    let cut = crude(&model, 2005);
    let lines = model.groups()[0].lines();
    let calibrated = Calibration::new([
        lines[0].sojourn_time().clone(),
        lines[1].sojourn_time().clone(),
    ])
    .with_open_stay(2, 0.2, 4.0)
    .unwrap()
    .with_crude_shares(accrual(6.0, 0.0), &cut)
    .unwrap()
    .solve()
    .unwrap();
    assert!(calibrated.next[0].determined && !calibrated.next[1].determined);
    approx::assert_relative_eq!(calibrated.next[0].value, 0.74, max_relative = 1e-5);
    assert_eq!(calibrated.undetermined.len(), 1);
    assert!(calibrated.undetermined[0].next[0].abs() < 1e-6);

    let late = Calibration::new([SojournTime::exponential(1.0).unwrap()])
        .with_open_stay(1, 0.3, 1.5)
        .unwrap()
        .with_crude_shares(FollowUp::Fixed(40.0), &[0.6])
        .unwrap()
        .with_crude_shares(FollowUp::Fixed(60.0), &[0.6])
        .unwrap()
        .solve()
        .unwrap();
    assert!(late.next[0].determined && !late.medians[0].determined);
    approx::assert_relative_eq!(late.next[0].value, 0.6, max_relative = 1e-6);
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
    for (estimate, expected) in calibrated.next.iter().zip([0.74, 0.61]) {
        approx::assert_relative_eq!(estimate.value, expected, max_relative = 0.01);
    }
    let lines = model.groups()[0].lines();
    for (estimate, line) in calibrated.medians.iter().zip(lines) {
        approx::assert_relative_eq!(
            estimate.value,
            line.sojourn_time().median(),
            max_relative = 0.02
        );
    }
}

/// With open stays the Dutch figures are possible by the end of 2013, and leave the ultimate share open.
#[test]
fn pharos_with_open_stays() {
    let shares: Vec<f64> = study("pharos_nl")
        .unwrap()
        .figures("crude_reach")
        .map(|f| f.value)
        .collect();
    let stays = preset("czech_rmg").unwrap();
    let stays: Vec<SojournTime> = stays.pathway.groups()[0].lines()[..3]
        .iter()
        .map(|line| line.sojourn_time().clone())
        .collect();
    let calibrated = Calibration::new(stays)
        .with_open_stay(1, 0.5, 1.75)
        .unwrap()
        .with_open_stay(2, 0.3, 1.1)
        .unwrap()
        .with_crude_shares(accrual(6.0, 0.0), &shares)
        .unwrap()
        .solve()
        .unwrap();
    assert!(calibrated.misfit < 1e-6);
    // With the Czech first line, 1.75 years, it is not: the longest stay that is possible is shorter.
    assert!(calibrated.medians[0].high < 1.75);
    let ultimate = calibrated.ultimate_third_line.unwrap();
    assert!(!ultimate.determined && ultimate.low > 0.309 && ultimate.high < 1.0);
}

#[test]
fn bad_calibrations_are_refused() {
    let stay = || SojournTime::exponential(1.0).unwrap();
    let two = || Calibration::new([stay(), stay()]);
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
            .with_open_stay(line, low, high)
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
