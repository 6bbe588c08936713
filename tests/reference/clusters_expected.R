# Expected values for tests/test_clustered.py: Rscript clusters_expected.R > clusters_expected.csv
# What each case is, and the versions used, stand in README-clusters.md.

suppressPackageStartupMessages({
  library(survey)
  library(clubSandwich)
})

emit <- function(case, ...) {
  values <- c(...)
  cat(sprintf("%s,%s,%.15g\n", case, names(values), values), sep = "")
}

cat("case,quantity,value\n")

data(api)
districts <- aggregate(cbind(x = as.integer(comp.imp == "Yes"), n = 1) ~ dnum,
                       data = apiclus1, FUN = sum)
clustered <- list(
  "comp.imp" = list(x = districts$x, n = districts$n),
  "strong" = list(x = c(12, 0, 9, 15, 2, 14, 1, 11, 3, 13, 0, 16),
                  n = c(14, 10, 9, 18, 12, 15, 11, 11, 16, 13, 8, 17)),
  "singles" = list(x = c(1, 0, 1, 1, 0, 1, 1, 1, 1, 0, 1), n = rep(1, 11)),
  "one large" = list(x = c(88, 7, 10, 9, 4, 8, 10, 6, 9), n = c(100, rep(10, 8))),
  "two" = list(x = c(9, 3), n = c(20, 12))
)

for (name in names(clustered)) {
  counts <- clustered[[name]]
  emit(paste("clusters", name), setNames(counts$x, paste0("x", seq_along(counts$x))),
       setNames(counts$n, paste0("n", seq_along(counts$n))))
  frame <- data.frame(
    id = rep(seq_along(counts$n), counts$n),
    y = unlist(mapply(function(x, n) rep(c(1, 0), c(x, n - x)), counts$x, counts$n))
  )
  # The mean as a regression without predictors; the working model is the target.
  fitted <- lm(y ~ 1, data = frame)
  same <- outer(frame$id, frame$id, "==")
  for (correlation in c(0, 0.05, 0.2)) {
    target <- ifelse(same, correlation, 0)
    diag(target) <- 1
    covariance <- vcovCR(fitted, cluster = frame$id, type = "CR2", target = target,
                         inverse_var = FALSE)
    tested <- coef_test(fitted, vcov = covariance, test = "Satterthwaite")
    emit(sprintf("cr2 %s@%g", name, correlation), variance = covariance[1, 1],
         df = tested[1, grep("df", names(tested))])
  }
}
