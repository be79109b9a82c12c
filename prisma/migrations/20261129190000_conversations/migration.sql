-- CreateEnum
CREATE TYPE "history_scope" AS ENUM ('conversation', 'user');

-- AlterTable
ALTER TABLE "organisations" ADD COLUMN     "history_scope" "history_scope" NOT NULL DEFAULT 'conversation';

-- AlterTable
ALTER TABLE "messages" ADD COLUMN     "receipts" JSONB;

-- CreateTable
CREATE TABLE "conversations" (
    "bucket" SMALLINT NOT NULL,
    "organisation_id" UUID NOT NULL,
    "user_id" VARCHAR(128) NOT NULL,
    "conversation_number" INTEGER NOT NULL,
    "opened_at" TIMESTAMPTZ(3) NOT NULL,
    "closed_at" TIMESTAMPTZ(3),
    "owners" JSONB NOT NULL DEFAULT '[]',
    "outcome" JSONB,
    "rating" JSONB,
    "first_message_id" INTEGER,
    "held_by" TEXT[],

    CONSTRAINT "conversations_pkey" PRIMARY KEY ("bucket","organisation_id","user_id","conversation_number")
);

-- What the events of the time tell of conversations from before: when they opened and closed, and who was in control. The service's own
-- conversation_state events name the owner and the epoch; what a listener sent may be any text.
WITH told AS (
    SELECT bucket, organisation_id, user_id, conversation_number, created_at, subtype,
        CASE WHEN listener IS NULL AND metadata LIKE '{%' THEN metadata::jsonb END AS said
    FROM events WHERE type = 'conversation_state' AND conversation_number > 0
), lived AS (
    SELECT bucket, organisation_id, user_id, conversation_number, min(created_at) AS opened_at,
        max(created_at) FILTER (WHERE subtype = 'complete') AS closed_at
    FROM told GROUP BY bucket, organisation_id, user_id, conversation_number
), held AS (
    SELECT bucket, organisation_id, user_id, conversation_number, said ->> 'epoch' AS epoch, said ->> 'owner' AS owner, min(created_at) AS since
    FROM told WHERE subtype <> 'complete' AND said ->> 'owner' IS NOT NULL
    GROUP BY bucket, organisation_id, user_id, conversation_number, said ->> 'epoch', said ->> 'owner'
), spans AS (
    SELECT held.*, lead(since) OVER (PARTITION BY bucket, organisation_id, user_id, conversation_number ORDER BY since, epoch) AS until FROM held
)
INSERT INTO conversations (bucket, organisation_id, user_id, conversation_number, opened_at, closed_at, owners, held_by)
SELECT l.bucket, l.organisation_id, l.user_id, l.conversation_number, l.opened_at, l.closed_at,
    coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
        'owner', s.owner,
        'from', to_char(s.since AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        'to', to_char(coalesce(s.until, l.closed_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
    )) ORDER BY s.since, s.epoch) FILTER (WHERE s.owner IS NOT NULL), '[]'),
    coalesce(array_agg(DISTINCT s.owner) FILTER (WHERE s.owner IS NOT NULL), '{}')
FROM lived l LEFT JOIN spans s ON s.bucket = l.bucket AND s.organisation_id = l.organisation_id AND s.user_id = l.user_id
    AND s.conversation_number = l.conversation_number
GROUP BY l.bucket, l.organisation_id, l.user_id, l.conversation_number, l.opened_at, l.closed_at;

-- An open conversation has a row with its owner, also if its events are not kept any more.
INSERT INTO conversations AS c (bucket, organisation_id, user_id, conversation_number, opened_at, owners, held_by)
SELECT bucket, organisation_id, user_id, conversation_number, last_activity_at, jsonb_build_array(jsonb_build_object(
        'owner', owner, 'from', to_char(last_activity_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))), ARRAY[owner::text]
FROM threads WHERE conversation_state <> 'complete' AND conversation_number > 0 AND owner IS NOT NULL
ON CONFLICT (bucket, organisation_id, user_id, conversation_number) DO UPDATE SET
    owners = c.owners || excluded.owners, held_by = c.held_by || excluded.held_by
WHERE NOT (excluded.held_by <@ c.held_by);
