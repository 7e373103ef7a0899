//! What cannot be is refused, with area, age and year.

use myeloma_epi::demography::{
    AgeGroups, AgeRates, Decomposition, ExpectedCases, Population, PopulationWithRates, Sex,
    StandardPopulation, age_standardised_rate, crude_rate,
};
use ndarray::array;

use super::{ages, people, rates};

/// The error says all of these.
#[track_caller]
fn says<T: std::fmt::Debug>(result: myeloma_epi::Result<T>, words: &[&str]) {
    let message = result.expect_err("it was accepted").to_string();
    for word in words {
        assert!(message.contains(word), "\"{word}\" is not in: {message}");
    }
}

const HEADER: &str = "area,year,age,population\n";

fn populations(rows: &str) -> myeloma_epi::Result<Vec<Population>> {
    Population::from_csv("mine.csv", &format!("{HEADER}{rows}"))
}

fn of_rates(rows: &str) -> myeloma_epi::Result<Vec<AgeRates>> {
    AgeRates::from_csv("mine.csv", &format!("area,age,cases,population\n{rows}"))
}

#[test]
fn ages_that_overlap_or_leave_a_gap() {
    let rows = "Atlantis,2020,0-64,5\nAtlantis,2020,60+,5\n";
    says(
        populations(rows),
        &["Atlantis", "2020", "0-64", "60+", "overlap", "mine.csv"],
    );
    let rows = "Atlantis,2020,0-64,5\nAtlantis,2020,70+,5\n";
    says(
        populations(rows),
        &["Atlantis", "2020", "0-64", "70+", "gap"],
    );
    let rows = "Atlantis,2020,65+,5\nAtlantis,2020,0-64,5\nAtlantis,2020,65+,5\n";
    says(populations(rows), &["Atlantis", "2020", "65+", "overlap"]);
    says(
        of_rates("Atlantis,0-64,1,5\nAtlantis,70+,1,5\n"),
        &["Atlantis", "0-64", "70+", "gap"],
    );
    says(
        AgeGroups::from_labels(&["65+", "0-64"]),
        &["65+", "0-64", "overlap"],
    );
    says(AgeGroups::from_labels(&["9-5"]), &["9-5"]);
    says(AgeGroups::from_labels(&["200+"]), &["200+", "150"]);
    says(AgeGroups::from_labels(&[""; 0]), &["no age group"]);
    for label in [
        "all", "", "5-", "-5", "+", "85 plus", "May-09", "1e1", "-5+",
    ] {
        says(AgeGroups::from_labels(&[label]), &["age group", "85+"]);
    }
}

#[test]
fn a_label_that_is_none_is_named_with_its_line() {
    let rows = "Atlantis,2020,0-4,5\nAtlantis,2020,05-Sep,5\n";
    says(populations(rows), &["line 3", "column age", "05-Sep"]);
    says(
        populations("Atlantis,2020,total,5\n"),
        &["line 2", "total", "all ages"],
    );
}

#[test]
fn populations_that_are_missing_zero_or_negative() {
    for bad in ["0", "-3", "NaN", "inf"] {
        let rows = format!("Atlantis,2020,0-64,5\nAtlantis,2020,65+,{bad}\n");
        says(
            populations(&rows),
            &["line 3", "population", "Atlantis", "65+", "2020", "above 0"],
        );
    }
    let rows = "Atlantis,2020,0-64,5\nAtlantis,2020,65+,5\nAtlantis,2021,0-64,5\n";
    says(populations(rows), &["Atlantis", "65+", "2021"]);
    // The first year may be the one that lacks a group.
    let rows = "Atlantis,2020,65+,5\nAtlantis,2021,0-64,5\nAtlantis,2021,65+,5\n";
    says(populations(rows), &["Atlantis", "0-64", "2020", "mine.csv"]);
    let rows = "Atlantis,2020,0-64,5\nAtlantis,2020,65+,\n";
    says(populations(rows), &["line 3", "population", "empty"]);
    let negative = Population::new(
        "Atlantis",
        Sex::Both,
        ages(&["0-64", "65+"]),
        vec![2020],
        array![[5.0, -1.0]],
    );
    says(negative, &["65+", "Atlantis 2020", "-1"]);
    // A gap between years is allowed, and asked for it is an error.
    let gap = people(&["0-64", "65+"], &[2020, 2022], &[&[5.0, 5.0], &[5.0, 5.0]]);
    says(gap.by_age(2021), &["Atlantis", "2021", "2020, 2022"]);
    let cases = ExpectedCases::of(&gap, &rates(&["0-64", "65+"], &[0.1, 0.1])).unwrap();
    says(cases.year(2021), &["Atlantis", "2021", "2020, 2022"]);
    // Of many years the runs are named.
    let years = [2018, 2020, 2021, 2022, 2024];
    let gaps = people(&["0-64", "65+"], &years, &[[5.0, 5.0].as_slice(); 5]);
    says(
        gaps.by_age(2023),
        &["2023", "one of 2018, 2020 to 2022, 2024"],
    );
}

#[test]
fn years_outside_the_population() {
    says(
        Population::area("China").unwrap().total(2051),
        &["China", "2051", "2000 to 2050"],
    );
    says(
        ExpectedCases::area("China").unwrap().year(1999),
        &["China", "1999", "2000 to 2050"],
    );
    says(
        Decomposition::area("World", 2024, 2060),
        &["2060", "2000 to 2050"],
    );
    let years = vec![2025, 2020];
    let two = array![[1.0, 1.0], [1.0, 1.0]];
    let population = Population::new("Atlantis", Sex::Both, ages(&["0-64", "65+"]), years, two);
    says(population, &["2020", "2025", "Atlantis"]);
}

#[test]
fn an_area_that_is_unknown() {
    for error in [
        Population::area("Chnia").map(drop),
        AgeRates::area("Chnia").map(drop),
        ExpectedCases::area("Chnia").map(drop),
        Decomposition::area("Chnia", 2024, 2040).map(drop),
    ] {
        says(error, &["Chnia", "China", "Western Europe", "Polynesia"]);
    }
    // People without rates.
    assert!(Population::area("Hong Kong").is_ok());
    says(
        ExpectedCases::area("Hong Kong"),
        &["Hong Kong", "rates", "China"],
    );
    says(AgeRates::area("World"), &["World", "sum of its areas"]);
}

#[test]
fn populations_and_rates_that_do_not_belong_together() {
    let all_ages = rates(&["0-64", "65-74", "75+"], &[0.0, 0.1, 0.2]);
    let to_74 = people(&["0-64", "65-74"], &[2020], &[&[5.0, 5.0]]);
    says(
        ExpectedCases::of(&to_74, &all_ages),
        &["Atlantis", "2020", "65-74", "75+"],
    );
    let adults = people(&["20-64", "65-74", "75+"], &[2020], &[&[5.0, 5.0, 5.0]]);
    says(
        ExpectedCases::of(&adults, &all_ages),
        &["Atlantis", "2020", "20-64", "0-64"],
    );
    let coarse = people(&["0-64", "65+"], &[2020], &[&[5.0, 5.0]]);
    says(
        ExpectedCases::of(&coarse, &all_ages),
        &["Atlantis", "2020", "65+", "75"],
    );
    says(
        coarse.regrouped(all_ages.ages()),
        &["Atlantis", "2020", "65+", "75"],
    );
    let women = AgeRates::new("Atlantis", Sex::Female, ages(&["0-64", "65+"]), &[0.1, 0.1]);
    says(
        ExpectedCases::of(&coarse, &women.unwrap()),
        &["Atlantis", "both", "female"],
    );
    let nobody = rates(&["0-64", "65+"], &[0.0, 0.0]);
    says(
        ExpectedCases::of(&coarse, &nobody),
        &["expected cases", "Atlantis 2020", "above 0"],
    );
    says(
        nobody.regrouped(&ages(&["0+"])),
        &["Atlantis", "person-years"],
    );
    says(crude_rate(&nobody), &["Atlantis", "person-years"]);
    let standard =
        StandardPopulation::new("three", ages(&["0-69", "70+"]), vec![1.0, 1.0]).unwrap();
    says(
        age_standardised_rate(&nobody, &standard),
        &["three", "0-69", "65"],
    );
}

#[test]
fn rates_that_cannot_be() {
    says(
        of_rates("Atlantis,0+,7,5\n"),
        &["line 2", "cases", "Atlantis", "0+"],
    );
    says(of_rates("Atlantis,0+,-1,5\n"), &["line 2", "cases", "-1"]);
    says(
        of_rates("Atlantis,0+,1,0\n"),
        &["line 2", "population", "0"],
    );
    says(
        of_rates("Atlantis,0+,1,\n"),
        &["line 2", "rate_per_100000", "cases and population"],
    );
    let text = "area,age,rate_per_100000\nAtlantis,0+,100001\n";
    says(
        AgeRates::from_csv("mine", text),
        &["line 2", "rate_per_100000", "Atlantis"],
    );
    let text = "area,age,rate_per_100000,population\nAtlantis,0-64,1,5\nAtlantis,65+,1,\n";
    says(
        AgeRates::from_csv("mine", text),
        &["Atlantis", "65+", "population"],
    );
    let text = "area,age,rate\nAtlantis,0+,1\n";
    says(
        AgeRates::from_csv("mine", text),
        &["rate", "rate_per_100000"],
    );
    let text = "area,age,sex,rate_per_100000\nAtlantis,0+,women,1\n";
    says(
        AgeRates::from_csv("mine", text),
        &["line 2", "women", "female"],
    );
    let wrong = AgeRates::new("Atlantis", Sex::Both, ages(&["0+"]), &[f64::NAN]);
    says(wrong, &["Atlantis", "0+", "NaN"]);
    says(
        rates(&["0+"], &[0.6]).scaled(2.0),
        &["Atlantis", "0+", "1.2"],
    );
    says(rates(&["0+"], &[0.6]).scaled(-1.0), &["-0.6"]);
}

#[test]
fn sums_of_what_differs() {
    let one = people(&["0-64", "65+"], &[2020], &[&[5.0, 5.0]]);
    let other_year = people(&["0-64", "65+"], &[2021], &[&[5.0, 5.0]]);
    let other_ages = people(&["0-69", "70+"], &[2020], &[&[5.0, 5.0]]);
    says(
        Population::sum("x", &[one.clone(), other_year.clone()]),
        &["2020", "2021"],
    );
    says(
        Population::sum("x", &[one.clone(), other_ages]),
        &["65+", "70+"],
    );
    says(Population::sum("x", &[]), &["x"]);
    let of =
        |population| ExpectedCases::of(population, &rates(&["0-64", "65+"], &[0.1, 0.1])).unwrap();
    says(
        ExpectedCases::sum("x", &[of(&one), of(&other_year)]),
        &["2021", "Atlantis"],
    );
    // A year that only one of them has, whichever stands first.
    let both_years = people(&["0-64", "65+"], &[2020, 2021], &[&[5.0, 5.0], &[5.0, 5.0]]);
    for parts in [[&one, &both_years], [&both_years, &one]] {
        says(ExpectedCases::sum("x", &parts.map(of)), &["2021", "x"]);
    }
    let change = |to| Decomposition::area("China", 2024, to).unwrap();
    says(
        Decomposition::sum("x", &[change(2040), change(2035)]),
        &["2024 to 2040", "2024 to 2035"],
    );
    let rates = rates(&["0-64", "65+"], &[0.1, 0.1]);
    says(AgeRates::pooled("x", &[rates]), &["person-years"]);
}

/// Women in one year and men in another are no change of one population, each at rates of their own as well.
#[test]
fn a_change_is_of_one_sex() {
    let of = |sex| {
        let (people, rates) = (array![[800.0, 200.0], [790.0, 240.0]], &[1e-5, 1e-3]);
        let groups = || ages(&["0-64", "65+"]);
        (
            Population::new("Atlantis", sex, groups(), vec![2020, 2025], people).unwrap(),
            AgeRates::new("Atlantis", sex, groups(), rates).unwrap(),
        )
    };
    let (women, men) = (of(Sex::Female), of(Sex::Male));
    says(
        Decomposition::between((&women.0, 2020, &women.1), (&men.0, 2025, &men.1)),
        &["female", "male", "2020", "2025"],
    );
}

#[test]
fn populations_that_cannot_be_carried_forward() {
    let wide = people(
        &["0-19", "20-39", "40+"],
        &[2015, 2025],
        &[&[1.0; 3], &[1.0; 3]],
    );
    says(
        wide.carried_forward(2045),
        &["Atlantis", "20 years wide", "5 or 10 years"],
    );
    let labels = ["0-14", "15-29", "30-44", "45+"];
    let row: &[f64] = &[4.0, 4.0, 4.0, 4.0];
    let fine = people(&labels, &[2010, 2025], &[row, row]);
    assert!(fine.carried_forward(2070).is_ok());
    says(fine.carried_forward(2025), &["Atlantis", "2025"]);
    says(fine.carried_forward(2030), &["Atlantis", "2030", "2040"]);
    says(fine.carried_forward(2126), &["Atlantis", "2126", "100"]);
    says(
        people(&labels, &[2015, 2025], &[row, row]).carried_forward(2040),
        &["Atlantis", "15", "2015, 2025"],
    );
    // Four widths, and further apart than the youngest and their parents may be.
    let fives: Vec<String> = (0..10)
        .map(|i| format!("{}-{}", 5 * i, 5 * i + 4))
        .collect();
    let fives: Vec<&str> = fives.iter().map(String::as_str).chain(["50+"]).collect();
    says(
        people(&fives, &[2005, 2025], &[&[4.0; 11], &[4.0; 11]]).carried_forward(2045),
        &["Atlantis", "at most 15 years", "2005, 2025"],
    );
    says(
        people(&labels, &[2025], &[row]).carried_forward(2040),
        &["Atlantis", "two tables"],
    );
    let unequal = people(
        &["0-4", "5-14", "15+"],
        &[2010, 2020],
        &[&[1.0; 3], &[1.0; 3]],
    );
    says(
        unequal.carried_forward(2040),
        &["Atlantis", "one width", "5-14"],
    );
    let adults = people(
        &["15-29", "30-44", "45+"],
        &[2010, 2025],
        &[&[1.0; 3], &[1.0; 3]],
    );
    says(adults.carried_forward(2040), &["Atlantis", "begin at 0"]);
    let no_parents = people(&["0-14", "15+"], &[2010, 2025], &[&[1.0; 2], &[1.0; 2]]);
    says(
        no_parents.carried_forward(2040),
        &["Atlantis", "15 to 49", "0-14"],
    );
}

/// One year, or all later ones, in thousands; and women and men who are not those of both sexes.
#[test]
fn people_in_another_unit_are_refused() {
    let of = |rows: &str| {
        Population::from_csv("p.csv", &format!("area,year,sex,age,population\n{rows}"))
    };
    let with_rates = |people: &[Population]| {
        let rates = AgeRates::from_csv("r", "area,year,age,rate_per_100000\nA,,0+,7\n").unwrap();
        PopulationWithRates::of_region("A", people, &rates)
    };
    let table = |year: i32, times: f64| format!("A,{year},both,0+,{}\n", 1_000_000.0 * times);
    for times in [[1.0, 1e-3, 1.0], [1.0, 1.0, 1e-3], [1e-3, 1.0, 1.0]] {
        let rows: String = (2020..)
            .zip(times)
            .map(|(year, times)| table(year, times))
            .collect();
        let people = of(&rows).unwrap();
        let error = with_rates(&people).unwrap_err().to_string();
        assert!(
            error.contains("population of A") && error.contains("thousands"),
            "{error}"
        );
    }
    // All people nine times as many in a year, and eight times in twenty.
    let people = |rows: [String; 2]| of(&rows.concat()).unwrap();
    assert!(with_rates(&people([table(2020, 1.0), table(2021, 9.0)])).is_err());
    assert!(with_rates(&people([table(2020, 1.0), table(2030, 1.4)])).is_ok());
    assert!(with_rates(&people([table(1960, 0.13), table(1980, 1.02)])).is_ok());
    // Groups of fewer than a hundred may change that much, and not all people.
    let few = |year: i32, persons: f64| {
        let group = |age: &str| format!("A,{year},both,{age},{persons}\n");
        group("0-64") + &group("65+")
    };
    let rows = few(2020, 60.0) + &few(2021, 0.06);
    let of_two = "area,year,age,rate_per_100000\nA,,0-64,2\nA,,65+,30\n";
    let of_two = AgeRates::from_csv("r", of_two).unwrap();
    let error = PopulationWithRates::of_region("A", &of(&rows).unwrap(), &of_two);
    says(error, &["the population of A is 120 in 2020", "thousands"]);
    // The old alone in thousands, which changes the total by a tenth.
    let by_age = |year: i32, old: f64| {
        let group = |age: &str, persons: f64| format!("A,{year},both,{age},{persons}\n");
        group("0-64", 900_000.0) + &group("65+", old)
    };
    let rates = "area,year,age,rate_per_100000\nA,,0-64,2\nA,,65+,30\n";
    let rates = AgeRates::from_csv("r", rates).unwrap();
    let rows = by_age(2020, 100_000.0) + &by_age(2021, 100.0);
    let error = PopulationWithRates::of_region("A", &of(&rows).unwrap(), &rates);
    let error = error.unwrap_err().to_string();
    assert!(
        error.contains("population of A aged 65+ is 100,000 in 2020 and 100 in 2021"),
        "{error}"
    );
    let sexes = |both: f64| {
        let rows = [("female", 510_000.0), ("male", 490_000.0), ("both", both)];
        let rows = rows.map(|(sex, persons)| format!("A,2020,{sex},0+,{persons}\n"));
        let people = of(&rows.concat()).unwrap();
        with_rates(&people)
    };
    assert!(sexes(1_000_300.0).is_ok());
    let error = sexes(3e6).unwrap_err().to_string();
    assert!(
        error.contains("510,000 women") && error.contains("which are right"),
        "{error}"
    );
}

/// People of both sexes in some years and of women and men in another are one table: by hand, 900·2 + 200·30 of 100,000 in 2025, in
/// which 300 + 600 are young and 90 + 110 old. What the rates leave out, and what cannot be added up, is an error.
#[test]
fn people_are_those_that_are_stated_whichever_sexes_they_are_of() {
    let row = |year: i32, sex: &str, young: f64, old: f64| {
        format!("A,{year},{sex},0-64,{young}\nA,{year},{sex},65+,{old}\n")
    };
    let people = |rows: &[String]| {
        let text = format!("area,year,sex,age,population\n{}", rows.concat());
        Population::from_csv("p", &text).unwrap()
    };
    let rates = |sexes: &[&str]| {
        let rows = sexes
            .iter()
            .map(|sex| format!("A,{sex},0-64,2\nA,{sex},65+,30\n"));
        let text = format!("area,sex,age,rate_per_100000\n{}", rows.collect::<String>());
        AgeRates::from_csv("r", &text).unwrap()
    };
    let both = [
        row(2015, "both", 800.0, 100.0),
        row(2020, "both", 810.0, 110.0),
    ];
    let by_sex = [
        row(2025, "female", 300.0, 90.0),
        row(2025, "male", 600.0, 110.0),
    ];
    let mixed = people(&[&both[..], &by_sex].concat());
    let of_both = PopulationWithRates::of_region("A", &mixed, &rates(&["both"])).unwrap();
    let expected = of_both
        .every_year(2020, 2025)
        .unwrap()
        .expected_cases()
        .unwrap();
    assert!(expected.years().eq(2015..=2025));
    let last = *expected.by_year().values().next_back().unwrap();
    assert!(
        (last - (900.0 * 2.0 + 200.0 * 30.0) / 1e5).abs() < 1e-12,
        "{last}"
    );

    let refused = |people: &[Population], sexes: &[&str], said: &[&str]| {
        let error = PopulationWithRates::of_region("A", people, &rates(sexes));
        let error = error.unwrap_err().to_string();
        assert!(said.iter().all(|said| error.contains(said)), "{error}");
    };
    let two = ["female", "male"];
    refused(
        &mixed,
        &two,
        &["by sex", "2015, 2020 are not", "rates of both sexes"],
    );
    let alone = people(&[&both[..], &by_sex[..1]].concat());
    refused(&alone, &["both"], &["2025 are of sex female alone"]);
    let women_alone = people(&[
        row(2025, "female", 300.0, 90.0),
        row(2025, "male", 600.0, 110.0),
        row(2030, "female", 310.0, 95.0),
    ]);
    let women_alone = PopulationWithRates::of_region("A", &women_alone, &rates(&two)).unwrap();
    let error = women_alone.carried_forward(2030).unwrap_err().to_string();
    assert!(error.contains("end in 2025 and 2030"), "{error}");
    let broad = "A,2025,female,0+,390\nA,2025,male,0+,710\n".to_owned();
    refused(
        &people(&[&both[..], &[broad]].concat()),
        &["both"],
        &["same age groups"],
    );
    // The women and men of a year in thousands.
    let thousands = [row(2025, "female", 0.3, 0.09), row(2025, "male", 0.6, 0.11)];
    let both = [row(2015, "both", 8e5, 1e5), row(2020, "both", 8.1e5, 1.1e5)];
    refused(
        &people(&[&both[..], &thousands].concat()),
        &["both"],
        &["Is one in thousands?"],
    );
    // Rates of both sexes beside those by sex are for the years in which the people are of both.
    let all = PopulationWithRates::of_region("A", &mixed, &rates(&["female", "male", "both"]));
    let all = all.unwrap().every_year(2020, 2025).unwrap();
    assert_eq!(all.expected_cases().unwrap().by_year(), expected.by_year());
}
