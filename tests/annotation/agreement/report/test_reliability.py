"""Any table of ratings gets the figures of the agreement pages, or a message that names what is wrong with it."""

import json
import subprocess
import sys
import tracemalloc
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from annotation.agreement.report.read_table import read_table
from annotation.agreement.report.table import report
from annotation.errors import BadInput
from tests.harness import published_tables as cases

ROOT = Path(__file__).resolve().parents[4]
KEYS = {
    "level", "seed", "replicates", "design", "raw_agreement", "krippendorff_alpha", "gwet_ac1", "gwet_ac2",
    "fleiss_kappa", "kendall_w", "prevalence", "icc", "variance_components", "decision_study", "raters", "repeats",
    "screening", "further", "notes",
}  # fmt: skip


@pytest.fixture
def table(tmp_path):
    def write(text, name="table.csv", encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(text.encode(encoding))
        return path

    return write


def wide(name):
    rows = cases.load(name)["data"]
    header = ",".join(f"rater {n}" for n in range(len(rows[0])))
    return "\n".join([header, *(",".join("" if v is None else str(v) for v in row) for row in rows)])


def run(path, *options):
    out = StringIO()
    call_command("reliability", str(path), *options, "--json", stdout=out)
    return json.loads(out.getvalue())


def test_the_canonical_table_by_the_command(table):
    found = run(table(wide("krippendorff_canonical")), "--level", "nominal")
    assert set(found) == KEYS
    assert found["krippendorff_alpha"]["value"] == 0.743421
    assert found["gwet_ac1"]["value"] == 0.775444
    assert found["fleiss_kappa"]["value"] == pytest.approx(0.76117, abs=1e-5)
    assert (found["icc"], found["gwet_ac2"]) == (None, None)
    assert found["design"]["units"] == 12
    assert found["design"]["pairs"]["units_in_common"][0][1] == 9
    assert any("interval and ratio" in note for note in found["notes"])


def test_interval_data_have_components_and_a_decision_study(table):
    found = run(table(wide("wine_bitterness_0_100")), "--level", "interval", "--replicates", "200")
    assert found["icc"]["A1"]["value"] == pytest.approx(0.452526, abs=1e-6)
    assert found["krippendorff_alpha"]["value"] == pytest.approx(0.412618, abs=1e-6)
    low, high = found["krippendorff_alpha"]["interval_raters_like_these"]
    assert low < 0.4126 < high
    assert set(found["variance_components"]) >= {"unit", "rater", "residual", "standard_errors", "method"}
    assert found["decision_study"]["raters_for"]["0.8"] == 5
    assert found["raters"][0]["severity"] is not None


def test_repeats_in_the_long_form_are_another_occasion(tmp_path):
    data = cases.load("incomplete_continuous_a")["data"]
    columns = (data[name] for name in ("unit", "rater", "y", "occasion"))
    lines = [",".join(map(str, row)) for row in zip(*columns, strict=True)]
    path = tmp_path / "long.csv"
    path.write_text("unit,rater,value,occasion\n" + "\n".join(lines))
    found = run(path, "--level", "interval", "--long", "--replicates", "200")
    assert found["design"]["repeats"] == 30
    assert found["variance_components"]["unit_rater"] == pytest.approx(43.016, rel=1e-3)
    assert found["icc"]["A1"]["value"] == pytest.approx(0.7249, abs=1e-4)
    assert found["repeats"]["intra_rater_icc"] == pytest.approx(0.92, abs=1e-3)


def test_the_same_seed_prints_the_same_bytes(table):
    path = table(wide("irr_anxiety"))
    one, two, other = (run(path, "--level", "ordinal", "--seed", seed) for seed in ("3", "3", "4"))
    assert one == two
    assert one != other


def test_a_disconnected_table_says_what_cannot_be_compared(table):
    rows = "a,b,c,d\n1,2,,\n2,2,,\n3,1,,\n,,3,1\n,,1,1\n,,2,2"
    found = run(table(rows), "--level", "interval")
    assert found["design"]["connected"] is False
    assert "2 groups that share no unit" in found["notes"][0]


BAD = [
    ("a,b\n1,2\n3,x\n", {}, "row 3, column 'b': 'x' is not a number"),
    ('a,b\n1,2\n3,"4,5"\n', {}, "a decimal comma? a point is accepted"),
    ("a,b\n1,2\n3,inf\n", {}, "row 3, column 'b': 'inf' is not finite"),
    ("a,b\n1,2\n3,nan\n", {}, "'nan' is not finite"),
    ("a,b\n1,2\n3,11\n", {"scale": (0, 10)}, "row 3, column 'b': 11 is off the scale 0 to 10"),
    ("a,a\n1,2\n", {}, "rater 'a' has two columns"),
    ("unit,a,b\nx,1,2\nx,2,3\n", {}, "row 3: unit 'x' is in row 2 already"),
    ("a,b\n1,2,3\n", {}, "row 2: 3 cells under 2 columns"),
    ("a;b\n1;2\n", {}, "separated by something else than a comma"),
    ("", {}, "the file is empty"),
    ("a,b\n,\n,\n", {}, "every cell is blank"),
    ("a,b\n1,\n2,\n", {}, "one rater only ('a')"),
    ("a,b\n1,2\n", {}, "one unit only"),
    ("unit,rater,value\nx,a,1\nx,a,2\n", {"long": True}, "row 3: 'a' rated 'x' in row 2 already"),
    ("unit,rater,value\nx,,1\n", {"long": True}, "row 2: a value without unit or rater"),
    ("unit,rater,score\nx,a,1\n", {"long": True}, "no column 'value'"),
    ("unit,rater,value,time\nx,a,1,inf\nx,b,2,3\n", {"long": True}, "row 2, column 'time': 'inf' is no time"),
    ("a,b\n1,2\n3,\0\n", {}, "row 3, column 'b': '\\x00' is not a number"),
    ("unit,rater,value\nx,a,1\ny,b,2\nx,a,1\n", {"long": True}, "row 4: 'a' rated 'x' in row 2 already"),
    ("unit,rater,value,time\nx,a,1,soon\nx,b,2,3\n", {"long": True}, "row 2, column 'time': 'soon' is no time"),
]


@pytest.mark.parametrize(("text", "options", "complaint"), BAD)
def test_what_cannot_be_read_is_named(table, text, options, complaint):
    with pytest.raises(BadInput) as caught:
        read_table(table(text), "interval", **options)
    assert complaint in str(caught.value)
    assert "table.csv" in str(caught.value)


def test_every_mistake_up_to_twenty_is_named(table):
    with pytest.raises(BadInput, match=r"row 2, .*row 21, .*and 5 more"):
        read_table(table("a,b\n" + "1,x\n" * 25), "interval")


def test_another_encoding_and_a_negative_ratio_are_refused(table):
    with pytest.raises(BadInput, match="is not UTF-8"):
        read_table(table("a,b\n1,é\n", encoding="latin-1"), "nominal")
    with pytest.raises(BadInput, match="the ratio level has a real zero"):
        read_table(table("a,b\n1,-2\n2,3\n"), "ratio")


@pytest.mark.parametrize(
    ("start", "what"), [(b"PK\x03\x04", r"\(Excel, OpenDocument, Numbers\)"), (b"\xd0\xcf\x11\xe0", "of an old Excel")]
)
def test_a_workbook_is_named_with_what_to_do(tmp_path, start, what):
    for name in ("ratings.xlsx", "ratings.csv"):
        (tmp_path / name).write_bytes(start + bytes(300))
        with pytest.raises(BadInput, match=rf"{name}: is a workbook {what}.*, not text; save it as CSV"):
            read_table(tmp_path / name, "interval")


def test_a_file_too_large_is_refused_before_it_is_read(table):
    with pytest.raises(BadInput, match=r"at most 10 are accepted"):
        read_table(table("a,b\n1,2\n3,4\n"), "interval", largest=10)


def test_a_folder_is_no_table(tmp_path):
    with pytest.raises(BadInput, match="is not a file; a CSV file is accepted"):
        read_table(tmp_path, "interval")


def test_two_gigabytes_are_refused_with_the_limit_and_what_to_do(tmp_path):
    path = tmp_path / "large.csv"
    with path.open("wb") as file:
        file.truncate(2_000_000_000)  # Holes only: nothing of it lies on the disk.
    with pytest.raises(
        BadInput, match=r"2,000,000,000 bytes; at most 200,000,000 are accepted; split the table by unit"
    ):
        read_table(path, "interval")


def test_a_large_table_is_held_as_numbers(table):
    text = "unit,rater,value\n" + "".join(f"image {n // 5},rater {n % 5},{n % 101}\n" for n in range(100_000))
    path = table(text)
    tracemalloc.start()
    ratings = read_table(path, "interval", long=True)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert ratings.n == 100_000
    assert ratings.units[:2] == ("image 0", "image 1")
    assert peak / ratings.n < 250  # bytes


def test_people_read_every_coefficient_with_both_intervals_method_and_seed(table):
    out = StringIO()
    path = table(wide("wine_bitterness_0_100"))
    call_command("reliability", str(path), "--level", "interval", "--seed", "7", stdout=out)
    lines = out.getvalue().splitlines()
    assert lines[1] == "level interval, seed 7, 1000 replicates"
    names = {line[:20].strip(): line for line in lines[3:14]}
    assert list(names)[:4] == ["exact agreement", "krippendorff_alpha", "gwet_ac2", "kendall_w"]
    assert list(names)[4:] == [f"icc {name}" for name in ("1", "1k", "A1", "C1", "Ak", "Ck", "Qk")]
    for name, line in names.items():
        assert line.count(" to ") >= (1 if name in ("icc 1", "icc 1k") else 2), line
    assert sum(line.startswith("method: ") for line in lines) >= 4


def test_the_named_unit_column_and_labels_are_read(table):
    ratings = read_table(table("image,ann,ben\nx,cat,dog\ny,dog,dog\nz,cat,\n"), "nominal")
    assert ratings.units == ("x", "y", "z")
    assert report(ratings, "nominal", replicates=100)["design"]["units_with_two"] == 2


def test_exit_status_and_streams(table, capsys):
    call_command("reliability", table("a,b\n1,2\n2,2\n3,3\n"), "--level", "nominal", "--json")
    assert json.loads(capsys.readouterr().out)["level"] == "nominal"
    with pytest.raises(CommandError) as misuse:
        call_command("reliability", str(table("a,b\n1,2\n", "c.csv")), "--level", "metric")
    assert "metric" in str(misuse.value)
    line = [sys.executable, "manage.py", "reliability", table("a,b\n1,x\n", "bad.csv"), "--level", "interval", "--json"]
    bad = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (bad.returncode, bad.stdout) == (1, "")
    assert "bad.csv: row 2, column 'b'" in bad.stderr
