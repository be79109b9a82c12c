-- AlterTable
ALTER TABLE "deliveries" ADD COLUMN     "answer" VARCHAR(256),
ADD COLUMN     "ending" TEXT,
ADD COLUMN     "message_id" INTEGER,
ADD COLUMN     "status" INTEGER,
ADD COLUMN     "took_ms" INTEGER,
ADD COLUMN     "tried_at" TIMESTAMPTZ(3),
ALTER COLUMN "body" DROP NOT NULL;

-- AlterTable
ALTER TABLE "messages" ADD COLUMN     "opening" TEXT,
ADD COLUMN     "traceparent" VARCHAR(64);

-- What the data model cannot say. No row is written: what is there keeps its body and its attempts as they are.

ALTER TABLE "deliveries" ADD CONSTRAINT "deliveries_have_a_body"
    CHECK ("body" IS NOT NULL OR ("message_id" IS NOT NULL AND "ending" IS NOT NULL)) NOT VALID;

-- A delivery's row is rewritten once, with its attempt, in columns that no index has: room for that on its own page keeps it off the indexes.
ALTER TABLE "deliveries" SET (fillfactor = 70);

-- Every attempt. A first one that acknowledged stands in its delivery's row.
CREATE VIEW "wire_attempts" AS
SELECT bucket, organisation_id, delivery_id, number, started_at, duration_ms, status, error, answer FROM attempts
UNION ALL
SELECT bucket, organisation_id, id, 1, tried_at, took_ms, status, NULL, answer FROM deliveries WHERE tried_at IS NOT NULL;

CREATE OR REPLACE VIEW "wire_deliveries" AS
SELECT d.bucket, d.organisation_id, d.id, d.listener, d.user_id, d.sequence, d.previous_id, d.category, d.subcategory,
    CASE WHEN d.sequence > l.head THEN 'pending' ELSE coalesce(e.state::text, 'delivered') END AS state,
    CASE WHEN d.tried_at IS NOT NULL THEN 1 ELSE (SELECT count(*)::int FROM attempts a
        WHERE a.bucket = d.bucket AND a.organisation_id = d.organisation_id AND a.delivery_id = d.id) END AS attempts,
    d.replay_of, d.created_at,
    CASE WHEN d.sequence > l.head THEN NULL ELSE coalesce(e.ended_at, d.tried_at + d.took_ms * interval '1 millisecond', (
        SELECT a.started_at + a.duration_ms * interval '1 millisecond' FROM attempts a
        WHERE a.bucket = d.bucket AND a.organisation_id = d.organisation_id AND a.delivery_id = d.id
        ORDER BY a.number DESC LIMIT 1
    )) END AS ended_at
FROM deliveries d
JOIN lanes l ON l.bucket = d.bucket AND l.organisation_id = d.organisation_id AND l.listener = d.listener AND l.user_id = d.user_id
LEFT JOIN delivery_ends e ON e.bucket = d.bucket AND e.organisation_id = d.organisation_id AND e.delivery_id = d.id;
