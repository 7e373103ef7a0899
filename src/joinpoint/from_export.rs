//! Series out of the files that registries publish.

use std::collections::BTreeSet;

use super::AnnualSeries;
use super::annual_series::{Point, Variable};
use crate::demography::Sex;
use crate::error::{Error, Result};
use crate::figures::Status;
use crate::readers::{Export, Measure, Quantity, Row, Unit};
use crate::series::IncidenceSeries;

impl AnnualSeries {
    /// Rates, or numbers of new cases, of an [`Export`]: one of each year, of the only region, sex and age group that it has
    /// or of both sexes and all ages.
    ///
    /// Counts are added up over sexes and ages as in [`Export::figures`]. Rates are never added: a rate of both
    /// sexes and all ages has to stand there, and intervals beside it are not taken as its error. Deaths and other quantities are
    /// taken where the file has no new cases; the name of the series says what it is of where that is not new cases alone, and so
    /// for one sex or age group.
    /// Projections, which are no observations, are left out.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unsuitable`](crate::ErrorKind::Unsuitable) where the export has several regions ([`Export::of_region`]), cancers
    /// ([`Export::of_site`]), measures or rates of one year, a year without the rate that others have, or none, and the errors of [`AnnualSeries::from_counts`].
    ///
    /// # Example
    ///
    /// ```
    /// use myeloma_epi::readers::{self, Unit};
    /// use myeloma_epi::joinpoint::AnnualSeries;
    ///
    /// let text = "region,year,rate,standard error\nAtlantis,2019,4.1,0.2\nAtlantis,2020,4.3,0.2\n";
    /// let export = readers::from_bytes("rates.csv", text.as_bytes())?;
    /// let series = AnnualSeries::from_export(&export, Unit::Rate)?;
    /// assert_eq!(series.values().collect::<Vec<_>>(), [(2019, 4.1), (2020, 4.3)]);
    /// assert!(series.has_standard_errors() && !series.is_of_counts());
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    pub fn from_export(export: &Export, unit: Unit) -> Result<Self> {
        let unsuitable = |message: String| Err(Error::unsuitable(message));
        let regions = export.regions();
        let [region] = regions[..] else {
            let (number, first) = (regions.len(), regions.first().copied().unwrap_or("none"));
            return unsuitable(format!(
                "a series is of one region, and the {} has {number} ({first}, …): choose one",
                export.format
            ));
        };
        if unit == Unit::Number {
            let series = IncidenceSeries::from_figures(&export.figures()?, region)?;
            return Ok(Self::from(&series));
        }
        let rows = rates_of_one_group(export, unit)?;
        let of_unit = export.rows.iter().filter(|row| row.measure.unit == unit);
        let one_quantity = quantities(of_unit).len() == 1;
        let name = name(rows[0], one_quantity);
        let mut points = Vec::new();
        for row in rows {
            let Some(year) = row.year else {
                return unsuitable(format!("line {}: a rate without a year", row.line));
            };
            let of_rate = row.relative_error.map(|error| error * row.value);
            let of_rate = of_rate.filter(|error| *error > 0.0);
            let point = Point {
                year,
                value: row.value,
                standard_error: row.standard_error.or(of_rate),
                mark: row.mark,
            };
            points.push((row.line, point));
        }
        points.sort_by_key(|(line, point)| (point.year, *line));
        if let Some(pair) = points
            .windows(2)
            .find(|pair| pair[0].1.year == pair[1].1.year)
        {
            return unsuitable(format!(
                "two rates of {region} {} (lines {} and {}): choose a cancer (--site, Export::of_site), or keep the rows of one sex, \
                 age group, definition, source and variant",
                pair[0].1.year, pair[0].0, pair[1].0
            ));
        }
        let points = points.into_iter().map(|(_, point)| point).collect();
        Self::new(name, Variable::Rate, points)
    }
}

/// The rates in a unit: of new cases where there are any, of the only sex and age group, or of both sexes and all ages. There
/// is at least one.
fn rates_of_one_group(export: &Export, unit: Unit) -> Result<Vec<&Row>> {
    let new_cases = |row: &&Row| row.measure.quantity == Quantity::Incidence;
    let mut rows: Vec<&Row> = export.rows.iter().collect();
    rows.retain(|row| row.measure.unit == unit && row.status != Some(Status::Projection));
    if rows.is_empty() {
        let measures = export.rows.iter().map(|row| row.measure.to_string());
        let measures: BTreeSet<String> = measures.collect();
        return Err(Error::unsuitable(format!(
            "the {} has no such rate: it has {}",
            export.format,
            Vec::from_iter(measures).join(", ")
        )));
    }
    if rows.iter().any(new_cases) {
        rows.retain(new_cases);
    }
    let several = quantities(rows.iter().copied());
    if several.len() > 1 {
        return Err(Error::unsuitable(format!(
            "the {} has rates of {}: choose one with --measure (ReadOptions::quantity)",
            export.format,
            Vec::from_iter(several).join(", ")
        )));
    }
    let of_all_people = |row: &&&Row| row.subgroup.is_none();
    let years = |rows: &[&Row]| -> BTreeSet<i32> {
        let rows = rows.iter().filter(of_all_people);
        rows.filter_map(|row| row.year).collect()
    };
    let all_years = years(&rows);
    let group = |row: &&Row| {
        let sex = row.sex.map(|sex| sex.to_string());
        (row.site.clone(), sex, row.age.clone(), row.subgroup.clone())
    };
    if rows.iter().map(group).collect::<BTreeSet<_>>().len() > 1 {
        rows.retain(|row| {
            // What no row states does not part them.
            let of_all_ages = row.age.as_deref().is_none_or(|age| age == "all");
            of_all_ages && row.subgroup.is_none() && row.sex.is_none_or(|sex| sex == Sex::Both)
        });
    }
    if rows.is_empty() {
        return Err(Error::unsuitable(format!(
            "the {} has rates of several sexes, ages or cancers, and none of both sexes and all ages: keep the rows of one of them",
            export.format
        )));
    }
    if let Some(year) = all_years.difference(&years(&rows)).next() {
        return Err(Error::unsuitable(format!(
            "no rate of both sexes and all ages for {year}, and rates are not added up: write it into the file, or keep the rows of \
             one sex and age group in all years"
        )));
    }
    Ok(rows)
}

/// What rates are of; those of people's numbers are none.
fn quantities<'r>(rows: impl Iterator<Item = &'r Row>) -> BTreeSet<String> {
    let quantities = rows.map(|row| row.measure.quantity);
    let counted = quantities.filter(|quantity| *quantity != Quantity::Population);
    counted.map(|quantity| quantity.to_string()).collect()
}

/// The region, and what else a rate is of.
fn name(row: &Row, one_quantity: bool) -> String {
    let is_told = |measure: &Measure| measure.quantity != Quantity::Incidence || !one_quantity;
    let measure = Some(row.measure).filter(is_told);
    let sex = row.sex.filter(|sex| *sex != Sex::Both);
    let age = row.age.as_deref().filter(|age| *age != "all");
    let parts = [
        Some(row.region.to_string()),
        measure.map(|measure| measure.to_string()),
        sex.map(|sex| sex.to_string()),
        age.map(|age| format!("aged {age}")),
        row.subgroup.as_deref().map(str::to_owned),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    parts.join(", ")
}
