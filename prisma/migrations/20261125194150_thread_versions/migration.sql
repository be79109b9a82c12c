-- AlterTable
ALTER TABLE "threads" ADD COLUMN     "version" BIGINT NOT NULL DEFAULT 0;

-- What the data model cannot say.

-- A thread's row is rewritten at every message, in columns that no index has: room for the new version on its own page keeps it off the indexes.
ALTER TABLE "threads" SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);
