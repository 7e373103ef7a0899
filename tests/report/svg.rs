//! Reads an SVG document back.

#[derive(Debug)]
pub(crate) struct Element {
    pub(crate) name: String,
    attributes: Vec<(String, String)>,
    pub(crate) text: String,
}

impl Element {
    pub(crate) fn get(&self, name: &str) -> &str {
        let found = self.attributes.iter().find(|(key, _)| key == name);
        found.map_or("", |(_, value)| value)
    }

    pub(crate) fn number(&self, name: &str) -> f64 {
        self.get(name).parse().unwrap()
    }

    pub(crate) fn points(&self) -> Vec<(f64, f64)> {
        let pairs = self.get("points").split_whitespace();
        pairs
            .map(|pair| {
                let (x, y) = pair.split_once(',').unwrap();
                (x.parse().unwrap(), y.parse().unwrap())
            })
            .collect()
    }
}

fn unescaped(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, entity)) = rest.split_once('&') {
        plain.push_str(before);
        let (name, after) = entity.split_once(';').unwrap();
        plain.push(match name {
            "lt" => '<',
            "gt" => '>',
            "amp" => '&',
            "quot" => '"',
            "apos" => '\'',
            other => panic!("unknown entity {other}"),
        });
        rest = after;
    }
    plain + rest
}

/// Reads a document, and panics where it is not well-formed XML.
fn elements(svg: &str) -> Vec<Element> {
    let mut elements: Vec<Element> = Vec::new();
    let mut open: Vec<String> = Vec::new();
    for piece in svg.trim().split('<').skip(1) {
        let (tag, text) = piece.split_once('>').unwrap();
        assert!(!text.contains('>') && !text.chars().any(|c| c.is_control() && c != '\n'));
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(name));
            continue;
        }
        let (tag, closed) = match tag.strip_suffix('/') {
            Some(tag) => (tag, true),
            None => (tag, false),
        };
        let (name, mut rest) = tag.split_once(' ').unwrap_or((tag, ""));
        let mut attributes: Vec<(String, String)> = Vec::new();
        while let Some((key, value)) = rest.trim_start().split_once("=\"") {
            let (value, after) = value.split_once('"').unwrap();
            assert!(
                attributes.iter().all(|(other, _)| other != key),
                "twice: {key}"
            );
            attributes.push((key.to_owned(), unescaped(value)));
            rest = after;
        }
        assert_eq!(rest.trim(), "", "in {tag}");
        if !closed {
            open.push(name.to_owned());
        }
        elements.push(Element {
            name: name.to_owned(),
            attributes,
            text: unescaped(text.trim()),
        });
    }
    assert!(open.is_empty(), "left open: {open:?}");
    elements
}

/// Everything lies on the sheet, and every attribute of a number is one.
pub(crate) fn check(svg: &str) -> Vec<Element> {
    let all = elements(svg);
    let size: Vec<f64> = all[0]
        .get("viewBox")
        .split(' ')
        .map(|n| n.parse().unwrap())
        .collect();
    let inside = |x: f64, y: f64| {
        assert!((0.0..=size[2]).contains(&x), "x = {x} of {}", size[2]);
        assert!((0.0..=size[3]).contains(&y), "y = {y} of {}", size[3]);
    };
    for element in &all {
        match element.name.as_str() {
            "text" => {
                let (x, y) = (element.number("x"), element.number("y"));
                inside(x, y);
                // In Arial, a letter is half its size wide on the average, a Chinese one its size.
                let letters: f64 = element
                    .text
                    .chars()
                    .map(|c| if c > '\u{2E80}' { 1.0 } else { 0.5 })
                    .sum();
                let width = letters * element.number("font-size");
                match (element.get("transform"), element.get("text-anchor")) {
                    ("", "start") => inside(x + width, y),
                    ("", "end") => inside(x - width, y),
                    ("", _) => inside(x + width / 2.0, y),
                    _ => inside(x, y + width / 2.0),
                }
                assert!(element.get("opacity").is_empty() || element.get("opacity") == "1");
            }
            "circle" => inside(element.number("cx"), element.number("cy")),
            "polyline" | "polygon" => {
                for (x, y) in element.points() {
                    inside(x, y);
                }
            }
            "rect" => inside(element.number("x"), element.number("y")),
            "svg" | "title" | "desc" => {}
            other => panic!("unexpected element {other}"),
        }
    }
    all
}

/// A linear axis through two labels.
#[derive(Clone, Copy)]
pub(crate) struct Axis {
    value: (f64, f64),
    place: (f64, f64),
}

impl Axis {
    /// From the first texts with these labels.
    pub(crate) fn new(all: &[Element], coordinate: &str, labels: [&str; 2]) -> Self {
        let [a, b] = labels.map(|label| {
            let tick = all.iter().find(|e| e.name == "text" && e.text == label);
            let value: f64 = label.replace(',', "").parse().unwrap();
            (value, tick.unwrap().number(coordinate))
        });
        Self {
            value: (a.0, b.0),
            place: (a.1, b.1),
        }
    }

    pub(crate) fn place(self, value: f64) -> f64 {
        let slope = (self.place.1 - self.place.0) / (self.value.1 - self.value.0);
        self.place.0 + (value - self.value.0) * slope
    }
}
