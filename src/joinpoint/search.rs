//! Every admissible set of joinpoints, and the residual sum of squares of each in a few operations.
//!
//! Written by the levels at its knots (see `linear_spline.rs`), a model's normal equations are tridiagonal,
//! and eliminating them from left to right needs, for every segment, only what that segment adds.
//! With *b* the right-hand side that reaches a knot, *a* its pivot and (s₁₁, s₁₂, s₂₂), (r₁, r₂) what the
//! segment to the next knot adds, one step is
//!
//! a ← a + s₁₁,  b ← b + r₁,  gain ← gain + b²/a,  b ← r₂ − (s₁₂/a)·b,  a ← s₂₂ − s₁₂²/a,
//!
//! and RSS = Σwz² − gain at the end. The pivots depend on the design alone and are computed once; the
//! sets are walked as a tree, so sets that begin alike share their steps. Each permutation costs
//! two prefix sums, one product a segment, and one step a node.

use super::error_variance::LogPoints;
use super::linear_spline::MAX_JOINPOINTS;

/// Where joinpoints may be.
#[derive(Debug, Clone)]
pub(super) struct Grid {
    /// The first time, the candidates for a joinpoint, the last time.
    pub(super) knots: Vec<f64>,
    /// How many observations lie at or before each knot.
    upto: Vec<usize>,
    /// For each candidate, the first that may follow it as the next joinpoint.
    next: Vec<usize>,
}

impl Grid {
    /// Candidates at the observations and at `points_between` equidistant times between each two, with at
    /// least `min_end` observations outside the first and last joinpoint and `min_between`
    /// between two, those that lie on a joinpoint not counted.
    pub(super) fn new(
        t: &[f64],
        points_between: usize,
        min_end: usize,
        min_between: usize,
    ) -> Self {
        let n = t.len();
        let before = |x: f64| t.partition_point(|&t| t < x);
        let upto = |x: f64| t.partition_point(|&t| t <= x);
        let steps = points_between + 1;
        let mut knots = vec![t[0]];
        for pair in t.windows(2) {
            let gap = pair[1] - pair[0];
            knots.extend(
                (0..steps)
                    .map(|step| pair[0] + gap * step as f64 / steps as f64)
                    .filter(|&x| before(x) >= min_end && n - upto(x) >= min_end),
            );
        }
        knots.push(t[n - 1]);
        let next = knots
            .iter()
            .map(|&x| {
                let last = knots.len() - 1;
                (1..last)
                    .find(|&j| knots[j] > x && before(knots[j]) >= upto(x) + min_between)
                    .unwrap_or(last)
            })
            .collect();
        Self {
            upto: knots.iter().map(|&x| upto(x)).collect(),
            knots,
            next,
        }
    }

    /// How many candidates there are.
    pub(super) fn candidates(&self) -> usize {
        self.knots.len() - 2
    }

    /// How many sets of `k` joinpoints are admissible.
    pub(super) fn count(&self, k: usize) -> f64 {
        if k == 0 {
            return 1.0;
        }
        let m = self.candidates();
        let mut sets = vec![1.0; m + 2];
        sets[m + 1] = 0.0;
        for _ in 1..k {
            let mut from = vec![0.0; m + 3];
            for j in (1..=m).rev() {
                from[j] = from[j + 1] + sets[j];
            }
            for j in 1..=m {
                sets[j] = from[self.next[j]];
            }
        }
        sets[1..=m].iter().sum()
    }

    /// The last candidate for each of `k` joinpoints that leaves room for those after it.
    fn latest(&self, k: usize) -> [usize; MAX_JOINPOINTS + 1] {
        let mut latest = [self.candidates(); MAX_JOINPOINTS + 1];
        for depth in (1..k).rev() {
            latest[depth] = (1..=self.candidates())
                .rfind(|&j| self.next[j] <= latest[depth + 1])
                .unwrap_or(0);
        }
        latest
    }

    fn segment(&self, i: usize, j: usize) -> usize {
        i * self.knots.len() + j
    }

    /// The observations after knot `i` up to knot `j`; the first belongs to the first segment.
    fn observations(&self, i: usize, j: usize) -> std::ops::Range<usize> {
        let first = if i == 0 { 0 } else { self.upto[i] };
        first..self.upto[j]
    }
}

/// The step to a knot.
#[derive(Debug, Clone, Copy)]
struct Node {
    inverse_pivot: f64,
    factor: f64,
}

/// The pivots of all models with `k` joinpoints, in the order in which the tree is walked.
#[derive(Debug)]
pub(super) struct Plan<'a> {
    grid: &'a Grid,
    k: usize,
    latest: [usize; MAX_JOINPOINTS + 1],
    /// After those of its joinpoints a model has the step to the last time and, without a factor, the pivot there.
    nodes: Vec<Node>,
}

impl<'a> Plan<'a> {
    pub(super) fn new(grid: &'a Grid, points: &LogPoints, k: usize) -> Self {
        let mut plan = Self {
            grid,
            k,
            latest: grid.latest(k),
            nodes: Vec::new(),
        };
        plan.eliminate(points, 1, 0, 0.0);
        plan
    }

    pub(super) const fn joinpoints(&self) -> usize {
        self.k
    }

    pub(super) const fn grid(&self) -> &Grid {
        self.grid
    }

    fn eliminate(&mut self, points: &LogPoints, depth: usize, parent: usize, pivot: f64) {
        if depth > self.k {
            let end = self.grid.knots.len() - 1;
            let (step, last) = self.step(points, parent, end, pivot);
            let (inverse_pivot, factor) = (1.0 / last, 0.0);
            self.nodes.extend([
                step,
                Node {
                    inverse_pivot,
                    factor,
                },
            ]);
            return;
        }
        for j in self.range(depth, parent) {
            let (step, next) = self.step(points, parent, j, pivot);
            self.nodes.push(step);
            self.eliminate(points, depth + 1, j, next);
        }
    }

    fn step(&self, points: &LogPoints, i: usize, j: usize, pivot: f64) -> (Node, f64) {
        let (from, length) = (self.grid.knots[i], self.grid.knots[j] - self.grid.knots[i]);
        let (mut s11, mut s12, mut s22) = (0.0, 0.0, 0.0);
        for row in self.grid.observations(i, j) {
            let right = (points.t[row] - from) / length;
            let (left, w) = (1.0 - right, points.w[row]);
            s11 += w * left * left;
            s12 += w * left * right;
            s22 += w * right * right;
        }
        let pivot = pivot + s11;
        let factor = s12 / pivot;
        let node = Node {
            inverse_pivot: 1.0 / pivot,
            factor,
        };
        (node, s22 - factor * s12)
    }

    fn range(&self, depth: usize, parent: usize) -> std::ops::RangeInclusive<usize> {
        let first = if depth == 1 {
            1
        } else {
            self.grid.next[parent]
        };
        first..=self.latest[depth]
    }

    /// Calls `visit` with the candidates of every model and with the reduction of Σwz² that it achieves,
    /// for `L` data vectors at once.
    pub(super) fn visit<const L: usize>(
        &self,
        products: &Products<'_, L>,
        visit: &mut impl FnMut(&[usize], &[f64; L]),
    ) {
        let mut walk = Walk {
            plan: self,
            products,
            chosen: [0; MAX_JOINPOINTS],
            node: 0,
        };
        walk.descend(1, 0, &[0.0; L], &[0.0; L], visit);
    }

    /// The best model of each of `L` data vectors.
    pub(super) fn best<const L: usize>(&self, products: &Products<'_, L>) -> [Best; L] {
        let mut best = [Best::NONE; L];
        self.visit(products, &mut |chosen, gains| {
            for (best, &gain) in best.iter_mut().zip(gains) {
                if gain > best.gain {
                    best.gain = gain;
                    best.chosen[..chosen.len()].copy_from_slice(chosen);
                }
            }
        });
        best
    }

    /// The times of the joinpoints of a model of this plan.
    pub(super) fn times(&self, best: &Best) -> Vec<f64> {
        let chosen = best.chosen[..self.k].iter();
        chosen.map(|&j| self.grid.knots[j]).collect()
    }
}

/// The best model with a number of joinpoints: its candidates, and the reduction of Σwz² that it achieves.
#[derive(Debug, Clone, Copy)]
pub(super) struct Best {
    pub(super) gain: f64,
    pub(super) chosen: [usize; MAX_JOINPOINTS],
}

impl Best {
    const NONE: Self = Self {
        gain: f64::NEG_INFINITY,
        chosen: [0; MAX_JOINPOINTS],
    };
}

/// A walk through the tree of a plan.
struct Walk<'p, const L: usize> {
    plan: &'p Plan<'p>,
    products: &'p Products<'p, L>,
    chosen: [usize; MAX_JOINPOINTS],
    /// The place of the next step.
    node: usize,
}

impl<const L: usize> Walk<'_, L> {
    fn descend(
        &mut self,
        depth: usize,
        parent: usize,
        b: &[f64; L],
        gain: &[f64; L],
        visit: &mut impl FnMut(&[usize], &[f64; L]),
    ) {
        if depth > self.plan.k {
            self.finish(parent, b, gain, visit);
            return;
        }
        let last = depth == self.plan.k;
        for j in self.plan.range(depth, parent) {
            let Node {
                inverse_pivot,
                factor,
            } = self.plan.nodes[self.node];
            self.node += 1;
            self.chosen[depth - 1] = j;
            let (r1, r2) = self.products.segment(parent, j);
            let (mut next, mut gained) = ([0.0; L], [0.0; L]);
            for l in 0..L {
                let here = b[l] + r1[l];
                gained[l] = gain[l] + here * here * inverse_pivot;
                next[l] = r2[l] - factor * here;
            }
            if last {
                self.finish(j, &next, &gained, visit);
            } else {
                self.descend(depth + 1, j, &next, &gained, visit);
            }
        }
    }

    #[inline]
    fn finish(
        &mut self,
        from: usize,
        b: &[f64; L],
        gain: &[f64; L],
        visit: &mut impl FnMut(&[usize], &[f64; L]),
    ) {
        let (step, last) = (self.plan.nodes[self.node], self.plan.nodes[self.node + 1]);
        self.node += 2;
        let (r1, r2) = self.products.segment(from, self.plan.grid.knots.len() - 1);
        let mut total = [0.0; L];
        for l in 0..L {
            let here = b[l] + r1[l];
            let end = r2[l] - step.factor * here;
            total[l] = gain[l] + here * here * step.inverse_pivot + end * end * last.inverse_pivot;
        }
        visit(&self.chosen[..self.plan.k], &total);
    }
}

/// What `L` data vectors add to the right-hand side, by segment.
#[derive(Debug, Clone)]
pub(super) struct Products<'g, const L: usize> {
    grid: &'g Grid,
    /// Σwz and Σwzt over the observations before each.
    sums: Vec<[[f64; L]; 2]>,
    segments: Vec<[[f64; L]; 2]>,
    /// Σwz² of each vector.
    squares: [f64; L],
}

impl<'g, const L: usize> Products<'g, L> {
    pub(super) fn new(grid: &'g Grid, observations: usize) -> Self {
        let knots = grid.knots.len();
        Self {
            grid,
            sums: vec![[[0.0; L]; 2]; observations + 1],
            segments: vec![[[0.0; L]; 2]; knots * knots],
            squares: [0.0; L],
        }
    }

    /// Takes new data, for models with at most `most_joinpoints`.
    pub(super) fn set(&mut self, points: &LogPoints, z: &[[f64; L]], most_joinpoints: usize) {
        self.squares = [0.0; L];
        for (row, z) in z.iter().enumerate() {
            let (w, t) = (points.w[row], points.t[row]);
            for l in 0..L {
                let weighted = w * z[l];
                self.squares[l] += weighted * z[l];
                self.sums[row + 1][0][l] = self.sums[row][0][l] + weighted;
                self.sums[row + 1][1][l] = self.sums[row][1][l] + weighted * t;
            }
        }
        let grid = self.grid;
        let end = grid.knots.len() - 1;
        for i in 0..end {
            if i == 0 || most_joinpoints > 1 {
                let first = if i == 0 { 1 } else { grid.next[i] };
                for j in first..end {
                    self.set_segment(i, j);
                }
            }
            self.set_segment(i, end);
        }
    }

    fn set_segment(&mut self, i: usize, j: usize) {
        let range = self.grid.observations(i, j);
        let from = self.grid.knots[i];
        let inverse_length = 1.0 / (self.grid.knots[j] - from);
        let (low, high) = (self.sums[range.start], self.sums[range.end]);
        let segment = &mut self.segments[self.grid.segment(i, j)];
        for l in 0..L {
            let sum = high[0][l] - low[0][l];
            let moment = high[1][l] - low[1][l];
            let right = (moment - from * sum) * inverse_length;
            segment[0][l] = sum - right;
            segment[1][l] = right;
        }
    }

    #[inline]
    fn segment(&self, i: usize, j: usize) -> (&[f64; L], &[f64; L]) {
        let [r1, r2] = &self.segments[self.grid.segment(i, j)];
        (r1, r2)
    }

    pub(super) const fn squares(&self) -> &[f64; L] {
        &self.squares
    }
}
