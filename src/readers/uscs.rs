//! The files of U.S. Cancer Statistics that are parted by `|`: `BYSITE.TXT`, `BYAGE.TXT`,
//! `BYAREA.TXT`, `BYAREA_COUNTY.TXT`
//! (<https://www.cdc.gov/united-states-cancer-statistics/dataviz/download-data.html>; public domain, cite).

use super::Format;
use super::header::Header;
use super::layout::{From, Layout, StatusOf, Values, Word};
use super::row::{Quantity, Unit};
use crate::error::Result;
use crate::figures::Status;

/// `EVENT_TYPE`, `SITE`, `COUNT`, `YEAR`.
pub(super) fn layout(header: &Header<'_>) -> Result<Option<Layout>> {
    if !(header.has("eventtype") && header.has("site")) {
        return Ok(None);
    }
    let event = header.needed(
        "eventtype",
        "EVENT_TYPE",
        "new cases and deaths cannot be told apart",
    )?;
    let mut layout = Layout::new(Format::Uscs, "U.S. Cancer Statistics (CDC and NCI)");
    layout.region = header.text_of("area").or(From::fixed("United States"));
    layout.year =
        From::Column(header.needed("year", "YEAR", "a row is of one year or of several")?);
    layout.sex =
        From::Column(header.needed("sex", "SEX", "women, men and both cannot be told apart")?);
    layout.age = header.text_of("age").or(From::fixed(super::age::ALL));
    layout.site = header.text_of("site");
    for part in ["race", "behavior", "state"] {
        layout.parts.extend(header.column(part));
    }
    layout.quantity = Some((event, |word| match word.to_lowercase().as_str() {
        "incidence" => Word::Is(Quantity::Incidence),
        "mortality" => Word::Is(Quantity::Deaths),
        _ => Word::Unknown,
    }));
    let of = Quantity::NotStated;
    let count = header.needed("count", "COUNT", "it holds the numbers")?;
    layout.values.push(Values::counts(count, of));
    layout.take(header.column("population"), |column| {
        Values::counts(column, Quantity::Population)
    });
    for (rate, lower, upper, unit) in [
        (
            "ageadjustedrate",
            "ageadjustedcilower",
            "ageadjustedciupper",
            Unit::StandardisedRate,
        ),
        ("cruderate", "crudecilower", "crudeciupper", Unit::Rate),
        ("rate", "cilower", "ciupper", Unit::Rate),
    ] {
        let (lower, upper) = (header.column(lower), header.column(upper));
        layout.take(header.column(rate), |column| {
            Values::new(column, of, unit).within(lower, upper)
        });
    }
    layout.status = StatusOf::All(Status::Registered);
    Ok(Some(layout))
}
