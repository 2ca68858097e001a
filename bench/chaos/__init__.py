"""The promises under fire: ``python -m bench.chaos`` runs the real program, kills what it can, and then counts.

`plan` makes what is sent, by seed; `sender` and `shipper` carry it to the hub and note what was answered; `sink` is the
far end; `scene` is all that runs, on a `disk` of its own; `strikes` is what is done to it; `doubt` is the clerk who
decides where nobody can know; `check` reads only what the counterparties have and what was sent.
"""
