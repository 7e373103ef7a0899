"""Why resampled series have an error variance of their own: coverage of 95 % intervals of the AAPC in per cent.

    python3 resampled_intervals.py

400 simulated series a line, normal errors with standard deviation 0.02, 400 resampled series each, known number of
joinpoints. Columns: residuals as they are; times sqrt(n/(n - 2k - 2)); that, times sqrt(d/chi2(d)) with
d = n - 2k - 2 drawn for each resampled series, which is what the crate does. NumPy 2.
"""
import itertools
import numpy as np

rng = np.random.default_rng(1)


def sets(n, k):
    for s in itertools.combinations(range(n), k):
        if k and (s[0] < 2 or n - 1 - s[-1] < 2 or any(b - a - 1 < 2 for a, b in zip(s, s[1:]))):
            continue
        yield s


def coverage(n, slopes, series=400, resamples=400, sd=0.02):
    k, t = len(slopes) - 1, np.arange(n, dtype=float)
    bases, contrasts = [], []
    for s in sets(n, k):
        X = np.column_stack([np.ones(n), t] + [np.maximum(t - x, 0) for x in s])
        q, r = np.linalg.qr(X)
        bases.append(q)
        contrasts.append((X[-1] - X[0]) @ np.linalg.solve(r, q.T) / (n - 1))
    contrasts = np.array(contrasts)
    knots = [round((n - 1) * i / (k + 1)) for i in range(1, k + 1)]
    mean = slopes[0] * t + sum((b - a) * np.maximum(t - x, 0) for a, b, x in zip(slopes, slopes[1:], knots))
    truth = (mean[-1] - mean[0]) / (n - 1)

    def average(y):
        best = np.stack([((q.T @ y) ** 2).sum(0) for q in bases]).argmax(0)
        return best, np.einsum("mj,jm->m", contrasts[best], y)

    d = n - 2 * k - 2
    held = np.zeros(3)
    for _ in range(series):
        y = mean + sd * rng.standard_normal(n)
        q = bases[average(y[:, None])[0][0]]
        fitted = q @ (q.T @ y)
        e = np.interp(rng.random((n, resamples)), (np.arange(n) + 0.5) / n, np.sort(y - fitted))
        scales = [1.0, np.sqrt(n / d), np.sqrt(n / rng.chisquare(d, resamples))]
        for i, scale in enumerate(scales):
            lower, upper = np.quantile(average(fitted[:, None] + scale * e)[1], [0.025, 0.975])
            held[i] += lower <= truth <= upper
    return 100 * held / series


for n in (12, 20, 30):
    for slopes in ([0.03], [0.04, 0.0]):
        print(n, slopes, *(f"{x:.1f}" for x in coverage(n, slopes)), flush=True)
