# Expected values for tests/test_competing.py. Written by R 4.2.2 with survival
# 3.5-3; run it in this folder with: Rscript leaving_expected.R
#
# Writes leaving_families.csv (days, outcome, how many) and leaving_curve.csv (Aalen-Johansen
# with the infinitesimal jackknife's standard errors and log-log limits).
library(survival)

# mgus: after a monoclonal gammopathy was found, what came first in months, a plasma cell
# malignancy or death without one (Kyle et al. 2002, N Engl J Med 346, 564-569).
first <- with(mgus2, ifelse(pstat == 1, "seen", ifelse(death == 1, "left", "waiting")))
mgus <- data.frame(series = "mgus", days = ifelse(mgus2$pstat == 1, mgus2$ptime, mgus2$futime),
                   outcome = first)

# Made up: ties, families seen or gone on the day of referral, and small series at the edges.
set.seed(11)
n <- 80
to_end <- sample(0:200, n, replace = TRUE)
seen <- round(rgamma(n, 2, 1 / 15)) * rbinom(n, 1, 0.95)
left <- ifelse(runif(n) < 0.4, sample(0:80, n, replace = TRUE), Inf)
days <- pmin(seen, left, to_end)
made <- data.frame(series = "made", days = days,
                   outcome = ifelse(seen == days, "seen", ifelse(left == days, "left", "waiting")))
edge <- function(series, days, outcome) data.frame(series, days, outcome)
families <- rbind(
  mgus, made,
  edge("one cause", c(3, 3, 8, 9, 12), c("seen", "seen", "waiting", "seen", "waiting")),
  edge("all on one day", rep(7, 5), c("seen", "seen", "left", "waiting", "seen")),
  edge("to the last", c(1, 2, 4, 4, 6), c("left", "seen", "waiting", "left", "seen")),
  edge("nothing happened", c(2, 5, 5), rep("waiting", 3)),
  edge("one family", 4, "left")
)
counted <- aggregate(n ~ series + days + outcome, cbind(families, n = 1), sum)
write.csv(counted, "leaving_families.csv", row.names = FALSE, quote = FALSE)

curves <- NULL
for (name in unique(families$series)) {
  data <- families[families$series == name, ]
  data$state <- factor(data$outcome, c("waiting", "seen", "left"))
  data$id <- seq_len(nrow(data))
  for (level in if (name == "mgus") 0.95 else c(0.95, 0.9)) {
    fit <- survfit(Surv(days, state) ~ 1, data, id = id, conf.type = "log-log", conf.int = level)
    for (state in c("(s0)", "seen", "left")) {
      at <- which(fit$states == state)
      curves <- rbind(curves, data.frame(
        series = name, level = level, outcome = if (state == "(s0)") "waiting" else state,
        days = fit$time, at_risk = fit$n.risk[, 1], share = signif(fit$pstate[, at], 12),
        error = signif(fit$std.err[, at], 12), low = signif(fit$lower[, at], 12),
        high = signif(fit$upper[, at], 12)
      ))
    }
  }
}
write.csv(curves, "leaving_curve.csv", row.names = FALSE, quote = FALSE, na = "")
