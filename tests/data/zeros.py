"""Exponential fits to counts with zeros: the log-linear Poisson and quasi-Poisson models of statsmodels (as R's glm
has them) and the negative binomial one by scipy.  Wald limits of the growth rate are of Student's distribution where a
dispersion is estimated; profile limits are roots of the likelihood ratio.

    python3 tests/data/zeros.py > tests/data/zeros.json
"""

import json

import numpy as np
import statsmodels.api as sm
from scipy import optimize, stats
from scipy.special import gammaln, xlogy

SERIES = {
    "ten years": (2010, [0, 2, 1, 0, 3, 2, 4, 3, 6, 5]),
    "falls to none": (2000, [9, 7, 8, 4, 5, 3, 2, 1, 0, 1, 0, 0]),
    "scattered": (2000, [0, 14, 3, 0, 25, 2, 40, 8, 0, 31, 60, 12]),
}


def poisson_loss(theta, t, y):
    mean = np.exp(theta[0] + theta[1] * t)
    return -np.sum(xlogy(y, mean) - mean - gammaln(y + 1))


def negative_binomial_loss(theta, t, y):
    mean, size = np.exp(theta[0] + theta[1] * t), np.exp(-theta[2])
    terms = gammaln(y + size) - gammaln(size) - gammaln(y + 1)
    return -np.sum(terms + xlogy(y, mean / (mean + size)) - size * np.log1p(mean / size))


def lowest(loss, start):
    found = optimize.minimize(loss, start, method="BFGS", options={"gtol": 1e-9})
    for _ in range(3):
        found = optimize.minimize(
            loss, found.x, method="Nelder-Mead", options={"xatol": 1e-11, "fatol": 1e-14, "maxiter": 20000}
        )
    return found


def profile(loss, best, quantile):
    """Limits of the slope: twice the loss of log-likelihood is the squared quantile."""
    others = np.delete(best.x, 1)

    def excess(slope):
        held = lambda rest: loss(np.insert(rest, 1, slope))
        return np.sqrt(max(0.0, 2 * (lowest(held, others).fun - best.fun))) - quantile

    limits = []
    for side in (-1, 1):
        step = 0.05
        while excess(best.x[1] + side * step) < 0:
            step *= 1.6
        limits.append(optimize.brentq(lambda s: excess(best.x[1] + side * s), 0, step, xtol=1e-10) * side + best.x[1])
    return limits


def main():
    out = []
    for name, (first, counts) in SERIES.items():
        y = np.array(counts, float)
        t = np.arange(len(y), dtype=float)
        model = sm.GLM(y, sm.add_constant(t), family=sm.families.Poisson()).fit(tol=1e-14, maxiter=200)
        phi = model.pearson_chi2 / model.df_resid
        loss = lambda theta: poisson_loss(theta, t, y)
        best = lowest(loss, model.params)
        z, student = stats.norm.ppf(0.975), stats.t.ppf(0.975, model.df_resid)
        nb = lambda theta: negative_binomial_loss(theta, t, y)
        best_nb = lowest(nb, [*model.params, -1.0])
        one = {
            "name": name,
            "first": first,
            "counts": counts,
            "rate": model.params[1],
            "initial": float(np.exp(model.params[0])),
            "standard_error": model.bse[1],
            "log_likelihood": model.llf,
            "dispersion": phi,
            "poisson_profile": profile(loss, best, z),
            "quasi_profile": profile(loss, best, student * np.sqrt(phi)),
        }
        # With no more scatter than Poisson's the dispersion is 0, and the fit is the Poisson one.
        if best_nb.fun < best.fun - 1e-3:
            one["negative_binomial"] = {
                "rate": best_nb.x[1],
                "alpha": float(np.exp(best_nb.x[2])),
                "log_likelihood": -best_nb.fun,
                "profile": profile(nb, best_nb, z),
            }
        out.append(one)
    print(json.dumps(out, indent=1))


main()
