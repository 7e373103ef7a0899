# Log-linear trends and joinpoint regressions by lm, glm and brute force, in R 4.2.2.
#
#     Rscript joinpoint_reference.R > joinpoint_reference.json
#
# Data: the counts of src/figures/registered.csv, and made-up rates with standard errors. A joinpoint model is lm with
# hinges max(t - tau, 0), fitted for every admissible set of years; standard errors of slopes are those of separate lines
# inside the segments (observations on a joinpoint left out), and those of lm; intervals of joinpoints invert
# RSS <= RSS_min (1 + F/(n - 2k - 2)).
suppressMessages(library(jsonlite))
arguments <- commandArgs(FALSE)
here <- dirname(sub("--file=", "", arguments[grep("--file=", arguments)]))
figures <- read.csv(file.path(here, "../../src/figures/registered.csv"), comment.char = "#")
series <- lapply(split(figures, figures$region), function(d)
  list(year = d$year, value = d$cases, se = sqrt(d$cases), count = TRUE))
series[["Made-up rates"]] <- list(
  year = c(1995:2003, 2005:2016),
  value = c(5.12, 5.31, 5.22, 5.47, 5.61, 5.58, 5.83, 5.79, 6.02, 6.07, 6.05, 6.16, 6.08, 6.21, 6.17, 6.02, 5.95, 5.97, 5.78, 5.75, 5.61),
  se = c(0.14, 0.14, 0.09, 0.11, 0.08, 0.09, 0.07, 0.12, 0.05, 0.07, 0.06, 0.06, 0.09, 0.05, 0.07, 0.06, 0.05, 0.09, 0.05, 0.04, 0.05),
  count = FALSE)

weights_of <- function(s, variance) switch(variance,
  constant = rep(1, length(s$year)), standard_errors = (s$value / s$se)^2,
  known_standard_errors = (s$value / s$se)^2, counts = s$value)

trend <- function(slope, se, df, dispersion, level = 0.95) {
  q <- if (is.na(df)) qnorm(1 - (1 - level) / 2) else qt(1 - (1 - level) / 2, df)
  p <- if (is.na(df)) 2 * pnorm(-abs(slope / se)) else 2 * pt(-abs(slope / se), df)
  list(slope = slope, se = se, lower = 100 * expm1(slope - q * se), upper = 100 * expm1(slope + q * se),
       p_value = p, dispersion = dispersion)
}
loglinear <- function(s, model) {
  t <- s$year - mean(s$year); n <- length(t)
  control <- glm.control(epsilon = 1e-13, maxit = 100)
  if (model == "poisson") {
    f <- summary(glm(s$value ~ t, family = poisson, control = control))$coefficients
    trend(f[2, 1], f[2, 2], NA, 1)
  } else if (model == "quasi_poisson") {
    m <- summary(glm(s$value ~ t, family = quasipoisson, control = control)); f <- m$coefficients
    trend(f[2, 1], f[2, 2], n - 2, m$dispersion)
  } else {
    w <- weights_of(s, model); m <- summary(lm(log(s$value) ~ t, weights = w))
    if (model == "known_standard_errors") trend(m$coefficients[2, 1], m$coefficients[2, 2] / m$sigma, NA, 1)
    else trend(m$coefficients[2, 1], m$coefficients[2, 2], n - 2, m$sigma^2)
  }
}

admissible <- function(year, tau, between = 2, end = 2) {
  if (length(tau) == 0) return(TRUE)
  k <- length(tau)
  if (sum(year < tau[1]) < end || sum(year > tau[k]) < end) return(FALSE)
  if (k > 1) for (i in 2:k) if (sum(year > tau[i - 1] & year < tau[i]) < between) return(FALSE)
  TRUE
}
design <- function(year, tau) {
  X <- cbind(1, year - year[1])
  for (x in tau) X <- cbind(X, pmax(year - x, 0))
  X
}
best <- function(s, w, k, grid, known) {
  year <- s$year; z <- log(s$value); n <- length(year)
  sets <- if (k == 0) list(numeric(0)) else combn(grid, k, simplify = FALSE)
  sets <- Filter(function(tau) admissible(year, tau), sets)
  rss <- sapply(sets, function(tau) { f <- lm.wfit(design(year, tau), z, w); sum(w * f$residuals^2) })
  tau <- sets[[which.min(rss)]]
  X <- design(year, tau)[, -1, drop = FALSE]
  m <- lm(z ~ X, weights = w)
  # Slopes are cumulative sums of the coefficients.
  C <- lower.tri(matrix(0, k + 1, k + 1), diag = TRUE) * 1
  V <- vcov(m)[-1, -1, drop = FALSE]; if (known) V <- V / summary(m)$sigma^2
  slopes <- as.vector(C %*% coef(m)[-1]); conditional <- C %*% V %*% t(C)
  # Separate lines inside the segments.
  segment <- findInterval(year, tau, left.open = FALSE) + 1
  inside <- !(year %in% tau)
  d <- data.frame(z = z, t = year, w = w, g = factor(segment))[inside, ]
  u <- if (k == 0) lm(z ~ t, data = d, weights = w) else lm(z ~ g + g:t - 1, data = d, weights = w)
  su <- summary(u); se <- tail(su$coefficients[, 2], k + 1); if (known) se <- se / su$sigma
  df <- u$df.residual
  q <- if (known) qnorm(0.975) else qt(0.975, df)
  allowed <- if (known) min(rss) + qchisq(0.95, 1) else min(rss) * (1 + qf(0.95, 1, n - 2 * k - 2) / (n - 2 * k - 2))
  region <- lapply(seq_len(k), function(j) range(sapply(sets[rss <= allowed], function(tau) tau[j])))
  r2 <- 0
  for (i in seq_len(k)) {
    from <- if (i == 1) -Inf else tau[i - 1]; to <- if (i == k) Inf else tau[i + 1]
    part <- year > from & year <= to
    zz <- residuals(lm(z ~ year, weights = w, subset = part)); h <- pmax(year - tau[i], 0)
    hh <- residuals(lm(h ~ year, weights = w, subset = part)); wp <- w[part]
    r2 <- max(r2, sum(wp * zz * hh)^2 / (sum(wp * zz^2) * sum(wp * hh^2)))
  }
  # Average over all years.
  knots <- c(year[1], tau, year[n]); share <- diff(knots) / (year[n] - year[1])
  mean_slope <- sum(share * slopes)
  clegg <- sqrt(sum(share^2 * se^2)); z975 <- if (k == 0) q else qnorm(0.975)
  bic <- function(penalty) log(min(rss) / n) + penalty * log(n) / n
  list(k = k, joinpoints = I(tau), rss = min(rss), slopes = I(slopes), se = I(as.vector(se)), df = df,
       conditional_se = I(sqrt(diag(conditional))), lower = I(100 * expm1(slopes - q * se)),
       upper = I(100 * expm1(slopes + q * se)), interval = region, bic = bic(2 * k + 2), bic3 = bic(3 * k + 2),
       weighted_bic = bic((2 + r2) * k + 2), fitted = exp(as.vector(fitted(m))),
       aapc = 100 * expm1(mean_slope), aapc_lower = 100 * expm1(mean_slope - z975 * clegg),
       aapc_upper = 100 * expm1(mean_slope + z975 * clegg),
       aapc_conditional_se = sqrt(as.vector(t(share) %*% conditional %*% share)))
}
variances <- function(s) c("constant", "standard_errors", "known_standard_errors", if (s$count) "counts")

out <- list()
out$loglinear <- unlist(lapply(names(series), function(name) lapply(
  c(variances(series[[name]]), if (series[[name]]$count) c("poisson", "quasi_poisson")), function(model)
    c(list(series = name, model = model), loglinear(series[[name]], model)))), recursive = FALSE)
out$joinpoints <- unlist(lapply(names(series), function(name) unlist(lapply(variances(series[[name]]), function(v)
  lapply(0:3, function(k) c(list(series = name, variance = v, points_between = 0),
    best(series[[name]], weights_of(series[[name]], v), k, series[[name]]$year, v == "known_standard_errors")))),
  recursive = FALSE)), recursive = FALSE)
# Quarters of a year.
finer <- function(year, points) sort(unique(c(year, unlist(lapply(seq_len(length(year) - 1), function(i)
  year[i] + (year[i + 1] - year[i]) * (0:points) / (points + 1))))))
out$joinpoints <- c(out$joinpoints, lapply(1:2, function(k) { s <- series[["England"]]
  c(list(series = "England", variance = "constant", points_between = 3), best(s, rep(1, length(s$year)), k, finer(s$year, 3), FALSE)) }))

# Permutation tests. All 5,040 permutations of seven observations; 3,000 random ones of England.
all_permutations <- function(n) if (n == 1) matrix(1) else {
  p <- all_permutations(n - 1)
  do.call(rbind, lapply(1:n, function(i) cbind(i, p + (p >= i))))
}
ratio_test <- function(s, w, a, b, orders) {
  year <- s$year; z <- log(s$value)
  solve_all <- function(k) {
    sets <- if (k == 0) list(numeric(0)) else Filter(function(tau) admissible(year, tau), combn(year, k, simplify = FALSE))
    lapply(sets, function(tau) qr(sqrt(w) * design(year, tau)))
  }
  Q <- list(solve_all(a), solve_all(b))
  rss <- function(v, Q) min(sapply(Q, function(q) sum(qr.resid(q, v)^2)))
  v <- sqrt(w) * z
  null <- Q[[1]][[which.min(sapply(Q[[1]], function(q) sum(qr.resid(q, v)^2)))]]
  f <- qr.fitted(null, v); e <- v - f
  observed <- rss(v, Q[[1]]) / rss(v, Q[[2]])
  ratios <- apply(orders, 1, function(o) { x <- f + e[o]; rss(x, Q[[1]]) / rss(x, Q[[2]]) })
  sum(ratios >= observed * (1 - 1e-9)) / length(ratios)
}
seven <- list(year = 2001:2007, value = c(101, 109, 114, 123, 121, 129, 131))
weights7 <- c(1, 2, 1, 3, 1, 1, 2)
set.seed(1)
england <- series[["England"]]; n <- length(england$year)
orders <- t(replicate(3000, sample(n)))
out$permutation <- list(
  list(series = "seven", year = seven$year, value = seven$value, se = seven$value / sqrt(weights7), null = 0, alternative = 1,
       permutations = 5040, p_value = ratio_test(seven, weights7, 0, 1, all_permutations(7))),
  list(series = "England", year = england$year, value = england$value, se = rep(1, n), null = 0, alternative = 1,
       permutations = 3000, p_value = ratio_test(england, rep(1, n), 0, 1, orders)),
  list(series = "England", year = england$year, value = england$value, se = rep(1, n), null = 1, alternative = 2,
       permutations = 3000, p_value = ratio_test(england, rep(1, n), 1, 2, orders)))
out$series <- lapply(names(series), function(name) c(list(name = name), series[[name]]))
cat(toJSON(out, auto_unbox = TRUE, digits = NA, pretty = FALSE), "\n")
