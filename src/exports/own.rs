//! A table of figures as users write them: the columns of `Figures::from_csv`, in any capitals, with others beside them.

use super::Format;
use super::header::Header;
use super::layout::{From, Layout, StatusOf, Values};
use super::row::{Quantity, Unit};

/// `year` and `cases`, and `region` unless the options of reading name it.
pub(super) fn layout(header: &Header<'_>) -> Option<Layout> {
    let region = header.column(&["region", "country", "location", "area"]);
    let (year, cases) = (
        header.column(&["year"])?,
        header.column(&["cases", "newcases"])?,
    );
    let mut layout = Layout::new(Format::Own, "");
    layout.region = From::column(region);
    layout.year = From::Column(year);
    // Figures are of both sexes and all ages, unless columns of these names say otherwise.
    layout.sex = header
        .column(&["sex"])
        .map_or_else(|| From::fixed("both"), From::Column);
    layout.age = header
        .column(&["age", "agegroup"])
        .map_or_else(|| From::fixed(super::age::ALL), From::Column);
    layout.site = From::column(header.column(&["site", "cancer"]));
    layout.definition = From::column(header.column(&["icd10"]));
    let ends = (header.column(&["lower95"]), header.column(&["upper95"]));
    layout.values =
        vec![Values::new(cases, Quantity::Incidence, Unit::Number).within(ends.0, ends.1)];
    layout.status = header
        .column(&["status"])
        .map_or(StatusOf::None, StatusOf::Column);
    layout.relative_error = header.column(&["relativeerror"]);
    layout.mark = header.column(&["mark"]);
    layout.checked = header.column(&["checked"]);
    layout.source_column = header.column(&["source"]);
    if header.column(&["status"]).is_none() {
        layout.note("the table does not say how its figures came about (column status)");
    }
    Some(layout)
}
