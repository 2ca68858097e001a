"""The row notation and its compiler: one declaration of a document reads it and writes it."""
