//! The shipped tables against an implementation that shares no code with the crate, `tests/data/demography.py`, and
//! against what others publish.

use std::sync::LazyLock;

use myeloma_epi::demography::{
    AgeGroups, AgeRates, Decomposition, ExpectedCases, Population, PopulationWithRates, Sex,
    StandardPopulation, age_standardised_rate, crude_rate,
};
use myeloma_epi::figures::Status;
use serde_json::Value;

use super::{ages, close, people, rates};

static REFERENCE: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("../data/demography.json")).unwrap());

fn numbers(value: &Value) -> Vec<f64> {
    let all = value.as_array().unwrap();
    all.iter().map(|x| x.as_f64().unwrap()).collect()
}

fn year(value: &Value) -> i32 {
    i32::try_from(value.as_i64().unwrap()).unwrap()
}

fn pooled() -> AgeRates {
    let areas = AgeRates::areas().into_iter().map(AgeRates::area);
    AgeRates::pooled("World", &areas.collect::<Result<Vec<_>, _>>().unwrap()).unwrap()
}

#[test]
fn expected_cases_are_those_of_an_independent_sum() {
    let areas = REFERENCE["expected"].as_object().unwrap();
    assert_eq!(areas.len(), 24);
    for (area, by_year) in areas {
        let expected = ExpectedCases::area(area).unwrap();
        assert_eq!(expected.years().len(), 51);
        let by_year = by_year.as_object().unwrap();
        assert_eq!(by_year.len(), 8);
        for (year, cases) in by_year {
            let got = expected.year(year.parse().unwrap()).unwrap();
            close(
                &format!("{area} {year}"),
                got,
                cases.as_f64().unwrap(),
                1e-12,
            );
        }
    }
}

/// Sums over 23 areas against sums over 185 countries, each with its own age curve and World Population Prospects 2022.
#[test]
fn sums_over_areas_are_those_over_countries() {
    let world = ExpectedCases::area("World").unwrap();
    for (year, tolerance) in [("2024", 0.005), ("2030", 0.005), ("2040", 0.015)] {
        let countries = REFERENCE["countries"][year].as_f64().unwrap();
        close(
            year,
            world.year(year.parse().unwrap()).unwrap(),
            countries,
            tolerance,
        );
    }
    // The shipped sum over countries is that of GLOBOCAN 2022 in its year, 187,952 with the countries' rounding.
    close("2022", world.year(2022).unwrap(), 187_952.0, 0.005);
}

/// Rates of all people together on people of all areas: the gap that summing by area avoids.
#[test]
fn pooling_overstates_the_world() {
    let population = Population::area("World").unwrap();
    let together = ExpectedCases::of(&population, &pooled()).unwrap();
    let expected = REFERENCE["pooled_2040"].as_f64().unwrap();
    close("pooled", together.year(2040).unwrap(), expected, 1e-9);
    let by_area = ExpectedCases::area("World").unwrap().year(2040).unwrap();
    assert!(together.year(2040).unwrap() / by_area > 1.07);
    // 56 and 72 %: +71 % by 2045 is published (METHODS.md).
    let by_area = ExpectedCases::area("World").unwrap();
    let grown = numbers(&REFERENCE["grown_to_2045"]);
    for ((of, grown), percent) in [&by_area, &together]
        .into_iter()
        .zip(grown)
        .zip([56.0, 72.0])
    {
        let growth = of.year(2045).unwrap() / of.year(2022).unwrap();
        close("grown", growth, grown, 1e-9);
        assert!((100.0 * (growth - 1.0) - percent).abs() < 0.5, "{growth}");
    }
}

#[test]
fn effective_countries() {
    for (area, members) in REFERENCE["members"].as_object().unwrap() {
        let got = ExpectedCases::area(area).unwrap().effective_members();
        close(area, got, members.as_f64().unwrap(), 1e-12);
    }
}

/// All six orders of changing number, structure and rates, one after the other.
#[test]
fn decompositions_are_means_over_all_orders() {
    for case in REFERENCE["decompositions"].as_array().unwrap() {
        let (area, factor) = (
            case["area"].as_str().unwrap(),
            case["factor"].as_f64().unwrap(),
        );
        let (from, to) = (year(&case["from"]), year(&case["to"]));
        let cases = ExpectedCases::area(area).unwrap();
        let growth = factor * cases.year(to).unwrap() / cases.year(from).unwrap();
        let got = Decomposition::of_growth(area, from, to, growth).unwrap();
        let parts = numbers(&case["parts"]);
        let before = got.before;
        for (name, got, expected) in [
            ("population", got.parts.population, parts[0]),
            ("ageing", got.parts.ageing, parts[1]),
            ("rates", got.parts.rates, parts[2]),
        ] {
            assert!(
                (got - expected).abs() < 1e-10 * before,
                "{area} {name}: {got}, expected {expected}"
            );
        }
        close("sum", got.parts.sum(), got.after - got.before, 1e-12);
    }
}

/// Two age groups by hand: 100 people, half of them old, at 1 and 3 %, become 200, three quarters old, at 2 and 9 %.
#[test]
fn a_decomposition_by_hand() {
    let labels = ["0-64", "65+"];
    let population = people(&labels, &[2000, 2010], &[&[50.0, 50.0], &[50.0, 150.0]]);
    let (before, after) = (rates(&labels, &[0.01, 0.03]), rates(&labels, &[0.02, 0.09]));
    let change = Decomposition::between((&population, 2000, &before), (&population, 2010, &after));
    let change = change.unwrap();
    // S00 = .020, S01 = .055, S10 = .025, S11 = .0725; N from 100 to 200.
    // population 100·(.0925/3 + .08/6), ageing (.5 + 3.5)/3 + (1.75 + 1)/6, rates (3.5 + 9.5)/3 + (4.75 + 7)/6.
    close("before", change.before, 2.0, 1e-14);
    close("after", change.after, 14.5, 1e-14);
    close("population", change.parts.population, 53.0 / 12.0, 1e-13);
    close("ageing", change.parts.ageing, 21.5 / 12.0, 1e-13);
    close("rates", change.parts.rates, 75.5 / 12.0, 1e-13);
    close("per cent", change.in_percent().sum(), 625.0, 1e-13);
}

#[test]
fn age_standardised_rates() {
    let standards = [
        StandardPopulation::segi(),
        StandardPopulation::who_2000_2025(),
        StandardPopulation::european_2013(),
        StandardPopulation::gbd_2019(),
    ];
    for standard in standards {
        for (area, rate) in REFERENCE["standardised"][standard.name()]
            .as_object()
            .unwrap()
        {
            let rates = if area == "World" {
                pooled()
            } else {
                AgeRates::area(area).unwrap()
            };
            let got = age_standardised_rate(&rates, &standard).unwrap();
            close(area, got.per_100_000(), rate.as_f64().unwrap(), 1e-12);
            // Modelled rates were not counted.
            assert_eq!(got.variance(), None);
            assert!(
                got.interval(0.95)
                    .unwrap_err()
                    .to_string()
                    .contains("modelled")
            );
        }
    }
    // GLOBOCAN 2022 gives 1.8 for both sexes, https://gco.iarc.who.int/today.
    let segi = age_standardised_rate(&pooled(), &StandardPopulation::segi()).unwrap();
    assert!((segi.per_100_000() - 1.79).abs() < 0.01);
}

/// Down's syndrome by maternal age in Michigan, fifth and later births (Stark & Mantell 1966; Fleiss 1981, table 14.4): the
/// example of Fay & Feuer (1997). Rate and interval are those that the R package dsrTest 1.0.0 prints in its vignette.
#[test]
fn the_interval_of_fay_and_feuer() {
    let labels = ["15-19", "20-24", "25-29", "30-34", "35-39", "40-49"];
    let births = [327.0, 30_666.0, 123_419.0, 149_919.0, 104_088.0, 34_392.0];
    let cases = [0.0, 8.0, 63.0, 112.0, 262.0, 295.0];
    let all_births = [
        319_933.0, 931_318.0, 786_511.0, 488_235.0, 237_863.0, 61_313.0,
    ];
    let rates =
        AgeRates::from_counts("Michigan", Sex::Both, ages(&labels), &cases, &births).unwrap();
    let standard = StandardPopulation::new("births", ages(&labels), all_births.to_vec()).unwrap();
    let rate = age_standardised_rate(&rates, &standard).unwrap();
    assert!((rate.per_100_000() - 75.529_01).abs() < 5e-6);
    let (lower, upper) = rate.interval(0.95).unwrap();
    assert!((lower * 1e5 - 67.702_12).abs() < 5e-6, "{lower}");
    assert!((upper * 1e5 - 188.300_17).abs() < 5e-6, "{upper}");
}

/// From no case at all to those of a hundred worlds, against gamma quantiles of `SciPy`.
#[test]
fn intervals_of_any_number_of_cases() {
    let cases = REFERENCE["intervals"].as_array().unwrap();
    assert_eq!(cases.len(), 18);
    let groups = AgeRates::area("China").unwrap().ages().clone();
    for case in cases {
        let (counts, years) = (numbers(&case["counts"]), numbers(&case["person_years"]));
        let rates = AgeRates::from_counts("x", Sex::Both, groups.clone(), &counts, &years).unwrap();
        let rate = age_standardised_rate(&rates, &StandardPopulation::segi()).unwrap();
        let (lower, upper) = rate.interval(case["level"].as_f64().unwrap()).unwrap();
        let expected = numbers(&case["expected"]);
        close("rate", rate.per_person_year(), expected[0], 1e-11);
        close("variance", rate.variance().unwrap(), expected[1], 1e-11);
        close("lower", lower, expected[2], 1e-8);
        close("upper", upper, expected[3], 1e-8);
    }
}

/// Of 0.0045 cases, as a rate times person-years may be: the lower end is below every number (`scipy.stats.gamma(0.0045).ppf(0.025)`
/// is 0), the upper one `gamma(1.0045).ppf(0.975)`.
#[test]
fn a_part_of_a_case_has_an_interval() {
    let rates = AgeRates::from_counts("x", Sex::Both, ages(&["0+"]), &[0.0045], &[1.0]).unwrap();
    let (lower, upper) = crude_rate(&rates).unwrap().interval(0.95).unwrap();
    assert!(
        lower == 0.0 && (upper - 3.698_338_082_990_433_8).abs() < 1e-9,
        "{lower} {upper}"
    );
}

/// Garwood's interval of a Poisson count of 10, in tables: 4.795 to 18.390.
#[test]
fn the_interval_of_a_crude_rate_is_that_of_a_poisson_count() {
    let counts = [4.0, 6.0];
    let years = [600.0, 400.0];
    let rates = AgeRates::from_counts("x", Sex::Both, ages(&["0-64", "65+"]), &counts, &years);
    let (lower, upper) = crude_rate(&rates.unwrap()).unwrap().interval(0.95).unwrap();
    assert!((lower * 1e3 - 4.795).abs() < 5e-4 && (upper * 1e3 - 18.390).abs() < 5e-4);
}

#[test]
fn populations_carried_forward() {
    for case in REFERENCE["carried"].as_array().unwrap() {
        let area = case["area"].as_str().unwrap();
        let (first, second, to) = (
            year(&case["first"]),
            year(&case["second"]),
            year(&case["to"]),
        );
        let shipped = Population::area(area).unwrap();
        let row = |year| shipped.by_age(year).unwrap().to_vec();
        let persons =
            ndarray::arr2(&[row(first), row(second)].map(|r| <[f64; 18]>::try_from(r).unwrap()));
        let tables = Population::new(
            area,
            Sex::Both,
            shipped.ages().clone(),
            vec![first, second],
            persons,
        );
        let later = tables.unwrap().carried_forward(to).unwrap();
        let expected = numbers(&case["persons"]);
        for (got, expected) in later.by_age(to).unwrap().iter().zip(expected) {
            close(area, *got, expected, 1e-12);
        }
    }
}

/// Of several earlier tables the latest counts: as many in each cohort as five years before, and so as many five years on, though
/// ten years before there were fewer.
#[test]
fn a_population_is_carried_forward_from_its_latest_tables() {
    let labels: Vec<String> = (0..10)
        .map(|i| format!("{}-{}", 5 * i, 5 * i + 4))
        .collect();
    let labels: Vec<&str> = labels.iter().map(String::as_str).chain(["50+"]).collect();
    let row = |closed: f64, open: f64| [vec![closed; 10], vec![open]].concat();
    let rows = [row(80.0, 150.0), row(100.0, 200.0), row(100.0, 300.0)];
    let rows: Vec<&[f64]> = rows.iter().map(Vec::as_slice).collect();
    let tables = people(&labels, &[2015, 2020, 2025], &rows);
    let later = tables.carried_forward(2030).unwrap();
    // The open group gains those aged 45 to 49: 100 + 300.
    for (got, expected) in later.by_age(2030).unwrap().iter().zip(row(100.0, 400.0)) {
        close("persons", *got, expected, 1e-12);
    }
}

/// Rates of counted and of modelled cases together are modelled, and have no counting error; of two years, they are of none.
#[test]
fn what_is_said_of_parts_is_said_of_rates_that_are_pooled() {
    let of = |status, year| {
        let groups = AgeGroups::from_labels(&["0-64", "65+"]).unwrap();
        AgeRates::from_counts("A", Sex::Both, groups, &[20.0, 60.0], &[8e5, 2e5])
            .unwrap()
            .with_status(status)
            .with_year(year)
    };
    let (counted, modelled) = (Status::Registered, Status::Estimate);
    for (parts, status, year, variance) in [
        // 160 cases of two million: the variance of the rate is 160/2e6².
        (
            [of(counted, 2020), of(counted, 2020)],
            counted,
            Some(2020),
            Some(4e-11),
        ),
        (
            [of(counted, 2020), of(modelled, 2020)],
            modelled,
            Some(2020),
            None,
        ),
        (
            [of(modelled, 2020), of(counted, 2021)],
            modelled,
            None,
            None,
        ),
    ] {
        let pooled = AgeRates::pooled("A and B", &parts).unwrap();
        assert_eq!((pooled.status(), pooled.year()), (Some(status), year));
        let found = crude_rate(&pooled).unwrap().variance();
        assert_eq!(found.is_some(), variance.is_some());
        if let Some((found, expected)) = found.zip(variance) {
            close("variance", found, expected, 1e-12);
        }
    }
}

/// What a population carried forward misses of the projection of the United Nations, by area, and what its note says of that.
#[test]
fn populations_carried_forward_against_the_projection() {
    let areas = REFERENCE["carried_against_projection"].as_object().unwrap();
    assert_eq!(areas.len(), 23);
    let mut missed: Vec<f64> = (areas.values())
        .map(|of| 100.0 * of["2040"].as_f64().unwrap())
        .collect();
    missed.sort_by(f64::total_cmp);
    let china = Population::area("China").unwrap();
    let rates = AgeRates::area("China").unwrap();
    let carried = PopulationWithRates::of_region("China", &[china], &[rates]).unwrap();
    let carried = carried.carried_forward(2060).unwrap();
    let said = format!(
        "{:.0} % fewer to {:.1} % more cases in 2040 than the UN's projection, in the median {:.0} % fewer",
        -missed[0], missed[22], -missed[11]
    );
    assert!(
        carried.notes()[0].contains(&said),
        "{said}: {:?}",
        carried.notes()
    );
    for (area, by_year) in areas {
        let shipped = Population::area(area).unwrap();
        let row = |year| <[f64; 18]>::try_from(shipped.by_age(year).unwrap().to_vec()).unwrap();
        let persons = ndarray::arr2(&[row(2015), row(2020)]);
        let ages = shipped.ages().clone();
        let tables =
            Population::new(area.as_str(), Sex::Both, ages, vec![2015, 2020], persons).unwrap();
        let rates = AgeRates::area(area).unwrap();
        let carried = ExpectedCases::of(&tables.carried_forward(2040).unwrap(), &rates).unwrap();
        let projected = ExpectedCases::area(area).unwrap();
        for (year, difference) in by_year.as_object().unwrap() {
            let year = year.parse().unwrap();
            let got = carried.year(year).unwrap() / projected.year(year).unwrap();
            close(area, got, 1.0 + difference.as_f64().unwrap(), 1e-12);
        }
    }
}
