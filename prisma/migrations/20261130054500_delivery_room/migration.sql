-- What the data model cannot say.

-- An attempt makes its delivery's row longer, by when it was and what was answered: beside the old versions of a whole page there is room for
-- the new ones.
ALTER TABLE "deliveries" SET (fillfactor = 46);
