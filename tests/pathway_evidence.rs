//! The published studies and what is made of them.

#![allow(clippy::float_cmp)] // Where equality is meant, it is to the last bit.
#![allow(clippy::too_many_lines)] // Lists of cases.

use myeloma_epi::YearlyDraws;
use myeloma_epi::pathway::evidence::{
    calibrate, figures, preset, preset_with_follow_up, presets, studies, study,
};
use myeloma_epi::pathway::{FlowOptions, FollowUp, Stay};
use ndarray::Array2;

#[test]
fn every_figure_has_a_study_and_a_source() {
    assert_eq!(figures().len(), 43);
    for figure in figures() {
        assert!(study(&figure.id).is_ok(), "{}", figure.id);
        assert!(!figure.source.is_empty());
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
    let stays: Vec<Stay> = [(1.2, 2.5), (0.9, 1.8), (1.0, 1.0)]
        .into_iter()
        .map(|(shape, scale)| Stay::weibull(shape, scale).unwrap())
        .collect();
    let follow_up = FollowUp::Accrual {
        accrual: 12.0,
        further: 0.0,
        growth: 0.0,
    };
    let calibrated = calibrate(&crude, follow_up, &stays).unwrap();
    let incidence = YearlyDraws::new(2008, Array2::from_elem((12, 1), 100.0)).unwrap();
    let options = FlowOptions::to(2019).with_tolerance(1e-8);
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
    let stays = [Stay::exponential(2.0).unwrap()];
    let calibrated = calibrate(&[0.4], FollowUp::Fixed(3.0), &stays).unwrap();
    let expected = 0.4 / -(-1.5_f64).exp_m1();
    approx::assert_relative_eq!(calibrated.next[0], expected, max_relative = 1e-7);
}

#[test]
fn presets_say_what_they_rest_on() {
    let presets = presets().unwrap();
    assert_eq!(presets.len(), 3);
    for preset in &presets {
        assert!(!preset.measured.is_empty() && preset.assumed.len() >= 4);
        assert!(preset.ultimate_third_line > 0.0 && preset.ultimate_third_line < 1.0);
    }
    // 0.561 × 0.93 × 0.88 + 0.439 × 0.81 × 0.74: McCurdy et al. 2023, the attrition of both groups.
    let cmrg = preset("cmrg").unwrap().ultimate_third_line;
    let expected = (3111.0 * 0.93 * 0.88 + 2437.0 * 0.81 * 0.74) / 5548.0;
    approx::assert_relative_eq!(cmrg, expected, max_relative = 1e-12);
    let error = preset("pharos_nl").unwrap_err().to_string();
    assert!(error.contains("follow-up"), "{error}");
    let longer = FollowUp::Accrual {
        accrual: 6.0,
        further: 2.0,
        growth: 0.0,
    };
    assert!(preset_with_follow_up("pharos_nl", longer).is_ok());
    assert!(preset("nobody").is_err());
}
