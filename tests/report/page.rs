//! The page: contrasts by the formula of WCAG 2.2 (<https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio>), and what a keyboard and a
//! screen reader need.

use std::collections::HashMap;

use myeloma_epi::{IncidenceSeries, Outlook, OutlookOptions};

fn page() -> String {
    let atlantis = IncidenceSeries::from_counts("Atlantis", [(2019, 1_200.0), (2024, 1_400.0)]);
    let options = OutlookOptions {
        draws: 100,
        to: 2030,
        ..OutlookOptions::default()
    };
    let outlook = Outlook::of_series(&[atlantis.unwrap()], &options).unwrap();
    outlook.to_html("").unwrap()
}

/// The relative luminance of `#rrggbb`.
fn luminance(colour: &str) -> f64 {
    let channel = |at: usize| {
        let value = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
        if value <= 0.04045 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        }
    };
    0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
}

fn contrast(a: &str, b: &str) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// The colours of one `:root` block.
fn colours(block: &str) -> HashMap<&str, &str> {
    let entries = block
        .split(';')
        .filter_map(|entry| entry.trim().split_once(": "));
    entries
        .filter_map(|(name, colour)| Some((name.strip_prefix("--")?, colour)))
        .collect()
}

#[test]
fn the_formula_gives_the_ends_of_its_scale() {
    assert!((contrast("#000000", "#ffffff") - 21.0).abs() < 1e-9);
    assert!((contrast("#777777", "#777777") - 1.0).abs() < 1e-12);
    // The grey that is just too light for text on white, as WebAIM's checker has it: 4.48.
    assert!((contrast("#777777", "#ffffff") - 4.48).abs() < 0.005);
}

/// Level AA: 4.5 for text (criterion 1.4.3) and 3 for the outline of what has the focus (1.4.11), on white, on dark and on paper.
#[test]
fn every_colour_of_a_text_stands_out() {
    let page = page();
    let blocks: Vec<_> = page.split(":root {").skip(1).collect();
    assert_eq!(blocks.len(), 3, "light, dark, print");
    let mut seen = HashMap::new();
    for block in blocks {
        let block = block.split('}').next().unwrap();
        seen.extend(colours(block));
        for text in ["ink", "muted", "link"] {
            // In print, what is not said again is as in the light; the colours of before are light then.
            if !block.contains(&format!("--{text}")) {
                continue;
            }
            let ratio = contrast(seen[text], seen["paper"]);
            assert!(ratio >= 4.5, "{text} on {}: {ratio:.2}", seen["paper"]);
        }
    }
    // The charts stand on white: their texts and lines, but for the grid and the bands.
    for colour in ["#262626", "#555555", "#004B78", "#000000"] {
        assert!(contrast(colour, "#ffffff") >= 4.5, "{colour}");
    }
    for colour in [
        "#D55E00", "#009E73", "#B85C90", "#C48400", "#6E6E6E", "#808080",
    ] {
        assert!(contrast(colour, "#ffffff") >= 3.0, "{colour}");
    }
}

/// Language (3.1.1), headers of tables (1.3.1), names of controls (4.1.2), what scrolls is reached by keys (2.1.1), nothing
/// moves (2.3.3).
#[test]
fn keys_and_screen_readers_find_their_way() {
    let page = page();
    assert!(page.contains("<html lang=\"en\">"));
    for header in page.split("<th").skip(1) {
        assert!(
            header.starts_with("ead") || header.starts_with(" scope="),
            "{}",
            &header[..40]
        );
    }
    // Every switch stands in its label, and the label in a group with a name.
    let inputs: Vec<&str> = page.split("<input").collect();
    assert_eq!(inputs.len(), 1 + 6);
    for before in &inputs[..6] {
        assert!(
            before.ends_with("<label>"),
            "{}",
            &before[before.len() - 40..]
        );
    }
    for group in page.split("<fieldset>").skip(1) {
        assert!(group.starts_with("<legend>"));
    }
    assert_eq!(page.matches("<fieldset>").count(), 2);
    assert_eq!(
        page.matches("<caption>").count(),
        page.matches("<table>").count()
    );
    // On paper headings of columns, which are buttons to sort by, are there, and so is what can be folded away.
    let style = page.split("</style>").next().unwrap();
    let print = style.split("@media print").nth(1).unwrap();
    assert!(print.contains("button.copy { display: none; }") && !print.contains(" button "));
    assert!(page.contains("<details open>") && !page.contains("<details>"));
    for scrolls in page.split("<div class=\"scroll\"").skip(1) {
        assert!(
            scrolls.starts_with(" tabindex=\"0\" role=\"region\" aria-label="),
            "{}",
            &scrolls[..60]
        );
    }
    // What is copied for a spreadsheet is guarded against formulas, as the tables of the crate are.
    assert!(page.contains("guarded(cell.innerText)") && page.contains("[=+\\-@＝＋－＠]"));
    assert!(page.contains(":focus-visible { outline: 3px"));
    assert!(!page.contains("animation") && !page.contains("transition"));
}
