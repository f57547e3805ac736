-- What a table of a large campaign is filled with, in order; `%(name)s` are keys and numbers, the same in all.

-- name: near-duplicate groups
INSERT INTO annotation_nearduplicategroup (id, created_at)
SELECT %(base)s + n, now() FROM generate_series(0, %(images)s - 1) n;

-- name: images
INSERT INTO annotation_image (id, sha256, stripped_sha256, perceptual_hash, turned_hashes, miniature, group_id,
    format, width, height, byte_size, original_name, original, stripped, display, thumbnail, tiles, files,
    subcategory, licence, author, source, title, note, split, split_reason, split_group, created_at)
SELECT %(base)s + n, md5('a' || n) || md5('b' || n), md5('c' || n) || md5('d' || n), substr(md5('e' || n), 1, 16), '',
    '', %(base)s + CASE WHEN n %% 100 = 1 THEN n - 1 ELSE n END,
    'JPEG', 1600, 1200, 400000 + n %% 1000, 'image-' || n || '.jpg', 'o/' || n, 's/' || n, 'd/' || n, 't/' || n,
    '', 'served', (%(subcategories)s)[1 + n %% %(strata)s], 'CC0-1.0', 'nobody', 'nowhere', '', '', '', '', '',
    now() - interval '400 days'
FROM generate_series(0, %(images)s - 1) n;

-- name: strata
INSERT INTO annotation_stratum (campaign_id, block, subcategory, size)
SELECT %(campaign)s, 0, (%(subcategories)s)[1 + n], (%(images)s - n + %(strata)s - 1) / %(strata)s
FROM generate_series(0, %(strata)s - 1) n;

-- name: assignments
INSERT INTO annotation_assignment (id, campaign_id, image_id, annotator_id, arm, state, repeat, surplus,
    superseded, superseded_at, position, lease_until, draft, draft_version, skip_words, skip_reason, created_at,
    committed_at, finished_at, shown_prefill_id)
SELECT md5(%(campaign)s || ':' || n || ':' || j)::uuid, %(campaign)s, %(base)s + n,
    (%(people)s)[1 + (n * 3 + j) %% %(segments)s], CASE WHEN (n + j) %% 7 = 0 THEN 'blind' ELSE 'reveal' END,
    CASE WHEN j = 5 THEN 'skipped' WHEN j = 6 THEN 'returned' ELSE 'done' END,
    j = 3, j = 4, j = 7, CASE WHEN j = 7 THEN at END, n, at, NULL, 0, '', CASE WHEN j = 5 THEN 'cannot_judge' ELSE '' END,
    at, CASE WHEN j IN (5, 6) THEN NULL ELSE at END, CASE WHEN j = 6 THEN NULL ELSE at END, NULL
FROM generate_series(0, %(images)s - 1) n,
LATERAL (SELECT j, now() - (%(images)s - n - j / 10.0) * (interval '%(days)s days' / %(images)s) AS at
    FROM generate_series(0, 7) j WHERE CASE
        WHEN j < 3 THEN n < %(judged)s OR j = 0 AND n < %(begun)s
        WHEN j = 3 THEN n %% 50 = 0 AND n < %(judged)s / 2
        WHEN j = 4 THEN n %% 200 = 0 AND n < %(judged)s
        WHEN j = 5 THEN n %% 300 = 0 AND n < %(judged)s
        WHEN j = 6 THEN n %% 200 = 1 AND n < %(judged)s
        ELSE n %% 500 = 0 AND n < %(judged)s / 2 END) answers;

-- The last image of some people is still under way.
-- name: open assignments
INSERT INTO annotation_assignment (id, campaign_id, image_id, annotator_id, arm, state, repeat, surplus,
    superseded, position, lease_until, draft_version, skip_words, skip_reason, created_at)
SELECT md5(%(campaign)s || ':open:' || n)::uuid, %(campaign)s, %(base)s + %(begun)s + n, (%(people)s)[1 + n],
    'reveal', 'open', false, false, false, 0, now() + interval '20 minutes' * (n %% 3 - 1), 0, '', '', now()
FROM generate_series(0, %(segments)s / 2 - 1) n;

-- name: images of the campaign
INSERT INTO annotation_campaignimage (campaign_id, image_id, subcategory, wanted, places, answered, had,
    excluded, held, block, number, added_at)
SELECT %(campaign)s, %(base)s + n, (%(subcategories)s)[1 + n %% %(strata)s], 3,
    CASE WHEN n < %(judged)s THEN 0 WHEN n < %(begun)s OR n < %(begun)s + %(segments)s / 2 THEN 2 ELSE 3 END,
    0, 0, n %% 1000 = 7 OR n %% 10000 = 9, n %% 1000 IN (7, 8) OR n %% 10000 = 9, 0, n / %(strata)s, now() - interval '400 days'
FROM generate_series(0, %(images)s - 1) n;

-- name: annotations
INSERT INTO annotation_annotation (campaign_id, image_id, annotator_id, assignment_id, rubric_version_id, surplus,
    exposed, imported, sitting_position, imported_from, declared_rater, declared_arm, declared_repeat,
    declared_superseded, declared_model, simulated, created_at)
SELECT campaign_id, image_id, annotator_id, id, %(rubric)s, surplus, false, false, 1, '', '', '', false, false, '',
    false, committed_at
FROM annotation_assignment WHERE campaign_id = %(campaign)s AND committed_at IS NOT NULL ORDER BY committed_at;

-- name: revisions
INSERT INTO annotation_revision (annotation_id, number, kind, subcategory, holistic, seconds, drawn_at,
    seconds_to_first_score, declared_week, idempotency_key, content_hash, created_at)
SELECT a.id, r, CASE WHEN r = 1 THEN 'first' ELSE 'after_reveal' END,
    (%(subcategories)s)[1 + (a.image_id - %(base)s) %% %(strata)s], 300 + (a.id * 7919) %% 500,
    30 + (a.id * 104729) %% 200, a.created_at, 8, '', md5(a.id || ':' || r)::uuid, md5('h' || a.id) || md5('i' || r),
    a.created_at + (r - 1) * interval '1 minute'
FROM annotation_annotation a, generate_series(1, 2) r
WHERE a.campaign_id = %(campaign)s AND (r = 1 OR a.id %% 5 = 0);

-- name: judgements
INSERT INTO annotation_judgement (revision_id, attribute, steps, score_origin, critique, critique_language,
    critique_origin, edit_distance, pasted, pins)
SELECT r.id, (%(attributes)s)[j], (r.id * 31 + j * 17) %% 21, 'own', 'My own words.', 'en', 'own', NULL, 0, '[]'
FROM annotation_revision r JOIN annotation_annotation a ON a.id = r.annotation_id, generate_series(1, 8) j
WHERE a.campaign_id = %(campaign)s;

-- name: events
INSERT INTO annotation_event (chain_id, number, verb, actor_id, subject, content_hash, details, created_at,
    previous_hash, hash)
SELECT %(chain)s, %(length)s + row_number() OVER (), CASE WHEN e = 1 THEN 'assignment.created' ELSE
    'annotation.committed' END, annotator_id, 'annotation.assignment:' || id, md5('k' || id) || md5('l' || e), '{}',
    created_at, md5('m' || id) || md5('n' || e), md5('o' || id) || md5('p' || e)
FROM annotation_assignment, generate_series(1, 2) e WHERE campaign_id = %(campaign)s;

-- name: length of the chain
UPDATE annotation_eventchain SET length = (SELECT max(number) FROM annotation_event WHERE chain_id = %(chain)s)
WHERE id = %(chain)s;

-- name: cases
INSERT INTO annotation_case (campaign_id, image_id, rule, disputed, state, opened_at)
SELECT %(campaign)s, %(base)s + n, CASE WHEN n %% 1000 = 8 THEN 'flag' ELSE 'spread' END,
    CASE WHEN n %% 1000 = 8 THEN '["broken"]'::jsonb ELSE jsonb_build_array((%(attributes)s)[1], (%(attributes)s)[2]) END,
    CASE WHEN n %% 1000 <> 7 AND (n %% 200 < 100 OR n %% 1000 = 8) THEN 'open' ELSE 'adjudicated' END, now()
FROM generate_series(0, %(images)s - 1) n WHERE n %% 100 = 3 AND n < %(judged)s OR n %% 1000 IN (7, 8);

-- name: consensuses
INSERT INTO annotation_consensus (case_id, adjudicator_id, cause, reason, subcategory, excluded, created_at)
SELECT id, %(adjudicator)s, 'taste', 'Looked at.', '', (image_id - %(base)s) %% 1000 = 7, now()
FROM annotation_case WHERE campaign_id = %(campaign)s AND state = 'adjudicated';

-- name: consensus scores
INSERT INTO annotation_consensusscore (consensus_id, attribute, steps)
SELECT k.id, (%(attributes)s)[1], 12 FROM annotation_consensus k JOIN annotation_case c ON c.id = k.case_id
WHERE c.campaign_id = %(campaign)s;

-- name: messages
INSERT INTO annotation_message (assignment_id, author_id, text, created_at)
SELECT id, CASE WHEN m = 1 THEN annotator_id ELSE %(organiser)s END, 'What is this?', created_at
FROM annotation_assignment, generate_series(1, 2) m WHERE campaign_id = %(campaign)s
AND (image_id - %(base)s) %% 1000 = 1 AND (m = 1 OR (image_id - %(base)s) %% 2000 = 1);

-- name: answers sent back
INSERT INTO annotation_sendback (assignment_id, author_id, text, state, created_at)
SELECT id, %(organiser)s, 'Look again.', CASE WHEN (image_id - %(base)s) %% 6000 = 2 THEN 'waiting' ELSE 'withdrawn' END, now()
FROM annotation_assignment WHERE campaign_id = %(campaign)s AND (image_id - %(base)s) %% 2000 = 2 AND state = 'done'
AND NOT superseded;

-- name: pairs
INSERT INTO annotation_nearduplicatepair (one_id, other_id, bits, likeness, cosine, state, found_at)
SELECT %(base)s + n, %(base)s + n + 1, 6, 850 + n %% 90, NULL,
    (ARRAY['undecided', 'same', 'sure', 'different'])[1 + (n / 100) %% 4], now()
FROM generate_series(0, %(images)s - 2) n WHERE n %% 100 = 0;

-- name: verdicts
INSERT INTO annotation_pairverdict (pair_id, campaign_id, same, by_id, decided_at)
SELECT id, %(campaign)s, state = 'same', %(organiser)s, now() FROM annotation_nearduplicatepair
WHERE one_id >= %(base)s AND one_id < %(base)s + %(images)s AND state IN ('same', 'different');

-- name: withdrawals
INSERT INTO annotation_withdrawal (campaign_id, image_id, person_id, reason, withdrawn_at)
SELECT %(campaign)s, %(base)s + n, NULL, 'licence', now()
FROM generate_series(0, %(images)s - 1) n WHERE n %% 10000 = 9;

-- name: prefills
INSERT INTO annotation_prefill (image_id, model_version_id, score, distribution, spread, entropy, attributes,
    seconds, cost, provenance, created_at)
SELECT %(base)s + n, %(model)s, 40 + n %% 50, NULL, 5 + n %% 1000 / 100.0, 3 + n %% 100 / 50.0, %(prefill)s, 0.5,
    0.001, '{}', now() FROM generate_series(0, %(images)s - 1) n;

-- name: images of a run
INSERT INTO annotation_runitem (run_id, image_id, state, urgent, tries, error, seconds, cost)
SELECT %(run)s, %(base)s + n, CASE WHEN n %% 5000 = 11 THEN 'failed' WHEN n >= %(images)s * 9 / 10 THEN 'waiting'
    ELSE 'done' END, false, (n %% 5000 = 11)::int, CASE WHEN n %% 5000 = 11 THEN 'the file is broken' ELSE '' END, 0.5,
    0.001 FROM generate_series(0, %(images)s - 1) n;
