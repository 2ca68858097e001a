"""Documents and canonical messages, both ways."""
