//! Random arguments of every command, on small files, right and damaged: exit status 0, or 1 or 2 with a message, no panic, no
//! number that is none, and files that are whole or not there.
//!
//! The seeds are the same ones on every computer. `MYELOMA_EPI_LONG_TESTS=10` goes on for ten minutes, and
//! `MYELOMA_EPI_SEED=17` runs one case alone.

use std::path::Path;
use std::time::{Duration, Instant};

use super::{folder, run, text};

/// Splitmix64 (<https://doi.org/10.1145/2714064.2660195>).
struct Random(u64);

impl Random {
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.bits() % n.max(1) as u64).unwrap()
    }

    fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }
}

const YEARS: &[&str] = &[
    "2024",
    "2026",
    "2030",
    "2019",
    "1900",
    "2200",
    "-5",
    "x",
    "99999999999",
];
const SHARES: &[&str] = &[
    "5%", "0.1", "0", "1", "0%", "1e-300", "120%", "-3%", "NaN", "inf", "",
];
const COUNTS: &[&str] = &["0", "1", "3", "250.5", "-1", "1e300", "NaN", "many"];
const NAMES: &[&str] = &[
    "A",
    "B",
    "World",
    "China",
    "Atlantis",
    "=1+1",
    "a,b\n\"c\"",
    "\u{1b}[31m",
    "",
];
const AREAS: &[&str] = &[
    "China",
    "World",
    "A=China",
    "B=Western Europe",
    "A=",
    "=",
    "Atlantis",
    "A=A",
];
/// Files that are read where they are asked for, and others.
const FILES: &[&str] = &[
    "figures.csv",
    "counts.csv",
    "zeros.csv",
    "rates.csv",
    "rows.csv",
    "gbd.csv",
    "panel.csv",
    "people.csv",
    "age_rates.csv",
    "model.json",
    "damaged.csv",
    "empty.csv",
    "binary.csv",
    "not there.csv",
    ".",
];
const PEOPLE: &[&str] = &["people.csv", "people.csv", "age_rates.csv", "empty.csv"];
const AGE_RATES: &[&str] = &["age_rates.csv", "age_rates.csv", "people.csv", "binary.csv"];
const FLAG: &[&str] = &[];

/// Options of a file; and of figures, which several commands forecast.
const OF_FILE: &[(&str, &[&str])] = &[
    ("--site", &["myeloma", "C90", "lung", ""]),
    ("--region", NAMES),
    ("--year", YEARS),
    ("--measure", &["incidence", "deaths", "prevalence", "rain"]),
    ("--sex", &["both", "female", "male", "x"]),
    ("--definition", &["C90", "C88+C90", "\u{7}"]),
    ("--round", &["GBD 2021", ""]),
    (
        "--status",
        &[
            "registered",
            "estimate",
            "commercial",
            "projection",
            "guess",
        ],
    ),
    ("--sheet", &["Sheet1", ""]),
];
const OF_FORECAST: &[(&str, &[&str])] = &[
    ("--to", YEARS),
    ("--question", &["this-source", "true-incidence", "why"]),
    ("--relative-error", SHARES),
    ("--projection-error", SHARES),
    ("--between-source", SHARES),
    ("--revision", SHARES),
    ("--part", &["A=B", "China=World", "A", "=", "A=A"]),
    ("--other-disease", FLAG),
    ("--area", AREAS),
    ("--members", &["A=3", "World=1", "A=0", "A=NaN", "x"]),
    ("--population", PEOPLE),
    ("--rates", AGE_RATES),
    ("--carry-forward", FLAG),
];
const OUTPUT: &[(&str, &[&str])] = &[
    ("--format", &["text", "csv", "json", "html", "xlsx", "pdf"]),
    ("--exact", FLAG),
    ("--seed", &["0", "17", "18446744073709551615", "-1"]),
    ("--threads", &["1", "2", "0"]),
];

type Options = &'static [(&'static str, &'static [&'static str])];

/// Every command, the files that it is mostly given, and its options.
const COMMANDS: &[(&str, &[&str], &[Options])] = &[
    (
        "outlook",
        &["figures.csv", "rows.csv", "gbd.csv", "counts.csv"],
        &[
            OF_FILE,
            OF_FORECAST,
            &[
                ("--full", FLAG),
                ("--base-year", YEARS),
                ("--draws-out", &["out/draws.csv", "out/draws.npy", "x"]),
            ],
        ],
    ),
    (
        "third-line",
        &["figures.csv", "rows.csv"],
        &[
            OF_FILE,
            OF_FORECAST,
            &[
                ("--model", &["model.json", "figures.csv"]),
                ("--accrual", COUNTS),
                ("--further", COUNTS),
                ("--treated", SHARES),
                ("--study", &["model.json", "counts.csv"]),
            ],
        ],
    ),
    (
        "sensitivity",
        &["figures.csv"],
        &[
            OF_FILE,
            OF_FORECAST,
            &[("--studies", FLAG), ("--sojourn-error", SHARES)],
        ],
    ),
    (
        "fit",
        &["counts.csv", "zeros.csv", "rows.csv"],
        &[
            OF_FILE,
            &[
                (
                    "--curve",
                    &[
                        "linear",
                        "exponential",
                        "logistic",
                        "gompertz",
                        "richards",
                        "parabola",
                    ],
                ),
                (
                    "--likelihood",
                    &[
                        "lognormal",
                        "poisson",
                        "quasi-poisson",
                        "negative-binomial",
                        "gaussian",
                        "x",
                    ],
                ),
                ("--to", YEARS),
                ("--shock", YEARS),
                ("--provisional", YEARS),
                ("--all-years", FLAG),
            ],
        ],
    ),
    (
        "trend",
        &["counts.csv", "zeros.csv", "rates.csv"],
        &[
            OF_FILE,
            &[("--of", &["numbers", "rates", "standardised-rates", "x"])],
        ],
    ),
    ("convert", FILES, &[OF_FILE]),
    ("pathway", &["model.json"], &[]),
    (
        "access",
        &[],
        &[&[
            ("--exposed", SHARES),
            ("--adult", SHARES),
            ("--hong-kong", COUNTS),
            ("--macau", COUNTS),
            ("--to", YEARS),
        ]],
    ),
    (
        "demography",
        &[],
        &[&[
            ("--area", AREAS),
            ("--population", PEOPLE),
            ("--rates", AGE_RATES),
            ("--rates-of", AREAS),
            ("--from", YEARS),
            ("--to", YEARS),
        ]],
    ),
    (
        "backtest",
        &["panel.csv"],
        &[&[("--relative-error", SHARES), ("--provisional", COUNTS)]],
    ),
];

/// The files of the lists above.
pub(crate) fn write_files(folder: &Path) {
    use std::fmt::Write;
    let mut counts = "year,cases\n".to_owned();
    let mut zeros = "year,cases,mark\n".to_owned();
    let mut rates = "Cases of myeloma\n\nYear,Rate,SE\n".to_owned();
    let mut panel = "series_id,group,site,year,cases\n".to_owned();
    for (i, year) in (2005..2020).enumerate() {
        let _ = writeln!(counts, "{year},{}", 410 + 9 * i + (i * i) % 7);
        let _ = writeln!(
            zeros,
            "{year},{},{}",
            i % 4,
            if i == 14 { "provisional" } else { "" }
        );
        let _ = writeln!(rates, "{year},{}.{},0.{}", 4 + i / 7, i % 7, 1 + i % 3);
        for id in ["\"a,b\n=1\"", "b"] {
            let _ = writeln!(
                panel,
                "{id},{id},multiple_myeloma,{year},{}",
                900 + 20 * i + (i * i) % 11
            );
        }
    }
    let figures = "region,year,cases,status,source,relative_error\nA,2019,1200,estimate,one,\nA,2024,1350,estimate,one,\n\
                   B,2018,12,registered,,\nB,2023,18,registered,,\nA,2040,2000,projection,one,\nB,2021,17,commercial,,0.1\n";
    let gbd = "measure,location,sex,age,cause,metric,year,val,upper,lower\n\
               Incidence,A,Both,All ages,Multiple myeloma,Number,2019,1200,1400,1000\n\
               Incidence,A,Both,All ages,Multiple myeloma,Number,2021,1300,1500,1100\n\
               Deaths,A,Both,All ages,Multiple myeloma,Number,2019,700,800,600\n";
    let (mut people, mut age_rates) = (
        "area,year,sex,age,population\n".to_owned(),
        "area,year,sex,age,cases,population,status\n".to_owned(),
    );
    for (i, age) in ["0-39", "40-64", "65+"].iter().enumerate() {
        for year in [2015, 2025, 2035] {
            let _ = writeln!(
                people,
                "A,{year},both,{age},{}",
                900_000 - 200_000 * i + 5_000 * (year - 2015)
            );
        }
        let _ = writeln!(
            age_rates,
            "A,2020,both,{age},{},700000,registered",
            20 + 300 * i
        );
    }
    let model = include_str!("../../examples/world_four_lines.json").replace("1000", "20");
    for (name, content) in [
        ("figures.csv", figures),
        ("counts.csv", &counts),
        ("zeros.csv", &zeros),
        ("rates.csv", &rates),
        ("panel.csv", &panel),
        ("gbd.csv", gbd),
        ("people.csv", &people),
        ("age_rates.csv", &age_rates),
        ("model.json", &model),
        (
            "damaged.csv",
            &figures
                .replace("1350", "13\"50")
                .replace("estimate,one", "esti\u{0}mate"),
        ),
        ("empty.csv", ""),
    ] {
        std::fs::write(folder.join(name), content).unwrap();
    }
    std::fs::write(
        folder.join("binary.csv"),
        [0x50, 0x4b, 3, 4, 0, 255, 254, 0, 10],
    )
    .unwrap();
    let rows = run(&["convert", folder.join("gbd.csv").to_str().unwrap()]);
    std::fs::write(folder.join("rows.csv"), rows.stdout).unwrap();
}

/// The arguments of a case; names of files stand in the folder.
fn arguments(random: &mut Random, folder: &Path) -> Vec<String> {
    let place = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let (command, files, options) = &COMMANDS[random.below(COMMANDS.len())];
    let mut all = vec![(*command).to_owned()];
    if !files.is_empty() && !random.once_in(4) {
        let file = if random.once_in(5) {
            random.pick(FILES)
        } else {
            random.pick(files)
        };
        all.push(place(file));
    }
    let mut known: Vec<&(&str, &[&str])> = options.iter().copied().flatten().collect();
    known.extend(OUTPUT);
    for _ in 0..random.below(5) {
        let (name, values) = known[random.below(known.len())];
        all.push((*name).to_owned());
        if !values.is_empty() {
            // A right value more often than each of the wrong ones, which stand behind.
            let value = if random.once_in(2) {
                values[0]
            } else {
                random.pick(values)
            };
            let is_file =
                value.contains(".csv") || value.contains(".json") || value.contains(".npy");
            all.push(if is_file {
                place(value)
            } else {
                value.to_owned()
            });
        }
    }
    // Few draws: more take long, and are no other case.
    if *command != "pathway" {
        all.extend(["--draws", random.pick(&["20", "50", "50", "50", "1"])].map(str::to_owned));
    }
    if *command == "sensitivity" {
        all.extend(["--points", random.pick(&["128", "128", "100"])].map(str::to_owned));
    }
    if random.once_in(2) {
        let out = if random.once_in(8) {
            "counts.csv/out"
        } else {
            "out"
        };
        all.extend(["--out".to_owned(), place(out)]);
    }
    all
}

/// What is printed or written has no number that is none; a table has rows of one length, JSON can be read, charts are closed.
fn check_content(what: &str, name: &str, content: &[u8]) {
    if name.ends_with("xlsx") || name.ends_with("npy") {
        let start: &[u8] = if name.ends_with("npy") {
            b"\x93NUMPY"
        } else {
            b"PK"
        };
        assert!(content.starts_with(start), "{what}: {name}");
        return;
    }
    let content = std::str::from_utf8(content).unwrap_or_else(|_| panic!("{what}: {name}"));
    // A page holds its files as base64.
    let words = content.split(|c: char| !(c.is_alphanumeric() || "+/=".contains(c)));
    let is_number = |word: &&str| ["nan", "inf"].contains(&word.to_lowercase().as_str());
    let wrong = words.filter(|word| word.len() < 20).find(is_number);
    // What was asked for stands on the page as it was asked for.
    let asked = what.to_lowercase();
    assert!(
        wrong.is_none_or(|word| asked.contains(&word.to_lowercase())),
        "{what}: {name}: {wrong:?}"
    );
    match name.rsplit('.').next().unwrap_or_default() {
        "csv" => {
            for row in csv::Reader::from_reader(content.as_bytes()).records() {
                assert!(row.is_ok(), "{what}: {name}: {row:?}");
            }
        }
        "json" => drop(
            serde_json::from_str::<serde_json::Value>(content)
                .unwrap_or_else(|e| panic!("{what}: {name}: {e}")),
        ),
        "svg" => assert!(content.trim_end().ends_with("</svg>"), "{what}: {name}"),
        "html" => assert!(content.trim_end().ends_with("</html>"), "{what}: {name}"),
        _ => {
            let command = content.find(|c: char| c.is_control() && c != '\n');
            assert!(command.is_none(), "{what}: {content:?}");
        }
    }
}

/// Whether it was answered.
fn case(seed: u64, folder: &Path) -> bool {
    let mut random = Random(seed.wrapping_mul(0x2545_F491_4F6C_DD1D));
    let out = folder.join("out");
    let _ = std::fs::remove_dir_all(&out);
    let arguments = arguments(&mut random, folder);
    let what = format!("MYELOMA_EPI_SEED={seed}: {}", arguments.join(" "));
    let output = run(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    let said = text(&output.stderr);
    assert!(!said.contains("panicked"), "{what}: {said}");
    let written: Vec<_> = out
        .read_dir()
        .into_iter()
        .flatten()
        .map(|file| file.unwrap().path())
        .collect();
    match output.status.code() {
        Some(0) => {
            let of_form = |form: &str| {
                arguments
                    .windows(2)
                    .any(|pair| pair[0] == "--format" && pair[1] == form)
            };
            let form = ["csv", "json", "html", "xlsx"]
                .into_iter()
                .find(|form| of_form(form));
            check_content(
                &what,
                &format!("answer.{}", form.unwrap_or("txt")),
                &output.stdout,
            );
            for file in written {
                let name = file.file_name().unwrap().to_string_lossy().into_owned();
                check_content(&what, &name, &std::fs::read(&file).unwrap());
                assert!(!name.starts_with('.'), "{what}: {name} is left");
            }
        }
        Some(1 | 2) => {
            assert!(!said.trim().is_empty(), "{what}: no message");
            assert!(output.stdout.is_empty(), "{what}: {}", text(&output.stdout));
            assert!(
                said.len() < 20_000,
                "{what}: {} bytes of message",
                said.len()
            );
            let command = said.find(|c: char| c.is_control() && c != '\n');
            assert!(command.is_none(), "{what}: {said:?}");
        }
        other => panic!("{what}: exit status {other:?}: {said}"),
    }
    output.status.success()
}

#[test]
fn random_arguments_of_every_command() {
    let folder = folder("random");
    std::fs::create_dir_all(&folder).unwrap();
    write_files(&folder);
    let stated = |name| std::env::var(name).ok();
    if let Some(seed) = stated("MYELOMA_EPI_SEED") {
        case(seed.parse().unwrap(), &folder);
        return;
    }
    let minutes = stated("MYELOMA_EPI_LONG_TESTS").map(|minutes| minutes.parse().unwrap());
    let end = minutes.map(|minutes: f64| Instant::now() + Duration::from_secs_f64(60.0 * minutes));
    let (mut cases, mut answered) = (0, 0);
    for seed in 0.. {
        if end.map_or(seed >= 200, |end| Instant::now() > end) {
            break;
        }
        cases += 1;
        answered += usize::from(case(seed, &folder));
    }
    // Not only what is refused is tried.
    assert!(answered > cases / 4, "{answered} of {cases} were answered");
}
