//! Starts of third line rest on the figures of earlier years where there are some.

use myeloma_epi::figures::{Figure, Figures, Mark, Status};
use myeloma_epi::pathway::{Delay, ShareDistribution, SojournTime, UltimateShare};
use myeloma_epi::{IncidenceSeries, Outlook, OutlookModelOptions, OutlookOptions, Question};

const MEANS: [f64; 2] = [2.5, 1.5];

/// Of those who start third line after two exponential times, the part that starts n years after the year of diagnosis:
/// the second difference of ∫∫ of the distribution function, 1 − (a e^(−t/a) − b e^(−t/b))/(a − b).
fn part(n: i32) -> f64 {
    let [a, b] = MEANS;
    let twice = |t: f64| {
        let of = |m: f64| m * m * (1.0 - (-t / m).exp());
        t - (of(a) - of(b)) / (a - b)
    };
    let n = f64::from(n);
    if n == 0.0 {
        twice(1.0)
    } else {
        twice(n + 1.0) - 2.0 * twice(n) + twice(n - 1.0)
    }
}

fn options() -> OutlookOptions {
    let [first, second] = MEANS.map(|mean| SojournTime::exponential(mean).unwrap());
    OutlookOptions {
        draws: 4_000,
        delay: Some(Delay::new(first, second)),
        share: UltimateShare::new(0.35, 0.35, ShareDistribution::Uniform).unwrap(),
        to: 2025,
        ..OutlookOptions::default()
    }
}

fn outlook(figures: Vec<Figure>, options: &OutlookOptions) -> Outlook {
    Outlook::of(&figures.into_iter().collect::<Figures>(), options).unwrap()
}

fn registered(cases: impl IntoIterator<Item = (i32, f64)>) -> Vec<Figure> {
    let figure = |(year, cases)| Figure::new("A", year, cases, Status::Registered).unwrap();
    cases.into_iter().map(figure).collect()
}

/// 35 % of Σ diagnosed(c)·k(year − c) over 60 years; from the last figure on the medians of the outlook.
fn closed_form(outlook: &Outlook, year: i32, before: impl Fn(i32) -> f64) -> f64 {
    let new_cases = outlook.regions()[0].new_cases();
    let diagnosed = |c| new_cases.median(c).unwrap_or_else(|_| before(c));
    let of_cohort = |c: i32| diagnosed(c) * part(year - c);
    0.35 * (year - 60..=year).map(of_cohort).sum::<f64>()
}

#[test]
fn a_jump_in_the_file_is_one_in_those_who_start_third_line() {
    for (before, after) in [(2_000.0, 1_000.0), (1_000.0, 2_000.0)] {
        let level = |year: i32| if year < 2020 { before } else { after };
        let figures = registered((2008..=2021).map(|year| (year, level(year))));
        let outlook = outlook(figures, &options());
        let starts = outlook.regions()[0].third_line_starts().unwrap();
        assert_eq!(starts.first_year(), 2021);
        for year in [2021, 2023, 2025] {
            let (got, expected) = (
                starts.median(year).unwrap(),
                closed_form(&outlook, year, level),
            );
            assert!(
                (got / expected - 1.0).abs() < 0.01,
                "{year}: {got} and {expected}"
            );
        }
    }
}

#[test]
fn between_two_figures_incidence_grows_steadily_and_marked_years_are_left_out() {
    let ends = [(2010, 1_000.0), (2020, 2_000.0)];
    // Before 2010 the growth of the first five years goes on, which is that of all ten.
    let alone = outlook(registered(ends), &options());
    let of_series = |series: &IncidenceSeries| {
        Outlook::of_series(std::slice::from_ref(series), &options()).unwrap()
    };
    let three = registered([ends[0], (2014, 30_000.0), ends[1]]);
    let three: Figures = three.into_iter().collect();
    let marked = IncidenceSeries::from_figures(&three, "A").unwrap();
    let marked = of_series(&marked.with_mark(Mark::Shock, [2014]).unwrap());
    for outlook in [alone, marked] {
        // To the last figure as the trend sees it.
        let growth = (outlook.regions()[0].new_cases().median(2020).unwrap() / 1_000.0).ln() / 10.0;
        let path = |year: i32| 1_000.0 * (growth * f64::from(year - 2010)).exp();
        let starts = outlook.regions()[0].third_line_starts().unwrap();
        for year in [2020, 2022, 2025] {
            let (got, expected) = (
                starts.median(year).unwrap(),
                closed_form(&outlook, year, path),
            );
            assert!(
                (got / expected - 1.0).abs() < 0.01,
                "{year}: {got} and {expected}"
            );
        }
    }
}

#[test]
fn cautions_say_what_rests_on_years_before_the_first_figure() {
    let steady = |first| registered((first..=2021).map(|year| (year, 1_000.0)));
    let told = |figures| {
        let outlook = outlook(figures, &options());
        let cautions = outlook.regions()[0].cautions();
        let of_starts = cautions
            .into_iter()
            .find(|c| c.starts_with("Third-line starts"));
        (outlook, of_starts)
    };
    let (outlook, caution) = told(steady(2015));
    let caution = caution.unwrap();
    for year in [2021, 2025] {
        let all = closed_form(&outlook, year, |_| 1_000.0);
        let before: f64 = (year - 60..2015).map(|c| 350.0 * part(year - c)).sum();
        let share = format!("{:.0} % in {year}", 100.0 * before / all);
        assert!(caution.contains(&share), "{share}: {caution}");
    }
    assert!(
        caution.contains("before 2015") && !caution.contains("2022"),
        "{caution}"
    );
    assert!(outlook.to_string().contains("Third-line starts rest on"));
    // Of 30 years ago there is a part of e^(−30/2.5).
    assert_eq!(told(steady(1991)).1, None);
}

#[test]
fn earlier_figures_are_in_the_same_draws_and_in_the_model() {
    let figure = |year, cases| Figure::new("A", year, cases, Status::Estimate).unwrap();
    let figures = [(2016, 1_000.0), (2021, 1_100.0)].map(|(year, cases)| figure(year, cases));
    // Of one source, which the next round revises by 20 % in all years alike.
    let one_source = figures.clone().map(|figure| figure.with_source("atlas"));
    let options = OutlookOptions {
        revision_sd: Some(0.2),
        ..options()
    };
    let outlook_of = |figures: &[Figure]| outlook(figures.to_vec(), &options);
    let made = outlook_of(&one_source);
    let region = &made.regions()[0];
    let diagnosed = region.diagnosed().unwrap();
    assert_eq!(
        diagnosed.years().collect::<Vec<_>>(),
        (2016..=2025).collect::<Vec<_>>()
    );
    assert_eq!(
        diagnosed.year(2023).unwrap(),
        region.new_cases().year(2023).unwrap()
    );
    let sd = |logs: Vec<f64>| {
        let mean = logs.iter().sum::<f64>() / logs.len() as f64;
        let squares: f64 = logs.iter().map(|x| (x - mean).powi(2)).sum();
        (squares / logs.len() as f64).sqrt()
    };
    let first = diagnosed.year(2016).unwrap();
    let got = sd(first.iter().map(|cases| cases.ln()).collect());
    assert!((got / 0.2 - 1.0).abs() < 0.05, "{got}");
    let last = diagnosed.year(2021).unwrap();
    let got = sd(first.iter().zip(&last).map(|(a, b)| (a / b).ln()).collect());
    assert!(got < 0.06, "{got}");
    // Of two sources, 2016 may be of another round than 2021 and differs by a revision.
    let of_two = [
        figures[0].clone().with_source("atlas"),
        figures[1].clone().with_source("other"),
    ];
    let two = outlook_of(&of_two);
    let diagnosed = two.regions()[0].diagnosed().unwrap();
    let first = diagnosed.year(2016).unwrap();
    let got = sd(first.iter().map(|cases| cases.ln()).collect());
    assert!((got / (0.2 * 2.0_f64.sqrt()) - 1.0).abs() < 0.05, "{got}");

    // With all inputs at their middle the model gives the closed form; one figure of 2016 that is a standard deviation higher
    // moves the starts by what was diagnosed before 2021.
    let model = two.model("A", &OutlookModelOptions::default()).unwrap();
    let names = model.inputs().names();
    let place = names
        .iter()
        .position(|name| name.contains("figure of 2016"))
        .unwrap();
    let mut row = vec![0.0; names.len()];
    let volatility = names
        .iter()
        .position(|name| name.contains("volatility"))
        .unwrap();
    row[volatility] = 0.5;
    let evaluate = |row: &[f64]| {
        let mut outputs = [0.0; 3];
        model.evaluate(row, &mut outputs);
        outputs
    };
    let low = evaluate(&row);
    row[place] = 1.0;
    let high = evaluate(&row);
    assert_eq!((low[0], low[1]), (high[0], high[1]));
    let medians = diagnosed.medians();
    let (growth, last) = ((medians[5] / medians[0]).ln() / 5.0, 1_100.0_f64);
    let moved = |shift: f64| {
        let starts = |c: i32| {
            let first = (1_000.0_f64).ln() + shift;
            let log = if c < 2016 {
                first - growth * f64::from(2016 - c)
            } else {
                first + (last.ln() - first) * f64::from(c - 2016) / 5.0
            };
            log.exp() * part(2025 - c)
        };
        0.35 * (1976..2021).map(starts).sum::<f64>()
    };
    let (got, expected) = (high[2] - low[2], moved(0.2) - moved(0.0));
    assert!((got / expected - 1.0).abs() < 0.05, "{got} and {expected}");
}

/// Between two figures those diagnosed change by the same factor every year, in every draw and whatever the next round makes of the
/// figures: the year in the middle is the root of the product of both ends.
#[test]
fn a_year_between_two_figures_is_their_geometric_mean_in_every_draw() {
    let figure = |year, cases| Figure::new("A", year, cases, Status::Estimate).unwrap();
    let options = OutlookOptions {
        draws: 500,
        revision_sd: Some(0.3),
        ..options()
    };
    let own = [figure(2014, 800.0), figure(2024, 1_400.0)];
    let made = outlook(own.to_vec(), &options);
    let diagnosed = made.regions()[0].diagnosed().unwrap();
    let [first, middle, last] = [2014, 2019, 2024].map(|year| diagnosed.year(year).unwrap());
    for ((first, middle), last) in first.iter().zip(&middle).zip(&last) {
        assert!((middle / (first * last).sqrt() - 1.0).abs() < 1e-9);
    }
    // Those who start third line are of the question that is asked: by the factor of those diagnosed, in every draw.
    let of = |question| {
        let other = figure(2024, 700.0).with_source("other");
        let options = OutlookOptions {
            question,
            revision_sd: Some(0.0),
            compared_with: [other].into_iter().collect(),
            ..options.clone()
        };
        let asked = outlook(own.to_vec(), &options);
        let region = &asked.regions()[0];
        let starts = region.third_line_starts().unwrap().year(2025).unwrap();
        let cases = region.new_cases().year(2024).unwrap();
        let both = starts.iter().zip(&cases).map(|(a, b)| (*a, *b));
        both.collect::<Vec<_>>()
    };
    let both = [Question::ThisSource, Question::TrueIncidence].map(of);
    let mut far = 0;
    for ((starts, cases), (of_all, cases_of_all)) in both[0].iter().zip(&both[1]) {
        let factor = cases_of_all / cases;
        assert!((of_all / starts / factor - 1.0).abs() < 0.01);
        far += u32::from((factor - 1.0).abs() > 0.1);
    }
    assert!(far > 400, "{far}");
}

/// A registered count of 400 errs by 1/20 on the log scale beside the 3 % that are assumed, and what other sources say of it is nothing where there are none: then both
/// questions have one answer.
#[test]
fn an_earlier_count_has_its_counting_error() {
    let counts = [
        (2014, 400.0),
        (2018, 400.0),
        (2019, 410.0),
        (2020, 395.0),
        (2021, 405.0),
        (2022, 400.0),
        (2023, 390.0),
        (2024, 520.0),
    ];
    let outlook = outlook(registered(counts), &options());
    let region = &outlook.regions()[0];
    let diagnosed = region.diagnosed().unwrap();
    let logs: Vec<f64> = diagnosed
        .year(2014)
        .unwrap()
        .iter()
        .map(|n| n.ln())
        .collect();
    let mean = logs.iter().sum::<f64>() / 4_000.0;
    let variance = logs.iter().map(|log| (log - mean).powi(2)).sum::<f64>() / 3_999.0;
    // Four standard errors of a variance of 4,000 draws: 4·√(2/4,000) = 9 %.
    let expected = 1.0 / 400.0 + 0.03_f64.powi(2);
    assert!((variance / expected - 1.0).abs() < 0.09, "{variance}");
    let [this, all] = [Question::ThisSource, Question::TrueIncidence]
        .map(|question| region.new_cases_under(question).median(2024).unwrap());
    assert!((this / all - 1.0).abs() < 1e-9, "{this}, {all}");
}
