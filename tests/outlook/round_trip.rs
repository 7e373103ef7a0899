//! Outlooks and their options go through JSON and back, to the bit; what contradicts itself is refused.

use myeloma_epi::curve::Family;
use myeloma_epi::{BetweenSource, Outlook, OutlookOptions, RegionOutlook, Seed, figures};
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
    assert_eq!(&through_json(&outlook.regions()[1]), &outlook.regions()[1]);
    assert_eq!(
        &through_json(&outlook.complements()[0]),
        &outlook.complements()[0]
    );
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
        assert_eq!(
            through_json(&region.implied_growth().copied()),
            region.implied_growth().copied()
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
        between_source: BetweenSource::Stated(0.1),
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
    for (path, value, says) in [
        ("/options/draws", json!(41), "not those of the options"),
        ("/options/to", json!(2031), "not those of the options"),
        ("/options/parts", json!([]), "without their parts"),
        ("/options/parts/0/0", json!("Chnia"), "Chnia"),
        ("/complements/0/part", json!("World"), "without their parts"),
        (
            "/complements/0/replaced",
            json!(41),
            "do not belong together",
        ),
        ("/regions/0/series/region", json!("Mars"), "Mars"),
        (
            "/regions/0/between_source/sd",
            json!(2.0),
            "between 0 and 1",
        ),
        (
            "/regions/0/between_source/reason",
            json!("stated"),
            "contradicts itself",
        ),
        (
            "/regions/0/no_variance_reason",
            json!("none"),
            "contradicts itself",
        ),
        (
            "/regions/0/curves/0/pool_weight",
            json!(0.5),
            "contradicts itself",
        ),
        (
            "/regions/0/curves/0/family",
            json!("gompertz"),
            "do not belong together",
        ),
        (
            "/regions/0/curves/0/variance_share",
            json!(-0.1),
            "between 0 and 1",
        ),
        (
            "/regions/0/variance/third_line/year",
            json!(2029),
            "different years",
        ),
        ("/regions/0/implied_growth/change", json!(2019), "in order"),
        (
            "/regions/0/registry_trend",
            whole["regions"][1]["third_line"].clone(),
            "different years",
        ),
        (
            "/regions/0/pools/all",
            whole["regions"][1]["pools"]["all"].clone(),
            "another region",
        ),
    ] {
        let error = refused(path, value);
        assert!(error.contains(says), "{path}: {error}");
    }
    let mut unknown = serde_json::to_value(&press_release().regions()[0]).unwrap();
    unknown["more"] = json!(1);
    assert!(serde_json::from_value::<RegionOutlook>(unknown).is_err());
}
