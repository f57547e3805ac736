import pickle

from annotation.phrases import phrase


def test_a_phrase_reads_in_english_and_remembers_what_it_was_made_of():
    said = phrase("%(share)s %% of %(slug)r", share=5, slug="spring")
    assert said == "5 % of 'spring'"
    assert (said.template, said.parameters) == ("%(share)s %% of %(slug)r", {"share": 5, "slug": "spring"})


def test_a_phrase_travels_as_plain_text():
    assert pickle.loads(pickle.dumps(phrase("all 100 %%"))) == "all 100 %"
