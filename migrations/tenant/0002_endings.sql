-- The latest act that ended every session there was: what gateways tell
-- sessions which have not heard of it.
ALTER TABLE tenant ADD COLUMN signed_out TEXT;

-- The act by which a client ended; absent for one that ended before this was
-- kept.
ALTER TABLE farewell ADD COLUMN act BLOB;

-- When and from where a session was used last, as far as it has said so.
ALTER TABLE session ADD COLUMN used_ms INTEGER;
ALTER TABLE session ADD COLUMN seen TEXT;
