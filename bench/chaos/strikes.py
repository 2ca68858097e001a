"""What is done to a scene: kills, power cuts, a full disk, wrong clocks, a second hub. By seed, one after the other."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from bench.chaos.programs import crash_backend, kill_postgres, restart_valkey, send, tree
from bench.chaos.scene import Scene
from bench.servers import Postgres, Valkey

__all__ = ["KILLS", "strike_all"]

KILLS = ("hub", "worker", "partner", "partner_in_mid_upload", "valkey", "postgresql_backend", "postgresql_server")
"""Strikes that are a kill -9."""
_HOUR = 3600.0
_UPLOAD_SECONDS = 1.0
"""How long an upload is waited for, in the midst of which the partner is killed."""


def strike_all(scene: Scene) -> None:
    """All that the settings ask for; each is counted in `Scene.strikes` once it has happened."""
    settings, dice = scene.settings, scene.dice
    cuts = settings.cuts if scene.disk is not None else 0
    fulls = settings.fulls if scene.disk is not None else 0
    rest = ["power_cut"] * cuts + ["disk_full"] * fulls + ["clock_jump"] * settings.jumps + ["second_hub_refused"]
    todo = ["kill"] * settings.kills + rest
    dice.shuffle(todo)
    for what in todo:
        scene.wait(dice.uniform(*settings.pace))
        name = _kill(scene) if what == "kill" else _OTHERS[what](scene)
        scene.strikes[name] += 1


def _kill(scene: Scene) -> str:
    """kill -9 of something, the hub and its workers most often; what it was."""
    targets: list[Callable[[Scene], str]] = [_hub] * 3
    targets += [_partner] if scene.sender.runs else []
    targets += [_worker] * 3 if scene.settings.workers else []
    targets += [_valkey] if scene.valkey is not None else []
    targets += [_backend, _postgres] if scene.postgres is not None else []
    return scene.dice.choice(targets)(scene)


def _hub(scene: Scene) -> str:
    scene.await_hub()
    scene.wait(scene.dice.uniform(0.0, 1.5))
    scene.hub.kill()
    scene.hub.start()
    return "hub"


def _worker(scene: Scene) -> str:
    there: list[int] = []

    def some() -> bool:
        there[:] = scene.hub.workers
        return bool(there)

    scene.until(some, "the hub has workers")
    send([scene.dice.choice(there)], signal.SIGKILL)
    return "worker"


def _partner(scene: Scene) -> str:
    """In the midst of an upload, where one comes in time."""
    until = time.monotonic() + _UPLOAD_SECONDS
    while not (uploading := any(_uploads(scene))) and time.monotonic() < until:
        time.sleep(0.001)
    scene.sender.kill()
    return "partner_in_mid_upload" if uploading else "partner"


def _uploads(scene: Scene) -> list[Path]:
    return [*scene.home.glob("connections/mailbox/*/.uploads/*"), *scene.home.glob("folders/*/inbox/.*.tmp")]


def _valkey(scene: Scene) -> str:
    assert scene.valkey is not None
    restart_valkey(scene.valkey)
    return "valkey"


def _backend(scene: Scene) -> str:
    assert scene.postgres is not None
    crash_backend(scene.postgres, scene.dice)
    return "postgresql_backend"


def _postgres(scene: Scene) -> str:
    assert scene.postgres is not None
    if scene.postgres.process is not None:
        kill_postgres(scene.postgres)
    return "postgresql_server"


def _second_hub(scene: Scene) -> str:
    scene.await_hub()
    with scene.hub.second() as second:
        try:
            scene.until(lambda: second.poll() is not None, "the second hub ends")
        finally:
            second.kill()
        assert second.stderr is not None
        said = second.stderr.read()
    return "second_hub_refused" if second.returncode != 0 and b"already" in said else "second_hub_ran"


def _full(scene: Scene) -> str:
    assert scene.disk is not None
    scene.await_hub()
    scene.full_until = time.monotonic() + scene.dice.uniform(2.0, 5.0)
    scene.disk.fill()
    return "disk_full"


def _jump(scene: Scene) -> str:
    """The clock of the hub, of its workers or of both is set an hour on or back, and right again after a while."""
    roles = [("hub",), ("worker",), ("hub", "worker")] if scene.settings.workers else [("hub",)]
    seconds = scene.dice.choice((_HOUR, -_HOUR))
    for role in scene.dice.choice(roles):
        scene.set_clock(role, seconds)
    scene.wrong_until = time.monotonic() + scene.dice.uniform(3.0, 8.0)
    return "clock_jump"


def _cut(scene: Scene) -> str:
    """The power of the machine with the hub, its workers, its broker and its database is gone; and comes back."""
    assert scene.disk is not None
    scene.await_hub()
    servers = [server for server in (scene.postgres, scene.valkey) if server is not None and server.process is not None]
    assert scene.hub.process is not None
    pids: list[int] = []
    while new := [pid for pid in _writers(scene, servers) if pid not in pids]:  # one may have just begun another
        send(new, signal.SIGSTOP)
        pids += new
    seen = _visible(scene)
    copy = scene.disk.copy()
    send(pids, signal.SIGKILL)
    scene.hub.process.wait()
    for server in servers:
        assert server.process is not None
        server.process.wait()
    _await_death(pids)
    scene.disk.free()
    scene.disk.put_in_place(copy)
    scene.disk.free()
    now = _visible(scene)
    scene.missing += [path for path, content in seen.items() if now.get(path) != content]
    for server in servers:
        server.start()
    scene.hub.start()
    return "power_cut"


def _writers(scene: Scene, servers: Sequence[Postgres | Valkey]) -> list[int]:
    return scene.hub.processes + [pid for server in servers for pid in tree(server.pid)]


def _visible(scene: Scene) -> dict[str, bytes]:
    """What partners could fetch: 997s, 855s, 856s, 810s."""
    return {
        f"{partner}/{path.name}": path.read_bytes()
        for partner, folder in scene.outboxes.items()
        for path in folder.glob("*.edi")
    }


def _await_death(pids: list[int]) -> None:
    while any(Path(f"/proc/{pid}").exists() and not _is_dead(pid) for pid in pids):
        time.sleep(0.01)


def _is_dead(pid: int) -> bool:
    """A zombie has no files open any more."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return True


_OTHERS: dict[str, Callable[[Scene], str]] = {
    "power_cut": _cut,
    "disk_full": _full,
    "clock_jump": _jump,
    "second_hub_refused": _second_hub,
}
