//! An outlook as a function of what it assumes.

use std::collections::BTreeMap;

use super::consensus::Consensus;
use super::history::History;
use super::question::Question;
use super::region_draws::Forecasts;
use super::revision::Revision;
use super::sensitivity_inputs::{
    DISCREPANCY, EARLIER, FIGURE_OF, FIGURES, GROWTH, GROWTH_OF_COUNTS, LEVEL, POPULATION,
    REVISION, SHARE, STUDY, TIME, inputs,
};
use super::{Outlook, RegionOutlook};
use crate::error::{Error, Result};
use crate::forecast::{PathNumbers, Paths};
use crate::pathway::evidence::{Preset, Study};
use crate::pathway::{Delay, SojournTime, UltimateShare};
use crate::sensitivity::{Inputs, OneWay, OneWayOptions, SobolIndices, SobolOptions, Threshold};

/// How an outlook is taken apart: see [`Outlook::model`].
///
/// ```
/// use myeloma_epi::OutlookModelOptions;
///
/// let options = OutlookModelOptions { sojourn_error: Some(0.1), ..OutlookModelOptions::default() };
/// assert!(!options.studies);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct OutlookModelOptions {
    /// Whether the share who reach third line and the time until then are those of the outlook or those of one of the
    /// shipped studies ([`Preset`]), each with the same probability. Default: no, which is what the outlook's own draws
    /// hold; with it the spread is wider than theirs.
    pub studies: bool,
    /// The error of the time in first and in second line where its source states none: the standard deviation of the logarithm
    /// of the time scale, from 0 to 2 ([`SojournTime::with_relative_error`]). Default: `None`, such times are held, and
    /// [`OutlookModel::cautions`] says so; 0 holds them without a word.
    pub sojourn_error: Option<f64>,
}

/// **One region of an outlook as a function** of everything that its draws come from, for
/// [sensitivity analyses](crate::sensitivity): made by [`Outlook::model`].
///
/// | input or group | is | there |
/// |---|---|---|
/// | `level of the last figure` | the level of the last figure, as the figures leave it open | always |
/// | `errors of earlier figures` | the figures of earlier years, in the starts of third line ([`RegionOutlook::diagnosed`]) | with a delay, where they have errors |
/// | `growth of the rate` (of the counts, without a population) | mean growth and its deviation at the last figure, given the level | always |
/// | `changes in later years` | how volatile the series is, and the noise of each year | always |
/// | `population` | the error of the population's projection | where one is stated ([`ForecastOptions::expected_error`](crate::forecast::ForecastOptions::expected_error)) |
/// | `error of revision`, or `level of all sources` | the log of the factor to the next round; or what the level of all sources is drawn from: how far they lie apart, from 0 to 1, and a standard normal number | by the [`Question`], where it is above 0 |
/// | `share of third line` | the share of those diagnosed who ever reach it | where it is a range |
/// | `time to third line` | the time scales of first and second line, standard normal | where an error of a sojourn time is stated, by the delay or by [`OutlookModelOptions::sojourn_error`] |
/// | `study behind the share` | 0: the outlook's own; 1, 2, …: [`OutlookModel::studies`] | with [`OutlookModelOptions::studies`] |
///
/// With studies, the share of third line is the place within the range of the study at hand, from 0 to 1.
///
/// Outputs are those of the last year: new cases, patients diagnosed in it who will ever reach third line, and patients who
/// start third line in it where the options state a delay. Draws of the inputs give the outlook's own medians and
/// intervals, but for the error of draws, and for the few draws in which a part was not smaller than its whole; and for
/// what the options state beyond the outlook's own.
///
/// # Example
///
/// ```
/// use myeloma_epi::sensitivity::{IndexError, SobolIndices, SobolOptions};
/// use myeloma_epi::{Outlook, OutlookModelOptions, OutlookOptions, figures};
///
/// let options = OutlookOptions { draws: 500, ..OutlookOptions::myeloma() };
/// let outlook = Outlook::of(figures::press_release(), &options)?;
/// let model = outlook.model("China", &OutlookModelOptions::default())?;
/// let options = SobolOptions { points: 256, error: IndexError::None, ..SobolOptions::default() };
/// let evaluate = |x: &[f64], y: &mut [f64]| model.evaluate(x, y);
/// let indices = SobolIndices::of(model.inputs(), &model.outputs(), evaluate, &options)?;
/// println!("{indices}");
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct OutlookModel {
    region: String,
    outputs: Vec<String>,
    inputs: Inputs,
    /// Where each input or group begins in a row.
    places: BTreeMap<&'static str, usize>,
    paths: Paths,
    /// Where all sources are; none where the next round is asked for.
    consensus: Option<Consensus>,
    /// Those diagnosed before the last figure; none where there is no delay.
    history: Option<History>,
    /// Where the share is one number.
    share: f64,
    readings: Vec<Reading>,
    /// Whether the outputs have a variance, which heavy tails of their logarithms take away.
    has_variance: bool,
    cautions: Vec<String>,
    /// The growth by which incidence is continued backwards, for how many years, and of how many first years the mean is.
    backwards: (f64, usize, usize),
}

/// A share of those diagnosed, and the time that it takes.
#[derive(Debug, Clone)]
struct Reading {
    name: String,
    range: (f64, f64),
    delay: Option<Delay>,
    /// Weights of the cases of each year, from the first figure on, in the starts of the last one; none, where they depend on
    /// the draw.
    weights: Option<Vec<f64>>,
}

impl Outlook {
    /// One region as a function of what its outlook assumes.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unknown`](crate::ErrorKind::Unknown) where there is no such region;
    /// [`ErrorKind::Unsuitable`](crate::ErrorKind::Unsuitable) with studies or an error of sojourn times where the outlook's options
    /// state no delay; [`ErrorKind::OutOfRange`](crate::ErrorKind::OutOfRange) where that error is outside its range.
    pub fn model(&self, region: &str, options: &OutlookModelOptions) -> Result<OutlookModel> {
        OutlookModel::new(self.region(region)?, *options)
    }
}

impl OutlookModel {
    fn new(region: &RegionOutlook, asked: OutlookModelOptions) -> Result<Self> {
        let recipe = region.recipe();
        let options = &*recipe.options;
        let forecasts = Forecasts::of(region.series(), recipe)?;
        let paths = forecasts.trend.paths(options.to)?;
        let readings = readings(options.delay.as_ref(), &options.share, asked)?;
        let mut delays = readings.iter().filter_map(|r| r.delay.as_ref());
        let of_readings = (readings.len(), delays.any(Delay::is_uncertain));
        let (inputs, places) = inputs(&forecasts, &paths, recipe, of_readings)?;
        let name = region.series().region();
        let mut outputs = vec![
            format!("{name}: new cases in {}", options.to),
            format!("{name}: diagnosed in {}, ever reach third line", options.to),
        ];
        if options.delay.is_some() {
            outputs.push(format!("{name}: start third line in {}", options.to));
        }
        let history = options.delay.as_ref().map(|_| forecasts.history.clone());
        let medians = match &history {
            Some(_) => region.diagnosed()?.medians(),
            None => vec![1.0],
        };
        let no_variance = no_variance(&forecasts, options.question);
        let mut model = Self {
            region: name.to_owned(),
            outputs,
            inputs,
            places,
            paths,
            consensus: (options.question == Question::TrueIncidence)
                .then(|| forecasts.consensus.clone()),
            history,
            share: options.share.low(),
            has_variance: no_variance.is_none(),
            cautions: held_times(&readings, asked)
                .into_iter()
                .chain(no_variance)
                .collect(),
            readings,
            backwards: crate::pathway::continued_backwards(&medians),
        };
        let fixed: Vec<Option<Vec<f64>>> = model
            .readings
            .iter()
            .map(|reading| match &reading.delay {
                Some(delay) if !delay.is_uncertain() => model.weights(delay, [1.0; 2]).map(Some),
                _ => Ok(None),
            })
            .collect::<Result<_>>()?;
        for (reading, weights) in model.readings.iter_mut().zip(fixed) {
            reading.weights = weights;
        }
        Ok(model)
    }

    /// The region.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.region
    }

    /// The inputs with their distributions.
    #[must_use]
    pub const fn inputs(&self) -> &Inputs {
        &self.inputs
    }

    /// The names of the outputs.
    #[must_use]
    pub fn outputs(&self) -> Vec<&str> {
        self.outputs.iter().map(String::as_str).collect()
    }

    /// What is held although nobody knows it exactly, and that cases have no variance to be shared out, in a sentence each; none where
    /// nothing is to be said.
    #[must_use]
    pub fn cautions(&self) -> &[String] {
        &self.cautions
    }

    /// Sobol' indices of all outputs: [`SobolIndices::of`], with the rows of inputs and the outputs of this model. Where the error
    /// of revision or the distance of sources is estimated, cases have no variance, and the indices are those of
    /// [ranks](SobolOptions::ranks), whatever the options say; [`OutlookModel::cautions`] tells it.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn indices(&self, options: &SobolOptions) -> Result<SobolIndices> {
        let evaluate = |row: &[f64], outputs: &mut [f64]| self.evaluate(row, outputs);
        let options = SobolOptions {
            ranks: options.ranks || !self.has_variance,
            ..options.clone()
        };
        SobolIndices::of(&self.inputs, &self.outputs(), evaluate, &options)
    }

    /// One input or group at a time, for each output: [`OneWay::of`]. What stands for a standard normal number is shown without its
    /// values. Studies have no order and no median: the others are moved with the outlook's own share, and the bar of `study behind
    /// the share` is that of a group.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn one_way(&self, options: &OneWayOptions) -> Result<Vec<OneWay>> {
        let evaluate = |row: &[f64], outputs: &mut [f64]| self.evaluate(row, outputs);
        let mut all = OneWay::of(&self.inputs, &self.outputs(), evaluate, options)?;
        for bar in all.iter_mut().flat_map(|one| &mut one.bars) {
            if [FIGURES, EARLIER, POPULATION, REVISION, LEVEL].contains(&&bar.input[..])
                || bar.input.starts_with(FIGURE_OF)
            {
                bar.values = None;
            }
        }
        Ok(all)
    }

    /// At which values of an input an output passes a threshold, with the outlook's own share and all others at their medians:
    /// [`Threshold::of`]. Outputs are named as in
    /// [`OutlookModel::outputs`].
    ///
    /// # Errors
    ///
    /// As there, and where there is no such output.
    pub fn threshold(
        &self,
        output: &str,
        input: &str,
        range: (f64, f64),
        threshold: f64,
    ) -> Result<Threshold> {
        let Some(place) = self.outputs.iter().position(|name| name == output) else {
            return Err(Error::unknown("output", output, self.outputs.iter()));
        };
        let evaluate = |row: &[f64], value: &mut [f64]| {
            let mut all = vec![f64::NAN; self.outputs.len()];
            self.evaluate(row, &mut all);
            value[0] = all[place];
        };
        Threshold::of(&self.inputs, output, evaluate, input, range, threshold)
    }

    /// The readings that `study behind the share` counts, the outlook's own first, with the two ends of their shares.
    pub fn studies(&self) -> impl Iterator<Item = (&str, (f64, f64))> {
        self.readings
            .iter()
            .map(|reading| (reading.name.as_str(), reading.range))
    }

    /// The outputs for a row of inputs; not a number where a time to third line cannot be computed.
    pub fn evaluate(&self, row: &[f64], outputs: &mut [f64]) {
        let at = |name: &str| self.places.get(name).map(|&place| row[place]);
        let one = |name: &str| at(name).unwrap_or(0.0);
        let two = |name: &str| {
            let place = *self.places.get(name)?;
            Some([row[place], row[place + 1]])
        };
        let growth = two(GROWTH).or_else(|| two(GROWTH_OF_COUNTS));
        let growth = growth.unwrap_or_default();
        let first = self.places[DISCREPANCY];
        let numbers = PathNumbers {
            volatility: [row[first]],
            state: [[one(FIGURES)], [growth[0]], [growth[1]]],
            between_source: [0.0],
            population: [one(POPULATION)],
        };
        let noises = row[first + 1..].as_chunks().0;
        let of_level = self.consensus.as_ref().map_or(0.0, |consensus| {
            let [distance, deviation] = two(LEVEL).unwrap_or([0.5, 0.0]);
            let drawn = consensus.drawn(distance, deviation);
            consensus.log_factor(drawn, self.paths.level(&numbers))
        });
        let factor = (one(REVISION) + of_level).exp();
        let reading = &self.readings[study(one(STUDY)).min(self.readings.len() - 1)];
        let share = match at(SHARE) {
            // The place within the range.
            Some(place) if self.readings.len() > 1 => {
                reading.range.0 + place * (reading.range.1 - reading.range.0)
            }
            Some(share) => share,
            None => self.share,
        };
        let drawn;
        let weights = match (&reading.weights, &reading.delay) {
            (Some(weights), _) => Some(weights),
            (None, Some(delay)) => {
                let time = self
                    .places
                    .get(TIME)
                    .map_or([0.0; 2], |&place| [row[place], row[place + 1]]);
                let errors =
                    [delay.first_line(), delay.second_line()].map(SojournTime::relative_error);
                let factors = [(errors[0] * time[0]).exp(), (errors[1] * time[1]).exp()];
                drawn = self.weights(delay, factors).unwrap_or_default();
                Some(&drawn)
            }
            (None, None) => None,
        };
        let (mut last, mut starts) = (f64::NAN, 0.0);
        let mut add = |year: usize, cases: f64| {
            starts += weights.map_or(0.0, |weights| {
                weights.get(year).map_or(f64::NAN, |w| w * cases)
            });
        };
        for (year, cases) in (self.years_before()..).zip(self.paths.cases(&numbers, noises)) {
            if let Some(history) = self
                .history
                .as_ref()
                .filter(|_| year == self.years_before())
            {
                let n = history.years_of_figures().len();
                let errors = self.places.get(EARLIER);
                let errors = errors.map_or_else(|| vec![0.0; n], |&at| row[at..at + n].to_vec());
                let logs = history.logs(&errors, cases.ln());
                logs.enumerate()
                    .for_each(|(year, log)| add(year, log.exp()));
            }
            add(year, cases);
            last = cases;
        }
        let all = [
            factor * last,
            share * factor * last,
            share * factor * starts,
        ];
        for (output, value) in outputs.iter_mut().zip(all) {
            *output = value;
        }
    }

    /// Years before the last figure, from the first one on.
    fn years_before(&self) -> usize {
        self.history.as_ref().map_or(0, History::years)
    }

    /// Weights of the cases of each year in the starts of the last one; the first years stand for those before them, too.
    fn weights(&self, delay: &Delay, factors: [f64; 2]) -> Result<Vec<f64>> {
        let years = self.years_before() + self.paths.years();
        let (growth, before, continued) = self.backwards;
        let kernel = delay.yearly_scaled(factors, years + before)?;
        let mut weights: Vec<f64> = kernel[..years].iter().rev().copied().collect();
        let earlier = kernel[years..].iter().zip(1..);
        let earlier = earlier.map(|(part, back)| part * (-growth * f64::from(back)).exp());
        let earlier = earlier.sum::<f64>() / continued as f64;
        for weight in weights.iter_mut().take(continued) {
            *weight += earlier;
        }
        Ok(weights)
    }
}

/// The number of a study, which is drawn as a number.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn study(number: f64) -> usize {
    number.round() as usize
}

/// The outlook's own reading, and those of the studies where they are asked for.
fn readings(
    delay: Option<&Delay>,
    share: &UltimateShare,
    asked: OutlookModelOptions,
) -> Result<Vec<Reading>> {
    let mut all = vec![Reading {
        name: "the outlook".to_owned(),
        range: (share.low(), share.high()),
        delay: delay.map(|delay| with_error(delay, asked)).transpose()?,
        weights: None,
    }];
    if delay.is_none() && (asked.studies || asked.sojourn_error.is_some()) {
        return Err(Error::unsuitable(
            "third line by study, and an error of sojourn times, need a delay: state OutlookOptions::delay (the program has that of myeloma, and none \
             with --other-disease)",
        ));
    }
    if !asked.studies {
        return Ok(all);
    }
    let presets: Vec<Vec<Preset>> = Study::shipped()
        .iter()
        .map(Study::presets)
        .collect::<Result<_>>()?;
    for preset in presets.into_iter().flatten() {
        let share = preset.ultimate_share()?;
        all.push(Reading {
            range: (share.low(), share.high()),
            delay: Some(with_error(&preset.delay()?, asked)?),
            name: preset.id,
            weights: None,
        });
    }
    Ok(all)
}

/// Whether no error is stated of a time that passes.
fn is_held(time: &SojournTime) -> bool {
    time.relative_error() == 0.0 && time.mean() > 0.0
}

/// A delay with the error that is asked for where its source states none.
fn with_error(delay: &Delay, asked: OutlookModelOptions) -> Result<Delay> {
    let of = |time: &SojournTime| match asked.sojourn_error {
        Some(error) if is_held(time) => time.clone().with_relative_error(error),
        _ => Ok(time.clone()),
    };
    Ok(Delay::new(
        of(delay.first_line())?,
        of(delay.second_line())?,
    ))
}

/// That an error on the log scale whose size is estimated leaves cases without a variance.
fn no_variance(forecasts: &Forecasts, question: Question) -> Option<String> {
    let Revision { sd, pairs } = forecasts.revision;
    let what = match question {
        Question::ThisSource => format!(
            "the error of revision is estimated, Student's t of {} degrees of freedom on the log scale (a stated one, \
             OutlookOptions::revision_sd or --revision, leaves them one)",
            pairs.filter(|_| sd > 0.0)?
        ),
        Question::TrueIncidence if forecasts.consensus.is_estimated() => {
            "how far sources lie apart is estimated".to_owned()
        }
        Question::TrueIncidence => return None,
    };
    Some(format!(
        "the cases have no variance, since {what}: indices are shares of the variance of their ranks"
    ))
}

/// That sojourn times are held for want of an error.
fn held_times(readings: &[Reading], asked: OutlookModelOptions) -> Option<String> {
    if asked.sojourn_error.is_some() {
        return None;
    }
    let held = readings.iter().filter_map(|reading| {
        let delay = reading.delay.as_ref()?;
        let lines = match [delay.first_line(), delay.second_line()].map(is_held) {
            [true, true] => "first and second line",
            [true, false] => "first line",
            [false, true] => "second line",
            [false, false] => return None,
        };
        Some(format!("{lines} ({})", reading.name))
    });
    let held: Vec<String> = held.collect();
    if held.is_empty() {
        return None;
    }
    Some(format!(
        "sojourn times of which no error is stated are held, as if they were known: {}; \
         OutlookModelOptions::sojourn_error (--sojourn-error) states one",
        held.join(", ")
    ))
}
