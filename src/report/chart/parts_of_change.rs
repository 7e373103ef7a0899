//! The parts of changes as bars to either side of no change.

use super::axis;
use super::colours::{self, Colour};
use super::lettering::width;
use super::paper::{Across, MARGIN, ROW, WIDTH, names, paper, widest_of};
use super::svg::{Place, Side, Svg};
use crate::demography::Decomposition;
use crate::error::{Error, ErrorKind, Result};

const BAR: f64 = 12.0;
/// The widest name of an area.
const WIDEST_NAME: f64 = 190.0;

/// The name, the fill and the size of a part, in per cent.
type Part = (&'static str, Colour, f64);

fn parts(change: &Decomposition) -> [Part; 3] {
    let percent = change.in_percent();
    [
        ("population", colours::POPULATION, percent.population),
        ("ageing", colours::AGEING, percent.ageing),
        ("rates", colours::RATES, percent.rates),
    ]
}

/// Where the parts end that are below and above 0.
fn ends(change: &Decomposition) -> (f64, f64) {
    let parts = parts(change).map(|(.., percent)| percent);
    let sum = |side: f64| parts.iter().filter(|p| **p * side > 0.0).sum::<f64>();
    (sum(-1.0), sum(1.0))
}

/// Changes of the number of cases in parts, a row each: bars for population, ageing and rates to either side of no change,
/// and the whole as a diamond, in per cent of the cases before.
///
/// `title` stands above; `caption` is a last paragraph of notes, and may be empty. The years are for the title to say.
///
/// ```
/// use myeloma_epi::demography::Decomposition;
/// use myeloma_epi::report::chart;
///
/// let changes = [Decomposition::area("World", 2024, 2040)?, Decomposition::area("China", 2024, 2040)?];
/// let svg = chart::decomposition(&changes, "New cases at constant rates, 2024 to 2040", "")?;
/// assert!(svg.contains("China") && svg.contains("ageing"));
/// # Ok::<(), myeloma_epi::Error>(())
/// ```
///
/// # Errors
///
/// [`ErrorKind::TooFew`](crate::ErrorKind::TooFew) where there is no change, and where there are too many, or too great
/// ones, to be drawn.
pub fn decomposition(changes: &[Decomposition], title: &str, caption: &str) -> Result<String> {
    if changes.is_empty() {
        return Err(Error::too_few("changes", "the chart", 0, 1, "a chart"));
    }
    let (names, name_room) = names(
        changes.iter().map(|change| change.region.as_str()),
        WIDEST_NAME,
    );
    let totals: Vec<String> = (changes.iter())
        .map(|change| format!("{:+.1} %", change.in_percent().sum() + 0.0))
        .collect();
    // They are set in bold.
    let total_room = 1.12 * widest_of(totals.iter().map(String::as_str));

    let (low, high) = (changes.iter().map(ends)).fold((0.0f64, 0.0f64), |(low, high), (a, b)| {
        (low.min(a), high.max(b))
    });
    let ticks = axis::between(low, high).filter(|_| high - low < 1e9);
    let ticks = ticks.ok_or_else(|| {
        ErrorKind::Unsuitable(format!(
            "a chart of changes from {low:e} to {high:e} % cannot be drawn"
        ))
    })?;
    let (left, right) = (
        MARGIN + name_room + 10.0,
        WIDTH - MARGIN - total_room - 10.0,
    );
    let across = Across::new(left, right, ticks);
    paper(WIDTH, title, NOTE, &[NOTE, caption], |svg, top| {
        let legend = top + 10.0;
        let top = legend + 18.0;
        let bottom = top + ROW * changes.len() as f64;
        draw_legend(svg, (left, legend), changes);
        across.draw(svg, top, bottom);
        let of = "change of new cases a year, in per cent of those before";
        across.name(svg, of, bottom);
        for (i, (change, (name, total))) in
            changes.iter().zip(names.iter().zip(&totals)).enumerate()
        {
            let y = top + ROW * (i as f64 + 0.5);
            svg.text(name, (left - 8.0, y), colours::LABEL, Side::Right);
            draw_bars(svg, change, y, |percent| across.at(percent));
            let at = (WIDTH - MARGIN, y);
            svg.text(total, at, colours::STRONG_LABEL, Side::Right);
        }
        let zero = across.at(0.0);
        svg.line(&[(zero, top), (zero, bottom)], colours::AXIS);
        bottom + Across::BELOW
    })
}

const NOTE: &str = "Each part is its mean over all orders of changing the number of people, their ages and the rates. Bars \
     that shrink the number of cases lie left of 0; diamonds and figures at the right are the whole change.";

/// The parts that are there, and the mark of the whole.
fn draw_legend(svg: &mut Svg, (mut x, y): Place, changes: &[Decomposition]) {
    for (i, (name, fill, _)) in parts(&changes[0]).into_iter().enumerate() {
        if changes.iter().all(|change| parts(change)[i].2 == 0.0) {
            continue;
        }
        svg.framed((x, y - 5.0), (x + 14.0, y + 5.0), fill, colours::PART);
        svg.text(name, (x + 19.0, y), colours::LABEL, Side::Left);
        x += 34.0 + width(name, colours::LABEL.size, false);
    }
    svg.diamond((x + 5.0, y));
    svg.text("whole change", (x + 15.0, y), colours::LABEL, Side::Left);
}

/// The parts of one change, stacked to either side of 0, and the whole as a diamond.
fn draw_bars(svg: &mut Svg, change: &Decomposition, y: f64, across: impl Fn(f64) -> f64) {
    let (mut below, mut above) = (0.0, 0.0);
    for (_, fill, percent) in parts(change) {
        let end = if percent < 0.0 {
            &mut below
        } else {
            &mut above
        };
        let (from, to) = (across(*end), across(*end + percent));
        *end += percent;
        if percent != 0.0 {
            let (a, b) = (y - BAR / 2.0, y + BAR / 2.0);
            svg.framed((from.min(to), a), (from.max(to), b), fill, colours::PART);
        }
    }
    let whole = across(change.in_percent().sum());
    svg.diamond((whole, y));
}
