"""Least-squares fits with several parameters held, and of Richards curves with a shape below 0, by NumPy and SciPy.

    python3 held_parameters.py > held_parameters.json

Curves are written in their textbook form and every held parameter is a constant in it, so that nothing of how the crate
holds parameters is shared. Each fit is the best of several starts by Levenberg's method with derivatives by complex steps; Nelder and Mead's method may find
nothing lower.

covid: cumulative cases by day, as in the task "Logistic curve fitting in epidemiology" on Rosetta Code, where n0 = 27 and
K = 7.8e9 are both stated. plants: x and y of a published question about a von Bertalanffy curve. b: 21 counts around a
logistic curve.
"""
import itertools, json
import numpy as np
from scipy.optimize import minimize

COVID = [27, 27, 27, 44, 44, 59, 59, 59, 59, 59, 59, 59, 59, 60, 60, 61, 61, 66, 83, 219, 239, 392, 534, 631, 897, 1350, 2023,
    2820, 4587, 6067, 7823, 9826, 11946, 14554, 17372, 20615, 24522, 28273, 31491, 34933, 37552, 40540, 43105, 45177, 60328,
    64543, 67103, 69265, 71332, 73327, 75191, 75723, 76719, 77804, 78812, 79339, 80132, 80995, 82101, 83365, 85203, 87024,
    89068, 90664, 93077, 95316, 98172, 102133, 105824, 109695, 114232, 118610, 125497, 133852, 143227, 151367, 167418, 180096,
    194836, 213150, 242364, 271106, 305117, 338133, 377918, 416845, 468049, 527767, 591704, 656866, 715353, 777796, 851308,
    928436, 1000249, 1082054, 1174652]
B = [250000 / (1 + np.exp(-0.12 * (t - 8))) * (1 + 0.01 * np.sin(3 * t)) for t in range(21)]
PLANTS = [[0, 3, 6, 17, 29, 47, 57, 63, 72], [37, 70, 199, 464, 736, 1008, 1280, 1462, 1643]]
# y = K·(1 − e^(−r(t − m))/3)³, von Bertalanffy's curve of weight, with a ripple.
WEIGHT = [9000 * (1 - np.exp(-0.15 * (t - 5)) / 3) ** 3 * (1 + 0.01 * np.sin(2.3 * t)) for t in range(25)]


def logistic(t, K, r, m):
    return K / (1 + np.exp(-r * (t - m)))


def gompertz(t, K, r, m):
    return K * np.exp(-np.exp(-r * (t - m)))


def richards(t, K, r, m, v):
    base = 1 + v * np.exp(-r * (t - m))
    return K * np.where(np.real(base) > 0, base, np.nan) ** (-1 / v)


def best(residual, starts):
    def jacobian(x):
        # By a complex step, which has no rounding.
        columns = [np.imag(residual(np.array(x, complex) + 1e-200j * (np.arange(len(x)) == j))) / 1e-200 for j in range(len(x))]
        return np.array(columns).T

    found = None
    for start in starts:
        with np.errstate(all="ignore"):
            x = np.array(start, float)
            r = residual(x)
            damping = 1e-3
            for _ in range(2000 if np.all(np.isfinite(r)) else 0):
                J = jacobian(x)
                size = np.sqrt(np.sum(J * J, axis=0))
                A = np.vstack([J / size, np.sqrt(damping) * np.eye(len(x))])
                step = np.linalg.lstsq(A, np.concatenate([-r, np.zeros(len(x))]), rcond=None)[0] / size
                other = residual(x + step)
                if np.all(np.isfinite(other)) and np.sum(other**2) < np.sum(r**2):
                    x, r, damping = x + step, other, max(damping / 10, 1e-20)
                else:
                    damping = min(damping * 10, 1e9)
            rss = float(np.sum(r**2))
        if np.isfinite(rss) and (found is None or rss < found[0]):
            found = (rss, x)
    rss, x = found
    with np.errstate(all="ignore"):
        scale = np.where(x == 0, 1, np.abs(x))
        again = minimize(lambda z: np.nan_to_num(np.sum(residual(z * scale) ** 2) / rss, nan=9e9), x / scale, method="Nelder-Mead",
                         options=dict(xatol=1e-12, fatol=1e-14, maxiter=20000, maxfev=20000))
    assert again.fun > 1 - 1e-9, (again.fun, x, again.x * scale)
    return rss, x


def case(name, curve, counts, held, formula, names, starts, times=None):
    t = np.arange(len(counts), dtype=float) if times is None else np.array(times, float)
    y = np.array(counts, float)
    rss, x = best(lambda p: formula(t, *p) - y, starts)
    return dict(name=name, curve=curve, times=[int(i) for i in t], counts=[float(c) for c in y], held=held,
                estimates=dict(zip(names, map(float, x))), rss=rss, later=float(formula(t[-1] + 5, *x)))


out = []
K, n0 = 7.8e9, 27.0
out.append(case("covid, capacity and level", "logistic", COVID, {"capacity": K, "ln level": float(np.log(n0))},
                lambda t, r: K / (1 + (K / n0 - 1) * np.exp(-r * t)), ["rate"], [[r] for r in (0.05, 0.1, 0.2)]))
grid = lambda *axes: list(itertools.product(*axes))
for curve, f, year in (("logistic", logistic, 2008.0), ("gompertz", gompertz, 2006.0)):
    m0 = year - 2000
    out.append(case("b, capacity and rate", curve, B, {"capacity": 260000.0, "rate": 0.11},
                    lambda t, m: f(t, 260000.0, 0.11, m - 2000), ["midpoint" if curve == "logistic" else "inflection"], [[2004.0], [2008.0]]))
    mid = "midpoint" if curve == "logistic" else "inflection"
    out.append(case("b, rate and midpoint", curve, B, {"rate": 0.11, mid: year},
                    lambda t, K: f(t, K, 0.11, m0), ["capacity"], [[2e5], [3e5]]))
    out.append(case("b, capacity and midpoint", curve, B, {"capacity": 260000.0, mid: year},
                    lambda t, r: f(t, 260000.0, r, m0), ["rate"], [[0.05], [0.1]]))
level = 70000.0
out.append(case("b, level and rate", "logistic", B, {"ln level": float(np.log(level)), "rate": 0.12},
                lambda t, K: K / (1 + (K / level - 1) * np.exp(-0.12 * t)), ["capacity"], [[2e5], [3e5]]))
out.append(case("b, shape and capacity", "richards", B, {"shape": 0.5, "capacity": 255000.0},
                lambda t, r, m: richards(t, 255000.0, r, m - 2000, 0.5), ["rate", "midpoint"], grid([0.08, 0.12], [2005.0, 2009.0])))
out.append(case("b, capacity, rate and midpoint", "richards", B, {"capacity": 255000.0, "rate": 0.12, "midpoint": 2008.0},
                lambda t, v: richards(t, 255000.0, 0.12, 8.0, v), ["shape"], [[0.5], [1.0], [2.0]]))
# The optimum over shapes from −1 on is at −1: the monomolecular curve.
for v in (-0.999, -0.99, -0.9):
    other, _ = best(lambda p: richards(np.array(PLANTS[0], float), *p, v) - np.array(PLANTS[1]), grid([2500, 4000, 8000], [0.005, 0.01, 0.02], [-5.0, -1.0, 5.0]))
    mono, _ = best(lambda p: p[0] * (1 - np.exp(-p[1] * (np.array(PLANTS[0]) - p[2]))) - np.array(PLANTS[1]), grid([3000.0, 8000.0], [0.005, 0.01], [-2.0, 0.0]))
    assert other > mono, (v, other, mono)
out.append(case("plants", "richards", PLANTS[1], {}, lambda t, K, r, m: K * (1 - np.exp(-r * (t - m + 2000))),
                ["capacity", "rate", "midpoint"], grid([3000.0, 8000.0], [0.005, 0.01], [1998.0, 2000.0]), PLANTS[0]))
out.append(case("weight", "richards", WEIGHT, {}, lambda t, K, r, m, v: richards(t, K, r, m - 2000, v),
                ["capacity", "rate", "midpoint", "shape"], grid([9000.0, 10000.0], [0.12, 0.15, 0.2], [2003.0, 2006.0], [-0.5, -0.3, 0.2])))
out.append(case("weight, shape", "richards", WEIGHT, {"shape": -1 / 3}, lambda t, K, r, m: richards(t, K, r, m - 2000, -1 / 3),
                ["capacity", "rate", "midpoint"], grid([9000.0, 10000.0], [0.12, 0.15], [2003.0, 2006.0])))
print(json.dumps(out, indent=1))
