//! Third-line starts by calendar year: rows of the user's studies beside those of the shipped ones.

use myeloma_epi::pathway::evidence::Study;
use myeloma_epi::pathway::{Delay, FlowOptions, FollowUp, UltimateShare};
use myeloma_epi::{
    Outlook, OutlookOptions, StudySynthesis, ThirdLineOptions, ThirdLineTable, figures,
};
use serde_json::json;

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

/// Of fifty patients with second line none had a third: that is some share below 1 in 10, and the studies together are about
/// what they were. Without the fifty it says nothing that could be weighed.
#[test]
fn a_study_of_none_or_all_goes_with_the_others() {
    let table = |[second, third]: [f64; 2], n: &str| {
        let text = format!(
            r#"{{"id": "s", "accrual": 8, "figures": [{{"estimand": "median_pfs", "line": 1, "value": 24}},
                {{"estimand": "of_previous", "line": 2, "value": {second}{n}}}, {{"estimand": "of_previous", "line": 3, "value": {third}{n}}}]}}"#
        );
        outlook().third_line_table(&ThirdLineOptions {
            studies: vec![serde_json::from_str(&text).unwrap()],
            ..ThirdLineOptions::default()
        })
    };
    let without = outlook()
        .third_line_table(&ThirdLineOptions::default())
        .unwrap();
    for (shares, lower, upper) in [([0.5, 0.0], 0.0, 0.1), ([1.0, 1.0], 0.5, 1.0)] {
        let table = table(shares, r#", "n": 50"#).unwrap();
        let [treated, diagnosed] = ["s", "s, times the share treated"]
            .map(|name| table.rows.iter().find(|row| row.reading == name).unwrap());
        assert!(
            diagnosed.high <= treated.high && diagnosed.low <= treated.low,
            "{diagnosed:?}"
        );
        assert!(
            lower <= diagnosed.low && diagnosed.high <= upper,
            "{diagnosed:?}"
        );
        let [_, mean, _] = table.synthesis.mean;
        assert!((mean - without.synthesis.mean[1]).abs() < 0.2, "{mean}");
        let [low, median, high] = table.synthesis.of_diagnosed;
        assert!(0.0 < low && low < median && median < high && high < 0.95);
    }
    let error = table([0.5, 0.0], "").unwrap_err().to_string();
    assert!(
        error.contains("\"s\"") && error.contains("without n"),
        "{error}"
    );
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
    assert_eq!(table.rows.len(), without.rows.len() + 4);

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
    // Of those diagnosed: each shipped preset, and all together.
    let mut ids: Vec<_> = changed.map(|row| row.reading.as_str()).collect();
    assert!(
        ids.iter()
            .all(|id| id.ends_with(", times the share treated"))
    );
    ids.dedup();
    assert_eq!(ids.len(), 8 * outlook.regions().len());
    assert!(all_treated.synthesis != without.synthesis);
}

/// A crude share of third line goes with one of second line. Of two exponential times, in closed form: more cannot have been
/// seen in second line than have ended first line, and of those who have ended second line, no more than all go on. Studies
/// that publish both saw .636, .543 and .65 in second line for .309, .279 and .42 in third (the Dutch, Chengdu, Barcelona).
#[test]
fn a_crude_share_is_as_possible_as_in_a_study() {
    let outlook = outlook();
    let delay = outlook.options().delay.as_ref().unwrap();
    let (a, b) = (delay.first_line().mean(), delay.second_line().mean());
    let studies = [
        ("pharos_nl", 0.636 / 0.309),
        ("west_china", 0.543 / 0.279),
        ("barcelona", 0.65 / 0.42),
    ];
    // Errors, cautions and nothing, by the share of the three that can be.
    let mut seen = [0; 3];
    for years in [1.5, 2.5, 3.0, 3.5, 4.0, 4.6, 6.0, 9.0] {
        let ended_first = 1.0 - f64::exp(-years / a);
        let ended_second = 1.0 - (a * f64::exp(-years / a) - b * f64::exp(-years / b)) / (a - b);
        let possible = |third: f64, ratio: f64| {
            ratio * third <= ended_first && ended_first / ended_second <= ratio
        };
        let of_end = |third: f64| {
            let possible = studies.map(|(_, ratio)| possible(third, ratio));
            possible.iter().filter(|possible| **possible).count()
        };
        let with = ThirdLineOptions {
            follow_up: Some(FollowUp::Fixed(years)),
            ..ThirdLineOptions::default()
        };
        let table = outlook.third_line_table(&with);
        match of_end(0.3).min(of_end(0.4)) {
            0 => {
                let error = table.unwrap_err().to_string();
                // The words with which a study is refused.
                let refused =
                    "the sojourn times are too long for the crude shares and the follow-up";
                assert!(error.contains(refused), "{years}: {error}");
                seen[0] += 1;
            }
            3 => {
                assert!(of_crude(&table.unwrap()).is_empty(), "{years}");
                seen[2] += 1;
            }
            _ => {
                let table = table.unwrap();
                let [caution] = &of_crude(&table)[..] else {
                    panic!("{years}: {:?}", table.cautions)
                };
                for (id, ratio) in studies {
                    let impossible = [0.3, 0.4].iter().any(|third| !possible(*third, ratio));
                    assert_eq!(caution.contains(id), impossible, "{years}: {caution}");
                }
                assert!(
                    table
                        .to_string()
                        .replace("\n  ", " ")
                        .contains(&caution[..])
                );
                seen[1] += 1;
            }
        }
    }
    assert!(seen.iter().all(|n| *n > 0), "{seen:?}");
    // The design of the Dutch study, whose own shares are refused with these times.
    let dutch = FollowUp::Accrual {
        accrual: 6.0,
        further: 0.0,
        growth: 0.0,
    };
    assert!(Study::of("pharos_nl").unwrap().preset_under(dutch).is_err());
    let with = ThirdLineOptions {
        follow_up: Some(dutch),
        ..ThirdLineOptions::default()
    };
    let error = outlook.third_line_table(&with).unwrap_err().to_string();
    assert!(
        error.contains("40 %") && error.contains("line 1"),
        "{error}"
    );
    // No follow-up at all is another error.
    let with = ThirdLineOptions {
        follow_up: Some(FollowUp::Fixed(-1.0)),
        ..ThirdLineOptions::default()
    };
    let error = outlook.third_line_table(&with).unwrap_err().to_string();
    assert!(error.contains("-1") && !error.contains("crude"), "{error}");
}

/// What a table says of the range read as a crude share.
fn of_crude(table: &myeloma_epi::ThirdLineTable) -> Vec<String> {
    let mut cautions = table.cautions.clone();
    cautions.retain(|caution| caution.starts_with("Read as a crude share"));
    cautions
}

/// What the rows and the studies together say belongs together, in a file too.
#[test]
fn a_table_that_contradicts_itself_is_refused() {
    let table = outlook()
        .third_line_table(&ThirdLineOptions::default())
        .unwrap();
    let stored = serde_json::to_value(&table).unwrap();
    assert_eq!(
        serde_json::from_value::<ThirdLineTable>(stored.clone()).unwrap(),
        table
    );
    let last = table.rows.len() - 1;
    let row = |field: &str| format!("/rows/{last}/{field}");
    for (pointer, wrong, word) in [
        ("/synthesis/studies/0/1", json!(-0.51), "the share of"),
        ("/synthesis/mean", json!([-0.39, 0.5, 0.6]), "mean"),
        ("/synthesis/mean", json!([0.6, 0.5, 0.4]), "mean"),
        ("/synthesis/next/2", json!(1.16), "next"),
        ("/synthesis/of_diagnosed/1", json!(1e300), "of_diagnosed"),
        ("/synthesis/of_diagnosed/1", json!(0.25), "of_diagnosed"),
        ("/synthesis/treated", json!([0.95, 0.9]), "share treated"),
        (
            "/synthesis/between_study_sd",
            json!(-0.76),
            "between_study_sd",
        ),
        ("/synthesis/crude", json!([0.5, 0.4]), "crude"),
        ("/synthesis/studies", json!([]), "number of studies"),
        (&row("low"), json!(0.3), "as in the synthesis"),
        (&row("high"), json!(0.01), "low to high"),
        (&row("share_of"), json!("all"), "share_of"),
        (&row("starts/3/year"), json!(2024), "year"),
    ] {
        let mut changed = stored.clone();
        *changed.pointer_mut(pointer).unwrap() = wrong;
        let error = serde_json::from_value::<ThirdLineTable>(changed)
            .unwrap_err()
            .to_string();
        assert!(error.contains(word), "{pointer}: {error}");
    }
    // Studies that publish no crude share: none is told.
    let mut changed = stored["synthesis"].clone();
    changed["crude"] = json!([1.0, 0.0]);
    let without: StudySynthesis = serde_json::from_value(changed).unwrap();
    assert!(
        without.to_string().ends_with("has no stated source."),
        "{without}"
    );
}
