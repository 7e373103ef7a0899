//! The parameters of the trend model, their ranges, and the values that are shipped.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::forecast_options::ForecastOptions;
use crate::error::{Error, Result};
use crate::number_checks::Place;

/// The count at which the short-run noises have the size that [`TrendParameters`] states.
pub(super) const REFERENCE_COUNT: f64 = 400.0;

/// **What a registry trend is a trend of**, which its parameters depend on: most of the growth of counts is growth and
/// ageing of the population.
///
/// On the rate, a region grows as fast as its people grow and age, and the trend is what is left. On counts all of it is trend,
/// which the past has to show.
///
/// ```
/// use myeloma_epi::forecast::{TrendParameters, TrendScale};
///
/// assert_eq!(TrendParameters::shipped().scale, TrendScale::Counts);
/// assert_eq!(TrendParameters::shipped_rate().scale, TrendScale::Rate);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrendScale {
    /// Yearly counts.
    #[default]
    Counts,
    /// Yearly counts divided by [expected cases](ForecastOptions::expected).
    Rate,
}

impl TrendScale {
    /// Whether expected cases are given where they are needed, and only there.
    pub(super) fn check(self, region: &str, options: &ForecastOptions) -> Result<()> {
        let said = match (self, options.expected.is_some()) {
            (Self::Rate, false) => "a registry trend of the rate needs expected cases",
            (Self::Counts, true) => {
                "a registry trend of counts cannot use expected cases: RegistryTrend::rate can"
            }
            _ => return Ok(()),
        };
        Err(Error::unsuitable(format!("{region}: {said}")))
    }
}

/// **Standard errors of the parameters** of a registry trend, as far as a forecast carries them. The default is none.
///
/// # Definition
///
/// ```text
/// γ ~ N(·, mean_growth²),  logit φ ~ N(·, persistence²),  ln σ_level ~ N(·, level_noise²)
/// ln σ_growth = · + growth_noise_slope·(logit φ − its estimate) + N(0, growth_noise²)
/// ```
///
/// Each is from 0 to 2, but for the slope, from −10 to 10.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrendErrors {
    /// Of γ.
    pub mean_growth: f64,
    /// Of ln(φ/(1 − φ)).
    pub persistence: f64,
    /// Of the log of `σ_level` and `σ_count`.
    pub level_noise: f64,
    /// Of the log of `σ_growth` where φ is known.
    pub growth_noise: f64,
    /// How much the log of `σ_growth` rises with ln(φ/(1 − φ)): more persistence is made up for by less noise.
    pub growth_noise_slope: f64,
}

/// The parameters of a registry trend that all cancer sites share; [the module](super) has the model.
/// Rates are a year, on the log scale: 0.02 is 2 % a year.
///
/// A plain struct whose fields are checked by [`RegistryTrend::new`](super::RegistryTrend::new).
///
/// ```
/// use myeloma_epi::forecast::{RegistryTrend, TrendParameters};
///
/// let parameters = TrendParameters { persistence: 0.95, ..TrendParameters::shipped() };
/// // A cancer site of which nothing is known.
/// let trend = RegistryTrend::new(parameters, parameters.unknown_site())?;
/// assert_eq!(trend.site().growth_error, parameters.site_growth_spread);
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrendParameters {
    /// γ, from −1 to 1: the growth that all series revert to in the long run, before the effect of the
    /// site.
    pub mean_growth: f64,
    /// φ, at least 0 and below 1: the share of a deviation from the mean growth that is left a year
    /// later.
    pub persistence: f64,
    /// `σ_level`, above 0 and at most 1: yearly noise of the level, for a series of 400 cases and usual volatility.
    pub level_noise: f64,
    /// `σ_growth`, above 0 and at most 1: yearly noise of the growth, for a usual site.
    pub growth_noise: f64,
    /// `σ_count`, from 0 to 1: scatter of a yearly count about its level over and above Poisson's, for a
    /// series of 400 cases and usual volatility.
    pub count_noise: f64,
    /// s, from 0 to 2: standard deviation between series of the log of their volatility, which
    /// multiplies `σ_level` and `σ_count`. It makes the tails heavy.
    pub volatility_spread: f64,
    /// b, from −1 to 1: `σ_level` and `σ_count` of a series that begins with c cases are multiplied by (c/400)^b.
    pub size_exponent: f64,
    /// Standard deviation between sites of the effect on mean growth, from 0 to 1.
    pub site_growth_spread: f64,
    /// Standard deviation between sites of the effect on the log of `σ_growth`, from 0 to 2.
    pub site_trend_spread: f64,
    /// Reporting delay: by how much the last, the last but one and the last but two years of a report
    /// are too low, on the log scale, each from −1 to 1.
    pub late_reporting: [f64; 3],
    /// The factor on `σ_level`, `σ_growth` and `σ_count`, above 0 and at most 2: of counts the one that makes the central
    /// 50 % intervals cover half of the outcomes, of the rate the one that scores best; 1 while the others are estimated.
    pub calibration: f64,
    /// κ, from 0 to 2: by how much more cases grow in the long run in a series whose
    /// [expected cases](ForecastOptions::expected) grow by one more, all a year on the log scale. At 1, the mean growth of
    /// rates knows nothing of the population; below, it is lower where expected cases have grown faster. 1 where a file
    /// does not say, and for a trend of counts, which has no expected cases.
    #[serde(default = "one")]
    pub elasticity: f64,
    /// What the trend is a trend of: counts where a file does not say.
    #[serde(default)]
    pub scale: TrendScale,
    /// Standard errors of the parameters, which every forecast carries: none where a file does not say.
    #[serde(default)]
    pub errors: TrendErrors,
}

fn one() -> f64 {
    1.0
}

/// The **effects of a cancer site** in a registry trend, random effects of a mixed model: on mean growth and on the
/// volatility of growth, each with the standard error of its estimate.
///
/// # Definition
///
/// ```text
/// mean growth of the site = γ + g,   g ~ N(ĝ, se²)
/// σ_growth of the site    = σ_growth·e^v,   v ~ N(v̂, se²)
/// ```
///
/// γ and `σ_growth` are those of all sites, in [`TrendParameters`]. A plain struct whose fields are checked by
/// [`RegistryTrend::new`](super::RegistryTrend::new).
///
/// # Example
///
/// ```
/// use myeloma_epi::forecast::{RegistryTrend, SiteEffect, TrendParameters};
///
/// // A site that is as all others are, as far as is known.
/// let parameters = TrendParameters::shipped();
/// let unknown = SiteEffect {
///     growth: 0.0,
///     growth_error: parameters.site_growth_spread,
///     trend: 0.0,
///     trend_error: parameters.site_trend_spread,
/// };
/// assert!(RegistryTrend::new(parameters, unknown).is_ok());
/// // Myeloma has grown faster than cancers on average, and more evenly.
/// let myeloma = SiteEffect::myeloma();
/// assert!(myeloma.growth > 0.0 && myeloma.trend < 0.0);
/// assert!(RegistryTrend::new(parameters, SiteEffect { growth: 4.0, ..myeloma }).is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SiteEffect {
    /// ĝ, from −3 to 3: mean growth of the site less that of all sites, a year on the log scale.
    pub growth: f64,
    /// Standard error of ĝ, from 0 to 2.
    pub growth_error: f64,
    /// v̂, from −3 to 3: log of the factor by which `σ_growth` differs from that of all sites.
    pub trend: f64,
    /// Standard error of v̂, from 0 to 2.
    pub trend_error: f64,
}

/// The shipped parameters and the effect of multiple myeloma: of counts, and of the rate.
static SHIPPED: LazyLock<(TrendParameters, SiteEffect)> =
    LazyLock::new(|| published(include_str!("../figures/registry_trend.json")));
static RATE: LazyLock<(TrendParameters, SiteEffect)> =
    LazyLock::new(|| published(include_str!("../figures/registry_trend_rate.json")));

fn published(text: &str) -> (TrendParameters, SiteEffect) {
    #[derive(Deserialize)]
    struct Published {
        parameters: TrendParameters,
        sites: BTreeMap<String, Site>,
    }
    #[derive(Deserialize)]
    struct Site {
        effect: SiteEffect,
    }
    let read = || {
        let published: Published = serde_json::from_str(text).ok()?;
        let site = published.sites.get("multiple_myeloma")?.effect;
        Some((published.parameters.check().ok()?, site.check().ok()?))
    };
    read().expect("broken invariant: the shipped parameters of the registry trend cannot be read")
}

impl TrendParameters {
    /// The values that the crate ships, with how they were estimated in
    /// `src/figures/registry_trend.json`: maximum likelihood over 553 yearly series of 29 cancer sites in
    /// 23 countries, 1999–2023, without 2020 and 2021, each pair of country and site counted once (IARC
    /// Cancer Over Time; U.S. Cancer Statistics; NHS England NDRS; ZfKD/RKI). Standard errors, from
    /// leaving out one country at a time:
    ///
    /// | parameter | value | standard error |
    /// |---|---|---|
    /// | mean growth | 0.0190 | 0.0027 |
    /// | persistence | 0.886 | 0.041 |
    /// | noise of the level | 0.0291 | 0.0051 |
    /// | noise of growth | 0.00720 | 0.0016 |
    /// | noise of counts | 0.0150 | 0.0035 |
    /// | spread of volatility | 0.529 | 0.098 |
    /// | exponent of size | −0.180 | 0.033 |
    /// | spread of growth between sites | 0.0127 | 0.0015 |
    /// | spread of trends between sites | 0.474 | 0.075 |
    /// | reported late | 0.028, 0.011, 0.009 | 0.010, 0.006, 0.005 |
    /// | calibration | 0.90 | 0.09 |
    #[must_use]
    pub fn shipped() -> Self {
        SHIPPED.0
    }

    /// The values of the rate that the crate ships, with how they were estimated in
    /// `src/figures/registry_trend_rate.json`: maximum likelihood as for [`TrendParameters::shipped`], with expected cases.
    /// Persistence, noise of growth and calibration are then those that score best over horizons of 1 to 15 years: the
    /// likelihood is one of next year's count, and the growth that it sees reverts too slowly for the years after. Standard
    /// errors, of the estimates by likelihood, from leaving out one country at a time:
    ///
    /// | parameter | value | by likelihood | standard error |
    /// |---|---|---|---|
    /// | mean growth | 0.0121 | | 0.0033 |
    /// | persistence | 0.689 | 0.885 | 0.053 |
    /// | noise of the level | 0.0282 | | 0.0048 |
    /// | noise of growth | 0.01755 | 0.00643 | 0.0014 |
    /// | noise of counts | 0.0156 | | 0.0039 |
    /// | spread of volatility | 0.533 | | 0.098 |
    /// | exponent of size | −0.177 | | 0.036 |
    /// | spread of growth between sites | 0.0131 | | 0.0015 |
    /// | spread of trends between sites | 0.554 | | 0.066 |
    /// | reported late | 0.028, 0.011, 0.009 | | 0.008, 0.005, 0.004 |
    /// | calibration | 0.686 | 1 | |
    /// | elasticity | 0.567 | | 0.145 |
    ///
    /// The logit of the persistence has a standard error of 0.480, the log of the noise of growth one of 0.133 where the
    /// persistence is known ([`TrendErrors`]).
    #[must_use]
    pub fn shipped_rate() -> Self {
        RATE.0
    }

    /// The parameters, if each is in its range.
    pub(super) fn check(self) -> Result<Self> {
        let place = Place("a registry trend");
        let (volatility, size) = (self.volatility_spread, self.size_exponent);
        let (growth, trend) = (self.site_growth_spread, self.site_trend_spread);
        let errors = self.errors;
        let [of_growth, of_persistence] = [errors.mean_growth, errors.persistence];
        let [of_level, of_noise] = [errors.level_noise, errors.growth_noise];
        for (name, value, range) in [
            ("the mean growth", self.mean_growth, -1.0..=1.0),
            ("the elasticity less 1", self.elasticity - 1.0, -1.0..=1.0),
            ("the exponent of size", size, -1.0..=1.0),
            ("the noise of counts", self.count_noise, 0.0..=1.0),
            ("the spread of volatility", volatility, 0.0..=2.0),
            ("the spread of growth between sites", growth, 0.0..=1.0),
            ("the spread of trends between sites", trend, 0.0..=2.0),
            ("the error of the mean growth", of_growth, 0.0..=2.0),
            (
                "the error of the persistence of growth",
                of_persistence,
                0.0..=2.0,
            ),
            ("the error of the noise of the level", of_level, 0.0..=2.0),
            ("the error of the noise of growth", of_noise, 0.0..=2.0),
        ] {
            place.between(name, value, range)?;
        }
        for late in self.late_reporting {
            place.between("the share reported late", late, -1.0..=1.0)?;
        }
        let slope = errors.growth_noise_slope.abs() / 5.0;
        let name = "a fifth of the slope of the noise of growth";
        place.between(name, slope, 0.0..=2.0)?;
        let of_counts = self.scale == TrendScale::Counts;
        let holds = !of_counts || (self.elasticity - 1.0).abs() <= 0.0;
        let allowed = "1 for a trend of counts";
        place.check(holds, "the elasticity", self.elasticity, allowed)?;
        let holds = (0.0..1.0).contains(&self.persistence);
        let name = "the persistence of growth";
        place.check(holds, name, self.persistence, "at least 0 and below 1")?;
        for (name, value) in [
            ("half the factor of calibration", self.calibration / 2.0),
            ("the noise of the level", self.level_noise),
            ("the noise of growth", self.growth_noise),
        ] {
            let holds = value > 0.0 && value <= 1.0;
            place.check(holds, name, value, "above 0 and at most 1")?;
        }
        Ok(self)
    }

    /// The effect of a site of which nothing is known: none, with the spread between sites as error.
    #[must_use]
    pub const fn unknown_site(&self) -> SiteEffect {
        SiteEffect {
            growth: 0.0,
            growth_error: self.site_growth_spread,
            trend: 0.0,
            trend_error: self.site_trend_spread,
        }
    }
}

impl SiteEffect {
    /// Multiple myeloma, as estimated with [`TrendParameters::shipped`] from 72 series of 21 countries:
    /// counts grow by 2.6 % a year in the long run, and that growth is steadier than at other sites.
    #[must_use]
    pub fn myeloma() -> Self {
        SHIPPED.1
    }

    /// Multiple myeloma in a trend of the rate, as estimated with [`TrendParameters::shipped_rate`].
    #[must_use]
    pub fn myeloma_rate() -> Self {
        RATE.1
    }

    /// The effect, if its numbers can be one.
    pub(super) fn check(self) -> Result<Self> {
        for (name, value) in [
            ("the growth of the site", self.growth),
            ("the trend of the site", self.trend),
        ] {
            Place("a site effect").between(name, value, -3.0..=3.0)?;
        }
        for (name, value) in [
            ("the error of the growth of the site", self.growth_error),
            ("the error of the trend of the site", self.trend_error),
        ] {
            Place("a site effect").between(name, value, 0.0..=2.0)?;
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The file against the tables in the documentation.
    #[test]
    fn shipped_values_are_those_of_the_tables() {
        let parameters = TrendParameters {
            mean_growth: 0.019_0,
            persistence: 0.886,
            level_noise: 0.029_1,
            growth_noise: 0.007_20,
            count_noise: 0.015_0,
            volatility_spread: 0.529,
            size_exponent: -0.180,
            site_growth_spread: 0.012_7,
            site_trend_spread: 0.474,
            late_reporting: [0.028, 0.011, 0.009],
            calibration: 0.90,
            elasticity: 1.0,
            scale: TrendScale::Counts,
            errors: TrendErrors::default(),
        };
        let myeloma = SiteEffect {
            growth: 0.007_4,
            growth_error: 0.002_8,
            trend: -0.410,
            trend_error: 0.291,
        };
        assert_eq!(TrendParameters::shipped(), parameters);
        let rate = TrendParameters {
            mean_growth: 0.012_1,
            persistence: 0.689,
            level_noise: 0.028_2,
            growth_noise: 0.017_55,
            count_noise: 0.015_6,
            volatility_spread: 0.533,
            size_exponent: -0.177,
            site_growth_spread: 0.013_1,
            site_trend_spread: 0.554,
            late_reporting: [0.028, 0.011, 0.009],
            calibration: 0.686,
            elasticity: 0.567,
            scale: TrendScale::Rate,
            errors: TrendParameters::shipped_rate().errors,
        };
        assert_eq!(TrendParameters::shipped_rate(), rate);
        assert_eq!(SiteEffect::myeloma(), myeloma);
    }
}
