# Regression splines of draws that a formula makes, and the value of knowing their inputs, by mgcv:
# Rscript evppi_mgcv.R > evppi_mgcv.json. R 4.2.2, mgcv 1.8-41.
suppressMessages(library(mgcv))
n <- 2000
i <- 1:n
fract <- function(x) x - floor(x)
x1 <- fract(i * sqrt(2))
x2 <- -log(1 - fract(i * sqrt(3)))
y <- 3 * sin(6 * x1) + x2 * (1 + x1) + 4 * (fract(i * sqrt(5)) - 0.5) - 1.5
fits <- list(
  gam(y ~ s(x1, bs = "cr", k = 20), method = "REML"),
  gam(y ~ te(x1, x2, bs = "cr", k = 7), method = "REML")
)
evppi <- function(g) mean(pmax(g, 0)) - max(mean(g), 0)
# Strong, Oakley & Brennan (2014): draws of the coefficients.
error <- function(fit) {
  set.seed(1)
  beta <- rmvn(4000, coef(fit), vcov(fit))
  sd(apply(predict(fit, type = "lpmatrix") %*% t(beta), 2, evppi))
}
# Few draws and much noise, where the degrees of freedom say how smooth a spline is.
noisy <- lapply(1:2, function(inputs) {
  i <- 1:c(200, 500)[inputs]
  a <- fract(i * sqrt(2))
  b <- fract(i * sqrt(3))
  noise <- 4 * (fract(i * sqrt(5)) - 0.5)
  if (inputs == 1) {
    y <- sin(6 * a) + noise
    gam(y ~ s(a, bs = "cr", k = 20), method = "REML")
  } else {
    y <- sin(6 * a) * (1 + cos(5 * b)) + noise
    gam(y ~ te(a, b, bs = "cr", k = 7), method = "REML")
  }
})
numbers <- function(fits, f) paste0("[", paste(format(sapply(fits, f), digits = 15), collapse = ", "), "]")
cat(sprintf(
  paste0(
    '{"residual_variance": %s,\n "evppi": %s,\n "regression_error": %s,\n',
    ' "noisy": {"residual_variance": %s,\n           "degrees_of_freedom": %s,\n           "fitted_sd": %s}}\n'
  ),
  numbers(fits, function(fit) fit$sig2), numbers(fits, function(fit) evppi(fitted(fit))), numbers(fits, error),
  numbers(noisy, function(fit) fit$sig2), numbers(noisy, function(fit) sum(fit$edf)), numbers(noisy, function(fit) sd(fitted(fit)))
))
