//! The examples run, and what they write is what they say.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Once;

use serde_json::Value;

/// The built example. `cargo test` has built all of them; a single test target has not.
fn example(name: &str) -> PathBuf {
    static BUILD: Once = Once::new();
    let tests = std::env::current_exe().unwrap();
    let profile = tests.parent().and_then(Path::parent).unwrap();
    BUILD.call_once(|| {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.current_dir(env!("CARGO_MANIFEST_DIR")).args([
            "build",
            "--quiet",
            "--examples",
            "--target-dir",
        ]);
        cargo.arg(profile.parent().unwrap());
        if profile.ends_with("release") {
            cargo.arg("--release");
        }
        assert!(cargo.status().unwrap().success());
    });
    profile
        .join("examples")
        .join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

/// An empty folder of its own for each test.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn run(name: &str, folder: &Path, arguments: &[&str]) -> Output {
    Command::new(example(name))
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap()
}

fn text(output: &Output) -> String {
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// The curves through the published figures in 50-digit arithmetic (`data/exact_curves.py`).
fn exact_curves() -> Vec<Value> {
    serde_json::from_str(include_str!("../data/exact_curves.json")).unwrap()
}

#[test]
fn outlook() {
    let folder = folder("outlook");
    let printed = text(&run("outlook", &folder, &["--full"]));
    for part in [
        "WORLD",
        "CHINA",
        "164,300",
        "273,600",
        "IASO Bio press release",
        "Assumed: an error of 3 %",
    ] {
        assert!(printed.contains(part), "{part} is not in\n{printed}");
    }
    let json: Value = serde_json::from_str(
        &std::fs::read_to_string(folder.join("target/outlook/outlook.json")).unwrap(),
    )
    .unwrap();
    let regions = json["regions"].as_array().unwrap();
    assert_eq!(regions.len(), 2);
    let world = &regions[0];
    assert_eq!(world["region"], "World");
    assert_eq!(world["observations"][0]["cases"], 164_300.0);
    assert_eq!(world["published_projection"]["year"], 2040);
    assert_eq!(regions[1]["published_projection"], Value::Null);
    // Linear and exponential with and without the published projection, logistic and Gompertz with.
    assert_eq!(world["curves"].as_array().unwrap().len(), 6);
    for case in exact_curves() {
        let region = regions
            .iter()
            .find(|r| r["region"] == case["region"])
            .unwrap();
        let same = |c: &&Value| {
            c["curve"] == case["curve"]
                && c["uses_published_projection"] == case["uses_published_projection"]
        };
        let curve = region["curves"]
            .as_array()
            .unwrap()
            .iter()
            .find(same)
            .unwrap();
        for (year, expected) in case["cases"].as_object().unwrap() {
            let year: i64 = year.parse().unwrap();
            let found = curve["cases"]
                .as_array()
                .unwrap()
                .iter()
                .find(|c| c["year"] == year);
            // The outlook ends in 2040.
            let Some(found) = found else { continue };
            let ratio = found["cases"].as_f64().unwrap() / expected.as_f64().unwrap();
            assert!((ratio - 1.0).abs() < 1e-8, "{curve} {year}");
        }
        for (name, expected) in case["parameters"].as_object().unwrap() {
            let ratio = curve["parameters"][name].as_f64().unwrap() / expected.as_f64().unwrap();
            assert!((ratio - 1.0).abs() < 1e-8, "{curve} {name}");
        }
    }
    for region in regions {
        for curve in region["curves"].as_array().unwrap() {
            let years: Vec<i64> = curve["cases"]
                .as_array()
                .unwrap()
                .iter()
                .map(|c| c["year"].as_i64().unwrap())
                .collect();
            assert_eq!(years, (2019..=2040).collect::<Vec<i64>>());
        }
        let incidence = region["incidence"].as_array().unwrap();
        let third = region["third_line"].as_array().unwrap();
        assert_eq!(incidence.len(), 16);
        for (incidence, third) in incidence.iter().zip(third) {
            let of = |value: &Value, key: &str| value[key].as_f64().unwrap();
            assert_eq!(incidence["year"], third["year"]);
            assert!(of(incidence, "lower95") < of(incidence, "median"));
            assert!(of(incidence, "median") < of(incidence, "upper95"));
            for (key, share) in [("at_30_percent", 0.3), ("at_40_percent", 0.4)] {
                let product = share * of(incidence, "median");
                assert!((of(third, key) / product - 1.0).abs() < 1e-12);
            }
        }
    }
    let csv = std::fs::read_to_string(folder.join("target/outlook/outlook.csv")).unwrap();
    assert!(csv.starts_with("region,quantity,curve,published_projection,year,central"));
    for name in ["incidence.svg", "third_line.svg"] {
        let svg = std::fs::read_to_string(folder.join("target/outlook").join(name)).unwrap();
        assert!(svg.starts_with("<svg") && svg.contains("World") && svg.contains("China"));
    }
}

#[test]
fn outlook_with_another_error() {
    let folder = folder("outlook_with_another_error");
    let printed = text(&run(
        "outlook",
        &folder,
        &["--full", "--relative-error", "0.05"],
    ));
    assert!(printed.contains("Assumed: an error of 5 %"));
    for (bad, says) in [
        (["--relative-error", "5"], "between 0 and 1"),
        (["--relative-error", "5%"], "a number such as 0.05"),
        (["--error", "0.05"], "usage: outlook"),
    ] {
        let output = run("outlook", &folder, &bad);
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && error.contains(says), "{error}");
    }
}

#[test]
fn access_with_figures_of_the_user() {
    let folder = folder("access");
    let printed = text(&run("access", &folder, &["0.9", "1", "250", "40"]));
    for line in ["2024 mainland China: ", "2026 Hong Kong: ", "2026 Macau: "] {
        assert!(printed.contains(line), "{printed}");
    }
    // Macau and Hong Kong approved it in 2025.
    assert!(!printed.contains("2024 Hong Kong"), "{printed}");
    let printed = text(&run("access", &folder, &["0.9", "1"]));
    assert!(printed.contains(": no incidence for Macau"), "{printed}");
    assert!(!run("access", &folder, &["much"]).status.success());
}

#[test]
fn own_figures() {
    let folder = folder("own_figures");
    let file = folder.join("mine.csv");
    std::fs::write(
        &file,
        "region,year,cases,status,relative_error,source\r\n\
         Atlantis,2015,100,estimate,0.01,a\r\nAtlantis,2020,140,estimate,0.02,a\r\n\
         Atlantis,2024,150,registered,,b\r\nAtlantis,2035,190,projection,,c\r\n",
    )
    .unwrap();
    let printed = text(&run("own_figures", &folder, &[file.to_str().unwrap()]));
    assert!(printed.contains("Atlantis"), "{printed}");
    let json = std::fs::read_to_string(folder.join("target/own_figures/outlook.json")).unwrap();
    let json: Value = serde_json::from_str(&json).unwrap();
    let curves = json["regions"][0]["curves"].as_array().unwrap();
    // Three observations carry all four curves, and all four again with the published projection.
    assert_eq!(curves.len(), 8);
    let logistic = curves.iter().find(|c| c["curve"] == "logistic").unwrap();
    assert_eq!(logistic["identification"], "saturated");
    let of = |year: i64| {
        let cases = logistic["cases"].as_array().unwrap();
        cases.iter().find(|c| c["year"] == year).unwrap()["cases"]
            .as_f64()
            .unwrap()
    };
    for (year, cases) in [(2015, 100.0), (2020, 140.0), (2024, 150.0)] {
        assert!((of(year) / cases - 1.0).abs() < 1e-9);
    }
}

/// People of one age group who grow by 2 % a year: none of the change of the headline is ageing, and with r = 1.02^16 and f the
/// growth of the headline over r, half of (r − 1)·(1 + f) of the cases is by their number. An area has the people of its name.
#[test]
fn own_figures_on_a_population() {
    let folder = folder("own_figures_on_a_population");
    let file = |name: &str, content: String| {
        std::fs::write(folder.join(name), content).unwrap();
    };
    let figures = |region: &str| {
        format!(
            "region,year,cases,status\n{region},2019,1000,registered\n{region},2024,1300,registered\n"
        )
    };
    file("mine.csv", figures("Atlantis"));
    file("western.csv", figures("Western Europe"));
    let people = |year: i32| format!("Atlantis,{year},0+,{}\n", 1e6 * 1.02_f64.powi(year - 2019));
    let people: String = (2019..=2040).map(people).collect();
    file("people.csv", format!("area,year,age,population\n{people}"));
    file(
        "rates.csv",
        "area,age,rate_per_100000\nAtlantis,0+,100\n".to_owned(),
    );
    let region = |arguments: &[&str]| -> Value {
        let printed = text(&run("own_figures", &folder, arguments));
        assert!(printed.contains("registry trend of the rate"), "{printed}");
        let json = std::fs::read_to_string(folder.join("target/own_figures/outlook.json")).unwrap();
        serde_json::from_str::<Value>(&json).unwrap()["regions"][0].take()
    };
    let own = region(&[
        "mine.csv",
        "--population",
        "people.csv",
        "--rates",
        "rates.csv",
    ]);
    let change = |part: &str| own["change"][part].as_f64().unwrap();
    let all = change("population") + change("ageing") + change("rates");
    let r = 1.02_f64.powi(16);
    let by_number = 50.0 * (r - 1.0) * (1.0 + (1.0 + all / 100.0) / r);
    assert!((change("population") - by_number).abs() < 1e-9 && change("ageing").abs() < 1e-9);
    let median = own["incidence"][15]["median"].as_f64().unwrap();
    assert!(all > 0.0 && (median / (1.0 + all / 100.0) / 1_300.0 - 1.0).abs() < 0.1);

    // At constant rates Western Europe has 13,130 cases in 2024 and 15,694 in 2040 (data/demography.json): with f, the growth of the
    // headline beyond that, the part of rates is between what they make of the people of either year.
    let western = region(&["western.csv", "--area", "Western Europe"]);
    let change = |part: &str| western["change"][part].as_f64().unwrap();
    let all = change("population") + change("ageing") + change("rates");
    let by_people = 15_693.613_806 / 13_130.373_118;
    let beyond = (1.0 + all / 100.0) / by_people - 1.0;
    let ends = [100.0 * beyond, 100.0 * beyond * by_people];
    assert!(ends[0].min(ends[1]) < change("rates") && change("rates") < ends[0].max(ends[1]));
    assert!(
        western["population"]["sources"]
            .to_string()
            .contains("modelled from GLOBOCAN 2022")
    );
}

/// The line of the decomposition is that of the script (`data/demography.py`), to a tenth of a point.
#[test]
fn demography_prints_of_what_the_change_is_made() {
    let printed = text(&run("demography", &folder("demography_parts"), &[]));
    let reference: Value = serde_json::from_str(include_str!("../data/demography.json")).unwrap();
    for area in ["World", "China"] {
        let cases = |year: &str| reference["expected"][area][year].as_f64().unwrap();
        let of = |case: &&Value| {
            (&case["area"], &case["from"], &case["to"], &case["factor"])
                == (&area.into(), &2024.into(), &2040.into(), &1.into())
        };
        let all = reference["decompositions"].as_array().unwrap();
        let parts = &all.iter().find(of).unwrap()["parts"];
        let percent = |i: usize| 100.0 * parts[i].as_f64().unwrap() / cases("2024");
        let line = format!(
            "({:+.1} %): population {:+.1}, ageing {:+.1}, rates +0.0 percentage points",
            100.0 * (cases("2040") / cases("2024") - 1.0),
            percent(0),
            percent(1)
        );
        let found = printed
            .lines()
            .find(|line| line.starts_with(&format!("{area}, 2024 to 2040")));
        assert!(
            found.is_some_and(|found| found.ends_with(&line)),
            "{line}: {printed}"
        );
    }
}

/// Regions of another disease that have the names of the shipped ones.
const ANOTHER_DISEASE: &str = "region,year,cases,status\n\
    World,2019,500,estimate\nWorld,2024,520,estimate\n\
    China,2019,50000,estimate\nChina,2024,61000,estimate\n";

#[test]
fn own_figures_of_another_disease() {
    let folder = folder("own_figures_of_another_disease");
    let file = folder.join("mine.csv");
    std::fs::write(&file, ANOTHER_DISEASE).unwrap();
    let file = file.to_str().unwrap();
    let printed = text(&run("own_figures", &folder, &[file, "--full"]));
    assert!(
        !printed.contains("GLOBOCAN") && !printed.contains("WITHOUT"),
        "{printed}"
    );
    assert!(
        printed.contains("not compared with other sources"),
        "{printed}"
    );
    let error = |arguments: &[&str]| {
        let output = run("own_figures", &folder, arguments);
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    // Who says that they are of multiple myeloma is told that they cannot be.
    let said = error(&[file, "--myeloma"]);
    assert!(said.contains("the disease"), "{said}");
    let said = error(&[file, "--part", "Chnia=World"]);
    assert!(
        said.contains("Chnia") && said.contains("World, China"),
        "{said}"
    );
    for usage in [&[file, "--too", "2035"][..], &[file, "--to"]] {
        assert!(error(usage).contains("usage: own_figures"));
    }
    assert!(error(&[file, "--to", "2o35"]).contains("2o35"));
    for alone in [
        &[file, "--rates", "rates.csv"][..],
        &[file, "--carry-forward"],
    ] {
        assert!(error(alone).contains("--population"));
    }
    assert!(error(&[file, "--area", "Atlantis"]).contains("Western Europe"));

    // The press release under another name is compared and coupled as in the outlook.
    let shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/src/figures/press_release.csv");
    let printed = text(&run(
        "own_figures",
        &folder,
        &[shipped, "--myeloma", "--full"],
    ));
    for part in [
        "GLOBOCAN 2022",
        "WORLD WITHOUT CHINA",
        "with the damping of World",
    ] {
        assert!(printed.contains(part), "{part} is not in\n{printed}");
    }
}

/// README's table of third-line starts is what the example prints, rounded to the hundred.
#[test]
fn readme_shows_what_third_line_prints() {
    let printed = text(&run("third_line", &folder("readme_third_line"), &[]));
    // A row of the table: a label, the share, and four years of a median and interval, two spaces apart.
    let rows: Vec<Vec<String>> = printed
        .lines()
        .filter(|line| line.starts_with("  ") && line.ends_with(')') && line.contains("(of those "))
        // Single studies stand there as they are, of the treated.
        .filter(|line| !line.contains("times the share") || line.contains("together"))
        .map(|line| {
            let cells = line.trim().split("  ").map(str::trim);
            cells
                .filter(|cell| !cell.is_empty())
                .skip(1)
                .map(str::to_owned)
                .collect()
        })
        .collect();
    let (world, china) = rows.split_at(rows.len() / 2);
    let readme = include_str!("../../README.md");
    let table = readme
        .lines()
        .skip_while(|line| !line.starts_with("| reading or study |"));
    let table: Vec<&str> = table
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .collect();
    assert_eq!((table.len(), world.len(), china.len()), (13, 13, 13));

    let numbers = |cell: &str| -> Vec<f64> {
        let plain = cell.replace([',', ')'], "");
        let parts = plain
            .split(['–', '-', '(', ' '])
            .filter(|part| !part.is_empty());
        parts.map(|part| part.parse().unwrap()).collect()
    };
    for ((line, world), china) in table.iter().zip(world).zip(china) {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        assert_eq!(numbers(cells[1]), numbers(&world[0]), "{line}");
        for (cell, printed) in [
            (cells[2], &world[1]),
            (cells[3], &world[4]),
            (cells[4], &china[1]),
            (cells[5], &china[4]),
        ] {
            // README rounds to the hundred, the example to three digits.
            let pairs = numbers(cell).into_iter().zip(numbers(printed));
            assert_eq!(pairs.clone().count(), 3, "{line}");
            for (in_readme, printed) in pairs {
                let digit = 10_f64.powf(printed.log10().floor() - 2.0);
                let rounding = 50.0 + if digit > 100.0 { digit / 2.0 } else { 0.5 };
                assert!(
                    (in_readme - printed).abs() <= rounding,
                    "{printed} in {line}"
                );
                assert!(in_readme % 100.0 == 0.0, "{line}");
            }
        }
    }
}

#[test]
fn own_figures_that_cannot_be_used() {
    let folder = folder("own_figures_that_cannot_be_used");
    for (content, says) in [
        (
            "region,year,cases,status\nA,2019,5,estimate\n",
            "1 more is needed",
        ),
        (
            "region,year,cases,status\nA,2019,0,estimate\nA,2024,5,estimate\n",
            "combine years",
        ),
        (
            "region,year,cases\nA,2019,5\n",
            "column \"status\" is missing",
        ),
    ] {
        let file = folder.join("bad.csv");
        std::fs::write(&file, content).unwrap();
        let output = run("own_figures", &folder, &[file.to_str().unwrap()]);
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && error.contains(says), "{error}");
        assert!(!error.contains("panicked"));
    }
}

#[test]
fn the_short_ones() {
    for (name, says) in [
        ("compare_curves", "gompertz"),
        ("custom_curve", "power curve through two figures"),
        ("third_line", "ever reach third line"),
        ("joinpoint", "Joinpoints:"),
        ("demography", "revision between two rounds of estimates"),
        ("lines_of_therapy", "line"),
        ("access", "is missing: eligibility by the label needs it"),
        ("own_figures", "examples/own_figures.csv"),
    ] {
        let printed = text(&run(name, &folder(&format!("short_{name}")), &[]));
        assert!(printed.contains(says), "{printed}");
    }
}

/// Every forecast in the file is one that could be made: quantiles in order, of a later year that is not
/// a shock; and what was left out is counted.
#[test]
fn backtest() {
    let folder = folder("backtest");
    let printed = text(&run("backtest", &folder, &[]));
    for part in [
        "left out as shocks: 3 counts",
        "two-figure, multiple myeloma: coverage",
        "full-history, multiple myeloma: CRPS",
        "PIT of myeloma-epi",
        "damped-trend-counts",
    ] {
        assert!(printed.contains(part), "{part} is not in\n{printed}");
    }
    let rows = |folder: &Path| -> Vec<String> {
        let file = std::fs::read_to_string(folder.join("target/backtest/forecasts.csv")).unwrap();
        file.lines().map(str::to_owned).collect()
    };
    let with_shocks = rows(&folder);
    assert_eq!(
        with_shocks[0],
        "series_id,setting,method,origin,horizon,year,observed,\
         q0.025,q0.1,q0.25,q0.5,q0.75,q0.9,q0.975"
    );
    for row in &with_shocks[1..] {
        let cells: Vec<&str> = row.split(',').collect();
        let number = |i: usize| cells[i].parse::<f64>().unwrap();
        assert!((number(3) + number(4) - number(5)).abs() < 0.5, "{row}");
        assert!(![2020.0, 2021.0].contains(&number(5)), "{row}");
        assert!((7..13).all(|i| number(i) <= number(i + 1)), "{row}");
        assert!(cells[1] == "two-figure" || cells[1] == "full-history");
    }
    text(&run("backtest", &folder, &["--shocks", "none"]));
    assert!(rows(&folder).len() > with_shocks.len());

    let file = folder.join("pooled.csv");
    std::fs::write(
        &file,
        "series_id,group,site,year,cases\na,A,x,2001-2005,50\n",
    )
    .unwrap();
    let failed = run("backtest", &folder, &[file.to_str().unwrap(), "--shipped"]);
    assert!(!failed.status.success());
    let message = String::from_utf8(failed.stderr).unwrap();
    assert!(
        message.contains("line 2") && message.contains("2001-2005"),
        "{message}"
    );
}

/// A series may have any name: it is one field of the file, guarded where a spreadsheet would run it.
#[test]
fn forecasts_of_a_series_with_any_name() {
    use std::fmt::Write;

    let folder = folder("any_name");
    let mut panel = "series_id,group,site,year,cases\n".to_owned();
    for written in ["\"a,b\n=1+1\"", "=1+1"] {
        for year in 2001..2013 {
            writeln!(panel, "{written},A,x,{year},{}", 400 + 3 * (year % 7)).unwrap();
        }
    }
    let file = folder.join("panel.csv");
    std::fs::write(&file, panel).unwrap();
    text(&run(
        "backtest",
        &folder,
        &[file.to_str().unwrap(), "--shipped"],
    ));
    let mut forecasts =
        csv::Reader::from_path(folder.join("target/backtest/forecasts.csv")).unwrap();
    let mut found: Vec<String> = forecasts
        .records()
        .map(|row| row.unwrap()[0].to_owned())
        .collect();
    found.dedup();
    found.sort();
    assert_eq!(found, ["'=1+1", "a,b\n=1+1"]);
}

/// Where a file stands in the place of the folder, the message says so.
#[test]
fn a_folder_that_cannot_be_written_is_named() {
    for name in [
        "backtest",
        "compare_curves",
        "demography",
        "lines_of_therapy",
        "outlook",
        "own_figures",
        "sensitivity",
        "third_line",
    ] {
        let folder = folder(&format!("unwritable_{name}"));
        std::fs::write(folder.join("target"), "in the way").unwrap();
        let failed = run(name, &folder, &[]);
        let said = String::from_utf8(failed.stderr).unwrap();
        assert!(!failed.status.success(), "{name}");
        let place = Path::new("target").join(name);
        assert!(said.contains(place.to_str().unwrap()), "{name}: {said}");
        assert_eq!(
            std::fs::read_to_string(folder.join("target")).unwrap(),
            "in the way"
        );
    }
}

/// The examples and a file that each of them writes.
const ALL: [(&str, &str); 9] = [
    ("access", ""),
    ("backtest", "backtest/forecasts.csv"),
    ("compare_curves", "compare_curves/comparison.json"),
    ("custom_curve", ""),
    ("lines_of_therapy", "lines_of_therapy/by_year.csv"),
    ("outlook", "outlook/outlook.csv"),
    ("own_figures", "own_figures/outlook.csv"),
    ("patient_histories", ""),
    ("third_line", ""),
];

/// As when the output goes to `head`, which stops reading.
#[test]
fn a_closed_pipe_ends_an_example_quietly_after_its_files_are_written() {
    for (name, file) in ALL {
        let folder = folder(&format!("closed_{name}"));
        let mut child = Command::new(example(name))
            .current_dir(&folder)
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let ended = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert!(ended.status.success() && said.is_empty(), "{name}: {said}");
        assert!(
            file.is_empty() || folder.join("target").join(file).is_file(),
            "{name}"
        );
    }
}

/// A program that is killed while it writes, here because its files would be larger than the shell allows,
/// leaves the files of the one before.
#[cfg(unix)]
#[test]
fn a_killed_example_leaves_the_old_files() {
    let folder = folder("killed");
    text(&run("outlook", &folder, &[]));
    let files = [
        "outlook.json",
        "outlook.csv",
        "incidence.svg",
        "third_line.svg",
    ];
    let read =
        || files.map(|file| std::fs::read(folder.join("target/outlook").join(file)).unwrap());
    let old = read();
    // Blocks of 512 bytes that are too few for the largest file, or for any.
    let largest = old.iter().map(Vec::len).max().unwrap();
    for blocks in [largest / 512 - 1, 8].map(|n| n.to_string()) {
        let killed = Command::new("sh")
            .args(["-c", "ulimit -f \"$2\"; \"$1\" --relative-error 0.05", "sh"])
            .arg(example("outlook"))
            .arg(blocks)
            .current_dir(&folder)
            .output()
            .unwrap();
        assert!(!killed.status.success());
        assert!(read() == old);
    }
    text(&run(
        "outlook",
        &folder,
        &["--full", "--relative-error", "0.05"],
    ));
    assert!(read() != old);
}
