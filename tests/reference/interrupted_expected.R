# Expected values for tests/test_segmented.py. Written by R 4.2.2 with MASS 7.3-58.2 and
# sandwich 3.0-2; run it in this folder with: Rscript interrupted_expected.R
#
# Writes interrupted_series.csv (the counts), interrupted_expected.csv (the step of each model)
# and interrupted_curve.csv (fitted and counterfactual of the quasi-Poisson model).
library(MASS)
library(sandwich)
options(digits = 15)
level <- 0.95

# --- the counts -------------------------------------------------------------------------------

months_from <- function(first, n) seq(as.Date(first), by = "month", length.out = n)

# Car drivers killed or seriously injured, and van drivers killed, Great Britain, 1969 to 1984.
# Seat belts became compulsory on 31 January 1983; as in the literature, from February on.
belts <- function(column, name) {
  data.frame(
    series = name, month = months_from("1969-01-01", 192),
    events = as.integer(datasets::Seatbelts[, column]), months_open = 1,
    after = as.integer(datasets::Seatbelts[, "law"]),
    event = as.Date("1983-02-01")
  )
}

# Made up: 34 months, the event within one of them, a month closed, one open for half.
set.seed(20200323)
made <- data.frame(series = "made", month = months_from("2018-04-01", 34))
made$months_open <- replace(rep(1, 34), c(17, 30), c(0, 0.5))
made$after <- replace(as.numeric(made$month >= as.Date("2020-04-01")), 24, 9 / 31)
mean <- made$months_open * exp(2.5 - 0.5 * made$after + 0.004 * (1:34) +
  0.2 * cos(2 * pi * (1:34) / 12))
made$events <- rnbinom(34, size = 12, mu = mean)
made$event <- as.Date("2020-03-23")

columns <- c("series", "month", "event", "events", "months_open", "after")
series <- rbind(belts("drivers", "drivers")[columns], belts("VanKilled", "vans")[columns],
                made[columns])
write.csv(series, "interrupted_series.csv", row.names = FALSE, quote = FALSE)

# --- the models -------------------------------------------------------------------------------

terms_of <- function(data) {
  data$number <- seq_len(nrow(data)) - 1 # months, the closed ones counted too
  data$years <- data$number / 12
  angle <- 2 * pi * as.POSIXlt(data$month)$mon / 12
  data$s1 <- sin(angle); data$c1 <- cos(angle); data$s2 <- sin(2 * angle); data$c2 <- cos(2 * angle)
  data[data$months_open > 0, ]
}

ratio <- function(model, covariance, quantile, name, dispersion, alpha) {
  step <- unname(coef(model)["after"])
  error <- sqrt(diag(covariance))[["after"]]
  data.frame(
    model = name, estimate = exp(step), low = exp(step - quantile * error),
    high = exp(step + quantile * error), dispersion = dispersion, alpha = alpha
  )
}

expected <- NULL
curves <- NULL
for (name in unique(series$series)) {
  data <- terms_of(series[series$series == name, ])
  season <- if (nrow(data) >= 48) "s1 + c1 + s2 + c2" else "s1 + c1"
  formula <- as.formula(paste("events ~ after + years +", season, "+ offset(log(months_open))"))
  quasi <- glm(formula, family = quasipoisson(), data = data, epsilon = 1e-14)
  plain <- glm(formula, family = poisson(), data = data, epsilon = 1e-14)
  # where the counts vary no more than Poisson ones, theta grows without end: hence the warnings
  negative <- suppressWarnings(
    glm.nb(formula, data = data, control = glm.control(epsilon = 1e-14, maxit = 200))
  )
  lag <- floor(4 * (nrow(data) / 100)^(2 / 9))
  t <- qt((1 + level) / 2, quasi$df.residual)
  hac <- NeweyWest(plain, lag = lag, prewhite = FALSE, adjust = TRUE)
  pearson <- function(m) sum(residuals(m, "pearson")^2) / m$df.residual
  expected <- rbind(expected, data.frame(
    series = name,
    rbind(
      ratio(quasi, vcov(quasi), t, "quasi-Poisson", summary(quasi)$dispersion, NA),
      ratio(negative, vcov(negative), qnorm((1 + level) / 2), "negative binomial",
            pearson(negative), 1 / negative$theta),
      ratio(plain, hac, t, "Newey-West", pearson(plain), NA)
    )
  ))
  without <- transform(data, after = 0)
  eta <- predict(quasi, without, se.fit = TRUE)
  curves <- rbind(curves, data.frame(
    series = name, month = data$month, fitted = fitted(quasi),
    counterfactual = exp(eta$fit), low = exp(eta$fit - t * eta$se.fit),
    high = exp(eta$fit + t * eta$se.fit)
  ))
}
shown <- function(frame) {
  numbers <- sapply(frame, is.numeric)
  frame[numbers] <- lapply(frame[numbers], signif, 10)
  frame
}
write.csv(shown(expected), "interrupted_expected.csv", row.names = FALSE, quote = FALSE, na = "")
# the months about the event and the last ones are enough
keep <- with(curves, ave(seq_along(month), series, FUN = function(i) rank(-i)) <= 14)
write.csv(shown(curves[keep, ]), "interrupted_curve.csv", row.names = FALSE, quote = FALSE)
