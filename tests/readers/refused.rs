//! What is not understood is an error with its line and column.

use crate::{read, refused, samples};
use myeloma_epi::demography::Sex;
use myeloma_epi::figures::Status;
use myeloma_epi::readers::{Quantity, ReadOptions, from_bytes, read as read_file};

#[test]
fn tables_that_are_not_known() {
    let error = refused("a,b,c\n1,2,3\n");
    assert!(
        error.starts_with(
            "sample, line 1: not the header of a table that is known: a, b, c. Known are"
        ),
        "{error}"
    );
    assert!(refused("just some text\nand more\n").contains("no columns"));
    for empty in ["", " \n\n", "\u{feff}"] {
        assert!(refused(empty).contains("no observations"), "{empty:?}");
    }
    let error = from_bytes("book.csv", b"PK\x03\x04rest")
        .unwrap_err()
        .to_string();
    assert!(error.contains("an Excel workbook"), "{error}");
    let header = samples::GBD.lines().next().unwrap();
    assert!(refused(header).contains("no observations"));
}

/// Below titles that are parted by commas as the header is, the header is the line above the numbers.
#[test]
fn a_header_below_titles_is_named_by_its_own_line() {
    let titles = "Cases of myeloma, all ages, both sexes\n\n\"both, sexes\",x\n";
    for (header, line) in [("Country,Value", 4), ("Country;When;Value", 4)] {
        let row = if header.contains(';') {
            "A;2019;5"
        } else {
            "A,2019"
        };
        let error = refused(&format!("{titles}{header}\n{row}\n{row}\n"));
        let said = format!("line {line}: not the header of a table that is known: Country, ");
        assert!(error.contains(&said), "{error}");
    }
}

/// A table of a maker that lacks a column without which its numbers mean something else.
#[test]
fn a_missing_column_is_named() {
    let rename = |text: &str, column: &str| text.replacen(column, "something", 1);
    for (text, column, said) in [
        (
            samples::GBD,
            "metric_id,metric_name",
            "column \"metric\" is missing: Number, Rate and Percent",
        ),
        (samples::GBD, "sex_id,sex_name", "column \"sex\" is missing"),
        (samples::GBD, ",val,", "column \"val\" is missing"),
        (samples::USCS, "|SEX|", "column \"SEX\" is missing"),
        (samples::USCS, "|COUNT|", "column \"COUNT\" is missing"),
        (samples::PHS, ",Year,", "column \"Year\" is missing"),
    ] {
        let replaced = match column.matches([',', '|']).count() {
            1 => text.replacen(column, "other,another", 1),
            _ if column.starts_with(',') => text.replacen(column, ",other,", 1),
            _ => text.replacen(column, "|other|", 1),
        };
        let error = refused(&replaced);
        assert!(error.contains(said), "{error}");
        assert_ne!(rename(text, column), text);
    }
}

/// A sample, what stands in it, what is put in its place, and what the error says.
const WRONG: [(&str, &str, &str, &str); 16] = [
    (
        samples::GBD,
        "3,Both,22,All ages,486,Multiple myeloma,1,Number,2019,1200.5",
        "3,Both,22,All ages,486,Multiple myeloma,1,Number,2019,12oo",
        "line 2: column val: \"12oo\" is not a number",
    ),
    (
        samples::GBD,
        "Number,2019,1200.5",
        "Numbr,2019,1200.5",
        "line 2: column metric_name: \"Numbr\" is not Number",
    ),
    (
        samples::GBD,
        "6,Incidence,1,Atlantis,1",
        "6,Incidents,1,Atlantis,1",
        "line 5: column measure_name: \"Incidents\" is not a known measure",
    ),
    (
        samples::GBD,
        "1,Male",
        "1,Mle",
        "line 5: column sex_name: \"Mle\" is not the word of a sex",
    ),
    (
        samples::GBD,
        "1,Number,2019,80",
        "1,Number,19,80",
        "line 5: column year: \"19\" is not a calendar year",
    ),
    (
        samples::GBD,
        "80,90,70",
        "80,60,70",
        "line 5: column val: the lower end of the interval is 70",
    ),
    (
        samples::GBD,
        "80,90,70",
        "-80,90,70",
        "line 5: column val: the value is -80",
    ),
    (
        samples::GBD,
        "80,90,70",
        "80,90",
        "line 5: 15 values for 16 columns",
    ),
    (
        samples::GBD,
        "80,90,70",
        "80,90,70,1",
        "line 5: 17 values for 16 columns",
    ),
    (
        samples::GBD,
        "Percent,2019,0.002,0.003",
        "Percent,2019,20,0.003",
        "the share is 20",
    ),
    (
        samples::GBD,
        "1,Number,2019,80",
        "1,Number,2019,1e999",
        "line 5: column val: \"1e999\" is not a number",
    ),
    (
        samples::GBD,
        "1,Number,2019,80,90,70",
        "1,Number,2019,\"80,90,70",
        "line 5: 14 values for 16 columns",
    ),
    (
        samples::OWN,
        "Estimate",
        "guess",
        "line 3: column Status: \"guess\" is not estimate",
    ),
    (
        samples::OWN,
        "2024",
        "",
        "line 3: column Year: \"\" is not a calendar year",
    ),
    (
        samples::WPP_EXCEL,
        "(thousands)",
        "",
        "line 6: the title does not say that the numbers are thousands",
    ),
    (
        samples::OVER_TIME,
        ",1,1,2010",
        ",7,1,2010",
        "line 4: column Type: \"7\" is not a known measure",
    ),
];

#[test]
fn what_is_wrong_is_named_with_line_and_column() {
    for (text, wrong, right, said) in WRONG {
        assert!(text.contains(wrong), "{wrong}");
        let error = refused(&text.replacen(wrong, right, 1));
        assert!(error.contains(said), "{error}\n{said}");
    }
}

/// Two numbers of the same people are told apart by a column that is not read, or one is wrong.
#[test]
fn nothing_is_counted_twice() {
    let text = "region,year,cases,county\nAtlantis,2019,5,north\nAtlantis,2019,7,south\n";
    let error = refused(text);
    assert!(
        error.contains("line 3: incidence of Atlantis, 2019, all: 7 here and 5 on line 2"),
        "{error}"
    );
    let export = read("region,year,cases\nAtlantis,2019,5\nAtlantis,2019,5\n");
    assert_eq!(export.rows.len(), 1);
    assert_eq!(
        export
            .notes
            .iter()
            .filter(|note| note.contains("they stand there before (line 3)"))
            .count(),
        1
    );
    // Two hospitals of equal counts are not one.
    let error = refused("Hospital,Year,Cases\nH1,2014,100\nH2,2014,100\n");
    assert!(
        error.contains("line 3") && error.contains("a column that is not read differs"),
        "{error}"
    );
    // Only pooled years.
    let pooled: Vec<&str> = samples::USCS
        .lines()
        .filter(|line| !line.starts_with("2018|"))
        .collect();
    assert!(refused(&pooled.join("\n")).contains(
        "no row can be taken of this file of U.S. Cancer Statistics: 1 line left out: several years"
    ));
}

/// What a file says of itself is not replaced.
#[test]
fn options_do_not_contradict_the_file() {
    let none = ReadOptions::default;
    for (options, what) in [
        (
            ReadOptions {
                year: Some(2020),
                ..none()
            },
            "year",
        ),
        (
            ReadOptions {
                sex: Some(Sex::Both),
                ..none()
            },
            "sex",
        ),
        (
            ReadOptions {
                quantity: Some(Quantity::Prevalence),
                ..none()
            },
            "measure",
        ),
        (
            ReadOptions {
                age: Some("0-4".into()),
                ..none()
            },
            "age",
        ),
        (
            ReadOptions {
                site: Some("x".into()),
                ..none()
            },
            "site",
        ),
    ] {
        let error = options
            .from_bytes("sample", samples::GBD.as_bytes())
            .unwrap_err()
            .to_string();
        assert!(
            error.contains(&format!("says its {what} itself, "))
                && error.ends_with(&format!(": do not state --{what}")),
            "{error}"
        );
    }
    let round = ReadOptions {
        round: Some("2023".into()),
        ..none()
    };
    let error = round
        .from_bytes("sample", samples::WONDER.as_bytes())
        .unwrap_err()
        .to_string();
    assert!(error.contains("says its round itself"), "{error}");
    let status = ReadOptions {
        status: Some(Status::Estimate),
        ..none()
    };
    let error = status
        .from_bytes("sample", samples::OWN.as_bytes())
        .unwrap_err()
        .to_string();
    assert!(error.contains("says its status itself"), "{error}");
}

/// Of regions that the file names, one is chosen; a table that names none is of a region named beside, or by its file.
#[test]
fn one_region() {
    let none = ReadOptions::default;
    let named = |region: &str| ReadOptions {
        region: Some(region.into()),
        ..none()
    };
    let two = "region,year,cases\nAtlantis,2019,5\nMu,2019,7\n";
    let export = named("mu").from_bytes("sample", two.as_bytes()).unwrap();
    assert_eq!((export.regions(), export.rows[0].value), (vec!["Mu"], 7.0));
    assert!(crate::says(&export, "other regions left out: 1"));
    let error = named("World").from_bytes("sample", two.as_bytes());
    assert!(
        error
            .unwrap_err()
            .to_string()
            .contains("there are Atlantis, Mu")
    );
    // A table of one region, which is named beside, or called after its file.
    let counts = "year,cases,status\n2019,5,registered\n";
    let export = from_bytes("folder/Malta.csv", counts.as_bytes()).unwrap();
    assert_eq!(export.regions(), ["Malta"]);
    assert!(crate::says(&export, "called after the file, Malta"));
    let nameless = from_bytes("", counts.as_bytes()).unwrap_err().to_string();
    assert!(
        nameless.contains("the table names no region: state it with --region"),
        "{nameless}"
    );
    let named = ReadOptions {
        region: Some("Atlantis".into()),
        ..none()
    };
    let figures = named
        .from_bytes("sample", counts.as_bytes())
        .unwrap()
        .figures()
        .unwrap();
    assert_eq!(figures.regions(), ["Atlantis"]);
    let tomorrow = ReadOptions {
        year: Some(2022),
        ..none()
    };
    assert!(
        tomorrow
            .from_bytes("sample", samples::TOMORROW.as_bytes())
            .is_err()
    );
    let json = serde_json::to_string(&tomorrow).unwrap();
    assert_eq!(
        serde_json::from_str::<ReadOptions>(&json).unwrap(),
        tomorrow
    );
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let error = read_file("no/such/export.csv").unwrap_err().to_string();
    assert!(error.starts_with("no/such/export.csv: "), "{error}");
}
