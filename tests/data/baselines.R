# Reference values for the baselines: Rscript baselines.R > baselines.json (R 4.2.2, forecast 8.20).
suppressMessages(library(forecast))
y <- c(15023, 15843, 16268, 16692, 17303, 18144, 18492, 18737, 19034, 20330, 21298)
x <- -10:0
# rwf's drift interval: sqrt(h * (1 + h/(n-1))) times the residual standard deviation
d <- rwf(log(y), drift = TRUE, h = 10, level = 95)
z <- rwf(log(y), h = 10, level = 95)
g <- glm(y ~ x, family = poisson, control = glm.control(epsilon = 1e-14, maxit = 100))
p <- predict(g, data.frame(x = 10), se.fit = TRUE)
m <- exp(p$fit); s <- sqrt(m^2 * p$se.fit^2 + m)
# Damped-trend smoothing of the counts themselves, 1999-2019: its parameters and initial states, the
# variance, and mean and upper end of the 95 % interval 1, 5 and 16 years on.
all <- c(y, 22498, 23652, 24361, 25444, 26240, 27241, 28241, 28629, 29202, 30434)
e <- ets(all, "AAN", damped = TRUE)
f <- forecast(e, h = 16, level = 95)
at <- c(1, 5, 16)
num <- function(v) paste(sprintf("%.15g", v), collapse = ", ")
cat(sprintf('{"drift_mean": %.15g, "drift_upper": %.15g, "naive_upper": %.15g, "poisson_fit": %.15g, "poisson_upper": %.15g,\n',
  d$mean[10], d$upper[10], z$upper[10], m, m + qnorm(0.975) * s))
cat(sprintf(' "damped_counts": {"alpha": %.15g, "beta": %.15g, "damping": %.15g, "level": %.15g, "slope": %.15g, "variance": %.15g, "mean": [%s], "upper": [%s]}}\n',
  e$par["alpha"], e$par["beta"], e$par["phi"], e$par["l"], e$par["b"], e$sigma2, num(f$mean[at]), num(f$upper[at])))
