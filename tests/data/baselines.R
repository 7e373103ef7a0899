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
cat(sprintf('{"drift_mean": %.15g, "drift_upper": %.15g, "naive_upper": %.15g, "poisson_fit": %.15g, "poisson_upper": %.15g}\n',
  d$mean[10], d$upper[10], z$upper[10], m, m + qnorm(0.975) * s))
