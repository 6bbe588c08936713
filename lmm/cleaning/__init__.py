"""Raw records -> clean tables, with every change logged and every rejected row explained."""
