//! Third-line starts by calendar year: rows of the user's studies beside those of the shipped ones.

use myeloma_epi::pathway::evidence::Study;
use myeloma_epi::pathway::{Delay, FlowOptions, FollowUp, UltimateShare};
use myeloma_epi::{Outlook, OutlookOptions, ThirdLineOptions, figures};

fn outlook() -> Outlook {
    let options = OutlookOptions {
        draws: 400,
        ..OutlookOptions::myeloma()
    };
    Outlook::of(figures::press_release(), &options).unwrap()
}

fn study(id: &str) -> Study {
    let text = format!(
        r#"{{"id": "{id}", "accrual": 8, "follow_up": 3.5, "sojourn_times_of": "czech_rmg", "figures": [
        {{"estimand": "crude_reach", "line": 2, "value": 0.55, "n": 400, "source": "table 2"}},
        {{"estimand": "crude_reach", "line": 3, "value": 0.25, "n": 400, "source": "table 2"}}]}}"#
    );
    serde_json::from_str(&text).unwrap()
}

/// The row of a study is the flow that follows from its preset, computed step by step.
#[test]
fn a_study_of_ones_own_has_a_row() {
    let outlook = outlook();
    let own = study("atlantis");
    let with = ThirdLineOptions {
        studies: vec![own.clone()],
        ..ThirdLineOptions::default()
    };
    let table = outlook.third_line_table(&with).unwrap();
    let without = outlook
        .third_line_table(&ThirdLineOptions::default())
        .unwrap();
    let rows: Vec<_> = table
        .rows
        .iter()
        .filter(|row| row.reading == "atlantis")
        .collect();
    assert_eq!(rows.len(), 2);
    assert_eq!(table.rows.len(), without.rows.len() + 2);

    let preset = own.preset().unwrap();
    let share: UltimateShare = preset.ultimate_share().unwrap();
    let delay: Delay = preset.delay().unwrap();
    assert_eq!((rows[0].low, rows[0].high), (share.low(), share.high()));
    assert_eq!(rows[0].share_of, "treated");
    // What is published at a data cut is less than what ever happens.
    assert!(rows[0].low > 0.25);
    let world = outlook.region("World").unwrap().new_cases();
    let by_hand = delay.starts(world, &share, &FlowOptions::to(2040)).unwrap();
    let (row, by_hand) = (
        rows[0].starts.last().unwrap(),
        by_hand.starts().median(2040).unwrap(),
    );
    // Incidence before the draws is continued with another growth: what is left of it in 2040 is little.
    assert!(
        (row.median / by_hand - 1.0).abs() < 0.01,
        "{} {by_hand}",
        row.median
    );
}

#[test]
fn two_studies_of_one_name_are_refused() {
    let outlook = outlook();
    let refused = |studies| {
        let with = ThirdLineOptions {
            studies,
            ..ThirdLineOptions::default()
        };
        outlook.third_line_table(&with).unwrap_err().to_string()
    };
    assert!(refused(vec![study("a"), study("a")]).contains("two studies are called \"a\""));
    assert!(refused(vec![study("cmrg")]).contains("\"cmrg\""));
    let silent: Study = serde_json::from_str(
        r#"{"id": "b", "no_preset": "the follow-up is not known", "figures": []}"#,
    )
    .unwrap();
    let error = refused(vec![silent]);
    assert!(
        error.contains("no preset") && error.contains("follow-up is not known"),
        "{error}"
    );
}

#[test]
fn a_study_is_read_from_a_file_and_checked() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("studies");
    std::fs::create_dir_all(&folder).unwrap();
    let write = |name: &str, text: &str| {
        let file = folder.join(name);
        std::fs::write(&file, text).unwrap();
        file
    };
    let file = write(
        "study.json",
        &serde_json::to_string(&study("atlantis")).unwrap(),
    );
    assert_eq!(Study::read(&file).unwrap(), study("atlantis"));
    let wrong = write(
        "wrong.json",
        r#"{"id": "a", "figures": [{"estimand": "crude_reach", "line": 2, "value": 1.5, "n": 4, "source": ""}]}"#,
    );
    let error = Study::read(&wrong).unwrap_err().to_string();
    assert!(
        error.contains("wrong.json") && error.contains("1.5"),
        "{error}"
    );
    assert!(
        Study::read(folder.join("none.json"))
            .unwrap_err()
            .to_string()
            .contains("none.json")
    );
}

/// The follow-up of a study behind the published range adds a row a region, in which the range is divided by what was
/// seen by then: G(8) of the delay. The share treated moves what the studies say of those diagnosed, and nothing of the treated.
#[test]
fn a_follow_up_and_a_treated_share_act() {
    let outlook = outlook();
    let without = outlook
        .third_line_table(&ThirdLineOptions::default())
        .unwrap();
    let followed = ThirdLineOptions {
        follow_up: Some(FollowUp::Fixed(8.0)),
        ..ThirdLineOptions::default()
    };
    let followed = outlook.third_line_table(&followed).unwrap();
    let new: Vec<_> = followed
        .rows
        .iter()
        .filter(|row| !without.rows.contains(row))
        .collect();
    assert_eq!(new.len(), outlook.regions().len());
    let [first, second] = {
        let delay = outlook.options().delay.as_ref().unwrap();
        [delay.first_line().mean(), delay.second_line().mean()]
    };
    // The sum of two exponential times, in closed form.
    let seen =
        1.0 - (first * (-8.0 / first).exp() - second * (-8.0 / second).exp()) / (first - second);
    for row in new {
        for (got, published) in [(row.low, 0.3), (row.high, 0.4)] {
            assert!((got * seen - published).abs() < 1e-9, "{row:?}");
        }
    }
    let all_treated = ThirdLineOptions {
        treated: Some((1.0, 1.0)),
        ..ThirdLineOptions::default()
    };
    let all_treated = outlook.third_line_table(&all_treated).unwrap();
    let changed = all_treated
        .rows
        .iter()
        .filter(|row| !without.rows.contains(row));
    assert_eq!(changed.count(), outlook.regions().len());
    assert!(all_treated.synthesis != without.synthesis);
}
