"""What doctor looks at: programs, libraries, the data folder, keys."""

from __future__ import annotations

import importlib
import importlib.metadata
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from courier_check.errors import CourierCheckError, Fact
from courier_check.store.folder import DataFolder
from courier_check.store.resources import resource_path

LEAST_FREE_BYTES = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Check:
    """One look. `optional`: without it something else does the work. `detail`: words, or the code of a sentence with its `facts`."""

    name: str
    ok: bool
    detail: str
    remedy: str = ""
    optional: bool = False
    facts: Mapping[str, Fact] = field(default_factory=dict)


def checkup(data: Path) -> Iterator[Check]:
    """All looks, one after the other; each stands alone."""
    fitting = sys.version_info >= (3, 11)
    yield Check("Python", fitting, sys.version.split()[0], "" if fitting else "需要 Python 3.11 或更新")
    yield _library("cv2", "读取图片", "Debian/Ubuntu：apt-get install libgl1 libglib2.0-0")
    yield _library("zxingcpp", "条码识别", "重新运行 make run 安装依赖")
    yield _library("pyzbar.pyzbar", "条码第二识别", "Debian/Ubuntu：apt-get install libzbar0", optional=True)
    yield _library("rapidocr", "证件文字识别", "重新运行 make run 安装依赖；其间可手工录入")
    yield _library("sqlcipher3", "加密数据库", "重新运行 make run 安装依赖")
    yield _one_opencv()
    yield _resources()
    yield _keyring()
    yield _space(data)
    yield _folder(data)


def _library(module: str, what: str, remedy: str, *, optional: bool = False) -> Check:
    def look() -> str:
        importlib.import_module(module)
        return f"{what}可用"

    return _look(module.partition(".")[0], look, remedy, optional=optional)


def _look(name: str, look: Callable[[], str], remedy: str, *, optional: bool = False) -> Check:
    try:
        return Check(name, ok=True, detail=look(), optional=optional)
    except (ImportError, OSError) as error:
        return Check(name, ok=False, detail=str(error).splitlines()[0][:200], remedy=remedy, optional=optional)


def _one_opencv() -> Check:
    held = []
    for name in ("opencv-python", "opencv-python-headless"):
        try:
            held.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            continue
    return Check("opencv", len(held) == 1, "，".join(held) or "没有安装", "" if len(held) == 1 else "删去 .venv 后重新运行 make run")


def _resources() -> Check:
    needed = ("checklists.json", "prohibited.json", "restricted.json", "refusals.json", "documents.json", "carriers.json", "regions.json")
    missing = [name for name in needed if not resource_path(name).is_file()]
    return Check(
        "resources", not missing, "规则与目录齐全" if not missing else f"缺 {'、'.join(missing)}", "重新安装程序" if missing else ""
    )


def _keyring() -> Check:
    import keyring

    name = type(keyring.get_keyring()).__module__
    usable = "fail" not in name and "null" not in name
    return Check("keyring", usable, name, "" if usable else "没有系统钥匙串：每次开台输入口令即可", optional=True)


def _space(data: Path) -> Check:
    nearest = next(folder for folder in (data, *data.absolute().parents) if folder.exists())
    free = shutil.disk_usage(nearest).free
    return Check(
        "disk", free >= LEAST_FREE_BYTES, f"可用 {free // 1_000_000} MB", "" if free >= LEAST_FREE_BYTES else "请腾出至少 1 GB 空间"
    )


def _folder(data: Path) -> Check:
    try:
        marker = DataFolder.open(data).marker
    except CourierCheckError as error:
        remedy = "station init 新建，或用 --data 指定"
        return Check("station", ok=False, detail=error.code.value, remedy=remedy, optional=True, facts=error.facts)
    return Check("station", ok=True, detail=f"{data}（{'练习台' if marker.practice else '正式台'}）")
