"""Documents ⇄ canonical messages, one file a document, both directions in one place."""
