//! Integrals of a distribution function over the cells of a grid of time.
//!
//! The convolution asks for ∫₀¹ xᵏ F((i + x)h) dx, k = 0, 1, 2, in every cell i. Tables are integrated piece by
//! piece, split at their points. For all others F is known at the quarters of every cell: the polynomial through
//! the five of a cell, and the one through every other of two cells, say the same where F is smooth. Where they do
//! not, the cells are halved until they do: near 0, where F may be a root of time, and where it rises within a
//! step. F rises or stays between two nodes, so it cannot hide there.
//!
//! The grid of twice the step is integrated with its own, fewer nodes.

use super::super::sojourn::{Distribution, Table, TimeGrid};

/// ∫₀¹ yᵏ ℓ(y) dy for the polynomials ℓ of the nodes 0, ¼, ½, ¾, 1: row k. The first is Boole's rule.
const RULE: [[f64; 5]; 3] = [
    [7.0 / 90.0, 16.0 / 45.0, 2.0 / 15.0, 16.0 / 45.0, 7.0 / 90.0],
    [0.0, 4.0 / 45.0, 1.0 / 15.0, 4.0 / 15.0, 7.0 / 90.0],
    [
        -1.0 / 252.0,
        4.0 / 105.0,
        1.0 / 105.0,
        68.0 / 315.0,
        31.0 / 420.0,
    ],
];

/// How far two rules may differ on a cell. The finer one is about 64 times nearer to the truth than that.
const AGREED: f64 = 1e-9;
/// How far they may differ on a cell for the grid to resolve F there.
const RESOLVED: f64 = 1e-6;
/// How often a cell is halved at most.
const HALVINGS: u32 = 50;
/// Pairs of cells next to 0: that F is singular there costs the convolution no order.
const NEAR: usize = 4;
/// A time of which so much has passed within these is as good as a step there.
const MOST_NEAR: f64 = 0.9;

/// A grid of time from 0, a number of cells that eight divides, with the quarters of its cells.
#[derive(Debug)]
pub(super) struct Grid {
    step: f64,
    cells: usize,
    quarters: TimeGrid,
}

/// The integrals of a distribution function over the cells of one grid.
#[derive(Debug, Clone)]
pub(super) struct Integrals {
    /// ∫₀¹ xᵏ F((i + x)h) dx for k = 0, 1, 2 in every cell i.
    pub(super) cells: Vec<[f64; 3]>,
    /// F at the points of the grid, of which there is one more than cells.
    pub(super) values: Vec<f64>,
}

/// The integrals of one distribution function on a grid, and on that of twice the step.
#[derive(Debug)]
pub(super) struct Both {
    pub(super) fine: Integrals,
    pub(super) coarse: Integrals,
    /// Whether F bends or rises within a step of the grid, away from 0, or does most of its rise within the first cells.
    pub(super) steep: bool,
}

impl Grid {
    /// A grid of this step in years, of at least so many cells.
    pub(super) fn new(step: f64, cells: usize) -> Self {
        let cells = cells.next_multiple_of(8);
        Self {
            step,
            cells,
            quarters: TimeGrid::new((0..=4 * cells).map(|i| i as f64 * step / 4.0).collect()),
        }
    }

    /// The integrals of a distribution function; `buffer` is scratch space.
    pub(super) fn integrals(&self, distribution: &Distribution, buffer: &mut Vec<f64>) -> Both {
        if let Distribution::Table(table) = distribution {
            return self.of_table(table);
        }
        distribution.fill_cdf(&self.quarters, buffer);
        self.of_quarters(distribution, buffer)
    }

    fn of_table(&self, table: &Table) -> Both {
        let cells = (0..self.cells)
            .map(|cell| {
                let from = cell as f64;
                let place = |(t, p): (&f64, &f64)| (t / self.step - from, *p);
                let times = table.times();
                let first = times.partition_point(|t| t / self.step - from <= 0.0);
                let points = times[first..].iter().zip(&table.probabilities()[first..]);
                let inside = points.map(place).take_while(|(x, _)| *x <= 1.0);
                let end = (1.0, table.cdf((from + 1.0) * self.step));
                let mut start = (0.0, table.cdf(from * self.step));
                let mut sum = [0.0; 3];
                for point in inside {
                    add_straight(&mut sum, start, point);
                    start = point;
                }
                // A step at the end of the cell is behind it.
                if start.0 < 1.0 {
                    add_straight(&mut sum, start, end);
                }
                sum
            })
            .collect();
        let values = (0..=self.cells).map(|i| table.cdf(i as f64 * self.step));
        let fine = Integrals {
            cells,
            values: values.collect(),
        };
        Both {
            coarse: fine.coarser(),
            fine,
            steep: true,
        }
    }

    /// From the values at the quarters of the cells.
    fn of_quarters(&self, distribution: &Distribution, quarters: &[f64]) -> Both {
        let mut fine = Vec::with_capacity(self.cells);
        let mut coarse = Vec::with_capacity(self.cells / 2);
        let rises = quarters[8 * NEAR] > MOST_NEAR;
        let mut steep = rises && *distribution != Distribution::None;
        for pair in 0..self.cells / 2 {
            let f = &quarters[8 * pair..=8 * pair + 8];
            let halves = [
                [f[0], f[1], f[2], f[3], f[4]],
                [f[4], f[5], f[6], f[7], f[8]],
            ];
            let whole = by_rule([f[0], f[2], f[4], f[6], f[8]]);
            let mut parts = halves.map(by_rule);
            if agree(whole, join(parts), AGREED) {
                coarse.push(whole);
            } else {
                for side in 0..2 {
                    let from = (2 * pair + side) as f64;
                    let cdf = |x: f64| distribution.cdf((from + x) * self.step);
                    parts[side] = halved(&cdf, 0.0, 1.0, halves[side], HALVINGS);
                }
                steep |= pair >= NEAR && !agree(whole, join(parts), RESOLVED);
                coarse.push(join(parts));
            }
            fine.extend(parts);
        }
        let values = |stride| quarters.iter().step_by(stride).copied().collect();
        Both {
            fine: Integrals {
                cells: fine,
                values: values(4),
            },
            coarse: Integrals {
                cells: coarse,
                values: values(8),
            },
            steep,
        }
    }
}

impl Integrals {
    /// The same on the grid of twice the step.
    pub(super) fn coarser(&self) -> Self {
        let pairs = self
            .cells
            .chunks_exact(2)
            .map(|pair| join([pair[0], pair[1]]));
        Self {
            cells: pairs.collect(),
            values: self.values.iter().step_by(2).copied().collect(),
        }
    }
}

fn by_rule(f: [f64; 5]) -> [f64; 3] {
    RULE.map(|row| row.iter().zip(&f).map(|(w, f)| w * f).sum())
}

fn agree(a: [f64; 3], b: [f64; 3], most: f64) -> bool {
    a.iter().zip(b).all(|(a, b)| (a - b).abs() <= most)
}

/// The integrals over a cell from those over its halves.
fn join([a, b]: [[f64; 3]; 2]) -> [f64; 3] {
    [
        f64::midpoint(a[0], b[0]),
        (a[1] + b[0] + b[1]) / 4.0,
        (a[2] + b[0] + 2.0 * b[1] + b[2]) / 8.0,
    ]
}

/// The integrals over a part of a cell, as if it were the whole, by halving it until both rules agree.
fn halved(
    cdf: &impl Fn(f64) -> f64,
    from: f64,
    width: f64,
    values: [f64; 5],
    halvings: u32,
) -> [f64; 3] {
    let middle = |i: u8| cdf(from + width * (f64::from(i) + 0.5) / 4.0);
    let [a, b, c, d, e] = values;
    let halves = [
        [a, middle(0), b, middle(1), c],
        [c, middle(2), d, middle(3), e],
    ];
    let joined = join(halves.map(by_rule));
    if halvings == 0 || agree(by_rule(values), joined, AGREED / width) {
        return joined;
    }
    let half = 0.5 * width;
    let [left, right] = halves;
    join([
        halved(cdf, from, half, left, halvings - 1),
        halved(cdf, from + half, half, right, halvings - 1),
    ])
}

/// Adds the integrals of a straight line between two points (x, F) of a cell.
fn add_straight(sum: &mut [f64; 3], (a, fa): (f64, f64), (b, fb): (f64, f64)) {
    let width = b - a;
    let [q0, q1, q2] = [
        f64::midpoint(fa, fb),
        fa / 6.0 + fb / 3.0,
        fa / 12.0 + fb / 4.0,
    ];
    sum[0] += width * q0;
    sum[1] += width * (a * q0 + width * q1);
    sum[2] += width * (a * a * q0 + 2.0 * a * width * q1 + width * width * q2);
}
