//! The program `myeloma-epi` (feature `cli`): the example of each command's help works as printed, and bad input ends as it
//! should.

mod options;
mod random_arguments;

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

/// The same command with few draws, where it has draws to state.
fn quick(mut arguments: Vec<String>) -> Vec<String> {
    let drawn = ["outlook", "third-line", "access", "sensitivity"];
    if drawn.contains(&arguments[0].as_str()) && !arguments.iter().any(|word| word == "--draws") {
        arguments.extend(["--draws", "200"].map(str::to_owned));
    }
    arguments
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
        let arguments = quick(arguments);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let output = run(&arguments);
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

/// The same figures in the files that people have: semicolons, capitals, columns of their own, one region or several, the
/// rows that `convert` writes, an export of another maker.
#[test]
fn files_of_any_maker_are_read_by_every_command() {
    let folder = folder("files");
    std::fs::create_dir_all(&folder).unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let counts: [(i32, u32); 8] = [
        (2012, 410),
        (2013, 425),
        (2014, 418),
        (2015, 440),
        (2016, 452),
        (2017, 449),
        (2018, 470),
        (2019, 481),
    ];
    let rows = |line: &dyn Fn(i32, u32) -> String| -> String {
        counts.iter().map(|(year, n)| line(*year, *n)).collect()
    };
    let plain = file(
        "Malta.csv",
        &format!("year,cases\n{}", rows(&|y, n| format!("{y},{n}\n"))),
    );
    let spreadsheet = file(
        "sheet.csv",
        &format!(
            "Region;Year;Cases;Note\n{}",
            rows(&|y, n| format!("Malta;{y};{n},0;mine\n"))
        ),
    );
    let two = file(
        "two.csv",
        &format!(
            "region,year,cases\n{}Gozo,2019,30\n",
            rows(&|y, n| format!("Malta,{y},{n}\n"))
        ),
    );
    let gbd = file(
        "gbd.csv",
        &format!(
            "measure,location,sex,age,cause,metric,year,val,upper,lower\n{}",
            rows(&|y, n| format!(
                "Incidence,Malta,Both,All ages,Multiple myeloma,Number,{y},{n},{n},{n}\n"
            ))
        ),
    );
    let tidy = file(
        "tidy.csv",
        &text(&run(&["convert", &spreadsheet, "--status", "registered"]).stdout),
    );
    let numbers = |arguments: &[&str]| {
        let output = run(arguments);
        assert!(
            output.status.success(),
            "{arguments:?}: {}",
            text(&output.stderr)
        );
        text(&output.stdout)
    };
    for command in ["fit", "trend"] {
        let expected = numbers(&[command, &plain]);
        assert!(expected.contains("Malta"), "{expected}");
        assert_eq!(numbers(&[command, &spreadsheet]), expected);
        assert_eq!(numbers(&[command, &two, "--region", "malta"]), expected);
        assert_eq!(numbers(&[command, &tidy]), expected);
        let several = run(&[command, &two]);
        assert_eq!(several.status.code(), Some(1));
        assert!(
            text(&several.stderr).contains("2 regions") || text(&several.stderr).contains("has 2")
        );
    }
    assert!(numbers(&["trend", &gbd]).contains("Malta"));
    for (command, of) in [
        ("outlook", &spreadsheet),
        ("third-line", &tidy),
        ("outlook", &gbd),
    ] {
        let unstated = *of == spreadsheet;
        let mut arguments = vec![command, of, "--draws", "200"];
        if unstated {
            let refused = run(&arguments);
            assert_eq!(refused.status.code(), Some(1));
            assert!(text(&refused.stderr).contains("state it with --status"));
            arguments.extend(["--status", "registered"]);
        }
        assert!(numbers(&arguments).contains("Malta"), "{arguments:?}");
    }
    let said = text(&run(&["fit", &spreadsheet]).stderr);
    assert!(
        said.contains("columns that are not read: Note") && said.contains("counts of a registry"),
        "{said}"
    );
}

/// The pages of `docs/`: their files are written where they stand with a name, and their commands run, one page after the
/// other, in a folder of its own.
#[test]
fn the_commands_of_every_page_work() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let mut run_commands = 0;
    for page in docs.read_dir().unwrap() {
        let page = page.unwrap().path();
        if page.extension().is_none_or(|ending| ending != "md") {
            continue;
        }
        let name = page.file_stem().unwrap().to_str().unwrap().to_owned();
        let folder = folder(&format!("docs-{name}"));
        std::fs::create_dir_all(&folder).unwrap();
        let markdown = std::fs::read_to_string(&page).unwrap();
        // Fenced blocks are every second part.
        for block in markdown.split("```").skip(1).step_by(2) {
            let (kind, body) = block.split_once('\n').unwrap();
            if let Some((_, file)) = kind.split_once(' ') {
                std::fs::write(folder.join(file), body).unwrap();
            } else if kind == "sh" {
                let commands = body
                    .lines()
                    .filter_map(|line| line.strip_prefix("myeloma-epi "));
                for command in commands {
                    let output = Command::new(env!("CARGO_BIN_EXE_myeloma-epi"))
                        .args(quick(words(command)))
                        .current_dir(&folder)
                        .output()
                        .unwrap();
                    assert!(
                        output.status.success() && !output.stdout.is_empty(),
                        "{name}: myeloma-epi {command}\n{}",
                        text(&output.stderr)
                    );
                    run_commands += 1;
                }
            }
        }
    }
    assert!(run_commands >= 15, "{run_commands} commands");
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
    for (command, option) in [
        ("outlook", "--relative-error=-3%"),
        ("outlook", "--projection-error=-3%"),
        ("outlook", "--between-source=-0.1"),
        ("outlook", "--revision=-0.1"),
        ("backtest", "--relative-error=-3%"),
        ("sensitivity", "--sojourn-error=-5%"),
    ] {
        let (code, said) = status(&[command, option]);
        let (name, value) = option.split_once('=').unwrap();
        let says_all = [name, value, "below 0"]
            .iter()
            .all(|word| said.contains(word));
        assert!(code == Some(2) && says_all, "{command} {option}: {said}");
    }
    assert_eq!(status(&["outlook", "no such file.csv"]).0, Some(1));
    for wrong in [
        &["access", "--exposed", "150%"][..],
        &["outlook", "--draws", "0"],
        &["sensitivity", "--points", "64"],
        &["outlook", "--format", "pdf"],
        &["pathway", "examples/world_four_lines.json", "--draws", "5"],
    ] {
        let (code, said) = status(wrong);
        assert!(code == Some(2) && !said.is_empty(), "{wrong:?}: {said}");
    }
    // What cannot be given is no empty table; what has no effect is told.
    let (code, said) = status(&["access", "--draws", "50", "--format", "csv"]);
    assert!(code == Some(1) && said.contains("share"), "{said}");
    // Every year to the last is there.
    let late = "access --exposed 90% --adult 100% --hong-kong 250 --macau 40 --draws 50 --to 2036";
    let late = text(&run(&late.split(' ').collect::<Vec<_>>()).stdout);
    assert!(late.contains("\n  2036 mainland China: "), "{late}");
    let (code, said) = status(&["demography", "--draws", "50"]);
    assert!(
        code == Some(0) && said.contains("--draws has no effect"),
        "{said}"
    );
    assert_eq!(status(&["--version"]).0, Some(0));
}

/// The answer of every command as a page: it refers to nothing outside, and its charts, tables and files are those of `--out`.
#[test]
fn every_answer_is_a_page() {
    let folder = folder("page");
    for (arguments, chart) in [
        (&["third-line", "--draws", "200"][..], true),
        (&["demography"], true),
        (
            &[
                "access",
                "--exposed",
                "90%",
                "--adult",
                "100%",
                "--hong-kong",
                "250",
                "--macau",
                "40",
            ],
            false,
        ),
        (&["pathway", "examples/world_four_lines.json"], true),
    ] {
        let out = folder.join(arguments[0]);
        let out = out.to_str().unwrap();
        let with_page = [arguments, &["--format", "html", "--out", out]].concat();
        let given = run(&with_page);
        let page = text(&given.stdout);
        assert!(given.status.success(), "{}", text(&given.stderr));
        assert!(page.starts_with("<!doctype html>") && page.trim_end().ends_with("</html>"));
        for attribute in ["href=\"", "src=\""] {
            for address in page.split(attribute).skip(1) {
                assert!(address.starts_with("data:"), "{}", &address[..40]);
            }
        }
        assert_eq!(page.contains("<svg"), chart, "{arguments:?}");
        for file in std::fs::read_dir(out).unwrap() {
            let name = file.unwrap().file_name().into_string().unwrap();
            let inside = page.contains(&format!("download=\"{name}\""));
            assert!(inside || name == "columns.csv", "{arguments:?} {name}");
            let shown = page.contains(&format!("<caption>{name}</caption>"));
            let is_table = name.rsplit_once('.').is_some_and(|(_, kind)| kind == "csv");
            assert!(shown || !is_table || name == "columns.csv", "{name}");
        }
        assert!(page.contains("myeloma-epi ") && page.contains("--format html"));
    }
}

/// A file that is piped in is the file.
#[test]
fn standard_input_is_a_file() {
    let table =
        "Country;Year;Cases;Status\nAtlantis;2019;1200;registered\nAtlantis;2024;1400;registered\n";
    let folder = folder("piped");
    std::fs::create_dir_all(&folder).unwrap();
    let place = folder.join("figures.csv");
    std::fs::write(&place, table).unwrap();
    for command in [
        &["convert"][..],
        &["outlook", "--draws", "100"],
        &["fit", "--curve", "linear"],
    ] {
        let of_file = run(&[command, &[place.to_str().unwrap(), "--round", "2025"]].concat());
        let mut piped = Command::new(env!("CARGO_BIN_EXE_myeloma-epi"))
            .args([command, &["-", "--round", "2025"]].concat())
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        std::io::Write::write_all(&mut piped.stdin.take().unwrap(), table.as_bytes()).unwrap();
        let piped = piped.wait_with_output().unwrap();
        assert!(
            piped.status.success() && of_file.status.success(),
            "{command:?}"
        );
        assert_eq!(text(&piped.stdout), text(&of_file.stdout), "{command:?}");
    }
}

/// A trend is of the rates where only the people beside them are numbers; rows that `convert` wrote without a status are counts
/// of a registry, as others are.
#[test]
fn rates_beside_people_and_rows_without_a_status() {
    use std::fmt::Write;

    let folder = folder("rates");
    std::fs::create_dir_all(&folder).unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (mut seer, mut rows) = (
        "Year of diagnosis,Crude Rate,Population\n".to_owned(),
        "region,year,sex,age,measure,value,lower,upper,definition,source,status\n".to_owned(),
    );
    for (i, year) in (2001..2021).enumerate() {
        let wave = [0.1, -0.1, 0.05, -0.05][i % 4];
        let rate = 5.0 + 0.1 * f64::from(year - 2000) + wave;
        writeln!(seer, "{year},{rate:.2},1000000").unwrap();
        let cases = (100.0 * rate).round();
        writeln!(rows, "Atlantis,{year},both,all,incidence,{cases},,,,,").unwrap();
    }
    for (command, file) in [
        ("trend", write("seer.csv", &seer)),
        ("fit", write("rows.csv", &rows)),
    ] {
        let output = run(&[command, &file]);
        assert!(
            output.status.success(),
            "{command}: {}",
            text(&output.stderr)
        );
    }
}

/// Rates whose standard errors stand under the names that people give them are weighted by them, as those of the NCI's sample are:
/// the same rates of colorectal cancer (`data/colorectal.csv`) under each name, and without the column another trend.
#[test]
fn standard_errors_weigh_whatever_their_column_is_called() {
    let folder = folder("standard_errors");
    std::fs::create_dir_all(&folder).unwrap();
    let sample = include_str!("../data/colorectal.csv").replace("year,rate", "Year,Rate");
    let trend = |name: &str| {
        let file = folder.join("sample.csv");
        std::fs::write(&file, sample.replace("standard_error", name)).unwrap();
        let output = run(&["trend", file.to_str().unwrap(), "--draws", "100"]);
        assert!(output.status.success(), "{}", text(&output.stderr));
        (text(&output.stdout), text(&output.stderr))
    };
    let (expected, _) = trend("standard_error");
    for name in ["SE", "Standard Error", "Std. Error", "std err"] {
        let (found, said) = trend(name);
        assert_eq!(found, expected, "{name}");
        assert!(!said.contains("not read"), "{said}");
    }
    let (other, said) = trend("remark");
    assert!(
        other != expected && said.contains("columns that are not read: remark"),
        "{said}"
    );
    // The joinpoints of the sample are those that the NCI's own settings find.
    for joinpoint in ["1985", "1995", "1998"] {
        assert!(expected.contains(joinpoint), "{expected}");
    }
}

/// A misspelt region of many is told with the names near it, and a year that stands there twice is told once.
#[test]
fn messages_about_regions_and_years() {
    use std::fmt::Write;

    let folder = folder("messages");
    std::fs::create_dir_all(&folder).unwrap();
    let mut many = "region,year,cases,status\n".to_owned();
    for name in (0..184)
        .map(|i| format!("Land {i}"))
        .chain(["Germany".to_owned()])
    {
        for year in 2015..2019 {
            writeln!(many, "{name},{year},{},registered", 400 + year % 7).unwrap();
        }
    }
    let file = folder.join("many.csv");
    std::fs::write(&file, many).unwrap();
    let twice = folder.join("twice.csv");
    std::fs::write(
        &twice,
        "region,year,cases,status\nA,2019,5,registered\nA,2019,6,registered\n",
    )
    .unwrap();
    for command in ["outlook", "fit", "trend", "third-line", "convert"] {
        let output = run(&[command, file.to_str().unwrap(), "--region", "Germny"]);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{command}");
        assert!(
            said.contains("\"Germny\": there are Germany, Land 0, "),
            "{said}"
        );
        let output = run(&[command, twice.to_str().unwrap()]);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{command}");
        assert!(
            said.matches("2019").count() == 1 && said.lines().count() == 1,
            "{said}"
        );
        assert!(!said.contains("\"\""), "{said}");
    }
}

/// Intervals beside rates, which no trend takes as their errors, are told; and rates are no counts of a registry.
#[test]
fn intervals_of_rates_are_told_not_to_be_errors() {
    let folder = folder("intervals of rates");
    std::fs::create_dir_all(&folder).unwrap();
    let said = |columns: &str, beside: &str| {
        let rows =
            (0..6).map(|i| format!("{},{}{beside}\n", 2010 + i, 5.0 + 0.2 * f64::from(i % 4)));
        let file = folder.join("rates.csv");
        let rows: String = rows.collect();
        std::fs::write(&file, format!("year,rate{columns}\n{rows}")).unwrap();
        let trend = run(&["trend", file.to_str().unwrap()]);
        assert!(trend.status.success(), "{}", text(&trend.stderr));
        let said = format!("{}{}", text(&trend.stdout), text(&trend.stderr));
        assert!(!said.contains("counts of a registry"), "{said}");
        said.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let told = "intervals are not taken as errors, and 6 numbers state no other";
    let interval = said(",lower95,upper95", ",4,6.5");
    assert!(interval.contains(told), "{interval}");
    let error = said(",standard_error,lower95,upper95", ",0.5,4,6.5");
    assert!(!error.contains("not taken as errors"), "{error}");
}

/// The tables of trends and of curves have the numbers that the text has.
#[test]
fn trends_and_curves_as_tables() {
    let trend = run(&["trend", "--format", "csv"]);
    // Three joinpoints of the shipped counts of the United States: four segments, of which the last has +3.16 % a year.
    let said = text(&run(&["trend"]).stdout);
    let table = text(&trend.stdout);
    let last: Vec<&str> = table.lines().last().unwrap().split(',').collect();
    let change: f64 = last[2].parse().unwrap();
    let [lower, upper] = [last[3], last[4]].map(|end| end.parse::<f64>().unwrap());
    let words = format!(
        "{} to {}           {change:+.2} % a year (95 % interval {lower:+.2} to {upper:+.2})",
        last[0], last[1]
    );
    assert!(said.contains(&words), "{words}\n{said}");
    assert_eq!(
        said.lines()
            .filter(|line| line.contains(" to ")
                && line.starts_with("  ")
                && line.contains("% a year"))
            .count(),
        table.lines().count() - 1 + 2
    );
    let curves = text(&run(&["fit", "--format", "csv"]).stdout);
    let json: serde_json::Value =
        serde_json::from_slice(&run(&["fit", "--format", "json"]).stdout).unwrap();
    assert_eq!(curves.lines().count() - 1, json.as_array().unwrap().len());
    for (row, curve) in curves.lines().skip(1).zip(json.as_array().unwrap()) {
        let row: Vec<&str> = row.split(',').collect();
        assert_eq!(row[0], curve["curve"]);
        for (at, key) in [(6, "cases"), (7, "lower95"), (8, "upper95")] {
            let (cell, value) = (row[at].parse::<f64>().ok(), curve["value"][key].as_f64());
            assert_eq!(cell.is_some(), value.is_some(), "{row:?}");
            let ratio = cell.unwrap_or(1.0) / value.unwrap_or(1.0);
            assert!((ratio - 1.0).abs() < 1e-5, "{key}: {row:?}");
        }
    }
    let one = text(&run(&["fit", "--curve", "linear", "--format", "csv"]).stdout);
    assert_eq!(
        one.lines().nth(1).unwrap().split(',').nth(6),
        curves.lines().nth(1).unwrap().split(',').nth(6)
    );
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
    let csv = outlook(&["--format", "csv", "--exact"]);
    let row = csv
        .lines()
        .find(|line| line.starts_with("World,new_cases,stochastic_trend,without,2040,"));
    let median: f64 = row.unwrap().split(',').nth(6).unwrap().parse().unwrap();
    assert_eq!(last["median"], median);
    let short = outlook(&["--format", "csv"]);
    assert_eq!(short, outlook(&["--format", "csv", "--threads", "1"]));
    assert_ne!(short, outlook(&["--format", "csv", "--seed", "7"]));
    // Each number of the short table is the exact one, off by half a unit of its sixth digit at most.
    for (short, exact) in short.lines().zip(csv.lines()).skip(1) {
        for (short, exact) in short.split(',').zip(exact.split(',')).skip(5) {
            let Ok(exact) = exact.parse::<f64>() else {
                assert_eq!(short, exact);
                continue;
            };
            let rounded: f64 = short.parse().unwrap();
            let off = (rounded - exact).abs();
            assert!(off <= 5e-6 * exact.abs(), "{short}, {exact}");
            // A part of a change may be below 0.
            let digits = short.trim_start_matches(['-', '0', '.']).replace('.', "");
            assert!(digits.trim_end_matches('0').len() <= 6, "{short}");
        }
    }
}

/// Tables have their dictionary beside them; draws of either form hold the same numbers.
#[test]
fn tables_are_described_and_draws_are_handed_on() {
    let out = folder("described");
    let to = |name: &str| out.join(name).to_str().unwrap().to_owned();
    let outlook = [
        "outlook",
        "--draws",
        "200",
        "--base-year",
        "2025",
        "--exact",
    ];
    let with = |more: &[&str]| run(&outlook.iter().chain(more).copied().collect::<Vec<_>>());
    let printed = with(&["--out", &to(""), "--draws-out", &to("draws.csv")]);
    assert!(printed.status.success(), "{}", text(&printed.stderr));
    let read = |name: &str| std::fs::read_to_string(to(name)).unwrap();
    let dictionary = read("columns.csv");
    for name in ["outlook.csv", "change.csv"] {
        for column in read(name).lines().next().unwrap().split(',') {
            let entry = format!("\n{name},{column},");
            assert!(dictionary.contains(&entry), "{entry}");
        }
    }
    assert!(text(&printed.stdout).contains("% more than in 2025"));

    // Tables of another command that stand there stay described.
    for command in [["fit", "--curve", "linear"], ["trend", "--draws", "100"]] {
        assert!(
            run(&[&command[..], &["--out", &to("two")]].concat())
                .status
                .success()
        );
    }
    let of_two = read("two/columns.csv");
    for table in ["curves.csv", "segments.csv"] {
        assert!(of_two.contains(&format!("\n{table},")), "{of_two}");
    }

    // The median of the changes of the draws is that of the table: type 7 of 200 draws, the mean of the middle two.
    let draws = read("draws.csv");
    let of = |year: &str| -> Vec<f64> {
        let rows = draws
            .lines()
            .filter(|row| row.starts_with(&format!("World,{year},")));
        rows.map(|row| row.split(',').nth(3).unwrap().parse().unwrap())
            .collect()
    };
    let (base, last) = (of("2025"), of("2040"));
    assert_eq!((base.len(), last.len()), (200, 200));
    let mut changes: Vec<f64> = base
        .iter()
        .zip(&last)
        .map(|(b, l)| 100.0 * (l / b - 1.0))
        .collect();
    changes.sort_by(f64::total_cmp);
    let expected = f64::midpoint(changes[99], changes[100]);
    let table = read("change.csv");
    let row = table
        .lines()
        .find(|row| row.starts_with("World,2025,2040,"))
        .unwrap();
    let median: f64 = row.split(',').nth(3).unwrap().parse().unwrap();
    assert!((median - expected).abs() < 1e-9, "{median}, {expected}");

    assert!(with(&["--draws-out", &to("draws.npy")]).status.success());
    let array = std::fs::read(to("draws.npy")).unwrap();
    let axes: serde_json::Value = serde_json::from_str(&read("draws.axes.json")).unwrap();
    assert_eq!(axes["quantity"][0], "new_cases");
    assert_eq!(axes["region"][0], "World");
    let years = axes["year"].as_array().unwrap();
    let row = years.iter().position(|year| year == 2040).unwrap();
    let first = 128 + 8 * 200 * row;
    let numbers: Vec<f64> = array[first..first + 8 * 200]
        .chunks(8)
        .map(|bytes| f64::from_le_bytes(bytes.try_into().unwrap()))
        .collect();
    assert_eq!(numbers, last);
    assert_eq!(with(&["--draws-out", "draws.txt"]).status.code(), Some(1));
    let early = run(&["outlook", "--draws", "200", "--base-year", "2019"]);
    assert_eq!(early.status.code(), Some(1));
    assert!(
        text(&early.stderr).contains("2024 to 2039"),
        "{}",
        text(&early.stderr)
    );
    // Nothing is compared with the last year.
    let last = [
        "outlook",
        "--draws",
        "200",
        "--to",
        "2030",
        "--base-year",
        "2030",
    ];
    let last = run(&last);
    assert_eq!(last.status.code(), Some(1));
    let said = text(&last.stderr);
    assert!(
        said.contains("2024 to 2029, before the last year"),
        "{said}"
    );
}

/// A chart of each region, whatever the regions are called; sojourn times vary where an error of them is stated.
#[test]
fn sensitivity_writes_a_chart_of_each_region() {
    let out = folder("sensitivity regions");
    std::fs::create_dir_all(&out).unwrap();
    let file = out.join("figures.csv");
    let rows = "region,year,cases,status\nA/B,2019,900,registered\nA/B,2024,1000,registered\n\
                A b,2019,90,registered\nA b,2024,100,registered\n";
    std::fs::write(&file, rows).unwrap();
    let common = [
        "sensitivity",
        file.to_str().unwrap(),
        "--draws",
        "200",
        "--points",
        "512",
    ];
    let with = |more: &[&str]| {
        let arguments: Vec<&str> = common.iter().chain(more).copied().collect();
        let output = run(&arguments);
        assert!(output.status.success(), "{}", text(&output.stderr));
        text(&output.stdout)
    };
    let plain = with(&["--out", out.to_str().unwrap()]);
    let caution = "first and second line (the outlook); OutlookModelOptions::sojourn_error (--sojourn-error) states one.";
    assert!(plain.contains(caution), "{plain}");
    assert!(!plain.contains("time to third line"));
    for (name, output) in [
        ("tornado_a_b.svg", "A/B: start third line in 2040"),
        ("tornado_a_b_2.svg", "A b: start third line in 2040"),
        ("tornado_a_b_new_cases.svg", "A/B: new cases in 2040"),
        ("tornado_a_b_new_cases_2.svg", "A b: new cases in 2040"),
    ] {
        let svg = std::fs::read_to_string(out.join(name)).unwrap();
        assert!(svg.contains(output), "{name}");
        assert!(
            plain.contains(&format!("\n{output}: ")),
            "{output}: {plain}"
        );
    }
    // One table of both regions under one header.
    let indices = std::fs::read_to_string(out.join("indices.csv")).unwrap();
    let headers = indices.lines().filter(|line| line.starts_with("output,"));
    assert!(
        headers.count() == 1 && indices.contains("\nA/B: ") && indices.contains("\nA b: "),
        "{indices}"
    );
    let table = std::fs::read_to_string(out.join("tornado.csv")).unwrap();
    assert!(table.contains("\nA/B: ") && table.contains("\nA b: "));
    let varied = with(&["--sojourn-error", "10%"]);
    assert!(varied.contains("time to third line") && !varied.contains("Caution"));
    // A table has its cautions beside it, and its points are those of the seed.
    let table = |seed: &str| {
        let more = ["--format", "csv", "--seed", seed];
        let output = run(&[&common[..], &more].concat());
        assert!(
            text(&output.stderr).contains(caution.trim_end_matches('.')),
            "{output:?}"
        );
        text(&output.stdout)
    };
    let (one, other) = (table("1"), table("2"));
    assert!(one.lines().nth(1).unwrap().contains("new cases in 2040,"));
    assert_ne!(one.lines().nth(1), other.lines().nth(1));
}

/// A command on a terminal of 60 columns: util-linux's `script` makes one. `None` where it is not to be had.
fn on_a_terminal(command: &str, no_color: bool) -> Option<String> {
    let program = env!("CARGO_BIN_EXE_myeloma-epi");
    let line = format!("stty cols 60 rows 24; {program} {command}");
    let mut script = Command::new("script");
    script.args(["-qec", &line, "/dev/null"]);
    script.env_remove("NO_COLOR").env("TERM", "xterm");
    if no_color {
        script.env("NO_COLOR", "1");
    }
    let output = script.stdin(std::process::Stdio::null()).output();
    let output = output.ok().filter(|output| output.status.success());
    if output.is_none() {
        eprintln!("left out: there is no `script` of util-linux here");
    }
    output.map(|output| text(&output.stdout))
}

/// A text without its commands to the terminal.
fn plain(coloured: &str) -> String {
    let mut parts = coloured.split("\u{1b}[");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        let end = part.find(|c: char| c.is_ascii_alphabetic());
        text + end.map_or("", |end| &part[end + 1..])
    })
}

#[test]
fn colours_and_width_are_those_of_the_terminal_and_of_no_pipe() {
    let help = text(&run(&["outlook", "--help"]).stdout);
    assert!(!help.contains('\u{1b}'));
    assert!(help.lines().all(|line| line.chars().count() <= 100));
    if let Some(shown) = on_a_terminal("outlook --help", false) {
        assert!(shown.contains('\u{1b}'), "{shown}");
        // An example is a command, and is not broken.
        let shown = plain(&shown);
        let mut lines = shown.lines().filter(|line| !line.contains("myeloma-epi "));
        let wide = lines.find(|line| line.chars().count() > 60);
        assert!(wide.is_none(), "{wide:?}");
    }
    if let Some(shown) = on_a_terminal("outlook --help", true) {
        assert!(!shown.contains('\u{1b}'), "{shown}");
    }
}

/// More than a second of work shows a sign of life to a person, and nothing to a program.
#[test]
fn long_work_says_so_on_a_terminal_only() {
    let long = "outlook --draws 100000 --threads 1 --format csv";
    let piped = run(&long.split(' ').collect::<Vec<_>>());
    assert!(piped.status.success());
    // The cautions alone.
    let said = text(&piped.stderr);
    let is_caution = |line: &str| line.starts_with("World: ") || line.starts_with("China: ");
    assert!(said.lines().all(is_caution), "{said}");
    if let Some(shown) = on_a_terminal(&format!("{long} > /dev/null"), false) {
        assert!(shown.contains("working, "), "{shown}");
        assert!(
            !plain(&shown).contains("World,"),
            "the answer goes elsewhere"
        );
    }
    if let Some(shown) = on_a_terminal("demography --area China --format csv > /dev/null", false) {
        assert!(!shown.contains("working"), "{shown}");
    }
}

/// Whoever has read enough closes the pipe: the files are written, and nobody is told of an error.
#[cfg(unix)]
#[test]
fn a_closed_pipe_ends_the_program_quietly_after_its_files_are_written() {
    let out = folder("closed");
    let mut child = Command::new(env!("CARGO_BIN_EXE_myeloma-epi"))
        .args(["outlook", "--draws", "200", "--format", "json", "--out"])
        .arg(&out)
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(matches!(output.status.code(), Some(0 | 141)), "{output:?}");
    let said = text(&output.stderr);
    assert!(
        said.lines().all(|line| line.starts_with("wrote ")),
        "{said}"
    );
    assert_eq!(out.read_dir().unwrap().count(), 6);
}

#[test]
fn percentages_are_written_as_people_write_them() {
    let with = |error: &str| {
        let arguments = [
            "outlook",
            "--draws",
            "200",
            "--format",
            "csv",
            "--relative-error",
        ];
        let arguments: Vec<&str> = arguments.into_iter().chain([error]).collect();
        let output = run(&arguments);
        assert!(output.status.success(), "{error}: {}", text(&output.stderr));
        text(&output.stdout)
    };
    let expected = with("0.05");
    for spelling in ["5%", "5 %", "5.0%"] {
        assert_eq!(with(spelling), expected, "{spelling}");
    }
    assert_ne!(with("6%"), expected);
}

/// A series with expected cases is forecast by the trend of the rate under the crate's own name, and that of the counts
/// stands beside it.
#[test]
fn the_back_test_is_of_the_model_of_the_headline() {
    let folder = folder("back-test");
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("panel.csv");
    let methods = |expected: [&str; 2]| {
        let row = |year: i32| {
            let cases = 4000.0 * 1.03_f64.powi(year - 2000);
            format!("a,A,multiple_myeloma,{year},{cases:.0}{}", expected[1])
        };
        let header = format!("series_id,group,site,year,cases{}", expected[0]);
        let rows = std::iter::once(header).chain((2000..2019).map(row));
        let panel = rows.collect::<Vec<_>>().join("\n");
        std::fs::write(&file, panel).unwrap();
        let output = run(&["backtest", file.to_str().unwrap(), "--format", "csv"]);
        assert!(output.status.success(), "{}", text(&output.stderr));
        let csv = text(&output.stdout);
        let mut lines = csv.lines().map(|line| line.split(',').collect::<Vec<_>>());
        let header = lines.next().unwrap();
        let method = header.iter().position(|name| *name == "method").unwrap();
        let mut methods: Vec<String> = lines.map(|line| line[method].to_owned()).collect();
        methods.sort();
        methods.dedup();
        methods
    };
    assert_eq!(methods(["", ""]), ["curves", "myeloma-epi"]);
    assert_eq!(
        methods([",expected", ",100"]),
        ["curves", "myeloma-epi", "trend-of-counts"]
    );
}

/// The shipped counts of the United States are marked for 2020 (a shock), 2021 and 2022 (provisional): no forecast begins or
/// ends there.
#[test]
fn the_back_test_leaves_out_the_years_that_the_shipped_counts_mark() {
    let output = run(&["backtest", "--format", "csv"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let csv = text(&output.stdout);
    let rows = csv.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let rows: Vec<_> = rows.filter(|row| row[0] == "United States").collect();
    let years = |column: usize| rows.iter().map(move |row| row[column].parse().unwrap());
    assert_eq!(years(3).chain(years(5)).max(), Some(2019));
}

/// Every command is in the completions of every shell and in the manual, and completions are words of the shell.
#[test]
fn shells_and_the_manual_know_every_command() {
    let commands = [
        "outlook",
        "third-line",
        "fit",
        "trend",
        "pathway",
        "access",
        "demography",
        "sensitivity",
        "backtest",
        "convert",
    ];
    let said = |arguments: &[&str]| {
        let output = run(arguments);
        assert!(output.status.success(), "{arguments:?}");
        text(&output.stdout)
    };
    for (shell, begins) in [
        ("bash", "_myeloma__epi() {"),
        ("zsh", "#compdef myeloma-epi"),
        ("fish", ""),
        ("powershell", ""),
        ("elvish", ""),
    ] {
        let completions = said(&["completions", shell]);
        assert!(completions.trim_start().starts_with(begins), "{shell}");
        for command in commands {
            assert!(completions.contains(command), "{shell}: {command}");
        }
    }
    let manual = said(&["man"]);
    assert!(manual.contains(".TH myeloma-epi 1"), "{manual}");
    // A hyphen of the manual's language has a backslash before it.
    for command in commands.map(|command| command.replace('-', "\\-")) {
        assert!(manual.contains(&command), "{command}");
    }
}

/// What is asked of a file needs one, and what has no effect is told; a folder that cannot be made is named.
#[test]
fn options_are_not_ignored() {
    for (option, value) in [
        ("--site", "foo"),
        ("--region", "Mars"),
        ("--year", "1900"),
        ("--measure", "deaths"),
        ("--sex", "female"),
        ("--definition", "XX"),
        ("--round", "foo"),
        ("--status", "registered"),
        ("--sheet", "Q"),
    ] {
        for command in ["outlook", "third-line", "fit", "trend", "convert"] {
            let ended = run(&[command, option, value]);
            assert_eq!(ended.status.code(), Some(2), "{command} {option}");
            assert!(
                text(&ended.stderr).contains("FILE"),
                "{}",
                text(&ended.stderr)
            );
        }
    }
    for arguments in [
        &["fit", "--seed", "5"][..],
        &["demography", "--draws", "5"],
        &["fit", "--exact"],
        &[
            "outlook",
            "--draws",
            "100",
            "--base-year",
            "2025",
            "--format",
            "csv",
        ],
        &["outlook", "--draws", "100", "--full", "--format", "csv"],
        &["demography", "--exact", "--format", "csv"],
        &["outlook", "--draws", "100", "--between-source", "5%"],
        &["third-line", "--draws", "50", "--relative-error", "5%"],
        &["third-line", "--draws", "50", "--between-source", "5%"],
        &[
            "outlook",
            "src/figures/registered.csv",
            "--draws",
            "50",
            "--projection-error",
            "5%",
        ],
    ] {
        let ended = run(arguments);
        assert!(
            ended.status.success() && text(&ended.stderr).contains("no effect"),
            "{arguments:?}"
        );
    }
}

/// What contradicts itself, has nothing to act on, or no answer, is refused.
#[test]
fn options_that_cannot_be_met_are_refused() {
    // Two marks on one year contradict each other, as do two wholes of a part; some options have nothing to act on.
    for (arguments, said) in [
        (
            &["fit", "--shock", "2020", "--provisional", "2020"][..],
            "2020",
        ),
        (
            &["outlook", "--part", "China=World", "--part", "China=Asia"],
            "China twice",
        ),
        (
            &["outlook", "--members", "China=2", "--members", "China=3"],
            "China twice",
        ),
        (&["trend", "--of", "rates"], "FILE"),
        (&["pathway", "--seed", "4"], "--seed"),
        (&["pathway", "--draws", "4"], "--draws"),
    ] {
        let ended = run(arguments);
        assert_eq!(ended.status.code(), Some(2), "{arguments:?}");
        assert!(
            text(&ended.stderr).contains(said),
            "{}",
            text(&ended.stderr)
        );
    }
    let out = folder("no_answer");
    let ended = run(&["access", "--out", out.to_str().unwrap()]);
    assert_eq!(ended.status.code(), Some(1));
    assert!(!out.exists());
}

#[test]
fn what_an_answer_lacks_is_told() {
    // A curve without a value in a year is told, and the fit is printed.
    let fall = folder("fall");
    std::fs::create_dir_all(&fall).unwrap();
    let file = fall.join("fall.csv");
    std::fs::write(
        &file,
        "year,cases\n2010,100\n2012,80\n2014,62\n2016,41\n2018,20\n",
    )
    .unwrap();
    let file_name = file.to_str().unwrap();
    let (status, revision) = ("registered", "20%");
    let of_counts = ["--status", status, "--revision", revision, "--draws", "50"];
    let ended = run(&[&["outlook", file_name][..], &of_counts].concat());
    assert!(
        ended.status.success()
            && text(&ended.stderr)
                .contains("--revision has no effect on what this source says next"),
        "{}",
        text(&ended.stderr)
    );
    let ended = run(&[
        "fit",
        file_name,
        "--curve",
        "linear",
        "--status",
        "registered",
    ]);
    let printed = text(&ended.stdout);
    assert!(
        ended.status.success() && printed.contains("slope") && printed.contains("no value in 2040"),
        "{printed}"
    );
    let unwritable = "/dev/null/answers";
    for arguments in [
        &["fit", "--out", unwritable][..],
        &[
            "outlook",
            "--draws",
            "100",
            "--draws-out",
            "/dev/null/answers/d.csv",
        ],
        &["convert", "--out", unwritable],
    ] {
        let ended = run(arguments);
        assert_eq!(ended.status.code(), Some(1), "{arguments:?}");
        assert!(
            text(&ended.stderr).contains(unwritable),
            "{}",
            text(&ended.stderr)
        );
    }
}

/// People by age of one's own, in two tables: what is lacking is an error that names it, and an option adds it.
#[test]
fn a_forecast_is_on_the_people_that_are_given() {
    let folder = folder("population");
    std::fs::create_dir_all(&folder).unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let figures = file(
        "figures.csv",
        "region,year,cases,status\nAtlantis,2015,160,registered\nAtlantis,2020,175,registered\n",
    );
    let rows = |area: &str| {
        let people = [
            (2010, [1000, 1000, 900, 1500]),
            (2025, [800, 950, 900, 1680]),
        ];
        let rows = people.into_iter().flat_map(|(year, persons)| {
            let ages = ["0-14", "15-29", "30-44", "45+"];
            ages.into_iter()
                .zip(persons)
                .map(move |(age, n)| format!("{area},{year},both,{age},{n}\n"))
        });
        rows.collect::<String>()
    };
    let header = "area,year,sex,age,population\n";
    let people = file("people.csv", &format!("{header}{}", rows("Atlantis")));
    let misspelt = file("misspelt.csv", &format!("{header}{}", rows("Atlantsi")));
    let rates = file(
        "rates.csv",
        "area,age,rate_per_100000\nAtlantis,0-14,0\nAtlantis,15-29,0.1\nAtlantis,30-44,1\nAtlantis,45+,10\n",
    );
    let outlook = |more: &[&str]| {
        let all = [
            "outlook",
            &figures,
            "--other-disease",
            "--draws",
            "300",
            "--full",
        ];
        run(&[&all, more].concat())
    };
    let said = |more: &[&str], words: &[&str]| {
        let output = outlook(more);
        assert!(!output.status.success(), "{more:?}");
        let error = text(&output.stderr);
        for word in words {
            assert!(error.contains(word), "{word}: {error}");
        }
    };
    let own = ["--population", &people, "--rates", &rates];
    said(
        &own,
        &[
            "people.csv",
            "Atlantis",
            "2015",
            "2010, 2025",
            "--carry-forward",
        ],
    );
    said(&own[..2], &["Atlantis", "--rates", "Western Europe"]);
    // Nothing is expected at rates of 0, in whatever years.
    let zero = file(
        "zero.csv",
        "area,age,rate_per_100000\nAtlantis,0-14,0\nAtlantis,15-29,0\nAtlantis,30-44,0\nAtlantis,45+,0\n",
    );
    let all_years = ["--population", &people, "--rates", &zero, "--carry-forward"];
    said(
        &all_years,
        &["people.csv with ", "zero.csv", "Atlantis", "expected cases"],
    );
    let every_year: String = (2015..=2040)
        .flat_map(|year| {
            ["0-14", "15-29", "30-44", "45+"].map(|age| format!("Atlantis,{year},both,{age},900\n"))
        })
        .collect();
    let every_year = file("every_year.csv", &format!("{header}{every_year}"));
    let output = outlook(&["--population", &every_year, "--rates", &zero]);
    let error = text(&output.stderr);
    assert!(
        error.contains("2015") && !error.contains("--carry-forward"),
        "{error}"
    );
    said(
        &["--population", &misspelt, "--rates", &rates],
        &["Atlantis", "Atlantsi"],
    );
    said(&["--rates", &rates], &["--population"]);
    said(&["--area", "Atlantis=Atlantis"], &["Western Europe"]);
    said(&["--members", "Atlantis=0.5"], &["0.5"]);
    let output = outlook(&[&own[..], &["--carry-forward"]].concat());
    assert!(output.status.success(), "{}", text(&output.stderr));
    let (answer, remarks) = (text(&output.stdout), text(&output.stderr));
    assert!(
        remarks.contains("carried forward") && remarks.contains("interpolated"),
        "{remarks}"
    );
    assert!(answer.contains("population") && answer.contains("ageing") && answer.contains("rates"));
}

/// A country with the people of an area is no sum of countries: its interval is wider than that of the area.
#[test]
fn sums_of_areas_are_steadier_than_one_country() {
    let folder = folder("areas");
    std::fs::create_dir_all(&folder).unwrap();
    let figures = folder.join("figures.csv");
    let text =
        "region,year,cases,status\nAtlantis,2015,160,registered\nAtlantis,2020,175,registered\n";
    std::fs::write(&figures, text).unwrap();
    let figures = figures.to_str().unwrap();
    let width = |more: &[&str]| {
        let all = [
            "outlook",
            figures,
            "--other-disease",
            "--draws",
            "300",
            "--format",
            "json",
        ];
        let output = run(&[&all, more].concat());
        let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let all = json["regions"][0]["incidence"].as_array().unwrap().clone();
        let end = |name: &str| all[all.len() - 1][name].as_f64().unwrap().ln();
        end("upper95") - end("lower95")
    };
    let one = width(&["--area", "Atlantis=Northern Europe"]);
    let sum = width(&[
        "--area",
        "Atlantis=Northern Europe",
        "--area",
        "Atlantis=Western Europe",
    ]);
    let stated = width(&[
        "--area",
        "Atlantis=Northern Europe",
        "--members",
        "Atlantis=20",
    ]);
    assert!(
        one > 1.05 * sum && one > 1.05 * stated,
        "{one} {sum} {stated}"
    );
}

/// One draw is never a median.
#[test]
fn one_draw_is_told_wherever_it_is_printed() {
    let model = r#"{"region": "A", "to": 2025, "incidence": {"project": {"curve": "exponential", "draws": 1,
        "series": {"region": "A", "observations": [{"year": 2015, "cases": 400}, {"year": 2018, "cases": 450},
        {"year": 2022, "cases": 500}]}}}, "pathway": {"groups": [{"name": "all", "weight": 1, "lines":
        [{"sojourn_time": {"family": "exponential", "scale": 2}}]}]}}"#;
    let file = std::env::temp_dir().join(format!("one_draw_{}.json", std::process::id()));
    std::fs::write(&file, model).unwrap();
    let file = file.to_str().unwrap();
    let access = "access --exposed 1 --adult 1 --hong-kong 250 --macau 40 --to 2025 --draws 1";
    for command in [
        access.to_owned(),
        "third-line --draws 1".to_owned(),
        format!("pathway {file}"),
    ] {
        for format in ["", " --format csv"] {
            let line = format!("{command}{format}");
            let output = run(&line.split(' ').collect::<Vec<_>>());
            assert_eq!(
                output.status.code(),
                Some(0),
                "{line}: {}",
                text(&output.stderr)
            );
            let said = if format.is_empty() {
                &output.stdout
            } else {
                &output.stderr
            };
            let said = text(said).split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(
                said.contains("one draw of many possible ones"),
                "{line}: {said}"
            );
            assert!(!said.contains("no error is stated"), "{line}: {said}");
        }
    }
    std::fs::remove_file(file).unwrap();
}

/// Figures of another disease are told from myeloma by their site or their codes.
/// What a table has no place for is told beside it: cautions and years that are left out.
#[test]
fn a_table_alone_is_not_silent() {
    let folder = folder("beside_table");
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("counts.csv");
    // Far more scatter than Poisson's, a marked year, and registered counts of which the first six years fall.
    let rows = "region,year,cases,status,mark\nA,2010,90,registered,\nA,2011,60,registered,\nA,2012,110,registered,\n\
                A,2013,40,registered,\nA,2014,95,registered,\nA,2015,30,registered,shock\nA,2016,120,registered,\n";
    std::fs::write(&file, rows).unwrap();
    let file = file.to_str().unwrap();
    let curve = ["--curve", "exponential", "--likelihood", "poisson"];
    for (command, more, format, said) in [
        (
            "fit",
            &curve[..],
            "csv",
            &["left out: 2015 (shock)", "scatter"][..],
        ),
        (
            "fit",
            &curve,
            "json",
            &["left out: 2015 (shock)", "scatter", "2040"],
        ),
        ("fit", &[], "csv", &["left out: 2015 (shock)"]),
        ("trend", &[], "csv", &["left out: 2015 (shock)"]),
        ("outlook", &["--draws", "200"], "csv", &["A: ", "2015"]),
    ] {
        let output = run(&[&[command, file, "--format", format], more].concat());
        let stderr = text(&output.stderr);
        assert!(output.status.success(), "{command}: {stderr}");
        for said in said {
            assert!(stderr.contains(said), "{command} {format}: {stderr}");
        }
    }
}

#[test]
fn another_disease_is_told() {
    let folder = folder("disease");
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("a.csv");
    for (columns, cell, is_told) in [
        ("site", "Lung", true),
        ("icd10", "C34", true),
        ("site", "Multiple myeloma", false),
        ("icd10", "C88+C90", false),
    ] {
        let table = format!(
            "region,year,{columns},cases,status\nA,2014,{cell},100,registered\nA,2019,{cell},110,registered\n"
        );
        std::fs::write(&file, table).unwrap();
        let said = |more: &[&str]| {
            let all = ["outlook", file.to_str().unwrap(), "--draws", "50"];
            let ended = run(&[&all, more].concat());
            assert!(ended.status.success(), "{}", text(&ended.stderr));
            text(&ended.stderr)
        };
        let told = |said: String| said.contains("--other-disease");
        assert_eq!(told(said(&[])), is_told, "{cell}");
        assert!(!told(said(&["--other-disease"])), "{cell}");
        let area = said(&["--other-disease", "--area", "A=Western Europe"]);
        assert!(area.contains("are those of multiple myeloma"), "{area}");
    }
    let model = folder.join("model.json");
    let line =
        r#"{"sojourn_time": {"family": "exponential", "mean": 2.0}, "next": 0.6, "death": 0.3}"#;
    let lines = [
        line,
        line,
        r#"{"sojourn_time": {"family": "exponential", "mean": 1.0}}"#,
    ]
    .join(",");
    let group = format!(r#"{{"name": "all", "weight": 1.0, "lines": [{lines}]}}"#);
    let text_of_model = format!(
        r#"{{"region": "A", "to": 2030, "incidence": {{"by_year": {{"first_year": 2014, "cases": [{}]}}}},
            "pathway": {{"groups": [{group}]}}}}"#,
        [100; 17].map(|n: i32| n.to_string()).join(",")
    );
    std::fs::write(&model, text_of_model).unwrap();
    let of = |more: &[&str]| {
        let all = [
            "third-line",
            file.to_str().unwrap(),
            "--other-disease",
            "--draws",
            "50",
            "--model",
        ];
        let ended = run(&[&all[..], &[model.to_str().unwrap()], more].concat());
        assert!(ended.status.success(), "{}", text(&ended.stderr));
        (text(&ended.stdout), text(&ended.stderr))
    };
    let (printed, said) = of(&[]);
    let of_myeloma = "share with second line, the share of those diagnosed who are treated are of multiple myeloma";
    let words_of = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words_of(&printed).contains(of_myeloma), "{printed}");
    assert!(said.contains("none of its shares"), "{said}");
    let (_, said) = of(&["--treated", "80%", "--format", "csv"]);
    assert!(
        said.contains("the share with second line are of multiple myeloma"),
        "{said}"
    );
}

/// What comes through a pipe is read once; names that are no UTF-8 are no reason to panic.
#[cfg(unix)]
#[test]
fn pipes_and_names_of_any_kind_are_read() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let folder = folder("pipes");
    std::fs::create_dir_all(&folder).unwrap();
    let rows =
        (2008..2020).map(|year| format!("A,{year},{},registered,\n", year - 1900 + year % 3));
    let table = format!(
        "region,year,cases,status,note\n{}",
        rows.collect::<String>()
    );
    let named = folder.join(OsStr::from_bytes(b"base\xff.csv"));
    std::fs::write(&named, &table).unwrap();
    let program = env!("CARGO_BIN_EXE_myeloma-epi");
    let page = Command::new(program)
        .args(["outlook", "--draws", "50", "--format", "html"])
        .arg(&named)
        .output()
        .unwrap();
    assert!(page.status.success(), "{}", text(&page.stderr));
    let people = folder.join("people.csv");
    let ages = ["0-14", "15-29", "30-44", "45+"];
    let rows: String = (ages.iter())
        .flat_map(|age| [2015, 2030].map(|year| format!("Atlantis,{year},both,{age},900\n")))
        .collect();
    std::fs::write(&people, format!("area,year,sex,age,population\n{rows}")).unwrap();
    let file = folder.join("a.csv");
    std::fs::write(&file, &table).unwrap();
    for (file, command) in [
        (&file, "outlook /dev/stdin --draws 50"),
        (&file, "fit /dev/stdin"),
        (&file, "trend /dev/stdin"),
        (
            &people,
            "demography --population /dev/stdin --rates-of 'Western Europe' --from 2015 --to 2030",
        ),
    ] {
        let run = format!("cat '{}' | '{program}' {command}", file.display());
        let ended = Command::new("sh").args(["-c", &run]).output().unwrap();
        let said = text(&ended.stderr);
        assert!(
            ended.status.success() || said.contains("pooled"),
            "{command}: {said}"
        );
    }
}

/// The time to third line is that in two lines: what a model has between them, or that nobody comes so far, is not passed over.
#[test]
fn a_model_whose_time_to_third_line_is_another_is_refused() {
    let line = |more: &str| {
        format!(r#"{{"sojourn_time": {{"family": "exponential", "scale": 2}}, "next": 0.6{more}}}"#)
    };
    let off = line(
        r#", "off_treatment": {"share": 0.3, "sojourn_time": {"family": "exponential", "scale": 5}, "next": 0.8}"#,
    );
    let last = r#"{"sojourn_time": {"family": "exponential", "scale": 2}}"#;
    let never = line("").replace("0.6", "0");
    let folder = folder("delay");
    std::fs::create_dir_all(&folder).unwrap();
    for (first, said) in [(off, "off treatment"), (never, "nobody reaches third line")] {
        let model = format!(
            r#"{{"region": "A", "to": 2025, "incidence": {{"by_year": {{"first_year": 2000, "cases": [100, 110]}}}},
            "pathway": {{"groups": [{{"name": "all", "weight": 1, "lines": [{first}, {}, {last}]}}]}}}}"#,
            line("")
        );
        let file = folder.join("model.json");
        std::fs::write(&file, model).unwrap();
        let ended = run(&[
            "third-line",
            "--draws",
            "50",
            "--model",
            file.to_str().unwrap(),
        ]);
        assert_eq!(ended.status.code(), Some(1));
        assert!(
            text(&ended.stderr).contains(said),
            "{}",
            text(&ended.stderr)
        );
    }
}

/// What the help says of areas, threads and digits is so.
#[test]
fn areas_threads_and_digits_are_as_the_help_says() {
    let help = text(&run(&["outlook", "--help"]).stdout);
    let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        help.contains("`myeloma-epi demography --area all` lists them"),
        "{help}"
    );
    let all = text(&run(&["demography", "--area", "all"]).stdout);
    assert!(
        all.contains("Western Europe") && all.contains("Melanesia"),
        "{all}"
    );
    let threads = run(&["outlook", "--draws", "50", "--threads", "3000"]);
    assert_eq!(threads.status.code(), Some(2));
    assert!(
        text(&threads.stderr).contains("--threads"),
        "{}",
        text(&threads.stderr)
    );
    let page = run(&["outlook", "--draws", "50", "--exact", "--format", "html"]);
    assert!(
        text(&page.stderr).contains("--exact has no effect"),
        "{}",
        text(&page.stderr)
    );
}

/// The picture of a change says of which years it is, and where people and rates are from.
#[test]
fn the_picture_of_a_change_has_years_and_sources() {
    let folder = folder("picture_of_a_change");
    let picture = |more: &[&str]| {
        let out = folder.to_str().unwrap();
        let output = run(&[
            &["demography", "--from", "2025", "--to", "2035", "--out", out],
            more,
        ]
        .concat());
        assert!(output.status.success(), "{}", text(&output.stderr));
        let svg = std::fs::read_to_string(folder.join("decomposition.svg")).unwrap();
        let words = svg
            .split(['<', '>', ' ', '\n'])
            .filter(|word| !word.is_empty());
        let plain: Vec<&str> = words
            .filter(|word| !word.contains('=') && *word != "/text")
            .collect();
        plain.join(" ")
    };
    for (more, rates) in [
        (&[][..], "Rates by age: 2022, modelled from GLOBOCAN 2022"),
        (
            &["--rates-of", "China"],
            "Rates by age: China, 2022, modelled from GLOBOCAN 2022",
        ),
    ] {
        let svg = picture(more);
        for said in [
            "at constant rates, 2025 to 2035",
            "World Population Prospects 2024",
            rates,
        ] {
            assert!(svg.contains(said), "{said}: {svg}");
        }
    }
}

/// Other sites than myeloma have the spread between sites in place of their own effect, which makes other scores than those of
/// METHODS.md: the help says so, and an answer of such a panel.
#[test]
fn a_backtest_of_other_sites_says_whose_effect_it_takes() {
    let panel = std::env::temp_dir().join(format!("sites_{}.csv", std::process::id()));
    let answer = |site: &str| {
        let row = |year: i32| format!("a,A,{site},{year},{}\n", 400 + 3 * (year % 7));
        let rows: String = (2001..2013).map(row).collect();
        std::fs::write(&panel, format!("series_id,group,site,year,cases\n{rows}")).unwrap();
        text(&run(&["backtest", panel.to_str().unwrap()]).stdout)
    };
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let said = "the spread between sites in its place";
    let of_myeloma = answer("multiple_myeloma");
    assert!(of_myeloma.contains("myeloma-epi") && !words(&of_myeloma).contains(said));
    assert!(words(&answer("colon")).contains(said));
    let help = words(&text(&run(&["backtest", "--help"]).stdout));
    assert!(
        help.contains(said) && help.contains("0.0738 and 0.0630"),
        "{help}"
    );
    std::fs::remove_file(&panel).unwrap();
}

/// Two tables and the years of both: nothing between them is interpolated. Tables with other columns are told theirs.
#[test]
fn demography_says_what_it_needs_and_no_more() {
    let folder = folder("demography");
    std::fs::create_dir_all(&folder).unwrap();
    let file = |name: &str, content: &[u8]| {
        let file = folder.join(name);
        std::fs::write(&file, content).unwrap();
        file.to_str().unwrap().to_owned()
    };
    let rows = "Mars,2024,0-64,800000\nMars,2024,65+,200000\nMars,2040,0-64,800000\nMars,2040,65+,300000\n";
    let people = file(
        "p.csv",
        format!("area,year,age,population\n{rows}").as_bytes(),
    );
    let rates = file(
        "r.csv",
        b"area,year,age,rate_per_100000\nMars,,0-64,1\nMars,,65+,40\n",
    );
    let of = |from: &str, rest: &[&str]| {
        let given = [
            "demography",
            "--population",
            &people,
            "--from",
            from,
            "--to",
            "2040",
        ];
        run(&[&given[..], rest].concat())
    };
    let own = ["--rates", rates.as_str()];
    assert!(!text(&of("2024", &own).stderr).contains("interpolated"));
    assert!(text(&of("2030", &own).stderr).contains("interpolated"));
    let world = text(&of("2024", &["--rates-of", "World"]).stderr);
    assert!(
        world.contains("--rates FILE") && !world.contains("::"),
        "{world}"
    );
    let twice = run(&["demography", "--area", "China", "--area", "China"]);
    assert_eq!(twice.status.code(), Some(2));
    let other = file(
        "region.csv",
        format!("region,year,age,persons\n{rows}").as_bytes(),
    );
    let latin = file(
        "latin.csv",
        format!("area,year,age,population\n{rows}")
            .replace("Mars", "M\u{e4}rs")
            .chars()
            .map(|c| c as u8)
            .collect::<Vec<_>>()
            .as_slice(),
    );
    for (file, said) in [(other, "area, year, age, population"), (latin, "UTF-8")] {
        let ended = run(&["demography", "--population", &file, "--rates", &rates]);
        let error = text(&ended.stderr);
        assert!(!ended.status.success() && error.contains(said), "{error}");
    }
}

/// A line's time to the next line of therapy is what third line waits for, and not how long its other patients stay.
#[test]
fn the_time_to_third_line_is_that_of_those_who_go_on() {
    let folder = folder("time to next");
    std::fs::create_dir_all(&folder).unwrap();
    let starts = |lines: &str| {
        let model = format!(
            r#"{{"region": "A", "to": 2025, "incidence": {{"by_year": {{"first_year": 2000, "cases": [100]}}}},
            "pathway": {{"groups": [{{"name": "all", "weight": 1, "lines": [{lines},
            {{"sojourn_time": {{"family": "exponential", "scale": 1}}}}]}}]}}}}"#
        );
        let file = folder.join("model.json");
        std::fs::write(&file, model).unwrap();
        let (file, csv) = (file.to_str().unwrap(), ["--format", "csv"]);
        let ended = run(&[&["third-line", "--draws", "50", "--model", file][..], &csv].concat());
        assert!(ended.status.success(), "{}", text(&ended.stderr));
        text(&ended.stdout)
    };
    let time = |scale: u8| format!(r#"{{"family": "exponential", "scale": {scale}}}"#);
    let line = |stays: u8, goes_on: u8| {
        let (stays, goes_on) = (time(stays), time(goes_on));
        format!(r#"{{"sojourn_time": {stays}, "time_to_next": {goes_on}, "next": 0.6}}"#)
    };
    let lines = |stays: u8, goes_on: u8| [line(stays, goes_on), line(stays, goes_on)].join(",");
    assert_eq!(starts(&lines(5, 2)), starts(&lines(2, 2)));
    assert_ne!(starts(&lines(5, 2)), starts(&lines(5, 5)));
}

/// A part that is stated is part of that whole alone: China of Asia, and not of the World besides, as it is without a word.
#[test]
fn a_stated_part_is_of_one_whole() {
    let folder = folder("one whole");
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("figures.csv");
    let rows = [("World", 160_000), ("Asia", 60_000), ("China", 20_000)].map(|(region, cases)| {
        format!(
            "{region},2019,{cases},estimate\n{region},2024,{},estimate\n",
            cases + cases / 10
        )
    });
    std::fs::write(
        &file,
        format!("region,year,cases,status\n{}", rows.concat()),
    )
    .unwrap();
    let file = file.to_str().unwrap();
    let ended = run(&[
        "outlook",
        file,
        "--draws",
        "200",
        "--part",
        "China=Asia",
        "--format",
        "csv",
    ]);
    assert!(ended.status.success(), "{}", text(&ended.stderr));
    let table = text(&ended.stdout);
    assert!(table.contains("Asia without China") && !table.contains("World without China"));
}

/// Who becomes eligible: an interval about its median, of draws that follow from the seed, where the incidence is known as well.
#[test]
fn access_has_intervals_of_its_seed() {
    let rows = |seed: &str| {
        let line = "access --exposed 1 --adult 1 --hong-kong 250 --macau 40 --to 2027 --draws 100 --format csv --seed";
        let arguments: Vec<&str> = line.split(' ').chain([seed]).collect();
        let table = text(&run(&arguments).stdout);
        let rows = table.lines().skip(1).map(str::to_owned);
        rows.collect::<Vec<String>>()
    };
    let (one, other) = (rows("1"), rows("2"));
    let of_hong_kong = |rows: &[String]| {
        let row = rows.iter().find(|row| row.starts_with("2027,Hong Kong,"));
        row.unwrap().clone()
    };
    assert_ne!(of_hong_kong(&one), of_hong_kong(&other));
    for row in one {
        let numbers: Vec<f64> = row.split(',').skip(2).map(|n| n.parse().unwrap()).collect();
        let [median, lower, upper] = numbers[..] else {
            panic!("{row}");
        };
        assert!(lower < median && median < upper, "{row}");
    }
}

/// What a fit leaves out is called what it was called, and its table is of the year that is asked for.
#[test]
fn a_fit_is_of_the_marks_and_the_year_that_are_stated() {
    let fit = |more: &[&str]| {
        let ended = run(&[&["fit", "--curve", "exponential"], more].concat());
        assert!(ended.status.success(), "{}", text(&ended.stderr));
        text(&ended.stdout)
    };
    let both = fit(&["--provisional", "2018", "--shock", "2017"]);
    assert!(both.contains("2017 (shock), 2018 (provisional)"), "{both}");
    let table = fit(&["--to", "2031", "--format", "csv"]);
    let (header, row) = table.split_once('\n').unwrap();
    let year = header.split(',').position(|name| name == "year").unwrap();
    assert_eq!(row.split(',').nth(year), Some("2031"), "{table}");
}

/// Counts of a registry that go through the pandemic with no year marked: the trend says so, names the years and how they are marked; where
/// any is marked, where they are estimates, and in other years it does not.
#[test]
fn trends_through_unmarked_years_of_the_pandemic_say_so() {
    let folder = folder("unmarked");
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("counts.csv");
    let rows = |first: i32, marked: i32| -> String {
        let row = |year: i32| {
            let mark = if year == marked { "shock" } else { "" };
            format!(
                "{year},{},{mark}\n",
                400 + 7 * (year - first) + 11 * (year % 3)
            )
        };
        (first..first + 12).map(row).collect()
    };
    let said = |command: &[&str], table: &str| {
        std::fs::write(&file, table).unwrap();
        let output = run(&[command, &[file.to_str().unwrap()]].concat());
        assert!(output.status.success(), "{}", text(&output.stderr));
        text(&output.stderr).contains("column mark") && text(&output.stderr).contains("2020")
    };
    let (trend, fit) = (
        ["trend", "--draws", "100"],
        ["fit", "--curve", "exponential"],
    );
    let (trend, fit) = (&trend[..], &fit[..]);
    let table = |first, marked| format!("year,cases,mark\n{}", rows(first, marked));
    for command in [trend, fit] {
        assert!(said(command, &table(2010, 0)));
        assert!(!said(command, &table(2010, 2020)) && !said(command, &table(2005, 0)));
    }
    let marking = ["fit", "--curve", "exponential", "--shock", "2020"];
    assert!(!said(&marking, &table(2009, 0)));
    let of = |status: &str| {
        let row = |line: &str| format!("Atlantis,{},{status}\n", line.trim_end_matches(','));
        let all = rows(2010, 0);
        format!(
            "region,year,cases,status\n{}",
            all.lines().map(row).collect::<String>()
        )
    };
    for command in [trend, fit] {
        assert!(said(command, &of("registered")) && !said(command, &of("estimate")));
    }
}
