//! How forecasts would have done on past years.

use std::error::Error;
use std::path::PathBuf;

use clap::Args;
use myeloma_epi::backtest::{
    Backtest, BacktestOptions, CurveForecaster, Forecaster, Panel, PanelSeries, Past,
};
use myeloma_epi::forecast::RegistryTrend;
use myeloma_epi::score::Predictive;
use myeloma_epi::{IncidenceSeries, figures, report};

use crate::argument_values;
use crate::output::{Answer, Output};

/// The site of the shipped effect.
const MYELOMA: &str = "multiple_myeloma";

/// The registry trend as it is shipped: of the rate for series with expected cases, else of the counts; the spread between
/// sites stands for the effect of every site but myeloma.
#[derive(Debug, Clone, Copy)]
enum ShippedTrend {
    OfRateOrCounts,
    OfCounts,
}

impl Forecaster for ShippedTrend {
    fn name(&self) -> &'static str {
        match self {
            Self::OfRateOrCounts => "myeloma-epi",
            Self::OfCounts => "trend-of-counts",
        }
    }

    fn forecast(
        &self,
        past: &Past<'_>,
        horizons: usize,
    ) -> myeloma_epi::Result<Option<Vec<Predictive>>> {
        let trend = match (self, past.expected) {
            (Self::OfRateOrCounts, Some(_)) => RegistryTrend::rate(),
            _ => RegistryTrend::default(),
        };
        let trend = if past.site == MYELOMA {
            trend
        } else {
            trend.of_unknown_site()
        };
        trend.forecast(past, horizons)
    }
}

/// What every answer says of the parameters.
const AS_SHIPPED: &str = "\
The registry trends have their shipped parameters: for multiple_myeloma the effect of that site, for all
other sites the spread between sites in its place. The example of this name estimates the effects of all
sites without the country that is forecast, so that its scores of the panel of METHODS.md are others:
0.0677 (two figures) and 0.0593 (full history) where these parameters give 0.0738 and 0.0630.";

#[derive(Debug, Args)]
#[command(after_help = format!("{AS_SHIPPED}\n\nExample: myeloma-epi backtest --out backtest"))]
pub(crate) struct Arguments {
    /// Columns `series_id`, `group`, `site` (`multiple_myeloma` has the shipped effect of that site), `year`, `cases`, and if wanted `expected`, the cases at constant rates by age;
    /// without it the national counts that the crate carries
    panel: Option<PathBuf>,
    /// The error of figures that state none, for the growth curves
    #[arg(long, value_name = "SHARE", default_value = "3%", value_parser = argument_values::error)]
    relative_error: f64,
    /// Leave out the last years of each series, which registries still complete
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    provisional: usize,
}

pub(crate) fn run(arguments: &Arguments, output: &Output) -> Result<Answer, Box<dyn Error>> {
    output.without_draws();
    output.of_fixed_digits();
    let panel = match &arguments.panel {
        Some(file) => Panel::read(file)?,
        None => own_counts()?,
    };
    let options = BacktestOptions {
        provisional_years: arguments.provisional,
        ..BacktestOptions::default()
    };
    let curves = CurveForecaster::line_and_exponential(arguments.relative_error)?;
    let mut methods: Vec<&dyn Forecaster> = vec![&ShippedTrend::OfRateOrCounts];
    let series = panel.series();
    if series.iter().any(|one| one.expected().is_some()) {
        methods.push(&ShippedTrend::OfCounts);
    }
    methods.push(&curves);
    let test = Backtest::run(&panel, &methods, &options)?;
    let csv = test.to_csv();
    let has_others = series.iter().any(|one| one.site() != MYELOMA);
    let others = if has_others {
        format!("\n{AS_SHIPPED}\n")
    } else {
        String::new()
    };
    let caption = match &arguments.panel {
        Some(file) => format!("Panel: {}.", file.display()),
        None => "Counts: the national registries that the crate carries.".to_owned(),
    };
    Ok(Answer {
        text: format!("{test}{others}"),
        files: vec![
            ("forecasts.csv".into(), csv),
            (
                "calibration.svg".into(),
                report::chart::calibration(&test, 0, &caption)?,
            ),
        ],
        json: Some(serde_json::to_string(&test)? + "\n"),
        ..Answer::default()
    })
}

/// The national counts that the crate carries, as a panel of one site.
fn own_counts() -> myeloma_epi::Result<Panel> {
    let figures = figures::registered();
    let series = figures.regions().into_iter().map(|region| {
        let counts = IncidenceSeries::from_figures(figures, region)?;
        PanelSeries::new(counts, region, MYELOMA)
    });
    Panel::new(series.collect::<myeloma_epi::Result<Vec<_>>>()?)
}
