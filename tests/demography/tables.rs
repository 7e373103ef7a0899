//! Tables of users: read, written, regrouped, added up.

use myeloma_epi::demography::{
    AgeGroups, AgeRates, Decomposition, ExpectedCases, Population, Rate, Sex, StandardPopulation,
    age_standardised_rate,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{ages, close, people, rates};

#[test]
fn columns_stand_in_any_order_and_rows_too() {
    let text = "\u{feff}# people\r\nage,population,sex,area,year,source\r\n\
        65+,240,male,Atlantis,2025,census\r\n0-64,790,male,Atlantis,2025,census\r\n\
        0-64,800,male,Atlantis,2020,census\r\n65+,200,male,Atlantis,2020,census\r\n\
        0-64,810,female,Atlantis,2020,census\r\n65+,260,female,Atlantis,2020,census\r\n\
        65+,250,female,Atlantis,2025,census\r\n0-64,780,female,Atlantis,2025,census\r\n";
    let populations = Population::from_csv("mine", text).unwrap();
    let [men, women] = populations.as_slice() else {
        panic!("{populations:?}");
    };
    assert_eq!((men.sex(), women.sex()), (Sex::Male, Sex::Female));
    assert_eq!(
        (men.years(), men.source()),
        ([2020, 2025].as_slice(), "census")
    );
    assert_eq!(men.by_age(2025).unwrap().to_vec(), [790.0, 240.0]);
    let both = Population::both_sexes(women, men).unwrap();
    assert_eq!(both.sex(), Sex::Both);
    assert_eq!(both.by_age(2020).unwrap().to_vec(), [1_610.0, 460.0]);
    assert!(Population::both_sexes(men, women).is_err());
}

#[test]
fn rates_as_published_or_as_counts() {
    let text = "area,age,sex,year,cases,population,status\n\
        Atlantis,65+,female,2022,60,200000,registered\nAtlantis,0-64,female,2022,20,800000,registered\n";
    let counted = &AgeRates::from_csv("mine", text).unwrap()[0];
    close("rate", counted.per_100_000()[1], 30.0, 1e-14);
    assert_eq!((counted.sex(), counted.year()), (Sex::Female, Some(2022)));
    close("cases", counted.cases().unwrap()[1], 60.0, 1e-14);
    let text = "area,age,rate_per_100000\nAtlantis,0-64,2.5\nAtlantis,65+,30\n";
    let published = &AgeRates::from_csv("mine", text).unwrap()[0];
    close("rate", published.per_100_000()[1], 30.0, 1e-14);
    assert_eq!((published.cases(), published.sex()), (None, Sex::Both));
}

#[test]
fn groups_that_can_be_added_up_are_added_up_exactly() {
    let labels = ["0-39", "40-64", "65-84", "85+"];
    let fine = people(
        &labels,
        &[2020, 2025],
        &[&[10.0, 20.0, 30.0, 4.0], &[11.0, 21.0, 31.0, 5.0]],
    );
    let coarse = fine.regrouped(&ages(&["0-64", "65+"])).unwrap();
    assert_eq!(coarse.by_age(2025).unwrap().to_vec(), [32.0, 36.0]);
    // The population is added up to the groups of the rates.
    let cases = ExpectedCases::of(&fine, &rates(&["0-64", "65+"], &[0.01, 0.1])).unwrap();
    close("cases", cases.year(2020).unwrap(), 0.3 + 3.4, 1e-15);
    // Rates of coarser groups are those of all their people.
    let counted = AgeRates::from_counts(
        "Atlantis",
        Sex::Both,
        ages(&labels),
        &[0.0, 1.0, 6.0, 2.0],
        &[100.0, 100.0, 200.0, 50.0],
    );
    let coarser = counted.unwrap().regrouped(&ages(&["0-64", "65+"])).unwrap();
    close("young", coarser.per_person_year()[0], 1.0 / 200.0, 1e-15);
    close("old", coarser.per_person_year()[1], 8.0 / 250.0, 1e-15);
}

#[test]
fn labels_say_what_they_are() {
    for labels in [
        vec!["0-4", "5-9", "10+"],
        vec!["30-34", "35-74"],
        vec!["0", "1-4", "5", "6+"],
    ] {
        let groups = AgeGroups::from_labels(&labels).unwrap();
        assert_eq!(groups.labels(), labels);
        assert_eq!(groups.is_open(), labels.last().unwrap().ends_with('+'));
    }
    assert_eq!(
        AgeGroups::from_labels(&["00–04", "05 - 09"])
            .unwrap()
            .labels(),
        ["0-4", "5-9"]
    );
}

#[track_caller]
fn comes_back<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(value: &T) {
    let text = serde_json::to_string(value).unwrap();
    assert_eq!(&serde_json::from_str::<T>(&text).unwrap(), value);
    let unknown = text.replacen('{', "{\"unheard_of\": 1, ", 1);
    if unknown != text {
        assert!(serde_json::from_str::<T>(&unknown).is_err(), "{unknown}");
    }
}

#[test]
fn what_is_stored_comes_back() {
    comes_back(&Population::area("Micronesia").unwrap());
    comes_back(&AgeRates::area("China").unwrap());
    comes_back(&ExpectedCases::area("World").unwrap());
    comes_back(&Decomposition::area("World", 2019, 2040).unwrap());
    comes_back(&StandardPopulation::gbd_2019());
    comes_back(&ages(&["0-39", "40-74"]));
    let labels = ["0-64", "65+"];
    let counted =
        AgeRates::from_counts("x", Sex::Male, ages(&labels), &[1.0, 0.0], &[7.0, 3.0]).unwrap();
    comes_back(&counted);
    comes_back::<Rate>(&age_standardised_rate(&counted, &StandardPopulation::segi()).unwrap());
}

#[test]
fn what_was_edited_into_nonsense_is_refused() {
    let edited = |value: &dyn erased::Json, from: &str, to: &str| {
        let text = value.json();
        assert!(text.contains(from), "{text}");
        text.replacen(from, to, 1)
    };
    let population = people(&["0-64", "65+"], &[2020, 2025], &[&[8.0, 2.5], &[7.0, 3.5]]);
    for (from, to) in [
        ("2.5", "-2.5"),
        ("[2020,2025]", "[2025,2020]"),
        ("8.0,2.5", "8.0"),
        ("65+", "70+"),
    ] {
        let text = edited(&population, from, to);
        assert!(serde_json::from_str::<Population>(&text).is_err(), "{text}");
    }
    // As many numbers as there are, but not as many in each year.
    let rows: [&[f64]; 3] = [&[8.0, 2.5], &[7.0, 3.5], &[6.0, 4.5]];
    let three = people(&["0-64", "65+"], &[2020, 2025, 2030], &rows);
    let text = edited(&three, "[7.0,3.5],[6.0,", "[7.0],[3.5,6.0,");
    assert!(serde_json::from_str::<Population>(&text).is_err(), "{text}");
    let change = Decomposition::area("China", 2024, 2040).unwrap();
    let text = edited(&change, "\"rates\":0.0", "\"rates\":50.0");
    assert!(serde_json::from_str::<Decomposition>(&text).is_err());
    let cases = ExpectedCases::area("China").unwrap();
    let text = edited(
        &cases,
        "\"effective_members\":1.0",
        "\"effective_members\":0.5",
    );
    assert!(serde_json::from_str::<ExpectedCases>(&text).is_err());
    let rates = rates(&["0-64", "65+"], &[0.25, 0.5]);
    let text = edited(&rates, "0.25", "1.25");
    assert!(serde_json::from_str::<AgeRates>(&text).is_err());
}

/// Any value as JSON text.
mod erased {
    pub(super) trait Json {
        fn json(&self) -> String;
    }

    impl<T: serde::Serialize> Json for T {
        fn json(&self) -> String {
            serde_json::to_string(self).unwrap()
        }
    }
}
