//! An outlook prints itself, and says what was compared with what.

use myeloma_epi::figures::{Figures, press_release};
use myeloma_epi::pathway::{FlowOptions, Line, Pathway, Share, SojournTime};
use myeloma_epi::{IncidenceSeries, Outlook, OutlookOptions, Question, YearlyDraws};
use ndarray::Array2;

fn of(csv: &str, options: &OutlookOptions) -> String {
    let figures = Figures::from_csv("a test", csv).unwrap();
    format!("{:#}", Outlook::of(&figures, options).unwrap())
}

fn few_draws() -> OutlookOptions {
    OutlookOptions {
        draws: 200,
        ..OutlookOptions::default()
    }
}

/// What makes up the variance of the headline is between rounds where it is about this source, as between sources where it is about
/// all of them.
#[test]
fn differences_are_called_what_they_are() {
    for (question, label, other) in [
        (
            Question::ThisSource,
            "  between rounds (pools: sources), %",
            "differences between sources, %",
        ),
        (
            Question::TrueIncidence,
            "  differences between sources, %",
            "between rounds (pools",
        ),
    ] {
        let options = OutlookOptions {
            question,
            draws: 200,
            ..OutlookOptions::myeloma()
        };
        let text = format!("{:#}", Outlook::of(press_release(), &options).unwrap());
        let rows = text.lines().filter(|line| line.starts_with(label));
        assert_eq!(rows.count(), 2, "{text}");
        assert!(!text.contains(other), "{text}");
    }
}

/// A projection that is demography at constant rates implies nothing of growth; one that is not does: by 300,000 in 2040 the
/// 3.7 % a year of 164,300 to 197,200 become 100·((300,000/197,200)^(1/16) − 1) = 2.7 %.
#[test]
fn what_a_projection_at_constant_rates_implies_is_not_told() {
    let text = |projected: u32| {
        let figures = format!(
            "region,year,cases,status\nWorld,2019,164300,commercial\nWorld,2024,197200,commercial\n\
             World,2040,{projected},projection\n"
        );
        let figures = Figures::from_csv("a test", &figures).unwrap();
        let options = OutlookOptions {
            draws: 200,
            ..OutlookOptions::myeloma_for(&figures)
        };
        let outlook = Outlook::of(&figures, &options).unwrap();
        let text = format!("{outlook:#}");
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let (constant, other) = (text(273_600), text(300_000));
    let implies = "implies that growth goes from 3.7 % a year (2019 to 2024) to 2.7 %";
    assert!(other.contains(implies), "{other}");
    assert!(!constant.contains("implies"), "{constant}");
    let demography = "The projection of World 2040 is demography at constant rates";
    assert!(constant.contains(demography) && !other.contains(demography));
}

/// Where people and rates are from stands in the text, the file, the page and below the charts, where they are used; rates are
/// called modelled.
#[test]
fn people_and_rates_are_named_with_their_source() {
    let options = OutlookOptions {
        draws: 200,
        ..OutlookOptions::myeloma_for(press_release())
    };
    let outlook = Outlook::of(press_release(), &options).unwrap();
    let of = |outlook: &Outlook| {
        let page = outlook.to_html("").unwrap();
        let [(_, json), _, (_, incidence), (_, third_line)] = outlook.files().unwrap();
        [format!("{outlook:#}"), json, page, incidence, third_line]
    };
    for text in of(&outlook) {
        let text = text.replace("</text>", " ");
        let words = text
            .split(['<', '>', ' ', '\n'])
            .filter(|word| !word.is_empty());
        let text = words.collect::<Vec<_>>().join(" ");
        for said in [
            "World Population Prospects 2024",
            "CC BY 3.0 IGO",
            "2022: modelled from",
            "GLOBOCAN 2022",
        ] {
            assert!(text.contains(said), "{said}: {text}");
        }
    }
    let mut without = options.clone();
    without.population.clear();
    without.members.clear();
    without.forecast.expected_error = 0.0;
    for text in of(&Outlook::of(press_release(), &without).unwrap()) {
        assert!(!text.contains("Prospects"), "{text}");
    }
    // The headline has its six lines.
    let headline = outlook.to_string();
    let lines = headline
        .lines()
        .take_while(|line| !line.starts_with("thousands diagnosed"));
    assert!(lines.count() <= 6, "{headline}");
}

/// A straight line has no exponential limit: its draws that fall have no cases in the end.
#[test]
fn lines_that_fall_are_not_called_exponential() {
    let text = of(
        "region,year,cases,status\nA,2014,12,registered\nA,2019,18,registered\n",
        &few_draws(),
    );
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let said = "Draws of the linear curve that fall to no cases, and have none from then on: ";
    assert!(text.contains(said), "{text}");
    assert!(
        !text.contains("Draws of the linear curve replaced"),
        "{text}"
    );
}

#[test]
fn everything_goes_on_where_the_headline_ends() {
    let options = OutlookOptions {
        draws: 200,
        ..OutlookOptions::myeloma()
    };
    let outlook = Outlook::of(press_release(), &options).unwrap();
    let text = format!("{outlook:#}");
    // Everything goes on where the headline ends.
    assert!(text.starts_with(&outlook.to_string()));
    // A region prints what it prints in the outlook.
    assert!(text.contains(&outlook.region("World").unwrap().to_string()));
    // The words of earlier versions.
    for word in [
        "mixture",
        "carried",
        "calibrated",
        "level of the source",
        "leaves any curve",
        "borrowed",
    ] {
        assert!(!text.contains(word), "{word}: {text}");
    }
}

/// Only counts are observed.
#[test]
fn estimates_are_not_called_observed() {
    let rows = |status: &str| {
        let csv = format!("region,year,cases,status\nA,2019,100,{status}\nA,2024,120,{status}\n");
        of(&csv, &few_draws())
    };
    let has_row = |text: &str, label: &str| text.lines().any(|line| line.starts_with(label));
    let (counts, estimates) = (rows("registered"), rows("estimate"));
    assert!(has_row(&counts, "observed "), "{counts}");
    assert!(
        has_row(&estimates, "published ") && !has_row(&estimates, "observed"),
        "{estimates}"
    );
    let series = IncidenceSeries::from_counts("A", [(2019, 100.0), (2024, 120.0)]).unwrap();
    let unknown = Outlook::of_series(&[series], &few_draws()).unwrap();
    let unknown = format!("{unknown:#}");
    assert!(
        has_row(&unknown, "figures ") && !unknown.contains("observed "),
        "{unknown}"
    );
}

#[test]
fn what_was_compared_is_named() {
    let csv = "region,year,cases,status\nA,2019,100,registered\nA,2024,120,registered\n";
    let with = |between_source_sd, compared_with| OutlookOptions {
        between_source_sd,
        compared_with,
        ..few_draws()
    };
    let others =
        "region,year,cases,status,source\nA,2018,95,estimate,one\nA,2021,125,estimate,two\n";
    let others = Figures::from_csv("others", others).unwrap();
    for (options, says) in [
        (
            with(0.0, Figures::default()),
            "not compared with other sources",
        ),
        (
            with(0.1, Figures::default()),
            "10 % for A, in all draws of the curves: the one stated for regions",
        ),
        (
            with(0.0, others),
            "estimated from 4 figures of 3 sources; its own figures were compared with one; two",
        ),
        (
            with(0.0, press_release().clone()),
            "no other source to compare with",
        ),
    ] {
        let text = of(csv, &options).replace("\n  ", " ");
        assert!(text.contains(says), "{says}: {text}");
    }
}

/// Of more than two regions a line each, and no column of what is not known.
#[test]
fn many_regions_have_a_line_each() {
    let series = ["A", "B", "C"].map(|name| {
        IncidenceSeries::from_counts(name, [(2019, 1_000.0), (2024, 1_200.0)]).unwrap()
    });
    let text = Outlook::of_series(&series, &few_draws())
        .unwrap()
        .to_string();
    let lines: Vec<&str> = text.lines().take(4).collect();
    assert!(
        lines[0].starts_with("in 2040") && !lines[0].contains("start"),
        "{text}"
    );
    for (line, name) in lines[1..].iter().zip(["A", "B", "C"]) {
        assert!(
            line.starts_with(name) && line.matches('(').count() == 2,
            "{text}"
        );
    }
}

/// What is known has no interval: a point stands there, and the text says so. 100 diagnosed a year, of whom each leaves in the year
/// in which he is diagnosed or later: 100 starts of the first line in each year.
#[test]
fn a_number_without_an_error_is_a_point() {
    let pathway = Pathway::of_lines([Line::new(
        SojournTime::exponential(1.0).unwrap(),
        Share::new(0.0).unwrap(),
    )]);
    let text = |draws: [f64; 2]| {
        let incidence = Array2::from_shape_fn((2, 2), |(_, draw)| draws[draw]);
        let incidence = YearlyDraws::new(2020, incidence).unwrap();
        let options = FlowOptions::to(2021);
        pathway
            .as_ref()
            .unwrap()
            .flow(&incidence, &options)
            .unwrap()
            .to_string()
    };
    let known = text([100.0, 100.0]);
    assert!(known.contains("no error: the model states none"), "{known}");
    assert!(!known.contains("100–100"), "{known}");
    let drawn = text([90.0, 110.0]);
    assert!(!drawn.contains("no error"), "{drawn}");
}
