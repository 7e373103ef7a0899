//! Charts, read back from their SVG text: what is drawn lies where the axes say.
#![cfg(feature = "charts")]

mod svg;

use approx::assert_abs_diff_eq;
use myeloma_epi::curve::Family;
use myeloma_epi::pathway::{ShareDistribution, UltimateShare};
use myeloma_epi::report::chart;
use myeloma_epi::{IncidenceSeries, Outlook, OutlookOptions, figures};

use svg::{Axis, Element, check};

/// Coordinates are whole units of the document, ten to a pixel.
const HALF_A_UNIT: f64 = 0.500_001;
const BAND95: &str = "#D2E4F1";
const BAND50: &str = "#92BEDD";
const MEDIAN: &str = "#004B78";

fn options() -> OutlookOptions {
    OutlookOptions::default().with_draws(400)
}

fn press_release() -> Outlook {
    Outlook::of(figures::press_release(), &options()).unwrap()
}

fn filled<'a>(all: &'a [Element], name: &'a str, fill: &'a str) -> Vec<&'a Element> {
    let fits = |e: &&Element| e.name == name && e.get("fill") == fill;
    all.iter().filter(fits).collect()
}

#[test]
fn figures_lie_where_the_axes_say() {
    let all = check(&chart::incidence(&press_release()).unwrap());
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
        assert_abs_diff_eq!(dot.number("cx"), x.place(year), epsilon = 2.0 * HALF_A_UNIT);
        assert_abs_diff_eq!(
            dot.number("cy"),
            y.place(cases),
            epsilon = 2.0 * HALF_A_UNIT
        );
    }
    // The published projection is no dot but an open diamond.
    let diamonds = filled(&all, "polygon", "#FFFFFF");
    assert_eq!(diamonds.len(), 2);
    let corners = diamonds[1].points();
    assert_abs_diff_eq!(corners[0].0, x.place(2040.0), epsilon = 2.0 * HALF_A_UNIT);
    assert_abs_diff_eq!(
        corners[1].1,
        y.place(273_600.0),
        epsilon = 2.0 * HALF_A_UNIT
    );
    assert!(
        all.iter()
            .any(|e| e.text == "Published projection, not data")
    );
}

#[test]
fn the_fan_is_that_of_the_draws_and_starts_at_the_last_observation() {
    let outlook = press_release();
    let all = check(&chart::incidence(&outlook).unwrap());
    let x = Axis::new(&all, "x", ["2020", "2040"]);
    let y = Axis::new(&all, "y", ["100,000", "400,000"]);
    let cases = outlook.regions()[0].incidence().cases();
    for (colour, level) in [(BAND95, 0.95), (BAND50, 0.5)] {
        let band = filled(&all, "polygon", colour)[0].points();
        // The upper edge from left to right, then the lower from right to left.
        assert_eq!(band.len(), 2 * 17);
        for (i, year) in (2024..=2040).enumerate() {
            let (lower, upper) = cases.interval(year, level).unwrap();
            for (point, limit) in [(band[i], upper), (band[33 - i], lower)] {
                assert_abs_diff_eq!(point.0, x.place(f64::from(year)), epsilon = 1.01);
                assert_abs_diff_eq!(point.1, y.place(limit), epsilon = 1.01);
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
    let outlook = Outlook::of(figures::press_release(), &options().with_share(share)).unwrap();
    let all = check(&chart::third_line(&outlook).unwrap());
    let y = Axis::new(&all, "y", ["50,000", "150,000"]);
    let (low, high) = outlook.regions()[0]
        .third_line()
        .product_range(2040)
        .unwrap();
    for (label, product) in [("42.5\u{A0}%", high), ("30\u{A0}%", low)] {
        let at = all.iter().position(|e| e.text == label).unwrap();
        // The leader stands right before its label and starts at the line's end.
        let leader = all[at - 1].points();
        assert_abs_diff_eq!(leader[0].1, y.place(product), epsilon = 1.01);
        assert_abs_diff_eq!(leader[2].1, all[at].number("y"), epsilon = 1.01);
    }
    let band = filled(&all, "polygon", BAND95)[0].points();
    assert_eq!(band.len(), 2 * 22, "from 2019 to 2040");
}

#[test]
fn names_from_users_are_text_and_nothing_else() {
    let name = "A <b>\"R&D\"</b> 'region' opacity=\"#\u{0}\u{1b}]]>";
    let counts = [(2019, 300.0), (2024, 320.0)];
    let series = IncidenceSeries::from_counts(name, counts).unwrap();
    let outlook = Outlook::of_series(&[series], &options()).unwrap();
    let caption = "Source: <script>alert(1)</script> & others";
    for svg in [
        chart::incidence_with_caption(&outlook, caption).unwrap(),
        chart::third_line_with_caption(&outlook, caption).unwrap(),
    ] {
        let all = check(&svg);
        assert!(!svg.contains("<b>") && !svg.contains("<script"));
        assert!(all.iter().any(|e| e.text == caption));
        let title = all.iter().find(|e| e.get("font-weight") == "bold").unwrap();
        assert!(
            title
                .text
                .starts_with("A <b>\"R&D\"</b> 'region' opacity=\"#")
        );
    }
}

#[test]
fn labels_of_coinciding_curves_stand_apart() {
    // A year after the last observation, four curves are almost one.
    let outlook = Outlook::of(figures::press_release(), &options().with_last_year(2025)).unwrap();
    let all = check(&chart::incidence(&outlook).unwrap());
    let labels = ["exponential", "linear", "logistic†", "Gompertz†"];
    let mut heights: Vec<f64> = labels
        .iter()
        .map(|label| all.iter().find(|e| e.text == *label).unwrap().number("y"))
        .collect();
    heights.sort_by(f64::total_cmp);
    assert!(
        heights.windows(2).all(|pair| pair[1] - pair[0] >= 90.0),
        "{heights:?}"
    );
    // The projection for 2040 is out of sight, and said.
    assert!(filled(&all, "polygon", "#FFFFFF").is_empty());
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
        let outlook =
            Outlook::of_series(&series[..regions], &options().with_last_year(last)).unwrap();
        let incidence = check(&chart::incidence(&outlook).unwrap());
        let third_line = check(&chart::third_line(&outlook).unwrap());
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
    let outlook = Outlook::of_series(&series[..2], &options().with_last_year(2224)).unwrap();
    check(&chart::incidence(&outlook).unwrap());
    check(&chart::third_line(&outlook).unwrap());
}

#[test]
fn exact_figures_of_one_curve_make_a_fan_without_width() {
    let share = UltimateShare::new(0.0, 0.0, ShareDistribution::Uniform).unwrap();
    let options = options()
        .with_assumed_error(0.0)
        .with_horizon_error(false)
        .with_share(share)
        .with_families([Family::Linear]);
    let outlook = Outlook::of_series(&strange()[..1], &options).unwrap();
    let all = check(&chart::incidence(&outlook).unwrap());
    let band = filled(&all, "polygon", BAND95)[0].points();
    let half = band.len() / 2;
    assert!((0..half).all(|i| band[i] == band[band.len() - 1 - i]));
    assert!(
        all.iter()
            .any(|e| e.text.contains("from one curve (linear)"))
    );
    assert!(all.iter().any(|e| e.text.contains("taken as exact")));
    // Nobody reaches third line: an axis up to 1 and everything at 0.
    check(&chart::third_line(&outlook).unwrap());
}

#[test]
fn a_fan_that_mixes_nothing_is_that_of_its_first_curve() {
    // Counts that grow by exactly a tenth each year: the logistic curve has no ceiling.
    let counts = [(2020, 1000.0), (2021, 1100.0), (2022, 1210.0)];
    let series = IncidenceSeries::from_counts("Geometric", counts).unwrap();
    let options = options().with_families([Family::Logistic]);
    let outlook = Outlook::of_series(&[series], &options).unwrap();
    let all = check(&chart::incidence(&outlook).unwrap());
    assert!(all.iter().any(|e| e.text == "logistic"));
    assert!(!all.iter().any(|e| e.text.contains("not in the fan")));
}

#[test]
fn the_same_outlook_gives_the_same_bytes() {
    let (a, b) = (press_release(), press_release());
    assert_eq!(chart::incidence(&a).unwrap(), chart::incidence(&b).unwrap());
    assert_eq!(
        chart::third_line(&a).unwrap(),
        chart::third_line(&b).unwrap()
    );
}
