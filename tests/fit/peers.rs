//! What `SciPy`, statsmodels and R make of two series (`data/peer_fits.py`): the same where they converged,
//! and where they did not, what the crate says.

use myeloma_epi::IncidenceSeries;
use myeloma_epi::curve::Family;
use myeloma_epi::fit::{Caution, Fit, FitOptions, IdentifiedFit, Likelihood, Limit, fit};
use ndarray::Array2;

#[derive(serde::Deserialize)]
struct Reference {
    fits: Vec<Peer>,
    bootstrap: Resampled,
}

#[derive(serde::Deserialize)]
struct Peer {
    series: char,
    likelihood: Likelihood,
    curve: Family,
    tool: String,
    converged: bool,
    parameters: Option<Vec<f64>>,
    standard_errors: Option<Vec<f64>>,
    rss: Option<f64>,
    message: Option<String>,
}

#[derive(serde::Deserialize)]
struct Resampled {
    mean: Vec<f64>,
    without_ceiling: usize,
    values: Vec<f64>,
}

fn reference() -> Reference {
    serde_json::from_str(include_str!("../data/peer_fits.json")).unwrap()
}

/// Series A grows by 3.2 % a year, series B is logistic; both with a ripple of 1 %.
fn series(name: char) -> IncidenceSeries {
    let counts = (0..21).map(|i| {
        let t = f64::from(i);
        let trend = if name == 'A' {
            90_000.0 * 1.032_f64.powi(i)
        } else {
            250_000.0 / (1.0 + (-0.12 * (t - 8.0)).exp())
        };
        (2004 + i, trend * (1.0 + 0.01 * (3.0 * t).sin()))
    });
    IncidenceSeries::from_counts(name.to_string(), counts).unwrap()
}

fn fitted(curve: Family, name: char, likelihood: Likelihood) -> IdentifiedFit<Family> {
    let options = FitOptions {
        likelihood,
        ..FitOptions::default()
    };
    let Fit::Identified(fit) = fit(curve, &series(name), &options).unwrap() else {
        panic!("{curve} {name}: not identified");
    };
    *fit
}

/// Where a peer reached the minimum: within 1e-9 of the least sum of squares it is the same curve, to the
/// digits that its own tolerances leave; where it says that it converged and is above that, it is listed here.
#[test]
fn where_the_peers_converged_the_crate_agrees() {
    let (mut agreed, mut elsewhere) = (0, Vec::new());
    for peer in reference().fits {
        let (Some(parameters), Some(errors), Some(rss), true) = (
            &peer.parameters,
            &peer.standard_errors,
            peer.rss,
            peer.converged,
        ) else {
            continue;
        };
        let name = format!("{} {} {}", peer.series, peer.curve, peer.tool);
        let fit = fitted(peer.curve, peer.series, peer.likelihood);
        let excess = rss / fit.residual_sum_of_squares() - 1.0;
        // Never a worse fit than a peer's inside the domain.
        let beyond = peer.curve == Family::Richards && parameters[3] > 20.0;
        assert!(excess > -1e-9 || beyond, "{name}: {excess:e} below");
        let capacity_exists = peer.series == 'B' || parameters.len() == 2;
        if beyond || !capacity_exists {
            elsewhere.push(name);
            continue;
        }
        agreed += 1;
        assert!(excess < 1e-9, "{name}: {excess:e} above");
        for (i, estimate) in fit.parameters().iter().enumerate() {
            let year = if estimate.unit == "year" { 2004.0 } else { 0.0 };
            let got = estimate.estimate.unwrap() - year;
            let error = estimate.standard_error.unwrap();
            // The tools stop where the sum of squares no longer changes: 1e-14 to 1e-9 of it, whose root
            // is what they leave of a standard error.
            let left = (excess.abs().max(1e-14) * 19.0).sqrt() * error;
            let tolerance = 1e-6 * got.abs() + left;
            assert!(
                (got - parameters[i]).abs() < tolerance,
                "{name} {}: {got}, {}",
                estimate.name,
                parameters[i]
            );
            assert!(
                (error / errors[i] - 1.0).abs() < 2e-5,
                "{name} {}: standard error {error}, {}",
                estimate.name,
                errors[i]
            );
        }
    }
    // Fourteen on series B; on series A the straight line and the exponential curve.
    assert_eq!(agreed, 19, "{elsewhere:?}");
    elsewhere.sort_unstable();
    // A capacity a hundred times the last count, and a shape of several hundred.
    assert_eq!(elsewhere.len(), 2);
    assert!(elsewhere[0].starts_with("A logistic SciPy"));
    assert!(elsewhere[1].starts_with("A richards SciPy"));
}

/// On series A no peer has all of the curves with a ceiling; what stopped at an iteration limit is above the
/// minimum. Prints the table in METHODS.md.
#[test]
fn where_the_peers_ended_elsewhere_the_crate_says_what_there_is() {
    println!("| curve | tool | what it says | capacity | sum of squares over the crate's |");
    println!("|---|---|---|--:|--:|");
    let (mut failed, mut shown) = (0, Vec::new());
    for peer in &reference().fits {
        if peer.series != 'A' || matches!(peer.curve, Family::Linear | Family::Exponential) {
            assert!(peer.converged, "{} {}", peer.series, peer.tool);
            continue;
        }
        let fit = fitted(peer.curve, 'A', peer.likelihood);
        if !shown.contains(&peer.curve) {
            shown.push(peer.curve);
            let capacity = fit.parameter("capacity").unwrap().estimate.unwrap();
            println!(
                "| {} | this crate | not identified | {capacity:.4e} | |",
                peer.curve
            );
        }
        let own = fit.residual_sum_of_squares();
        let over = peer.rss.map(|rss| rss / own - 1.0);
        let says = peer.message.as_deref().unwrap_or("converged");
        let capacity = peer.parameters.as_ref().map(|p| format!("{:.4e}", p[0]));
        println!(
            "| {} | {} | {says} | {} | {} |",
            peer.curve,
            peer.tool,
            capacity.unwrap_or_default(),
            over.map_or_else(String::new, |over| format!("{over:+.1e}"))
        );
        if !peer.converged {
            failed += 1;
            assert!(
                over.is_none_or(|over| over > 1e-3),
                "{} {over:?}",
                peer.tool
            );
        }
        if peer.converged && peer.curve == Family::Logistic {
            // On the same flat ridge.
            assert!(over.unwrap().abs() < 1e-10);
        }
        assert!(fit.cautions().contains(&Caution::CeilingNotIdentified));
        let capacity = fit.profile_interval("capacity", 0.95).unwrap();
        assert_eq!(capacity.upper, Limit::Unbounded);
    }
    assert_eq!(failed, 7);
}

/// The uniform numbers of `data/peer_fits.py`: splitmix64.
fn uniform() -> impl Iterator<Item = f64> {
    let mut state = 0_u64;
    std::iter::repeat_with(move || {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 * 2.0_f64.powi(-53)
    })
}

/// 2,000 refits of series A, where other parametrisations lose half: each one is that of y = 1/(a + b·e^(−rt))
/// with a ≥ 0, and so are the quantiles.
#[test]
fn refits_without_a_ceiling_are_those_of_the_well_behaved_form() {
    let expected = reference().bootstrap;
    let mut uniform = uniform();
    let mut counts = Array2::zeros((2_000, 21));
    for mut row in counts.rows_mut() {
        for (count, mean) in row.iter_mut().zip(&expected.mean) {
            let score = uniform.by_ref().take(12).sum::<f64>() - 6.0;
            *count = (mean + mean.sqrt() * score + 0.5).floor();
        }
    }
    let options = FitOptions {
        likelihood: Likelihood::Gaussian,
        ..FitOptions::default()
    };
    let Fit::Identified(fit) = fit(Family::Logistic, &series('A'), &options).unwrap() else {
        panic!("not identified");
    };
    let refits = fit.refit_to(&counts).unwrap();
    assert!(refits.failed().is_empty());
    let curves = refits.curves(&Family::Logistic, 2040..=2040).unwrap();
    let got = curves.year(2040).unwrap();
    for (i, (got, expected)) in got.iter().zip(&expected.values).enumerate() {
        assert!(
            (got / expected - 1.0).abs() < 1e-6,
            "refit {i}: {got}, {expected}"
        );
    }
    // A refit whose ceiling is a billion times the counts may count on either side.
    let difference = refits
        .replaced_by_limit()
        .abs_diff(expected.without_ceiling);
    assert!(
        difference <= 2,
        "{} {}",
        refits.replaced_by_limit(),
        expected.without_ceiling
    );
    let mut sorted = expected.values.clone();
    sorted.sort_by(f64::total_cmp);
    let (lower, upper) = curves.interval(2040, 0.95).unwrap();
    // Linear interpolation between order statistics, as NumPy and the crate have it.
    let quantile = |p: f64| {
        let place = p * 1999.0;
        let (i, share) = (place.floor(), place.fract());
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let i = i as usize;
        sorted[i] + share * (sorted[i + 1] - sorted[i])
    };
    assert!((lower / quantile(0.025) - 1.0).abs() < 1e-6);
    assert!((upper / quantile(0.975) - 1.0).abs() < 1e-6);
}
