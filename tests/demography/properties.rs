//! What holds for any people and rates.

use myeloma_epi::demography::{
    AgeGroups, AgeRates, Decomposition, ExpectedCases, Population, Sex, StandardPopulation,
    age_standardised_rate, crude_rate,
};
use ndarray::Array2;
use proptest::prelude::*;

use super::close;

/// So many groups of ten years.
fn groups(count: usize) -> AgeGroups {
    let first_ages: Vec<u32> = (0..).step_by(10).take(count).collect();
    AgeGroups::new(&first_ages, None).unwrap()
}

fn population(persons: &[Vec<f64>]) -> Population {
    let groups = groups(persons[0].len());
    let years = (2000..).step_by(10).take(persons.len()).collect();
    let all = Array2::from_shape_vec((persons.len(), groups.count()), persons.concat()).unwrap();
    Population::new("Atlantis", Sex::Both, groups, years, all).unwrap()
}

fn rates(per_person_year: &[f64]) -> AgeRates {
    AgeRates::new(
        "Atlantis",
        Sex::Both,
        groups(per_person_year.len()),
        per_person_year,
    )
    .unwrap()
}

fn people() -> impl Strategy<Value = f64> {
    (0.0..16.0_f64).prop_map(f64::exp)
}

fn risk() -> impl Strategy<Value = f64> {
    (-16.0..0.0_f64).prop_map(f64::exp)
}

/// Two age tables and two tables of rates of one number of groups.
fn two_situations() -> impl Strategy<Value = [Vec<f64>; 4]> {
    (2..12_usize).prop_flat_map(|n| {
        let people = || prop::collection::vec(people(), n);
        let risks = || prop::collection::vec(risk(), n);
        (people(), people(), risks(), risks()).prop_map(|(a, b, c, d)| [a, b, c, d])
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    /// The parts add up to the change; seen from the other end they have the other sign; areas ten times as large have ten
    /// times the parts; what does not change contributes nothing.
    #[test]
    fn decompositions([p0, p1, r0, r1] in two_situations(), factor in 0.1..10.0_f64) {
        let people = population(&[p0.clone(), p1.clone()]);
        let (before, after) = (rates(&r0), rates(&r1));
        let change = Decomposition::between((&people, 2000, &before), (&people, 2010, &after)).unwrap();
        let scale = 1e-12 * (change.before + change.after);
        let dot = |p: &[f64], r: &[f64]| p.iter().zip(r).map(|(p, r)| p * r).sum::<f64>();
        let whole = dot(&p1, &r1) - dot(&p0, &r0);
        let size = change.parts.population.abs() + change.parts.ageing.abs() + change.parts.rates.abs();
        prop_assert!((change.parts.sum() - whole).abs() <= scale + 1e-12 * size);

        let back = Decomposition::between((&people, 2010, &after), (&people, 2000, &before)).unwrap();
        for (there, back) in [
            (change.parts.population, back.parts.population),
            (change.parts.ageing, back.parts.ageing),
            (change.parts.rates, back.parts.rates),
        ] {
            prop_assert!((there + back).abs() <= scale + 1e-12 * size);
        }

        let larger: Vec<f64> = p0.iter().map(|p| p * factor).collect();
        let grown = population(&[p0.clone(), larger]);
        let growth = Decomposition::between((&grown, 2000, &before), (&grown, 2010, &before)).unwrap();
        prop_assert!(growth.parts.rates == 0.0);
        prop_assert!(growth.parts.ageing.abs() <= 1e-12 * (growth.before + growth.after));
        close("population alone", growth.parts.population, growth.before * (factor - 1.0), 1e-9 / (factor - 1.0).abs().min(1.0));
    }

    /// Expected cases are proportional to people and to rates, and do not depend on whether groups are added up first.
    #[test]
    fn expected_cases([p0, p1, r0, _] in two_situations(), factor in 0.1..10.0_f64) {
        let people = population(&[p0.clone(), p1.clone()]);
        let cases = ExpectedCases::of(&people, &rates(&r0)).unwrap();
        let more = population(&[p0, p1].map(|row| row.iter().map(|p| p * factor).collect::<Vec<_>>()));
        let times = ExpectedCases::of(&more, &rates(&r0)).unwrap();
        let riskier = ExpectedCases::of(&people, &rates(&r0).scaled(factor / 10.0).unwrap()).unwrap();
        for year in [2000, 2010] {
            let once = cases.year(year).unwrap();
            close("people", times.year(year).unwrap(), once * factor, 1e-12);
            close("rates", riskier.year(year).unwrap(), once * factor / 10.0, 1e-12);
        }
        // The same rate in all groups of a coarser table.
        let all = rates(&r0[..1]);
        let even = rates(&vec![r0[0]; r0.len()]);
        let (coarse, fine) = (ExpectedCases::of(&people, &all), ExpectedCases::of(&people, &even));
        close("groups", coarse.unwrap().year(2000).unwrap(), fine.unwrap().year(2000).unwrap(), 1e-12);
        // One of the two is itself the sum of three members of a third.
        let of_three = cases.clone().with_effective_members(3.0).unwrap();
        let sum = ExpectedCases::sum("both", &[of_three, times]).unwrap();
        close("sum", sum.year(2010).unwrap(), cases.year(2010).unwrap() * (1.0 + factor), 1e-12);
        let members = (1.0 + factor).powi(2) / (1.0 / 3.0 + factor * factor);
        close("members", sum.effective_members(), members, 1e-10);
    }

    /// A standardised rate lies between the lowest and the highest rate; standardised to its own people it is the crude one,
    /// and an interval holds it.
    #[test]
    fn standardised_rates([people, standard, risks, _] in two_situations(), level in 0.01..0.999) {
        let groups = groups(people.len());
        let counts: Vec<f64> = people.iter().zip(&risks).map(|(p, r)| (p * r).floor()).collect();
        let counted = AgeRates::from_counts("Atlantis", Sex::Both, groups.clone(), &counts, &people).unwrap();
        let standard = StandardPopulation::new("any", groups.clone(), standard).unwrap();
        let own = StandardPopulation::new("own", groups, people.clone()).unwrap();
        let rate = age_standardised_rate(&counted, &standard).unwrap();
        let by_age = counted.per_person_year();
        let least = by_age.iter().copied().fold(f64::INFINITY, f64::min);
        let greatest = by_age.iter().copied().fold(0.0, f64::max);
        let r = rate.per_person_year();
        prop_assert!(least * (1.0 - 1e-12) <= r && r <= greatest * (1.0 + 1e-12));
        let (lower, upper) = rate.interval(level).unwrap();
        prop_assert!(lower <= r && r <= upper && 0.0 <= lower && upper.is_finite());
        let crude = crude_rate(&counted).unwrap();
        close("crude", age_standardised_rate(&counted, &own).unwrap().per_person_year(), crude.per_person_year(), 1e-12);
        let all: f64 = people.iter().sum();
        close("variance", crude.variance().unwrap(), counts.iter().sum::<f64>() / all / all, 1e-11);
    }

    /// A population that grows by one factor at all ages goes on doing so.
    #[test]
    fn growth_at_all_ages_goes_on(row in prop::collection::vec(people(), 6..12), factor in 0.5..2.0) {
        let later: Vec<f64> = row.iter().map(|p| p * factor).collect();
        let before = population(&[row.clone(), later.clone()]);
        let after = before.carried_forward(2020).unwrap();
        // The youngest keep their ratio to adults, the others come from the group below.
        let last = row.len() - 1;
        for i in 1..last {
            let ratio = later[i] / row[i - 1];
            close("cohort", after.by_age(2020).unwrap()[i], later[i - 1] * ratio, 1e-12);
            close("growth", after.by_age(2020).unwrap()[i], later[i] * factor, 1e-12);
        }
        close("oldest", after.by_age(2020).unwrap()[last], later[last] * factor, 1e-12);
        close("youngest", after.by_age(2020).unwrap()[0], later[0] * factor, 1e-12);
    }
}
