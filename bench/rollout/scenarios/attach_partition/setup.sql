CREATE SCHEMA app;
CREATE TABLE app.events_old (id integer NOT NULL, kind text NOT NULL, amount integer, CONSTRAINT events_old_pkey PRIMARY KEY (id));
CREATE TABLE app.events (id integer NOT NULL, kind text NOT NULL, amount integer, CONSTRAINT events_pkey PRIMARY KEY (id)) PARTITION BY RANGE (id);
CREATE TABLE app.events_new PARTITION OF app.events FOR VALUES FROM (500000000) TO (2000000000);
CREATE INDEX events_old_kind_idx ON app.events_old (kind);
CREATE INDEX events_kind ON app.events (kind);
INSERT INTO app.events_old SELECT n, 'k' || n % 7, nullif(n % 100, 0) FROM generate_series(1, :rows) n;
VACUUM ANALYZE app.events_old, app.events;
