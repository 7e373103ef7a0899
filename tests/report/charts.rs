//! Charts, read back from their SVG text: what is drawn lies where the axes say.

use approx::assert_abs_diff_eq;
use myeloma_epi::backtest::{Backtest, BacktestOptions, Panel, PanelSeries, Setting};
use myeloma_epi::curve::Family;
use myeloma_epi::demography::Decomposition;
use myeloma_epi::forecast::RegistryTrend;
use myeloma_epi::pathway::{
    FlowOptions, Group, Line, Pathway, Share, ShareDistribution, SojournTime, UltimateShare,
};
use myeloma_epi::report::chart;
use myeloma_epi::{
    IncidenceSeries, Outlook, OutlookOptions, ThirdLineOptions, YearlyDraws, figures,
};
use ndarray::Array2;

use crate::svg::{Axis, Element, check};

/// Coordinates are written to a tenth of a pixel.
const HALF_A_TENTH: f64 = 0.050_000_1;
const BAND95: &str = "#D2E4F1";
const BAND50: &str = "#92BEDD";
const MEDIAN: &str = "#004B78";

fn options() -> OutlookOptions {
    OutlookOptions {
        draws: 400,
        ..OutlookOptions::default()
    }
}

fn myeloma() -> OutlookOptions {
    OutlookOptions {
        draws: 400,
        ..OutlookOptions::myeloma()
    }
}

fn press_release() -> Outlook {
    Outlook::of(figures::press_release(), &myeloma()).unwrap()
}

fn filled<'a>(all: &'a [Element], name: &'a str, fill: &'a str) -> Vec<&'a Element> {
    let fits = |e: &&Element| e.name == name && e.get("fill") == fill;
    all.iter().filter(fits).collect()
}

fn own_backtest() -> Backtest {
    let series = figures::registered().regions().into_iter().map(|region| {
        let counts = IncidenceSeries::from_figures(figures::registered(), region).unwrap();
        PanelSeries::new(counts, region, "multiple_myeloma").unwrap()
    });
    let panel = Panel::new(series).unwrap();
    let trend = RegistryTrend::default();
    Backtest::run(&panel, &[&trend], &BacktestOptions::default()).unwrap()
}

/// A tenth of a pixel is 0.07 points of coverage: the dots are those of the table, and bars of a tenth each end on the
/// broken line.
#[test]
fn calibration_is_drawn_as_it_is() {
    let test = own_backtest();
    let all = check(&chart::calibration(&test, 0, "A caption & more.").unwrap());
    assert!(all.iter().any(|e| e.text == "A caption & more."));
    let dots: Vec<f64> = filled(&all, "circle", "#000000")
        .iter()
        .map(|dot| dot.number("cy"))
        .collect();
    let bars = filled(&all, "rect", BAND50);
    let (mut due, mut heights) = (Vec::new(), Vec::new());
    for setting in Setting::ALL {
        let one = test.filter(|scored| scored.setting == setting);
        for band in [1..=5, 6..=10, 11..=15] {
            let summary = one.summary(0, band).unwrap();
            due.extend(summary.coverage);
            let deciles = summary.pit_deciles.unwrap();
            let end = deciles.iter().copied().fold(0.2, f64::max);
            heights.extend(deciles.map(|share| 150.0 * share / end));
        }
    }
    assert_eq!((dots.len(), bars.len()), (18, 60));
    // Frames are 150 pixels high; 80 and 50 % of the axis of a row stand at its labels.
    let labels = |text: &str| -> Vec<f64> {
        let labels = all.iter().filter(|e| e.text == text);
        labels.map(|label| label.number("y")).collect()
    };
    let (eighty, fifty) = (labels("80"), labels("50"));
    assert_eq!((eighty.len(), fifty.len()), (2, 2));
    for (i, (dot, share)) in dots.iter().zip(due).enumerate() {
        let row = usize::from(i >= 9);
        let slope = (eighty[row] - fifty[row]) / 0.3;
        let expected = fifty[row] + slope * (share - 0.5);
        assert_abs_diff_eq!(*dot, expected, epsilon = 4.0 * HALF_A_TENTH);
    }
    for (bar, height) in bars.iter().zip(heights) {
        assert_abs_diff_eq!(bar.number("height"), height, epsilon = 2.0 * HALF_A_TENTH);
    }
    assert!(chart::calibration(&test, 1, "").is_err());
    // What a series needs is said where none has it.
    let none = chart::calibration(&test.filter(|_| false), 0, "").unwrap_err();
    let none = none.to_string();
    assert!(
        none.contains("BacktestOptions has both, as shipped 5 years and 30 cases"),
        "{none}"
    );
}

#[test]
fn figures_lie_where_the_axes_say() {
    let all = check(&chart::incidence(&press_release(), "").unwrap());
    // The first panel is that of the world; China's axis ends at 80,000.
    let x = Axis::new(&all, "x", ["2020", "2040"]);
    let y = Axis::new(&all, "y", ["100,000", "400,000"]);
    let dots = filled(&all, "circle", "#000000");
    // One in the legend, two for the world, two for China.
    assert_eq!(dots.len(), 5);
    for (dot, (year, cases)) in dots[1..]
        .iter()
        .zip([(2019.0, 164_300.0), (2024.0, 197_200.0)])
    {
        assert_abs_diff_eq!(
            dot.number("cx"),
            x.place(year),
            epsilon = 2.0 * HALF_A_TENTH
        );
        assert_abs_diff_eq!(
            dot.number("cy"),
            y.place(cases),
            epsilon = 2.0 * HALF_A_TENTH
        );
    }
    // The published projection is no dot but an open diamond.
    let diamonds = filled(&all, "polygon", "#FFFFFF");
    let (diamonds, triangles): (Vec<_>, Vec<_>) =
        diamonds.into_iter().partition(|e| e.points().len() == 4);
    assert_eq!(diamonds.len(), 2);
    // GBD is a circle, IARC a triangle, and each is named: in the legend, World 2020 and 2022, China 2022.
    assert_eq!(triangles.len(), 4);
    let tip = triangles[1].points();
    assert_abs_diff_eq!(tip[0].0, x.place(2020.0), epsilon = 2.0 * HALF_A_TENTH);
    for name in ["Figure of GBD", "Figure of IARC"] {
        assert!(all.iter().any(|e| e.text == name), "{name}");
    }
    let corners = diamonds[1].points();
    assert_abs_diff_eq!(corners[0].0, x.place(2040.0), epsilon = 2.0 * HALF_A_TENTH);
    assert_abs_diff_eq!(
        corners[1].1,
        y.place(273_600.0),
        epsilon = 2.0 * HALF_A_TENTH
    );
    assert!(
        all.iter()
            .any(|e| e.text == "Published projection, not data")
    );
}

#[test]
fn the_fan_is_that_of_the_draws_and_starts_at_the_last_observation() {
    let outlook = press_release();
    let all = check(&chart::incidence(&outlook, "").unwrap());
    let x = Axis::new(&all, "x", ["2020", "2040"]);
    let y = Axis::new(&all, "y", ["100,000", "400,000"]);
    let cases = outlook.regions()[0].new_cases();
    for (colour, level) in [(BAND95, 0.95), (BAND50, 0.5)] {
        let band = filled(&all, "polygon", colour)[0].points();
        // The upper edge from left to right, then the lower from right to left.
        assert_eq!(band.len(), 2 * 17);
        for (i, year) in (2024..=2040).enumerate() {
            let (lower, upper) = cases.interval(year, level).unwrap();
            for (point, limit) in [(band[i], upper), (band[33 - i], lower)] {
                assert_abs_diff_eq!(point.0, x.place(f64::from(year)), epsilon = 0.101);
                assert_abs_diff_eq!(point.1, y.place(limit), epsilon = 0.101);
            }
        }
    }
    let medians: Vec<&Element> = all.iter().filter(|e| e.get("stroke") == MEDIAN).collect();
    // The first is in the legend.
    let median = medians[1].points();
    let band = filled(&all, "polygon", BAND50)[0].points();
    assert_eq!(median.len(), 17);
    for (i, point) in median.iter().enumerate() {
        assert!(band[i].1 <= point.1 && point.1 <= band[33 - i].1, "{i}");
    }
}

#[test]
fn product_lines_end_at_the_product_and_carry_its_percentage() {
    let share = UltimateShare::new(0.3, 0.425, ShareDistribution::Pert).unwrap();
    let options = OutlookOptions { share, ..myeloma() };
    let outlook = Outlook::of(figures::press_release(), &options).unwrap();
    let all = check(&chart::third_line(&outlook, "").unwrap());
    let y = Axis::new(&all, "y", ["50,000", "150,000"]);
    let median = outlook.regions()[0].new_cases().median(2040).unwrap();
    let (low, high) = (0.3 * median, 0.425 * median);
    for (label, product) in [("42.5\u{A0}%", high), ("30\u{A0}%", low)] {
        let at = all.iter().position(|e| e.text == label).unwrap();
        // The leader stands right before its label and starts at the line's end.
        let leader = all[at - 1].points();
        assert_abs_diff_eq!(leader[0].1, y.place(product), epsilon = 0.101);
        assert_abs_diff_eq!(leader[2].1, all[at].number("y"), epsilon = 0.101);
    }
    let band = filled(&all, "polygon", BAND95)[0].points();
    assert_eq!(band.len(), 2 * 17, "from 2024 to 2040");
}

#[test]
fn names_from_users_are_text_and_nothing_else() {
    let name = "A <b>\"R&D\"</b> 'region' opacity=\"#\u{0}\u{1b}]]>";
    let counts = [(2019, 300.0), (2024, 320.0)];
    let series = IncidenceSeries::from_counts(name, counts).unwrap();
    let outlook = Outlook::of_series(&[series], &options()).unwrap();
    let caption = "Source: <script>alert(1)</script> & others";
    for svg in [
        chart::incidence(&outlook, caption).unwrap(),
        chart::third_line(&outlook, caption).unwrap(),
    ] {
        let all = check(&svg);
        assert!(!svg.contains("<b>") && !svg.contains("<script"));
        assert!(all.iter().any(|e| e.text == caption));
        // The first bold text is the title of the chart, the second that of the panel.
        let mut bold = all.iter().filter(|e| e.get("font-weight") == "bold");
        let panel = bold.nth(1).unwrap();
        assert!(
            panel
                .text
                .starts_with("A <b>\"R&D\"</b> 'region' opacity=\"#")
        );
    }
}

#[test]
fn labels_of_coinciding_curves_stand_apart() {
    // A year after the last observation, four curves are almost one.
    let options = OutlookOptions {
        to: 2025,
        ..myeloma()
    };
    let outlook = Outlook::of(figures::press_release(), &options).unwrap();
    let all = check(&chart::incidence(&outlook, "").unwrap());
    let labels = [
        "exponential ",
        "linear ",
        "logistic† ",
        "Gompertz† ",
        "linear pool ",
        "registry trend ",
    ];
    let mut heights: Vec<f64> = labels
        .iter()
        .map(|label| {
            let with_value = |text: &str| {
                let end = text.strip_prefix(label);
                end.is_some_and(|end| end.starts_with(|c: char| c.is_ascii_digit()))
            };
            let labelled = all.iter().find(|e| with_value(&e.text));
            labelled.unwrap().number("y")
        })
        .collect();
    heights.sort_by(f64::total_cmp);
    assert!(
        heights.windows(2).all(|pair| pair[1] - pair[0] >= 9.0),
        "{heights:?}"
    );
    // The projection for 2040 is out of sight, and said.
    let white = filled(&all, "polygon", "#FFFFFF");
    assert!(white.iter().all(|mark| mark.points().len() == 3));
    assert!(all.iter().any(|e| e.text.contains("World, 2040: 273,600")));
}

/// Series of every kind that a user may come with.
fn strange() -> Vec<IncidenceSeries> {
    let of = |name: &str, counts: &[(i32, f64)]| {
        IncidenceSeries::from_counts(name, counts.iter().copied()).unwrap()
    };
    vec![
        of("Three", &[(2019, 3.0), (2024, 4.0)]),
        of(&"中".repeat(60), &[(2019, 2.4e9), (2024, 3e9)]),
        of(&"W".repeat(60), &[(2019, 1.2e6), (2024, 1.5e6)]),
        of("المملكة العربية السعودية", &[(2023, 600.0), (2024, 610.0)]),
        of("Falling", &[(2019, 300.0), (2024, 280.0)]),
        of("Constant", &[(2019, 300.0), (2024, 300.0)]),
        IncidenceSeries::from_figures(figures::registered(), "United States").unwrap(),
    ]
}

#[test]
fn every_number_of_regions_and_years_is_drawn() {
    let series = strange();
    for (regions, last) in [(1, 2024), (2, 2025), (3, 2040), (6, 2041), (7, 2040)] {
        let options = OutlookOptions {
            to: last,
            ..options()
        };
        let outlook = Outlook::of_series(&series[..regions], &options).unwrap();
        let incidence = check(&chart::incidence(&outlook, "").unwrap());
        let third_line = check(&chart::third_line(&outlook, "").unwrap());
        for all in [&incidence, &third_line] {
            assert_eq!(filled(all, "polygon", BAND95).len(), regions);
        }
        let observations: usize = series[..regions]
            .iter()
            .map(|s| s.observations().len())
            .sum();
        assert_eq!(
            filled(&incidence, "circle", "#000000").len(),
            observations + 1
        );
    }
    // As far as a projection may go.
    let options = OutlookOptions {
        to: 2224,
        ..options()
    };
    let outlook = Outlook::of_series(&series[..2], &options).unwrap();
    check(&chart::incidence(&outlook, "").unwrap());
    check(&chart::third_line(&outlook, "").unwrap());
}

/// Nobody reaches third line: an axis up to 1 and everything at 0.
#[test]
fn a_share_of_zero_is_drawn() {
    let share = UltimateShare::new(0.0, 0.0, ShareDistribution::Uniform).unwrap();
    let options = OutlookOptions { share, ..options() };
    let series = IncidenceSeries::from_counts("Many", [(2019, 3e9), (2024, 4e9)]).unwrap();
    let outlook = Outlook::of_series(&[series], &options).unwrap();
    let all = check(&chart::third_line(&outlook, "").unwrap());
    // All draws are 0: a line, and no interval, which the legend does not have either.
    assert!(filled(&all, "polygon", BAND95).is_empty() && filled(&all, "rect", BAND95).is_empty());
    assert!(!all.iter().any(|e| e.text.contains("interval")));
    let zero = Axis::new(&all, "y", ["0", "1.0"]).place(0.0);
    let mut medians = all.iter().filter(|e| e.get("stroke") == MEDIAN);
    let line = medians.next_back().unwrap().points();
    assert_eq!(line.len(), 17);
    for point in line {
        assert_abs_diff_eq!(point.1, zero, epsilon = 2.0 * HALF_A_TENTH);
    }
}

#[test]
fn a_curve_that_is_the_exponential_limit_is_labelled() {
    // Counts that grow by exactly a tenth each year: the logistic curve has no ceiling.
    let counts = [(2020, 1000.0), (2021, 1100.0), (2022, 1210.0)];
    let series = IncidenceSeries::from_counts("Geometric", counts).unwrap();
    let options = OutlookOptions {
        families: vec![Family::Logistic],
        ..options()
    };
    let outlook = Outlook::of_series(&[series], &options).unwrap();
    let all = check(&chart::incidence(&outlook, "").unwrap());
    // Another 18 years at a tenth a year: 1,210·1.1^18 = 6,727, to three digits.
    assert!(all.iter().any(|e| e.text == "logistic 6,730"));
    assert!(!all.iter().any(|e| e.text == "Other curves"));
}

#[test]
fn the_same_outlook_gives_the_same_bytes() {
    let (a, b) = (press_release(), press_release());
    assert_eq!(
        chart::incidence(&a, "").unwrap(),
        chart::incidence(&b, "").unwrap()
    );
    assert_eq!(
        chart::third_line(&a, "").unwrap(),
        chart::third_line(&b, "").unwrap()
    );
}

fn pathway() -> Pathway {
    let off = Line::new(
        SojournTime::exponential(1.0).unwrap(),
        Share::new(0.7).unwrap(),
    );
    let first = Line::new(
        SojournTime::exponential(2.0).unwrap(),
        Share::new(0.5).unwrap(),
    )
    .with_off_treatment(Share::new(0.2).unwrap(), off);
    let last = Line::new(
        SojournTime::exponential(1.0).unwrap(),
        Share::new(0.0).unwrap(),
    )
    .with_death(Share::new(0.75).unwrap());
    Pathway::of_lines([first, last]).unwrap()
}

#[test]
fn prevalence_lies_where_the_axes_say() {
    // Two worlds, the second with twice the patients.
    let mut diagnosed = Array2::from_elem((21, 2), 1_000.0);
    diagnosed.column_mut(1).fill(2_000.0);
    let diagnosed = YearlyDraws::new(2000, diagnosed).unwrap();
    let flow = pathway().flow(&diagnosed, &FlowOptions::to(2020)).unwrap();
    let all = check(&chart::prevalence(&flow, "Two <worlds>").unwrap());
    let titles: Vec<&str> = filled(&all, "text", "#262626")
        .into_iter()
        .filter(|e| e.get("font-weight") == "bold")
        .map(|e| e.text.as_str())
        .collect();
    assert_eq!(
        titles,
        [
            "Two <worlds>: patients by line of therapy, at the end of the year",
            "In line 1",
            "Off treatment after line 1",
            "In line 2"
        ]
    );
    // In line 1 for good there are, at a constant number of new patients, as many as they are times the
    // mean sojourn of 2 years: 4,000 in the second world; after 20 years the transient is e^-10.
    let (x, y) = (
        Axis::new(&all, "x", ["2000", "2020"]),
        Axis::new(&all, "y", ["1,000", "4,000"]),
    );
    let band = filled(&all, "polygon", BAND95)[0].points();
    let last = band[20];
    assert_abs_diff_eq!(last.0, x.place(2020.0), epsilon = 0.2);
    // Type 7 of two draws at 97.5 %: 2,000 + 0.975·2,000.
    assert_abs_diff_eq!(last.1, y.place(3_950.0), epsilon = 0.2);
}

#[test]
fn states_show_the_shares_of_the_model() {
    let svg = chart::states(&pathway(), 2020).unwrap();
    let texts: Vec<String> = check(&svg).into_iter().map(|e| e.text).collect();
    // From line 1: 50 % to line 2, 20 % off treatment, 30 % dead; from there 70 % and 30 %; from line 2
    // 75 % dead and 25 % lost.
    for text in [
        "line 1",
        "off treatment",
        "50\u{A0}%",
        "20\u{A0}%",
        "70\u{A0}%",
        "dead 30\u{A0}%",
        "75\u{A0}%",
        "25\u{A0}%",
    ] {
        assert!(texts.iter().any(|t| t == text), "{text} in {texts:?}");
    }
}

/// What is uncertain says how: a range its ends, a count its denominator; without them there is no interval.
#[test]
fn states_say_how_uncertain_their_shares_are() {
    let time = || SojournTime::exponential(1.0).unwrap();
    let range = Share::range(0.6, 0.725, ShareDistribution::Pert).unwrap();
    let counted = Share::counted(55.0, 220.0).unwrap();
    let pathway = Pathway::of_lines([
        Line::new(time(), range),
        Line::new(time(), counted),
        Line::new(time(), Share::new(0.0).unwrap()),
    ])
    .unwrap();
    let texts = |pathway: &Pathway| -> Vec<String> {
        let all = check(&chart::states(pathway, 2020).unwrap());
        all.into_iter().map(|e| e.text).collect()
    };
    let drawn = texts(&pathway);
    for text in ["60–72.5\u{A0}%", "of 220", "25\u{A0}%"] {
        assert!(drawn.iter().any(|t| t == text), "{text} in {drawn:?}");
    }
    let known = |texts: &[String]| texts.iter().any(|text| text.contains("no interval"));
    assert!(!known(&drawn));
    let exact = Line::new(time(), Share::new(0.0).unwrap());
    assert!(known(&texts(&Pathway::of_lines([exact]).unwrap())));
}

/// Studies stand under their names; a row whose draws are all the same is a dot without lines, and that is said.
#[test]
fn readings_have_names_and_no_intervals_of_nothing() {
    let with = ThirdLineOptions::default();
    let mut table = press_release().third_line_table(&with).unwrap();
    let all = check(&chart::readings(&table, 2040, "").unwrap());
    for name in [
        "West China Hospital, 2008–2019",
        "Barcelona, 1980–2020, by attrition",
    ] {
        assert_eq!(all.iter().filter(|e| e.text == name).count(), 2, "{name}");
    }
    let lines = |all: &[Element]| all.iter().filter(|e| e.get("stroke") == MEDIAN).count();
    assert_eq!(lines(&all), 2 * table.rows.len());
    // The 95 % line of a row goes farther than the 50 % line to both sides.
    let ends: Vec<_> = (all.iter().filter(|e| e.get("stroke") == MEDIAN))
        .map(Element::points)
        .collect();
    for row in ends.chunks(2) {
        assert!(
            row[0][0].0 < row[1][0].0 && row[1][1].0 < row[0][1].0,
            "{row:?}"
        );
    }
    let said = |all: &[Element]| all.iter().any(|e| e.text.contains("without lines"));
    assert!(!said(&all));

    let last = table.rows[0].starts.last_mut().unwrap();
    *last = serde_json::from_str(
        r#"{"year": 2040, "median": 99999, "lower50": null, "upper50": null, "lower95": null, "upper95": null}"#,
    )
    .unwrap();
    let all = check(&chart::readings(&table, 2040, "").unwrap());
    assert_eq!(lines(&all), 2 * (table.rows.len() - 1));
    assert!(said(&all) && all.iter().any(|e| e.text == "100,000"));
    let json = serde_json::to_value(&table).unwrap();
    let last = &json["rows"][0]["starts"][16];
    assert!(last["year"] == 2040 && last["lower95"].is_null() && last["median"] == 99999.0);
    let csv = table.to_csv();
    assert!(csv.contains(",2040,99999,,,,\n"), "{csv}");
    let text = table.to_string();
    let mut rows = text.lines();
    assert!(rows.any(|row| row.ends_with(" 100,000")), "{text}");
}

/// A page is 190 mm wide, a point 1/72 inch.
#[test]
fn no_text_is_smaller_than_seven_point_on_a_page() {
    let outlook = press_release();
    let table = outlook
        .third_line_table(&ThirdLineOptions::default())
        .unwrap();
    let strange = Outlook::of_series(&strange(), &options()).unwrap();
    let diagnosed = YearlyDraws::new(2000, Array2::from_elem((21, 1), 1_000.0)).unwrap();
    let flow = pathway().flow(&diagnosed, &FlowOptions::to(2020)).unwrap();
    let change = Decomposition::area("Australia/New Zealand", 2024, 2040).unwrap();
    for svg in [
        chart::incidence(&outlook, "").unwrap(),
        chart::incidence(&strange, "").unwrap(),
        chart::third_line(&outlook, "").unwrap(),
        chart::readings(&table, 2040, "").unwrap(),
        chart::prevalence(&flow, "A thousand a year").unwrap(),
        chart::states(&pathway(), 2020).unwrap(),
        chart::calibration(&own_backtest(), 0, "A caption").unwrap(),
        chart::decomposition(&[change], "A change", "A caption").unwrap(),
    ] {
        let all = check(&svg);
        let points = 190.0 / 25.4 * 72.0 / all[0].number("width");
        for text in all.iter().filter(|e| e.name == "text") {
            let size = text.number("font-size") * points;
            assert!(size >= 7.0, "{}: {size} points", text.text);
        }
    }
}

#[test]
fn hostile_names_of_groups_stay_text() {
    let group = Group::new(
        "a\0b<svg onload=\"x\">",
        Share::new(1.0).unwrap(),
        pathway().groups()[0].lines().to_vec(),
    )
    .unwrap();
    let pathway = Pathway::new([group]).unwrap();
    let all = check(&chart::states(&pathway, 2020).unwrap());
    assert!(
        all.iter()
            .any(|e| e.text.starts_with("a b<svg onload=\"x\">"))
    );
}

/// Nobody is diagnosed in the last year: at its end e^(−1/2) of those in first line are left, at mid-year e^(−1/4).
#[test]
fn prevalence_is_that_of_the_end_of_the_year() {
    let mut diagnosed = Array2::from_elem((21, 2), 1_000.0);
    diagnosed.column_mut(1).fill(2_000.0);
    diagnosed.row_mut(20).fill(0.0);
    let diagnosed = YearlyDraws::new(2000, diagnosed).unwrap();
    let flow = pathway().flow(&diagnosed, &FlowOptions::to(2020)).unwrap();
    let all = check(&chart::prevalence(&flow, "A year without").unwrap());
    let y = Axis::new(&all, "y", ["1,000", "4,000"]);
    let band = filled(&all, "polygon", BAND95)[0].points();
    assert_abs_diff_eq!(
        band[20].1,
        y.place(3_950.0 * (-0.5_f64).exp()),
        epsilon = 0.2
    );
}

/// From line 1 10 % go on, 40 % go off treatment, and half die; of those off treatment 65 % go on and 35 % die.
#[test]
fn deaths_off_treatment_are_not_those_in_the_line() {
    let share = |share| Share::new(share).unwrap();
    let time = || SojournTime::exponential(1.0).unwrap();
    let first = Line::new(time(), share(0.1))
        .with_off_treatment(share(0.4), Line::new(time(), share(0.65)));
    let pathway = Pathway::of_lines([first, Line::new(time(), share(0.0))]).unwrap();
    let svg = chart::states(&pathway, 2020).unwrap();
    let texts: Vec<String> = check(&svg).into_iter().map(|e| e.text).collect();
    for text in [
        "10\u{A0}%",
        "40\u{A0}%",
        "50\u{A0}%",
        "65\u{A0}%",
        "dead 35\u{A0}%",
    ] {
        assert!(texts.iter().any(|t| t == text), "{text} in {texts:?}");
    }
}
