-- How many deliveries up to the head ended unacknowledged since one was acknowledged. Of what ended before this column nothing is told.
ALTER TABLE "lanes" ADD COLUMN     "unacknowledged" INTEGER NOT NULL DEFAULT 0;
