"""Files as other programs write them: each is read for what it says, or named for what it is."""

import json
import zipfile

import pytest
import yaml

from annotation.errors import RatingsRefused
from annotation.imports import artimuse, label_studio, long_csv
from annotation.imports.formats import guess, read_records
from annotation.imports.numbers import plain_number
from annotation.imports.records import ForeignAnnotation, ForeignScore, Problem, Remark
from annotation.imports.vocabulary import Vocabulary, check_mapping
from annotation.rubric.schema import parse
from tests.harness.factories import RUBRIC_FILE

RUBRIC = parse(yaml.safe_load(RUBRIC_FILE.read_text(encoding="utf-8")))
ALL = "connoisseur, long-csv, label-studio, artimuse are accepted"


def words(**mapping):
    return Vocabulary(RUBRIC, check_mapping(mapping))


def put(tmp_path, name, content):
    path = tmp_path / name
    data = content if isinstance(content, str | bytes) else json.dumps(content, ensure_ascii=False)
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def problems_of(items):
    return [(item.field, item.reason) for item in items if isinstance(item, Problem)]


HEAD = "image,rater,attribute,score,critique"
CHINESE = f"{HEAD}\nheron.jpg,李,overall_gestalt,7,构图均衡，线条清晰。\n"
WESTERN = f"{HEAD}\nheron.jpg,Zoë,overall_gestalt,7,Très léger – naïf\n"
ENCODED = [
    (CHINESE, "utf-8", ""), (CHINESE, "utf-8-sig", ""), (CHINESE, "utf-16", ""), (CHINESE, "utf-16-le", ""),
    (CHINESE, "utf-16-be", ""), (CHINESE, "utf-32", ""), (CHINESE, "gbk", "gbk"), (WESTERN, "cp1252", "windows-1252"),
    (WESTERN.replace(" – ", " "), "latin-1", "windows-1252"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "encoding", "named"), ENCODED)
def test_a_table_is_read_in_the_encoding_of_the_program_that_wrote_it(tmp_path, text, encoding, named):
    *remarks, item = read_records("long-csv", put(tmp_path, "old.csv", text.encode(encoding)), words())
    assert (item.rater, item.critiques["overall_gestalt"]) == tuple(
        text.splitlines()[1].split(",")[index] for index in (1, 4)
    )
    assert [f"was read as {named};" in remark.text for remark in remarks] == [True] * bool(named)


def test_json_is_read_in_the_encoding_of_the_program_that_wrote_it_too(tmp_path):
    data = json.dumps([{"image": "山水.jpg", "gt_score": 4.5}], ensure_ascii=False)
    for encoding, remarks in (("utf-16", 0), ("utf-8-sig", 0), ("gbk", 1)):
        path = put(tmp_path, "scores.json", data.encode(encoding))
        *rest, score = read_records(guess(path), path, words())
        assert (score.image, score.score, len(rest)) == ("山水.jpg", 4.5, remarks)


FOREIGN = {
    "shift_jis": "構図がとても良い",
    "euc-jp": "構図がとても良い",
    "euc-kr": "구도가 좋고 빛이 부드럽다",
    "big5": "構圖均衡線條清晰",
    "cp1251": "Хорошая композиция",
    "cp1253": "Καλή σύνθεση",
    "mac_roman": "Très léger, für Öl",
}


@pytest.mark.parametrize("encoding", FOREIGN)
def test_an_encoding_that_could_be_another_refuses_the_file(tmp_path, encoding):
    path = put(tmp_path, "old.csv", f"{HEAD}\na.jpg,r,overall_gestalt,7,{FOREIGN[encoding]}\n".encode(encoding))
    with pytest.raises(RatingsRefused, match="is not UTF-8; UTF-8 is accepted, so are UTF-16, GBK"):
        list(long_csv.read(path, words()))


SEMICOLONS = "image;rater;attribute;score;critique\na.jpg;r4;overall_gestalt;7,5;Gut\n"
DELIMITED = [
    SEMICOLONS, SEMICOLONS.replace(",", "."), f"sep=;\n{SEMICOLONS}", f'"sep=;"\r\n{SEMICOLONS}',
    SEMICOLONS.replace(";", "\t"), SEMICOLONS.replace(";", "|"), SEMICOLONS.replace("\n", "\r\n"),
    'image,rater,attribute,score,critique\na.jpg,r4,overall_gestalt,"7,5",Gut\n',
    "Image;Rater;Attribute;Score;Critique\na.jpg;r4;overall_gestalt;7,5;Gut\n",
    "image;rater;attribute;score;critique;;\na.jpg;r4;overall_gestalt;7,5;Gut;;\n;;;;;;\n",
    '"","image","rater","attribute","score","critique"\n"1","a.jpg","r4","overall_gestalt",7.5,"Gut"\n',
    '"image","rater","attribute","score","critique"\n"1","a.jpg","r4","overall_gestalt",7.5,"Gut"\n',
    "Unnamed: 0,image,rater,attribute,score,critique\n0,a.jpg,r4,overall_gestalt,7.50,Gut\n",
]  # fmt: skip


@pytest.mark.parametrize("text", DELIMITED)
def test_a_table_is_read_however_its_cells_are_parted(tmp_path, text):
    [item] = long_csv.read(put(tmp_path, "old.csv", text), words())
    assert (item.image, item.rater, item.steps, item.critiques) == (
        "a.jpg", "r4", {"overall_gestalt": 15}, {"overall_gestalt": "Gut"},
    )  # fmt: skip


NUMBERS = [
    ("7,5", "7.5"), ("7.5", "7.5"), (",5", ".5"), ("1.234,5", "1234.5"), ("1,234.5", "1234.5"), ("1 234,5", "1234.5"),
    ("1\u202f234,5", "1234.5"), ("1'234.5", "1234.5"), ("1,234,567", "1234567"), ("1.234.567", "1234567"),
    ("\u22121", "-1"), ("7,5,5", None), ("1.2.3", None), ("1_0", None), ("nan", None), ("Inf", None), ("７", None),
    ("75 %", None), ("", None),
]  # fmt: skip


@pytest.mark.parametrize(("text", "number"), NUMBERS)
def test_a_number_is_read_as_people_write_it(text, number):
    assert plain_number(text) == number


NOTHING = ["NA", "N/A", "#N/A", "<NA>", "nan", "NaN", "NULL", "null", "None", "#NULL!", "\\N", ".", " "]


@pytest.mark.parametrize("nothing", NOTHING)
def test_what_programs_write_for_nothing_is_nothing(tmp_path, nothing):
    head = "image,rater,attribute,score,critique,language,subcategory,arm,seconds,gt_score"
    rest = ",".join([nothing] * 5)
    text = f"{head}\na.jpg,r,overall_gestalt,7,{nothing},{rest}\na.jpg,r,visual_elements,{nothing},Firm.,{rest}\n"
    [item] = long_csv.read(put(tmp_path, "old.csv", text), words())
    assert (item.steps, item.critiques) == ({"overall_gestalt": 14}, {"visual_elements": "Firm."})
    assert (item.subcategory, item.arm, item.seconds) == ("", "", None)


CODE = "a code of at most 10 characters is accepted, such as en or zh-hans"
LOST = "is an error of a spreadsheet; what was written there is lost"
VALUES = [
    ("#DIV/0!,", "overall_gestalt: score", f"#DIV/0! {LOST}"),
    ("7,#NAME?", "overall_gestalt: critique", f"#NAME? {LOST}"),
    (f"7,{'x' * 140_000}", "overall_gestalt: critique", "a text of at most 10000 characters is accepted"),
    ("7,Firm.,Simplified Chinese", "overall_gestalt: language", CODE),
    ("7,Firm.,English", "overall_gestalt: language", CODE),
    ('7,Firm.,,"1,234"', "seconds", "'1,234' can be read in two ways; accepted: digits with a point, seconds"),
]  # fmt: skip


@pytest.mark.parametrize(("cells", "field", "reason"), VALUES)
def test_a_value_that_cannot_be_kept_refuses_its_answer_with_row_and_field(tmp_path, cells, field, reason):
    text = f"image,rater,attribute,score,critique,language,seconds\na.jpg,r,overall_gestalt,{cells}"
    row = text + "," * (6 - text.splitlines()[1].count(",") + cells.count('"1,'))
    path = put(tmp_path, "old.csv", f"{row}\nb.jpg,r,overall_gestalt,6,Calm.,,\n")
    problem, kept = long_csv.read(path, words())
    assert problem == Problem("old.csv, row 2", field, reason)
    assert kept.image == "b.jpg"


KONIQ = '"image_name","c1","c2","c_total","MOS","SD"\n"10004473376.jpg",0,25,105,3.828571,0.5\n'


@pytest.mark.parametrize("others", [{"c1": None, "c2": "", "c_total": None, "SD": None}, {"*": None}])
def test_columns_can_be_left_out_by_the_mapping(tmp_path, others):
    mapping = words(columns={"image_name": "image", "MOS": "gt_score"} | others)
    assert list(long_csv.read(put(tmp_path, "koniq.csv", KONIQ), mapping)) == [
        ForeignScore("koniq.csv, row 2", "10004473376.jpg", 3.828571)
    ]


def test_a_wide_table_has_a_column_for_each_attribute(tmp_path):
    para = "sessionId,imageName,userId,aestheticScore,compositionScore,lightScore\ns1,a.jpg,A1,3.5,4.0,1\n"
    columns = {"imageName": "image", "userId": "rater", "aestheticScore": "overall_gestalt",
               "compositionScore": "composition_design", "*": None}  # fmt: skip
    [item] = long_csv.read(put(tmp_path, "para.csv", para), words(columns=columns, scale=[1, 5]))
    # 3.5 of 1 to 5 is 6.25 of 0 to 10: the nearest half point, the higher of two.
    assert (item.rater, item.steps) == ("A1", {"overall_gestalt": 13, "composition_design": 15})
    wide = "image,rater,overall_gestalt,overall_gestalt_critique,Visual Elements\na.jpg,r,7,Calm.,6\n"
    [item] = long_csv.read(put(tmp_path, "wide.csv", wide), words())
    assert (item.steps, item.critiques) == (
        {"overall_gestalt": 14, "visual_elements": 12},
        {"overall_gestalt": "Calm."},
    )


def test_a_score_off_the_scale_of_the_mapping_is_refused(tmp_path):
    path = put(tmp_path, "old.csv", f"{HEAD}\na.jpg,r,overall_gestalt,6,\n")
    [problem] = long_csv.read(path, words(scale={"Overall Gestalt": [1, 5]}))
    assert (problem.field, problem.reason) == (
        "overall_gestalt: score", "6.0 is not on the scale: 1 to 5, as the mapping says"
    )  # fmt: skip


def task(*results, image="heron.jpg"):
    return [
        {"id": 1, "data": {"image": image}, "annotations": [{"id": 11, "completed_by": 5, "result": list(results)}]}
    ]


def result(kind, name="overall_gestalt", **value):
    return {"from_name": name, "type": kind, "value": value}


def test_stars_are_refused_without_their_scale_and_read_with_it(tmp_path):
    path = put(tmp_path, "stars.json", task(result("rating", rating=4)))
    assert problems_of(label_studio.read(path, words())) == [
        ("overall_gestalt: score", "stars are on a scale of their own; name it in the mapping, as scale: [1, 5]")
    ]
    [item] = label_studio.read(path, words(scale=[1, 5]))
    assert item.steps == {"overall_gestalt": 15}


def test_of_two_choices_none_is_stored(tmp_path):
    chosen = result("choices", "subcategory", choices=["Portrait", "Sketch"])
    items = label_studio.read(put(tmp_path, "two.json", task(result("number", number=7), chosen)), words())
    assert problems_of(items) == [("subcategory", "one choice is accepted, not 2: Portrait, Sketch")]


ADDRESSES = [
    ("/data/upload/3/6f1c2b9a-heron.jpg", "6f1c2b9a-heron.jpg"),
    ("https://files.example.org/set/my%20photo.jpg?X-Amz-Signature=ab/cd=", "my%20photo.jpg"),
    ("/data/local-files/?d=set/%E5%B1%B1%E6%B0%B4.jpg", "山水.jpg"),
    ("/tasks/7/resolve/?fileuri=czM6Ly9idWNrZXQvc2V0L2hlcm9uLmpwZw==", "heron.jpg"),
    ("s3://bucket/set/heron.jpg", "heron.jpg"),
    (r"C:\set\heron.jpg", "heron.jpg"),
]


@pytest.mark.parametrize(("address", "name"), ADDRESSES)
def test_the_name_of_a_file_is_the_last_part_of_its_address(tmp_path, address, name):
    path = put(tmp_path, "export.json", task(result("number", number=7), image=address))
    assert [item.image for item in label_studio.read(path, words())] == [name]


FLAT = {"id": 1, "image": "/data/upload/3/heron.jpg", "overall_gestalt": 6.5, "overall_gestalt_critique": "Calm.",
        "subcategory": "Portrait", "annotator": 5, "annotation_id": 11, "lead_time": 12.5}  # fmt: skip


def test_the_short_exports_of_label_studio_are_read_too(tmp_path):
    as_json = put(tmp_path, "min.json", [FLAT])
    as_csv = put(tmp_path, "min.csv", f"{','.join(FLAT)}\n{','.join(map(str, FLAT.values()))}\n")
    for path in (as_json, as_csv):
        assert guess(path) == "label-studio"
        [item] = label_studio.read(path, words())
        assert (item.image, item.rater, item.steps, item.subcategory, item.seconds) == (
            "heron.jpg", "5", {"overall_gestalt": 13}, "portrait", 12,
        )  # fmt: skip
    two = FLAT | {"subcategory": {"choices": ["Portrait", "Sketch"]}}
    assert problems_of(label_studio.read(put(tmp_path, "two.json", [two]), words())) == [
        ("subcategory", "one choice is accepted, not 2: Portrait, Sketch")
    ]


def conversation(*turns):
    texts = [{"from": ("human", "gpt")[number % 2], "value": text} for number, text in enumerate(turns)]
    return {"image": "image17_714.jpg", "conversations": texts}


ASKED = "<image>\nPlease evaluate the aesthetic quality of this image from the {} of {}."


def test_artimuse_is_read_as_it_was_published(tmp_path):
    lines = [
        conversation(ASKED.format("aspect", "Composition & Structure"), "The frame leans."),
        conversation(ASKED.format("aespect", "Visual Elements"), "Lines are thin."),
        conversation(ASKED.format("attribute", "Overall Evaluation"), "Solid."),
    ]
    as_lines = put(tmp_path, "a.jsonl", "\n".join(map(json.dumps, lines)))
    as_list = put(tmp_path, "a.json", lines)
    turns = [text["value"] for line in lines for text in line["conversations"]]
    in_turns = put(tmp_path, "b.json", [conversation(*turns)])
    for path in (as_lines, as_list, in_turns):
        assert guess(path) == "artimuse"
        [item] = artimuse.read(path, words())
        assert item.critiques == {
            "composition_design": "The frame leans.", "visual_elements": "Lines are thin.",
            "comprehensive_evaluation": "Solid.",
        }  # fmt: skip
    scores = put(tmp_path, "scores.jsonl", '{"image": "a.jpg", "gt_score": 71.5}\n')
    assert list(artimuse.read(scores, words())) == [ForeignScore("scores.jsonl, line 1", "a.jpg", 71.5)]


OTHERS = [
    ("argilla.json", [{"id": "rec-1", "fields": {"image": "a.jpg"}, "responses": {}}], "Argilla records"),
    ("argilla.jsonl", {"id": "rec-1", "overall_gestalt.responses": [7]}, "an Argilla data set"),
    ("argilla.csv", "id,image,overall_gestalt.responses\n1,a.jpg,[7]\n", "an Argilla data set"),
    ("coco.json", {"images": [], "annotations": [], "categories": []}, "COCO"),
    ("results.json", [{"image_id": 1, "caption": "Firm."}], "COCO captions"),
    ("labelme.json", {"imagePath": "a.jpg", "shapes": []}, "LabelMe"),
    ("prodigy.jsonl", {"text": "a", "_task_hash": 5}, "Prodigy"),
    ("via.json", {"_via_img_metadata": {}}, "VGG Image Annotator"),
    ("labelbox.ndjson", {"data_row": {}}, "Labelbox"),
    ("output.manifest", {"source-ref": "s3://a.jpg"}, "SageMaker Ground Truth"),
    ("cvat.xml", '<?xml version="1.0"?><annotations/>', "XML or HTML"),
    ("batch.csv", "HITId,WorkerId,Answer.score\n1,2,3\n", "a batch of Amazon Mechanical Turk"),
    ("toloka.tsv", "INPUT:image\tOUTPUT:score\na.jpg\t4\n", "Toloka"),
    ("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Excel workbook of before 2007", "save its table as CSV"),
    ("ratings.csv.gz", b"\x1f\x8b\x08\x00", "a file packed by gzip (an R data file is one)", "unpack it first"),
    ("table.parquet", b"PAR1....", "a Parquet file", "save its table as CSV"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "content", "what", "hint"), [(*row, "")[:4] for row in OTHERS])
def test_a_format_of_another_tool_is_named_with_those_that_are_read(tmp_path, name, content, what, hint):
    with pytest.raises(RatingsRefused) as refused:
        guess(put(tmp_path, name, content))
    what_to_do = f": {hint}" if hint else ""
    assert str(refused.value) == f"{name}: is {what}, which is not read here{what_to_do}; {ALL}"


def test_an_excel_workbook_is_named_whatever_it_is_called(tmp_path):
    for name in ("book.xlsx", "book.csv"):
        with zipfile.ZipFile(tmp_path / name, "w") as book:
            book.writestr("xl/workbook.xml", "<workbook/>")
        with pytest.raises(
            RatingsRefused, match="is an Excel workbook, which is not read here: save its table as CSV;"
        ):
            guess(tmp_path / name)


@pytest.mark.parametrize("reader", [long_csv.read, label_studio.read, artimuse.read])
def test_a_format_that_was_chosen_reads_no_workbook_either(tmp_path, reader):
    with zipfile.ZipFile(tmp_path / "book.csv", "w") as book:
        book.writestr("xl/workbook.xml", "<workbook/>")
    with pytest.raises(RatingsRefused, match=r"book\.csv: is an Excel workbook, not text: save its table as CSV"):
        list(reader(tmp_path / "book.csv", words()))


READ = [
    ("table.txt", "image\tgt_score\na.jpg\t4\n", "long-csv"),
    ("list.jsonl", [{"image": "a.jpg", "gt_score": 4}], "artimuse"),
    ("lines.json", '{"image": "a.jpg", "gt_score": 4}\n{"image": "b.jpg", "gt_score": 5}\n', "artimuse"),
]


@pytest.mark.parametrize(("name", "content", "form"), READ)
def test_a_format_is_known_by_what_is_in_the_file_and_not_by_its_ending(tmp_path, name, content, form):
    path = put(tmp_path, name, content)
    assert guess(path) == form
    reader = {"long-csv": long_csv, "artimuse": artimuse}[form]
    first = next(iter(reader.read(path, words())))
    assert isinstance(first, ForeignScore)
    assert first.score == 4


def test_an_annotation_of_one_table_is_one_however_its_rows_lie(tmp_path):
    rows = "a.jpg,r,overall_gestalt,7,\nb.jpg,r,overall_gestalt,6,\na.jpg,r,visual_elements,5,\n"
    items = list(long_csv.read(put(tmp_path, "old.csv", f"{HEAD}\n{rows}"), words()))
    assert [isinstance(item, ForeignAnnotation) for item in items] == [True, True]
    assert not any(isinstance(item, Remark) for item in items)
