//! The `levenberg-marquardt` crate on the inputs of `compare.py`: one line of JSON.

use std::hint::black_box;
use std::time::Instant;

use levenberg_marquardt::{LeastSquaresProblem, LevenbergMarquardt};
use nalgebra::storage::Owned;
use nalgebra::{DVector, Dyn, Matrix3, OMatrix, U3, Vector3};

/// K/(1 + e^(−r(t − m))) at t = 0, 1, …, with its analytic derivatives.
struct Logistic {
    y: DVector<f64>,
    p: Vector3<f64>,
}

impl LeastSquaresProblem<f64, Dyn, U3> for Logistic {
    type ParameterStorage = Owned<f64, U3>;
    type ResidualStorage = Owned<f64, Dyn>;
    type JacobianStorage = Owned<f64, Dyn, U3>;

    fn set_params(&mut self, p: &Vector3<f64>) {
        self.p = *p;
    }

    fn params(&self) -> Vector3<f64> {
        self.p
    }

    fn residuals(&self) -> Option<DVector<f64>> {
        let [k, r, m] = [self.p[0], self.p[1], self.p[2]];
        let value = |t: usize| k / (1.0 + (-r * (t as f64 - m)).exp());
        Some(DVector::from_fn(self.y.len(), |t, _| value(t) - self.y[t]))
    }

    fn jacobian(&self) -> Option<OMatrix<f64, Dyn, U3>> {
        let [k, r, m] = [self.p[0], self.p[1], self.p[2]];
        let mut jacobian = OMatrix::<f64, Dyn, U3>::zeros(self.y.len());
        for t in 0..self.y.len() {
            let e = (-r * (t as f64 - m)).exp();
            let d = 1.0 / (1.0 + e);
            let q = k * e * d * d;
            jacobian[(t, 0)] = d;
            jacobian[(t, 1)] = q * (t as f64 - m);
            jacobian[(t, 2)] = -q * r;
        }
        Some(jacobian)
    }
}

/// The fit, and the covariance that the crate leaves to its user.
fn fit(y: &DVector<f64>, start: Vector3<f64>) -> Option<(Vector3<f64>, Matrix3<f64>)> {
    let problem = Logistic {
        y: y.clone(),
        p: start,
    };
    let (problem, report) = LevenbergMarquardt::new().minimize(problem);
    if !report.termination.was_successful() {
        return None;
    }
    let j = problem.jacobian()?;
    let variance = 2.0 * report.objective_function / (y.len() - 3) as f64;
    let covariance = (j.transpose() * j).try_inverse()? * variance;
    Some((problem.p, covariance))
}

fn least<T>(batches: usize, inner: usize, mut call: impl FnMut() -> T) -> f64 {
    (0..batches)
        .map(|_| {
            let begin = Instant::now();
            (0..inner).for_each(|_| {
                black_box(call());
            });
            begin.elapsed().as_secs_f64() / inner as f64
        })
        .fold(f64::INFINITY, f64::min)
        * 1e9
}

fn main() {
    let folder = std::env::args()
        .nth(1)
        .expect("the folder of the resamples");
    let mut out = Vec::new();
    for kind in ['a', 'b'] {
        let y = DVector::from_fn(21, |t, _| {
            let t = t as f64;
            let trend = if kind == 'a' {
                90_000.0 * 1.032_f64.powf(t)
            } else {
                250_000.0 / (1.0 + (-0.12 * (t - 8.0)).exp())
            };
            trend * (1.0 + 0.01 * (3.0 * t).sin())
        });
        // The textbook start: a capacity of 1.5 times the greatest count, a line through the logits.
        let capacity = 1.5 * y.max();
        let z: Vec<f64> = y
            .iter()
            .map(|y| (y / capacity / (1.0 - y / capacity)).ln())
            .collect();
        let mean = z.iter().sum::<f64>() / 21.0;
        let slope = z
            .iter()
            .enumerate()
            .map(|(t, z)| (t as f64 - 10.0) * (z - mean))
            .sum::<f64>()
            / 770.0;
        let start = Vector3::new(capacity, slope, 10.0 - mean / slope);
        let name = kind.to_ascii_uppercase();
        out.push(format!(
            "\"fit_{name}_ns\": {}",
            least(300, 20, || fit(&y, start))
        ));
        let text =
            std::fs::read_to_string(format!("{folder}/resamples_{kind}.csv")).expect("resamples");
        let rows: Vec<DVector<f64>> = text
            .lines()
            .map(|line| {
                DVector::from_iterator(21, line.split(',').map(|v| v.parse().expect("a count")))
            })
            .collect();
        let warm = fit(&y, start).map_or(start, |(p, _)| p);
        let refit = || rows.iter().filter(|row| fit(row, warm).is_none()).count();
        out.push(format!("\"bootstrap_{name}_failed\": {}", refit()));
        out.push(format!("\"bootstrap_{name}_ns\": {}", least(5, 1, refit)));
    }
    println!("{{{}}}", out.join(", "));
}
