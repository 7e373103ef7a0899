"""Fits to the United States counts of src/figures/registered.csv in 40-digit arithmetic (mpmath 1.4), textbook parametrisation.

    python3 us_fits.py > us_fits.json

Log-normal: unweighted least squares on logarithms. Poisson: maximum likelihood. Both by damped scoring to 25 digits. Standard
errors: inverse expected information, for the log-normal fits times the residual variance.
"""
import csv, json, os
import mpmath as mp

mp.mp.dps = 40
here = os.path.dirname(os.path.abspath(__file__))
rows = [r for r in csv.reader(l for l in open(os.path.join(here, "../../src/figures/registered.csv")) if l[0] != "#")]
data = [(int(r[1]), mp.mpf(r[2])) for r in rows if r[0] == "United States"]
years = [mp.mpf(y) for y, _ in data]
cases = [c for _, c in data]
n = len(data)

curves = {
    "linear": (["intercept", "slope"], [14800, 700], lambda p, y: p[0] + p[1] * (y - 1999)),
    "exponential": (["initial", "rate"], [15500, 0.03], lambda p, y: p[0] * mp.exp(p[1] * (y - 1999))),
    "logistic": (["capacity", "rate", "midpoint"], [45000, 0.06, 2008], lambda p, y: p[0] / (1 + mp.exp(-p[1] * (y - p[2])))),
    "gompertz": (["capacity", "rate", "inflection"], [60000, 0.03, 2008], lambda p, y: p[0] * mp.exp(-mp.exp(-p[1] * (y - p[2])))),
}

def jacobian(f, p, y):
    return [mp.diff(lambda v: f(p[:j] + [v] + p[j + 1:], y), p[j]) for j in range(len(p))]

def scores(f, p, kind):
    """Weighted residuals and rows, so that information = rows' rows."""
    r, J = [], []
    for y, c in zip(years, cases):
        m = f(p, y)
        w = 1 / m if kind == "lognormal" else 1 / mp.sqrt(m)
        r.append(mp.log(c / m) if kind == "lognormal" else (c - m) / mp.sqrt(m))
        J.append([w * d for d in jacobian(f, p, y)])
    return mp.matrix(r), mp.matrix(J)

def loss(f, p, kind):
    total = mp.mpf(0)
    for y, c in zip(years, cases):
        m = f(p, y)
        if m <= 0: return mp.inf
        total += mp.log(c / m) ** 2 / 2 if kind == "lognormal" else m - c * mp.log(m)
    return total

out = []
for kind in ("lognormal", "poisson"):
    for name, (names, start, f) in curves.items():
        p = [mp.mpf(v) for v in start]
        for _ in range(400):
            r, J = scores(f, p, kind)
            step = mp.lu_solve(J.T * J, J.T * r)
            scale = mp.mpf(1)
            while loss(f, [a + scale * b for a, b in zip(p, step)], kind) > loss(f, p, kind) and scale > 1e-12:
                scale /= 2
            p = [a + scale * b for a, b in zip(p, step)]
            if max(abs(b / a) for a, b in zip(p, step)) < mp.mpf("1e-25"):
                break
        r, J = scores(f, p, kind)
        k = len(p)
        cov = (J.T * J) ** -1
        rss = sum(v * v for v in r)
        if kind == "lognormal":
            cov *= rss / (n - k)
            ll = -mp.mpf(n) / 2 * (mp.log(2 * mp.pi * rss / n) + 1) - sum(mp.log(c) for c in cases)
            estimated = k + 1
        else:
            ll = sum(c * mp.log(f(p, y)) - f(p, y) - mp.loggamma(c + 1) for y, c in zip(years, cases))
            estimated = k
        aicc = -2 * ll + 2 * estimated + mp.mpf(2 * estimated * (estimated + 1)) / (n - estimated - 1)
        out.append({
            "curve": name, "likelihood": kind,
            "parameters": dict(zip(names, map(float, p))),
            "standard_errors": dict(zip(names, (float(mp.sqrt(cov[i, i])) for i in range(k)))),
            "log_likelihood": float(ll), "aicc": float(aicc), "cases_2040": float(f(p, mp.mpf(2040))),
        })
print(json.dumps(out, indent=1))
