"""Fits under every likelihood, profile limits and a prior, in 30-digit arithmetic (mpmath 1.4).

    python3 estimation.py > estimation.json

Independent of the crate: textbook parameters, Newton's method on the score (derivatives by mpmath), profiles by Newton's
method on the likelihood equations of Venzon and Moolgavkar (1988). Series B: 21 counts around a logistic curve.
"""
import csv, json, os
import mpmath as mp

mp.mp.dps = 30
here = os.path.dirname(os.path.abspath(__file__))
rows = [r for r in csv.reader(l for l in open(os.path.join(here, "../../src/figures/registered.csv")) if l[0] != "#")]
USA = [(int(r[1]) - 1999, mp.mpf(r[2])) for r in rows if r[0] == "United States"]
B = [(i, 250000 / (1 + mp.exp(mp.mpf("-0.12") * (i - 8))) * (1 + mp.sin(3 * i) / 100)) for i in range(21)]
# Counts as the crate reads them: rounded to double precision.
B = [(t, mp.mpf(float(y))) for t, y in B]

CURVES = {
    "linear": (["intercept", "slope"], lambda p, t: p[0] + p[1] * t),
    "exponential": (["initial", "rate"], lambda p, t: p[0] * mp.exp(p[1] * t)),
    "logistic": (["capacity", "rate", "midpoint"], lambda p, t: p[0] / (1 + mp.exp(-p[1] * (t - p[2])))),
    "gompertz": (["capacity", "rate", "inflection"], lambda p, t: p[0] * mp.exp(-mp.exp(-p[1] * (t - p[2])))),
    "richards": (["capacity", "rate", "midpoint", "shape"],
                 lambda p, t: p[0] / (1 + p[3] * mp.exp(-p[1] * (t - p[2]))) ** (1 / p[3])),
}


def loss(kind, y, m, extra):
    """Minus the log-likelihood of one count; extra is ln of the standard deviation or of the dispersion."""
    if kind == "gaussian":
        return extra + (y - m) ** 2 / (2 * mp.exp(2 * extra)) + mp.log(2 * mp.pi) / 2
    if kind == "lognormal":
        return extra + mp.log(y / m) ** 2 / (2 * mp.exp(2 * extra)) + mp.log(2 * mp.pi) / 2 + mp.log(y)
    if kind == "poisson":
        return m - y * mp.log(m) + mp.loggamma(y + 1)
    a = mp.exp(extra)
    r = 1 / a
    return -(mp.loggamma(y + r) - mp.loggamma(r) - mp.loggamma(y + 1) + y * mp.log(a * m) - (y + r) * mp.log(1 + a * m))


def total(kind, f, data, q, prior=None):
    """q: curve parameters and, but for Poisson, the extra one."""
    p, extra = (q, None) if kind == "poisson" else (q[:-1], q[-1])
    value = sum(loss(kind, y, f(p, t), extra) for t, y in data)
    if prior:
        i, mean, sd = prior
        value += ((p[i] - mean) / sd) ** 2 / 2
    return value


def scaled(g, start):
    """The function with its arguments in units of the start, so that derivatives are well scaled."""
    unit = [abs(mp.mpf(s)) or mp.mpf(1) for s in start]
    return (lambda x: g([a * u for a, u in zip(x, unit)])), [mp.mpf(s) / u for s, u in zip(start, unit)], unit


def gradient_hessian(g, x):
    n, h = len(x), mp.mpf("1e-7")
    def at(*moves):
        z = list(x)
        for j, s in moves: z[j] += s * h
        return g(z)
    grad, H = mp.matrix(n, 1), mp.matrix(n, n)
    centre = g(x)
    for i in range(n):
        grad[i] = (8 * (at((i, 1)) - at((i, -1))) - (at((i, 2)) - at((i, -2)))) / (12 * h)
        H[i, i] = (at((i, 1)) - 2 * centre + at((i, -1))) / h**2
        for j in range(i):
            H[i, j] = H[j, i] = (at((i, 1), (j, 1)) - at((i, 1), (j, -1)) - at((i, -1), (j, 1)) + at((i, -1), (j, -1))) / (4 * h * h)
    return grad, H


def minimise(g, start):
    s, x, unit = scaled(g, start)
    for _ in range(200):
        grad, H = gradient_hessian(s, x)
        damping = mp.mpf(0)
        while True:
            try:
                step = mp.lu_solve(H + damping * mp.eye(len(x)), grad)
                new = [a - b for a, b in zip(x, step)]
                if mp.im(s(new)) == 0 and s(new) <= s(x): break
            except (ValueError, ZeroDivisionError): pass
            damping = max(damping * 4, mp.mpf("1e-9"))
            if damping > 1e30: break
        x = new
        if max(abs(b) for b in step) < mp.mpf("1e-13"): break
    return [a * u for a, u in zip(x, unit)], s(x)


out = {"fits": [], "profiles": []}
STARTS = {
    ("B", "linear"): [69000, 6900], ("B", "exponential"): [80000, 0.05], ("B", "logistic"): [250000, 0.12, 8],
    ("B", "gompertz"): [300000, 0.066, 6], ("B", "richards"): [248000, 0.123, 8, 1.05],
    ("USA", "linear"): [14600, 730], ("USA", "exponential"): [15300, 0.033], ("USA", "logistic"): [47000, 0.063, 12.7],
    ("USA", "gompertz"): [72000, 0.028, 16.8],
}
for (series, curve), start in STARTS.items():
    data, year = (B, 2004) if series == "B" else (USA, 1999)
    names, f = CURVES[curve]
    for kind in ("gaussian", "negative_binomial") if series == "B" else ("gaussian", "poisson", "negative_binomial"):
        if curve == "richards" and kind != "gaussian": continue
        first = [mp.mpf(v) for v in start]
        if kind == "gaussian":
            extra = [mp.log(mp.sqrt(sum((y - f(first, t)) ** 2 for t, y in data) / len(data)))]
        else:
            extra = [] if kind == "poisson" else [mp.log(mp.mpf("0.002"))]
        q, value = minimise(lambda q: total(kind, f, data, q), first + extra)
        p = q[:len(names)]
        # Standard errors from the expected information, as Fisher scoring has it.
        J = mp.matrix([[mp.diff(lambda v: f(p[:j] + [v] + p[j + 1:], t), p[j]) for j in range(len(p))] for t, _ in data])
        n, k = len(data), len(p)
        if kind == "gaussian":
            rss = sum((y - f(p, t)) ** 2 for t, y in data)
            cov = (J.T * J) ** -1 * rss / (n - k)
        else:
            a = mp.exp(q[-1]) if kind == "negative_binomial" else 0
            W = mp.diag([1 / (f(p, t) * (1 + a * f(p, t))) for t, _ in data])
            cov = (J.T * W * J) ** -1
        shift = [year if name in ("midpoint", "inflection") else 0 for name in names]
        fit = {
            "series": series, "curve": curve, "likelihood": kind,
            "parameters": {name: float(v + s) for name, v, s in zip(names, p, shift)},
            "standard_errors": {name: float(mp.sqrt(cov[i, i])) for i, name in enumerate(names)},
            "log_likelihood": float(-value),
            "dispersion": float(mp.exp(q[-1])) if kind == "negative_binomial" else None,
        }
        if kind == "poisson":
            m = [f(p, t) for t, _ in data]
            fit["pearson"] = float(sum((y - v) ** 2 / v for (_, y), v in zip(data, m)))
            fit["dean"] = float(sum((y - v) ** 2 - y for (_, y), v in zip(data, m)) / mp.sqrt(2 * sum(v * v for v in m)))
        out["fits"].append(fit)

# Profile limits of the capacity at 95 %: twice the loss of log-likelihood is the squared quantile. With an estimated
# standard deviation the criterion is (RSS(c) − RSS)/s² = t².
t_quantile = {21: mp.mpf("2.0796138447276795")}  # 21 degrees of freedom, 0.975 (SciPy 1.17)
z_quantile = mp.mpf("1.9599639845400542")
for curve, kind in (("logistic", "lognormal"), ("gompertz", "lognormal"), ("logistic", "poisson"), ("gompertz", "poisson")):
    names, f = CURVES[curve]
    if kind == "poisson":
        part = lambda p: 2 * sum(f(p, t) - y * mp.log(f(p, t)) for t, y in USA)
    else:
        part = lambda p: sum(mp.log(y / f(p, t)) ** 2 for t, y in USA)
    best, least = minimise(part, STARTS[("USA", curve)])
    unit = 1 if kind == "poisson" else least / 21
    q = z_quantile if kind == "poisson" else t_quantile[21]
    def held(c, start): return minimise(lambda p: part([c] + p), start)
    def root(c, start):
        p, value = held(c, start)
        return mp.sqrt(max((value - least) / unit, 0)) - q, p
    limits = {}
    for side, factor in (("lower", mp.mpf("0.97")), ("upper", mp.mpf("1.05"))):
        c0, r0, start = best[0], -q, best[1:]
        while True:
            c1 = c0 * factor
            r1, start1 = root(c1, start)
            if r1 > 0: break
            c0, r0, start = c1, r1, start1
        a, b, fa, fb = mp.log(c0), mp.log(c1), r0, r1
        for turn in range(80):
            c = (a * fb - b * fa) / (fb - fa) if turn % 3 else (a + b) / 2
            fc, start = root(mp.exp(c), start)
            if fc > 0: b, fb = c, fc
            else: a, fa = c, fc
            if abs(fc) < mp.mpf("1e-12"): break
        limits[side] = float(mp.exp(c))
    out["profiles"].append({"curve": curve, "likelihood": kind, **limits})

# A stated ceiling: logistic, Gaussian likelihood, prior 260,000 ± 4,000 on the capacity of series B.
names, f = CURVES["logistic"]
prior = (0, mp.mpf(260000), mp.mpf(4000))
# The deviation is that of a fit without priors, RSS/(n - k); parameters and deviation are found in turn.
p, deviation = [mp.mpf(253000), mp.mpf("0.118"), mp.mpf(8)], mp.mpf(1100)
for _ in range(60):
    rss = lambda p: sum((y - f(p, t)) ** 2 for t, y in B)
    p, _ = minimise(lambda p: rss(p) / (2 * deviation**2) + ((p[0] - prior[1]) / prior[2]) ** 2 / 2, p)
    new = mp.sqrt(rss(p) / (len(B) - 3))
    settled, deviation = abs(new - deviation) < mp.mpf("1e-12") * new, new
    if settled: break
out["prior"] = {"capacity": float(p[0]), "rate": float(p[1]), "midpoint": float(p[2] + 2004), "deviation": float(deviation)}
print(json.dumps(out, indent=1))
