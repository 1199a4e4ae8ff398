"""What the recipes share: a repository that git and DVC keep, runs and versions that MLflow keeps, and files made small.

Wants mlflow 3.17.2, dvc 3.67.1 and scikit-learn 1.9.1 in one environment, and git.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

BIN = Path(sys.executable).parent
ESTATES = Path(__file__).parents[1]
SERVED = "/srv/mlflow"


class Repository:
    """A repository of git and DVC.

    Args:
        month: Commits are a day apart from its second day on; None: they have the time of day.
    """

    def __init__(self, folder: Path, month: str | None = "2026-09") -> None:
        self.folder, self._month, self._day = folder, month, 1
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self.do("git", "-c", "init.defaultBranch=main", "init", "-q")
        self.dvc("init", "-q")
        self.dvc("config", "core.analytics", "false")
        self.dvc("config", "core.autostage", "true")

    def do(self, *words: str) -> str:
        at = (
            f"{self._month}-{self._day:02d}T08:00:00Z"
            if self._month
            else datetime.now(UTC).isoformat(timespec="seconds")
        )
        person = {
            f"GIT_{who}_{key}": value
            for who in ("AUTHOR", "COMMITTER")
            for key, value in {"NAME": "Noor", "EMAIL": "noor@team.example", "DATE": at}.items()
        }
        env = {
            **person,
            "PATH": f"{BIN}:{os.environ['PATH']}",
            "HOME": str(self.folder.parent),
            "DVC_NO_ANALYTICS": "1",
            "OMP_NUM_THREADS": "1",
        }
        done = subprocess.run(words, cwd=self.folder, env=env, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"{words}: {done.stdout}{done.stderr}")
        return done.stdout.strip()

    def dvc(self, *words: str) -> str:
        return self.do(str(BIN / "dvc"), *words)

    def write(self, files: dict[str, str]) -> None:
        for name, text in files.items():
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / name).write_text(text)

    def commit(self, message: str, tag: str | None = None) -> str:
        self._day += 1
        self.do("git", "add", "-A")
        self.do("git", "commit", "-q", "-m", message)
        if tag:
            self.do("git", "tag", tag)
        return self.do("git", "rev-parse", "HEAD")

    def export(self, target: Path) -> None:
        """Writes the working tree without caches, and the history as a bundle beside it."""
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(
            self.folder, target, ignore=shutil.ignore_patterns(".git", "cache", "tmp", "config.local", "__pycache__")
        )
        for ignored in target.rglob(".gitignore"):
            ignored.unlink()
        bundle = target.with_name(f"{target.name}.bundle")
        self.do("git", "bundle", "create", "-q", str(bundle), "HEAD", "main", "--tags")


def tracking(folder: Path) -> Path:
    """Points MLflow at an empty database in a folder and returns the database."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    os.environ.update(
        MLFLOW_TRACKING_URI=f"sqlite:///{folder}/mlflow.db",
        MLFLOW_DISABLE_TELEMETRY="true",
        DO_NOT_TRACK="true",
        PYTHONWARNINGS="ignore",
        LOGNAME="svc-train",
        USER="svc-train",
        GIT_PYTHON_REFRESH="quiet",
        OMP_NUM_THREADS="1",
    )
    os.chdir(folder)  # where models go
    return folder / "mlflow.db"


def digest(path: Path) -> str:
    return hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()


def file_input(path: Path, address: str, name: str, context: str, target: str | None = None) -> None:
    """Logs a file as an input of the active run, with the digest of its bytes."""
    import mlflow
    import pandas as pd

    frame = pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)
    given = mlflow.data.from_pandas(frame, source=address, targets=target, name=name, digest=digest(path))
    mlflow.log_input(given, context=context)


def register(name: str, model: object, frame: object, predictions: object, **more: object) -> str:
    """Logs a model with its signature and registers it; returns the version."""
    import mlflow
    from mlflow.models import infer_signature

    info = mlflow.sklearn.log_model(
        model,
        name="model",
        signature=infer_signature(frame, predictions),
        pip_requirements=["scikit-learn==1.9.1", "pandas"],
        registered_model_name=name,
        serialization_format="pickle",
        **more,
    )
    return str(info.registered_model_version)


def export_tracking(database: Path, target: Path) -> None:
    """Writes the database small and without the machine's paths, and the `MLmodel` and requirement files of its models."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for path in database.parent.rglob("MLmodel"):
        model = next(part for part in path.parts if part.startswith("m-"))
        (target / "models" / model).mkdir(parents=True)
        text = path.read_text().replace(str(database.parent), SERVED)
        (target / "models" / model / "MLmodel").write_text(text)
        for name in ("requirements.txt", "model.pkl"):
            if (path.parent / name).exists():
                shutil.copy(path.parent / name, target / "models" / model)
    shutil.copy(database, target / "mlflow.db")
    _shrink(target / "mlflow.db", str(database.parent))


def _shrink(path: Path, machine: str) -> None:
    """Drops what is empty or only a copy for searching, replaces the machine's paths, and packs the pages."""
    with sqlite3.connect(path, isolation_level=None) as db:
        db.execute("pragma foreign_keys = off")
        names = [row[0] for row in db.execute("select name from sqlite_master where type = 'table'")]
        for name in names:
            if not db.execute(f'select 1 from "{name}" limit 1').fetchone() and name.startswith(_UNREAD):
                db.execute(f'drop table "{name}"')
                continue
            for _, column, kind, *_ in db.execute(f'pragma table_info("{name}")').fetchall():
                if "CHAR" in kind.upper() or "TEXT" in kind.upper():
                    for ours, said in ((machine, SERVED), (sys.argv[0], "train.py")):
                        db.execute(f'update "{name}" set "{column}" = replace("{column}", ?, ?)', (ours, said))
        for (index,) in db.execute(
            "select name from sqlite_master where type = 'index' and sql is not null"
        ).fetchall():
            db.execute(f'drop index "{index}"')
        db.execute("pragma page_size = 512")
        db.execute("vacuum")


_UNREAD = (
    "trace",
    "span",
    "assess",
    "webhook",
    "score",
    "scorer",
    "evaluation",
    "entity",
    "endpoint",
    "secret",
    "gateway",
    "job",
    "online",
    "issue",
    "model_definitions",
    "guard",
    "label",
    "review",
    "prompt",
    "user",
    "budget",
    "workspace_",
)
