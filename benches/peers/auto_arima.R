# What auto.arima of R's forecast makes of the full histories of a panel of registries, alone and in an equal pool with ets
# and thetaf (METHODS.md, "Back-test"): Rscript auto_arima.R PANEL.csv. Log counts, the origins, truths and scores of the
# example backtest; prints coverage and scores by band of horizons. R 4.2.2, forecast 8.20.
suppressMessages(library(forecast))
panel <- read.csv(commandArgs(trailingOnly = TRUE)[1], comment.char = "#")
panel <- panel[!is.na(panel$cases) & !(panel$year %in% c(2020, 2021)), ]
probabilities <- c(0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975)
score <- function(q, y) {
  parts <- abs(y - q[4]) / 2
  for (i in 1:3) parts <- parts + probabilities[i] * (q[8 - i] - q[i]) + max(q[i] - y, 0) + max(y - q[8 - i], 0)
  parts / 3.5
}
# Quantiles of an equal mixture of normal distributions.
mixture <- function(centre, deviation) {
  low <- min(centre - 9 * deviation)
  high <- max(centre + 9 * deviation)
  at <- function(p) uniroot(function(x) mean(pnorm(x, centre, deviation)) - p, c(low, high), tol = 1e-7)$root
  sapply(probabilities, at)
}
moments <- function(f) {
  cbind(f$mean, (f$upper[, 1] - f$mean) / qnorm(0.975))
}
of_series <- function(counts) {
  counts <- counts[order(counts$year), ]
  years <- min(counts$year):max(counts$year)
  logs <- log(counts$cases[match(years, counts$year)])
  rows <- list()
  for (i in seq_len(nrow(counts))) {
    origin <- counts$year[i]
    later <- counts[counts$year > origin & counts$year <= origin + 15, ]
    if (i < 10 || counts$cases[i] < 30 || nrow(later) == 0) next
    past <- logs[years <= origin]
    # ets and thetaf need every year; their errors are additive, so that all three forecasts are normal.
    whole <- approx(seq_along(past), past, seq_along(past))$y
    three <- list(forecast(auto.arima(past), h = 15, level = 95), forecast(ets(whole, additive.only = TRUE), h = 15, level = 95),
                  thetaf(whole, h = 15, level = 95))
    three <- lapply(three, moments)
    ahead <- later$year - origin
    for (j in seq_along(ahead)) {
      each <- sapply(three, function(one) one[ahead[j], ])
      y <- log(later$cases[j])
      of <- function(q) c(score(q, y), y >= q[3] & y <= q[5], y >= q[2] & y <= q[6], y >= q[1] & y <= q[7])
      rows[[length(rows) + 1]] <- c(ahead[j], of(each[1, 1] + each[2, 1] * qnorm(probabilities)), of(mixture(each[1, ], each[2, ])))
    }
  }
  do.call(rbind, rows)
}
report <- function(all, name) {
  cat(name)
  for (band in list(1:5, 6:10, 11:15)) {
    own <- all[all[, 1] %in% band, ]
    cat(sprintf(" | %s; %.4f; %d", paste(sprintf("%.1f", 100 * colMeans(own[, 3:5])), collapse = " / "), mean(own[, 2]), nrow(own)))
  }
  cat(sprintf(" | %.4f\n", mean(sapply(intersect(c(1, 3, 5, 8, 10, 12, 15), all[, 1]), function(h) mean(all[all[, 1] == h, 2])))))
}
series <- split(panel, panel$series_id)
each <- lapply(series, of_series)
myeloma <- sapply(series, function(one) one$site[1] == "multiple_myeloma")
for (site in c("all sites", "multiple myeloma")) {
  own <- do.call(rbind, if (site == "all sites") each else each[myeloma])
  report(own[, c(1, 2:5)], paste("auto.arima,", site))
  report(own[, c(1, 6:9)], paste("pool with ets and thetaf,", site))
}
