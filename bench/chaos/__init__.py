"""The promises under fire: ``python -m bench.chaos`` runs the real program, kills what it can, and then counts.

`plan` makes what is sent, by seed; `sender` and `shipper` carry it to the hub and note what was answered; `sink` is the
far end; `run` starts everything and kills; `check` reads only what the counterparties have and what was sent.
"""
