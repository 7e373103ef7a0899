//! Figures out of exports: totals as they stand there, sums only of all parts.

use crate::{read, refused, samples, says};
use myeloma_epi::demography::{Population, Sex};
use myeloma_epi::figures::{Mark, Status};
use myeloma_epi::readers::{Export, Quantity, ReadOptions};

fn cases(export: &Export) -> Vec<(String, i32, f64)> {
    let figures = export.figures().unwrap();
    figures
        .iter()
        .map(|figure| (figure.region().to_owned(), figure.year(), figure.cases()))
        .collect()
}

fn missing(export: &Export) -> String {
    export.figures().unwrap_err().to_string()
}

#[test]
fn a_total_is_taken_as_it_stands() {
    let export = read(samples::GBD);
    assert_eq!(cases(&export), [("Atlantis".to_owned(), 2019, 1200.5)]);
    let figures = export.figures().unwrap();
    let figure = figures.iter().next().unwrap();
    assert_eq!(figure.interval95(), Some((1050.0, 1350.25)));
    assert_eq!(
        (figure.icd10(), figure.status()),
        (Some("C88+C90"), Status::Estimate)
    );
    assert_eq!(figure.source(), "Global Burden of Disease (IHME)");
    let wonder = read(samples::WONDER).figures().unwrap();
    let figure = wonder.iter().next().unwrap();
    assert_eq!(
        (figure.cases(), figure.status()),
        (1500.0, Status::Registered)
    );
    assert!(
        figure.source().ends_with("Incidence, 2024 submission"),
        "{}",
        figure.source()
    );
}

#[test]
fn parts_are_added_up_where_all_are_there() {
    // 812 + 2105 women, 1218 + 2340 men.
    let export = read(samples::ZFKD).of_site("plasmo").unwrap();
    assert_eq!(cases(&export), [("Germany".to_owned(), 2014, 6475.0)]);
    // 120 men, 90 women.
    assert_eq!(
        cases(&read(samples::OVER_TIME)),
        [("Atlantis".to_owned(), 2010, 210.0)]
    );
}

#[test]
fn a_withheld_part_is_no_zero() {
    let hodgkin = read(samples::ZFKD).of_site("C81").unwrap();
    assert!(
        missing(&hodgkin).contains("women aged 0 to 64 are missing"),
        "{}",
        missing(&hodgkin)
    );
    let without_total = samples::WONDER.replace(
        "\"Total\"\t\"2019\"\t\"2019\"",
        "\"Total\"\t\"2018\"\t\"2018\"",
    );
    let error = missing(&read(&without_total));
    assert!(error.contains("there are none of men"), "{error}");
    let open = samples::ZFKD.replace("65+", "65 - 84");
    assert!(
        missing(&read(&open).of_site("C90").unwrap())
            .contains("women aged 85 and more are missing")
    );
    let twice = samples::ZFKD.replace("65+", "60+");
    assert!(missing(&read(&twice).of_site("C90").unwrap()).contains("aged 60 are in two groups"));
}

#[test]
fn what_is_not_said_is_asked_for() {
    let today = samples::CANCER_TODAY;
    assert!(missing(&read(today)).contains("incidence or deaths"));
    let options = ReadOptions {
        quantity: Some(Quantity::Incidence),
        ..ReadOptions::default()
    };
    let export = options.from_bytes("sample", today.as_bytes()).unwrap();
    assert!(missing(&export).contains("several cancers"));
    assert!(
        missing(&export.of_site("c90").unwrap())
            .contains("does not say the year of China (line 2)")
    );
    let options = ReadOptions {
        year: Some(2022),
        round: Some("GLOBOCAN 2022".into()),
        ..options
    };
    let export = options
        .from_bytes("sample", today.as_bytes())
        .unwrap()
        .of_site("myeloma")
        .unwrap();
    let figures = export.figures().unwrap();
    let figure = figures.iter().next().unwrap();
    assert_eq!(
        (
            figure.region(),
            figure.year(),
            figure.cases(),
            figure.icd10()
        ),
        ("China", 2022, 30_300.0, Some("C90"))
    );
    assert_eq!(figure.source(), "GLOBOCAN (IARC), GLOBOCAN 2022");

    let tomorrow = read(samples::TOMORROW);
    assert!(missing(&tomorrow).contains("does not say of which sex"));
    let both = ReadOptions {
        sex: Some(Sex::Both),
        age: Some("all".into()),
        ..ReadOptions::default()
    };
    let export = both
        .from_bytes("sample", samples::TOMORROW.as_bytes())
        .unwrap();
    // Sexes by their numbers, as in other tables of the maker.
    let numbered = samples::TOMORROW.replace("Population,", "Sex,Population,");
    let numbered = numbered
        .replace("\n,2022", "\n,,2022")
        .replace("\nAtlantis", "\n0,Atlantis");
    assert_eq!(read(&numbered).rows[0].sex, Some(Sex::Both));
    let statuses: Vec<_> = export
        .figures()
        .unwrap()
        .iter()
        .map(|figure| (figure.year(), figure.status()))
        .collect();
    assert_eq!(
        statuses,
        [(2022, Status::Estimate), (2040, Status::Projection)]
    );

    assert!(
        missing(&read("region,year,cases\na,2019,5\n")).contains("state it with --status (ReadOptions::status), or in a column status, as estimate, registered")
    );
    assert!(missing(&read(samples::WPP_BULK)).contains("it has population"));
}

#[test]
fn parts_of_the_people_are_not_all_of_them() {
    let white: Vec<&str> = samples::SEER_STAT
        .lines()
        .filter(|line| !line.contains("All races"))
        .collect();
    assert!(
        missing(&read(&white.join("\n")))
            .contains("parts of the people, and not all of them: Race_recode_W_B_AI_API: White")
    );
    assert_eq!(
        cases(&read(samples::SEER_STAT)),
        [("SEER registries".to_owned(), 2019, 2600.0)]
    );
    assert_eq!(
        cases(&read(samples::USCS)),
        [("United States".to_owned(), 2018, 29_000.0)]
    );
}

#[test]
fn a_table_of_ones_own_keeps_its_columns() {
    let figures = read(samples::OWN).figures().unwrap();
    let errors: Vec<_> = figures
        .iter()
        .map(|figure| (figure.cases(), figure.relative_error(), figure.status()))
        .collect();
    assert_eq!(
        errors,
        [
            (1200.5, Some(0.02), Status::Registered),
            (1400.0, None, Status::Estimate)
        ]
    );
    let error = missing(&read(
        "region,year,cases,status,source\na,2019,5,estimate,x\na,2019,6,estimate,y\n",
    ));
    assert!(error.contains("two figures for a in 2019"), "{error}");
}

#[test]
fn a_cancer_is_chosen_by_name_code_or_word() {
    let export = read(samples::CANCER_TODAY);
    for name in ["multiple myeloma", "C90", "myeloma", " Multiple Myeloma "] {
        assert_eq!(
            export.of_site(name).unwrap().sites(),
            ["Multiple myeloma"],
            "{name}"
        );
    }
    // The whole name comes before a word of others.
    let whole = samples::CANCER_TODAY
        .replace("Multiple myeloma", "Myeloma")
        .replace("Non-Hodgkin lymphoma", "Not myeloma");
    assert_eq!(
        read(&whole).of_site("MYELOMA").unwrap().sites(),
        ["Myeloma"]
    );
    let error = export.of_site("m").unwrap_err().to_string();
    assert!(error.contains("no cancer of the file is called \"m\": there are Multiple myeloma, Non-Hodgkin lymphoma"), "{error}");
    assert!(export.of_site("").is_err());
}

/// Of 3 and 4, 1 and 2 thousand people.
#[test]
fn people_by_age() {
    let text = "\
LocID,Location,VarID,Variant,Time,MidPeriod,AgeGrp,AgeGrpStart,AgeGrpSpan,PopMale,PopFemale,PopTotal
4,Atlantis,2,Medium,2026,2026.5,5+,5,-1,1,2,3
4,Atlantis,2,Medium,2026,2026.5,0-4,0,5,3,4,7
4,Atlantis,2,Medium,2025,2025.5,0-4,0,5,3,4,7
4,Atlantis,2,Medium,2025,2025.5,5+,5,-1,1,2,3
";
    let populations = read(text).populations().unwrap();
    let sexes: Vec<Sex> = populations.iter().map(Population::sex).collect();
    assert_eq!(sexes, [Sex::Male, Sex::Female, Sex::Both]);
    assert_eq!(populations[1].years(), [2025, 2026]);
    assert_eq!(
        populations[1].by_age(2026).unwrap().to_vec(),
        [4_000.0, 2_000.0]
    );
    assert_eq!(
        populations[1].source(),
        "World Population Prospects (United Nations)"
    );

    let error = |text: &str| read(text).populations().unwrap_err().to_string();
    assert!(
        error(&text.replacen("5+,5", "6+,6", 1))
            .contains("the age groups of Atlantis, male, are others in 2026")
    );
    assert!(error(&text.replace("5+,5", "6+,6")).contains("leave a gap"));
    assert!(
        error(&text.replacen("Medium", "High", 1)).contains("several variants in the bulk file")
    );
    assert!(
        error(&text.replace("0-4", "5-9"))
            .contains("the age groups 5+ and 5-9 overlap in Atlantis 2026")
    );
    assert!(
        error(samples::GBD).contains("no numbers of people by age in the table of GBD results")
    );
    assert!(error(samples::USCS).contains("no numbers of people by age"));
}

/// A rate that stands before the number of the same people is no number of cases.
#[test]
fn rates_are_no_cases() {
    let text = "\
measure,location,sex,age,cause,metric,year,val,upper,lower
Incidence,Atlantis,Both,All ages,Multiple myeloma,Rate,2019,2.4,2.7,2.1
Incidence,Atlantis,Both,All ages,Multiple myeloma,Percent,2019,0.01,0.02,0.005
Incidence,Atlantis,Both,Age-standardized,Multiple myeloma,Rate,2019,1.9,2.1,1.7
Incidence,Atlantis,Both,All ages,Multiple myeloma,Number,2019,1200.5,1350,1050
";
    let figures = read(text).figures().unwrap();
    let cases: Vec<f64> = figures
        .iter()
        .map(myeloma_epi::figures::Figure::cases)
        .collect();
    assert_eq!(cases, [1200.5]);
}

/// Which of two columns of one name is meant is not known.
#[test]
fn two_columns_of_one_name_are_refused() {
    for (header, name) in [
        ("region,year,cases,cases", "cases"),
        ("region,year,Cases,cases", "cases"),
        ("region,year,cases,year", "year"),
    ] {
        let text = format!("{header}\nA,2019,10,20\nA,2020,12,30\n");
        let error = myeloma_epi::readers::from_bytes("a.csv", text.as_bytes());
        let error = error.unwrap_err().to_string();
        assert!(
            error.contains(&format!("two columns are called {name}")),
            "{error}"
        );
    }
}

/// A standard error of 160 in 410 cases is a relative error of 160/410, as far as two digits where that stands beside it.
#[test]
fn a_standard_error_is_one_of_the_figure() {
    let one = |columns: &str, row: &str| {
        let text = format!("region,year,cases,status,{columns}\nA,2015,410,estimate,{row}\n");
        let figures = read(&text).figures().map_err(|error| error.to_string())?;
        Ok::<_, String>(
            figures
                .iter()
                .next()
                .and_then(myeloma_epi::figures::Figure::relative_error),
        )
    };
    assert_eq!(one("standard_error", "160"), Ok(Some(160.0 / 410.0)));
    assert_eq!(one("standard_error", "0"), Ok(Some(0.0)));
    assert_eq!(one("standard_error", ""), Ok(None));
    assert_eq!(
        one("standard_error,relative_error", "160,0.39"),
        Ok(Some(0.39))
    );
    assert_eq!(
        one("standard_error,relative_error", "160,"),
        Ok(Some(160.0 / 410.0))
    );
    let error = one("standard_error,relative_error", "160,0.5").unwrap_err();
    assert!(
        error.contains("line 2: the standard error 160 of 410 cases"),
        "{error}"
    );
}

/// What is stated of women and of men is none of their sum, whoever stands first: an error of one of them and two statuses or marks
/// are refused; a mark of one is the sum's.
#[test]
fn what_is_said_of_parts_is_not_what_the_first_says() {
    let figure = |column: &str, women: &str, men: &str| {
        let (women, men) = (
            format!("A,2015,female,200,{women}\n"),
            format!("A,2015,male,210,{men}\n"),
        );
        let both = [[&*women, &*men], [&*men, &*women]].map(|rows| {
            let text = format!("region,year,sex,cases,{column}\n{}", rows.concat());
            let figures = read(&text).figures().map_err(|error| error.to_string())?;
            let figure = figures.iter().next().unwrap();
            Ok::<_, String>((figure.cases(), figure.mark(), figure.status()))
        });
        let [first, second] = both;
        assert_eq!(first.is_ok(), second.is_ok(), "{column}");
        assert!(first.is_err() || first == second, "{column}");
        first
    };
    let sum = |mark| Ok((410.0, mark, Status::Estimate));
    assert_eq!(figure("status", "estimate", "estimate"), sum(None));
    let shock = sum(Some(Mark::Shock));
    assert_eq!(figure("status,mark", "estimate,", "estimate,shock"), shock);
    for (column, women, men, said) in [
        (
            "status,relative_error",
            "estimate,0.1",
            "estimate,0.02",
            "an error is stated of one",
        ),
        (
            "status,relative_error",
            "estimate,",
            "estimate,0.5",
            "line 3: an error is stated",
        ),
        (
            "status,standard_error",
            "estimate,10",
            "estimate,10",
            "an error is stated of one",
        ),
        (
            "status",
            "estimate",
            "registered",
            "A 2015 have several statuses: estimate, registered",
        ),
        (
            "status,mark",
            "estimate,shock",
            "estimate,provisional",
            "several marks: shock, provisional",
        ),
    ] {
        let error = figure(column, women, men).unwrap_err();
        assert!(error.contains(said), "{error}");
    }
    let women = "region,year,sex,cases,status\nA,2015,female,200,estimate\n";
    assert!(missing(&read(women)).contains("is read without its column of the sex"));
}

/// A year that says itself that it is not complete is marked so; other words about it are told.
#[test]
fn a_provisional_year_is_marked() {
    let text = "region,year,cases,status\nA,2022 (before the merger),1000,registered\nA,2023 (Provisional),400,registered\n";
    let export = read(text);
    let marks: Vec<_> = export.rows.iter().map(|row| (row.year, row.mark)).collect();
    assert_eq!(
        marks,
        [(Some(2022), None), (Some(2023), Some(Mark::Provisional))]
    );
    assert!(says(&export, "1 number marked as provisional") && says(&export, "words in brackets"));
}

/// The standard error of a registered count has the counting error √n in it, which a series adds by itself: of 400 ± 50 the rest is
/// √((50/400)² − 1/400), of 400 ± 20 nothing. That of an estimate is as it stands.
#[test]
fn standard_errors_of_counts_have_their_counting_error() {
    let errors = |status: &str, rows: &str| {
        let text = format!(
            "region,year,cases,standard_error,status\n{}",
            rows.replace('S', status)
        );
        let figures = myeloma_epi::readers::from_bytes("a.csv", text.as_bytes())?.figures()?;
        Ok::<_, myeloma_epi::Error>(
            figures
                .iter()
                .map(|figure| figure.relative_error().unwrap())
                .collect::<Vec<f64>>(),
        )
    };
    let rows = "A,2019,400,50,S\nA,2020,400,20,S\n";
    for (status, expected) in [
        (
            "registered",
            [(0.125_f64.powi(2) - 1.0 / 400.0).sqrt(), 0.0],
        ),
        ("estimate", [0.125, 0.05]),
    ] {
        let found = errors(status, rows).unwrap();
        for (found, expected) in found.iter().zip(expected) {
            assert!(
                (found - expected).abs() < 1e-12,
                "{status}: {found} {expected}"
            );
        }
    }
    let error = errors("registered", "A,2019,3,4,S\n")
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("standard error 4 is larger than the 3 cases"),
        "{error}"
    );
}

/// Where a total and all its parts are there, they agree but for rounding and people of unknown age.
#[test]
fn totals_and_parts_agree() {
    let of = |rows: &str| read(&format!("region,year,sex,age,cases,status\n{rows}"));
    let row = |sex: &str, age: &str, cases: f64| format!("A,2014,{sex},{age},{cases},registered\n");
    let sexes = |both: f64| {
        [
            row("female", "all", 500.0),
            row("male", "all", 550.0),
            row("both", "all", both),
        ]
        .concat()
    };
    let ages = |total: f64| {
        [
            row("both", "0-64", 40.0),
            row("both", "65+", 60.0),
            row("both", "all", total),
        ]
        .concat()
    };
    let all = [row("both", "0-64", 400.0), row("both", "65+", 650.0)].concat();
    let women_and_men = [row("female", "all", 500.0), row("male", "all", 900.0)].concat();
    for rows in [sexes(1_500.0), ages(50.0), all.clone() + &women_and_men] {
        let error = missing(&of(&rows));
        assert!(error.contains("A 2014 contradict each other"), "{error}");
    }
    for (rows, expected) in [
        (sexes(1_052.0), 1_052.0),
        (ages(105.0), 105.0),
        (all, 1_050.0),
    ] {
        assert_eq!(cases(&of(&rows)), [("A".to_owned(), 2014, expected)]);
    }
}

/// Deaths and one race are told from new cases of everybody by their columns.
#[test]
fn columns_of_measure_and_race_are_read() {
    let of = |column: &str, word: &str| {
        read(&format!(
            "region,year,cases,status,{column}\nA,2014,100,registered,{word}\n"
        ))
    };
    let error = missing(&of("measure", "Deaths"));
    assert!(
        error.contains("no number of new cases") && error.contains("deaths"),
        "{error}"
    );
    let error = missing(&of("race", "White"));
    assert!(error.contains("race: White"), "{error}");
    for (column, word) in [("measure", "New cases"), ("Race", "All races")] {
        assert_eq!(
            cases(&of(column, word)),
            [("A".to_owned(), 2014, 100.0)],
            "{word}"
        );
    }
}

/// A word of the measure that is not understood as a whole is refused: "case fatality" counts no cases.
#[test]
fn a_measure_is_understood_as_a_whole() {
    let of = |word: &str, column: &str| {
        read(&format!(
            "region,year,measure,{column},status\nA,2014,{word},5.1,registered\nA,2019,{word},6.1,registered\n"
        ))
    };
    for word in [
        "Incidence rate per 100000",
        "\"Incidence, per 100,000\"",
        "ASR of new cases",
        "case fatality",
        "cumulative incidence",
        "undiagnosed",
        "Years since diagnosis",
        "Incidence (%)",
        "incidence rate ratio",
        "Death rate",
        "new cases and survival",
    ] {
        let error = refused(&format!(
            "region,year,measure,cases,status\nA,2014,{word},5.1,registered\n"
        ));
        assert!(error.contains("is not a known measure"), "{word}: {error}");
    }
    for word in [
        "",
        "Incidence",
        "new cases",
        "Newly diagnosed cases",
        "Number of new diagnoses",
        "incident cases per year",
        "Neuerkrankungen",
        "Fälle",
    ] {
        let numbers = cases(&of(word, "cases"));
        assert_eq!(numbers[0], ("A".to_owned(), 2014, 5.1), "{word}");
    }
    // Under a column of rates it says what they are.
    let rates = of("Incidence rate per 100000", "rate");
    assert_eq!(
        rates.rows[0].measure.to_string(),
        "incidence rate per 100,000"
    );
    assert_eq!(of("Deaths", "cases").rows[0].measure.to_string(), "deaths");
}

/// The interval of the sum of two numbers does not follow from theirs, and one beside a count and a rate is of either.
#[test]
fn intervals_of_parts_or_of_another_number_are_none_of_the_figure() {
    let export = read(
        "region,year,sex,cases,lower95,upper95,status\nA,2020,female,40,30,50,registered\n\
         A,2020,male,60,45,75,registered\n",
    );
    let figures = export.figures().unwrap();
    let figure = figures.iter().next().unwrap();
    assert_eq!((figure.cases(), figure.interval95()), (100.0, None));
    let export =
        read("region,year,cases,rate,lower95,upper95,status\nA,2020,120,4.1,100,140,registered\n");
    assert!(says(&export, "of cases or of a rate: not read"));
    let figures = export.figures().unwrap();
    assert_eq!(figures.iter().next().unwrap().interval95(), None);
}

/// Between semicolons a comma may part thousands: the decimal point of another number says so, and the reader is told.
#[test]
fn thousands_that_another_number_settles_are_told() {
    let export = read("region;year;cases;rate\nA;2020;1,234;5.5\n");
    assert_eq!(export.rows[0].value.to_string(), "1234");
    assert!(
        says(
            &export,
            "\"1,234\" (column cases, line 2) and the like are read as 1234"
        ),
        "{:?}",
        export.notes
    );
}
