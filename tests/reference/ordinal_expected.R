# Makes ordinal_expected.csv; see README-ordinal.md.
library(MASS)
library(ordinal)
library(sandwich)

read_table <- function(name) {
  cells <- subset(read.csv("ordinal_tables.csv"), table == name)
  people <- cells[rep(seq_len(nrow(cells)), cells$number), ]
  data.frame(
    group = factor(people$group),
    answer = factor(people$answer, ordered = TRUE),
    course = ((seq_len(nrow(people)) - 1) %/% 7) %% 12
  )
}

rows <- function(table, quantity, group, answer, value) {
  data.frame(table, quantity, group, answer, value = as.numeric(value))
}

from_model <- function(table, people) {
  fit <- clm(answer ~ group, data = people, control = clm.control(gradTol = 1e-10))
  again <- polr(answer ~ group, data = people, Hess = TRUE, control = list(reltol = 1e-14))
  cuts <- length(fit$alpha)
  groups <- 2:nlevels(people$group)
  ratios <- cuts + groups - 1
  errors <- sqrt(diag(vcov(fit)))
  clustered <- sqrt(diag(vcovCL(fit, cluster = people$course)))
  at <- expand.grid(group = levels(people$group), answer = levels(people$answer))
  at$answer <- factor(at$answer, levels = levels(people$answer), ordered = TRUE)
  predicted <- predict(fit, newdata = at, se.fit = TRUE)
  rbind(
    rows(table, "log odds ratio", groups, NA, coef(fit)[ratios]),
    rows(table, "log odds ratio (polr)", groups, NA, coef(again)),
    rows(table, "its error", groups, NA, errors[ratios]),
    rows(table, "its clustered error", groups, NA, clustered[ratios]),
    rows(table, "threshold", NA, 1:cuts, fit$alpha),
    rows(table, "threshold's error", NA, 1:cuts, errors[1:cuts]),
    rows(table, "threshold's clustered error", NA, 1:cuts, clustered[1:cuts]),
    rows(table, "probability", at$group, at$answer, predicted$fit),
    rows(table, "probability's error", at$group, at$answer, predicted$se.fit)
  )
}

# The binary logits of all cuts, fitted by glm; their influences summed over courses.
from_cuts <- function(table, people) {
  groups <- 2:nlevels(people$group)
  cuts <- seq_len(nlevels(people$answer) - 1)
  fits <- lapply(cuts, function(cut) {
    glm((as.integer(answer) > cut) ~ group, binomial, people, epsilon = 1e-14)
  })
  influence <- do.call(cbind, lapply(fits, function(fit) {
    (estfun(fit) %*% vcov(fit))[, -1, drop = FALSE]
  }))
  sums <- rowsum(influence, people$course)
  courses <- nrow(sums)
  covariance <- courses / (courses - 1) * crossprod(sums)
  values <- unlist(lapply(fits, function(fit) coef(fit)[-1]))
  first <- length(groups)
  contrast <- cbind(
    -kronecker(matrix(1, length(cuts) - 1, 1), diag(first)),
    diag(first * (length(cuts) - 1))
  )
  difference <- contrast %*% values
  df <- length(difference)
  wald <- t(difference) %*% solve(contrast %*% covariance %*% t(contrast), difference)
  f <- wald * (courses - df) / (df * (courses - 1))
  at <- expand.grid(group = groups, cut = cuts)
  rbind(
    rows(table, "log odds ratio at a cut", at$group, at$cut, values),
    rows(table, "its clustered error at a cut", at$group, at$cut, sqrt(diag(covariance))),
    rows(table, "F", NA, NA, f),
    rows(table, "p-value", NA, NA, pf(f, df, courses - df, lower.tail = FALSE))
  )
}

ideology <- read_table("ideology")
cheese <- read_table("cheese")
# As in the fit of a merged scale: 1 to 5, 6, 7 to 9, so that no cell is empty.
merged <- cheese
levels(merged$answer) <- list("1" = 1:5, "2" = 6, "3" = 7:9)
all <- rbind(
  from_model("ideology", ideology),
  from_cuts("ideology", ideology),
  from_model("cheese", cheese),
  from_model("cheese merged", merged),
  from_cuts("cheese merged", merged)
)
all$value <- sprintf("%.10f", all$value)
write.csv(all, "ordinal_expected.csv", row.names = FALSE, quote = FALSE, na = "")
