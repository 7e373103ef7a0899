//! People by age, rates by age, and the cases that follow from them: what a number of new cases is made of.
//!
//! | type | is |
//! |---|---|
//! | [`AgeGroups`], [`Sex`] | of which ages, and of whom |
//! | [`Population`] | people of one area by year and age; 25 areas of World Population Prospects 2024 are shipped |
//! | [`AgeRates`] | cases a year per person by age; modelled rates of myeloma in 2022 are shipped for 23 areas |
//! | [`PopulationWithRates`] | the two of one region, out of tables of many regions and sexes, with every year that a forecast needs |
//! | [`ExpectedCases`] | cases that a population has at constant rates |
//! | [`Decomposition`] | a change of cases in parts: number of people, ageing, rates |
//! | [`FiguresCheck`] | published figures beside constant rates |
//! | [`StandardPopulation`], [`Rate`] | crude and age-standardised rates with their variance |
//!
//! The World is the sum of its areas, each at its own rates. Rates of all people together would overstate its cases of
//! 2040 by 8 %.
//!
//! ```
//! use myeloma_epi::demography::{Decomposition, ExpectedCases};
//!
//! let world = ExpectedCases::area("World")?;
//! println!("{:.0} new cases in 2040 if rates by age stay as they are", world.year(2040)?);
//! println!("{}", Decomposition::area("World", 2024, 2040)?);
//! # assert!((world.year(2040)? - 272_818.0).abs() < 1.0);
//! # Ok::<(), myeloma_epi::Error>(())
//! ```

mod age_groups;
mod age_rates;
mod decomposition;
mod expected_cases;
mod figures_check;
mod hamilton_perry;
mod population;
mod population_with_rates;
mod sex;
mod shipped;
mod standard_population;
mod standardised_rate;
mod tidy;

pub use age_groups::AgeGroups;
pub use age_rates::AgeRates;
pub use decomposition::{Decomposition, Parts};
pub use expected_cases::ExpectedCases;
pub use figures_check::{CheckedFigure, FiguresCheck};
pub use population::Population;
pub use population_with_rates::PopulationWithRates;
pub use sex::Sex;
pub use standard_population::StandardPopulation;
pub use standardised_rate::{Rate, age_standardised_rate, crude_rate};
