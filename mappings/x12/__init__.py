"""X12 documents, one a file."""
