"""Times of SciPy, R and the levenberg-marquardt crate over this crate's, on the same inputs, one core, one run.

    python3 compare.py [FOLDER]

Run by hand from anywhere; needs numpy, scipy and statsmodels, and, where they are there, Rscript with minpack.lm and jsonlite. FOLDER
(default: target/peers of the crate) takes the resamples that all of them refit. Every time is the least of several; the
ratios are printed as a table. Pin it to a core of its own: `taskset -c 0 python3 compare.py`.
"""
import json, os, subprocess, sys, time, warnings
import numpy as np
import statsmodels.api as sm
from scipy.optimize import curve_fit

warnings.filterwarnings("ignore")
HERE = os.path.dirname(os.path.abspath(__file__))
CRATE = os.path.dirname(os.path.dirname(HERE))
FOLDER = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else os.path.join(CRATE, "target", "peers")
os.makedirs(FOLDER, exist_ok=True)
ENV = dict(os.environ, RAYON_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")

T = np.arange(21.0)


def series(kind, s=None):
    phase = 0.0 if s is None else 0.1 * s
    wave = 1 + 0.01 * np.sin(3 * T + phase)
    if kind == "A":
        return 90000 * (1.032 if s is None else 1.010 + 0.0002 * s) ** T * wave
    return 250000 / (1 + np.exp(-(0.12 if s is None else 0.08 + 0.0004 * s) * (T - 8))) * wave


def logistic(t, K, r, m):
    return K / (1 + np.exp(-r * (t - m)))


def gompertz(t, K, r, m):
    return K * np.exp(-np.exp(-r * (t - m)))


def richards(t, K, r, m, v):
    return K / (1 + v * np.exp(-r * (t - m))) ** (1 / v)


def start(name, t, y):
    """Textbook starting values: a capacity of 1.5 (2) times the greatest count, a line through the transformed counts."""
    K = (2.0 if name == "gompertz" else 1.5) * y.max()
    z = -np.log(-np.log(y / K)) if name == "gompertz" else np.log(y / K / (1 - y / K))
    r, a = np.polyfit(t, z, 1)
    return [K, r, -a / r] + ([1.0] if name == "richards" else [])


def least(call, batches, inner=1):
    best = np.inf
    for _ in range(batches):
        begin = time.perf_counter()
        for _ in range(inner):
            result = call()
        best = min(best, (time.perf_counter() - begin) / inner)
    return best * 1e9, result


def scipy_side():
    out = {}
    for kind in "AB":
        y = series(kind)
        p0 = start("logistic", T, y)

        def one():
            # As the crate's fit: starting values, estimates, standard errors.
            _, covariance = curve_fit(logistic, T, y, p0=start("logistic", T, y), maxfev=20000)
            return np.sqrt(np.diag(covariance))

        out[f"fit_{kind}_ns"], _ = least(one, 60)
        p, _ = curve_fit(logistic, T, y, p0=p0, maxfev=100000, ftol=1e-15, xtol=1e-15, gtol=1e-15)
        counts = np.random.default_rng(1).poisson(logistic(T, *p), (2000, 21))
        np.savetxt(os.path.join(FOLDER, f"resamples_{kind.lower()}.csv"), counts, fmt="%d", delimiter=",")

        def refit():
            ok, failed = [], 0
            for row in counts.astype(float):
                try:
                    q, _ = curve_fit(logistic, T, row, p0=p)
                    ok.append(logistic(36.0, *q))
                except RuntimeError:
                    failed += 1
            return ok, failed

        out[f"bootstrap_{kind}_ns"], (ok, failed) = least(refit, 3 if kind == "B" else 1)
        out[f"bootstrap_{kind}_failed"] = failed
        out[f"bootstrap_{kind}_quantiles"] = list(np.quantile(ok, [0.025, 0.5, 0.975]))

        def rolling():
            failed = 0
            for s in range(200):
                y = series(kind, s)
                for n in range(11, 17):
                    t, c, ahead = T[:n], y[:n], T[n - 1] + np.arange(1, 6)
                    X = sm.add_constant(t)
                    sm.OLS(c, X).fit()
                    sm.GLM(c, X, family=sm.families.Poisson()).fit()
                    for f in (logistic, gompertz, richards):
                        try:
                            q, _ = curve_fit(f, t, c, p0=start(f.__name__, t, c))
                            failed += not np.all(np.isfinite(f(ahead, *q)))
                        except (RuntimeError, ValueError):
                            failed += 1
            return failed

        out[f"rolling_{kind}_ns"], out[f"rolling_{kind}_failed"] = least(rolling, 1)
    return out


def last_json(command, cwd, env=ENV):
    try:
        printed = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True)
    except FileNotFoundError as error:
        print(f"skipped: {error}", file=sys.stderr)
        return {}
    if printed.returncode != 0:
        print(f"skipped: {' '.join(command)}: {printed.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
        return {}
    return json.loads(printed.stdout.strip().splitlines()[-1])


peers = {"scipy curve_fit": scipy_side()}
crate = last_json(["cargo", "bench", "--quiet", "--bench", "peers", "--", FOLDER], CRATE)
peers["levenberg-marquardt crate"] = last_json(
    ["cargo", "run", "--quiet", "--release", "--target-dir", os.path.join(FOLDER, "levenberg_marquardt"), "--", FOLDER],
    os.path.join(HERE, "levenberg_marquardt"),
)
r_side = last_json(["Rscript", os.path.join(HERE, "compare.R"), FOLDER], HERE)
for name in r_side:
    peers[f"R {name}"] = r_side[name]

print("| work | this crate | peer | peer's time | ratio | peer's failures |")
print("|---|--:|---|--:|--:|--:|")
for work in ("fit_B", "bootstrap_B", "rolling_B", "fit_A", "bootstrap_A", "rolling_A"):
    mine = crate[f"{work}_ns"]
    for peer, times in peers.items():
        if f"{work}_ns" in times:
            theirs = times[f"{work}_ns"]
            failed = times.get(f"{work}_failed", "")
            print(f"| {work} | {mine / 1e3:.2f} µs | {peer} | {theirs / 1e3:.1f} µs | {theirs / mine:.0f} | {failed} |")
for kind in "AB":
    print(f"2040 quantiles {kind}: this crate {crate[f'bootstrap_{kind}_quantiles']}", end="")
    print(f", scipy {peers['scipy curve_fit'][f'bootstrap_{kind}_quantiles']}")
    print(f"this crate's failures {kind}: bootstrap {crate[f'bootstrap_{kind}_failed']}, "
          f"at the limit {crate[f'bootstrap_{kind}_at_limit']}, rolling {crate[f'rolling_{kind}_failed']}")
