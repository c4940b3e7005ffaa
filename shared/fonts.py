"""Where the font lies that has all Vietnamese letters: Be Vietnam Pro, under the OFL."""

from pathlib import Path

from fontpkg_be_vietnam_pro import ROOT


def font_file(weight: str) -> Path:
    """The TrueType file of a weight: Regular, Bold, Italic …"""
    return Path(ROOT) / "files" / f"BeVietnamPro-{weight}.ttf"
