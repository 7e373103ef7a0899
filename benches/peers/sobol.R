# The R side of sobol.py: the estimators of the crate over pseudo-random numbers, since base R has no Sobol' sequence.
# Prints the least time and the time of the model alone, in milliseconds, and the largest error.
points <- 2^14
low <- c(160e3, 0.01, 0.8, 0.55, 0.45, 1)
high <- c(200e3, 0.03, 0.95, 0.75, 0.65, 3)
model <- function(x) x[, 1] * exp(16 * x[, 2]) * x[, 3] * x[, 4] * x[, 5] * exp(-0.02 * x[, 6])
rows <- function() matrix(low + (high - low) * runif(6 * points), points, byrow = TRUE)
indices <- function() {
  a <- rows(); b <- rows()
  of_a <- model(a); of_b <- model(b)
  both <- c(of_a, of_b)
  sapply(1:6, function(i) {
    mixed <- a
    mixed[, i] <- b[, i]
    step <- model(mixed) - of_a
    c(mean((of_b - mean(both)) * step), mean(step^2) / 2) / var(both)
  })
}
least <- function(call, times) min(sapply(1:times, function(i) {
  begin <- Sys.time(); call(); 1e3 * as.numeric(Sys.time() - begin, units = "secs")
}))
set.seed(1)
many <- matrix(low + (high - low) * runif(6 * 8 * points), 8 * points, byrow = TRUE)
truth <- matrix(as.numeric(commandArgs(trailingOnly = TRUE)), 2)
cat(least(indices, 25), least(function() model(many), 25), max(abs(indices() - truth)), "\n")
