"""Everything put together: configuration, ledger, connections, catalogues. Nothing runs yet; `hub.server` runs it."""

from hub.places import find_home
from hub.runtime.config import Config, load_config
from hub.runtime.hub import Hub, open_hub

__all__ = ["Config", "Hub", "find_home", "load_config", "open_hub"]
