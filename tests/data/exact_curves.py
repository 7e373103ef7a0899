"""The curves through the published figures, in 50-digit decimal arithmetic.

    python3 exact_curves.py > exact_curves.json

Independent of the crate: the three-parameter curves are solved by bisection of the ratio of increments
(1/y for the logistic, ln y for the Gompertz curve), with nothing but Python's standard library.
"""
import json
from decimal import Decimal as D, getcontext

getcontext().prec = 50
YEARS = [2019, 2020, 2022, 2024, 2025, 2030, 2035, 2040, 2050]
WORLD = [(2019, D(164300)), (2024, D(197200))]
CHINA = [(2019, D(28100)), (2024, D(31800))]
PUBLISHED = (2040, D(273600))


def linear(points):
    (t0, y0), (t1, y1) = points
    slope = (y1 - y0) / (t1 - t0)
    return {"intercept": y0, "slope": slope}, lambda t: y0 + slope * (t - t0)


def exponential(points):
    (t0, y0), (t1, y1) = points
    rate = (y1 / y0).ln() / (t1 - t0)
    return {"initial": y0, "rate": rate}, lambda t: y0 * (rate * (t - t0)).exp()


def damped(points, transform):
    """z(t) = a + b·exp(−r(t − t0)) through three transformed points."""
    (t0, y0), (t1, y1), (t2, y2) = points
    z0, z1, z2 = transform(y0), transform(y1), transform(y2)
    target = (z1 - z0) / (z2 - z1)
    e = lambda r, t: (-r * (t - t0)).exp()
    low, high = D("1e-6"), D(1)
    for _ in range(160):
        r = (low + high) / 2
        if (1 - e(r, t1)) / (e(r, t1) - e(r, t2)) < target:
            low = r
        else:
            high = r
    b = (z1 - z0) / (e(r, t1) - 1)
    return z0 - b, b, r, t0


def logistic(points):
    a, b, r, t0 = damped(points, lambda y: 1 / y)
    value = lambda t: 1 / (a + b * (-r * (t - t0)).exp())
    return {"capacity": 1 / a, "rate": r, "midpoint": t0 + (b / a).ln() / r}, value


def gompertz(points):
    a, b, r, t0 = damped(points, D.ln)
    value = lambda t: (a + b * (-r * (t - t0)).exp()).exp()
    return {"capacity": a.exp(), "rate": r, "inflection": t0 + (-b).ln() / r}, value


cases = [
    ("World", False, WORLD, linear), ("World", False, WORLD, exponential),
    ("China", False, CHINA, linear), ("China", False, CHINA, exponential),
    ("World", True, WORLD + [PUBLISHED], logistic), ("World", True, WORLD + [PUBLISHED], gompertz),
]
out = []
for region, published, points, curve in cases:
    parameters, value = curve(points)
    out.append({
        "region": region, "uses_published_projection": published, "curve": curve.__name__,
        "parameters": {name: float(v) for name, v in parameters.items()},
        "cases": {str(t): float(value(D(t))) for t in YEARS},
    })
print(json.dumps(out, indent=1))
