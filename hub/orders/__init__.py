"""The order's life: what was ordered, promised, picked, shipped, billed and paid, and what is still due."""
