//! How often the interval of an outlook of two registered counts holds the mean behind them.

use std::collections::BTreeMap;

use myeloma_epi::curve::Family;
use myeloma_epi::figures::{Figure, Figures, Status};
use myeloma_epi::forecast::{RegistryTrend, TrendErrors, TrendParameters};
use myeloma_epi::{
    IncidenceSeries, Outlook, OutlookOptions, Projection, ProjectionOptions, Result, Seed,
    YearSummary,
};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use rand_distr::{Distribution, Poisson};
use rayon::prelude::*;

#[path = "../data/published.rs"]
mod published;

const YEARS: [i32; 3] = [2020, 2024, 2029];

/// Shares of intervals that hold the mean, and a new count, in each of the years.
type Shares = [[f64; 2]; 3];

/// Of pairs of counts (2014, 2019) of a constant Poisson mean, for the linear pool and for the headline, whose 95 %
/// interval of 2020, 2024 and 2029 holds the mean, and a new count; pairs with a 0 have no logarithm and are drawn again.
fn coverage(mean: f64, pairs: usize, options: &OutlookOptions) -> Result<[Shares; 2]> {
    let mut rng = ChaCha8Rng::seed_from_u64(mean.to_bits());
    let poisson = Poisson::new(mean).expect("a mean above 0");
    let mut held = [[[0_u32; 2]; 3]; 2];
    let (mut figures, mut new_counts) = (Figures::default(), Vec::new());
    for pair in 0..pairs {
        let mut count = |year| loop {
            let cases: f64 = poisson.sample(&mut rng);
            if cases > 0.0 {
                return Figure::new(format!("region {pair}"), year, cases, Status::Registered);
            }
        };
        figures.extend([count(2014)?, count(2019)?]);
        new_counts.push(YEARS.map(|_| poisson.sample(&mut rng)));
    }
    let outlook = Outlook::of(&figures, options)?;
    for (region, new_counts) in outlook.regions().iter().zip(new_counts) {
        for (i, (year, new)) in YEARS.into_iter().zip(new_counts).enumerate() {
            for (held, summary) in held
                .iter_mut()
                .zip([region.pool_summary(), region.new_cases_summary()])
            {
                let of_year = summary.iter().find(|s| s.year == year);
                let of_year = of_year.expect("a year drawn");
                let interval = of_year.lower95..=of_year.upper95;
                for (held, number) in held[i].iter_mut().zip([mean, new]) {
                    *held += u32::from(interval.contains(&number));
                }
            }
        }
    }
    let share = |held: u32| f64::from(held) / pairs as f64;
    Ok(held.map(|of| of.map(|year| year.map(share))))
}

/// The counting error alone: a mean that stays as it is, counts without another error.
fn counting_error_alone() -> OutlookOptions {
    OutlookOptions {
        assumed_error: 0.0,
        model_discrepancy: false,
        to: 2029,
        ..OutlookOptions::default()
    }
}

/// The counting error alone in the registry trend, too: a user who knows that cases stay as they are states a trend
/// without growth and without noise.
fn no_growth() -> Result<OutlookOptions> {
    let parameters = TrendParameters {
        mean_growth: 0.0,
        persistence: 0.0,
        level_noise: 1e-6,
        growth_noise: 1e-6,
        count_noise: 0.0,
        volatility_spread: 0.0,
        site_growth_spread: 0.0,
        site_trend_spread: 0.0,
        late_reporting: [0.0; 3],
        errors: TrendErrors::default(),
        ..TrendParameters::shipped()
    };
    Ok(OutlookOptions {
        registry_trend: RegistryTrend::new(parameters, parameters.unknown_site())?,
        ..counting_error_alone()
    })
}

/// `COVERAGE_PAIRS=4000` takes so many and prints the tables of METHODS.md, in minutes.
fn stated_pairs() -> Option<usize> {
    let stated = std::env::var("COVERAGE_PAIRS").ok();
    stated.map(|pairs| pairs.parse().expect("a number of pairs"))
}

/// The cells of a table of METHODS.md that begins with this header: by mean, groups of per cents.
fn published(header: &str) -> BTreeMap<u32, Vec<f64>> {
    let rows = published::rows(header).into_iter();
    rows.map(|row| {
        let percents = row[1..].iter().flat_map(|cell| cell.split(", "));
        let percents = percents.map(|percent| percent.parse().unwrap());
        (row[0].replace(',', "").parse().unwrap(), percents.collect())
    })
    .collect()
}

/// As many of so many pairs as the published per cent of 4,000 says.
fn check(what: &str, published: f64, share: f64, pairs: usize) {
    published::check(what, (published, 4_000.0), (share, pairs as f64));
}

const MEANS: [u32; 5] = [3, 15, 50, 200, 1_000];

/// Every cell of the table of METHODS.md, by 300 pairs, with a standard error of 1.3 % where it says 95. And a site of which
/// nothing is known may not grow at all: its headline holds the mean as often as the interval says, or more.
#[test]
fn the_mean_behind_two_counts_is_covered() -> Result<()> {
    let stated = stated_pairs();
    let (pairs, draws) = stated.map_or((300, 1_000), |pairs| (pairs, 2_000));
    let with = |options| OutlookOptions {
        draws,
        to: 2029,
        ..options
    };
    let published = published("| mean | pool, counting error alone: the mean |");
    for mean in MEANS {
        let [alone, _] = coverage(f64::from(mean), pairs, &with(counting_error_alone()))?;
        let [_, stated_trend] = coverage(f64::from(mean), pairs, &with(no_growth()?))?;
        let [pool, headline] = coverage(f64::from(mean), pairs, &with(OutlookOptions::default()))?;
        let [_, of_other] = coverage(f64::from(mean), 300, &with(OutlookOptions::other_disease()))?;
        assert!(
            of_other.iter().all(|[of_mean, _]| *of_mean >= 0.98),
            "{mean}: {of_other:?}"
        );
        // The mean and a new count, by the counting error alone, by the default options, and of the headline; and a new count of
        // the headline with a trend that is stated as constant.
        let shares = |held: Shares| [0, 1].map(|of| held.map(|year| year[of]));
        let three = [alone, pool, headline].map(shares);
        let [_, of_stated] = shares(stated_trend);
        let found: Vec<f64> = [three.as_flattened(), &[of_stated]].concat().concat();
        if stated.is_some() {
            print_row(mean, &found);
            continue;
        }
        // What the interval promises, whatever stands in METHODS.md: 95 % of the mean, by the counting error alone.
        for held in alone.map(|[of_mean, _]| of_mean) {
            let most = if mean < 10 { 1.0 } else { 0.99 };
            assert!((0.91..=most).contains(&held), "{mean}: {held}");
        }
        assert_eq!(found.len(), published[&mean].len());
        for (i, (found, published)) in found.iter().zip(&published[&mean]).enumerate() {
            check(
                &format!("mean {mean}, number {i}"),
                *published,
                *found,
                pairs,
            );
        }
    }
    Ok(())
}

fn print_row(mean: u32, shares: &[f64]) {
    let percents: Vec<String> = shares.iter().map(|s| format!("{:.1}", 100.0 * s)).collect();
    let groups: Vec<String> = percents.chunks(3).map(|years| years.join(", ")).collect();
    println!("| {mean} | {} |", groups.join(" | "));
}

/// A count of a Poisson mean; those of 0 are drawn again.
fn count(mean: f64, rng: &mut ChaCha8Rng) -> f64 {
    let poisson = Poisson::new(mean).expect("a mean above 0");
    loop {
        let cases: f64 = poisson.sample(rng);
        if cases > 0.0 {
            return cases;
        }
    }
}

fn add_held(held: &mut [u32; 3], summary: &[YearSummary], mean: f64) {
    for (held, year) in held.iter_mut().zip(YEARS) {
        let of_year = summary.iter().find(|s| s.year == year);
        let of_year = of_year.expect("a year drawn");
        *held += u32::from((of_year.lower95..=of_year.upper95).contains(&mean));
    }
}

/// Three numbers of a row of the second table of METHODS.md, from the first or the fourth on, against so many of so many pairs.
fn check_or_print(mean: u32, from: usize, held: [u32; 3], pairs: u32) {
    let found = held.map(|held| f64::from(held) / f64::from(pairs));
    if stated_pairs().is_some() {
        println!("{pairs} pairs");
        return print_row(mean, &found);
    }
    assert!(found.iter().all(|held| *held >= 0.91), "{mean}: {found:?}");
    let published = &published("| mean | exponential curve |")[&mean];
    assert_eq!(published.len(), 6);
    for (found, published) in found.into_iter().zip(&published[from..]) {
        check(&format!("mean {mean}"), *published, found, pairs as usize);
    }
}

/// An exponential curve through two counts of a constant mean, which is one without growth.
#[test]
fn an_exponential_curve_covers_the_mean() -> Result<()> {
    let (pairs, draws) = stated_pairs().map_or((300, 1_000), |pairs| (pairs, 2_000));
    for mean in MEANS {
        let mut rng = ChaCha8Rng::seed_from_u64(u64::from(mean));
        let mut held = [0; 3];
        for pair in 0..pairs {
            let counts = [2014, 2019].map(|year| (year, count(f64::from(mean), &mut rng)));
            let options = ProjectionOptions {
                draws,
                seed: Seed::new(pair as u64),
                ..ProjectionOptions::to(2029)
            };
            let series = IncidenceSeries::from_counts("simulated", counts)?;
            let curve = Projection::of(&Family::Exponential, &series, &options)?;
            add_held(&mut held, &curve.new_cases().summary(), f64::from(mean));
        }
        check_or_print(mean, 0, held, u32::try_from(pairs).unwrap());
    }
    Ok(())
}

/// A whole of counts three times that of its part, of which the mean of the complement is covered, by the counting error alone.
#[test]
fn a_complement_covers_its_mean() -> Result<()> {
    let (pairs, draws) = stated_pairs().map_or((300, 1_000), |pairs| (pairs, 2_000));
    for mean in MEANS {
        let mut rng = ChaCha8Rng::seed_from_u64(u64::from(mean));
        let rest = 2.0 * f64::from(mean);
        let (mut held, mut counted) = ([0; 3], 0);
        let mut drawn = Vec::new();
        for _ in 0..pairs {
            let mut figures = Figures::default();
            for year in [2014, 2019] {
                let part = count(f64::from(mean), &mut rng);
                let whole = part + count(rest, &mut rng);
                for (name, cases) in [("part", part), ("whole", whole)] {
                    figures.extend([Figure::new(name, year, cases, Status::Registered)?]);
                }
            }
            drawn.push(figures);
        }
        let options = OutlookOptions {
            draws,
            parts: vec![("part".to_owned(), "whole".to_owned())],
            ..counting_error_alone()
        };
        let outlooks = drawn
            .par_iter()
            .map(|figures| Outlook::of(figures, &options));
        for outlook in outlooks.collect::<Vec<_>>() {
            // Of small counts the part may be the larger in most draws: then there is no complement, but an error.
            match outlook {
                Ok(outlook) => {
                    counted += 1;
                    add_held(&mut held, outlook.complements()[0].pool_summary(), rest);
                }
                Err(error) => {
                    let said = error.to_string();
                    assert!(
                        said.contains("part in whole in ")
                            && said.contains("leave no room between them"),
                        "{said}"
                    );
                }
            }
        }
        check_or_print(mean, 3, held, counted);
    }
    Ok(())
}
