# Expected values for tests/test_batches.py. Written by R 4.2.2 with epitools 0.5-10.1; run it in
# this folder with: Rscript batches_expected.R > batches_expected.csv
#
# A total of batches is a directly standardised rate: so many batches of each size are Poisson
# counts, and the sizes their weights (here those of a standard population, each in one unit).
suppressPackageStartupMessages(library(epitools))

total <- function(case, sizes, elsewhere, level) {
  known <- sort(unique(c(sizes, elsewhere)))
  number <- sapply(known, function(size) sum(sizes == size))
  found <- ageadjust.direct(number, rep(1, length(known)), stdpop = known, conf.level = level)
  limits <- found[c("adj.rate", "lci", "uci")] * sum(known)
  cat(sprintf("%s,%s,%s,%g,%s\n", case, paste(sizes, collapse = " "),
              paste(elsewhere, collapse = " "), level,
              paste(sprintf("%.12g", limits), collapse = ",")))
}

cat("case,sizes,elsewhere,level,total,low,high\n")
for (level in c(0.9, 0.95)) {
  total("five", c(8, 12, 12, 15, 20), integer(0), level)
  total("larger elsewhere", c(3, 9), c(30, 14), level)
  total("ones", rep(1, 7), integer(0), level)
  total("alike", rep(15, 10), integer(0), level)
  total("one large", c(2, 2, 3, 4, 40), 5, level)
  total("many", c(5:17, 5:17, 9, 11), 17, level)
}
