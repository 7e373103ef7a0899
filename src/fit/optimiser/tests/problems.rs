//! The nonlinear regression problems of the NIST Statistical Reference Datasets: data and
//! certified values from `tests/data/nist_strd.json`, models written here.

use std::f64::consts::PI;

use super::super::{Objective, Term};
use super::dual::Dual;
use super::least_squares;

/// Value of a model at `x` with parameters `b`.
pub(crate) type Model = fn(x: &[f64], b: &[Dual]) -> Dual;

/// One problem.
#[derive(Debug)]
pub(crate) struct Problem {
    pub(crate) name: String,
    pub(crate) starts: [Vec<f64>; 2],
    pub(crate) certified: Vec<f64>,
    pub(crate) sd: Vec<f64>,
    pub(crate) rss: f64,
    pub(crate) dof: usize,
    pub(crate) x: Vec<Vec<f64>>,
    pub(crate) y: Vec<f64>,
    pub(crate) model: Model,
}

impl Objective for Problem {
    fn parameters(&self) -> usize {
        self.certified.len()
    }

    fn terms(&self) -> usize {
        self.y.len()
    }

    fn term(&self, i: usize, theta: &[f64], row: &mut [f64]) -> Term {
        least_squares(theta, row, |b| self.y[i] - (self.model)(&self.x[i], b))
    }
}

/// All 27 problems.
pub(crate) fn problems() -> Vec<Problem> {
    let text = include_str!("../../../../tests/data/nist_strd.json");
    let json: serde_json::Value = serde_json::from_str(text).expect("test data is JSON");
    json["problems"]
        .as_array()
        .expect("a list")
        .iter()
        .map(problem)
        .collect()
}

fn numbers(value: &serde_json::Value) -> Vec<f64> {
    value
        .as_array()
        .expect("a list")
        .iter()
        .map(|x| x.as_f64().expect("a number"))
        .collect()
}

fn problem(json: &serde_json::Value) -> Problem {
    let name = json["name"].as_str().expect("a name").to_owned();
    let rows: Vec<Vec<f64>> = json["data"]
        .as_array()
        .expect("rows")
        .iter()
        .map(numbers)
        .collect();
    // Nelson's model is of the logarithm of the response.
    let response = |y: f64| if name == "Nelson" { y.ln() } else { y };
    Problem {
        starts: [numbers(&json["start1"]), numbers(&json["start2"])],
        certified: numbers(&json["certified"]),
        sd: numbers(&json["sd"]),
        rss: json["rss"].as_f64().expect("a number"),
        dof: usize::try_from(json["dof"].as_u64().expect("a count")).expect("small"),
        x: rows.iter().map(|row| row[1..].to_vec()).collect(),
        y: rows.iter().map(|row| response(row[0])).collect(),
        model: model(&name),
        name,
    }
}

fn model(name: &str) -> Model {
    match name {
        "Bennett5" => |x, b| b[0] * (b[1] + x[0]).pow(-1.0 / b[2]),
        "BoxBOD" | "Misra1a" => |x, b| -1.0 * b[0] * (b[1] * -x[0]).exp_m1(),
        "Chwirut1" | "Chwirut2" => |x, b| decay(b[0], x) / (b[1] + b[2] * x[0]),
        "DanWood" => |x, b| b[0] * Dual::from(x[0]).pow(b[1]),
        "ENSO" => |x, b| {
            let wave = |cos: usize, period: Dual| {
                let angle = 2.0 * PI * x[0] / period;
                b[cos] * angle.cos() + b[cos + 1] * angle.sin()
            };
            b[0] + wave(1, Dual::from(12.0)) + wave(4, b[3]) + wave(7, b[6])
        },
        "Eckerle4" => |x, b| {
            let z = (x[0] - b[2]) / b[1];
            b[0] / b[1] * (z * z * -0.5).exp()
        },
        "Gauss1" | "Gauss2" | "Gauss3" => |x, b| {
            let peak = |i: usize| {
                let z = (x[0] - b[i + 1]) / b[i + 2];
                b[i] * (z * z * -1.0).exp()
            };
            b[0] * decay(b[1], x) + peak(2) + peak(5)
        },
        "Hahn1" | "Thurber" => |x, b| rational(x[0], &b[..7], 4),
        "Kirby2" => |x, b| rational(x[0], &b[..5], 3),
        "Lanczos1" | "Lanczos2" | "Lanczos3" => {
            |x, b| b[0] * decay(b[1], x) + b[2] * decay(b[3], x) + b[4] * decay(b[5], x)
        }
        "MGH09" => |x, b| {
            let x = x[0];
            b[0] * (x * x + x * b[1]) / (x * x + x * b[2] + b[3])
        },
        "MGH10" => |x, b| b[0] * (b[1] / (x[0] + b[2])).exp(),
        "MGH17" => |x, b| b[0] + b[1] * decay(b[3], x) + b[2] * decay(b[4], x),
        "Misra1b" => |x, b| b[0] * (1.0 - (1.0 + b[1] * x[0] / 2.0).pow(-2.0)),
        "Misra1c" => |x, b| b[0] * (1.0 - (1.0 + b[1] * (2.0 * x[0])).pow(-0.5)),
        "Misra1d" => |x, b| b[0] * b[1] * x[0] / (1.0 + b[1] * x[0]),
        "Nelson" => |x, b| b[0] - b[1] * x[0] * (b[2] * -x[1]).exp(),
        "Rat42" => |x, b| b[0] / (1.0 + (b[1] - b[2] * x[0]).exp()),
        "Rat43" => |x, b| b[0] / (1.0 + (b[1] - b[2] * x[0]).exp()).pow(1.0 / b[3]),
        "Roszman1" => |x, b| b[0] - b[1] * x[0] - (b[2] / (x[0] - b[3])).atan() / PI,
        other => panic!("no model for {other}"),
    }
}

fn decay(rate: Dual, x: &[f64]) -> Dual {
    (rate * -x[0]).exp()
}

/// A polynomial with `terms` coefficients over one with constant term 1 and the others.
fn rational(x: f64, b: &[Dual], terms: usize) -> Dual {
    let (upper, lower) = b.split_at(terms);
    let p = upper.iter().rfold(Dual::from(0.0), |p, c| p * x + *c);
    let q = lower.iter().rfold(Dual::from(0.0), |q, c| (q + *c) * x);
    p / (q + 1.0)
}
