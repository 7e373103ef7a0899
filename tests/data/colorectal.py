"""Joinpoint models of a series by brute force, and their intervals by every method.

    python3 colorectal.py colorectal > colorectal.json

and the same for colorectal_men and colorectal_women.

NumPy 2, SciPy 1.17. Weighted least squares of ln(rate), weights (rate/standard error)^2, for every admissible set of
years. Clegg's intervals: separate lines inside the segments (observations on a joinpoint left out), pooled residual
variance, n* - 2(k + 1) degrees of freedom; averages normal, slopes taken as independent. Parametric: the same lines
with the residual variance of the joined line, RSS/(n - 2k - 2), and Student's t; the average from the two lines at the
ends. Resampled: residuals (times the square roots of their weights) from the empirical distribution with linear
interpolation, standardised, with error variance RSS/chi2(n - 2k - 2) of each series, every model searched anew.
"""
import csv, itertools, json, os, sys
import numpy as np
from scipy import stats

here = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(here, sys.argv[1] + ".csv")) as f:
    rows = list(csv.DictReader(line for line in f if not line.startswith("#")))
year = np.array([float(r["year"]) for r in rows])
rate = np.array([float(r["rate"]) for r in rows])
error = np.array([float(r["standard_error"]) for r in rows])
z, w, n = np.log(rate), (rate / error) ** 2, len(rows)
root = np.sqrt(w)


def admissible(k):
    for s in itertools.combinations(range(n), k):
        if k and (s[0] < 2 or n - 1 - s[-1] < 2 or any(b - a - 1 < 2 for a, b in zip(s, s[1:]))):
            continue
        yield s


def design(s):
    return np.column_stack([np.ones(n), year - year[0]] + [np.maximum(year - year[i], 0) for i in s])


def percent(slope):
    return 100 * np.expm1(slope)


out = {"models": []}
rng = np.random.default_rng(7)
for k in range(4):
    sets = list(admissible(k))
    q = [np.linalg.qr(root[:, None] * design(s))[0] for s in sets]
    v = root * z
    gain = np.array([((qi.T @ v) ** 2).sum() for qi in q])
    best = sets[gain.argmax()]
    beta = np.linalg.lstsq(root[:, None] * design(best), v, rcond=None)[0]
    fitted = design(best) @ beta
    rss = (w * (z - fitted) ** 2).sum()
    slopes = np.cumsum(beta[1:])
    knots = np.array([year[0]] + [year[i] for i in best] + [year[-1]])
    edges = [-1] + list(best) + [n]
    lines, squares, used = [], 0.0, 0
    for i in range(k + 1):
        at = np.arange(edges[i] + 1, edges[i + 1])
        t, ww = year[at], w[at]
        mean = (ww * t).sum() / ww.sum()
        spread = (ww * (t - mean) ** 2).sum()
        b = (ww * (t - mean) * z[at]).sum() / spread
        a = (ww * z[at]).sum() / ww.sum()
        squares += (ww * (z[at] - a - b * (t - mean)) ** 2).sum()
        used += len(at)
        lines.append((mean, ww.sum(), spread))
    df = used - 2 * (k + 1)
    se = np.sqrt(squares / df / np.array([l[2] for l in lines]))
    t975 = stats.t.ppf(0.975, df)
    share = np.diff(knots) / (knots[-1] - knots[0])
    average = (share * slopes).sum()
    clegg = np.sqrt(((share * se) ** 2).sum())
    half = (stats.norm.ppf(0.975) if k else t975) * clegg
    d = n - 2 * k - 2
    s2 = rss / d
    pse = np.sqrt(s2 / np.array([l[2] for l in lines]))
    td = stats.t.ppf(0.975, d)
    if k:
        at = lambda line, x: s2 / line[1] + (x - line[0]) ** 2 * s2 / line[2]
        pave = np.sqrt(at(lines[0], knots[0]) + at(lines[-1], knots[-1])) / (knots[-1] - knots[0])
    else:
        pave = pse[0]
    r2 = 0.0
    for i in range(1, k + 1):
        part = (year > (knots[i - 1] if i > 1 else -np.inf)) & (year <= knots[i + 1])
        def residual(y):
            X = np.column_stack([np.ones(part.sum()), year[part]]) * root[part][:, None]
            return y[part] * root[part] - X @ np.linalg.lstsq(X, y[part] * root[part], rcond=None)[0]
        zz, hh = residual(z), residual(np.maximum(year - knots[i], 0))
        r2 = max(r2, (zz @ hh) ** 2 / ((zz @ zz) * (hh @ hh)))
    # Resampled series.
    B = 20000
    e = np.sort(root * (z - fitted))
    pieces = np.column_stack([e[:-1], e[1:]])
    mean = pieces.mean()
    a, b = pieces[:, 0] - mean, pieces[:, 1] - mean
    sd = np.sqrt(((a * a + a * b + b * b) / 3).mean())
    u = rng.random((n, B))
    draws = (np.interp(u, np.linspace(0, 1, n), e) - mean) / sd * np.sqrt(rss / rng.chisquare(d, B))
    y = (root * fitted)[:, None] + draws
    top, which = np.full(B, -np.inf), np.zeros(B, int)
    for i, qi in enumerate(q):
        g = ((qi.T @ y) ** 2).sum(0)
        better = g > top
        top[better], which[better] = g[better], i
    rs, ra = np.zeros((k + 1, B)), np.zeros(B)
    for i in np.unique(which):
        m = which == i
        X = design(sets[i])
        bb = np.linalg.lstsq(root[:, None] * X, y[:, m], rcond=None)[0]
        rs[:, m] = np.cumsum(bb[1:], axis=0)
        ra[m] = (X[-1] - X[0]) @ bb / (year[-1] - year[0])
    quantiles = lambda x: percent(np.quantile(x, [0.025, 0.975], axis=-1)).T.tolist()
    out["models"].append({
        "joinpoints": knots[1:-1].tolist(), "rss": rss, "apc": percent(slopes).tolist(),
        "clegg": np.column_stack([percent(slopes - t975 * se), percent(slopes + t975 * se)]).tolist(),
        "parametric": np.column_stack([percent(slopes - td * pse), percent(slopes + td * pse)]).tolist(),
        "resampled": quantiles(rs), "aapc": percent(average),
        "aapc_clegg": [percent(average - half), percent(average + half)],
        "aapc_parametric": [percent(average - td * pave), percent(average + td * pave)],
        "aapc_resampled": quantiles(ra),
        "weighted_bic": np.log(rss / n) + ((2 + r2) * k + 2) * np.log(n) / n,
    })
print(json.dumps(out, indent=1))
