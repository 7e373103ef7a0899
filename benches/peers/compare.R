# The R side of compare.py: nlsLM with covariance on one series, raw nls.lm on the resamples. Prints one line of JSON.
suppressPackageStartupMessages({library(minpack.lm); library(jsonlite)})
folder <- commandArgs(trailingOnly = TRUE)[1]
t <- 0:20
series <- function(kind) {
  wave <- 1 + 0.01 * sin(3 * t)
  if (kind == "A") 90000 * 1.032^t * wave else 250000 / (1 + exp(-0.12 * (t - 8))) * wave
}
start <- function(y) {
  K <- 1.5 * max(y)
  line <- coef(lm(log(y / K / (1 - y / K)) ~ t))
  list(K = K, r = line[[2]], m = -line[[1]] / line[[2]])
}
least <- function(f, n) min(replicate(n, { b <- Sys.time(); f(); as.numeric(Sys.time() - b, units = "secs") })) * 1e9
curve <- function(p, t) p[1] / (1 + exp(-p[2] * (t - p[3])))
LM <- list(); raw <- list()
for (kind in c("B", "A")) {
  y <- series(kind)
  p <- start(y)
  # As the crate's fit: starting values, estimates, standard errors.
  one <- function() summary(nlsLM(y ~ K / (1 + exp(-r * (t - m))), start = start(y)))$coefficients[, 2]
  LM[[paste0("fit_", kind, "_ns")]] <- least(one, 40)
  best <- coef(nlsLM(y ~ K / (1 + exp(-r * (t - m))), start = p, control = nls.lm.control(maxiter = 1000)))
  counts <- as.matrix(read.csv(file.path(folder, paste0("resamples_", tolower(kind), ".csv")), header = FALSE))
  stopped <- 0
  refit <- function() {
    stopped <<- 0
    for (i in seq_len(nrow(counts))) {
      row <- counts[i, ]
      fit <- nls.lm(best, fn = function(p) row - curve(p, t))
      if (!(fit$info %in% 1:4)) stopped <<- stopped + 1
    }
  }
  raw[[paste0("bootstrap_", kind, "_ns")]] <- least(refit, 3)
  raw[[paste0("bootstrap_", kind, "_failed")]] <- stopped
}
cat(toJSON(list(nlsLM = LM, nls.lm = raw), auto_unbox = TRUE, digits = NA), "\n")
