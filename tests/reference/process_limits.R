# Limits that the tests of the control charts compare with, from base R:
# Rscript process_limits.R > process_limits.csv

tail <- pnorm(-3)
emit <- function(...) cat(..., sep = ",", fill = TRUE)
number <- function(x) format(x, digits = 15)
emit("chart", "parameter", "lower", "centre", "upper")

for (m in c(0.5, 2, 5.5, 12, 19.85))
  emit("poisson", m, qpois(tail, m), m, qpois(1 - tail, m))

for (g in c(0.5, 65 / 28, 20, 182)) {
  chance <- 1 / (1 + g)
  emit("geometric", number(g),
       qgeom(tail, chance), qgeom(0.5, chance), qgeom(1 - tail, chance))
}
