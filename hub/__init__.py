"""The machine: it keeps the promises of ARCHITECTURE.md and knows no partner, vendor or document by name."""
