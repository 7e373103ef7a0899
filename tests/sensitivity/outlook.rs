//! An outlook as a function: it gives the outlook's own draws again.

use myeloma_epi::pathway::{Delay, ShareDistribution, UltimateShare};
use myeloma_epi::sensitivity::{GivenData, IndexError, OneWayOptions, SobolOptions};
use myeloma_epi::{
    ErrorKind, Outlook, OutlookModel, OutlookModelOptions, OutlookOptions, Question, YearlyDraws,
    figures,
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
    options.forecast.between_source_sd = 0.1;
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
    assert_eq!(cautions(&of(with([0.1, 0.05]), 100), default), "");
    assert_eq!(cautions(&held, asked), "");
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
    let given = data
        .first_order(&["share"], &starts.to_vec(), 0.99)
        .unwrap();
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

/// With the studies behind the share the spread is wider; a threshold is met where the model says.
#[test]
fn studies_and_thresholds() {
    let outlook = outlook(OutlookOptions::myeloma());
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
