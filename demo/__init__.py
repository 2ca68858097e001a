"""The counterparties of a hub, each a small program of its own, and a story that they play together.

A retailer (SFTP), an ERP, a warehouse, a tax engine and a carrier (HTTP). Nothing here imports the hub: what happened
is judged from what the counterparties have, by code that shares nothing with the code it judges.
"""
