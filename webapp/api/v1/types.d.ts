// Written by `manage.py write_api_types` from webapp/api/v1/schemas.py; a test holds it to that.
declare namespace Api {
  /** What a score, in points, means in words. */
  interface Anchor {
    score: number;
    text: Record<string, string>;
  }

  /** An image with known levels: the means of its panel's scores in points. */
  interface AnchorImage {
    image: Image;
    subcategory: string;
    scores: Record<string, number>;
    raters: number;
  }

  /** A stored annotation, in the form in which annotations are sent. */
  interface Annotation {
    subcategory: string;
    holistic: number;
    judgements: Record<string, Judgement>;
  }

  /** One complete annotation. */
  interface AnnotationContent {
    key: string;
    rubric_version: number;
    subcategory: string;
    judgements: Record<string, JudgementContent>;
    seconds?: number | null;
    seconds_to_first_score?: number | null;
    drawn?: DrawnImage | null;
  }

  /** One image to judge. */
  interface Assignment {
    id: string;
    campaign: string;
    state: "open" | "committed" | "done" | "skipped";
    surplus: boolean;
    image: Image;
    lease_until: string;
    draft: any;
    draft_version: number;
    first_revision: Annotation | null;
    final_revision: Annotation | null;
    sent_back: SentBack | null;
    earlier_annotation: EarlierAnnotation | null;
    feedback: Feedback | null;
    messages: Message[];
    prefill: Prefill | null;
  }

  /** One attribute experts judge. */
  interface Attribute {
    key: string;
    name: Record<string, string>;
    definition: Record<string, string>;
    weight: number;
    words: number[];
    characters: number[];
    anchors: Anchor[];
    guidance?: Record<string, Record<string, string>>;
  }

  /** One category and its subcategories. */
  interface Category {
    key: string;
    name: Record<string, string>;
    subcategories: Subcategory[];
  }

  /** A score beside the panel's, in points; the distance in the panel's standard deviations. */
  interface Comparison {
    own: number;
    panel: number[];
    mean: number;
    distance: number;
  }

  /** Which image the page drew on the annotator's screen, by its number, and when by the screen's clock. */
  interface DrawnImage {
    image: number;
    at: string;
  }

  /** One's own annotation from before the rubric changed its meaning. */
  interface EarlierAnnotation {
    subcategory: string;
    holistic: number;
    judgements: Record<string, Judgement>;
    rubric_version: number;
  }

  /** Who and what is excluded beside the headline, each with its reason. */
  interface Exclusions {
    raters?: Record<string, string>;
    images?: Record<string, string>;
  }

  /** How an annotation of an anchor image lies to the panel's. */
  interface Feedback {
    judged: number;
    anchors: number;
    ranks: Ranks;
    attributes: Record<string, Comparison>;
  }

  /** Its number, where an image is served, and its size in pixels. */
  interface Image {
    id: number;
    display: string;
    thumbnail: string;
    full: string;
    width: number;
    height: number;
    tiles: Tiles | null;
  }

  /** One attribute's stored score in points and critique. */
  interface Judgement {
    score: number;
    critique: string;
    language: string;
    score_origin: "own" | "accepted" | "bulk" | "edited";
    critique_origin: "own" | "accepted" | "bulk" | "edited";
    pasted: number;
    pins: Pin[];
  }

  /** One attribute's score and critique, with where each came from; the score arrives in points, and is kept in steps. */
  interface JudgementContent {
    score: number;
    critique: string;
    language?: "" | "en" | "zh-hans";
    score_origin?: "own" | "accepted" | "bulk" | "edited";
    critique_origin?: "own" | "accepted" | "bulk" | "edited";
    pasted?: number;
    pins?: Pin[];
  }

  /** A message of the thread with the organisers. */
  interface Message {
    mine: boolean;
    text: string;
    at: string;
  }

  /** A point by `x` and `y`, or a box by its upper left corner and its `width` and `height`. */
  interface Pin {
    x: number;
    y: number;
    width?: number;
    height?: number;
  }

  /** Which statistics and scopes are reported, and who is excluded beside. */
  interface PlanContent {
    sections?: string[];
    scopes?: string[];
    period?: "" | "months" | "halves";
    replicates?: number;
    seed?: number;
    note?: string;
    exclusions?: Exclusions;
  }

  /** What a prefill says: scores in points, `overall` from 0 to 100 with the probabilities of 0 to 100. */
  interface Prefill {
    model: string;
    scores: Record<string, number | null>;
    critiques: Record<string, string>;
    overall: number | null;
    distribution: number[] | null;
  }

  /** Where an image stands among the anchor images so far. */
  interface Ranks {
    own: number;
    panel: number;
  }

  /** Why a request was refused; `fields` maps each wrong field to its message. */
  interface Refusal {
    error: string;
    fields?: Record<string, string>;
    signed_out?: boolean;
    assignment?: Assignment | null;
  }

  /** A whole rubric. */
  interface Rubric {
    scale: Scale;
    categories: Category[];
    slug: string;
    title: Record<string, string>;
    attributes: Attribute[];
  }

  /** One edit of the rubric since a draft was begun: the part of the form it is in, where, and both wordings. */
  interface RubricChange {
    part: string;
    label: string;
    before: string | null;
    after: string | null;
  }

  /** A scale from `minimum` to `maximum` points with `steps_per_point` steps in each point. */
  interface Scale {
    minimum: number;
    maximum: number;
    steps_per_point: number;
  }

  /** A screen as its browser describes it; sizes in CSS pixels. */
  interface Screen {
    width: number;
    height: number;
    pixel_ratio: number;
    colour_depth: number;
    gamut: "srgb" | "p3" | "rec2020";
  }

  /** The word with which one's own finished annotation was sent back, to be looked at again. */
  interface SentBack {
    text: string;
    at: string;
  }

  /** One kind of image, and the category it belongs to. */
  interface Subcategory {
    key: string;
    name: Record<string, string>;
    category?: string;
  }

  /** The tiles of a large image; `url` is that of tile 0, 0 of level 0, sizes are in pixels. */
  interface Tiles {
    url: string;
    size: number;
    overlap: number;
    levels: number;
  }

  /** A screen, and how many of eight dark and bright patches are told apart on it, null where that was put off. */
  interface ViewingConditions {
    screen: Screen;
    dark_steps: number | null;
    bright_steps: number | null;
  }
}
