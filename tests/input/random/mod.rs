//! Random input of every public entry point and every file format: what comes back is a right value or an error,
//! never a panic, a hang, a NaN, an infinity or a negative count.
//!
//! Each property is a function of a seeded generator, and is tried on a fixed number of seeds: the same ones on
//! every computer. To search longer, give minutes for each property:
//!
//!     MYELOMA_EPI_LONG_TESTS=10 cargo test --release --test input random -- --nocapture
//!
//! It then goes on after a failure, and says all that it found. A failure names its seed; one case alone is
//!
//!     MYELOMA_EPI_SEED=17 cargo test --test input random::forecasts::outlooks

mod estimation;
mod forecasts;
mod pathways;
mod sensitivities;
mod stored;
mod texts;

use std::alloc::{GlobalAlloc, Layout, System};

use std::collections::BTreeMap;
use std::fmt::{Debug, Display};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use serde::Serialize;
use serde::de::DeserializeOwned;

/// No case takes as long, however busy the computer is.
const HANG: Duration = Duration::from_secs(180);

/// No case needs as many bytes at once.
const MOST_BYTES: usize = 4 << 30;

/// The cases that run now.
static RUNNING: Mutex<Vec<(String, u64)>> = Mutex::new(Vec::new());

/// The system's allocator, which ends the test with the cases that run when somebody asks for memory without
/// having looked at how much.
struct Watching;

#[expect(
    unsafe_code,
    reason = "an allocator cannot be written without; this one only watches"
)]
// SAFETY: every call is passed on unchanged to the system allocator, or refused by a null pointer.
unsafe impl GlobalAlloc for Watching {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if layout.size() > MOST_BYTES {
            if let Ok(running) = RUNNING.try_lock() {
                eprintln!(
                    "{} bytes are asked for by one of {running:?}",
                    layout.size()
                );
            }
            return std::ptr::null_mut();
        }
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Watching = Watching;

/// A property, tried on the first `cases` seeds.
pub(crate) fn holds(name: &str, cases: u64, property: fn(&mut Random)) {
    let variable = |name| std::env::var(name).ok();
    let replayed: Option<u64> = variable("MYELOMA_EPI_SEED").map(|seed| seed.parse().unwrap());
    let minutes: Option<f64> =
        variable("MYELOMA_EPI_LONG_TESTS").map(|minutes| minutes.parse().unwrap());
    let end = minutes.map(|minutes| Instant::now() + Duration::from_secs_f64(60.0 * minutes));
    let mut seeds = replayed.map_or(0..u64::MAX, |seed| seed..seed + 1);

    let (asked, ask) = mpsc::channel::<u64>();
    let (answer, answered) = mpsc::channel();
    std::thread::spawn(move || {
        for seed in ask {
            let mut random = Random::new(seed);
            let outcome = catch_unwind(AssertUnwindSafe(|| property(&mut random)));
            let outcome = outcome.map_err(|panic| {
                let text = panic.downcast_ref::<String>().cloned();
                let text = text.or_else(|| panic.downcast_ref::<&str>().map(|&s| s.to_owned()));
                text.unwrap_or_default()
            });
            if answer.send(outcome).is_err() {
                return;
            }
        }
    });
    // The first seed of each message; numbers in it differ between seeds.
    let mut found: BTreeMap<String, (u64, String)> = BTreeMap::new();
    let going_on = |seed: u64, failed: bool| match end {
        Some(end) => Instant::now() < end,
        None => replayed.is_some() || (seed < cases && !failed),
    };
    while let Some(seed) = seeds
        .next()
        .filter(|&seed| going_on(seed, !found.is_empty()))
    {
        RUNNING.lock().unwrap().push((name.to_owned(), seed));
        asked.send(seed).unwrap();
        let answer = answered.recv_timeout(HANG);
        RUNNING.lock().unwrap().retain(|(other, _)| other != name);
        let failure = match answer {
            Ok(Ok(())) => continue,
            Ok(Err(message)) => message,
            Err(RecvTimeoutError::Timeout) => panic!("{name}, seed {seed}: it hangs"),
            Err(RecvTimeoutError::Disconnected) => panic!("{name}, seed {seed}: it is gone"),
        };
        let kind: String = failure
            .chars()
            .filter(|c| c.is_alphabetic())
            .take(28)
            .collect();
        found.entry(kind).or_insert((seed, failure));
    }
    let failures: Vec<String> = found
        .values()
        .map(|(seed, failure)| format!("{name}, MYELOMA_EPI_SEED={seed}: {failure}"))
        .collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// A generator of numbers, names and texts, plain ones and such as programs stumble over.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x2545_F491_4F6C_DD1D) ^ 0x9E37_79B9_7F4A_7C15)
    }

    /// Splitmix64 (Steele, Lea & Flood 2014, <https://doi.org/10.1145/2714064.2660195>).
    pub(crate) fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.bits() % n.max(1) as u64).unwrap()
    }

    /// Whether it happens, once in so many times.
    pub(crate) fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    pub(crate) fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())].clone()
    }

    pub(crate) fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(crate) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// Of any magnitude between two numbers.
    pub(crate) fn magnitude(&mut self, low: f64, high: f64) -> f64 {
        self.between(low.ln(), high.ln()).exp()
    }

    pub(crate) fn extreme(&mut self) -> f64 {
        self.pick(&[
            0.0,
            -0.0,
            1.0,
            -1.0,
            0.5,
            2.0,
            1e-9,
            1e-300,
            5e-324,
            f64::MIN_POSITIVE,
            1e16,
            1e160,
            1e300,
            f64::MAX,
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::NAN,
        ])
    }

    /// Mostly a number of the range, sometimes any.
    pub(crate) fn number(&mut self, low: f64, high: f64) -> f64 {
        match self.below(12) {
            0 => self.extreme(),
            1 => low,
            2 => high,
            _ => self.between(low, high),
        }
    }

    /// Mostly a number of people.
    pub(crate) fn count(&mut self) -> f64 {
        match self.below(20) {
            0 => self.extreme(),
            1 => self.magnitude(1e-3, 1e9),
            2 | 3 => self.below(10) as f64,
            _ => self.magnitude(2.0, 1e6).round(),
        }
    }

    /// A calendar year near the first one.
    pub(crate) fn year(&mut self, near: i32) -> i32 {
        match self.below(40) {
            0 => self.pick(&[i32::MIN, i32::MAX, 0, -1, 1, 9999, 10_000]),
            1 => near.saturating_add(i32::try_from(self.below(300)).unwrap() - 150),
            _ => near.saturating_add(i32::try_from(self.below(25)).unwrap()),
        }
    }

    /// Years that increase, with gaps, and a count for each.
    pub(crate) fn counts(&mut self, most: usize) -> Vec<(i32, f64)> {
        let mut year = self.year(1995);
        let wild = self.once_in(6);
        let (level, growth) = (self.magnitude(1.0, 1e6), self.between(-0.1, 0.2));
        let scatter = self.pick(&[0.0, 0.01, 0.1, 0.5]);
        let start = year;
        let mut counts = Vec::new();
        for _ in 0..=self.below(most) {
            let expected = level * (growth * f64::from(year.saturating_sub(start))).exp();
            let cases = (expected * (1.0 + scatter * (self.unit() - 0.5))).round();
            counts.push((year, if wild { self.count() } else { cases }));
            let step = if self.once_in(4) {
                1 + self.below(9)
            } else {
                1
            };
            year = year.saturating_add(i32::try_from(step).unwrap());
        }
        counts
    }

    pub(crate) fn name(&mut self) -> String {
        const NAMES: [&str; 16] = [
            "A",
            "World",
            "China",
            "B",
            "",
            " ",
            "=1+1",
            "'@x",
            "-5",
            "a,b\n\"c\"",
            "\u{1b}[31mred",
            "\u{0}\u{7f}\u{9b}",
            "中国",
            "e\u{301}\u{202e}x",
            "<b>&\"'",
            "#comment",
        ];
        match self.below(10) {
            0 => self.pick(&NAMES).to_owned(),
            1 => "x".repeat(1 << self.below(18)),
            _ => self.pick(&["Atlantis", "Thule", "Ys"]).to_owned(),
        }
    }

    /// A text with some of its bytes changed, as a disk or a person changes them.
    pub(crate) fn damaged(&mut self, text: &str) -> String {
        let mut bytes = text.as_bytes().to_vec();
        for _ in 0..self.below(4) {
            let at = self.below(bytes.len() + 1);
            match self.below(6) {
                0 => bytes.truncate(at),
                1 if at < bytes.len() => drop(bytes.remove(at)),
                2 if at < bytes.len() => bytes[at] ^= 1 << self.below(8),
                3 => bytes.insert(at, self.pick(b",\"\n\r\t;'=0-9eE.{}[]: \0\xff")),
                4 => {
                    let piece = self.pick(&["1e999", "NaN", "\"\"", "-", "null", "1e-400", "٣"]);
                    bytes.splice(at..at, piece.bytes());
                }
                _ => {
                    let end = (at + self.below(40)).min(bytes.len());
                    let copy = bytes[at..end].to_vec();
                    bytes.splice(at..at, copy);
                }
            }
        }
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

/// What every message and every printed result is: text that does not command a terminal. It does not say NaN.
#[track_caller]
pub(crate) fn printed(value: &impl Display) -> String {
    let text = value.to_string();
    let command = text.find(|c: char| c.is_control() && c != '\n');
    assert!(
        command.is_none(),
        "a control character is printed: {text:?}"
    );
    text
}

/// An error is a message for a person.
#[track_caller]
pub(crate) fn refused(error: &myeloma_epi::Error) {
    let text = printed(error);
    assert!(
        !text.is_empty() && text.len() < 1_000_000,
        "{} bytes",
        text.len()
    );
}

/// A printed result has no number that is none.
#[track_caller]
pub(crate) fn printed_result(value: &impl Display) {
    let text = printed(value);
    let words = text.split(|c: char| !c.is_alphanumeric());
    assert!(
        !words.clone().any(|word| word == "NaN"),
        "a NaN is printed: {text}"
    );
}

/// What is stored comes back the same.
#[track_caller]
pub(crate) fn comes_back<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) {
    let text = serde_json::to_string(value).expect("a result can be written");
    let again: T = match serde_json::from_str(&text) {
        Ok(again) => again,
        Err(error) => panic!("what was written cannot be read: {error}: {}", brief(&text)),
    };
    assert!(again == *value, "it comes back different: {}", brief(&text));
}

fn brief(text: &str) -> String {
    text.chars().take(400).collect()
}

/// Numbers of people: finite, not negative.
#[track_caller]
pub(crate) fn people<'a>(what: &str, numbers: impl IntoIterator<Item = &'a f64>) {
    for number in numbers {
        assert!(number.is_finite() && *number >= 0.0, "{what}: {number}");
    }
}

/// Finite, and in order.
#[track_caller]
pub(crate) fn ordered(what: &str, numbers: &[f64]) {
    assert!(numbers.iter().all(|n| n.is_finite()), "{what}: {numbers:?}");
    // Two ways to the same number may differ in the last digits.
    let right = |pair: &[f64]| pair[0] <= pair[1] + 1e-9 * pair[1].abs();
    assert!(numbers.windows(2).all(right), "{what}: {numbers:?}");
}

/// Draws of people, and their summaries.
#[track_caller]
pub(crate) fn draws(what: &str, draws: &myeloma_epi::YearlyDraws) {
    people(what, draws.view());
    for s in draws.summary() {
        ordered(
            what,
            &[0.0, s.lower95, s.lower50, s.median, s.upper50, s.upper95],
        );
    }
    printed_result(draws);
}
