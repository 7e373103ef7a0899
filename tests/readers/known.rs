//! What the user knows besides a file: it fills what is open, replaces what the reader assumed, and contradicts nothing.

use myeloma_epi::demography::Sex;
use myeloma_epi::figures::Status;
use myeloma_epi::readers::{Export, Quantity, ReadOptions, from_bytes};

use crate::{says, tidy};

fn with(options: &ReadOptions, name: &str, text: &str) -> Export {
    options.from_bytes(name, text.as_bytes()).unwrap()
}

fn error(options: &ReadOptions, name: &str, text: &str) -> String {
    let result = options.from_bytes(name, text.as_bytes());
    result.map_or_else(|error| error.to_string(), |export| panic!("{export}"))
}

fn of_sex(sex: Sex) -> ReadOptions {
    ReadOptions {
        sex: Some(sex),
        ..ReadOptions::default()
    }
}

fn of_year(year: i32) -> ReadOptions {
    ReadOptions {
        year: Some(year),
        ..ReadOptions::default()
    }
}

fn of_region(region: &str) -> ReadOptions {
    ReadOptions {
        region: Some(region.to_owned()),
        ..ReadOptions::default()
    }
}

fn of_status(status: Status) -> ReadOptions {
    ReadOptions {
        status: Some(status),
        ..ReadOptions::default()
    }
}

/// The query below the table says that it is of women in 2019.
const WONDER: &str = "\
\"Notes\"\t\"States\"\t\"States Code\"\tCount
\t\"Ohio\"\t\"39\"\t100
\"---\"
\"Dataset: United States Cancer Statistics, 1999-2021 Incidence\"
\"Query Parameters:\"
\"Year: 2019\"
\"Sex: Female\"
\"Group By: States\"
";

const TODAY: &str = "\
Cancer code,ICD Code,Country,Label,Sex,Number,ASR (World),Crude rate,Cumulative risk
35,C90,160,Multiple myeloma,0,30300,1.2,2.2,0.15
";

const GERMAN: &str =
    "Jahr;Diagnose;Altersgruppe;weiblich;männlich\n2014;Plasmozytom (C90);85+;267;218\n";

#[test]
fn what_a_query_a_name_or_a_maker_says_is_not_replaced() {
    let both = error(&of_sex(Sex::Both), "wonder.txt", WONDER);
    assert!(
        both.contains("says its sex itself, female: do not state --sex"),
        "{both}"
    );
    let later = error(&of_year(2021), "wonder.txt", WONDER);
    assert!(
        later.contains("says its year itself, 2019: do not state --year"),
        "{later}"
    );
    let name = "dataset-inc-both-sexes-in-2022-china.csv";
    let earlier = error(&of_year(2019), name, TODAY);
    assert!(earlier.contains("says its year itself, 2022"), "{earlier}");
    let austria = error(&of_region("Austria"), "zfkd.csv", GERMAN);
    assert!(
        austria.contains("says its region itself, Germany: do not state --region"),
        "{austria}"
    );
    // 160 is China.
    let china = error(&of_region("Austria"), "table.csv", TODAY);
    assert!(china.contains("China"), "{china}");
    let registered = of_status(Status::Registered);
    let estimates = error(&registered, "gbd.csv", crate::samples::GBD);
    assert!(
        estimates.contains("says its status itself, estimate: do not state --status"),
        "{estimates}"
    );
}

#[test]
fn the_same_may_be_said_again() {
    for options in [of_sex(Sex::Female), of_year(2019)] {
        let export = with(&options, "wonder.txt", WONDER);
        assert_eq!(tidy(&export), ["Ohio,2019,female,all,incidence,100,,"]);
    }
    let name = "dataset-inc-both-sexes-in-2022-china.csv";
    assert_eq!(with(&of_year(2022), name, TODAY).rows[0].year, Some(2022));
    assert_eq!(
        with(&of_region("germany"), "zfkd.csv", GERMAN).regions(),
        ["Germany"]
    );
    with(&of_status(Status::Estimate), "gbd.csv", crate::samples::GBD);
}

/// A table of one's own without a column of the sex is taken to be of both, unless it is known to be of women.
#[test]
fn what_is_assumed_is_replaced() {
    let own = "region,year,cases\nAtlantis,2019,5\n";
    assert_eq!(
        tidy(&with(&of_sex(Sex::Female), "own.csv", own)),
        ["Atlantis,2019,female,all,incidence,5,,"]
    );
    let seer = "Year of diagnosis,Count\n2019,5\n";
    let iowa = with(&of_region("Iowa"), "seer.csv", seer);
    assert_eq!(iowa.regions(), ["Iowa"]);
}

#[test]
fn of_columns_of_women_and_men_one_is_taken() {
    let men = with(&of_sex(Sex::Male), "zfkd.csv", GERMAN);
    assert_eq!(tidy(&men), ["Germany,2014,male,85+,cases or deaths,218,,"]);
    assert!(says(&men, "columns that are not read: weiblich"));
    let both = error(&of_sex(Sex::Both), "zfkd.csv", GERMAN);
    assert!(both.contains("says its sex itself, female"), "{both}");

    let wpp = "\
World Population Prospects 2024
File: Female population by age (thousands)
Index,Variant,\"Region, subregion, country or area *\",Notes,Location code,Year,0-4,5+
1,Estimates,Atlantis,,4,2020,1.5,2.5
";
    let men = error(&of_sex(Sex::Male), "wpp.csv", wpp);
    assert!(
        men.contains("says its sex itself, female: do not state --sex"),
        "{men}"
    );
    let women = with(&of_sex(Sex::Female), "wpp.csv", wpp);
    assert_eq!(
        tidy(&women),
        [
            "Atlantis,2020,female,0-4,population,1500,,",
            "Atlantis,2020,female,5+,population,2500,,"
        ]
    );
}

/// What `convert` wrote of a table of Cancer Today that says neither year nor measure.
#[test]
fn empty_cells_are_filled() {
    let written = from_bytes("table.csv", TODAY.as_bytes()).unwrap().to_csv();
    let known = ReadOptions {
        quantity: Some(Quantity::Incidence),
        ..of_year(2022)
    };
    let figures = with(&known, "rows.csv", &written).figures().unwrap();
    let china = figures.iter().next().unwrap();
    assert_eq!(
        (china.region(), china.year(), china.cases()),
        ("China", 2022, 30_300.0)
    );

    let two = "region,year,cases,status\nAtlantis,2019,5,\nAtlantis,2020,6,registered\n";
    let export = with(&of_status(Status::Registered), "own.csv", two);
    assert!(
        export
            .rows
            .iter()
            .all(|row| row.status == Some(Status::Registered))
    );
    let projected = error(&of_status(Status::Projection), "own.csv", two);
    assert!(
        projected.contains("line 3: the table says its status itself, registered"),
        "{projected}"
    );
}
