//! Standard populations for age-standardised rates.

use serde::Serialize;

use super::age_groups::AgeGroups;
use super::shipped;
use crate::checked_on_reading::checked;
use crate::error::{Error, ErrorKind, Result};

checked! {
    /// A standard population: the age structure that rates of several populations are compared in.
    ///
    /// Only the proportions of its weights matter. It must be as fine as the rates or finer: its groups are added up to theirs,
    /// and never split.
    ///
    /// | | groups | is |
    /// |---|---|---|
    /// | [`segi`](Self::segi) | 18, 85+ | world standard of the IARC: Segi (1960), changed by Doll, Payne & Waterhouse (1966) |
    /// | [`who_2000_2025`](Self::who_2000_2025) | 21, 100+ | world average of 2000 to 2025: Ahmad et al. (2001), WHO GPE Discussion Paper 31 |
    /// | [`european_2013`](Self::european_2013) | 20, 90+ | European Union and EFTA, 2011 to 2030: Eurostat (2013), [doi:10.2785/11470](https://doi.org/10.2785/11470) |
    /// | [`gbd_2019`](Self::gbd_2019) | 21, 95+ | Global Burden of Disease 2019 (IHME) |
    ///
    /// # Example
    ///
    /// ```
    /// use myeloma_epi::demography::{AgeGroups, StandardPopulation};
    ///
    /// assert_eq!(StandardPopulation::segi().weights()[17], 500.0);
    /// let ages = AgeGroups::from_labels(&["0-64", "65+"])?;
    /// let mine = StandardPopulation::new("mine", ages, vec![80.0, 20.0])?;
    /// assert_eq!(mine.name(), "mine");
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    #[derive(Debug, Clone, PartialEq, Serialize)]
    pub struct StandardPopulation {
        name: String,
        ages: AgeGroups,
        weights: Vec<f64>,
    } through new
}

impl StandardPopulation {
    /// A standard of your own: a weight for each age group.
    ///
    /// # Errors
    ///
    /// Where there is not one weight for each group, one is not finite and at least 0, or all are 0.
    pub fn new(name: impl Into<String>, ages: AgeGroups, weights: Vec<f64>) -> Result<Self> {
        let name = name.into();
        if weights.len() != ages.count() {
            return Err(Error::mismatch(format!(
                "the standard population {name} has {} weights for {} age groups",
                weights.len(),
                ages.count()
            )));
        }
        let all: f64 = weights.iter().sum();
        for (i, &weight) in weights.iter().enumerate() {
            if !(weight.is_finite() && weight >= 0.0 && all > 0.0 && all.is_finite()) {
                return Err(Error::out_of_range(
                    format!("the weight of age {}", ages.label(i)),
                    format!("the standard population {name}"),
                    weight,
                    "finite and at least 0, one of them above 0",
                ));
            }
        }
        Ok(Self {
            name,
            ages,
            weights,
        })
    }

    /// Segi's world standard, the one of the IARC.
    #[must_use]
    pub fn segi() -> Self {
        shipped::standard("segi")
    }

    /// The world standard of the World Health Organization for 2000 to 2025.
    #[must_use]
    pub fn who_2000_2025() -> Self {
        shipped::standard("who_2000_2025")
    }

    /// The European standard of 2013.
    #[must_use]
    pub fn european_2013() -> Self {
        shipped::standard("european_2013")
    }

    /// The standard of the Global Burden of Disease study 2019.
    #[must_use]
    pub fn gbd_2019() -> Self {
        shipped::standard("gbd_2019")
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its age groups.
    #[must_use]
    pub const fn ages(&self) -> &AgeGroups {
        &self.ages
    }

    /// The weight of each group.
    #[must_use]
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// The shares of coarser groups, which add up to 1; `whose` those groups are.
    pub(super) fn shares(&self, ages: &AgeGroups, whose: &str) -> Result<Vec<f64>> {
        let holding = self.ages.summing_to(ages, whose).map_err(|why| {
            ErrorKind::Unsuitable(format!(
                "the standard population {} does not fit {whose}: {why}",
                self.name
            ))
        })?;
        let all: f64 = self.weights.iter().sum();
        let mut shares = vec![0.0; ages.count()];
        for (&weight, group) in self.weights.iter().zip(holding) {
            shares[group] += weight / all;
        }
        Ok(shares)
    }
}
