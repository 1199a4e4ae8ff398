"""A real Neo4j for the tests, with or without Docker.

By hand: `python -m tests.servers.neo4j --port 7687` prints the URI and serves until it is killed. Nothing is kept.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from fcntl import LOCK_EX, flock
from pathlib import Path
from typing import IO

HERE = Path(__file__).parent
POM = HERE / "pom.xml"
CACHE = HERE.parent.parent / ".neo4j"
IMAGE = "neo4j:5.26-community"
JAVA_MIN = 17
JAVA = (
    "java",
    "-Xmx1g",
    "-XX:+UseSerialGC",
    "-Dio.netty.tryReflectionSetAccessible=true",
    "--add-opens=java.base/java.nio=ALL-UNNAMED",
    "--add-opens=java.base/java.io=ALL-UNNAMED",
    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
    "--add-opens=java.base/java.util.concurrent=ALL-UNNAMED",
)


class NoServerError(Exception):
    """No Neo4j can be had on this machine, or not in this way; the message says why."""


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Holds an exclusive lock on a file across processes; the lock ends with its holder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as handle:
        flock(handle, LOCK_EX)
        yield


@contextmanager
def running_server(port: int = 0) -> Iterator[str]:
    """Serves an empty database on the loopback without authentication and yields its Bolt URI; port 0 takes a free one.

    A Docker daemon is asked first, then Java and Maven.

    Raises:
        NoServerError: neither is there; names what failed.
    """
    with ExitStack() as stack:
        yield enter_first(stack, port)


def enter_first(stack: ExitStack, port: int) -> str:
    reasons: list[str] = []
    for way in WAYS:
        try:
            return stack.enter_context(way(port))
        except NoServerError as reason:
            reasons.append(str(reason))
    raise NoServerError("; ".join(reasons))


@contextmanager
def docker_server(port: int) -> Iterator[str]:
    """Serves from a container."""
    from docker.errors import DockerException
    from testcontainers.core.container import DockerContainer
    from testcontainers.core.waiting_utils import wait_for_logs

    try:
        container = DockerContainer(IMAGE).with_env("NEO4J_AUTH", "none")
        container = container.with_bind_ports(7687, port) if port else container.with_exposed_ports(7687)
        container.start()
    except (DockerException, OSError) as error:
        raise NoServerError(f"no Docker daemon that can run {IMAGE} ({type(error).__name__})") from error
    try:
        wait_for_logs(container, "Started.", timeout=120)
        yield f"bolt://{container.get_container_host_ip()}:{container.get_exposed_port(7687)}"
    finally:
        container.stop()


@contextmanager
def java_server(port: int) -> Iterator[str]:
    """Serves from the jars of Maven Central; the first time takes up to a minute to fetch them."""
    java = java_version()
    if java < JAVA_MIN:
        raise NoServerError(f"Java {JAVA_MIN} or later is needed, found {java or 'none'}")
    jars = fetch_jars()
    with tempfile.TemporaryDirectory(prefix="headwater-neo4j-", ignore_cleanup_errors=True) as folder:
        errors = Path(folder) / "stderr.log"
        command = [*JAVA, "-cp", f"{jars}/*", str(HERE / "Launch.java"), folder, str(port)]
        with (
            errors.open("wb") as stderr,
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr) as process,
        ):
            try:
                yield f"bolt://127.0.0.1:{bound_port(process, errors)}"
            finally:
                process.kill()


WAYS: tuple[Callable[[int], AbstractContextManager[str]], ...] = (docker_server, java_server)


def bound_port(process: subprocess.Popen[bytes], errors: Path) -> int:
    """Waits for the launcher's word and returns the port that Bolt listens on."""
    assert process.stdout is not None
    for line in process.stdout:
        word, _, port = line.decode().strip().partition(" ")
        if word == "READY":
            return int(port)
    raise RuntimeError(f"Neo4j did not start:\n{errors.read_text(errors='replace')[-4000:]}")


def java_version() -> int:
    """Returns the major version of the Java on the path, 0 where there is none."""
    try:
        answer = subprocess.run(["java", "-version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return 0
    version = answer.stderr.partition('"')[2].partition('"')[0]
    major = version.partition(".")[0].partition("-")[0]
    return int(major) if major.isdigit() else 0


def fetch_jars() -> Path:
    """Returns the folder with the server's jars, filled by Maven the first time that this `pom.xml` is seen."""
    jars = CACHE / hashlib.sha256(POM.read_bytes()).hexdigest()[:12]
    with locked(CACHE / "lock"):
        if not jars.is_dir():
            resolve(jars)
    return jars


def resolve(jars: Path) -> None:
    if shutil.which("mvn") is None:
        raise NoServerError("Maven is needed to fetch Neo4j, found none")
    # Maven fills a folder beside the final one, so that an interrupted run never leaves half a server.
    partial = jars.with_suffix(".partial")
    shutil.rmtree(partial, ignore_errors=True)
    command = ["mvn", "-B", "-q", "-f", str(POM), "dependency:copy-dependencies", "-DincludeScope=runtime"]
    answer = subprocess.run([*command, f"-DoutputDirectory={partial}"], capture_output=True, text=True)
    if answer.returncode:
        raise NoServerError(f"Maven could not fetch Neo4j: {(answer.stdout + answer.stderr)[-2000:]}")
    partial.rename(jars)


def wait_for_end(stdin: IO[bytes] | None) -> None:
    """Blocks until a signal asks to stop or, where given, `stdin` ends."""
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, lambda *_: ended.set())
    if stdin is not None:
        threading.Thread(target=_drain, args=(stdin, ended), daemon=True).start()
    ended.wait()


def _drain(stdin: IO[bytes], ended: threading.Event) -> None:
    stdin.read()
    ended.set()


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.servers.neo4j", description="Serve an empty Neo4j.")
    parser.add_argument("--port", type=int, default=0, help="Bolt port on 127.0.0.1; a free one by default")
    parser.add_argument("--while-stdin", action="store_true", help="also stop when standard input ends")
    options = parser.parse_args(arguments)
    try:
        with running_server(options.port) as uri:
            sys.stdout.write(f"{uri}\n")
            sys.stdout.flush()
            wait_for_end(sys.stdin.buffer if options.while_stdin else None)
    except NoServerError as reason:
        sys.stderr.write(f"{reason}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
