"""Mixtures of the registry trend by a plain Kalman filter in numpy, which shares no code with the library.

    python trend_mixture.py > trend_mixture.json

Each case states parameters, figures and, where the trend is that of a rate, expected cases. The filter runs on
log(cases / expected), where the library's runs on log cases; the state is level, deviation of growth, mean growth, which has
(elasticity - 1) times the mean growth of expected cases from the first figure to the last, five years at least.
The library and this script differ in nothing else: the same points of volatility, of the effect of the site on the
noise of growth, and of persistence. Made with numpy 2 and scipy 1.17.
"""
import json
import math
import sys

import numpy as np
from scipy.optimize import brentq
from scipy.stats import norm

SHIPPED = dict(mean_growth=0.004, persistence=0.9, level_noise=0.03, growth_noise=0.007, count_noise=0.015,
               volatility_spread=0.5, size_exponent=-0.2, site_growth_spread=0.0126, site_trend_spread=0.488,
               late_reporting=[0.0, 0.0, 0.0], calibration=0.9, elasticity=0.7, scale="rate")
SITE = dict(growth=0.006, growth_error=0.003, trend=-0.4, trend_error=0.3)
NONE = dict(mean_growth=0.0, persistence=0.0, level_noise=0.0, growth_noise=0.0, growth_noise_slope=0.0)
SOME = dict(mean_growth=0.002, persistence=0.4, level_noise=0.2, growth_noise=0.15, growth_noise_slope=-0.5)


def hermite(n):
    x, w = np.polynomial.hermite_e.hermegauss(n)
    return list(zip(x, w / w.sum()))


def components(case, p=SHIPPED, site=SITE):
    """Weights; mean and variance of the level in the year, and the variance of a count about it; log-likelihood."""
    e = case["errors"]
    years = [y for y, _ in case["counts"]]
    expected = {int(y): d for y, d in case["expected"].items()} if case["expected"] else None
    log_expected = lambda t: math.log(expected[t]) if expected else 0.0
    end = max(years[-1], years[0] + 5)
    of_expected = (log_expected(end) - log_expected(years[0])) / (end - years[0])
    counts = dict(case["counts"])
    errors = case["relative_error"]
    error_of = lambda t: errors[t] if isinstance(errors, dict) else errors
    h = case["year"] - years[-1]
    spread = math.hypot(p["volatility_spread"], e["level_noise"])
    zs = [0.3 * i for i in range(-5, 6)]
    zw = np.array([math.exp(-0.5 * (z / spread) ** 2) for z in zs])
    zw /= zw.sum()
    logit = math.log(p["persistence"] / (1 - p["persistence"]))
    phis = [(logit, 0.0, 1.0)] if e["persistence"] == 0 else [
        (logit + e["persistence"] * x, e["growth_noise_slope"] * e["persistence"] * x, w) for x, w in hermite(3)]
    out = []
    for lp, shift, wp in phis:
        phi = 1 / (1 + math.exp(-lp))
        for z, wz in zip(zs, zw):
            for x, wv in hermite(5):
                v = site["trend"] + math.hypot(site["trend_error"], e["growth_noise"]) * x + shift
                m = case["members"]
                size = p["size_exponent"] * math.log(counts[years[0]] / m / 400)
                short = (p["calibration"] * math.exp(z + size)) ** 2 / m
                ql, qc = p["level_noise"] ** 2 * short, p["count_noise"] ** 2 * short
                qg = (p["calibration"] * p["growth_noise"] * math.exp(v)) ** 2 / m
                f = np.array([[1, 1, 1], [0, phi, 0], [0, 0, 1.0]])
                q = np.diag([ql, qg, 0])
                # Poisson: the variance of a log count is one over the expected count, its own where it is the first.
                obs = lambda a, t: qc + min(math.exp(-(a + log_expected(t))), 1)
                y0 = math.log(counts[years[0]]) - log_expected(years[0])
                a = np.array([y0, 0, p["mean_growth"] + site["growth"] + (p["elasticity"] - 1) * of_expected])
                c = np.diag([obs(y0, years[0]) + error_of(years[0]) ** 2, qg / (1 - phi ** 2), site["growth_error"] ** 2 + e["mean_growth"] ** 2])
                ll = 0.0
                for t in range(years[0] + 1, case["year"] + 1):
                    a, c = f @ a, f @ c @ f.T + q
                    if t in counts and t <= years[-1]:
                        s = c[0, 0] + obs(a[0], t) + error_of(t) ** 2
                        r = math.log(counts[t]) - log_expected(t) - a[0]
                        ll += norm.logpdf(r, 0, math.sqrt(s))
                        k = c[:, 0] / s
                        a, c = a + k * r, c - np.outer(k, c[0])
                scatter = obs(a[0], case["year"])
                variance = c[0, 0] + (case["expected_error"] * h) ** 2
                out.append((math.log(wp * wz * wv) + ll, a[0] + log_expected(case["year"]), variance, scatter))
    lw = np.array([o[0] for o in out])
    top = lw.max()
    w = np.exp(lw - top)
    mean, variance, scatter = (np.array([o[i] for o in out]) for i in (1, 2, 3))
    return w / w.sum(), mean, variance, scatter, top + math.log(w.sum())


def solve(case):
    w, m, variance, scatter, ll = components(case)
    s = np.sqrt(variance + scatter)
    cdf = lambda x: float(w @ norm.cdf((x - m) / s))
    q = [brentq(lambda x: cdf(x) - p, (m - 9 * s).min(), (m + 9 * s).max(), xtol=1e-13) for p in (0.025, 0.5, 0.975)]
    return dict(case, log_likelihood=ll, quantiles=[math.exp(x) for x in q])


def expected(first, last, growth):
    """Growth slows from `growth` to nothing, on a scale of 1000 in the first year."""
    logs = np.cumsum([0] + [growth * (1 - i / (last - first)) for i in range(last - first)])
    return {str(first + i): 1000 * math.exp(x) for i, x in enumerate(logs)}


yearly = [(2001 + i, c) for i, c in enumerate([310, 295, 333, 350, 349, 371, 402, 390, 421, 433, 470, 455])]
hole = [pair for pair in yearly if pair[0] not in (2004, 2008, 2009)]
two = [(2019, 164300), (2024, 197200)]
base = dict(errors=NONE, expected=None, expected_error=0.0, members=1.0, relative_error=0.0)
cases = [
    dict(base, counts=yearly, year=2022),
    dict(base, counts=hole, year=2022),
    dict(base, counts=hole, year=2022, expected=expected(2001, 2022, 0.03)),
    dict(base, counts=hole, year=2027, expected=expected(2000, 2030, 0.03), errors=SOME),
    dict(base, counts=two, year=2040, expected=expected(2019, 2040, 0.025), errors=SOME, members=13.0,
         relative_error=0.03),
    dict(base, counts=two, year=2030, expected=expected(2019, 2040, 0.025), errors=SOME, members=13.0,
         relative_error=0.03, expected_error=0.002),
    dict(base, counts=[(2024, 52)], year=2034, expected=expected(2020, 2040, 0.02), errors=SOME),
]
if __name__ == "__main__":
    json.dump(dict(parameters=SHIPPED, site=SITE, cases=[solve(case) for case in cases]), sys.stdout, indent=1)
