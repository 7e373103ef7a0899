"""Refits by SciPy of curves with a capacity or a midpoint that is known, to eight figures that scatter by 15 %.

With x = r*(t - m), ln y = ln K - ln(1 + exp(-x)) (logistic) and ln y = ln K - exp(-x) (Gompertz), r >= 0, by bounded least
squares from several starts. A draw multiplies each figure by exp(error); the errors have the residual standard deviation, with 6
degrees of freedom, and are Student's. Printed are quantiles of the refitted curves, and the end of the profile of the rate.
"""
import numpy as np, scipy.optimize as so, scipy.stats as st
z = np.log([10000, 13000, 9500, 12500, 11000, 14500, 10800, 13900.])
t = np.arange(8.0)
link = {"logistic": lambda x: -np.logaddexp(0, -x), "gompertz": lambda x: -np.exp(-x)}
K, M = np.log(30000.0), 12.0
for name, f in link.items():
    held = {
        "capacity": (lambda p, t: K + f(p[0] + p[1] * t), ([-.5, .05], [.04, .03], [0, 1e-6])),
        "midpoint": (lambda p, t: p[0] + f(p[1] * (t - M)), ([10, .05], [10, 1e-6], [9.9, .2])),
    }
    for what, (curve, starts) in held.items():
        def fit(zz, free=(0, 1), at=None):
            if at is not None:
                return min((so.least_squares(lambda a: zz - curve((a[0], at), t), [s[0]]) for s in starts), key=lambda r: r.cost)
            return min((so.least_squares(lambda p: zz - curve(p, t), s, bounds=([-20, 0], [30, 20])) for s in starts),
                       key=lambda r: r.cost)
        best = fit(z)
        s = np.sqrt(2 * best.cost / 6)
        excess = lambda r: 2 * (fit(z, at=r).cost - best.cost) - (st.t.ppf(.975, 6) * s) ** 2
        print(name, what, best.x, "constant rejected:", excess(0.0) > 0, "rate up to", so.brentq(excess, best.x[1], 1.0))
        rng = np.random.default_rng(1)
        out = []
        for _ in range(2000):
            r = fit(z + s * np.sqrt(6 / rng.chisquare(6)) * rng.standard_normal(8)).x
            out.append([np.exp(curve(r, T)) for T in (3, 7, 20)])
        print(np.round(np.quantile(out, [.025, .5, .975], axis=0)).T.tolist())
