//! The program `myeloma-epi` (feature `cli`): the example of each command's help works as printed, and bad input ends as it
//! should.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_myeloma-epi"))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("program")
        .join(name);
    let _ = std::fs::remove_dir_all(&folder);
    folder
}

/// The words of a command line, quoted ones whole.
fn words(line: &str) -> Vec<String> {
    let parts = line.split('"').enumerate();
    let mut words = Vec::new();
    for (i, part) in parts {
        if i % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}

#[test]
fn the_example_of_every_help_works() {
    let help = text(&run(&["--help"]).stdout);
    let commands = help
        .lines()
        .skip_while(|line| !line.starts_with("Commands:"))
        .skip(1);
    let commands = commands.take_while(|line| !line.trim().is_empty());
    let commands: Vec<&str> = commands
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert!(commands.len() >= 9, "{help}");
    for command in commands.into_iter().filter(|command| *command != "help") {
        let help = text(&run(&[command, "--help"]).stdout);
        let example = help
            .lines()
            .find_map(|line| line.trim().strip_prefix("Example: myeloma-epi "));
        let example = example.unwrap_or_else(|| panic!("no example: {help}"));
        let mut arguments = words(example);
        let out = folder(command);
        if let Some(at) = arguments.iter().position(|word| word == "--out") {
            arguments[at + 1] = out.to_str().unwrap().to_owned();
        }
        let arguments: Vec<&str> = arguments
            .iter()
            .map(String::as_str)
            .chain(["--draws", "200"])
            .collect();
        // A model file and a fit have no draws to state.
        let arguments = if [
            "pathway",
            "fit",
            "trend",
            "demography",
            "backtest",
            "convert",
        ]
        .contains(&command)
        {
            &arguments[..arguments.len() - 2]
        } else {
            &arguments[..]
        };
        let output = run(arguments);
        assert!(
            output.status.success(),
            "{arguments:?}: {}",
            text(&output.stderr)
        );
        assert!(!output.stdout.is_empty(), "{arguments:?}");
        if arguments.contains(&"--out") {
            assert!(out.read_dir().unwrap().count() > 0, "{arguments:?}");
        }
    }
}

#[test]
fn the_exit_status_says_whose_fault_it_was() {
    let status = |arguments: &[&str]| {
        let output = run(arguments);
        (output.status.code(), text(&output.stderr))
    };
    let (code, said) = status(&["outlook", "--too", "2035"]);
    assert!(code == Some(2) && said.contains("'--to'"), "{said}");
    let (code, said) = status(&["outlok"]);
    assert!(code == Some(2) && said.contains("outlook"), "{said}");
    let (code, said) = status(&["outlook", "--relative-error", "five"]);
    assert!(code == Some(2) && said.contains("5% or 0.05"), "{said}");
    let (code, said) = status(&["outlook", "--draws", "200", "--relative-error", "500%"]);
    assert!(
        code == Some(1) && said.contains("between 0 and 1"),
        "{said}"
    );
    let (code, said) = status(&["demography", "--area", "Atlantis"]);
    assert!(code == Some(1) && said.contains("Western Europe"), "{said}");
    assert_eq!(status(&["outlook", "no such file.csv"]).0, Some(1));
    assert_eq!(status(&["--version"]).0, Some(0));
}

/// The same numbers in every form, by seed and not by thread.
#[test]
fn an_answer_has_one_set_of_numbers() {
    let outlook = |more: &[&str]| {
        let arguments: Vec<&str> = ["outlook", "--draws", "300"]
            .into_iter()
            .chain(more.iter().copied())
            .collect();
        text(&run(&arguments).stdout)
    };
    let json: serde_json::Value = serde_json::from_str(&outlook(&["--format", "json"])).unwrap();
    let last = &json["regions"][0]["incidence"][15];
    assert_eq!(last["year"], 2040);
    let csv = outlook(&["--format", "csv"]);
    let row = csv
        .lines()
        .find(|line| line.starts_with("World,new_cases,stochastic_trend,without,2040,"));
    let median: f64 = row.unwrap().split(',').nth(6).unwrap().parse().unwrap();
    assert_eq!(last["median"], median);
    assert_eq!(csv, outlook(&["--format", "csv", "--threads", "1"]));
    assert_ne!(csv, outlook(&["--format", "csv", "--seed", "7"]));
}
