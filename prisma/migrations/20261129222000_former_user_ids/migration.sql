-- What users were called by a third party before.
ALTER TABLE "users" ADD COLUMN "former_third_party_user_ids" TEXT[];
