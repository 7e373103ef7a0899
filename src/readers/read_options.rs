//! What the user knows and the file does not say.

use std::path::Path;

use super::layout::{From, Layout, StatusOf};
use super::reading;
use super::row::Quantity;
use super::{Export, Format};
use crate::demography::Sex;
use crate::error::Result;
use crate::figures::Status;
use crate::files::{self, unreadable};

/// What the user knows and the file does not say: the year of a table of Cancer Today, say, or whether it has new cases
/// or deaths.
///
/// What a file says of itself, row by row, cannot be replaced: that is an error. Of its regions one can be chosen.
///
/// # Example
///
/// ```
/// use myeloma_epi::readers::{Quantity, ReadOptions};
///
/// // In the layout of a table of Cancer Today, which says neither year nor measure.
/// let text = "\
/// Cancer code,ICD Code,Country,Label,Sex,Number,ASR (World),Crude rate,Cumulative risk
/// 35,C90,160,Multiple myeloma,0,30300,1.2,2.2,0.15
/// ";
/// let as_it_stands = ReadOptions::default().from_bytes("table.csv", text.as_bytes())?;
/// assert!(as_it_stands.figures().unwrap_err().to_string().contains("incidence"));
///
/// let options = ReadOptions { year: Some(2022), quantity: Some(Quantity::Incidence), ..ReadOptions::default() };
/// let figures = options.from_bytes("table.csv", text.as_bytes())?.figures()?;
/// let china = figures.iter().next().unwrap();
/// assert_eq!((china.region(), china.year(), china.cases(), china.icd10()), ("China", 2022, 30_300.0, Some("C90")));
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default, serde::Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReadOptions {
    /// The region, where the table names none, or a number; where it names regions, the one that is taken.
    pub region: Option<String>,
    /// The calendar year.
    pub year: Option<i32>,
    /// Of whom the numbers are.
    pub sex: Option<Sex>,
    /// The age group: `all`, `15-19`, `85+`.
    pub age: Option<String>,
    /// What is counted.
    pub quantity: Option<Quantity>,
    /// The cancer.
    pub site: Option<String>,
    /// The codes of ICD-10 that are counted: `C90`.
    pub definition: Option<String>,
    /// The edition of the source: `GBD 2021`.
    pub round: Option<String>,
    /// How the figures came about.
    pub status: Option<Status>,
    /// The sheet of a workbook, which is read with the feature `xlsx`; without it the first visible one whose table is known.
    pub sheet: Option<String>,
}

impl ReadOptions {
    /// As [`readers::read`](super::read), with what is known beside.
    ///
    /// # Errors
    ///
    /// As [`readers::read`](super::read), and where the file itself says what is given here.
    pub fn read(&self, path: impl AsRef<Path>) -> Result<Export> {
        let path = path.as_ref();
        let place = path.display().to_string();
        // SEER*Stat writes a dictionary beside its export, and the German registries' site an explanation. A table that needs it
        // and has none that can be read is an error; to the others it is nothing.
        let beside = [
            path.with_extension("dic"),
            path.with_file_name("metadaten.txt"),
        ];
        let beside = beside
            .iter()
            .filter(|beside| *beside != path)
            .find_map(|beside| {
                let bytes = files::read(beside).ok()?;
                let (text, _) = files::decoded(&beside.display().to_string(), &bytes).ok()?;
                Some(text.into_owned())
            });
        let beside = beside.unwrap_or_default();
        reading::export(&place, &files::read(path)?, &beside, self)
    }

    /// As [`readers::from_bytes`](super::from_bytes), with what is known beside.
    ///
    /// # Errors
    ///
    /// As [`ReadOptions::read`].
    pub fn from_bytes(&self, place: &str, bytes: &[u8]) -> Result<Export> {
        reading::export(place, bytes, "", self)
    }

    /// Puts what is known where the file says nothing.
    pub(super) fn apply(&self, place: &str, layout: &mut Layout) -> Result<()> {
        let refuse = |what: &str| -> Result<()> {
            let message = format!("the table says its {what} itself: do not state it");
            Err(unreadable(place, None, message))
        };
        if layout.region_is_code && self.region.is_some() {
            layout.region = From::NotStated;
        }
        let year = self.year.map(|year| year.to_string());
        let sex = self.sex.map(|sex| sex.to_string());
        for (what, given, stated) in [
            ("region", &self.region, &mut layout.region),
            ("year", &year, &mut layout.year),
            ("sex", &sex, &mut layout.sex),
            ("age", &self.age, &mut layout.age),
            ("site", &self.site, &mut layout.site),
            ("definition", &self.definition, &mut layout.definition),
        ] {
            let Some(given) = given else { continue };
            if matches!(stated, From::Column(_)) {
                if what == "region" {
                    continue;
                }
                return refuse(what);
            }
            *stated = From::Fixed(given.clone());
        }
        if let Some(quantity) = self.quantity {
            let stated =
                |stated| ![Quantity::NotStated, Quantity::Population, quantity].contains(&stated);
            if layout.quantity.is_some()
                || layout
                    .values
                    .iter()
                    .any(|values| stated(values.measure.quantity))
            {
                return refuse("quantity");
            }
            let open = layout
                .values
                .iter_mut()
                .filter(|values| values.measure.quantity == Quantity::NotStated);
            open.for_each(|values| values.measure.quantity = quantity);
        }
        if let Some(round) = &self.round {
            if layout.round != From::NotStated {
                return refuse("round");
            }
            layout.round = From::fixed(round);
        }
        if let Some(status) = self.status {
            if matches!(layout.status, StatusOf::Column(_)) {
                return refuse("status");
            }
            layout.status = StatusOf::All(status);
        } else if layout.format == Format::Own && matches!(layout.status, StatusOf::None) {
            layout.note("the table does not say how its figures came about (column status)");
        }
        let has_own_year = layout.values.iter().any(|values| values.year.is_some());
        if self.year.is_some() && has_own_year {
            return refuse("year");
        }
        if let Some(name) = layout
            .called_after
            .take_if(|_| layout.region == From::NotStated)
        {
            layout.note(&format!(
                "the table names no region: it is called after the file, {name}"
            ));
            layout.region = From::Fixed(name);
        }
        if layout.region == From::NotStated {
            let message = format!("the table names no region: {}", super::stated_by("region"));
            return Err(unreadable(place, None, message));
        }
        Ok(())
    }
}
