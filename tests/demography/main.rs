//! People and rates by age: expected cases, decompositions, standardised rates, populations carried forward.

mod bad_input;
mod by_region;
mod figures;
mod properties;
mod reference;
mod tables;

use myeloma_epi::demography::{AgeGroups, AgeRates, Population, Sex};
use ndarray::Array2;

#[track_caller]
fn close(what: &str, got: f64, expected: f64, relative: f64) {
    assert!(
        (got - expected).abs() <= relative * expected.abs(),
        "{what}: {got}, expected {expected}"
    );
}

fn ages(labels: &[&str]) -> AgeGroups {
    AgeGroups::from_labels(labels).unwrap()
}

/// A population of both sexes, a row a year.
fn people(labels: &[&str], years: &[i32], rows: &[&[f64]]) -> Population {
    let persons = Array2::from_shape_fn((years.len(), labels.len()), |(i, j)| rows[i][j]);
    Population::new("Atlantis", Sex::Both, ages(labels), years.to_vec(), persons).unwrap()
}

fn rates(labels: &[&str], per_person_year: &[f64]) -> AgeRates {
    AgeRates::new("Atlantis", Sex::Both, ages(labels), per_person_year).unwrap()
}
