-- statements that no desired state may hold [refused]
CREATE SCHEMA app;
CREATE TABLE app.t (id integer DEFAULT 1); COPY app.t FROM '@SECRET@';
