//! Layouts that people's downloads have, seen in public repositories; the numbers are invented.

use crate::{read, samples, says, tidy};
use myeloma_epi::readers::{Quantity, ReadOptions, from_bytes};

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

/// With a column of ICD-10 a label is a cancer's, but for tables in which each number of a population has its own.
#[test]
fn labels_of_cancer_today_are_of_cancers_or_of_populations() {
    let populations = "\
Population code (ISO/UN),Label,Cancer code,ICD Code,Sex,Type,Number,Crude rate,ASR (World)
999,Atlantis,34,C88+C90,1,0,180,10.8,5.3
999,Atlantis,34,C88+C90,2,0,144,8.5,3.4
998,Lyonesse,34,C88+C90,0,0,34,10.7,4.4
";
    let export = read(populations);
    assert_eq!(export.regions(), ["Atlantis", "Lyonesse"]);
    assert_eq!(export.sites(), ["34"]);
    assert_eq!(export.rows[0].definition.as_deref(), Some("C88+C90"));
    let cancers = "\
Population code (ISO/UN),Cancer code,ICD Code,Label,Sex,Type,Number,Crude rate,ASR (World)
999,34,C88+C90,Multiple myeloma,0,0,324,10.8,5.3
999,35,C91-95,Leukaemia,0,0,400,12.5,6.4
";
    let export = read(cancers);
    assert_eq!(export.sites(), ["Multiple myeloma", "Leukaemia"]);
    assert_eq!(export.regions(), ["Population code (ISO/UN) 999"]);
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

/// SEER*Stat by a variable that its user has made of sites and called after one: the cancer, whatever its name; "Prostate" and
/// "esophageal" have words of other variables in them.
#[test]
fn seer_stat_by_a_variable_of_the_user() {
    for (variable, value) in [
        ("Multiple myeloma/plasma-cell leuk", "Multiple myeloma"),
        ("esophageal", "Esophagus"),
        ("Prostate", "Prostate"),
        ("cancer code ICD-O-3", "Colon and Rectum"),
    ] {
        let text = format!(
            "\"Race and origin recode (NHW, NHB, NHO, Hispanic)\"\t\"Sex\"\t\"Age recode 10yr\"\t\"{variable}\"\t\"Crude Rate\"\t\
             \"Standard Error\"\t\"Lower Confidence Interval\"\t\"Upper Confidence Interval\"\t\"Count\"\t\"Population\"\n\
             \"White\"\t\"Male and female\"\t\"25-34 years\"\t\"{value}\"\t0.17\t0.05\t0.08\t0.32\t10\t5800816\n\
             \"White\"\t\"Male and female\"\t\"25-34 years\"\t\"All Sites\"\t1.7\t0.05\t1.6\t1.8\t100\t5800816\n"
        );
        let export = read(&text);
        assert_eq!(export.sites(), [value, "All Sites"]);
        let one = export.of_site(&value.to_lowercase()).unwrap();
        let rows: Vec<_> = one.rows.iter().map(|row| row.value).collect();
        assert_eq!(rows, [10.0, 5_800_816.0, 0.17]);
        assert_eq!(
            one.rows[0].subgroup.as_deref(),
            Some("Race and origin recode (NHW, NHB, NHO, Hispanic): White")
        );
    }
}

/// Numbers without a line of names are not guessed at: SEER*Stat in its numeric representation, CI5's files.
#[test]
fn numbers_without_names_are_refused_with_the_way_out() {
    for text in [
        "0\t0\t0\t0\t5069\n0\t0\t0\t1\t13\n",
        "1,001,1,118,654073\n1,001,2,160,586824\n",
    ] {
        let said = crate::refused(text);
        assert!(
            said.starts_with("sample, line 1: numbers and no names of columns"),
            "{said}"
        );
        assert!(said.contains("keep the dictionary (.dic)"), "{said}");
    }
}

/// The table of a query of the German registries' site says what it is in a file that is packed with it.
#[test]
fn zfkd_with_its_file_of_explanations() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("zfkd");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    let table = folder.join("Krebsdaten.csv");
    std::fs::write(
        &table,
        ";weiblich;männlich;\r\n2021;2.610;3.406;\r\n2022;<5;3.549;\r\n",
    )
    .unwrap();
    let said = myeloma_epi::readers::read(&table).unwrap_err().to_string();
    assert!(
        said.contains("Krebsdaten.csv, line 1: ") && said.contains("metadaten.txt"),
        "{said}"
    );

    let explained = |measure: &str, ages: &str| {
        let text = format!(
            "Letzte Aktualisierung: 19.11.2025\n{measure} in Deutschland\nGewählte Filter:\n{ages}Diagnose: Multiples Myelom \
             (C90)\nGeschlecht: männlich, weiblich\nJahre: 2021 - 2022\n\"Datenbankabfrage mit Schätzung der Inzidenz, Prävalenz \
             und des Überlebens; Mortalitätsdaten vom Statistischen Bundesamt\"\n"
        );
        std::fs::write(folder.join("metadaten.txt"), text).unwrap();
        myeloma_epi::readers::read(&table).unwrap()
    };
    let export = explained("Mortalität, Fallzahlen", "Altersgruppen: 0 - 85+\n");
    assert_eq!(
        tidy(&export),
        [
            "Germany,2021,female,all,deaths,2610,,",
            "Germany,2021,male,all,deaths,3406,,",
            "Germany,2022,male,all,deaths,3549,,",
        ]
    );
    let row = &export.rows[0];
    assert_eq!(row.site.as_deref(), Some("Multiples Myelom (C90)"));
    assert_eq!(row.definition.as_deref(), Some("C90"));
    assert_eq!(row.round.as_deref(), Some("of 19.11.2025"));
    assert!(says(&export, "withheld, \"<5\""));
    // A part of the ages is no figure of all of them; the sum of both sexes is one.
    let figures = explained("Inzidenz, Fallzahlen", "").figures().unwrap_err();
    assert!(figures.to_string().contains("2022"), "{figures}");
    let part = explained("Inzidenz, Fallzahlen", "Altersgruppen: 0 - 14\n");
    assert_eq!(part.rows[0].age.as_deref(), Some("0-14"));

    std::fs::write(&table, ";weiblich;männlich;\r\n2021;2,5;3,4;\r\n").unwrap();
    let export = explained("Inzidenz, Altersstandardisierte Rate", "");
    assert_eq!(
        tidy(&export),
        [
            "Germany,2021,female,all,asr,2.5,,",
            "Germany,2021,male,all,asr,3.4,,"
        ]
    );
    // A land is not the country.
    let text =
        "Inzidenz, Altersstandardisierte Rate in Sachsen\nDiagnose: Multiples Myelom (C90)\n";
    std::fs::write(folder.join("metadaten.txt"), text).unwrap();
    let export = myeloma_epi::readers::read(&table).unwrap();
    assert_eq!(&*export.rows[0].region, "Sachsen");
    // The explanation, or one that is no text, is nothing to the other tables of the folder.
    for beside in [text.as_bytes(), b"WPP 2019 females\0\xff".as_slice()] {
        std::fs::write(folder.join("metadaten.txt"), beside).unwrap();
        for (name, text) in [
            ("excel.csv", samples::WPP_EXCEL),
            ("bulk.csv", samples::WPP_BULK),
        ] {
            std::fs::write(folder.join(name), text).unwrap();
            let export = myeloma_epi::readers::read(folder.join(name)).unwrap();
            assert_eq!(tidy(&export), tidy(&read(text)), "{name}");
        }
    }
}

/// U.S. Cancer Statistics by area, which has a crude rate beside the age-adjusted one, each with its interval.
#[test]
fn uscs_by_area_has_two_rates() {
    let export = read(
        "AREA|AGE_ADJUSTED_CI_LOWER|AGE_ADJUSTED_CI_UPPER|AGE_ADJUSTED_RATE|COUNT|EVENT_TYPE|POPULATION|RACE|SEX|SITE|YEAR|\
         CRUDE_CI_LOWER|CRUDE_CI_UPPER|CRUDE_RATE\n\
         Alaska|5.1|7.2|6.1|44|Incidence|730000|All Races|Male and Female|Myeloma|2019|4.4|8.1|6.0\n",
    );
    assert_eq!(
        tidy(&export),
        [
            "Alaska,2019,both,all,incidence,44,,",
            "Alaska,2019,both,all,population,730000,,",
            "Alaska,2019,both,all,asr,6.1,5.1,7.2",
            "Alaska,2019,both,all,rate,6,4.4,8.1",
        ]
    );
}

/// People of one race are not the people.
#[test]
fn people_by_age_are_all_of_them() {
    let text = "\
Year of diagnosis,Sex,Age recode with <1 year olds,Race recode,Site recode,Count,Population
2019,Male and female,00-64 years,All races,Myeloma,10,900
2019,Male and female,65+ years,All races,Myeloma,20,100
2019,Male and female,00-64 years,White,Myeloma,6,500
2019,Male and female,65+ years,White,Myeloma,12,60
";
    let people = read(text).populations().unwrap();
    assert_eq!(people.len(), 1);
    assert!((people[0].total(2019).unwrap() - 1_000.0).abs() < 1e-9);
}

/// The totals on 1 July of the workbook of demographic indicators: all, men and women, in thousands.
#[test]
fn totals_of_world_population_prospects_are_of_their_sex() {
    let text = "\
\"World Population Prospects 2022\",,,,
Index,\"Region, subregion, country or area *\",Year,\"Total Population, as of 1 July (thousands)\",\"Male Population, as of 1 July (thousands)\",\"Female Population, as of 1 July (thousands)\"
1,WORLD,2021,\"7 909 295\",\"3 976 648\",\"3 932 647\"
";
    let export = read(text);
    assert_eq!(
        tidy(&export),
        [
            "WORLD,2021,both,all,population,7909295000,,",
            "WORLD,2021,male,all,population,3976648000,,",
            "WORLD,2021,female,all,population,3932647000,,",
        ]
    );
}
