//! Models that several tests run, and random ones.

use myeloma_epi::pathway::{Flow, Group, Line, Moment, Pathway, Share, SojournTime};
use myeloma_epi::{TherapyModel, YearlyDraws};
use ndarray::Array2;
use proptest::prelude::*;

pub(crate) fn four_lines() -> TherapyModel {
    let text = include_str!("../../examples/four_lines_weibull.json");
    TherapyModel::from_json("four_lines_weibull.json", text).unwrap()
}

/// Patients by year and line (`data/four_lines.py`).
pub(crate) fn reference() -> Vec<Vec<f64>> {
    let text = include_str!("../data/four_lines.json");
    let mut file: serde_json::Value = serde_json::from_str(text).unwrap();
    serde_json::from_value(file["prevalence"].take()).unwrap()
}

pub(crate) fn sizes(model: &TherapyModel) -> Vec<u64> {
    let cases = model.new_cases().unwrap().medians();
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    cases.into_iter().map(|n| n as u64).collect()
}

pub(crate) fn constant(first_year: i32, years: usize, cases: f64) -> YearlyDraws {
    YearlyDraws::new(first_year, Array2::from_elem((years, 1), cases)).unwrap()
}

pub(crate) fn known(share: f64) -> Share {
    Share::new(share).unwrap()
}

/// A model with all that there is: groups, time off treatment, sojourn times by event, survival of the lost
/// and of the never treated, shares by year of diagnosis.
pub(crate) fn rich() -> Pathway {
    let by_year = Share::by_year([(2019, 0.45), (2030, 0.65)]).unwrap();
    let transplanted = Group::new(
        "transplanted",
        known(0.4),
        [
            Line::new(SojournTime::weibull(1.3, 3.5).unwrap(), known(0.2))
                .with_death(known(0.1))
                .with_off_treatment(
                    known(0.6),
                    Line::new(SojournTime::log_normal(1.5, 0.8).unwrap(), known(0.8))
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

pub(crate) fn quantities<'a>(
    a: &'a Flow,
    b: &'a Flow,
) -> Vec<(String, &'a YearlyDraws, &'a YearlyDraws)> {
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

pub(crate) fn any_sojourn_time() -> impl Strategy<Value = SojournTime> {
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

pub(crate) fn any_line() -> impl Strategy<Value = Line> {
    let off = prop::option::of((
        any_sojourn_time(),
        any_sojourn_time(),
        0.0..1.0_f64,
        0.0..1.0_f64,
    ));
    (
        any_sojourn_time(),
        any_sojourn_time(),
        prop::array::uniform4(0.01..1.0_f64),
        off,
    )
        .prop_map(|(time, time_to_death, weights, off)| {
            let sum: f64 = weights.iter().sum();
            let line = Line::new(time, known(weights[0] / sum))
                .with_death(known(weights[1] / sum))
                .with_time_to_death(time_to_death);
            match off {
                None => line,
                Some((time, time_to_death, next, death)) => line.with_off_treatment(
                    known(weights[2] / sum),
                    Line::new(time, known(next))
                        .with_time_to_death(time_to_death)
                        .with_death(known((1.0 - next) * death)),
                ),
            }
        })
}

pub(crate) fn any_pathway() -> impl Strategy<Value = Pathway> {
    let group = (
        prop::collection::vec(any_line(), 1..5),
        any_sojourn_time(),
        0.0..0.5_f64,
        prop::option::of(any_sojourn_time()),
        prop::option::of(any_sojourn_time()),
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
                Some(time) => group.with_lost_survival(time),
                None => group,
            }
        });
        Pathway::new(groups).unwrap()
    })
}
