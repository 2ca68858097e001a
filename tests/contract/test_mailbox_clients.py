"""The hosted mailbox as partners use it, with paramiko and with the OpenSSH command."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import asyncssh
import paramiko
import pytest

from connectors.sftp_mailbox import SftpMailbox
from hub.contracts.connector import Probe
from tests.contract.sftp_clients import log_in, openssh, session
from tests.contract.site import HUB_SECRETS, Hub, Time, parcel
from tests.contract.waiting import eventually

Build = Callable[..., SftpMailbox]


@pytest.fixture
def open_mailbox(mailbox: Build, hub: Hub) -> SftpMailbox:
    opened = mailbox()
    opened.start(hub.accept)
    return opened


def test_a_file_is_taken_when_it_is_closed(open_mailbox: SftpMailbox, hub: Hub) -> None:
    with session(open_mailbox.address()) as files:
        attributes = files.putfo(io.BytesIO(b"ISA*850~"), "/inbox/850.edi")  # looks at the file after its close
        assert attributes.st_size == 8
        assert files.listdir("/inbox") == []
    (arrival,) = hub.arrivals
    assert (arrival.name, arrival.data, arrival.partner) == ("850.edi", b"ISA*850~", "bigbox")
    assert arrival.connection == "under_test"


@pytest.mark.parametrize("way", ["rename", "posix_rename"])
@pytest.mark.parametrize("temporary", ["850.edi.tmp", "850.edi.part", "850.edi.FILEPART", ".850.edi"])
def test_a_file_is_taken_when_it_gets_its_final_name(
    open_mailbox: SftpMailbox, hub: Hub, way: str, temporary: str
) -> None:
    with session(open_mailbox.address()) as files:
        files.putfo(io.BytesIO(b"ISA*850~"), f"/inbox/{temporary}")
        assert files.listdir("/inbox") == [temporary]
        assert hub.calls == 0
        getattr(files, way)(f"/inbox/{temporary}", "/inbox/850.edi")
        assert files.stat("/inbox/850.edi").st_size == 8  # clients look after a rename, too
        assert files.listdir("/inbox") == []
        (kept,) = files.listdir("/archive")
        assert kept.startswith("850.edi.")
        with files.open(f"/archive/{kept}") as file:
            assert file.read() == b"ISA*850~"
    assert [arrival.name for arrival in hub.arrivals] == ["850.edi"]


def test_the_same_name_again_is_another_arrival(open_mailbox: SftpMailbox, hub: Hub) -> None:
    with session(open_mailbox.address()) as files:
        for content in (b"ISA*1~", b"ISA*2~", b"ISA*2~"):
            files.putfo(io.BytesIO(content), "/inbox/850.edi")
    assert [arrival.data for arrival in hub.arrivals] == [b"ISA*1~", b"ISA*2~", b"ISA*2~"]
    assert len({arrival.source_key for arrival in hub.arrivals}) == 3


def test_an_upload_is_resumed_under_its_temporary_name(open_mailbox: SftpMailbox, hub: Hub) -> None:
    with session(open_mailbox.address()) as files:
        files.putfo(io.BytesIO(b"ISA*8"), "/inbox/850.tmp")
        with files.open("/inbox/850.tmp", "r+") as file:
            file.seek(5)
            file.write(b"50~")
        with files.open("/inbox/850.tmp", "a") as file:
            file.write(b"IEA~")
        files.rename("/inbox/850.tmp", "/inbox/850.edi")
    assert hub.arrivals[0].data == b"ISA*850~IEA~"


def test_our_files_are_fetched_and_removed(open_mailbox: SftpMailbox) -> None:
    receipt = open_mailbox.deliver(parcel("k-1", data=b"ISA*997~"))
    assert (receipt.reference, receipt.repeated) == ("/outbox/997_1.edi", False)
    with session(open_mailbox.address()) as files:
        files.chdir("outbox")
        assert files.listdir() == ["997_1.edi"]
        with files.open("997_1.edi") as file:
            assert file.read() == b"ISA*997~"
        files.remove("997_1.edi")
        assert files.listdir("/outbox") == []
    found = open_mailbox.find(parcel("k-1", data=b"ISA*997~"))
    assert found is not None
    assert found.reference == "/outbox/997_1.edi"
    assert open_mailbox.deliver(parcel("k-1", data=b"ISA*997~")).repeated
    with session(open_mailbox.address()) as files:
        assert files.listdir("/outbox") == []


def test_two_documents_of_one_name_both_arrive(open_mailbox: SftpMailbox) -> None:
    first = open_mailbox.deliver(parcel("k-1", data=b"1"))
    second = open_mailbox.deliver(parcel("k-2", data=b"2"))
    assert first.reference != second.reference
    with session(open_mailbox.address()) as files:
        assert len(files.listdir("/outbox")) == 2


def test_partners_see_only_their_own(open_mailbox: SftpMailbox, hub: Hub) -> None:
    open_mailbox.deliver(parcel("k-1"))
    with session(open_mailbox.address(), "other") as files:
        assert files.listdir("/outbox") == []
        files.putfo(io.BytesIO(b"ISA~"), "/inbox/850.edi")
    assert hub.arrivals[0].partner == "other"


def test_what_a_client_may_ask_about(open_mailbox: SftpMailbox) -> None:
    with session(open_mailbox.address()) as files:
        assert files.normalize(".") == "/"
        assert sorted(files.listdir("/")) == ["archive", "inbox", "outbox"]
        assert files.stat("/inbox").st_mode == 0o40755
        files.putfo(io.BytesIO(b"x"), "/inbox/a.tmp")
        files.utime("/inbox/a.tmp", (1, 1))
        files.chmod("/inbox/a.tmp", 0o777)
        assert files.stat("/inbox/a.tmp").st_mode == 0o100640
        files.rename("/inbox/a.tmp", "/inbox/b.tmp")
        files.remove("/inbox/b.tmp")
        assert files.listdir("/inbox") == []


def test_a_key_logs_in(mailbox: Build, hub: Hub, caplog: pytest.LogCaptureFixture) -> None:
    key = asyncssh.generate_private_key("ssh-ed25519")
    rsa = asyncssh.generate_private_key("ssh-rsa", key_size=2048)
    opened = mailbox(authorized_keys=[each.export_public_key().decode() for each in (key, rsa)])
    opened.start(hub.accept)
    for known, kind in ((key, paramiko.Ed25519Key), (rsa, paramiko.RSAKey)):
        transport = paramiko.Transport(("127.0.0.1", int(opened.address().rpartition(":")[2])))
        transport.start_client(timeout=10)
        pem = known.export_private_key().decode()
        assert transport.auth_publickey("bigbox", kind.from_private_key(io.StringIO(pem))) == []
        transport.close()
    strange = asyncssh.generate_private_key("ssh-ed25519").export_private_key().decode()
    transport = paramiko.Transport(("127.0.0.1", int(opened.address().rpartition(":")[2])))
    transport.start_client(timeout=10)
    with pytest.raises(paramiko.AuthenticationException):
        transport.auth_publickey("bigbox", paramiko.Ed25519Key.from_private_key(io.StringIO(strange)))
    transport.close()
    opened.close()
    (told,) = caplog.messages
    assert told.startswith("bigbox from 127.0.0.1 was not let in: key SHA256:")


@pytest.mark.parametrize(
    ("user", "password", "told"),
    [
        ("bigbox", "wrong", ["bigbox from 127.0.0.1 was not let in: the password is wrong"]),
        ("bigbox", "", ["bigbox from 127.0.0.1 was not let in: the password is wrong"]),
        ("nobody", HUB_SECRETS["mailbox_password"], []),
    ],
)
def test_strangers_stay_outside_and_partners_who_fail_are_told(
    open_mailbox: SftpMailbox, caplog: pytest.LogCaptureFixture, user: str, password: str, told: list[str]
) -> None:
    with pytest.raises(paramiko.AuthenticationException):
        log_in(open_mailbox.address(), user, password)
    open_mailbox.close()
    assert [record.getMessage() for record in caplog.records if record.name.startswith("connectors")] == told


def test_a_partner_whose_password_is_missing_here_is_told(
    mailbox: Build, hub: Hub, caplog: pytest.LogCaptureFixture
) -> None:
    opened = mailbox(passwords={"bigbox": "nowhere"})
    assert opened.probe() == Probe(False, "bigbox cannot log in by password: There is no secret nowhere.")
    opened.start(hub.accept)
    with pytest.raises(paramiko.AuthenticationException):
        log_in(opened.address())
    log_in(opened.address(), "other").close()
    assert not opened.probe().ok
    opened.close()
    assert "bigbox from 127.0.0.1 was not let in: There is no secret nowhere." in caplog.messages


def test_the_host_keys_stay_the_same(mailbox: Build, hub: Hub, tmp_path: Path) -> None:
    first = mailbox()
    first.start(hub.accept)
    transport = log_in(first.address())
    shown = transport.get_remote_server_key().fingerprint
    transport.close()
    first.close()
    assert shown in first.fingerprints()
    assert mailbox().fingerprints() == first.fingerprints()
    assert len(first.fingerprints()) == 2
    for path in (tmp_path / "home").glob(".host_key_*"):
        assert path.stat().st_mode & 0o777 == 0o600


def test_many_sessions_at_once(open_mailbox: SftpMailbox, hub: Hub) -> None:
    def upload(worker: int) -> None:
        with session(open_mailbox.address()) as files:
            for number in range(5):
                name = f"850_{worker}_{number}.edi"
                files.putfo(io.BytesIO(name.encode() * 1000), f"/inbox/{name}.tmp")
                files.rename(f"/inbox/{name}.tmp", f"/inbox/{name}")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(upload, range(8)))
    names = {f"850_{worker}_{number}.edi" for worker in range(8) for number in range(5)}
    assert len(hub.arrivals) == len(names)
    assert {arrival.name for arrival in hub.arrivals} == names
    assert all(arrival.data == arrival.name.encode() * 1000 for arrival in hub.arrivals)


def test_openssh_does_the_partners_part(mailbox: Build, hub: Hub, tmp_path: Path) -> None:
    key = asyncssh.generate_private_key("ssh-ed25519")
    identity = tmp_path / "id_ed25519"
    identity.touch(mode=0o600)
    key.write_private_key(str(identity))
    (tmp_path / "850.edi").write_bytes(b"ISA*850~" * 10_000)
    (tmp_path / "half").write_bytes((b"ISA*850~" * 10_000)[:30_000])
    opened = mailbox(authorized_keys=[key.export_public_key().decode()])
    opened.start(hub.accept)
    opened.deliver(parcel("k-1", data=b"ISA*997~"))
    commands = f"""
        pwd
        ls -la inbox
        put {tmp_path}/850.edi inbox/850_1.edi.tmp
        rename inbox/850_1.edi.tmp inbox/850_1.edi
        put -p {tmp_path}/850.edi inbox/850_2.edi
        put {tmp_path}/half inbox/850_3.tmp
        reput {tmp_path}/850.edi inbox/850_3.tmp
        rename inbox/850_3.tmp inbox/850_3.edi
        cd outbox
        ls -l
        get 997_1.edi {tmp_path}/fetched
        reget 997_1.edi {tmp_path}/fetched
        rm 997_1.edi
        -mkdir further
        -rmdir /inbox
        -symlink /inbox/a b
        -ln /archive/a b
        -rename /archive /inbox/b
        -chmod 777 /inbox
        -get /archive/../../.host_key_ed25519 {tmp_path}/stolen
        ls -1 /archive
    """
    done = openssh(opened.address(), identity, tmp_path / "known_hosts", commands)
    assert done.returncode == 0, done.stderr
    assert "Remote working directory: /" in done.stdout
    assert [arrival.name for arrival in hub.arrivals] == ["850_1.edi", "850_2.edi", "850_3.edi"]
    assert {arrival.data for arrival in hub.arrivals} == {b"ISA*850~" * 10_000}
    assert (tmp_path / "fetched").read_bytes() == b"ISA*997~"
    assert not (tmp_path / "stolen").exists()
    assert 'remote mkdir "/outbox/further": Permission denied' in done.stderr
    assert done.stdout.count("/archive/850_") == 3
    _fingerprint_is_pinned(opened, tmp_path / "known_hosts")


def _fingerprint_is_pinned(opened: SftpMailbox, known_hosts: Path) -> None:
    command = shutil.which("ssh-keygen")
    assert command is not None, "it comes with sftp"
    shown = subprocess.run([command, "-lf", str(known_hosts)], capture_output=True, text=True, check=True).stdout
    assert shown.split()[1] in opened.fingerprints()


def test_a_shell_a_command_and_a_tunnel_are_refused(open_mailbox: SftpMailbox) -> None:
    transport = log_in(open_mailbox.address())
    for ask in (
        lambda channel: channel.invoke_shell(),
        lambda channel: channel.exec_command("scp -t /inbox"),
        lambda channel: channel.invoke_subsystem("netconf"),
    ):
        channel = transport.open_session(timeout=10)
        with pytest.raises(paramiko.SSHException):
            ask(channel)
    with pytest.raises(paramiko.ChannelException):
        transport.open_channel("direct-tcpip", ("127.0.0.1", 22), ("127.0.0.1", 1), timeout=10)
    with pytest.raises(paramiko.SSHException):
        transport.request_port_forward("127.0.0.1", 0)
    transport.close()


def test_old_files_and_records_go(mailbox: Build, hub: Hub, time: Time, tmp_path: Path) -> None:
    opened = mailbox(sweep_seconds=0.01, archive_days=10, delivered_days=20)
    opened.start(hub.accept)
    with session(opened.address()) as files:
        files.putfo(io.BytesIO(b"ISA~"), "/inbox/850.edi")
    opened.deliver(parcel("k-1"))
    home = tmp_path / "home" / "bigbox"
    records = list((home / ".deliveries" / "keys").glob("??/*"))
    (archived,) = (home / "archive").iterdir()
    assert len(records) == 1
    for path in (archived, *records):
        os.utime(path, (time() - 30 * 86_400, time() - 30 * 86_400))
    eventually(lambda: not archived.exists() and not records[0].exists())
    assert (home / "outbox" / "997_1.edi").exists()
