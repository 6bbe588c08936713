"""Each number that stands in prose, held to the place that it comes from."""
