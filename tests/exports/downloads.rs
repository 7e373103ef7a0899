//! Layouts that people's downloads have, seen in public repositories; the numbers are invented.

use crate::{read, says, tidy};
use myeloma_epi::exports::{Quantity, ReadOptions, from_bytes};

/// Cancer Today by population, with the number twice, before and after its interval, withheld ends, and codes for cancers.
const BY_POPULATION: &str = "\
Alpha-3 code,Cancer code,Population code (ISO/UN),Country,Label,Sex,Number,95% UI low,95% UI high,Number,ASR (World),Crude rate,Cumulative risk
ATL,35,999,999,Atlantis,0,219,-,-,219,0.86,0.57,0.06
N.A.,35,981,981,Very HDI country,0,635,622,648,635,17.8,38.7,2.1
,,,,Total,,854,,,854,2.4,2.8,0.18
";

#[test]
fn cancer_today_says_ages_year_and_measure_in_the_name_of_the_file() {
    let of = |name: &str| from_bytes(name, BY_POPULATION.as_bytes()).unwrap();
    let export = of("dir.d/dataset-mort-both-sexes-age-0-54-in-2022-colon.csv");
    let row = &tidy(&export)[0];
    assert_eq!(row, "Atlantis,2022,both,0-54,deaths,219,,");
    assert!(says(
        &export,
        "in the name that Cancer Today gave the file: deaths, ages 0-54, year 2022"
    ));
    // A part of the ages is no figure of all of them.
    let figures = of("dataset-inc-both-sexes-age-0-54-in-2022-colon.csv").figures();
    assert!(figures.is_err(), "{figures:?}");
    let figures = of("dataset-inc-both-sexes-in-2022-myeloma.csv")
        .figures()
        .unwrap();
    let cases: Vec<_> = figures
        .iter()
        .map(|figure| (figure.region(), figure.cases()))
        .collect();
    assert_eq!(cases, [("Atlantis", 219.0), ("Very HDI country", 635.0)]);
    assert!(says(&export, "the total of the rows above (line 4)"));
    // Any other name says nothing.
    let export = of("colon-age-0-54-in-2022.csv");
    assert_eq!(
        (export.rows[0].year, export.rows[0].measure.quantity),
        (None, Quantity::NotStated)
    );
    assert!(says(&export, "taken to be of all ages"));
    assert!(
        !export.notes.iter().any(|note| note.contains("not read")),
        "{:?}",
        export.notes
    );
    // What is given beside may repeat the name, and not contradict it.
    let options = |quantity| ReadOptions {
        quantity: Some(quantity),
        ..ReadOptions::default()
    };
    let name = "dataset-inc-both-sexes-in-2022-myeloma.csv";
    assert!(
        options(Quantity::Incidence)
            .from_bytes(name, BY_POPULATION.as_bytes())
            .is_ok()
    );
    assert!(
        options(Quantity::Deaths)
            .from_bytes(name, BY_POPULATION.as_bytes())
            .is_err()
    );
}

/// Tables of several cancers put together, told apart by the cancer's number, with a column of the measure.
#[test]
fn tables_of_cancer_today_that_were_put_together() {
    let text = "\
Alpha-3 code,Cancer code,Population code (ISO/UN),Country,Label,Sex,Number,ASR (World),Crude rate,Cumulative risk,indicator
ATL,10,999,999,Atlantis,0,110,0.47,0.27,0.06,incidence
ATL,35,999,999,Atlantis,0,11,0.24,0.38,0.03,incidence
ATL,35,999,999,Atlantis,0,9,0.20,0.31,0.02,mortality
";
    let export = read(text);
    assert_eq!(export.sites(), ["10", "35"]);
    let of_35 = export.of_site("35").unwrap();
    let counts: Vec<_> = (of_35.rows.iter())
        .filter(|row| row.measure.to_string() == row.measure.quantity.to_string())
        .map(|row| (row.measure.quantity, row.value))
        .collect();
    assert_eq!(
        counts,
        [(Quantity::Incidence, 11.0), (Quantity::Deaths, 9.0)]
    );
}

/// Deaths by cause or by month of CDC WONDER: a cause is a site, a month a part of the year.
#[test]
fn wonder_by_cause_and_by_month() {
    let causes = "\
\"Notes\"\t\"UCD - 15 Leading Causes of Death\"\t\"UCD - 15 Leading Causes of Death Code\"\tDeaths\tPopulation\tCrude Rate
\t\"#Malignant neoplasms (C00-C97)\"\t\"GR113-019\"\t10\t1000000\t1.0
\t\"#Influenza and pneumonia (J09-J18)\"\t\"GR113-076\"\t20\t1000000\tUnreliable
\"---\"
\"Dataset: Underlying Cause of Death\"
\"Query Parameters:\"
\"Year/Month: 2019\"
\"Group By: UCD - 15 Leading Causes of Death\"
";
    let export = read(causes);
    assert_eq!(
        export.sites(),
        [
            "#Malignant neoplasms (C00-C97)",
            "#Influenza and pneumonia (J09-J18)"
        ]
    );
    assert_eq!(export.rows[0].definition.as_deref(), Some("C00-C97"));
    let months = "\
\"Notes\"\t\"Underlying Cause of death\"\t\"Underlying Cause of death Code\"\t\"Month\"\t\"Month Code\"\tDeaths\tPopulation\tCrude Rate
\t\"Multiple myeloma\"\t\"C90.0\"\t\"Apr., 2020\"\t\"2020/04\"\t20\tNot Applicable\tNot Applicable
\t\"Multiple myeloma\"\t\"C90.0\"\t\"May, 2020\"\t\"2020/05\"\t21\tNot Applicable\tNot Applicable
\"Total\"\t\t\t\t\t41\tNot Applicable\tNot Applicable
\"---\"
\"Dataset: Provisional Mortality\"
\"Group By: Underlying Cause of death; Month\"
";
    let export = read(months);
    let parts: Vec<_> = export
        .rows
        .iter()
        .map(|row| row.subgroup.as_deref())
        .collect();
    assert_eq!(
        parts,
        [Some("Month: Apr., 2020"), Some("Month: May, 2020"), None]
    );
    // A month is no year, and the total of some months neither.
    assert!(export.figures().is_err());
}
