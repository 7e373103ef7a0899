//! Projections, registry trends, outlooks, back-tests and scores of random figures.

use std::collections::BTreeSet;

use myeloma_epi::backtest::{
    Backtest, BacktestOptions, CurveForecaster, Panel, PanelSeries, SkillOptions, Stacked,
    StackingOptions,
};
use myeloma_epi::curve::Family;
use myeloma_epi::figures::{Figure, Figures, Status};
use myeloma_epi::forecast::{ForecastOptions, RegistryTrend};
use myeloma_epi::pathway::{FollowUp, ShareDistribution, UltimateShare};
use myeloma_epi::projection::{BetweenSourceEstimate, DampingPrior, ErrorModel, StatedGrowth};
use myeloma_epi::report::{Changes, Digits};
use myeloma_epi::score::{Predictive, QuantileForecast, bias, crps, pit};
use myeloma_epi::sensitivity::{OneWayOptions, SobolOptions};
use myeloma_epi::{
    IncidenceSeries, Outlook, OutlookModel, OutlookModelOptions, OutlookOptions, Projection,
    ProjectionOptions, Question, Seed, ThirdLineOptions, YearSummary, YearlyDraws, YearlyTally,
};
use ndarray::Array2;

use super::estimation::series;
use super::{Random, comes_back, draws, holds, ordered, people, printed_result, refused};

/// Few draws; sometimes none, or more than there can be.
fn number_of_draws(random: &mut Random) -> usize {
    match random.below(40) {
        0 => 0,
        1 => usize::MAX,
        2 => 1 << 40,
        3 => 1,
        _ => 10 + random.below(100),
    }
}

fn errors(random: &mut Random) -> ErrorModel {
    let mut errors = ErrorModel::default();
    if random.once_in(3) {
        errors.within_source_correlation = random.number(0.0, 1.0);
    }
    if random.once_in(3) {
        errors.between_source_sd = random.number(0.0, 0.3);
    }
    errors
}

fn projections(random: &mut Random) {
    let Some(series) = series(random, 8) else {
        return;
    };
    let options = ProjectionOptions {
        from: random.once_in(4).then(|| random.year(1990)),
        draws: number_of_draws(random),
        seed: Seed::new(random.bits()),
        errors: errors(random),
        ..ProjectionOptions::to(random.year(series.last_year().saturating_add(1)))
    };
    match Projection::of(&random.pick(&Family::ALL), &series, &options) {
        Ok(projection) => {
            draws("a projection", projection.new_cases());
            comes_back(&projection);
            printed_result(&projection);
            if let Ok(pool) = Projection::weighted_pool(
                [(&projection, random.number(0.1, 2.0)), (&projection, 1.0)],
                options.seed,
            ) {
                draws("a pool", pool.new_cases());
            }
        }
        Err(error) => refused(&error),
    }
}

fn registry_trends(random: &mut Random) {
    let Some(series) = series(random, 12) else {
        return;
    };
    let options = ForecastOptions {
        provisional: random.once_in(3),
        between_source_sd: if random.once_in(3) {
            random.number(0.0, 0.3)
        } else {
            0.0
        },
        members: if random.once_in(4) {
            random.number(1.0, 100.0)
        } else {
            1.0
        },
        ..ForecastOptions::default()
    };
    let forecast = match RegistryTrend::default().of(&series, &options) {
        Ok(forecast) => forecast,
        Err(error) => return refused(&error),
    };
    assert!(
        forecast.log_likelihood().is_finite(),
        "{}",
        forecast.log_likelihood()
    );
    printed_result(&forecast);
    comes_back(&forecast);
    let year = forecast.last_year() + i32::try_from(random.below(30)).unwrap();
    match forecast.log_moments(year) {
        Ok((mean, sd)) => assert!(
            mean.is_finite() && sd >= 0.0 && sd.is_finite(),
            "{mean} {sd}"
        ),
        Err(error) => refused(&error),
    }
    match forecast.quantiles(year, [0.025, 0.5, 0.975]) {
        Ok(quantiles) => {
            people("a quantile", &quantiles);
            ordered("quantiles", &quantiles);
        }
        Err(error) => refused(&error),
    }
    match forecast.draws(year, number_of_draws(random), Seed::new(random.bits())) {
        Ok(some) => draws("draws of a forecast", &some),
        Err(error) => refused(&error),
    }
}

fn figures(random: &mut Random) -> Figures {
    let mut all = Vec::new();
    let mut names = BTreeSet::new();
    for _ in 0..=random.below(3) {
        let region = random.pick(&["World", "China", "Atlantis", "=A", "a\u{1b}[1m,\"b\""]);
        if !names.insert(region) {
            continue;
        }
        let counts = if random.once_in(2) {
            let (first, second) = (random.magnitude(2.0, 1e6), random.between(0.8, 1.6));
            vec![(2019, first.round()), (2024, (first * second).round())]
        } else {
            random.counts(5)
        };
        let last = counts.last().map_or(2024, |&(year, _)| year);
        for (year, cases) in counts {
            let status = random.pick(&[Status::Registered, Status::Estimate, Status::Commercial]);
            let Ok(mut figure) = Figure::new(region, year, cases, status) else {
                continue;
            };
            if random.once_in(3) {
                figure = figure
                    .clone()
                    .with_relative_error(random.between(0.0, 0.3))
                    .unwrap();
            }
            if random.once_in(2) {
                figure = figure.with_source(random.pick(&["one", "two", "=three\u{7}"]));
            }
            all.push(figure);
        }
        if random.once_in(3) {
            let cases = random.magnitude(2.0, 1e6);
            let year = last.saturating_add(1 + i32::try_from(random.below(30)).unwrap());
            all.extend(Figure::new(region, year, cases, Status::Projection));
        }
    }
    all.into_iter().collect()
}

fn outlooks(random: &mut Random) {
    let figures = figures(random);
    let families = (0..random.below(4))
        .map(|_| random.pick(&Family::ALL))
        .collect();
    let mut options = OutlookOptions {
        to: random.year(2026),
        draws: number_of_draws(random),
        seed: Seed::new(random.bits()),
        errors: errors(random),
        model_discrepancy: !random.once_in(4),
        ..OutlookOptions::default()
    };
    if random.once_in(3) {
        options.families = families;
    }
    if random.once_in(4) {
        options.weights = vec![(random.pick(&Family::ALL), random.number(0.0, 3.0))];
    }
    if random.once_in(4) {
        options.between_source_sd = random.number(0.0, 0.4);
    }
    if random.once_in(3) {
        options.parts = vec![("China".to_owned(), "World".to_owned())];
    }
    if random.once_in(4) {
        options.damping_prior = random.pick(&[
            DampingPrior::None,
            DampingPrior::Full,
            DampingPrior::Partial { spread: 0.5 },
        ]);
    }
    if random.once_in(4) {
        options.assumed_error = random.number(0.0, 0.3);
    }
    if let Ok(share) = UltimateShare::new(random.unit(), random.unit(), ShareDistribution::Pert) {
        options.share = share;
    }
    let outlook = match Outlook::of(&figures, &options) {
        Ok(outlook) => outlook,
        Err(error) => return refused(&error),
    };
    printed_result(&outlook);
    comes_back(&outlook);
    for region in outlook.regions() {
        draws("new cases", region.pool().new_cases());
        draws("third line", region.third_line());
        draws("a registry trend", region.new_cases());
    }
    for complement in outlook.complements() {
        draws("a complement", complement.pool());
    }
    match outlook.files() {
        Ok(files) => {
            let [(_, json), (_, csv), charts @ ..] = &files;
            let _: serde_json::Value = serde_json::from_str(json).unwrap();
            let mut rows = csv::Reader::from_reader(csv.as_bytes());
            for row in rows.records() {
                let row = row.unwrap();
                assert!(!row[0].starts_with(['=', '@', '+']), "{row:?}");
                // The last column is the status of a figure.
                let numbers = row.iter().take(row.len() - 1).skip(4);
                for number in numbers.filter(|field| !field.is_empty()) {
                    people("a number of a table", &[number.parse().unwrap()]);
                }
            }
            for (name, svg) in charts {
                let command = svg.find(|c: char| c.is_control() && c != '\n');
                assert!(
                    command.is_none() && !svg.contains("NaN") && !svg.contains("inf\""),
                    "{name}"
                );
            }
        }
        Err(error) => refused(&error),
    }
    outputs(random, &outlook);
    summaries(&outlook);
}

/// What else an outlook gives: a page, draws as files, readings of third line, a function of what it assumes.
fn outputs(random: &mut Random, outlook: &Outlook) {
    match outlook.to_html("outlook") {
        Ok(page) => assert!(!page.contains("NaN") && !page.contains(['\u{1b}', '\u{7}'])),
        Err(error) => refused(&error),
    }
    match Changes::since(random.year(2024), outlook) {
        Ok(changes) => {
            comes_back(&changes);
            printed_result(&changes);
            assert!(!changes.to_csv(Digits::Six).contains("NaN"));
        }
        Err(error) => refused(&error),
    }
    #[cfg(feature = "xlsx")]
    match outlook.to_xlsx() {
        Ok(workbook) => assert!(workbook.starts_with(b"PK")),
        Err(error) => refused(&error),
    }
    let drawn = outlook.draws_csv(Digits::All);
    assert!(!drawn.contains("NaN") && !drawn.contains("inf"));
    let (bytes, labels) = outlook.draws_npy();
    assert!(bytes.starts_with(b"\x93NUMPY"));
    let _: serde_json::Value = serde_json::from_str(&labels).unwrap();
    let with = ThirdLineOptions {
        follow_up: random
            .once_in(2)
            .then(|| FollowUp::Fixed(random.number(0.0, 12.0))),
        treated: random
            .once_in(3)
            .then(|| (random.number(0.0, 1.0), random.number(0.0, 1.0))),
        ..ThirdLineOptions::default()
    };
    match outlook.third_line_table(&with) {
        Ok(table) => {
            printed_result(&table);
            assert!(!table.to_csv().contains("NaN"));
        }
        Err(error) => refused(&error),
    }
    let region = outlook.regions()[0].series().region();
    match outlook.model(region, &OutlookModelOptions::default()) {
        Ok(model) => {
            assumptions(random, &model);
            let names = model.outputs().len();
            let rows = model.inputs().draws(3, Seed::new(random.bits())).unwrap();
            for row in rows.rows() {
                let mut numbers = vec![f64::NAN; names];
                model.evaluate(&row.to_vec(), &mut numbers);
                people("an output of a model", &numbers);
            }
        }
        Err(error) => refused(&error),
    }
}

/// Indices, bars and thresholds of what an outlook assumes.
fn assumptions(random: &mut Random, model: &OutlookModel) {
    model.cautions().iter().for_each(printed_result);
    for (_, (low, high)) in model.studies() {
        ordered("the share of a study", &[0.0, low, high, 1.0]);
    }
    let options = SobolOptions {
        points: random.pick(&[64, 128, 0]),
        seed: Seed::new(random.bits()),
        ..SobolOptions::default()
    };
    match model.indices(&options) {
        Ok(indices) => {
            printed_result(&indices);
            assert!(!indices.to_csv().contains("NaN"));
        }
        Err(error) => refused(&error),
    }
    match model.one_way(&OneWayOptions::default()) {
        Ok(bars) => bars.iter().for_each(printed_result),
        Err(error) => refused(&error),
    }
    let range = (random.number(-2.0, 0.0), random.number(0.0, 2.0));
    let input = random.pick(&["level of the last figure", "share of third line", "level"]);
    match model.threshold("new cases", input, range, random.count()) {
        Ok(threshold) => printed_result(&threshold),
        Err(error) => refused(&error),
    }
}

/// What a region and a complement say beside their draws.
fn summaries(outlook: &Outlook) {
    let ends = |what: &str, summary: &[YearSummary]| {
        for s in summary {
            ordered(
                what,
                &[0.0, s.lower95, s.lower50, s.median, s.upper50, s.upper95],
            );
        }
    };
    for region in outlook.regions() {
        for question in [Question::ThisSource, Question::TrueIncidence] {
            draws("an answer", region.new_cases_under(question));
            ends("an answer", region.summary_under(question));
        }
        ends("third line", region.third_line_summary());
        ends("the pool", region.pool_summary());
        if let Some(starts) = region.third_line_starts_summary() {
            ends("starts", starts);
        }
        if let Some((log, sd)) = region.implied_growth() {
            assert!(log.is_finite() && sd.is_finite(), "{log} {sd}");
        }
        people("a standard deviation", &[region.between_source_sd()]);
        for pool in [
            region.pool_with_published_projection(),
            region.pool_without_published_projection(),
        ]
        .into_iter()
        .flatten()
        {
            draws("a pool", pool.new_cases());
        }
        if let Some(change) = region.decomposition() {
            comes_back(&change);
        }
        assert!(region.variance().is_some() || region.no_variance_reason().is_some());
    }
    for complement in outlook.complements() {
        ends("a complement", complement.new_cases_summary());
        ends(
            "third line of a complement",
            complement.third_line_summary(),
        );
        ends("the pool of a complement", complement.pool_summary());
    }
}

fn panel(random: &mut Random) -> Option<Panel> {
    let mut all = Vec::new();
    for i in 0..=random.below(4) {
        let counts = random.counts(16);
        match IncidenceSeries::from_counts(format!("{}{i}", random.name()), counts)
            .and_then(|series| PanelSeries::new(series, random.name(), random.name()))
        {
            Ok(series) => all.push(series),
            Err(error) => refused(&error),
        }
    }
    Panel::new(all).ok()
}

fn backtests(random: &mut Random) {
    let Some(panel) = panel(random) else { return };
    let curves = CurveForecaster::line_and_exponential(0.03).unwrap();
    let trend = RegistryTrend::default();
    let options = BacktestOptions {
        least_cases: random.number(0.0, 30.0),
        provisional_years: random.below(4),
        ..BacktestOptions::default()
    };
    match Backtest::run(&panel, &[&curves, &trend], &options) {
        Ok(test) => {
            printed_result(&test);
            comes_back(&test);
            for scored in &test.scored {
                let numbers = [scored.crps, scored.pit, scored.log_score];
                assert!(
                    numbers.iter().flatten().all(|n| n.is_finite()),
                    "{numbers:?}"
                );
            }
            let options = SkillOptions {
                resamples: 20,
                seed: Seed::new(random.bits()),
                ..SkillOptions::default()
            };
            match test.skill(0, 1, &[1, 2, 5], &options) {
                Ok(Some(skill)) => {
                    comes_back(&skill);
                    printed_result(&skill);
                }
                Ok(None) => {}
                Err(error) => refused(&error),
            }
            let csv = test.to_csv();
            let mut rows = csv::Reader::from_reader(csv.as_bytes());
            for row in rows.records() {
                let row = row.unwrap();
                assert!(!row[0].starts_with(['=', '@']), "{row:?}");
                people(
                    "a quantile",
                    &row.iter()
                        .skip(6)
                        .filter(|n| !n.is_empty())
                        .map(|n| n.parse().unwrap())
                        .collect::<Vec<f64>>(),
                );
            }
        }
        Err(error) => refused(&error),
    }
}

fn scores(random: &mut Random) {
    let truth = random.count();
    let values: Vec<f64> = (0..random.below(12)).map(|_| random.count()).collect();
    for score in [
        crps(&values, truth),
        pit(&values, truth),
        bias(&values, truth),
    ] {
        match score {
            Ok(score) => assert!(score.is_finite(), "{score} of {values:?}, {truth}"),
            Err(error) => refused(&error),
        }
    }
    let mut seven: [f64; 7] = std::array::from_fn(|_| random.count());
    if random.once_in(2) {
        seven.sort_by(f64::total_cmp);
    }
    match QuantileForecast::new(seven) {
        Ok(forecast) => {
            ordered("a forecast", forecast.quantiles());
            comes_back(&forecast);
            match forecast.score(truth) {
                Ok(score) => comes_back(&score),
                Err(error) => refused(&error),
            }
        }
        Err(error) => refused(&error),
    }
    let (mean, deviation) = (random.number(0.0, 12.0), random.number(0.01, 1.0));
    let parts = [
        (0.5, mean, deviation),
        (0.5, random.number(0.0, 12.0), random.number(0.0, 1.0)),
    ];
    for predictive in [
        Predictive::normal(mean, deviation),
        Predictive::mixture(&parts),
        Predictive::count(random.count(), deviation),
        Predictive::draws(values),
    ] {
        match predictive {
            Ok(predictive) => {
                for score in [
                    predictive.crps(truth),
                    predictive.pit(truth),
                    predictive.log_score(truth),
                ] {
                    assert!(
                        score.is_none_or(|s| !s.is_nan()),
                        "{score:?} of {predictive:?}, {truth}"
                    );
                }
                match predictive.quantiles() {
                    Ok(quantiles) => ordered("quantiles", quantiles.quantiles()),
                    Err(error) => refused(&error),
                }
                comes_back(&predictive);
            }
            Err(error) => refused(&error),
        }
    }
}

fn made_elsewhere(random: &mut Random) {
    let shape = (random.below(4), random.below(4));
    let drawn = Array2::from_shape_fn(shape, |_| random.extreme());
    let counted = Array2::from_shape_fn(shape, |_| random.count());
    for cases in [drawn, counted] {
        match Projection::from_draws(random.name(), random.name(), random.year(2020), cases) {
            Ok(projection) => {
                draws("draws made elsewhere", projection.new_cases());
                comes_back(&projection);
                printed_result(&projection);
            }
            Err(error) => refused(&error),
        }
    }
    let Some(series) = series(random, 12) else {
        return;
    };
    let options = StackingOptions {
        least_counts: random.below(8),
        least_origins: random.below(6),
        ..StackingOptions::default()
    };
    match Stacked::of_families(&series, &[Family::Linear, Family::Exponential], &options) {
        Ok(stacked) => {
            comes_back(&stacked);
            printed_result(&stacked);
        }
        Err(error) => refused(&error),
    }
}

/// The smaller pieces: stated growth in a tally, sources, parts.
fn pieces(random: &mut Random) {
    let cases = random.count();
    let growth = StatedGrowth::new(
        random.name(),
        random.year(2020),
        cases,
        random.number(-0.1, 0.1),
        random.number(0.0, 0.1),
    );
    let source = growth.and_then(|growth| growth.draws_to(random.year(2030), Seed::new(1)));
    match source {
        Ok(source) => {
            let number = 1 + random.below(3000);
            match (
                YearlyTally::of(&source, number),
                YearlyDraws::of(&source, number),
            ) {
                (Ok(tally), Ok(all)) => {
                    draws("stated growth", &all);
                    comes_back(&tally);
                    printed_result(&tally);
                    for (tally, draws) in tally.summary().iter().zip(all.summary()) {
                        let near =
                            (tally.median - draws.median).abs() <= 1e-3 * draws.median + 1e-9;
                        assert!(near, "{} {}", tally.median, draws.median);
                    }
                }
                (tally, draws) => {
                    let _ = tally.map_err(|error| refused(&error));
                    let _ = draws.map_err(|error| refused(&error));
                }
            }
        }
        Err(error) => refused(&error),
    }
    let figures = figures(random);
    match BetweenSourceEstimate::estimate(&figures, "World", random.number(0.0, 0.1)) {
        Ok(estimate) => {
            people("a standard deviation", &[estimate.standard_deviation()]);
            comes_back(&estimate);
        }
        Err(error) => refused(&error),
    }
}

#[test]
fn projections_of_series() {
    holds("random::forecasts::projections_of_series", 150, projections);
}

#[test]
fn registry_trends_of_series() {
    holds(
        "random::forecasts::registry_trends_of_series",
        150,
        registry_trends,
    );
}

#[test]
fn outlooks_of_figures() {
    holds("random::forecasts::outlooks_of_figures", 60, outlooks);
}

#[test]
fn backtests_of_panels() {
    holds("random::forecasts::backtests_of_panels", 20, backtests);
}

#[test]
fn scores_of_forecasts() {
    holds("random::forecasts::scores_of_forecasts", 5_000, scores);
}

#[test]
fn growth_and_sources() {
    holds("random::forecasts::growth_and_sources", 200, pieces);
}

#[test]
fn draws_made_elsewhere_and_stacked_curves() {
    holds(
        "random::forecasts::draws_made_elsewhere_and_stacked_curves",
        80,
        made_elsewhere,
    );
}
