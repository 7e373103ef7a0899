//! Tables that are nearly those of a maker, and numbers that are nearly the same: what they are not.

use std::fs;

use crate::{read, refused, says, tidy};
use myeloma_epi::figures::Status;
use myeloma_epi::readers::{self, Format};

/// Of two definitions in one year neither is taken.
#[test]
fn two_definitions_are_not_one_figure() {
    let export = read(
        "region,year,cases,icd10,status\nAtlantis,2018,90,C90,registered\nAtlantis,2019,100,C90,registered\n\
         Atlantis,2019,120,C88+C90,registered\n",
    );
    let error = export.figures().unwrap_err().to_string();
    assert!(error.contains("C90, C88+C90"), "{error}");
}

/// An open quotation mark swallows the rows below it, which is told.
#[test]
fn an_open_quotation_mark_is_told() {
    let export = read(
        "region,year,cases,status,note\nA,2019,1,registered,\"first\nA,2020,2,registered,ok\nA,2021,3,registered,ok\n",
    );
    assert_eq!(tidy(&export).len(), 1);
    assert!(
        says(&export, "is a quotation mark open?"),
        "{:?}",
        export.notes
    );
}

/// The total of a query of two states is not the country's.
#[test]
fn a_total_is_of_what_was_asked_for() {
    let export = read(
        "\"Notes\"\t\"States\"\t\"States Code\"\t\"Year\"\t\"Year Code\"\tCount\n\
         \t\"Ohio\"\t\"39\"\t\"2019\"\t\"2019\"\t100\n\t\"Texas\"\t\"48\"\t\"2019\"\t\"2019\"\t200\n\
         \"Total\"\t\t\t\"2019\"\t\"2019\"\t300\n\"---\"\n\"Dataset: United States Cancer Statistics, 1999-2021 Incidence\"\n\
         \"Query Parameters:\"\n\"Cancer Sites: Myeloma\"\n\"States: Ohio (39); Texas (48)\"\n\"Group By: States; Year\"\n\"---\"\n",
    );
    let regions: Vec<String> = export
        .rows
        .iter()
        .map(|row| row.region.to_string())
        .collect();
    assert_eq!(regions, ["Ohio", "Texas", "Ohio (39); Texas (48)"]);
}

/// A chosen cancer leaves the totals over all cancers out.
#[test]
fn a_total_over_cancers_is_of_none_of_them() {
    let export = read(
        "\"Notes\"\t\"Year\"\t\"Year Code\"\t\"Cancer Sites\"\t\"Cancer Sites Code\"\tCount\n\
         \t\"2019\"\t\"2019\"\t\"Myeloma\"\t\"1\"\t100\n\t\"2019\"\t\"2019\"\t\"Lung\"\t\"2\"\t200\n\
         \"Total\"\t\"2019\"\t\"2019\"\t\t\t300\n\"---\"\n\
         \"Dataset: United States Cancer Statistics, 1999-2021 Incidence\"\n\"Query Parameters:\"\n\"Group By: Year; Cancer Sites\"\n\
         \"---\"\n\"Query Date: x\"\n",
    );
    let of_site = export.of_site("myeloma").unwrap();
    let values: Vec<f64> = of_site.rows.iter().map(|row| row.value).collect();
    assert_eq!(values, [100.0]);
}

/// Two countries under their numbers are not both what the file is called after.
#[test]
fn a_name_of_a_file_is_that_of_one_country() {
    let folder = std::env::temp_dir().join(format!("myeloma-epi-two-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let name = folder.join("dataset-inc-both-sexes-in-2022-austria.csv");
    let header =
        "Cancer code,ICD Code,Country,Label,Sex,Number,ASR (World),Crude rate,Cumulative risk\n";
    let row = |country: u32| format!("35,C90,{country},Multiple myeloma,0,300,1.2,2.2,0.15\n");
    let regions = |rows: &str| {
        fs::write(&name, header.to_owned() + rows).unwrap();
        let export = readers::read(&name).unwrap();
        let mut regions: Vec<String> = export.regions().into_iter().map(str::to_owned).collect();
        regions.dedup();
        regions
    };
    assert_eq!(regions(&row(40)), ["Austria"]);
    assert_eq!(
        regions(&(row(40) + &row(250))),
        ["Country 40", "Country 250"]
    );
    // Nor is there one where the table has no column for it.
    let without = "Cancer code,ICD Code,Label,Sex,Number,ASR (World),Crude rate,Cumulative risk\n\
                   35,C90,Multiple myeloma,0,300,1.2,2.2,0.15\n";
    fs::write(&name, without).unwrap();
    assert_eq!(readers::read(&name).unwrap().regions(), ["Austria"]);
    fs::remove_dir_all(&folder).unwrap();
}

/// Part of the people, wherever in the title; commas of a title without quotation marks part words as well.
#[test]
fn a_title_says_of_whom_rates_are() {
    let trend = |people: &str| {
        read(&format!(
            "Myeloma\nRecent Trends in SEER Age-Adjusted Incidence Rates, 2000-2022\n{people}\n\
             \"Year of Diagnosis\",\"Female Rate per 100,000\",\"Male Rate per 100,000\"\n2019,5.1,7.2\n"
        ))
    };
    let export = trend(
        "\"By Sex, SEER Incidence Rate, All Races / Ethnicities, All Ages, Localized Stage\"",
    );
    assert_eq!(export.rows[0].subgroup.as_deref(), Some("Localized Stage"));
    let export = trend("By Sex, SEER Incidence Rate, All Races / Ethnicities, Ages 65+");
    assert_eq!(export.rows[0].age.as_deref(), Some("65+"));
}

/// Names of columns that a table of one's own may have, too.
#[test]
fn tables_of_ones_own_are_nobodys() {
    for table in [
        "Region,Year of diagnosis,Cases\nAtlantis,2019,100\nAtlantis,2020,110\n",
        "Region;Jahr;Geschlecht;Fälle\nAtlantis;2019;weiblich;100\nAtlantis;2019;männlich;120\n",
        "Land;Jahr;Geschlecht;Altersgruppe;Neuerkrankungen\nAtlantis;2014;gesamt;Alle;1100\n",
        "Registry,Year of diagnosis,Sex,Count\nAtlantis,2014,Both,1100\n",
    ] {
        let export = read(table);
        assert_eq!(export.format, Format::Own, "{export}");
        assert_eq!(export.regions(), ["Atlantis"]);
    }
    let two_years = "Country,New cases 2019,New cases 2020\nAtlantis,100,110\n";
    assert!(!refused(two_years).contains("IARC"));
}

/// A rate of "age-standardised" people is no crude one.
#[test]
fn a_standardised_rate_is_not_of_all_ages() {
    let export =
        read("region,year,age,rate\nAtlantis,2019,Age-standardised,3.1\nAtlantis,2019,all,7.1\n");
    assert_eq!(
        tidy(&export),
        [
            "Atlantis,2019,both,all,asr,3.1,,",
            "Atlantis,2019,both,all,rate,7.1,,"
        ]
    );
}

#[test]
fn a_rate_is_told_what_it_is_taken_for() {
    let export = read("region,year,rate\nAtlantis,2019,71\n");
    assert!(says(&export, "per 100,000"), "{:?}", export.notes);
}

/// `2012-12` is a month, `1999-00` two years.
#[test]
fn a_month_is_no_year() {
    let of = |year: &str| {
        format!("region,year,cases,status\nA,{year},5,registered\nA,2020,6,registered\n")
    };
    assert!(refused(&of("2012-12")).contains("2012-12"));
    let export = read(&of("1999-00"));
    assert_eq!(tidy(&export).len(), 1, "{:?}", export.notes);
}

/// The same number under another status is another statement.
#[test]
fn a_repeated_number_is_the_same_in_all_that_is_said_of_it() {
    let error = refused("region,year,cases,status\nA,2019,5,registered\nA,2019,5,estimate\n");
    assert!(error.contains("with another status"), "{error}");
}

/// A table that says how its numbers came about is one's own, whatever makers have columns of the same names.
#[test]
fn a_column_of_statuses_is_nobody_elses() {
    for (header, row) in [
        (
            "region,year,cases,population,ASR (World),status",
            "A,2014,100,1000000,3.2,estimate",
        ),
        (
            "Region,Jahr,Altersgruppe,Fälle,Status",
            "A,2014,alle,100,estimate",
        ),
        (
            "State,Year of diagnosis,Count,Status",
            "A,2014,100,estimate",
        ),
    ] {
        let export = read(&format!("{header}\n{row}\n"));
        assert_eq!(export.format, Format::Own, "{header}");
        let row = &export.rows[0];
        assert_eq!(
            (&*row.region, row.value, row.status),
            ("A", 100.0, Some(Status::Estimate))
        );
    }
}

/// What stands above a table of one's own is told, and refused where it makes other numbers of it.
#[test]
fn a_title_above_is_not_passed_over() {
    let table = "region,year,cases,status\nA,2014,105,estimate\n";
    let export = read(&format!("Multiple myeloma in A\n\n{table}"));
    assert!(says(&export, "is not read: Multiple myeloma in A"));
    for title in [
        "New cases of multiple myeloma (thousands)",
        "Deaths from multiple myeloma",
        "Numbers per 100 000",
        "Neuerkrankungen in Tausend",
        "Sterbefälle an Plasmozytom",
        "Multiple myeloma ('000)",
        "5-year prevalence of myeloma",
        "Deaths of patients by year of diagnosis",
        "Numbers per 10000 person-years",
        "Incidence rate (%)",
        "Cumulative new cases since 2010",
    ] {
        for text in [format!("{title}\n\n{table}"), format!("{table}{title}\n")] {
            let error = refused(&text);
            assert!(error.contains(title), "{error}");
        }
    }
    // A comma parts cells there.
    assert!(refused(&format!("New cases in 1,000\n\n{table}")).contains("says thousands"));
    let export = read(&format!(
        "Myeloma registry of Thousand Oaks\n\n{table}Note: of both hospitals\n"
    ));
    assert!(says(
        &export,
        "line of text left out: Note: of both hospitals"
    ));
    // Of a count in German between commas 1.100 is no 1.1.
    let german = "Land,Jahr,Geschlecht,Fallzahl\nBayern,2014,gesamt,1.100\n";
    assert!(refused(german).contains("a count is a whole number"));
}
