"""Patients by line at the end of each year in the model of examples/four_lines_weibull.json.

    python3 four_lines.py > four_lines.json

Independent of the crate: entries at a steady rate through each year, exits by convolution with the Weibull
distribution function on a grid of 1,600 steps a year, averaged over each step by Simpson's rule (NumPy, SciPy).
"""
import json
import os
import numpy as np
from scipy.signal import fftconvolve

STEPS = 1600
here = os.path.dirname(os.path.abspath(__file__))
model = json.load(open(os.path.join(here, "../../examples/four_lines_weibull.json")))
cases = np.array(model["incidence"]["by_year"]["cases"], float)
step = 1 / STEPS
grid = np.arange(len(cases) * STEPS + 1) * step
entering = np.repeat(cases / STEPS, STEPS)
prevalence = []
for line in model["pathway"]["groups"][0]["lines"]:
    def left(t):
        return -np.expm1(-(t / line["stay"]["scale"]) ** line["stay"]["shape"])
    mean = (left(grid[:-1]) + 4 * left(grid[:-1] + step / 2) + left(grid[1:])) / 6
    gone = fftconvolve(entering, mean)[:len(entering)]
    prevalence.append((np.cumsum(entering) - gone)[STEPS - 1::STEPS])
    entering = np.diff(gone, prepend=0.0) * line["next"]
print(json.dumps({"prevalence": np.array(prevalence).T.tolist()}, indent=1))
