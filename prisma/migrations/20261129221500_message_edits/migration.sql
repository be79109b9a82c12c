-- That a message was edited or deleted by its author, and what it said at first.
ALTER TABLE "messages" ADD COLUMN "deleted_at" TIMESTAMPTZ(3),
ADD COLUMN "edited_at" TIMESTAMPTZ(3),
ADD COLUMN "original_body" JSONB;
