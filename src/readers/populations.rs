//! Populations by age out of an export.

use std::collections::{BTreeMap, HashMap};

use ndarray::Array2;

use super::figures::{different, unsuitable};
use super::row::{Quantity, Row, Unit};
use super::{Export, age};
use crate::demography::{AgeGroups, Population, Sex};
use crate::error::Result;

/// The numbers of one region and sex, by year and first age, with the name of the group.
type ByYear<'r> = BTreeMap<i32, BTreeMap<u32, &'r Row>>;

impl Export {
    /// The people by age: a population for each region and sex, in the order of the file. Numbers of all ages are passed over.
    ///
    /// ```
    /// use myeloma_epi::{demography::Sex, readers};
    ///
    /// // In the layout of the bulk files of World Population Prospects; thousands of people.
    /// let text = "\
    /// LocID,Location,VarID,Variant,Time,MidPeriod,AgeGrp,AgeGrpStart,AgeGrpSpan,PopMale,PopFemale,PopTotal
    /// 4,Atlantis,2,Medium,2026,2026.5,0-64,0,65,4.0,4.1,8.1
    /// 4,Atlantis,2,Medium,2026,2026.5,65+,65,-1,0.9,1.1,2.0
    /// ";
    /// let populations = readers::from_bytes("wpp.csv", text.as_bytes())?.populations()?;
    /// let women = populations.iter().find(|people| people.sex() == Sex::Female).unwrap();
    /// assert_eq!(women.total(2026)?, 5_200.0);
    /// # Ok::<(), myeloma_epi::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unsuitable`](crate::ErrorKind::Unsuitable) with what is missing or too much: numbers of people by age, a year, a sex, one variant, all age
    /// groups in each year; as [`Population::new`].
    pub fn populations(&self) -> Result<Vec<Population>> {
        let mut order: Vec<(&str, Sex)> = Vec::new();
        let mut tables: HashMap<(&str, Sex), ByYear<'_>> = HashMap::new();
        for row in self.people()? {
            let (Some(year), Some(sex), Some(group)) = (row.year, row.sex, row.age.as_deref())
            else {
                return unsuitable(format!(
                    "no year, sex or age of the people of {}: {}",
                    row.place(),
                    super::stated_by("year")
                ));
            };
            let Some((first, _)) = age::named(group) else {
                return unsuitable(format!("people of the age \"{group}\" in {}", row.place()));
            };
            let key = (&*row.region, sex);
            let by_year = tables.entry(key).or_insert_with(|| {
                order.push(key);
                ByYear::new()
            });
            if let Some(before) = by_year.entry(year).or_default().insert(first, row) {
                let other = before.age.as_deref().unwrap_or_default();
                return unsuitable(format!(
                    "the age groups {other} and {group} overlap in {}",
                    row.place()
                ));
            }
        }
        order
            .iter()
            .map(|key| population(*key, &tables[key]))
            .collect()
    }

    /// Rows that count people by age, all of them, in one variant.
    fn people(&self) -> Result<Vec<&Row>> {
        let by_age = |row: &&Row| {
            let measure = row.measure;
            measure.quantity == Quantity::Population
                && measure.unit == Unit::Number
                && row.subgroup.is_none()
                && row.age.as_deref() != Some(age::ALL)
        };
        let rows: Vec<&Row> = self.rows.iter().filter(by_age).collect();
        if rows.is_empty() {
            return unsuitable(format!(
                "no numbers of people by age in the {}",
                self.format
            ));
        }
        for (what, names) in [
            (
                "variants",
                different(rows.iter().map(|row| row.variant.as_ref())),
            ),
            (
                "cancers",
                different(rows.iter().map(|row| row.site.as_ref())),
            ),
        ] {
            if names.len() > 1 {
                let named = names.len().min(12);
                return unsuitable(format!(
                    "people of several {what} in the {}: {}",
                    self.format,
                    names[..named].join(", ")
                ));
            }
        }
        Ok(rows)
    }
}

fn population((region, sex): (&str, Sex), by_year: &ByYear<'_>) -> Result<Population> {
    let labels = |row: &BTreeMap<u32, &Row>| -> Vec<String> {
        row.values()
            .map(|row| row.age.as_deref().unwrap_or_default().to_owned())
            .collect()
    };
    let groups = by_year.values().next().map(labels).unwrap_or_default();
    let mut persons = Vec::new();
    for (year, row) in by_year {
        if labels(row) != groups {
            return unsuitable(format!(
                "the age groups of {region}, {sex}, are others in {year} than in the first year"
            ));
        }
        persons.extend(row.values().map(|row| row.value));
    }
    let ages = AgeGroups::from_labels(&groups)?;
    let years: Vec<i32> = by_year.keys().copied().collect();
    let persons = Array2::from_shape_vec((years.len(), groups.len()), persons);
    let persons = persons.map_err(crate::Error::other)?;
    let first = by_year.values().next().and_then(|row| row.values().next());
    let source = first.map_or_else(String::new, |row| row.cited());
    Ok(Population::new(region, sex, ages, years, persons)?.with_source(source))
}
