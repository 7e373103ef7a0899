//! A growth curve of your own: fitted, judged and projected like the shipped ones.
//!
//!     cargo run --release --example custom_curve
//!
//! The curve here grows with a power of time, y = a·(t + 1)^b: fast at first, ever slower, without
//! a ceiling.

mod common;

use std::fmt::Write;
use std::process::ExitCode;

use common::people;

use myeloma_epi::curve::{GrowthCurve, Parameter, Point, Role};
use myeloma_epi::fit::{FitOptions, fit};
use myeloma_epi::{IncidenceSeries, Projection, ProjectionOptions, figures};

struct Power;

impl GrowthCurve for Power {
    fn name(&self) -> &'static str {
        "power"
    }

    fn parameters(&self) -> &[Parameter] {
        static PARAMETERS: [Parameter; 2] = [
            Parameter::new("level", "cases", Role::Level).between(0.0, f64::INFINITY),
            Parameter::new("power", "", Role::Other),
        ];
        &PARAMETERS
    }

    fn value_and_gradient(&self, t: f64, theta: &[f64], gradient: &mut [f64]) -> f64 {
        let growth = (t + 1.0).powf(theta[1]);
        gradient[0] = growth;
        gradient[1] = theta[0] * growth * (t + 1.0).ln();
        theta[0] * growth
    }

    fn starting_guess(&self, points: &[Point], theta: &mut [f64]) {
        theta[0] = points[0].cases;
        theta[1] = 0.5;
    }
}

fn main() -> ExitCode {
    common::run("custom_curve", run)
}

fn run(out: &mut String) -> Result<(), Box<dyn std::error::Error>> {
    // Through two published figures: saturated, so there is a curve and no standard error.
    let world = IncidenceSeries::from_figures(figures::press_release(), "World")?
        .assuming_relative_error(0.03)?;
    let projection = Projection::of(&Power, &world, &ProjectionOptions::to(2040))?;
    let (lower, upper) = projection.new_cases().interval(2040, 0.95)?;
    let median = projection.new_cases().median(2040)?;
    writeln!(
        out,
        "World 2040, power curve through two figures: {} ({} to {})",
        people(median),
        people(lower),
        people(upper)
    )?;

    // Through 24 registered counts: identified, so the fit can be judged.
    let usa = IncidenceSeries::from_figures(figures::registered(), "United States")?;
    write!(out, "{}", fit(Power, &usa, &FitOptions::default())?)?;
    Ok(())
}
