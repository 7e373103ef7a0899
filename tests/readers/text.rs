//! Encodings, separators, line ends and numbers: the same table in other clothes has the same rows.

use crate::{read, refused, samples, says, tidy};
use myeloma_epi::demography::Sex;
use myeloma_epi::figures::Figures;
use myeloma_epi::readers::{Export, ReadOptions, Row, from_bytes};

fn utf16(text: &str) -> Vec<u8> {
    let units = std::iter::once(0xfeff).chain(text.encode_utf16());
    units.flat_map(u16::to_le_bytes).collect()
}

#[test]
fn every_encoding_has_the_same_rows() {
    for text in samples::ALL {
        let rows = read(text).rows;
        let with_mark = format!("\u{feff}{text}");
        let windows = text.replace('\n', "\r\n");
        for (bytes, how) in [
            (with_mark.into_bytes(), "byte-order mark"),
            (utf16(text), "UTF-16"),
            (windows.into_bytes(), "CRLF"),
            (text.trim_end().as_bytes().to_vec(), "no line end"),
        ] {
            let export =
                from_bytes("sample", &bytes).unwrap_or_else(|error| panic!("{how}: {error}"));
            assert_eq!(export.rows, rows, "{how}");
        }
    }
    // "männlich" and a no-break space between thousands, in Latin-1.
    let latin = b"Neuerkrankungen\nJahr;Diagnose;m\xe4nnlich\n2014;C90;12\xa0345\n";
    let export = from_bytes("sample", latin).unwrap();
    assert_eq!(tidy(&export), ["Germany,2014,male,,incidence,12345,,"]);
    assert!(says(&export, "Windows-1252"));
}

#[test]
fn every_separator_has_the_same_rows() {
    let text =
        "region,year,cases,status\nAtlantis,2019,1200,registered\nAtlantis,2024,1400,registered\n";
    let rows = read(text).rows;
    for separator in [";", "\t", "|"] {
        assert_eq!(
            read(&text.replace(',', separator)).rows,
            rows,
            "{separator:?}"
        );
    }
}

#[test]
fn numbers_in_every_spelling() {
    let value = |text: &str| -> Vec<f64> { read(text).rows.iter().map(|row| row.value).collect() };
    for (text, values) in [
        // Spaces of three widths, and an apostrophe.
        (
            "region;year;cases\na;2019;1 234\nb;2019;1\u{a0}234\nc;2019;1\u{202f}234\nd;2019;1'234",
            [1234.0; 4],
        ),
        // The decimal comma of one number settles the others.
        (
            "region;year;cases\na;2019;1.234\nb;2019;1234\nc;2019;1.234,0\nd;2019;1234,0",
            [1234.0; 4],
        ),
        (
            "region;year;cases\na;2019;1,234\nb;2019;1234\nc;2019;1,234.0\nd;2019;1234.0",
            [1234.0; 4],
        ),
        (
            "region,year,cases\na,2019,\"1,234\"\nb,2019,1234\nc,2019,\"1,234.0\"\nd,2019,1.234e3",
            [1234.0; 4],
        ),
    ] {
        assert_eq!(value(text), values, "{text}");
    }
    // A relative error has a decimal mark, too.
    let export = read("region;year;cases;relative error\na;2019;1.200;0,02\n");
    assert_eq!(
        (export.rows[0].value, export.rows[0].relative_error),
        (1_200.0, Some(0.02))
    );
    // Nothing settles it: of a table of one's own, whose figures may have fractions.
    let error = refused("region;year;cases\na;2019;1.234\nb;2019;56");
    assert!(
        error.contains(
            "line 2: column cases: \"1.234\" may have a decimal mark or a thousands separator"
        ),
        "{error}"
    );
    // Between commas a point is the decimal mark, and of counts that is said, where none of them has another number of digits.
    let export = read("region,year,cases,relative error\na,2019,1.050,0.02\n");
    assert_eq!(
        (export.rows[0].value, export.rows[0].relative_error),
        (1.05, Some(0.02))
    );
    assert!(
        says(
            &export,
            "\"1.050\" (column cases, line 2) and the like are read as 1.05"
        ),
        "{:?}",
        export.notes
    );
    for text in [
        "region,year,cases\na,2019,1.050\nb,2019,412.5\n",
        "region,year,rate\na,2019,1.050\n",
    ] {
        let export = read(text);
        assert!(!says(&export, "are read as"), "{:?}", export.notes);
    }
    // Two notations in one file.
    let error = refused("region;year;cases\na;2019;1.5\nb;2019;2,5");
    assert!(
        error.contains("line 3") && error.contains("has a decimal point"),
        "{error}"
    );
    // A registry's count with a fraction.
    let error = refused("YEAR|SEX|SITE|EVENT_TYPE|COUNT\n2018|Male|Myeloma|Incidence|12.5\n");
    assert!(
        error.contains("line 2: column COUNT: \"12.5\"") && error.contains("whole"),
        "{error}"
    );
}

/// What is written of an export is read again as it was: number by number, with what is said of each.
#[test]
fn rows_are_read_again() {
    for text in samples::ALL {
        let export = read(text);
        let again = read(&export.to_csv());
        assert_eq!(again.notes, [""; 0], "{text}");
        let alike = |row: &Row| Row {
            line: 0,
            ..row.clone()
        };
        let rows = |export: &Export| export.rows.iter().map(alike).collect::<Vec<_>>();
        assert_eq!(rows(&again), rows(&export), "{text}");
    }
}

/// Lines are counted as an editor does, with comments, empty lines, quoted line breaks and any line ends.
#[test]
fn lines_are_those_of_the_file() {
    let text = "# mine\n\nregion,year,cases,note\n\n# more\nAtlantis,2019,1,\"two\nlines\"\nAtlantis,2020,x,\n";
    for text in [
        text.to_owned(),
        text.replace('\n', "\r\n"),
        text.replace('\n', "\r"),
    ] {
        let error = refused(&text);
        assert!(
            error.contains("sample, line 8: column cases: \"x\" is not a number"),
            "{error}"
        );
    }
}

#[test]
fn formulas_are_guarded_and_read_again() {
    let export = read("region,year,cases\n\"=cmd|' /C calc'!A0\",2019,5\n\"a,\"\"b\"\"\",2019,6\n");
    let csv = export.to_csv();
    assert!(
        csv.contains("\n'=cmd|' /C calc'!A0,2019,") && csv.contains("\n\"a,\"\"b\"\"\",2019,"),
        "{csv}"
    );
    let guarded = read("region,year,cases\n'=1+1,2019,5\n");
    assert_eq!(&*guarded.rows[0].region, "=1+1");
}

#[test]
fn an_export_in_a_file_is_the_same_and_checked() {
    for text in samples::ALL {
        let export = read(text);
        let json = serde_json::to_string(&export).unwrap();
        assert_eq!(serde_json::from_str::<Export>(&json).unwrap(), export);
    }
    let json = serde_json::to_string(&read(samples::USCS)).unwrap();
    let negative = json.replace("29000.0", "-29000.0");
    assert!(
        serde_json::from_str::<Export>(&negative)
            .unwrap_err()
            .to_string()
            .contains("not negative")
    );
    let crossed = json.replace("\"lower\":6.9", "\"lower\":7.9");
    assert!(
        serde_json::from_str::<Export>(&crossed)
            .unwrap_err()
            .to_string()
            .contains("upper end")
    );
}

/// The reader of figures, counts and panels is the same one: semicolons, decimal commas, capitals, and the right line.
#[test]
fn figures_are_read_as_spreadsheets_write_them() {
    use myeloma_epi::figures::Figures;
    let text = "Region;Year;Cases;Status;Relative error\nAtlantis;2019;1200,5;registered;0,02\n";
    for text in [
        text.to_owned(),
        text.replace(';', "\t"),
        format!("\u{feff}# mine, by hand\r\n{}", text.replace('\n', "\r\n")),
    ] {
        let figures = Figures::from_csv("mine", &text).unwrap();
        let figure = figures.iter().next().unwrap();
        assert_eq!(
            (figure.cases(), figure.relative_error()),
            (1200.5, Some(0.02)),
            "{text}"
        );
    }
    let refused = |text: &str| Figures::from_csv("mine", text).unwrap_err().to_string();
    for (number, said) in [
        ("1.234", "line 2: column cases: \"1.234\" is 1.234 or 1234"),
        ("1,234", "line 2: column cases: \"1,234\" is 1234 or 1.234"),
        (
            "1.234,5x",
            "line 2: column cases: \"1.234,5x\" is not a number",
        ),
    ] {
        let error = refused(&text.replace("1200,5", number));
        assert!(error.contains(said), "{error}");
    }
    // Strict as before between commas, and with columns that it does not know.
    assert!(
        refused("region,year,cases,status\na,2019,\"1,5\",registered\n")
            .contains("is not a number")
    );
    assert!(
        refused(&text.replace("Relative error", "Relativ error"))
            .contains("unknown column \"relativ_error\"")
    );
    let error = refused("# a\r\n\r\nregion,year,cases,status\r\n# b\r\na,2019,x,registered\r\n");
    assert!(error.contains("mine, line 5: column cases"), "{error}");
}

/// What tables of people's own are like: counts under other names, per cent, an interval, notes of what is taken for what.
#[test]
fn names_and_numbers_of_tables_of_ones_own() {
    let export = read(
        "Jahr;Fälle;Relative Error;Lower 95% CI;Upper 95% CI\n2019;1200;2,5 %;1100;1300\n2020;1300;3%;1200;1400\n",
    );
    let rows: Vec<_> = (export.rows.iter())
        .map(|row| (row.year, row.value, row.lower, row.relative_error))
        .collect();
    assert_eq!(
        rows,
        [
            (Some(2019), 1200.0, Some(1100.0), Some(0.025)),
            (Some(2020), 1300.0, Some(1200.0), Some(0.03))
        ]
    );
    let export = read("Country,Year,Gender,Age groups,Count\nAtlantis,2019,Male,0-64,5\n");
    assert_eq!(tidy(&export), ["Atlantis,2019,male,0-64,incidence,5,,"]);
    assert!(says(&export, "column Count: taken to count new cases"));
    let message = refused("Country,Year,Incidence\nAtlantis,2019,5\n");
    assert!(
        message.contains("line 1: column Incidence: a number of new cases or a rate?"),
        "{message}"
    );
    assert!(refused("region,year,cases,status\n").contains("at least one figure"));
}

/// CDC WONDER without its column of notes, which is empty but for totals.
#[test]
fn wonder_without_notes() {
    let text = "\"Year\"\t\"Year Code\"\t\"Age Groups\"\t\"Age Groups Code\"\tCount\tPopulation\tCrude Rate\n\"1999\"\t\"1999\"\t\"< 1 year\"\t\"1\"\t866\t3708753\t23.4\n";
    let export = read(text);
    assert_eq!(export.format, myeloma_epi::readers::Format::Wonder);
    assert_eq!(tidy(&export)[0], "United States,1999,,0,incidence,866,,");
}

/// Years as columns: what they count is asked for, and rates are no counts.
#[test]
fn years_as_columns() {
    use myeloma_epi::readers::{Quantity, ReadOptions};
    let text = "Cases of myeloma,,\nCountry,2019,2020\nAtlantis,\"1,200\",1300\nMu,700,..\n";
    let export = read(text);
    assert!(says(&export, "years stand there as columns"));
    assert!(says(&export, "1 number left out: empty (line 4)"));
    assert!(
        export
            .figures()
            .unwrap_err()
            .to_string()
            .contains("--measure")
    );
    let options = ReadOptions {
        quantity: Some(Quantity::Incidence),
        ..ReadOptions::default()
    };
    let export = options.from_bytes("sample", text.as_bytes()).unwrap();
    assert_eq!(
        tidy(&export),
        [
            "Atlantis,2019,both,all,incidence,1200,,",
            "Atlantis,2020,both,all,incidence,1300,,",
            "Mu,2019,both,all,incidence,700,,",
        ]
    );
    assert!(refused("Country,2019,2020\nAtlantis,4.1,4.2\n").contains("a count is a whole number"));
}

/// A file of an old Macintosh program: what stands below the table is read, too.
#[test]
fn carriage_returns_alone_end_lines_everywhere() {
    let read_with = |end: &str| read(&samples::WONDER.replace('\n', end)).rows;
    assert_eq!(read_with("\r"), read_with("\n"));
}

/// Cells that are empty are filled by what the user states, and nothing else is: what a maker's format says stays.
#[test]
fn empty_cells_are_filled_and_others_are_not() {
    let options = ReadOptions {
        region: Some("A".into()),
        year: Some(2019),
        sex: Some(Sex::Both),
        age: Some("all".into()),
        ..ReadOptions::default()
    };
    let full = "region,year,sex,age,cases,status\nA,2019,both,all,1000,registered\n";
    let wanted = options.from_bytes("sample", full.as_bytes()).unwrap().rows;
    for cell in ["A,", "2019,", "both,", "all,"] {
        let empty = full.replacen(cell, ",", 1);
        let rows = options.from_bytes("sample", empty.as_bytes()).unwrap().rows;
        assert_eq!(rows, wanted, "{cell}");
        assert!(from_bytes("sample", empty.as_bytes()).is_err(), "{cell}");
    }
    // The study counts C88 with C90.
    let other = ReadOptions {
        definition: Some("C34".into()),
        ..ReadOptions::default()
    };
    let error = other
        .from_bytes("sample", samples::GBD.as_bytes())
        .unwrap_err();
    assert!(
        error.to_string().contains("definition itself, C88+C90"),
        "{error}"
    );
    // A number without a cancer beside numbers of cancers is not left out in silence.
    let sites =
        "region,year,site,cases,status\nA,2019,Myeloma,10,registered\nA,2020,,12,registered\n";
    let chosen = read(sites).of_site("Myeloma").unwrap();
    assert!(chosen.rows.len() == 1 && says(&chosen, "name no cancer: 1"));
}

#[test]
fn an_error_names_what_is_wrong() {
    let beside = "region,year,cases,status,relative_error\nA,2014,100,registered,-0.03\n";
    let error = refused(beside);
    assert!(
        error.contains("column relative_error: the relative error is -0.03"),
        "{error}"
    );
    assert!(refused(&beside.replace("100", "-100")).contains("column cases: the value is -100"));
    for name in ["relative error (%)", "Relative_error %", "relative error ‰"] {
        let percent = beside
            .replace("relative_error", name)
            .replace("-0.03", "0.5");
        assert!(refused(&percent).contains(&format!("column {name}: numbers in per cent")));
    }
    assert!(refused(&beside.replace("cases", "cases (%)")).contains("per cent"));
    // The level of an interval is no unit.
    let ends =
        "region,year,cases,status,Lower 95% CI,Upper 95 % CI\nA,2014,100,registered,90,110\n";
    assert_eq!(read(ends).rows[0].lower, Some(90.0));
    let json = r#"[{"region": "A", "year": 2014, "cases": 100, "status": "registered"}]"#;
    assert!(refused(json).contains("JSON, and no table"));
}

/// Between commas 1.234 has a decimal point, and so one number with a decimal comma in quotes contradicts it.
#[test]
fn a_file_has_one_decimal_mark() {
    let rates = "region,year,rate\nA,2014,1.234\nA,2015,1.345\nA,2016,\"1,4\"\n";
    assert!(refused(rates).contains("a file has one of them"));
    let one = read(&rates.replace("1,4", "1.4")).rows;
    assert_eq!(
        one.iter().map(|row| row.value).collect::<Vec<_>>(),
        [1.234, 1.345, 1.4]
    );
    // So it is where figures are read by their own columns.
    let figures = "region;year;cases;status\nA;2014;1050,5;registered\nA;2019;1200.5;registered\n";
    for text in [
        figures,
        &figures
            .replace("1050,5", "1050.5")
            .replace("1200.5", "1200,5"),
    ] {
        let error = Figures::from_csv("mine", text).unwrap_err().to_string();
        assert!(
            error.contains("line 3") && error.contains("one of them"),
            "{error}"
        );
        assert!(refused(text).contains("one of them"));
    }
    assert!(Figures::from_csv("mine", &figures.replace("1200.5", "1200,5")).is_ok());
}
