//! Annual percent change and joinpoint regression.

mod bad_input;
mod properties;
mod reference;
mod round_trip;

use myeloma_epi::joinpoint::{AnnualSeries, JoinpointOptions, Selection};
use myeloma_epi::{IncidenceSeries, figures};

#[track_caller]
fn close(what: &str, got: f64, expected: f64, tolerance: f64) {
    assert!(
        (got - expected).abs() <= tolerance * expected.abs().max(1e-12),
        "{what}: {got}, expected {expected}"
    );
}

fn usa() -> AnnualSeries {
    let usa = IncidenceSeries::from_figures(figures::registered(), "United States");
    AnnualSeries::from(&usa.unwrap())
}

/// Without permutations.
fn by_bic() -> JoinpointOptions {
    JoinpointOptions {
        selection: Selection::Bic,
        ..JoinpointOptions::default()
    }
}

fn up_to(joinpoints: usize) -> JoinpointOptions {
    JoinpointOptions {
        max_joinpoints: Some(joinpoints),
        ..by_bic()
    }
}
