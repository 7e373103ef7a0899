"""Log-likelihood, filtered state and forecast of the stochastic trend by statsmodels' Kalman filter.

    python trend_statsmodels.py > trend_statsmodels.json

State (level, departure of growth, mean growth); the first observation initialises the level, so the
likelihood is that of the observations after it. Made with statsmodels 0.14.
"""
import json

import numpy as np
from statsmodels.tsa.statespace.kalman_filter import KalmanFilter


def case(years, counts, variances, phi, level, growth, m, vm):
    y = np.log(np.array(counts, float))
    span = range(years[0] + 1, years[-1] + 1)
    at = {t: i for i, t in enumerate(years)}
    endog = np.array([y[at[t]] if t in at else np.nan for t in span])
    noise = np.array([variances[at[t]] if t in at else 1.0 for t in span])
    transition = np.array([[1, 1, 1], [0, phi, 0], [0, 0, 1.0]])
    q = np.diag([level, growth, 0.0])
    start = np.diag([variances[0], growth / (1 - phi**2), vm])
    f = KalmanFilter(k_endog=1, k_states=3)
    f.bind(endog[None, :])
    f["design"] = np.array([[1.0, 0, 0]])
    f["transition"] = transition
    f["selection"] = np.eye(3)
    f["state_cov"] = q
    f["obs_cov"] = noise[None, None, :]
    mean = transition @ np.array([y[0], 0, m])
    f.initialize_known(mean, transition @ start @ transition.T + q)
    r = f.filter()
    a, p = r.filtered_state[:, -1], r.filtered_state_cov[:, :, -1]
    fa, fp = a.copy(), p.copy()
    for _ in range(16):
        fa, fp = transition @ fa, transition @ fp @ transition.T + q
    return dict(
        years=years, log_counts=y.tolist(), variances=variances, persistence=phi, level=level,
        growth=growth, mean_growth=m, mean_growth_variance=vm, log_likelihood=float(r.llf),
        filtered_mean=a.tolist(), filtered_covariance=p.tolist(),
        forecast_mean=float(fa[0]), forecast_variance=float(fp[0, 0]),
    )


counts = [15023, 15843, 16268, 16692, 17303, 18144, 18492, 18737, 19034, 20330, 21298]
print(json.dumps([
    case([2019, 2024], [164300, 197200], [9e-4, 9e-4], 0.88, 4e-4, 6e-5, 0.02, 1e-5),
    case(list(range(1999, 2010)), counts, [1e-4 + 1 / c for c in counts], 0.8, 7e-4, 1e-4, 0.017, 2e-4),
    case([1999, 2000, 2003, 2004, 2009], [31, 44, 38, 52, 60], [0.03, 0.02, 0.03, 0.02, 0.018], 0.9, 9e-4, 5e-5, 0.0, 0.0),
], indent=1))
