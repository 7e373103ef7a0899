//! What the user knows and the file does not say.

use std::path::Path;

use super::figures::different;
use super::layout::{From, Layout, StatusOf, Values};
use super::reading;
use super::row::{Quantity, Row};
use super::{Export, Format, shared_words};
use crate::demography::Sex;
use crate::error::Result;
use crate::figures::Status;
use crate::files::{self, unreadable};

/// What the user knows and the file does not say: the year of a table of Cancer Today, say, or whether it has new cases
/// or deaths.
///
/// What a file or its maker's format says cannot be replaced: another value is an error, the same one is not. Cells that are
/// empty are filled. Of its regions and measures one can be chosen, and of columns for women and men those of one sex.
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
    /// What is counted; where the table says so itself, the rows that are taken, beside those of people.
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
    /// As [`readers::read`](super::read), and where the file itself says something else than what is given here.
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

    /// Puts what is known where the file says nothing of itself, or the reader has assumed something; what stands in its
    /// columns is looked at row by row.
    pub(super) fn apply(&self, place: &str, layout: &mut Layout) -> Result<()> {
        let may_be_renamed = layout.region_is_code && matches!(layout.region, From::Column(_));
        if may_be_renamed && self.region.is_some() {
            layout.region = From::NotStated;
        }
        if let (Some(given), From::Fixed(said)) = (&self.region, &layout.region)
            && !said.eq_ignore_ascii_case(given)
        {
            return Err(unreadable(place, None, says_itself("region", said)));
        }
        let year = self.year.map(|year| year.to_string());
        let sex = self.sex.map(|sex| sex.to_string());
        for (given, stated) in [
            (&self.region, &mut layout.region),
            (&year, &mut layout.year),
            (&sex, &mut layout.sex),
            (&self.age, &mut layout.age),
            (&self.site, &mut layout.site),
            (&self.round, &mut layout.round),
        ] {
            if let (Some(given), From::NotStated | From::Assumed(_)) = (given, &stated) {
                *stated = From::fixed(given);
            }
        }
        // Of columns for women and men those are taken that are asked for; the others are named as not read.
        let is_of = |values: &Values| self.sex.is_some() && values.sex == self.sex;
        if layout.values.iter().any(is_of) {
            layout.values.retain(is_of);
        }
        let of_variants =
            matches!(layout.status, StatusOf::Variant) && layout.variant != From::NotStated;
        if self.status.is_some() && of_variants {
            return Err(unreadable(
                place,
                None,
                says_itself("status", "by its variants"),
            ));
        }
        let has_no_status = matches!(layout.status, StatusOf::None);
        if self.status.is_none() && layout.format == Format::Own && has_no_status {
            layout.note("the table does not say how its figures came about (column status)");
        }
        layout.known = Self {
            age: self.age.as_deref().map(layout.age_of),
            definition: self
                .definition
                .as_deref()
                .map(|codes| shared_words::definition(codes).unwrap_or_else(|| codes.to_owned())),
            ..self.clone()
        };
        if let Some(name) = layout
            .called_after
            .take_if(|_| layout.region == From::NotStated)
        {
            layout.note(&format!(
                "the table names no region: it is called after the file, {name}"
            ));
            layout.region = From::assumed(name);
        }
        if layout.region == From::NotStated {
            let message = format!("the table names no region: {}", super::stated_by("region"));
            return Err(unreadable(place, None, message));
        }
        Ok(())
    }

    /// Of an export that says what it counts the rows of the quantity that is asked for, and people.
    pub(super) fn choose_quantity(&self, place: &str, export: &mut Export) -> Result<()> {
        let Some(wanted) = self.quantity else {
            return Ok(());
        };
        let before = export.rows.len();
        let said = different(export.rows.iter().map(|row| Some(row.measure.quantity)));
        let is_of = |row: &Row| row.measure.quantity == wanted;
        if !export.rows.iter().any(is_of) {
            let message = says_itself("measure", &said.join(", "));
            return Err(unreadable(place, None, message));
        }
        (export.rows).retain(|row| is_of(row) || row.measure.quantity == Quantity::Population);
        let left = before - export.rows.len();
        if left > 0 {
            (export.notes).push(format!("numbers of other measures left out: {left}"));
        }
        Ok(())
    }

    /// Fills what a row lacks; an error names what the row says otherwise.
    pub(super) fn fill(&self, row: &mut Row) -> std::result::Result<(), String> {
        if let (Some(given), Quantity::NotStated) = (self.quantity, row.measure.quantity) {
            row.measure.quantity = given;
        }
        filled("year", self.year, &mut row.year)?;
        filled("sex", self.sex, &mut row.sex)?;
        filled("status", self.status, &mut row.status)?;
        for (option, given, there) in [
            ("age", &self.age, &mut row.age),
            ("site", &self.site, &mut row.site),
            ("definition", &self.definition, &mut row.definition),
            ("round", &self.round, &mut row.round),
        ] {
            match (given, &there) {
                (Some(given), None) => *there = Some(given.as_str().into()),
                (Some(given), Some(said)) if !said.eq_ignore_ascii_case(given) => {
                    return Err(says_itself(option, said));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// Fills what a row lacks with what is given.
fn filled<T: Copy + PartialEq + std::fmt::Display>(
    option: &str,
    given: Option<T>,
    there: &mut Option<T>,
) -> std::result::Result<(), String> {
    match (given, *there) {
        (Some(given), Some(said)) if said != given => Err(says_itself(option, &said.to_string())),
        _ => {
            *there = there.or(given);
            Ok(())
        }
    }
}

/// What the file says is not replaced.
fn says_itself(option: &str, said: &str) -> String {
    format!("the table says its {option} itself, {said}: do not state --{option}")
}
