"""Student's interval of the mean of a log-linear regression: numbers of tests/projection/counting.rs.

    python3 tests/data/log_linear_interval.py
"""

import numpy as np
from scipy.stats import t

cases = np.array([1005, 1126, 1012, 1190, 1133, 1272, 1190, 1340, 1268, 1409.0])
years = np.arange(10)
design = np.column_stack([np.ones(10), years])
logs = np.log(cases)
estimate, rss, _, _ = np.linalg.lstsq(design, logs, rcond=None)
covariance = np.linalg.inv(design.T @ design) * rss[0] / 8
for year in (2010, 2015):
    row = np.array([1, year - 2000])
    deviation = np.sqrt(row @ covariance @ row)
    print(year, [float(np.exp(row @ estimate + q * deviation)) for q in t.ppf([0.025, 0.975], 8)])
