//! An outlook as a function: it gives the outlook's own draws again.

use myeloma_epi::curve::Family;
use myeloma_epi::figures::{Figure, Figures, Status};
use myeloma_epi::pathway::{Delay, ShareDistribution, SojournTime, UltimateShare};
use myeloma_epi::sensitivity::{
    GivenData, IndexError, OneWay, OneWayOptions, SobolIndices, SobolOptions,
};
use myeloma_epi::{
    ErrorKind, IncidenceSeries, Outlook, OutlookModel, OutlookModelOptions, OutlookOptions,
    Question, Seed, YearlyDraws, figures,
};

const DRAWS: usize = 20_000;

fn outlook(options: OutlookOptions) -> Outlook {
    let options = OutlookOptions {
        draws: DRAWS,
        ..options
    };
    Outlook::of(figures::press_release(), &options).unwrap()
}

/// Median and 95 % interval of the outputs of a model, from as many draws of its inputs.
fn drawn(model: &OutlookModel) -> Vec<[f64; 3]> {
    let rows = model
        .inputs()
        .draws(DRAWS, myeloma_epi::Seed::new(99))
        .unwrap();
    let mut columns = vec![Vec::new(); model.outputs().len()];
    let mut out = vec![0.0; columns.len()];
    for row in rows.rows() {
        model.evaluate(row.as_slice().unwrap(), &mut out);
        columns
            .iter_mut()
            .zip(&out)
            .for_each(|(column, x)| column.push(*x));
    }
    let quantiles = |mut column: Vec<f64>| {
        column.sort_by(f64::total_cmp);
        [0.5, 0.025, 0.975].map(|p| column[(p * DRAWS as f64) as usize])
    };
    columns.into_iter().map(quantiles).collect()
}

/// Of 20,000 draws, a median has a standard error of 1.25 sd/√n, and a 95 % bound of 2.5 times its density's: against a spread
/// of 25 % these are 0.2 and 0.7 % of the number. Both sides err.
fn held_together(outlook: &Outlook) {
    held_together_by(outlook, outlook, OutlookModelOptions::default());
}

/// The draws of an outlook, and the model of another one with options.
fn held_together_by(outlook: &Outlook, modelled: &Outlook, options: OutlookModelOptions) {
    for region in ["World", "China"] {
        let own = outlook.region(region).unwrap();
        let model = modelled.model(region, &options).unwrap();
        let of = |draws: &YearlyDraws| {
            let (lower, upper) = draws.interval(2040, 0.95).unwrap();
            [draws.median(2040).unwrap(), lower, upper]
        };
        let own = [
            of(own.new_cases()),
            of(own.third_line()),
            of(own.third_line_starts().unwrap()),
        ];
        for (i, (model, own)) in drawn(&model).into_iter().zip(own).enumerate() {
            println!("{region} {i}: {model:?} {own:?}");
            assert!(
                (model[0] / own[0] - 1.0).abs() < 0.01,
                "{region} {i}: {model:?} {own:?}"
            );
            for bound in [1, 2] {
                assert!(
                    (model[bound] / own[bound] - 1.0).abs() < 0.03,
                    "{region} {i}: {model:?} {own:?}"
                );
            }
        }
    }
}

#[test]
fn the_model_gives_the_draws_of_the_next_round() {
    held_together(&outlook(OutlookOptions::myeloma()));
}

#[test]
fn the_model_gives_the_draws_of_true_incidence_with_every_error_stated() {
    let mut options = OutlookOptions::myeloma();
    options.question = Question::TrueIncidence;
    options.forecast.expected_error = 0.004;
    options.share = UltimateShare::new(0.25, 0.45, ShareDistribution::Pert).unwrap();
    held_together(&outlook(options));
}

/// The shipped times to third line have no error that a source states: they are held, and the model says so. With an error the
/// model gives the draws of an outlook whose own delay has it, also where one of the lines has another.
#[test]
fn sojourn_times_vary_where_an_error_is_stated() {
    let of = |delay: Option<Delay>, draws: usize| {
        let options = OutlookOptions {
            delay,
            draws,
            ..OutlookOptions::myeloma()
        };
        Outlook::of(figures::press_release(), &options).unwrap()
    };
    let plain = OutlookOptions::myeloma().delay.unwrap();
    let times = [plain.first_line(), plain.second_line()];
    let with = |errors: [f64; 2]| {
        let [first, second] =
            [0, 1].map(|i| times[i].clone().with_relative_error(errors[i]).unwrap());
        Some(Delay::new(first, second))
    };
    let held = of(Some(plain.clone()), 100);
    let asked = OutlookModelOptions {
        sojourn_error: Some(0.3),
        ..OutlookModelOptions::default()
    };
    held_together_by(&of(with([0.3, 0.3]), DRAWS), &held, asked);
    let default = OutlookModelOptions::default();
    let second_known = of(with([0.0, 0.05]), 100);
    let bars = |outlook: &Outlook, options| {
        let model = outlook.model("China", &options).unwrap();
        model.one_way(&OneWayOptions::default()).unwrap()
    };
    assert_eq!(
        bars(&second_known, asked),
        bars(&of(with([0.3, 0.05]), 100), default)
    );

    let indices = |outlook: &Outlook, options| {
        let options = outlook
            .model("World", &options)
            .unwrap()
            .indices(&SobolOptions {
                points: 1 << 10,
                ..SobolOptions::default()
            });
        let indices = options.unwrap();
        let starts = indices.output("World: start third line in 2040").unwrap();
        starts.input("time to third line").cloned()
    };
    assert!(indices(&held, asked).unwrap().total.lower > 0.0);
    assert!(indices(&held, default).is_err());
    let cautions = |outlook: &Outlook, options| {
        let model = outlook.model("World", &options).unwrap();
        model.cautions().join("; ")
    };
    assert!(cautions(&held, default).contains("first and second line (the outlook)"));
    assert!(cautions(&second_known, default).contains(": first line (the outlook)"));
    // No time is none to be held.
    let first = times[0].clone().with_relative_error(0.1).unwrap();
    let one_line = of(Some(Delay::new(first, SojournTime::none())), 100);
    assert!(!cautions(&one_line, default).contains("sojourn times"));
    // What is left is that the error of revision is estimated; stated, nothing is.
    let no_variance = "the cases have no variance, since the error of revision is estimated, Student's t of 3 degrees of \
                       freedom on the log scale";
    let varied = of(with([0.1, 0.05]), 100);
    for (outlook, options) in [(&varied, default), (&held, asked)] {
        let said = cautions(outlook, options);
        assert!(
            said.starts_with(no_variance) && !said.contains("; "),
            "{said}"
        );
    }
    let stated = OutlookOptions {
        revision_sd: Some(0.05),
        ..varied.options().clone()
    };
    let stated = Outlook::of(figures::press_release(), &stated).unwrap();
    assert_eq!(cautions(&stated, default), "");
    // West China and Barcelona state intervals of medians, the first of both lines.
    let studies = OutlookModelOptions {
        studies: true,
        ..default
    };
    let said = cautions(&held, studies);
    assert!(
        said.contains("first line (barcelona)") && said.contains("second line (czech_rmg)"),
        "{said}"
    );
    assert!(!said.contains("west_china"), "{said}");

    for bad in [-0.1, 2.1, f64::NAN] {
        let options = OutlookModelOptions {
            sojourn_error: Some(bad),
            ..default
        };
        let error = held.model("World", &options).unwrap_err().to_string();
        assert!(error.contains(&bad.to_string()), "{error}");
    }
    let error = of(None, 100)
        .model("World", &asked)
        .unwrap_err()
        .to_string();
    assert!(error.contains("OutlookOptions::delay"), "{error}");
}

/// By how much the logarithm of an output rises from the lower to the upper end of a bar.
fn log_width(one: &OneWay, input: &str) -> f64 {
    let bar = one.bars.iter().find(|bar| bar.input == input).unwrap();
    (bar.outputs.1 / bar.outputs.0).ln()
}

/// An error that is normal on the log scale moves every output by e^(2·1.2816·sd) from its 10 to its 90 % point; that of the
/// population's growth once each year. An error that is estimated from three revisions has
/// quantiles of Student's t with three degrees of freedom: from 2.5 to 97.5 % it moves 3.1824/1.6377 as far as from 10 to 90 %.
#[test]
fn each_error_moves_the_outputs_by_what_it_is() {
    let z = 2.0 * 1.281_551_565_544_600_4;
    let mut options = OutlookOptions {
        draws: 100,
        revision_sd: Some(0.08),
        ..OutlookOptions::myeloma()
    };
    options.forecast.expected_error = 0.004;
    let bars = |options: &OutlookOptions, probabilities| {
        let outlook = Outlook::of(figures::press_release(), options).unwrap();
        let model = outlook
            .model("China", &OutlookModelOptions::default())
            .unwrap();
        model
            .one_way(&OneWayOptions {
                probabilities,
                ..OneWayOptions::default()
            })
            .unwrap()
    };
    let all = bars(&options, (0.1, 0.9));
    assert_eq!(all.len(), 3);
    for one in &all {
        let revision = log_width(one, "error of revision");
        assert!((revision - z * 0.08).abs() < 1e-9, "{one}");
        // Standard normal numbers are no values that a reader could want.
        let named = ["level of the last figure", "population"];
        let values = one
            .bars
            .iter()
            .filter(|bar| named.contains(&&bar.input[..]));
        assert_eq!(
            values.filter(|bar| bar.values.is_none()).count(),
            2,
            "{one}"
        );
    }
    // From the last figure, of 2024, to 2040.
    let population = log_width(&all[0], "population");
    assert!((population - z * 0.004 * 16.0).abs() < 1e-9, "{population}");
    let estimated = OutlookOptions {
        revision_sd: None,
        ..options
    };
    let [narrow, wide] = [(0.1, 0.9), (0.025, 0.975)]
        .map(|probabilities| log_width(&bars(&estimated, probabilities)[0], "error of revision"));
    assert!(
        (wide / narrow - 3.182_446_305 / 1.637_744_354).abs() < 1e-6,
        "{wide} {narrow}"
    );
}

/// Where the second line takes no time, the error is that of the first.
#[test]
fn an_error_of_sojourn_times_is_that_of_its_line() {
    let first = OutlookOptions::myeloma()
        .delay
        .unwrap()
        .first_line()
        .clone();
    let none = SojournTime::none;
    let asked = OutlookModelOptions {
        sojourn_error: Some(0.3),
        ..OutlookModelOptions::default()
    };
    let model = |delay: Delay| {
        let options = OutlookOptions {
            draws: 100,
            families: vec![Family::Exponential],
            delay: Some(delay),
            ..OutlookOptions::default()
        };
        let counts = [(2014, 20_000.0), (2024, 25_000.0)];
        let series = IncidenceSeries::from_counts("A", counts).unwrap();
        let outlook = Outlook::of_series(&[series], &options).unwrap();
        outlook.model("A", &asked).unwrap()
    };
    // Each line has its own number, which moves those who start alone: later starts of a number that grows are fewer. No time is none to
    // be off.
    let of_first = model(Delay::new(first.clone(), none()));
    let of_second = model(Delay::new(none(), first));
    for (model, expected) in [(of_first, [true, false]), (of_second, [false, true])] {
        let names = model.inputs().names();
        let place = |line: &str| names.iter().position(|name| name.contains(line));
        let places = ["in first line", "in second line"].map(|line| place(line).unwrap());
        let outputs = |off: Option<usize>| {
            let mut row = vec![0.5; names.len()];
            for place in places {
                row[place] = f64::from(off == Some(place));
            }
            let mut outputs = [0.0; 3];
            model.evaluate(&row, &mut outputs);
            outputs
        };
        let known = outputs(None);
        for (place, moves) in places.into_iter().zip(expected) {
            let off = outputs(Some(place));
            assert_eq!(off[..2], known[..2]);
            let fewer = 1.0 - off[2] / known[2];
            assert!(
                if moves {
                    fewer > 1e-3
                } else {
                    fewer.abs() < 1e-12
                },
                "{fewer}"
            );
        }
    }
}

/// Those who will ever reach third line are new cases times the share at its place within the range of the study whose number
/// it is.
#[test]
fn a_study_has_its_own_share() {
    let options = OutlookOptions {
        draws: 100,
        ..OutlookOptions::myeloma()
    };
    let outlook = Outlook::of(figures::press_release(), &options).unwrap();
    let with = OutlookModelOptions {
        studies: true,
        ..OutlookModelOptions::default()
    };
    let model = outlook.model("World", &with).unwrap();
    let mut row = model
        .inputs()
        .draws(1, myeloma_epi::Seed::new(1))
        .unwrap()
        .row(0)
        .to_vec();
    let names = model.inputs().names();
    let [study, share] = ["study behind the share", "share of third line"]
        .map(|input| names.iter().position(|name| name == input).unwrap());
    for (number, (name, (low, high))) in model.studies().enumerate() {
        for at in [0.25, 0.5] {
            (row[study], row[share]) = (number as f64, at);
            let mut out = [0.0; 3];
            model.evaluate(&row, &mut out);
            let expected = low + at * (high - low);
            assert!((out[1] / out[0] / expected - 1.0).abs() < 1e-12, "{name}");
        }
    }
}

/// Soon after the first figure most who start third line were diagnosed before it: the outlook continues its incidence
/// backwards, and so does its model. 2,000 draws know a median to 1 %.
#[test]
fn patients_diagnosed_before_the_first_figure_are_there() {
    let ten_years = SojournTime::exponential(10.0).unwrap();
    let options = OutlookOptions {
        draws: 2_000,
        to: 2026,
        delay: Some(Delay::new(ten_years.clone(), ten_years)),
        ..OutlookOptions::myeloma()
    };
    let outlook = Outlook::of(figures::press_release(), &options).unwrap();
    let asked = OutlookModelOptions {
        sojourn_error: Some(0.0),
        ..OutlookModelOptions::default()
    };
    let model = outlook.model("World", &asked).unwrap();
    let all = model.one_way(&OneWayOptions::default()).unwrap();
    let starts = outlook
        .region("World")
        .unwrap()
        .third_line_starts()
        .unwrap();
    let own = starts.median(2026).unwrap();
    assert!(
        (all[2].central / own - 1.0).abs() < 0.03,
        "{} {own}",
        all[2].central
    );
}

/// A decline so steep that incidence before it is taken as steady at the mean of the first six years is that in the model, too.
#[test]
fn a_steep_decline_is_steady_before_in_the_model_too() {
    let ten_years = SojournTime::exponential(10.0).unwrap();
    let options = OutlookOptions {
        draws: 2_000,
        to: 2026,
        delay: Some(Delay::new(ten_years.clone(), ten_years)),
        ..OutlookOptions::default()
    };
    let figures = [(2019, 400_000.0), (2024, 200_000.0)];
    let figure = |(year, cases)| Figure::new("A", year, cases, Status::Registered).unwrap();
    let figures: Figures = figures.into_iter().map(figure).collect();
    let outlook = Outlook::of(&figures, &options).unwrap();
    let asked = OutlookModelOptions {
        sojourn_error: Some(0.0),
        ..OutlookModelOptions::default()
    };
    let model = outlook.model("A", &asked).unwrap();
    let all = model.one_way(&OneWayOptions::default()).unwrap();
    let region = outlook.region("A").unwrap();
    assert!(
        region
            .cautions()
            .concat()
            .contains("in the mean of 2019 to 2024")
    );
    let own = region.third_line_starts().unwrap().median(2026).unwrap();
    let central = all[2].central;
    assert!((central / own - 1.0).abs() < 0.03, "{central} {own}");
}

/// The index of the share from the outlook's own draws, by regression, and from the model, by Saltelli's estimator.
#[test]
fn the_share_has_the_index_that_the_draws_give() {
    let outlook = outlook(OutlookOptions::myeloma());
    let options = outlook.options();
    let shares = options.share.draws(DRAWS, options.seed).unwrap();
    let starts = outlook
        .region("World")
        .unwrap()
        .third_line_starts()
        .unwrap()
        .year(2040)
        .unwrap();
    let data = GivenData::new([("share", shares)]).unwrap();
    // The cases have no variance; their ranks have one.
    let mut sorted = starts.to_vec();
    sorted.sort_by(f64::total_cmp);
    let ranks = starts
        .iter()
        .map(|x| sorted.partition_point(|other| other < x) as f64);
    let ranks: Vec<f64> = ranks.collect();
    let given = data.first_order(&["share"], &ranks, 0.99).unwrap();
    let model = outlook
        .model("World", &OutlookModelOptions::default())
        .unwrap();
    let indices = model
        .indices(&SobolOptions {
            points: 1 << 12,
            ..SobolOptions::default()
        })
        .unwrap();
    let output = indices.output("World: start third line in 2040").unwrap();
    let share = output.input("share of third line").unwrap();
    println!("{given:?} {share:?}\n{indices}");
    assert!(given.lower < share.first.upper && share.first.lower < given.upper);
    // The share has nothing to do with new cases.
    let cases = indices.output("World: new cases in 2040").unwrap();
    assert!(
        cases
            .input("share of third line")
            .unwrap()
            .total
            .estimate
            .abs()
            < 1e-12
    );
    // All first-order indices leave what inputs do together.
    let sum: f64 = output.inputs.iter().map(|input| input.first.estimate).sum();
    assert!((0.9..1.02).contains(&sum), "{sum}");
    assert!(
        output
            .input("mean growth")
            .unwrap_err()
            .to_string()
            .contains("growth of the rate")
    );
}

/// Studies have no order: the others are moved with the outlook's own share, and the bar of the studies is from the least to the
/// greatest of what they give, each being one of eight, at the medians of all else.
#[test]
fn studies_are_a_choice_without_an_order() {
    let outlook = outlook(OutlookOptions::myeloma());
    let model = |studies| {
        let options = OutlookModelOptions {
            studies,
            ..OutlookModelOptions::default()
        };
        outlook.model("World", &options).unwrap()
    };
    let (with, without) = (model(true), model(false));
    let ever_reach =
        |model: &OutlookModel| model.one_way(&OneWayOptions::default()).unwrap().remove(1);
    let (bars, own) = (ever_reach(&with), ever_reach(&without));
    assert!(
        (bars.central / own.central - 1.0).abs() < 1e-12,
        "{} {}",
        bars.central,
        own.central
    );
    let of_cases = own.central / f64::midpoint(0.3, 0.4);
    let each = with
        .studies()
        .map(|(_, (low, high))| of_cases * f64::midpoint(low, high));
    let (least, most) = each.fold((f64::INFINITY, 0.0), |(a, b), x| {
        (f64::min(a, x), f64::max(b, x))
    });
    let bar = bars
        .bars
        .iter()
        .find(|bar| bar.input == "study behind the share")
        .unwrap();
    assert_eq!(bar.values, None);
    assert!(
        (bar.outputs.0 / least - 1.0).abs() < 1e-9 && (bar.outputs.1 / most - 1.0).abs() < 1e-9,
        "{bar:?}"
    );
    // A threshold is looked for with the outlook's own share, too: cases that a hundredth more of would pass it.
    let name = "World: diagnosed in 2040, ever reach third line";
    let passed = |model: &OutlookModel, range| {
        let found = model.threshold(name, "level of the last figure", range, 1.01 * own.central);
        found.unwrap().crossings[0].at
    };
    let (one, other) = (passed(&with, (-5.0, 5.0)), passed(&without, (-5.0, 5.0)));
    assert!((one - other).abs() < 1e-6, "{one} {other}");
}

/// With the studies behind the share the spread is wider; a threshold is met where the model says.
#[test]
fn studies_and_thresholds() {
    let outlook = outlook(OutlookOptions {
        revision_sd: Some(0.05),
        ..OutlookOptions::myeloma()
    });
    let with = OutlookModelOptions {
        studies: true,
        ..OutlookModelOptions::default()
    };
    let model = outlook.model("China", &with).unwrap();
    assert!(model.studies().count() >= 3);
    let name = "China: start third line in 2040";
    let options = SobolOptions {
        points: 1 << 10,
        error: IndexError::None,
        ..SobolOptions::default()
    };
    let wide = model.indices(&options).unwrap();
    let plain = outlook
        .model("China", &OutlookModelOptions::default())
        .unwrap();
    let narrow = plain.indices(&options).unwrap();
    assert!(wide.output(name).unwrap().sd > 1.2 * narrow.output(name).unwrap().sd);
    let bars = plain.one_way(&OneWayOptions::default()).unwrap();
    let bars = bars.iter().find(|one| one.output == name).unwrap();
    let share = bars
        .bars
        .iter()
        .find(|bar| bar.input == "share of third line")
        .unwrap();
    // The starts are proportional to the share: 31, 35 and 39 %.
    assert!((share.outputs.0 / bars.central - 31.0 / 35.0).abs() < 1e-9);
    assert!((share.outputs.1 / bars.central - 39.0 / 35.0).abs() < 1e-9);
    let passed = plain
        .threshold(name, "share of third line", (0.1, 0.9), 1.2 * bars.central)
        .unwrap();
    assert!((passed.crossings[0].at - 0.42).abs() < 1e-6, "{passed}");
    let unknown = plain
        .threshold("cases", "share of third line", (0.1, 0.9), 1.0)
        .unwrap_err();
    assert!(matches!(unknown.kind(), ErrorKind::Unknown { .. }));
    let no_delay = Outlook::of(
        figures::press_release(),
        &OutlookOptions {
            delay: None,
            draws: 100,
            ..OutlookOptions::myeloma()
        },
    )
    .unwrap();
    assert!(no_delay.model("World", &with).is_err());
    assert_eq!(
        no_delay
            .model("World", &OutlookModelOptions::default())
            .unwrap()
            .outputs()
            .len(),
        2
    );
}

/// Where tails are too heavy for a variance, indices are those of ranks, and differ little from seed to seed; where an error of
/// revision is stated they are those of cases.
#[test]
fn indices_of_ranks_where_cases_have_no_variance() {
    let of = |question, revision_sd, seed| {
        let options = OutlookOptions {
            question,
            revision_sd,
            draws: 100,
            ..OutlookOptions::myeloma()
        };
        let outlook = Outlook::of(figures::press_release(), &options).unwrap();
        let model = outlook
            .model("China", &OutlookModelOptions::default())
            .unwrap();
        let options = SobolOptions {
            points: 1 << 12,
            seed: Seed::new(seed),
            error: IndexError::None,
            ..SobolOptions::default()
        };
        let told = model.cautions().join("; ").contains("have no variance");
        (model.indices(&options).unwrap(), told)
    };
    for question in [Question::ThisSource, Question::TrueIncidence] {
        let all: Vec<_> = (1..=5).map(|seed| of(question, None, seed)).collect();
        assert!(
            all.iter()
                .all(|(indices, told)| *told && indices.of_ranks())
        );
        let first = &all[0].0;
        for output in first.outputs() {
            for input in &output.inputs {
                let same = |(indices, _): &(SobolIndices, bool)| {
                    let output = indices.output(&output.output).unwrap();
                    output.input(&input.input).unwrap().first.estimate
                };
                let values: Vec<f64> = all.iter().map(same).collect();
                let [least, most] =
                    [f64::min, f64::max].map(|f| values.iter().copied().reduce(f).unwrap());
                assert!(most - least < 0.03, "{}: {values:?}", input.input);
            }
        }
    }
    let (stated, told) = of(Question::ThisSource, Some(0.05), 1);
    assert!(!told && !stated.of_ranks());
}
