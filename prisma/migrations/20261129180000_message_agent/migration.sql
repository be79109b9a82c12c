-- The agent who speaks, as the desk gave it.
ALTER TABLE "messages" ADD COLUMN "agent" JSONB;
