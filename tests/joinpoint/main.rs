//! Annual percent change and joinpoint regression.

mod bad_input;
mod colorectal;
mod counts;
mod coverage;
mod from_export;
mod properties;
mod reference;
mod round_trip;

use myeloma_epi::joinpoint::{AnnualSeries, Intervals, JoinpointOptions, Selection};
use myeloma_epi::{IncidenceSeries, Seed, figures};

#[track_caller]
fn close(what: &str, got: f64, expected: f64, tolerance: f64) {
    assert!(
        (got - expected).abs() <= tolerance * expected.abs().max(1e-12),
        "{what}: {got}, expected {expected}"
    );
}

fn usa() -> AnnualSeries {
    let usa = IncidenceSeries::from_figures(figures::registered(), "United States");
    // All years, as the references were made from.
    AnnualSeries::from(&usa.unwrap().without_marks())
}

/// The classical intervals, and the tests with which the number of joinpoints was chosen up to version 4 of the NCI's
/// program.
fn classical(permutations: usize) -> JoinpointOptions {
    JoinpointOptions {
        selection: Selection::PermutationTest {
            alpha: 0.05,
            permutations,
            seed: Seed::new(5),
        },
        ..by_bic()
    }
}

/// Without permutations and resampled series.
fn by_bic() -> JoinpointOptions {
    JoinpointOptions {
        selection: Selection::Bic,
        intervals: Intervals::Clegg,
        ..JoinpointOptions::default()
    }
}

fn up_to(joinpoints: usize) -> JoinpointOptions {
    JoinpointOptions {
        max_joinpoints: Some(joinpoints),
        ..by_bic()
    }
}
