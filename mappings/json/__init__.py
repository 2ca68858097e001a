"""JSON documents, one a file."""
