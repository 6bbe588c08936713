# Expected values for tests/test_survival.py. Written by R 4.2.2 with survival
# 3.5-3; run it in this folder with: Rscript waiting_expected.R
#
# Writes waiting_families.csv (days and outcomes), waiting_curve.csv (Kaplan-Meier with log-log
# limits) and waiting_summary.csv (median; share seen by some days).
library(survival)

# aml: remission of leukaemia in weeks (Miller 1981, Survival Analysis, p. 49), with and without
# maintenance. What is "seen" there is a relapse; "waiting" is censored.
aml <- data.frame(
  series = paste("aml", tolower(survival::aml$x)), days = survival::aml$time,
  to_end = survival::aml$time, outcome = ifelse(survival::aml$status == 1, "seen", "waiting")
)

# Made up: ties, families seen on the day of referral, families who left, a period with an end.
set.seed(28)
n <- 80
referred <- sort(sample(0:400, n, replace = TRUE))
to_end <- 430 - referred
seen <- round(rgamma(n, 3, 1 / 12)) * rbinom(n, 1, 0.96)
left <- ifelse(runif(n) < 0.35, sample(5:80, n, replace = TRUE), Inf)
days <- pmin(seen, left, to_end)
made <- data.frame(
  series = "made", days = days, to_end = to_end,
  outcome = ifelse(seen == days, "seen", ifelse(left == days, "left", "waiting"))
)
families <- rbind(aml, made)
write.csv(families, "waiting_families.csv", row.names = FALSE, quote = FALSE)

curves <- NULL
summaries <- NULL
for (name in unique(families$series)) {
  for (leaving in c("censored at discharge", "never seen")) {
    data <- families[families$series == name, ]
    if (leaving == "never seen") {
      if (!any(data$outcome == "left")) next
      data$days <- ifelse(data$outcome == "left", data$to_end, data$days)
    }
    for (level in c(0.95, 0.9)) {
      fit <- survfit(Surv(days, outcome == "seen") ~ 1, data, conf.type = "log-log", conf.int = level)
      middle <- quantile(fit, 0.5)
      by <- summary(fit, times = c(5, 28, 56), extend = TRUE)
      inside <- by$time <= max(data$days)
      curves <- rbind(curves, data.frame(
        series = name, leaving = leaving, level = level, days = fit$time, at_risk = fit$n.risk,
        not_yet_seen = signif(fit$surv, 10), low = signif(fit$lower, 10), high = signif(fit$upper, 10)
      ))
      summaries <- rbind(summaries, data.frame(
        series = name, leaving = leaving, level = level,
        what = c("median", paste("seen by", by$time[inside])),
        estimate = signif(c(middle$quantile, 1 - by$surv[inside]), 10),
        low = signif(c(middle$lower, 1 - by$upper[inside]), 10),
        high = signif(c(middle$upper, 1 - by$lower[inside]), 10)
      ))
    }
  }
}

# Aalen-Johansen, leaving as a competing event: the second way to count comes close to it.
made$state <- factor(made$outcome, c("waiting", "seen", "left"))
compete <- summary(survfit(Surv(days, state) ~ 1, made), times = c(28, 56))
summaries <- rbind(summaries, data.frame(
  series = "made", leaving = "competing", level = 0.95, what = paste("seen by", c(28, 56)),
  estimate = signif(compete$pstate[, compete$states == "seen"], 10), low = NA, high = NA
))
write.csv(curves, "waiting_curve.csv", row.names = FALSE, quote = FALSE, na = "")
write.csv(summaries, "waiting_summary.csv", row.names = FALSE, quote = FALSE, na = "")
