//! Outlooks and their options go through JSON and back, to the bit; what contradicts itself is refused.

use myeloma_epi::curve::Family;
use myeloma_epi::{Outlook, OutlookOptions, OutlookVariance, Seed, figures};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{one, two_figures};

fn through_json<T: Serialize + DeserializeOwned>(value: &T) -> T {
    serde_json::from_str(&serde_json::to_string(value).unwrap()).unwrap()
}

fn press_release() -> Outlook {
    let options = OutlookOptions {
        draws: 40,
        to: 2030,
        ..OutlookOptions::myeloma()
    };
    Outlook::of(figures::press_release(), &options).unwrap()
}

#[test]
fn an_outlook_comes_back_as_it_was() {
    let outlook = press_release();
    let again = through_json(&outlook);
    assert_eq!(again, outlook);
    assert_eq!(again.to_string(), outlook.to_string());
    // The draws are made again, from what was read.
    for (again, before) in again.regions().iter().zip(outlook.regions()) {
        assert_eq!(again.pool(), before.pool());
        assert_eq!(again.third_line(), before.third_line());
        assert_eq!(again.new_cases(), before.new_cases());
        assert_eq!(again.projections(), before.projections());
    }
    let complements = [&again, &outlook].map(|o| o.complements()[0].new_cases().clone());
    assert_eq!(complements[0], complements[1]);
    for region in outlook.regions() {
        for curve in region.curves() {
            assert_eq!(&through_json(curve), curve);
        }
        for family in region.not_identified() {
            assert_eq!(&through_json(family), family);
        }
        assert_eq!(
            through_json(&region.variance().cloned()),
            region.variance().cloned()
        );
    }
    // One draw has no variance, and a reason why.
    let series = two_figures("Atlantis", 100.0, 120.0, 0.03);
    let options = OutlookOptions {
        draws: 1,
        ..OutlookOptions::default()
    };
    let outlook = one(&series, &options).unwrap();
    assert_eq!(through_json(&outlook), outlook);
}

#[test]
fn options_come_back_and_have_their_defaults() {
    let options = OutlookOptions {
        from: Some(1990),
        weights: vec![(Family::Linear, 0.5)],
        families: vec![Family::Linear, Family::Richards],
        between_source_sd: 0.1,
        seed: Seed::new(7),
        ..OutlookOptions::default()
    };
    for options in [options, OutlookOptions::myeloma()] {
        assert_eq!(through_json(&options), options);
    }
    let read = |text: &str| serde_json::from_str::<OutlookOptions>(text);
    assert_eq!(read("{}").unwrap(), OutlookOptions::default());
    let error = read(r#"{"drwas": 10}"#).unwrap_err().to_string();
    assert!(
        error.contains("drwas") && error.contains("draws"),
        "{error}"
    );
}

#[test]
fn what_contradicts_itself_is_refused() {
    let whole = serde_json::to_value(press_release()).unwrap();
    let refused = |path: &str, value: Value| {
        let mut bad = whole.clone();
        *bad.pointer_mut(path).unwrap_or_else(|| panic!("no {path}")) = value;
        let error = serde_json::from_value::<Outlook>(bad).unwrap_err();
        error.to_string()
    };
    let to = whole["options"]["to"].clone();
    for (path, value, says) in [
        ("/options/draws", json!(0), "at least 1"),
        (
            "/options/to",
            json!(2031),
            "regions[0].curves[0].summary is ",
        ),
        ("/options/parts", json!([]), "regions[1].curves is "),
        ("/options/parts/0/0", json!("Chnia"), "Chnia"),
        (
            "/complements/0/part",
            json!("World"),
            "complements[0].part is \"World\" in the file and \"China\"",
        ),
        ("/regions/0/series/region", json!("Mars"), "Mars"),
        (
            "/regions/0/between_source/sd",
            json!(0.2),
            "regions[0].between_source.sd is 0.2 ",
        ),
        (
            "/regions/0/between_source/reason",
            json!("stated"),
            "regions[0].between_source.reason is \"stated\"",
        ),
        (
            "/regions/0/curves/0/family",
            json!("gompertz"),
            "regions[0].curves[0].family",
        ),
        (
            "/regions/0/variance/third_line/year",
            json!(2029),
            "is 2029 in the file and 2030",
        ),
        (
            "/regions/0/summaries/third_line/3/median",
            to,
            "summaries.third_line[3].median is 2030 ",
        ),
    ] {
        let error = refused(path, value);
        assert!(error.contains(says), "{path}: {error}");
    }
    let mut variance = whole["regions"][0]["variance"].clone();
    variance["pool"]["year"] = json!(2029);
    let error = serde_json::from_value::<OutlookVariance>(variance).unwrap_err();
    assert!(error.to_string().contains("different years"), "{error}");
    let mut unknown = whole.clone();
    unknown["regions"][0]["more"] = json!(1);
    assert!(serde_json::from_value::<Outlook>(unknown).is_err());
}

/// What a file may say in the place of a value.
fn mutations(value: &Value) -> Vec<Value> {
    let mut mutated = vec![json!("x")];
    match value {
        Value::Array(items) if !items.is_empty() => {
            let mut shorter = items.clone();
            shorter.pop();
            let mut longer = items.clone();
            longer.push(items[0].clone());
            mutated.extend([Value::Array(shorter), Value::Array(longer)]);
        }
        Value::Number(number) => mutated.push(json!(1e307 + number.as_f64().unwrap_or(0.0))),
        Value::Bool(value) => mutated.push(json!(!value)),
        _ => (),
    }
    mutated.retain(|m| m != value);
    mutated
}

/// Every place of a value, the last item of an array standing for all.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                places(
                    value,
                    &format!("{at}/{}", key.replace('~', "~0").replace('/', "~1")),
                    found,
                );
            }
        }
        Value::Array(items) => {
            if let Some(value) = items.last() {
                places(value, &format!("{at}/{}", items.len() - 1), found);
            }
        }
        _ => (),
    }
}

/// A file of which any value is another one is refused, unless it is a figure or an option that changes nothing here;
/// nothing panics, then or later.
#[test]
fn any_changed_value_is_refused() {
    let options = OutlookOptions {
        draws: 10,
        to: 2025,
        ..OutlookOptions::myeloma()
    };
    let outlook = Outlook::of(figures::press_release(), &options).unwrap();
    let whole = serde_json::to_value(&outlook).unwrap();
    let mut found = Vec::new();
    places(&whole, "", &mut found);
    // One year of a population stands for all.
    found.retain(|place| !place.contains("/by_year/") || place.ends_with("/2024"));
    for place in found {
        let at = whole.pointer(&place).unwrap();
        for mutation in mutations(at) {
            let mut changed = whole.clone();
            *changed.pointer_mut(&place).unwrap() = mutation.clone();
            let Ok(outlook) = serde_json::from_value::<Outlook>(changed) else {
                continue;
            };
            let is_input = place.starts_with("/options/") || place.contains("/series");
            assert!(is_input, "{place}: {at} -> {mutation}");
            assert!(
                outlook
                    .regions()
                    .iter()
                    .all(|r| r.pool().new_cases().summary() == r.pool_summary())
            );
        }
    }
}
