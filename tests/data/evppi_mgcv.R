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
numbers <- function(f) paste0("[", paste(format(sapply(fits, f), digits = 15), collapse = ", "), "]")
cat(sprintf(
  '{"residual_variance": %s,\n "evppi": %s,\n "regression_error": %s}\n',
  numbers(function(fit) fit$sig2), numbers(function(fit) evppi(fitted(fit))), numbers(error)
))
