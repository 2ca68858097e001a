"""A disk of its own under what runs: an ext4 file system in an image file, mounted by a loop device.

It can be filled, and it can lose its power: the image is copied while all who write to it stand still, they are killed,
and the copy is mounted in its place. What the kernel had not written to the image until then is not in the copy, as it
is not on a disk. The kernel may write by itself while the image is copied; the counters of the loop device tell, and
the copy is made again. A write cache within the disk that lies about being flushed is not imitated.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

__all__ = ["Disk", "why_not"]

_BYTES = 3 << 30
_COPIES_MAX = 50
_BALLAST = "ballast"
_MKFS = ("mkfs.ext4", "-q", "-F", "-m", "0", "-E", "lazy_itable_init=0,lazy_journal_init=0,nodiscard")


def why_not() -> str:
    """Why no image can be mounted on this machine; empty where it can."""
    missing = [name for name in ("mkfs.ext4", "mount", "umount", "cp") if shutil.which(name) is None]
    if sys.platform != "linux" or missing:
        return "mounting an image needs Linux" + "".join(f", {name} is missing" for name in missing)
    if os.geteuid() != 0:
        return "mounting an image needs root"
    return "" if Path("/dev/loop-control").exists() else "there are no loop devices"


class Disk:
    """``folder`` gets the image and, as ``disk``, what is on it."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "disk"
        self._image = folder / "disk.img"
        self.is_full = False

    def make(self) -> Disk:
        """Raises subprocess.CalledProcessError where it cannot be mounted after all."""
        self.root.mkdir()
        with self._image.open("wb") as file:
            file.truncate(_BYTES)
        _run(*_MKFS, str(self._image))
        self._mount()
        return self

    def sync(self) -> None:
        """All that was written until now is on it: what came before the hub is not what is tried."""
        _run("sync", "--file-system", str(self.root))

    def fill(self) -> None:
        """Leaves not one free block."""
        self.is_full = True
        with (self.root / _BALLAST).open("wb") as file:
            size, step = 0, _BYTES
            while step >= 4096:
                try:
                    os.posix_fallocate(file.fileno(), size, step)
                    size += step
                except OSError:
                    step //= 2

    def free(self) -> None:
        """Ends what `fill` began."""
        (self.root / _BALLAST).unlink(missing_ok=True)
        self.is_full = False

    def copy(self) -> Path:
        """The image as it is at one moment. All who write to it have to stand still."""
        target = self._image.with_suffix(".copy")
        for _ in range(_COPIES_MAX):
            before = self._writes()
            _run("cp", "--sparse=always", str(self._image), str(target))
            if self._writes() == before and before[1] == 0:
                return target
            time.sleep(0.05)
        raise TimeoutError("the kernel did not stop writing to the image")

    def put_in_place(self, copy: Path) -> None:
        """The copy is the disk from now on. Nobody may have a file open on the old one."""
        for _ in range(_COPIES_MAX):
            if subprocess.run(["umount", str(self.root)], capture_output=True, check=False).returncode == 0:
                break
            time.sleep(0.1)  # those who were killed are on their way out
        else:
            raise TimeoutError(f"somebody keeps {self.root} busy")
        copy.replace(self._image)
        self._mount()

    def close(self) -> None:
        """Unmounts; the image stays, its folder is removed by who made it."""
        subprocess.run(["umount", "--lazy", str(self.root)], capture_output=True, check=False)

    def _mount(self) -> None:
        _run("mount", "-o", "loop,noatime", str(self._image), str(self.root))
        self.root.chmod(0o755)

    def _writes(self) -> tuple[int, int]:
        """How many writes the loop device has done, and how many are under way (Documentation/block/stat.rst)."""
        mounts = (line.split() for line in Path("/proc/mounts").read_text().splitlines())
        device = next(fields[0] for fields in mounts if fields[1] == str(self.root))
        counts = Path("/sys/block", Path(device).name, "stat").read_text().split()
        return int(counts[4]), int(counts[8])


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)
