"""What an edge must provide: connectors, mappings and routes, as protocols and frozen dataclasses."""
