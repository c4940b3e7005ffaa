"""A first installation is loaded from one file, and loading it again changes nothing."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from services.identity import store
from services.identity.bootstrap import Installation, load
from services.identity.domain import claims
from services.identity.settings import IdentitySettings
from shared.ids import now
from shared.mongo import Database
from shared.settings import Settings
from tests.identity.running_identity import ACCOUNTS, PASSWORD, UNITS, province

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
async def db(settings: Settings) -> Any:
    opened = Database(settings.mongo_url, settings.database("identity"), "identity")
    yield opened
    await opened.close()


def run(
    settings: Settings, file: Path, password: str = "", **variables: str
) -> subprocess.CompletedProcess[str]:
    return called(settings, str(file), TXNG_BOOTSTRAP_PASSWORD=password, **variables)


def confirmed(settings: Settings, username: str, word: str) -> subprocess.CompletedProcess[str]:
    return called(settings, "confirm", username, word)


def called(
    settings: Settings, *arguments: str, **variables: str
) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "TXNG_MONGO_URL": settings.mongo_url,
        "TXNG_DB_PREFIX": settings.db_prefix,
        "TXNG_SECRETS_DIR": str(settings.secrets_dir),
        **variables,
    }
    command = [sys.executable, "-m", "services.identity.bootstrap", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


def written(folder: Path, **changes: Any) -> Path:
    file = folder / "installation.json"
    whole = {**json.loads(province().model_dump_json()), **changes}
    file.write_text(json.dumps(whole, ensure_ascii=False), encoding="utf-8")
    return file


async def test_a_second_load_changes_nothing(
    settings: Settings, db: Database, tmp_path: Path
) -> None:
    file = written(tmp_path)
    first = run(settings, file, PASSWORD)
    assert first.returncode == 0, first.stderr
    assert f"{len(ACCOUNTS)} accounts new" in first.stdout
    assert PASSWORD not in first.stdout
    events = await db.collection("outbox").count_documents({})
    second = run(settings, file, "một mật khẩu khác hẳn 42")
    assert second.returncode == 0, second.stderr
    assert "0 accounts new" in second.stdout
    assert await db.collection("outbox").count_documents({}) == events
    assert await db.collection("accounts").count_documents({}) == len(ACCOUNTS)
    assert await db.collection("units").count_documents({}) == len(UNITS)


async def test_units_follow_the_file(settings: Settings, db: Database) -> None:
    identity_settings = IdentitySettings(**settings.model_dump())
    await load(province(), identity_settings, PASSWORD)
    renamed = [{**unit, "name": unit["name"] + " (mới)"} for unit in UNITS]
    await load(Installation.model_validate({"units": renamed}), identity_settings, PASSWORD)
    unit = await db.collection("units").find_one({"_id": "so-nnmt"})
    assert unit is not None
    assert (unit["name"], unit["version"]) == ("Sở Nông nghiệp và Môi trường (mới)", 2)


NEW_ACCOUNT = {
    "username": "so.moi",
    "name": "Vũ Thị Mới",
    "kinds": ["report"],
    "unit_id": "so-nnmt",
    "assignment": {"number": "9/QĐ-SNNMT", "date": "2026-02-01"},
}


async def test_without_a_password_an_account_waits_for_its_person_and_no_code_is_printed(
    settings: Settings, db: Database, tmp_path: Path
) -> None:
    made = run(settings, written(tmp_path, accounts=[NEW_ACCOUNT]))
    assert made.returncode == 0, made.stderr
    assert made.stdout.splitlines()[0] == "so.moi"
    claim = claims.ask("bí mật", "so.moi", "", "", now())
    await store.claims.insert(db, claim)
    wrong = confirmed(settings, "so.moi", "0000-0000")
    assert (wrong.returncode, "claim_unknown" in wrong.stderr) == (1, True)
    right = confirmed(settings, "SO.moi", claims.word_of("bí mật").lower())
    assert right.returncode == 0, right.stderr
    kept = await store.claims.find(db, claim.id)
    assert kept is not None
    assert kept.confirmed
    unknown = confirmed(settings, "khong.co", "0000-0000")
    assert (unknown.returncode, "not_found" in unknown.stderr) == (1, True)


async def test_where_codes_are_shown_each_new_account_gets_one(
    settings: Settings, db: Database, tmp_path: Path
) -> None:
    path = written(tmp_path, accounts=[{**NEW_ACCOUNT, "username": "so.giay"}])
    made = run(settings, path, TXNG_SETUP_CODES_SHOWN="true")
    assert made.returncode == 0, made.stderr
    username, code = made.stdout.splitlines()[0].split()
    assert (username, len(code)) == ("so.giay", 19)
    again = run(settings, path, TXNG_SETUP_CODES_SHOWN="true")
    assert code not in again.stdout


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"units": [{"id": "x", "name": "Xã", "tier": "commune"}]}, "unit_tier_misplaced"),
        (
            {"units": [{"id": "x", "name": "Xã", "tier": "commune", "parent_id": "nowhere"}]},
            "unit_parent_needed",
        ),
        (
            {
                "units": [
                    {"id": "a", "name": "Một", "tier": "commune", "parent_id": "b"},
                    {"id": "b", "name": "Hai", "tier": "commune", "parent_id": "a"},
                ]
            },
            "circle",
        ),
        ({"unit": []}, "unit"),
    ],
    ids=["misplaced", "orphan", "circle", "unknown field"],
)
def test_a_wrong_file_is_refused_with_the_reason(
    changes: dict[str, Any], told: str, settings: Settings, tmp_path: Path
) -> None:
    answer = run(settings, written(tmp_path, **changes), PASSWORD)
    assert answer.returncode == 1
    assert told in answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_weak_password_is_refused_for_officials(settings: Settings, tmp_path: Path) -> None:
    account = {
        "username": "so.yeu",
        "name": "Vũ Thị Yếu",
        "kinds": ["report"],
        "unit_id": "so-nnmt",
        "assignment": {"number": "9/QĐ-SNNMT", "date": "2026-02-01"},
    }
    answer = run(settings, written(tmp_path, accounts=[account]), "ngan thoi")
    assert answer.returncode == 1
    assert "password_too_short" in answer.stderr
