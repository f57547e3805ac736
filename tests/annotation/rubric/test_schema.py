"""Check the rubric's schema and arithmetic, and the ArtiMuse rubric itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from annotation.errors import RubricInvalid
from annotation.rubric.schema import Rubric, Scale, content_hash, localise, parse

artimuse_file = Path(__file__).parents[3] / "fixtures" / "rubrics" / "artimuse.yaml"

half_points = Scale(minimum=0, maximum=10, steps_per_point=2)
hanzi = re.compile("[\u4e00-\u9fff]")

Content = dict[str, Any]


def artimuse_content() -> Content:
    content: Content = yaml.safe_load(artimuse_file.read_text(encoding="utf-8"))
    return content


artimuse = parse(artimuse_content())
weighted = [attribute for attribute in artimuse.attributes if attribute.weight]

some_scores = st.fixed_dictionaries(
    {attribute.key: st.integers(half_points.lowest, half_points.highest) for attribute in artimuse.attributes}
)


def every_text(rubric: Rubric) -> Iterator[tuple[str, Any]]:
    yield "title", rubric.title
    for category in rubric.categories:
        yield category.key, category.name
    for sub in rubric.subcategories.values():
        yield sub.key, sub.name
    for attribute in rubric.attributes:
        yield f"{attribute.key} name", attribute.name
        yield f"{attribute.key} definition", attribute.definition
        for anchor in attribute.anchors:
            yield f"{attribute.key} at {anchor.score:g}", anchor.text


class TestTheArtimuseRubric:
    def test_has_five_categories_and_fifteen_subcategories_in_order(self):
        keys = [(category.key, [sub.key for sub in category.subcategories]) for category in artimuse.categories]
        painting = ["digital_art", "childrens_painting", "chinese_painting", "general_painting", "sketch"]
        assert keys == [
            ("photography", ["daily_photo", "photo_art", "architecture", "portrait", "movie_still"]),
            ("painting_calligraphy", [*painting, "calligraphy"]),
            ("aigc", ["aigc"]),
            ("design_3d", ["product_design", "sculpture"]),
            ("graphic_design", ["graphic_design"]),
        ]
        assert len(artimuse.subcategories) == 15
        assert artimuse.subcategories["sculpture"].category == "design_3d"

    def test_has_the_eight_published_attributes_and_weights_in_order(self):
        assert [(attribute.key, attribute.weight, attribute.name["zh-hans"]) for attribute in artimuse.attributes] == [
            ("composition_design", 7, "构图设计"),
            ("visual_elements", 7, "视觉元素"),
            ("technical_execution", 8, "技术执行"),
            ("originality_creativity", 15, "想象创意"),
            ("theme_communication", 15, "主题传达"),
            ("emotional_impact", 10, "情感反应"),
            ("overall_gestalt", 38, "整体完形"),
            ("comprehensive_evaluation", 0, "综合评价"),
        ]
        assert list(artimuse.by_key) == [attribute.key for attribute in artimuse.attributes]
        assert sum(attribute.weight for attribute in artimuse.attributes) == 100

    def test_asks_the_overall_judgement_last(self):
        assert artimuse.overall.key == "comprehensive_evaluation"

    def test_scores_from_zero_to_ten_by_half_points(self):
        assert artimuse.scale == half_points

    @pytest.mark.parametrize(("place", "text"), [pytest.param(*item, id=item[0]) for item in every_text(artimuse)])
    def test_says_everything_in_english_and_in_chinese(self, place: str, text: dict[str, str]):
        assert set(text) == {"en", "zh-hans"}
        assert not hanzi.search(text["en"])
        assert hanzi.search(text["zh-hans"])

    @pytest.mark.parametrize(("place", "text"), [pytest.param(*item, id=item[0]) for item in every_text(artimuse)])
    def test_uses_chinese_punctuation_and_no_space_between_chinese_characters(self, place: str, text: dict[str, str]):
        assert not re.search(f"{hanzi.pattern}[,.:;!?()]", text["zh-hans"])
        assert not re.search(f"{hanzi.pattern}\\s+{hanzi.pattern}", text["zh-hans"])

    def test_puts_words_to_five_scores_of_each_attribute(self):
        for attribute in artimuse.attributes:
            points = [anchor.score for anchor in attribute.anchors]
            assert points == [1, 3, 5, 7, 9], attribute.key

    def test_keeps_an_anchor_short_enough_to_read_at_a_glance(self):
        for attribute in artimuse.attributes:
            for anchor in attribute.anchors:
                assert len(anchor.text["en"].split()) <= 14, anchor.text["en"]
                assert len(anchor.text["zh-hans"]) <= 28, anchor.text["zh-hans"]

    def test_words_no_two_anchors_alike(self):
        for language in ("en", "zh-hans"):
            wordings = [anchor.text[language] for a in artimuse.attributes for anchor in a.anchors]
            assert len(set(wordings)) == len(wordings) == 40

    def test_asks_for_critiques_of_the_published_length(self):
        assert {attribute.words for attribute in artimuse.attributes} == {(70, 120)}
        assert {attribute.characters for attribute in artimuse.attributes} == {(120, 200)}


class TestLocalise:
    def test_gives_the_wording_in_the_language_asked_for(self):
        assert localise({"en": "Sketch", "zh-hans": "素描"}, "zh-hans") == "素描"
        assert localise({"en": "Sketch", "zh-hans": "素描"}, "zh-Hans") == "素描"

    def test_falls_back_to_english(self):
        assert localise({"en": "Sketch", "zh-hans": "素描"}, "fr") == "Sketch"


class TestHolistic:
    def scores(self, **steps: int) -> dict[str, int]:
        return {attribute.key: steps.get(attribute.key, 0) for attribute in weighted}

    def test_is_the_weighted_sum_in_hundredths_of_a_point(self):
        points = {
            "composition_design": 6.0,
            "visual_elements": 7.5,
            "technical_execution": 8.0,
            "originality_creativity": 4.5,
            "theme_communication": 5.0,
            "emotional_impact": 5.5,
            "overall_gestalt": 6.5,
        }
        steps = {key: artimuse.scale.to_steps(value) for key, value in points.items()}
        # .42 + .525 + .64 + .675 + .75 + .55 + 2.47 = 6.03
        assert artimuse.holistic(steps) == 603

    @pytest.mark.parametrize(
        ("steps", "hundredths"),
        [
            pytest.param(1, 4, id="3.5 goes up to 4"),
            pytest.param(3, 10, id="10.5 goes down to 10"),
            pytest.param(5, 18, id="17.5 goes up to 18"),
            pytest.param(7, 24, id="24.5 goes down to 24"),
        ],
    )
    def test_rounds_half_hundredths_to_the_even_neighbour(self, steps: int, hundredths: int):
        assert artimuse.holistic(self.scores(composition_design=steps)) == hundredths

    def test_ignores_the_overall_judgement(self):
        scores = self.scores(overall_gestalt=10)
        assert artimuse.holistic(scores) == artimuse.holistic({**scores, "comprehensive_evaluation": 20}) == 190

    @pytest.mark.parametrize("missing", [attribute.key for attribute in weighted])
    def test_needs_every_weighted_attribute(self, missing: str):
        scores = self.scores()
        del scores[missing]
        with pytest.raises(KeyError, match=missing):
            artimuse.holistic(scores)

    @given(some_scores)
    def test_lies_between_the_lowest_and_the_highest_weighted_score(self, scores: dict[str, int]):
        points = [artimuse.scale.to_points(scores[attribute.key]) for attribute in weighted]
        assert min(points) <= artimuse.holistic(scores) / 100 <= max(points)

    @given(st.integers(half_points.lowest, half_points.highest))
    def test_is_the_common_score_when_all_are_equal(self, steps: int):
        scores = {attribute.key: steps for attribute in weighted}
        assert artimuse.holistic(scores) / 100 == artimuse.scale.to_points(steps)

    @given(some_scores, st.sampled_from([attribute.key for attribute in weighted]))
    def test_never_falls_when_one_score_rises(self, scores: dict[str, int], key: str):
        higher = {**scores, key: min(scores[key] + 1, half_points.highest)}
        assert artimuse.holistic(higher) >= artimuse.holistic(scores)


class TestScale:
    @pytest.mark.parametrize(("points", "steps"), [(0, 0), (0.5, 1), (7.5, 15), (10, 20), (10.0, 20)])
    def test_turns_points_into_steps(self, points: float, steps: int):
        assert half_points.to_steps(points) == steps

    @pytest.mark.parametrize("points", [7.3, 0.25, -0.5, 10.5, 1e300, float("nan"), float("inf"), -float("inf")])
    def test_refuses_points_that_are_no_score_and_names_the_accepted_ones(self, points: float):
        message = f"{points} is not on the scale: 0 to 10 in steps of 0.5"
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            half_points.to_steps(points)

    @pytest.mark.parametrize("points", ["seven", "", "1e999999", "9e9999999", None, True])
    def test_refuses_what_is_no_number_in_the_same_words(self, points: Any):
        with pytest.raises(ValueError, match=r"is not on the scale: 0 to 10 in steps of 0\.5"):
            half_points.to_steps(points)

    @pytest.mark.parametrize("steps", [-1, 21])
    def test_refuses_steps_off_the_scale(self, steps: int):
        with pytest.raises(ValueError, match=r"is not on the scale: 0 to 10 in steps of 0\.5"):
            half_points.check(steps)

    @pytest.mark.parametrize("steps", [0, 15, 20])
    def test_accepts_steps_on_the_scale(self, steps: int):
        assert half_points.check(steps) == steps

    @given(st.sampled_from([1, 2, 4, 5, 10, 20, 25, 50, 100]), st.data())
    def test_gives_every_step_back_from_its_points(self, steps_per_point: int, data: st.DataObject):
        scale = Scale(minimum=3, maximum=10, steps_per_point=steps_per_point)
        steps = data.draw(st.integers(scale.lowest, scale.highest))
        assert scale.to_steps(scale.to_points(steps)) == scale.nearest(scale.to_points(steps)) == steps

    @pytest.mark.parametrize(
        ("points", "steps"),
        [
            pytest.param(7.3, 15, id="7.3 is near 7.5"),
            pytest.param(7.2, 14, id="7.2 is near 7"),
            pytest.param(7.25, 14, id="halfway goes to the even step below"),
            pytest.param(7.75, 16, id="halfway goes to the even step above"),
            pytest.param(-0.5, 0, id="below the scale is held at its foot"),
            pytest.param(10.5, 20, id="above the scale is held at its top"),
            pytest.param(1e300, 20, id="far above"),
            pytest.param(-float("inf"), 0, id="infinitely below"),
        ],
    )
    def test_finds_the_nearest_step_to_any_number(self, points: float, steps: int):
        assert half_points.nearest(points) == steps

    def test_finds_no_step_near_nan(self):
        with pytest.raises(ValueError, match="nan is no number of points"):
            half_points.nearest(float("nan"))

    @given(st.floats(0, 10))
    def test_finds_a_nearest_step_within_half_a_step(self, points: float):
        assert abs(half_points.to_points(half_points.nearest(points)) - points) <= half_points.step / 2


class TestParse:
    def refusal(self, change: Callable[[Content], object]) -> str:
        content = artimuse_content()
        change(content)
        with pytest.raises(RubricInvalid) as refused:
            parse(content)
        return str(refused.value)

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            pytest.param(
                lambda c: c["title"].pop("en"),
                "title: an English wording (en) is needed",
                id="no English title",
            ),
            pytest.param(
                lambda c: c["attributes"][2]["anchors"][1]["text"].pop("en"),
                "attributes[2].anchors[1].text: an English wording (en) is needed",
                id="no English anchor",
            ),
            pytest.param(
                lambda c: c["categories"][0]["name"].update({"zh-hans": None}),
                "categories[0].name.zh-hans: a wording is needed, not None",
                id="empty Chinese name",
            ),
            pytest.param(
                lambda c: c["attributes"][0]["definition"].update(en="  "),
                "attributes[0].definition.en: a wording is needed, not '  '",
                id="blank definition",
            ),
            pytest.param(
                lambda c: c["title"].update({False: "ArtiMuse"}),
                "title: the language False is not text; put it in quotes",
                id="Norwegian without quotes",
            ),
            pytest.param(lambda c: c.pop("slug"), "slug: is missing", id="no slug"),
            pytest.param(lambda c: c["scale"].pop("maximum"), "scale.maximum: is missing", id="no maximum"),
            pytest.param(
                lambda c: c["attributes"][4].pop("weight"), "attributes[4].weight: is missing", id="no weight"
            ),
            pytest.param(
                lambda c: c["scale"].update(minimum=0.5),
                "scale.minimum: a whole number is accepted, not 0.5",
                id="fraction for a whole number",
            ),
            pytest.param(
                lambda c: c["scale"].update(minimum=10),
                "scale: minimum must be 0 or more, and below maximum",
                id="scale without length",
            ),
            pytest.param(
                lambda c: c["scale"].update(minimum=-1),
                "scale: minimum must be 0 or more, and below maximum",
                id="scale below zero",
            ),
            pytest.param(
                lambda c: c["scale"].update(steps_per_point=3),
                "scale.steps_per_point: a divisor of 100 is accepted, not 3",
                id="thirds of a point",
            ),
            pytest.param(
                lambda c: c["scale"].update(steps_per_point=0),
                "scale.steps_per_point: a divisor of 100 is accepted, not 0",
                id="no steps",
            ),
            pytest.param(
                lambda c: c["attributes"][0].update(weight=True),
                "attributes[0].weight: a whole number is accepted, not True",
                id="yes for a number",
            ),
            pytest.param(
                lambda c: c["attributes"][0].update(weight="7"),
                "attributes[0].weight: a whole number is accepted, not '7'",
                id="text for a number",
            ),
            pytest.param(
                lambda c: c.update(title="ArtiMuse"),
                "title: a mapping is accepted, not 'ArtiMuse'",
                id="text for a mapping",
            ),
            pytest.param(
                lambda c: c.update(categories={}),
                "categories: a list is accepted, not {}",
                id="mapping for a list",
            ),
            pytest.param(lambda c: c.update(slug=10), "slug: text is accepted, not 10", id="number for text"),
            pytest.param(
                lambda c: c["attributes"][7]["anchors"][0].update(score="1"),
                "attributes[7].anchors[0].score: a number is accepted, not '1'",
                id="text for a score",
            ),
            pytest.param(
                lambda c: c["categories"][4].update(subcategories=[]),
                "categories[4].subcategories: at least one is needed",
                id="category without subcategories",
            ),
            pytest.param(
                lambda c: c["attributes"][6].update(weight=37),
                "attributes: the weights add up to 99, not to 100",
                id="weights short of 100",
            ),
            pytest.param(
                lambda c: (c["attributes"][0].update(weight=-7), c["attributes"][1].update(weight=21)),
                "attributes[0].weight: 0 to 100 per cent is accepted, not -7",
                id="negative weight",
            ),
            pytest.param(
                lambda c: (c["attributes"][6].update(weight=37), c["attributes"][7].update(weight=1)),
                "attributes: exactly the last one (the overall judgement) must have weight 0",
                id="weight on the overall judgement",
            ),
            pytest.param(
                lambda c: (c["attributes"][0].update(weight=0), c["attributes"][1].update(weight=14)),
                "attributes: exactly the last one (the overall judgement) must have weight 0",
                id="two without weight",
            ),
            pytest.param(
                lambda c: c["attributes"][1].update(key="overall_gestalt"),
                "attribute key 'overall_gestalt' stands twice; keys must differ",
                id="attribute twice",
            ),
            pytest.param(
                lambda c: c["categories"][1].update(key="photography"),
                "category key 'photography' stands twice; keys must differ",
                id="category twice",
            ),
            pytest.param(
                lambda c: c["categories"][3]["subcategories"][0].update(key="portrait"),
                "subcategory key 'portrait' stands twice; keys must differ",
                id="subcategory twice, in two categories",
            ),
            pytest.param(
                lambda c: c["categories"][0]["subcategories"][0].update(key="Daily Photo"),
                "categories[0].subcategories[0].key: a small letter, then small letters, digits, _ and - "
                "are accepted, not 'Daily Photo'",
                id="name for a key",
            ),
            pytest.param(
                lambda c: c["attributes"][3]["anchors"][4].update(score=11),
                "attributes[3].anchors[4].score: 11 is not on the scale: 0 to 10 in steps of 0.5",
                id="anchor off the scale",
            ),
            pytest.param(
                lambda c: c["attributes"][3]["anchors"][4].update(score=9.2),
                "attributes[3].anchors[4].score: 9.2 is not on the scale: 0 to 10 in steps of 0.5",
                id="anchor between two steps",
            ),
            pytest.param(
                lambda c: c["attributes"][3]["anchors"].reverse(),
                "attributes[3].anchors: the scores must rise from each anchor to the next",
                id="anchors out of order",
            ),
            pytest.param(
                lambda c: c["attributes"][3]["anchors"][1].update(score=1),
                "attributes[3].anchors: the scores must rise from each anchor to the next",
                id="two anchors at one score",
            ),
            pytest.param(
                lambda c: c["attributes"][5].update(words=[120, 70]),
                "attributes[5].words: two whole numbers, from and to, are accepted, not [120, 70]",
                id="length from high to low",
            ),
            pytest.param(
                lambda c: c["attributes"][5].update(characters=[120]),
                "attributes[5].characters: two whole numbers, from and to, are accepted, not [120]",
                id="length with one bound",
            ),
            pytest.param(
                lambda c: c["attributes"][5].update(words=[True, 120]),
                "attributes[5].words: two whole numbers, from and to, are accepted, not [True, 120]",
                id="yes for a length",
            ),
        ],
    )
    def test_refuses_a_mistake_and_names_its_field(self, change: Callable[[Content], object], message: str):
        assert self.refusal(change) == message

    @pytest.mark.parametrize("content", [None, [], "slug: artimuse", 5])
    def test_refuses_what_is_no_mapping_at_all(self, content: Any):
        with pytest.raises(RubricInvalid) as refused:
            parse(content)
        assert str(refused.value) == f"a mapping is accepted, not {content!r}"

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            (lambda c: c.clear(), "scale: is missing"),
            (lambda c: c.update(scale=5), "scale: a mapping is accepted, not 5"),
            (lambda c: c["scale"].update(maximum=True), "scale.maximum: a whole number is accepted, not True"),
            (lambda c: c["scale"].update(maximum=None), "scale.maximum: a whole number is accepted, not None"),
            (lambda c: c.pop("title"), "title: is missing"),
            (lambda c: c.update(title={}), "title: an English wording (en) is needed"),
            (lambda c: c.pop("categories"), "categories: is missing"),
            (lambda c: c.update(categories=[]), "categories: at least one is needed"),
            (lambda c: c.update(attributes=[]), "attributes: at least one is needed"),
            (lambda c: c.update(categories=["art"]), "categories[0]: a mapping is accepted, not 'art'"),
            (lambda c: c.update(attributes=[5]), "attributes[0]: a mapping is accepted, not 5"),
            (lambda c: c["categories"][1].pop("key"), "categories[1].key: is missing"),
            (lambda c: c["categories"][1].pop("name"), "categories[1].name: is missing"),
            (lambda c: c["categories"][1].pop("subcategories"), "categories[1].subcategories: is missing"),
            (
                lambda c: c["categories"][1]["subcategories"][2].update(name="Ink"),
                "categories[1].subcategories[2].name: a mapping is accepted, not 'Ink'",
            ),
            (
                lambda c: c["categories"][1]["subcategories"][2].pop("key"),
                "categories[1].subcategories[2].key: is missing",
            ),
            (lambda c: c["attributes"][2].pop("key"), "attributes[2].key: is missing"),
            (lambda c: c["attributes"][2].pop("name"), "attributes[2].name: is missing"),
            (lambda c: c["attributes"][2].pop("definition"), "attributes[2].definition: is missing"),
            (lambda c: c["attributes"][2].pop("words"), "attributes[2].words: is missing"),
            (lambda c: c["attributes"][2].pop("characters"), "attributes[2].characters: is missing"),
            (lambda c: c["attributes"][2].pop("anchors"), "attributes[2].anchors: is missing"),
            (lambda c: c["attributes"][2].update(anchors=[]), "attributes[2].anchors: at least one is needed"),
            (lambda c: c["attributes"][2]["anchors"][0].pop("score"), "attributes[2].anchors[0].score: is missing"),
            (lambda c: c["attributes"][2]["anchors"][0].pop("text"), "attributes[2].anchors[0].text: is missing"),
            (
                lambda c: c["attributes"][2]["anchors"][0].update(score=True),
                "attributes[2].anchors[0].score: a number is accepted, not True",
            ),
            (lambda c: c["attributes"][2].update(key=7), "attributes[2].key: text is accepted, not 7"),
            (
                lambda c: c["attributes"][2].update(weight=101),
                "attributes[2].weight: 0 to 100 per cent is accepted, not 101",
            ),
            (
                lambda c: c["attributes"][2].update(weight=8.0),
                "attributes[2].weight: a whole number is accepted, not 8.0",
            ),
            (lambda c: c["attributes"][2].update(words="70"), "attributes[2].words: a list is accepted, not '70'"),
            (
                lambda c: c["attributes"][2].update(words=[0, 5]),
                "attributes[2].words: two whole numbers, from and to, are accepted, not [0, 5]",
            ),
            (
                lambda c: c["attributes"][2]["name"].update(en=5),
                "attributes[2].name.en: a wording is needed, not 5",
            ),
            (
                lambda c: c["attributes"][2]["name"].update(en="a\x00b"),
                "attributes[2].name.en: holds characters that cannot be stored",
            ),
            (
                lambda c: c["attributes"][2].update(guidance={1: {"en": "Look."}}),
                f"attributes[2].guidance: 1 is no subcategory; accepted: {', '.join(artimuse.subcategories)}",
            ),
            (
                lambda c: c["attributes"][2].update(guidance={"portrait": "Look."}),
                "attributes[2].guidance.portrait: a mapping is accepted, not 'Look.'",
            ),
            (
                lambda c: (c["attributes"][6].update(weight=37), c["scale"].update(minimum=10)),
                "scale: minimum must be 0 or more, and below maximum",
            ),
        ],
    )
    def test_names_every_field_that_is_missing_or_of_another_kind(
        self, change: Callable[[Content], object], message: str
    ):
        assert self.refusal(change) == message

    def test_accepts_another_rubric_than_ours(self):
        attribute = {
            "name": {"en": "Craft"},
            "definition": {"en": "How well it is made."},
            "words": [1, 50],
            "characters": [1, 80],
            "anchors": [{"score": 3, "text": {"en": "Fair."}}],
        }
        rubric = parse(
            {
                "slug": "likert",
                "title": {"en": "Five points"},
                "scale": {"minimum": 1, "maximum": 5, "steps_per_point": 1},
                "categories": [
                    {
                        "key": "art",
                        "name": {"en": "Art"},
                        "subcategories": [{"key": "print", "name": {"en": "Print"}}],
                    }
                ],
                "attributes": [
                    {**attribute, "key": "craft", "weight": 60},
                    {**attribute, "key": "idea", "weight": 40},
                    {**attribute, "key": "overall", "weight": 0},
                ],
            }
        )
        assert rubric.scale.accepted == "1 to 5 in steps of 1"
        assert rubric.holistic({"craft": 5, "idea": 2}) == 380

    def test_joins_folded_lines_and_reads_languages_in_any_case(self):
        content = artimuse_content()
        content["title"] = {"EN": "The\n  rubric", "zh-Hans": "评价标准"}
        assert parse(content).title == {"en": "The rubric", "zh-hans": "评价标准"}

    def test_reads_guidance_by_subcategory(self):
        content = artimuse_content()
        content["attributes"][0]["guidance"] = {"portrait": {"en": "Look at\n the eyes."}}
        rubric = parse(content)
        assert rubric.attributes[0].guidance == {"portrait": {"en": "Look at the eyes."}}
        assert rubric.attributes[1].guidance == {}

    @pytest.mark.parametrize(
        ("guidance", "message"),
        [
            (
                {"portraits": {"en": "Look."}},
                f"attributes[2].guidance: 'portraits' is no subcategory; accepted: {', '.join(artimuse.subcategories)}",
            ),
            (
                {"portrait": {"zh-hans": "看。"}},
                "attributes[2].guidance.portrait: an English wording (en) is needed",
            ),
            ("Look.", "attributes[2].guidance: a mapping is accepted, not 'Look.'"),
        ],
    )
    def test_names_guidance_that_cannot_be(self, guidance: Any, message: str):
        assert self.refusal(lambda content: content["attributes"][2].update(guidance=guidance)) == message


class TestContentHash:
    def test_does_not_depend_on_the_order_of_keys(self):
        content = artimuse_content()

        def turned(value: Any) -> Any:
            if isinstance(value, dict):
                return {key: turned(value[key]) for key in reversed(value)}
            return [turned(item) for item in value] if isinstance(value, list) else value

        assert list(turned(content)) != list(content)
        assert content_hash(turned(content)) == content_hash(content)

    def test_changes_with_a_wording_in_any_language(self):
        content = artimuse_content()
        content["attributes"][0]["anchors"][0]["text"]["zh-hans"] += "。"
        assert content_hash(content) != content_hash(artimuse_content())

    def test_changes_with_the_order_of_attributes(self):
        content = artimuse_content()
        content["attributes"].reverse()
        assert content_hash(content) != content_hash(artimuse_content())


def many(part: dict[str, Any], n: int) -> list[dict[str, Any]]:
    return [part | {"key": f"{part['key']}-{number}"} for number in range(n)]


BEYOND: dict[str, tuple[Callable[[Content], object], str]] = {
    "subcategories": (
        lambda content: content["categories"][0].update(subcategories=many({"key": "s", "name": {"en": "S"}}, 10_000)),
        r"subcategories: .*at most 200 are accepted",
    ),
    "subcategories of all categories": (
        lambda content: [
            category.update(subcategories=many({"key": f"s{number}", "name": {"en": "S"}}, 150))
            for number, category in enumerate(content["categories"])
        ],
        "categories: 750 are too many; at most 200 are accepted",
    ),
    "categories": (
        lambda content: content.update(categories=many(content["categories"][0], 51)),
        "categories: .*at most 50 are accepted",
    ),
    "attributes": (
        lambda content: content.update(attributes=many(content["attributes"][0], 31)),
        "attributes: .*at most 30 are accepted",
    ),
    "anchors": (
        lambda content: content["attributes"][0].update(
            anchors=[{"score": number / 10, "text": {"en": "A"}} for number in range(100)]
        ),
        r"attributes\[0\].anchors: .*at most 50 are accepted",
    ),
    "the highest score": (lambda content: content["scale"].update(maximum=10**9), "scale: .*a maximum of at most 1000"),
    "steps": (lambda content: content["scale"].update(maximum=50, steps_per_point=100), "scale: at most 1000 steps"),
    "a wording": (lambda content: content["title"].update(en="x" * 5001), "title.en: at most 5000 characters"),
    "languages": (
        lambda content: content["title"].update({f"x{number}": "T" for number in range(21)}),
        "title: at most 20 languages",
    ),
    "a key": (lambda content: content.update(slug="s" * 61), "slug: at most 60 characters"),
}


@pytest.mark.parametrize(("change", "words"), BEYOND.values(), ids=BEYOND)
def test_what_no_page_could_show_is_refused_with_what_is_accepted(change: Callable[[Content], object], words: str):
    content = artimuse_content()
    change(content)
    with pytest.raises(RubricInvalid, match=words):
        parse(content)
