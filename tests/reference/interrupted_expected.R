# Expected values for tests/test_segmented.py. Written by R 4.2.2 with MASS 7.3-58.2 and
# nlme 3.1-162; run it in this folder with: Rscript interrupted_expected.R
#
# Writes interrupted_series.csv (the counts), interrupted_expected.csv (the step of each model),
# interrupted_curve.csv (fitted and counterfactual of the quasi-Poisson model),
# interrupted_given.csv (the step where the correlation of months is known) and
# interrupted_residuals.csv (the correlation of residuals and its test).
library(MASS)
library(nlme)
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

# The working values of the Poisson model, with errors that are autoregressive over months.
given <- function(plain, data, rho) {
  data$mu <- fitted(plain)
  data$z <- residuals(plain, "working") + predict(plain) - log(data$months_open)
  season <- if (nrow(data) >= 48) "s1 + c1 + s2 + c2" else "s1 + c1"
  fit <- gls(
    as.formula(paste("z ~ after + years +", season)), data = data, method = "REML",
    weights = varFixed(~ I(1 / mu)),
    correlation = corAR1(rho, form = ~number, fixed = TRUE)
  )
  sigma2 <- fit$sigma^2
  data.frame(
    rho = rho, step = coef(fit)[["after"]], variance = vcov(fit)["after", "after"] / sigma2,
    dispersion = sigma2, log_likelihood = as.numeric(logLik(fit))
  )
}

# Averaged over the correlation by the midpoint rule; ours is Gauss and Legendre's.
averaged <- function(plain, data) {
  each <- do.call(rbind, lapply((seq_len(1000) - 0.5) / 1000, function(r) given(plain, data, r)))
  weight <- exp(each$log_likelihood - max(each$log_likelihood))
  weight <- weight / sum(weight)
  spread <- sqrt(each$variance * pmax(each$dispersion, 1))
  at <- function(p) {
    beyond <- function(x) sum(weight * pt((x - each$step) / spread, plain$df.residual)) - p
    exp(uniroot(beyond, c(-10, 10), tol = 1e-13)$root)
  }
  data.frame(
    model = "autoregressive", estimate = at(0.5), low = at((1 - level) / 2),
    high = at((1 + level) / 2), dispersion = NA, alpha = NA
  )
}

expected <- NULL
curves <- NULL
knowns <- NULL
tests <- NULL
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
  t <- qt((1 + level) / 2, quasi$df.residual)
  pearson <- function(m) sum(residuals(m, "pearson")^2) / m$df.residual
  floored <- vcov(plain) * max(summary(quasi)$dispersion, 1)
  expected <- rbind(expected, data.frame(
    series = name,
    rbind(
      ratio(quasi, floored, t, "quasi-Poisson", summary(quasi)$dispersion, NA),
      ratio(negative, vcov(negative), t, "negative binomial", pearson(negative),
            1 / negative$theta),
      transform(averaged(plain, data), dispersion = pearson(plain))
    )
  ))
  knowns <- rbind(knowns, data.frame(
    series = name, do.call(rbind, lapply(c(0, 0.3, 0.6, 0.9), function(r) given(plain, data, r)))
  ))
  left <- residuals(plain, "pearson")
  tests <- rbind(tests, data.frame(
    series = name, lag_1 = acf(left, plot = FALSE)$acf[2],
    p_value = Box.test(left, lag = 1, type = "Ljung-Box")$p.value
  ))
  without <- transform(data, after = 0)
  eta <- predict(quasi, without, se.fit = TRUE)
  error <- eta$se.fit * sqrt(max(summary(quasi)$dispersion, 1) / summary(quasi)$dispersion)
  curves <- rbind(curves, data.frame(
    series = name, month = data$month, fitted = fitted(quasi),
    counterfactual = exp(eta$fit), low = exp(eta$fit - t * error),
    high = exp(eta$fit + t * error)
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
write.csv(shown(knowns), "interrupted_given.csv", row.names = FALSE, quote = FALSE)
write.csv(shown(tests), "interrupted_residuals.csv", row.names = FALSE, quote = FALSE)
