"""The hub running: listeners, pollers, queue, page and API in one process, or workers beside it."""

from hub.server.serve import serve, serve_worker

__all__ = ["serve", "serve_worker"]
