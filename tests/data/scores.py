"""Reference values for the scores: python scores.py > scores.json (SciPy 1.17, mpmath 1.3).

Every score is computed from its definition and by another way than in the crate: the CRPS as the
integral of (F(x) - 1{x >= y})^2, the weighted interval score as the mean of pinball losses, draws by
double sums over all pairs.
"""
import json

import numpy as np
from mpmath import erfc, exp, inf, log, mp, mpf, pi, quad, sqrt

mp.dps = 30


def cdf(x, mean, deviation):
    return erfc((mean - x) / (deviation * sqrt(2))) / 2


def density(x, mean, deviation):
    return exp(-((x - mean) / deviation) ** 2 / 2) / (deviation * sqrt(2 * pi))


def crps(f, truth, knots):
    below = [-inf] + sorted(k for k in knots if k < truth) + [truth]
    above = [truth] + sorted(k for k in knots if k > truth) + [inf]
    return quad(lambda x: f(x) ** 2, below) + quad(lambda x: (1 - f(x)) ** 2, above)


mixtures = []
for parts, truths in [
    ([(1.0, 0.0, 1.0)], [0.0, 1.0, -3.0]),
    ([(0.7, 1.0, 0.5), (0.3, 4.0, 2.0)], [0.0, 2.5, 9.0]),
    ([(0.2, 5.1, 0.01), (0.5, 5.3, 0.1), (0.3, 5.2, 1.0)], [5.1, 5.0, 7.0]),
]:
    parts = [tuple(mpf(str(v)) for v in part) for part in parts]
    f = lambda x: sum(w * cdf(x, m, s) for w, m, s in parts)
    knots = sorted({m + k * s for _, m, s in parts for k in (-8, -3, 0, 3, 8)})
    for truth in truths:
        y = mpf(str(truth))
        mixtures.append(
            {
                "parts": [[float(v) for v in part] for part in parts],
                "truth": truth,
                "crps": float(crps(f, y, knots)),
                "pit": float(f(y)),
                "log_score": float(log(sum(w * density(y, m, s) for w, m, s in parts))),
            }
        )

# A normal count, its logarithm scored; counts below one half are one half.
counts = []
for mean, deviation, truth in [(1000, 50, 1100), (400, 90, 380), (30, 12, 55)]:
    m, s, half = mpf(mean), mpf(deviation), mpf("0.5")
    f = lambda x: mpf(0) if x < log(half) else cdf(exp(x), m, s)
    y = log(mpf(truth))
    knots = [log(half)] + [log(m + k * s) for k in (-8, -4, -2, -1, 0, 1, 2, 4, 8) if m + k * s > half]
    below = [k for k in knots if k < y] + [y]
    above = [y] + [k for k in knots if k > y] + [log(m + 20 * s)]
    counts.append(
        {
            "mean": mean,
            "deviation": deviation,
            "truth": float(y),
            "crps": float(quad(lambda x: f(x) ** 2, below) + quad(lambda x: (1 - f(x)) ** 2, above)),
            "pit": float(f(y)),
            "log_score": float(log(density(exp(y), m, s)) + y),
        }
    )

rng = np.random.default_rng(20)
draws = []
for n, truth in [(1, 0.3), (7, 0.4), (50, -1.0), (50, 0.25)]:
    x = np.round(rng.standard_normal(n), 2)
    spread = np.abs(x[:, None] - x[None, :]).mean()
    pit = ((x < truth).mean() + (x <= truth).mean()) / 2
    draws.append(
        {
            "draws": x.tolist(),
            "truth": truth,
            "crps": float(np.abs(x - truth).mean() - spread / 2),
            "pit": float(pit),
            "bias": float(1 - 2 * pit),
        }
    )

print(json.dumps({"mixtures": mixtures, "counts": counts, "draws": draws}, indent=1))
