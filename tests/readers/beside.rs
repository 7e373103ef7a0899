//! Tables whose meaning stands beside them: in the dictionary that SEER*Stat writes, in the explanation of the German registries,
//! in the lines of title of SEER*Explorer. The layouts are those of the makers; the numbers are invented.

use std::fs;
use std::path::PathBuf;

use crate::{read, refused, says, tidy};
use myeloma_epi::readers::{self, Export, Format, Quantity, Unit};

/// A folder with these files, and what is read of the first.
fn of_folder(name: &str, files: &[(&str, &str)]) -> myeloma_epi::Result<Export> {
    let folder: PathBuf =
        std::env::temp_dir().join(format!("myeloma-epi-{name}-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    for (name, text) in files {
        fs::write(folder.join(name), text).unwrap();
    }
    let export = readers::read(folder.join(files[0].0));
    fs::remove_dir_all(&folder).unwrap();
    export
}

/// A rate session: numbers for labels, variables that a user has made of those of SEER, and no names above the table.
const RATES: &str = "\
[System]
Output filename=C:\\table.txt
Database name=Incidence - SEER 17 Regs Research Data, Nov 2022 Sub (2000-2020)

[Session Options]
Type=Rate
RatesAsCasesPer=1000000

[Export Options]
GZipped=false
Variable format=numeric
Field delimiter=tab
Missing character=period
Variable names included=false
Column Variables as Stats=false

[Variables]
Var1Name=Years 2018+
Var1Base=Year of diagnosis
Var1Dimension=Row
Var2Name=Sex
Var2Dimension=Page
Var3Name=My sites
Var3Base=Site recode ICD-O-3/WHO 2008
Var4Name=Crude Rate
Var5Name=Count
Var6Name=Population

[Format=Years 2018+]
0=2018-2020
1=2018
2=2019

[Format=Sex]
0=Male and female
1=Male

[Format=My sites]
0=Myeloma
";

#[test]
fn a_dictionary_of_seer_stat_names_columns_and_labels() {
    let table = "0\t0\t0\t70.0\t700\t10000000\r\n1\t0\t0\t71.0\t710\t10000000\r\n2\t0\t0\t72.0\t720\t10000000\r\n2\t1\t0\t.\t.\t.\r\n";
    let export = of_folder("dic", &[("table.txt", table), ("table.dic", RATES)]).unwrap();
    assert_eq!(
        (export.format, export.lines, export.taken),
        (Format::SeerStat, 4, 2)
    );
    // 71 per million are 7.1 per 100,000; the first line is of three years.
    assert_eq!(
        tidy(&export),
        [
            "SEER registries,2018,both,all,incidence,710,,",
            "SEER registries,2018,both,all,population,10000000,,",
            "SEER registries,2018,both,all,rate,7.1,,",
            "SEER registries,2019,both,all,incidence,720,,",
            "SEER registries,2019,both,all,population,10000000,,",
            "SEER registries,2019,both,all,rate,7.2,,",
        ]
    );
    let first = &export.rows[0];
    assert_eq!((first.site.as_deref(), first.line), (Some("Myeloma"), 2));
    assert!(first.round.as_deref().unwrap().contains("Nov 2022 Sub"));
    assert!(says(
        &export,
        "several years in one number, which would be counted twice (line 1)"
    ));
    assert!(says(&export, "3 numbers left out: empty (line 4)"));
}

#[test]
fn a_dictionary_beside_a_table_with_names_says_what_they_are_made_of() {
    let dictionary = RATES
        .replace("Variable format=numeric", "Variable format=quotedlabels")
        .replace("names included=false", "names included=true")
        .replace("delimiter=tab", "delimiter=comma")
        .replace("RatesAsCasesPer=1000000", "RatesAsCasesPer=100000")
        .replace("=Incidence - SEER", "=Mortality - All COD,");
    let table = "\"Years_2018\",\"Sex\",\"My_sites\",\"Crude_Rate\",\"Count\",\"Population\"\n\"2018\",\"Male\",\"Myeloma\",7.1,71,1000000\n";
    let export = of_folder("names", &[("table.csv", table), ("table.dic", &dictionary)]).unwrap();
    assert_eq!(export.rows[0].measure.quantity, Quantity::Deaths);
    assert_eq!(
        (
            export.rows[0].year,
            export.rows[2].value,
            export.rows[0].line
        ),
        (Some(2018), 7.1, 2)
    );
}

/// Rates per million, with a comma for thousands: 5.5 of a million are 0.55 of 100,000.
#[test]
fn the_unit_of_rates_of_a_dictionary() {
    let of = |per: &str| {
        let dictionary =
            RATES.replace("RatesAsCasesPer=1000000", &format!("RatesAsCasesPer={per}"));
        let files = [
            ("t.txt", "1\t0\t0\t5.5\t100\t18000000\n"),
            ("t.dic", &*dictionary),
        ];
        of_folder("unit", &files)
    };
    let rates = |export: Export| -> Vec<f64> {
        let rows = export
            .rows
            .iter()
            .filter(|row| row.measure.unit != Unit::Number);
        rows.map(|row| row.value).collect()
    };
    assert_eq!(
        rates(of("1000000").unwrap()),
        rates(of("1,000,000").unwrap())
    );
    assert!((rates(of("1,000,000").unwrap())[0] - 0.55).abs() < 1e-12);
    let error = of("many").unwrap_err().to_string();
    assert!(error.contains("rates as cases per"), "{error}");
}

#[test]
fn what_a_dictionary_says_and_a_table_is_not() {
    let error = |table: &str, dictionary: &str| {
        of_folder(
            "refused",
            &[("table.txt", table), ("table.dic", dictionary)],
        )
        .unwrap_err()
        .to_string()
    };
    let table = "1\t0\t0\t71.0\t710\t10000000\n";
    for (from, to, says) in [
        (
            "Type=Rate",
            "Type=Survival",
            "a session of the type Survival",
        ),
        (
            "as Stats=false",
            "as Stats=true",
            "the values of a variable are columns",
        ),
        (
            "delimiter=tab",
            "delimiter=tilde",
            "fields parted by \"tilde\"",
        ),
        (
            "Var6Name=Population\n",
            "",
            "6 columns, and 5 in the dictionary",
        ),
        (
            "1=2018\n",
            "",
            "line 1: column Years 2018+: \"1\" has no label",
        ),
    ] {
        let message = error(table, &RATES.replace(from, to));
        assert!(message.contains(says), "{message}");
    }
    assert!(refused(RATES).contains("name the table (.txt, .csv) beside it"));
    // Without it the way out is named.
    assert!(refused(table).contains("keep the dictionary (.dic)"));
}

/// A table that is known without the dictionary is read without it, if that has other columns.
#[test]
fn a_dictionary_of_another_table() {
    let own = "region,year,cases,status\nAtlantis,2019,100,registered\n";
    let export = of_folder("another", &[("o.csv", own), ("o.dic", RATES)]).unwrap();
    assert_eq!(tidy(&export), ["Atlantis,2019,both,all,incidence,100,,"]);
    assert!(says(&export, "has other columns: it is not read"));
}

const ASKED: &str = "\
Letzte Aktualisierung: 19.11.2025
Prävalenz, Fallzahlen in Deutschland
Gewählte Filter:
Altersgruppen: 0 - 75+
Diagnose: Plasmozytom (C90), Vulva (C51)
Intervall-Länge in Jahren: 5
";

#[test]
fn german_tables_by_age_and_by_cancer() {
    let table = ";;weiblich;männlich;\n2004;0 - 44;1.661;2.388;\n2004;75 und älter;877;1.253;\n";
    let export = of_folder(
        "alter",
        &[("Krebsdaten.csv", table), ("metadaten.txt", ASKED)],
    )
    .unwrap();
    assert_eq!(
        tidy(&export),
        [
            "Germany,2004,female,0-44,prevalence,1661,,",
            "Germany,2004,male,0-44,prevalence,2388,,",
            "Germany,2004,female,75+,prevalence,877,,",
            "Germany,2004,male,75+,prevalence,1253,,",
        ]
    );
    assert_eq!(
        export.rows[0].subgroup.as_deref(),
        Some("diagnosed in the last 5 years")
    );
    let asked = ASKED.replace(
        "Prävalenz, Fallzahlen in Deutschland",
        "Inzidenz, Rohe Rate in Bayern pro 100.000 Einwohner",
    );
    let asked = asked.replace("0 - 75+", "15 - 75+");
    let table = ";;weiblich;männlich;\n2004;Vulva (C51);2,5;x;\n";
    let export = of_folder(
        "krebs",
        &[("Krebsdaten.csv", table), ("metadaten.txt", &asked)],
    )
    .unwrap();
    assert_eq!(tidy(&export), ["Bayern,2004,female,15+,rate,2.5,,"]);
    assert_eq!(
        (
            export.rows[0].definition.as_deref(),
            &export.rows[0].subgroup
        ),
        (Some("C51"), &None)
    );
    assert!(says(
        &export,
        "1 number left out: not applicable or not available, \"x\" (line 2)"
    ));
}

/// An explanation speaks of a table with names, too, if its cancer is among those that were asked for.
#[test]
fn an_explanation_of_the_same_cancer() {
    let asked = ASKED.replace("Prävalenz", "Inzidenz");
    let of = |cancer: &str| {
        let table = format!("year;diag;AG;weiblich;maennlich;\n1999;{cancer};0 - 4;1;x;\n");
        of_folder(
            "diag",
            &[("Krebsdaten.csv", &table), ("metadaten.txt", &asked)],
        )
        .unwrap()
    };
    assert_eq!(
        of("Vulva (C51)").rows[0].measure.quantity,
        Quantity::Incidence
    );
    assert_eq!(
        of("Magen (C16)").rows[0].measure.quantity,
        Quantity::NotStated
    );
}

#[test]
fn german_survival_is_no_number_of_cases() {
    let message = refused(";;1;2;3;4;5;\n2007-2008;15 - 44;85;75;67;62;x;\n");
    assert!(message.contains("line 1: a table of survival"), "{message}");
}

/// The groups stand above the names of the columns.
const TREND: &str = "\
\"Myeloma\"
\"Long-Term Trends in SEER Age-Adjusted Incidence Rates, 1975-2022\"
\"By Sex, Delay-adjusted SEER Incidence Rate, All Races / Ethnicities, Ages 65+\"

\"\",\"Female\",\"Female\",\"Female\",\"Female\",\"Male\",\"Male\",\"Male\",\"Male\"
\"Year of Diagnosis\",\"Rate per 100,000\",\"Lower 95% C.I.\",\"Upper 95% C.I.\",\"Modeled Rate (Trend Line)\",\"Rate per 100,000\",\"Lower 95% C.I.\",\"Upper 95% C.I.\",\"Modeled Rate (Trend Line)\"
\"1975\",\"1,036.7\",\"1,032.3\",\"1,041.1\",\"1,034.6\",\"46.5\",\"46.0\",\"47.9\",\"46.3\"

\"Data Source:\"
\"-SEER Incidence Data, November 2024 Submission (1975-2022), SEER 8 registries [https://seer.cancer.gov/registries/terms.html].\"
Created by https://seer.cancer.gov/statistics-network/explorer/ on Thu Feb 12 2026.
";

#[test]
fn trends_of_seer_explorer() {
    let export = read(TREND);
    assert_eq!(
        tidy(&export),
        [
            "SEER 8 registries,1975,female,65+,asr,1036.7,1032.3,1041.1",
            "SEER 8 registries,1975,male,65+,asr,46.5,46,47.9",
        ]
    );
    let first = &export.rows[0];
    assert_eq!(
        (
            first.site.as_deref(),
            first.subgroup.as_deref(),
            first.round.as_deref()
        ),
        (
            Some("Myeloma"),
            None,
            Some("November 2024 Submission (1975-2022)")
        )
    );
    assert!(first.source.contains("adjusted for delay"));
    assert!(says(&export, "3 lines of text left out (lines 9, 10, 11)"));

    let by_age = TREND
        .replace("\"Female\"", "\"Ages &lt;15\"")
        .replace("\"Male\"", "\"Ages 15-39\"");
    let by_age = by_age
        .replace("Ages 65+", "Male")
        .replace("All Races / Ethnicities", "Hispanic (any race)");
    let by_age = by_age
        .replace("Age-Adjusted Incidence", "Mortality")
        .replace("Incidence Rate", "Mortality Rate")
        .replace("SEER Incidence Data", "Mortality Data");
    let export = read(&by_age);
    let groups: Vec<_> = export
        .rows
        .iter()
        .map(|row| (row.sex.unwrap().to_string(), row.age.as_deref().unwrap()))
        .collect();
    assert_eq!(
        groups,
        [("male".to_owned(), "0-14"), ("male".to_owned(), "15-39")]
    );
    let measure = export.rows[0].measure;
    assert_eq!(
        (measure.quantity, measure.unit),
        (Quantity::Deaths, Unit::Rate)
    );
    assert_eq!(
        export.rows[0].subgroup.as_deref(),
        Some("Hispanic (any race)")
    );

    let stages = TREND
        .replace("\"Female\"", "\"Localized\"")
        .replace("\"Male\"", "\"Distant\"");
    assert!(refused(&stages).contains("by sex or by age"));
    let nothing = TREND.replace("Incidence", "Survival");
    assert!(refused(&nothing).contains("Incidence or Mortality"));
}
