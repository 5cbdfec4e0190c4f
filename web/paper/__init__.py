"""What is printed: a page of figures for the management team, posters for the coffee room. PDF, A4."""
