from xml.etree import ElementTree

from annotation.dataset.pages.forest import forest_plot

SVG = "{http://www.w3.org/2000/svg}"
ROWS = [
    {
        "what": "light & <tone>",
        "alpha": 0.5,
        "lower": 0.4,
        "upper": 0.6,
        "lower_raters_like_these": 0.1,
        "upper_raters_like_these": 0.8,
        "n_images": 40,
    },
    {"what": "depth", "alpha": -0.2, "lower": None, "upper": None, "n_images": 3},
    {"what": "calm", "alpha": None},
]


def test_every_row_stands_at_its_value_with_both_intervals():
    plot = ElementTree.fromstring(forest_plot(ROWS, "Krippendorff's alpha"))
    words = [text.text for text in plot.iter(f"{SVG}text")]
    assert {"light & <tone>", "0.50 [0.40, 0.60], n = 40", "-0.20, n = 3", "not computed"} <= set(words)
    dots = [float(dot.get("cx")) for dot in plot.iter(f"{SVG}circle")]
    bars = [(float(bar.get("x1")), float(bar.get("x2"))) for bar in plot.iter(f"{SVG}line") if bar.get("stroke-width")]
    assert len(dots) == 2
    assert bars[0][0] < dots[0] < bars[0][1], "the estimate lies within its interval"
    assert bars[1][0] < bars[0][0] < bars[0][1] < bars[1][1], "raters like these say less"
    assert dots[1] < dots[0]


def test_nothing_to_draw_is_a_plot_all_the_same():
    assert ElementTree.fromstring(forest_plot([], "alpha")).tag == f"{SVG}svg"
