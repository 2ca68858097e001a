"""What single partners do differently: named edits of the mappings, one partner a file."""
