# Expected values for the tests of the estimators: Rscript estimates_r.R > estimates_r.csv
# What each case is, and the versions used, stand in README-estimates.md.

suppressPackageStartupMessages({
  library(survey)
  library(boot)
  library(gee)
  library(geepack)
})

emit <- function(case, ...) {
  values <- c(...)
  cat(sprintf("%s,%s,%.15g\n", case, names(values), values), sep = "")
}
limits <- function(interval) c(low = interval[[1]], high = interval[[2]])

cat("case,quantity,value\n")

# Shares: base R
shares <- list(c(81, 263), c(15, 148), c(0, 20), c(1, 29), c(20, 20), c(301, 304), c(434, 434))
for (share in shares) {
  for (level in c(0.90, 0.95, 0.998)) {
    x <- share[1]; n <- share[2]
    case <- sprintf("%d/%d@%g", x, n, level)
    emit(paste("clopper-pearson", case), limits(binom.test(x, n, conf.level = level)$conf.int))
    emit(paste("wilson", case),
         limits(suppressWarnings(prop.test(x, n, conf.level = level, correct = FALSE)$conf.int)))
  }
}

# Counts: base R
for (x in c(0, 3, 62, 137)) {
  emit(sprintf("garwood %d", x), limits(poisson.test(x)$conf.int))
}

# Ratios of two rates: base R; the first is the example of ?poisson.test
ratios <- list(c(11, 800, 21, 3011), c(62, 24, 19, 10), c(0, 10, 7, 24), c(7, 24, 0, 10))
for (r in ratios) {
  for (level in c(0.95, 0.998)) {
    found <- poisson.test(r[c(1, 3)], r[c(2, 4)], conf.level = level)
    emit(sprintf("rate ratio %g in %g : %g in %g@%g", r[1], r[2], r[3], r[4], level),
         ratio = found$estimate[[1]], limits(found$conf.int))
  }
}

# A count against an expected one: twice the smaller tail (central)
counts <- list(c(137, 24.19893), c(10, 5.5), c(3, 8), c(0, 2.3), c(62, 50), c(2, 2.5), c(7, 7),
               c(1, 0.2), c(40, 62), c(0, 0.4))
for (test in counts) {
  x <- test[1]; m <- test[2]
  emit(sprintf("poisson test %g of %.9g", x, m),
       central = min(1, 2 * min(ppois(x, m), ppois(x - 1, m, lower.tail = FALSE))))
}

# Funnel limits: binomial quantiles / n (as funnelR, method "exact"), and interpolated between
# the quantile and the count below it (the appendix of Spiegelhalter 2005, Stata's funnelcompar)
interpolated <- function(tail, n, share) {
  r <- qbinom(tail, n, share)
  (r - (pbinom(r, n, share) - tail) / dbinom(r, n, share)) / n
}
for (share in c(0.08, 0.5, 0.99)) {
  for (n in c(1, 5, 10, 40, 434)) {
    for (level in c(0.95, 0.998)) {
      tail <- (1 - level) / 2
      emit(sprintf("funnel %g of %d@%g", share, n, level),
           low = qbinom(tail, n, share) / n, high = qbinom(1 - tail, n, share) / n,
           interpolated_low = interpolated(tail, n, share),
           interpolated_high = interpolated(1 - tail, n, share))
    }
  }
}

# Clustered shares. The first two are of the cluster sample of the survey package's own examples,
# by school district, unweighted: schools that met the growth target for comparable groups, and
# the school-wide one. The third is strongly clustered; the fourth has clusters of one.
data(api)
by_district <- function(met) {
  counts <- aggregate(cbind(x = as.integer(met == "Yes"), n = 1) ~ dnum, data = apiclus1, FUN = sum)
  list(x = counts$x, n = counts$n)
}
clustered <- list(
  "comp.imp" = by_district(apiclus1$comp.imp),
  "sch.wide" = by_district(apiclus1$sch.wide),
  "strong" = list(x = c(12, 0, 9, 15, 2, 14, 1, 11, 3, 13, 0, 16),
                  n = c(14, 10, 9, 18, 12, 15, 11, 11, 16, 13, 8, 17)),
  "singles" = list(x = c(1, 0, 1, 1, 0, 1, 1, 1, 1, 0, 1), n = rep(1, 11))
)
rows_of <- function(counts) {
  data.frame(
    id = rep(seq_along(counts$n), counts$n),
    y = unlist(mapply(function(x, n) rep(c(1, 0), c(x, n - x)), counts$x, counts$n))
  )
}

# Mancl and DeRouen (2001), by their formula, at the fit of the gee package
mancl_derouen <- function(frame, logit, alpha) {
  p <- plogis(logit)
  clusters <- lapply(split(frame$y, frame$id), function(y) {
    n <- length(y)
    d <- matrix(p * (1 - p), n, 1)
    v <- p * (1 - p) * ((1 - alpha) * diag(n) + alpha)
    list(r = y - p, d = d, v = v)
  })
  bread <- solve(Reduce(`+`, lapply(clusters, function(k) t(k$d) %*% solve(k$v, k$d))))
  scores <- lapply(clusters, function(k) {
    h <- k$d %*% bread %*% t(k$d) %*% solve(k$v)
    t(k$d) %*% solve(k$v, solve(diag(length(k$r)) - h, k$r))
  })
  meat <- Reduce(`+`, lapply(scores, function(s) s %*% t(s)))
  sqrt((bread %*% meat %*% bread)[1, 1])
}

for (name in names(clustered)) {
  counts <- clustered[[name]]
  frame <- rows_of(counts)
  emit(paste("clusters", name), setNames(counts$x, paste0("x", seq_along(counts$x))),
       setNames(counts$n, paste0("n", seq_along(counts$n))))
  design <- svydesign(ids = ~id, weights = ~1, data = frame)
  mean <- svymean(~y, design, deff = "replace")
  emit(paste("survey", name), share = coef(mean)[[1]], variance = vcov(mean)[1, 1],
       deff = deff(mean)[[1]])
  for (level in c(0.90, 0.95, 0.998)) {
    found <- svyciprop(~y, design, method = "beta", level = level)
    emit(sprintf("svyciprop beta %s@%g", name, level), limits(confint(found)))
  }
  if (name == "singles") next

  set.seed(1)
  statistic <- function(data, drawn) sum(data$x[drawn]) / sum(data$n[drawn])
  resampled <- boot(as.data.frame(counts), statistic, R = 2e5)
  emit(paste("boot", name), limits(boot.ci(resampled, type = "perc")$percent[4:5]))

  sink("/dev/null")
  fitted <- suppressMessages(gee(y ~ 1, id = id, data = frame, family = binomial,
                                 corstr = "exchangeable", tol = 1e-12, maxiter = 200, silent = TRUE))
  sink()
  alpha <- fitted$working.correlation[1, 2]
  logit <- coef(fitted)[[1]]
  emit(paste("gee", name), logit = logit, alpha = alpha,
       robust_se = sqrt(fitted$robust.variance[1, 1]),
       bias_reduced_se = mancl_derouen(frame, logit, alpha))
  other <- summary(geeglm(y ~ 1, id = id, data = frame, family = binomial,
                          corstr = "exchangeable"))
  emit(paste("geepack", name), logit = other$coefficients[1, 1], alpha = other$corr[1, 1],
       robust_se = other$coefficients[1, 2])
}

# Probabilities of zones: base R
for (zone in list(c(301, 304, 0.8, 0.9), c(14, 20, 0.6, 0.8), c(0, 7, 0.1, 0.3), c(7, 7, 0.6, 0.9))) {
  x <- zone[1]; n <- zone[2]
  emit(sprintf("share zones %g of %g: %g %g", x, n, zone[3], zone[4]),
       red = pbeta(zone[3], x + 0.5, n - x + 0.5),
       green = pbeta(zone[4], x + 0.5, n - x + 0.5, lower.tail = FALSE))
}
for (zone in list(c(62, 60, 0.8, 1), c(0, 4, 0.75, 1), c(19, 24.5, 0.8, 1.1))) {
  emit(sprintf("count zones %g of %g: %g %g", zone[1], zone[2], zone[3], zone[4]),
       red = pgamma(zone[3] * zone[2], zone[1] + 0.5),
       green = pgamma(zone[4] * zone[2], zone[1] + 0.5, lower.tail = FALSE))
}
