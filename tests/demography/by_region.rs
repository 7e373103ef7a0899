//! The people and the rates of one region, out of tables of several.

use myeloma_epi::demography::{
    AgeRates, Decomposition, ExpectedCases, Population, PopulationWithRates,
};
use myeloma_epi::figures::Figures;
use myeloma_epi::{Outlook, OutlookOptions};
use serde_json::{Value, json};

use super::close;

fn people(rows: &str) -> Vec<Population> {
    Population::from_csv(
        "people.csv",
        &format!("area,year,sex,age,population\n{rows}"),
    )
    .unwrap()
}

fn rates(rows: &str) -> Vec<AgeRates> {
    AgeRates::from_csv(
        "rates.csv",
        &format!("area,year,sex,age,rate_per_100000\n{rows}"),
    )
    .unwrap()
}

const WOMEN: &str = "A,2020,female,0-64,100000\nA,2020,female,65+,50000\n";
const MEN: &str = "A,2020,male,0-64,90000\nA,2020,male,65+,30000\n";
const ALL: &str = "A,2020,both,0-64,190000\nA,2020,both,65+,80000\n";
const OF_WOMEN: &str = "A,,female,0-64,1\nA,,female,65+,10\n";
const OF_MEN: &str = "A,,male,0-64,2\nA,,male,65+,20\n";
const OF_ALL: &str = "A,,both,0-64,1.5\nA,,both,65+,14\n";

/// By hand: 1 + 5 women and 1.8 + 6 men at their own rates, 2.85 + 11.2 at those of both.
#[test]
fn each_sex_has_the_rates_that_belong_to_it() {
    for (of_people, of_rates, cases, notes) in [
        ([WOMEN, MEN].concat(), [OF_MEN, OF_WOMEN].concat(), 13.8, 0),
        (
            [ALL, WOMEN, MEN].concat(),
            [OF_ALL, OF_MEN, OF_WOMEN].concat(),
            13.8,
            0,
        ),
        ([MEN, WOMEN].concat(), OF_ALL.to_owned(), 14.05, 0),
        ([ALL, WOMEN, MEN].concat(), OF_ALL.to_owned(), 14.05, 0),
        ([ALL, WOMEN].concat(), [OF_ALL, OF_WOMEN].concat(), 14.05, 0),
        (WOMEN.to_owned(), OF_WOMEN.to_owned(), 6.0, 1),
        ([ALL, WOMEN, MEN].concat(), OF_MEN.to_owned(), 7.8, 1),
    ] {
        let of =
            PopulationWithRates::of_region("A", &people(&of_people), &rates(&of_rates)).unwrap();
        let expected = of.expected_cases().unwrap();
        close("cases", expected.year(2020).unwrap(), cases, 1e-12);
        assert_eq!(
            (expected.notes().len(), expected.effective_members()),
            (notes, 1.0)
        );
    }
}

/// What comes out of a file is checked as what is made of tables is.
#[test]
fn people_with_their_rates_are_read_as_they_are_written() {
    let tables = (
        people(&[WOMEN, MEN].concat()),
        rates(&[OF_WOMEN, OF_MEN].concat()),
    );
    let of = PopulationWithRates::of_region("A", &tables.0, &tables.1).unwrap();
    let stored = serde_json::to_value(&of).unwrap();
    let read = |value: &Value| serde_json::from_value::<PopulationWithRates>(value.clone());
    assert_eq!(read(&stored).unwrap(), of);
    let women = stored["parts"][0].clone();
    for (at, changed, words) in [
        ("/region", json!("B"), "of this region"),
        ("/parts", json!([]), "one table of people"),
        ("/parts", json!([women, women]), "of women and that of men"),
        ("/parts/0/0/sex", json!("male"), "of women and that of men"),
        ("/parts/0/1/sex", json!("male"), "sex female"),
        ("/parts/0/1/region", json!("B"), "of this region"),
    ] {
        let mut wrong = stored.clone();
        *wrong.pointer_mut(at).unwrap() = changed;
        let error = read(&wrong).unwrap_err().to_string();
        assert!(error.contains(words), "{at}: {error}");
    }
}

#[test]
fn what_does_not_belong_together_is_named() {
    let other = OF_ALL.replace('A', "B");
    let two = OF_ALL.replace("A,,", "A,1990,") + &OF_ALL.replace("A,,", "A,2015,");
    for (of_people, of_rates, words) in [
        (WOMEN, OF_MEN, &["A", "sex female", "sex male"][..]),
        (WOMEN, OF_ALL, &["A", "sex female", "sex both"]),
        (ALL, OF_WOMEN, &["A", "sex both", "sex female"]),
        (ALL, &other, &["\"A\"", "area of the rates", "B"]),
        (ALL, &two, &["A", "1990 and 2015"]),
        (ALL, "", &["\"A\"", "Western Europe"]),
        ("A,2020,both,0+,5\n", OF_ALL, &["A", "2020", "0+", "split"]),
    ] {
        let of_rates = if of_rates.is_empty() {
            Vec::new()
        } else {
            rates(of_rates)
        };
        let error = PopulationWithRates::of_region("A", &people(of_people), &of_rates)
            .unwrap_err()
            .to_string();
        for word in words {
            assert!(error.contains(word), "{word}: {error}");
        }
    }
    let error = PopulationWithRates::of_region("C", &people(ALL), &rates(OF_ALL))
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("\"C\"") && error.contains("there are A") | error.contains("there is A"),
        "{error}"
    );
    let twice = [people(ALL), people(ALL)].concat();
    let error = PopulationWithRates::of_region("A", &twice, &rates(OF_ALL))
        .unwrap_err()
        .to_string();
    assert!(error.contains("twice"), "{error}");
    // The men lack a year that the women have.
    let years = [WOMEN, &WOMEN.replace("2020", "2021"), MEN].concat();
    let of_both = [OF_WOMEN, OF_MEN].concat();
    let of = PopulationWithRates::of_region("A", &people(&years), &rates(&of_both)).unwrap();
    assert!(of.check_years(2020, 2020).is_ok());
    let error = of.check_years(2020, 2021).unwrap_err().to_string();
    assert!(
        error.contains("2021") && error.contains("one of 2020"),
        "{error}"
    );
}

/// The tables of the example of Hamilton and Perry's method: 180.6 people above 44 in 2040, 168 in 2025, 150 in 2010; in
/// between by the same factor each year.
#[test]
fn years_that_the_tables_lack_are_added_where_that_is_asked_for() {
    let rows: String = [(2010, [100, 100, 90, 150]), (2025, [80, 95, 90, 168])]
        .into_iter()
        .flat_map(|(year, persons)| {
            let ages = ["0-14", "15-29", "30-44", "45+"];
            ages.into_iter()
                .zip(persons)
                .map(move |(age, n)| format!("A,{year},both,{age},{n}\n"))
        })
        .collect();
    let of_rates = rates("A,,both,0-14,0\nA,,both,15-29,0\nA,,both,30-44,0\nA,,both,45+,1000\n");
    let tables = PopulationWithRates::of_region("A", &people(&rows), &of_rates).unwrap();
    let error = tables.check_years(2012, 2040).unwrap_err().to_string();
    assert!(
        error.contains('A') && error.contains("2012") && error.contains("2010, 2025"),
        "{error}"
    );
    let error = tables
        .clone()
        .every_year(2009, 2040)
        .unwrap_err()
        .to_string();
    assert!(error.contains('A') && error.contains("2009"), "{error}");
    let tables = tables.every_year(2010, 2038).unwrap();
    tables.check_years(2010, 2040).unwrap();
    let expected = tables.expected_cases().unwrap();
    let oldest = |from: f64, to: f64, years: f64| 0.01 * from * (to / from).powf(years / 15.0);
    for (year, cases) in [
        (2010, 1.5),
        (2012, oldest(150.0, 168.0, 2.0)),
        (2025, 1.68),
        (2030, oldest(168.0, 180.6, 5.0)),
        (2040, 1.806),
    ] {
        close("cases", expected.year(year).unwrap(), cases, 1e-12);
    }
    let notes = expected.notes().join("; ");
    assert!(
        notes.contains("after 2025") && notes.contains("interpolated"),
        "{notes}"
    );
    let stored = serde_json::to_string(&tables).unwrap();
    let read: PopulationWithRates = serde_json::from_str(&stored).unwrap();
    assert_eq!(read, tables);
    assert_eq!(read.expected_cases().unwrap(), expected);
    // They are in what the outlook prints, and in its file.
    let stored = serde_json::to_string(&expected).unwrap();
    assert_eq!(
        serde_json::from_str::<ExpectedCases>(&stored).unwrap(),
        expected
    );
    let wrong = stored.replacen("\"cases\":{\"2010\":1.5", "\"cases\":{\"2010\":1.6", 1);
    assert_ne!(wrong, stored);
    assert!(serde_json::from_str::<ExpectedCases>(&wrong).is_err());
    let figures = Figures::from_csv(
        "x",
        "region,year,cases,status\nA,2015,160,registered\nA,2020,175,registered\n",
    )
    .unwrap();
    let mut options = OutlookOptions {
        draws: 200,
        to: 2040,
        ..OutlookOptions::default()
    };
    let remarks = options
        .state_population(&figures, &people(&rows), &of_rates, true)
        .unwrap();
    // 160 cases where 0.01·150·1.12^(1/3) are expected.
    assert_eq!(remarks.len(), 3);
    assert!(remarks[2].contains("102.71 times"), "{remarks:?}");
    let text = format!("{:#}", Outlook::of(&figures, &options).unwrap());
    assert!(text.contains("carried forward by the ratios"), "{text}");
    let lacking = options.state_population(&figures, &people(&rows), &of_rates, false);
    assert!(lacking.unwrap_err().to_string().contains("2015"));
}

/// Rates that are added up to the groups of the people, and people to those of the rates, are told wherever the cases go: in
/// the tables, in the text and in the file of an outlook. Who has the same groups is told nothing.
#[test]
fn age_groups_that_are_added_up_are_told() {
    let of = |ages: &[(&str, f64)]| -> String {
        let years = 2019..=2040;
        let row = |year: i32| {
            let row = ages
                .iter()
                .map(move |(age, n)| format!("A,{year},both,{age},{n}\n"));
            row.collect::<String>()
        };
        years.map(row).collect()
    };
    let coarse = of(&[("0-44", 900.0), ("45+", 100.0)]);
    let fine = of(&[("0-44", 900.0), ("45-64", 70.0), ("65+", 30.0)]);
    let by_person_years = |ages: &[&str]| -> String {
        let header = "area,age,rate_per_100000,population\n".to_owned();
        header + &ages.concat()
    };
    let of_two = by_person_years(&["A,0-44,0,900\n", "A,45+,1000,100\n"]);
    let of_three = by_person_years(&["A,0-44,0,900\n", "A,45-64,800,70\n", "A,65+,2000,30\n"]);
    let figures = "region,year,cases,status\nA,2019,1,registered\nA,2020,2,registered\n";
    let figures = Figures::from_csv("x", figures).unwrap();
    for (persons, rates, says) in [
        (&coarse, &of_two, None),
        (&fine, &of_three, None),
        (
            &coarse,
            &of_three,
            Some("the 3 age groups of the rates of A are added up to the 2 of its people"),
        ),
        (
            &fine,
            &of_two,
            Some("the 3 age groups of the people of A are added up to the 2 of their rates"),
        ),
    ] {
        let (people, rates) = (people(persons), AgeRates::from_csv("r", rates).unwrap());
        let tables = PopulationWithRates::of_region("A", &people, &rates).unwrap();
        let mut options = OutlookOptions {
            draws: 100,
            ..OutlookOptions::default()
        };
        let remarks = options
            .state_population(&figures, &people, &rates, false)
            .unwrap();
        let outlook = Outlook::of(&figures, &options).unwrap();
        let json: Value = serde_json::from_str(&outlook.summary_json()).unwrap();
        let in_file = json["regions"][0]["population"]["notes"].to_string();
        let text = format!("{outlook:#}").replace('\n', " ").to_lowercase();
        let Some(says) = says else {
            assert!(tables.notes().is_empty() && remarks.is_empty() && in_file == "[]");
            continue;
        };
        let told = [tables.notes().join(" "), remarks.join(" "), in_file];
        for told in &told {
            assert!(told.contains(says), "{says}: {told}");
        }
        assert!(text.contains(&says.to_lowercase()), "{says}: {text}");
    }
    // Of people and rates that are multiplied without tables of a region, too.
    let cases = ExpectedCases::of(
        &people(&fine)[0],
        &AgeRates::from_csv("r", &of_two).unwrap()[0],
    );
    assert!(cases.unwrap().notes()[0].contains("added up"));
}

/// People of one's own are no more exact than those of the United Nations, 0.06 % a year by three revisions of the world's
/// (METHODS.md); an error that is stated stays, and what is assumed is told.
#[test]
fn people_of_ones_own_have_an_error() {
    let figures =
        "region,year,cases,status\nChina,2019,28100,commercial\nChina,2024,31800,commercial\n";
    let figures = Figures::from_csv("x", figures).unwrap();
    let people = [Population::area("China").unwrap()];
    for (stated, error, says) in [
        (0.0, 0.0006, "an error of 0.06 % a year of expected cases"),
        (0.002, 0.002, "an error of 0.2 % a year of expected cases"),
    ] {
        let mut options = OutlookOptions {
            draws: 100,
            ..OutlookOptions::default()
        };
        options.forecast.expected_error = stated;
        options
            .state_population(&figures, &people, &[], false)
            .unwrap();
        close("error", options.forecast.expected_error, error, 1e-12);
        let outlook = Outlook::of(&figures, &options).unwrap();
        let json: Value = serde_json::from_str(&outlook.summary_json()).unwrap();
        let in_file = &json["assumptions"]["error_of_expected_cases_a_year"];
        close("error", in_file.as_f64().unwrap(), error, 1e-12);
        let text = format!("{outlook:#}").replace('\n', " ");
        assert!(text.contains(says), "{text}");
        options.forecast.expected_error = 0.0;
        let exact = format!("{:#}", Outlook::of(&figures, &options).unwrap());
        assert!(
            exact
                .replace('\n', " ")
                .contains("people as projected, without an error")
        );
        options.population.clear();
        let counts = Outlook::of(&figures, &options).unwrap();
        let json: Value = serde_json::from_str(&counts.summary_json()).unwrap();
        assert!(json["assumptions"]["error_of_expected_cases_a_year"].is_null());
        assert!(
            json["regions"][0]["population"].is_null() && json["regions"][0]["change"].is_null()
        );
        let text = format!("{counts:#}");
        assert!(
            !text.contains("expected cases") && !text.contains("people as projected"),
            "{text}"
        );
    }
}

/// With one factor on all rates the change is that of two situations, each with its rates.
#[test]
fn the_change_of_a_population_of_ones_own_is_taken_apart_too() {
    let figures = Figures::from_csv(
        "x",
        "region,year,cases,status\nChina,2019,28100,commercial\nChina,2024,31800,commercial\n",
    )
    .unwrap();
    let (people, rates) = (
        Population::area("China").unwrap(),
        AgeRates::area("China").unwrap(),
    );
    let own = |people: Population| {
        let mut options = OutlookOptions {
            draws: 500,
            ..OutlookOptions::default()
        };
        options
            .state_population(&figures, &[people], std::slice::from_ref(&rates), false)
            .unwrap();
        let outlook = Outlook::of(&figures, &options).unwrap();
        let region = &outlook.regions()[0];
        let of = |year: i32| {
            region
                .new_cases_summary()
                .iter()
                .find(|s| s.year == year)
                .unwrap()
                .median
        };
        (
            region.decomposition().unwrap().in_percent(),
            of(2040) / of(2024),
        )
    };
    let (parts, growth) = own(people.clone());
    let by_two = Decomposition::of_growth("China", 2024, 2040, growth)
        .unwrap()
        .in_percent();
    for (got, expected) in [
        (parts.population, by_two.population),
        (parts.ageing, by_two.ageing),
        (parts.rates, by_two.rates),
    ] {
        close("part", got, expected, 1e-9);
    }
}

/// Europe is the sum of its areas, and one country of an area is no sum.
#[test]
fn several_areas_of_one_region_are_added_up() {
    let areas = ["Western Europe", "Eastern Europe"];
    let mut options = OutlookOptions::default();
    options
        .state_areas(&areas.map(|area| ("Europe", area)))
        .unwrap();
    let [west, east] = areas.map(|area| ExpectedCases::area(area).unwrap());
    let sum = |year: i32| west.year(year).unwrap() + east.year(year).unwrap();
    close(
        "cases",
        options.population["Europe"].year(2040).unwrap(),
        sum(2040),
        1e-12,
    );
    // 1/Σ(W²/m) for shares W of the cases of all years and members m.
    let all = |of: &ExpectedCases| of.by_year().values().sum::<f64>();
    let (w, e) = (all(&west), all(&east));
    let members =
        (w + e).powi(2) / (w * w / west.effective_members() + e * e / east.effective_members());
    close("members", options.members["Europe"], members, 1e-12);
    options
        .state_areas(&[
            ("England", "Northern Europe"),
            ("Western Europe", "Western Europe"),
        ])
        .unwrap();
    assert!(!options.members.contains_key("England") && options.members["Western Europe"] > 2.0);
    // One country of an area is one member, whatever it was before.
    options
        .state_areas(&[("Europe", "Western Europe")])
        .unwrap();
    assert!(!options.members.contains_key("Europe"));
    let twice = options
        .state_areas(&[("A", "China"), ("A", "China")])
        .unwrap_err()
        .to_string();
    assert!(twice.contains("China"), "{twice}");
    let whole = options
        .state_areas(&[("A", "World"), ("A", "China")])
        .unwrap_err()
        .to_string();
    assert!(whole.contains("counted twice"), "{whole}");
    let unknown = options
        .state_areas(&[("A", "Atlantis")])
        .unwrap_err()
        .to_string();
    assert!(unknown.contains("Western Europe"), "{unknown}");
}

#[test]
fn a_region_without_people_is_named() {
    let text = "region,year,cases,status\nA,2020,14,registered\nB,2020,70,registered\n";
    let figures = Figures::from_csv("x", text).unwrap();
    let mut options = OutlookOptions {
        to: 2020,
        ..OutlookOptions::default()
    };
    let remarks = options
        .state_population(&figures, &people(ALL), &rates(OF_ALL), false)
        .unwrap();
    assert!(
        remarks.len() == 1 && remarks[0].contains('B') && remarks[0].contains("counts"),
        "{remarks:?}"
    );
    let misspelt = people(&(ALL.to_owned() + &ALL.replace('A', "Bb")));
    let error = options
        .state_population(&figures, &misspelt, &rates(OF_ALL), false)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("no people of B,") && error.contains("people of Bb,"),
        "{error}"
    );
    // Regions that have people already: a table of none of them is refused, and who is not in it is told.
    options
        .state_areas(&[("A", "China"), ("B", "World")])
        .unwrap();
    let remarks = options
        .state_population(&figures, &people(ALL), &rates(OF_ALL), false)
        .unwrap();
    assert!(
        remarks.len() == 1 && remarks[0].contains("B is not in the populations"),
        "{remarks:?}"
    );
    let of_others = people(&ALL.replace('A', "Bb"));
    let error = options
        .state_population(&figures, &of_others, &rates(OF_ALL), false)
        .unwrap_err()
        .to_string();
    assert!(error.contains("no people of A, B,"), "{error}");
}

/// Figures of a tenth of the cases expected, or ten times as many, are told; those of half or twice as many are not.
#[test]
fn figures_far_from_the_cases_expected_are_told() {
    let expected = ExpectedCases::area("China").unwrap().year(2019).unwrap();
    for (times, told) in [(0.1, true), (0.5, false), (2.0, false), (10.0, true)] {
        let cases = times * expected;
        let text = format!("region,year,cases,status\nChina,2019,{cases},estimate\n");
        let figures = Figures::from_csv("x", &text).unwrap();
        let people = [Population::area("China").unwrap()];
        let mut options = OutlookOptions::default();
        let remarks = options.state_population(&figures, &people, &[], false);
        let said = format!("the figure of China 2019 is {times:.2} times the cases expected");
        let remarks = remarks.unwrap();
        assert_eq!(
            remarks.iter().any(|remark| remark.contains(&said)),
            told,
            "{remarks:?}"
        );
    }
}
