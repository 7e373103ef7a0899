//! The nonlinear regression problems of the NIST Statistical Reference Datasets: data and
//! certified values from `tests/data/nist_strd.json`, models with gradients written here.

use std::f64::consts::PI;

use super::super::{Objective, Term};

/// Value of a model at `x` with parameters `b`; writes the gradient by `b` to `g`.
pub(crate) type Model = fn(x: &[f64], b: &[f64], g: &mut [f64]) -> f64;

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
        let residual = self.y[i] - (self.model)(&self.x[i], theta, row);
        Term {
            loss: 0.5 * residual * residual,
            residual,
        }
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
        "Bennett5" => bennett5,
        "BoxBOD" | "Misra1a" => saturating_exponential,
        "Chwirut1" | "Chwirut2" => chwirut,
        "DanWood" => dan_wood,
        "ENSO" => enso,
        "Eckerle4" => eckerle4,
        "Gauss1" | "Gauss2" | "Gauss3" => gauss,
        "Hahn1" | "Thurber" => |x, b, g| rational(x[0], b, g, 4),
        "Kirby2" => |x, b, g| rational(x[0], b, g, 3),
        "Lanczos1" | "Lanczos2" | "Lanczos3" => lanczos,
        "MGH09" => mgh09,
        "MGH10" => mgh10,
        "MGH17" => mgh17,
        "Misra1b" => misra1b,
        "Misra1c" => misra1c,
        "Misra1d" => misra1d,
        "Nelson" => nelson,
        "Rat42" => rat42,
        "Rat43" => rat43,
        "Roszman1" => roszman1,
        other => panic!("no model for {other}"),
    }
}

fn bennett5(x: &[f64], b: &[f64], g: &mut [f64]) -> f64 {
    let base = b[1] + x[0];
    let power = base.powf(-1.0 / b[2]);
    g[0] = power;
    g[1] = -b[0] / b[2] * power / base;
    g[2] = b[0] * power * base.ln() / (b[2] * b[2]);
    b[0] * power
}

fn saturating_exponential(x: &[f64], b: &[f64], g: &mut [f64]) -> f64 {
    let rest = -(-b[1] * x[0]).exp_m1();
    g[0] = rest;
    g[1] = b[0] * x[0] * (-b[1] * x[0]).exp();
    b[0] * rest
}

fn chwirut(x: &[f64], b: &[f64], g: &mut [f64]) -> f64 {
    let (e, q) = ((-b[0] * x[0]).exp(), b[1] + b[2] * x[0]);
    let f = e / q;
    g[0] = -x[0] * f;
    g[1] = -f / q;
    g[2] = -x[0] * f / q;
    f
}

fn dan_wood(x: &[f64], b: &[f64], g: &mut [f64]) -> f64 {
    let power = x[0].powf(b[1]);
    g[0] = power;
    g[1] = b[0] * power * x[0].ln();
    b[0] * power
}

fn enso(x: &[f64], b: &[f64], g: &mut [f64]) -> f64 {
    let year = 2.0 * PI * x[0] / 12.0;
    g[0] = 1.0;
    g[1] = year.cos();
    g[2] = year.sin();
    let mut f = b[0] + b[1] * g[1] + b[2] * g[2];
    for period in [3, 6] {
        let angle = 2.0 * PI * x[0] / b[period];
        let (sin, cos) = angle.sin_cos();
        g[period] = (b[period + 1] * sin - b[period + 2] * cos) * angle / b[period];
        g[period + 1] = cos;
        g[period + 2] = sin;
        f += b[period + 1] * cos + b[period + 2] * sin;
    }
    f
}

fn eckerle4(x: &[f64], b: &[f64], g: &mut [f64]) -> f64 {
    let z = (x[0] - b[2]) / b[1];
    let e = (-0.5 * z * z).exp() / b[1];
    g[0] = e;
    g[1] = b[0] * e * (z * z - 1.0) / b[1];
    g[2] = b[0] * e * z / b[1];
    b[0] * e
}

fn gauss(x: &[f64], b: &[f64], g: &mut [f64]) -> f64 {
    let decay = (-b[1] * x[0]).exp();
    g[0] = decay;
    g[1] = -x[0] * b[0] * decay;
    let mut f = b[0] * decay;
    for peak in [2, 5] {
        let (height, width) = (b[peak], b[peak + 2]);
        let z = (x[0] - b[peak + 1]) / width;
        let e = (-z * z).exp();
        g[peak] = e;
        g[peak + 1] = 2.0 * height * e * z / width;
        g[peak + 2] = 2.0 * height * e * z * z / width;
        f += height * e;
    }
    f
}

/// A polynomial with `terms` coefficients over one with constant term 1 and the others.
fn rational(x: f64, b: &[f64], g: &mut [f64], terms: usize) -> f64 {
    let (upper, lower) = b.split_at(terms);
    let p = upper.iter().rev().fold(0.0, |p, c| p * x + c);
    let q = lower.iter().rev().fold(0.0, |q, c| (q + c) * x) + 1.0;
    let f = p / q;
    let mut power = 1.0;
    for j in 0..terms {
        g[j] = power / q;
        if j > 0 {
            g[terms + j - 1] = -f * power / q;
        }
        power *= x;
    }
    f
}

fn lanczos(x: &[f64], b: &[f64], g: &mut [f64]) -> f64 {
    let mut f = 0.0;
    for j in [0, 2, 4] {
        let e = (-b[j + 1] * x[0]).exp();
        g[j] = e;
        g[j + 1] = -x[0] * b[j] * e;
        f += b[j] * e;
    }
    f
}

fn mgh09(x: &[f64], b: &[f64], g: &mut [f64]) -> f64 {
    let x = x[0];
    let (p, q) = (x * x + x * b[1], x * x + x * b[2] + b[3]);
    let f = b[0] * p / q;
    g[0] = p / q;
    g[1] = b[0] * x / q;
    g[2] = -f * x / q;
    g[3] = -f / q;
    f
}

fn mgh10(x: &[f64], b: &[f64], g: &mut [f64]) -> f64 {
    let shifted = x[0] + b[2];
    let e = (b[1] / shifted).exp();
    g[0] = e;
    g[1] = b[0] * e / shifted;
    g[2] = -b[0] * e * b[1] / (shifted * shifted);
    b[0] * e
}

fn mgh17(x: &[f64], b: &[f64], g: &mut [f64]) -> f64 {
    let (e, h) = ((-x[0] * b[3]).exp(), (-x[0] * b[4]).exp());
    g[0] = 1.0;
    g[1] = e;
    g[2] = h;
    g[3] = -x[0] * b[1] * e;
    g[4] = -x[0] * b[2] * h;
    b[0] + b[1] * e + b[2] * h
}

fn misra1b(x: &[f64], b: &[f64], g: &mut [f64]) -> f64 {
    let base = 1.0 + b[1] * x[0] / 2.0;
    let rest = 1.0 - base.powi(-2);
    g[0] = rest;
    g[1] = b[0] * x[0] * base.powi(-3);
    b[0] * rest
}

fn misra1c(x: &[f64], b: &[f64], g: &mut [f64]) -> f64 {
    let base = 1.0 + 2.0 * b[1] * x[0];
    let rest = 1.0 - base.powf(-0.5);
    g[0] = rest;
    g[1] = b[0] * x[0] * base.powf(-1.5);
    b[0] * rest
}

fn misra1d(x: &[f64], b: &[f64], g: &mut [f64]) -> f64 {
    let base = 1.0 + b[1] * x[0];
    g[0] = b[1] * x[0] / base;
    g[1] = b[0] * x[0] / (base * base);
    b[0] * g[0]
}

fn nelson(x: &[f64], b: &[f64], g: &mut [f64]) -> f64 {
    let e = (-b[2] * x[1]).exp();
    g[0] = 1.0;
    g[1] = -x[0] * e;
    g[2] = b[1] * x[0] * x[1] * e;
    b[0] - b[1] * x[0] * e
}

fn rat42(x: &[f64], b: &[f64], g: &mut [f64]) -> f64 {
    let e = (b[1] - b[2] * x[0]).exp();
    let f = 1.0 / (1.0 + e);
    g[0] = f;
    g[1] = -b[0] * e * f * f;
    g[2] = b[0] * x[0] * e * f * f;
    b[0] * f
}

fn rat43(x: &[f64], b: &[f64], g: &mut [f64]) -> f64 {
    let e = (b[1] - b[2] * x[0]).exp();
    let base = 1.0 + e;
    let f = base.powf(-1.0 / b[3]);
    g[0] = f;
    g[1] = -b[0] * f * e / (b[3] * base);
    g[2] = b[0] * f * x[0] * e / (b[3] * base);
    g[3] = b[0] * f * base.ln() / (b[3] * b[3]);
    b[0] * f
}

fn roszman1(x: &[f64], b: &[f64], g: &mut [f64]) -> f64 {
    let d = x[0] - b[3];
    let scale = PI * (d * d + b[2] * b[2]);
    g[0] = 1.0;
    g[1] = -x[0];
    g[2] = -d / scale;
    g[3] = -b[2] / scale;
    b[0] - b[1] * x[0] - (b[2] / d).atan() / PI
}
