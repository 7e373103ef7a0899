//! What a published share can mean: conversions between estimands, readings, and files.

use std::fmt::Debug;

use approx::assert_relative_eq;
use myeloma_epi::figures::third_line_share;
use myeloma_epi::pathway::evidence::Calibration;
use myeloma_epi::pathway::{
    Delay, Entry, FlowOptions, FollowUp, Line, Pathway, Reading, Share, ShareDistribution,
    SojournTime, UltimateShare,
};
use myeloma_epi::{Seed, YearlyDraws};
use ndarray::Array2;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Through JSON and back, equal to the bit; returns the text.
pub(super) fn round_trip<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) -> String {
    let text = serde_json::to_string(value).unwrap();
    let again: T = serde_json::from_str(&text).unwrap();
    assert_eq!(&again, value, "{text}");
    assert_eq!(serde_json::to_string(&again).unwrap(), text);
    text
}

/// Why a text is not one of the type.
pub(super) fn refusal<T: DeserializeOwned + Debug>(text: &str) -> String {
    serde_json::from_str::<T>(text).unwrap_err().to_string()
}

fn delay(first_mean: f64, second_mean: f64) -> Delay {
    Delay::new(
        SojournTime::exponential(first_mean).unwrap(),
        SojournTime::exponential(second_mean).unwrap(),
    )
}

#[test]
fn conversions_invert_each_other_and_match_closed_forms() {
    let delay = Delay::new(
        SojournTime::exponential(2.5).unwrap(),
        SojournTime::exponential(1.5).unwrap(),
    );
    let discount = delay.discount(0.03).unwrap();
    assert_relative_eq!(discount, 1.0 / (1.075 * 1.045), max_relative = 1e-13);
    // The same by quadrature: a Weibull distribution of shape 1 is exponential.
    let weibull = Delay::new(
        SojournTime::weibull(1.0, 2.5).unwrap(),
        SojournTime::gamma(1.0, 1.5).unwrap(),
    );
    for rate in [-0.2, 0.03, 0.4] {
        assert_relative_eq!(
            weibull.discount(rate).unwrap(),
            delay.discount(rate).unwrap(),
            max_relative = 1e-11
        );
    }
    assert!(delay.discount(-0.5).is_err());
    // Without a mean there is none for however slow a decline.
    let endless = SojournTime::log_logistic(0.5, 1.0).unwrap();
    let endless = Delay::new(endless, SojournTime::none());
    assert!(endless.discount(-1e-30).is_err());

    let share = UltimateShare::new(0.30, 0.40, ShareDistribution::Uniform).unwrap();
    let follow_up = FollowUp::Accrual {
        accrual: 6.0,
        further: 2.0,
        growth: 0.03,
    };
    let there_and_back = |reading: &Reading| {
        let (low, high) = reading.implied(&share).unwrap();
        let back = reading.ultimate_of(low, high, share.distribution());
        (low, high, back.unwrap())
    };
    let crude = Reading::Crude {
        delay: delay.clone(),
        follow_up,
    };
    let (_, high, back) = there_and_back(&crude);
    assert!(high < share.high());
    assert_relative_eq!(back.low(), 0.30, max_relative = 1e-12);
    let still = FollowUp::Accrual {
        accrual: 6.0,
        further: 2.0,
        growth: 1e-9,
    };
    let steady = FollowUp::Accrual {
        accrual: 6.0,
        further: 2.0,
        growth: 0.0,
    };
    assert_relative_eq!(
        still.seen(&delay).unwrap(),
        steady.seen(&delay).unwrap(),
        max_relative = 1e-8
    );
    let by_five = Reading::CumulativeIncidence {
        delay: delay.clone(),
        years: 5.0,
    };
    let (low, _, back) = there_and_back(&by_five);
    assert_relative_eq!(low, 0.30 * delay.cdf(5.0).unwrap(), max_relative = 1e-12);
    assert_relative_eq!(back.high(), 0.40, max_relative = 1e-12);
    let growing = Reading::YearlyFlow {
        delay: delay.clone(),
        growth: 0.03,
    };
    let (low, _, back) = there_and_back(&growing);
    assert_relative_eq!(low, 0.30 * discount, max_relative = 1e-12);
    assert_relative_eq!(back.high(), 0.40, max_relative = 1e-12);
    // Half to two thirds of the six in ten with second line.
    let of_previous = Reading::OfPrevious {
        reached_second_line: 0.6,
    };
    let (low, high, _) = there_and_back(&of_previous);
    assert_relative_eq!(low, 1.0 / 2.0, max_relative = 1e-12);
    assert_relative_eq!(high, 2.0 / 3.0, max_relative = 1e-12);
    let of_nobody = Reading::OfPrevious {
        reached_second_line: 0.2,
    };
    let error = of_nobody.implied(&share).unwrap_err().to_string();
    assert!(error.contains("above 1"), "{error}");
}

/// What the published range comes to under each reading, by closed forms.
#[test]
fn readings_of_the_published_range() {
    let published = third_line_share();
    assert_eq!(Reading::default(), Reading::Ultimate);
    let delay = delay(2.5, 1.5);
    // 1 − (2.5·e^(−t/2.5) − 1.5·e^(−t/1.5)).
    let seen = |t: f64| 1.0 - 2.5 * (-t / 2.5).exp() + 1.5 * (-t / 1.5).exp();
    for (reading, factor) in [
        (Reading::Ultimate, 1.0),
        (
            Reading::Crude {
                delay: delay.clone(),
                follow_up: FollowUp::Fixed(6.0),
            },
            1.0 / seen(6.0),
        ),
        (
            Reading::CumulativeIncidence {
                delay: delay.clone(),
                years: 5.0,
            },
            1.0 / seen(5.0),
        ),
        (
            Reading::OfPrevious {
                reached_second_line: 0.6,
            },
            0.6,
        ),
        (
            Reading::YearlyFlow {
                delay: delay.clone(),
                growth: 0.03,
            },
            1.075 * 1.045,
        ),
    ] {
        let share = reading.ultimate(&published, ShareDistribution::Uniform);
        let share = share.unwrap();
        assert_relative_eq!(share.low(), 0.30 * factor, max_relative = 1e-9);
        assert_relative_eq!(share.high(), 0.40 * factor, max_relative = 1e-9);
        round_trip(&reading);
    }
}

#[test]
fn readings_that_contradict_what_they_assume_are_refused() {
    let published = third_line_share();
    for (reading, word) in [
        (
            Reading::CumulativeIncidence {
                delay: delay(20.0, 20.0),
                years: 3.0,
            },
            "contradict",
        ),
        (
            Reading::Crude {
                delay: delay(1.0, 1.0),
                follow_up: FollowUp::Fixed(0.0),
            },
            "follow-up",
        ),
        (
            Reading::OfPrevious {
                reached_second_line: 1.5,
            },
            "second line",
        ),
        (
            Reading::YearlyFlow {
                delay: delay(1.0, 1.0),
                growth: f64::NAN,
            },
            "growth",
        ),
    ] {
        let error = reading.ultimate(&published, ShareDistribution::Uniform);
        let error = error.unwrap_err().to_string();
        assert!(error.contains(word), "{error}");
    }
}

/// Under incidence that falls by 6 % a year the discount is 1/((1 - 0.24)(1 - 0.18)) = 1.605: eight in ten
/// who ever start are 1.2837 starts per diagnosis, and back.
#[test]
fn a_yearly_flow_may_exceed_one() {
    let flow = |growth| Reading::YearlyFlow {
        delay: delay(4.0, 3.0),
        growth,
    };
    let falling = flow(-0.06);
    for distribution in ShareDistribution::ALL {
        let share = UltimateShare::new(0.7, 0.8, distribution).unwrap();
        let (low, high) = falling.implied(&share).unwrap();
        assert_relative_eq!(high, 1.283_697, max_relative = 1e-6);
        let back = falling.ultimate_of(low, high, distribution).unwrap();
        assert_relative_eq!(back.low(), 0.7, max_relative = 1e-12);
        assert_relative_eq!(back.high(), 0.8, max_relative = 1e-12);
    }
    // As an ultimate share it would be above 1, if incidence grew.
    let read = |growth, low, high| flow(growth).ultimate_of(low, high, ShareDistribution::Uniform);
    let error = read(0.03, 0.9, 1.2).unwrap_err();
    assert!(error.to_string().contains("above 1"), "{error}");
    for (low, high) in [
        (-0.1, 0.5),
        (0.5, f64::INFINITY),
        (f64::NAN, 0.5),
        (0.5, 0.4),
    ] {
        assert!(read(-0.06, low, high).is_err());
    }
}

/// Of patients diagnosed within an hour half a year before the cut, the share seen is that at half a year:
/// 1 − 2·e^(−0.25) + e^(−0.5) for exponential times of 1 and 2 years.
#[test]
fn accrual_may_be_short() {
    let expected = 1.0 - 2.0 * (-0.25_f64).exp() + (-0.5_f64).exp();
    for accrual in [5e-324, 1e-300, 1e-16, 1e-12, 1e-8, 0.99e-4, 1.01e-4] {
        for growth in [0.0, 0.1] {
            let follow_up = FollowUp::Accrual {
                accrual,
                further: 0.5,
                growth,
            };
            let seen = follow_up.seen(&delay(1.0, 2.0)).unwrap();
            // The density at half a year is 0.17.
            assert!(
                (seen - expected).abs() < 0.1 * accrual + 1e-8,
                "{accrual} {growth} {seen}"
            );
        }
    }
}

/// Of patients diagnosed within an hour, a year before the cut or a little less, all who have had a fixed year by then are seen,
/// which is the part of the accrual that lies before it.
#[test]
fn a_fixed_time_may_end_within_a_short_accrual() {
    let fixed = SojournTime::table([(1.0, 0.0), (1.0, 1.0)]).unwrap();
    for second in [
        SojournTime::none(),
        SojournTime::table([(0.0, 0.5), (3.0, 0.5), (3.0, 1.0)]).unwrap(),
    ] {
        let of_second = second.cdf(0.0);
        let delay = Delay::new(fixed.clone(), second);
        for (accrual, part) in [(9e-5, 0.8), (5e-5, 0.55), (1e-5, 0.05), (1.1e-4, 0.3)] {
            let follow_up = FollowUp::Accrual {
                accrual,
                further: 1.0 - (1.0 - part) * accrual,
                growth: 0.0,
            };
            let seen = follow_up.seen(&delay).unwrap();
            assert!(
                (seen - part * of_second).abs() < 1e-5,
                "{accrual}: {seen} {part}"
            );
        }
    }
}

/// A count corrected by a factor is a share: what is above 1 is drawn again, and does not pile up at 1.
#[test]
fn corrected_counts_are_shares() {
    let next = Share::counted_times(9.0, 12.0, 1.3).unwrap();
    let line = |next| Line::new(SojournTime::exponential(0.01).unwrap(), next);
    let pathway = Pathway::of_lines([line(next), line(Share::new(0.0).unwrap())]).unwrap();
    let incidence = YearlyDraws::new(2000, Array2::from_elem((1, 20_000), 1.0)).unwrap();
    let options = FlowOptions {
        cohorts: Some(2000..=2000),
        entry: Entry::MidYear,
        ..FlowOptions::to(2000)
    };
    let flow = pathway.flow(&incidence, &options).unwrap();
    let starts = flow.starts(2).unwrap().year(2000).unwrap();
    assert!(starts.iter().all(|share| *share <= 1.0 + 1e-6));
    let at_one = starts.iter().filter(|share| **share > 1.0 - 1e-6).count();
    assert!(at_one < 5, "{at_one}");
    // The mean of 1.3·beta(9.5, 3.5) below 1, from SciPy: 1.3*beta.expect(lb=0, ub=1/1.3, conditional=True).
    assert_relative_eq!(starts.mean().unwrap(), 0.849_452, max_relative = 5e-3);
    let error = Share::counted_times(0.0, 10.0, 1e9)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("times") && error.contains("one draw in a hundred"),
        "{error}"
    );
}

#[test]
fn too_many_draws_of_a_share_are_refused() {
    let share = UltimateShare::new(0.3, 0.4, ShareDistribution::Pert).unwrap();
    for draws in [usize::MAX, 1 << 50] {
        assert!(share.draws(draws, Seed::new(1)).is_err());
    }
}

#[test]
fn estimands_are_read_as_they_are_written() {
    for distribution in ShareDistribution::ALL {
        let (low, high) = (0.1 + 0.2, 1.0 / 3.0);
        let share = UltimateShare::new(low, high, distribution).unwrap();
        let text = round_trip(&share);
        assert!(text.contains(&format!("\"distribution\":\"{}\"", distribution.name())));
        for follow_up in [
            FollowUp::Fixed(2.5),
            FollowUp::Accrual {
                accrual: 6.1,
                further: 0.0,
                growth: -0.01,
            },
        ] {
            round_trip(&follow_up);
        }
    }
    for share in [
        Share::new(0.1 + 0.2),
        Share::range(0.3, 0.4, ShareDistribution::Beta95),
        Share::counted_times(583.0, 917.0, 1.3),
        Share::by_year([(2010, 0.5), (2020, 0.6)]),
    ] {
        round_trip(&share.unwrap());
    }
    // As narrow as a hundred million patients make it: one draw in forty is below its lower end, one above its upper end.
    let narrow = UltimateShare::new(0.3499, 0.3501, ShareDistribution::Beta95).unwrap();
    let draws = narrow.draws(20_000, Seed::default()).unwrap();
    for outside in [
        draws.iter().filter(|share| **share < 0.3499).count(),
        draws.iter().filter(|share| **share > 0.3501).count(),
    ] {
        // Four standard deviations of a binomial count: 4·√(20,000/40·39/40).
        assert!(outside.abs_diff(500) < 88, "{outside}");
    }
    let range = r#"{"low": 0.4, "high": 0.3}"#;
    let refused = refusal::<UltimateShare>(range);
    assert!(refused.contains("lower end first"), "{refused}");
    for (refusal, word) in [
        (refusal::<FollowUp>(r#"{"fixed": 0}"#), "above 0"),
        (
            refusal::<FollowUp>(r#"{"accrual": {"accrual": 3, "growth": 2}}"#),
            "growth",
        ),
        (refusal::<FollowUp>(r#"{"median": 3}"#), "median"),
    ] {
        assert!(refusal.contains(word), "{refusal}");
    }
}

/// A delay between 1 and 1 + w years, uniformly: under growth g, of those who will ever start, seen by the
/// end of an accrual of A years is, with ∫ of e^(−gu)·(u − 1)/w from 1 to 1 + w and of e^(−gu) from there
/// to A,
///
/// g·(e^(−g)·(1 − e^(−gw)(1 + gw))/(w·g²) + (e^(−g(1 + w)) − e^(−gA))/g)/(1 − e^(−gA)).
#[test]
fn growth_during_accrual_meets_the_closed_form_for_steep_sojourn_times() {
    for (w, accrual, growth) in [(1.0, 6.0, 0.08), (0.01, 40.0, 0.08), (0.1, 150.0, -0.03)] {
        let sojourn_time = SojournTime::table([(1.0, 0.0), (1.0 + w, 1.0)]).unwrap();
        let follow_up = FollowUp::Accrual {
            accrual,
            further: 0.0,
            growth,
        };
        let gw: f64 = growth * w;
        let ramp = (-growth).exp() * (1.0 - (-gw).exp() * (1.0 + gw)) / (w * growth * growth);
        let tail = ((-growth * (1.0 + w)).exp() - (-growth * accrual).exp()) / growth;
        let expected = growth * (ramp + tail) / (1.0 - (-growth * accrual).exp());
        let delay = Delay::new(sojourn_time, SojournTime::none());
        let seen = follow_up.seen(&delay).unwrap();
        assert_relative_eq!(seen, expected, max_relative = 1e-9);
    }
    // An exponential sojourn time with mean 2: 1 − e^(−u/2) in place of the ramp. The calibration counts on a grid.
    let (accrual, growth) = (8.0, 0.08_f64);
    let follow_up = FollowUp::Accrual {
        accrual,
        further: 0.0,
        growth,
    };
    let faster = growth + 0.5;
    let all = 1.0 - (-growth * accrual).exp();
    let expected = 1.0 - growth * (1.0 - (-faster * accrual).exp()) / faster / all;
    let sojourn_time = SojournTime::exponential(2.0).unwrap();
    let calibrated = Calibration::new([sojourn_time])
        .with_crude_shares(follow_up, &[0.5 * expected])
        .and_then(|calibration| calibration.solve())
        .unwrap();
    assert_relative_eq!(calibrated.next(1).unwrap(), 0.5, max_relative = 1e-7);
}

/// Of nobody there is no share.
#[test]
fn a_share_of_nobody_says_so() {
    let share = UltimateShare::new(0.3, 0.4, ShareDistribution::Uniform).unwrap();
    let nobody = Reading::OfPrevious {
        reached_second_line: 0.0,
    };
    let error = nobody.implied(&share).unwrap_err().to_string();
    assert!(error.contains("is of nobody"), "{error}");
    let late = SojournTime::table([(5.0, 0.0), (5.0, 1.0)]).unwrap();
    let early = Reading::Crude {
        delay: Delay::new(late.clone(), late),
        follow_up: FollowUp::Fixed(3.0),
    };
    for error in [
        early.implied(&share).unwrap_err(),
        early
            .ultimate_of(0.0, 0.1, ShareDistribution::Uniform)
            .unwrap_err(),
    ] {
        let error = error.to_string();
        assert!(
            error.contains("nobody can have started third line"),
            "{error}"
        );
    }
}
