//! Random models of therapy, delays, readings of a share, and calibrations.

use myeloma_epi::pathway::access::Exposure;
use myeloma_epi::pathway::evidence::Calibration;
use myeloma_epi::pathway::{
    Delay, Entry, Flow, FlowOptions, FollowUp, Group, Line, Moment, Pathway, Reading, Share,
    ShareDistribution, SojournFamily, SojournTime, ThirdLine, UltimateShare,
};
use myeloma_epi::report::chart;
use myeloma_epi::{Result, Seed, YearlyDraws, figures};
use ndarray::Array2;

use super::{Random, comes_back, draws, holds, ordered, people, printed_result, refused};

const DISTRIBUTIONS: [ShareDistribution; 3] = [
    ShareDistribution::Uniform,
    ShareDistribution::Pert,
    ShareDistribution::Beta95,
];

fn share(random: &mut Random, most: f64) -> Result<Share> {
    match random.below(8) {
        0 => Share::range(
            random.number(0.0, 0.5 * most),
            random.number(0.5 * most, most),
            random.pick(&DISTRIBUTIONS),
        ),
        1 => Share::counted_times(
            random.number(1.0, 40.0),
            random.number(80.0, 200.0),
            random.pick(&[1.0, 1.0, 0.9, 1.2, f64::NAN]),
        ),
        2 => Share::by_year([
            (2000, random.unit() * most),
            (random.year(2001), random.unit() * most),
        ]),
        _ => Share::new(random.number(0.0, most)),
    }
}

fn sojourn_time(random: &mut Random) -> Result<SojournTime> {
    let scale = random.number(0.05, 5.0);
    let shape = random.number(0.3, 8.0);
    let time = match random.below(10) {
        0 => SojournTime::weibull(shape, scale),
        1 => SojournTime::gamma(shape, scale),
        2 => SojournTime::log_normal(scale, random.number(0.05, 2.0)),
        3 => SojournTime::log_logistic(1.0 + shape, scale),
        4 => SojournTime::table([(0.0, 0.0), (scale, random.unit()), (2.0 * scale, 1.0)]),
        5 => Ok(SojournTime::none()),
        6 => SojournTime::from_mean_sd(SojournFamily::Gamma, scale, shape),
        7 => SojournTime::from_median(SojournFamily::Weibull, scale, (0.75, 1.5 * scale)),
        8 => SojournTime::exponential(scale),
        _ => SojournTime::exponential_from_median(scale)
            .and_then(|time| time.scaled(random.number(0.2, 3.0))),
    }?;
    if random.once_in(5) {
        return time.with_relative_error(random.number(0.0, 0.3));
    }
    Ok(time)
}

fn pathway(random: &mut Random) -> Result<Pathway> {
    let lines = 1 + random.below(4);
    let groups = 1 + random.below(2);
    let mut all = Vec::new();
    for group in 0..groups {
        let mut own = Vec::new();
        for i in 0..lines {
            let next = if i + 1 == lines {
                Share::new(0.0)?
            } else {
                share(random, 0.6)?
            };
            let mut line = Line::new(sojourn_time(random)?, next);
            if random.once_in(6) {
                line = line
                    .with_time_to_next(sojourn_time(random)?)
                    .with_time_to_death(sojourn_time(random)?);
            }
            if random.once_in(3) {
                line = line.with_death(share(random, 0.25)?);
            }
            if i + 1 < lines && random.once_in(4) {
                let goes_off = share(random, 0.15)?;
                let off = Line::new(sojourn_time(random)?, share(random, 0.9)?);
                line = line.with_off_treatment(goes_off, off);
            }
            own.push(line);
        }
        let name = format!("{}{group}", random.name());
        let mut one = Group::new(name, Share::new(1.0)?, own)?;
        if groups > 1 {
            one = one.with_weight(Share::new(0.5)?);
        }
        if random.once_in(3) {
            let survival = if random.once_in(2) {
                Some(sojourn_time(random)?)
            } else {
                None
            };
            one = one.with_never_treated(share(random, 0.2)?, survival);
        }
        if random.once_in(4) {
            one = one.with_lost_survival(sojourn_time(random)?);
        }
        all.push(one);
    }
    Pathway::new(all)
}

fn diagnosed(random: &mut Random) -> Result<YearlyDraws> {
    let (years, number) = (1 + random.below(30), 1 + random.below(4));
    let wild = random.once_in(10);
    let level = random.magnitude(1.0, 1e5);
    let cases = Array2::from_shape_fn(
        (years, number),
        |_| if wild { random.count() } else { level },
    );
    YearlyDraws::new(random.year(2000), cases)
}

fn tables(flow: &Flow) {
    for line in flow.to_csv().unwrap().lines().skip(1) {
        people(
            "a number of a table",
            &line
                .split(',')
                .skip(2)
                .filter(|n| !n.is_empty())
                .map(|n| n.parse().unwrap())
                .collect::<Vec<f64>>(),
        );
    }
    // What rests on years that were not given is a share of each number, or not known.
    for row in flow.states_not_given_csv().lines().skip(1) {
        let share = row.rsplit(',').next().unwrap();
        let share = share.parse().unwrap_or(0.0);
        ordered("a share not given", &[0.0, share, 1.0]);
    }
    assert!(!flow.states_csv().contains("NaN"));
}

fn flows(random: &mut Random) {
    let model = match pathway(random) {
        Ok(model) => model,
        Err(error) => return refused(&error),
    };
    comes_back(&model);
    printed_result(&model);
    let incidence = match diagnosed(random) {
        Ok(incidence) => incidence,
        Err(error) => return refused(&error),
    };
    let options = FlowOptions {
        entry: random.pick(&[Entry::UniformOverYear, Entry::MidYear]),
        tolerance: random.pick(&[1e-4, 1e-5, 1e-3, 0.0, f64::NAN]),
        seed: Seed::new(random.bits()),
        ..FlowOptions::to(random.year(incidence.last_year()))
    };
    let flow = match model.flow(&incidence, &options) {
        Ok(flow) => flow,
        Err(error) => return refused(&error),
    };
    printed_result(&flow);
    comes_back(&flow);
    for line in 1..=flow.lines() {
        draws("starts", flow.starts(line).unwrap());
        draws("failures", flow.failures(line).unwrap());
        draws("deaths", flow.deaths(line).unwrap());
        draws("lost", flow.lost(line).unwrap());
        for moment in [Moment::YearEnd, Moment::MidYear] {
            draws("in line", flow.in_line(line, moment).unwrap());
            draws("off treatment", flow.off_treatment(line, moment).unwrap());
        }
    }
    draws("dead", flow.dead(Moment::YearEnd));
    assert!(
        flow.conservation_gap() < 1e-6,
        "{}",
        flow.conservation_gap()
    );
    tables(&flow);
    draws(
        "never reaching",
        &flow.never_reaching(flow.lines()).unwrap(),
    );
    draws("later deaths", flow.later_deaths());
    for svg in [
        chart::prevalence(&flow, &random.name()),
        chart::states(&model, random.year(2020)),
    ] {
        match svg {
            Ok(svg) => {
                let command = svg.find(|c: char| c.is_control() && c != '\n');
                assert!(command.is_none() && !svg.contains("NaN"));
            }
            Err(error) => refused(&error),
        }
    }
    let exposure = Exposure {
        proteasome_inhibitor_and_immunomodulator: Some(random.number(0.0, 1.0)),
        adult: Some(random.number(0.0, 1.0)),
    };
    match exposure.eligible(&flow) {
        Ok(eligible) => draws("eligible", &eligible),
        Err(error) => refused(&error),
    }
    if random.once_in(4) {
        match model.of_draw(options.seed, random.pick(&[0, 17, 1 << 40, usize::MAX])) {
            Ok(drawn) => assert!(!drawn.is_uncertain()),
            Err(error) => refused(&error),
        }
        let cohorts: Vec<u64> = (0..=random.below(6))
            .map(|_| random.below(30) as u64)
            .collect();
        match model.simulate(random.year(2010), &cohorts, options.entry, options.seed) {
            Ok(flow) => draws("simulated", flow.starts(1).unwrap()),
            Err(error) => refused(&error),
        }
        match model.histories(random.year(2010), &cohorts, options.entry, options.seed) {
            Ok(patients) => assert_eq!(patients.len() as u64, cohorts.iter().sum::<u64>()),
            Err(error) => refused(&error),
        }
        match exposure.eligible_where_approved(&[("China", &flow)], random.year(2026)) {
            Ok(facts) => facts
                .iter()
                .for_each(|(_, eligible)| draws("eligible", eligible)),
            Err(error) => refused(&error),
        }
    }
}

fn times(random: &mut Random) {
    let time = match sojourn_time(random) {
        Ok(time) => time,
        Err(error) => return refused(&error),
    };
    comes_back(&time);
    printed_result(&time);
    let mut last = 0.0;
    for years in [0.0, 1e-300, 0.01, 0.5, 1.0, 3.0, 30.0, 1e9] {
        let p = time.cdf(years);
        assert!(
            (last..=1.0).contains(&p),
            "{p} after {last} at {years} of {time:?}"
        );
        last = p;
    }
    for mean in [time.mean(), time.median()] {
        // The mean of a heavy tail is infinite.
        assert!(mean >= 0.0, "{mean} of {time:?}");
    }
    match time.quantile(random.number(0.0, 1.0)) {
        Ok(quantile) => assert!(quantile >= 0.0, "{quantile} of {time:?}"),
        Err(error) => refused(&error),
    }
}

fn readings(random: &mut Random) {
    let delay = match (sojourn_time(random), sojourn_time(random)) {
        (Ok(first), Ok(second)) => Delay::new(first, second),
        (Err(error), _) | (_, Err(error)) => return refused(&error),
    };
    comes_back(&delay);
    let follow_up = if random.once_in(2) {
        FollowUp::Fixed(random.number(0.0, 20.0))
    } else {
        FollowUp::Accrual {
            accrual: random.number(0.0, 10.0),
            further: random.number(0.0, 5.0),
            growth: random.number(-0.2, 0.2),
        }
    };
    match follow_up.seen(&delay) {
        Ok(seen) => assert!((0.0..=1.0).contains(&seen), "{seen}"),
        Err(error) => refused(&error),
    }
    let readings = [
        Reading::Ultimate,
        Reading::Crude {
            delay: delay.clone(),
            follow_up,
        },
        Reading::CumulativeIncidence {
            delay: delay.clone(),
            years: random.number(0.0, 20.0),
        },
        Reading::OfPrevious {
            reached_second_line: random.number(0.0, 1.0),
        },
        Reading::YearlyFlow {
            delay: delay.clone(),
            growth: random.number(-0.1, 0.1),
        },
    ];
    for reading in &readings {
        match reading.ultimate(&figures::third_line_share(), random.pick(&DISTRIBUTIONS)) {
            Ok(share) => {
                ordered("a share", &[0.0, share.low(), share.high(), 1.0]);
                comes_back(&share);
            }
            Err(error) => refused(&error),
        }
    }
    let (low, high) = (random.number(0.0, 0.5), random.number(0.3, 1.0));
    let share = match UltimateShare::new(low, high, random.pick(&DISTRIBUTIONS)) {
        Ok(share) => share,
        Err(error) => return refused(&error),
    };
    match share.draws(random.pick(&[0, 1, 100]), Seed::new(1)) {
        Ok(draws) => assert!(draws.iter().all(|s| (0.0..=1.0).contains(s))),
        Err(error) => refused(&error),
    }
    for reading in readings {
        let there = reading.implied(&share);
        let back =
            there.and_then(|(low, high)| reading.ultimate_of(low, high, share.distribution()));
        match back {
            Ok(back) => assert!(
                (back.high() - share.high()).abs() < 1e-6,
                "{back:?} {share:?}"
            ),
            Err(error) => refused(&error),
        }
    }
    let incidence = match diagnosed(random) {
        Ok(incidence) => incidence,
        Err(error) => return refused(&error),
    };
    match ThirdLine::new(&incidence, &share, Seed::new(2)) {
        Ok(third) => {
            draws("third line", third.patients());
            comes_back(&third);
        }
        Err(error) => refused(&error),
    }
    numbers_of_a_delay(random, &delay);
    let to = random.year(incidence.last_year());
    match delay.starts(&incidence, &share, &FlowOptions::to(to)) {
        Ok(starts) => {
            draws("starts", starts.starts());
            comes_back(&starts);
            match starts.part_diagnosed_before(to, random.year(2000)) {
                Ok(part) => ordered("a part diagnosed before", &[0.0, part, 1.0]),
                Err(error) => refused(&error),
            }
            printed_result(&starts);
        }
        Err(error) => refused(&error),
    }
}

fn numbers_of_a_delay(random: &mut Random, delay: &Delay) {
    let years = random.number(0.0, 40.0);
    match (delay.cdf(years), delay.integrated_cdf(years)) {
        // The mean of G over the years is not above its last value.
        (Ok(last), Ok(integral)) => {
            ordered("G", &[0.0, last, 1.0]);
            ordered("the integral of G", &[0.0, integral, years * last]);
        }
        (last, integral) => {
            let _ = last.map_err(|error| refused(&error));
            let _ = integral.map_err(|error| refused(&error));
        }
    }
    let rate = random.number(-0.1, 0.1);
    match delay.discount(rate) {
        // Those who start now were diagnosed when there were fewer, or more.
        Ok(discount) => {
            assert!(discount.is_finite() && discount >= 0.0, "{discount}");
            let (least, most) = if rate < 0.0 {
                (1.0, f64::MAX)
            } else {
                (0.0, 1.0)
            };
            ordered("a discount", &[least, discount, most]);
        }
        Err(error) => refused(&error),
    }
    match delay.yearly(
        random.below(40),
        random.pick(&[Entry::UniformOverYear, Entry::MidYear]),
    ) {
        Ok(parts) => {
            people("a yearly part", &parts);
            assert!(parts.iter().sum::<f64>() <= 1.0 + 1e-9, "{parts:?}");
        }
        Err(error) => refused(&error),
    }
}

fn calibrations(random: &mut Random) {
    let times: Result<Vec<SojournTime>> = (0..=random.below(3))
        .map(|_| sojourn_time(random))
        .collect();
    let times = match times {
        Ok(times) => times,
        Err(error) => return refused(&error),
    };
    let shares: Vec<f64> = (0..times.len()).map(|_| random.number(0.0, 0.6)).collect();
    let mut calibration = Ok(Calibration::new(times));
    if random.once_in(3) {
        let (least, most) = (random.number(0.1, 1.0), random.number(1.0, 4.0));
        calibration = calibration.and_then(|c| c.with_open_sojourn_time(1, least, most));
    }
    let follow_up = FollowUp::Fixed(random.number(0.5, 12.0));
    let solved = calibration
        .and_then(|calibration| calibration.with_crude_shares(follow_up, &shares))
        .and_then(|calibration| calibration.solve());
    match solved {
        Ok(calibrated) => {
            comes_back(&calibrated);
            printed_result(&calibrated);
            people("a misfit", &[calibrated.misfit()]);
        }
        Err(error) => refused(&error),
    }
}

#[test]
fn flows_of_models() {
    holds("random::pathways::flows_of_models", 80, flows);
}

#[test]
fn sojourn_times() {
    holds("random::pathways::sojourn_times", 500, times);
}

#[test]
fn readings_of_a_share() {
    holds("random::pathways::readings_of_a_share", 40, readings);
}

#[test]
fn calibrations_to_studies() {
    holds(
        "random::pathways::calibrations_to_studies",
        60,
        calibrations,
    );
}
