from hypothesis import given
from hypothesis import strategies as st

from annotation.rubric.text_diff import Piece, inline


def test_words_are_compared_as_words_and_chinese_by_the_character():
    assert inline("Judge the parts", "Judge all parts") == [
        Piece("kept", "Judge "),
        Piece("gone", "the"),
        Piece("new", "all"),
        Piece("kept", " parts"),
    ]
    assert inline("只评布局", "只看布局") == [
        Piece("kept", "只"),
        Piece("gone", "评"),
        Piece("new", "看"),
        Piece("kept", "布局"),
    ]


def test_words_that_change_side_by_side_are_read_together():
    assert inline("Judge the whole and each part", "Judge all its parts and each part") == [
        Piece("kept", "Judge "),
        Piece("gone", "the whole"),
        Piece("new", "all its parts"),
        Piece("kept", " and each part"),
    ]


def test_texts_with_little_in_common_stand_one_after_the_other():
    assert inline("Whether the parts fuse.", "Ask for what it moves you to.") == [
        Piece("gone", "Whether the parts fuse."),
        Piece("new", "Ask for what it moves you to."),
    ]


@given(st.text(max_size=40), st.text(max_size=40))
def test_both_texts_can_be_read_back(before, after):
    pieces = inline(before, after)
    assert "".join(piece.text for piece in pieces if piece.kind != "new") == before
    assert "".join(piece.text for piece in pieces if piece.kind != "gone") == after
