"""The Theta method by statsmodels: smoothing weight, slope of the line, forecasts 1, 5 and 15 steps on.

    python theta.py > theta.json

Logarithms of counts of the United States 1999-2019 (U.S. Cancer Statistics), and two made series. Made with statsmodels
0.14.
"""
import json
import math
import warnings

import numpy as np
from statsmodels.tsa.forecasting.theta import ThetaModel

warnings.simplefilter("ignore")
us = [15023, 15843, 16268, 16692, 17303, 18144, 18492, 18737, 19034, 20330, 21298, 22498, 23652, 24361, 25444, 26240,
      27241, 28241, 28629, 29202, 30434]
cases = [
    [math.log(c) for c in us],
    [4.0 + 0.01 * i + 0.1 * math.sin(2.4 * i) for i in range(16)],
    [3.0, 3.4, 3.1, 3.5, 3.3, 3.8, 3.6, 3.6, 4.1, 3.9],
]
out = []
for values in cases:
    fit = ThetaModel(np.array(values), period=1, deseasonalize=False, use_test=False).fit()
    f = np.asarray(fit.forecast(15, theta=2))
    out.append(dict(values=values, alpha=float(fit.params["alpha"]), slope=float(fit.params["b0"]),
                    mean=[float(f[i]) for i in (0, 4, 14)]))
print(json.dumps(out, indent=1))
