"""What is handed on: a summary of two pages, each report as PDF, and the tables as a workbook."""
