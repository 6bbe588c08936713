# Makes odds_cr2.csv; see README-ordinal.md.
suppressPackageStartupMessages(library(clubSandwich))

cat("table,quantity,group,value\n")
emit <- function(table, quantity, group, value) {
  cat(sprintf("%s,%s,%d,%.15g\n", table, quantity, group, as.numeric(value)), sep = "")
}

# Answers from a cut on against those below it, of which the proportional odds are a logit.
for (case in list(c("ideology", 3), c("cheese", 6))) {
  cells <- subset(read.csv("ordinal_tables.csv"), table == case[1])
  people <- cells[rep(seq_len(nrow(cells)), cells$number), ]
  for (clusters in c("dealt", "unequal")) {
    place <- seq_len(nrow(people)) - 1
    people$course <- if (clusters == "dealt") (place %/% 7) %% 12 else floor(sqrt(place))
    people$high <- as.integer(people$answer > as.integer(case[2]))
    fit <- glm(high ~ factor(group), binomial, people, epsilon = 1e-14)
    covariance <- vcovCR(fit, cluster = people$course, type = "CR2")
    tested <- coef_test(fit, vcov = covariance, test = "Satterthwaite")
    groups <- seq_along(coef(fit))[-1]
    name <- paste(case[1], clusters)
    emit(name, "log odds ratio", groups, coef(fit)[groups])
    emit(name, "variance", groups, diag(covariance)[groups])
    emit(name, "df", groups, tested[groups, grep("df", names(tested))])
    if (length(groups) > 1) {
      joint <- Wald_test(fit, constrain_zero(groups), vcov = covariance, test = "HTZ")
      emit(name, "F", 0, joint$Fstat)
      emit(name, "df of F", 0, joint$df_denom)
      emit(name, "p", 0, joint$p_val)
    }
  }
}
