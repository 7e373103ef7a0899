//! Files of panels, good and bad.

use myeloma_epi::backtest::{Backtest, BacktestOptions, CurveForecaster, Panel, Scored};
use myeloma_epi::figures::Mark;

#[test]
fn panels_that_cannot_be_used_are_refused_with_their_place() {
    let header = "series_id,group,site,year,cases\n";
    for (rows, parts) in [
        (
            "a,A,x,2001,5\na,A,x,2001,6\n",
            ["line 3", "a has two counts for 2001"],
        ),
        ("a,A,x,2001-2005,50\n", ["line 2", "2001-2005"]),
        ("a,A,x,2001.5,50\n", ["line 2", "2001.5"]),
        ("a,A,x,2001,0\n", ["a, 2001", "above 0"]),
        ("a,A,x,2001,-7\n", ["a, 2001", "-7"]),
        ("a,A,x,2001,NaN\n", ["a, 2001", "NaN"]),
        ("a,A,x,2001,inf\n", ["a, 2001", "inf"]),
        ("a,A,x,2001,\n", ["line 2", "cases"]),
        ("a,A,x,2001,5,9\n", ["line 2", "6"]),
        ("a,A,x,1,5\na,A,x,2001,5\n", ["1 to 2001", "at most"]),
        (
            "a,A,x,-2147483648,5\na,A,x,2147483647,5\n",
            ["-2147483648", "series of a"],
        ),
        (",A,x,2001,5\n", ["line 2", "series_id"]),
        ("a,,x,2001,5\n", ["line 2", "group"]),
    ] {
        let error = Panel::parse(&format!("{header}{rows}"), "p.csv").unwrap_err();
        for part in parts {
            assert!(error.to_string().contains(part), "{part}: {error}");
        }
    }
    let error = Panel::parse("series_id,group,year,cases\na,A,2001,5\n", "p.csv").unwrap_err();
    assert!(error.to_string().contains("site"), "{error}");
    assert!(Panel::parse("", "p.csv").is_err());
    assert!(Panel::read("no such file.csv").is_err());
    let marked = "\u{feff}series_id, group, site, year, cases\n a, A, x, 2001, 5\n";
    let panel = Panel::parse(marked, "p.csv").unwrap();
    assert_eq!(panel.series()[0].id(), "a");
    assert_eq!(panel.series()[0].series().observations()[0].year, 2001);
}

/// A mark in a file is that of the series: the count is neither known nor scored, and is counted as left out.
#[test]
fn marks_of_a_panel_are_those_of_its_series() {
    let rows = (2000..2015).map(|year| {
        let mark = match year {
            2008 => "shock",
            2014 => "provisional",
            _ => "",
        };
        format!("a,A,x,{year},{},{mark}\n", 500 + year)
    });
    let text = "series_id,group,site,year,cases,mark\n".to_owned() + &rows.collect::<String>();
    let panel = Panel::parse(&text, "p.csv").unwrap();
    let marks = panel.series()[0].series().marks();
    assert_eq!(
        marks.iter().collect::<Vec<_>>(),
        [(&2008, &Mark::Shock), (&2014, &Mark::Provisional)]
    );
    let curves = CurveForecaster::line_and_exponential(0.03).unwrap();
    let test = Backtest::run(&panel, &[&curves], &BacktestOptions::default()).unwrap();
    assert_eq!((test.shocks, test.provisional), (1, 1));
    let after = |scored: &Scored| i32::try_from(scored.horizon).unwrap();
    let years = |scored: &Scored| [scored.origin, scored.origin + after(scored)];
    assert!(
        test.scored
            .iter()
            .flat_map(years)
            .all(|year| year != 2008 && year != 2014)
    );
    let error = Panel::parse(&text.replace("shock", "war"), "p.csv")
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("line 10") && error.contains("\"war\""),
        "{error}"
    );
}
