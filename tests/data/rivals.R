# The Theta method, and what auto.arima and ets choose, for logarithms of counts of the United States 1999-2019 (U.S. Cancer
# Statistics) and two made series: Rscript rivals.R > rivals.json (R 4.2.2, forecast 8.20).
suppressMessages(library(forecast))
us <- c(15023, 15843, 16268, 16692, 17303, 18144, 18492, 18737, 19034, 20330, 21298, 22498, 23652, 24361, 25444, 26240,
        27241, 28241, 28629, 29202, 30434)
series <- list(log(us), 4 + 0.01 * (0:15) + 0.1 * sin(2.4 * (0:15)), c(3.0, 3.4, 3.1, 3.5, 3.3, 3.8, 3.6, 3.6, 4.1, 3.9))
num <- function(v) paste(sprintf("%.15g", v), collapse = ", ")
one <- function(v) {
  f <- thetaf(v, h = 15)
  s <- ses(v)
  sprintf('{"values": [%s], "alpha": %.15g, "drift": %.15g, "level": %.15g, "mean": [%s], "ets": "%s"}',
          num(v), f$model$alpha, f$model$drift, tail(s$model$states, 1)[1], num(f$mean[c(1, 5, 15)]), ets(v)$method)
}
a <- auto.arima(log(us))
f <- forecast(a, h = 16)
cat(sprintf('{"theta": [%s],\n "auto_arima": {"order": [%s], "drift": %.15g, "mean": [%s]}}\n',
            paste(sapply(series, one), collapse = ",\n"), num(arimaorder(a)), coef(a)["drift"], num(f$mean[c(1, 5, 16)])))
