"""The hub running: listeners, pollers, queue, page and API in one process, or workers beside it."""
