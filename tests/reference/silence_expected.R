# Weights by raking, and the weighted share, of answers by course and role: R's survey.
# Rscript silence_expected.R > silence_expected.csv
suppressMessages(library(survey))
cells <- expand.grid(course = c("a", "b", "c", "d"), role = c("midwife", "nurse", "worker"))
cells$answers <- c(5, 2, 7, 4, 3, 6, 1, 2, 4, 1, 3, 0)
cells$high <- c(5, 2, 6, 4, 2, 5, 1, 1, 4, 1, 2, 0)
courses <- data.frame(course = c("a", "b", "c", "d"), Freq = c(15, 20, 14, 11))
roles <- data.frame(role = c("midwife", "nurse", "worker"), Freq = c(22, 24, 14))
each <- cells[rep(seq_len(nrow(cells)), cells$answers), c("course", "role", "high", "answers")]
within <- ave(seq_len(nrow(each)), each$course, each$role, FUN = seq_along)
each$y <- as.numeric(within <= each$high)
design <- svydesign(ids = ~1, weights = rep(1, nrow(each)), data = each)
raked <- rake(design, list(~course, ~role), list(courses, roles),
              control = list(maxit = 1000, epsilon = 1e-12, verbose = FALSE))
w <- weights(raked)
cat("course,role,quantity,value\n")
for (i in seq_len(nrow(cells))) if (cells$answers[i] > 0) {
  here <- each$course == cells$course[i] & each$role == cells$role[i]
  cat(sprintf("%s,%s,weight,%.12g\n", cells$course[i], cells$role[i], w[here][1]))
}
cat(sprintf(",,share,%.12g\n", coef(svymean(~y, raked))))
cat(sprintf(",,design effect,%.12g\n", nrow(each) * sum(w^2) / sum(w)^2))
