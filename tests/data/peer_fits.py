"""What SciPy, statsmodels and R make of two series, with their own defaults: python3 peer_fits.py > peer_fits.json

Series A grows by 3.2 % a year, series B is logistic; both with a ripple of 1 %. Textbook parameters, years from 2004. Each fit has
`converged`: what the tool itself says. Needs numpy, scipy, statsmodels and, for the R side, Rscript with minpack.lm and jsonlite.
"""
import json, os, subprocess, tempfile, warnings
import numpy as np, scipy, statsmodels, statsmodels.api as sm
from scipy.optimize import curve_fit, least_squares

warnings.filterwarnings("ignore")
T = np.arange(21.0)
SERIES = {"A": 90000 * 1.032**T * (1 + 0.01 * np.sin(3 * T)),
          "B": 250000 / (1 + np.exp(-0.12 * (T - 8))) * (1 + 0.01 * np.sin(3 * T))}
CURVES = {"exponential": lambda t, a, r: a * np.exp(r * t),
          "logistic": lambda t, K, r, m: K / (1 + np.exp(-r * (t - m))),
          "gompertz": lambda t, K, r, m: K * np.exp(-np.exp(-r * (t - m))),
          "richards": lambda t, K, r, m, v: K / (1 + v * np.exp(-r * (t - m))) ** (1 / v)}


def start(curve, y):
    """From the straight line through the transformed counts, for a capacity of half or all as much again as the largest."""
    if curve == "exponential":
        r, a = np.polyfit(T, np.log(y), 1)
        return [np.exp(a), r]
    K = (2.0 if curve == "gompertz" else 1.5) * y.max()
    z = -np.log(-np.log(y / K)) if curve == "gompertz" else np.log(y / K / (1 - y / K))
    r, a = np.polyfit(T, z, 1)
    return [K, r, -a / r] + [1.0] * (curve == "richards")


fits = []
for name, y in SERIES.items():
    base = {"series": name, "likelihood": "gaussian"}
    X = sm.add_constant(T)
    ols = sm.OLS(y, X).fit()
    fits.append({**base, "curve": "linear", "tool": f"statsmodels {statsmodels.__version__} OLS", "converged": True,
                 "parameters": list(ols.params), "standard_errors": list(ols.bse), "rss": ols.ssr})
    glm = sm.GLM(y, X, family=sm.families.Poisson()).fit(tol=1e-14, maxiter=200)
    fits.append({"series": name, "likelihood": "poisson", "curve": "exponential", "converged": True,
                 "tool": f"statsmodels {statsmodels.__version__} GLM", "parameters": [float(np.exp(glm.params[0])), glm.params[1]],
                 "standard_errors": [float(np.exp(glm.params[0]) * glm.bse[0]), glm.bse[1]], "rss": glm.pearson_chi2})
    for curve, f in CURVES.items():
        entry = {**base, "curve": curve, "tool": f"SciPy {scipy.__version__} curve_fit"}
        try:
            p, c = curve_fit(f, T, y, p0=start(curve, y), maxfev=20000, ftol=1e-14, xtol=1e-14)
            fits.append({**entry, "converged": True, "parameters": list(p), "standard_errors": list(np.sqrt(np.diag(c))),
                         "rss": float(np.sum((y - f(T, *p)) ** 2))})
        except RuntimeError as error:
            fits.append({**entry, "converged": False, "message": str(error)})

R = r"""
suppressMessages({library(minpack.lm); library(jsonlite)})
input <- fromJSON(commandArgs(TRUE)[1], simplifyVector = FALSE)
forms <- list(exponential = y ~ a * exp(r * t), logistic = y ~ K / (1 + exp(-r * (t - m))), gompertz = y ~ K * exp(-exp(-r * (t - m))),
              richards = y ~ K / (1 + v * exp(-r * (t - m)))^(1 / v))
out <- list()
for (case in input) {
  d <- data.frame(t = 0:20, y = unlist(case$y)); s <- lapply(case$start, as.numeric)
  tools <- list(nls = function() nls(forms[[case$curve]], d, start = s),
                "minpack.lm nlsLM" = function() nlsLM(forms[[case$curve]], d, start = s))
  for (tool in names(tools)) {
    f <- tryCatch(suppressWarnings(tools[[tool]]()), error = function(e) conditionMessage(e))
    version <- if (tool == "nls") R.version$version.string else paste("minpack.lm", packageVersion("minpack.lm"))
    entry <- list(series = case$series, likelihood = "gaussian", curve = case$curve, tool = paste0(tool, " (", version, ")"))
    if (is.character(f)) entry <- c(entry, converged = FALSE, message = f)
    else entry <- c(entry, converged = f$convInfo$isConv, list(parameters = unname(coef(f)), rss = sum(resid(f)^2),
      standard_errors = tryCatch(unname(summary(f)$coefficients[, 2]), error = function(e) NULL)),
      if (!f$convInfo$isConv) list(message = f$convInfo$stopMessage))
    out[[length(out) + 1]] <- entry
  }
}
cat(toJSON(out, digits = NA, auto_unbox = TRUE))
"""
NAMES = {"exponential": "ar", "logistic": "Krm", "gompertz": "Krm", "richards": "Krmv"}
cases = [{"series": n, "curve": c, "y": list(y), "start": dict(zip(NAMES[c], map(float, start(c, y))))}
         for n, y in SERIES.items() for c in CURVES]
with tempfile.TemporaryDirectory() as folder:
    script, data = os.path.join(folder, "fit.R"), os.path.join(folder, "cases.json")
    open(script, "w").write(R)
    json.dump(cases, open(data, "w"))
    fits += json.loads(subprocess.run(["Rscript", script, data], check=True, capture_output=True, text=True).stdout)

# 2,000 resamples of the logistic fit to series A, refitted as y = 1/(a + b exp(-r t)) with a >= 0, which holds the exponential
# curve at a = 0: the values in 2040. The counts have mean mu and variance mu; their scores are sums of twelve uniform numbers of the
# generator splitmix64 (Steele, Lea & Flood 2014, doi:10.1145/2714064.2660195), less 6, so that any language can repeat them.
def uniform():
    state = 0
    while True:
        state = (state + 0x9E3779B97F4A7C15) % 2**64
        z = state
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB % 2**64
        yield ((z ^ (z >> 31)) >> 11) * 2.0**-53


numbers = uniform()


def damped(start, y):
    s = np.array([1e-6, 1e-5, 0.03])
    f = lambda q: 1 / (q[0] * s[0] + q[1] * s[1] * np.exp(-q[2] * s[2] * T)) - y
    def jac(q):
        e = np.exp(-q[2] * s[2] * T)
        m2 = 1 / (q[0] * s[0] + q[1] * s[1] * e) ** 2
        return np.column_stack([-m2 * s[0], -m2 * e * s[1], m2 * q[1] * s[1] * T * s[2] * e])
    best = min((least_squares(f, q0, jac=jac, bounds=([0, 1e-6, 1e-3], np.inf), x_scale="jac", ftol=1e-15, xtol=1e-15, gtol=1e-15,
                              max_nfev=2000) for q0 in start), key=lambda r: r.cost)
    # On the border the exponential curve itself: bounded solvers stop just inside.
    r, la = np.polyfit(T, np.log(y), 1)
    edge = least_squares(lambda q: 1e5 * q[0] * np.exp(0.03 * q[1] * T) - y, [np.exp(la) / 1e5, r / 0.03], ftol=1e-15, xtol=1e-15, gtol=1e-15)
    if edge.cost <= best.cost * (1 + 1e-9):
        return 1e5 * edge.x[0] * np.exp(0.03 * edge.x[1] * 36), True
    q = best.x * s
    return 1 / (q[0] + q[1] * np.exp(-q[2] * 36)), False


near = [[0.1, 1.1, 1.06], [1.0, 1.0, 1.3], [1e-3, 1.1, 1.05]]
p = [f for f in fits if f["series"] == "A" and f["curve"] == "logistic" and f.get("converged")][0]["parameters"]
mean = CURVES["logistic"](T, *p)
values, edges = [], 0
for _ in range(2000):
    scores = np.array([sum(next(numbers) for _ in range(12)) - 6.0 for _ in T])
    value, edge = damped(near, np.floor(mean + np.sqrt(mean) * scores + 0.5))
    values.append(value)
    edges += edge
bootstrap = {"mean": list(mean), "without_ceiling": edges, "values": [float(f"{v:.12g}") for v in values]}
print(json.dumps({"fits": fits, "bootstrap": bootstrap}, indent=1, default=float))
