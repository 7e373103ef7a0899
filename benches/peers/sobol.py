"""Times of SciPy, SALib and R beside this crate's for Sobol' indices, one core, one run; and errors of SciPy's indices.

    python3 sobol.py

Run by hand from anywhere; needs NumPy and SciPy, and, where they are there, SALib and Rscript. The product of six factors of
`cargo bench --bench sensitivity`, 131,072 evaluations, first-order and total indices. Every time is the least of several, all on the
first core that the script may use. Errors are those of SciPy's indices of Ishigami's function with 100 seeds; those of the crate
prints `cargo test --test sensitivity ishigami -- --nocapture`.
"""
import glob, json, os, shutil, subprocess, time

os.environ.update(OPENBLAS_NUM_THREADS="1", RAYON_NUM_THREADS="1")
import numpy as np
from scipy.stats import sobol_indices, uniform

HERE = os.path.dirname(os.path.abspath(__file__))
CRATE = os.path.dirname(os.path.dirname(HERE))
POINTS = 2**14
NAMES = ["cases", "growth", "treated", "p12", "p23", "lag"]
ENDS = [(160e3, 200e3), (0.01, 0.03), (0.8, 0.95), (0.55, 0.75), (0.45, 0.65), (1.0, 3.0)]


def model(x):
    return x[0] * np.exp(16 * x[1]) * x[2] * x[3] * x[4] * np.exp(-0.02 * x[5])


def truth():
    """Of a product of independent factors, by their squared coefficients of variation."""
    def exponential(rate, low, high):
        def moment(k):
            return (np.exp(k * high) - np.exp(k * low)) / (k * (high - low))
        return moment(2 * rate) / moment(rate) ** 2 - 1
    squares = np.array([(b - a) ** 2 / 12 / ((a + b) / 2) ** 2 for a, b in ENDS])
    squares[1], squares[5] = exponential(16, *ENDS[1]), exponential(-0.02, *ENDS[5])
    product = np.prod(1 + squares)
    return squares / (product - 1), squares * product / (1 + squares) / (product - 1)


def least(call, times):
    best = np.inf
    for _ in range(times):
        begin = time.perf_counter()
        result = call()
        best = min(best, 1e3 * (time.perf_counter() - begin))
    return best, result


def scipy_side(seed=1):
    dists = [uniform(a, b - a) for a, b in ENDS]
    made = sobol_indices(func=lambda x: model(x)[None, :], n=POINTS, dists=dists, rng=np.random.default_rng(seed))
    return made.first_order.ravel(), made.total_order.ravel()


def salib_side(resamples):
    problem = {"num_vars": 6, "names": NAMES, "bounds": [list(ends) for ends in ENDS]}
    rows = sample(problem, POINTS, calc_second_order=False, seed=1)
    made = analyze(problem, model(rows.T), calc_second_order=False, num_resamples=resamples, seed=1)
    return made["S1"], made["ST"]


def ishigami_errors(points, seeds=100):
    pi, a, b = np.pi, 7.0, 0.1
    v1, v2, v13 = (1 + b * pi**4 / 5) ** 2 / 2, a * a / 8, b * b * pi**8 * 8 / 225
    exact = np.array([v1, v2, 0, v1 + v13, v2, v13]) / (v1 + v2 + v13)
    def function(x):
        return (np.sin(x[0]) + a * np.sin(x[1]) ** 2 + b * x[2] ** 4 * np.sin(x[0]))[None, :]
    errors = []
    for seed in range(seeds):
        made = sobol_indices(func=function, n=points, dists=[uniform(-pi, 2 * pi)] * 3, rng=np.random.default_rng(seed))
        errors.append(np.r_[made.first_order.ravel(), made.total_order.ravel()] - exact)
    return np.array(errors)


subprocess.run(["cargo", "bench", "--quiet", "--bench", "sensitivity", "--no-run"], cwd=CRATE, check=True)
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
S, T = truth()
rng = np.random.default_rng(1)
many = np.array([rng.uniform(*ends, 8 * POINTS) for ends in ENDS])
rows = [("NumPy, the model alone", least(lambda: model(many), 25)[0], None)]
clock, (first, total) = least(scipy_side, 15)
rows.append(("SciPy", clock, max(abs(first - S).max(), abs(total - T).max())))
try:
    from SALib.analyze.sobol import analyze
    from SALib.sample.sobol import sample
    for resamples, name in [(2, "SALib, 2 resamples (its fewest)"), (100, "SALib, 100 resamples (its default)")]:
        clock, (first, total) = least(lambda: salib_side(resamples), 5)
        rows.append((name, clock, max(abs(first - S).max(), abs(total - T).max())))
except ImportError as error:
    print(f"skipped: {error}")
if shutil.which("Rscript"):
    # A column an input.
    numbers = [repr(float(x)) for x in np.array([S, T]).T.ravel()]
    printed = subprocess.run(["Rscript", os.path.join(HERE, "sobol.R"), *numbers], capture_output=True, text=True, check=True).stdout
    clock, alone, error = map(float, printed.split())
    rows += [("R, the model alone", alone, None), ("R, pseudo-random points", clock, error)]
subprocess.run(["cargo", "bench", "--quiet", "--bench", "sensitivity"], cwd=CRATE, check=True, stdout=subprocess.DEVNULL)
for file in sorted(glob.glob(os.path.join(CRATE, "target", "criterion", "sensitivity", "**", "new", "sample.json"), recursive=True)):
    with open(file) as text:
        of = json.load(text)
    name = os.path.relpath(os.path.dirname(os.path.dirname(file)), os.path.join(CRATE, "target", "criterion", "sensitivity"))
    rows.append((f"this crate, {name}", 1e-6 * min(t / n for t, n in zip(of["times"], of["iters"])), None))
print("| | ms | largest error |\n|---|--:|--:|")
for name, clock, error in rows:
    print(f"| {name} | {clock:.2f} | {'' if error is None else f'{error:.1e}'} |")
for points in (2**14, 2**15):
    errors = ishigami_errors(points)
    within = (abs(errors).max(axis=1) < 0.002).sum()
    rms = np.sqrt((errors**2).mean(axis=0))
    print(f"Ishigami, SciPy, {points} points: within 0.002 {within} of 100, root mean squares {np.round(rms, 5)}")
