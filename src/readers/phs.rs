//! Cancer incidence of Public Health Scotland, with a column for each age group
//! (<https://www.opendata.nhs.scot/dataset/annual-cancer-incidence>; Open Government Licence v3).

use super::Format;
use super::header::Header;
use super::layout::{From, Layout, StatusOf, Values};
use super::row::{Quantity, Unit};
use crate::error::Result;
use crate::figures::Status;

/// `CancerSite` and `IncidencesAllAges` or other columns of one age group.
pub(super) fn layout(header: &Header<'_>) -> Result<Option<Layout>> {
    let mut values: Vec<Values> = header
        .keys()
        .filter_map(|(column, key)| of_column(column, key))
        .collect();
    let site = header.column("cancersite site cancersitename");
    let (Some(site), false) = (site, values.is_empty()) else {
        return Ok(None);
    };
    let mut layout = Layout::new(Format::Phs, "Public Health Scotland");
    let region =
        header.column("country hb hbname region healthboard cancernetwork networkregion hbr");
    layout.region = region.map_or_else(|| From::fixed("Scotland"), From::Column);
    layout.region_name = |code| (code == "S92000003").then_some("Scotland");
    layout.year = From::Column(header.needed(
        "year yearofdiagnosis years",
        "Year",
        "a row is of one year",
    )?);
    layout.sex =
        From::Column(header.needed("sex", "Sex", "women, men and all cannot be told apart")?);
    layout.site = From::Column(site);
    layout.definition = header.text_of("cancersiteicd10code icd10code icd10");
    for (rate, unit) in [("cruderate", Unit::Rate), ("easr", Unit::StandardisedRate)] {
        let Some(column) = header.column(rate) else {
            continue;
        };
        let end = |which: &str| {
            header.column(&format!(
                "{rate}{which}95pcconfidenceinterval {rate}{which}95ci"
            ))
        };
        let quantity = values[0].measure.quantity;
        let all = Some(super::age::ALL.to_owned());
        values.push(Values {
            age: all,
            ..Values::new(column, quantity, unit).within(end("lower"), end("upper"))
        });
    }
    layout.values = values;
    layout.status = StatusOf::All(Status::Registered);
    layout.beside = header
        .keys()
        .filter(|(_, key)| key.ends_with("qf") || *key == "id")
        .map(|(i, _)| i)
        .collect();
    Ok(Some(layout))
}

/// `IncidencesAge15To19`, `IncidencesAge90AndOver`, `IncidenceRateAgeUnder5`, `DeathsAllAges`.
fn of_column(column: usize, key: &str) -> Option<Values> {
    let kinds = [
        ("incidencerate", Quantity::Incidence, Unit::Rate),
        ("incidences", Quantity::Incidence, Unit::Number),
        ("mortalityrate", Quantity::Deaths, Unit::Rate),
        ("deathrate", Quantity::Deaths, Unit::Rate),
        ("deaths", Quantity::Deaths, Unit::Number),
    ];
    let (rest, quantity, unit) = kinds
        .iter()
        .find_map(|(start, quantity, unit)| Some((key.strip_prefix(start)?, *quantity, *unit)))?;
    let age = if rest == "allages" {
        super::age::ALL.to_owned()
    } else {
        let group = rest
            .strip_prefix("aged")
            .or_else(|| rest.strip_prefix("age"))?;
        let group = group
            .replace("andover", "+")
            .replace("plus", "+")
            .replace("under", "<")
            .replace("to", "-");
        let named = super::age::age(&group);
        super::age::named(&named)?;
        named
    };
    let values = Values::new(column, quantity, unit);
    Some(Values {
        age: Some(age),
        whole: unit == Unit::Number,
        ..values
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_in_names_of_columns() {
        for (key, age) in [
            ("incidencesageunder5", "0-4"),
            ("incidencesage5to9", "5-9"),
            ("incidencesage85andover", "85+"),
            ("incidencerateage90plus", "90+"),
            ("incidencesallages", "all"),
        ] {
            assert_eq!(
                of_column(0, key).and_then(|values| values.age).as_deref(),
                Some(age)
            );
        }
        assert!(of_column(0, "incidencesageunknown").is_none());
        assert!(of_column(0, "standardisedincidenceratio").is_none());
    }
}
