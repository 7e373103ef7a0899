# One input at a time in the model of zidovudine with and without lamivudine of Briggs, Claxton & Sculpher (2006), Decision
# Modelling for Health Economic Evaluation (ISBN 978-0-19-852662-9), by run_owsa_det of dampack:
# Rscript hiv_dsa.R > hiv_dsa.json. R 4.2.2, dampack 1.0.2.1000 (github.com/DARTH-git/dampack, GPL-3; only called here).
# Ranges of the first four inputs are those of heemod's article on sensitivity analysis.
suppressMessages(library(dampack))
base <- list(rr = 0.509, cost_zido = 2278, cost_lami = 2086, dr = 0.06, p_AB = 0.202, p_BC = 0.407, p_CD = 0.25, cost_C = 9007)
ranges <- data.frame(
  pars = names(base),
  min = c(0.4, 1500, 1500, 0.04, 0.15, 0.3, 0.2, 7000),
  max = c(0.6, 3000, 3000, 0.08, 0.25, 0.5, 0.3, 11000)
)
# Twenty cycles from state A; in a cycle are the means of who is there at its start and its end; costs of the first are not
# discounted, years are not at all.
arm <- function(p, rr, drugs) {
  moves <- rr * rbind(c(0, p$p_AB, 0.067, 0.01), c(0, 0, p$p_BC, 0.012), c(0, 0, 0, p$p_CD), 0)
  diag(moves) <- 1 - rowSums(moves)
  at <- matrix(c(1, 0, 0, 0), 21, 4, byrow = TRUE)
  for (t in 1:20) at[t + 1, ] <- at[t, ] %*% moves
  during <- (at[-1, ] + at[-21, ]) / 2
  alive <- rowSums(during[, 1:3])
  cost <- during[, 1:3] %*% c(2756, 3052, p$cost_C) + alive * drugs
  c(sum(cost / (1 + p$dr)^(0:19)), sum(alive))
}
model <- function(p) {
  both <- rbind(arm(p, 1, p$cost_zido), arm(p, p$rr, p$cost_zido + p$cost_lami))
  data.frame(strategy = c("mono", "comb"), cost = both[, 1], years = both[, 2])
}
bars <- run_owsa_det(ranges, base, nsamp = 2, FUN = model, strategies = c("mono", "comb"), progress = FALSE)
number <- function(x) paste0("[", paste(sapply(x, format, digits = 15), collapse = ", "), "]")
line <- function(i) {
  ends <- function(outcome, strategy) {
    of <- as.data.frame(bars[[paste0("owsa_", outcome)]])
    of <- of[of$parameter == ranges$pars[i] & of$strategy == strategy, ]
    number(of$outcome_val[order(of$param_val)])
  }
  sprintf(
    '  {"input": "%s", "range": %s, "outputs": [%s, %s, %s, %s]}', ranges$pars[i], number(c(ranges$min[i], ranges$max[i])),
    ends("cost", "mono"), ends("cost", "comb"), ends("years", "mono"), ends("years", "comb")
  )
}
central <- model(base)
cat(sprintf(
  '{"inputs": %s,\n "central": %s,\n "bars": [\n%s\n ]}\n', number(unlist(base)), number(c(central$cost, central$years)),
  paste(sapply(seq_along(base), line), collapse = ",\n")
))
