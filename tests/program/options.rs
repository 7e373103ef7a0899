//! Every option of every command, on an input on which it counts: `options.txt` is the table of commands and options.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Mutex;

use super::{folder, quick, random_arguments, run, text, words};

/// The options that the help of a command lists.
fn listed(command: &str) -> BTreeSet<String> {
    let help = text(&run(&[command, "--help"]).stdout);
    let names = help.lines().map(str::trim_start).filter_map(|line| {
        let name = line.split(' ').find(|word| word.starts_with("--"))?;
        line.starts_with('-')
            .then(|| name.trim_matches(',').to_owned())
    });
    names
        .filter(|name| !["--help", "--version"].contains(&name.as_str()))
        .collect()
}

/// What is printed, without the command that a page repeats.
fn answer(output: &Output) -> String {
    let printed = text(&output.stdout);
    let mut parts = printed.split("<code>myeloma-epi");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |all, part| {
        all + part.split_once("</code>").map_or("", |(_, rest)| rest)
    })
}

/// The files of the random arguments, and figures and people that state more, or less.
fn write_files(folder: &Path) {
    std::fs::create_dir_all(folder).unwrap();
    random_arguments::write_files(folder);
    let people = |areas: &[&str], years: &[i32]| {
        let mut table = "area,year,sex,age,population\n".to_owned();
        for area in areas {
            for year in years {
                for (i, age) in (0..).zip(["0-14", "15-29", "30-44", "45+"]) {
                    let persons = 900_000 + 5_000 * i * (year - 2015);
                    writeln!(table, "{area},{year},both,{age},{persons}").unwrap();
                }
            }
        }
        table
    };
    let rates = ["A", "B", "China"]
        .map(|area| format!("{area},0-14,0\n{area},15-29,0.1\n{area},30-44,1\n{area},45+,120\n"));
    let figures = |status: &str| {
        format!("region,year,cases,status\nA,2014,1050,{status}\nA,2019,1200,{status}\n")
    };
    let of_two = "B,2018,1000,registered\nB,2023,1090,registered\nA,2024,1350,estimate\nA,2040,2000,projection\n";
    let stated = figures("registered,0.02").replace("status", "status,relative_error");
    let both = (0..15).map(|i| {
        format!(
            "A,{},{},{}.{}\n",
            2005 + i,
            400 + (i * i) % 9,
            4 + i / 7,
            i % 7
        )
    });
    let both: String = both.collect();
    let study = r#"{"id": "atlantis", "accrual": 8, "follow_up": 5, "sojourn_times_of": "czech_rmg", "figures": [
        {"estimand": "crude_reach", "line": 2, "value": 0.55, "n": 400, "source": "table 2"},
        {"estimand": "crude_reach", "line": 3, "value": 0.25, "n": 400, "source": "table 2"}]}"#;
    for (name, content) in [
        ("people.csv", people(&["A", "B"], &[2010, 2025, 2040])),
        (
            "years.csv",
            people(&["A", "B", "China"], &(2014..=2040).collect::<Vec<_>>()),
        ),
        (
            "age_rates.csv",
            format!("area,age,rate_per_100000\n{}", rates.concat()),
        ),
        ("figures.csv", figures("estimate") + of_two),
        ("registered.csv", figures("registered")),
        ("estimates.csv", figures("estimate")),
        ("stated.csv", stated),
        ("both.csv", format!("region,year,cases,rate\n{both}")),
        (
            "bare.csv",
            "region,year,sex,age,measure,value,lower,upper,definition,source,status\nA,,both,all,incidence,1050,,,,,\n".to_owned(),
        ),
        ("study.json", study.to_owned()),
    ] {
        std::fs::write(folder.join(name), content).unwrap();
    }
}

/// A command with some arguments, and each option that is tried with it and what is said.
type Group<'a> = (Vec<String>, Vec<(Vec<String>, &'a str)>);

fn try_each(folder: &Path, (base, options): &Group<'_>) {
    let run = |line: Vec<String>| {
        let _ = std::fs::remove_dir_all(folder.join("out"));
        Command::new(env!("CARGO_BIN_EXE_myeloma-epi"))
            .args(quick(line))
            .current_dir(folder)
            .output()
            .unwrap()
    };
    // One that is refused lacks what the option under it states.
    let without = answer(&run(base.clone()));
    for (option, said) in options {
        let output = run([&base[..], &option[..]].concat());
        let told = text(&output.stderr);
        let told = told.split_whitespace().collect::<Vec<_>>().join(" ");
        let (is_met, is_same) = (output.status.success(), answer(&output) == without);
        let is_right = match *said {
            "" => is_met && !is_same,
            "=" => is_met && is_same,
            "no effect" => told.contains(&format!("{} has no effect", option[0])),
            words => told.contains(words),
        };
        assert!(
            is_right,
            "{} {}: the answer is {}, and this is said: {told}",
            base.join(" "),
            option.join(" "),
            if is_same { "the same" } else { "another" }
        );
    }
}

#[test]
fn every_option_of_every_command_changes_the_answer_or_is_told() {
    let mut groups: Vec<Group<'_>> = Vec::new();
    let mut tried: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let table = include_str!("options.txt").lines();
    for line in table.filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let Some((option, said)) = line.split_once('|') else {
            groups.push((words(line), Vec::new()));
            continue;
        };
        let (base, options) = groups.last_mut().unwrap();
        let option = words(option);
        let of_command = tried.entry(base[0].clone()).or_default();
        of_command.insert(option[0].clone());
        options.push((option, said.trim()));
    }
    let rest = Mutex::new(groups.iter());
    std::thread::scope(|scope| {
        for place in ["options_1", "options_2"] {
            scope.spawn(|| {
                let folder = folder(place);
                write_files(&folder);
                loop {
                    let next = rest.lock().unwrap().next();
                    let Some(group) = next else { break };
                    try_each(&folder, group);
                }
            });
        }
    });
    for (command, options) in tried {
        assert_eq!(options, listed(&command), "{command}");
    }
}
