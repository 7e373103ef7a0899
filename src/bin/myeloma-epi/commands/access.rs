//! Who becomes eligible for equecabtagene autoleucel where it is approved.

use std::error::Error;
use std::fmt::Write;

use clap::Args;
use myeloma_epi::ndarray::Array2;
use myeloma_epi::pathway::access::{AccessFact, Exposure};
use myeloma_epi::pathway::evidence::Preset;
use myeloma_epi::pathway::{Flow, FlowOptions};
use myeloma_epi::{Outlook, OutlookOptions, YearSummary, YearlyDraws, figures};

use crate::argument_values;
use crate::output::{Answer, Format, Output, tell};

#[derive(Debug, Args)]
#[command(
    after_help = "Example: myeloma-epi access --exposed 90% --adult 100% --hong-kong 250 --macau 40\n\
                        The crate has figures for none of the four: the shares and counts are yours."
)]
pub(crate) struct Arguments {
    /// Of those in whom third line has failed, the share who have had a proteasome inhibitor and an immunomodulatory agent
    #[arg(long, value_name = "SHARE", value_parser = argument_values::part)]
    exposed: Option<f64>,
    /// The share of adults among them
    #[arg(long, value_name = "SHARE", value_parser = argument_values::part)]
    adult: Option<f64>,
    /// New cases a year in Hong Kong
    #[arg(long, value_name = "CASES")]
    hong_kong: Option<f64>,
    /// New cases a year in Macau
    #[arg(long, value_name = "CASES")]
    macau: Option<f64>,
    /// The last year
    #[arg(long, value_name = "YEAR", default_value_t = 2030)]
    to: i32,
}

const DRAWS: usize = 2_000;

const ONE_DRAW: &str = "the numbers are those of one draw of many possible ones, neither medians nor intervals: ask for more draws";

pub(crate) fn run(arguments: &Arguments, output: &Output) -> Result<Answer, Box<dyn Error>> {
    let draws = output.draws.unwrap_or(DRAWS);
    let (first, flows) = flows(arguments, output)?;
    let (eligible, lacking) = eligible(arguments, first, &flows);
    let mut text = "access to equecabtagene autoleucel\n".to_owned();
    for fact in AccessFact::shipped() {
        writeln!(text, "  {fact}")?;
    }
    writeln!(text, "become eligible in the year, median (95 % interval)")?;
    let mut csv = "year,jurisdiction,median,lower95,upper95\n".to_owned();
    let digits = output.digits();
    let mut patients = Vec::new();
    let no_interval = if draws == 1 {
        "one draw"
    } else {
        "no error is stated"
    };
    for (place, summary) in eligible {
        let YearSummary { year, median, .. } = summary;
        let interval = summary.interval95();
        let said = interval.map(|[low, high]| format!("{low:.0}-{high:.0}"));
        let said = said.as_deref().unwrap_or(no_interval);
        writeln!(text, "  {year} {place}: {median:.0} ({said})")?;
        let [low, high] = interval.map_or([None; 2], |ends| ends.map(Some));
        patients.push(serde_json::json!({
            "year": year, "jurisdiction": place, "median": median, "lower95": low, "upper95": high,
        }));
        let numbers = [Some(median), low, high];
        let [median, low, high] =
            numbers.map(|number| number.map_or_else(String::new, |n| digits.text(n)));
        writeln!(csv, "{year},{place},{median},{low},{high}")?;
    }
    // A table without a row is no answer.
    let of_text = output.is(Format::Text) && !output.writes_files();
    if let ([], [(why, _), ..], false) = (&patients[..], &lacking[..], of_text) {
        return Err(why.clone().into());
    }
    let of_draws = match draws {
        1 => Some(ONE_DRAW.to_owned()),
        _ => (flows.iter().flat_map(|(_, flow)| flow.cautions()))
            .find(|caution| caution.contains("ask for more draws")),
    };
    let lacking = lacking
        .iter()
        .map(|(error, years)| format!("{}: {error}", years.join(", ")));
    for lacks in of_draws.into_iter().chain(lacking) {
        if output.is(Format::Text) {
            writeln!(text, "  {lacks}")?;
        } else {
            tell(&lacks);
        }
    }
    let json = serde_json::json!({"facts": AccessFact::shipped(), "become_eligible": patients});
    Ok(Answer {
        text,
        files: vec![("access.csv".into(), csv)],
        json: Some(serde_json::to_string_pretty(&json)? + "\n"),
        ..Answer::default()
    })
}

/// Those who become eligible, by year and place, and what is lacking in which years.
type Eligible = (Vec<(&'static str, YearSummary)>, Vec<(String, Vec<String>)>);

fn eligible(arguments: &Arguments, first: i32, flows: &[FlowOf]) -> Eligible {
    let exposure = Exposure {
        proteasome_inhibitor_and_immunomodulator: arguments.exposed,
        adult: arguments.adult,
    };
    let flows: Vec<(&str, &Flow)> = flows.iter().map(|(name, flow)| (*name, flow)).collect();
    let (mut all, mut lacking): Eligible = (Vec::new(), Vec::new());
    for year in first..=arguments.to {
        match exposure.eligible_where_approved(&flows, year) {
            Ok(eligible) => all.extend(
                eligible
                    .iter()
                    .map(|(fact, of)| (&*fact.jurisdiction, of.summary()[0])),
            ),
            // Years that lack the same figure are told of together.
            Err(error) => {
                let error = error.to_string();
                match lacking.iter_mut().find(|(other, _)| *other == error) {
                    Some((_, years)) => years.push(year.to_string()),
                    None => lacking.push((error, vec![year.to_string()])),
                }
            }
        }
    }
    (all, lacking)
}

/// Patients by line of therapy in a place.
type FlowOf = (&'static str, Flow);

/// The first year of the forecast, and the flow of each place whose new cases are known.
fn flows(arguments: &Arguments, output: &Output) -> Result<(i32, Vec<FlowOf>), Box<dyn Error>> {
    let (to, draws) = (arguments.to, output.draws.unwrap_or(DRAWS));
    let pathway = Preset::of("west_china")?.pathway;
    let options = FlowOptions {
        seed: output.seed(),
        ..FlowOptions::to(to)
    };
    let of_press_release = OutlookOptions {
        to,
        draws,
        seed: output.seed(),
        ..OutlookOptions::myeloma()
    };
    let outlook = Outlook::of(figures::press_release(), &of_press_release)?;
    let china = outlook.region("China")?;
    let first = china.new_cases().first_year();
    let mut flows = vec![(
        "mainland China",
        pathway.flow(&china.diagnosed()?, &options)?,
    )];
    for (jurisdiction, cases) in [
        ("Hong Kong", arguments.hong_kong),
        ("Macau", arguments.macau),
    ] {
        if let Some(cases) = cases {
            let years = usize::try_from(to - first + 1)?;
            let incidence = YearlyDraws::new(first, Array2::from_elem((years, draws), cases))?;
            flows.push((jurisdiction, pathway.flow(&incidence, &options)?));
        }
    }
    Ok((first, flows))
}
