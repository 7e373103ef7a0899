//! What is taken of each maker's table; expected rows are read off the samples by hand.

use crate::{read, samples, says, tidy};
use myeloma_epi::figures::Status;
use myeloma_epi::readers::{Format, Quantity, Unit};

#[test]
fn gbd_results() {
    let export = read(samples::GBD);
    assert_eq!(
        (export.format, export.lines, export.taken),
        (Format::Gbd, 6, 5)
    );
    assert_eq!(
        tidy(&export),
        [
            "Atlantis,2019,both,all,incidence,1200.5,1050,1350.25",
            "Atlantis,2019,both,all,rate,2.4,2.1,2.7",
            "Atlantis,2019,both,all,asr,1.9,1.7,2.1",
            "Atlantis,2019,male,75-79,incidence,80,70,90",
            "Atlantis,2019,both,all,deaths share,0.002,0.001,0.003",
        ]
    );
    // The study counts C88 and C90 (figures::comparison).
    assert_eq!(export.rows[0].definition.as_deref(), Some("C88+C90"));
    assert_eq!(export.rows[0].status, Some(Status::Estimate));
    assert!(says(&export, "1 line left out: DALYs") && says(&export, "(line 7)"));
    assert!(says(&export, "does not say its round"));
    // The study calls the world "Global".
    let world = read(&samples::GBD.replace("Atlantis", "Global"));
    assert_eq!(world.regions(), ["World"]);
}

#[test]
fn gbd_results_with_names_or_ids_alone() {
    let names = "\
measure,location,sex,age,cause,metric,year,val,upper,lower
Incidence,Atlantis,Female,15 to 19,Breast cancer,Number,1990,409.5,470.5,356.5
Incidence,Atlantis,Female,95 plus,Breast cancer,Number,1990,7.52E-05,7.99E-05,7.00E-05
";
    assert_eq!(
        tidy(&read(names)),
        [
            "Atlantis,1990,female,15-19,incidence,409.5,356.5,470.5",
            "Atlantis,1990,female,95+,incidence,0.0000752,0.00007,0.0000799",
        ]
    );
    // Ids of the study's codebook: 6 incidence, 1 men, 2 women, 3 both sexes, 22 all ages, 20 of ages 75 to 79, 1 number.
    let ids = "\
measure_id,location_id,sex_id,age_id,cause_id,metric_id,year,val,upper,lower
6,6,3,22,486,1,2019,18793,20000,17000
6,6,3,20,486,1,2019,2000,2200,1800
6,6,1,22,486,1,2019,10000,11000,9000
6,6,2,22,486,1,2019,8793,9000,8000
";
    let export = read(ids);
    assert_eq!(
        tidy(&export),
        [
            "location_id 6,2019,both,all,incidence,18793,17000,20000",
            "location_id 6,2019,both,75-79,incidence,2000,1800,2200",
            "location_id 6,2019,male,all,incidence,10000,9000,11000",
            "location_id 6,2019,female,all,incidence,8793,8000,9000",
        ]
    );
    assert!(says(&export, "stand there as numbers"));
}

/// Georgia is a country and a state: the second keeps its number, and neither is lost.
#[test]
fn two_regions_of_one_name() {
    let text = "\
measure_id,measure_name,location_id,location_name,sex_id,sex_name,age_id,age_name,cause_id,cause_name,metric_id,metric_name,year,val,upper,lower
6,Incidence,35,Georgia,3,Both,22,All ages,486,Multiple myeloma,1,Number,2019,100,110,90
6,Incidence,533,Georgia,3,Both,22,All ages,486,Multiple myeloma,1,Number,2019,900,990,800
";
    let export = read(text);
    assert_eq!(
        tidy(&export),
        [
            "Georgia,2019,both,all,incidence,100,90,110",
            "Georgia (location_id 533),2019,both,all,incidence,900,800,990",
        ]
    );
    assert!(says(&export, "1 line of a second region called Georgia"));
}

#[test]
fn the_part_of_a_risk_factor_is_not_the_whole() {
    let text = "\
measure,location,sex,age,cause,rei,metric,year,val,upper,lower
Deaths,Atlantis,Both,All ages,Multiple myeloma,High body-mass index,Number,2019,10,12,8
Deaths,Atlantis,Both,All ages,Multiple myeloma,,Number,2019,100,120,80
";
    let export = read(text);
    assert_eq!(tidy(&export), ["Atlantis,2019,both,all,deaths,100,80,120"]);
    assert!(says(&export, "1 line left out: the part of a risk factor"));
}

#[test]
fn cancer_today() {
    let export = read(samples::CANCER_TODAY);
    assert_eq!((export.format, export.rows.len()), (Format::Globocan, 8));
    let first = &export.rows[0];
    assert_eq!(
        (&*first.region, first.year, first.value),
        ("China", None, 30_300.0)
    );
    assert_eq!((first.lower, first.upper), (Some(29_000.0), Some(31_600.0)));
    assert_eq!(first.definition.as_deref(), Some("C90"));
    assert_eq!(first.measure.quantity, Quantity::NotStated);
    let units: Vec<Unit> = export.rows[..4]
        .iter()
        .map(|row| row.measure.unit)
        .collect();
    assert_eq!(
        units,
        [
            Unit::Number,
            Unit::StandardisedRate,
            Unit::Rate,
            Unit::CumulativeRisk
        ]
    );
    assert_eq!(export.sites(), ["Multiple myeloma", "Non-Hodgkin lymphoma"]);
    assert!(says(&export, "new cases or deaths") && says(&export, "year and round"));
}

#[test]
fn cancer_today_by_population() {
    // A hyphen that does not break, as the site writes it.
    let text = "\u{feff}Population,Alpha\u{2011}3 code,Sex,ASR (World) per 100 000,Crude rate,Total\nAtlantis,ATL,0,1.2,2.2,900\n";
    let export = read(text);
    let first = &export.rows[0];
    assert_eq!(
        (&*first.region, first.value, first.measure.unit),
        ("Atlantis", 900.0, Unit::Number)
    );
}

#[test]
fn cancer_over_time_and_tomorrow() {
    let export = read(samples::OVER_TIME);
    assert_eq!(export.rows.len(), 9);
    let counts: Vec<String> = tidy(&export)
        .into_iter()
        .filter(|row| row.contains(",incidence,") || row.contains(",deaths,"))
        .collect();
    assert_eq!(
        counts,
        [
            "Atlantis,2010,male,all,incidence,120,,",
            "Atlantis,2010,female,all,incidence,90,,",
            "Atlantis,2010,male,all,deaths,60,,",
        ]
    );

    let export = read(samples::TOMORROW);
    assert_eq!(
        tidy(&export),
        [
            "Atlantis,2022,,,incidence,1200,,",
            "Atlantis,2040,,,incidence,1900,,"
        ]
    );
    let statuses: Vec<_> = export.rows.iter().map(|row| row.status).collect();
    assert_eq!(statuses, [Some(Status::Estimate), Some(Status::Projection)]);
    assert!(says(
        &export,
        "columns that are not read: Change in number of cases"
    ));
}

#[test]
fn wonder() {
    let export = read(samples::WONDER);
    assert_eq!(
        (export.format, export.lines, export.taken),
        (Format::Wonder, 4, 3)
    );
    assert_eq!(
        tidy(&export),
        [
            "Atlantis and Islands,2019,female,all,incidence,700,,",
            "Atlantis and Islands,2019,female,all,population,100000,,",
            "Atlantis and Islands,2019,female,all,rate,700,,",
            "Atlantis and Islands,2019,male,all,population,90000,,",
            "Atlantis and Islands,2019,both,all,incidence,1500,,",
            "Atlantis and Islands,2019,both,all,population,190000,,",
            "Atlantis and Islands,2019,both,all,rate,789.5,,",
        ]
    );
    let first = &export.rows[0];
    assert_eq!(
        (first.site.as_deref(), first.round.as_deref()),
        (Some("Myeloma"), Some("2024 submission"))
    );
    assert!(says(
        &export,
        "2 numbers left out: withheld, \"Suppressed\" (line 3"
    ));
    assert!(says(&export, "1 line left out: without a year (line 5)"));
    assert!(says(&export, "the footer, from line 6 on"));
}

/// A query that leaves people out does not become a number of all.
#[test]
fn a_query_of_some_of_the_people() {
    let text = samples::WONDER
        .replace("\"Cancer Sites: Myeloma\"", "\"Cancer Sites: Myeloma\"\n\"Age Groups: 60-64 years\"\n\"Race: White\"\n\"States: Ohio\"")
        .replace("Calculate Rates Per: 100,000", "Calculate Rates Per: 1,000,000");
    let export = read(&text);
    let first = &export.rows[0];
    assert_eq!(
        (
            &*first.region,
            first.age.as_deref(),
            first.subgroup.as_deref()
        ),
        ("Ohio", Some("60-64"), Some("Race: White"))
    );
    // 700 per million are 70 per 100,000.
    assert!((export.rows[2].value - 70.0).abs() < 1e-9);
}

#[test]
fn a_cut_query_states_nothing() {
    let text = samples::WONDER;
    let cut = &text[..text.find("\"---\"").unwrap()];
    let export = read(cut);
    assert!(says(&export, "no query stands below the table"));
    assert_eq!(
        (
            export.rows[0].site.as_deref(),
            export.rows[0].age.as_deref()
        ),
        (None, None)
    );
}

#[test]
fn us_cancer_statistics() {
    let export = read(samples::USCS);
    assert_eq!(
        (export.format, export.lines, export.taken),
        (Format::Uscs, 4, 3)
    );
    assert_eq!(
        tidy(&export),
        [
            "United States,2018,both,all,incidence,29000,,",
            "United States,2018,both,all,population,327000000,,",
            "United States,2018,both,all,asr,7,6.9,7.1",
            "United States,2018,both,all,deaths,12000,,",
            "United States,2018,both,all,population,327000000,,",
            "United States,2018,both,all,\"deaths age-standardised rate per 100,000\",3.1,3",
            "United States,2018,female,all,population,130000000,,",
        ]
    );
    assert_eq!(export.rows[6].subgroup.as_deref(), Some("RACE: White"));
    assert_eq!(
        export.rows[4].variant.as_deref(),
        Some("denominator of deaths")
    );
    assert!(says(
        &export,
        "1 line left out: several years in one number, which would be counted twice (line 5)"
    ));
    assert!(says(&export, "2 numbers left out: withheld, \"~\" (line 4"));
}

#[test]
fn seer_stat() {
    let export = read(samples::SEER_STAT);
    assert_eq!(
        (export.format, export.lines, export.taken),
        (Format::SeerStat, 3, 2)
    );
    assert_eq!(
        tidy(&export),
        [
            "SEER registries,2019,both,all,incidence,2600,,",
            "SEER registries,2019,both,all,population,37000000,,",
            "SEER registries,2019,both,all,asr,7,6.8,7.2",
            "SEER registries,2019,female,3,incidence,0,,",
            "SEER registries,2019,female,3,population,200000,,",
            "SEER registries,2019,female,3,asr,0,0,0.1",
        ]
    );
    assert_eq!(export.rows[2].standard_error, Some(0.1));
    assert_eq!(
        export.rows[3].subgroup.as_deref(),
        Some("Race_recode_W_B_AI_API: White")
    );
    assert!(says(&export, "several years in one number"));
    // The same from the dialog, with labels and tabs.
    let text = "Year of diagnosis\tSex\tSite recode ICD-O-3/WHO 2008\tCrude Rate\tStandard Error\tLower Confidence Interval\tUpper Confidence Interval\tCount\tPopulation
2019\tMale\tMyeloma\t8.1\t0.1\t7.9\t8.3\t1,500\t18,500,000
";
    assert_eq!(
        tidy(&read(text)),
        [
            "SEER registries,2019,male,all,incidence,1500,,",
            "SEER registries,2019,male,all,population,18500000,,",
            "SEER registries,2019,male,all,rate,8.1,7.9,8.3",
        ]
    );
    // Short names of the ends are no parts of the people.
    for ends in ["Lower,Upper", "LCI,UCI"] {
        let export = read(&format!(
            "Year of diagnosis,Rate,SE,{ends}\n2019,1.1,0.1,0.9,1.3\n"
        ));
        assert_eq!(
            tidy(&export),
            ["SEER registries,2019,,all,rate,1.1,0.9,1.3"]
        );
        assert_eq!(export.rows[0].subgroup, None);
    }
}

#[test]
fn zfkd() {
    let export = read(samples::ZFKD);
    assert_eq!(
        (export.format, export.lines, export.taken),
        (Format::Zfkd, 4, 4)
    );
    assert_eq!(
        tidy(&export),
        [
            "Germany,2014,female,0-64,incidence,812,,",
            "Germany,2014,male,0-64,incidence,1218,,",
            "Germany,2014,female,65+,incidence,2105,,",
            "Germany,2014,male,65+,incidence,2340,,",
            "Germany,2014,male,0-64,incidence,12,,",
            "Germany,2014,female,65+,incidence,40,,",
            "Germany,2014,male,65+,incidence,60,,",
        ]
    );
    assert_eq!(export.rows[0].definition.as_deref(), Some("C90"));
    assert!(says(
        &export,
        "\"1.218\" (column männlich, line 3) and the like are read as 1218"
    ));
    assert!(says(
        &export,
        "1 number left out: withheld, \"<5\" (line 5)"
    ));
    // Rates with a decimal comma, long, in Latin-1.
    let text = "Jahr;Geschlecht;Altersgruppe;Diagnose;Fallzahl;Rohe Rate;Altersstandardisierte Rate\n2014;weiblich;Gesamt;C90;1.234;2,5;1,9\n";
    let export = read(text);
    assert_eq!(
        (
            export.rows[0].value,
            export.rows[1].value,
            export.rows[2].value
        ),
        (1_234.0, 2.5, 1.9)
    );
    assert_eq!(export.rows[0].measure.quantity, Quantity::NotStated);
    assert_eq!(export.rows[2].measure.unit, Unit::StandardisedRate);
}

#[test]
fn public_health_scotland() {
    let export = read(samples::PHS);
    assert_eq!(export.format, Format::Phs);
    assert_eq!(
        tidy(&export),
        [
            "Scotland,2019,both,0-4,incidence,0,,",
            "Scotland,2019,both,5-9,incidence,0,,",
            "Scotland,2019,both,85+,incidence,75,,",
            "Scotland,2019,both,all,incidence,480,,",
            "Scotland,2019,both,85+,rate,62.5,,",
            "Scotland,2019,both,all,rate,8.8,8,9.6",
        ]
    );
    assert_eq!(export.rows[0].definition.as_deref(), Some("C88+C90"));
}

#[test]
fn world_population_prospects() {
    let export = read(samples::WPP_EXCEL);
    assert_eq!(
        (export.format, export.lines, export.taken),
        (Format::WppExcel, 2, 1)
    );
    assert_eq!(
        tidy(&export),
        [
            "WORLD,2022,both,0-4,population,663106000,,",
            "WORLD,2022,both,5-9,population,684419000,,",
            "WORLD,2022,both,100+,population,633000,,",
        ]
    );
    assert_eq!(
        (export.rows[0].round.as_deref(), export.rows[0].line),
        (Some("2022"), 7)
    );
    assert!(says(&export, "1 line left out: without a year (line 8)"));

    let export = read(samples::WPP_BULK);
    assert_eq!(export.format, Format::WppBulk);
    assert_eq!(
        tidy(&export),
        [
            "Atlantis,2026,male,0-4,population,23125,,",
            "Atlantis,2026,female,0-4,population,21250,,",
            "Atlantis,2026,both,0-4,population,44375,,",
            "Atlantis,2026,male,100+,population,4,,",
            "Atlantis,2026,female,100+,population,48,,",
            "Atlantis,2026,both,100+,population,52,,",
        ]
    );
    // Years as columns, as in the revision of 2019.
    let text = "World Population Prospects 2019,,,,\nMale population (thousands),,,,\nIndex,Variant,\"Region, subregion, country or area *\",2019,2020\n1,Estimates,Atlantis,12.5,13\n";
    assert_eq!(
        tidy(&read(text)),
        [
            "Atlantis,2019,male,all,population,12500,,",
            "Atlantis,2020,male,all,population,13000,,"
        ]
    );
}

#[test]
fn a_table_of_ones_own() {
    let export = read(samples::OWN);
    assert_eq!(export.format, Format::Own);
    assert_eq!(
        tidy(&export),
        [
            "Atlantis,2019,both,all,incidence,1200.5,,",
            "Atlantis,2024,both,all,incidence,1400,,"
        ]
    );
    assert_eq!(export.rows[0].relative_error, Some(0.02));
    assert_eq!(export.rows[1].status, Some(Status::Estimate));
    assert!(says(&export, "columns that are not read: Note"));
}

/// Deaths by the ICD code of the query; thousandths of a thousand are whole people.
#[test]
fn deaths_of_wonder_and_whole_people() {
    let text = samples::WONDER.replace("\tCount\t", "\tDeaths\t").replace(
        "Cancer Sites: Myeloma",
        "ICD-10 Codes: C90.0 (Multiple myeloma)",
    );
    let export = read(&text);
    assert_eq!(export.rows[0].measure.to_string(), "deaths");
    assert_eq!(export.rows[0].definition.as_deref(), Some("C90.0"));
    // 1.001 times 1000 is 1000.9999999999999 in binary.
    let people = read(&samples::WPP_BULK.replace("23.125", "1.001"));
    assert_eq!(tidy(&people)[0], "Atlantis,2026,male,0-4,population,1001,,");
}
