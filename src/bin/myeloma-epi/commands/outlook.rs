//! The outlook, for the figures of the press release or for a file.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use myeloma_epi::figures::{self, Figure, Figures, Status};
use myeloma_epi::pathway::Delay;
use myeloma_epi::report::{self, Changes, Digits};
use myeloma_epi::{Outlook, OutlookOptions, Question, RegionOutlook};

use crate::argument_values;
use crate::file::FileArguments;
use crate::output::{Answer, Format, Output, command_line, no_effect, tell};
use crate::population::{PopulationArguments, once};

#[derive(Debug, Args)]
#[command(after_help = "Example: myeloma-epi outlook --out outlook\n\
                        Of your own figures: myeloma-epi outlook FILE.csv --part China=World")]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) figures: FiguresArguments,
    /// Everything: a table a region, the shares of the variance, what was assumed
    #[arg(long)]
    full: bool,
    /// Also by how much new cases differ from those of this year, which may be any from the last figure on
    #[arg(long, value_name = "YEAR")]
    base_year: Option<i32>,
    /// Write every draw: a tidy table where the name ends in .csv, an array for `numpy` where it ends in .npy
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    draws_out: Option<PathBuf>,
}

/// Which figures, and how they are projected.
#[derive(Debug, Args)]
pub(crate) struct FiguresArguments {
    /// Columns `region,year,cases,status`, or any file that `convert` knows; without it the figures of the press release
    pub(crate) file: Option<PathBuf>,
    #[command(flatten)]
    of_file: FileArguments,
    /// The last year
    #[arg(long, value_name = "YEAR", default_value_t = 2040)]
    to: i32,
    /// The question that the headline answers
    #[arg(long, value_enum, default_value_t)]
    question: Asked,
    /// The error of figures that state none, 3% or 0.03: in the curves, and in the headline where no error of revision is known, as
    /// of counts
    #[arg(long, value_name = "SHARE", value_parser = argument_values::error)]
    relative_error: Option<f64>,
    /// The error of a published projection that states none
    #[arg(long, value_name = "SHARE", value_parser = argument_values::error)]
    projection_error: Option<f64>,
    /// The between-source standard deviation of regions that are compared with no other source
    #[arg(long, value_name = "SHARE", value_parser = argument_values::error)]
    between_source: Option<f64>,
    /// The error of revision: by how much rounds of one source differ
    #[arg(long, value_name = "SHARE", value_parser = argument_values::error)]
    revision: Option<f64>,
    /// One region is part of another; may be repeated
    #[arg(long, value_name = "PART=WHOLE", value_parser = argument_values::part_of)]
    part: Vec<(String, String)>,
    /// The figures are of another disease: no shipped figure, population or rate is used for them, and the trend is that of any
    /// cancer site
    #[arg(long)]
    pub(crate) other_disease: bool,
    #[command(flatten)]
    population: PopulationArguments,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Asked {
    /// What will the next round of the same source say?
    #[default]
    ThisSource,
    /// How many people are diagnosed, by all sources together?
    TrueIncidence,
}

pub(crate) fn run(arguments: &Arguments, output: &Output) -> Result<Answer, Box<dyn Error>> {
    let outlook = arguments.figures.outlook(output)?;
    // The page and the workbook have digits of their own.
    let ending = arguments.draws_out.as_deref().and_then(Path::extension);
    let of_draws = ending.is_some_and(|ending| ending == "csv");
    let digits = output.digits_where(output.is(Format::Csv) || of_draws);
    let mut text = if arguments.full {
        format!("{outlook:#}")
    } else {
        outlook.to_string()
    };
    // Of many regions a page and a workbook are large: they are made where they are asked for.
    let page = (output.writes_files() || output.is(Format::Html))
        .then(|| outlook.to_html(&command_line()))
        .transpose()?;
    let files = outlook.files()?.into_iter();
    let files = files.map(|(name, content)| match name {
        "outlook.csv" => (name.into(), outlook.to_csv_with(digits)),
        _ => (name.into(), content),
    });
    let mut files: Vec<(Cow<'static, str>, String)> = files.collect();
    files.extend(page.map(|page| ("outlook.html".into(), page)));
    if arguments.full && !output.is(Format::Text) {
        no_effect("--full", "it is of the text");
    }
    if let Some(year) = arguments.base_year {
        let changes = Changes::since(year, &outlook)?;
        if !(output.writes_files() || output.is(Format::Text)) {
            no_effect("--base-year", "it is of the text and the files of --out");
        }
        write!(text, "\n{changes}")?;
        files.push(("change.csv".into(), changes.to_csv(digits)));
    }
    if let Some(file) = &arguments.draws_out {
        write_draws(&outlook, file, digits)?;
    }
    Ok(Answer {
        text,
        beside_table: cautions(&outlook),
        #[cfg(feature = "xlsx")]
        xlsx: (output.is(Format::Xlsx))
            .then(|| outlook.to_xlsx())
            .transpose()?,
        files,
        ..Answer::default()
    })
}

/// The cautions of each region; of many regions, where they stand.
fn cautions(outlook: &Outlook) -> Vec<String> {
    const FEW: usize = 8;
    let regions = outlook.regions();
    if regions.len() > FEW {
        let with = regions
            .iter()
            .filter(|region| !region.cautions().is_empty());
        let (with, all) = (with.count(), regions.len());
        let many = format!(
            "{with} of {all} regions have cautions: --full prints them, the files of --out hold them"
        );
        return if with > 0 { vec![many] } else { Vec::new() };
    }
    let of_region = |region: &RegionOutlook| {
        let name = region.series().region().to_owned();
        let cautions = region.cautions().into_iter();
        cautions.map(move |caution| format!("{name}: {caution}"))
    };
    regions.iter().flat_map(of_region).collect()
}

/// Every draw, in the form that the name of the file asks for.
fn write_draws(outlook: &Outlook, file: &Path, digits: Digits) -> Result<(), Box<dyn Error>> {
    let name = file
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or("");
    let folder = match file.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let ending = Path::new(name)
        .extension()
        .and_then(|ending| ending.to_str());
    let written = match ending {
        Some("csv") => {
            let table = outlook.draws_csv(digits);
            let dictionary = report::columns(&["draws.csv"]);
            let beside = format!("{}.columns.csv", name.trim_end_matches(".csv"));
            report::write(folder, &[(name, table), (&beside, dictionary)])?
        }
        Some("npy") => {
            let (array, axes) = outlook.draws_npy();
            let beside = format!("{}.axes.json", name.trim_end_matches(".npy"));
            report::write(folder, &[(name, array), (&beside, axes.into_bytes())])?
        }
        _ => {
            let file = file.display();
            return Err(format!("--draws-out {file}: the name has to end in .csv or .npy").into());
        }
    };
    for file in written {
        tell(&format!("wrote {}", file.display()));
    }
    Ok(())
}

impl FiguresArguments {
    /// The outlook that is asked for.
    pub(crate) fn outlook(&self, output: &Output) -> Result<Outlook, Box<dyn Error>> {
        self.outlook_with(output, None, true)
    }

    /// The same with another time to third line; whether the answer has the growth curves.
    pub(crate) fn outlook_with(
        &self,
        output: &Output,
        delay: Option<Delay>,
        has_curves: bool,
    ) -> Result<Outlook, Box<dyn Error>> {
        let (figures, cancers) = match &self.file {
            Some(file) => self.of_file.figures(file)?,
            None => (figures::press_release().clone(), Vec::new()),
        };
        if !self.other_disease {
            tell_of_another_disease(&figures, &cancers);
        }
        let mut options = if self.other_disease {
            OutlookOptions::other_disease()
        } else {
            OutlookOptions::myeloma_for(&figures)
        };
        options.delay = delay.or(options.delay);
        options.to = self.to;
        options.question = match self.question {
            Asked::ThisSource => Question::ThisSource,
            Asked::TrueIncidence => Question::TrueIncidence,
        };
        options.seed = output.seed();
        options.draws = output.draws.unwrap_or(options.draws);
        options.assumed_error = self.relative_error.unwrap_or(options.assumed_error);
        options.assumed_projection_error = self
            .projection_error
            .unwrap_or(options.assumed_projection_error);
        options.between_source_sd = self.between_source.unwrap_or(options.between_source_sd);
        options.revision_sd = self.revision.or(options.revision_sd);
        let is_revised = |f: &Figure| matches!(f.status(), Status::Estimate | Status::Commercial);
        if self.revision.is_some() && !figures.iter().any(is_revised) {
            tell(
                "myeloma-epi: --revision has no effect on what this source says next: registered counts are not revised by another \
                 round",
            );
        }
        once("--part", self.part.iter().map(|(part, _)| part))?;
        for (part, whole) in &self.part {
            options.parts.retain(|(other, _)| other != part);
            options.parts.push((part.clone(), whole.clone()));
        }
        self.population
            .state(&figures, &mut options, self.other_disease)?;
        let outlook = Outlook::of(&figures, &options)?;
        self.tell_of_errors(&outlook, has_curves);
        Ok(outlook)
    }

    /// Says which of the stated errors have no effect on an answer with the growth curves or without: the registry trend takes
    /// that of registered figures, and of others where no error of revision is known.
    fn tell_of_errors(&self, outlook: &Outlook, has_curves: bool) {
        let regions = outlook.regions();
        let lacks_error = |takes: &dyn Fn(Status) -> bool| {
            let figures = regions.iter().flat_map(RegionOutlook::figures);
            let mut taken = figures.filter(|f| takes(f.status()));
            taken.any(|f| f.relative_error().is_none())
        };
        let is_observed = |status| match status {
            Status::Registered => true,
            Status::Projection => false,
            _ => has_curves || (self.other_disease && self.revision.is_none()),
        };
        let is_projection = |status| has_curves && status == Status::Projection;
        let is_alone = |region: &RegionOutlook| region.between_source_estimate().is_none();
        let between = has_curves || outlook.options().question == Question::TrueIncidence;
        for (option, stated, has_effect) in [
            (
                "--relative-error",
                self.relative_error,
                lacks_error(&is_observed),
            ),
            (
                "--projection-error",
                self.projection_error,
                lacks_error(&is_projection),
            ),
            (
                "--between-source",
                self.between_source,
                between && regions.iter().any(is_alone),
            ),
        ] {
            if stated.is_some() && !has_effect {
                no_effect(
                    option,
                    "what it is stated for is no part of this answer, or known otherwise",
                );
            }
        }
    }
}

/// Says that figures name another disease than the one whose growth in registries, and whose figures of other sources, are taken
/// for them: by the names of their cancers, or by their codes of ICD-10.
fn tell_of_another_disease(figures: &Figures, cancers: &[String]) {
    let words = [
        "myelom",
        "mielom",
        "myélom",
        "plasmo",
        "plasma cell",
        "c90",
        "203",
    ];
    let is_other = |name: &&str| {
        let name = name.to_lowercase();
        let is_number = name.bytes().all(|byte| byte.is_ascii_digit());
        !is_number && !words.iter().any(|word| name.contains(word))
    };
    let codes = figures.iter().filter_map(Figure::icd10);
    let others = cancers
        .iter()
        .map(String::as_str)
        .chain(codes)
        .filter(is_other);
    let others: BTreeSet<&str> = others.collect();
    if !others.is_empty() {
        let named: Vec<&str> = others.into_iter().take(5).collect();
        tell(&format!(
            "myeloma-epi: the figures are of {}, and are taken for multiple myeloma (C90): --other-disease says that they are not",
            named.join(", ")
        ));
    }
}
