"""No cell of a CSV in a release is a formula to a spreadsheet."""

from __future__ import annotations

import csv
from dataclasses import asdict
from pathlib import Path

from annotation.dataset.format.facts import WithdrawalEntry
from annotation.dataset.pages.licences import COLUMNS, licence_line
from annotation.dataset.pages.reliability import write_reliability
from annotation.dataset.pages.withdrawn import write_withdrawn
from annotation.dataset.verify.pages import check_withdrawn


def test_a_title_and_an_author_run_no_formula():
    row = dict.fromkeys(COLUMNS, "x") | {"author": "@SUM(1)", "title": "=1+1", "note": None}
    assert licence_line(row) == "x,x,x,'@SUM(1),x,'=1+1,\n"


def test_the_tables_of_agreement_run_no_formula_and_keep_their_numbers(tmp_path: Path):
    figure = {"alpha": -0.25, "interval": [-0.5, 0.1], "note": "=1+1"}
    write_reliability(tmp_path, {"attributes": {"-theme": figure}})
    with (tmp_path / "RELIABILITY" / "agreement.csv").open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["what"], row["note"], row["alpha"], row["lower"]) == ("'-theme", "'=1+1", "-0.25", "-0.5")


def test_the_reason_of_a_withdrawal_runs_no_formula(tmp_path: Path):
    entries = [WithdrawalEntry("image", "ab", "2026-11-02", sign + "1+1") for sign in ("=", "-", "@", "\t", "＝")]
    write_withdrawn(tmp_path, entries)
    with (tmp_path / "WITHDRAWN.csv").open(encoding="utf-8", newline="") as file:
        assert {row["reason"][0] for row in csv.DictReader(file)} == {"'"}
    record = {"withdrawn": [asdict(entry) for entry in entries]}
    assert list(check_withdrawn(tmp_path, record, set())) == []
    record["withdrawn"][0]["reason"] = "=2+2"
    assert list(check_withdrawn(tmp_path, record, set())) == ["WITHDRAWN.csv: is not the list in release.json"]
